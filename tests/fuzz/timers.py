"""Cells with timers: those that arm themselves again, and those that run once."""

from __future__ import annotations

from .cell import Cell
from .loops import Ground, Pick, indented, tick
from .spawning import MARK, guards


def timer(pick: Pick, label: str) -> Cell:
    """An object that a request makes look at something every now and then."""
    kind = pick("later", "at", "chain", "thread")
    fate = pick("leak", "leak", "once", "detached", "startup")
    if kind in ("chain", "thread") and fate == "detached":
        fate = "leak"
    mark = f"  {MARK}CTX103" if fate == "leak" else ""
    context = ", context=contextvars.Context()" if fate == "detached" else ""
    kept, ground = "self._timer", Ground(method=True, thread=kind != "chain", label=label)
    arm = {
        "later": [
            f"{kept} = asyncio.get_running_loop().call_later(0.002, self._tick{context}){mark}"
        ],
        "at": [
            "loop = asyncio.get_running_loop()",
            f"{kept} = loop.call_at(loop.time() + 0.002, self._tick{context}){mark}",
        ],
        "chain": [f"{kept} = asyncio.create_task(self._tick()){mark}"],
        "thread": [
            f"{kept} = threading.Timer(0.002, self._tick){mark}",
            f"{kept}.daemon = True",
            f"{kept}.start()",
        ],
    }[kind]
    say = tick(pick, ground) if fate != "once" or kind != "thread" else f'probe.idle("{label}")'
    again = [say] if fate == "once" else [say, "self._arm()"]
    if kind == "chain":
        again = ["await asyncio.sleep(0.002)", *again]
    start = guards(pick, kept, "_timer", method=True).around(["self._arm()"])
    submit = ["len(item)"] if fate == "startup" else ["len(item)", "self._begin()"]
    class_ = label.title()
    cell = Cell(label, coroutine=False)
    cell.sight = {"leak": "user", "once": "gone"}.get(fate, "nobody")  # type: ignore[assignment]
    cell.modules[f"{label}_timer"] = [
        f"class {class_}:",
        *indented(["_timer_started = False", "", "def __init__(self):", "    self._timer = None"]),
        "",
        *indented(["def submit(self, item):", *indented(submit)]),
        "",
        *indented(["def _begin(self):", *indented(start)]),
        "",
        *indented(["def _arm(self):", *indented(arm)]),
        "",
        *indented([f"{'async ' if kind == 'chain' else ''}def _tick(self):", *indented(again)]),
        "",
        "",
        f"{label} = {class_}()",
    ]
    if fate == "startup":
        cell.modules[f"{label}_timer"][-3:-3] = [
            "",
            *indented(["def begin(self):", "    self._begin()"]),
        ]
    cell.takes = f"from .{label}_timer import {label}"
    cell.call = f"{label}.submit(item)"
    cell.begin = f"{label}.begin()" if fate == "startup" else ""
    return cell
