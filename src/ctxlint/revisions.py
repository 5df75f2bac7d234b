"""Which lines have changed since a revision of git: what `--diff-base` reports on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from .findings import Finding

_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE: Final = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_ESCAPED_MORE: Final = {b"v": b"\v", b'"': b'"', b"\\": b"\\"}
# Whatever is configured, the diff has to be one that can be read here.
_DIFF: Final = (
    *("-c", "core.quotePath=false", "-c", "diff.relative=false"),
    *("diff", "--unified=0", "--inter-hunk-context=0", "--no-color", "--no-ext-diff"),
    *("--no-textconv", "--text", "--find-renames", "--ignore-submodules"),
    *("--src-prefix=a/", "--dst-prefix=b/"),
)


class NoRevision(Exception):
    """What has changed cannot be found out; the message is one line."""


class Changed:
    """The lines of one working tree that are not as they were; lines count from 1.

    Of files that git does not keep, all lines have changed. Where lines were only taken away,
    those next to them have.
    """

    def __init__(
        self,
        top: Path,
        tracked: frozenset[Path],
        ranges: Mapping[Path, tuple[tuple[int, int], ...]],
    ) -> None:
        self.top: Final = top
        self._tracked = tracked
        self._ranges = ranges

    def touches(self, path: Path, first: int, last: int) -> bool:
        """Whether any of the lines of a file from ``first`` to ``last`` has changed."""
        if path not in self._tracked:
            return True
        found = self._ranges.get(path, ())
        return any(low <= last and first <= high for low, high in found)

    def touch(self, finding: Finding) -> bool:
        """Whether a finding, or a step of its trail, is in lines that have changed."""
        places = [(finding.path, finding.line, max(finding.line, finding.end_line))]
        places += [(step.path, step.line, step.line) for step in finding.trail]
        return any(self.touches(Path(path), first, last) for path, first, last in places)


class Since(msgspec.Struct, frozen=True):
    """What has changed since a revision in the working trees of the paths of a run."""

    trees: tuple[Changed, ...]

    def __call__(self, finding: Finding) -> bool:
        """Whether a finding is about what has changed."""
        path = Path(finding.path)
        around = [each for each in self.trees if path.is_relative_to(each.top)]
        return not around or max(around, key=lambda each: len(each.top.parts)).touch(finding)


def changed_since(revision: str, paths: Iterable[Path]) -> Since:
    """What has changed since a revision around some paths. Raises NoRevision.

    ``REV...`` is, as in git, where the present commit and REV have parted.
    """
    directories = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    tops = dict.fromkeys(_top(directory) for directory in directories)
    return Since(tuple(_changed(top, revision) for top in tops))


def _top(directory: Path) -> Path:
    try:
        told = _git(directory, "rev-parse", "--show-toplevel")
    except NoRevision as error:
        if "not a git repository" in str(error):
            raise NoRevision(f"{directory} is in no git repository") from None
        raise
    return Path(told.removesuffix(b"\n").decode("utf-8", "surrogateescape")).resolve()


def _changed(top: Path, revision: str) -> Changed:
    base = _commit(top, revision.removesuffix("..."))
    if revision.endswith("..."):
        base = _git(top, "merge-base", base, "HEAD").decode("ascii").strip()
    tracked = _git(top, "ls-files", "-z", "--full-name").split(b"\0")
    ranges: dict[Path, list[tuple[int, int]]] = {}
    for name, first, last in hunks(_git(top, *_DIFF, base, "--")):
        ranges.setdefault(_path(top, name), []).append((first, last))
    return Changed(
        top,
        frozenset(_path(top, name) for name in tracked if name),
        {path: tuple(found) for path, found in ranges.items()},
    )


def _commit(top: Path, revision: str) -> str:
    try:
        # What looks like a flag must not be one.
        told = _git(
            top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
    except NoRevision:
        raise NoRevision(_unknown(top, revision)) from None
    return told.decode("ascii").split()[-1]


def _unknown(top: Path, revision: str) -> str:
    told = f"git knows no revision {revision!r}"
    if ".." in revision:
        return f"{told}: give one, or REV... for where the branch has left it"
    try:
        _git(top, "rev-parse", "--verify", "--quiet", "HEAD")
    except NoRevision:
        return f"{told}: there is no commit yet"
    return f"{told} (is it fetched?)"


def _path(top: Path, name: bytes) -> Path:
    return top / name.decode("utf-8", "surrogateescape")


def hunks(diff: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The files of a diff without context, and in each the first and last lines that are new.

    The name is empty for a file that is no more.
    """
    lines = iter(diff.split(b"\n"))
    name = b""
    for line in lines:
        if line.startswith(b"+++ "):
            name = _name(line[4:])
        elif match := _HUNK.match(line):
            gone = int(match[1]) if match[1] else 1
            added = int(match[3]) if match[3] else 1
            first = int(match[2])
            for _ in range(gone + added):  # they could look like headers
                next(lines, b"")
            if name:
                yield name, first, first + (added - 1 if added else 1)


def _name(told: bytes) -> bytes:
    told = told.removesuffix(b"\t")
    if told == b"/dev/null":
        return b""
    if told.startswith(b'"'):
        told = _ESCAPE.sub(_unescaped, told[1:-1])
    return told.removeprefix(b"b/")


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if len(code) == 3:
        return bytes([int(code, 8)])
    return {**_ESCAPED, **_ESCAPED_MORE}.get(code, code)


def _git(directory: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", str(directory), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=_environment(),
        )
    except OSError as error:
        raise NoRevision(f"git cannot be run: {(error.strerror or str(error)).lower()}") from None
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NoRevision(told[-1] if told else f"git {arguments[0]} failed")
    return done.stdout


def _environment() -> dict[str, str]:
    """The environment for git, which is to find the repository by the directory.

    In a hook, git names its own: in a linked working tree without saying where that begins, so
    that any directory would be taken for its top.
    """
    if "GIT_WORK_TREE" in os.environ:
        return dict(os.environ)
    misleading = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")
    return {key: value for key, value in os.environ.items() if key not in misleading}
