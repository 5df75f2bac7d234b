"""Setting one key of `[tool.ctxlint]` in the text of a pyproject.toml; all else stays as it is.

The text is edited, not written anew from data, and the result is read again: if it does not say
what it said before plus the key, it is not used. So the few shapes known here are enough.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

from ctxlint.keys import to_toml
from ctxlint.pyproject import table

_HEADER: Final = re.compile(
    r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*ctxlint[ \t]*\][ \t]*(?:\#[^\n]*?)?(\r?\n|\Z)", re.M
)
_NEXT_HEADER: Final = re.compile(r"^[ \t]*\[", re.M)


def with_key(text: str, key: str, value: str) -> str | None:
    """The text with `key = "value"` in the table; None where that has to be done by hand.

    Raises ValueError (tomllib.TOMLDecodeError) for a text that is no TOML.
    """
    before = tomllib.loads(text)
    if table(before, "tool", "ctxlint").get(key) == value:
        return text
    line = f"{key} = {to_toml(value)}"
    edited = _edited(text, key, line)
    try:
        after = tomllib.loads(edited)
    except tomllib.TOMLDecodeError:
        return None
    expected = tomllib.loads(text)
    tool = expected.setdefault("tool", {})
    tool.setdefault("ctxlint", {})[key] = value
    return edited if after == expected else None


def _edited(text: str, key: str, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    header = _HEADER.search(text)
    if header is None:
        gap = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
        return f"{text}{gap}[tool.ctxlint]{newline}{line}{newline}"
    start = header.end()
    following = _NEXT_HEADER.search(text, start)
    end = following.start() if following else len(text)
    present = re.compile(rf"^([ \t]*){re.escape(key)}[ \t]*=[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*')", re.M)
    old = present.search(text, start, end)
    if old is not None:
        return f"{text[: old.start()]}{old[1]}{line}{text[old.end() :]}"
    gap = "" if header[1] else newline
    return f"{text[:start]}{gap}{line}{newline}{text[start:]}"
