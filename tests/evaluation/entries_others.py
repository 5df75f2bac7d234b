"""Servers by hand: receiving loops, protocols, ``start_server``, socketserver."""

import asyncio
import queue
import socket
import socketserver
import threading
import time


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


def beat() -> None:
    while True:
        time.sleep(1)


async def receive_messages(channel) -> None:
    """Per message: request scope, though start-up reaches it."""
    asyncio.create_task(loop())
    while True:
        message = await channel.receive()
        asyncio.create_task(loop(), name=message)  # error: CTX101


async def consume(subscription) -> None:
    asyncio.create_task(loop())
    async for message in subscription:
        asyncio.create_task(loop(), name=message)  # error: CTX101


async def tick() -> None:
    """A sleep-only loop serves nobody: nothing to report."""
    while True:
        await asyncio.sleep(60)
        asyncio.create_task(loop())


def accept_connections() -> None:
    server = socket.create_server(("", 8000))
    threading.Thread(target=beat, daemon=True).start()
    while True:
        connection, _ = server.accept()
        threading.Thread(target=beat, args=(connection,)).start()  # error: CTX102


class Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        threading.Thread(target=beat, daemon=True).start()  # error: CTX102


class Udp(asyncio.DatagramProtocol):
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.task = asyncio.get_running_loop().create_task(loop())  # error: CTX101


async def on_connect(reader, writer) -> None:
    asyncio.create_task(loop())  # error: CTX101


async def on_bounded_connect(reader, writer) -> None:
    """Nothing to report."""
    task = asyncio.create_task(loop())
    try:
        writer.write(await reader.read())
    finally:
        task.cancel()


def retry_forever() -> None:
    """Start-up, again and again: nothing to report."""
    jobs: queue.Queue[int] = queue.Queue()
    threading.Thread(target=beat, daemon=True).start()
    print(jobs)


async def main(channel, subscription) -> None:
    asyncio.create_task(receive_messages(channel))
    asyncio.create_task(consume(subscription))
    asyncio.create_task(tick())
    threading.Thread(target=accept_connections, daemon=True).start()
    retry_forever()
    await asyncio.start_server(on_connect, port=9000)
    await asyncio.start_server(on_bounded_connect, port=9001)
    await asyncio.get_running_loop().create_datagram_endpoint(Udp, ("", 9002))
    socketserver.ThreadingTCPServer(("", 9003), Line).serve_forever()


if __name__ == "__main__":
    asyncio.run(main(object(), object()))
