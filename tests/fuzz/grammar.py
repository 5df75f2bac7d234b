"""Programs of spawns, queues and workers, made together with what is to be reported in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from .cell import Cell
from .cells import CellMaker, background
from .entries import handler, startup
from .loops import Pick
from .openings import opening
from .pools import executor, group, threaded
from .queues import local, queue
from .registries import registry
from .spawning import MARK
from .timers import timer

CELLS: tuple[CellMaker, ...] = (
    *(background, background, background),
    *(queue, queue, queue, local),
    timer,
    registry,
    opening,
    *(executor, threaded, group),
)
NAMES = ("mail", "audit", "feed", "cache", "quota", "search")
NOISE = (
    "# asyncio.create_task(self._run()) in a request: a leak, they say",
    "# while True: queue.get()",
    'LIMIT = 10\n"""Threads that start_background_task_detached() may start; never a worker."""',
    "def sizes(rows: list[str]) -> dict[str, int]:\n    return {row: len(row) for row in rows}",
    "async def pause(seconds: float = 0.0) -> None:\n    await asyncio.sleep(seconds)",
    "class Broken(Exception):\n    pass",
    "def once(function):\n    return function",
    "def total(*rows, **more):\n    while rows:\n        rows = rows[1:]\n    return more",
    "SHAPES = {\n    'worker': lambda task: task,\n    # noqa is what it says\n}",
)
IMPORTS = """\
import asyncio
import contextlib
import contextvars
import dataclasses
import enum
import functools
import queue
import threading
import time

import probe
from ctxlint import detached

from .state import USER
""".splitlines()
STATE = """\
from contextvars import ContextVar

USER = ContextVar("user", default=None)


def identify(user):
    return USER.set(user)
""".splitlines()


@dataclass(frozen=True)
class Program:
    """Files; the findings (file, line, code) that are right; and how to run it.

    ``sights`` and ``items`` say of each worker who is to be seen by it.
    """

    files: dict[str, bytes]
    truth: list[tuple[str, int, str]]
    startup: list[tuple[str, str]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    sights: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of one to three cells."""

    def pick(*options: Any) -> Any:
        return draw(st.sampled_from(options))

    return _program(pick)


def _program(pick: Pick) -> Program:
    program = Program({}, [])
    modules: dict[str, list[str]] = {"__init__": [], "state": STATE}
    for number in range(pick(1, 1, 2, 3)):
        label = f"{pick(*NAMES)}{number}"
        cell = pick(*CELLS)(pick, label)
        program.sights[label], program.items[label] = cell.sight, cell.items
        for name, lines in cell.modules.items():
            up = "." * (name.count("/") + 1)
            modules[name] = [
                row.replace("from .state", f"from {up}state") for row in _dressed(pick, lines)
            ]
        _entries(pick, program, modules, cell)
    for name, lines in modules.items():
        _finish(pick, program, f"shop/{name}.py", lines)
    program.truth.sort()
    return program


def _entries(pick: Pick, program: Program, modules: dict[str, list[str]], cell: Cell) -> None:
    web = f"{cell.label}_web"
    entry = handler(pick, cell)
    modules[web] = entry.lines
    program.requests.append((f"shop.{web}", entry.call))
    if cell.begin:
        app = f"{cell.label}_app"
        begins = startup(pick, cell, coroutine=cell.coroutine)
        modules[app] = begins.lines
        program.startup.append((f"shop.{app}", begins.call))


def _dressed(pick: Pick, lines: Sequence[str]) -> list[str]:
    """A module with its imports, which it may call otherwise, and with noise."""
    own = [line for line in lines if line.startswith(("from .", "from shop."))]
    rest = [line for line in lines if line not in own]
    noise = [row for _ in range(pick(0, 0, 1, 2)) for row in ("", "", *pick(*NOISE).split("\n"))]
    after = [row for _ in range(pick(0, 1)) for row in ("", "", *pick(*NOISE).split("\n"))]
    text = "\n".join([*rest])
    head = list(IMPORTS)
    for module, short in (("asyncio", "aio"), ("threading", "th"), ("contextvars", "cv")):
        style = pick("plain", "plain", "renamed", "names")
        if style == "renamed":
            text = re.sub(rf"\b{module}\.", f"{short}.", text)
            head[head.index(f"import {module}")] = f"import {module} as {short}"
        elif style == "names" and (module != "threading" or "Event" not in text):
            used = sorted(set(re.findall(rf"\b{module}\.(\w+)", text)))
            text = re.sub(rf"\b{module}\.(?=\w)", "", text)
            if used:
                at = head.index(f"import {module}")
                head[at : at + 1] = [f"import {module}", f"from {module} import {', '.join(used)}"]
    return [*head, *own, *noise, "", "", *text.split("\n"), *after]


def _finish(pick: Pick, program: Program, name: str, lines: Sequence[str]) -> None:
    """Lines without their marks, in the encoding and layout of some editor."""
    lines = _squeezed(lines)
    for number, line in enumerate(lines, 1):
        if MARK in line:
            program.truth.append((name, number, line.partition(MARK)[2].strip()))
    text = "\n".join(line.partition(MARK)[0].rstrip() for line in lines) + "\n"
    text = pick(_same, _same, _same, _tabs, _crlf, _no_end, _marked)(text)
    program.files[name] = text.encode()


def _squeezed(lines: Sequence[str]) -> list[str]:
    """Never more than two blank lines, and none at the beginning."""
    found: list[str] = []
    for line in lines:
        if line or (found and found[-2:] != ["", ""]):
            found.append(line)
    return found


def _same(text: str) -> str:
    return text


def _tabs(text: str) -> str:
    return re.sub(r"^(    )+", lambda m: "\t" * (len(m[0]) // 4), text, flags=re.MULTILINE)


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _no_end(text: str) -> str:
    return text.rstrip("\n")


def _marked(text: str) -> str:
    return "\ufeff" + text
