"""Places in the program, and how findings show them: lines, columns, where a call ends."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from ..findings import Step
from .index import ModuleIndex

_BRACKET: Final = re.compile(
    r"#[^\n]*|(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    r"|\"(?:[^\\\"\n]|\\.)*\"|'(?:[^\\'\n]|\\.)*')|[()\[\]{}]",
    re.DOTALL,
)
_NAME: Final = re.compile(r"\w+")


class Place(Struct, frozen=True):
    """A place in the program, for trails."""

    module: ModuleIndex
    at: int
    message: str


def step(place: Place) -> Step:
    """A place as a step of a trail."""
    line, column = place.module.facts.position(place.at)
    return Step(place.module.path.as_posix(), line, column, place.message)


def end_of_call(text: str, at: int, module: ModuleIndex) -> tuple[int, int]:
    """Line and column just behind a call, or a name, that starts at ``at``.

    A call may be one of a chain (``get_loop().create_task(x)``): it ends at the last bracket
    that is closed before anything but an attribute follows.
    """
    depth = 0
    name = _NAME.match(text, at)
    end = at if name is None else name.end()
    position = at
    while True:
        match = _BRACKET.search(text, position)
        if match is None:
            break
        token = match.group()
        position = match.end()
        if token in ("(", "[", "{"):
            depth += 1
        elif token in (")", "]", "}"):
            depth -= 1
            if depth < 0:
                break
            if depth == 0:
                end = position
                rest = re.compile(r"\s*\.\s*\w+\s*[(\[]|\s*[(\[]").match(text, position)
                if rest is None or "\n" in rest.group().split("(")[0].strip("\n "):
                    break
    return module.facts.position(max(end, at))
