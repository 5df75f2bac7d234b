"""Items and snapshots that refuse to be changed store what they hold by `object.__setattr__`; a
snapshot of one's own may be taken from a copy of the context, variable by variable.
"""

import asyncio
import contextvars
from contextlib import contextmanager
from dataclasses import dataclass, field


class Snapshot:
    def __init__(self, values):
        object.__setattr__(self, "values", values)

    def __setattr__(self, name, value):
        raise AttributeError(name)


def snapshot(exclude=()):
    current = contextvars.copy_context()
    if exclude:
        return Snapshot({v: value for v, value in current.items() if v not in exclude})
    return Snapshot({v: current[v] for v in current})


@contextmanager
def activated(taken):
    tokens = [(variable, variable.set(value)) for variable, value in taken.values.items()]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


class Parcel:
    def __init__(self, row):
        self.row = row
        self.origin = snapshot()


class Post:
    def __init__(self, database):
        self.database = database
        self.parcels = asyncio.Queue()
        self.thrown = asyncio.Queue()

    async def startup(self):
        asyncio.create_task(self.deliver())
        asyncio.create_task(self.throw())

    async def send(self, row):
        await self.parcels.put(Parcel(row))

    async def send_elsewhere(self, row):
        await self.thrown.put(Parcel(row))

    async def deliver(self):
        while True:
            parcel = await self.parcels.get()
            with activated(parcel.origin):
                await self.database.insert(parcel.row)

    async def throw(self):
        while True:
            parcel = await self.thrown.get()
            await self.database.insert(parcel.row)  # error: CTX202


@dataclass(frozen=True)
class Letter:
    row: object

    def __post_init__(self):
        object.__setattr__(self, "context", contextvars.copy_context())


class Card:
    def __init__(self, row):
        super().__setattr__("row", row)
        super().__setattr__("context", contextvars.copy_context())


@dataclass(frozen=True)
class Bill:
    row: object

    def __post_init__(self):
        object.__setattr__(self, "sent", False)


class Office:
    def __init__(self, database):
        self.database = database
        self.letters = asyncio.Queue()
        self.bills = asyncio.Queue()

    async def startup(self):
        asyncio.create_task(self.read())
        asyncio.create_task(self.pay())

    async def write(self, row):
        await self.letters.put(Letter(row))
        await self.letters.put(Card(row))

    async def bill(self, row):
        await self.bills.put(Bill(row))  # error: CTX201

    async def read(self):
        while True:
            letter = await self.letters.get()
            letter.context.run(self.database.insert, letter.row)

    async def pay(self):
        while True:
            bill = await self.bills.get()
            await self.database.insert(bill.row)


NAME = "context"


class Stamp:
    """It may hold a context by a name that is not known: nothing is said."""

    def __init__(self, row):
        self.row = row
        object.__setattr__(row, "context", contextvars.copy_context())
        setattr(self, NAME, contextvars.copy_context())


@dataclass
class Note:
    row: object
    color: str = field(repr=False, default="")
    context: object = field(repr=False, default_factory=contextvars.copy_context)


@dataclass
class Memo:
    row: object
    context: object = field(default=None)
    color: str = field()


class Desk:
    def __init__(self, database):
        self.database = database
        self.stamps = asyncio.Queue()
        self.notes = asyncio.Queue()

    async def startup(self):
        asyncio.create_task(self.stamp())
        asyncio.create_task(self.take_note())

    async def write(self, row):
        await self.stamps.put(Stamp(row))
        await self.stamps.put(Memo(row, color="red"))  # error: CTX201

    async def note(self, row):
        await self.notes.put(Note(row))

    async def stamp(self):
        while True:
            stamp = await self.stamps.get()
            await self.database.insert(stamp.row)

    async def take_note(self):
        while True:
            note = await self.notes.get()
            note.context.run(self.database.insert, note.row)
