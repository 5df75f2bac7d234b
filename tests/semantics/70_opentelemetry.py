"""OpenTelemetry's instrumentation of threading."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar

from opentelemetry import trace
from opentelemetry.instrumentation.threading import ThreadingInstrumentor
from opentelemetry.sdk.trace import TracerProvider

ThreadingInstrumentor().instrument()
trace.set_tracer_provider(TracerProvider())
var = ContextVar("var", default=None)
var.set("set by the caller")
seen = []


def callee():
    span = trace.get_current_span().get_span_context().is_valid
    if span and var.get():
        seen.append("all of the caller's context")
    elif span:
        seen.append("the caller's span, and nothing else")
    else:
        seen.append("an empty context" if var.get() is None else "all but the span")


with trace.get_tracer("example").start_as_current_span("request"), ThreadPoolExecutor(1) as pool:
    for construct, thread in {
        "`threading.Thread(target=f)`": threading.Thread(target=callee),
        "`Thread(target=Context().run, args=(f,))`": threading.Thread(
            target=Context().run, args=(callee,)
        ),
    }.items():
        thread.start()
        thread.join()
        print(f"{construct} under OpenTelemetry", "->", seen.pop())
    pool.submit(callee).result()
    print("`executor.submit(f)` under OpenTelemetry", "->", seen.pop())
