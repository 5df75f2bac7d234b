"""Names in one file: what it binds, and how it can call what a fix needs of another module.

The answers are those of the whole file, whatever the place that asks: a name that is bound to
something else anywhere, be it a parameter, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from .changes import Needed
from .document import Document

Source = tuple[str, str | None]
"""A module, and the name imported from it; None for the module itself."""


class Names:
    """The names that a file binds, each with what the imports among its bindings import."""

    def __init__(self, document: Document) -> None:
        self._package = package_of(document)
        self._bound: dict[str, set[Source | None]] = {}
        self._at_hand: dict[Source, list[str]] = {}
        self._used: set[str] = set()
        self._collect(document.tree)
        for line in import_lines(document.tree):
            for statement in line.body:
                for name, source in self._imported(statement):
                    self._at_hand.setdefault(source, []).append(name)

    def of(self, needed: Needed) -> str:
        """How to write what is needed."""
        found = self.at_hand(needed)
        if found is not None:
            return found
        if needed.qualified:
            return f"{self._free(needed.module, (needed.module, None))}.{needed.name}"
        return self._free(needed.name, (needed.module, needed.name))

    def at_hand(self, needed: Needed) -> str | None:
        """The same where the file imports it already, in every case and at its top."""
        name = self._clean((needed.module, needed.name))
        if name is None and needed.qualified:
            module = self._clean((needed.module, None))
            return module and f"{module}.{needed.name}"
        return name

    def _clean(self, source: Source) -> str | None:
        """A name that means a thing wherever the file uses it."""
        names = self._at_hand.get(source, ())
        return next((name for name in names if self._bound[name] == {source}), None)

    def _free(self, name: str, source: Source) -> str:
        """The name, with underscores before it until nothing else in the file goes by it."""
        while self._bound.get(name, {source}) != {source} or name in self._used:
            name = f"_{name}"
        return name

    # --- collecting ----------------------------------------------------------------------------

    def _collect(self, tree: cst.Module) -> None:
        stars = False
        pending: list[cst.CSTNode] = [tree]
        used: set[str] = set()
        while pending:
            node = pending.pop()
            if isinstance(node, cst.Import | cst.ImportFrom):
                stars = stars or isinstance(getattr(node, "names", None), cst.ImportStar)
                for name, source in self._imported(node):
                    self._bound.setdefault(name, set()).add(source)
                continue
            if isinstance(node, cst.Name):
                used.add(node.value)
            for name in _bound_by(node):
                self._bound.setdefault(name, set()).add(None)
            pending.extend(node.children)
        if stars:  # a name that is used may be one of theirs
            self._used = used

    def _imported(self, statement: cst.CSTNode) -> Iterator[tuple[str, Source]]:
        if isinstance(statement, cst.Import):
            for alias in statement.names:
                dotted = dotted_name(alias.name)
                if alias.asname is not None:
                    yield _as_name(alias.asname), (dotted, None)
                else:
                    top = dotted.partition(".")[0]
                    yield top, (top, None)
        elif isinstance(statement, cst.ImportFrom) and not isinstance(
            statement.names, cst.ImportStar
        ):
            module = module_of(statement, self._package)
            for alias in statement.names:
                name = dotted_name(alias.name)
                yield _as_name(alias.asname) if alias.asname else name, (module, name)


@lru_cache(maxsize=16)
def names_of(document: Document) -> Names:
    """The names of a file, collected once."""
    return Names(document)


def import_lines(tree: cst.Module) -> list[cst.SimpleStatementLine]:
    """The lines of a module's top level that hold imports and nothing else."""
    return [
        line
        for line in tree.body
        if isinstance(line, cst.SimpleStatementLine)
        and all(isinstance(each, cst.Import | cst.ImportFrom) for each in line.body)
    ]


def dotted_name(node: cst.CSTNode | None) -> str:
    """``a.b.c``; empty where there is nothing."""
    if isinstance(node, cst.Attribute):
        return f"{dotted_name(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def module_of(statement: cst.ImportFrom, package: tuple[str, ...]) -> str:
    """The module that names are imported from; a relative one with its package's name."""
    module = dotted_name(statement.module)
    level = len(statement.relative)
    if level == 0:
        return module
    above = package[: len(package) - (level - 1)]
    if level > len(package):
        return "." * level + module
    return ".".join((*above, module)) if module else ".".join(above)


def package_of(document: Document) -> tuple[str, ...]:
    """The names of the packages around a file, outermost first."""
    found: list[str] = []
    directory = document.path.parent
    while (directory / "__init__.py").is_file() and directory.parent != directory:
        found.insert(0, directory.name)
        directory = directory.parent
    return tuple(found)


def _bound_by(node: cst.CSTNode) -> Iterator[str]:
    """The names that a node binds itself; imports are asked elsewhere."""
    if isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Param | cst.TypeAlias):
        yield from _targets(node.name)
    elif isinstance(node, cst.TypeVar | cst.TypeVarTuple | cst.ParamSpec):
        yield node.name.value
    elif isinstance(
        node,
        cst.AssignTarget
        | cst.AnnAssign
        | cst.AugAssign
        | cst.For
        | cst.CompFor
        | cst.NamedExpr
        | cst.Del,
    ):
        yield from _targets(node.target)
    elif isinstance(node, cst.AsName | cst.MatchAs | cst.MatchStar):
        yield from _targets(node.name)
    elif isinstance(node, cst.MatchMapping):
        yield from _targets(node.rest)


def _targets(node: cst.CSTNode | None) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from _targets(element.value)
    elif isinstance(node, cst.StarredElement):
        yield from _targets(node.value)


def _as_name(node: cst.AsName) -> str:
    return next(_targets(node.name), "")
