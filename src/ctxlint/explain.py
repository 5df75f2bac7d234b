"""``--why FILE:LINE``: why a site is or is not reported, question by question."""

from __future__ import annotations

from pathlib import Path

from .program.handoffs import Handoffs
from .program.index import ModuleIndex
from .program.late import LateCopy
from .program.places import Place
from .program.program import Judgement, Program
from .program.queues import Put, Queue
from .program.scopes import Reach
from .program.sharing import SharedContext
from .program.spawns import Spawn
from .program.trees import offset


def explain(program: Program, path: Path, line: int) -> str:
    """What is known of the spawns, the puts and the contexts on a line."""
    module = program.module(path)
    if module is None:
        error = program.modules.unreadable.get(path)
        return f"{path.name} cannot be analysed: {error.reason if error else 'it is not there'}"
    told = [_spawn(program, each) for each in _spawns_on(program, module, line)]
    told += [_put(program.handoffs, put, queue) for put, queue in _puts_on(program, module, line)]
    told += _contexts(program, module, line)
    if not told:
        return f"{_shown(path)}:{line}: ctxlint sees no spawn, no put and no context on this line."
    return "\n\n".join(told)


def _spawns_on(program: Program, module: ModuleIndex, line: int) -> list[Spawn]:
    module.calls()  # all of it is read: also what no rule would ask about
    return [s for s in program.spawns.in_module(module) if module.line(s.call.at) == line]


def _puts_on(program: Program, module: ModuleIndex, line: int) -> list[tuple[Put, Queue]]:
    return [
        (put, queue)
        for queue in program.queues.all()
        for put in queue.puts
        if put.module is module and module.line(put.call.at) == line
    ]


def _spawn(program: Program, spawn: Spawn) -> str:
    judgement = program.judge(spawn)
    lines = [f"This call starts a {spawn.kind} ({spawn.row.name})."]
    lines += _answers(judgement, spawn)
    lines.append("Verdict: " + ("a leak." if judgement.leaks else "not reported."))
    return "\n".join(lines)


def _answers(judgement: Judgement, spawn: Spawn) -> list[str]:
    if not spawn.values:
        return ["Worker? Unknown: what it starts could not be resolved."]
    if judgement.worker is None and judgement.chain is None:
        return ["Worker? No: what it starts can end by itself, as far as ctxlint can tell."]
    lines = []
    if judgement.worker is not None:
        worker = judgement.worker
        last = worker.steps[-1] if worker.steps else Place(spawn.module, spawn.call.at, "")
        where = f"{_shown(last.module.path)}:{last.module.line(last.at)}"
        lines.append(f"Worker? Yes: {worker.function.label} never ends ({worker.reason}, {where}).")
    elif judgement.chain is not None:
        lines.append(f"Worker? Yes: {judgement.chain.callback.label} arms itself again.")
    if judgement.detached is not None:
        return [*lines, f"Detached? Yes: {judgement.detached}."]
    lines.append("Detached? No: it runs in a copy of the caller's context.")
    if judgement.bounded is not None:
        return [*lines, f"Bounded? Yes: {judgement.bounded}."]
    lines.append("Bounded? No: nothing in the same call waits for it or ends it.")
    reach = judgement.reach
    if reach is not None:
        lines.append(_scope(reach))
        lines += _steps(reach)
    return lines


def _scope(reach: Reach) -> str:
    """One sentence on who reaches a place."""
    word = "request" if reach.in_request else reach.ending
    label = f"{reach.entry.label} " if reach.entry is not None else "it "
    return f"Scope? {word.capitalize()}: {label}{reach.reason}."


def _shown(path: Path) -> str:
    """A path as a terminal can open it from here."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _steps(reach: Reach) -> list[str]:
    return _places(reach.steps)


def _places(places: tuple[Place, ...]) -> list[str]:
    return [
        f"  {_shown(place.module.path)}:{place.module.line(place.at)}: {place.message}"
        for place in places
    ]


def _put(handoffs: Handoffs, put: Put, queue: Queue) -> str:
    where = f"{_shown(queue.module.path)}:{queue.module.line(queue.made.at)}"
    lines = [f"This call puts an item on a queue ({queue.type}, made at {where})."]
    if put.item is None or handoffs.is_marker(put.item, put.scope):
        return "\n".join([*lines, "Item? A sentinel or a bare code.", "Verdict: not reported."])
    lasting = handoffs.outlives_request(put, queue)
    lines.append(
        f"Outlives the request? {'Yes' if lasting else 'No: it is a local of the request'}."
    )
    consumer = handoffs.consumer(queue)
    if consumer is None:
        lines.append("Consumed by a worker? No worker was found that takes items off it.")
    else:
        lines.append(f"Consumed by a worker? Yes: {consumer.worker.label}.")
    if handoffs.carries(put):
        lines.append("Carried? Yes: a captured context travels with the item.")
    else:
        lines.append("Carried? No: nothing of the item holds a captured context.")
    if consumer is not None and handoffs.rebuilds_context(consumer):
        lines.append("Rebuilt? Yes: the worker makes a context from what the item carries.")
    reach = handoffs.reach(put)
    lines.append(_scope(reach))
    lines += _steps(reach)
    verdict = "a leak." if handoffs.judge(put, queue) is not None else "not reported."
    return "\n".join([*lines, f"Verdict: {verdict}"])


def _contexts(program: Program, module: ModuleIndex, line: int) -> list[str]:
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
            told.append(f"{what}\nVerdict: a leak.")
    return told


def _entry(late: LateCopy | None, copied: int | None, label: str) -> str:
    if copied is None:
        return "This call enters a context that comes from elsewhere.\nVerdict: not late."
    lines = [f"This call enters a context that {label} copies itself (line {copied})."]
    if late is None:
        lines.append("Too late? No: as far as ctxlint can tell, what is copied is what was meant.")
        return "\n".join([*lines, "Verdict: not reported."])
    if late.consumer is not None:
        lines.append(f"Too late? Yes: {late.consumer.worker.label} has taken the item then.")
        lines += _places(late.consumer.steps)
    for crossing in late.crossings:
        lines.append(f"Too late? Yes: it runs in the {crossing.runner} then.")
        lines += _places(crossing.steps)
    return "\n".join([*lines, "Verdict: a leak."])


def _run(shared: SharedContext | None) -> str:
    lines = ["This call starts a run in a context."]
    if shared is None:
        lines.append("Shared? No: as far as ctxlint can tell, no other run is in it meanwhile.")
        return "\n".join([*lines, "Verdict: not reported."])
    lines.append("Shared? Yes: another run can be in it meanwhile.")
    return "\n".join([*lines, *_places(shared.steps), "Verdict: a leak."])
