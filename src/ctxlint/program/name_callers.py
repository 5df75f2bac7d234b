"""Names of functions that may call one of some names, by the text alone.

A call can only lead to a function through names that this finds: what is called by other
names need not be resolved to know that it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .modules import Sources

_MAX_NAMES: Final = 80
_BLOCK: Final = re.compile(rb"^([ \t]*)(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_INDENT: Final = re.compile(rb"[ \t]*")


def leading_to(names: Iterable[str], sources: Sources, levels: int) -> frozenset[str]:
    """The names themselves, those they are imported as, and those of functions that call them."""
    found = set(names)
    new = set(found)
    for _ in range(levels):
        new = {each for name in sorted(new) for each in _one_level(name, sources)} - found
        if len(found) + len(new) > _MAX_NAMES:
            break
        found |= new
    return frozenset(found)


def _one_level(name: str, sources: Sources) -> Iterator[str]:
    word = re.escape(name.encode())
    spoken = re.compile(rb"(?<!def )\b" + word + rb"\s*\(|\b" + word + rb"\s+as\s+([A-Za-z_]\w*)")
    for path in sources.containing(name):
        source = sources.read(path)
        for match in spoken.finditer(source):
            alias = match[1]
            around = _function_around(source, match.start()) if alias is None else alias
            if around is not None:
                yield around.decode(errors="replace")


def _function_around(source: bytes, at: int) -> bytes | None:
    """The function in which an offset stands: the last one above it that is less indented."""
    line = source.rfind(b"\n", 0, at) + 1
    indent = _INDENT.match(source, line)
    width = len(indent[0]) if indent is not None else 0
    above = source.rfind(b"def ", 0, line)
    while above >= 0 and width:
        start = source.rfind(b"\n", 0, above) + 1
        block = _BLOCK.match(source, start)
        if block is not None and len(block[1]) < width:
            return block[2]
        above = source.rfind(b"def ", 0, start)
    return None
