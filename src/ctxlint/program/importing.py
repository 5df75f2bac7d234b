"""Which files of the project a module needs before its own import is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..facts import model as m
from .index import ModuleIndex
from .modules import Modules
from .trees import last_name, own_statements


class Importing:
    """Follows the imports that run with a module, those of functions left aside; memoised."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._needed: dict[str, frozenset[Path]] = {}

    def needed_by(self, module: str) -> frozenset[Path]:
        """The files that importing a module of the project imports, its own among them."""
        if module not in self._needed:
            self._needed[module] = frozenset(self._search(module))
        return self._needed[module]

    def _search(self, module: str) -> set[Path]:
        start = self._modules.locate(module, self._modules.sources.root / "__main__.py")
        pending = [start] if start is not None else []
        seen = set(pending)
        while pending:
            index = self._modules.load(pending.pop())
            for path in self._imported(index) if index is not None else ():
                if path not in seen:
                    seen.add(path)
                    pending.append(path)
        return seen

    def _imported(self, index: ModuleIndex) -> Iterator[Path]:
        locate = self._modules.locate
        for statement in own_statements(index.facts.body):
            if not isinstance(statement, m.Import) or _for_types_only(statement, index):
                continue
            level = statement.level
            names = [each.name for each in statement.names]
            if statement.is_from:
                names = [f"{statement.module}.{name}".lstrip(".") for name in names]
                names.append(statement.module)
            for name in names:
                found = locate(name, index.path, level) if name or level else None
                if found is not None:
                    yield found


def _for_types_only(statement: m.Import, index: ModuleIndex) -> bool:
    """Whether an import stands under ``if TYPE_CHECKING``."""
    return any(
        isinstance(around, m.If) and last_name(around.test) == "TYPE_CHECKING"
        for around in index.ancestors(statement)
    )
