"""Workers that are detached by halves: what is cleared, what is left, and who sets and reads it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from marked_programs import assert_as_marked, reported, write_project

from ctxlint import check
from ctxlint.cli import main
from ctxlint.settings import Settings

# A server in the shape of many: who asks, in which trace; rows that belong to whoever is current;
# a writer that the first request starts by a helper of the project.
SERVER = {
    "shop/state.py": """\
from contextvars import ContextVar

USER = ContextVar("user", default=None)
""",
    "shop/web.py": """\
from fastapi import FastAPI

from . import state
from .orders import Orders

app = FastAPI()
orders = Orders()

@app.middleware("http")
async def identify(request, call_next):
    token = state.USER.set(request.headers.get("user"))
    try:
        return await call_next(request)
    finally:
        state.USER.reset(token)

@app.post("/orders")
async def order(text: str):
    await orders.put(text)
""",
    "shop/tasks.py": """\
import asyncio
from contextlib import contextmanager

from opentelemetry import context

@contextmanager
def without_request():
    token = context.attach(context.Context())
    try:
        yield
    finally:
        context.detach(token)

def start(coro):
    with without_request():
        return asyncio.create_task(coro)  # error: CTX104
""",
    "shop/orders.py": """\
import asyncio

from .storage import Table
from .tasks import start

class Orders:
    def __init__(self):
        self._queue = asyncio.Queue()
        self._table = Table("orders")
        self._writer = None

    async def put(self, text):
        if self._writer is None:
            self._writer = start(self._write())
        await self._queue.put(text)  # error: CTX201

    async def _write(self):
        while True:
            await self._table.insert(await self._queue.get())
""",
    "shop/storage.py": """\
from .state import USER

class Row:
    def __init__(self, text):
        self.text = text
        self.owner = USER.get()

class Table:
    def __init__(self, name):
        self.name = name
        self.rows = []

    async def insert(self, text):
        self.rows.append(Row(text))
""",
    "shop/__init__.py": "",
}


def server(**changed: str) -> dict[str, str]:
    """The server with other text in some modules."""
    return SERVER | {f"shop/{name}.py": text for name, text in changed.items()}


REPAIRED = SERVER["shop/tasks.py"].replace("  # error: CTX104", "")


def test_what_the_helper_leaves_is_found_over_modules(tmp_path: Path) -> None:
    assert_as_marked(tmp_path, SERVER)


def test_the_trail_says_where_each_variable_is_made_set_and_read(tmp_path: Path) -> None:
    root = write_project(tmp_path, SERVER).resolve()
    [found] = [each for each in check([root / "shop" / "tasks.py"]) if each.code == "CTX104"]
    assert found.message == (
        "Orders._write() never ends (while True) and starts without opentelemetry's context, but "
        "keeps and reads USER of the request that order() is serving; start it in an empty context"
    )
    assert found.fix is None
    trail = [
        f"{Path(each.path).relative_to(root / 'shop')}:{each.line}: {each.message}"
        for each in found.trail
    ]
    assert trail == [
        "web.py:18: order: registered with @post",
        "web.py:19: order calls Orders.put",
        "orders.py:14: Orders.put passes the worker to start",
        "tasks.py:16: start spawns Orders._write()",
        "orders.py:18: never ends: while True",
        "tasks.py:8: clears opentelemetry's context",
        "state.py:3: USER is made here",
        "web.py:11: identify sets USER",
        "orders.py:19: Orders._write runs Table.insert",
        "storage.py:14: Table.insert runs Row.__init__",
        "storage.py:6: Row.__init__ reads USER",
    ]


def test_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_project(tmp_path, SERVER)
    main(["--why", f"{root / 'shop' / 'tasks.py'}:16"])
    told = capsys.readouterr().out
    assert "It is detached in part: opentelemetry's context cleared, USER kept." in told
    assert "storage.py:6: Row.__init__ reads USER" in told
    assert "That is a leak." in told


@pytest.mark.parametrize(
    "helper",
    [
        pytest.param(
            """
            from .state import USER

            def start(coro):
                token = USER.set(None)
                with without_request():
                    task = asyncio.create_task(coro)
                USER.reset(token)
                return task
            """,
            id="it-clears-the-user-too",
        ),
        pytest.param(
            """
            import contextvars

            def start(coro):
                return contextvars.Context().run(asyncio.create_task, coro)
            """,
            id="it-starts-in-an-empty-context",
        ),
        pytest.param(
            """
            from . import state

            async def _as_nobody(coro):
                state.USER.set(None)
                await coro

            def start(coro):
                with without_request():
                    return asyncio.create_task(_as_nobody(coro))
            """,
            id="what-it-starts-clears-the-user",
        ),
    ],
)
def test_a_helper_that_clears_all_is_none(helper: str, tmp_path: Path) -> None:
    tasks = REPAIRED[: REPAIRED.index("def start")] + textwrap.dedent(helper)
    root = write_project(tmp_path, server(tasks=tasks))
    assert reported(root, settings=Settings(select=("CTX1",))) == []


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        pytest.param("storage", "USER.get()", "'nobody'", id="nothing-reads-it"),
        pytest.param(
            "web",
            'state.USER.set(request.headers.get("user"))',
            "state.USER.set(None)",
            id="no-request-gives-it-a-value",
        ),
        pytest.param(
            "orders",
            "await self._table.insert(await self._queue.get())",
            "USER.set(await self._queue.get())\n            await self._table.insert('')",
            id="the-worker-sets-it-itself",
        ),
    ],
)
def test_what_no_request_leaves_is_not_reported(
    module: str, old: str, new: str, tmp_path: Path
) -> None:
    text = SERVER[f"shop/{module}.py"]
    assert old in text
    changed = text.replace(old, new).replace("from .tasks", "from .state import USER\nfrom .tasks")
    root = write_project(tmp_path, server(**{module: changed}))
    assert reported(root, settings=Settings(select=("CTX1",))) == []


def test_settings_that_know_better(tmp_path: Path) -> None:
    root = write_project(tmp_path, SERVER)
    knowing = Settings(select=("CTX1",), detaching_helpers=("shop.tasks.without_request",))
    assert reported(root, settings=knowing) == []


THREAD = """\
import threading
from contextvars import ContextVar

user = ContextVar("user", default=None)
tenant = ContextVar("tenant", default=None)

def handle(request):
    user.set(request.user)
    tenant.set(request.tenant)
    threading.Thread(target=poll).start()

def poll():
    user.set(None)
    while True:
        print(user.get(), tenant.get())
"""


@pytest.mark.parametrize(("inherit", "codes"), [(True, ["CTX104"]), (False, [])])
def test_threads_matter_where_they_inherit(inherit: bool, codes: list[str], tmp_path: Path) -> None:
    root = write_project(tmp_path, {"app.py": THREAD})
    found = reported(root, settings=Settings(threads_inherit=inherit))
    assert [code for _, _, code in found] == codes


def test_public_starters_can_be_left_aside(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"app.py": THREAD})
    assert reported(root, settings=Settings(public_starters=False)) == []


def test_each_worker_of_a_helper_counts(tmp_path: Path) -> None:
    """One clears what the helper leaves; the other does not."""
    source = """\
import asyncio
from contextvars import ContextVar

user = ContextVar("user", default=None)
tenant = ContextVar("tenant", default=None)

async def handle(request):
    tokens = user.set(request.user), tenant.set(request.tenant)
    try:
        start(careful())
        start(careless())
    finally:
        tenant.reset(tokens[1])
        user.reset(tokens[0])

def start(coro):
    token = user.set(None)
    try:
        return asyncio.create_task(coro)  # error: CTX104
    finally:
        user.reset(token)

async def careful():
    tenant.set(None)
    while True:
        await step()

async def careless():
    while True:
        await step()

async def step():
    await asyncio.sleep(1)
    print(user.get(), tenant.get())
"""
    assert_as_marked(tmp_path / "both", {"app.py": source})
    alone = source.replace("        start(careless())\n", "").replace("  # error: CTX104", "")
    assert_as_marked(tmp_path / "one", {"app.py": alone})


STARTERS = {
    "CTX101": ("asyncio.create_task(beat())", "async def"),
    "CTX102": ("threading.Thread(target=work).start()", "def"),
    "CTX103": ("asyncio.get_running_loop().call_later(1, again)", "def"),
    "CTX105": ("asyncio.create_task(short())", "async def"),
}
STARTED = """\
import asyncio
import threading

{define} start(request):
    {start}

def work():
    while True:
        step()

async def beat():
    while True:
        await asyncio.sleep(1)

async def short():
    step()

def again():
    asyncio.get_running_loop().call_later(1, again)
"""


@pytest.mark.parametrize("code", STARTERS)
def test_public_starters_of_every_kind_can_be_left_aside(code: str, tmp_path: Path) -> None:
    start, define = STARTERS[code]
    root = write_project(tmp_path, {"app.py": STARTED.format(start=start, define=define)})
    found = [
        [
            each
            for _, _, each in reported(root, settings=Settings(select=(code,), public_starters=p))
        ]
        for p in (True, False)
    ]
    assert found == [[code], []]
