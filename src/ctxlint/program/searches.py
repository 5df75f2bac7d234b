"""Byte patterns that say in which files a thing can be used at all: search before you parse.

A pattern may let too many files through, never too few of those whose uses could be resolved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from msgspec import Struct

from ..questions import question, questions, questions_of_word
from .surroundings import Around, Search, beginning, in_bytes, in_text

_MIN_PREFIX: Final = 3
# As all that is searched for often, it begins with letters: these are found without trying more.
_KEPT_GATHER: Final = r"gather(?<!\wgather)(?<!await gather)(?<!await asyncio\.gather)\s*\("
_MAKES_CONTEXT: Final = re.compile(rb"\bContext\s*\(\s*\)|\bcopy_context\b")
_ENTERING: Final = re.compile(rb"\bwith\b|enter_(?:async_)?context")


class Kind(Struct, frozen=True):
    """A kind of use, to look for in the bytes of files and in the text of modules."""

    bytes: Around[bytes]
    text: Around[str]


def _kind(before: str | None = None, behind: str | None = None) -> Kind:
    """``before`` and ``behind`` a word, as regular expressions."""
    before = None if before is None else rf"{before}\Z"
    return Kind(
        Around(
            None if before is None else re.compile(before.encode()),
            None if behind is None else re.compile(behind.encode()),
        ),
        Around(
            None if before is None else re.compile(before),
            None if behind is None else re.compile(behind),
        ),
    )


_ANYTHING: Final = _kind()
_MEMBER: Final = _kind(r"\.\s*")
_STRING: Final = _kind(r"[\"']", r"[\"']")
_QUOTED: Final = _kind(r"[\"']")
_DEFINED: Final = _kind(r"def(?<!\wdef)\s+")
_CALLED: Final = _kind(r"(?<!def )", r"\s*\(")
_HANDED_ON: Final = _kind(r"[(=,:\[{]\s*(?:\w+\.)*", r"\s*[,)\]}\n]")
_IN_TABLE: Final = _kind(r"[\"']\s*:\s*(?:\w+\.)*")
_RENAMED: Final = _kind(behind=r"\s+as\b")
_DECORATING: Final = _kind(r"@[\w.]*")
_RETURNED: Final = _kind(r"return(?<!\wreturn)\s+")
_CHOSEN: Final = _kind(r"(?:else(?<!\welse)|or(?<!\wor))\s+(?:\w+\.)*")
_CHOSEN_FIRST: Final = _kind(behind=r"\s+(?:if|or)\b")
_SET: Final = _kind(behind=r"\s*\.\s*set\s*\(")
_CALLED_MEMBER: Final = _kind(r"\.\s*", r"\s*\(")
_PASSED: Final = _kind(r"\.\s*", r"\s*(?:[,)=\n]|:=)")
_NEW_NAME: Final = re.compile(rb"\w+\s+as\s+(\w+)")
_SUBSCRIBED: Final = _kind(behind=r"\s*\[")
_ASSIGNED: Final = re.compile(r"\.\s*(\w+)\s*(?==(?!=)|:\s*[^\s=]|[,)\]](?:[^\n]*=|[^\n\w]*\n))")
_ENTERED_AS: Final = re.compile(r"as(?<!\was)\s+[\w.]+\.\s*(\w+)")
_TYPE_CALLED: Final = _kind(behind=r"\s*(?:[(,)]|if\b)")
_TYPE_CHOSEN: Final = _kind(r"(?:=|\belse|\bor)\s*(?:\w+\.)*")
_USES_OF_FUNCTIONS: Final = (_CALLED, _HANDED_ON, _RENAMED, _DECORATING, _STRING, _RETURNED)
_USES_OF_CLASSES: Final = (
    _CALLED, _HANDED_ON, _IN_TABLE, _RENAMED, _RETURNED, _CHOSEN, _CHOSEN_FIRST
)  # fmt: skip

_PROPERTY: Final = re.compile(
    rb"@[^\n]*property[^\n]*\n(?:[ \t]*(?:[@#][^\n]*)?\n)*[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)"
)


@question
def enters(source: bytes) -> bool:
    """Whether source holds a ``with`` statement or an exit stack."""
    return _ENTERING.search(source) is not None


@question
def makes_context(source: bytes) -> bool:
    """Whether source makes a context, or copies one."""
    return _MAKES_CONTEXT.search(source) is not None


@question
def properties(source: bytes) -> tuple[str, ...]:
    """The names of properties."""
    return tuple(name.decode(errors="replace") for name in _PROPERTY.findall(source))


@questions
def names_member(members: frozenset[str]) -> Callable[[bytes], bool]:
    """``library.module.name``, or something imported from such a library, under any name."""
    libraries = b"|".join(sorted({each.partition(".")[0].encode() for each in members}))
    names = b"|".join(sorted({each.rpartition(".")[2].encode() for each in members}))
    pattern = re.compile(
        rb"\b(?:" + libraries + rb")(?:\.\w+)*(?:\s+(?:as|import)\b|\.(?:" + names + rb")\b)"
    )
    return lambda source: pattern.search(source) is not None


@questions_of_word
def attribute(name: str) -> Callable[[bytes], bool]:
    """``x.name``, or the name as a string for ``getattr``."""
    return in_bytes(name, _MEMBER.bytes, _STRING.bytes).search


@questions_of_word
def function(name: str) -> Callable[[bytes], bool]:
    """A module's function: called, handed on, imported under another name, or named by a string."""
    return in_bytes(name, *(kind.bytes for kind in _USES_OF_FUNCTIONS)).search


@cache
def function_in_text(name: str) -> Search[str]:
    """The same, in the text of a module."""
    return in_text(name, *(kind.text for kind in _USES_OF_FUNCTIONS))


@questions_of_word
def construction(name: str) -> Callable[[bytes], bool]:
    """A class that is called, handed on, put in a table, imported under another name, or chosen
    from several."""
    return in_bytes(name, *(kind.bytes for kind in _USES_OF_CLASSES)).search


@cache
def construction_in_text(name: str) -> Search[str]:
    """The same, in the text of a module."""
    return in_text(name, *(kind.text for kind in _USES_OF_CLASSES))


def assigned_attributes(text: str, start: int, end: int) -> frozenset[str]:
    """The names in ``x.name = value``, also annotated, one of several targets, or the target of a
    ``with``, that stand in a part of some text."""
    assigned = _ASSIGNED.findall(text, start, end)
    return frozenset(assigned).union(_ENTERED_AS.findall(text, start, end))


@cache
def stored(name: str) -> Search[str]:
    """``name[key]``, which may be assigned."""
    return in_text(name, _SUBSCRIBED.text)


@cache
def string_beginning(name: str) -> Search[str]:
    """A string that may be the beginning of a name: for ``getattr(x, "handle_" + kind)``."""
    return beginning(name[:_MIN_PREFIX], _QUOTED.text)


@cache
def spawner(word: str) -> Search[str] | re.Pattern[str]:
    """What calls, hands on or renames a spawner of some name.

    A class is no more than a type where it stands in an annotation, and what is gathered in an
    ``await`` ends there.
    """
    if word == "gather":
        return re.compile(_KEPT_GATHER)
    if word == "start":
        return in_text(word, _MEMBER.text)
    kinds = (_TYPE_CALLED, _TYPE_CHOSEN) if word[:1].isupper() else (_ANYTHING,)
    return in_text(word, *(kind.text for kind in kinds))


KEPT_GATHER: Final = re.compile(_KEPT_GATHER.encode())


@cache
def any_name(names: frozenset[str]) -> re.Pattern[str]:
    """Any of some identifiers, in the text of a module; nothing where there are none."""
    spelled = [name for name in names if name.isidentifier()]  # a string may name anything
    return re.compile(rf"{beginning_with(spelled)}\b") if spelled else _NOTHING


def beginning_with(names: Iterable[str]) -> str:
    """A regular expression for any of some identifiers, and for longer ones that begin with it.

    Each begins with its own letter; what stands before that is looked at afterwards.
    """
    found = [rf"{name[0]}(?<!\w{name[0]}){name[1:]}" for name in sorted(names)]
    return f"(?:{'|'.join(found)})"


_NOTHING: Final = re.compile("\0")  # a file with such a character is no module


@cache
def member(name: str) -> Search[str]:
    """``x.name``, in text."""
    return in_text(name, _MEMBER.text)


@cache
def class_with_base(name: str) -> re.Pattern[str]:
    """A class with a base of some name, which may stand lines below."""
    return re.compile(rf"class\s+\w+\s*\([^)]*\b{re.escape(name)}\b")


@questions_of_word
def definition(name: str) -> Callable[[bytes], bool]:
    """``def name``."""
    return in_bytes(name, _DEFINED.bytes).search


@cache
def definition_in_text(name: str) -> Search[str]:
    """The same, in the text of a module."""
    return in_text(name, _DEFINED.text)


def holds_word(source: bytes, names: Iterable[str]) -> bool:
    """Whether any of some identifiers stands in source.

    Plain finds come first: an alternation of words costs ten times as much as looking for each.
    """
    present = [name for name in names if name.encode() in source]
    return bool(present) and _any_word(frozenset(present)).search(source) is not None


@cache
def _any_word(names: frozenset[str]) -> re.Pattern[bytes]:
    """Any of some identifiers."""
    words = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb"\b(?:" + words + rb")\b")


@questions_of_word
def other_names(name: str) -> Callable[[bytes], tuple[str, ...]]:
    """``name as other``: the other names."""
    search = in_bytes(name, _RENAMED.bytes)

    def found(source: bytes) -> tuple[str, ...]:
        matches = (_NEW_NAME.match(source, at) for at in search.starts(source))
        return tuple(match[1].decode(errors="replace") for match in matches if match is not None)

    return found


@questions_of_word
def called_member(name: str) -> Callable[[bytes], bool]:
    """``x.name(``."""
    return in_bytes(name, _CALLED_MEMBER.bytes).search


@questions_of_word
def setting(name: str) -> Callable[[bytes], bool]:
    """``name.set(``."""
    return in_bytes(name, _SET.bytes).search


@cache
def _any_method(names: frozenset[str]) -> re.Pattern[bytes]:
    words = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb"\s*\.\s*(?:" + words + rb")\b")


@questions_of_word
def queue_member(name: str, methods: frozenset[str]) -> Callable[[bytes], bool]:
    """``x.name.put(`` and its kin, or ``x.name`` handed on or assigned."""
    methods_called = Around(_MEMBER.bytes.before, _any_method(methods))
    return in_bytes(name, methods_called, _PASSED.bytes).search


@questions
def made(names: frozenset[str]) -> Callable[[bytes], bool]:
    """A call of one of some classes; the class as a default factory, a base, or by another name."""
    words = b"|".join(re.escape(name.encode()) for name in sorted(names))
    pattern = re.compile(
        rb"\b(?:" + words + rb")(?:\[[^\]\n]*\])*\s*\(|=\s*(?:\w+\.)*(?:" + words + rb")\s*[,)\n]"
        rb"|\b(?:" + words + rb")\s+as\b|\bclass\s+\w+\s*\([^):]*\b(?:" + words + rb")\b"
    )
    return lambda source: pattern.search(source) is not None
