"""Queues in a dict, one per topic, and ids that travel on purpose."""

import asyncio

from opentelemetry import context, propagate


class Topics:
    def __init__(self) -> None:
        self._queues: dict[str, asyncio.Queue[str]] = {}

    def publish(self, topic: str, text: str) -> None:
        self._queues.setdefault(topic, asyncio.Queue()).put_nowait(text)  # error: CTX201

    def start(self, topic: str) -> None:
        asyncio.create_task(self._drain(topic))  # error: CTX101

    async def _drain(self, topic: str) -> None:
        queue = self._queues.setdefault(topic, asyncio.Queue())
        while True:
            print(await queue.get())


class Traced:
    """The item carries a trace's ids, and the worker attaches them: nothing to report."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[tuple[dict[str, str], str]] = asyncio.Queue()

    async def say(self, text: str) -> None:
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        await self._queue.put((carrier, text))

    async def run(self) -> None:
        while True:
            carrier, text = await self._queue.get()
            token = context.attach(propagate.extract(carrier))
            try:
                print(text)
            finally:
                context.detach(token)


async def main() -> None:
    traced = Traced()
    await traced.run()


asyncio.run(main())
