"""What a fix is to do: plain data, free of trees and of text.

A finding's fix says *what* is to be rewritten; `fixes/` finds out how that is spelled. Places are
offsets in code points of the file's decoded text, as in the facts. An intent is whole: all of it is
applied, over all its files, or none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec


class Spot(msgspec.Struct, frozen=True):
    """A place in a file: the offset of the first token of what stands there."""

    path: str
    at: int


Form = Literal["task", "through", "thread", "timer", "runner", "target"]


class Detach(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Start a worker without its spawner's context.

    ``spot`` is where the call begins; ``inner`` counts the calls that begin there too and are a
    part of its function: none in ``create_task(f())``, one in ``get_loop().create_task(f())``.

    ``form`` says what the call is: ``task`` (a task of the running loop, made by asyncio),
    ``through`` (a function that spawns during the call: a group's method, another loop's, a
    thread's ``start``, a project's wrapper), ``thread`` (a Thread is made), ``timer`` (a
    callback with a ``context`` parameter), ``runner`` (a context's ``run``, given a function that
    spawns), ``target`` (a Thread is made whose target is a context's ``run``). ``keep`` holds the
    variables that the worker needs from its starter, as ``module:name``. ``loop`` is where a
    variable is assigned that may have no other use than to be the loop of this call.
    """

    spot: Spot
    form: Form
    inner: int = 0
    keep: tuple[str, ...] = ()
    loop: Spot | None = None


class Put(msgspec.Struct, frozen=True):
    """A put whose item is to carry its producer's context: the offset of the item."""

    item: Spot


class Get(msgspec.Struct, frozen=True, kw_only=True):
    """A get in a consumer, whose item is to be handled in the context that it carries."""

    spot: Spot


class Handoff(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Let the items of queues carry their context, and start the workers of these detached.

    ``annotations`` are the type arguments (``T`` of ``Queue[T]``) that items are declared by.
    """

    puts: tuple[Put, ...]
    gets: tuple[Get, ...]
    annotations: tuple[Spot, ...] = ()
    spawns: tuple[Detach, ...] = ()


Intent = Detach | Handoff


def files_of(intent: Intent) -> frozenset[str]:
    """The paths of all files in which an intent names a place."""
    return frozenset(_paths(intent))


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, Spot):
        yield value.path
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _paths(getattr(value, field))
    elif isinstance(value, tuple):
        for each in value:
            yield from _paths(each)
