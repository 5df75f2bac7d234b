"""Imports that fixes need: placed where the file's own imports want them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest

from ctxlint.fixes.changes import Needed
from ctxlint.fixes.document import Document
from ctxlint.fixes.edits import spliced
from ctxlint.fixes.house_style import house_style
from ctxlint.fixes.imports import import_edits

TASK = Needed("ctxlint.detached", "create_detached_background_task")
RUN = Needed("ctxlint.detached", "run_detached")
ITEM = Needed("ctxlint.detached", "WorkItem")
ACTIVATE = Needed("ctxlint.detached", "activate_request_context")
CONTEXT = Needed("contextvars", "Context", qualified=True)


def imported(
    root: Path, source: str, *wanted: Needed, name: str = "app.py"
) -> tuple[str, dict[Needed, str]]:
    """The file with its imports, and how the wanted things are written there."""
    (root / "pyproject.toml").touch()
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    document = Document(path, source.encode())
    edits, spelled = import_edits(document, wanted)
    return spliced(document.source, edits).decode(), dict(spelled)


def shown(*sources: str) -> list[str]:
    return [textwrap.dedent(source).removeprefix("\n") for source in sources]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            """
            import asyncio
            import logging

            from .store import Store
            """,
            """
            import asyncio
            import logging

            from ctxlint.detached import run_detached

            from .store import Store
            """,
            id="new-section-in-the-middle",
        ),
        pytest.param(
            """
            import asyncio

            import anyio

            from .store import Store
            """,
            """
            import asyncio

            import anyio
            from ctxlint.detached import run_detached

            from .store import Store
            """,
            id="third-party-section",
        ),
        pytest.param(
            """
            import anyio
            from anyio import abc
            from zope import interface
            """,
            """
            import anyio
            from anyio import abc
            from ctxlint.detached import run_detached
            from zope import interface
            """,
            id="plain-imports-first",
        ),
        pytest.param(
            """
            from anyio import abc
            import zope
            """,
            """
            from anyio import abc
            from ctxlint.detached import run_detached
            import zope
            """,
            id="sorted-by-module-alone",
        ),
        pytest.param(
            """
            import zope
            import anyio
            from starlette import app
            """,
            """
            import zope
            import anyio
            from starlette import app
            from ctxlint.detached import run_detached
            """,
            id="not-sorted",
        ),
        pytest.param(
            """
            import anyio

            from starlette import app

            x = 1
            """,
            """
            import anyio

            from ctxlint.detached import run_detached
            from starlette import app

            x = 1
            """,
            id="blank-line-between-the-kinds",
        ),
        pytest.param(
            """
            import asyncio
            import anyio
            from .store import Store
            """,
            """
            import asyncio
            import anyio
            from ctxlint.detached import run_detached
            from .store import Store
            """,
            id="sections-without-blank-lines",
        ),
        pytest.param(
            """
            import asyncio
            from .store import Store
            """,
            """
            import asyncio
            from ctxlint.detached import run_detached
            from .store import Store
            """,
            id="new-section-without-blank-lines",
        ),
        pytest.param(
            """
            from .store import Store

            x = 1
            """,
            """
            from ctxlint.detached import run_detached

            from .store import Store

            x = 1
            """,
            id="before-all-others",
        ),
        pytest.param(
            """
            # Third party
            from zope import interface

            # Our own
            from .store import Store
            """,
            """
            # Third party
            from ctxlint.detached import run_detached
            from zope import interface

            # Our own
            from .store import Store
            """,
            id="headings",
        ),
        pytest.param(
            """
            import asyncio  # the loop

            # Our own
            from .store import Store
            """,
            """
            import asyncio  # the loop

            from ctxlint.detached import run_detached

            # Our own
            from .store import Store
            """,
            id="comments",
        ),
        pytest.param(
            """
            import asyncio
            from typing import (
                Any,
            )
            def f(): ...
            """,
            """
            import asyncio
            from typing import (
                Any,
            )

            from ctxlint.detached import run_detached

            def f(): ...
            """,
            id="directly-before-code",
        ),
        pytest.param(
            '''
            #!/usr/bin/env python
            # Copyright
            """What it does."""

            from __future__ import annotations

            x = 1
            ''',
            '''
            #!/usr/bin/env python
            # Copyright
            """What it does."""

            from __future__ import annotations

            from ctxlint.detached import run_detached

            x = 1
            ''',
            id="behind-future",
        ),
        pytest.param(
            '''
            """What it does."""

            x = 1
            ''',
            '''
            """What it does."""

            from ctxlint.detached import run_detached

            x = 1
            ''',
            id="behind-the-docstring",
        ),
        pytest.param(
            '''
            """What it does."""
            x = 1
            ''',
            '''
            """What it does."""

            from ctxlint.detached import run_detached

            x = 1
            ''',
            id="directly-behind-the-docstring",
        ),
        pytest.param(
            """
            #!/usr/bin/env python
            # -*- coding: utf-8 -*-
            x = 1
            """,
            """
            #!/usr/bin/env python
            # -*- coding: utf-8 -*-

            from ctxlint.detached import run_detached

            x = 1
            """,
            id="behind-shebang-and-encoding",
        ),
        pytest.param(
            """
            # Copyright

            # Starts it.
            @decorated
            def start(): ...
            """,
            """
            # Copyright

            from ctxlint.detached import run_detached


            # Starts it.
            @decorated
            def start(): ...
            """,
            id="before-the-comment-of-a-function",
        ),
        pytest.param(
            "start()\n",
            "from ctxlint.detached import run_detached\n\nstart()\n",
            id="one-line",
        ),
        pytest.param(
            "import asyncio; asyncio.run(main())",
            "from ctxlint.detached import run_detached\n\nimport asyncio; asyncio.run(main())",
            id="one-line-without-an-end",
        ),
        pytest.param(
            "import asyncio",
            "import asyncio\n\nfrom ctxlint.detached import run_detached",
            id="last-line-without-an-end",
        ),
        pytest.param(
            """
            from typing import TYPE_CHECKING

            if TYPE_CHECKING:
                from anyio import abc

            try:
                import ujson
            except ImportError:
                import json as ujson
            """,
            """
            from typing import TYPE_CHECKING

            from ctxlint.detached import run_detached

            if TYPE_CHECKING:
                from anyio import abc

            try:
                import ujson
            except ImportError:
                import json as ujson
            """,
            id="conditional-imports-are-left-alone",
        ),
        pytest.param(
            """
            import os

            os.environ["A"] = "1"

            import anyio
            """,
            """
            import os

            os.environ["A"] = "1"

            import anyio
            from ctxlint.detached import run_detached
            """,
            id="the-block-that-has-the-section",
        ),
        pytest.param(
            """
            x = 1


            def f(): ...


            import anyio
            """,
            """
            from ctxlint.detached import run_detached

            x = 1


            def f(): ...


            import anyio
            """,
            id="imports-at-the-bottom-stay-alone-there",
        ),
        pytest.param(
            """
            __all__ = ["f"]

            import asyncio
            """,
            """
            __all__ = ["f"]

            import asyncio

            from ctxlint.detached import run_detached
            """,
            id="all",
        ),
    ],
)
def test_places(before: str, after: str, tmp_path: Path) -> None:
    before, after = shown(before, after)
    result, spelled = imported(tmp_path, before, RUN)
    assert result == after
    assert spelled == {RUN: "run_detached"}
    assert imported(tmp_path, after, RUN) == (after, {RUN: "run_detached"})
    for end in ("\r\n", "\r") if "\n" in before else ():
        assert imported(tmp_path, before.replace("\n", end), RUN)[0] == after.replace("\n", end)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "from ctxlint.detached import activate_request_context\n",
            "from ctxlint.detached import WorkItem, activate_request_context, run_detached\n",
            id="sorted",
        ),
        pytest.param(
            "from ctxlint.detached import zap as Z, activate_request_context, capture  # ours\n",
            "from ctxlint.detached import (\n    zap as Z,\n    activate_request_context,\n"
            "    capture,\n    WorkItem,\n    run_detached,\n)  # ours\n",
            id="not-sorted",
        ),
        pytest.param(
            "from ctxlint.detached import (\n    activate_request_context,\n    capture,  # c\n)\n",
            "from ctxlint.detached import (\n    WorkItem,\n    activate_request_context,\n"
            "    capture,  # c\n    run_detached,\n)\n",
            id="one-per-line",
        ),
        pytest.param(
            "from ctxlint.detached import (\n    activate_request_context,\n    capture  # c\n)\n",
            "from ctxlint.detached import (\n    WorkItem,\n    activate_request_context,\n"
            "    capture,  # c\n    run_detached\n)\n",
            id="no-trailing-comma",
        ),
        pytest.param(
            "from ctxlint.detached import (activate_request_context,\n"
            "                              capture)\n",
            "from ctxlint.detached import (WorkItem, activate_request_context,\n"
            "                              capture, run_detached)\n",
            id="grid",
        ),
        pytest.param(
            "from ctxlint.detached import (\n    activate_request_context, capture,\n    zap,)\n",
            "from ctxlint.detached import (\n"
            "    WorkItem,\n    activate_request_context, capture,\n"
            "    run_detached,\n    zap,)\n",
            id="mixed",
        ),
        pytest.param(
            "from ctxlint.detached import (\n    activate_request_context,\n    capture)\n",
            "from ctxlint.detached import (\n    WorkItem,\n    activate_request_context,\n"
            "    capture,\n    run_detached)\n",
            id="bracket-behind-the-last",
        ),
        pytest.param(
            "from ctxlint.detached import activate_request_context, \\\n    capture\n",
            "from ctxlint.detached import WorkItem, activate_request_context, \\\n"
            "    capture, run_detached\n",
            id="backslash",
        ),
        pytest.param(
            "from ctxlint.detached import (activate_request_context)\n",
            "from ctxlint.detached import (WorkItem, activate_request_context, run_detached)\n",
            id="parentheses-on-one-line",
        ),
        pytest.param(
            "from ctxlint.detached import activate_request_context, create_detached_thread, zap\n",
            "from ctxlint.detached import (\n    WorkItem,\n    activate_request_context,\n"
            "    create_detached_thread,\n    run_detached,\n    zap,\n)\n",
            id="grown-too-long",
        ),
        pytest.param(
            "import os; from ctxlint.detached import activate_request_context; x = 1\n",
            "import os; from ctxlint.detached import activate_request_context; x = 1\n",
            id="among-other-statements",
        ),
    ],
)
def test_one_import_per_module(before: str, after: str, tmp_path: Path) -> None:
    result, spelled = imported(tmp_path, before, RUN, ITEM)
    if "x = 1" in before:  # no import line: another is added before it
        assert result.endswith("\n" + after)
        assert result.startswith("from ctxlint.detached import WorkItem, run_detached\n")
    else:
        assert result == after
    assert spelled == {RUN: "run_detached", ITEM: "WorkItem"}


def test_sections_are_parted_where_one_of_several_is_new(tmp_path: Path) -> None:
    result, _ = imported(tmp_path, "import asyncio\n\nx = 1\n", RUN, CONTEXT)
    assert result == (
        "import asyncio\nimport contextvars\n\nfrom ctxlint.detached import run_detached\n\nx = 1\n"
    )


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("import contextvars\n", "contextvars.Context"),
        ("import contextvars as cv\n", "cv.Context"),
        ("from contextvars import Context\n", "Context"),
        ("from contextvars import Context as C, ContextVar\n", "C"),
    ],
)
def test_what_is_there_is_used(source: str, written: str, tmp_path: Path) -> None:
    assert imported(tmp_path, source, CONTEXT) == (source, {CONTEXT: written})


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("from contextvars import ContextVar\n", "contextvars.Context"),
        ("import json\nif json:\n    import contextvars\n", "contextvars.Context"),
        ("def f():\n    import contextvars\n", "contextvars.Context"),
        ("def f(contextvars): ...\n", "_contextvars.Context"),
        ("import contextvars\ndef f(contextvars): ...\n", "_contextvars.Context"),
        ("from other import *\nx = contextvars\n", "_contextvars.Context"),
        ("_contextvars = contextvars = 1\n", "__contextvars.Context"),
        ("for contextvars in (): ...\n", "_contextvars.Context"),
        ("with f() as (a, contextvars): ...\n", "_contextvars.Context"),
        ("try: ...\nexcept ValueError as contextvars: ...\n", "_contextvars.Context"),
        ("[contextvars for contextvars in ()]\n", "_contextvars.Context"),
        ("match x:\n    case [*contextvars]: ...\n", "_contextvars.Context"),
        ("lambda contextvars: 1\n", "_contextvars.Context"),
        ("def f(*contextvars): ...\n", "_contextvars.Context"),
        ("f(contextvars=1).contextvars\n", "contextvars.Context"),
        ("import contextvars\ndel contextvars\n", "_contextvars.Context"),
    ],
)
def test_names_that_are_taken(source: str, written: str, tmp_path: Path) -> None:
    result, spelled = imported(tmp_path, source, CONTEXT)
    assert spelled == {CONTEXT: written}
    name = written.partition(".")[0]
    wanted = "import contextvars" + ("" if name == "contextvars" else f" as {name}")
    assert wanted in result.splitlines()
    assert imported(tmp_path, result, CONTEXT) == (result, spelled)


def test_several_at_once(tmp_path: Path) -> None:
    before, after = shown(
        """
        import asyncio
        import logging

        from .store import Store
        """,
        """
        import asyncio
        import contextvars
        import logging

        from ctxlint.detached import run_detached

        from .store import Store
        """,
    )
    assert imported(tmp_path, before, RUN, CONTEXT)[0] == after


def test_several_sections_in_one_place(tmp_path: Path) -> None:
    before, after = shown(
        """
        from .store import Store
        """,
        """
        import contextvars

        from ctxlint.detached import run_detached

        from .store import Store
        """,
    )
    assert imported(tmp_path, before, RUN, CONTEXT)[0] == after


WIDE = """\
from ctxlint.detached import WorkItem, activate_request_context, create_detached_background_task
"""


def test_several_names_between_those_that_are_there(tmp_path: Path) -> None:
    source = "from ctxlint.detached import (\n    WorkItem,\n    run_detached,\n)\n"
    assert imported(tmp_path, source, ACTIVATE, TASK)[0] == (
        "from ctxlint.detached import (\n    WorkItem,\n    activate_request_context,\n"
        "    create_detached_background_task,\n    run_detached,\n)\n"
    )


WRAPPED = """\
from ctxlint.detached import (
    WorkItem,
    activate_request_context,
    create_detached_background_task,
)
"""


def test_names_that_come_to_stand_side_by_side(tmp_path: Path) -> None:
    before = "from ctxlint.detached import (\n    activate_request_context,  # for workers\n)\n"
    after, _ = imported(tmp_path, before, TASK, RUN, ITEM)
    assert after == (
        "from ctxlint.detached import (\n    WorkItem,\n"
        "    activate_request_context,  # for workers\n"
        "    create_detached_background_task,\n    run_detached,\n)\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "result"),
    [
        ("pyproject.toml", "", WRAPPED),
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n", WIDE),
        ("pyproject.toml", "[tool.black]\nline-length = 120\n", WIDE),
        ("pyproject.toml", "[tool.isort]\nline_length = 95\n", WRAPPED),
        ("ruff.toml", "line-length = 96\n", WIDE),
        (".ruff.toml", "line-length = 95\n", WRAPPED),
        ("setup.cfg", "[flake8]\nmax-line-length = 100\n", WIDE),
        ("tox.ini", "[flake8]\nmax-line-length = 100\n", WIDE),
        ("setup.cfg", "[isort]\nline_length = 100\n", WIDE),
        (".isort.cfg", "[settings]\nline_length = 100\n", WIDE),
        ("setup.cfg", "no section\n", WRAPPED),
        ("pyproject.toml", "[tool.ruff]\nline-length = \n", WRAPPED),
    ],
)
def test_lines_as_long_as_the_project_has_them(
    name: str, text: str, result: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    assert imported(tmp_path, "x = 1\n", TASK, ITEM, ACTIVATE)[0] == f"{result}\nx = 1\n"


@pytest.mark.parametrize(
    ("longest", "result"),
    [(70, WRAPPED), (88, WRAPPED), (89, WIDE), (100, WIDE), (150, WIDE)],
)
def test_lines_as_long_as_the_file_has_them(longest: int, result: str, tmp_path: Path) -> None:
    line = f"x = '{'-' * (longest - 6)}'\n"
    assert imported(tmp_path, line, TASK, ITEM, ACTIVATE)[0] == f"{result}\n{line}"


def test_settings_that_extend_each_other(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff]\nextend = "ruff.toml"\n')
    (tmp_path / "ruff.toml").write_text('extend = "pyproject.toml"\nline-length = 100\n')
    assert house_style(tmp_path).line_length == 100


def test_a_module_that_the_project_calls_its_own(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text('[lint.isort]\nknown-first-party = ["acme"]\n')
    before = "import anyio\n\nfrom .store import Store\n"
    result, _ = imported(tmp_path, before, Needed("acme.tasks", "run"))
    assert result == "import anyio\n\nfrom acme.tasks import run\n\nfrom .store import Store\n"


def test_settings_of_a_parent_that_are_extended(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ruff.toml").write_text(
        'extend = "../pyproject.toml"\n[lint.isort]\nknown-third-party = ["json"]\n'
    )
    style = house_style(tmp_path / "sub")
    assert style.line_length == 100
    assert style.third_party == {"json"}


def test_settings_of_a_file_elsewhere_that_are_extended(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "pyproject.toml").write_text(
        '[tool.ruff]\nline-length = 101\n[tool.ruff.lint.isort]\nknown-first-party = ["json"]\n'
    )
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "ruff.toml").write_text('extend = "../shared/pyproject.toml"\n')
    style = house_style(tmp_path / "app")
    assert style.line_length == 101
    assert style.first_party == {"json"}


@pytest.mark.parametrize(
    ("files", "third_party"),
    [
        (["app/__init__.py"], False),
        (["src/app/__init__.py"], False),
        (["app.py"], False),
        (["other.py"], True),
    ],
)
def test_whose_module_it_is(files: Iterable[str], third_party: bool, tmp_path: Path) -> None:
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    before = "import anyio\n\nfrom .store import Store\n"
    result, _ = imported(tmp_path, before, Needed("app.tasks", "run"), name="pkg/mod.py")
    assert ("import anyio\nfrom app.tasks import run\n" in result) == third_party
    assert result.count("\n\n") == (1 if third_party else 2)


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("from .tasks import run", "pkg.sub.tasks"),
        ("from ..tasks import run", "pkg.tasks"),
        ("from .. import run", "pkg"),
    ],
)
def test_relative_imports(statement: str, module: str, tmp_path: Path) -> None:
    for name in ("pkg/__init__.py", "pkg/sub/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    source = f"{statement}\n"
    wanted = Needed(module, "run")
    assert imported(tmp_path, source, wanted, name="pkg/sub/mod.py") == (source, {wanted: "run"})
    more = Needed(module, "walk")
    result, _ = imported(tmp_path, source, more, name="pkg/sub/mod.py")
    assert result == f"{statement}, walk\n"


def test_nothing_wanted(tmp_path: Path) -> None:
    assert imported(tmp_path, "x = 1\n") == ("x = 1\n", {})
