"""Class hierarchies across modules: bases, subclasses, members and instance attributes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from . import searches
from .bindings import Binding
from .inheritance import Inheritance
from .scope import Scope
from .values import MAX_VALUES, ClassValue, External, Instance, Values

if TYPE_CHECKING:
    from .resolve import Resolver

PROPERTIES: Final = ("property", "cached_property", "lazy_property")
"""The decorators of methods that run when an attribute is read."""


class Classes:
    """Answers questions about the project's classes; memoised per class."""

    def __init__(self, resolver: Resolver, inheritance: Inheritance) -> None:
        self._resolver = resolver
        self._inheritance = inheritance
        self._attributes: dict[Scope, dict[str, list[Binding]]] = {}

    def lineage(self, cls: Scope) -> tuple[Scope, ...]:
        """The class and its project ancestors, nearest first."""
        return self._linearise(cls)[0]

    def external_bases(self, cls: Scope) -> tuple[str, ...]:
        """Dotted names of the ancestors from outside the project."""
        return self._linearise(cls)[1]

    def _linearise(self, cls: Scope) -> tuple[tuple[Scope, ...], tuple[str, ...]]:
        return self._resolver.fixpoint.solve(
            ("lineage", cls), lambda: self._compute_lineage(cls), _alone(cls)
        )

    def _compute_lineage(self, cls: Scope) -> tuple[tuple[Scope, ...], tuple[str, ...]]:
        own: dict[Scope, None] = {cls: None}
        external: dict[str, None] = {}
        node = cls.node
        bases = node.bases if isinstance(node, m.Class) else ()
        for base in bases:
            # `Base[int]` is derived from Base, whatever Base is.
            written = base.value if isinstance(base, m.Subscript) else base
            for value in self._resolver.evaluate(written, cls.parent or cls):
                if isinstance(value, ClassValue):
                    ancestors, outside = self._linearise(value.scope)
                    own.update(dict.fromkeys(ancestors))
                    external.update(dict.fromkeys(outside))
                elif isinstance(value, External):
                    external[value.name] = None
        return tuple(own), tuple(external)

    def subclasses(self, cls: Scope) -> tuple[Scope, ...]:
        """All project classes below a class, found by the names of their bases."""
        return self._resolver.fixpoint.solve(
            ("subclasses", cls), lambda: self._find_subclasses(cls), ()
        )

    def _find_subclasses(self, cls: Scope) -> tuple[Scope, ...]:
        found: dict[Scope, None] = {}
        modules = self._resolver.modules
        for path in self._inheritance.files_deriving(cls.name):
            module = modules.load(path)
            for other in module.classes_with_base(cls.name) if module is not None else ():
                if other is not cls and cls in self.lineage(other):
                    found[other] = None
                    found.update(dict.fromkeys(self.subclasses(other)))
        return tuple(found)

    def family_names(self, cls: Scope) -> frozenset[str]:
        """Names of the class, its ancestors and (by the bytes alone) its subclasses."""
        names = self.names_from(cls) | {each.name for each in self.lineage(cls)}
        return names | self._inheritance.aliases(names)

    def holder_names(self, cls: Scope) -> frozenset[str]:
        """Names by which other modules may have an object of it, and never name a class."""
        return self._inheritance.holders(self.names_from(cls))

    def names_from(self, cls: Scope) -> frozenset[str]:
        """Names of the class and (by the bytes alone) its subclasses."""
        return self._inheritance.below((cls.name,)) | {cls.name}

    def related(self, cls: Scope, other: Scope) -> bool:
        """Whether an object of one class can be an object of the other."""
        return cls is other or other in self.lineage(cls) or cls in self.lineage(other)

    def method(self, cls: Scope, name: str) -> Scope | None:
        """The method that ``name`` means for an instance of ``cls``."""
        for ancestor in self.lineage(cls):
            for binding in ancestor.bindings.get(name, ()):
                if binding.kind == "function":
                    return ancestor.module.scopes[binding.node]
        return None

    def definitions(self, cls: Scope, name: str) -> list[Scope]:
        """All functions of that name in the class of the method: a property has its setter, too."""
        first = self.method(cls, name)
        bindings = first.parent.bindings[name] if first is not None and first.parent else ()
        scopes = first.module.scopes if first is not None else {}
        return [scopes[binding.node] for binding in bindings if binding.kind == "function"]

    def methods(self, objects: Values, name: str) -> Iterator[Scope]:
        """The methods that ``name`` means for some objects."""
        for each in objects:
            if isinstance(each, Instance) and isinstance(each.of, Scope):
                method = self.method(each.of, name)
                if method is not None:
                    yield method

    def is_protocol_method(self, function: Scope) -> bool:
        """Whether a method only says what objects of any class may have."""
        owner = function.owner
        if owner is None or not is_abstract(function):
            return False
        return any(base.endswith("Protocol") for base in self.external_bases(owner))

    def overrides(self, cls: Scope, name: str) -> list[Scope]:
        """The methods of that name in subclasses."""
        return list(self._overrides(cls, name, None))

    def some_overrides(self, cls: Scope, name: str) -> tuple[Scope, ...]:
        """The first of them: as many as make a difference to what an attribute can be."""
        return self._overrides(cls, name, MAX_VALUES)

    def _overrides(self, cls: Scope, name: str, most: int | None) -> tuple[Scope, ...]:
        none: tuple[Scope, ...] = ()
        return self._resolver.fixpoint.solve(
            ("overrides", cls, name, most),
            lambda: tuple(islice(self._find_overrides(cls, name), most)),
            none,
        )

    def _find_overrides(self, cls: Scope, name: str) -> Iterator[Scope]:
        """Where such a method is defined it is asked what the class is derived from.

        To find all subclasses first would read all their files, for a method that few have.
        What a test puts in a method's place, the program never runs.
        """
        below = self._inheritance.files_below(cls.name)
        if not below:
            return
        modules = self._resolver.modules
        in_test = modules.purposes.is_test(cls.module.path)
        for path in modules.sources.matching(searches.definition(name)):
            if not in_test and modules.purposes.is_test(path):
                continue
            module = modules.load(path) if path in below else None
            for sub in module.classes_defining(name) if module is not None else ():
                if sub is not cls and cls in self.lineage(sub):
                    for binding in sub.bindings.get(name, ()):
                        if binding.kind == "function":
                            yield sub.module.scopes[binding.node]

    def members(self, cls: Scope, name: str) -> list[tuple[Binding, Scope]]:
        """Everything assigned to ``self.name`` or in a class body, in the class's lineage."""
        found: list[tuple[Binding, Scope]] = []
        for ancestor in self.lineage(cls):
            found += [(binding, ancestor) for binding in ancestor.bindings.get(name, ())]
            found += self.instance_attributes(ancestor, name)
        return found

    def instance_attributes(self, cls: Scope, name: str) -> list[tuple[Binding, Scope]]:
        """What the methods of one class assign to an attribute of ``self``."""
        return [
            (binding, scope)
            for method in cls.inner
            if method.function is not None and method.may_assign(name)
            for scope in (method, *_functions_in(method))
            for binding in self._assigned(scope, cls).get(name, ())
        ]

    def _assigned(self, scope: Scope, cls: Scope) -> dict[str, list[Binding]]:
        """What one function assigns to attributes of ``self``, or of its class."""
        known = self._attributes.get(scope)
        if known is None:
            known = self._attributes[scope] = {}
            method = scope.enclosing_method or scope
            own_names = {self_name(method), cls.name}
            for statement in scope.statements:
                for attribute, binding in _attribute_targets(statement):
                    value = attribute.value
                    if isinstance(value, m.Name) and value.id in own_names:
                        known.setdefault(attribute.attr, []).append(binding)
        return known


def _functions_in(function: Scope) -> Iterator[Scope]:
    """The functions in a function, at any depth; classes are not entered."""
    function.body  # noqa: B018  # reads it, and finds the functions in it
    for inner in function.inner:
        if inner.function is not None:
            yield inner
            yield from _functions_in(inner)


def self_name(method: Scope) -> str | None:
    """The name by which a method calls its instance; None for a static method."""
    function = method.function
    if function is None or not function.parameters or method.decorated_with("staticmethod"):
        return None
    first = function.parameters[0]
    return first.name if first.kind in ("", "/") else None


def is_self(node: m.Expression, scope: Scope) -> bool:
    """Whether an expression is the object of the method that a scope is, or stands in."""
    method = scope.enclosing_method
    return isinstance(node, m.Name) and method is not None and node.id == self_name(method)


def is_abstract(function: Scope) -> bool:
    """Whether a method's body says nothing: ``...``, ``pass`` or ``raise NotImplementedError``."""
    if function.decorated_with("abstractmethod"):
        return True
    if function.function is not None and function.function.lines is not None:
        return False  # it says something, or it would have none
    return all(isinstance(statement, m.Raise) for statement in function.body)


def _attribute_targets(statement: m.Statement) -> list[tuple[m.Attribute, Binding]]:
    found: list[tuple[m.Attribute, Binding]] = []
    if isinstance(statement, m.Assign):
        for target in statement.targets:
            if isinstance(target, m.Attribute):
                binding = Binding("value", statement, statement.value, (), statement.annotation)
                found.append((target, binding))
            elif isinstance(target, m.Sequence):
                for index, element in enumerate(target.elements):
                    if isinstance(element, m.Attribute):
                        part = Binding("value", statement, statement.value, (index,))
                        found.append((element, part))
    elif isinstance(statement, m.With):
        found += [
            (item.target, Binding("entered", statement, item.context))
            for item in statement.items
            if isinstance(item.target, m.Attribute)
        ]
    return found


def _alone(cls: Scope) -> tuple[tuple[Scope, ...], tuple[str, ...]]:
    return (cls,), ()
