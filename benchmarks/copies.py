"""Copies of releases that ctxlint is let loose on, and what has become of them."""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec
from corpus_files import CorpusError
from interpreters import interpreters
from packaging.specifiers import SpecifierSet

# Seconds after which a run on one release counts as hung.
TIMEOUT = 900

# Prints which files do not compile, and from which line to which there reaches each function, each
# import, and each statement that stands outside of functions and holds no others.
_SURVEY = """
import ast, json, sys, warnings
warnings.simplefilter("ignore")
broken, extents = [], {}
functions = (ast.FunctionDef, ast.AsyncFunctionDef)
def statements(node):
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.stmt) and not hasattr(each, "body"):
            yield each.lineno, each.end_lineno
        elif not isinstance(each, functions):
            yield from statements(each)
for path in json.load(sys.stdin):
    try:
        with open(path, "rb") as stream:
            tree = ast.parse(stream.read())
        compile(tree, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        broken.append(path)
        continue
    nodes = list(ast.walk(tree))
    extents[path] = [
        (min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno)
        for node in nodes
        if isinstance(node, functions)
    ], [
        (node.lineno, node.end_lineno)
        for node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ], list(statements(tree))
json.dump([broken, extents], sys.stdout)
"""


class Place(msgspec.Struct, frozen=True):
    path: str
    line: int


class Remedy(msgspec.Struct, frozen=True):
    applicability: str
    title: str
    places: tuple[Place, ...]


class Found(msgspec.Struct, frozen=True):
    """One finding in `--output-format json`, as far as fixing is concerned."""

    code: str
    path: str
    line: int
    message: str
    fix: Remedy | None

    @property
    def offered(self) -> bool:
        return self.fix is not None and self.fix.applicability != "display"


@dataclass(frozen=True)
class Extents:
    """First and last lines in a file: of functions, imports, and statements outside functions."""

    functions: Sequence[tuple[int, int]] = ()
    imports: Sequence[tuple[int, int]] = ()
    statements: Sequence[tuple[int, int]] = ()

    def around(self, line: int) -> tuple[int, int]:
        """The innermost function around a line, or the statement; else the line by itself."""
        for extents in (self.functions, self.statements):
            around = [(first, last) for first, last in extents if first <= line <= last]
            if around:
                return max(around)
        return line, line

    def is_import(self, line: int) -> bool:
        return any(first <= line <= last for first, last in self.imports)


@dataclass(frozen=True)
class Survey:
    """What the newest interpreter that a release supports says of its files."""

    broken: frozenset[str]
    extents: Mapping[str, Extents]


def ctxlint(directory: Path, *flags: str) -> subprocess.CompletedProcess[bytes]:
    """Run ctxlint on an unpacked release. Raises CorpusError when it cannot do its job."""
    # -P: the release lies in the working directory, and nothing of it may be imported.
    command = [sys.executable, "-P", "-m", "ctxlint", "--isolated", "--no-cache", *flags, "."]
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise CorpusError(f"{directory.name}: no result after {TIMEOUT} seconds") from error
    if done.returncode not in (0, 1):
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise CorpusError(f"{directory.name}: exit status {done.returncode}: {lines[-1]}")
    return done


def findings(output: bytes) -> list[Found]:
    found = msgspec.json.decode(output, type=list[Found])
    return [msgspec.structs.replace(each, path=str(PurePosixPath(each.path))) for each in found]


def texts(directory: Path) -> dict[str, bytes]:
    """Every file of a release, whatever it is, by its path in it."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def newest_interpreter(directory: Path) -> Path:
    """The newest Python of this machine that a release supports."""
    supported = SpecifierSet(requires_python(directory))
    fit = [v for v in interpreters() if supported.contains(f"{v[0]}.{v[1]}.99")]
    if not fit:
        raise CorpusError(f"{directory.name}: no Python {supported} on this machine")
    return interpreters()[max(fit)]


def requires_python(directory: Path) -> str:
    for metadata in directory.glob("*.dist-info/METADATA"):
        found = re.search(r"^Requires-Python: *(.*)$", metadata.read_text("utf-8"), re.MULTILINE)
        if found:
            return found[1]
    return ""


def survey(directory: Path, python: Path) -> Survey:
    """Compile every file, as `python -m compileall` does, without writing anything."""
    files = sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*.py"))
    done = subprocess.run(
        [str(python), "-I", "-c", _SURVEY],
        input=json.dumps(files),
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT,
    )
    broken, extents = json.loads(done.stdout)
    return Survey(frozenset(broken), {path: Extents(*each) for path, each in extents.items()})


def applied(diff: bytes, copy: Path) -> None:
    """Apply a diff to a copy. Raises CorpusError where it does not fit."""
    if not diff:
        return
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-p1", "-"],
        input=diff,
        cwd=copy,
        # Not the settings of whoever runs this: they may convert line ends.
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CEILING_DIRECTORIES": str(copy)},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise CorpusError(f"the output of --diff cannot be applied: {lines[0]}")


@dataclass(frozen=True)
class Hunk:
    """Lines of the original, by number, and the lines that they became."""

    first: int
    old: tuple[str, ...]
    first_new: int
    new: tuple[str, ...]

    def within(self, start: int, end: int) -> bool:
        """Whether it changes nothing but the lines `start` to `end`, or what stands between."""
        if not self.old:
            return start < self.first <= end + 1
        return start <= self.first and self.first + len(self.old) - 1 <= end


def hunks(old: bytes, new: bytes) -> Iterator[Hunk]:
    # As Python counts lines: bytes are parted at fewer characters than texts are.
    before, after = (
        [line.decode("latin-1") for line in each.splitlines(keepends=True)] for each in (old, new)
    )
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if tag != "equal":
            yield Hunk(i + 1, tuple(before[i:j]), k + 1, tuple(after[k:m]))


def strays(
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    told: Sequence[Found],
    extents: Mapping[str, Extents],
    extents_after: Mapping[str, Extents],
) -> list[str]:
    """Changes that no fix has told.

    Told are imports, and what lies in a function, or in a statement outside of functions, in which
    a fix names a place.
    """
    places = {(str(PurePosixPath(p.path)), p.line) for f in told if f.fix for p in f.fix.places}
    found: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        if path not in before or path not in after:
            found.append(f"{path}: {'made' if path in after else 'removed'}")
            continue
        if before[path] == after[path]:
            continue
        old, new = (each.get(path, Extents()) for each in (extents, extents_after))
        regions = [old.around(line) for where, line in places if where == path]
        found += [
            f"{path}:{hunk.first}"
            for hunk in hunks(before[path], after[path])
            if not (_imports(hunk, old, new) or any(hunk.within(a, b) for a, b in regions))
        ]
    return found


def _imports(hunk: Hunk, old: Extents, new: Extents) -> bool:
    """Whether nothing changes but imports, and blank lines around them at the head of the file."""
    head = min((first for first, _ in old.functions), default=1)
    return all(
        extents.is_import(number) or (not line.strip() and hunk.first <= head)
        for extents, first, lines in ((old, hunk.first, hunk.old), (new, hunk.first_new, hunk.new))
        for number, line in enumerate(lines, first)
    )
