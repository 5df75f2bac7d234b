"""Spawns that a careless fix would break: left as they are, or rewritten with care."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from ctxlint import check
from ctxlint.findings import Finding
from ctxlint.fixing import fix

SETTINGS = '[tool.ctxlint]\nfix-style = "{}"\n[tool.ruff]\nline-length = 120\n'


def project(root: Path, files: Mapping[str, str], style: str = "helpers") -> Path:
    for name, source in {"pyproject.toml": SETTINGS.format(style), **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
    return root.resolve()


def spawn_finding(root: Path) -> Finding:
    """The one finding about a spawn."""
    [found] = [each for each in check([root]) if each.code in ("CTX101", "CTX102", "CTX103")]
    return found


def by_hand(root: Path) -> str:
    """Why the one spawn found is not rewritten; nothing is."""
    found = spawn_finding(root)
    assert found.fix is not None
    assert found.fix.applicability == "display"
    assert found.fix.intent is None
    assert not fix([root], unsafe=True, write=False).changes
    return found.fix.title.partition("by hand: ")[2]


def changed(root: Path, name: str = "app.py") -> tuple[list[str], list[str]]:
    """The lines that a fix takes away and adds, imports left out."""
    report = fix([root], unsafe=True, write=False)
    assert not report.remaining
    [change] = [each for each in report.changes if each.path == root / name]
    before, after = change.before.decode().splitlines(), change.after.decode().splitlines()
    return (
        [line.strip() for line in before if line not in after],
        [line.strip() for line in after if line.strip() and line not in before],
    )


IMPORT_RUN = "from ctxlint.detached import run_detached"
IMPORT_TASK = "from ctxlint.detached import create_detached_background_task"

STORE = """\
import asyncio
import anyio
import threading
import tornado.ioloop
import trio


class Store:
    def __init__(self, group: {group}):
        self.group = group
        self._thread = None

{method}

    async def _drain(self):
        while True:
            await asyncio.sleep(1)

    def _work(self, *args):
        while True:
            self.step()

    def _tick(self):
        self.arm()
"""


def store(method: str, group: str = "object") -> dict[str, str]:
    text = STORE.replace("{method}", textwrap.indent(textwrap.dedent(method).strip(), "    "))
    return {"app.py": text.replace("{group}", group)}


@pytest.mark.parametrize(
    ("method", "group", "reason"),
    [
        pytest.param(
            "async def save(self):\n    await self.group.start(self._drain)",
            "anyio.abc.TaskGroup",
            "whoever awaits the start runs it in their own context",
            id="anyio-start",
        ),
        pytest.param(
            "async def save(self):\n    await self.group.start(self._drain)",
            "trio.Nursery",
            "whoever awaits the start runs it in their own context",
            id="trio-start",
        ),
        pytest.param(
            "def save(self, *args):\n    threading.Thread(target=self._work, **self.o).start()",
            "object",
            "the thread's arguments are unpacked from a variable",
            id="thread-with-unpacked-keywords",
        ),
        pytest.param(
            "def save(self, *args):\n    threading.Thread(None, self._work, *args).start()",
            "object",
            "the thread's arguments are unpacked from a variable",
            id="thread-with-unpacked-arguments",
        ),
        pytest.param(
            """
            def arm(self):
                self.timer = threading.Timer(60, self._tick)
                self.begin()

            def begin(self):
                self.timer.start()
            """,
            "object",
            "it is not started right where it is made",
            id="timer-started-elsewhere",
        ),
        pytest.param(
            """
            def arm(self):
                self.timer = threading.Timer(60, self._tick)
                if self.late:
                    self.timer.start()
                else:
                    self.timer.start()
            """,
            "object",
            "it is not started right where it is made",
            id="timer-started-in-two-ways",
        ),
        pytest.param(
            "def save(self):\n    tornado.ioloop.PeriodicCallback(self._tick, 60).start()",
            "object",
            "it takes its context where start() is called",
            id="periodic-callback",
        ),
        pytest.param(
            """
            async def save(self):
                options = {"name": "x"}
                options["context"] = None
                asyncio.create_task(self._drain(), **options)
            """,
            "object",
            "its context comes out of a dictionary",
            id="context-in-a-dictionary",
        ),
        pytest.param(
            """
            async def save(self):
                await self.spawn(self._drain())

            async def spawn(self, coro):
                asyncio.create_task(coro)
            """,
            "object",
            "Store.spawn() runs where it is awaited",
            id="asynchronous-wrapper",
        ),
        pytest.param(
            """
            async def save(self):
                await asyncio.to_thread(self.spawn, self._work)

            def spawn(self, function):
                self._thread = threading.Thread(target=function)
                self._thread.start()
            """,
            "object",
            "Store.spawn() spawns what several callers hand to it",
            id="wrapper-that-is-handed-on",
        ),
    ],
)
def test_by_hand(method: str, group: str, reason: str, tmp_path: Path) -> None:
    assert by_hand(project(tmp_path, store(method, group))) == reason


@pytest.mark.parametrize(
    ("method", "before", "after"),
    [
        pytest.param(
            """
            def save(self):
                try:
                    loop = asyncio.get_running_loop()
                    loop.create_task(self._drain())
                except RuntimeError:
                    self.now()
            """,
            ["loop.create_task(self._drain())"],
            [IMPORT_RUN, "run_detached(loop.create_task, self._drain())"],
            id="no-loop-is-an-answer",
        ),
        pytest.param(
            """
            def save(self):
                try:
                    asyncio.get_running_loop().create_task(self._drain())
                except RuntimeError:
                    self.now()
            """,
            ["asyncio.get_running_loop().create_task(self._drain())"],
            [IMPORT_RUN, "run_detached(asyncio.get_running_loop().create_task, self._drain())"],
            id="no-loop-before-the-coroutine-is-made",
        ),
        pytest.param(
            """
            def save(self):
                with contextlib.suppress(RuntimeError):
                    asyncio.get_running_loop().create_task(self._drain())
            """,
            ["asyncio.get_running_loop().create_task(self._drain())"],
            [IMPORT_RUN, "run_detached(asyncio.get_running_loop().create_task, self._drain())"],
            id="no-loop-is-suppressed",
        ),
        pytest.param(
            """
            def save(self):
                loop = asyncio.get_running_loop()
                self.started = True
                loop.create_task(self._drain())
            """,
            ["loop.create_task(self._drain())"],
            [IMPORT_RUN, "run_detached(loop.create_task, self._drain())"],
            id="nothing-is-started-without-a-loop",
        ),
        pytest.param(
            """
            def save(self):
                loop = asyncio.get_running_loop()
                loop.create_task(self._drain())
            """,
            ["loop = asyncio.get_running_loop()", "loop.create_task(self._drain())"],
            [IMPORT_TASK, "create_detached_background_task(self._drain())"],
            id="right-before-the-spawn",
        ),
        pytest.param(
            """
            def save(self):
                asyncio.get_event_loop().create_task(self._drain())
            """,
            ["asyncio.get_event_loop().create_task(self._drain())"],
            [IMPORT_RUN, "run_detached(asyncio.get_event_loop().create_task, self._drain())"],
            id="the-loop-may-not-run-yet",
        ),
        pytest.param(
            """
            def save(self):
                asyncio.ensure_future(self._drain())
            """,
            ["asyncio.ensure_future(self._drain())"],
            [IMPORT_RUN, "run_detached(asyncio.ensure_future, self._drain())"],
            id="ensure-future-before-the-loop-runs",
        ),
        pytest.param(
            """
            async def save(self, loop):
                loop = loop or asyncio.get_running_loop()
                loop.create_task(self._drain())
            """,
            ["loop.create_task(self._drain())"],
            [IMPORT_RUN, "run_detached(loop.create_task, self._drain())"],
            id="a-loop-of-the-caller's",
        ),
        pytest.param(
            """
            async def save(self):
                global loop
                loop = asyncio.get_running_loop()
                loop.create_task(self._drain())
            """,
            ["loop.create_task(self._drain())"],
            [IMPORT_RUN, "run_detached(loop.create_task, self._drain())"],
            id="a-global-loop",
        ),
        pytest.param(
            """
            async def save(self):
                if self.first:
                    loop = asyncio.get_running_loop()
                if self.first:
                    loop.create_task(self._drain())
            """,
            ["loop.create_task(self._drain())"],
            [IMPORT_TASK, "create_detached_background_task(self._drain())"],
            id="the-only-statement-of-its-block",
        ),
        pytest.param(
            """
            async def save(self, message):
                self.spawn(self._drain())
                self.spawn(self.answer(message))

            def spawn(self, coro):
                return asyncio.create_task(coro)

            async def answer(self, message):
                await message.reply()
            """,
            ["self.spawn(self._drain())"],
            [IMPORT_RUN, "run_detached(self.spawn, self._drain())"],
            id="wrapper-of-workers-and-of-answers",
        ),
        pytest.param(
            """
            async def save(self, message):
                outer(self, self._drain())
            """,
            ["outer(self, self._drain())"],
            [IMPORT_RUN, "run_detached(outer, self, self._drain())"],
            id="wrapper-of-a-wrapper",
        ),
        pytest.param(
            """
            async def save(self):
                self._all = asyncio.gather(*[self._drain() for _ in range(3)])
            """,
            ["self._all = asyncio.gather(*[self._drain() for _ in range(3)])"],
            [
                IMPORT_RUN,
                "self._all = run_detached(asyncio.gather, *[self._drain() for _ in range(3)])",
            ],
            id="gather-of-a-list",
        ),
    ],
)
def test_with_care(method: str, before: list[str], after: list[str], tmp_path: Path) -> None:
    files = store(method)
    files["app.py"] += textwrap.dedent("""

        def outer(store, work):
            return inner(work)


        def inner(coro):
            return asyncio.create_task(coro)
        """)
    removed, added = changed(project(tmp_path, files))
    assert removed == before
    assert sorted(added) == sorted(after)


PLAIN = """\
import asyncio
import contextvars
import threading

{outside}

class Store:
{body}
    async def save(self{parameters}):
        {local}
        self._task = asyncio.create_task(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
"""


@pytest.mark.parametrize(
    "names",
    [
        {"parameters": ", create_detached_background_task=None"},
        {"local": "create_detached_background_task = self.other"},
        {"local": "for create_detached_background_task in (): pass"},
        {"local": "import other as create_detached_background_task"},
        {"outside": "def create_detached_background_task(coro): ..."},
        {"outside": "from other import create_detached_background_task"},
        {
            "outside": "try:\n    from other import create_detached_background_task\n"
            "except ImportError:\n    create_detached_background_task = None"
        },
        {"outside": "class create_detached_background_task: ..."},
        {"body": "    def create_detached_background_task(self): ...\n"},
    ],
)
def test_names_that_shadow_the_helpers(names: dict[str, str], tmp_path: Path) -> None:
    parts = {"outside": "", "body": "", "parameters": "", "local": "pass"} | names
    source = PLAIN.format(**parts)
    _, added = changed(project(tmp_path, {"app.py": source}))
    name = "create_detached_background_task"
    assert sorted(added) == [
        f"from ctxlint.detached import {name} as _{name}",
        f"self._task = _{name}(self._drain())",
    ]


def test_a_name_that_is_imported_already(tmp_path: Path) -> None:
    outside = "from ctxlint.detached import create_detached_background_task as detached"
    parts = {"outside": outside, "body": "", "parameters": "", "local": "pass"}
    _, added = changed(project(tmp_path, {"app.py": PLAIN.format(**parts)}))
    assert added == ["self._task = detached(self._drain())"]


def test_a_module_name_that_is_taken(tmp_path: Path) -> None:
    source = """\
        import asyncio
        import threading


        class Store:
            async def save(self, contextvars):
                self._task = asyncio.create_task(self._drain())

            async def _drain(self):
                while True:
                    await asyncio.sleep(1)
        """
    _, added = changed(project(tmp_path, {"app.py": source}, style="stdlib"))
    assert added == [
        "import contextvars as _contextvars",
        "self._task = _contextvars.Context().run(asyncio.create_task, self._drain())",
    ]


OWN = """
    import asyncio
    from contextvars import Context

    {imports}


    def create_detached_background_task(coro, *, name=None, keep=()):
        return Context().run(asyncio.create_task, coro, name=name)


    def run_detached(function, /, *args, **kwargs):
        return Context().run(function, *args, **kwargs)
    """

USER = """
    import asyncio


    class Store:
        async def save(self):
            self._task = asyncio.create_task(self._drain())

        async def _drain(self):
            while True:
                await asyncio.sleep(1)
    """


@pytest.mark.parametrize(
    ("imports", "cycle"),
    [
        ("import json", False),
        ("import app.concurrency", False),
        ("import app.concurrency\n    import app.store", True),
        ("from .store import Store", True),
        ("import app.store", True),
        ("from .between import Store", True),
        ("if TYPE_CHECKING:\n        from .store import Store", False),
        ("def late():\n        from .store import Store", False),
    ],
)
def test_helpers_that_import_the_file(imports: str, cycle: bool, tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[tool.ctxlint]\nhelpers = "app.concurrency"\n',
        "app/__init__.py": "",
        "app/concurrency.py": OWN.replace("{imports}", imports),
        "app/between.py": "from .store import Store\n",
        "app/store.py": USER,
    }
    root = project(tmp_path, files)
    if cycle:
        assert by_hand(root) == "app.concurrency imports this file, or is it"
    else:
        _, added = changed(root, "app/store.py")
        assert added == [
            "from app.concurrency import create_detached_background_task",
            "self._task = create_detached_background_task(self._drain())",
        ]


TASKS = """
    import asyncio
    import threading
    from contextvars import Context


    def start(coroutine, *{more}):
        return Context().run(asyncio.create_task, coroutine{given})


    def launch(function, *, args=()):
        return threading.Thread(target=Context().run, args=(function, *args))
    """


@pytest.mark.parametrize(
    ("spawn", "name", "after"),
    [
        ("asyncio.create_task(self._drain())", False, "start(self._drain())"),
        ("asyncio.create_task(coro=self._drain())", False, "start(self._drain())"),
        ("asyncio.create_task(self._drain(), name='x')", True, "start(self._drain(), name='x')"),
        (
            "asyncio.create_task(self._drain(), name='x')",
            False,
            "contextvars.Context().run(asyncio.create_task, self._drain(), name='x')",
        ),
        (
            "self.loop.create_task(self._drain())",
            True,
            "contextvars.Context().run(self.loop.create_task, self._drain())",
        ),
        ("threading.Thread(target=self._work)", True, "launch(self._work)"),
        ("threading.Thread(target=self._work, args=(1,))", True, "launch(self._work, args=(1,))"),
        (
            "threading.Thread(args=(1,), target=self._work)",
            True,
            "threading.Thread(args=(self._work, 1), target=contextvars.Context().run)",
        ),
        (
            "threading.Thread(target=self._work, daemon=True)",
            True,
            "threading.Thread(target=contextvars.Context().run, args=(self._work,), daemon=True)",
        ),
    ],
)
def test_helpers_of_somebody_else(spawn: str, name: bool, after: str, tmp_path: Path) -> None:
    tasks = TASKS.replace(", *{more}", ", *, name=None" if name else "")
    tasks = tasks.replace("{given}", ", name=name" if name else "")
    source = store(f"async def save(self):\n    self.task = {spawn}")
    files = {
        "pyproject.toml": '[tool.ctxlint]\nhelpers = {task = "app.tasks.start", '
        'thread = "app.tasks.launch"}\n',
        "app/__init__.py": "",
        "app/tasks.py": tasks,
        "app/store.py": source["app.py"],
    }
    _, added = changed(project(tmp_path, files), "app/store.py")
    assert f"self.task = {after}" in added


def test_a_spawner_that_is_handed_several_workers(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/spawner.py": """
            import asyncio


            class Spawner:
                def spawn(self, coro):
                    return asyncio.create_task(coro)
            """,
        "app/store.py": """
            import asyncio

            from .spawner import Spawner


            class Store(Spawner):
                async def save(self):
                    self.spawn(self._drain())
                    self.spawn(self._watch())
                    self.spawn(self._once())

                async def _drain(self):
                    while True:
                        await asyncio.sleep(1)

                async def _watch(self):
                    while True:
                        await asyncio.sleep(2)

                async def _once(self):
                    await asyncio.sleep(3)
            """,
        "app/other.py": """
            import asyncio

            from .spawner import Spawner


            async def handle(request, spawner: Spawner):
                spawner.spawn(poll())


            async def poll():
                while True:
                    await asyncio.sleep(1)
            """,
    }
    root = project(tmp_path, files)
    found = spawn_finding(root)
    assert Path(found.path).name == "spawner.py"
    report = fix([root], unsafe=True, write=False)
    assert not report.remaining
    assert len(report.fixed) == 1
    texts = {path.name: text.decode() for path, text in report.texts.items()}
    assert texts.keys() == {"store.py", "other.py"}
    assert "run_detached(self.spawn, self._drain())\n" in texts["store.py"]
    assert "run_detached(self.spawn, self._watch())\n" in texts["store.py"]
    assert "        self.spawn(self._once())\n" in texts["store.py"]
    assert "run_detached(spawner.spawn, poll())\n" in texts["other.py"]
