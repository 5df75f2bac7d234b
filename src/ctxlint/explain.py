"""``--why FILE:LINE``: why a site is or is not reported, question by question."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .program.handoffs import Handoffs
from .program.index import ModuleIndex
from .program.late import LateCopy
from .program.leftovers import names
from .program.losses import Loss, crosses
from .program.places import Place
from .program.program import Judgement, Program
from .program.queues import Get, Put, Queue
from .program.resets import Reason
from .program.scopes import Reach
from .program.sharing import SharedContext
from .program.spawns import Spawn
from .program.stores import Touch
from .program.trees import offset


def explain(program: Program, path: Path, line: int) -> str:
    """What is known of the spawns, the puts, the gets, the sets and the contexts on a line."""
    module = program.module(path)
    if module is None:
        error = program.modules.unreadable.get(path)
        return f"{path.name} cannot be analysed: {error.reason if error else 'it is not there'}"
    told = [_spawn(program, each) for each in _spawns_on(program, module, line)]
    told += [_put(program.handoffs, put, queue) for put, queue in _puts_on(program, module, line)]
    told += [
        _get(program, get, queue, (module, line)) for get, queue in _gets_on(program, module, line)
    ]
    told += _contexts(program, module, line)
    told += _sets_on(program, module, line)
    if not told:
        place = f"{_shown(path)}:{line}"
        return f"{place}: ctxlint sees no spawn, put, get, set or context on this line."
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


def _gets_on(program: Program, module: ModuleIndex, line: int) -> list[tuple[Get, Queue]]:
    """The gets on a line, and those of which something is reported there."""
    found = [(get, queue) for queue in program.queues.all() for get in queue.gets]
    return [
        (get, queue)
        for get, queue in found
        if (get.module is module and module.line(offset(get.node)) == line)
        or any(
            each.module is module and module.line(offset(each.at)) == line
            for each in program.unheeded.judge(get, queue)
        )
    ]


def _spawn(program: Program, spawn: Spawn) -> str:
    judgement = program.judge(spawn)
    lines = [f"This call starts a {spawn.kind} ({spawn.row.name})."]
    if crosses(spawn) and judgement.worker is None and judgement.chain is None:
        loss = program.losses.judge(spawn)
        return "\n".join([*lines, *_loss(loss), f"Verdict: {_verdict(loss.is_leak)}"])
    lines += _answers(judgement, spawn)
    forgotten = program.forgotten.of(judgement)
    if forgotten is not None:
        about = f"Left to itself? Yes: {forgotten.reason}"
        lines += [f"{about} (CTX105, which is off by default).", *_places(forgotten.steps)]
    leaks = judgement.leaks or judgement.leaks_partly
    lines.append(f"Verdict: {_verdict(leaks)}")
    return "\n".join(lines)


def _verdict(leaks: bool) -> str:
    return "a leak." if leaks else "not reported."


def _loss(loss: Loss) -> list[str]:
    """What is known of work that is given to a thread, which starts with an empty context."""
    spawn = loss.spawn
    if loss.carried is not None:
        return [f"Context? Taken along: {loss.carried}."]
    lines = ["Context? None: it starts with an empty one."]
    if loss.read is None:
        known = "" if spawn.values else " What it starts could not be resolved."
        return [*lines, f"Asked for? No call that could be followed asks for anything.{known}"]
    lines.append(f"Asked for? Yes: it {loss.read.access.phrase}.")
    lines += _places(loss.read.steps)
    if loss.reach is None:
        return [*lines, "Worker? Yes: it never ends, and is no work of one request."]
    return [*lines, _scope(loss.reach), *_steps(loss.reach)]


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
    lines += _detached_from(judgement)
    if judgement.bounded is not None:
        return [*lines, f"Bounded? Yes: {judgement.bounded}."]
    lines.append("Bounded? No: nothing in the same call waits for it or ends it.")
    reach = judgement.reach
    if reach is not None:
        lines.append(_scope(reach))
        lines += _steps(reach)
    return lines


def _detached_from(judgement: Judgement) -> list[str]:
    """What a worker is not detached from, though it may be from something else."""
    partly = judgement.partly
    if partly is None:
        return ["Detached? No: it runs in a copy of the caller's context."]
    parts = f"{names(partly.cleared)} cleared, {names(partly.left)} kept"
    return [f"Detached? In part: {parts}.", *_places(partly.steps)]


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


def _get(program: Program, get: Get, queue: Queue, asked: tuple[ModuleIndex, int]) -> str:
    made = f"{_shown(queue.module.path)}:{queue.module.line(queue.made.at)}"
    lines = [f"{get.scope.label} takes items off a queue ({queue.type}, made at {made})."]
    carried = program.unheeded.envelopes.of_queue(queue)
    if carried is None:
        lines.append("Carried? No, or not by every item in the same way.")
        return "\n".join([*lines, "Verdict: not reported."])
    put = carried.put
    where = f"{_shown(put.module.path)}:{put.module.line(put.call.at)}"
    lines.append(f"Carried? Yes: each item brings a context along (put at {where}).")
    if program.unheeded.carried(queue) is None:
        lines.append("Left to others by a request? No, as far as ctxlint can tell.")
    flow = program.unheeded.flow(get, carried)
    if flow is None:
        lines.append("Activated? Unknown: the item goes where ctxlint cannot follow it.")
    elif flow.outside:
        lines.append("Activated? Only for making a coroutine, whose body runs outside it.")
    elif flow.heeded or flow.run_in:
        lines.append("Activated? Yes, or given to code that may do so.")
    elif not (flow.handled or flow.relayed):
        lines.append("Activated? No: but nothing that needs it is done with the item.")
    else:
        lines.append("Activated? No: nothing looks at the context.")
    places = [(each.module, offset(each.at)) for each in program.unheeded.judge(get, queue)]
    if any((module, module.line(at)) == asked for module, at in places):
        return "\n".join([*lines, "Verdict: a leak."])
    for module, at in places:
        lines += _places((Place(module, at, "the leak is reported here"),))
    return "\n".join([*lines, *(() if places else ("Verdict: not reported.",))])


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


def _sets_on(program: Program, module: ModuleIndex, line: int) -> list[str]:
    """What is known of the calls that set something in the context."""
    told = [
        _set(program, touch)
        for touch in program.resets.sets_in(module)
        if module.line(touch.call.at) == line
    ]
    for flag in program.once_flags.in_file(module.path):
        if module.line(flag.touch.call.at) == line:
            what = "It says that something is done already, and each request has its own copy."
            told.append("\n".join([what, *_places((*flag.steps, flag.done)), "Verdict: a leak."]))
    return told


def _set(program: Program, touch: Touch) -> str:
    lines = [f"This call sets {touch.store.label} in the current context."]
    survival = program.resets.surviving.of(touch.call, touch.scope.module)
    if survival is None:
        lines.append("Seen by the next item? No: each has a context of its own, or it is start-up.")
    else:
        lines += ["Seen by the next item? Yes.", *_places(survival.steps)]
    unreset = program.resets.judge(touch)
    if unreset is None:
        lines.append("Left set? No, as far as ctxlint can tell: it is reset, or set anew for each.")
        return "\n".join([*lines, "Verdict: not reported."])
    lines += [f"Left set? Yes: {_LEFT[unreset.reason]}.", *_places(unreset.counterpart)]
    if unreset.out is not None and unreset.reset_in is None:
        line = unreset.function.module.line(unreset.out.at)
        lines[-1] = f"Left set? Yes: {_LEFT[unreset.reason]} (line {line})."
    return "\n".join([*lines, "Verdict: a leak."])


_LEFT: Final[Mapping[Reason, str]] = {
    "skipped": "control can leave before it is reset",
    "never": "nothing resets it on leaving",
    "dropped": "nothing can reset it, its token is thrown away",
    "shared": "its token is kept where other requests overwrite it",
    "sometimes": "it is set for some items only, and the next one sees what is left",
}


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
