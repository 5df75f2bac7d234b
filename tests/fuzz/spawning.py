"""How work is started: plainly, in many spellings, which leaks where a request does it; detached;
or bound to the call that starts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .loops import Pick

MARK = "#@"


@dataclass(frozen=True)
class Spawn:
    """Statements that start something; the last expression is bound to ``{name}``, where one is.

    ``beside`` are functions that have to stand in the module, ``lines`` what the spawn takes.
    """

    lines: tuple[str, ...]
    beside: tuple[str, ...] = ()


Form = Callable[[str, str, str], Spawn]
"""Of the place to keep it in, the function, and the code of the mark."""


def _task(expression: str, *beside: str) -> Form:
    def make(name: str, work: str, code: str) -> Spawn:
        mark = f"  {MARK}{code}" if code else ""
        said = expression.format(work=work)
        rows = [row.replace("MARK", mark.strip()).rstrip() for row in beside]
        here = "" if beside else mark
        first, *rest = said.split("\n")
        return Spawn((f"{name} = {first}{here}", *rest), tuple(rows))

    return make


PLAIN_TASKS: tuple[Form, ...] = (
    _task("asyncio.create_task({work}())"),
    _task("asyncio.create_task({work}())"),
    _task('asyncio.create_task({work}(), name="background")'),
    _task('asyncio.create_task(\n    {work}(),\n    name="background",\n)'),
    _task("asyncio.get_running_loop().create_task({work}())"),
    _task("asyncio.get_event_loop().create_task({work}())"),
    _task("asyncio.ensure_future({work}())"),
    _task("asyncio.Task({work}())"),
    _task(
        "spawn({work}())",
        "def spawn(coro):",
        "    task = asyncio.create_task(coro)  MARK",
        "    _TASKS.add(task)",
        "    task.add_done_callback(_TASKS.discard)",
        "    return task",
    ),
    _task(
        "spawn({work})",
        "def spawn(function, *args):",
        "    # start_background_task_detached: it is not",
        "    return asyncio.get_running_loop().create_task(function(*args))  MARK",
    ),
    _task(
        "asyncio.create_task(guarded({work}()))",
    ),
    _task("asyncio.create_task(guarded_call({work}))"),
)

LOOKALIKE_TASKS: tuple[Form, ...] = (
    _task("asyncio.create_task({work}(), context=contextvars.copy_context())"),
    _task("contextvars.copy_context().run(asyncio.create_task, {work}())"),
    _task("asyncio.create_task({work}(), context=None)"),
)

DETACHED_TASKS: tuple[Form, ...] = (
    _task("asyncio.create_task({work}(), context=contextvars.Context())"),
    _task("asyncio.get_running_loop().create_task({work}(), context=contextvars.Context())"),
    _task("contextvars.Context().run(asyncio.create_task, {work}())"),
    _task("contextvars.Context().run(asyncio.ensure_future, {work}())"),
    _task("contextvars.Context().run(lambda: asyncio.create_task({work}()))"),
    _task("detached.create_detached_background_task({work}())"),
    _task("detached.run_detached(asyncio.get_running_loop().create_task, {work}())"),
    _task(
        "spawn({work}())",
        "def spawn(coro):",
        "    empty = contextvars.Context()",
        "    return empty.run(asyncio.create_task, coro)",
    ),
    _task(
        "spawn({work}())",
        "def spawn(coro):",
        "    token = USER.set(None)",
        "    try:",
        "        return asyncio.create_task(coro)",
        "    finally:",
        "        USER.reset(token)",
    ),
)


def _thread(made: str, *beside: str) -> Form:
    def make(name: str, work: str, code: str) -> Spawn:
        mark = f"  {MARK}{code}" if code else ""
        rows = [row.replace("MARK", mark.strip()).rstrip() for row in beside]
        here = "" if beside else mark
        first, *rest = made.format(work=work).split("\n")
        start = [] if beside else [f"{name}.start()"]
        return Spawn((f"{name} = {first}{here}", *rest, *start), tuple(rows))

    return make


def _started_at_once(name: str, work: str, code: str) -> Spawn:
    mark = f"  {MARK}{code}" if code else ""
    return Spawn((f"threading.Thread(target={work}, daemon=True).start(){mark}", f"{name} = True"))


PLAIN_THREADS: tuple[Form, ...] = (
    _thread("threading.Thread(target={work}, daemon=True)"),
    _thread("threading.Thread(None, {work}, daemon=True)"),
    _thread('threading.Thread(\n    target={work},\n    name="background",\n    daemon=True,\n)'),
    _thread("threading.Thread(target=guarded_call, args=({work},), daemon=True)"),
    _started_at_once,
    _thread(
        "spawn({work})",
        "def spawn(function):",
        "    thread = threading.Thread(target=function, daemon=True)  MARK",
        "    thread.start()",
        "    return thread",
    ),
)

LOOKALIKE_THREADS: tuple[Form, ...] = (
    _thread("threading.Thread(target=contextvars.copy_context().run, args=({work},), daemon=True)"),
)

DETACHED_THREADS: tuple[Form, ...] = (
    _thread("threading.Thread(target=contextvars.Context().run, args=({work},), daemon=True)"),
    _thread("detached.create_detached_thread({work}, daemon=True)"),
    _thread(
        "spawn({work})",
        "def spawn(function):",
        "    empty = contextvars.Context()",
        "    thread = threading.Thread(target=empty.run, args=(function,), daemon=True)",
        "    thread.start()",
        "    return thread",
    ),
)


@dataclass(frozen=True)
class Guard:
    """What stands before a spawn, and how deep in it the spawn stands."""

    lines: tuple[str, ...]
    depth: int = 0

    def around(self, spawn: Sequence[str]) -> list[str]:
        return [*self.lines, *(("    " * self.depth + line) if line else "" for line in spawn)]


def guards(pick: Pick, kept: str, name: str, *, method: bool, done: str = "") -> Guard:
    """What stands before a spawn.

    ``kept`` is how what is started is called, ``name`` its last name; ``done`` how it is asked
    whether it has ended, where a lock may be taken, too.
    """
    options = [
        Guard((f"if {kept} is None:",), 1),
        Guard((f"if not {kept}:",), 1),
        Guard((f"if {kept} is not None:", "    return")),
        Guard((f"if {kept}:", "    return")),
        Guard(()),
    ]
    if method:
        options.append(Guard((f'if getattr(self, "{name}", None) is None:',), 1))
        flag = f"self.{name}_started"
        options.append(Guard((f"if not {flag}:", f"    {flag} = True"), 1))
    if done:
        asked = f"if {kept} is None or {kept}{done}:"
        inner = (f"if {kept} is None:", "    with _LOCK:", f"        if {kept} is None:")
        options += [
            Guard((asked,), 1),
            Guard(("with _LOCK:", f"    if {kept} is None:"), 2),
            Guard(inner, 3),
            Guard(("with _LOCK:", f"    {asked}"), 2),
        ]
    return pick(*options)


def bounded(pick: Pick, work: str, *, thread: bool, lost: bool) -> list[str]:
    """The spawn in a call that waits for it, or ends it.

    ``lost`` says that a thread's work asks for what it has lost.
    """
    if thread:
        mark = f"  {MARK}CTX301" if lost else ""
        return [
            f"one = threading.Thread(target={work}){mark}",
            "one.start()",
            "one.join()",
        ]
    made = pick("asyncio.create_task({})", "asyncio.ensure_future({})").format(f"{work}()")
    body = ["    await asyncio.sleep(0.002)"]
    return pick(
        [f"one = {made}", "try:", *body, "finally:", "    one.cancel()"],
        [
            f"ones = [{made} for _ in range(2)]",
            "try:",
            *body,
            "finally:",
            "    for one in ones:",
            "        one.cancel()",
        ],
        [f"one = {made}", "try:", *body, "finally:", "    await end(one)"],
        [
            f"one = {made}",
            "try:",
            "    await asyncio.wait_for(one, 0.002)",
            "except asyncio.TimeoutError:",
            '    print("late")',
        ],
        [
            "async with contextlib.AsyncExitStack() as stack:",
            f"    one = {made}",
            "    stack.callback(one.cancel)",
            *body,
        ],
    )
