"""Who calls a function, and with what: the call graph, read backwards and on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ..facts import model as m
from . import searches
from .arguments import argument_for
from .classes import PROPERTIES
from .constructions import Constructions
from .index import ModuleIndex
from .other_names import uses_of_aliases
from .resolve import Resolver
from .scope import Scope
from .trees import last_name
from .uses import Use, call_of, may_name, member_uses, named_uses, passed_arguments
from .values import ClassValue, External, Instance, function_of

_GENERIC: Final = frozenset(
    """start stop run get put send close open connect disconnect write read execute process handle
    submit add update delete remove call next emit flush clear reset set wait join cancel main init
    setup shutdown append pop push register invoke create load save check apply build append notify
    publish subscribe receive request response name items keys values copy encode decode format
    enter exit begin end commit rollback query fetch render parse validate serve listen acquire
    release schedule spawn dispatch""".split()
)
_CONSTRUCTION: Final = frozenset({"__init__", "__new__", "__post_init__"})
_ENTERING: Final = frozenset({"__enter__", "__aenter__"})
_THREADS: Final = frozenset({"threading.Thread", "threading.Timer"})
_MAX_DEFINITIONS: Final = 3
_MAX_CALLING_FILES: Final = 50


class CallGraph:
    """Finds the uses of functions by searching for their names, then resolving what is found."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._classes = resolver.classes
        self._modules = resolver.modules
        self._constructions = Constructions(resolver)
        self._speaking: dict[tuple[str, frozenset[str]], dict[ModuleIndex, None]] = {}
        self._everywhere: dict[Scope, bool] = {}
        resolver.arguments_of = self.arguments

    def is_test(self, module: ModuleIndex) -> bool:
        """Whether a module is test code, whose calls never count."""
        return self._modules.purposes.is_test(module.path)

    def is_test_path(self, path: Path) -> bool:
        """The same of a file that need not be read."""
        return self._modules.purposes.is_test(path)

    def is_demo(self, module: ModuleIndex) -> bool:
        """Whether a module shows how to use the project: its calls say nothing about real ones."""
        return self._modules.purposes.is_demo(module.path)

    def external_names(self, func: m.Expression, module: ModuleIndex) -> list[str]:
        """The library functions that an expression can be; empty if it can be one of ours."""
        values = self._resolver.evaluate(func, module.scope_of(func))
        names = [value.name for value in values if isinstance(value, External)]
        return names if len(names) == len(values) else []

    def uses(self, function: Scope) -> tuple[Use, ...]:
        """Every use of a function outside itself; those in tests count for test code only."""
        return self._resolver.fixpoint.solve(
            ("uses", function), lambda: self._counting(function, self._find(function)), ()
        )

    def handed_out(self, function: Scope) -> tuple[Use, ...]:
        """Uses of a method with a common name in files that never speak of its class.

        They have the object from a variable, or a function, of another module.
        """
        owner = function.owner
        if owner is None or not self._family(function) or function.name.startswith("__"):
            return ()
        return self._resolver.fixpoint.solve(
            ("handed out", function), lambda: self._find_handed_out(function, owner), ()
        )

    def _find_handed_out(self, function: Scope, owner: Scope) -> tuple[Use, ...]:
        holders = self._classes.holder_names(owner)
        speaking = self._where(function)
        modules = self._loaded(function.name, holders) if holders else ()
        found = self._in_modules(function, [each for each in modules if each not in speaking])
        return self._counting(function, found)

    def by_other_names(self, method: Scope) -> tuple[Use, ...]:
        """Uses of a method by another name that its class gives it: ``old_name = new_name``."""
        return self._counting(method, uses_of_aliases(method, self._resolver))

    def _counting(self, function: Scope, uses: Iterable[Use]) -> tuple[Use, ...]:
        """Uses outside of the function itself that say something about it."""
        in_demo = self.is_demo(function.module)
        in_test = self.is_test(function.module)
        found = {
            use.node: use
            for use in uses
            if (in_test or not self.is_test(use.module))
            and use.scope is not function
            and (in_demo or not self.is_demo(use.module))
        }
        return tuple(found.values())

    def _find(self, function: Scope) -> Iterator[Use]:
        owner = function.owner
        if owner is not None and function.name in _CONSTRUCTION:
            yield from self._constructions.of(owner, function.name)
            yield from self._by_name(function)
        elif owner is not None and function.name in _ENTERING:
            yield from self._constructions.entries(owner)
            yield from self._by_name(function)
        elif owner is not None and function.name == "__call__":
            yield from self._constructions.calls(owner)
        elif owner is not None and self.is_thread_run(function):
            yield from self._constructions.thread_starts(owner)
        elif function.name == "<lambda>":
            yield from self._lambda_use(function)
        else:
            yield from self._by_name(function)

    def is_thread_run(self, function: Scope) -> bool:
        """Whether a function is the ``run`` of a Thread subclass."""
        owner = function.owner
        if owner is None or function.name != "run":
            return False
        return not _THREADS.isdisjoint(self._classes.external_bases(owner))

    def _lambda_use(self, function: Scope) -> Iterator[Use]:
        parent = function.module.parents.get(function.node) if function.node is not None else None
        if isinstance(parent, m.Lambda):
            yield Use(parent, function.module, None)

    # --- by name -------------------------------------------------------------------------------

    def _by_name(self, function: Scope) -> Iterator[Use]:
        return self._in_modules(function, self._where(function))

    def _in_modules(self, function: Scope, modules: Iterable[ModuleIndex]) -> Iterator[Use]:
        name = function.name
        targets = self._overridden(function)
        exact = {function}
        guess = function.owner is not None and self._is_distinctive(name)
        for module in modules:
            if function.owner is not None and not guess:
                if targets.isdisjoint(self._meant(name, module)):
                    yield from self._by_string(name, module)
                    continue
            if function.owner is None:
                found = named_uses(name, module, searches.function_in_text)
            else:
                found = member_uses(name, module)
            for node in found:
                virtual = not self._names_class(node, module)
                certain = self._refers(node, module, targets if virtual else exact)
                if certain or (certain is None and guess and isinstance(node, m.Attribute)):
                    yield Use(node, module, call_of(node, module), certain is True)
            yield from self._by_string(name, module)

    def _meant(self, name: str, module: ModuleIndex) -> frozenset[Scope]:
        """The functions that a module means by members of some name; asked for each of them."""
        return self._resolver.fixpoint.solve(
            ("meant", name, module),
            lambda: frozenset(
                function
                for node in member_uses(name, module)
                for value in self._resolver.evaluate(node, module.scope_of(node))
                if (function := function_of(value)) is not None
            ),
            frozenset(),
        )

    def _names_class(self, node: m.Expression, module: ModuleIndex) -> bool:
        """``super().f`` and ``Base.f`` mean that very method, not what overrides it."""
        if not isinstance(node, m.Attribute):
            return False
        if isinstance(node.value, m.Call) and last_name(node.value.func) == "super":
            return True
        values = self._resolver.evaluate(node.value, module.scope_of(node))
        return any(isinstance(v, ClassValue) for v in values)

    def _where(self, function: Scope) -> list[ModuleIndex]:
        """The modules in which a function can be used at all."""
        if function.parent is not None and function.parent.function is not None:
            return [function.module]
        if function.owner is None:
            return self._modules.load_all(self._paths(function))
        modules = self._loaded(function.name, self._family(function))
        if function.module not in modules and function.module.makes_names:
            return [*modules, function.module]
        return list(modules)

    def _loaded(self, name: str, family: frozenset[str]) -> dict[ModuleIndex, None]:
        modules = self._speaking.get((name, family))
        if modules is None:
            found = self._modules.load_all(self._members(name, family))
            modules = self._speaking[name, family] = dict.fromkeys(found)
        return modules

    def _paths(self, function: Scope) -> tuple[Path, ...]:
        """The files in which a function that stands in no other is used, by their bytes."""
        if function.owner is None:
            return self._modules.sources.matching(searches.function(function.name))
        return self._members(function.name, self._family(function))

    def _members(self, name: str, family: frozenset[str]) -> tuple[Path, ...]:
        """The files with a member of some name that speak of a family of classes, if not of any."""
        found = self._modules.sources.matching(searches.attribute(name))
        if not family:
            return found
        named = frozenset(self._modules.sources.containing(*family))
        return tuple(path for path in found if path in named)

    def _family(self, function: Scope) -> frozenset[str]:
        """For a method with a common name, the classes of which its users must speak.

        What Python calls by itself is called for a class by that class and those below it.
        """
        if function.owner is None or self._is_distinctive(function.name):
            return frozenset()
        if function.name.startswith("__"):
            return self._classes.names_from(function.owner)
        return self._classes.family_names(function.owner)

    def _overridden(self, function: Scope) -> set[Scope]:
        """The function and the methods it overrides: a call of those may be a call of this."""
        found = {function}
        if function.owner is not None and not function.name.startswith("__"):
            for ancestor in self._classes.lineage(function.owner)[1:]:
                found.update(
                    ancestor.module.scopes[binding.node]
                    for binding in ancestor.bindings.get(function.name, ())
                    if binding.kind == "function"
                )
        return found

    def _refers(self, node: m.Expression, module: ModuleIndex, targets: set[Scope]) -> bool | None:
        """Whether an expression means one of ``targets``; None when it cannot be told."""
        if isinstance(node, m.Name) and self._is_parameter(node, module):
            return False  # where the function is passed for it, is a use already
        if isinstance(node, m.Attribute) and any(
            each.decorated_with(*PROPERTIES) for each in targets
        ):
            receivers = self._resolver.evaluate(node.value, module.scope_of(node))
            if not targets.isdisjoint(self._classes.methods(receivers, node.attr)):
                return True  # what reads a property is given what that returns
        values = self._resolver.evaluate(node, module.scope_of(node))
        functions = [each for each in map(function_of, values) if each is not None]
        if any(each in targets for each in functions):
            return True
        if functions and all(self._classes.is_protocol_method(each) for each in functions):
            return None
        if not values and isinstance(node, m.Attribute):
            return self._may_receive(node, module, targets)
        return False if values else None

    def _is_parameter(self, node: m.Name, module: ModuleIndex) -> bool:
        home = self._resolver.binding_scope(node.id, module.scope_of(node))
        return home is not None and any(b.kind == "parameter" for b in home.bindings[node.id])

    def _may_receive(
        self, node: m.Attribute, module: ModuleIndex, targets: set[Scope]
    ) -> bool | None:
        """None where the receiver's class is unknown or fits, False where it is another class."""
        receivers = self._resolver.evaluate(node.value, module.scope_of(node))
        classes = [v.of for v in receivers if isinstance(v, Instance) and isinstance(v.of, Scope)]
        owners = [each.owner for each in targets if each.owner is not None]
        if not classes or any(self._classes.related(c, o) for c in classes for o in owners):
            return None
        return False

    def _is_distinctive(self, name: str) -> bool:
        """Whether so few functions have a name that an unresolved ``x.name()`` may mean ours."""
        if name.strip("_") in _GENERIC or name.startswith("__"):
            return False
        return len(self._modules.sources.matching(searches.definition(name))) <= _MAX_DEFINITIONS

    def _by_string(self, name: str, module: ModuleIndex) -> Iterator[Use]:
        """``getattr(module, "name")``: the function with the string may call it."""
        if name.startswith("__") or not module.has_getattr:
            return
        for node in module.uses("getattr", searches.string_beginning(name)):
            call = module.parents.get(node)
            if isinstance(call, m.Call) and len(call.args) > 1:
                scope = module.scope_of(call)
                if scope.function is not None and may_name(call.args[1], scope, name):
                    yield Use(call.args[1], module, None, certain=False)

    # --- arguments -----------------------------------------------------------------------------

    def arguments(
        self, function: Scope, parameter: m.Parameter
    ) -> Iterator[tuple[m.Expression, Scope]]:
        """What the callers of a function pass for one of its parameters.

        What is called in very many files is given too much to be any one thing: nothing is said.
        """
        if self._is_called_everywhere(function):
            return
        for use in self.uses(function) or self.handed_out(function):
            if not use.certain:
                continue
            passed = passed_arguments(use)
            if passed is None:
                continue
            found = argument_for(function, parameter, *passed)
            if found is not None:
                yield found, use.scope

    def _is_called_everywhere(self, function: Scope) -> bool:
        """Whether so many files call a function that what they pass says nothing of one call."""
        if function.parent is not None and function.parent.function is not None:
            return False
        known = self._everywhere.get(function)
        if known is None:
            known = self._everywhere[function] = self._count(function) > _MAX_CALLING_FILES
        return known

    def _count(self, function: Scope) -> int:
        """In how many files a function is called, up to a few more than would be too many."""
        if function.owner is None or function.name not in _CONSTRUCTION:
            return len(self._paths(function))
        count = 0
        for name in sorted(self._classes.names_from(function.owner)):
            count += len(self._modules.sources.matching(searches.construction(name)))
            if count > _MAX_CALLING_FILES:
                break
        return count
