"""One module's facts made navigable: parents, scopes, and where names are used.

Everything here is derived from a single module; looking across modules is `modules` and
`resolve`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from ..facts import model as m
from .bindings import Binding, bound_by
from .trees import STATEMENTS, children, last_name, own_statements


class Scope:
    """A module, a class or a function (``node`` is None for a module)."""

    def __init__(
        self,
        module: ModuleIndex,
        node: m.Function | m.Class | None,
        parent: Scope | None,
        body: m.Body,
    ) -> None:
        self.module: Final = module
        self.node: Final = node
        self.parent: Final = parent
        self.body: Final = body

    def __repr__(self) -> str:
        return f"<{self.module.name}:{self.qualname}>"

    @property
    def name(self) -> str:
        return self.module.name if self.node is None else self.node.name

    @cached_property
    def qualname(self) -> str:
        if self.parent is None:
            return ""
        prefix = self.parent.qualname
        return f"{prefix}.{self.name}" if prefix else self.name

    @property
    def dotted(self) -> str:
        """The full dotted name, module included."""
        return f"{self.module.name}.{self.qualname}" if self.parent else self.module.name

    @property
    def label(self) -> str:
        """How messages name it: ``Class.method``, ``function`` or the module."""
        return self.qualname or f"module {self.module.name}"

    @property
    def function(self) -> m.Function | None:
        return self.node if isinstance(self.node, m.Function) else None

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, m.Class)

    @property
    def at(self) -> int:
        return 0 if self.node is None else self.node.at

    @property
    def owner(self) -> Scope | None:
        """The class a method is defined in."""
        return self.parent if self.parent is not None and self.parent.is_class else None

    @cached_property
    def enclosing_method(self) -> Scope | None:
        """The nearest method this scope is or stands in: whose ``self`` it sees."""
        scope: Scope | None = self
        while scope is not None and scope.owner is None:
            scope = scope.parent
        return scope

    @cached_property
    def decorators(self) -> tuple[m.Expression, ...]:
        return () if self.node is None else self.node.decorators

    def decorated_with(self, *names: str) -> bool:
        """Whether a decorator's last name is one of ``names``."""
        return any(last_name(each) in names for each in self.decorators)

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        found: dict[str, list[Binding]] = {}
        function = self.function
        if function is not None:
            for parameter in function.parameters:
                found[parameter.name] = [
                    Binding("parameter", parameter, parameter.default, (), parameter.annotation)
                ]
        for statement in own_statements(self.body):
            for name, binding in bound_by(statement):
                found.setdefault(name, []).append(binding)
        return found

    @cached_property
    def declared_outer(self) -> frozenset[str]:
        """Names declared global or nonlocal here."""
        return frozenset(
            name
            for statement in own_statements(self.body)
            if isinstance(statement, m.Declare)
            for name in statement.names
        )


class ModuleIndex:
    """The facts of one module with parents, scopes and uses of names."""

    def __init__(self, name: str, path: Path, facts: m.Module, is_package: bool) -> None:
        self.name: Final = name
        self.path: Final = path
        self.facts: Final = facts
        self.is_package: Final = is_package
        self.parents: Final[dict[m.Node, m.Node]] = {}
        self.scopes: Final[dict[m.Node, Scope]] = {}
        self.enclosing: Final[dict[m.Node, Scope]] = {}
        self.uses: Final[dict[str, list[m.Name | m.Attribute]]] = {}
        self.strings: Final[dict[str, list[m.Constant]]] = {}
        self.calls: Final[list[m.Call]] = []
        self.top: Final = Scope(self, None, None, facts.body)
        for statement in facts.body:
            self._visit(statement, self.top)

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    def _visit(self, root: m.Node, scope: Scope) -> None:
        """Index a subtree, with a stack of its own: a long chain must not recurse."""
        stack: list[tuple[m.Node, Scope]] = [(root, scope)]
        parents = self.parents
        while stack:
            node, within = stack.pop()
            if isinstance(node, m.Function | m.Class):
                self.enclosing[node] = within
                inner = Scope(self, node, within, node.body)
                self.scopes[node] = inner
                in_body = set(node.body)
                for child in children(node):
                    parents[child] = node
                    stack.append((child, inner if child in in_body else within))
                continue
            if isinstance(node, m.Call):
                self.calls.append(node)
            elif isinstance(node, m.Name):
                self.uses.setdefault(node.id, []).append(node)
            elif isinstance(node, m.Attribute):
                self.uses.setdefault(node.attr, []).append(node)
            elif isinstance(node, m.Constant):
                if isinstance(node.value, str):
                    self.strings.setdefault(node.value, []).append(node)
            elif isinstance(node, STATEMENTS):
                self.enclosing[node] = within
            for child in children(node):
                parents[child] = node
                stack.append((child, within))

    def scope_of(self, node: m.Node) -> Scope:
        """The function, class or module in which a node is evaluated.

        Decorators, defaults and base classes belong to the surrounding scope.
        """
        here: m.Node | None = node
        while here is not None:
            scope = self.enclosing.get(here)
            if scope is not None:
                return scope
            here = self.parents.get(here)
        return self.top

    def ancestors(self, node: m.Node) -> Iterator[m.Node]:
        """The nodes around a node, innermost first, up to its function or class."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            if isinstance(parent, m.Function | m.Class):
                return
            parent = self.parents.get(parent)

    def statement_of(self, node: m.Node) -> m.Node:
        """The statement a node stands in."""
        while not isinstance(node, STATEMENTS):
            parent = self.parents.get(node)
            if parent is None:
                return node
            node = parent
        return node

    def line(self, at: int) -> int:
        return self.facts.position(at)[0]

    @cached_property
    def functions(self) -> list[Scope]:
        return [scope for scope in self.scopes.values() if scope.function is not None]

    @cached_property
    def classes(self) -> list[Scope]:
        return [scope for scope in self.scopes.values() if scope.is_class]
