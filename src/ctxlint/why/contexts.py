"""Why a context that is copied, entered, shared or set is reported, or is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..program.index import ModuleIndex
from ..program.late import LateCopy
from ..program.program import Program
from ..program.resets import Reason
from ..program.sharing import SharedContext
from ..program.stores import Touch
from ..program.trees import offset
from .words import LEAK, NO_LEAK, listed


def contexts_on(program: Program, module: ModuleIndex, line: int) -> list[str]:
    """What is known of the contexts that are copied, entered or asked for their truth."""
    told = []
    for call, context in program.captures.entries(module):
        scope = module.scope_of(call)
        copy = program.captures.copied_in(context, scope)
        if line in (module.line(call.at), module.line(copy.at) if copy is not None else 0):
            late = program.late.judge(call, context, module)
            told.append(_entry(late, None if copy is None else module.line(copy.at), scope.label))
    shared = {each.run.call: each for each in program.sharing.in_file(module.path)}
    told += [
        _run(shared.get(run.call))
        for run in program.sharing.runs.in_module(module)
        if run.kind != "here" and module.line(run.call.at) == line
    ]
    for fallback in program.fallbacks.in_file(module.path):
        if line in (module.line(offset(fallback.node)), module.line(offset(fallback.copy))):
            what = "A context is asked for its truth here, and an empty one is false."
            told.append(f"{what}\n{LEAK}")
    return told


def sets_on(program: Program, module: ModuleIndex, line: int) -> list[str]:
    """What is known of the calls that set something in the context."""
    told = [
        _set(program, touch)
        for touch in program.resets.sets_in(module)
        if module.line(touch.call.at) == line
    ]
    for flag in program.once_flags.in_file(module.path):
        if module.line(flag.touch.call.at) == line:
            what = "It says that something is done already, and each request has its own copy."
            told.append("\n".join([what, *listed((*flag.steps, flag.done)), LEAK]))
    return told


def _set(program: Program, touch: Touch) -> str:
    lines = [f"This call sets {touch.store.label} in the current context."]
    survival = program.resets.surviving.of(touch.call, touch.scope.module)
    if survival is None:
        lines.append("The next item does not see it: each has its own context, or it is start-up.")
    else:
        lines += ["The next item would see it.", *listed(survival.steps)]
    unreset = program.resets.judge(touch)
    if unreset is None:
        lines.append("As far as ctxlint can tell, it is reset, or set anew for each item.")
        return "\n".join([*lines, NO_LEAK])
    lines += [f"It is left set: {_LEFT[unreset.reason]}.", *listed(unreset.counterpart)]
    if unreset.out is not None and unreset.reset_in is None:
        line = unreset.function.module.line(unreset.out.at)
        lines[-1] = f"It is left set: {_LEFT[unreset.reason]} (line {line})."
    return "\n".join([*lines, LEAK])


_LEFT: Final[Mapping[Reason, str]] = {
    "skipped": "control can leave before it is reset",
    "never": "nothing resets it on leaving",
    "dropped": "nothing can reset it, its token is thrown away",
    "shared": "its token is kept where other requests overwrite it",
    "sometimes": "it is set for some items only, and the next one sees what is left",
}


def _entry(late: LateCopy | None, copied: int | None, label: str) -> str:
    if copied is None:
        return f"This call enters a context that comes from elsewhere.\n{NO_LEAK}"
    lines = [f"This call enters a context that {label} copies itself (line {copied})."]
    if late is None:
        lines.append("As far as ctxlint can tell, that is not too late: it copies what was meant.")
        return "\n".join([*lines, NO_LEAK])
    if late.consumer is not None:
        lines.append(f"That is too late: {late.consumer.worker.label} has taken the item then.")
        lines += listed(late.consumer.steps)
    for crossing in late.crossings:
        lines.append(f"That is too late: it runs in the {crossing.runner} then.")
        lines += listed(crossing.steps)
    return "\n".join([*lines, LEAK])


def _run(shared: SharedContext | None) -> str:
    lines = ["This call starts a run in a context."]
    if shared is None:
        lines.append("As far as ctxlint can tell, no other run is in it meanwhile.")
        return "\n".join([*lines, NO_LEAK])
    lines.append("Another run can be in it meanwhile.")
    return "\n".join([*lines, *listed(shared.steps), LEAK])
