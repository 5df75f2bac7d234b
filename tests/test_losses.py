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
    assert "Asked for? Yes: it reads tenant." in told
    assert "Table._schema reads tenant" in told
    assert told.endswith("Verdict: a leak.")
    root = write_project(tmp_path / "other", PROJECTS["another implementation that reads nothing"])
    told = explain_site(root / "shop" / "service.py", 12)
    assert "Asked for? No" in told
    assert told.endswith("Verdict: not reported.")


def test_no_file_is_parsed_where_nobody_asks_a_context(tmp_path: Path) -> None:
    """Without a context variable in the whole project, a pool is worth no look."""
    from ctxlint.session import Session
    from ctxlint.settings import Settings

    source = "def handle(pool, row):\n    return pool.submit(print, row)\n"
    root = write_project(tmp_path, {"program.py": source})
    session = Session(root, Settings())
    assert session.findings_in(root / "program.py") == []
    assert dict(session.program.modules.loaded()) == {}
