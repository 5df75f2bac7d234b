"""Programs with fixed hand-offs, run: each item is handled in the context of who put it, and all
else is as it was before.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handoff_shapes import SHAPES, Shape
from marked_programs import write_project

from ctxlint import fixing
from ctxlint.settings import Settings

Seen = list[tuple[object, str]]


def fixed(root: Path, program: str) -> str:
    """A program with its hand-off fixed."""
    path = write_project(root, {"store.py": program}) / "store.py"
    report = fixing.run([path], Settings(fix_style="helpers"), unsafe=True)
    assert report.fixed
    assert not report.remaining
    return path.read_text(encoding="utf-8")


def module(program: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "store"}
    exec(compile(program, "store.py", "exec"), namespace)
    return namespace


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 2
    while not done() and time.monotonic() < deadline:
        time.sleep(0.002)


async def until_then(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 2
    while not done() and time.monotonic() < deadline:  # noqa: ASYNC110 - the sample offers no event
        await asyncio.sleep(0.002)


class Outcome:
    """What came of a program: items and users as handled, and the state it was left in."""

    def __init__(self, seen: Seen, *, left: int, unfinished: object, ended: object) -> None:
        self.seen = seen
        self.state = {
            "items": [item for item, _ in seen],
            "left": left,
            "unfinished": unfinished,
            "ended": ended,
        }


REQUESTS = (("alice", "a"), ("bob", "b"), ("alice", "c"), ("carol", "d"))


def run_tasks(program: str) -> Outcome:
    """Requests of several users, each in a task of its own; the first one starts the worker."""
    namespace = module(program)

    async def main() -> Outcome:
        store = namespace["Store"]()

        async def request(user: str, item: str) -> None:
            namespace["USER"].set(user)
            await store.save(item)

        for user, item in REQUESTS:
            await asyncio.create_task(request(user, item))
            await asyncio.sleep(0.01)
        await until_then(lambda: len(store.handled) >= len(REQUESTS))
        await store.close()
        await asyncio.sleep(0.05)
        ended = store._task.done()
        store._task.cancel()
        (end,) = await asyncio.gather(store._task, return_exceptions=True)
        queue = store._queue
        return Outcome(
            store.handled,
            left=queue.qsize(),
            unfinished=getattr(queue, "_unfinished_tasks", None),
            ended=(ended, repr(end)),
        )

    return asyncio.run(main())


def run_threads(program: str) -> Outcome:
    namespace = module(program)
    store = namespace["Store"]()

    def request(user: str, item: str) -> None:
        namespace["USER"].set(user)
        store.save(item)

    for user, item in REQUESTS:
        contextvars.Context().run(request, user, item)
    until(lambda: len(store.handled) >= len(REQUESTS))
    store.close()
    time.sleep(0.05)
    return Outcome(
        store.handled,
        left=store._queue.qsize(),
        unfinished=getattr(store._queue, "unfinished_tasks", None),
        ended=not store._task.is_alive(),
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_each_item_in_its_own_context(shape: Shape, tmp_path: Path) -> None:
    run = run_threads if shape.thread else run_tasks
    before = run(shape.program)
    after = run(fixed(tmp_path, shape.program))
    assert after.state == before.state
    assert len(after.seen) == len(REQUESTS)
    right = {item: user for user, item in REQUESTS}
    assert [user for _, user in before.seen] != [user for user, _ in REQUESTS]
    assert {str(item): user for item, user in after.seen} == right


FAILING = tuple(
    shape for shape in SHAPES if '"sorry' in shape.before and "tries" not in shape.before
)


@pytest.mark.parametrize("shape", FAILING, ids=lambda shape: shape.name)
def test_errors_are_handled_in_the_context_of_their_item(
    shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a handler stores is stored under the user of the item that failed."""
    requests = (("alice", "a"), ("bob", "bad"), ("carol", "d"))
    monkeypatch.setattr(f"{__name__}.REQUESTS", requests)
    run = run_threads if shape.thread else run_tasks
    before = run(shape.program)
    after = run(fixed(tmp_path, shape.program))
    assert after.state == before.state
    assert len(after.seen) == len(requests) + 1
    users = {str(item)[:5]: user for item, user in after.seen}
    assert users == {"a": "alice", "bad": "bob", "sorry": "bob", "d": "carol"}


def test_nobody_is_visible_between_items(tmp_path: Path) -> None:
    """The worker itself has no user, whoever started it: rows of nobody could be public."""
    shape = Shape(
        "",
        "async def _drain(self):\n"
        "    while True:\n"
        "        item = await self._queue.get()\n"
        "        await self.write(item)\n"
        "        self._queue.task_done()\n"
        "        if self._queue.empty():\n"
        "            break\n"
        "    await self.write('idle')\n",
    )
    outcome = run_tasks(
        fixed(tmp_path, shape.program.replace("if self._queue", "if item == 'd' and self._queue"))
    )
    assert ("idle", "nobody") in outcome.seen
    assert ("d", "carol") in outcome.seen


def test_a_worker_whose_queue_stays_keeps_its_user(tmp_path: Path) -> None:
    """Detaching alone would store rows under nobody, which everybody may read."""
    program = Shape(
        "",
        "async def _drain(self):\n"
        "    rows = []\n"
        "    while True:\n"
        "        rows.append(await self._queue.get())\n"
        "        if len(rows) > 9:\n"
        "            await self.store(rows)\n"
        "            rows = []\n"
        "\n"
        "async def store(self, rows):\n"
        "    for row in rows:\n"
        "        await self.write(row)\n",
    ).program
    root = write_project(tmp_path, {"store.py": program})
    report = fixing.run([root], Settings(fix_style="helpers"), unsafe=True, write=False)
    assert not report.changes
    assert {each.code for each in report.remaining} == {"CTX101", "CTX201"}


def test_join_returns_when_all_is_done(tmp_path: Path) -> None:
    shape = next(shape for shape in SHAPES if shape.name == "errors, and a finally around both")
    namespace = module(fixed(tmp_path, shape.program))

    async def main() -> list[tuple[object, str]]:
        store = namespace["Store"]()
        for item in ("a", "bad", "b"):
            await store.save(item)
        await asyncio.wait_for(store._queue.join(), 1)
        await store.close()
        await asyncio.wait_for(store._queue.join(), 1)
        await asyncio.wait_for(store._task, 1)
        handled: list[tuple[object, str]] = store.handled
        return handled

    assert [item for item, _ in asyncio.run(main())] == ["a", "bad", "sorry", "b"]


def test_falsy_payloads_and_payloads_like_sentinels(tmp_path: Path) -> None:
    """What ends a loop before ends it after: an empty string counts as false in both."""
    shape = next(shape for shape in SHAPES if shape.name == "a walrus that asks for truth")

    def ends(program: str, item: object) -> bool:
        namespace = module(program)

        async def main() -> bool:
            store = namespace["Store"]()
            await store.save(item)
            await asyncio.sleep(0.01)
            ended = bool(store._task.done())
            store._task.cancel()
            await asyncio.gather(store._task, return_exceptions=True)
            return ended

        return asyncio.run(main())

    after = fixed(tmp_path, shape.program)
    for item in ("", None, 0, "a", [1]):
        assert ends(after, item) == ends(shape.program, item)


def test_sentinels_of_a_put_that_takes_anything(tmp_path: Path) -> None:
    """``save(None)`` ends the worker, too: no sentinel is bare where one comes in by a variable."""
    shape = Shape(
        "",
        "async def _drain(self):\n"
        "    while True:\n"
        "        item = await self._queue.get()\n"
        "        if item is None:\n"
        "            break\n"
        "        await self.write(item)\n",
        close="await self.save(None)",
    )
    before, after = run_tasks(shape.program), run_tasks(fixed(tmp_path, shape.program))
    assert before.state["ended"] == after.state["ended"] == (True, "None")
    assert [user for _, user in after.seen] == [user for user, _ in REQUESTS]
