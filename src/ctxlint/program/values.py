"""What an expression can stand for, as far as ctxlint can tell.

An expression has a set of possible values; an empty set means "unknown".  A name of another
library is an `External` and keeps its dotted name: what it means is looked up in `ctxlint.apis`.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from ..facts import model as m
from .index import ModuleIndex
from .scope import Scope

MAX_VALUES: Final = 24
"""How many values an expression may have; there may be more in the program."""


class FunctionValue(Struct, frozen=True):
    """A function of the project; ``receiver`` is the class whose instance it is bound to.

    ``closure`` holds the callables that the call which made a nested function passed to the
    function around it, by parameter.
    """

    scope: Scope
    receiver: Scope | None = None
    closure: tuple[tuple[str, Values], ...] = ()


class ClassValue(Struct, frozen=True):
    """A class of the project."""

    scope: Scope


class ModuleValue(Struct, frozen=True):
    """A module of the project."""

    module: ModuleIndex


class External(Struct, frozen=True):
    """A name from outside the project, e.g. ``asyncio.create_task``.

    A method of an object carries the object: ``asyncio.Queue.put`` with its ``receiver``.
    """

    name: str
    receiver: Instance | None = None


class Instance(Struct, frozen=True):
    """An object; ``of`` is its class, or a dotted type name, or ``f()`` for f's result.

    ``origin`` is the call that made it, in ``scope``; None where only the type is known.
    ``part`` tells the halves of a pair apart (a memory stream's two ends).
    """

    of: Scope | str
    origin: m.Call | None = None
    scope: Scope | None = None
    part: int | None = None


class Invocation(Struct, frozen=True):
    """A coroutine or generator object: ``call`` of an async or generator function."""

    function: FunctionValue
    call: m.Call
    scope: Scope


class Partial(Struct, frozen=True):
    """``functools.partial(target, ...)`` as written in ``call``."""

    target: FunctionValue | ClassValue | External
    call: m.Call
    scope: Scope


class Literal(Struct, frozen=True):
    """A constant or a display, with the scope in which its elements are evaluated."""

    node: m.Constant | m.Sequence | m.Mapping | m.Comprehension
    scope: Scope


class Container(Struct, frozen=True):
    """A collection known by its annotation or its construction: what its elements can be."""

    items: tuple[Value, ...]


Value = (
    FunctionValue
    | ClassValue
    | ModuleValue
    | External
    | Instance
    | Invocation
    | Partial
    | Literal
    | Container
)
Values = tuple[Value, ...]


def union(*groups: Values) -> Values:
    """All values of several groups, each once, in order."""
    return tuple(dict.fromkeys(value for group in groups for value in group))


def is_none(value: Value) -> bool:
    """Whether a value is the constant None."""
    return (
        isinstance(value, Literal)
        and isinstance(value.node, m.Constant)
        and value.node.value is None
    )


def function_of(value: Value) -> Scope | None:
    """The function that a value is, a partial looked through."""
    if isinstance(value, Partial):
        value = value.target
    return value.scope if isinstance(value, FunctionValue) else None
