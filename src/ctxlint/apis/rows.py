"""What a row of each kind says."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

Kind = Literal["task", "thread", "timer", "callback", "executor"]
"""``task``: asyncio, anyio or trio task; ``thread``; ``timer``: runs later, once; ``callback``:
runs soon, once; ``executor``: a pool's thread, which starts with an empty context."""


class Spawner(Struct, frozen=True):
    """A call that starts concurrent execution.

    - ``callee``: the position of what is started; ``keyword``: its name when given by keyword.
    - ``arguments``: how arguments for the callee are given: the ``rest`` of the positions, or
      ``args`` (a tuple in ``args=``).
    - ``by_name``: the method's name alone identifies it where the receiver's type is unknown.
    - ``group``: the callee ends with the receiver's ``with`` block.
    - ``detached``: nothing of the caller's context reaches the callee.
    - ``awaited``: the spawner is itself a coroutine function, whose body runs at the await, in the
      caller's context: running it in another context detaches nothing, and awaiting it waits for
      no more than the start.
    - ``every``: all positional arguments are started.
    - ``many``: the callee is started once for each item of what is passed beside it.
    """

    name: str
    kind: Kind
    callee: int = 0
    keyword: str | None = None
    arguments: Literal["rest", "args", "none"] = "none"
    by_name: bool = False
    group: bool = False
    detached: bool = False
    awaited: bool = False
    every: bool = False
    many: bool = False


class QueueType(Struct, frozen=True):
    """A class whose objects are queues inside one process."""

    name: str
    put: tuple[str, ...] = ("put", "put_nowait")
    get: tuple[str, ...] = ("get", "get_nowait")
    item: int = 0
    iterable: bool = False


class EntryDecorator(Struct, frozen=True):
    """A decorator that registers a function to be run per request (or at startup).

    ``method`` is the decorator's last name; ``types`` are the receivers it belongs to.  Where
    the receiver's type is unknown, ``route`` (a first argument starting with "/") or a receiver
    with one of ``names`` decides.  ``only`` limits the row to functions of these names.
    """

    method: str
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    route: bool = False
    argument: str | None = None
    only: tuple[str, ...] = ()


class EntryBase(Struct, frozen=True):
    """Methods of subclasses of a framework's class that the framework calls."""

    base: str
    methods: tuple[str, ...]


class Registration(Struct, frozen=True):
    """A call that hands a function over to be run per request or at startup."""

    method: str
    callee: int
    keyword: str | None = None
    first: tuple[str, ...] = ()


class ContextUse(Struct, frozen=True):
    """A library's function that reads or sets what the current context holds.

    - ``phrase``: what it does, for messages.
    - ``given``: the position of a parameter ``context`` by which the caller may say which context
      is meant: then nothing is read.
    - ``by_name``: the method's name alone identifies it where the receiver's type is unknown.
    - ``needs``: words that the project must hold for it to be so: a logger reads the log context
      where it is set up to.
    """

    name: str
    kind: Literal["read", "set"]
    phrase: str = ""
    given: int | None = None
    by_name: bool = False
    needs: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """What belongs together: who sets an area first, loses nothing of it."""
        return _AREAS.get(self.name.partition(".")[0], self.name.partition(".")[0])


_AREAS: Final = {"logfire": "opentelemetry", "langgraph": "langchain_core", "quart": "flask"}


class ContextSetter(Struct, frozen=True):
    """A library's function that sets something in the current context, until it is taken back.

    - ``label``: how messages name what it sets.
    - ``resets``: the functions that take it back.
    - ``within``: last names of ``with`` blocks that restore what was there before, whatever is set
      inside them; ``likely``: parts of such names, where nothing is known of what is entered.
    - ``stacks``: what it sets is made from what is there: an item that sets it anew does not
      get rid of what the last one set.
    """

    name: str
    label: str
    resets: tuple[str, ...]
    within: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    stacks: bool = False


class ThreadCarrier(Struct, frozen=True):
    """What takes a library's part of the context into threads, where a project holds a word.

    ``area`` is what it takes along, as `ContextUse.area` has it; ``kinds`` are the spawns that it
    patches.
    """

    word: str
    area: str
    kinds: tuple[Kind, ...] = ("thread", "timer", "executor")
