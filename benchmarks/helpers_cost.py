"""What the run-time helpers cost, measured with pytest-benchmark: `make cost` prints the table.

Each measurement stands beside what a program without the helpers does anyway. Tasks are spawned
and awaited a thousand at a time: read their milliseconds as microseconds for one.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextvars import Context, ContextVar, Token, copy_context
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ctxlint.detached import (
    WorkItem,
    activate_request_context,
    capture_request_context,
    create_detached_background_task,
)

BATCH = 1000
VARIABLES: list[ContextVar[int]] = [ContextVar(f"variable_{number}") for number in range(50)]


def in_context_of(count: int, benchmark: BenchmarkFixture, function: Callable[[], object]) -> None:
    """Measure a function in a context in which so many variables are set."""

    def run() -> None:
        for number in range(count):
            VARIABLES[number].set(number)
        benchmark(function)

    Context().run(run)


@pytest.mark.parametrize("variables", [0, 5, 50])
class TestCapture:
    def test_copy_context(self, benchmark: BenchmarkFixture, variables: int) -> None:
        in_context_of(variables, benchmark, copy_context)

    def test_capture(self, benchmark: BenchmarkFixture, variables: int) -> None:
        in_context_of(variables, benchmark, capture_request_context)

    def test_capture_with_exclude(self, benchmark: BenchmarkFixture, variables: int) -> None:
        left_out = [VARIABLES[0]]
        in_context_of(variables, benchmark, lambda: capture_request_context(exclude=left_out))

    def test_work_item(self, benchmark: BenchmarkFixture, variables: int) -> None:
        in_context_of(variables, benchmark, lambda: WorkItem(None))


@contextlib.contextmanager
def generator_activation(values: dict[ContextVar[Any], Any]) -> Iterator[None]:
    """The same with contextlib, as projects write it."""
    tokens: list[tuple[ContextVar[Any], Token[Any]]] = []
    try:
        for variable, value in values.items():
            tokens.append((variable, variable.set(value)))
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)


@pytest.mark.parametrize("variables", [0, 5, 50])
class TestActivate:
    def test_activate(self, benchmark: BenchmarkFixture, variables: int) -> None:
        captured = capture_request_context(only=[])

        def activate() -> None:
            with activate_request_context(captured):
                pass

        def run() -> None:
            nonlocal captured
            captured = capture_request_context()
            activate()

        in_context_of(variables, benchmark, _captured_first(run, activate))

    def test_contextmanager(self, benchmark: BenchmarkFixture, variables: int) -> None:
        values: dict[ContextVar[Any], Any] = {}

        def activate() -> None:
            with generator_activation(values):
                pass

        in_context_of(
            variables,
            benchmark,
            _captured_first(lambda: values.update(copy_context().items()), activate),
        )


def _captured_first(capture: Callable[[], object], then: Callable[[], None]) -> Callable[[], None]:
    """A function that captures in its first call only: the context is set up by then."""
    done = False

    def run() -> None:
        nonlocal done
        if not done:
            capture()
            done = True
        then()

    return run


async def nothing() -> None:
    """What the tasks do."""


def spawn_plain() -> Awaitable[None]:
    return asyncio.create_task(nothing())


def spawn_in_context() -> Awaitable[None]:
    return Context().run(asyncio.create_task, nothing())


def spawn_detached() -> Awaitable[None]:
    return create_detached_background_task(nothing())


@pytest.mark.parametrize(
    "spawn", [spawn_plain, spawn_in_context, spawn_detached], ids=lambda spawn: spawn.__name__
)
def test_spawn(benchmark: BenchmarkFixture, spawn: Callable[[], Awaitable[None]]) -> None:
    async def batch() -> None:
        for task in [spawn() for _ in range(BATCH)]:
            await task

    with asyncio.Runner() as runner:
        benchmark(lambda: runner.run(batch()))


if __name__ == "__main__":
    columns = "--benchmark-columns=median,iqr,rounds"
    options = ["--benchmark-disable-gc", "--benchmark-warmup=on", "--benchmark-min-rounds=20"]
    sys.exit(
        pytest.main([__file__, "-q", "-p", "no:cacheprovider", columns, *options, *sys.argv[1:]])
    )
