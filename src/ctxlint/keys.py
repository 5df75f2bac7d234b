"""What each key of `[tool.ctxlint]` takes: from what TOML gives to what the analysis uses.

A reader returns the value or raises BadValue, whose message the settings complete with the file
and the key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from ctxlint import rows
from ctxlint.rows import BadValue, nearest, show_value
from ctxlint.rules.codes import CODES, covers

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Reader = Callable[[object], object]


@functools.lru_cache(maxsize=1024)
def path_pattern(pattern: str) -> GitIgnoreSpec:
    """The compiled form of one gitignore-style pattern. Raises ValueError for one that is none."""
    from pathspec import GitIgnoreSpec  # which a run without patterns does not pay for

    from ctxlint.ignores import unwarned

    try:
        with unwarned():
            return GitIgnoreSpec.from_lines([pattern])
    except re.error as error:
        raise ValueError(str(error)) from None


def to_toml(value: object) -> str:
    """A setting's value, as it is written in TOML on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(to_toml(item) for item in value)}]"
    if isinstance(value, Mapping):
        # Rows leave out what they do not say: TOML knows no null.
        pairs = [
            f"{_key(key)} = {to_toml(item)}" for key, item in value.items() if item is not None
        ]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _key(key: object) -> str:
    text = str(key)
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but TOML also wants DEL escaped.
    import json  # only to show settings

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise BadValue(f'expected a list of strings such as ["..."], got {show_value(value)}')


def _codes(value: object) -> tuple[str, ...]:
    # Flags and careless lists: "CTX1,CTX2" is two codes.
    result = tuple(code for text in _texts(value) for code in re.split(r"[,\s]+", text) if code)
    for prefix in result:
        if not any(covers(prefix, code) for code in CODES):
            raise BadValue(_unknown_code(prefix))
    return result


def _unknown_code(prefix: str) -> str:
    by_name = {name: code for code, name in CODES.items()}
    codes = {code.lower(): code for code in CODES}
    if any(covers(prefix.upper(), code) for code in CODES):
        return f'unknown code "{prefix}", did you mean "{prefix.upper()}"?'
    hint = nearest(prefix, codes) or nearest(prefix, by_name)
    for word, code in (codes | by_name).items():
        hint = hint.replace(f'"{word}"', f'"{code}"')
    return f'unknown code "{prefix}"{hint}'


def _patterns(value: object) -> tuple[str, ...]:
    patterns = _texts(value)
    for pattern in patterns:
        _check_pattern(pattern)
    return patterns


def _check_pattern(pattern: str) -> None:
    try:
        path_pattern(pattern)
    except ValueError as error:
        raise BadValue(f'"{pattern}" is no path pattern: {error}') from None


def _per_file_ignores(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        example = '{ "tests/*" = ["CTX1"] }'
        raise BadValue(f"expected a table such as {example}, got {show_value(value)}")
    result: dict[str, tuple[str, ...]] = {}
    for pattern, codes in value.items():
        _check_pattern(pattern.removeprefix("!"))
        try:
            result[pattern] = _codes(codes)
        except BadValue as error:
            raise BadValue(f'"{pattern}": {error}') from None
    return result


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise BadValue(f"expected true or false, got {show_value(value)}")


def _flag_or_auto(value: object) -> bool | str:
    if isinstance(value, bool) or value == "auto":
        return value if isinstance(value, bool) else "auto"
    raise BadValue(f'expected true, false or "auto", got {show_value(value)}')


def _fix_style(value: object) -> str:
    if value in ("auto", "helpers", "stdlib"):
        return str(value)
    raise BadValue(f'expected "auto", "helpers" or "stdlib", got {show_value(value)}')


def _helpers(value: object) -> str | dict[str, str]:
    """A module with the names of ctxlint.detached, or a table of a project's own names."""
    if isinstance(value, str):
        return rows.module("", value)
    if not isinstance(value, Mapping) or not value:
        example = '{ task = "myapp.tasks.spawn_detached" }'
        raise BadValue(
            f'expected a module such as "myapp.detached" or a table such as {example}, '
            f"got {show_value(value)}"
        )
    for role, name in value.items():
        if role not in rows.ROLES:
            allowed = ", ".join(rows.ROLES)
            raise BadValue(f'unknown key "{role}"{nearest(role, rows.ROLES)} (allowed: {allowed})')
        if not isinstance(name, str):
            raise BadValue(f"{role} must be a dotted name, got {show_value(name)}")
        rows.dotted(role, name)
    return dict(value)


def _rows(read: Reader, example: str) -> Reader:
    def reader(value: object) -> tuple[object, ...]:
        if not isinstance(value, (list, tuple)):
            raise BadValue(f"expected a list such as [{example}], got {show_value(value)}")
        result = []
        for number, item in enumerate(value, 1):
            try:
                result.append(read(item))
            except BadValue as error:
                raise BadValue(f"row {number}: {error}") from None
        return tuple(result)

    return reader


def _names(check: Callable[[str, str], str], example: str) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise BadValue(f"expected a string such as {example}, got {show_value(value)}")
        return check("", value)

    return _rows(read, example)


def _file_or_none(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    raise BadValue(f'expected a file such as "ctxlint-baseline.json", got {show_value(value)}')


def _file(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise BadValue(f'expected a file such as "../pyproject.toml", got {show_value(value)}')


READERS: Final[Mapping[str, Reader]] = {
    "extend": _file,
    "select": _codes,
    "ignore": _codes,
    "extend-select": _codes,
    "exclude": _patterns,
    "extend-exclude": _patterns,
    "force-exclude": _flag,
    "per-file-ignores": _per_file_ignores,
    "baseline": _file_or_none,
    "threads-inherit": _flag_or_auto,
    "public-starters": _flag,
    "spawners": _rows(rows.spawner, rows.EXAMPLES[rows.SpawnerRow]),
    "queues": _rows(rows.queue, rows.EXAMPLES[rows.QueueRow]),
    "entry-points": _rows(rows.entry_point, '"myapp.handlers.*"'),
    "startup-functions": _names(rows.pattern, '"myapp.boot.*"'),
    "detaching-helpers": _names(rows.dotted, '"myapp.tasks.spawn_detached"'),
    "identity-fields": _names(rows.identifier, '"tenant_token"'),
    "helpers": _helpers,
    "fix-style": _fix_style,
    "never-carry": _names(rows.dotted, '"myapp.db.session"'),
}
