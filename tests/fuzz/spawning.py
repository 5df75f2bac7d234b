"""How work is started: plainly, in many spellings, which leaks where a request does it; detached;
or bound to the call that starts it.
"""

from __future__ import annotations

from collections.abc import Callable
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


def _subclass(name: str, work: str, code: str) -> Spawn:
    mark = f"  {MARK}{code}" if code else ""
    return Spawn(
        (f"{name} = Runner({work})", f"{name}.start(){mark}"),
        (
            "class Runner(threading.Thread):",
            "    def __init__(self, function):",
            "        super().__init__(daemon=True)",
            "        self._function = function",
            "",
            "    def run(self):",
            "        self._function()",
        ),
    )


PLAIN_THREADS: tuple[Form, ...] = (
    _thread("threading.Thread(target={work}, daemon=True)"),
    _thread("threading.Thread(None, {work}, daemon=True)"),
    _thread('threading.Thread(\n    target={work},\n    name="background",\n    daemon=True,\n)'),
    _thread("threading.Thread(target=guarded_call, args=({work},), daemon=True)"),
    _started_at_once,
    # _subclass,
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


def guards(pick: Pick, kept: str, name: str, *, method: bool) -> tuple[list[str], bool, str]:
    """What stands before a spawn: lines, whether the spawn is nested in them, and its first value.

    ``kept`` is how what is started is called, ``name`` its last name.
    """
    me = "self" if method else ""
    options: list[tuple[list[str], bool, str]] = [
        ([f"if {kept} is None:"], True, "None"),
        ([f"if not {kept}:"], True, "None"),
        ([f"if {kept} is not None:", "    return"], False, "None"),
        ([f"if {kept}:", "    return"], False, "None"),
        ([], False, "None"),
    ]
    if method:
        options.append(([f'if getattr(self, "{name}", None) is None:'], True, "None"))
        flag = f"{me}.{name}_started"
        options.append(([f"if not {flag}:", f"    {flag} = True"], True, "None"))
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
