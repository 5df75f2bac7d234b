"""Work in threads that asks what libraries keep in the context: spans, log fields, requests."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import flask
import structlog
from flask import copy_current_request_context, current_app, g, has_request_context, request
from langsmith import traceable
from opentelemetry import baggage, context, trace
from opentelemetry.propagate import inject
from structlog.contextvars import bind_contextvars, merge_contextvars

structlog.configure(processors=[merge_contextvars, structlog.processors.JSONRenderer()])
tracer = trace.get_tracer(__name__)
log = structlog.get_logger()
pool = ThreadPoolExecutor()


def starts_a_span(row):
    with tracer.start_as_current_span("store"):
        return row


@tracer.start_as_current_span("decorated")
def starts_a_span_before(row):
    return row


def starts_a_plain_span(row):
    span = tracer.start_span("store")
    span.end()


def marks_the_span(row):
    trace.get_current_span().set_attribute("row", row)


def asks_baggage():
    return baggage.get_baggage("tenant")


def sends_on(headers):
    inject(headers)


def logs(row):
    log.info("stored", row=row)


@traceable
def traced(row):
    return row


def handle_spans(row):
    pool.submit(starts_a_span, row)  # error: CTX301
    pool.submit(starts_a_span_before, row)  # error: CTX301
    pool.submit(starts_a_plain_span, row)  # error: CTX301
    pool.submit(marks_the_span, row)  # error: CTX301
    pool.submit(asks_baggage)  # error: CTX301
    pool.submit(sends_on, {})  # error: CTX301
    pool.submit(traced, row)  # error: CTX301


def handle_logs(row):
    bind_contextvars(row=row)
    pool.submit(logs, row)  # error: CTX301


def reads_g():
    return g.user


def reads_request():
    return request.headers if has_request_context() else None


def reads_app():
    return current_app.config


app = flask.Flask(__name__)


@app.route("/flask")
def handle_flask():
    Thread(target=reads_g).start()  # error: CTX301
    Thread(target=reads_request).start()  # error: CTX301
    Thread(target=reads_app).start()  # error: CTX301

    @copy_current_request_context
    def work():
        return g.user

    pool.submit(work)
    pool.submit(copy_current_request_context(reads_request))


def in_app_context():
    with app.app_context():
        return current_app.config


@app.route("/context")
def handle_app_context():
    Thread(target=in_app_context).start()


def in_given_app_context(application, row):
    with application.app_context():
        return current_app.config, row


@app.route("/given-context")
def handle_given_app_context():
    application = current_app._get_current_object()
    Thread(target=in_given_app_context, args=(application, 1)).start()
    pool.submit(in_given_app_context, current_app._get_current_object(), 2)


def with_given_span(row, parent):
    with tracer.start_as_current_span("store", context=parent):
        starts_a_span(row)


def attaches_first(row, parent):
    token = context.attach(parent)
    try:
        starts_a_span(row)
    finally:
        context.detach(token)


def uses_given_span(row, span):
    with trace.use_span(span):
        marks_the_span(row)


def handle_given(row):
    parent = context.get_current()
    pool.submit(with_given_span, row, parent)
    pool.submit(attaches_first, row, parent)
    pool.submit(uses_given_span, row, trace.get_current_span())


async def handle_to_thread(row):
    await asyncio.to_thread(starts_a_span, row)
    await asyncio.to_thread(logs, row)
