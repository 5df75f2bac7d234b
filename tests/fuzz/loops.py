"""What spawned functions do: loops that never end, in the spellings that people use, and work that
looks like one and ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


class Pick(Protocol):
    """Draws one of several."""

    def __call__(self, first: T, /, *others: T) -> T: ...


def indented(lines: Sequence[str], by: int = 1) -> list[str]:
    return ["    " * by + line if line else line for line in lines]


@dataclass(frozen=True)
class Ground:
    """Where a function stands and what it is: a method, or a function of a module; a coroutine
    function, or one that a thread runs.
    """

    method: bool
    thread: bool
    label: str

    @property
    def me(self) -> str:
        """What comes before the names of what is shared."""
        return "self." if self.method else ""

    @property
    def wait(self) -> str:
        return "time.sleep(0.001)" if self.thread else "await asyncio.sleep(0.001)"

    @property
    def run(self) -> str:
        return "" if self.thread else "await "

    @property
    def event(self) -> str:
        return "threading.Event()" if self.thread else "asyncio.Event()"

    def head(self, name: str, *parameters: str) -> str:
        given = ("self", *parameters) if self.method else parameters
        return f"{'' if self.thread else 'async '}def {name}({', '.join(given)}):"


@dataclass(frozen=True)
class Work:
    """The body of a spawned function, the functions that it needs, and what they share by name."""

    body: tuple[str, ...]
    beside: tuple[str, ...] = ()
    state: tuple[tuple[str, str], ...] = ()


def tick(pick: Pick, ground: Ground) -> str:
    """Tells the stage who is seen."""
    return pick(f'probe.idle("{ground.label}")', f'probe.idle("{ground.label}", USER.get())')


def endless(pick: Pick, ground: Ground) -> Work:
    """A loop that does not end by itself."""
    return pick(*_ENDLESS)(tick(pick, ground), ground)


def finite(pick: Pick, ground: Ground, *, asks: bool = True) -> Work:
    """Work that ends; a thread's may not ask who its user is, unless that is what is looked for."""
    say = tick(pick, ground) if asks else f'probe.idle("{ground.label}")'
    return pick(*_FINITE)(say, ground)


Maker = Callable[[str, Ground], Work]


def _while(test: str, *state: tuple[str, str]) -> Maker:
    def make(say: str, g: Ground) -> Work:
        own = tuple((name, value.replace("EVENT", g.event)) for name, value in state)
        return Work((f"while {test.format(me=g.me)}:", *indented([say, g.wait])), (), own)

    return make


def _guarded(say: str, g: Ground) -> Work:
    cancelled = [] if g.thread else ["except asyncio.CancelledError:", "    raise"]
    return Work(
        (
            "while True:",
            *indented(["try:", *indented([say, g.wait]), *cancelled]),
            *indented(["except Exception as error:", "    print(error)"]),
        )
    )


def _delegated(say: str, g: Ground) -> Work:
    return Work(
        ("while True:", f"    {g.run}{g.me}_step()"),
        (g.head("_step"), f"    {say}", f"    {g.wait}"),
    )


def _deep(say: str, g: Ground) -> Work:
    return Work(
        ('"""Until the process ends."""', f"{g.run}{g.me}_forever()"),
        (g.head("_forever"), "    while True:", f"        {say}", f"        {g.wait}"),
    )


def _told_to_stop(say: str, g: Ground) -> Work:
    return Work(
        ("while True:", *indented([say, g.wait, f"if {g.me}_stopping:", "    return"])),
        (),
        (("_stopping", "False"),),
    )


def _waits_for_stop(say: str, g: Ground) -> Work:
    if g.thread:
        body: tuple[str, ...] = (f"while not {g.me}_stop.wait(0.001):", f"    {say}")
    else:
        waits = f"await asyncio.wait_for({g.me}_stop.wait(), 0.001)"
        body = (
            f"while not {g.me}_stop.is_set():",
            *indented(["try:", f"    {waits}", "except asyncio.TimeoutError:", f"    {say}"]),
        )
    return Work(body, (), (("_stop", g.event),))


def _ticks(say: str, g: Ground) -> Work:
    return Work(
        (f"{'' if g.thread else 'async '}for _ in {g.me}_ticks():", f"    {say}"),
        (g.head("_ticks"), "    while True:", f"        {g.wait}", "        yield 1"),
    )


def _nested_batches(say: str, g: Ground) -> Work:
    return Work(("while True:", "    for _ in range(2):", f"        {say}", f"        {g.wait}"))


_ENDLESS: tuple[Maker, ...] = (
    _while("True"),
    _while("1"),
    _while("not {me}_closed", ("_closed", "False")),
    _while("{me}_running", ("_running", "True")),
    _while("not {me}_stop.is_set()", ("_stop", "EVENT")),
    _guarded,
    _delegated,
    _deep,
    _told_to_stop,
    _waits_for_stop,
    _ticks,
    _nested_batches,
)


def _once(say: str, g: Ground) -> Work:
    return Work((say, g.wait))


def _range(say: str, g: Ground) -> Work:
    return Work(("for number in range(3):", f"    {say}", f"    {g.wait}", "print(number)"))


def _tries(say: str, g: Ground) -> Work:
    count = ("tries += 1", say, g.wait)
    return Work(("tries = 0", "while tries < 3:", *indented(count)))


def _retry(say: str, g: Ground) -> Work:
    """It looks endless: retries until success."""
    attempt = ["try:", *indented([say, g.wait, "return"]), "except OSError:", f"    {g.wait}"]
    return Work(("while True:", *indented(attempt)))


def _rows(say: str, g: Ground) -> Work:
    return Work(("rows = [1, 2]", "while rows:", "    rows.pop()", f"    {say}", f"    {g.wait}"))


def _helper(say: str, g: Ground) -> Work:
    return Work(
        (f"{g.run}{g.me}_send()",),
        (g.head("_send"), f"    {say}", f"    {g.wait}"),
    )


_FINITE: tuple[Maker, ...] = (_once, _range, _tries, _retry, _rows, _helper)
