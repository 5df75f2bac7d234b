"""Runs programs that say who is seen in them: requests of several users that overlap, and what
their workers see of them. Standard library only: a process that forks for each one.

A line of JSON is read for each program, and one is written: ``{"root", "startup", "requests"}``,
where calls are pairs of a module and an expression, and the labels of the workers that are to be
seen in the end (``alive``), of those that are not (``gone``), and of those that handle an item of
each user (``items``).
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import importlib
import importlib.abc
import importlib.machinery
import inspect
import json
import os
import select
import signal
import sys
import threading
import time
import types
from typing import Any, ClassVar

USERS = ("ada", "bob", "cyd")
TIMEOUT = 30
FRAMEWORKS = (
    "fastapi starlette aiohttp flask quart tornado django mcp fastmcp celery grpc discord sanic"
).split()


class Stub:
    """Anything of a framework: called, decorated with, derived from."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and inspect.isroutine(args[0]):
            return args[0]
        return Stub()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub()


class StubModule(types.ModuleType):
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Stub,), {}) if name[:1].isupper() else Stub()


class Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Frameworks that need not be installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        if name.partition(".")[0] in FRAMEWORKS:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        return StubModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class Probe(types.ModuleType):
    """What programs import as ``probe``."""

    def __init__(self) -> None:
        super().__init__("probe")
        self.over = False
        self.variable: contextvars.ContextVar[Any] | None = None
        self.seen: dict[str, set[object]] = {}
        self.late: dict[str, set[object]] = {}
        self.items: dict[str, list[tuple[object, object]]] = {}

    def _user(self) -> object:
        return self.variable.get() if self.variable is not None else None

    def idle(self, label: str, *_: object) -> None:
        (self.late if self.over else self.seen).setdefault(label, set()).add(self._user())

    def handled(self, label: str, item: object, *_: object) -> None:
        self.items.setdefault(label, []).append((item, self._user()))


def threads_inherit() -> None:
    """Threads start in a copy of their starter's context, as instrumentations have it."""
    original = threading.Thread.start

    def start(self: threading.Thread) -> None:
        self.daemon = True
        self.run = functools.partial(contextvars.copy_context().run, self.run)  # type: ignore[method-assign]
        original(self)

    threading.Thread.start = start  # type: ignore[method-assign]


def _as_expected(script: dict[str, Any], probe: Probe) -> bool:
    """Whether those are at work that are to be, and no others, and all items are handled."""
    return (
        probe.late.keys() >= set(script["alive"])
        and probe.late.keys().isdisjoint(script["gone"])
        and all(len(probe.items.get(label, ())) >= len(USERS) for label in script["items"])
    )


async def play(script: dict[str, Any], probe: Probe) -> dict[str, Any]:
    errors: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda _, context: errors.append(repr(context.get("exception") or context["message"]))
    )
    threading.excepthook = lambda args: errors.append(repr(args.exc_value))
    probe.variable = importlib.import_module("shop.state").USER
    for name, _ in (*script["startup"], *script["requests"]):
        importlib.import_module(name)

    async def call(name: str, expression: str, item: str) -> None:
        result = eval(expression, vars(sys.modules[name]), {"item": item})
        if inspect.isawaitable(result):
            await result
        elif hasattr(result, "__aenter__"):
            await result.__aenter__()
            script.setdefault("open", []).append(result)

    for name, expression in script["startup"]:
        await call(name, expression, "startup")

    async def request(user: str) -> None:
        probe.variable.set(user)  # type: ignore[union-attr]
        for number, (name, expression) in enumerate(script["requests"]):
            try:
                await call(name, expression, f"{user}:{number}")
            except Exception as error:
                errors.append(f"{expression}: {error!r}")
            await asyncio.sleep(0.001)

    await asyncio.gather(*(asyncio.create_task(request(user)) for user in USERS))
    await asyncio.sleep(0.02)
    probe.over = True
    for _ in range(60):  # a busy machine takes its time; what is wrong stays so
        probe.late.clear()
        await asyncio.sleep(0.03)
        if _as_expected(script, probe):
            break
    return {
        "late": {label: sorted(map(str, who)) for label, who in sorted(probe.late.items())},
        "seen": {label: sorted(map(str, who)) for label, who in sorted(probe.seen.items())},
        "items": {label: sorted(map(list, each)) for label, each in sorted(probe.items.items())},
        "errors": sorted(errors),
    }


def perform(script: dict[str, Any], out: int) -> None:
    """In the forked process: play, tell, and end without waiting for anybody."""
    devnull = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(devnull, stream)
    sys.path.insert(0, script["root"])
    sys.meta_path.insert(0, Stubs())
    probe = Probe()
    sys.modules["probe"] = probe
    threads_inherit()
    told: dict[str, Any] = {}

    async def main() -> None:
        try:
            told.update(await play(script, probe))
        except BaseException as error:
            told["errors"] = [f"program: {error!r}"]
        os.write(out, json.dumps(told).encode() + b"\n")
        os._exit(0)

    asyncio.run(main())


def watched(script: dict[str, Any]) -> dict[str, Any]:
    """What the forked process tells within the time that it has."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            perform(script, writing)
        finally:
            os._exit(1)
    os.close(writing)
    told, end = b"", time.monotonic() + TIMEOUT
    while not told.endswith(b"\n"):
        ready, _, _ = select.select([reading], [], [], max(0, end - time.monotonic()))
        more = os.read(reading, 65536) if ready else b""
        if not more:
            break
        told += more
    os.close(reading)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return json.loads(told) if told else {"errors": ["program: it hangs"]}


def main() -> None:
    sys.dont_write_bytecode = True
    import ctxlint.detached  # noqa: F401 - programs import it after the fork

    for line in sys.stdin:
        sys.stdout.write(json.dumps(watched(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
