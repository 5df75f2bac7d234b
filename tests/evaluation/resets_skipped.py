"""What is set is taken back, but not on every way."""

import asyncio
import logging
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from django.utils.deprecation import MiddlewareMixin
from opentelemetry import context as otel
from opentelemetry import propagate
from opentelemetry.context import attach, detach
from structlog.contextvars import bind_contextvars, clear_contextvars

user = ContextVar("user", default=None)
tenant = ContextVar("tenant", default=None)
logger = logging.getLogger(__name__)


class Middleware:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        token = user.set(request.user)  # error: CTX401
        response = self.get_response(request)
        user.reset(token)
        return response


class SetToNothing:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        user.set(request.user)  # error: CTX401
        response = self.get_response(request)
        user.set(None)
        return response


class AsgiMiddleware:
    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        token = user.set(scope["user"])  # error: CTX401
        await self.app(scope, receive, send)
        user.reset(token)


class Worker:
    def __init__(self, queue: asyncio.Queue) -> None:
        self.queue = queue

    async def no_finally(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            await self.handle(job)
            user.reset(token)

    async def failures_are_logged(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                token = user.set(job.user)  # error: CTX401
                await self.handle(job)
                user.reset(token)
            except Exception:
                logger.exception("failed")

    async def next_before_the_reset(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            if job.empty:
                continue
            try:
                await self.handle(job)
            finally:
                user.reset(token)

    async def awaits_before_the_try(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            await self.queue.join()
            try:
                await self.handle(job)
            finally:
                user.reset(token)

    async def awaits_first_in_the_finally(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
            finally:
                await job.close()
                user.reset(token)

    async def takes_a_lock_in_the_finally(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
            finally:
                async with job.lock:
                    user.reset(token)

    async def awaits_in_the_same_branch(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
            finally:
                if token is not None:
                    await job.close()
                    user.reset(token)

    async def awaits_before_a_try_in_the_finally(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
            finally:
                await job.close()
                try:
                    print("done")
                finally:
                    user.reset(token)

    async def returns_from_the_finally(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
            finally:
                if_done = job.done
                raise if_done
                user.reset(token)

    async def handles_only_some(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            try:
                await self.handle(job)
            except ValueError:
                logger.exception("failed")
            user.reset(token)

    async def per_message_handler(self) -> None:
        while True:
            await self.on_message(await self.queue.get())

    async def on_message(self, message) -> None:
        token = tenant.set(message.tenant)  # error: CTX401
        await self.handle(message)
        tenant.reset(token)

    async def handle(self, job) -> None:
        print(job, user.get(), tenant.get())


def decorated(callback):
    async def wrapper(message):
        token = otel.attach(propagate.extract(message.headers))  # error: CTX401
        if not message.body:
            return await callback(message)
        try:
            return await callback(message)
        finally:
            otel.detach(token)

    return wrapper


def without_finally(callback):
    def wrapper(message):
        token = attach(propagate.extract(message.headers))  # error: CTX401
        result = callback(message)
        detach(token)
        return result

    return wrapper


@contextmanager
def without_try(name):
    token = user.set(name)  # error: CTX401
    yield
    user.reset(token)


@asynccontextmanager
async def async_without_try(name):
    token = user.set(name)  # error: CTX401
    yield name
    user.reset(token)


class LeavesEarly:
    def __enter__(self):
        self.token = user.set("somebody")  # error: CTX401
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            return False
        user.reset(self.token)
        return False


class AwaitsFirst:
    def __init__(self, lock: asyncio.Lock) -> None:
        self.lock = lock

    async def __aenter__(self):
        await self.lock.acquire()
        self.token = user.set("somebody")  # error: CTX401
        return self

    async def __aexit__(self, kind, error, trace):
        await self.close()
        user.reset(self.token)

    async def close(self) -> None:
        self.lock.release()


class StartAndStop:
    def start(self, name) -> None:
        user.set(name)  # error: CTX401

    def stop(self, written) -> None:
        if not written:
            return
        user.set(None)


class Hooks(MiddlewareMixin):
    def process_request(self, request) -> None:
        request.user_token = user.set(request.user)  # error: CTX401

    def process_response(self, request, response):
        if response.status_code >= 500:
            return response
        user.reset(request.user_token)
        return response


def set_tenant(name) -> None:
    tenant.set(name)  # error: CTX401


def clear_tenant() -> None:
    tenant.set(None)


def remember(name):
    return user.set(name)


def forget(token) -> None:
    user.reset(token)


async def by_helpers(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        set_tenant(job.tenant)
        await job.run()
        clear_tenant()


async def by_token_helpers(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        token = remember(job.user)  # error: CTX401
        await job.run()
        forget(token)


async def returns_what_may_fail(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)  # error: CTX401
        try:
            return job.value
        except ValueError:
            print("no value")
        user.reset(token)


async def in_one_case(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)  # error: CTX401
        match job.kind:
            case "new":
                print("new")
                user.reset(token)
            case "old":
                continue
            case _:
                user.reset(token)


async def token_only_shown(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)  # error: CTX401
        print("set", token)
        await job.run()
        user.reset(token)


async def token_only_logged(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)  # error: CTX401
        logger.debug("set: %s", token)
        await job.run()
        user.reset(token)


async def log_fields(queue: asyncio.Queue) -> None:
    while True:
        job = await queue.get()
        bind_contextvars(job=job.id)  # error: CTX401
        await job.run()
        clear_contextvars()


async def await_under_a_condition_in_finally(queue: asyncio.Queue, connection) -> None:
    while True:
        job = await queue.get()
        token = user.set(job.user)  # error: CTX401
        try:
            await job.run()
        finally:
            if connection is not None:
                await connection.close()
            user.reset(token)


def raise_under_a_condition_in_finally(queue) -> None:
    while True:
        job = queue.get()
        token = tenant.set(job.tenant)  # error: CTX401
        try:
            job.run()
        finally:
            for row in job.rows:
                if not row.stored:
                    raise RuntimeError(row)
            tenant.reset(token)
