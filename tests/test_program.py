"""Projects of many modules: what is reported does not depend on how the code is spread out."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from marked_programs import assert_as_marked, marked, reported, write_project

SOURCE = Path(__file__).parent.parent / "src"

Project = Mapping[str, str]

APP = """\
from fastapi import FastAPI

from shop.service import Service

app = FastAPI()
service = Service()


@app.get("/orders")
async def orders():
    return await service.orders()
"""

WORKER = """\
import asyncio


async def poll():
    while True:
        await asyncio.sleep(1)
"""

# handler → service → repository → pool: the starter is three modules away.
FAR_STARTER: Project = {
    "shop/__init__.py": "",
    "shop/app.py": APP,
    "shop/service.py": """\
from shop.repository import Repository


class Service:
    def __init__(self):
        self._repository = Repository()

    async def orders(self):
        return await self._repository.all()
""",
    "shop/repository.py": """\
from .pool import Pool


class Repository:
    def __init__(self):
        self._pool = Pool()

    async def all(self):
        return await self._pool.fetch()
""",
    "shop/pool.py": """\
import asyncio


class Pool:
    def __init__(self):
        self._keeper = None

    async def fetch(self):
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())  # error: CTX101

    async def _keep(self):
        while True:
            await asyncio.sleep(30)
""",
}

# The same pool; only the lifespan reaches its starter.
FAR_STARTUP: Project = {
    **FAR_STARTER,
    "shop/app.py": """\
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shop.service import Service

service = Service()


@asynccontextmanager
async def lifespan(app):
    await service.orders()
    yield


app = FastAPI(lifespan=lifespan)
""",
    "shop/pool.py": FAR_STARTER["shop/pool.py"].replace("  # error: CTX101", ""),
}

FAR_WORKER: Project = {
    "shop/__init__.py": "",
    "shop/app.py": """\
import asyncio

from fastapi import FastAPI

from shop import workers
from shop.workers import once, poll as watch

app = FastAPI()


@app.get("/")
async def index():
    app.state.a = asyncio.create_task(watch())  # error: CTX101
    app.state.b = asyncio.create_task(workers.poll())  # error: CTX101
    app.state.c = asyncio.create_task(once())
    app.state.d = asyncio.create_task(workers.once())
""",
    "shop/workers.py": WORKER + "\n\nasync def once():\n    await asyncio.sleep(1)\n",
}

RE_EXPORTED: Project = {
    "shop/__init__.py": "from .workers import poll as poll\nfrom .tools import *\n",
    "shop/workers/__init__.py": "from ._polling import poll\n\n__all__ = ['poll']\n",
    "shop/workers/_polling.py": WORKER,
    "shop/tools.py": """\
import asyncio


def start(coro):
    return asyncio.create_task(coro)  # error: CTX101
""",
    "app.py": """\
import shop
from fastapi import FastAPI
from shop import start

app = FastAPI()


@app.get("/")
async def index():
    app.state.task = start(shop.poll())
""",
}

RELATIVE: Project = {
    "shop/__init__.py": "",
    "shop/web/__init__.py": "",
    "shop/web/views.py": """\
import asyncio

from ..jobs import polling
from ..jobs.polling import poll
from . import helpers
from .helpers import start


async def index(request):
    asyncio.create_task(poll())  # error: CTX101
    asyncio.create_task(polling.poll())  # error: CTX101
    start()
    helpers.start_other()
""",
    "shop/web/helpers.py": """\
import asyncio

from ..jobs.polling import poll


def start():
    asyncio.create_task(poll())  # error: CTX101


def start_other():
    asyncio.create_task(poll())  # error: CTX101
""",
    "shop/jobs/__init__.py": "",
    "shop/jobs/polling.py": WORKER,
}

SRC_LAYOUT: Project = {
    **{f"src/{name}": source for name, source in FAR_STARTER.items()},
    "scripts/serve.py": "from shop.app import app\n\nprint(app)\n",
}

NAMESPACE: Project = {
    "acme/orders/app.py": """\
import asyncio

from acme.jobs.polling import poll
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def index():
    app.state.task = asyncio.create_task(poll())  # error: CTX101
""",
    "acme/jobs/polling.py": WORKER,
}

LOOP_IN_BASE: Project = {
    "shop/__init__.py": "",
    "shop/base.py": """\
import asyncio
from abc import ABC, abstractmethod


class Service(ABC):
    async def _run(self):
        while not self._stopped():
            await self.step()

    def _stopped(self):
        return False

    @abstractmethod
    async def step(self): ...
""",
    "shop/billing.py": """\
import asyncio

from shop.base import Service


class Billing(Service):
    async def bill(self):
        self._task = asyncio.create_task(self._run())  # error: CTX101

    async def step(self):
        await asyncio.sleep(1)
""",
}

LOOP_IN_SUBCLASS: Project = {
    "shop/__init__.py": "",
    "shop/base.py": """\
import asyncio


class Service:
    def ensure(self):
        self._task = asyncio.create_task(self._run())  # error: CTX101

    async def _run(self):
        raise NotImplementedError
""",
    "shop/middle.py": "from .base import Service\n\n\nclass Named(Service):\n    name = ''\n",
    "shop/billing.py": """\
import asyncio

from .middle import Named


class Billing(Named):
    async def _run(self):
        while True:
            await asyncio.sleep(1)
""",
}

NO_LOOP_IN_SUBCLASS: Project = {
    **LOOP_IN_SUBCLASS,
    "shop/base.py": LOOP_IN_SUBCLASS["shop/base.py"].replace("  # error: CTX101", ""),
    "shop/billing.py": LOOP_IN_SUBCLASS["shop/billing.py"].replace("while True", "if True"),
}

STARTED_IN_SUBCLASS: Project = {
    "shop/__init__.py": "",
    "shop/base.py": """\
import threading
import time


class Worker(threading.Thread):
    def run(self):
        while True:
            self.step()

    def step(self):
        time.sleep(1)
""",
    "shop/mail.py": """\
from shop.base import Worker


class Mailer(Worker):
    def step(self):
        print("mail")


def send(mail):
    mailer = Mailer()
    mailer.start()  # error: CTX102
""",
}

SINGLETON: Project = {
    "shop/__init__.py": "",
    "shop/cache.py": """\
import asyncio


class Cache:
    def __init__(self):
        self._task = None

    def get(self, key):
        if self._task is None:
            self._task = asyncio.create_task(self._refresh())  # error: CTX101

    def preload(self):
        self._loader = asyncio.create_task(self._refresh())

    async def _refresh(self):
        while True:
            await asyncio.sleep(60)


cache = Cache()
""",
    "shop/app.py": """\
from fastapi import FastAPI

from shop.cache import cache

app = FastAPI()


@app.on_event("startup")
async def start():
    cache.preload()


@app.get("/")
async def index():
    return cache.get("index")
""",
}

TESTS_DO_NOT_COUNT: Project = {
    "shop/__init__.py": "",
    "shop/cache.py": """\
import asyncio


class Cache:
    def start(self):
        self._task = asyncio.create_task(self._refresh())

    async def _refresh(self):
        while True:
            await asyncio.sleep(60)
""",
    "shop/main.py": """\
import asyncio

from shop.cache import Cache


async def main():
    Cache().start()
    await asyncio.sleep(1000)


if __name__ == "__main__":
    asyncio.run(main())
""",
    "tests/test_cache.py": """\
import asyncio

from fastapi import FastAPI
from shop.cache import Cache

app = FastAPI()


@app.get("/")
async def index():
    Cache().start()


async def test_cache():
    Cache().start()
""",
}

OVERRIDES_IN_TESTS: Project = {
    "shop/__init__.py": "",
    "shop/steps.py": """\
import asyncio


class Steps:
    def begin(self):
        self._task = asyncio.create_task(self._run())

    async def _run(self):
        await self.step()

    async def step(self):
        raise NotImplementedError


class Packing(Steps):
    async def step(self):
        await asyncio.sleep(1)
""",
    "shop/steps_test.py": """\
import asyncio

from shop.steps import Steps


class Stuck(Steps):
    async def step(self):
        while True:
            await asyncio.sleep(1)
""",
}

TYPES_OF_FIELDS: Project = {
    "shop/__init__.py": "",
    "shop/cache.py": """\
import asyncio


class Cache:
    def __init__(self):
        self._task = asyncio.create_task(self._refresh())

    async def _refresh(self):
        while True:
            await asyncio.sleep(60)
""",
    "shop/views.py": """\
from shop.cache import Cache


class View:
    cache: Cache

    def __init__(self, cache: Cache):
        self.cache = cache

    def show(self):
        return self.cache


def page(cache):
    return View(cache).show()
""",
    "shop/main.py": """\
import asyncio

from shop.cache import Cache


async def main():
    cache: Cache = Cache()
    print(cache)
    await asyncio.sleep(1000)


if __name__ == "__main__":
    asyncio.run(main())
""",
}

OLD_NAMES: Project = {
    "shop/__init__.py": "",
    "shop/setup.py": """\
import asyncio


class Setup:
    async def start_probe(self):
        self._probe = asyncio.create_task(self._watch())

    async def start_flush(self):
        self._flush = asyncio.create_task(self._watch())  # error: CTX101

    async def _watch(self):
        while True:
            await asyncio.sleep(60)

    _start_probe = start_probe
    begin_flush = start_flush
""",
    "shop/main.py": """\
import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI
from shop.setup import Setup

setup = Setup()


@asynccontextmanager
async def lifespan(app):
    await setup.start_probe()
    await setup.start_flush()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def index():
    await setup.begin_flush()
""",
}
"""A method's second name in its class calls nobody: whoever uses that name does."""

QUEUE_IN_CONSTRUCTOR: Project = {
    "shop/__init__.py": "",
    "shop/producer.py": """\
import asyncio


class Producer:
    def __init__(self, queue: asyncio.Queue[str]) -> None:
        self._queue = queue

    async def order(self, name: str) -> None:
        await self._queue.put(name)  # error: CTX201
""",
    "shop/consumer.py": """\
import asyncio


class Consumer:
    def __init__(self, queue: asyncio.Queue[str]) -> None:
        self._queue = queue

    async def run(self) -> None:
        while True:
            print(await self._queue.get())
""",
    "shop/main.py": """\
import asyncio

from shop.consumer import Consumer
from shop.producer import Producer


async def main() -> None:
    queue: asyncio.Queue[str] = asyncio.Queue()
    producer = Producer(queue)
    task = asyncio.create_task(Consumer(queue).run())
    print(producer, task)
    await asyncio.sleep(1000)


if __name__ == "__main__":
    asyncio.run(main())
""",
}

QUEUE_AS_PARAMETER: Project = {
    "shop/__init__.py": "",
    "shop/store.py": """\
import asyncio
import contextvars

from shop.writing import write


class Store:
    def __init__(self):
        self._queue = asyncio.Queue()
        self._task = contextvars.Context().run(asyncio.create_task, write(self._queue))

    async def save(self, row):
        await enqueue(self._queue, row)


async def enqueue(queue, row):
    await queue.put(row)  # error: CTX201
""",
    "shop/writing.py": """\
async def write(queue):
    while True:
        row = await take(queue)
        print(row)


async def take(queue):
    return await queue.get()
""",
}

QUEUE_IN_DATACLASS: Project = {
    "shop/__init__.py": "",
    "shop/state.py": """\
import asyncio
from dataclasses import dataclass, field


@dataclass
class State:
    name: str
    orders: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
""",
    "shop/app.py": """\
import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shop.state import State
from shop.work import work

state = State("shop")


@asynccontextmanager
async def lifespan(app: FastAPI):
    task = asyncio.create_task(work(state))
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


@app.post("/order")
async def order(name: str):
    await state.orders.put(name)  # error: CTX201
""",
    "shop/work.py": """\
from shop.state import State


async def work(state: State) -> None:
    while True:
        print(await state.orders.get())
""",
}

QUEUE_OF_A_MODULE: Project = {
    "shop/__init__.py": "",
    "shop/queues.py": "import queue\n\nmails = queue.Queue()\nlogs = queue.Queue()\n",
    "shop/web.py": """\
from flask import Flask, request

from shop import queues
from shop.queues import mails as outgoing

app = Flask(__name__)


@app.route("/mail")
def mail():
    outgoing.put(request.path)  # error: CTX201
    queues.logs.put(request.path)  # error: CTX201
    return ""
""",
    "shop/worker.py": """\
import threading

from shop.queues import logs, mails


def send():
    while True:
        print(mails.get())


def log():
    for line in iter(logs.get, None):
        print(line)


def main():
    threading.Thread(target=send).start()
    threading.Thread(target=log).start()


if __name__ == "__main__":
    main()
""",
}

WRAPPER_ELSEWHERE: Project = {
    "shop/__init__.py": "",
    "shop/tasks.py": """\
import asyncio
import contextvars

running = set()


def create_task(coro):
    task = asyncio.create_task(coro)  # error: CTX101
    running.add(task)
    return task


def create_background_task(coro):
    task = contextvars.Context().run(asyncio.create_task, coro)
    running.add(task)
    return task
""",
    "shop/app.py": """\
from fastapi import FastAPI

from shop.tasks import create_background_task, create_task
from shop.workers import poll

app = FastAPI()


@app.get("/leak")
async def leak():
    create_task(poll())


@app.get("/fine")
async def fine():
    create_background_task(poll())
""",
    "shop/workers.py": WORKER,
}

IMPORT_CYCLE: Project = {
    "shop/__init__.py": "from shop.a import A\nfrom shop.b import B\n",
    "shop/a.py": """\
import asyncio

import shop.b


class A:
    async def handle(self):
        self._task = asyncio.create_task(shop.b.B().run())  # error: CTX101

    async def forever(self):
        while True:
            await asyncio.sleep(1)
""",
    "shop/b.py": """\
from shop.a import A


class B(A):
    async def run(self):
        await self.forever()
""",
}

CONDITIONAL_IMPORTS: Project = {
    "shop/__init__.py": "",
    "shop/app.py": """\
from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

try:
    from shop.fast import poll
except ImportError:
    from shop.slow import poll

if TYPE_CHECKING:
    from shop.holder import Holder


class Api:
    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    async def handle(self) -> None:
        self._a = asyncio.create_task(poll())  # error: CTX101
        self._b = asyncio.create_task(self._holder.run())  # error: CTX101
        from shop.slow import poll as local

        self._c = asyncio.create_task(local())  # error: CTX101
""",
    "shop/slow.py": WORKER,
    "shop/holder.py": """\
from shop.slow import poll


class Holder:
    async def run(self) -> None:
        await poll()
""",
}

HANDED_OUT: Project = {
    "shop/__init__.py": "",
    "shop/mailer.py": """\
import asyncio


class Mailer:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._deliver())

    async def _deliver(self) -> None:
        while True:
            await asyncio.sleep(1)


mailer = Mailer()
""",
    "shop/reports.py": """\
import asyncio


class Reporter:
    async def start(self) -> None:
        self._task = asyncio.create_task(self._report())

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(1)


_reporter: Reporter | None = None


def reporter():
    global _reporter
    if _reporter is None:
        _reporter = Reporter()
    return _reporter
""",
    "shop/audit.py": """\
import asyncio


class Audit:
    async def start(self) -> None:
        self._task = asyncio.create_task(self._write())  # error: CTX101

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(1)


audit = Audit()
""",
    "shop/app.py": """\
from contextlib import asynccontextmanager

from fastapi import FastAPI
from shop.audit import audit
from shop.mailer import mailer
from shop.reports import reporter


@asynccontextmanager
async def lifespan(app: FastAPI):
    await mailer.start()
    await reporter().start()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/orders")
async def order() -> None:
    await audit.start()
""",
}
"""Objects of classes whose names their users never say, with methods that many classes have."""

SET_BY_FUNCTIONS: Project = {
    "shop/__init__.py": "",
    "shop/mailer.py": """\
import asyncio


class Mailer:
    async def start(self):
        self._task = asyncio.create_task(self._deliver())  # error: CTX101

    async def _deliver(self):
        while True:
            await asyncio.sleep(1)


class Reporter:
    async def start(self):
        self._task = asyncio.create_task(self._report())

    async def _report(self):
        while True:
            await asyncio.sleep(1)


_mailer = None
reporter = None


def mailer():
    global _mailer
    if _mailer is None:
        _mailer = Mailer()
    return _mailer


def set_up():
    global reporter
    reporter = Reporter()
""",
    "shop/app.py": """\
from contextlib import asynccontextmanager

from fastapi import FastAPI
from shop import mailer


@asynccontextmanager
async def lifespan(app: FastAPI):
    mailer.set_up()
    await mailer.reporter.start()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/orders")
async def order():
    await mailer.mailer().start()
""",
}
"""Nothing but the functions that declare them global says what these names of a module mean."""

WRAPPER_OBJECT: Project = {
    "shop/__init__.py": "",
    "shop/background.py": """\
import asyncio


class Background:
    def __init__(self):
        self._tasks = set()

    def start(self, coro):
        task = asyncio.create_task(coro)  # error: CTX101
        self._tasks.add(task)
        return task


background = Background()
""",
    "shop/loops.py": WORKER,
    "shop/app.py": """\
from fastapi import FastAPI

from . import background, loops

app = FastAPI()


@app.get("/orders")
async def orders():
    background.background.start(loops.poll())
""",
}
"""The wrapper is a method with a common name, of an object whose class its users never name."""

# A name is looked for in one module after another, from which everything is imported.
STAR_IMPORTS: Project = {
    "shop/__init__.py": "",
    "shop/app.py": """\
from fast.workers import *
from shop.names import *
from shop.app import *
from shop.workers import *

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def start():
    asyncio.create_task(poll())  # error: CTX101
    asyncio.create_task(unknown())
""",
    "shop/names.py": "import asyncio\n\nNAMES = {}\n",
    "shop/workers.py": WORKER,
}

PROJECTS: dict[str, Project] = {
    "wrapper of an object of another module": WRAPPER_OBJECT,
    "globals that functions set": SET_BY_FUNCTIONS,
    "objects that modules hand out": HANDED_OUT,
    "starter three modules from the handler": FAR_STARTER,
    "starter three modules from the lifespan": FAR_STARTUP,
    "worker in another module": FAR_WORKER,
    "re-exports": RE_EXPORTED,
    "relative imports": RELATIVE,
    "src layout": SRC_LAYOUT,
    "namespace package": NAMESPACE,
    "loop in the base class": LOOP_IN_BASE,
    "loop in a subclass": LOOP_IN_SUBCLASS,
    "no loop in the subclass": NO_LOOP_IN_SUBCLASS,
    "thread class in another module": STARTED_IN_SUBCLASS,
    "module singleton": SINGLETON,
    "callers in tests": TESTS_DO_NOT_COUNT,
    "overriding methods in tests": OVERRIDES_IN_TESTS,
    "types of fields": TYPES_OF_FIELDS,
    "old names of methods": OLD_NAMES,
    "queue through constructors": QUEUE_IN_CONSTRUCTOR,
    "queue as a parameter": QUEUE_AS_PARAMETER,
    "queue in a dataclass": QUEUE_IN_DATACLASS,
    "queue of a module": QUEUE_OF_A_MODULE,
    "wrapper in another module": WRAPPER_ELSEWHERE,
    "import cycle": IMPORT_CYCLE,
    "conditional imports": CONDITIONAL_IMPORTS,
    "star imports": STAR_IMPORTS,
}

every_project = pytest.mark.parametrize("files", PROJECTS.values(), ids=PROJECTS.keys())


@every_project
def test_reported_as_marked(files: Project, tmp_path: Path) -> None:
    assert_as_marked(tmp_path, files)


@every_project
def test_single_files_are_reported_like_the_whole(files: Project, tmp_path: Path) -> None:
    root = write_project(tmp_path, files)
    whole = reported(root)
    for name in files:
        assert reported(root, name) == [place for place in whole if place[0] == name]


@every_project
def test_the_order_of_the_files_does_not_matter(files: Project, tmp_path: Path) -> None:
    root = write_project(tmp_path, files)
    whole = reported(root)
    for names in itertools.islice(itertools.permutations(files), 0, None, 5):
        assert reported(root, *names) == whole


def test_a_starter_that_nobody_calls_yet(tmp_path: Path) -> None:
    """With its caller gone, the starter is public: the finding stays, its trail does not."""
    files = {name: text for name, text in FAR_STARTER.items() if name == "shop/pool.py"}
    assert reported(write_project(tmp_path, files)) == marked(files)


def ctxlint(root: Path, hash_seed: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", "--output-format", "json", "--exit-zero", "."],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_hash_seeds_do_not_matter(tmp_path: Path) -> None:
    """Findings, messages and trails: every byte of the output."""
    for number, files in enumerate(PROJECTS.values()):
        write_project(tmp_path, {f"project_{number}/{name}": text for name, text in files.items()})
    outputs = {ctxlint(tmp_path, seed) for seed in (0, 1, 2)}
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())) >= 20


def test_a_worker_that_is_handed_through_many_functions(tmp_path: Path) -> None:
    """A long way is followed to its end, and is no reason to give a file up."""
    way = "".join(
        f"def step_{n}():\n    made = step_{n - 1}()\n    return made\n\n\n" for n in range(1, 80)
    )
    source = f"""\
import asyncio


async def poll():
    while True:
        await asyncio.sleep(1)


def step_0():
    return poll


{way}class Poller:
    def start(self):
        worker = step_79()
        self.task = asyncio.create_task(worker())  # error: CTX101
"""
    assert_as_marked(tmp_path, {"poller.py": source})
