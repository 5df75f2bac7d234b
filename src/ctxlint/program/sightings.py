"""What one file names, by its bytes: context variables, classes, functions that empty or set them.

Asked of every file in which a word stands, before anything is parsed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Final

from ..questions import question, questions_of_word
from .glance import SETTERS
from .surroundings import lines_with

_VARIABLE: Final = re.compile(
    rb"(\w+)\s*(?::[^=\n]*)?=[\s(]*(?:\w+\.)*ContextVar\b|(\w+)\s*:[^=\n]*ContextVar\b"
)
"""``name = ContextVar(...)``, ``name: ContextVar[...] = ...``."""
_ASSIGNED: Final = re.compile(rb"(\w+)(?:\s*:[^=\n]+)?\s*=\s*(?:contextvars\.)?ContextVar\b")
_SETTING: Final = re.compile(
    rb"\b(?:set|%s)\s*\(" % b"|".join(word.encode() for _, word in SETTERS)
)
_DEFINED: Final = re.compile(rb"^([ \t]*)(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_RETURNED: Final = re.compile(rb"\breturn[ \t]+[^\s#]")
_OUTDENTED: Final = re.compile(rb"^[^\s#)\]}]", re.MULTILINE)
_CLASS: Final = re.compile(rb"^class[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_DERIVED: Final = re.compile(rb"class\s+(\w+)\s*\(([^)]*)\)")
_WORD: Final = re.compile(rb"[A-Za-z_]\w*")
# These begin with letters, or a dot: what is found without trying more.
_DEF: Final = re.compile(rb"def(?<!\wdef)\s+(\w+)")
_CLEARING: Final = (
    re.compile(rb"\.\s*set\s*\(\s*(?:None|\"\"|''|\[\s*\]|\{\s*\}|\(\s*\)|\w+\(\s*\))\s*\)"),
    *(
        re.compile(rb"%b(?<!\w%b)\s*\(" % (word, word))
        for word in (b"attach", b"use_span", b"clear_contextvars")
    ),
)


@question
def variables(source: bytes) -> tuple[str, ...]:
    """The names of what may be a context variable: assigned as one, or annotated so."""
    return tuple(
        _text(found[0] or found[1])
        for lines in lines_with(b"ContextVar", source)
        for found in _VARIABLE.findall(lines)
    )


@question
def assigned_variables(source: bytes) -> tuple[str, ...]:
    """The names that a new context variable is assigned to."""
    return tuple(map(_text, _ASSIGNED.findall(source)))


@question
def classes(source: bytes) -> tuple[str, ...]:
    """The names of the classes of a module."""
    return tuple(map(_text, _CLASS.findall(source)))


@questions_of_word
def holders(name: str) -> Callable[[bytes], tuple[str, ...]]:
    """By which names a module may hand out objects of a class: variables that it assigns one to,
    and functions that return something and speak of the class, or of such a variable."""
    word = re.escape(name.encode())
    made = re.compile(rb"^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=(?!=)[^\n]*\b%b\s*\(" % word, re.MULTILINE)
    annotated = re.compile(rb"^(\w+)[ \t]*:[^=\n]*\b%b\b" % word, re.MULTILINE)

    def found(source: bytes) -> tuple[str, ...]:
        assigned = made.findall(source)
        variables = {each for each in assigned if _is_global(each, source)}
        variables.update(annotated.findall(source))
        spoken = re.compile(rb"\b(?:%b)\b" % b"|".join((word, *sorted(variables))))
        functions = {each for each, body in _functions(source) if _gives(spoken, body)}
        return tuple(map(_text, sorted(variables | functions)))

    return found


def _is_global(name: bytes, source: bytes) -> bool:
    return re.search(rb"^%b\b" % name, source, re.MULTILINE) is not None


def _functions(source: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The functions of a module, each with its text, up to the next statement of the module."""
    for each in _DEFINED.finditer(source):
        if not each[1]:
            end = _OUTDENTED.search(source, each.end())
            yield each[2], source[each.end() : end.start() if end is not None else len(source)]


def _gives(spoken: re.Pattern[bytes], body: bytes) -> bool:
    return _RETURNED.search(body) is not None and spoken.search(body) is not None


@question
def derivations(source: bytes) -> tuple[str, ...]:
    """The names of classes, each with the words among its bases behind it."""
    return tuple(
        _text(b" ".join((name, *_WORD.findall(bases)))) for name, bases in _DERIVED.findall(source)
    )


@question
def clearers(source: bytes) -> tuple[str, ...]:
    """The names of functions in which something is emptied."""
    clearing = sorted(each.start() for kind in _CLEARING for each in kind.finditer(source))
    if not clearing:
        return ()
    definitions = list(_DEF.finditer(source))
    starts = [each.start(1) for each in definitions]
    found: dict[bytes, None] = {}
    for at in clearing:
        index = bisect_right(starts, at) - 1
        if index >= 0 and starts[index] != at:
            found[definitions[index][1]] = None
    return tuple(map(_text, found))


@question
def token_givers(source: bytes) -> tuple[str, ...]:
    """The names of functions that set something and return something, as they are indented."""
    return tuple(map(_text, _returning(source)))


def _returning(source: bytes) -> Iterator[bytes]:
    found = list(_DEFINED.finditer(source))
    ends = (*(each.start() for each in found[1:]), len(source))
    for each, end in zip(found, ends, strict=False):
        if _SETTING.search(source, each.end(), end) and _RETURNED.search(source, each.end(), end):
            yield each[1] + each[2]


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
