"""The fixtures: what goes wrong in each when it runs, and what ctxlint says about it.

Every scenario sends overlapping requests of Alice, who comes first, and of Bob. What is observed
is a set of `Work`: what was done, as which user, and in the trace of whose request.
"""

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette

REPOSITORY = Path(__file__).parent.parent
FIXTURES = REPOSITORY / "fixtures"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/expected.txt"))


class Work(NamedTuple):
    what: str
    user: str
    trace_of: str


# --- What is seen when they run -----------------------------------------------------------------


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Holds the spans of one test; the global tracer provider is put back afterwards."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return exporter


Load = Callable[[str], ModuleType]


@pytest.fixture
def load(exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Imports a module of a fixture afresh, so that it holds this test's tracers and queues."""
    monkeypatch.syspath_prepend(FIXTURES)
    yield importlib.import_module
    for module in [name for name in sys.modules if name.split(".")[0] in NAMES]:
        del sys.modules[module]


@asynccontextmanager
async def running(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://fixture") as client,
    ):
        yield client


async def overlapping(*requests: Awaitable[httpx.Response]) -> list[Any]:
    """Send requests at once, each in a task of its own; return what they answer."""
    responses = await asyncio.gather(*requests)
    return [response.raise_for_status().json() for response in responses]


def observe(exporter: InMemorySpanExporter) -> list[Work]:
    """All work, in the order in which it was done."""
    spans = exporter.get_finished_spans()
    requests = {_trace(s): _text(s, "user") for s in spans if s.kind is trace.SpanKind.SERVER}
    return [
        Work(_text(s, "work"), _text(s, "user"), requests.get(_trace(s), "nobody"))
        for s in spans
        if s.kind is not trace.SpanKind.SERVER
    ]


def requests_overlapped(exporter: InMemorySpanExporter) -> bool:
    """Whether Bob's request began before Alice's was over."""
    spans = [s for s in exporter.get_finished_spans() if s.kind is trace.SpanKind.SERVER]
    alice = next(s for s in spans if _text(s, "user") == "alice")
    bob = next(s for s in spans if _text(s, "user") == "bob")
    assert alice.start_time is not None
    assert alice.end_time is not None
    assert bob.start_time is not None
    return alice.start_time <= bob.start_time < alice.end_time


def _trace(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id


def _text(span: ReadableSpan, key: str) -> str:
    return str((span.attributes or {})[key])


ALICE = {"x-user": "alice"}
BOB = {"x-user": "bob"}


@pytest.mark.parametrize(
    ("variant", "bobs"),
    [
        ("leaky", Work("bob's answer", user="alice", trace_of="alice")),
        ("fixed", Work("bob's answer", user="bob", trace_of="bob")),
    ],
)
def test_inference_store_writes_rows(
    variant: str, bobs: Work, load: Load, exporter: InMemorySpanExporter
) -> None:
    app = load(f"inference_store.{variant}.app")
    database = load(f"inference_store.{variant}.database").Database()

    async def scenario() -> None:
        async with running(app.create_app(database)) as client:
            # Three answers and a queue for one: some are put by the fallback, which waits.
            await overlapping(
                client.post("/chat", headers=ALICE, json={"prompt": "alice's answer", "n": 3}),
                client.post("/chat", headers=BOB, json={"prompt": "bob's answer", "n": 3}),
            )

    asyncio.run(scenario())
    alices = Work("alice's answer", user="alice", trace_of="alice")
    assert requests_overlapped(exporter)
    assert sorted(observe(exporter)) == [alices] * 3 + [bobs] * 3
    assert sorted(row.owner for row in database.rows) == ["alice"] * 3 + [bobs.user] * 3


@pytest.mark.parametrize(
    ("variant", "worker", "bob_reads"),
    [
        # The pool writes Bob's rows as Alice: he cannot read one of them.
        ("leaky", "alice", [404, 404, 404]),
        ("fixed", "bob", [200, 200, 200]),
    ],
)
def test_responses_pool_stores_results_timeouts_and_errors(
    variant: str, worker: str, bob_reads: list[int], load: Load, exporter: InMemorySpanExporter
) -> None:
    app = load(f"responses_pool.{variant}.app").create_app(timeout=0.5)
    prompts = [(ALICE, "hello"), (BOB, "hello"), (BOB, "fail"), (BOB, "hang")]

    async def scenario() -> list[int]:
        async with running(app) as client:
            created = await overlapping(
                *(
                    client.post("/responses", headers=user, json={"prompt": p, "background": True})
                    for user, p in prompts
                )
            )
            assert [c["id"] for c in created] == [f"response-{n}" for n in (1, 2, 3, 4)]
            await app.state.responses.drain()
            seen = observe(exporter)
            assert requests_overlapped(exporter)
            assert set(seen) == expected
            assert len(seen) == len(expected)
            hers = await client.get("/responses/response-1", headers=ALICE)
            assert hers.json() == {"status": "completed", "text": "hello"}
            his = [await client.get(f"/responses/response-{n}", headers=BOB) for n in (2, 3, 4)]
            return [response.status_code for response in his]

    expected = {
        Work("response-1 queued", "alice", "alice"),
        Work("response-1 in_progress", "alice", "alice"),
        Work("response-1 completed", "alice", "alice"),
        *(Work(f"response-{n} queued", "bob", "bob") for n in (2, 3, 4)),
        *(Work(f"response-{n} in_progress", worker, worker) for n in (2, 3, 4)),
        Work("response-2 completed", worker, worker),
        Work("response-3 failed", worker, worker),
        Work("response-4 failed", worker, worker),
    }
    assert asyncio.run(scenario()) == bob_reads


@pytest.mark.parametrize("variant", ["leaky", "fixed"])
def test_vector_store_batches_belong_to_their_requests(
    variant: str, load: Load, exporter: InMemorySpanExporter
) -> None:
    """Nothing here is reported: a batch outlives its request, but it is that request's work."""
    batches = load(f"vector_store_batches.{variant}.batches")
    app = load(f"vector_store_batches.{variant}.app")
    unfinished = batches.Batch("batch-1", ["old-1", "old-2", "old-3"], created=0.0, done=1)

    async def scenario() -> None:
        async with running(app.create_app([unfinished])) as client:
            created = await overlapping(
                client.post("/batches", headers=ALICE, json={"files": ["a-1", "a-2", "a-3"]}),
                client.post("/batches", headers=BOB, json={"files": ["b-1"]}),
            )
            assert [c["id"] for c in created] == ["batch-2", "batch-3"]
            finished = await client.get("/batches/batch-2", headers=ALICE)
            assert finished.json() == {"status": "completed", "done": 3}

    asyncio.run(scenario())
    assert requests_overlapped(exporter)
    assert set(observe(exporter)) == {
        # Resumed at startup, when no request was there.
        *(Work(file, "nobody", "nobody") for file in ("old-2", "old-3")),
        *(Work(file, "alice", "alice") for file in ("a-1", "a-2", "a-3")),
        Work("b-1", "bob", "bob"),
        # Housekeeping for all, in the trace of the request that set it off: finite, and CTX105's.
        Work("clean-up", "alice", "alice"),
    }
    assert unfinished.status == "completed"


@pytest.mark.parametrize(
    ("variant", "bob", "bob_reads"),
    [
        # The helper empties the trace, and items bring theirs along. Neither knows of the user.
        ("leaky", Work("saved b.txt", user="alice", trace_of="bob"), []),
        ("fixed", Work("saved b.txt", user="bob", trace_of="bob"), ["saved b.txt"]),
    ],
)
def test_audit_trail_is_detached_by_halves(
    variant: str, bob: Work, bob_reads: list[str], load: Load, exporter: InMemorySpanExporter
) -> None:
    app = load(f"audit_trail.{variant}.app").create_app()

    async def scenario() -> list[str]:
        async with running(app) as client:
            await overlapping(
                client.put("/documents/a.txt", headers=ALICE, content="a"),
                client.put("/documents/b.txt", headers=BOB, content="b"),
            )
            assert requests_overlapped(exporter)
            trail = await client.get("/audit", headers=BOB)
            return list(trail.json())

    assert asyncio.run(scenario()) == bob_reads
    assert observe(exporter) == [Work("saved a.txt", user="alice", trace_of="alice"), bob]


@pytest.mark.parametrize(
    ("variant", "bob"),
    [("leaky", "alice"), ("fixed", "bob")],
)
def test_span_queue_exports_steps_in_order(
    variant: str, bob: str, load: Load, exporter: InMemorySpanExporter
) -> None:
    app = load(f"span_queue.{variant}.app").create_app()

    async def scenario() -> None:
        async with running(app) as client:
            await overlapping(
                client.post("/runs", headers=ALICE, json={"task": "plan", "tools": ["search"]}),
                client.post("/runs", headers=BOB, json={"task": "draft", "tools": ["search"]}),
            )
        # The lifespan is over: shutdown has drained the queue.

    asyncio.run(scenario())
    assert requests_overlapped(exporter)
    assert observe(exporter) == [
        Work("plan start", "alice", "alice"),
        Work("draft start", bob, bob),
        Work("plan end", "alice", "alice"),
        Work("draft end", bob, bob),
    ]
    assert app.state.processor.sent == [
        "alice: plan start",
        f"{bob}: draft start",
        "alice: plan end",
        f"{bob}: draft end",
    ]


@pytest.mark.parametrize("variant", ["leaky", "fixed"])
def test_span_queue_starts_its_drain_task_anew(
    variant: str, load: Load, exporter: InMemorySpanExporter
) -> None:
    """Whoever comes first after the task died starts the next one."""
    app = load(f"span_queue.{variant}.app").create_app()
    queue = load(f"span_queue.{variant}.span_queue").default_queue()

    async def scenario() -> None:
        async with running(app) as client:
            await client.post("/runs", headers=ALICE, json={"task": "plan", "tools": []})
            await queue._events.join()
            queue._drain_task.cancel()
            await asyncio.wait([queue._drain_task])
            await client.post("/runs", headers=BOB, json={"task": "draft", "tools": []})

    asyncio.run(scenario())
    steps = [("plan start", "alice"), ("plan end", "alice"), ("draft start", "bob")]
    assert observe(exporter)[:3] == [Work(what, user, user) for what, user in steps]


@pytest.mark.parametrize(
    ("variant", "worker"),
    [
        ("leaky", "alice"),
        # What a session is told, and its pings, are no user's and stand in no request's trace.
        ("fixed", "nobody"),
    ],
)
def test_session_notifications_are_sent(
    variant: str, worker: str, load: Load, exporter: InMemorySpanExporter
) -> None:
    app = load(f"session_notifications.{variant}.app").create_app(ping_interval=0.02)
    expected = {
        Work("a", user="alice", trace_of="alice"),
        Work("b", user="bob", trace_of="bob"),
        Work("a completed", user=worker, trace_of=worker),
        Work("b completed", user=worker, trace_of=worker),
        Work("session-1", user=worker, trace_of=worker),  # the pings
    }

    async def scenario() -> None:
        async with running(app):
            sent = await converse(
                app,
                {"method": "tasks/submit", "user": "alice", "task": "a"},
                {"method": "tasks/submit", "user": "bob", "task": "b"},
                until=[{"notify": "b completed"}, {"ping": "session-1"}],
            )
        replies = [message for message in sent if "submitted" in message]
        assert replies == [{"submitted": "a"}, {"submitted": "b"}]

    asyncio.run(scenario())
    assert requests_overlapped(exporter)
    assert set(observe(exporter)) == expected


@pytest.mark.parametrize("variant", ["leaky", "fixed"])
def test_event_bus_streams_runs(variant: str, load: Load, exporter: InMemorySpanExporter) -> None:
    app = load(f"event_bus.{variant}.app").create_app(together=2)

    async def scenario() -> list[list[str]]:
        async with running(app) as client:
            streamed = await overlapping(
                client.post("/runs", headers=ALICE, json={"task": "alice's"}),
                client.post("/runs", headers=BOB, json={"task": "bob's"}),
            )
        return [each["chunks"] for each in streamed]

    alices, bobs = asyncio.run(scenario())
    assert requests_overlapped(exporter)
    steps = ("plan {}'s", "{}'s search", "{}'s write")
    if variant == "leaky":
        # The threads know of no stream, so that everybody hears everything, in nobody's trace.
        everything = ["alice's search", "alice's write", "bob's search", "bob's write"]
        assert alices == bobs == everything
        done = [Work(s.format(u), "nobody", "nobody") for u in ("alice", "bob") for s in steps]
        told = [Work(f"deliver {each}", "nobody", "nobody") for each in everything * 2]
    else:
        assert alices == ["alice's search", "alice's write"]
        assert bobs == ["bob's search", "bob's write"]
        done = [Work(s.format(user), user, user) for user in ("alice", "bob") for s in steps]
        told = [
            Work(f"deliver {user}'s {call}", user, user)
            for user in ("alice", "bob")
            for call in ("search", "write")
        ] * 2  # both listeners are told, and one of them hears it
    assert sorted(observe(exporter)) == sorted(done + told)


async def converse(
    app: Starlette, *messages: dict[str, str], until: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Send messages in one WebSocket session; hang up when all of `until` came back."""
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    for message in messages:
        incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})
    sent: list[dict[str, str]] = []

    async def send(event: Any) -> None:
        await asyncio.sleep(0.001)  # as a network would: what else is to do comes in between
        if event["type"] == "websocket.send":
            sent.append(json.loads(event["text"]))
            if all(message in sent for message in until):
                incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})

    scope = {
        "type": "websocket",
        "path": "/session",
        "headers": [],
        "query_string": b"",
        "subprotocols": [],
    }
    await asyncio.wait_for(app(scope, incoming.get, send), timeout=10)
    return sent


# --- What ctxlint says about them ---------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_ctxlint_reports_exactly_what_is_expected(name: str) -> None:
    """All of expected.txt in leaky/, and nothing in fixed/."""
    assert findings(name) == sorted(expected_findings(name))


def test_background_tasks_are_reported_on_request() -> None:
    """Both variants are one program: these tasks do their request's work, or might."""
    reported = findings("vector_store_batches", "--select", "CTX105")
    assert reported == sorted(
        f"{variant}/{place}"
        for variant in ("leaky", "fixed")
        for place in expected_findings("vector_store_batches", "expected-CTX105.txt")
    )
    assert findings("vector_store_batches", "--select", "CTX1") == []


def findings(name: str, *options: str) -> list[str]:
    """What ctxlint reports in a fixture: path:line:CODE."""
    command = ["-m", "ctxlint", f"fixtures/{name}", "--isolated", "--exit-zero", *options]
    result = subprocess.run(
        [sys.executable, *command, "--output-format", "json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    reported = [
        f"{Path(f['path']).relative_to(Path('fixtures', name)).as_posix()}:{f['line']}:{f['code']}"
        for f in json.loads(result.stdout)
    ]
    return sorted(reported)


def expected_findings(name: str, file: str = "expected.txt") -> list[str]:
    lines = (FIXTURES / name / file).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", NAMES)
def test_the_twins_are_one_program(name: str) -> None:
    """The same modules, and as long as nothing is reported, the same text."""
    leaky, fixed = (
        {path.name: path.read_text("utf-8") for path in (FIXTURES / name / variant).glob("*.py")}
        for variant in ("leaky", "fixed")
    )
    assert leaky.keys() == fixed.keys()
    reported_in = {f.split(":")[0].removeprefix("leaky/") for f in expected_findings(name)}
    assert {module for module in leaky if leaky[module] != fixed[module]} == reported_in
