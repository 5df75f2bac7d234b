"""Queues that are left alone, each with the reason that is given: a careless fix would break them.

A reason stands in the titles of the put's finding and of its worker's, which is not detached
either: without its user it could do more harm than with a wrong one.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from handoff_shapes import Shape
from marked_programs import write_project

from ctxlint import fixing
from ctxlint.settings import Settings

UNHANDLED = "nothing handles the items where they are taken"
TOGETHER = "Store._drain() collects items to handle several together"

DRAIN = """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        await self.write(item)
"""


def reasons(root: Path, files: Mapping[str, str], settings: Settings | None = None) -> list[str]:
    """Why findings are left to be fixed by hand, where nothing at all is rewritten."""
    chosen = settings or Settings(fix_style="helpers")
    report = fixing.run([write_project(root, files)], chosen, unsafe=True, write=False)
    assert not report.changes
    assert not report.failures
    found = []
    for each in report.remaining:
        assert each.fix is not None
        assert each.fix.applicability == "display"
        found.append(each.fix.title.partition(", by hand: ")[2])
    return found


def only_reason(root: Path, program: str) -> str:
    """The one reason for all findings of a program, of its put and of its worker's spawn."""
    found = reasons(root, {"store.py": program})
    assert len(found) >= 2
    assert len(set(found)) == 1
    return found[0]


def loop(body: str) -> str:
    """A worker that does something again and again."""
    return "async def _drain(self):\n    while True:\n" + textwrap.indent(body, "        ")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "await self.write(await self.next())\n"
            "\nasync def next(self):\n    return await self._queue.get()\n",
            "Store.next() hands the items on to its callers",
        ),
        (
            "async with self.taken() as item:\n    await self.write(item)\n",
            "Store.taken() is a generator",
        ),
        (
            "self._current = await self._queue.get()\nawait self.write(self._current)\n",
            "Store._drain() keeps the item where other code can find it",
        ),
        (
            "a = b = await self._queue.get()\nawait self.write((a, b))\n",
            "Store._drain() assigns the item in an unusual way",
        ),
        (
            "a, self.b = await self._queue.get()\nawait self.write(a)\n",
            "Store._drain() assigns the item in an unusual way",
        ),
        (
            "item = await self._queue.get()\nself._batch.append(item)\n"
            "if len(self._batch) > 9: await self.write(self._batch)\n",
            "Store._drain() collects items to handle several together",
        ),
        (
            "a, b = await asyncio.gather(self._queue.get(), self._queue.get())\n"
            "await self.write((a, b))\n",
            "Store._drain() does not wait for the item where it asks for it",
        ),
        (
            "getting = asyncio.create_task(self._queue.get())\n"
            "await asyncio.wait({getting})\nawait self.write(getting.result())\n",
            "Store._drain() does not wait for the item where it asks for it",
        ),
        (
            "for i in [self._queue.get_nowait() for _ in range(2)]: await self.write(i)\n"
            "await asyncio.sleep(1)\n",
            "Store._drain() takes an item inside another expression",
        ),
        (
            "item = None if self._queue.empty() else self._queue.get_nowait()\n"
            "await self.write(item)\nawait asyncio.sleep(1)\n",
            "Store._drain() takes an item inside another expression",
        ),
        (
            "item = self._task or await self._queue.get()\nawait self.write(item)\n",
            "Store._drain() takes an item inside another expression",
        ),
        (
            "await self.write((self.next(), await self._queue.get()))\n",
            "Store._drain() takes an item in the middle of an expression",
        ),
        (
            "if item := await self._queue.get():\n    await self.write(item)\n",
            "Store._drain() takes an item inside another expression",
        ),
        (
            "batch = [await self._queue.get()]\nawait self.write(batch)\nif batch: break\n",
            f"{TOGETHER}, and leaves its loop from there",
        ),
        (
            "batch = [await self._queue.get()]\nif batch:\n    await self.write(batch)\n"
            "    return\nawait self.write('no')\n",
            f"{TOGETHER}, and leaves its loop from there",
        ),
        (
            "batch = []\nwhile not self._queue.empty(): batch.append(self._queue.get_nowait())\n"
            "await self.write(batch)\n",
            f"{TOGETHER}, and may have none to handle",
        ),
        (
            "batch = [await self._queue.get()]\nn = len(batch)\nawait self.write(batch)\n"
            "for _ in range(n): self._queue.task_done()\n",
            f"{TOGETHER}, and counts them otherwise",
        ),
        (
            "batch = ['head', await self._queue.get()]\nawait self.write(batch)\n",
            TOGETHER,
        ),
        (
            "batch = [await self._queue.get()]\nfor _ in range(2):\n"
            "    batch += [self._queue.get_nowait()]\nawait self.write(batch)\n",
            TOGETHER,
        ),
        (
            "batch = [await self._queue.get()]\nwhile not self._queue.empty():\n"
            "    batch.append(self._queue.get_nowait())\n    print(batch)\n"
            "await self.write(batch)\n",
            TOGETHER,
        ),
        (
            "batch = [await self._queue.get()]\nif self._queue.empty(): batch.clear()\n"
            "else: batch.append(self._queue.get_nowait())\nawait self.write(batch)\n",
            TOGETHER,
        ),
        # What is asked of an item, or of the whole batch, is not asked of envelopes and of parts.
        *(
            (
                "batch = []\nwhile len(batch) < 3:\n    item = await self._queue.get()\n"
                f"    {asked} batch.append(item)\nfor each in batch: await self.write(each)\n",
                TOGETHER,
            )
            for asked in (
                "if item:",
                "if isinstance(item, str):",
                "if item not in batch:",
                "if len(item) < 9:",
                "self.size += len(item);",
            )
        ),
        (
            "batch = [await self._queue.get()]\nsize = 1\nwhile not self._queue.empty():\n"
            "    batch.append(self._queue.get_nowait())\n    size += 1\n"
            "await self.write((batch, size))\n",
            TOGETHER,
        ),
        (
            "try:\n    batch = [await self._queue.get()]\n    await self.write(batch)\n"
            "except Exception:\n    await self.write('sorry')\n",
            "Store._drain() handles errors of the item further out",
        ),
        *(
            (f"{bound} = await self._queue.get()\nself._queue.task_done()\n", UNHANDLED)
            for bound in ("_", "item")
        ),
        ("batch = [await self._queue.get()]\n", TOGETHER),
        (
            "batch = []\nkeep = batch.append\nkeep('head')\n"
            "while not batch: batch.append(await self._queue.get())\n"
            "for each in batch: await self.write(each)\n",
            TOGETHER,
        ),
        (
            "batch = list(self.rest)\nbatch.append(await self._queue.get())\n"
            "for each in batch: await self.write(each)\n",
            TOGETHER,
        ),
        (
            "for self.round in range(3): batch = [await self._queue.get()]\n"
            "await self.write(batch)\n",
            f"{TOGETHER}, over more than one round",
        ),
        (
            "batch = [await self._queue.get()]\nself.first, *rest = self.handled\n"
            "batch.append(await self._queue.get())\nawait self.write((batch, rest))\n",
            TOGETHER,
        ),
        (
            "batch = []\nprint(self._queue.qsize())\nif not self._queue.empty():\n"
            "    batch.append(await self._queue.get())\nawait self.write(batch)\n",
            f"{TOGETHER}, and may have none to handle",
        ),
        (
            "batch = []\nwhile len(batch) < 3:\n    item = await self._queue.get()\n"
            "    if item is None: break\n    if item == 'stop': return\n    batch.append(item)\n"
            "for each in batch: await self.write(each)\n",
            "Store._drain() tests items before it handles them",
        ),
        # --- Errors -----------------------------------------------------------------------------
        (
            "try:\n    item = await self._queue.get()\n    await self.write(item)\n"
            "finally:\n    await self.write('done')\n",
            "Store._drain() has a finally around get and work that needs the context",
        ),
        (
            "item = None\ntry:\n    item = await self._queue.get()\n    await self.write(item)\n"
            "finally:\n    self.handled += [item]\n",
            "Store._drain() has a finally around get and work that needs the context",
        ),
        (
            "try:\n    item = await self._queue.get()\n    await self.write(item)\n"
            "except asyncio.CancelledError:\n    await self.write('cancelled')\n    raise\n",
            "Store._drain() handles errors of the get and of the work together",
        ),
        (
            "try:\n    item = await asyncio.wait_for(self._queue.get(), 1)\n"
            "    await self.write(item)\nexcept Exception:\n    await self.write('sorry')\n",
            "Store._drain() handles errors of the get and of the work together",
        ),
        (
            "try:\n    self.connect()\n    item = await self._queue.get()\n"
            "    await self.write(item)\nexcept OSError:\n    await self.write('sorry')\n",
            "Store._drain() handles errors of the get and of the work together",
        ),
        (
            "try:\n    if self._task:\n        item = await self._queue.get()\n"
            "        await self.write(item)\nexcept OSError:\n    await self.write('sorry')\n",
            "Store._drain() handles errors of the item further out",
        ),
        (
            "item = None\ntry:\n    await asyncio.sleep(0)\nfinally:\n"
            "    item = await self._queue.get()\nawait self.write(item)\n",
            "Store._drain() has a finally around get and work that needs the context",
        ),
        (
            "item = None\ntry:\n    item = await self._queue.get()\nfinally:\n    print(item)\n"
            "await self.write(item)\n",
            "Store._drain() uses the item in a finally around the get",
        ),
        (
            "try:\n    item = await self._queue.get()\n    await self.write(item)\n"
            "except:\n    print(item)\n",
            "Store._drain() handles errors of the get and of the work together",
        ),
        (
            "try:\n    item = await self._queue.get()\n    await self.write(item)\n"
            "except asyncio.CancelledError:\n    return\nexcept ValueError:\n"
            "    await self.write('sorry')\nfinally:\n    self._queue.task_done()\n",
            "Store._drain() handles errors of the get and of the work together",
        ),
        (
            "try:\n    item = await self._queue.get()\n    await self.write(item)\n"
            "except ValueError:\n    await self.write('sorry')\nelse:\n    self.done = True\n"
            "finally:\n    self._queue.task_done()\n",
            "Store._drain() handles errors of the get and of the work together",
        ),
        (
            "try:\n    self.connect()\nexcept OSError:\n    item = await self._queue.get()\n"
            "    await self.write(item)\nfinally:\n    await self.write('done')\n",
            "Store._drain() handles errors of the item further out",
        ),
        (
            "try:\n    self.connect()\nexcept OSError:\n    batch = [await self._queue.get()]\n"
            "    for each in batch: await self.write(each)\nfinally:\n"
            "    await self.write('done')\n",
            "Store._drain() handles errors of the item further out",
        ),
        (
            "try:\n    item = self._queue.get_nowait()\nexcept asyncio.QueueEmpty:\n"
            "    await asyncio.sleep(1)\n    continue\nelse:\n    await self.write(item)\n"
            "print(item)\n",
            "Store._drain() uses the item outside the block that takes it",
        ),
        (
            "try:\n    item = self._queue.get_nowait()\nexcept asyncio.QueueEmpty:\n"
            "    await asyncio.sleep(1)\n    continue\nelse:\n    await self.write(item)\n"
            "finally:\n    await self.write('done')\n",
            "Store._drain() handles errors of the item further out",
        ),
        (
            "try:\n    item = self._queue.get_nowait()\nexcept asyncio.QueueEmpty:\n"
            "    print(item)\n    await asyncio.sleep(1)\n    continue\nawait self.write(item)\n",
            "Store._drain() uses the item where it handles its absence",
        ),
        *(
            (
                "try:\n    item = self._queue.get_nowait()\nexcept asyncio.QueueEmpty:\n"
                f"    {made_up}\nawait self.write(item)\nawait asyncio.sleep(1)\n",
                "Store._drain() makes up an item where there is none",
            )
            for made_up in ("item = last = None", "item, last = None, 1")
        ),
        (
            "try:\n    item = self._queue.get_nowait()\nexcept asyncio.QueueEmpty:\n"
            "    await asyncio.sleep(1)\nawait self.write(item)\n",
            "Store._drain() goes on where there is no item",
        ),
        (
            "try:\n    item = await asyncio.wait_for(self._queue.get(), 1)\n"
            "except TimeoutError:\n    item = 'nothing'\nawait self.write(item)\n",
            "Store._drain() goes on where there is no item",
        ),
        (
            "try:\n    item = await asyncio.wait_for(self._queue.get(), 1)\n"
            "except TimeoutError:\n    item = self.nothing()\nawait self.write(item)\n",
            "Store._drain() goes on where there is no item",
        ),
        # --- Where the item is used -------------------------------------------------------------
        (
            "one = await self._queue.get()\ntwo = await self._queue.get()\n"
            "await self.write((one, two))\n",
            "Store._drain() takes an item while it handles another",
        ),
        (
            "item = await self._queue.get()\nawait self.write(item)\n"
            "await self.write(await self._queue.get())\nawait self.write(item)\n",
            "Store._drain() takes an item while it handles another",
        ),
        (
            "if self._task:\n    item = await self._queue.get()\nawait self.write(item)\n",
            "Store._drain() uses the item outside the block that takes it",
        ),
        (
            "if self._queue.empty(): item = await self._queue.get()\n"
            "else: item = self._queue.get_nowait()\nawait self.write(item)\n",
            "Store._drain() uses the item outside the block that takes it",
        ),
        (
            "item = await self._queue.get()\nif item is None:\n"
            "    await self._queue.put((item, 1))\n    break\nawait self.write(item)\n",
            "Store._drain() puts an item back that it does not handle",
        ),
    ],
)
def test_consumers(body: str, reason: str, tmp_path: Path) -> None:
    head, method, rest = body.partition("\nasync def")
    before = loop(head) + method + rest + (TAKEN if "self.taken" in body else "")
    close = "await self._queue.put(None)" if "is None" in body else "pass"
    assert only_reason(tmp_path, Shape("", before, close=close).program) == reason


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (
            "async def _drain(self):\n"
            "    while (item := await self._queue.get()) is not None:\n"
            "        await self.write(item)\n"
            "    else:\n        print(1)\n",
            "Store._drain() has a loop that cannot be spelled out",
        ),
        (
            "async def _drain(self):\n"
            "    while (item := await self._queue.get()) not in (None, 1):\n"
            "        await self.write(item)\n",
            "Store._drain() has a loop that cannot be spelled out",
        ),
        (
            "async def _drain(self):\n"
            "    while (item := await self._queue.get()) is not self.end():\n"
            "        await self.write(item)\n",
            "Store._drain() computes its sentinel",
        ),
        (
            "async def _drain(self):\n"
            "    while self._task and (item := await self._queue.get()):\n"
            "        await self.write(item)\n",
            "Store._drain() takes an item inside another expression",
        ),
        (
            "async def _drain(self):\n"
            "    while item := await self._queue.get():\n"
            "        await self.write(item)\n"
            "        await self.write(await self._queue.get())\n",
            "Store._drain() takes an item while it handles another",
        ),
        # In an envelope, an item that is false or None would be true and something.
        (
            "async def _drain(self):\n"
            "    while item := await self._queue.get():\n"
            "        items = [item]\n"
            "        while not self._queue.empty(): items.append(self._queue.get_nowait())\n"
            "        await self.write(items)\n",
            "Store._drain() takes an item while it handles another",
        ),
        (
            "async def _drain(self):\n"
            "    while (item := await self._queue.get()) is not None:\n"
            "        items = [item]\n"
            "        while not self._queue.empty(): items.append(self._queue.get_nowait())\n"
            "        await self.write(items)\n",
            "Store._drain() takes an item while it handles another",
        ),
    ],
)
def test_loops(before: str, reason: str, tmp_path: Path) -> None:
    assert only_reason(tmp_path, Shape("", before).program) == reason


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (
            "def _drain(self):\n    for item in iter(self._queue.get, None):\n"
            "        self.write(item)\n    else:\n        print(1)\n",
            "Store._drain() has a loop that cannot be spelled out",
        ),
        (
            "def _drain(self):\n    for item, _ in iter(self._queue.get, None):\n"
            "        self.write(item)\n",
            "Store._drain() has a loop that cannot be spelled out",
        ),
        (
            "def _drain(self):\n    for item in iter(self._queue.get, self.end()):\n"
            "        self.write(item)\n",
            "Store._drain() computes its sentinel",
        ),
        (
            "def _drain(self):\n    while True:\n"
            "        for item in list(iter(self._queue.get, None)): self.write(item)\n",
            "Store._drain() iterates over the items in an unusual way",
        ),
        (
            "def _drain(self):\n    while True:\n        get = self._queue.get\n"
            "        self.write(get())\n        self._queue.get()\n",
            "Store._drain() hands the get on as a function",
        ),
    ],
)
def test_threads(before: str, reason: str, tmp_path: Path) -> None:
    assert only_reason(tmp_path, Shape("", before, thread=True).program) == reason


TAKEN = """
@contextlib.asynccontextmanager
async def taken(self):
    yield await self._queue.get()
"""


# --- Producers and other references -------------------------------------------------------------

OTHER = """

def other(unknown, items, task):
    store = Store()
    {}
"""


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("store._queue.put_nowait(*items)", "the item at store.py:48 is not written there"),
        ("store._queue.put_nowait()", "the item at store.py:48 is not written there"),
        ("list(map(store._queue.put_nowait, items))", "store.py:48 hands the put on as a function"),
        (
            "task.add_done_callback(store._queue.put_nowait)",
            "the item at store.py:48 is not written there",
        ),
        (
            "put = store._queue.put_nowait; put(1)",
            "the queue is used in an unknown way at store.py:48",
        ),
        ("unknown(store._queue)", "the queue is used in an unknown way at store.py:48"),
        ("unknown(queue=store._queue)", "the queue is used in an unknown way at store.py:48"),
        ("unknown(*[store._queue])", "the queue is used in an unknown way at store.py:48"),
        ("unknown.queue = store._queue", "the queue is used in an unknown way at store.py:48"),
        ("yield store._queue", "the queue is used in an unknown way at store.py:48"),
        ("print(store._queue._queue)", "the queue is used in an unknown way at store.py:48"),
        ("store._queue.queue.clear()", "the queue is used in an unknown way at store.py:48"),
        ("for one in store._queue: print(one)", "other() loops over it"),
        (
            "return [q for q in [store._queue]]",
            "the queue is used in an unknown way at store.py:48",
        ),
        ("store._queue.get(unknown)", "the queue is used in an unknown way at store.py:48"),
        (
            "first, *store._rest = [store._queue]",
            "the queue is used in an unknown way at store.py:48",
        ),
        (
            "import store as own; own.queue = store._queue",
            "the queue is used in an unknown way at store.py:48",
        ),
        (
            "loop = asyncio.new_event_loop(); loop.queue = store._queue",
            "the queue is used in an unknown way at store.py:48",
        ),
        (
            "threading.Thread(target=unknown, args=(store._queue,)).start()",
            "the queue is used in an unknown way at store.py:48",
        ),
        (
            "def own(): return store._queue\n    unknown(own)",
            "the queue is used in an unknown way at store.py:49",
        ),
        ("getattr(store, unknown).put(1)", "store.py:48 may reach the queue by a name"),
        ('getattr(store, "_queue").put_nowait(1)', "store.py:48 reaches the queue by its name"),
        ('mock.patch.object(store, "_queue")', "store.py:48 reaches the queue by its name"),
        ("store._queue = unknown()", "store.py:48 may be another queue"),
        ("store._queue = items", "store.py:48 takes a queue from outside"),
        (
            "def many(*queues): print(queues)\n    many(store._queue)",
            "the queue is used in an unknown way at store.py:49",
        ),
        (
            "class Bag(list): pass\n    Bag(store._queue)",
            "the queue is used in an unknown way at store.py:49",
        ),
        ("Store._queue = items[0]", "store.py:48 may be another queue"),
        ("store._queue = print", "store.py:48 may be another queue"),
        ("store._queue = Store", "store.py:48 may be another queue"),
        ("store._queue = asyncio.Queue", "store.py:48 may be another queue"),
        (
            "store._queue.put_nowait((contextvars.copy_context(), 1))",
            "the item at store.py:48 carries a context already",
        ),
        ("return store._queue.get_nowait()", "other() hands the items on to its callers"),
    ],
)
def test_references(statement: str, reason: str, tmp_path: Path) -> None:
    program = "import contextvars\n" + Shape("", DRAIN).program + OTHER.format(statement)
    assert only_reason(tmp_path, program) == reason


@pytest.mark.parametrize(
    "statement",
    [
        "print(store._queue.qsize(), store._queue.empty(), store._queue.maxsize)",
        "assert store._queue is not None, 'none'",
        "if not store._queue: print(f'{store._queue!r}')",
        "isinstance(store._queue, asyncio.Queue)",
        "store._queue.join(); store._queue.task_done(); store._queue.shutdown()",
        "del store._queue",
        "store._queue = None",
        "logging.debug('the queue is %s', store._queue)",
        "while not store._queue.empty(): store._queue.get_nowait()",
        "_ = store._queue.get_nowait()",
        "print(getattr(store, unknown))",
        "return getattr",
        "Store.last = store._queue",
        "getattr(store, '_numbers').put(1)",
        "store._lanes = {'one': store._queue}",
        "store._queue = ()",
        "Own = type('Own', (), {}); Own._queue = 3",
        "asyncio._queue = 3",
        "def pick(queue=None): return queue\n    pick(store._queue); pick(None)",
        "def show(queue): print(queue)\n    show(queue=store._queue)",
        "print(unknown._queue.qsize())",
        "unknown._other.put_nowait(1)",
    ],
)
def test_references_that_do_not_matter(statement: str, tmp_path: Path) -> None:
    program = Shape("", DRAIN).program + OTHER.format(statement)
    root = write_project(tmp_path, {"store.py": program})
    report = fixing.run([root], Settings(fix_style="helpers"), unsafe=True)
    assert not report.remaining
    assert f"    {statement}\n" in (root / "store.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("queue", "more", "reason"),
    [
        ("Own()", "class Own(asyncio.Queue): pass", "Own is a queue of the project's own"),
        ("janus.Queue().async_q", "", "it is a janus.Queue, not a plain queue"),
        ("None or asyncio.Queue()", "", ""),
        (
            "Own() if USER else asyncio.Queue()",
            "class Own: pass",
            "store.py:{} may be another queue",
        ),
        ("make()", "def make():\n    return asyncio.Queue()", ""),
        (
            "make()",
            "def make():\n    return Own() if USER else asyncio.Queue()\n\nclass Own: pass",
            "store.py:{} may be another queue",
        ),
    ],
)
def test_queues(queue: str, more: str, reason: str, tmp_path: Path) -> None:
    program = "import janus\n" + Shape("", DRAIN, queue=queue).program + f"\n\n{more}\n"
    line = next(n for n, text in enumerate(program.split("\n"), 1) if "self._queue = " in text)
    if reason:
        assert only_reason(tmp_path, program) == reason.format(line)
    else:
        root = write_project(tmp_path, {"store.py": program})
        report = fixing.run([root], Settings(fix_style="helpers"), unsafe=True, write=False)
        assert not report.remaining


def test_a_queue_given_from_outside(tmp_path: Path) -> None:
    program = Shape("", DRAIN, queue="given or asyncio.Queue()").program.replace(
        "def __init__(self):", "def __init__(self, given=None):"
    )
    assert only_reason(tmp_path, program) == "store.py:17 takes a queue from outside"


@pytest.mark.parametrize(
    ("put", "target", "reason"),
    [
        ("item", "item", "Store._drain() uses the whole tuple"),
        (
            "(1, item)",
            "_, item",
            "the item at store.py:24 has nothing unique before its last element",
        ),
        (
            "(self._numbers, item)",
            "_, item",
            "the item at store.py:24 has nothing unique before its last element",
        ),
        ("(1, *item)", "_, item", "the item at store.py:24 is no plain tuple"),
        ("make(item)", "_, item", "the item at store.py:24 is no tuple"),
    ],
)
def test_priority_queues(put: str, target: str, reason: str, tmp_path: Path) -> None:
    before = loop(f"{target} = await self._queue.get()\nawait self.write(item)\n")
    shape = Shape("", before, queue="asyncio.PriorityQueue()", put=f"await self._queue.put({put})")
    assert only_reason(tmp_path, shape.program) == reason


def test_a_priority_queue_whose_items_nobody_handles(tmp_path: Path) -> None:
    before = loop("await asyncio.wait_for(self._queue.get(), 1)\nawait self.write(1)\n")
    put = "await self._queue.put((next(self._numbers), item))"
    shape = Shape("", before, queue="asyncio.PriorityQueue()", put=put)
    assert only_reason(tmp_path, shape.program) == UNHANDLED


def test_another_queue_given_by_value(tmp_path: Path) -> None:
    more = "\n\ndef pick(queue):\n    return queue\n\n\npick(Store()._queue)\npick(3)\n"
    reason = only_reason(tmp_path, Shape("", DRAIN).program + more)
    assert reason == "pick() is given another queue, too"


def test_another_queue_of_the_same_worker(tmp_path: Path) -> None:
    before = "async def _drain(self):\n    await drain(self._queue, self)\n"
    more = """

async def drain(queue, store):
    while True:
        item = await queue.get()
        await store.write(item)


async def other(unknown):
    await drain(unknown, Store())
"""
    reason = only_reason(tmp_path, Shape("", before).program + more)
    assert reason == "drain() is given another queue, too"


def test_tests_with_a_queue_of_their_own(tmp_path: Path) -> None:
    before = "async def _drain(self):\n    await drain(self._queue, self)\n"
    more = """

async def drain(queue, store):
    while True:
        item = await queue.get()
        await store.write(item)
"""
    test = """\
from store import drain


async def test_drain():
    await drain(asyncio.Queue(), None)
"""
    files = {"store.py": Shape("", before).program + more, "tests/test_store.py": test}
    assert set(reasons(tmp_path, files)) == {
        "test_store.py:5 tests drain() with a queue of its own"
    }


def test_tests_that_only_name_the_worker(tmp_path: Path) -> None:
    """A worker without arguments, the name alone, and another function of the same name."""
    before = "async def _drain(self):\n    await drain(self._queue, self)\n"
    more = """

async def drain(queue, store):
    while True:
        item = await queue.get()
        await store.write(item)
"""
    test = """\
import store


def test_drain(monkeypatch):
    assert store.drain is not None
    monkeypatch.setattr("store.drain", None)


def test_pipes():
    def drain(pipe):
        return pipe

    assert drain(1) == 1
"""
    files = {"store.py": Shape("", before).program + more, "tests/test_store.py": test}
    root = write_project(tmp_path, files)
    report = fixing.run([root], Settings(fix_style="helpers"), unsafe=True)
    assert not report.remaining
    assert (root / "tests/test_store.py").read_text(encoding="utf-8") == test


def test_tests_of_an_unknown_object(tmp_path: Path) -> None:
    test = """\
async def test_save(store):
    await store.save(1)
    assert store._queue.get_nowait() == 1
"""
    files = {"store.py": Shape("", DRAIN).program, "tests/test_store.py": test}
    assert set(reasons(tmp_path, files)) == {"test_store.py:3 may use the same queue"}


def test_pickled_items_are_not_asked_about(tmp_path: Path) -> None:
    before = "def _drain(self):\n    while True:\n        self.write(self._queue.get())\n"
    shape = Shape("", before, thread=True, queue="multiprocessing.Queue()")
    program = "import multiprocessing\n" + shape.program
    root = write_project(tmp_path, {"store.py": program})
    report = fixing.run([root], Settings(fix_style="helpers"), unsafe=True)
    assert [each.code for each in report.fixed] == ["CTX102"]
    assert "self._queue.put(item)\n" in (root / "store.py").read_text(encoding="utf-8")


# --- Workers ------------------------------------------------------------------------------------


def test_a_worker_that_takes_items_from_a_generator(tmp_path: Path) -> None:
    before = """\
async def _drain(self):
    async for item in self.items():
        await self.write(item)

async def items(self):
    while True:
        yield await self._queue.get()
"""
    assert reasons(tmp_path, {"store.py": Shape("", before).program}) == [
        "it takes items through a generator, which cannot activate a context"
    ]


def test_without_helpers(tmp_path: Path) -> None:
    """What the project would have to depend on is said; a linter does not slip itself in."""
    program = {"store.py": Shape("", DRAIN).program}
    (reason,) = set(reasons(tmp_path, program, Settings(fix_style="stdlib")))
    assert reason == 'fix-style = "stdlib" asks for none of the helpers that it needs'
    declared = {**program, "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n'}
    (reason,) = set(reasons(tmp_path / "declared", declared, Settings()))
    assert "`ctxlint --write-helpers PATH`" in reason
