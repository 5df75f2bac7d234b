"""What ctxlint promises for any program, whatever it does: it does not fall over, and a fix does no
harm.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from ctxlint import checking, fixing
from ctxlint.findings import Finding
from ctxlint.fixes.edits import spliced
from ctxlint.fixing import FixReport, Rewritten
from ctxlint.intents import spots_of
from ctxlint.settings import Settings

ALL = Settings(select=("ALL",))
HELPERS = Settings(fix_style="helpers")
SETTLED = ("safe", "unsafe")

Files = Mapping[str, bytes]


def write(root: Path, files: Files) -> Path:
    """Writes a project; it is one because it holds a pyproject.toml."""
    for name, source in {"pyproject.toml": b"[tool.ctxlint]\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source)
    return root


def told(findings: Sequence[Finding]) -> list[tuple[str, int, int, str, str]]:
    """What can be compared of findings: where, which, and what is said."""
    return [(each.path, each.line, each.column, each.code, each.message) for each in findings]


def compiles(source: bytes) -> bool:
    """Whether the running Python takes it for a program."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "program", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
            compile(source, "program", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def checked(root: Path, settings: Settings = ALL) -> Sequence[Finding]:
    """The findings of a project: the same ones however they are asked for."""
    findings = checking.run([root], settings).findings
    plain = checking.run([root], settings, fixes=False).findings
    assert told(plain) == told(findings), "findings depend on whether their fixes are wanted"
    for path in sorted(root.rglob("*.py"))[:3]:
        own = [each for each in findings if Path(each.path) == path.resolve()]
        by_stdin = checking.run([path], settings, overlay={path.resolve(): path.read_bytes()})
        assert told(by_stdin.findings) == told(own), (
            f"{path.name}: the overlay tells other findings"
        )
    return findings


def fixed(root: Path, settings: Settings = HELPERS) -> FixReport:
    """What fixing a project gives, not written: valid, all that was asked for, and final."""
    report = fixing.run([root], settings, unsafe=True, write=False)
    for change in report.changes:
        assert spliced(change.before, change.edits) == change.after
        if compiles(change.before):
            assert compiles(change.after), f"{change.path.name} compiles no more"
    _changes_what_it_says(report)
    left = [each for each in report.remaining if each.fix and each.fix.applicability in SETTLED]
    assert not left, f"not fixed: {told(left)}"
    if report.changes:
        again = fixing.run([root], settings, unsafe=True, write=False, overlay=report.texts)
        assert not again.changes, f"a second run changes {again.changes[0].path.name}"
        assert told(again.remaining) == told(report.remaining), "a second run finds something else"
    return report


def _changes_what_it_says(report: FixReport) -> None:
    """Nothing changes but imports, and functions or statements in which a fix names a place."""
    spots = [
        (spot.path, spot.at)
        for finding in report.fixed
        if finding.fix and finding.fix.intent
        for spot in spots_of(finding.fix.intent)
    ]
    for change in report.changes:
        path = change.path.resolve().as_posix()
        own = [at for where, at in spots if where == path]
        assert own, f"{path} changes, and no fix is about it"
        if len(report.fixed) == 1:  # else places are those of later rounds
            _stays_inside(change, own)


def _stays_inside(change: Rewritten, spots: Sequence[int]) -> None:
    try:
        tree = ast.parse(change.before)
        text = change.before.decode("utf-8")
    except (SyntaxError, ValueError):
        return
    lines = text.splitlines()
    extents = [
        (min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]), end)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and (end := node.end_lineno) is not None
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not hasattr(node, "body")
    ]
    allowed = set[int]()
    for at in spots:
        line = text.count("\n", 0, at) + 1
        around = [(a, b) for a, b in extents if a <= line <= b]
        first, last = max(around) if around else (line, line)
        functions = [(a, b) for a, b in around if b > a]
        first, last = max(functions, default=(first, last))
        allowed.update(range(first, last + 2))
    for edit in change.edits:
        first = change.before.count(b"\n", 0, edit.start) + 1
        last = change.before.count(b"\n", 0, edit.end) + 1
        inside = all(number in allowed for number in range(first, last + 1))
        texts = (edit.text.decode(), *lines[first - 1 : last])
        imports = b"import" in edit.text or any("import" in each for each in texts)
        assert inside or imports, f"{change.path.name}:{first}: a stray edit: {edit.text!r}"


def harmless(root: Path, files: Files) -> tuple[Sequence[Finding], FixReport]:
    """All of it, for one project."""
    write(root, files)
    return checked(root), fixed(root)


def remembered(root: Path, before: Files, after: Files) -> None:
    """A warm run finds what a cold one does, with nothing changed and with changed files."""
    write(root, before)
    for files in (before, before, after, after):
        write(root, files)
        warm = checking.run([root], remembers=True)
        cold = checking.run([root])
        assert told(warm.findings) == told(cold.findings), "a warm run finds something else"
        assert [each.fix for each in warm.findings] == [each.fix for each in cold.findings]
