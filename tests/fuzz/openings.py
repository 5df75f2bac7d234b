"""Cells that start their work where Python calls by itself: while an object is made or entered,
or when one of its attributes is read.
"""

from __future__ import annotations

from .apart import apart
from .cell import GUARDED, GUARDED_THREADS, Cell
from .cells import code_of, forms, sight_of, work_of
from .loops import Ground, Pick, finite, indented
from .spawning import Spawn

_KEPT = "self._kept"


def opening(pick: Pick, label: str) -> Cell:
    """A class whose objects start something when they are made, entered or looked at."""
    thread = pick(False, False, True)
    kind = pick("made", "dataclass", "entered", "entered", "property", "cached")
    fate = pick("leak", "leak", "finite", "detached", "startup", "bounded")
    if fate == "bounded" and kind != "entered":
        fate = "leak"
    ground = Ground(method=True, thread=thread, label=label)
    ends = fate == "bounded" and thread
    work = finite(pick, ground, asks=False) if ends else work_of(pick, ground, fate)
    ways = forms("leak" if fate == "bounded" else fate, thread)
    spawn = pick(*ways)(_KEPT, "self._run", code_of(fate, thread))
    if ends and "= True" in spawn.lines[-1]:
        spawn = ways[0](_KEPT, "self._run", "")
    cell = Cell(label, sight=sight_of(fate))
    guarded = GUARDED_THREADS if thread else GUARDED
    taken, spawn = apart(pick, cell, spawn, guarded)
    class_ = label.title()
    head, own, call, begin = {
        "made": _made,
        "dataclass": _dataclass,
        "entered": _entered,
        "property": _property,
        "cached": _cached,
    }[kind](spawn, label, fate, thread)
    state = [f"self.{each} = {value}" for each, value in work.state]
    module = f"{label}_opening"
    quiet = [f"print({label}_kept, item)"] if fate == "startup" else call
    cell.modules[module] = [
        *taken,
        *guarded,
        "",
        "",
        *([*spawn.beside, "", ""] if spawn.beside else []),
        *([] if thread else ["_STACK = contextlib.AsyncExitStack()"]),
        f"{label}_kept = None",
        "",
        "",
        *head,
        *indented(_with_state(own, state)),
        "",
        *indented([ground.head("_run"), *indented(work.body)]),
        *(["", *indented(work.beside)] if work.beside else []),
        "",
        *indented(["def put(self, item):", "    return len(item)"]),
        "",
        "",
        f"async def begin_{label}():",
        *indented([f"global {label}_kept", *begin]),
        "",
        "",
        f"async def submit_{label}(item):",
        *indented(quiet),
    ]
    assert class_ in head[-1]
    cell.takes = f"from .{module} import begin_{label}, submit_{label}"
    cell.call = f"submit_{label}(item)"
    cell.begin = f"begin_{label}()" if fate == "startup" else ""
    return cell


Parts = tuple[list[str], list[str], list[str], list[str]]
"""A class's head and methods, what a request does with it, and what start-up does."""


def _with_state(own: list[str], state: list[str]) -> list[str]:
    """What a worker asks for has to be there before it starts."""
    at = next(n for n, row in enumerate(own) if row.startswith("def __"))
    return [*own[: at + 1], *indented(state), *own[at + 1 :]]


def _made(spawn: Spawn, label: str, fate: str, thread: bool) -> Parts:
    class_ = label.title()
    own = ["def __init__(self, size=1):", *indented(["self.size = size", *spawn.lines])]
    begin = [f"{label}_kept = {class_}(2)"]
    return [f"class {class_}:"], own, [f"one = {class_}(3)", "print(one.put(item))"], begin


def _dataclass(spawn: Spawn, label: str, fate: str, thread: bool) -> Parts:
    class_ = label.title()
    own = ["size: int = 1", "", "def __post_init__(self):", *indented(spawn.lines)]
    begin = [f"{label}_kept = {class_}(2)"]
    head = ["@dataclasses.dataclass", f"class {class_}:"]
    return head, own, [f"one = {class_}(size=3)", "print(one.put(item))"], begin


def _entered(spawn: Spawn, label: str, fate: str, thread: bool) -> Parts:
    class_ = label.title()
    a, word = ("", "def") if thread else ("a", "async def")
    if fate != "bounded":
        leave = ["print(error)"]
    else:
        leave = [f"{_KEPT}.join()"] if thread else [f"{_KEPT}.cancel()"]
    own = [
        "def __init__(self):",
        f"    {_KEPT} = None",
        "",
        f"{word} __{a}enter__(self):",
        *indented([*spawn.lines, "return self"]),
        "",
        f"{word} __{a}exit__(self, *error):",
        *indented(leave),
    ]
    opened = "with" if thread else "async with"
    wait = "print(one.put(item))" if thread else "await asyncio.sleep(one.put(item) / 10000)"
    if thread:
        begin = [
            f"{label}_kept = contextlib.ExitStack()",
            f"{label}_kept.enter_context({class_}())",
        ]
    else:
        begin = [f"{label}_kept = await _STACK.enter_async_context({class_}())"]
    return [f"class {class_}:"], own, [f"{opened} {class_}() as one:", f"    {wait}"], begin


def _property(spawn: Spawn, label: str, fate: str, thread: bool) -> Parts:
    class_ = label.title()
    own = [
        "def __init__(self):",
        f"    {_KEPT} = None",
        "",
        "@property",
        "def worker(self):",
        *indented([f"if {_KEPT} is None:", *indented(spawn.lines), f"return {_KEPT}"]),
    ]
    begin = [f"{label}_kept = {class_}()", f"print({label}_kept.worker)"]
    return [f"class {class_}:"], own, [f"one = {class_}()", "print(one.worker, item)"], begin


def _cached(spawn: Spawn, label: str, fate: str, thread: bool) -> Parts:
    class_ = label.title()
    own = [
        "def __init__(self):",
        f"    {_KEPT} = None",
        "",
        "@functools.cached_property",
        "def worker(self):",
        *indented([*spawn.lines, f"return {_KEPT}"]),
    ]
    begin = [f"{label}_kept = {class_}()", f"print({label}_kept.worker)"]
    return [f"class {class_}:"], own, [f"one = {class_}()", "print(one.worker, item)"], begin
