"""What is set is taken back, whatever happens, or ends with its item: nothing to report."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar, copy_context

import structlog
from django.utils.deprecation import MiddlewareMixin
from fastapi import FastAPI
from opentelemetry import baggage, context, propagate, trace
from starlette.middleware.base import BaseHTTPMiddleware
from structlog.contextvars import bind_contextvars, bound_contextvars, clear_contextvars

user = ContextVar("user", default=None)
tenant = ContextVar("tenant", default=None)
fields = ContextVar("fields", default={})
depth = ContextVar("depth", default=0)
plugin = ContextVar("plugin")
tracer = trace.get_tracer(__name__)
app = FastAPI()
pool = ThreadPoolExecutor()
VARIABLES = (user, tenant)


class Middleware:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        token = user.set(request.user)
        try:
            return self.get_response(request)
        finally:
            user.reset(token)


class SetToNothing:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        user.set(request.user)
        try:
            return self.get_response(request)
        finally:
            user.set(None)


class SetToWhatItWas:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        before = user.get()
        user.set(request.user)
        try:
            return self.get_response(request)
        finally:
            user.set(before)


class OverwritesEachTime:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        tenant.set(request.tenant)
        return self.get_response(request)


class OverwritesEitherWay:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        if request.tenant:
            tenant.set(request.tenant)
        else:
            tenant.set("none")
        return self.get_response(request)


class NeverResetInItsOwnTask(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        if "user" in request.headers:
            user.set(request.headers["user"])
        return await call_next(request)


class AsgiMiddleware:
    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            user.set(scope["user"])
        await self.app(scope, receive, send)


class TokenOnTheRequest(MiddlewareMixin):
    def process_request(self, request) -> None:
        request.token = user.set(request.user)

    def process_response(self, request, response):
        user.reset(request.token)
        return response


@app.get("/")
async def endpoint(name: str) -> None:
    token = user.set(name)
    await asyncio.sleep(0)
    user.reset(token)


@app.get("/plain")
def plain_endpoint(name: str) -> None:
    user.set(name)


class Worker:
    def __init__(self, queue: asyncio.Queue) -> None:
        self.queue = queue

    async def in_a_finally(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            logger.info("begun", job=job)
            try:
                await self.handle(job)
            finally:
                logger.info("done")
                user.reset(token)

    async def in_an_outer_finally(self) -> None:
        while True:
            job = await self.queue.get()
            token = None
            try:
                token = user.set(job.user)
                await self.handle(job)
            finally:
                if token is not None:
                    user.reset(token)
                await job.close()

    async def failures_are_dealt_with(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            try:
                await self.handle(job)
            except Exception:
                logger.exception("failed")
            user.reset(token)

    async def failures_are_suppressed(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            with suppress(Exception):
                await self.handle(job)
            user.reset(token)

    async def closes_safely_first(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            try:
                await self.handle(job)
            finally:
                try:
                    await job.close()
                finally:
                    user.reset(token)

    async def closes_whatever_happens_first(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            try:
                await self.handle(job)
            finally:
                with suppress(Exception):
                    await job.close()
                if job.user:
                    print(job)
                    user.reset(token)
                else:
                    user.reset(token)
                    await job.close()

    async def overwritten_each_time(self) -> None:
        while True:
            job = await self.queue.get()
            tenant.set(job.tenant)
            await self.handle(job)

    async def cleared_first(self) -> None:
        while True:
            job = await self.queue.get()
            tenant.set(None)
            if job.tenant:
                tenant.set(job.tenant)
            await self.handle(job)

    async def log_fields_cleared_first(self) -> None:
        while True:
            job = await self.queue.get()
            clear_contextvars()
            if job.user:
                bind_contextvars(user=job.user)
            await self.handle(job)

    async def log_fields_bound(self) -> None:
        while True:
            job = await self.queue.get()
            with bound_contextvars(user=job.user):
                await self.handle(job)

    async def one_task_each(self) -> None:
        while True:
            job = await self.queue.get()
            await asyncio.create_task(self.in_its_own_task(job))

    async def in_its_own_task(self, job) -> None:
        token = user.set(job.user)
        await self.handle(job)
        user.reset(token)

    async def one_context_each(self) -> None:
        while True:
            job = await self.queue.get()
            copy_context().run(self.in_its_own_context, job)

    def in_its_own_context(self, job) -> None:
        token = user.set(job.user)
        job.run()
        user.reset(token)

    async def handle(self, job) -> None:
        print(job, user.get(), tenant.get())


logger = structlog.get_logger()


def on_connection(connection) -> None:
    threading.Thread(target=serve, args=(connection,)).start()


def serve(connection) -> None:
    token = user.set(connection.user)
    connection.run()
    user.reset(token)


async def by_a_stack(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        with ExitStack() as stack:
            stack.callback(user.reset, user.set(job.user))
            token = tenant.set(job.tenant)
            stack.callback(tenant.reset, token)
            await job.run()


async def by_a_list(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        tokens = []
        for variable in VARIABLES:
            tokens.append((variable, variable.set(job.values[variable])))
        try:
            await job.run()
        finally:
            for variable, token in reversed(tokens):
                variable.reset(token)


async def by_a_dict(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        tokens = {variable: variable.set(job.values[variable]) for variable in VARIABLES}
        try:
            await job.run()
        finally:
            for variable, token in tokens.items():
                variable.reset(token)


def extracted(callback):
    def wrapper(message):
        token = context.attach(propagate.extract(message.headers))
        if not message.body:
            context.detach(token)
            return None
        try:
            return callback(message)
        finally:
            context.detach(token)

    return wrapper


def within_a_span(callback):
    def wrapper(message):
        with tracer.start_as_current_span("message"):
            context.attach(baggage.set_baggage("id", message.id))
            return callback(message)

    return wrapper


@contextmanager
def as_user(name):
    token = user.set(name)
    try:
        yield
    finally:
        user.reset(token)


@asynccontextmanager
async def lifespan(app):
    plugin.set(object())
    yield


class PerUse:
    def __enter__(self):
        self.token = user.set("somebody")
        return self

    def __exit__(self, kind, error, trace):
        if self.token is None:
            return
        user.reset(self.token)


class TakesTokensOneByOne:
    def __enter__(self):
        self.tokens = []
        for variable in VARIABLES:
            self.tokens.append((variable, variable.set("somebody")))
        return self

    def __exit__(self, *error):
        while self.tokens:
            variable, token = self.tokens.pop()
            variable.reset(token)


class TakesThemTogether:
    def __enter__(self):
        self._tokens = [variable.set("somebody") for variable in VARIABLES]

    def __exit__(self, *error):
        for variable, token in zip(VARIABLES, self._tokens):
            variable.reset(token)


class ConnectsFirst:
    async def __aenter__(self):
        self._token = user.set("somebody")
        try:
            await self.connect()
        except BaseException:
            user.reset(self._token)
            raise
        return self

    async def __aexit__(self, *error):
        try:
            await self.disconnect()
        finally:
            user.reset(self._token)


def in_each_handler(name, work):
    token = user.set(name)
    try:
        result = work()
    except BaseException:
        user.reset(token)
        raise
    else:
        user.reset(token)
        return result


def undone_later(name):
    token = user.set(name)

    def undo() -> None:
        user.reset(token)

    return undo


class ByOtherMethods:
    def push(self) -> None:
        self.token = tenant.set("somebody")

    def pop(self) -> None:
        try:
            print("popped")
        finally:
            tenant.reset(self.token)

    async def __aenter__(self):
        self.push()
        return self

    async def __aexit__(self, kind, error, trace):
        self.pop()


def set_user(name) -> None:
    """Sets: its callers are judged."""
    user.set(name)


def clear_user() -> None:
    user.set(None)


def push_tenant(name):
    return tenant.set(name)


def pop_tenant(token) -> None:
    tenant.reset(token)


async def by_helpers(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        set_user(job.user)
        try:
            await job.run()
        finally:
            clear_user()


async def by_token_helpers(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        token = push_tenant(job.tenant)
        try:
            await job.run()
        finally:
            pop_tenant(token)


def add_field(name, value) -> None:
    fields.set({**fields.get(), name: value})


def cache():
    if (found := plugin.get(None)) is None:
        found = object()
        plugin.set(found)
    return found


def deeper(function):
    def wrapper(*args):
        depth.set(depth.get() + 1)
        try:
            return function(*args)
        finally:
            depth.set(depth.get() - 1)

    return wrapper


def prepared(coroutine):
    token = user.set("background")
    task = asyncio.create_task(coroutine)
    user.reset(token)
    return task


async def tick():
    print(user.get())


def started():
    token = user.set("background")
    task = asyncio.create_task(tick())
    user.reset(token)
    return task


async def in_every_case(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)
        match job.kind:
            case "new":
                user.reset(token)
            case _:
                user.reset(token)


async def token_given_to_who_may_reset_it(queue: asyncio.Queue, cleanup) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)
        cleanup.register(user, token)
        await job.run()
        user.reset(token)


def main() -> None:
    user.set("root")
    context.attach(propagate.extract({}))
    print(user.get())


if __name__ == "__main__":
    main()


async def closed_under_a_condition_with_failures_caught(queue: asyncio.Queue, connection) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)
        try:
            await job.run()
        finally:
            if connection is not None:
                try:
                    await connection.close()
                except BaseException:
                    print("not closed")
            user.reset(token)
