"""What the scenarios have in common: requests of users, and what was done in whose name.

A scenario is run once with the package as it was released and once with the fixed one, in the
package's own environment. It sends overlapping requests of Alice, who comes first, and of Bob, and
observes `Work`: what was done, as which user, and in the trace of whose request. It prints
which of its two expectations it has met.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

NOBODY = "nobody"
TIME_LIMIT = 60.0

_user: ContextVar[str] = ContextVar("scenario_user", default=NOBODY)
_exporter = InMemorySpanExporter()
_provider = TracerProvider(shutdown_on_exit=False)
_provider.add_span_processor(SimpleSpanProcessor(_exporter))
trace.set_tracer_provider(_provider)
_tracer = trace.get_tracer("scenario")


class Work(NamedTuple):
    what: str
    user: str
    trace_of: str


@contextmanager
def request(user: str) -> Iterator[None]:
    """What a server's middleware does around a request: a trace, and who it is that asks."""
    with _tracer.start_as_current_span(
        "request", kind=trace.SpanKind.SERVER, attributes={"requested by": user}
    ):
        token = _user.set(user)
        try:
            yield
        finally:
            _user.reset(token)


def did(what: str) -> None:
    """Record that something is done here, as an instrumentation library would."""
    with _tracer.start_as_current_span("work", attributes={"what": what, "user": _user.get()}):
        pass


def observed() -> list[Work]:
    """All that was done so far, in order."""
    spans = _exporter.get_finished_spans()
    requests = {
        _trace(s): str(_value(s, "requested by")) for s in spans if _value(s, "requested by")
    }
    return [
        Work(str(_value(s, "what")), str(_value(s, "user")), requests.get(_trace(s), NOBODY))
        for s in spans
        if _value(s, "what")
    ]


def requests_overlapped() -> bool:
    """Whether a request of Bob's began while one of Alice's was under way."""
    spans = _exporter.get_finished_spans()
    alices, bobs = (
        [(s.start_time or 0, s.end_time or 0) for s in spans if _value(s, "requested by") == user]
        for user in ("alice", "bob")
    )
    return any(begun <= start < done for begun, done in alices for start, _ in bobs)


def _trace(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id


def _value(span: ReadableSpan, key: str) -> object:
    return (span.attributes or {}).get(key)


def told(scenario: Coroutine[Any, Any, object], *, leaky: object, fixed: object) -> None:
    """Run a scenario and print, as one line of JSON, which of the two outcomes it had."""
    outcome = _plain(asyncio.run(asyncio.wait_for(scenario, TIME_LIMIT)))
    verdicts = {"leaks": _plain(leaky), "right": _plain(fixed)}
    verdict = next((word for word, expected in verdicts.items() if outcome == expected), "neither")
    json.dump({"verdict": verdict, "outcome": outcome}, sys.stdout)
    print()


def _plain(value: object) -> object:
    """As JSON has it, sets and multisets in order."""
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(each) for each in value)  # type: ignore[type-var]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def counted(work: Iterable[Work]) -> list[Work]:
    """In an order that does not depend on who was faster, with repetitions kept."""
    return sorted(work)
