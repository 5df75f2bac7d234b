"""Reading TOML files of the user's: the one place where their text becomes data, or a reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from .regular import content

# Python's parser takes seconds for each megabyte, and a run asks for the same file several times.
_LONGEST: Final = 2**20

# Keys in keys: the parser takes memory with the square of their number.
_DEEP_KEY: Final = re.compile(rb"(?<![\w-])(?:[\"']?[\w-]++[\"']?[ \t]*+\.[ \t]*+){200}")


class BadToml(ValueError):
    """A file that is there and cannot be used; the message says why, without the file's name."""


def read(path: Path) -> dict[str, object] | None:
    """What a TOML file says; None when it is not there. Raises BadToml."""
    try:
        source = content(path, _LONGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadToml(f"cannot be read: {error.strerror}") from None
    import tomllib  # only for a file that is there

    if _DEEP_KEY.search(source):
        raise BadToml("not usable: a key of more than 200 parts")
    try:
        return tomllib.loads(source.decode())
    except UnicodeDecodeError as error:
        raise BadToml(f"not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:  # a number may be too long for Python
        raise BadToml(f"not valid TOML: {error}") from None


def table(data: object, *keys: str) -> dict[str, object]:
    """The table at a path of keys; empty where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def strings(value: object) -> tuple[str, ...]:
    """The strings of a list; none where it is no list."""
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
