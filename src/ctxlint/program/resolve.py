"""The one resolver: what an expression can stand for, across modules.

Flow-insensitive and demand-driven: a name is everything ever assigned to it, a module is parsed
when a name leads into it.  An empty answer means "unknown", never "nothing".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, cast

from .. import apis
from ..facts import model as m
from ..patience import Patience
from .annotations import Annotations
from .bindings import Binding
from .classes import Classes, self_name
from .elements import Elements
from .fixpoint import Fixpoint
from .index import ModuleIndex
from .inheritance import Inheritance
from .members import Members
from .modules import Modules
from .results import Results
from .scope import Scope
from .values import (
    MAX_VALUES,
    ClassValue,
    Container,
    External,
    FunctionValue,
    Instance,
    Literal,
    ModuleValue,
    Values,
    is_none,
    union,
)

ArgumentSource = Callable[[Scope, m.Parameter], Iterable[tuple[m.Expression, Scope]]]
_MAX_DEPTH: Final = 400


class Resolver:
    """Evaluates expressions; memoised per expression.

    ``arguments_of`` supplies what callers pass for a parameter; the call graph sets it.
    """

    def __init__(
        self, modules: Modules, table: apis.Table, inheritance: Inheritance, patience: Patience
    ) -> None:
        self.modules: Final = modules
        self.table: Final = table
        self.classes: Final = Classes(self, inheritance)
        self.annotations: Final = Annotations(self)
        self.members: Final = Members(self)
        self.results: Final = Results(self)
        self.elements: Final = Elements(self)
        self.arguments_of: ArgumentSource = lambda _scope, _parameter: ()
        self.fixpoint: Final = Fixpoint(_MAX_DEPTH, patience)
        self._known: Final = cast("dict[m.Expression, Values]", self.fixpoint.known)

    def evaluate(self, expression: m.Expression, scope: Scope) -> Values:
        """All values an expression can have; empty when unknown."""
        known = self._known.get(expression)  # most are asked of several times
        if known is not None:
            return known
        return self.fixpoint.solve(
            expression, lambda: self._evaluate(expression, scope)[:MAX_VALUES], ()
        )

    def _evaluate(self, node: m.Expression, scope: Scope) -> Values:
        if isinstance(node, m.Name):
            return self.lookup(node.id, scope)
        if isinstance(node, m.Attribute):
            return self.members.attribute(self.evaluate(node.value, scope), node.attr)
        if isinstance(node, m.Call):
            return self.results.of(node, scope)
        if isinstance(node, m.Await):
            return self.results.awaited(self.evaluate(node.value, scope))
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
            return self.elements.at(node, scope)
        return ()

    # --- names ---------------------------------------------------------------------------------

    def lookup(self, name: str, scope: Scope) -> Values:
        """What a name means in a scope, by Python's scoping rules."""
        home = self.binding_scope(name, scope)
        if home is None:
            return self._star_imports(name, scope.module) or (External(f"builtins.{name}"),)
        return self._bound_in(home, name)

    def _bound_in(self, home: Scope, name: str) -> Values:
        """All that a scope's name is bound to, by functions within it, too."""
        inside = home.module.assigned_inside(home, name)
        return union(
            *(self.bound(binding, home, name) for binding in home.bindings[name]),
            *(self.bound(binding, where, name) for binding, where in inside),
        )

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
                values = self.elements.of(values)
            elif binding.kind == "entered":
                values = self.results.entered(values)
            for index in binding.path:
                values = self.elements.item(values, index)
            if values and not _only_none(values):
                return values
        if binding.annotation is not None:
            return self.annotations.types(binding.annotation, scope)
        return ()

    def _imported(self, node: m.Import, name: str, module: ModuleIndex) -> Values:
        imported = next(e for e in node.names if (e.alias or e.name.split(".")[0]) == name)
        if node.is_from:
            return self._imported_from(node, imported.name, module)
        dotted = imported.name if imported.alias else name
        target = self.modules.imported(dotted, module.path)
        return (ModuleValue(target),) if target else (External(apis.canonical(dotted)),)

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
            return self._bound_in(module.top, name)
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
        given = tuple(v for v in union(*passed) if not is_none(v))
        return given or typed


def _only_none(values: Values) -> bool:
    return all(is_none(value) for value in values)
