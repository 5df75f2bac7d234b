"""What workers read of their context: how far a fix may be trusted, and what has to be kept."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from ctxlint import check
from ctxlint.findings import Fix
from ctxlint.fixing import fix

APP = """\
import asyncio
import collections
import decimal
import logging
import threading
from contextvars import ContextVar
{imports}

logger = logging.getLogger(__name__)


class Store:
    def __init__(self, client, callback=None):
        self._client = client
        self._callback = callback
        self._task = None
        self._seen = {}
        self._rows = collections.deque()

    async def save(self):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())

    async def _drain(self):
        while True:
            await asyncio.sleep(1)
{step}

{methods}
"""


def app(step: str, methods: str = "", imports: str = "") -> str:
    parts = {"step": textwrap.indent(textwrap.dedent(step), " " * 12), "imports": imports}
    text = APP.replace("{methods}", textwrap.indent(textwrap.dedent(methods), "    "))
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def project(root: Path, files: Mapping[str, str], style: str = "helpers") -> Path:
    settings = f'[tool.ctxlint]\nfix-style = "{style}"\n[tool.ruff]\nline-length = 120\n'
    for name, source in {"pyproject.toml": settings, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return root.resolve()


def remedy(root: Path) -> Fix:
    """The fix of the one spawn that is found."""
    [found] = [each for each in check([root]) if each.code in ("CTX101", "CTX102", "CTX103")]
    assert found.fix is not None
    return found.fix


NO_VARIABLE = "from contextvars import ContextVar\n"


@pytest.mark.parametrize(
    ("step", "methods"),
    [
        pytest.param("pass", "", id="nothing"),
        pytest.param("self._seen.pop(1, None)", "", id="a-dictionary"),
        pytest.param("self._rows.append(len(str(1)))", "", id="the-standard-library"),
        pytest.param(
            "await self._clean()",
            "async def _clean(self):\n    self._seen.clear()\n",
            id="a-method",
        ),
        pytest.param(
            "with self._lock() as held:\n    held.go()",
            """
            def _lock(self):
                return Lock()
            """,
            id="a-context-manager",
        ),
        pytest.param("logger.info('still there')", "", id="logging-without-variables"),
        pytest.param(
            "self._seen[self._key] = 1",
            "@property\ndef _key(self):\n    return 1\n",
            id="a-property",
        ),
        pytest.param(
            "self._seen[self._key] = 1\nself._key = 2",
            "@property\ndef _key(self):\n    return 1\n\n"
            "@_key.setter\ndef _key(self, key):\n    self._seen.clear()\n",
            id="a-property-with-a-setter",
        ),
        pytest.param("Lock()()", "", id="an-object-that-is-called"),
        pytest.param(
            "self._count(1)", "@staticmethod\ndef _count(n):\n    return n\n", id="decorated"
        ),
    ],
)
def test_safe(step: str, methods: str, tmp_path: Path) -> None:
    lock = """

        class Lock:
            def __enter__(self):
                return self

            def __exit__(self, *error):
                return None

            def go(self):
                return None

            def __call__(self):
                return None
        """
    source = app(step, methods).replace(NO_VARIABLE, "") + textwrap.dedent(lock)
    root = project(tmp_path, {"app.py": source})
    assert remedy(root).applicability == "safe"
    assert len(fix([root], write=False).fixed) == 1


REQUEST = """\
user = ContextVar("user", default=None)


async def handle(request):
    user.set(request.user)
"""

CALLED = """\
class Called:
    def __call__(self):
        return user.get()
"""
OPENED = """\
class Opened:
    def __enter__(self):
        return user.get()

    def __exit__(self, *error): ...
"""

DERIVED = """\
def user_store():
    class UserStore(Store):
        def _step(self):
            return user.get()

    return UserStore
"""


@pytest.mark.parametrize(
    ("step", "methods", "imports"),
    [
        pytest.param("user.get()", "", REQUEST, id="a-request's-variable"),
        pytest.param(
            "await self._one()",
            """
            async def _one(self):
                await self._two()

            async def _two(self):
                return user.get(None)
            """,
            REQUEST,
            id="a-request's-variable-two-calls-away",
        ),
        pytest.param(
            "self._seen[self._key] = 1",
            "@property\ndef _key(self):\n    return user.get()\n",
            REQUEST,
            id="behind-a-property",
        ),
        pytest.param(
            "sorted([], key=self._rank)",
            "def _rank(self, each):\n    return user.get()\n",
            REQUEST,
            id="in-a-callback",
        ),
        pytest.param(
            "self._step()",
            "def _step(self):\n    return None\n",
            f"{REQUEST}\n{DERIVED}",
            id="in-a-subclass",
        ),
        pytest.param(
            "with Opened():\n    pass",
            "",
            f"{REQUEST}\n{OPENED}",
            id="on-entering",
        ),
        pytest.param("with self._client:\n    pass", "", "", id="on-entering-an-unknown-object"),
        pytest.param("Called()()", "", f"{REQUEST}\n{CALLED}", id="in-an-object-that-is-called"),
        pytest.param(
            "self._key = 1",
            "@property\ndef _key(self):\n    return 1\n\n"
            "@_key.setter\ndef _key(self, key):\n    user.get()\n",
            REQUEST,
            id="behind-a-setter",
        ),
        pytest.param("logger.info('x')", "", REQUEST, id="logging-beside-variables"),
        pytest.param(
            "await self._clean()",
            "@traced\nasync def _clean(self):\n    return None\n",
            "from tracing import traced",
            id="behind-a-decorator",
        ),
        pytest.param("self._client.send()", "", "", id="an-unknown-object"),
        pytest.param("self._callback()", "", "", id="an-unknown-callback"),
        pytest.param("requests.get('http://x')", "", "import requests", id="a-library"),
        pytest.param("print(g.user)", "", "from flask import g", id="a-framework's-object"),
        pytest.param("Session().query", "", "from db import Session", id="somebody's-session"),
        pytest.param("decimal.getcontext().prec", "", "", id="decimal"),
        pytest.param(
            "get_current_span()",
            "",
            "from opentelemetry.trace import get_current_span",
            id="the-current-span",
        ),
    ],
)
def test_unsafe(step: str, methods: str, imports: str, tmp_path: Path) -> None:
    source = app(step, methods, imports)
    if "user" not in imports:
        source = source.replace(NO_VARIABLE, "")
    root = project(tmp_path, {"app.py": source})
    found = remedy(root)
    assert found.applicability == "unsafe"
    assert "keep" not in repr(found.intent) or "keep=()" in repr(found.intent)
    assert not fix([root], write=False).changes
    assert len(fix([root], unsafe=True, write=False).fixed) == 1


@pytest.mark.parametrize(
    ("step", "methods", "imports", "before"),
    [
        pytest.param(
            "user.get()", "", REQUEST.replace(", default=None", ""), "pass", id="no-default"
        ),
        pytest.param(
            "await self._one()",
            "async def _one(self):\n    print(user.get())\n",
            REQUEST.replace(", default=None", ""),
            "pass",
            id="no-default-further-away",
        ),
        pytest.param("user.get()", "", REQUEST, "user.set('me')", id="set-by-the-spawner"),
        pytest.param("user.get(None)", "", REQUEST, "t = user.set(1)", id="set-for-a-while"),
    ],
)
def test_what_the_worker_would_miss(
    step: str, methods: str, imports: str, before: str, tmp_path: Path
) -> None:
    source = app(step, methods, imports)
    source = source.replace("        if self._task is None:", f"        {before}\n{SPAWN}")
    found = remedy(project(tmp_path, {"app.py": source}))
    assert found.applicability == "display"
    assert found.title.endswith("by hand: it reads user, which it would not have")


SPAWN = "        if self._task is None:"


@pytest.mark.parametrize(
    "step",
    [
        "try:\n    user.get()\nexcept LookupError:\n    pass",
        "user.get(None)",
        "user.set(self._seen)\nuser.get()",
        "contextvars.copy_context().run(user.get)",
        "with activate_request_context(self._seen):\n    user.get()",
    ],
)
def test_what_the_worker_can_do_without(step: str, tmp_path: Path) -> None:
    imports = (
        "import contextvars\nfrom ctxlint.detached import activate_request_context\n"
        + REQUEST.replace(", default=None", "")
    )
    found = remedy(project(tmp_path, {"app.py": app(step, "", imports)}))
    assert found.applicability == "unsafe"


STARTUP = """\
config = ContextVar("config")


async def main():
    config.set({"retries": 3})


if __name__ == "__main__":
    asyncio.run(main())
"""


def test_what_start_up_sets_is_kept(tmp_path: Path) -> None:
    root = project(tmp_path, {"app.py": app("config.get()", "", STARTUP)})
    assert remedy(root).applicability == "safe"
    report = fix([root], write=False)
    text = report.texts[root / "app.py"].decode()
    assert "create_detached_background_task(self._drain(), keep=(config,))\n" in text
    assert not report.remaining


def test_what_is_kept_has_to_have_its_name(tmp_path: Path) -> None:
    source = app("config.get()", "", STARTUP)
    source = source.replace("async def save(self):", "async def save(self, config):")
    found = remedy(project(tmp_path, {"app.py": source}))
    assert found.title.endswith("by hand: it needs config, which means something else here")


def test_what_is_kept_is_imported(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/state.py": f"import asyncio\n{NO_VARIABLE}\n{STARTUP}",
        "pkg/read.py": "from . import state\n\n\ndef retries():\n    return state.config.get()\n",
        "pkg/app.py": app("retries()", "", "\nfrom .read import retries\n"),
    }
    root = project(tmp_path, files)
    report = fix([root], unsafe=True, write=False)
    text = report.texts[root / "pkg" / "app.py"].decode()
    assert "create_detached_background_task(self._drain(), keep=(config,))\n" in text
    assert "\nfrom pkg.state import config\n" in text
    assert not report.remaining


@pytest.mark.parametrize(
    ("before", "after", "style", "reason"),
    [
        pytest.param(
            "asyncio.create_task(self._drain())",
            "asyncio.get_event_loop_policy().get_event_loop().create_task(self._drain())",
            "helpers",
            "it reads config, which start-up code sets",
            id="no-helper-keeps-it",
        ),
        pytest.param("", "", "stdlib", "it reads config, which start-up code sets", id="stdlib"),
        pytest.param(
            'config = ContextVar("config")\n',
            'class State:\n    config = ContextVar("config")\n',
            "helpers",
            "it needs State.config, which cannot be imported here",
            id="no-name-to-import",
        ),
    ],
)
def test_what_cannot_be_kept(
    before: str, after: str, style: str, reason: str, tmp_path: Path
) -> None:
    source = app("config.get()", "", STARTUP).replace(before, after)
    if "State" in after:
        source = source.replace("config.", "State.config.")
    if "State" in after:  # in another file: it could not be imported by its name
        source, state = source.replace(after, "from state import State\n"), source
        state = f"{NO_VARIABLE}\n\n{after}"
        root = project(tmp_path, {"app.py": source, "state.py": state}, style)
    else:
        root = project(tmp_path, {"app.py": source}, style)
    found = remedy(root)
    assert found.applicability == "display"
    assert found.title.endswith(f"by hand: {reason}")


@pytest.mark.parametrize(
    "also",
    [
        "\n\nasync def handle(request):\n    config.set(request.config)\n",
        "\n\ndef configure(value):\n    config.set(value)\n",
    ],
    ids=["a-request", "anybody"],
)
def test_what_others_set_too_is_not_kept(also: str, tmp_path: Path) -> None:
    root = project(tmp_path, {"app.py": app("config.get(None)", "", STARTUP + also)})
    found = remedy(root)
    assert found.applicability == "unsafe"
    assert "keep=()" in repr(found.intent)


def test_what_tests_set_says_nothing(tmp_path: Path) -> None:
    files = {
        "app.py": app("config.get()", "", STARTUP),
        "tests/test_app.py": "from app import config\n\n\ndef test_it():\n    config.set(1)\n",
    }
    found = remedy(project(tmp_path, files))
    assert "keep=(':config',)" in repr(found.intent)
