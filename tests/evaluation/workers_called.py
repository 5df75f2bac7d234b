"""Workers behind calls: what a call returns is followed, as far as that is known."""

import asyncio
import contextvars
import functools
import threading

_tasks: set[object] = set()


async def loop(*args: object) -> None:
    while True:
        await asyncio.sleep(1)


def work(*args: object) -> None:
    while True:
        print("working")


def same(function):
    return function


def named(function, name):
    print(name)
    return function


class Worker:
    async def __call__(self) -> None:
        while True:
            await asyncio.sleep(1)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(1)


class Finite:
    async def run(self) -> None:
        await asyncio.sleep(1)


def by_the_method_that_makes() -> None:
    worker = Worker.__new__(Worker)
    _tasks.add(asyncio.create_task(worker.run()))  # error: CTX101


def by_the_method_that_makes_another() -> None:
    worker = Finite.__new__(Finite)
    _tasks.add(asyncio.create_task(worker.run()))


def by_an_object_that_is_called() -> None:
    _tasks.add(asyncio.create_task(Worker()()))  # error: CTX101


def by_an_object_that_cannot_be_called() -> None:
    _tasks.add(asyncio.create_task(Finite()()))


def by_a_function_that_gives_it_back() -> None:
    _tasks.add(asyncio.create_task(same(loop)()))  # error: CTX101


def by_a_function_that_gives_back_another() -> None:
    _tasks.add(asyncio.create_task(same(asyncio.sleep)(1)))


def by_a_function_with_a_name() -> None:
    _tasks.add(asyncio.create_task(named(loop, "it")()))  # error: CTX101


def spawned(function=asyncio.sleep) -> None:
    _tasks.add(asyncio.create_task(function(1)))  # error: CTX101


def spawned_by_name(function=asyncio.sleep) -> None:
    _tasks.add(asyncio.create_task(function(1)))


def by_functions_that_spawn() -> None:
    spawned()
    spawned(loop)
    spawned_by_name()


def with_nobody_above(self) -> None:
    _tasks.add(asyncio.create_task(super().run()))


# --- getattr ---


class Named:
    def by_a_constant(self) -> None:
        name = "_loop"
        _tasks.add(asyncio.create_task(getattr(self, name)()))  # error: CTX101

    def by_a_parameter(self, name) -> None:
        _tasks.add(asyncio.create_task(getattr(self, name)()))  # error: CTX101

    def by_another_parameter(self, name) -> None:
        _tasks.add(asyncio.create_task(getattr(self, name)()))

    def by_a_number(self) -> None:
        _tasks.add(asyncio.create_task(getattr(self, 3)()))

    def by_an_attribute(self) -> None:
        _tasks.add(asyncio.create_task(getattr(self, self.kind)()))

    def by_what_is_computed(self) -> None:
        name = self.kind
        _tasks.add(asyncio.create_task(getattr(self, name)()))

    def all(self) -> None:
        self.by_a_parameter("_loop")
        self.by_another_parameter(3)
        self.by_another_parameter(self.kind)

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(1)


class Pending:
    def __init__(self) -> None:
        self._pending = None

    async def by_what_is_not_there_yet(self) -> None:
        worker = await self._pending
        _tasks.add(asyncio.create_task(worker.run()))


# --- what a worker waits for ---


async def in_a_thread() -> None:
    await asyncio.to_thread(functools.partial(work, 1))


async def in_a_thread_for_once() -> None:
    await asyncio.to_thread(functools.partial(print, 1))


async def together(coro) -> None:
    await asyncio.gather(coro, asyncio.sleep(1))


async def in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(loop())


async def in_a_group_for_once() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(1))
        group.cancel()


def waiting() -> None:
    _tasks.add(asyncio.create_task(in_a_thread()))  # error: CTX101
    _tasks.add(asyncio.create_task(in_a_thread_for_once()))
    _tasks.add(asyncio.create_task(together(loop())))  # error: CTX101
    _tasks.add(asyncio.create_task(together(asyncio.sleep(2))))
    _tasks.add(asyncio.create_task(in_a_group()))  # error: CTX101
    _tasks.add(asyncio.create_task(in_a_group_for_once()))


# --- threads ---


class Silent(threading.Thread):
    """A thread without anything to run."""

    def __init__(self) -> None:
        super().__init__()
        self.start()


class Loud(threading.Thread):
    def __init__(self) -> None:
        super().__init__()
        self.start()  # error: CTX102

    def run(self) -> None:
        while True:
            print("loud")


def threads() -> None:
    threading.Thread(target=functools.partial(work, 1)).start()  # error: CTX102
    threading.Thread(target=functools.partial(print, 1)).start()
    threading.Thread(target=functools.partial(asyncio.run, loop())).start()  # error: CTX102
    threading.Thread(target=asyncio.run, args=(loop(),)).start()  # error: CTX102
    threading.Thread(target=asyncio.run).start()
    threading.Thread(None, asyncio.run, "name", (loop(),)).start()
    contextvars.copy_context().run()
    Silent()
    Loud()
