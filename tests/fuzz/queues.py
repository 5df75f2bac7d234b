"""Cells with a queue: items that requests put, and a worker that takes them off."""

from __future__ import annotations

from . import shapes
from .cells import GUARDED, GUARDED_THREADS, Cell, forms
from .loops import Pick, indented
from .spawning import MARK, Guard, guards


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
    start = guard.around(spawn.lines)
    made = pick("queue.Queue()", "queue.SimpleQueue()") if thread else "asyncio.Queue()"
    cell = Cell(label, sight="gone", coroutine=not thread)
    cell.items = "any" if carries == "nothing" else "user"
    word, wait = ("def", "") if thread else ("async def", "await ")
    submit = [] if fate == "startup" else ["self._ensure()"]
    class_ = label.title()
    cell.modules[f"{label}_queue"] = [
        *(GUARDED_THREADS if thread else GUARDED),
        "",
        "",
        *([*spawn.beside, "", ""] if spawn.beside else []),
        *(_ENVELOPE if carries == "envelope" else []),
        f"class {class_}:",
        *indented(["_worker_started = False", "", "def __init__(self):"]),
        *indented(["self._worker = None", f"self._queue = {made}"], 2),
        "",
        *indented([f"{word} submit(self, item):"]),
        *indented([*submit, *_put(pick, carries, thread)], 2),
        "",
        *indented(["def _ensure(self):", *indented(start)]),
        "",
        *indented([f"{word} begin(self):", "    self._ensure()"]),
        "",
        *indented([f"{word} _serve(self):", *indented(_served(pick, carries, thread, made))]),
        "",
        *indented(["def _store(self, item):", f'    probe.handled("{label}", item)']),
        "",
        *indented(_closed(pick, word, wait)),
        "",
        "",
        f"{label} = {class_}()",
    ]
    cell.takes = f"from .{label}_queue import {label}"
    cell.call = f"{label}.submit(item)"
    cell.begin = f"{label}.begin()" if fate == "startup" else ""
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


def _served(pick: Pick, carries: str, thread: bool, made: str) -> list[str]:
    handle = _handled(carries)
    get = "self._queue.get()" if thread else "await self._queue.get()"
    shapes = [
        ["while True:", *indented([f"got = {get}", *handle])],
        ["while True:", *indented([f"got = {get}", "if got is None:", "    break", *handle])],
        [f"while (got := {get}) is not None:", *indented(handle)],
        [
            "while True:",
            *indented(
                [
                    f"got = {get}",
                    "try:",
                    *indented(handle),
                    "except ValueError as error:",
                    "    print(error)",
                ]
            ),
        ],
    ]
    if made != "queue.SimpleQueue()":
        shapes += [
            ["while True:", *indented([f"got = {get}", *handle, "self._queue.task_done()"])],
            [
                "while True:",
                *indented([f"got = {get}", "try:", *indented(handle), "finally:"]),
                "        self._queue.task_done()",
            ],
        ]
    if thread:
        shapes.append(["for got in iter(self._queue.get, None):", *indented(handle)])
    first, *rest = shapes
    return pick(first, *rest)


def _closed(pick: Pick, word: str, wait: str) -> list[str]:
    """The end of the worker is nobody's item."""
    put = pick("self._queue.put_nowait(None)", f"{wait}self._queue.put(None)")
    return [f"{word} close(self):", f"    {put}"]
