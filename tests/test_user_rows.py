"""Rows and switches of ``[tool.ctxlint]``: what each changes in what is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import assert_as_marked, reported, write_project

LOOPS = """\
import asyncio


async def loop():
    while True:
        await asyncio.sleep(1)


def beat():
    while True:
        print("beat")


async def once():
    await asyncio.sleep(1)


"""


def check_rows(root: Path, table: str, source: str, **others: str) -> None:
    """Checks one module (and others beside it) under a table of settings."""
    files = {f"{name}.py": text for name, text in others.items()}
    settings = f"[tool.ctxlint]\n{table}\n"
    assert_as_marked(root, {"pyproject.toml": settings, "app.py": source, **files})


# spawners


def test_spawner_by_position(tmp_path: Path) -> None:
    source = LOOPS + (
        "from acme.tasks import spawn\n\n\n"
        "def handle():\n"
        "    spawn('name', loop())  # error: CTX101\n"
        "    spawn('name', once())\n"
        "    spawn(loop())\n"
    )
    rows = 'spawners = [{ call = "acme.tasks.spawn", callee = 1 }]'
    check_rows(tmp_path / "with", rows, source)
    check_rows(tmp_path / "without", "", source.replace("  # error: CTX101", ""))


def test_spawner_by_keyword(tmp_path: Path) -> None:
    source = LOOPS + (
        "import acme\n\n\n"
        "def handle():\n"
        "    acme.launch(work=loop())  # error: CTX101\n"
        "    acme.launch(work=once())\n"
        "    acme.launch(other=loop())\n"
    )
    rows = 'spawners = [{ call = "acme.launch", callee = "work" }]'
    check_rows(tmp_path, rows, source)


def test_spawner_of_threads(tmp_path: Path) -> None:
    source = LOOPS + (
        "from acme import start_thread\n\n\n"
        "def handle():\n"
        "    start_thread(beat)  # error: CTX102\n"
        "    start_thread(print)\n"
    )
    rows = 'spawners = [{ call = "acme.start_thread", kind = "thread" }]'
    check_rows(tmp_path, rows, source)


def test_spawner_of_timers(tmp_path: Path) -> None:
    source = (
        "from acme import later\n\n\n"
        "def handle():\n"
        "    later(5, tick)  # error: CTX103\n"
        "    later(5, print)\n\n\n"
        "def tick():\n"
        "    later(5, tick)\n"
    )
    rows = 'spawners = [{ call = "acme.later", callee = 1, kind = "timer" }]'
    check_rows(tmp_path, rows, source)


def test_spawner_that_is_a_method(tmp_path: Path) -> None:
    source = LOOPS + (
        "from acme import Scheduler\n\n\n"
        "class Service:\n"
        "    def __init__(self, scheduler: Scheduler):\n"
        "        self.scheduler = scheduler\n\n"
        "    def handle(self):\n"
        "        self.scheduler.add(loop)  # error: CTX101\n"
        "        self.scheduler.add(once)\n"
    )
    rows = 'spawners = [{ call = "acme.Scheduler.add" }]'
    check_rows(tmp_path, rows, source)


def test_spawner_that_detaches(tmp_path: Path) -> None:
    source = LOOPS + ("from acme import spawn\n\n\ndef handle():\n    spawn(loop())\n")
    rows = 'spawners = [{ call = "acme.spawn", detached = true }]'
    check_rows(tmp_path, rows, source)


# queues


def test_queue(tmp_path: Path) -> None:
    source = """\
import asyncio
import contextvars

from acme.bus import Channel


class Store:
    def __init__(self):
        self._channel = Channel()

    async def save(self, row):
        await self._channel.publish(row)  # error: CTX201

    async def save_with_context(self, row):
        await self._channel.publish((contextvars.copy_context(), row))

    async def close(self):
        await self._channel.publish(None)

    async def log(self, row):
        await self._channel.write(row)

    async def run(self):
        while True:
            print(await self._channel.take())


async def main():
    asyncio.create_task(Store().run())
    await asyncio.sleep(1000)


asyncio.run(main())
"""
    rows = 'queues = [{ type = "acme.bus.Channel", put = ["publish"], get = ["take"] }]'
    check_rows(tmp_path / "with", rows, source)
    check_rows(tmp_path / "without", "", source.replace("  # error: CTX201", ""))


def test_queue_of_the_project_itself(tmp_path: Path) -> None:
    source = """\
import asyncio

from bus import Channel

channel = Channel()


async def publish(event):
    await channel.publish(event)  # error: CTX201


async def run():
    while True:
        print(await channel.receive())


async def main():
    asyncio.create_task(run())
    await asyncio.sleep(1000)


asyncio.run(main())
"""
    bus = """\
class Channel:
    async def publish(self, event):
        await send_to_broker(event)

    async def receive(self):
        return await receive_from_broker()
"""
    rows = 'queues = [{ type = "bus.Channel", put = ["publish"], get = ["receive"] }]'
    check_rows(tmp_path, rows, source, bus=bus)


# entry points


def test_entry_point_by_name(tmp_path: Path) -> None:
    """With `public-starters = false`, a starter without a guard must be reached by a request."""
    source = LOOPS + (
        "def on_order():\n"
        "    asyncio.create_task(loop()){mark}\n\n\n"
        "def other():\n"
        "    asyncio.create_task(loop())\n"
    )
    marked = source.replace("{mark}", "  # error: CTX101")
    switch = "public-starters = false"
    check_rows(tmp_path / "with", f'{switch}\nentry-points = ["app.on_order"]', marked)
    check_rows(tmp_path / "without", switch, source.replace("{mark}", ""))


def test_entry_point_that_main_reaches_too(tmp_path: Path) -> None:
    source = LOOPS + (
        "def on_order(message):\n"
        "    print(message)\n"
        "    asyncio.create_task(loop()){mark}\n\n\n"
        "def main():\n"
        "    on_order('the first one')\n\n\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    marked = source.replace("{mark}", "  # error: CTX101")
    check_rows(tmp_path / "with", 'entry-points = ["app.on_order"]', marked)
    check_rows(tmp_path / "pattern", 'entry-points = ["app.on_*"]', marked)
    check_rows(tmp_path / "without", "", source.replace("{mark}", ""))


def test_entry_point_by_decorator(tmp_path: Path) -> None:
    source = LOOPS + (
        "from acme.bus import on\n\n\n"
        "@on('order')\n"
        "async def order():\n"
        "    asyncio.create_task(loop()){mark}\n\n\n"
        "async def main():\n"
        "    await order()\n\n\n"
        "asyncio.run(main())\n"
    )
    marked = source.replace("{mark}", "  # error: CTX101")
    check_rows(tmp_path / "with", 'entry-points = [{ decorator = "acme.bus.on" }]', marked)
    check_rows(tmp_path / "without", "", source.replace("{mark}", ""))


def test_entry_point_by_base_class(tmp_path: Path) -> None:
    source = LOOPS + (
        "from acme import Handler\n\n\n"
        "class Orders(Handler):\n"
        "    async def handle(self):\n"
        "        asyncio.create_task(loop()){mark}\n\n"
        "    async def prepare(self):\n"
        "        asyncio.create_task(loop())\n\n\n"
        "async def main():\n"
        "    orders = Orders()\n"
        "    await orders.prepare()\n"
        "    await orders.handle()\n\n\n"
        "asyncio.run(main())\n"
    )
    marked = source.replace("{mark}", "  # error: CTX101")
    rows = 'entry-points = [{ base = "acme.Handler", methods = ["handle"] }]'
    check_rows(tmp_path / "with", rows, marked)
    check_rows(tmp_path / "without", "", source.replace("{mark}", ""))


# start-up functions


def test_startup_functions(tmp_path: Path) -> None:
    source = LOOPS + (
        "def boot():\n"
        "    asyncio.create_task(loop()){mark}\n\n\n"
        "def handle():\n"
        "    asyncio.create_task(loop())  # error: CTX101\n"
    )
    rows = 'startup-functions = ["app.boot"]'
    check_rows(tmp_path / "with", rows, source.replace("{mark}", ""))
    check_rows(
        tmp_path / "pattern", 'startup-functions = ["app.bo*"]', source.replace("{mark}", "")
    )
    check_rows(tmp_path / "without", "", source.replace("{mark}", "  # error: CTX101"))


def test_startup_methods(tmp_path: Path) -> None:
    source = LOOPS + (
        "class Plugin:\n"
        "    def activate(self):\n"
        "        self.prepare()\n\n"
        "    def prepare(self):\n"
        "        self.task = asyncio.create_task(loop())\n"
    )
    check_rows(tmp_path, 'startup-functions = ["app.Plugin.activate"]', source)


# detaching helpers


def test_detaching_helpers(tmp_path: Path) -> None:
    source = LOOPS + (
        "from acme import spawn_detached\n\n\n"
        "def handle():\n"
        "    spawn_detached(asyncio.create_task, loop())\n"
        "    asyncio.create_task(loop())  # error: CTX101\n"
    )
    check_rows(tmp_path, 'detaching-helpers = ["acme.spawn_detached"]', source)


def test_detaching_helpers_of_the_project(tmp_path: Path) -> None:
    source = LOOPS + (
        "def run_apart(function):\n"
        "    registry.enter(function)\n\n\n"
        "def start():\n"
        "    asyncio.create_task(loop())\n\n\n"
        "def handle():\n"
        "    run_apart(start)\n"
        "    asyncio.create_task(loop())  # error: CTX101\n"
    )
    check_rows(tmp_path, 'detaching-helpers = ["app.run_apart"]', source)


# identity fields


def test_identity_fields(tmp_path: Path) -> None:
    source = """\
import asyncio


class Store:
    def __init__(self):
        self._queue = asyncio.Queue()

    async def save(self, job):
        await self._queue.put(job){mark}

    async def run(self):
        while True:
            job = await self._queue.get()
            print(job.tenant_token, job.row)


async def main():
    asyncio.create_task(Store().run())
    await asyncio.sleep(1000)


asyncio.run(main())
"""
    reported_then = source.replace("{mark}", "  # error: CTX201")
    rows = 'identity-fields = ["tenant_token"]'
    check_rows(tmp_path / "with", rows, source.replace("{mark}", ""))
    check_rows(tmp_path / "without", "", reported_then)
    check_rows(tmp_path / "another", 'identity-fields = ["tenant"]', reported_then)


# threads-inherit

THREADS = """\
import contextvars
import threading
import time


def beat():
    while True:
        time.sleep(1)


def plain():
    threading.Thread(target=beat).start(){mark}


class Beating(threading.Thread):
    def run(self):
        beat()


def subclass():
    Beating().start(){mark}


def given_a_context():
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(beat,)).start()  # error: CTX102


def given_a_keyword():
    threading.Thread(target=beat, context=contextvars.copy_context()).start()  # error: CTX102
"""
ALL_THREADS = THREADS.replace("{mark}", "  # error: CTX102")
GIVEN_THREADS = THREADS.replace("{mark}", "")


def test_threads_inherit_by_default(tmp_path: Path) -> None:
    check_rows(tmp_path, "", ALL_THREADS)


def test_threads_inherit(tmp_path: Path) -> None:
    check_rows(tmp_path, "threads-inherit = true", ALL_THREADS)


def test_threads_do_not_inherit(tmp_path: Path) -> None:
    check_rows(tmp_path, "threads-inherit = false", GIVEN_THREADS)


@pytest.mark.parametrize(
    ("project", "source"),
    [
        ("", GIVEN_THREADS),
        ('requires-python = ">=3.11"\ndependencies = ["flask"]', GIVEN_THREADS),
        ('dependencies = ["opentelemetry-instrumentation-threading>=0.40"]', ALL_THREADS),
        ('dependencies = ["flask", "sentry_sdk[flask] ; python_version > \'3.8\'"]', ALL_THREADS),
        ('dependencies = ["ddtrace"]', ALL_THREADS),
        ('requires-python = ">=3.14"', ALL_THREADS),
    ],
)
def test_threads_inherit_by_the_project(project: str, source: str, tmp_path: Path) -> None:
    pyproject = f'[project]\nname = "app"\n{project}\n\n[tool.ctxlint]\nthreads-inherit = "auto"\n'
    assert_as_marked(tmp_path, {"pyproject.toml": pyproject, "app.py": source})


# public-starters


def test_public_starters(tmp_path: Path) -> None:
    """What nobody calls is reported only behind a guard; what a request reaches is in any case."""
    source = LOOPS + (
        "from fastapi import FastAPI\n\n"
        "app = FastAPI()\n\n\n"
        "class Service:\n"
        "    def start(self):\n"
        "        self.task = asyncio.create_task(loop()){mark}\n\n"
        "    def ensure(self):\n"
        "        if self.task is None:\n"
        "            self.task = asyncio.create_task(loop())  # error: CTX101\n\n\n"
        "@app.get('/')\n"
        "async def index():\n"
        "    app.state.task = asyncio.create_task(loop())  # error: CTX101\n"
    )
    check_rows(tmp_path / "false", "public-starters = false", source.replace("{mark}", ""))
    with_mark = source.replace("{mark}", "  # error: CTX101")
    check_rows(tmp_path / "true", "public-starters = true", with_mark)
    check_rows(tmp_path / "default", "", with_mark)


def test_rows_of_the_nearest_project_only(tmp_path: Path) -> None:
    """Each project has its own rows, also when both are checked in one run."""
    source = LOOPS + "from acme import spawn\n\n\ndef handle():\n    spawn(loop())\n"
    row = '[tool.ctxlint]\nspawners = [{ call = "acme.spawn" }]\n'
    root = write_project(
        tmp_path,
        {"one/pyproject.toml": row, "one/app.py": source, "two/pyproject.toml": "[tool.ctxlint]\n"},
    )
    (root / "two/app.py").write_text(source, encoding="utf-8")
    places = reported(root, "one", "two")
    assert [(name, code) for name, _, code in places] == [("one/app.py", "CTX101")]
