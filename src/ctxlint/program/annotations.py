"""Annotations as values: what a parameter, an attribute or a result is declared to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..facts import model as m
from .scope import Scope
from .values import ClassValue, Container, External, Instance, Value, Values, union

if TYPE_CHECKING:
    from .resolve import Resolver

_TRANSPARENT: Final = frozenset(
    {"Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Self"}
)
_CONTAINERS: Final = frozenset(
    {
        "list", "List", "tuple", "Tuple", "set", "Set", "frozenset", "dict", "Dict", "Sequence",
        "Mapping", "MutableMapping", "Iterable", "Iterator", "Collection", "defaultdict",
        "DefaultDict", "OrderedDict", "WeakKeyDictionary", "WeakValueDictionary", "WeakSet",
    }
)  # fmt: skip
_MUTE: Final = frozenset(
    {
        "builtins.None", "typing.Any", "typing.Callable", "typing.Coroutine", "typing.Awaitable",
        "collections.abc.Callable", "collections.abc.Coroutine", "collections.abc.Awaitable",
        "builtins.object", "builtins.str", "builtins.int", "builtins.bool", "builtins.float",
        "builtins.bytes", "typing.Generator", "collections.abc.Generator",
    }
)  # fmt: skip
_OPEN: Final = frozenset(
    {"Callable", "Coroutine", "Awaitable", "Generator", "AsyncGenerator", "Future", "partial"}
)
_PLAIN: Final = frozenset(
    {
        "str", "int", "float", "bool", "bytes", "None", "Literal", "Optional",
        "Union", "complex", "bytearray", "memoryview", *_CONTAINERS,
    }
)  # fmt: skip
_WORDS: Final = re.compile(r"[A-Za-z_][\w.]*")


class Annotations:
    """Evaluates annotations, quoted ones too."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def types(self, annotation: m.Expression, scope: Scope) -> Values:
        """Objects of the annotated types; empty where the annotation says nothing useful."""
        if isinstance(annotation, m.Constant):
            return self._quoted(annotation, scope)
        if isinstance(annotation, m.Opaque):  # X | Y
            return union(*(self.types(each, scope) for each in annotation.operands))
        if isinstance(annotation, m.Subscript):
            return self._generic(annotation, scope)
        if isinstance(annotation, m.Name | m.Attribute):
            return self._objects(self._resolver.evaluate(annotation, scope))
        return ()

    def says_all(self, annotation: m.Expression, typed: Values) -> bool:
        """Whether a parameter's annotation makes its callers uninteresting.

        Of a callable, a coroutine or a queue it matters which one is passed; of anything else the
        type is enough.
        """
        queues = self._resolver.table.queue_by_type
        words = set(_names(annotation))
        if words & _OPEN or any(isinstance(v, Instance) and v.of in queues for v in typed):
            return False
        if any(self._is_interface(value) for value in typed):
            return False  # what is passed says more
        return bool(typed) or words <= _PLAIN

    def _is_interface(self, value: Value) -> bool:
        """Whether a type only promises methods: a Protocol or an abstract base class."""
        if not isinstance(value, Instance) or isinstance(value.of, str):
            return False
        bases = self._resolver.classes.external_bases(value.of)
        return any(base.endswith(("Protocol", ".ABC")) for base in bases)

    def _generic(self, annotation: m.Subscript, scope: Scope) -> Values:
        outer = annotation.value
        word = outer.attr if isinstance(outer, m.Attribute) else getattr(outer, "id", "")
        index = annotation.index
        inner = index.elements if isinstance(index, m.Sequence) else (index,)
        if word in _TRANSPARENT:
            inner = inner[:1] if word == "Annotated" else inner
            return union(*(self.types(each, scope) for each in inner))
        if word in _CONTAINERS:
            items = union(*(self.types(each, scope) for each in inner))
            return (Container(items),) if items else ()
        if word in ("type", "Type"):
            return self._resolver.evaluate(inner[0], scope)
        return self.types(outer, scope)

    def _quoted(self, annotation: m.Constant, scope: Scope) -> Values:
        if not isinstance(annotation.value, str):
            return ()
        found: list[Values] = []
        for word in _WORDS.findall(annotation.value.partition("[")[0]):
            first, *rest = word.split(".")
            values = self._resolver.lookup(first, scope)
            for name in rest:
                values = self._resolver.members.attribute(values, name)
            found.append(self._objects(values))
        return union(*found)

    def _bound(self, variable: Instance) -> Values:
        """What a type variable is bound to."""
        call, scope = variable.origin, variable.scope
        if call is None or scope is None:
            return ()
        bounds = [keyword.value for keyword in call.keywords if keyword.name == "bound"]
        return union(*(self.types(each, scope) for each in bounds))

    def _objects(self, types: Values) -> Values:
        found: list[Value] = []
        for value in types:
            if isinstance(value, ClassValue):
                found.append(Instance(value.scope))
            elif isinstance(value, External) and value.name not in _MUTE:
                found.append(Instance(value.name))
            elif isinstance(value, Instance) and value.of == "typing.TypeVar":
                found += self._bound(value)
        return tuple(found)


def _names(annotation: m.Expression) -> Iterator[str]:
    """The last names of an annotation's own types: of unions all, of generics the outer one."""
    if isinstance(annotation, m.Opaque):
        for each in annotation.operands:
            yield from _names(each)
    elif isinstance(annotation, m.Subscript):
        outer = next(_names(annotation.value), "")
        yield outer
        if outer in _TRANSPARENT:
            yield from _names(annotation.index)
    elif isinstance(annotation, m.Sequence):
        for each in annotation.elements:
            yield from _names(each)
    elif isinstance(annotation, m.Name | m.Attribute):
        yield annotation.id if isinstance(annotation, m.Name) else annotation.attr
    elif isinstance(annotation, m.Constant) and isinstance(annotation.value, str):
        yield from (word.rpartition(".")[2] for word in _WORDS.findall(annotation.value))
