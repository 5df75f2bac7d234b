"""Which files fixes may write: those under the given paths, inside the project, and no other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from .findings import Finding, Fix
from .intents import Intent, files_of
from .layout import apparent_root

_MOST_NAMED: Final = 4  # files in a command; beyond that, the whole project


class Territory:
    """The files of one project that fixes may write.

    ``named`` are the paths as they were given: where one of them is a link that leads out of the
    project it stands in, what it leads to is only read.
    """

    def __init__(self, root: Path, named: Iterable[Path], files: Iterable[Path]) -> None:
        self.root: Final = root.resolve()
        self.roots = frozenset(apparent_root(path) for path in named)
        self._files = frozenset(files)
        self._limits: dict[int, tuple[Intent, str | None]] = {}

    def objection(self, path: Path) -> str | None:
        """Why a file must not be written; None where it may."""
        if not path.is_relative_to(self.root):
            return f"{_shown(path)} lies outside the project"
        if path not in self._files:
            return f"{_shown(path)} is not among the paths given"
        if not any(path.is_relative_to(root) for root in self.roots):
            return f"{_shown(path)} is reached through a link that leaves the project"
        return None

    def limited(self, finding: Finding) -> Finding:
        """The finding, its fix only displayed if that would change what must not be written."""
        fix = finding.fix
        if fix is None or fix.intent is None:
            return finding
        known = self._limits.get(id(fix.intent))  # large, and shared by many findings
        if known is None:
            known = self._limits[id(fix.intent)] = (fix.intent, self._limit(fix))
        if known[1] is None:
            return finding
        shown = Fix("display", f"{fix.title} by hand: {known[1]}")
        return msgspec.structs.replace(finding, fix=shown)

    def _limit(self, fix: Fix) -> str | None:
        if fix.intent is None:
            return None
        files = sorted(Path(path) for path in files_of(fix.intent))
        foreign = [path for path in files if path not in self._files]
        inside = all(path.is_relative_to(self.root) for path in files)
        if foreign and inside:
            also = ", ".join(map(_shown, foreign[:_MOST_NAMED]))
            more = f" and {len(foreign) - _MOST_NAMED} more" if len(foreign) > _MOST_NAMED else ""
            return f"it also changes {also}{more}; to apply it, {self._command(fix, files)}"
        return next(filter(None, map(self.objection, files)), None)

    def _command(self, fix: Fix, files: Sequence[Path]) -> str:
        import shlex  # only for a command that is shown

        named = files if len(files) <= _MOST_NAMED else [self.root]
        flags = "--fix" if fix.applicability == "safe" else "--fix --unsafe-fixes"
        return f"`ctxlint {flags} {shlex.join(map(_shown, named))}`"


def _shown(path: Path) -> str:
    """A path as it can be typed in the working directory."""
    try:
        return os.path.relpath(path)
    except ValueError:  # pragma: no cover (Windows: on another drive)
        return str(path)
