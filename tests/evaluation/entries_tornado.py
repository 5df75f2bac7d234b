"""Tornado: handlers, web sockets, IOLoop callbacks."""

import asyncio

import tornado.ioloop
import tornado.web
import tornado.websocket
from tornado.ioloop import IOLoop, PeriodicCallback


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


async def once() -> None:
    await asyncio.sleep(1)


class Index(tornado.web.RequestHandler):
    def get(self) -> None:
        IOLoop.current().spawn_callback(loop)  # error: CTX101

    def post(self) -> None:
        IOLoop.current().add_callback(loop)  # error: CTX101

    def delete(self) -> None:
        """Finite: nothing to report."""
        IOLoop.current().add_callback(once)
        IOLoop.current().spawn_callback(once)
        IOLoop.current().call_later(5, once)


class Status(tornado.web.RequestHandler):
    def initialize(self, title: str) -> None:
        self.title = title

    async def get(self) -> None:
        self.task = asyncio.create_task(loop())  # error: CTX101


class Chat(tornado.websocket.WebSocketHandler):
    def open(self) -> None:
        self.pinger = PeriodicCallback(self.ping_client, 30000)  # error: CTX103
        self.pinger.start()

    def ping_client(self) -> None:
        self.ping(b"")

    def on_message(self, message) -> None:
        self.write_message(message)


class Culler:
    """Armed by ``main``: nothing to report."""

    def start(self) -> None:
        self.callback = PeriodicCallback(self.cull, 1000)
        self.callback.start()
        tornado.ioloop.IOLoop.current().spawn_callback(loop)

    def cull(self) -> None:
        print("culled")


def make_app() -> tornado.web.Application:
    return tornado.web.Application(
        [(r"/", Index), (r"/status", Status, {"title": "status"}), (r"/chat", Chat)]
    )


def main() -> None:
    make_app().listen(8888)
    Culler().start()
    IOLoop.current().start()


if __name__ == "__main__":
    main()
