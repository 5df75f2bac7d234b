"""The helpers beside what else keeps or hands on contexts: the real libraries, not imitations."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from pathlib import Path

import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ctxlint.detached import (
    WorkItem,
    activate_request_context,
    capture_request_context,
    create_detached_background_task,
    create_detached_thread,
    run_detached,
)

HERE = Path(__file__).resolve().parent


class Tracing:
    """A tracer and the spans that it has ended."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = provider.get_tracer("tests")

    def ended(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.name == name]


@pytest.fixture
def tracing() -> Tracing:
    return Tracing()


def parents(spans: list[ReadableSpan]) -> list[int | None]:
    return [None if span.parent is None else span.parent.span_id for span in spans]


# --- OpenTelemetry ------------------------------------------------------------------------------


def test_spans_and_baggage_of_overlapping_requests(
    tracing: Tracing, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        tasks: list[asyncio.Task[None]] = []
        carried: dict[str, object] = {}

        async def worker() -> None:
            while True:
                work = await queue.get()
                with tracing.tracer.start_as_current_span("housekeeping"):
                    await asyncio.sleep(0)
                with (
                    activate_request_context(work.context),
                    tracing.tracer.start_as_current_span(f"item of {work.payload}"),
                ):
                    await asyncio.sleep(0)
                    carried[work.payload] = baggage.get_baggage("user")
                queue.task_done()

        async def request(name: str) -> None:
            token = context.attach(baggage.set_baggage("user", name))
            with tracing.tracer.start_as_current_span(f"request of {name}"):
                await asyncio.sleep(0)
                if not tasks:
                    tasks.append(create_detached_background_task(worker()))
                queue.put_nowait(WorkItem(name))
                await asyncio.sleep(0)
            context.detach(token)

        names = [f"user-{number}" for number in range(20)]
        await asyncio.gather(*(request(name) for name in names))
        await queue.join()
        tasks[0].cancel()
        await asyncio.wait(tasks)
        assert carried == {name: name for name in names}
        for name in names:
            (of_request,) = tracing.ended(f"request of {name}")
            assert of_request.context is not None
            assert parents(tracing.ended(f"item of {name}")) == [of_request.context.span_id]
        assert parents(tracing.ended("housekeeping")) == [None] * 20

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert caplog.records == [], "such as: failed to detach context"


def test_a_span_that_is_open_when_its_item_is_cancelled(tracing: Tracing) -> None:
    async def main() -> None:
        with tracing.tracer.start_as_current_span("request") as request:
            item = WorkItem("payload")

        async def worker() -> object:
            try:
                with (
                    activate_request_context(item.context),
                    tracing.tracer.start_as_current_span("item"),
                ):
                    await asyncio.Event().wait()
            except asyncio.CancelledError:
                return trace.get_current_span()

        task = create_detached_background_task(worker())
        await asyncio.sleep(0)
        task.cancel()
        assert await task is trace.INVALID_SPAN
        assert parents(tracing.ended("item")) == [request.get_span_context().span_id]

    asyncio.run(main())


@pytest.fixture
def instrumented_threads() -> Iterator[None]:
    instrumentation = pytest.importorskip("opentelemetry.instrumentation.threading")
    instrumentor = instrumentation.ThreadingInstrumentor()
    instrumentor.instrument()
    yield
    instrumentor.uninstrument()


@pytest.mark.usefixtures("instrumented_threads")
def test_threads_under_the_threading_instrumentation(tracing: Tracing) -> None:
    seen: dict[str, trace.Span] = {}

    def note(name: str) -> None:
        seen[name] = trace.get_current_span()

    def activated(item: WorkItem[str]) -> None:
        note("before the item")
        with activate_request_context(item.context):
            note("item")
        note("after the item")

    with tracing.tracer.start_as_current_span("request") as span:
        started = threading.Thread(target=note, args=("run detached",))
        timer = threading.Timer(0, note, ["timer"])
        threads = [
            threading.Thread(target=note, args=("plain",)),
            create_detached_thread(note, args=("detached",)),
            create_detached_thread(activated, args=(WorkItem("payload"),)),
        ]
        for thread in threads:
            thread.start()
        run_detached(started.start)
        run_detached(timer.start)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(note, "submitted")
            run_detached(pool.submit, note, "submitted detached")
    for thread in [*threads, started, timer]:
        thread.join()
    # The first two show that the instrumentation is at work.
    assert seen.pop("plain") is span
    assert seen.pop("submitted") is span
    assert seen.pop("item") is span
    assert set(seen.values()) == {trace.INVALID_SPAN}


# --- structlog ----------------------------------------------------------------------------------


def test_log_fields_of_structlog() -> None:
    structlog = pytest.importorskip("structlog")
    fields = structlog.contextvars

    async def main() -> None:
        queue: asyncio.Queue[WorkItem[str]] = asyncio.Queue()
        tasks: list[asyncio.Task[None]] = []
        seen: dict[str, dict[str, object]] = {}

        async def worker() -> None:
            while True:
                assert fields.get_contextvars() == {}
                work = await queue.get()
                with (
                    activate_request_context(work.context),
                    fields.bound_contextvars(step="writing"),
                ):
                    await asyncio.sleep(0)
                    seen[work.payload] = fields.get_contextvars()
                queue.task_done()

        async def request(name: str) -> None:
            fields.clear_contextvars()
            fields.bind_contextvars(user=name, **{f"only_{name}": True})
            if not tasks:
                tasks.append(create_detached_background_task(worker()))
            await asyncio.sleep(0)
            queue.put_nowait(WorkItem(name))

        await asyncio.gather(request("ada"), request("bob"))
        await queue.join()
        tasks[0].cancel()
        await asyncio.wait(tasks)
        assert seen == {
            "ada": {"user": "ada", "only_ada": True, "step": "writing"},
            "bob": {"user": "bob", "only_bob": True, "step": "writing"},
        }

    Context().run(asyncio.run, main())


def test_log_fields_can_stay_behind() -> None:
    """Each field is a context variable of its own, found by its name."""
    structlog = pytest.importorskip("structlog")

    def request() -> dict[str, object]:
        structlog.contextvars.bind_contextvars(user="ada", body="megabytes")
        everything = capture_request_context()
        variables = [v for v in everything._values if v.name == "structlog_body"]
        item = WorkItem("payload", exclude=variables)

        def worker() -> dict[str, object]:
            with activate_request_context(item.context):
                return dict(structlog.contextvars.get_contextvars())

        return run_detached(worker)

    assert Context().run(request) == {"user": "ada"}


# --- libraries that patch for good --------------------------------------------------------------


@pytest.mark.parametrize("library", ["sentry_sdk", "ddtrace"])
def test_in_a_program_of_its_own(library: str) -> None:
    if library == "ddtrace":
        pytest.importorskip("ddtrace", exc_type=ImportError)
    program = HERE / "instrumented" / f"under_{library.removesuffix('_sdk')}.py"
    quiet = {
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
        "DD_TRACE_STARTUP_LOGS": "false",
        "DD_TRACE_AGENT_URL": "http://127.0.0.1:9",  # nobody is there, and nobody needs to be
    }
    result = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning:ddtrace", program],
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
