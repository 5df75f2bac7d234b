"""The one resolver: what an expression can stand for, across modules.

Flow-insensitive and demand-driven: a name is everything ever assigned to it, a module is parsed
when a name leads into it.  An empty answer means "unknown", never "nothing".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from .. import apis
from ..facts import model as m
from .annotations import Annotations
from .arguments import argument_for
from .classes import Classes, is_abstract, self_name
from .fixpoint import Fixpoint
from .index import Binding, ModuleIndex, Scope, own_statements, walk
from .modules import Modules
from .values import (
    ClassValue,
    Container,
    External,
    FunctionValue,
    Instance,
    Invocation,
    Literal,
    ModuleValue,
    Partial,
    Value,
    Values,
    union,
)

ArgumentSource = Callable[[Scope, m.Parameter], Iterable[tuple[m.Expression, Scope]]]
_MAX_DEPTH: Final = 400
_MAX_VALUES: Final = 24


class Resolver:
    """Evaluates expressions; memoised per expression.

    ``arguments_of`` supplies what callers pass for a parameter; the call graph sets it.
    """

    def __init__(self, modules: Modules, table: apis.Table) -> None:
        self.modules: Final = modules
        self.table: Final = table
        self.classes: Final = Classes(self)
        self.annotations: Final = Annotations(self)
        self.arguments_of: ArgumentSource = lambda _scope, _parameter: ()
        self.fixpoint: Final = Fixpoint(_MAX_DEPTH)

    def evaluate(self, expression: m.Expression, scope: Scope) -> Values:
        """All values an expression can have; empty when unknown."""
        return self.fixpoint.solve(
            expression, lambda: self._evaluate(expression, scope)[:_MAX_VALUES], ()
        )

    def _evaluate(self, node: m.Expression, scope: Scope) -> Values:
        if isinstance(node, m.Name):
            return self.lookup(node.id, scope)
        if isinstance(node, m.Attribute):
            return self.attribute(self.evaluate(node.value, scope), node.attr)
        if isinstance(node, m.Call):
            return self._call(node, scope)
        if isinstance(node, m.Await):
            return self._awaited(self.evaluate(node.value, scope))
        if isinstance(node, m.Constant | m.Sequence | m.Mapping | m.Comprehension):
            return (Literal(node, scope),)
        if isinstance(node, m.Lambda):
            return (FunctionValue(scope.module.scopes[node.function]),)
        if isinstance(node, m.Conditional):
            return union(self.evaluate(node.body, scope), self.evaluate(node.orelse, scope))
        if isinstance(node, m.Boolean):
            return union(*(self.evaluate(each, scope) for each in node.operands))
        if isinstance(node, m.Assigned | m.Starred):
            return self.evaluate(node.value, scope)
        if isinstance(node, m.Subscript):
            return self._subscript(node, scope)
        return ()

    # --- names ---------------------------------------------------------------------------------

    def lookup(self, name: str, scope: Scope) -> Values:
        """What a name means in a scope, by Python's scoping rules."""
        home = self.binding_scope(name, scope)
        if home is None:
            return self._star_imports(name, scope.module) or (External(f"builtins.{name}"),)
        return union(*(self.bound(binding, home, name) for binding in home.bindings[name]))

    def binding_scope(self, name: str, scope: Scope) -> Scope | None:
        """The scope that binds a name; None for builtins and star imports."""
        here: Scope | None = scope
        while here is not None:
            visible = here is scope or not here.is_class
            if visible and name in here.bindings and name not in here.declared_outer:
                return here
            here = here.parent
        return None

    def _star_imports(self, name: str, module: ModuleIndex) -> Values:
        for binding in module.top.bindings.get("*", ()):
            statement = binding.node
            if isinstance(statement, m.Import):
                target = self.modules.imported(statement.module, module.path, statement.level)
                if target is not None and target is not module:
                    found = self.member_of_module(target, name)
                    if found:
                        return found
        return ()

    def bound(self, binding: Binding, scope: Scope, name: str) -> Values:
        """The values one binding gives a name."""
        node = binding.node
        if binding.kind == "function":
            return (FunctionValue(scope.module.scopes[node]),)
        if binding.kind == "class":
            return (ClassValue(scope.module.scopes[node]),)
        if binding.kind == "import" and isinstance(node, m.Import):
            return self._imported(node, name, scope.module)
        if binding.kind == "parameter" and isinstance(node, m.Parameter):
            return self._parameter(node, scope)
        if binding.value is not None:
            values = self.evaluate(binding.value, scope)
            if binding.kind == "element":
                values = self.elements(values)
            elif binding.kind == "entered":
                values = self._entered(values)
            for index in binding.path:
                values = self._item(values, index)
            if values and not _only_none(values):
                return values
        if binding.annotation is not None:
            return self.annotations.types(binding.annotation, scope)
        return ()

    def _imported(self, node: m.Import, name: str, module: ModuleIndex) -> Values:
        for imported in node.names:
            if (imported.alias or imported.name.split(".")[0]) != name:
                continue
            if node.is_from:
                return self._imported_from(node, imported.name, module)
            dotted = imported.name if imported.alias else name
            target = self.modules.imported(dotted, module.path)
            return (ModuleValue(target),) if target else (External(apis.canonical(dotted)),)
        return ()

    def _imported_from(self, node: m.Import, name: str, module: ModuleIndex) -> Values:
        package = self.modules.imported(node.module, module.path, node.level)
        if package is not None and package is not module:
            found = self.member_of_module(package, name)
            if found:
                return found
        dotted = f"{node.module}.{name}" if node.module else name
        submodule = self.modules.imported(dotted, module.path, node.level)
        if submodule is not None:
            return (ModuleValue(submodule),)
        if node.level:
            return ()
        return (External(apis.canonical(dotted)),)

    def member_of_module(self, module: ModuleIndex, name: str) -> Values:
        """What ``module.name`` is, re-exports and star imports followed."""
        return self.fixpoint.solve((module, name), lambda: self._member_of_module(module, name), ())

    def _member_of_module(self, module: ModuleIndex, name: str) -> Values:
        if name in module.top.bindings:
            bindings = module.top.bindings[name]
            return union(*(self.bound(each, module.top, name) for each in bindings))
        found = self._star_imports(name, module)
        if not found and module.is_package:
            submodule = self.modules.imported(name, module.path, 1)
            found = (ModuleValue(submodule),) if submodule is not None else ()
        return found

    def _parameter(self, node: m.Parameter, scope: Scope) -> Values:
        owner = scope.owner
        if owner is not None and self_name(scope) == node.name:
            is_class = scope.decorated_with("classmethod") or scope.name == "__new__"
            return (ClassValue(owner),) if is_class else (Instance(owner),)
        typed: Values = ()
        if node.annotation is not None:
            typed = self.annotations.types(node.annotation, scope)
            if node.kind in ("*", "**"):
                return (Container(typed),) if typed else ()
            if self.annotations.says_all(node.annotation, typed):
                return typed
        passed: list[Values] = []
        if node.default is not None:
            passed.append(self.evaluate(node.default, scope.parent or scope))
        if node.kind not in ("*", "**"):
            passed += [self.evaluate(e, where) for e, where in self.arguments_of(scope, node)]
        given = tuple(v for v in union(*passed) if not _is_none(v))
        return given or typed

    # --- attributes ----------------------------------------------------------------------------

    def attribute(self, values: Values, name: str) -> Values:
        """What ``value.name`` is, for every value."""
        return union(*(self._attribute(value, name) for value in values))

    def _attribute(self, value: Value, name: str) -> Values:
        if isinstance(value, ModuleValue):
            return self.member_of_module(value.module, name)
        if isinstance(value, External):
            return (External(apis.canonical(f"{value.name}.{name}")),)
        if isinstance(value, Instance):
            if isinstance(value.of, Scope):
                return self.instance_member(value.of, name, value)
            part = apis.PARTS.get(f"{value.of}.{name}")
            if part is not None:
                return (Instance(part, value.origin, value.scope),)
            return (External(apis.canonical(f"{value.of}.{name}"), value),)
        if isinstance(value, ClassValue):
            return self._class_member(value.scope, name)
        return ()

    def _class_member(self, cls: Scope, name: str) -> Values:
        method = self.classes.method(cls, name)
        if method is not None:
            bound = cls if method.decorated_with("classmethod") else None
            return (FunctionValue(method, bound),)
        return self._member_values(cls, name)

    def instance_member(self, cls: Scope, name: str, instance: Instance | None = None) -> Values:
        """What an attribute of an instance is: a bound method, a property's result, a value."""
        method = self.classes.method(cls, name)
        if method is not None:
            if method.decorated_with("property", "cached_property", "lazy_property"):
                return self.returned(FunctionValue(method, cls))
            found: list[Value] = [FunctionValue(method, cls)]
            if is_abstract(method):
                found = [
                    FunctionValue(each, each.owner) for each in self.classes.overrides(cls, name)
                ]
                found = found or [FunctionValue(method, cls)]
            return tuple(found)
        values = self._member_values(cls, name)
        if values:
            return values
        below = [FunctionValue(each, each.owner) for each in self.classes.overrides(cls, name)]
        if below:
            return tuple(below)
        bases = self.classes.external_bases(cls)
        return tuple(External(apis.canonical(f"{base}.{name}"), instance) for base in bases)

    def _member_values(self, cls: Scope, name: str) -> Values:
        return self.fixpoint.solve((cls, name), lambda: self._all_members(cls, name), ())

    def _all_members(self, cls: Scope, name: str) -> Values:
        members = self.classes.members(cls, name)
        return union(*(self._member(binding, where, name) for binding, where in members))

    def _member(self, binding: Binding, where: Scope, name: str) -> Values:
        values = self.bound(binding, where, name)
        if where.is_class and binding.value is not None:
            return self._field_default(values, where)
        return values

    def _field_default(self, values: Values, where: Scope) -> Values:
        """``field(default_factory=f)`` of a dataclass is what f returns."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Instance) and value.origin is not None:
                factories = [k.value for k in value.origin.keywords if k.name == "default_factory"]
                if factories:
                    made = self.evaluate(factories[0], where)
                    found.append(self.called(made, value.origin, where))
                    continue
            found.append((value,))
        return union(*found)

    # --- calls ---------------------------------------------------------------------------------

    def _call(self, node: m.Call, scope: Scope) -> Values:
        func = node.func
        if isinstance(func, m.Name) and func.id == "super":
            return self._super(scope)
        if isinstance(func, m.Name) and func.id == "getattr" and len(node.args) >= 2:
            return self._getattr(node, scope)
        if isinstance(func, m.Attribute) and func.attr == "__new__" and node.args:
            made = self.evaluate(node.args[0], scope)
            return tuple(Instance(v.scope, node, scope) for v in made if isinstance(v, ClassValue))
        if isinstance(func, m.Attribute) and func.attr in ("get", "setdefault", "pop"):
            held = self.evaluate(func.value, scope)
            if any(isinstance(v, Container | Literal) for v in held):
                defaults = [self.evaluate(each, scope) for each in node.args[1:]]
                return union(self.elements(held), *defaults)
        return self.called(self.evaluate(func, scope), node, scope)

    def _super(self, scope: Scope) -> Values:
        method = scope.enclosing_method
        cls = method.owner if method is not None else None
        if cls is None:
            return ()
        above = self.classes.lineage(cls)[1:]
        bases = self.classes.external_bases(cls)
        return (*(Instance(each) for each in above[:1]), *(Instance(base) for base in bases))

    def _getattr(self, node: m.Call, scope: Scope) -> Values:
        target = self.evaluate(node.args[0], scope)
        names = self._strings(node.args[1], scope)
        return union(*(self.attribute(target, name) for name in names))

    def _strings(self, node: m.Expression, scope: Scope) -> list[str]:
        """The strings an expression can be; of a parameter, whatever its annotation."""
        if isinstance(node, m.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if not isinstance(node, m.Name):
            return []
        home = self.binding_scope(node.id, scope)
        found: list[str] = []
        for binding in home.bindings[node.id] if home is not None else ():
            if isinstance(binding.node, m.Parameter) and home is not None:
                for passed, _ in self.arguments_of(home, binding.node):
                    if isinstance(passed, m.Constant) and isinstance(passed.value, str):
                        found.append(passed.value)
            elif isinstance(binding.value, m.Constant) and isinstance(binding.value.value, str):
                found.append(binding.value.value)
        return found

    def called(self, functions: Values, node: m.Call, scope: Scope) -> Values:
        """What calling each of ``functions`` as ``node`` does returns."""
        return union(*(self._called(function, node, scope) for function in functions))

    def _called(self, function: Value, node: m.Call, scope: Scope) -> Values:
        if isinstance(function, ClassValue):
            return (Instance(function.scope, node, scope),)
        if isinstance(function, FunctionValue):
            definition = function.scope.function
            if definition is not None and (definition.is_async or definition.is_generator):
                return (Invocation(function, node, scope),)
            return self._returned_to(function, node, scope)
        if isinstance(function, External):
            return self._external_call(function, node, scope)
        if isinstance(function, Partial):
            return self._called(function.target, node, scope)
        if isinstance(function, Instance) and isinstance(function.of, Scope):
            call = self.classes.method(function.of, "__call__")
            if call is not None:
                return self._called(FunctionValue(call, function.of), node, scope)
        return ()

    def _returned_to(self, function: FunctionValue, node: m.Call, scope: Scope) -> Values:
        """What a call returns: a parameter that is returned is what this call passed for it."""
        definition = function.scope.function
        if definition is None or not (node.args or node.keywords):
            return self.returned(function)
        passed: list[tuple[str, Values]] = []
        for parameter in definition.parameters:
            argument = argument_for(function.scope, parameter, node.args, node.keywords)
            values = () if argument is None else self.evaluate(argument, scope)
            if any(isinstance(v, FunctionValue | Partial | Invocation | External) for v in values):
                passed.append((parameter.name, values))
        if not passed:
            return self.returned(function)
        known = dict(passed)
        found: list[Values] = []
        for statement in own_statements(function.scope.body):
            if isinstance(statement, m.Return) and statement.value is not None:
                value = statement.value
                if isinstance(value, m.Name) and value.id in known:
                    found.append(known[value.id])
                else:
                    found.append(self.evaluate(value, function.scope))
        return tuple(_closed_over(v, function.scope, tuple(passed)) for v in union(*found))

    def _external_call(self, function: External, node: m.Call, scope: Scope) -> Values:
        name = function.name
        if name in ("functools.partial", "functools.partialmethod") and node.args:
            targets = self.evaluate(node.args[0], scope)
            return tuple(
                Partial(target, node, scope)
                for target in targets
                if isinstance(target, FunctionValue | ClassValue | External)
            )
        if name in ("functools.wraps", "typing.cast", "builtins.list", "builtins.tuple"):
            return self.evaluate(node.args[-1], scope) if node.args else ()
        if name in ("weakref.ref", "weakref.proxy") and node.args:
            return self.evaluate(node.args[0], scope)
        if name in apis.PAIRS:
            halves = (Instance(of, node, scope, i) for i, of in enumerate(apis.PAIRS[name]))
            return (Container(tuple(halves)),)
        if name in apis.RESULTS:
            return (Instance(apis.RESULTS[name], node, scope),)
        if name in ("builtins.dict", "builtins.set", "collections.defaultdict"):
            return (Container(()),)
        last = name.rpartition(".")[2]
        return (
            Instance(
                name if last[:1].isupper() or name in self.table.queue_by_type else f"{name}()",
                node,
                scope,
            ),
        )

    def returned(self, function: FunctionValue) -> Values:
        """What a function returns; its annotation where its body does not tell."""
        return self.fixpoint.solve(function, lambda: self._returned(function), ())

    def _returned(self, function: FunctionValue) -> Values:
        scope = function.scope
        definition = scope.function
        if definition is None:
            return ()
        results = [
            self.evaluate(statement.value, scope)
            for statement in own_statements(scope.body)
            if isinstance(statement, m.Return) and statement.value is not None
        ]
        values = tuple(
            _rebound(value, function) for value in union(*results) if not _is_none(value)
        )
        if not values and definition.returns is not None:
            values = self.annotations.types(definition.returns, scope)
        return values

    def _awaited(self, values: Values) -> Values:
        found: list[Values] = []
        for value in values:
            if isinstance(value, Invocation):
                found.append(self.returned(value.function))
            elif isinstance(value, Instance | Container):
                found.append((value,))
        return union(*found)

    def _entered(self, values: Values) -> Values:
        """What ``with value as name`` binds."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Invocation):
                found.append(self._yielded(value.function.scope))
            elif isinstance(value, Instance) and isinstance(value.of, Scope):
                for name in ("__aenter__", "__enter__"):
                    method = self.classes.method(value.of, name)
                    if method is not None:
                        found.append(self.returned(FunctionValue(method, value.of)))
            else:
                found.append((value,))
        return union(*found)

    def _yielded(self, scope: Scope) -> Values:
        found = [
            self.evaluate(node.value, scope)
            for node in walk(*scope.body)
            if isinstance(node, m.Yield) and node.value is not None
        ]
        return union(*found)

    # --- elements ------------------------------------------------------------------------------

    def _subscript(self, node: m.Subscript, scope: Scope) -> Values:
        values = self.evaluate(node.value, scope)
        if isinstance(node.index, m.Constant) and isinstance(node.index.value, int):
            return self._item(values, node.index.value)
        same = tuple(v for v in values if isinstance(v, External | ClassValue))
        return same or self.elements(values)

    def _item(self, values: Values, index: int) -> Values:
        found: list[Values] = []
        for value in values:
            if isinstance(value, Container):
                found.append(value.items[index : index + 1] if value.items else ())
            elif isinstance(value, Literal) and isinstance(value.node, m.Sequence):
                elements = value.node.elements[index : index + 1]
                found += [self.evaluate(each, value.scope) for each in elements]
            elif isinstance(value, Literal):
                found.append(self.elements((value,)))
        return union(*found)

    def elements(self, values: Values) -> Values:
        """What iterating over (or subscripting) each value gives."""
        found: list[Values] = []
        for value in values:
            if isinstance(value, Container):
                found.append(value.items)
            elif isinstance(value, Literal):
                node = value.node
                if isinstance(node, m.Sequence):
                    found += [self.evaluate(each, value.scope) for each in node.elements]
                elif isinstance(node, m.Mapping):
                    found += [self.evaluate(each, value.scope) for each in node.values]
                elif isinstance(node, m.Comprehension):
                    found.append(self.evaluate(node.elements[-1], value.scope))
        return union(*found)


def _closed_over(value: Value, scope: Scope, passed: tuple[tuple[str, Values], ...]) -> Value:
    """A nested function remembers what was passed to the function around it."""
    if isinstance(value, FunctionValue) and value.scope.parent is scope:
        return FunctionValue(value.scope, value.receiver, passed)
    return value


def _rebound(value: Value, function: FunctionValue) -> Value:
    """``return self`` returns an object of the class the method was called on."""
    if isinstance(value, Instance) and value.of is function.scope.owner and function.receiver:
        return Instance(function.receiver, value.origin, value.scope)
    return value


def _is_none(value: Value) -> bool:
    return (
        isinstance(value, Literal)
        and isinstance(value.node, m.Constant)
        and value.node.value is None
    )


def _only_none(values: Values) -> bool:
    return all(_is_none(value) for value in values)
