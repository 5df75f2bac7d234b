"""What ctxlint reports: findings, the trail that proves each, and whether a fix is at hand.

Plain data (msgspec structs), so that findings can be cached, sent to another process and
printed by any report.  Paths are absolute and POSIX-shaped; reports make them relative to the
working directory.  Lines and columns count from 1, columns in code points.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from .intents import Intent

Applicability = Literal["safe", "unsafe", "display"]


class Step(msgspec.Struct, frozen=True):
    """One step of a trail: a place in the source and what happens there."""

    path: str
    line: int
    column: int
    message: str


class Fix(msgspec.Struct, frozen=True):
    """What can be done about a finding, and how far an automatic edit may be trusted.

    ``safe`` is applied by ``--fix``, ``unsafe`` only with ``--unsafe-fixes``; ``display`` is told,
    with the reason in its title, and never applied: it has no intent.
    """

    applicability: Applicability
    title: str
    intent: Intent | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One report: the rule, the place, the message, and the trail that proves it."""

    code: str
    name: str
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    trail: tuple[Step, ...] = ()
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """Findings are reported by file, then by place, then by code."""
        return (self.path, self.line, self.column, self.code)


class Judged(NamedTuple):
    """The findings of a file: those to report, and the others.

    ``silenced`` are those that a comment or ``per-file-ignores`` silences, ``known`` those that
    are in the baseline.  What is not selected is none of these.
    """

    reported: list[Finding]
    silenced: list[Finding]
    known: list[Finding]
