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
