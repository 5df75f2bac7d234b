"""Copies that are made where the work runs, of a context that is the work's own, or is not."""

import asyncio
import queue
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

from opentelemetry import trace

pool = ThreadPoolExecutor(4)
tracer = trace.get_tracer(__name__)
user = ContextVar("user", default=None)


def store(row):
    print(row)


def handle(request):
    def by_a_lambda():
        copy_context().run(lambda: store(request))  # error: CTX302

    def by_a_lambda_that_computes():
        copy_context().run(lambda: request.rows + 1)  # error: CTX302

    def by_a_lambda_that_starts():
        copy_context().run(lambda: asyncio.create_task(request.work()))

    def within_a_span():
        with tracer.start_as_current_span("work"):
            copy_context().run(store, request)

    def behind_a_span():
        copy_context().run(store, request)  # error: CTX302
        with tracer.start_as_current_span("work"):
            store(request)

    def within_a_span_of_another():
        begin_span()
        copy_context().run(store, request)

    def for_each():
        for row in request.rows:
            copy_context().run(store, row)  # error: CTX302

    pool.submit(by_a_lambda)
    pool.submit(by_a_lambda_that_computes)
    pool.submit(by_a_lambda_that_starts)
    pool.submit(within_a_span)  # error: CTX301
    pool.submit(behind_a_span)  # error: CTX301
    pool.submit(within_a_span_of_another)  # error: CTX301
    pool.submit(for_each)


def begin_span():
    tracer.start_as_current_span("work").__enter__()


# --- where items are taken ---


class Server:
    def __init__(self):
        self._jobs = queue.Queue()
        self._rest = queue.Queue()

    def handle(self, request):
        self._jobs.put(request)
        self._rest.put(request)
        pool.submit(self.drain)

    def drain(self):
        while not self._rest.empty():
            item = self._rest.get_nowait()
            copy_context().run(store, item)  # error: CTX302

    def run(self):
        while True:
            job = self._jobs.get()
            context = copy_context()
            user.set(job.user)
            context.run(store, job)


async def main():
    await asyncio.to_thread(Server().run)


if __name__ == "__main__":
    asyncio.run(main())
