"""One module's facts made navigable: parents, scopes, and where names are used.

Everything here is derived from a single module; looking across modules is `modules` and
`resolve`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeVar

from ..facts import model as m
from .bindings import Binding
from .pieces import Pieces
from .scope import Scope
from .searches import class_with_base, definition_in_text
from .surroundings import Search
from .trees import LEAVES, STATEMENTS, children

T = TypeVar("T")
Placed = tuple[int, T]
"""A node with its place in the order of the module."""
Beside = Search[str] | re.Pattern[str]
_DEFINITIONS: Final[frozenset[type[m.Node]]] = frozenset({m.Function, m.Class})
_NOTED: Final[frozenset[type[m.Node]]] = frozenset({m.Attribute, m.Call, m.Import, m.With})
_STATEMENTS: Final[frozenset[type[m.Node]]] = frozenset(STATEMENTS)
_DYNAMIC: Final = re.compile(r"getattr\([^)]*(?:\bf[\"']|[\"']\s*\+)")
_IMPORT: Final = re.compile(r"import\b(?<!\wimport)")
_OUTER: Final = re.compile(r"\b(?:global|nonlocal)\b")
_OUTER_NAMES: Final = re.compile(r"\b(?:global|nonlocal)\b(?:[^\n\\]|\\\s)*")
_WORD: Final = re.compile(r"\w+")
_STRIDE: Final = 1 << 40
"""Between two nodes of an outline: more than the nodes of any body."""


class ModuleIndex:
    """The facts of one module with parents, scopes and uses of names.

    Bodies of functions are looked into when somebody asks: for a scope's own body, or for what
    stands anywhere in the module, by the words beside it.  No answer depends on earlier ones.
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
        self._uses: Final[defaultdict[str, list[Placed[m.Name | m.Attribute]]]] = defaultdict(list)
        self._uses_of: Final[dict[str, list[m.Name | m.Attribute]]] = {}
        self._calls: Final[list[Placed[m.Call]]] = []
        self._strings: Final[defaultdict[str, list[Placed[m.Constant]]]] = defaultdict(list)
        self._imports: Final[list[Placed[m.Import]]] = []
        self._withs: Final[list[Placed[m.With]]] = []
        self.top: Final = Scope(self, None, None, 0)
        order = 0
        for statement in facts.body:
            order = self._visit([(statement, self.top)], order, _STRIDE)

    @cached_property
    def has_walrus(self) -> bool:
        """Whether an expression may bind a name."""
        return ":=" in self.text

    @cached_property
    def has_getattr(self) -> bool:
        """Whether an attribute may be reached by its name."""
        return "getattr" in self.text

    @cached_property
    def makes_names(self) -> bool:
        """Whether an attribute may be reached by a name that is made at run time."""
        return _DYNAMIC.search(self.text) is not None

    def index_body(self, scope: Scope, function: m.Function) -> None:
        """Index the body of a function; part of `Scope.body`."""
        if function.lines is not None:
            self._pieces.taken(function.lines)
        self.parents.update(dict.fromkeys(function.body, function))
        self._visit([(statement, scope) for statement in function.body], scope.order, 1)

    def _visit(self, stack: list[tuple[m.Node, Scope]], order: int, stride: int) -> int:
        """Index some subtrees, with a stack and not by recursion: a chain can be long.

        The nodes of a body that is looked into later get their order between that of its function
        and that of the next node.
        """
        parents, note = self.parents, self._note
        while stack:
            node, within = stack.pop()
            order += stride
            kind = node.__class__
            if kind in LEAVES:
                note(node, order)
                continue
            if kind in _STATEMENTS:
                self.enclosing[node] = within
            if kind in _DEFINITIONS and isinstance(node, (m.Function, m.Class)):
                inner = Scope(self, node, within, order)
                self.scopes[node] = inner
                in_body = set(node.body)
                below: Iterable[m.Node] = children(node)
                if isinstance(node, m.Function) and node.lines is not None:
                    self._pieces.add(node.lines, inner)
                    below = (each for each in below if each not in in_body)
                for child in below:
                    parents[child] = node
                    stack.append((child, inner if child in in_body else within))
                continue
            if kind in _NOTED:
                note(node, order)
            for child in children(node):
                parents[child] = node
                stack.append((child, within))
        return order

    def _note(self, node: m.Node, order: int) -> None:
        if isinstance(node, m.Name):
            self._uses[node.id].append((order, node))
        elif isinstance(node, m.Attribute):
            self._uses[node.attr].append((order, node))
        elif isinstance(node, m.Call):
            self._calls.append((order, node))
        elif isinstance(node, m.Constant) and isinstance(node.value, str):
            self._strings[node.value].append((order, node))
        elif isinstance(node, m.Import):
            self._imports.append((order, node))
        elif isinstance(node, m.With):
            self._withs.append((order, node))

    # --- what stands in the module -------------------------------------------------------------

    def uses(self, name: str, beside: Beside | None = None) -> list[m.Name | m.Attribute]:
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

    def imports_of(self, name: str, beside: Beside | None = None) -> list[m.Import]:
        """The statements that import a name; with a pattern, as for `uses`."""
        pieces = self._pieces
        if beside is None:
            self._read_all(each for each in pieces.holding(name) if each.may_hold(_IMPORT))
        else:
            self._read_all(pieces.matching(beside))
        return _in_order(
            placed for placed in self._imports if any(name == part.name for part in placed[1].names)
        )

    def calls(self, beside: Beside | None = None) -> list[m.Call]:
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
        self._read_all(self._pieces.matching(class_with_base(name)))
        return sorted((s for s in self.scopes.values() if s.is_class), key=lambda s: s.order)

    def classes_defining(self, name: str) -> list[Scope]:
        """The classes with a method of some name, those in functions included."""
        self._read_all(self._pieces.matching(definition_in_text(name)))
        found = (scope for scope in self.scopes.values() if scope.is_class)
        return sorted((s for s in found if name in s.bindings), key=lambda s: s.order)

    @staticmethod
    def _read_all(functions: Iterable[Scope]) -> None:
        for function in functions:
            function.body  # noqa: B018  # reads and indexes it

    def assigned_inside(self, home: Scope, name: str) -> list[tuple[Binding, Scope]]:
        """What functions assign to a name of a scope around them, by ``global`` or ``nonlocal``."""
        if name not in self._declared:
            return []
        return self._assigned_inside.get((home, name), [])

    @cached_property
    def _declared(self) -> frozenset[str]:
        """At least the names that functions declare global or nonlocal, by the text alone."""
        found = (match[0] for match in _OUTER_NAMES.finditer(self.text))
        return frozenset(word for names in found for word in _WORD.findall(names))

    @cached_property
    def _assigned_inside(self) -> dict[tuple[Scope, str], list[tuple[Binding, Scope]]]:
        self._read_all(self._pieces.holding("global"))
        self._read_all(self._pieces.holding("nonlocal"))
        found: dict[tuple[Scope, str], list[tuple[Binding, Scope]]] = {}
        for scope in sorted(self.scopes.values(), key=lambda each: each.order):
            if scope.function is not None and scope.may_hold(_OUTER):
                for name in scope.declared_outer:
                    home = scope.declared_in(name)
                    bindings = scope.bindings.get(name, ())
                    if home is not None and bindings:
                        found.setdefault((home, name), []).extend((b, scope) for b in bindings)
        return found

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
