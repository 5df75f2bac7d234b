"""What a rule is: its documentation, its examples, and its check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from ..findings import Finding
from ..program.program import Program
from .codes import BY_HAND


class Options(Struct, frozen=True):
    """The settings that rules ask for; ``named`` are the codes that the user selected by name."""

    threads_inherit: bool = True
    public_starters: bool = True
    named: frozenset[str] = frozenset()


class Example(Struct, frozen=True):
    """A small program; lines to be reported end in ``# error: CODE``."""

    title: str
    source: str


class Rule(Struct, frozen=True):
    """One rule.  ``check`` yields the findings of one file."""

    code: str
    name: str
    summary: str
    documentation: str
    check: Callable[[Program, Path, Options], Iterable[Finding]]
    default: bool = True
    bad: tuple[Example, ...] = ()
    good: tuple[Example, ...] = ()

    @property
    def fixable(self) -> bool:
        """Whether there is a fix for some of its findings."""
        return self.code not in BY_HAND
