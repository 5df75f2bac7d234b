"""Cells with a queue: items that requests put, and a worker that takes them off."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import shapes
from .apart import apart
from .cell import GUARDED, GUARDED_THREADS, Cell
from .cells import forms
from .loops import Pick, indented
from .spawning import MARK, Guard, Spawn, guards


@dataclass(frozen=True)
class Marker:
    """What says that there are no more items, and how that is told."""

    said: str = "None"
    test: str = "got is None"
    beside: tuple[str, ...] = ()


NONE = Marker()
MARKERS = (
    NONE,
    NONE,
    Marker("_END", "got is _END", ("_END = object()", "", "")),
    Marker("...", "got is ..."),
    Marker(
        "Signal.END",
        "got is Signal.END",
        ("class Signal(enum.Enum):", '    END = "end"', '    MORE = "more"', "", ""),
    ),
    Marker(
        "End()",
        "isinstance(got, End)",
        ("class End:", '    """There are no more items."""', "", ""),
    ),
)


@dataclass(frozen=True)
class Home:
    """Where a queue is kept: how it is called, and what makes it at the top of the module, in the
    class, in the constructor, or before it is first used.
    """

    name: str = "self._queue"
    top: str = ""
    body: str = ""
    constructor: str = ""
    first: tuple[str, ...] = ()
    takes: str = ""
    given: str = ""
    elsewhere: str = ""


_AT = 'self._queues["all"]'
HOMES = (
    Home(constructor="self._queue = MADE"),
    Home(constructor="self._queue = MADE"),
    Home(constructor="self._queue = MADE"),
    Home(body="_queue = MADE"),
    Home("_JOBS", top="_JOBS = MADE"),
    Home("JOBS", elsewhere="JOBS = MADE"),
    Home(
        constructor="self._queue = None",
        first=("if self._queue is None:", "    self._queue = MADE"),
    ),
    Home(constructor="self._queue = jobs", takes=", jobs", given="MADE"),
    Home(
        _AT,
        constructor="self._queues = {}",
        first=('if "all" not in self._queues:', f"    {_AT} = MADE"),
    ),
)


def queue(pick: Pick, label: str) -> Cell:
    """An object with a queue and the worker that serves it."""
    thread = pick(False, False, True)
    fate = pick("leak", "detached", "startup")
    carries = pick("nothing", "nothing", "nothing", "tuple", "dict", "envelope", "work item")
    code = {"leak": "CTX102" if thread else "CTX101"}.get(fate, "")
    ways = [each for each in forms(fate, thread) if each is not shapes.RUN_BY_PLAIN]
    spawn = pick(*ways)("self._worker", "self._serve", code)
    guard = guards(pick, "self._worker", "_worker", method=True)
    if not guard.lines:  # one worker: else items go to whoever comes first, all the same
        guard = Guard(("if self._worker is None:",), 1)
    made = pick("queue.Queue()", "queue.SimpleQueue()") if thread else "asyncio.Queue()"
    home, marker = pick(*HOMES), pick(*MARKERS)
    passed = home.name == "self._queue" and pick(False, False, True)
    if passed:  # the worker takes the queue
        spawn = _passing(fate, thread, code)
    cell = Cell(label, sight="gone", coroutine=not thread)
    guarded = GUARDED_THREADS if thread else GUARDED
    taken, spawn = apart(pick, cell, spawn, guarded)
    start = [*home.first, *guard.around(spawn.lines)]
    cell.items = "any" if carries == "nothing" else "user"
    word, wait = ("def", "") if thread else ("async def", "await ")
    submit = [] if fate == "startup" else ["self._ensure()"]
    class_ = label.title()
    served = _served(pick, carries, thread, made, marker)
    if passed:
        served = [row.replace("self._queue", "jobs") for row in served]
    lines = [
        *taken,
        *guarded,
        "",
        "",
        *([*spawn.beside, "", ""] if spawn.beside else []),
        *marker.beside,
        *([home.top, "", ""] if home.top else []),
        *(_ENVELOPE if carries == "envelope" else []),
        f"class {class_}:",
        *indented([*([home.body] if home.body else []), "_worker_started = False", ""]),
        *indented([f"def __init__(self{home.takes}):", "    self._worker = None"]),
        *([f"        {home.constructor}"] if home.constructor else []),
        "",
        *indented([f"{word} submit(self, item):"]),
        *indented([*submit, *_put(pick, carries, thread)], 2),
        "",
        *indented(["def _ensure(self):", *indented(start)]),
        "",
        *indented([f"{word} begin(self):", "    self._ensure()"]),
        "",
        *indented([f"{word} _serve(self{', jobs' if passed else ''}):", *indented(served)]),
        "",
        *indented(["def _store(self, item):", f'    probe.handled("{label}", item)']),
        "",
        *indented(_closed(pick, word, wait, marker)),
        "",
        "",
        f"{label} = {class_}({home.given})",
    ]
    if home.elsewhere:
        cell.modules[f"{label}_jobs"] = [home.elsewhere.replace("MADE", made)]
        lines = [f"from .{label}_jobs import JOBS", "", *lines]
    cell.modules[f"{label}_queue"] = [
        re.sub(r"self\._queue\b", home.name, row).replace("MADE", made) for row in lines
    ]
    cell.takes = f"from .{label}_queue import {label}"
    cell.call = f"{label}.submit(item)"
    cell.begin = f"{label}.begin()" if fate == "startup" else ""
    return cell


def _passing(fate: str, thread: bool, code: str) -> Spawn:
    mark = f"  {MARK}{code}" if code else ""
    if not thread:
        context = ", context=contextvars.Context()" if fate == "detached" else ""
        made = f"asyncio.create_task(self._serve(self._queue){context})"
        return Spawn((f"self._worker = {made}{mark}",))
    target = "target=self._serve, args=(self._queue,)"
    if fate == "detached":
        target = "target=contextvars.Context().run, args=(self._serve, self._queue)"
    return Spawn((f"self._worker = threading.Thread({target}){mark}", "self._worker.start()"))


def local(pick: Pick, label: str) -> Cell:
    """A queue of one request, and a worker that ends with it."""
    cell = Cell(label, sight="gone", items="user")
    end = pick(
        ["try:", "    await jobs.join()", "finally:", "    one.cancel()"],
        ["await jobs.put(None)", "await one"],
        ["await jobs.join()", "await end(one)"],
    )
    cell.modules[f"{label}_local"] = [
        *GUARDED,
        "",
        "",
        f"async def drain_{label}(jobs):",
        "    while (got := await jobs.get()) is not None:",
        f'        probe.handled("{label}", got)',
        "        jobs.task_done()",
        "",
        "",
        f"async def submit_{label}(item):",
        *indented(
            [
                "jobs = asyncio.Queue()",
                f"one = asyncio.create_task(drain_{label}(jobs))",
                "await jobs.put(item)",
                *end,
            ]
        ),
    ]
    cell.takes = f"from .{label}_local import submit_{label}"
    cell.call = f"submit_{label}(item)"
    return cell


_ENVELOPE = """\
class Envelope:
    def __init__(self, item):
        self.item = item
        self.context = contextvars.copy_context()


""".splitlines()

_CARRIED = {
    "tuple": "(contextvars.copy_context(), item)",
    "dict": '{"context": contextvars.copy_context(), "item": item}',
    "envelope": "Envelope(item)",
    "work item": "detached.WorkItem(item)",
}


def _put(pick: Pick, carries: str, thread: bool) -> list[str]:
    what = _CARRIED.get(carries, "item")
    mark = "" if carries in _CARRIED else f"  {MARK}CTX201"
    if thread:
        return pick(
            [f"self._queue.put({what}){mark}"],
            [f"self._queue.put_nowait({what}){mark}"],
        )
    return pick(
        [f"await self._queue.put({what}){mark}"],
        [f"self._queue.put_nowait({what}){mark}"],
        ["jobs = self._queue", f"await jobs.put({what}){mark}"],
        [f"await asyncio.wait_for(self._queue.put({what}), 1){mark}"],
    )


def _handled(carries: str) -> list[str]:
    """What is done with ``got``."""
    return {
        "tuple": ["context, item = got", "context.run(self._store, item)"],
        "dict": ['got["context"].run(self._store, got["item"])'],
        "envelope": ["got.context.run(self._store, got.item)"],
        "work item": [
            "with detached.activate_request_context(got.context):",
            "    self._store(got.payload)",
        ],
    }.get(carries, ["self._store(got)"])


def _served(pick: Pick, carries: str, thread: bool, made: str, marker: Marker) -> list[str]:
    handle = _handled(carries)
    get = "self._queue.get()" if thread else "await self._queue.get()"
    ended = [f"if {marker.test}:", "    break"]
    attempt = ["try:", *indented(handle), "except ValueError as error:", "    print(error)"]
    done = "self._queue.task_done()"
    ways = [["while True:", *indented([f"got = {get}", *ended, *handle])]]
    if marker.beside[:1] != ("class End:",):
        ways.append([f"while (got := {get}) is not {marker.said}:", *indented(handle)])
        if thread:
            ways.append([f"for got in iter(self._queue.get, {marker.said}):", *indented(handle)])
    if marker is NONE:  # that it may be asked for is known without a test
        ways.append(["while True:", *indented([f"got = {get}", *handle])])
        ways.append(["while True:", *indented([f"got = {get}", *attempt])])
    if made != "queue.SimpleQueue()":
        tested = ["try:", *indented([f"if {marker.test}:", "    return", *handle])]
        ways.append(
            ["while True:", *indented([f"got = {get}", *tested, "finally:", f"    {done}"])]
        )
        if marker is NONE:
            tried = ["try:", *indented(handle), "finally:", f"    {done}"]
            ways.append(["while True:", *indented([f"got = {get}", *handle, done])])
            ways.append(["while True:", *indented([f"got = {get}", *tried])])
    first, *rest = ways
    return pick(first, *rest)


def _closed(pick: Pick, word: str, wait: str, marker: Marker) -> list[str]:
    """The end of the worker is nobody's item."""
    said = marker.said
    put = pick(f"self._queue.put_nowait({said})", f"{wait}self._queue.put({said})")
    return [f"{word} close(self):", f"    {put}"]
