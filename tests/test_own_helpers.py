"""Helpers that a project has already: recognised by what they do, and only beyond doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctxlint.checking import Session
from ctxlint.handout import copy_text
from ctxlint.rows import Role
from ctxlint.settings import Settings
from ctxlint.supply import Helper, Supply

DECLARED = '[project]\nname = "app"\ndependencies = []\n'

TASK = """
import asyncio
from contextvars import Context

def spawn(coro):
    return Context().run(asyncio.create_task, coro)
"""

ITEM = """
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

@dataclass
class Job(Generic[T]):
    payload: T
    context: Context = field(default_factory=copy_context)

@contextmanager
def inside(context: Context):
    tokens = []
    try:
        for variable, value in context.items():
            tokens.append((variable, variable.set(value)))
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)
"""


def supply(
    root: Path, files: dict[str, str], settings: Settings | None = None, toml: str = DECLARED
) -> Supply:
    (root / "pyproject.toml").write_text(toml)
    for name, text in {"app/__init__.py": "", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Session(root, settings or Settings()).program.supply


def found(root: Path, files: dict[str, str] | str) -> dict[Role, str]:
    """The helpers by role, without the package's name."""
    files = {"app/own.py": files} if isinstance(files, str) else files
    helpers = supply(root, files).helpers
    return {role: helper.dotted.removeprefix("app.") for role, helper in helpers.items()}


@pytest.mark.parametrize(
    "source",
    [
        TASK,
        TASK.replace("coro)", "coro, /, *, name=None)", 1).replace("coro)", "coro, name=name)"),
        """
import asyncio, contextvars
from typing import Any, Coroutine

def spawn(coro: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
    \"\"\"Whatever it says.\"\"\"
    context = contextvars.Context()
    task = asyncio.create_task(coro, context=context)
    task.add_done_callback(print)
    return task
""",
        """
import asyncio, contextvars, sys

def spawn(coro, name=None):
    if sys.version_info >= (3, 11):
        task = asyncio.get_running_loop().create_task(coro, context=contextvars.Context())
    else:
        task = contextvars.Context().run(asyncio.get_running_loop().create_task, coro)
    return task
""",
        """
import asyncio
from contextvars import Context

def _empty():
    return Context()

def spawn(coro):
    return _empty().run(asyncio.create_task, coro)
""",
    ],
)
def test_a_function_that_starts_a_task_in_an_empty_context(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == {"task": "own.spawn"}


@pytest.mark.parametrize(
    "changed",
    [
        ("Context().run(asyncio.create_task, coro)", "asyncio.create_task(coro)"),
        ("Context()", "copy_context()"),
        ("(coro)", "(coro, context)"),
        ("(coro)", "(coro, owner)"),
        ("def spawn(coro):\n    return Context()", "def spawn(coro, ctx=None):\n    return ctx"),
        ("def spawn", "def _spawn"),
        ("def spawn", "async def spawn"),
        ("def spawn", "@decorated\ndef spawn"),
        ("def spawn(coro):\n", "def spawn(coro):\n    if coro is None:\n        return None\n"),
        ("    return ", "    "),
        ("    return ", "    return None or "),
        ("coro)\n", "guard(coro))\n"),
        ("create_task, coro)", "create_task, coro())"),
        ("asyncio.create_task", "asyncio.gather"),
        ("import asyncio", "import asyncio\nfrom app import settings"),
        ("import asyncio", "import asyncio\nfrom . import settings"),
        ("def spawn", "if True:\n  def spawn(coro): ...\ndef spawn"),
        ("def spawn(coro):\n    return", "class Pool:\n  def spawn(self, coro):\n    return"),
    ],
)
def test_what_is_no_such_function(tmp_path: Path, changed: tuple[str, str]) -> None:
    source = TASK.replace(*changed)
    assert source != TASK
    assert found(tmp_path, {"app/own.py": source, "app/settings.py": ""}) == {}


def test_two_of_a_kind_are_none(tmp_path: Path) -> None:
    assert found(tmp_path, {"app/one.py": TASK, "app/two.py": TASK}) == {}


@pytest.mark.parametrize("place", ["tests/own.py", "app/test_own.py", "examples/own.py"])
def test_tests_and_examples_do_not_count(tmp_path: Path, place: str) -> None:
    assert found(tmp_path, {place: TASK}) == {}
    assert found(tmp_path, {"app/own.py": TASK}) == {"task": "own.spawn"}


def test_imports_for_types_lead_in_no_circle(tmp_path: Path) -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.jobs\n" + TASK
    files = {"app/own.py": source, "app/jobs.py": "from app.own import spawn\n"}
    assert found(tmp_path, files) == {"task": "own.spawn"}


@pytest.mark.parametrize(
    ("changed", "takes"),
    [
        (("(coro)", "(coro)"), set()),
        (("(coro)", "(coro, name=None)"), set()),
        (("(coro):\n    return Context().run(asyncio.create_task, coro)",
          "(coro, *, name=None):\n    return Context().run(asyncio.create_task, coro, name=name)"),
         {"name"}),
    ],
)  # fmt: skip
def test_which_keywords_it_takes(tmp_path: Path, changed: tuple[str, str], takes: set[str]) -> None:
    helpers = supply(tmp_path, {"app/own.py": TASK.replace(*changed)}).helpers
    assert helpers == {"task": Helper("app.own", "spawn", frozenset(takes))}


def test_threads_and_calls(tmp_path: Path) -> None:
    source = """
import threading
from contextvars import Context

def thread(target, *args, daemon=True):
    return threading.Thread(target=Context().run, args=(target, *args), daemon=daemon)

def call(function, *args, **kwargs):
    return Context().run(function, *args, **kwargs)
"""
    helpers = supply(tmp_path, {"app/own.py": source}).helpers
    assert helpers == {
        "thread": Helper("app.own", "thread", frozenset({"daemon"})),
        "run": Helper("app.own", "call"),
    }


@pytest.mark.parametrize(
    "source",
    [
        "def call(function, *args):\n    return Context().run(function, *args)\n",
        "def call(function, *args, **kwargs):\n    return Context().run(function)\n",
        "def call(function, *args, **kwargs):\n    Context().run(function, *args, **kwargs)\n",
        "def call(f, *a, **k):\n    return copy_context().run(f, *a, **k)\n",
        "def start(target):\n    Thread(target=Context().run, args=(target,)).start()\n",
        "def make(target):\n    return Thread(target=copy_context().run, args=(target,))\n",
        "def make(target):\n    return Thread(target=target)  # Context()\n",
    ],
)
def test_what_is_no_thread_and_no_call(tmp_path: Path, source: str) -> None:
    head = "from contextvars import Context, copy_context\nfrom threading import Thread\n\n"
    assert found(tmp_path, head + source) == {}


# --- items --------------------------------------------------------------------------------------


def test_an_item_and_its_activation(tmp_path: Path) -> None:
    assert found(tmp_path, ITEM) == {"activate": "own.inside", "item": "own.Job"}
    assert found(tmp_path, ITEM + TASK) == {
        "task": "own.spawn",
        "activate": "own.inside",
        "item": "own.Job",
    }
    assert supply(tmp_path, {"app/own.py": ITEM}).missing is None


CONSTRUCTOR = """
    def __init__(self, payload: T) -> None:
        self.payload = payload
        self.context: Context = copy_context()
"""


def constructed(constructor: str) -> str:
    """The item with a constructor of its own, in the place of a dataclass's."""
    head, _, tail = ITEM.partition("@dataclass\n")
    return head + "class Job(Generic[T]):" + constructor + tail[tail.index("\n@context") :]


def test_an_item_with_a_constructor(tmp_path: Path) -> None:
    source = constructed(CONSTRUCTOR)
    assert found(tmp_path, source) == {"activate": "own.inside", "item": "own.Job"}


@pytest.mark.parametrize(
    "changed",
    [
        ("payload: T)", "payload: T = None)"),
        ("payload: T)", "*payload: T)"),
        ("self.payload = payload", "self.payload = str(payload)"),
        ("self.payload = payload", "self.payload = self"),
        ("copy_context()", "Context()"),
        ("self.payload = payload", "self.payload = payload; self.size = 1"),
    ],
)
def test_a_constructor_that_makes_no_such_item(tmp_path: Path, changed: tuple[str, str]) -> None:
    constructor = CONSTRUCTOR.replace(*changed)
    assert constructor != CONSTRUCTOR
    assert found(tmp_path, constructed(constructor)) == {}


@pytest.mark.parametrize(
    "changed",
    [
        ("payload: T", "body: T"),
        ("payload: T", "payload: T\n    priority: int"),
        ("payload: T", "payload: T = None"),
        ("default_factory=copy_context", "default_factory=Context"),
        ("default_factory=copy_context", "default_factory=copy_context, repr=False"),
        ("default_factory=copy_context", "default=copy_context()"),
        ("    context: Context = ", "    context: dict = "),
        ("inside(context: Context)", "inside(context)"),
        ("inside(context: Context)", "inside(context: Context, strict: bool)"),
        ("@contextmanager\n", ""),
        ("variable.reset(token)", "print(token)"),
        ("        yield\n", "        yield\n        yield\n"),
        ("class Job(Generic[T])", "class Job(Base)"),
        ("class Job", "class _Job"),
        ("@contextmanager", "@traced\n@contextmanager"),
    ],
)
def test_what_is_no_such_pair(tmp_path: Path, changed: tuple[str, str]) -> None:
    source = ITEM.replace(*changed)
    assert source != ITEM
    assert found(tmp_path, source) == {}


# --- what becomes of them -----------------------------------------------------------------------


def test_a_copy_of_our_module(tmp_path: Path) -> None:
    helpers = found(tmp_path, {"app/core/tasks.py": copy_text()})
    assert helpers["item"] == "core.tasks.WorkItem"
    assert len(helpers) == 6
    careless = copy_text().replace("context = Context()", "context = copy_context()")
    assert found(tmp_path, {"app/core/tasks.py": careless}) == {}


def test_they_come_before_ctxlints(tmp_path: Path) -> None:
    depends = '[project]\nname = "app"\ndependencies = ["ctxlint"]\n'
    helpers = supply(tmp_path, {"app/own.py": TASK}, toml=depends).helpers
    assert helpers["task"] == Helper("app.own", "spawn")
    assert helpers["item"].module == helpers["thread"].module == "ctxlint.detached"


@pytest.mark.parametrize(
    ("settings", "module"),
    [
        (Settings(helpers="app.other"), "app.other"),
        (Settings(helpers={"task": "app.other.spawn"}), "app.other"),
        (Settings(fix_style="stdlib"), None),
        (Settings(fix_style="helpers"), "app.own"),
    ],
)
def test_settings_win(tmp_path: Path, settings: Settings, module: str | None) -> None:
    helpers = supply(tmp_path, {"app/own.py": TASK}, settings).helpers
    assert (helpers["task"].module if "task" in helpers else None) == module


NAMED = {
    "app/own.py": """
import asyncio

def spawn(coro, *, name=None, owner): ...

class Job:
    def __init__(self, payload, exclude=()): ...

plain = asyncio.create_task
"""
}


@pytest.mark.parametrize(
    ("role", "name", "takes"),
    [
        ("task", "app.own.spawn", {"name", "owner"}),
        ("item", "app.own.Job", {"exclude"}),
        ("task", "app.own.plain", set()),
        ("task", "app.own.nothing", set()),
        ("task", "elsewhere.spawn", set()),
    ],
)
def test_helpers_that_are_named_take_what_their_signatures_say(
    tmp_path: Path, role: Role, name: str, takes: set[str]
) -> None:
    helpers = supply(tmp_path, NAMED, Settings(helpers={role: name})).helpers
    assert {each.dotted: each.takes for each in helpers.values()} == {name: takes}
