"""One module's facts made navigable: parents, scopes, and where names are used.

Everything here is derived from a single module; looking across modules is `modules` and
`resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeVar

from ..facts import model as m
from ..facts.extract import extract_body
from .bindings import Binding, bound_by
from .pieces import Pieces
from .trees import STATEMENTS, children, last_name, own_statements

T = TypeVar("T")
Placed = tuple[int, T]
"""A node with its place in the order of the module."""
_DEFINITIONS: Final = (m.Function, m.Class)
_STATEMENTS: Final[frozenset[type[m.Node]]] = frozenset(STATEMENTS)
_STRIDE: Final = 1 << 40
"""Between two nodes of an outline: more than the nodes of any body."""


class Scope:
    """A module, a class or a function (``node`` is None for a module).

    ``inner`` are the scopes directly in it, as far as its body is read.
    """

    def __init__(
        self,
        module: ModuleIndex,
        node: m.Function | m.Class | None,
        parent: Scope | None,
        order: int,
    ) -> None:
        self.module: Final = module
        self.node: Final = node
        self.parent: Final = parent
        self.order: Final = order
        self.inner: Final[list[Scope]] = []
        if parent is not None:
            parent.inner.append(self)

    def __repr__(self) -> str:
        return f"<{self.module.name}:{self.qualname}>"

    @cached_property
    def body(self) -> m.Body:
        """The statements; of a function whose body the facts leave out, read when asked for."""
        if self.node is None:
            return self.module.facts.body
        if isinstance(self.node, m.Function) and self.node.left_out is not None:
            return self.module.read(self, self.node.left_out)
        return self.node.body

    def may_hold(self, pattern: re.Pattern[str]) -> bool:
        """False where a pattern is not found in a body, which then need not be read."""
        span = self.node.left_out if isinstance(self.node, m.Function) else None
        return span is None or pattern.search(self.module.text, *span) is not None

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
            for name, binding in bound_by(statement, walrus=self.module.has_walrus):
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
    """The facts of one module with parents, scopes and uses of names.

    Bodies of functions that the facts leave out are read when somebody asks: for a scope's own
    body, or for what stands anywhere in the module, by the words that must stand beside it.  No
    answer depends on which bodies other questions have had read before.
    """

    def __init__(self, name: str, path: Path, facts: m.Module, text: str) -> None:
        self.name: Final = name
        self.path: Final = path
        self.facts: Final = facts
        self.text: Final = text
        self.is_package: Final = path.name == "__init__.py"
        self.parents: Final[dict[m.Node, m.Node]] = {}
        self.scopes: Final[dict[m.Node, Scope]] = {}
        self.enclosing: Final[dict[m.Node, Scope]] = {}
        self._pieces: Final = Pieces(text)
        self._uses: Final[dict[str, list[Placed[m.Name | m.Attribute]]]] = {}
        self._uses_of: Final[dict[str, list[m.Name | m.Attribute]]] = {}
        self._calls: Final[list[Placed[m.Call]]] = []
        self._strings: Final[dict[str, list[Placed[m.Constant]]]] = {}
        self._imports: Final[list[Placed[m.Import]]] = []
        self._withs: Final[list[Placed[m.With]]] = []
        self.top: Final = Scope(self, None, None, 0)
        order = 0
        for statement in facts.body:
            order = self._visit([(statement, self.top)], order, _STRIDE)

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    @cached_property
    def has_walrus(self) -> bool:
        """Whether an expression may bind a name."""
        return ":=" in self.text

    def read(self, function: Scope, span: tuple[int, int]) -> m.Body:
        """Read the body of a function; part of `Scope.body`."""
        self._pieces.taken(span)
        body = extract_body(self.text, self.facts.line_starts, span)
        assert function.node is not None
        self.parents.update(dict.fromkeys(body, function.node))
        self._visit([(statement, function) for statement in body], function.order, 1)
        return body

    def _visit(self, stack: list[tuple[m.Node, Scope]], order: int, stride: int) -> int:
        """Index some subtrees, with a stack and not by recursion: a chain can be long.

        The nodes of a body that is read later get their order between that of its function and
        that of the next node.
        """
        parents = self.parents
        while stack:
            node, within = stack.pop()
            order += stride
            if isinstance(node, _DEFINITIONS):
                self.enclosing[node] = within
                inner = Scope(self, node, within, order)
                self.scopes[node] = inner
                if isinstance(node, m.Function) and node.left_out is not None:
                    self._pieces.add(node.left_out, inner)
                in_body = set(node.body)
                for child in children(node):
                    parents[child] = node
                    stack.append((child, inner if child in in_body else within))
                continue
            self._note(node, within, order)
            for child in children(node):
                parents[child] = node
                stack.append((child, within))
        return order

    def _note(self, node: m.Node, within: Scope, order: int) -> None:
        if isinstance(node, m.Name):
            self._uses.setdefault(node.id, []).append((order, node))
        elif isinstance(node, m.Attribute):
            self._uses.setdefault(node.attr, []).append((order, node))
        elif isinstance(node, m.Call):
            self._calls.append((order, node))
        elif isinstance(node, m.Constant):
            if isinstance(node.value, str):
                self._strings.setdefault(node.value, []).append((order, node))
        elif node.__class__ in _STATEMENTS:
            self.enclosing[node] = within
            if isinstance(node, m.Import):
                self._imports.append((order, node))
            elif isinstance(node, m.With):
                self._withs.append((order, node))

    # --- what stands in the module -------------------------------------------------------------

    def uses(self, name: str, beside: re.Pattern[str] | None = None) -> list[m.Name | m.Attribute]:
        """Where a name is used, by itself or as an attribute.

        With a pattern, at least where that matches in the same function.
        """
        known = self._uses_of.get(name)
        if known is not None:
            return known
        if beside is not None:
            self._read_all(self._pieces.matching(beside))
            return _in_order(self._uses.get(name, ()))
        self._read_all(self._pieces.holding(name))
        known = self._uses_of[name] = _in_order(self._uses.get(name, ()))
        return known

    def names(self) -> list[m.Name]:
        """Where any name is used by itself."""
        self._read_all(self._pieces.all())
        found = (each for uses in self._uses.values() for each in uses)
        return [node for node in _in_order(found) if isinstance(node, m.Name)]

    def imports_of(self, name: str, beside: re.Pattern[str] | None = None) -> list[m.Import]:
        """The statements that import a name; with a pattern, as for `uses`."""
        pieces = self._pieces
        self._read_all(pieces.holding(name) if beside is None else pieces.matching(beside))
        found = _in_order(self._imports)
        return [each for each in found if any(name == part.name for part in each.names)]

    def calls(self, beside: re.Pattern[str] | None = None) -> list[m.Call]:
        """All calls; with a pattern, at least those where it matches in the same function."""
        self._read_all(self._pieces.all() if beside is None else self._pieces.matching(beside))
        return _in_order(self._calls)

    def imports(self) -> list[m.Import]:
        """All imports, also those inside functions."""
        self._read_all(self._pieces.holding("import"))
        return _in_order(self._imports)

    def strings(self, text: str) -> list[m.Constant]:
        """Where a string stands that is spelled as it is."""
        self._read_all(self._pieces.holding(text))
        return _in_order(self._strings.get(text, ()))

    def withs(self) -> list[m.With]:
        """All ``with`` statements."""
        self._read_all(self._pieces.holding("with"))
        return _in_order(self._withs)

    def classes_with_base(self, name: str) -> list[Scope]:
        """At least the classes with a base of some name; all that no function holds."""
        self._read_all(self._pieces.matching(_class_with_base(name)))
        return sorted((s for s in self.scopes.values() if s.is_class), key=lambda s: s.order)

    @staticmethod
    def _read_all(functions: Iterable[Scope]) -> None:
        for function in functions:
            function.body  # noqa: B018  # reads and indexes it

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
        while node.__class__ not in _STATEMENTS:
            parent = self.parents.get(node)
            if parent is None:
                return node
            node = parent
        return node

    def line(self, at: int) -> int:
        return self.facts.position(at)[0]


def _in_order(found: Iterable[Placed[T]]) -> list[T]:
    return [node for _, node in sorted(found, key=itemgetter(0))]


@cache
def _class_with_base(name: str) -> re.Pattern[str]:
    return re.compile(rf"\bclass\s+\w+\s*\([^)]*\b{re.escape(name)}\b")
