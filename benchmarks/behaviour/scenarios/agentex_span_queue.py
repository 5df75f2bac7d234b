"""agentex-sdk: spans of agents are exported from one queue, by a task that the first span starts.

Tracing and its queue are the real ones; the processor stands for one that sends spans over HTTP,
and would show up in a trace there. Two settings of the queue: spans exported one by one, where each
export belongs to one request, and batches, as is the default, where it may belong to several: such
a batch may stand in nobody's name, but not in the name of whoever came first.
"""

from __future__ import annotations

import asyncio
from typing import Any

from agentex.lib.core.tracing import AsyncSpanQueue, AsyncTrace, Span
from agentex.lib.core.tracing.processors.tracing_processor_interface import AsyncTracingProcessor
from observing import NOBODY, Work, did, observed, request, requests_overlapped, told

STEPS = ("plan", "search")


class Processor(AsyncTracingProcessor):
    def __init__(self) -> None:
        pass

    async def on_span_start(self, span: Span) -> None:
        await asyncio.sleep(0)
        did(f"{span.name} start")

    async def on_span_end(self, span: Span) -> None:
        await asyncio.sleep(0)
        did(f"{span.name} end")

    async def shutdown(self) -> None:
        pass


async def run(user: str, queue: AsyncSpanQueue) -> None:
    with request(user):
        client: Any = None
        trace = AsyncTrace([Processor()], client, trace_id=f"trace of {user}", span_queue=queue)
        for step in STEPS:
            async with trace.span(f"{user}'s {step}"):
                await asyncio.sleep(0.01)


async def exported(mode: str, **settings: int) -> dict[str, set[Work]]:
    """What two overlapping requests have had exported."""
    before = len(observed())
    queue = AsyncSpanQueue(**settings)
    await asyncio.gather(run("alice", queue), run("bob", queue))
    await queue.shutdown()
    assert requests_overlapped()
    assert queue.dropped_spans == 0
    return {mode: set(observed()[before:])}


async def scenario() -> object:
    singly = await exported("one by one", batch_size=1)
    batches = await exported("batches", linger_ms=50)
    # One of a batch's requests is as good as nobody, as long as no work is booked on another's.
    own = {
        work._replace(user=owner(work), trace_of=owner(work)) if booked_on_nobody(work) else work
        for work in batches["batches"]
    }
    return {**singly, "batches": own}


def owner(work: Work) -> str:
    return work.what.partition("'")[0]


def booked_on_nobody(work: Work) -> bool:
    return (work.user, work.trace_of) == (NOBODY, NOBODY)


def outcome(bobs: str) -> dict[str, set[Work]]:
    who = {"alice": "alice", "bob": bobs}
    exports = {
        Work(f"{user}'s {step} {edge}", who[user], who[user])
        for user in who
        for step in STEPS
        for edge in ("start", "end")
    }
    return {"one by one": exports, "batches": exports}


if __name__ == "__main__":
    told(scenario(), leaky=outcome("alice"), fixed=outcome("bob"))
