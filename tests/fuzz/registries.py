"""Cells that keep many workers: by key, in lists and sets."""

from __future__ import annotations

from .apart import apart
from .cell import GUARDED, GUARDED_THREADS, Cell
from .cells import code_of, forms, sight_of, work_of
from .loops import Ground, Pick, indented
from .spawning import Guard, Spawn


def registry(pick: Pick, label: str) -> Cell:
    """An object that starts a worker for each of several keys, or some of a kind."""
    thread = pick(False, False, True)
    fate = pick("leak", "leak", "finite", "detached", "startup")
    ground = Ground(method=True, thread=thread, label=label)
    work = work_of(pick, ground, fate)
    how = pick("key", "key", "list", "loop", "set")
    kept = "self._workers[key]" if how == "key" else "worker"
    ways = list(forms(fate, thread))
    cell = Cell(label, sight=sight_of(fate), coroutine=False)
    guarded = GUARDED_THREADS if thread else GUARDED
    spawn = pick(*ways)(kept, "self._run", code_of(fate, thread))
    taken, spawn = apart(pick, cell, spawn, guarded)
    start, made = {
        "key": (_by_key(pick, spawn), "{}"),
        "list": (_some(spawn, "if not self._workers:", "append"), "[]"),
        "loop": (_some(spawn, "for _ in range(2 - len(self._workers)):", "append"), "[]"),
        "set": (_some(spawn, "if len(self._workers) < 1:", "add"), "set()"),
    }[how]
    if how == "set" and not thread:
        start.append("    worker.add_done_callback(self._workers.discard)")
    submit = ["print(item)"] if fate == "startup" else ["self._ensure(len(item) and 'all')"]
    class_ = label.title()
    state = [f"self.{each} = {value}" for each, value in work.state]
    cell.modules[f"{label}_registry"] = [
        *taken,
        *guarded,
        "",
        "",
        *([*spawn.beside, "", ""] if spawn.beside else []),
        f"class {class_}:",
        *indented(["def __init__(self):", f"    self._workers = {made}", *indented(state)]),
        "",
        *indented(["def begin(self):", "    self._ensure('begin')"]),
        "",
        *indented(["def submit(self, item):", *indented(submit)]),
        "",
        *indented(["def _ensure(self, key):", *indented(start)]),
        "",
        *indented([ground.head("_run"), *indented(work.body)]),
        *(["", *indented(work.beside)] if work.beside else []),
        "",
        "",
        f"{label} = {class_}()",
    ]
    cell.takes = f"from .{label}_registry import {label}"
    cell.call = f"{label}.submit(item)"
    cell.begin = f"{label}.begin()" if fate == "startup" else ""
    return cell


def _by_key(pick: Pick, spawn: Spawn) -> list[str]:
    guard = pick(
        Guard(("if key not in self._workers:",), 1),
        Guard(("if key in self._workers:", "    return")),
        Guard(("if self._workers.get(key) is None:",), 1),
        Guard(("known = self._workers.get(key)", "if known is None:"), 1),
        Guard(("with _LOCK:", "    if key not in self._workers:"), 2),
    )
    return guard.around(spawn.lines)


def _some(spawn: Spawn, test: str, add: str) -> list[str]:
    return [test, *indented([*spawn.lines, f"self._workers.{add}(worker)"])]
