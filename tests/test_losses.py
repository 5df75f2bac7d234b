"""CTX301 over several modules: the trail ends at the read, and ``--why`` tells the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import assert_as_marked, marked, reported, write_project

from ctxlint import check
from ctxlint.checking import explain_site

IDENTITY = """\
from contextvars import ContextVar

tenant = ContextVar("tenant", default=None)


def enter(name):
    return tenant.set(name)
"""

STORE = """\
from .identity import tenant


class Store:
    def save(self, row):
        raise NotImplementedError


class Table(Store):
    def save(self, row):
        return self._schema(), row

    def _schema(self):
        return tenant.get()


class Memory(Store):
    def save(self, row):
        return row
"""

APP = """\
from fastapi import FastAPI

from .identity import enter
from .service import Service

app = FastAPI()
service = Service()


@app.post("/rows")
def save(row: dict):
    enter(row["tenant"])
    return service.save_all([row])
"""

PROJECTS = {
    "three modules away": {
        "shop/__init__.py": "",
        "shop/identity.py": IDENTITY,
        "shop/store.py": STORE,
        "shop/app.py": APP,
        "shop/service.py": """\
from concurrent.futures import ThreadPoolExecutor

from .store import Table


class Service:
    def __init__(self):
        self._pool = ThreadPoolExecutor()
        self._store = Table()

    def save_all(self, rows):
        return [self._pool.submit(self._store.save, row) for row in rows]  # error: CTX301
""",
    },
    "another implementation that reads nothing": {
        "shop/__init__.py": "",
        "shop/identity.py": IDENTITY,
        "shop/store.py": STORE,
        "shop/app.py": APP,
        "shop/service.py": """\
from concurrent.futures import ThreadPoolExecutor

from .store import Memory


class Service:
    def __init__(self):
        self._pool = ThreadPoolExecutor()
        self._store = Memory()

    def save_all(self, rows):
        return [self._pool.submit(self._store.save, row) for row in rows]
""",
    },
    "a pool of another module, which takes the context along": {
        "shop/__init__.py": "",
        "shop/identity.py": IDENTITY,
        "shop/store.py": STORE,
        "shop/app.py": APP,
        "shop/pools.py": """\
import contextvars
from concurrent.futures import ThreadPoolExecutor


class ContextPool(ThreadPoolExecutor):
    def submit(self, fn, /, *args, **kwargs):
        return super().submit(contextvars.copy_context().run, fn, *args, **kwargs)


pool = ContextPool()
""",
        "shop/service.py": """\
from .pools import pool
from .store import Table


class Service:
    def __init__(self):
        self._store = Table()

    def save_all(self, rows):
        return list(pool.map(self._store.save, rows))
""",
    },
    "a store out of a registry": {
        "shop/__init__.py": "",
        "shop/identity.py": IDENTITY,
        "shop/store.py": STORE,
        "shop/app.py": APP,
        "shop/registry.py": """\
from .store import Table


class Registry:
    def __init__(self):
        self._makers = {}

    def register(self, scheme, maker):
        self._makers[scheme] = maker

    def make(self, scheme):
        return self._makers[scheme]()


registry = Registry()
registry.register("table", Table)
""",
        "shop/service.py": """\
from concurrent.futures import ThreadPoolExecutor

from .registry import registry


class Service:
    @property
    def store(self):
        return registry.make("table")

    def save_all(self, rows):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self._save, rows))  # error: CTX301

    def _save(self, row):
        return self.store.save(row)
""",
    },
    "only start-up code": {
        "shop/__init__.py": "",
        "shop/identity.py": IDENTITY,
        "shop/store.py": STORE,
        "shop/__main__.py": """\
from concurrent.futures import ThreadPoolExecutor

from .identity import enter
from .store import Table


def warm_up():
    with ThreadPoolExecutor() as pool:
        list(pool.map(Table().save, [1, 2]))


def main():
    enter("shop")
    warm_up()


if __name__ == "__main__":
    main()
""",
    },
}


READERS = {
    "opentelemetry": "import opentelemetry.trace",
    "sentry": "import sentry_sdk",
    "datadog": "from ddtrace import tracer",
}
ASKS = {
    "opentelemetry": "opentelemetry.trace.get_current_span()",
    "sentry": "sentry_sdk.get_current_scope()",
    "datadog": "tracer.current_span()",
}
OPENTELEMETRY = """\
from opentelemetry.instrumentation.threading import ThreadingInstrumentor

ThreadingInstrumentor().instrument()
"""
CARRIED = {
    "by nobody": ("opentelemetry", "", True, True),
    "by OpenTelemetry": ("opentelemetry", OPENTELEMETRY, False, False),
    "by logfire, in pools": ("opentelemetry", "import logfire\n\nlogfire.configure()", True, False),
    "by Sentry": ("sentry", "", False, False),
    "by Datadog, in pools": ("datadog", "", True, False),
}


@pytest.mark.parametrize(
    ("library", "set_up", "in_thread", "in_pool"), CARRIED.values(), ids=CARRIED
)
def test_instrumented_threads(
    library: str, set_up: str, in_thread: bool, in_pool: bool, tmp_path: Path
) -> None:
    """What a tracer takes along into threads by itself is not lost."""
    error = "  # error: CTX301"
    program = f"""\
import threading
from concurrent.futures import ThreadPoolExecutor

{READERS[library]}

pool = ThreadPoolExecutor()


def render(row):
    print({ASKS[library]}, row)


def handle(request):
    threading.Thread(target=render, args=(1,)).start(){error if in_thread else ""}
    pool.submit(render, 1){error if in_pool else ""}
"""
    assert_as_marked(tmp_path, {"telemetry.py": set_up, "program.py": program})


@pytest.mark.parametrize("name", PROJECTS)
def test_reported_as_marked(name: str, tmp_path: Path) -> None:
    assert_as_marked(tmp_path, PROJECTS[name])


@pytest.mark.parametrize("name", PROJECTS)
def test_single_files_are_reported_like_the_whole(name: str, tmp_path: Path) -> None:
    root = write_project(tmp_path, PROJECTS[name])
    alone = [each for file in PROJECTS[name] for each in reported(root, file)]
    assert sorted(alone) == marked(PROJECTS[name])


def test_the_trail_ends_at_the_read(tmp_path: Path) -> None:
    root = write_project(tmp_path, PROJECTS["three modules away"])
    (finding,) = check([root])
    told = [(Path(step.path).name, step.message) for step in finding.trail]
    assert told[0][0] == "app.py"
    assert told[-3:] == [
        ("service.py", "Service.save_all hands Table.save() to a pool"),
        ("store.py", "Table.save runs Table._schema"),
        ("store.py", "Table._schema reads tenant"),
    ]
    assert "reads tenant" in finding.message


def test_why(tmp_path: Path) -> None:
    root = write_project(tmp_path, PROJECTS["three modules away"])
    told = explain_site(root / "shop" / "service.py", 12)
    assert "But what it runs reads tenant." in told
    assert "Table._schema reads tenant" in told
    assert "That is a leak.\n\nReported as CTX301 (context-lost-in-thread)." in told
    root = write_project(tmp_path / "other", PROJECTS["another implementation that reads nothing"])
    told = explain_site(root / "shop" / "service.py", 12)
    assert "it asks its context for nothing" in told
    assert told.endswith("So there is nothing to report.")


def test_no_file_is_parsed_where_nobody_asks_a_context(tmp_path: Path) -> None:
    """Without a context variable in the whole project, a pool is worth no look."""
    from ctxlint.session import Session
    from ctxlint.settings import Settings

    source = "def handle(pool, row):\n    return pool.submit(print, row)\n"
    root = write_project(tmp_path, {"program.py": source})
    session = Session(root, Settings())
    assert session.findings_in(root / "program.py") == []
    assert dict(session.program.modules.loaded()) == {}


def test_why_follows_long_ways(tmp_path: Path) -> None:
    """A name that is another name, which is another: as many as a big project has."""
    names = ["name_0 = store", *(f"name_{n} = name_{n - 1}" for n in range(1, 300))]
    source = "\n".join(
        [
            "from concurrent.futures import ThreadPoolExecutor",
            "from contextvars import ContextVar",
            'user = ContextVar("user")',
            "pool = ThreadPoolExecutor()",
            "def store():",
            "    print(user.get())",
            *names,
            "def handle(request):",
            "    user.set(request.user)",
            "    pool.submit(name_299)",
        ]
    )
    path = write_project(tmp_path, {"program.py": source}) / "program.py"
    assert "But what it runs reads user." in explain_site(path, source.count("\n") + 1)
