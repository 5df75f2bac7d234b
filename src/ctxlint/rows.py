"""The rows that users add to what is known of other people's functions, and what makes a row good.

A row is a table (or, for entry points, a plain dotted name) in pyproject.toml::

    [tool.ctxlint]
    spawners = [{ call = "myapp.tasks.spawn", callee = 0, kind = "task" }]
    queues = [{ type = "myapp.bus.Channel", put = ["publish"], get = ["receive"] }]
    entry-points = ["myapp.handlers.*", { base = "myapp.Handler", methods = ["handle"] }]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar, get_args

import msgspec

Kind = Literal["task", "thread", "timer"]

# What fixes need helpers for: to start a task or a thread, to call what starts something, to take
# a context, to activate it, and to put it beside an item.
Role = Literal["task", "thread", "run", "capture", "activate", "item"]

KINDS: tuple[str, ...] = get_args(Kind)
ROLES: tuple[Role, ...] = get_args(Role)

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_PATTERN = re.compile(r"[\w*?\[\]!-]+(?:\.[\w*?\[\]!-]+)+|\*")


class BadValue(ValueError):
    """A value that makes no sense; the message says what is wrong and what is allowed."""


class SpawnerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function that starts concurrent execution of its argument.

    `callee` says which argument is run: a position counted from 0, or a keyword's name.
    `detached` says that it is run in a context without the caller's request variables.
    """

    call: str
    callee: int | str = 0
    kind: Kind = "task"
    detached: bool = False


class QueueRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class whose instances hand items over, and the names of its methods that do so."""

    type: str
    put: tuple[str, ...]
    get: tuple[str, ...]


class EntryPointRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Request scope begins here: in functions of this name (fnmatch patterns allowed), in
    what this decorator is put on, or in these methods of this class's subclasses.

    Exactly one of `function`, `decorator` and `base` is set; `methods` belongs to `base`.
    """

    function: str | None = None
    decorator: str | None = None
    base: str | None = None
    methods: tuple[str, ...] = ()


Row = TypeVar("Row", SpawnerRow, QueueRow, EntryPointRow)


def nearest(word: str, words: Iterable[str]) -> str:
    """`, did you mean "…"?` for the one of `words` most like `word`, or `` when none is like it."""
    import difflib  # only for what is misspelled

    close = difflib.get_close_matches(word.lower(), sorted(words), n=1, cutoff=0.5)
    return f', did you mean "{close[0]}"?' if close else ""


def spawner(value: object) -> SpawnerRow:
    """A row of `spawners`. Raises BadValue."""
    row = _convert(value, SpawnerRow)
    dotted("call", row.call)
    if isinstance(row.callee, int) and row.callee < 0:
        raise BadValue(f"callee = {row.callee}: positions count from 0")
    if isinstance(row.callee, str) and not row.callee.isidentifier():
        raise BadValue(f'callee = "{row.callee}": neither a position nor a keyword\'s name')
    return row


def queue(value: object) -> QueueRow:
    """A row of `queues`. Raises BadValue."""
    row = _convert(value, QueueRow)
    dotted("type", row.type)
    _methods("put", row.put)
    _methods("get", row.get)
    return row


def entry_point(value: object) -> EntryPointRow:
    """A row of `entry-points`; a plain string names functions. Raises BadValue."""
    if isinstance(value, str):
        return EntryPointRow(function=pattern("", value))
    row = _convert(value, EntryPointRow)
    given = [key for key in ("function", "decorator", "base") if getattr(row, key) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise BadValue(f"needs exactly one of function, decorator and base, has {found}")
    check = pattern if row.function is not None else dotted
    check(given[0], getattr(row, given[0]))
    if row.base is not None:
        _methods("methods", row.methods)
    elif row.methods:
        raise BadValue("methods belongs to base, which is not given")
    return row


def dotted(key: str, name: str) -> str:
    """`name`, if it is a dotted name such as `myapp.tasks.spawn`. Raises BadValue."""
    if not _DOTTED.fullmatch(name):
        raise BadValue(_not_dotted(key, name, "a dotted name such as"))
    return name


def module(key: str, name: str) -> str:
    """`name`, if it is a module's name such as `myapp.detached`. Raises BadValue."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise BadValue(f'{_place(key)}"{name}" is not a module such as "myapp.detached"')
    return name


def pattern(key: str, name: str) -> str:
    """`name`, if it is a dotted name in which `*`, `?` and `[...]` may stand. Raises BadValue."""
    if not _PATTERN.fullmatch(name):
        raise BadValue(_not_dotted(key, name, "a dotted name or pattern such as"))
    return name


def identifier(key: str, name: str) -> str:
    """`name`, if it is a Python identifier. Raises BadValue."""
    if not name.isidentifier():
        raise BadValue(f'{_place(key)}"{name}" is not an identifier')
    return name


def _not_dotted(key: str, name: str, expected: str) -> str:
    repaired = name.replace(":", ".").removesuffix("()")
    is_better = repaired != name and _PATTERN.fullmatch(repaired)
    example = repaired if is_better else "myapp.tasks.spawn"
    return f'{_place(key)}"{name}" is not {expected} "{example}"'


def _place(key: str) -> str:
    return f"{key}: " if key else ""


def _methods(key: str, names: tuple[str, ...]) -> None:
    if not names:
        raise BadValue(f"{key} is empty: name at least one method")
    for name in names:
        identifier(key, name)


def _convert(value: object, row_type: type[Row]) -> Row:
    if not isinstance(value, Mapping):
        raise BadValue(f"expected a table such as {EXAMPLES[row_type]}, got {show_value(value)}")
    fields = {field.name: field for field in msgspec.structs.fields(row_type)}
    for key in value:
        if key not in fields:
            allowed = ", ".join(fields)
            raise BadValue(f'unknown key "{key}"{nearest(str(key), fields)} (allowed: {allowed})')
    for name, field in fields.items():
        if field.required and name not in value:
            raise BadValue(f"lacks {name}; a row looks like {EXAMPLES[row_type]}")
    for key, given in value.items():
        _check_type(key, given, fields[key].type)
    return msgspec.convert(value, row_type)


def _check_type(key: str, given: object, field_type: object) -> None:
    try:
        msgspec.convert(given, field_type)
    except msgspec.ValidationError:
        expected = {
            "callee": "a position counted from 0 or a keyword's name",
            "kind": "one of " + ", ".join(f'"{kind}"' for kind in KINDS),
            "detached": "true or false",
            "put": "a list of method names",
            "get": "a list of method names",
            "methods": "a list of method names",
        }.get(key, "a dotted name")
        hint = nearest(given, KINDS) if key == "kind" and isinstance(given, str) else ""
        raise BadValue(f"{key} must be {expected}, got {show_value(given)}{hint}") from None


def show_value(value: object) -> str:
    """A value as a user wrote it in TOML, short enough for an error's line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}..."'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    return str(value)


EXAMPLES: dict[type, str] = {
    SpawnerRow: '{ call = "myapp.tasks.spawn", callee = 0, kind = "task" }',
    QueueRow: '{ type = "myapp.bus.Channel", put = ["publish"], get = ["receive"] }',
    EntryPointRow: '{ decorator = "myapp.bus.on" }',
}
