"""Whether a stream gets colours, and text in them where rich does not lay it out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Literal, TextIO

Style = Literal["bold", "red", "green", "cyan", "bold red"]
_CODES: Final[Mapping[Style, str]] = {
    "bold": "1",
    "red": "31",
    "green": "32",
    "cyan": "36",
    "bold red": "1;31",
}


def has_colors(stream: TextIO) -> bool:
    """Return whether a stream gets colours: on terminals, unless the environment says otherwise.

    A `NO_COLOR` that is not empty wins (https://no-color.org), then such a `FORCE_COLOR`
    (https://force-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def painted(text: str, style: Style, colors: bool) -> str:
    """Return the text in a style, or as it is."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if colors else text
