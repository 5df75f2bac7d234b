"""Streams, channels, janus halves: two ends, two names."""

import asyncio

import anyio
import janus
import trio


class Chat:
    """An anyio memory stream."""

    def __init__(self) -> None:
        self._send, self._receive = anyio.create_memory_object_stream[str](100)

    async def say(self, text: str) -> None:
        await self._send.send(text)  # error: CTX201

    def say_now(self, text: str) -> None:
        self._send.send_nowait(text)  # error: CTX201

    async def run(self) -> None:
        async for text in self._receive:
            print(text)


class Telephone:
    """The ends are passed through constructors."""

    def __init__(self, send: anyio.abc.ObjectSendStream[str]) -> None:
        self._send = send

    async def say(self, text: str) -> None:
        await self._send.send(text)  # error: CTX201


class Exchange:
    def __init__(self, receive: anyio.abc.ObjectReceiveStream[str]) -> None:
        self._receive = receive

    async def run(self) -> None:
        while True:
            print(await self._receive.receive())


class Radio:
    """A trio channel."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[str](10)

    async def say(self, text: str) -> None:
        await self._send.send(text)  # error: CTX201

    async def run(self) -> None:
        async for text in self._receive:
            print(text)


class Bridge:
    """janus: put by threads, taken off by a task."""

    def __init__(self) -> None:
        self._queue: janus.Queue[str] = janus.Queue()

    def say(self, text: str) -> None:
        self._queue.sync_q.put(text)  # error: CTX201

    async def run(self) -> None:
        while True:
            print(await self._queue.async_q.get())


class Socket:
    """A ``send`` that is no queue's: nothing to report."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, text: str) -> None:
        self._writer.write(text.encode())

    async def say(self, text: str) -> None:
        await self.send(text)


async def one_request() -> list[str]:
    """Streams of one request: nothing to report."""
    send, receive = anyio.create_memory_object_stream[str](10)
    answers: list[str] = []

    async def collect() -> None:
        async for text in receive:
            answers.append(text)

    async with anyio.create_task_group() as group:
        group.start_soon(collect)
        async with send:
            await send.send("hello")
    return answers


async def one_channel() -> None:
    send, receive = trio.open_memory_channel[str](10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(drain, receive)
        async with send:
            await send.send("hello")


async def drain(receive: "trio.MemoryReceiveChannel[str]") -> None:
    async for text in receive:
        print(text)


async def main() -> None:
    send, receive = anyio.create_memory_object_stream[str](10)
    telephone = Telephone(send)
    async with anyio.create_task_group() as group:
        group.start_soon(Chat().run)
        group.start_soon(Exchange(receive).run)
        group.start_soon(Bridge().run)
        print(telephone)
        await anyio.sleep(1000)


async def trio_main() -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Radio().run)


if __name__ == "__main__":
    anyio.run(main)
    trio.run(trio_main)
