"""What one intent does to one file: edits, and the imports that their text needs."""

from __future__ import annotations

import msgspec

from .edits import Edit


class Needed(msgspec.Struct, frozen=True, order=True):
    """Something of another module that the text of a fix names.

    ``qualified`` asks for ``module.name`` by ``import module``, which is how the standard library
    is mostly written; else it is ``from module import name``.
    """

    module: str
    name: str
    qualified: bool = False


class Changes(msgspec.Struct, frozen=True):
    """The edits of one file, the imports it needs left out: these are placed once per file."""

    edits: tuple[Edit, ...]
    imports: frozenset[Needed] = frozenset()
