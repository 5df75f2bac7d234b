"""What leaving a ``with`` ends: groups, exit stacks, objects; and what it may leave running."""

import asyncio
import contextlib

GROUP = asyncio.TaskGroup()


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


async def serve(request: object) -> None:
    await asyncio.sleep(1)


# --- Groups ---


async def in_a_group_of_a_stack() -> None:
    async with contextlib.AsyncExitStack() as stack:
        group = await stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(loop())
        await serve(group)


async def in_a_group_of_somebody_elses_stack(stack: contextlib.AsyncExitStack) -> None:
    group = await stack.enter_async_context(asyncio.TaskGroup())
    group.create_task(loop())  # error: CTX101


async def in_a_group_of_some_stack(stacks: list[contextlib.AsyncExitStack]) -> None:
    group = await stacks[0].enter_async_context(asyncio.TaskGroup())
    group.create_task(loop())  # error: CTX101


async def in_a_group_that_is_fetched(pool: object) -> None:
    group: asyncio.TaskGroup = await pool.group()
    group.create_task(loop())  # error: CTX101


async def in_a_group_of_the_module() -> None:
    GROUP.create_task(loop())  # error: CTX101


async def in_each_of_some_groups(groups: list[asyncio.TaskGroup]) -> None:
    group: asyncio.TaskGroup
    for group in groups:
        group.create_task(loop())  # error: CTX101


class Stack:
    """No exit stack: nothing is known of what it enters."""

    async def enter_async_context(self, group: asyncio.TaskGroup) -> asyncio.TaskGroup:
        return group


async def in_a_group_of_another_kind_of_stack() -> None:
    stack = Stack()
    group = await stack.enter_async_context(GROUP)
    group.create_task(loop())  # error: CTX101


async def given_a_group(group: asyncio.TaskGroup) -> None:
    group.create_task(loop())


async def with_a_group() -> None:
    async with asyncio.TaskGroup() as opened:
        await given_a_group(opened)


async def given_one_of_two_groups(group: asyncio.TaskGroup) -> None:
    group.create_task(loop())  # error: CTX101


async def with_two_groups() -> None:
    async with asyncio.TaskGroup() as opened:
        await given_one_of_two_groups(opened)
    await given_one_of_two_groups(GROUP)


# --- Objects ---


class ByAnotherName:
    async def __aenter__(self) -> "ByAnotherName":
        self._task = asyncio.create_task(loop())
        return self

    async def __aexit__(self, *error: object) -> None:
        task = self._task
        if task:
            task.cancel()


class InALoop:
    async def __aenter__(self) -> "InALoop":
        self._tasks = [asyncio.create_task(loop()) for _ in range(3)]
        return self

    async def __aexit__(self, *error: object) -> None:
        for each in error:
            print(each)
        for task in self._tasks:
            task.cancel()


class ByAMethod:
    async def __aenter__(self) -> "ByAMethod":
        self._begin()
        return self

    def _begin(self) -> None:
        self._task = asyncio.create_task(loop())

    async def __aexit__(self, *error: object) -> None:
        self._closed = True
        self.close()

    def close(self) -> None:
        self._end()

    def _end(self) -> None:
        if not self._lost:
            self._task.cancel()

    _lost = False


class InsideAnother:
    """What a method of another object does is not followed."""

    async def __aenter__(self) -> "InsideAnother":
        self._task = asyncio.create_task(loop())  # error: CTX101
        self._other = ByAMethod()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._other.close()


class IfSo:
    """Its maker decides whether the task is left running."""

    def __init__(self, lasting: bool) -> None:
        self._lasting = lasting

    async def __aenter__(self) -> "IfSo":
        self._task = asyncio.create_task(loop())  # error: CTX101
        return self

    async def __aexit__(self, *error: object) -> None:
        if not self._lasting:
            self._task.cancel()


class IfAMethodSaysSo:
    """... and so does the maker of this one, in a method that would end it."""

    def __init__(self, lasting: bool = False) -> None:
        self._lasting = bool(lasting)

    async def __aenter__(self) -> "IfAMethodSaysSo":
        self._task = asyncio.create_task(loop())  # error: CTX101
        return self

    async def __aexit__(self, *error: object) -> None:
        if not self._lasting:
            self._end()

    def _end(self) -> None:
        self._task.cancel()


class IfItRuns:
    """What the object itself finds out decides nothing of that kind."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._running = False
        self._seen: list[str] = []

    async def __aenter__(self) -> "IfItRuns":
        self._running = True
        self._task = asyncio.create_task(loop())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._running and not self._seen and not error:
            self._task.cancel()


class IfItWasTold:
    """An option without a value of its own is no option of the maker."""

    def __init__(self) -> None:
        self._options = object()
        self._quiet: bool

    async def __aenter__(self) -> "IfItWasTold":
        self._task = asyncio.create_task(loop())
        return self

    async def __aexit__(self, *error: object) -> None:
        if not self._options.quiet and not self._quiet:
            self._task.cancel()


class OneOfTwo:
    """A class derived from it leaves the task running: which of them it is, nobody knows."""

    async def __aenter__(self) -> "OneOfTwo":
        self._task = asyncio.create_task(loop())  # error: CTX101
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()


class TheOther(OneOfTwo):
    async def __aexit__(self, *error: object) -> None:
        await self._forget()

    async def _forget(self) -> None:
        self._forgotten = True


async def with_objects() -> None:
    async with ByAnotherName(), InALoop(), ByAMethod(), IfSo(True), IfItRuns("it"), IfItWasTold():
        await serve(None)
    async with OneOfTwo(), TheOther(), InsideAnother(), IfAMethodSaysSo():
        await serve(None)


# --- What a finally calls ---


class Runner:
    async def run(self) -> None:
        self._task = asyncio.create_task(loop())
        try:
            await serve(self)
        finally:
            self._end()

    def _end(self) -> None:
        self._task.cancel()


class Caller:
    async def run(self, others: list[Runner]) -> None:
        self._task = asyncio.create_task(loop())  # error: CTX101
        try:
            await serve(self)
        finally:
            others.pop()
            print(self)
