#!/usr/bin/env python
# fix: applied
# -*- coding: utf-8 -*-
"""A docstring; statements before, between and after the imports."""

from __future__ import annotations

__all__ = ["Service"]

import asyncio
from contextvars import ContextVar

try:
    import uvloop_that_nobody_has as fast
except ImportError:
    fast = None

if fast is None:
    from typing import (
        Any,  # noqa: F401
    )

USER: ContextVar[str] = ContextVar("user", default="nobody")


class Service:
    def __init__(self) -> None:
        self.users: list[str] = []
        self.task: asyncio.Task[None] | None = None

    def ensure(self) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            self.users.append(USER.get())
            await asyncio.sleep(0.001)


# --- check ---
import asyncio
from program import USER


async def scenario() -> None:
    service = Service()
    USER.set("alice")
    service.ensure()
    await asyncio.sleep(0.2)
    assert set(service.users) == {"nobody" if FIXED else "alice"}
    service.task.cancel()


asyncio.run(scenario())
