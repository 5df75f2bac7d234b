"""Projects of any size for `scaling.py`: made up, but of the shapes that grow in real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGE = 50  # modules in a package
PER_FILE = 20  # classes, or users of a queue, in a module

Files = Iterator[tuple[str, str]]
"""Paths below the project, and what stands in each."""


def write(root: Path, files: Files) -> None:
    """Write a project; every directory in it is a package."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text("[project]\nname = 'made'\nversion = '1'\n")
    known: set[Path] = {root}
    for name, text in files:
        path = root / name
        if path.parent not in known:
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / "__init__.py").touch()
            known.add(path.parent)
        path.write_text(text)


# --- many files ----------------------------------------------------------------------------------


def many_files(size: int) -> Files:
    """Packages of which most modules hold plain code; one in twelve starts or passes on work."""
    makers: dict[int, Callable[[int, int], str]] = {
        0: worker,
        10: handlers,
        20: thread,
        30: context,
    }
    for number in range(size):
        package, index = divmod(number, PACKAGE)
        make = makers.get(index, plain)
        yield f"area{package // 20}/pack{package}/mod{index}.py", make(package, index)


def plain(package: int, index: int) -> str:
    """Classes and functions, of which names of methods are shared with all other modules."""
    name = f"{package}x{index}"
    before = (index or PACKAGE) - 1
    other = max(package - 1, 0)
    imports = f"from .mod{before} import Store{package}x{before} as Earlier\n"
    if index in (1, 11, 21, 31):
        imports = "Earlier = dict\n"
    if index % 7 == 2:
        imports += f"from area{other // 20}.pack{other} import mod5\n"
    return f'''"""Plain code, number {name}."""
import dataclasses
import logging
from collections.abc import Iterable

{imports}
logger = logging.getLogger(__name__)
LIMIT{name} = {index}


@dataclasses.dataclass
class Record{name}:
    key: str
    value: int = 0

    def copy(self) -> "Record{name}":
        return Record{name}(self.key, self.value)


class Store{name}:
    def __init__(self, parent: object = None, limit: int = LIMIT{name}) -> None:
        self.parent = parent
        self.limit = limit
        self.records: dict[str, Record{name}] = {{}}

    def get(self, key: str) -> Record{name} | None:
        return self.records.get(key)

    def add(self, record: Record{name}) -> None:
        if len(self.records) < self.limit:
            self.records[record.key] = record
        else:
            logger.warning("full: %s", record.key)

    def update(self, values: Iterable[tuple[str, int]]) -> int:
        count = 0
        for key, value in values:
            found = self.get(key)
            if found is None:
                self.add(Record{name}(key, value))
            else:
                found.value += value
            count += 1
        return count

    def total(self) -> int:
        return sum(record.value for record in self.records.values())


def load(values: Iterable[tuple[str, int]]) -> Store{name}:
    store = Store{name}(Earlier())
    store.update(values)
    return store


def report(store: Store{name}) -> str:
    lines = []
    for key in sorted(store.records):
        record = store.get(key)
        if record is not None and record.value > 0:
            lines.append(f"{{key}}: {{record.value}}")
    return "\\n".join(lines)
'''


def worker(package: int, index: int) -> str:
    """A queue and the task that takes items off it, started by whoever comes first."""
    return f'''"""The worker of package {package}."""
import asyncio


class Worker:
    def __init__(self) -> None:
        self.queue: asyncio.Queue = asyncio.Queue()
        self.task = None
        self.seen = 0

    async def submit(self, item) -> None:
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        await self.queue.put(item)

    async def _run(self) -> None:
        while True:
            item = await self.queue.get()
            try:
                await self.process(item)
            finally:
                self.queue.task_done()

    async def process(self, item) -> None:
        self.seen += 1
        await item()


worker = Worker()
'''


def handlers(package: int, index: int) -> str:
    """Request handlers that give work to the worker of their package."""
    return f'''"""The requests of package {package}."""
from fastapi import APIRouter

from .mod0 import worker
from .mod1 import Store{package}x1, load

router = APIRouter()
store: Store{package}x1 = load([])


@router.get("/{package}/items")
async def items(key: str):
    return store.get(key)


@router.post("/{package}/items")
async def add(key: str, value: int):
    async def work():
        store.update([(key, value)])

    await worker.submit(work)
    return {{"ok": True}}
'''


def thread(package: int, index: int) -> str:
    """A thread that polls, started once."""
    return f'''"""The poller of package {package}."""
import threading
import time


class Poller:
    def __init__(self, interval: float = 1.0) -> None:
        self.interval = interval
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        while True:
            time.sleep(self.interval)
            self.poll()

    def poll(self) -> None:
        print("polled", self.interval)
'''


def context(package: int, index: int) -> str:
    """A context variable, set and taken back."""
    return f'''"""The context of package {package}."""
from contextlib import contextmanager
from contextvars import ContextVar

current: ContextVar[str] = ContextVar("current", default="")


@contextmanager
def using(name: str):
    token = current.set(name)
    try:
        yield
    finally:
        current.reset(token)


def name() -> str:
    return current.get()
'''


# --- one thing of which there is much ------------------------------------------------------------

_APP = """import asyncio

from fastapi import FastAPI

app = FastAPI()
"""


def one_file(lines: int) -> Files:
    """One file of so many lines, most of them plain functions, with a worker in it."""
    parts = [_APP]
    length = sum(part.count("\n") for part in parts)
    number = 0
    while length < lines:
        parts.append(_spawning(number) if number % 50 == 0 else _functions(number))
        length += parts[-1].count("\n")
        number += 1
    yield "one.py", "".join(parts)


def _functions(number: int) -> str:
    return f"""

def compute_{number}(values, start={number}):
    total = start
    for value in values:
        if value > {number}:
            total += value * {number}
        elif value < 0:
            total -= abs(value)
    return total


class Shape{number}:
    def __init__(self, width, height):
        self.width = width
        self.height = height

    def area(self):
        return compute_{number}([self.width, self.height])
"""


def _spawning(number: int) -> str:
    return f"""

async def poll_{number}():
    while True:
        await asyncio.sleep({number + 1})


@app.get("/poll/{number}")
async def start_{number}():
    asyncio.create_task(poll_{number}())
"""


def one_class(methods: int) -> Files:
    """One class of so many methods, each of which calls the one before it; one starts a worker."""
    parts = [
        _APP,
        """

class Large:
    def __init__(self):
        self.count = 0
        self.queue = asyncio.Queue()

    async def method_0(self):
        asyncio.create_task(self.forever())

    async def forever(self):
        while True:
            item = await self.queue.get()
            self.count += item
""",
    ]
    parts += [
        f"""
    async def method_{number}(self, value={number}):
        self.count += value
        self.queue.put_nowait(value)
        await self.method_{number // 10}()
"""
        for number in range(1, methods)
    ]
    parts.append("\n\nlarge = Large()\n\n\n@app.get('/')\nasync def root():\n")
    parts.append(f"    await large.method_{methods - 1}()\n")
    yield "large.py", "".join(parts)


def call_chain(depth: int) -> Files:
    """A request handler, and at the end of so many calls the start of a worker."""
    parts = [_APP, _spawning(0).replace('@app.get("/poll/0")\n', "")]
    parts += [
        f"\n\nasync def start_{number}():\n    await start_{number - 1}()\n"
        for number in range(1, depth)
    ]
    parts.append("\n\n@app.get('/')\nasync def root():\n")
    parts.append(f"    await start_{depth - 1}()\n")
    yield "chain.py", "".join(parts)


def hierarchy(classes: int) -> Files:
    """A tree of so many classes, ten below each, whose base starts what they define."""
    yield (
        "tree/base.py",
        """import asyncio


class Node0:
    def __init__(self):
        self.task = None

    async def begin(self):
        self.task = asyncio.create_task(self.serve())

    async def serve(self):
        raise NotImplementedError

    async def step(self):
        await asyncio.sleep(1)
""",
    )
    for start in range(1, classes, PER_FILE):
        numbers = range(start, min(start + PER_FILE, classes))
        outside = sorted({number // 10 for number in numbers} - set(numbers))
        homes = {number: (number - 1) // PER_FILE for number in outside}
        lines = [
            f"from .nodes{home} import Node{number}\n" if number else "from .base import Node0\n"
            for number, home in homes.items()
        ]
        lines += [_node(number) for number in numbers]
        yield f"tree/nodes{(start - 1) // PER_FILE}.py", "".join(lines)
    last = classes - 1
    yield (
        "tree/app.py",
        f"""from fastapi import FastAPI

from .nodes{(last - 1) // PER_FILE} import Node{last}

app = FastAPI()
node = Node{last}()


@app.get("/")
async def root():
    await node.begin()
""",
    )


def _node(number: int) -> str:
    return f"""

class Node{number}(Node{number // 10}):
    def __init__(self):
        super().__init__()
        self.number = {number}

    async def serve(self):
        while True:
            await self.step()
"""


def queue_users(users: int) -> Files:
    """One queue, and so many request handlers that put something on it."""
    yield "shop/worker.py", worker(0, 0)
    for start in range(0, users, PER_FILE):
        parts = [
            "from fastapi import APIRouter\n\nfrom .worker import worker\n\nrouter = APIRouter()\n"
        ]
        parts += [
            f"""

@router.post("/{number}")
async def order_{number}(item):
    await worker.queue.put(item)
"""
            for number in range(start, min(start + PER_FILE, users))
        ]
        yield f"shop/routes{start // PER_FILE}.py", "".join(parts)


def findings(count: int) -> Files:
    """One file with so many tasks that nobody detached."""
    yield "leaks.py", "".join([_APP, *map(_spawning, range(count))])
