"""Programs that say themselves what is to be reported: ``# error: CODE`` ends the line in which the
reported call begins, ``# error: CODE, CODE`` where it is reported twice. ``# enable: CODE`` in a
line of its own selects a rule that is off by default.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from ctxlint import check
from ctxlint.settings import Settings

_MARK = re.compile(r"# error: (CTX\d{3}(?:, CTX\d{3})*)$")
_ENABLE = re.compile(r"^# enable: (CTX\d{3})$", re.MULTILINE)

Place = tuple[str, int, str]
"""File (relative to the project), line, code."""


def marks(source: str, name: str = "") -> list[Place]:
    """What a program says is to be reported in it, in order."""
    return [
        (name, number, code)
        for number, line in enumerate(source.split("\n"), 1)
        if (match := _MARK.search(line))
        for code in match[1].split(", ")
    ]


def silenced(source: str) -> str:
    """The program with ``# noqa`` comments in the place of its marks."""
    return re.sub(_MARK.pattern, r"# noqa: \1", source, flags=re.MULTILINE)


def write_project(root: Path, files: Mapping[str, str]) -> Path:
    """Writes the files of a project; it is a project because it holds a pyproject.toml."""
    for name, source in {"pyproject.toml": "[tool.ctxlint]\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return root


def reported(root: Path, *names: str, settings: Settings | None = None) -> list[Place]:
    """What ctxlint reports in a project, or in some of its files: in order, as `marks` says it."""
    findings = check([root / name for name in names] or [root], settings=settings)
    places = [
        (Path(each.path).relative_to(root.resolve()).as_posix(), each.line, each.code)
        for each in findings
    ]
    for each in findings:
        assert (each.line, each.column) in _sites(Path(each.path)), f"{each} is at no call"
    return sorted(places)


def marked(files: Mapping[str, str]) -> list[Place]:
    """What the files of a project say is to be reported in them, in order."""
    return sorted(place for name, source in files.items() for place in marks(source, name))


def enabled(files: Mapping[str, str]) -> tuple[str, ...]:
    """The rules that the files of a project ask for besides those that are on."""
    found = (code for source in files.values() for code in _ENABLE.findall(source))
    return tuple(dict.fromkeys(found))


def assert_as_marked(root: Path, files: Mapping[str, str]) -> None:
    """Checks that what is reported is what is marked, and that under ``# noqa`` nothing is."""
    more = enabled(files)
    settings = Settings(extend_select=more) if more else None
    found = reported(write_project(root / "marked", files), settings=settings)
    expected = marked(files)
    problems = [
        *(f"missed: {_line(place, files)}" for place in expected if place not in found),
        *(f"false alarm: {_line(place, files)}" for place in found if place not in expected),
    ]
    assert not problems, "\n".join(problems)
    assert found == expected, "reported twice"
    if expected:
        quiet = {name: silenced(source) for name, source in files.items()}
        assert reported(write_project(root / "silenced", quiet), settings=settings) == []


def _line(place: Place, files: Mapping[str, str]) -> str:
    name, number, code = place
    return f"{name}:{number}: {code}: {files[name].split(chr(10))[number - 1].strip()}"


def _sites(path: Path) -> set[tuple[int, int]]:
    """Where calls, and the alternatives of ``or``, begin: line and column, both from 1, the column
    in code points."""
    source = path.read_text(encoding="utf-8")
    lines = source.split("\n")
    return {
        (node.lineno, len(lines[node.lineno - 1].encode()[: node.col_offset].decode()) + 1)
        for each in ast.walk(ast.parse(source))
        for node in (each.values if isinstance(each, ast.BoolOp) else [each])
        if isinstance(each, ast.BoolOp | ast.Call)
    }
