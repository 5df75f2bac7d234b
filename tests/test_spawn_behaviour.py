"""Spawns before and after their fix, run: which user does the worker see, and does it work?"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from ctxlint.fixing import fix

PROGRAM = """\
import asyncio
import contextvars
import threading
import time
import anyio
import trio

user = contextvars.ContextVar("user", default="nobody")
seen = []


class Store:
    def __init__(self, group: {group} = None, loop: asyncio.AbstractEventLoop = None):
        self.group = group
        self.loop = loop
        self.task = None
        self.rounds = 0

    {save}:
{start}

    async def drain(self, *args, sleep=asyncio.sleep):
        seen.append((user.get(), *args))
        while True:
            await sleep(0.001)

    def work(self, *args, **kwargs):
        seen.append((user.get(), *args, *kwargs.items()))
        while not stop.is_set():
            time.sleep(0.001)
{more}
    def spawn(self, coro):
        self.task = asyncio.create_task(coro)
        return self.task


stop = threading.Event()
"""


def results(
    tmp_path: Path, save: str, start: str, group: str, style: str, more: str = ""
) -> list[dict[str, Any]]:
    """What the program defines, as it is and with its spawn fixed."""
    source = PROGRAM.replace("{start}", textwrap.indent(textwrap.dedent(start), " " * 8))
    source = source.replace("{save}", save).replace("{group}", group).replace("{more}", more)
    (tmp_path / "pyproject.toml").write_text(f'[tool.ctxlint]\nfix-style = "{style}"\n')
    path = tmp_path.resolve() / "app.py"
    path.write_text(source)
    report = fix([path], unsafe=True, write=False)
    assert len(report.fixed) == 1
    assert not report.remaining
    found: list[dict[str, Any]] = []
    for text in (source, report.texts[path].decode()):
        namespace: dict[str, Any] = {"__name__": "app"}
        exec(compile(text, str(path), "exec"), namespace)
        found.append(namespace)
    return found


def run_with_asyncio(program: dict[str, Any]) -> list[tuple[object, ...]]:
    """A request of alice's starts the worker; what that then sees."""
    import asyncio

    async def main() -> None:
        store = program["Store"](loop=asyncio.get_running_loop())
        program["user"].set("alice")
        result = store.save()
        if asyncio.iscoroutine(result):
            await result
        await asyncio.sleep(0.02)
        program["stop"].set()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        assert program["user"].get() == "alice"

    asyncio.run(main())
    seen: list[tuple[object, ...]] = program["seen"]
    return seen


TASKS = {
    "task": ("async def save(self)", "self.task = asyncio.create_task(self.drain(1))"),
    "ensure-future": ("def save(self)", "self.task = asyncio.ensure_future(self.drain(1))"),
    "another-loop": ("def save(self)", "self.task = self.loop.create_task(self.drain(1))"),
    "running-loop": (
        "def save(self)",
        "loop = asyncio.get_running_loop()\nself.task = loop.create_task(self.drain(1))",
    ),
    "task-class": ("async def save(self)", "self.task = asyncio.Task(self.drain(1))"),
    "gather": ("async def save(self)", "self.task = asyncio.gather(self.drain(1))"),
    "wrapper": ("async def save(self)", "self.spawn(self.drain(1))"),
    "copied": (
        "async def save(self)",
        "contextvars.copy_context().run(asyncio.create_task, self.drain(1))",
    ),
    "threadsafe": (
        "async def save(self)",
        "asyncio.run_coroutine_threadsafe(self.drain(1), self.loop)",
    ),
    "soon": (
        "async def save(self)",
        "self.loop.call_soon_threadsafe(asyncio.create_task, self.drain(1))",
    ),
    "soon-by-lambda": (
        "async def save(self)",
        "self.loop.call_soon(lambda: asyncio.create_task(self.drain(1)))",
    ),
}


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
@pytest.mark.parametrize(("save", "start"), TASKS.values(), ids=TASKS)
def test_tasks(save: str, start: str, style: str, tmp_path: Path) -> None:
    before, after = results(tmp_path, save, start, "object", style)
    assert run_with_asyncio(before) == [("alice", 1)]
    assert run_with_asyncio(after) == [("nobody", 1)]


TIMER = """
    def tick(self):
        seen.append((user.get(),))
        if not stop.is_set():
            self.arm()

    def arm(self):
        self.timer = self.loop.call_later(0.001, self.tick)
"""


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
def test_timers(style: str, tmp_path: Path) -> None:
    before, after = results(tmp_path, "def save(self)", "self.arm()", "object", style, TIMER)
    assert {*run_with_asyncio(before)} == {("alice",)}
    assert {*run_with_asyncio(after)} == {("nobody",)}


THREADS = {
    "plain": "threading.Thread(target=self.work, args=(1,), daemon=True).start()",
    "positions": "threading.Thread(None, self.work, 'worker', (1,), daemon=True).start()",
    "list": "threading.Thread(target=self.work, args=[1]).start()",
    "keywords": "threading.Thread(target=self.work, kwargs={'a': 1}).start()",
    "name": "threading.Thread(None, self.work, 'worker').start()",
    "no-arguments": "threading.Thread(target=self.work, args=()).start()",
    "variable": "rest = [1, 2]\nthreading.Thread(target=self.work, args=rest).start()",
}


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
@pytest.mark.parametrize("start", THREADS.values(), ids=THREADS)
def test_threads_get_their_arguments(start: str, style: str, tmp_path: Path) -> None:
    before, after = results(tmp_path, "def save(self)", start, "object", style)
    assert [each[1:] for each in run_with_asyncio(before)] == [
        each[1:] for each in run_with_asyncio(after)
    ]
    assert {each[0] for each in after["seen"]} == {"nobody"}


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
def test_thread_in_a_copied_context(style: str, tmp_path: Path) -> None:
    start = "threading.Thread(target=contextvars.copy_context().run, args=(self.work, 1)).start()"
    before, after = results(tmp_path, "def save(self)", start, "object", style)
    assert run_with_asyncio(before) == [("alice", 1)]
    assert run_with_asyncio(after) == [("nobody", 1)]


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
def test_asyncio_group(style: str, tmp_path: Path) -> None:
    import asyncio

    async def main(program: dict[str, Any]) -> list[tuple[object, ...]]:
        async with asyncio.TaskGroup() as group:
            program["user"].set("alice")
            program["Store"](group).save()
            await asyncio.sleep(0.01)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
        seen: list[tuple[object, ...]] = program["seen"]
        return seen

    start = "self.group.create_task(self.drain(1), name='drain')"
    before, after = results(tmp_path, "def save(self)", start, "asyncio.TaskGroup", style)
    assert asyncio.run(main(before)) == [("alice", 1)]
    assert asyncio.run(main(after)) == [("nobody", 1)]


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_group(backend: str, style: str, tmp_path: Path) -> None:
    import anyio

    async def main(program: dict[str, Any]) -> list[tuple[object, ...]]:
        async with anyio.create_task_group() as group:
            program["user"].set("alice")
            program["Store"](group).save()
            await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        seen: list[tuple[object, ...]] = program["seen"]
        return seen

    start = "self.group.start_soon(functools.partial(self.drain, sleep=anyio.sleep), 1, name='x')"
    start = f"import functools\n{start}"
    before, after = results(tmp_path, "def save(self)", start, "anyio.abc.TaskGroup", style)
    assert anyio.run(main, before, backend=backend) == [("alice", 1)]
    assert anyio.run(main, after, backend=backend) == [("nobody", 1)]


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
def test_trio_nursery(style: str, tmp_path: Path) -> None:
    import trio

    async def main(program: dict[str, Any]) -> list[tuple[object, ...]]:
        async with trio.open_nursery() as nursery:
            program["user"].set("alice")
            program["Store"](nursery).save()
            await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
        seen: list[tuple[object, ...]] = program["seen"]
        return seen

    start = "self.group.start_soon(functools.partial(self.drain, 1, sleep=trio.sleep))"
    start = f"import functools\n{start}"
    before, after = results(tmp_path, "def save(self)", start, "trio.Nursery", style)
    assert trio.run(main, before) == [("alice", 1)]
    assert trio.run(main, after) == [("nobody", 1)]


def test_kept_variables_arrive(tmp_path: Path) -> None:
    source = textwrap.dedent("""\
        import asyncio
        from contextvars import ContextVar

        config = ContextVar("config")
        user = ContextVar("user", default="nobody")
        seen = []


        async def main(rounds=1):
            config.set("startup")
            await serve()


        class Store:
            async def save(self):
                self.task = asyncio.create_task(self.drain())

            async def drain(self):
                seen.append((config.get(), user.get()))
                while True:
                    await asyncio.sleep(0.001)


        async def serve():
            user.set("alice")
            await Store().save()
            await asyncio.sleep(0.01)


        if __name__ == "__main__":
            asyncio.run(main())
        """)
    (tmp_path / "pyproject.toml").write_text('[tool.ctxlint]\nfix-style = "helpers"\n')
    path = tmp_path.resolve() / "app.py"
    path.write_text(source.replace("await serve()", "app.router.add_get('/', serve)"))
    report = fix([path], unsafe=True, write=False)
    text = report.texts[path].decode().replace("app.router.add_get('/', serve)", "await serve()")
    assert "keep=(config,)" in text
    for code, expected in ((source, ("startup", "alice")), (text, ("startup", "nobody"))):
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(code, str(path), "exec"), namespace)
        assert namespace["seen"] == [expected]
