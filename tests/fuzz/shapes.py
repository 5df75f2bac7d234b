"""More ways to start something: through layers, partials and nested functions, with contexts that
are made elsewhere, by thread classes of the program's own.
"""

from __future__ import annotations

from .spawning import MARK, Form, Spawn


def shape(lines: str, beside: str = "") -> Form:
    """A way to start ``{work}`` and keep it in ``{name}``; what is reported stands at MARK."""

    def make(name: str, work: str, code: str) -> Spawn:
        mark = f"{MARK}{code}" if code else ""

        def rows(text: str) -> tuple[str, ...]:
            said = text.replace("{name}", name).replace("{work}", work).replace("MARK", mark)
            return tuple(row.rstrip() for row in said.strip("\n").split("\n")) if text else ()

        return Spawn(rows(lines), rows(beside))

    return make


BY_PARTIAL = shape("{name} = asyncio.create_task(functools.partial(guarded_call, {work})())  MARK")
"""What is passed to a partial that is called at once is not asked whether it clears its context."""

PLAIN_TASKS: tuple[Form, ...] = (
    BY_PARTIAL,
    shape("coro = {work}()\n{name} = asyncio.create_task(coro)  MARK"),
    shape("""
async def go():
    await {work}()

{name} = asyncio.create_task(go())  MARK
"""),
    shape("make = asyncio.create_task\n{name} = make({work}())  MARK"),
    shape("loop = asyncio.get_running_loop()\n{name} = loop.create_task(coro={work}())  MARK"),
    shape(
        '{name} = launch({work}(), name="background")',
        """
def launch(coro, *, name=None):
    return _kept(_begun(coro, name))


def _begun(coro, name):
    return asyncio.create_task(coro, name=name)  MARK


def _kept(task):
    _TASKS.add(task)
    return task
""",
    ),
    shape(
        "{name} = BACKGROUND.start({work}())",
        """
class Background:
    def __init__(self):
        self._tasks = set()

    def start(self, coro):
        task = asyncio.create_task(coro)  MARK
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


BACKGROUND = Background()
""",
    ),
    shape(
        "{name} = asyncio.create_task(logged({work})())  MARK",
        """
def logged(function):
    @functools.wraps(function)
    async def inner(*args, **kwargs):
        try:
            return await function(*args, **kwargs)
        finally:
            print(function.__name__)

    return inner
""",
    ),
    shape("{name} = asyncio.create_task(restarting({work}()))  MARK", """
async def restarting(coro):
    print("begin")
    return await coro
"""),
)  # fmt: skip

LOOKALIKE_TASKS: tuple[Form, ...] = (
    shape(
        "context = contextvars.copy_context()\n"
        "{name} = asyncio.create_task({work}(), context=context)  MARK"
    ),
    shape(
        "context = contextvars.copy_context()\n"
        "{name} = context.run(asyncio.create_task, {work}())  MARK"
    ),
    shape("options = {'name': 'x'}\n{name} = asyncio.create_task({work}(), **options)  MARK"),
)

DETACHED_TASKS: tuple[Form, ...] = (
    shape(
        "{name} = asyncio.create_task({work}(), context=fresh())",
        "def fresh():\n    return contextvars.Context()",
    ),
    shape("empty = contextvars.Context()\n{name} = asyncio.create_task({work}(), context=empty)"),
    shape(
        "options = {'context': contextvars.Context()}\n"
        "{name} = asyncio.create_task({work}(), **options)"
    ),
    shape("{name} = BASE.run(asyncio.create_task, {work}())", "BASE = contextvars.copy_context()"),
    shape(
        "{name} = asyncio.create_task({work}(), context=BASE.copy())",
        "BASE = contextvars.copy_context()",
    ),
    shape(
        "{name} = launch({work}())",
        """
def launch(coro, *, name=None):
    return _begun(coro, name)


def _begun(coro, name):
    return asyncio.create_task(coro, name=name, context=contextvars.Context())
""",
    ),
    shape(
        "with nobody():\n    {name} = asyncio.create_task({work}())",
        """
@contextlib.contextmanager
def nobody():
    token = USER.set(None)
    try:
        yield
    finally:
        USER.reset(token)
""",
    ),
)

_RUNNER = """
class Runner(threading.Thread):
    def __init__(self, function):
        super().__init__(daemon=True)
        self._function = function

    def run(self):
        self._function()
"""
_TOLD = """
class Told(threading.Thread):
    def __init__(self, function, **more):
        super().__init__(target=function, daemon=True, **more)
"""
_PLAIN = """
class Plain(threading.Thread):
    pass
"""
_MIXED = """
class Runs:
    def run(self):
        print(self.name)
        self._step()

    def _step(self):
        self.function()


class Mixed(Runs, threading.Thread):
    def __init__(self, function):
        threading.Thread.__init__(self, daemon=True)
        self.function = function
"""

PLAIN_THREADS: tuple[Form, ...] = (
    shape("{name} = Runner({work})\n{name}.start()  MARK", _RUNNER),
    shape("thread = Runner(function={work})\n{name} = thread\nthread.start()  MARK", _RUNNER),
    shape("{name} = Told({work})\n{name}.start()  MARK", _TOLD),
    shape('{name} = Told({work}, name="told")\n{name}.start()  MARK', _TOLD),
    shape("{name} = Plain(target={work}, daemon=True)\n{name}.start()  MARK", _PLAIN),
    shape("{name} = Mixed({work})\n{name}.start()  MARK", _MIXED),
    shape("{name} = threading.Thread(target=functools.partial(guarded_call, {work}))  MARK\n"
          "{name}.start()"),
    shape("{name} = threading.Thread(target=lambda: {work}())  MARK\n{name}.start()"),
    shape("""
def go():
    {work}()

thread = threading.Thread(target=go, daemon=True)  MARK
thread.start()
{name} = thread
"""),
    shape(
        "{name} = launch({work})",
        """
def launch(function, name=None):
    thread = _made(function, name)
    thread.start()
    return thread


def _made(function, name):
    return threading.Thread(target=function, name=name, daemon=True)  MARK
""",
    ),
    shape("options = {'daemon': True}\n"
          "{name} = threading.Thread(target={work}, **options)  MARK\n{name}.start()"),
)  # fmt: skip

REPEATING_THREADS: tuple[Form, ...] = (
    shape(
        "{name} = Repeat(0.001, {work})\n{name}.start()  MARK",
        """
class Repeat(threading.Timer):
    def run(self):
        while not self.finished.wait(self.interval):
            self.function()
""",
    ),
    shape(
        "{name} = Repeater({work})\n{name}.start()  MARK",
        """
class Repeater(threading.Thread):
    def __init__(self, function):
        super().__init__(daemon=True)
        self._function = function
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(0.001):
            self._function()
""",
    ),
)
"""Whatever they run, they do not end."""

RUN_BY_PLAIN = shape(
    "{name} = Plain(target=contextvars.Context().run, args=({work},))\n{name}.start()", _PLAIN
)
"""It is told what runs something, and what that is to run: nobody sees what takes its items."""

DETACHED_THREADS: tuple[Form, ...] = (
    RUN_BY_PLAIN,
    shape("{name} = Runner({work})\ncontextvars.Context().run({name}.start)", _RUNNER),
    shape("{name} = Told(lambda: contextvars.Context().run({work}))\n{name}.start()", _TOLD),
    shape("{name} = threading.Thread(target=lambda: contextvars.Context().run({work}))\n"
          "{name}.start()"),
    shape("run = functools.partial(contextvars.Context().run, {work})\n"
          "{name} = threading.Thread(target=run, daemon=True)\n{name}.start()"),
    shape(
        "empty = contextvars.Context()\n"
        "{name} = threading.Thread(target=empty.run, args=({work},))\n{name}.start()"
    ),
)  # fmt: skip
