"""Byte patterns that say in which files a thing can be used at all: search before you parse.

A pattern may let too many files through, never too few of those whose uses could be resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

_MIN_PREFIX: Final = 3
_COMMON: Final = frozenset({"start", "gather"})
_KEPT_GATHER: Final = r"(?<!await )(?<!await asyncio\.)\bgather\s*\("
ENTERING: Final = re.compile(rb"\bwith\b|enter_(?:async_)?context")
"""A ``with`` statement or an exit stack."""

PROPERTY: Final = re.compile(
    rb"@[^\n]*property[^\n]*\n(?:[ \t]*(?:[@#][^\n]*)?\n)*[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)"
)
"""A property, with its name."""


def members_of_libraries(names: Iterable[str]) -> re.Pattern[bytes]:
    """``library.module.name``, or something imported from such a library, under any name."""
    libraries = b"|".join(sorted({each.partition(".")[0].encode() for each in names}))
    members = b"|".join(sorted({each.rpartition(".")[2].encode() for each in names}))
    return re.compile(
        rb"\b(?:" + libraries + rb")(?:\.\w+)*(?:\s+(?:as|import)\b|\.(?:" + members + rb")\b)"
    )


@cache
def attribute(name: str) -> re.Pattern[bytes]:
    """``x.name``, or the name as a string for ``getattr``."""
    word = re.escape(name.encode())
    return re.compile(rb"\.\s*" + word + rb"\b|[\"']" + word + rb"[\"']")


@cache
def function(name: str) -> re.Pattern[bytes]:
    """A module's function: called, handed on, imported under another name, or named by a string."""
    word = re.escape(name.encode())
    return re.compile(
        rb"(?<!def )\b" + word + rb"\s*\(|[(=,:\[{]\s*(?:\w+\.)*" + word + rb"\s*[,)\]}\n]"
        + rb"|\b" + word + rb"\s+as\b|@[\w.]*\b" + word + rb"\b|[\"']" + word + rb"[\"']"
        + rb"|\breturn\s+" + word + rb"\b"
    )  # fmt: skip


@cache
def construction(name: str) -> re.Pattern[bytes]:
    """A class that is called, handed on, put in a table, or imported under another name."""
    word = re.escape(name.encode())
    return re.compile(
        rb"\b" + word + rb"\s*\(|[=\[{(]\s*(?:\w+\.)*" + word + rb"\s*[,)\]}\n]"
        + rb"|[\"']\s*:\s*(?:\w+\.)*" + word + rb"\b|\b" + word + rb"\s+as\b"
        + rb"|\breturn\s+" + word + rb"\b"
    )  # fmt: skip


@cache
def assigned_attribute(name: str) -> re.Pattern[str]:
    """``x.name = value``, also annotated, one of several targets, or the target of a ``with``."""
    word = re.escape(name)
    return re.compile(
        rf"\.\s*{word}\s*(?:=(?!=)|:\s*[^\s=]|[,)\]](?:[^\n]*=|[^\n\w]*\n))"
        rf"|\bas\s+[\w.]+\.\s*{word}\b"
    )


@cache
def stored(name: str) -> re.Pattern[str]:
    """``name[key]``, which may be assigned."""
    return re.compile(rf"\b{re.escape(name)}\s*\[")


@cache
def string_beginning(name: str) -> re.Pattern[str]:
    """A string that may be the beginning of a name: for ``getattr(x, "handle_" + kind)``."""
    return re.compile(rf"[\"']{re.escape(name[:_MIN_PREFIX])}")


@cache
def spawners(words: frozenset[str]) -> re.Pattern[str]:
    """What calls, hands on or renames a spawner of some name.

    A class is no more than a type where it stands in an annotation, and what is gathered in an
    ``await`` ends there.
    """
    classes = "|".join(sorted(word for word in words if word[:1].isupper()))
    functions = "|".join(sorted(word for word in words - _COMMON if not word[:1].isupper()))
    return re.compile(
        rf"\b(?:{functions})\b|\b(?:{classes})\s*(?:[(,)]|if\b)"
        rf"|(?:=|\belse|\bor)\s*(?:\w+\.)*(?:{classes})\b|\.\s*start\b|{_KEPT_GATHER}"
    )


KEPT_GATHER: Final = re.compile(_KEPT_GATHER.encode())


@cache
def any_name(names: frozenset[str]) -> re.Pattern[str]:
    """Any of some identifiers, in text; nothing where there are none."""
    words = "|".join(re.escape(name) for name in sorted(names))
    return re.compile(rf"\b(?:{words})\b" if words else r"(?!)")


@cache
def member(name: str) -> re.Pattern[str]:
    """``x.name``, in text."""
    return re.compile(rf"\.\s*{re.escape(name)}\b")


@cache
def definition(name: str) -> re.Pattern[bytes]:
    """``def name``."""
    return re.compile(rb"\bdef\s+" + re.escape(name.encode()) + rb"\b")


def holds_word(source: bytes, names: Iterable[str]) -> bool:
    """Whether any of some identifiers stands in source.

    Plain finds come first: an alternation of words costs ten times as much as looking for each.
    """
    present = [name for name in names if name.encode() in source]
    return bool(present) and any_word(frozenset(present)).search(source) is not None


@cache
def any_word(names: frozenset[str]) -> re.Pattern[bytes]:
    """Any of some identifiers."""
    words = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb"\b(?:" + words + rb")\b")


@cache
def queue_member(name: str, methods: frozenset[str]) -> re.Pattern[bytes]:
    """``x.name.put(`` and its kin, or ``x.name`` handed on or assigned."""
    word = re.escape(name.encode())
    verbs = b"|".join(re.escape(method.encode()) for method in sorted(methods))
    return re.compile(
        rb"\.\s*" + word + rb"\s*\.\s*(?:" + verbs + rb")\b|\.\s*" + word + rb"\s*(?:[,)=\n]|:=)"
    )


@cache
def made(names: frozenset[str]) -> re.Pattern[bytes]:
    """A call of one of some classes; the class as a default factory, a base, or by another name."""
    words = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(
        rb"\b(?:" + words + rb")(?:\[[^\]\n]*\])*\s*\(|=\s*(?:\w+\.)*(?:" + words + rb")\s*[,)\n]"
        rb"|\b(?:" + words + rb")\s+as\b|\bclass\s+\w+\s*\([^):]*\b(?:" + words + rb")\b"
    )
