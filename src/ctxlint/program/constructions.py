"""What is done with a class: where its objects are made, entered by ``with``, called, started."""

from __future__ import annotations

from collections.abc import Iterator

from .. import apis
from ..facts import model as m
from . import searches
from .classes import self_name
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .trees import last_name
from .uses import Use, alternatives_around, call_of, named_uses
from .values import ClassValue, Instance


class Constructions:
    """Finds the uses of methods that Python calls by itself."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._classes = resolver.classes
        self._modules = resolver.modules

    def of(self, owner: Scope, name: str) -> Iterator[Use]:
        """Calls of the class and of the subclasses that inherit the constructor."""
        constructor = self._classes.method(owner, name)
        below = self._classes.subclasses(owner)
        classes = [owner, *(c for c in below if self._classes.method(c, name) is constructor)]
        for cls in classes:
            for module in self._where_class(cls):
                for node in named_uses(cls.name, module, searches.construction_in_text):
                    values = self._resolver.evaluate(node, module.scope_of(node))
                    call = call_of(node, module)
                    if any(isinstance(v, ClassValue) and v.scope is cls for v in values):
                        if call is not None or self._is_handed_on(node, module):
                            yield Use(node, module, call)
        yield from self._cls_calls(classes)

    def _where_class(self, cls: Scope) -> list[ModuleIndex]:
        nested = cls.parent is not None and cls.parent.function is not None
        if nested:
            return [cls.module]
        return self._modules.matching(searches.construction(cls.name))

    def _cls_calls(self, classes: list[Scope]) -> Iterator[Use]:
        """``cls(...)`` in a classmethod constructs the class itself."""
        for cls in classes:
            for scope in cls.inner:
                if scope.function is not None and scope.decorated_with("classmethod"):
                    name = self_name(scope)
                    for node in cls.module.uses(name) if name else ():
                        if cls.module.scope_of(node) is scope:
                            call = call_of(node, cls.module)
                            if call is not None:
                                yield Use(node, cls.module, call)

    @staticmethod
    def _is_handed_on(node: m.Expression, module: ModuleIndex) -> bool:
        """Whether a class is passed to a call: somebody will make instances of it."""
        chosen = alternatives_around(node, module)
        parent = module.parents.get(chosen)
        if isinstance(parent, m.Assign):  # chosen from several, to be called later; or a type
            return parent.value is chosen is not node
        if isinstance(parent, m.Keyword):
            return parent.name not in ("bound", "default")
        if isinstance(parent, m.Mapping):
            return True
        return isinstance(parent, m.Call) and last_name(parent.func) not in (
            "isinstance", "issubclass", "cast", "TypeVar", "hasattr", "getattr", "setattr",
            "super", "type", "register", "object_session", "id",
        )  # fmt: skip

    def entries(self, owner: Scope) -> Iterator[Use]:
        """``with`` statements and exit stacks that enter an instance of the class."""
        family = [owner, *self._classes.subclasses(owner)]
        for module in self._entering_modules(frozenset(cls.name for cls in family)):
            for node, context in _entered_contexts(module):
                for value in self._resolver.evaluate(context, module.scope_of(node)):
                    if isinstance(value, Instance) and value.of in family:
                        yield Use(context, module, None)

    def _entering_modules(self, names: frozenset[str]) -> Iterator[ModuleIndex]:
        """The modules that name one of some classes and enter anything at all."""
        sources = self._modules.sources
        yield from self._modules.load_all(sources.matching(searches.enters, *sorted(names)))

    def calls(self, owner: Scope) -> Iterator[Use]:
        """``x()`` where x is an instance of the class."""
        for module in self._modules.with_word(owner.name):
            for call in module.calls():
                values = self._resolver.evaluate(call.func, module.scope_of(call))
                if any(isinstance(v, Instance) and v.of is owner for v in values):
                    yield Use(call.func, module, call)

    def thread_starts(self, owner: Scope) -> Iterator[Use]:
        """``t.start()`` of a Thread subclass runs its ``run``."""
        family = (owner, *self._classes.subclasses(owner))
        for module in self._modules.with_word(*(each.name for each in family)):
            for node in module.uses("start"):
                call = call_of(node, module)
                if call is None or not isinstance(node, m.Attribute):
                    continue
                values = self._resolver.evaluate(node.value, module.scope_of(node))
                if any(isinstance(v, Instance) and v.of in family for v in values):
                    yield Use(node, module, call)


def _entered_contexts(module: ModuleIndex) -> Iterator[tuple[m.Node, m.Expression]]:
    for node in module.withs():
        for item in node.items:
            yield node, item.context
    for call in module.calls(searches.any_name(apis.STACK_ENTRIES)):
        if last_name(call.func) in apis.STACK_ENTRIES and call.args:
            yield call, call.args[0]
