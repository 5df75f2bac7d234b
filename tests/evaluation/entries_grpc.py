"""gRPC: a servicer's methods serve requests; what ``serve`` starts is start-up."""

import asyncio

import grpc
from greeter_pb2_grpc import GreeterServicer, add_GreeterServicer_to_server


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


class Greeter(GreeterServicer):
    def __init__(self) -> None:
        self.cache = asyncio.create_task(loop())
        self.task: asyncio.Task[None] | None = None
        self.queue: asyncio.Queue[str] = asyncio.Queue()

    async def SayHello(self, request, context):  # noqa: N802
        if self.task is None:
            self.task = asyncio.create_task(self._drain())  # error: CTX101
        await self.queue.put(request.name)  # error: CTX201
        return request

    async def SayOften(self, request, context):  # noqa: N802
        """Bounded by the call: nothing to report."""
        beat = asyncio.create_task(loop())
        try:
            for _ in range(3):
                yield request
        finally:
            beat.cancel()

    async def _drain(self) -> None:
        while True:
            print(await self.queue.get())


async def serve() -> None:
    server = grpc.aio.server()
    add_GreeterServicer_to_server(Greeter(), server)
    asyncio.create_task(loop())
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve())
