"""What a rule is: its documentation, its examples, and its check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..findings import Finding
from ..program.program import Program


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that rules ask for; ``named`` are the codes that the user selected by name."""

    threads_inherit: bool = True
    public_starters: bool = True
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Example:
    """A small program; lines to be reported end in ``# error: CODE``."""

    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.  ``check`` yields the findings of one file."""

    code: str
    name: str
    summary: str
    documentation: str
    check: Callable[[Program, Path, Options], Iterable[Finding]]
    fixable: bool = True
    default: bool = True
    bad: tuple[Example, ...] = field(default=())
    good: tuple[Example, ...] = field(default=())
