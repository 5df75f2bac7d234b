"""What is set is taken back nowhere, or by a token that others overwrite."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context

from django.utils.deprecation import MiddlewareMixin
from opentelemetry import baggage, context, propagate, trace
from opentelemetry.sdk.trace import SpanProcessor
from starlette.middleware.base import BaseHTTPMiddleware
from structlog.contextvars import bind_contextvars

user = ContextVar("user", default=None)
tenant = ContextVar("tenant", default=None)
tracer = trace.get_tracer(__name__)
pool = ThreadPoolExecutor()


class KeptOnTheMiddleware(MiddlewareMixin):
    def process_request(self, request) -> None:
        self.token = user.set(request.user)  # error: CTX401

    def process_response(self, request, response):
        user.reset(self.token)
        return response


class KeptOnTheAsgiMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        self._token = user.set(request.user)  # error: CTX401
        try:
            return await call_next(request)
        finally:
            user.reset(self._token)


class KeptOnTheClass:
    token = None

    def take(self, item):
        if KeptOnTheClass.token:
            context.detach(KeptOnTheClass.token)
        KeptOnTheClass.token = context.attach(propagate.extract(item))  # error: CTX401
        return item


def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        span = tracer.start_span(function.__name__)
        context.attach(trace.set_span_in_context(span))  # error: CTX401
        try:
            return function(*args)
        finally:
            span.end()

    return wrapper


class Processor(SpanProcessor):
    def on_start(self, span, parent_context=None) -> None:
        if parent_context is not None:
            context.attach(baggage.set_baggage("kind", "child"))  # error: CTX401
        self.next_processor.on_start(span, parent_context)


def set_workflow(name) -> None:
    context.attach(baggage.set_baggage("workflow", name))  # error: CTX401


def workflow(function):
    def wrapper(*args):
        set_workflow(function.__name__)
        return function(*args)

    return wrapper


async def attached_per_item(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        context.attach(propagate.extract(job.headers))  # error: CTX401
        await job.run()


async def for_some_items(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        if job.tenant is not None:
            tenant.set(job.tenant)  # error: CTX401
        await job.run()


async def log_fields_for_some(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        if job.user:
            bind_contextvars(user=job.user)  # error: CTX401
        await job.run()


class Dispatcher:
    def __init__(self, queue: asyncio.Queue) -> None:
        self.queue = queue

    async def run(self) -> None:
        while True:
            job = await self.queue.get()
            if job.kind == "signed":
                await self.on_signed(job)
            else:
                await job.run()

    async def on_signed(self, job) -> None:
        signer.set(job.signer)  # error: CTX401
        print(job)


signer = ContextVar("signer")
region = ContextVar("region", default="here")


class ForSomeRequests:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        if "region" in request.headers:
            region.set(request.headers["region"])  # error: CTX401
        return self.get_response(request)


@contextmanager
def never_taken_back(name):
    user.set(name)  # error: CTX401
    yield name


class NeverTakenBack:
    def __enter__(self):
        user.set("somebody")  # error: CTX401
        return self

    def __exit__(self, kind, error, trace):
        print("done")


def stream(items, name):
    async def generate():
        while True:
            user.set(name)  # error: CTX401
            item = await items.__anext__()
            yield item

    return generate()


def replay(captured: Context, function):
    for variable, value in captured.items():
        variable.set(value)  # error: CTX401
    return function()


def submit(function):
    return pool.submit(replay, copy_context(), function)
