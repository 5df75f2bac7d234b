"""What ctxlint promises for any program, whatever it does: it does not fall over, and a fix does no
harm.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

import ctxlint
from ctxlint import checking, fix, fixing
from ctxlint.findings import Finding
from ctxlint.fixes.edits import spliced
from ctxlint.fixing import FixReport, Rewritten
from ctxlint.intents import spots_of
from ctxlint.settings import Settings

from .changes import Changed

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


def means_the_same(root: Path, before: Files, change: Changed) -> None:
    """A change that means nothing moves findings and fixes, and changes none."""
    write(root, before)
    found = _placed(root, checked(root))
    right = sorted((*change.place((name, line)), *rest) for name, line, *rest in found)
    write(root, change.files)
    now = _placed(root, checked(root))
    assert now == right, _other(right, now, change.files)


def _placed(root: Path, findings: Sequence[Finding]) -> list[tuple[str, int, str, str]]:
    return sorted(
        (
            Path(each.path).relative_to(root).as_posix(),
            each.line,
            each.code,
            each.fix.applicability if each.fix is not None else "",
        )
        for each in findings
    )


def _other(right: Sequence[object], now: Sequence[object], files: Files) -> str:
    lines = ["a change that means nothing changes findings:"]
    lines += [f"gone: {each}" for each in right if each not in now]
    lines += [f"new: {each}" for each in now if each not in right]
    return "\n".join([*lines, *(text(name, source) for name, source in files.items())])


def text(name: str, source: bytes) -> str:
    """A file as an error message shows it."""
    rows = source.decode().splitlines()
    return "\n".join([f"--- {name}", *(f"{n:>3} {row}" for n, row in enumerate(rows, 1))])


def shared(root: Path, before: Files, after: Files) -> None:
    """However many processes share the work, and whatever is remembered: the same bytes."""
    for files in (before, after):
        write(root, files)
        alone = _encoded(checking.run([root]))
        for jobs in (2, 3):
            assert _encoded(checking.run([root], jobs=jobs)) == alone, f"{jobs} jobs"
            for _ in ("cold", "warm"):
                warm = checking.run([root], jobs=jobs, remembers=True)
                assert _encoded(warm) == alone, f"{jobs} jobs, with what is remembered"
        texts = fixing.run([root], unsafe=True, write=False).texts
        for jobs in (2, 3):
            for remembers in (False, True):
                report = fixing.run(
                    [root], unsafe=True, write=False, jobs=jobs, remembers=remembers
                )
                assert report.texts == texts, f"{jobs} jobs fix otherwise"


def _encoded(report: checking.Report) -> bytes:
    return msgspec.json.encode(report.findings)


def written(root: Path, files: Files) -> None:
    """What is written to files is what the Python API and ``--fix`` of files alone would."""
    write(root, files)
    texts = fix([root], unsafe=True, write=False).texts
    with_sources = fix([root], unsafe=True, write=False, sources=_overlay(root, files)).texts
    assert with_sources == texts, "unsaved text is fixed otherwise"
    command = [sys.executable, "-P", "-m", "ctxlint", "--fix", "--unsafe-fixes", "--exit-zero"]
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(ctxlint.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    for name, source in files.items():
        path = root / name
        assert path.read_bytes() == texts.get(path, source), f"{name}: the command writes otherwise"
    assert not fix([root], unsafe=True).changes, "a second run changes something"


def _overlay(root: Path, files: Files) -> dict[Path, bytes]:
    return {root / name: source for name, source in files.items()}


def remembered(root: Path, before: Files, after: Files) -> None:
    """A warm run finds what a cold one does, with nothing changed and with changed files."""
    write(root, before)
    for files in (before, before, after, after):
        write(root, files)
        warm = checking.run([root], remembers=True)
        cold = checking.run([root])
        assert told(warm.findings) == told(cold.findings), "a warm run finds something else"
        assert [each.fix for each in warm.findings] == [each.fix for each in cold.findings]
