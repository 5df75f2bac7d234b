"""Why a put or a get is reported, or is not."""

from __future__ import annotations

from ..program.index import ModuleIndex
from ..program.places import Place
from ..program.program import Program
from ..program.queues import Get, Put, Queue
from ..program.trees import offset
from .words import LEAK, NO_LEAK, at, listed, verdict, who_leads_here


def puts_on(program: Program, module: ModuleIndex, line: int) -> list[str]:
    """What is known of the puts on a line."""
    return [
        _put(program, put, queue)
        for queue in program.queues.all()
        for put in queue.puts
        if put.module is module and module.line(put.call.at) == line
    ]


def gets_on(program: Program, module: ModuleIndex, line: int) -> list[str]:
    """What is known of the gets on a line, and of those of which something is reported there."""
    found = [(get, queue) for queue in program.queues.all() for get in queue.gets]
    return [
        _get(program, get, queue, (module, line))
        for get, queue in found
        if (get.module is module and module.line(offset(get.node)) == line)
        or any(
            each.module is module and module.line(offset(each.at)) == line
            for each in program.unheeded.judge(get, queue)
        )
    ]


def lines_of_queues(program: Program, module: ModuleIndex) -> set[int]:
    """The lines with puts and gets."""
    queues = program.queues.all()
    puts = {put.call.at for each in queues for put in each.puts if put.module is module}
    gets = {offset(get.node) for each in queues for get in each.gets if get.module is module}
    return set(map(module.line, puts | gets))


def _made(queue: Queue) -> str:
    return f"{queue.type}, made at {at(Place(queue.module, queue.made.at, ''))}"


def _put(program: Program, put: Put, queue: Queue) -> str:
    lines = [f"This call puts an item on a queue ({_made(queue)})."]
    handoffs = program.handoffs
    if put.item is None or program.markers.is_marker(put.item, put.scope):
        return "\n".join([*lines, "The item is a sentinel or a bare code.", NO_LEAK])
    lasting = handoffs.outlives_request(put, queue)
    lines.append(
        "The queue outlives the request."
        if lasting
        else "The queue is a local of the request, and ends with it."
    )
    consumer = handoffs.consumer(queue)
    if consumer is None:
        lines.append("No worker was found that takes items off it.")
    else:
        lines.append(f"A worker takes the items off it: {consumer.worker.label}.")
    if handoffs.carries(put):
        lines.append("A captured context travels with the item.")
    else:
        lines.append("Nothing of the item holds a captured context.")
    if consumer is not None and handoffs.rebuilds_context(consumer):
        lines.append("The worker makes a context from what the item carries.")
    lines += who_leads_here(handoffs.reach(put))
    return "\n".join([*lines, verdict(handoffs.judge(put, queue) is not None)])


def _get(program: Program, get: Get, queue: Queue, asked: tuple[ModuleIndex, int]) -> str:
    lines = [f"{get.scope.label} takes items off a queue ({_made(queue)})."]
    carried = program.unheeded.envelopes.of_queue(queue)
    if carried is None:
        lines.append("The items carry no context, or not all of them in the same way.")
        return "\n".join([*lines, NO_LEAK])
    put = Place(carried.put.module, carried.put.call.at, "")
    lines.append(f"Each item brings a context along (put at {at(put)}).")
    if program.unheeded.carried(queue) is None:
        lines.append("No request leaves items to others on it, as far as ctxlint can tell.")
    flow = program.unheeded.flow(get, carried)
    if flow is None:
        lines.append("The item goes where ctxlint cannot follow it.")
    elif flow.outside:
        lines.append("That is active only while a coroutine is made, whose body runs outside it.")
    elif flow.heeded or flow.run_in:
        lines.append("The work runs in it, or it is given to code that may see to that.")
    elif not (flow.handled or flow.relayed):
        lines.append("It is not looked at, but nothing that needs it is done with the item.")
    else:
        lines.append("Nothing looks at it.")
    places = [(each.module, offset(each.at)) for each in program.unheeded.judge(get, queue)]
    if any((module, module.line(where)) == asked for module, where in places):
        return "\n".join([*lines, LEAK])
    for module, where in places:
        lines += listed((Place(module, where, "the leak is reported here"),))
    return "\n".join([*lines, *(() if places else (NO_LEAK,))])
