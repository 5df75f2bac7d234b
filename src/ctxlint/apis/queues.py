"""Queues inside one process."""

from __future__ import annotations

from typing import Final

from .rows import QueueType

QUEUES: Final[tuple[QueueType, ...]] = (
    QueueType("asyncio.Queue"),
    QueueType("asyncio.LifoQueue"),
    QueueType("asyncio.PriorityQueue"),
    QueueType("queue.Queue"),
    QueueType("queue.LifoQueue"),
    QueueType("queue.PriorityQueue"),
    QueueType("queue.SimpleQueue"),
    QueueType("janus.Queue"),
    QueueType("anyio.MemoryObjectSendStream", ("send", "send_nowait"), ()),
    QueueType("anyio.MemoryObjectReceiveStream", (), ("receive", "receive_nowait"), iterable=True),
    QueueType("trio.MemorySendChannel", ("send", "send_nowait"), ()),
    QueueType("trio.MemoryReceiveChannel", (), ("receive", "receive_nowait"), iterable=True),
    QueueType("collections.deque", ("append", "appendleft"), ("popleft", "pop")),
)
