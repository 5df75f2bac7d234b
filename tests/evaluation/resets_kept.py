"""Where tokens are kept, and what takes back: objects, collections, ``with`` statements."""

import asyncio
from contextlib import contextmanager
from contextvars import ContextVar, copy_context

from opentelemetry.context import attach

user = ContextVar("user", default=None)
tenant = ContextVar("tenant", default=None)
role = ContextVar("role", default=None)
locale = ContextVar("locale", default="en")
LOADED = []


class Jobs:
    def __init__(self, queue: asyncio.Queue) -> None:
        self.queue = queue
        self.tokens = []

    async def handle(self, job) -> None:
        await asyncio.sleep(1)


class Tokens(Jobs):
    async def in_a_list(self) -> None:
        while True:
            job = await self.queue.get()
            tokens = []
            tokens.append(user.set(job.user))
            try:
                await self.handle(job)
            finally:
                for token in tokens:
                    user.reset(token)

    async def in_a_dictionary(self) -> None:
        tokens = {}
        while True:
            job = await self.queue.get()
            tokens["user"] = user.set(job.user)  # error: CTX401
            await self.handle(job)
            user.reset(tokens["user"])

    async def in_a_tuple(self) -> None:
        while True:
            job = await self.queue.get()
            first, second = user.set(job.user), job.tenant  # error: CTX401
            await self.handle(second)
            user.reset(first)

    async def in_two_names(self) -> None:
        while True:
            job = await self.queue.get()
            first, second = user.set(job.user), tenant.set(job.tenant)
            try:
                await self.handle(job)
            finally:
                user.reset(first)
                tenant.reset(second)

    async def put_aside(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)  # error: CTX401
            self.token = token
            await self.handle(job)
            user.reset(self.token)

    async def put_aside_and_taken_back(self) -> None:
        while True:
            job = await self.queue.get()
            token = user.set(job.user)
            self.tokens.append(token)
            try:
                await self.handle(job)
            finally:
                user.reset(self.tokens.pop())

    async def where_nobody_looks(self) -> None:
        while True:
            job = await self.queue.get()
            self.last()["token"] = user.set(job.user)
            await self.handle(job)

    async def by_a_function(self, append) -> None:
        while True:
            job = await self.queue.get()
            append(user.set(job.user))
            await self.handle(job)


# --- ``with`` ---


@contextmanager
def lasting():
    yield


@contextmanager
def acting():
    yield
    role.set(None)


class Acting:
    def __enter__(self) -> None: ...

    def __exit__(self, kind, error, trace) -> None:
        role.set(None)


class Lasting:
    def __enter__(self) -> None: ...

    def __exit__(self, kind, error, trace) -> None:
        print(kind)


class Withs(Jobs):
    async def in_an_object_that_takes_back(self) -> None:
        while True:
            job = await self.queue.get()
            with Acting():
                if job.role:
                    role.set(job.role)
                await self.handle(job)

    async def in_a_generator_that_takes_back(self) -> None:
        while True:
            job = await self.queue.get()
            with acting():
                if job.role:
                    role.set(job.role)
                await self.handle(job)

    async def in_an_object_that_does_not(self) -> None:
        while True:
            job = await self.queue.get()
            with Lasting():
                if job.role:
                    role.set(job.role)  # error: CTX401
                await self.handle(job)

    async def in_a_generator_that_does_not(self) -> None:
        while True:
            job = await self.queue.get()
            with lasting():
                if job.role:
                    role.set(job.role)  # error: CTX401
                await self.handle(job)

    async def in_a_current_span(self, tracer) -> None:
        while True:
            job = await self.queue.get()
            with tracer.start_as_current_span(job.name):
                attach(job.context)
                await self.handle(job)

    async def in_an_unknown_with_that_sounds_like_it(self, logging) -> None:
        while True:
            job = await self.queue.get()
            with logging.span_of(job):
                attach(job.context)
                await self.handle(job)

    async def in_an_unknown_with(self, logging) -> None:
        while True:
            job = await self.queue.get()
            with logging.time_of(job):
                attach(job.context)  # error: CTX401
                await self.handle(job)


# --- Who is left with it ---


def configure(name):
    token = locale.set(name)
    LOADED.append(open(name))
    locale.reset(token)


configure("de")


def counted(depth):
    token = locale.set(str(depth))  # error: CTX401
    if depth:
        counted(depth - 1)
        counted(depth - 2)
    locale.reset(token)


def twice(handler):
    counted(1)
    counted(2)
    return handler()


class Pooled(Jobs):
    async def in_a_copy(self, loop, pool) -> None:
        await loop.run_in_executor(pool, copy_context().run, self.count)

    async def in_a_thread(self) -> None:
        await asyncio.to_thread(self.measure)

    async def in_a_pool(self, loop, pool) -> None:
        await loop.run_in_executor(pool, self.guess)

    def count(self) -> None:
        token = locale.set("fr")
        self.work()
        locale.reset(token)

    def measure(self) -> None:
        token = locale.set("fr")
        self.work()
        locale.reset(token)

    def guess(self) -> None:
        token = locale.set("fr")  # error: CTX401
        self.work()
        locale.reset(token)


# --- Copies of contexts ---


def put_all(context):
    for variable, value in context.items():
        variable.set(value)


class Replayed(Jobs):
    async def for_each(self) -> None:
        while True:
            job, context = await self.queue.get()
            if job.user:
                for variable, value in context.items():
                    variable.set(value)
            await self.handle(job)

    async def by_a_function(self) -> None:
        while True:
            job, context = await self.queue.get()
            if job.user:
                put_all(context)
            await self.handle(job)

    async def anew(self) -> None:
        context = copy_context()
        while True:
            job = await self.queue.get()
            for variable in context:
                variable.set({})
            await self.handle(job)
