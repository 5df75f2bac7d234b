"""Where requests and start-up enter the program: decorators, base classes, signatures, names."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

from .. import apis
from ..facts import model as m
from .index import ModuleIndex
from .resolve import Resolver
from .scope import Scope
from .trees import last_name
from .values import External, FunctionValue, Instance

EntryKind = Literal["request", "startup"]
Entry = tuple[EntryKind, str]


class Entries:
    """Says whether a function is an entry point, and why; memoised."""

    def __init__(self, resolver: Resolver, table: apis.Table) -> None:
        self._resolver = resolver
        self._table = table
        self._memo: dict[Scope, Entry | None] = {}

    def of(self, function: Scope) -> Entry | None:
        """The kind of entry point a function is, and a phrase that says so."""
        if function not in self._memo:
            self._memo[function] = self._classify(function)
        return self._memo[function]

    def _classify(self, function: Scope) -> Entry | None:
        definition = function.function
        if definition is None:
            return None
        return (
            self._by_user(function)
            or self._by_decorator(function)
            or self._by_base(function)
            or self._by_signature(function, definition)
        )

    def _by_user(self, function: Scope) -> Entry | None:
        if matches(function.dotted, self._table.startup_functions):
            return "startup", "a startup function by the settings"
        if matches(function.dotted, self._table.request_functions):
            return "request", "an entry point by the settings"
        return None

    # --- decorators ----------------------------------------------------------------------------

    def _by_decorator(self, function: Scope) -> Entry | None:
        for decorator in function.decorators:
            name = last_name(decorator)
            if any(
                self._fits(row, name, decorator, function) for row in self._table.startup_decorators
            ):
                return "startup", f"registered with @{name}"
            if any(
                self._fits(row, name, decorator, function) for row in self._table.request_decorators
            ):
                return "request", f"registered with @{name}"
        return None

    def _fits(
        self, row: apis.EntryDecorator, name: str, decorator: m.Expression, function: Scope
    ) -> bool:
        scope = function.parent or function
        if row.method != name or (row.only and function.name not in row.only):
            return False
        call = decorator if isinstance(decorator, m.Call) else None
        func = call.func if call is not None else decorator
        if row.argument is not None and first_string(call) != row.argument:
            return False
        values = self._resolver.evaluate(func, scope)
        named = [value.name for value in values if isinstance(value, External)]
        if any(_belongs(each, row) for each in named):
            return True
        if any(isinstance(value, FunctionValue) for value in values):
            return False
        if isinstance(func, m.Attribute) and self._is_command_group(func.value, scope):
            return row.method in ("command", "group")
        if row.route and (first_string(call) or "").startswith("/"):
            return isinstance(func, m.Attribute)
        receiver = last_name(func.value) if isinstance(func, m.Attribute) else ""
        return not named_elsewhere(named, row) and receiver.lstrip("_") in row.names

    def _is_command_group(self, receiver: m.Expression, scope: Scope) -> bool:
        """Whether an expression is a function that click made a group of."""
        return any(
            isinstance(value, FunctionValue) and value.scope.decorated_with("group", "command")
            for value in self._resolver.evaluate(receiver, scope)
        )

    # --- base classes --------------------------------------------------------------------------

    def _by_base(self, function: Scope) -> Entry | None:
        owner = function.owner
        if owner is None:
            return None
        classes = self._resolver.classes
        bases = classes.external_bases(owner)
        names = {*bases, *(cls.dotted for cls in classes.lineage(owner)[1:])}
        for row in self._table.startup_bases:
            if function.name in row.methods and any(_derives(base, row.base) for base in names):
                return "startup", f"{row.base}.{function.name}"
        for row in self._table.request_bases:
            if function.name in row.methods and any(_derives(base, row.base) for base in names):
                return "request", f"{row.base}.{function.name}"
        if not function.name.startswith("_") and any(base.endswith("Servicer") for base in names):
            return "request", "a gRPC servicer's method"
        return None

    # --- signatures ----------------------------------------------------------------------------

    def _by_signature(self, function: Scope, definition: m.Function) -> Entry | None:
        names = tuple(each.name for each in definition.parameters)
        own = names[1:] if function.owner is not None else names
        if own == apis.ASGI_PARAMETERS:
            return "request", "an ASGI callable"
        if own == apis.WSGI_PARAMETERS:
            return "request", "a WSGI callable"
        if function.name == "__call__" and own == ("request",):
            return "request", "a middleware's __call__(request)"
        if function.module.path.name == "views.py" and own[:1] == ("request",):
            return "request", "a view"
        for parameter in definition.parameters:
            if parameter.annotation is not None and self._is_request(
                parameter.annotation, function
            ):
                return "request", f"takes a {last_name(parameter.annotation) or 'request'}"
        return None

    def _is_request(self, annotation: m.Expression, function: Scope) -> bool:
        values = self._resolver.annotations.types(annotation, function)
        return any(isinstance(v, Instance) and v.of in apis.REQUEST_TYPES for v in values)

    # --- registration calls --------------------------------------------------------------------

    def registered(self, node: m.Expression, module: ModuleIndex) -> Entry | None:
        """Whether an expression stands in a call that registers it as an entry point."""
        inner: m.Node = node
        keyword: str | None = None
        holder = module.parents.get(inner)
        while isinstance(holder, m.Sequence | m.Call | m.Keyword):
            if isinstance(holder, m.Keyword):
                keyword = holder.name
            elif isinstance(holder, m.Call):
                found = _registration(holder, inner, keyword)
                if found is not None:
                    return found
                if last_name(holder.func) not in ("partial", "as_view"):
                    return None
                inner, keyword = holder, None
            else:
                inner = holder
            holder = module.parents.get(holder)
        return _assigned_hook(holder, module) if isinstance(holder, m.Assign) else None

    def is_startup_name(self, function: Scope) -> bool:
        """Whether an uncalled function is a startup hook by its name alone."""
        name = function.name.lower()
        return name in apis.STARTUP_NAMES or "lifespan" in name


def matches(dotted: str, patterns: Iterable[str]) -> bool:
    """Whether a dotted name fits a row, given in full or from an outer namespace package."""
    return any(
        fnmatchcase(dotted, pattern) or f".{pattern}".endswith(f".{dotted}") for pattern in patterns
    )


def first_string(call: m.Call | None) -> str | None:
    """The first positional argument of a call if it is a string."""
    if call is None or not call.args or not isinstance(call.args[0], m.Constant):
        return None
    value = call.args[0].value
    return value if isinstance(value, str) else None


def named_elsewhere(names: list[str], row: apis.EntryDecorator) -> bool:
    """Whether the decorator is known to come from a type that the row does not mean."""
    return bool(names) and bool(row.types) and all(name.startswith("builtins.") for name in names)


def _belongs(name: str, row: apis.EntryDecorator) -> bool:
    """Whether ``name`` is the row's method of one of the row's types (or of their modules)."""
    owner, _, method = name.rpartition(".")
    return method == row.method and any(
        owner == each or owner.startswith(f"{each}.") or each.startswith(f"{owner}.")
        for each in row.types
    )


def _derives(base: str, wanted: str) -> bool:
    return base == wanted or base.startswith(f"{wanted}.") or base.endswith(f".{wanted}")


def _registration(call: m.Call, node: m.Node, keyword: str | None) -> Entry | None:
    name = last_name(call.func)
    rows: tuple[tuple[EntryKind, tuple[apis.Registration, ...]], ...] = (
        ("startup", apis.STARTUP_REGISTRATIONS),
        ("request", apis.REQUEST_REGISTRATIONS),
    )
    for kind, registrations in rows:
        for row in registrations:
            owner, _, method = row.method.rpartition(".")
            if method != name or (owner and not _called_on(call, owner)):
                continue
            if row.first and first_string(call) not in row.first:
                continue
            by_position = node in call.args and call.args.index(node) == row.callee
            if by_position or (keyword is not None and keyword == row.keyword):
                return kind, f"registered with {name}()"
    return None


def _assigned_hook(statement: m.Assign, module: ModuleIndex) -> Entry | None:
    """``on_startup = startup`` in a class, ``app.on_startup = [startup]``."""
    for target in statement.targets:
        name = last_name(target)
        if name in apis.STARTUP_ATTRIBUTES:
            return "startup", f"assigned to {name}"
        if name in apis.JOB_ATTRIBUTES and module.scope_of(statement).name == "WorkerSettings":
            return "request", "a job of the worker's settings"
    return None


def _called_on(call: m.Call, owner: str) -> bool:
    """``owner.method(...)``, or the bare name that was imported from the owner."""
    if isinstance(call.func, m.Name):
        return True
    return isinstance(call.func, m.Attribute) and last_name(call.func.value) == owner
