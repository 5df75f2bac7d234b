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
    variables that the worker needs from its starter, as ``module:name``, or ``:name`` in the
    same file. ``loop`` is where a variable is assigned that may have no other use than to be the
    loop of this call. ``also`` are the other calls that hand a worker to the same spawner.
    """

    spot: Spot
    form: Form
    inner: int = 0
    keep: tuple[str, ...] = ()
    loop: Spot | None = None
    also: tuple[Detach, ...] = ()


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """A put whose item is to carry its producer's context.

    ``spot`` and ``inner`` tell the call, as of spawns; the item is its ``argument``: a position
    or a keyword. Of a tuple, the ``last`` element can be what carries. ``taken`` is where the get
    stands that took an item which is put back: its envelope is passed on as it is.
    """

    spot: Spot
    argument: int | str
    inner: int = 0
    last: bool = False
    taken: int | None = None


class Get(msgspec.Struct, frozen=True, kw_only=True):
    """A get whose item is to be handled in the context that it carries.

    ``spot`` is where ``queue`` of ``queue.method`` begins. ``form`` says what is made of it:
    ``bound`` (assigned to names by a statement of its own), ``inline`` (used where it stands),
    ``walrus`` (bound by the test of a ``while``), ``iterated`` (``for item in iter(get, stop)``),
    ``looped`` (kept in a list, whose loop at ``spot`` handles each item by itself), ``divided``
    (kept in the list called ``method``, made at ``frame``, whose items are handled together by
    the statements from ``spot`` on).

    Of ``bound`` ones, ``frame`` is the outermost statement that holds nothing but the get,
    ``orelse`` says that the item is handled in the frame's ``else``, and ``tests`` are the
    statements behind it that tell sentinels apart; ``split`` is a ``try`` around the get and the
    handling of the item that has to be parted: handlers go to the handling, only copies of those
    at ``copied`` stay with the get, ``final`` keeps its ``finally`` around both, and
    ``otherwise`` says that a copied handler does not leave: the handling goes to an ``else``.

    ``until`` is the first statement behind the handling of the item; without it, all the rest
    handles it. ``told`` says of loops that the test is for sentinels only, which come as they are,
    and ``doubted`` that the payload could pass for one, too.  ``last`` as of puts.
    """

    spot: Spot
    method: str
    form: Literal["bound", "inline", "walrus", "iterated", "looped", "divided"]
    frame: int | None = None
    orelse: bool = False
    tests: tuple[int, ...] = ()
    split: int | None = None
    copied: tuple[int, ...] = ()
    final: bool = False
    otherwise: bool = False
    until: int | None = None
    told: bool = False
    doubted: bool = False
    last: bool = False


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration of what a queue's items are.

    ``spot`` is where the parameter, the assignment, the function or the call begins that holds it.
    In the forms ``item`` (a parameter) and ``taken`` (a function's result), the annotation is that
    of an item, in the form ``list`` (an assignment) that of a list of items.
    ``sentinels`` are the types that come as they are, and in no envelope.
    """

    spot: Spot
    form: Literal["parameter", "assigned", "returned", "made", "alias", "item", "taken", "list"]
    sentinels: tuple[str, ...] = ()


class Handoff(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Let the items of queues carry their context, and start the workers of these detached."""

    puts: tuple[Put, ...]
    gets: tuple[Get, ...]
    annotations: tuple[Declared, ...] = ()
    spawns: tuple[Detach, ...] = ()


HandoverForm = Literal["beside", "wrapped", "lambda", "wrapped-lambda", "thread", "each", "awaited"]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """A call that hands a function over to be run elsewhere: ``argument`` is the function.

    ``spot`` and ``inner`` tell the call, as of spawns. ``form`` says how it takes a function that
    runs in a context: ``beside`` (``context.run`` comes first, the function is its first
    argument), ``wrapped`` (both in a partial), ``lambda`` and ``wrapped-lambda`` (the same of a
    lambda that does nothing but run a function in a copy made too late, which is unfolded),
    ``thread`` (the function's arguments are given as a tuple), ``each`` (the function is run once
    for each item), ``awaited`` (the call is awaited at once, and asyncio has another for that).
    ``loop`` is where a variable is assigned that may have no other use than to be the loop of
    this call.
    """

    spot: Spot
    argument: int | str
    form: HandoverForm
    inner: int = 0
    loop: Spot | None = None


class Propagate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Run what calls hand over in copies of the context of whoever hands it over."""

    handovers: tuple[Handover, ...]


class Recopy(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Enter a copy of a context where the context itself is entered: the expression at ``spot``.

    ``form`` says where it stands: before ``.run`` (``run``), as an argument (``argument``), or
    before a ``.run`` that is evaluated once for many runs (``each``).
    """

    spot: Spot
    form: Literal["run", "argument", "each"]


class AskForNone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Ask whether a context is there, and not whether it is true.

    ``spot`` is where the fallback to the copy at ``copy`` begins. Of the form ``or``, that is the
    context itself; of ``if`` and ``if not``, it is the test.
    """

    spot: Spot
    copy: int
    form: Literal["or", "if", "if not"]


class Unsilence(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Take codes out of the ``# noqa`` comment that begins at ``spot``."""

    spot: Spot
    codes: tuple[str, ...]


class Unwind(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Take back what a statement sets, whatever happens behind it.

    ``spot`` is where the statement begins. ``form``: ``wrapped`` (what stands before the reset at
    ``until`` goes into a ``try``), ``widened`` (the ``try`` at ``until``, whose ``finally`` takes
    back, begins right behind the set), ``added`` (there is no reset: the function ``resets`` is
    called, or the method of a variable where that is empty, with the ``token`` or a new name).
    """

    spot: Spot
    form: Literal["wrapped", "widened", "added"]
    until: int | None = None
    token: str | None = None
    resets: str = ""


Intent = Detach | Handoff | Propagate | Recopy | AskForNone | Unwind | Unsilence


def files_of(intent: Intent) -> frozenset[str]:
    """The paths of all files in which an intent names a place."""
    return frozenset(spot.path for spot in _spots(intent))


def spots_of(intent: Intent) -> list[Spot]:
    """Every place that an intent names, by file and in the order of the text."""
    return sorted(set(_spots(intent)), key=lambda spot: (spot.path, spot.at))


def _spots(value: object) -> Iterator[Spot]:
    if isinstance(value, Spot):
        yield value
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _spots(getattr(value, field))
    elif isinstance(value, tuple):
        for each in value:
            yield from _spots(each)
