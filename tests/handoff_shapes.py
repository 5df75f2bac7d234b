"""Consumers of queues as people write them, before a hand-off is fixed and after.

Each stands in a program that can be run: requests call ``Store.save``, whose worker is ``_drain``.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

_PROGRAM = """\
import asyncio
import itertools
import queue
import threading
from contextvars import ContextVar

USER = ContextVar("user", default="nobody")
STOP = object()


class Stop:
    pass


class Store:
    def __init__(self):
        self._queue = {queue}
        self._numbers = itertools.count()
        self._task = None
        self.handled = []

    {define} save(self, item):
        self._start()
        {put}

    {define} close(self):
        {close}

    def _start(self):
        if self._task is None:
            self._task = {spawn}
            {started}

    {define} write(self, item):
        self.handled.append((item, USER.get()))
        if item == "bad":
            raise ValueError(item)

{consumer}"""


@dataclass(frozen=True)
class Shape:
    """A worker before and after, and how items, or what ends it, come to its queue."""

    name: str
    before: str
    after: str = ""
    thread: bool = False
    queue: str = ""
    put: str = ""
    close: str = "pass"

    @property
    def program(self) -> str:
        """The program before."""
        thread = self.thread
        put = "self._queue.put(item)" if thread else "await self._queue.put(item)"
        return _PROGRAM.format(
            define="def" if thread else "async def",
            queue=self.queue or ("queue.Queue()" if thread else "asyncio.Queue()"),
            put=self.put or put,
            close=self.close,
            spawn=(
                "threading.Thread(target=self._drain, daemon=True)"
                if thread
                else "asyncio.create_task(self._drain())"
            ),
            started="self._task.start()" if thread else "pass",
            consumer=textwrap.indent(self.before.lstrip("\n"), "    "),
        )


def worker_of(program: str) -> str:
    """The worker in a program, and what follows it."""
    lines = program.split("\n")
    first = next(number for number, line in enumerate(lines) if "def _drain(" in line)
    return textwrap.dedent("\n".join(lines[first:]))


SHAPES = (
    Shape(
        "item bound by a statement",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        await self.write(item)
        self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
            self._queue.task_done()
""",
    ),
    Shape(
        "a sentinel",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        if item is None:
            self._queue.task_done()
            break
        await self.write(item)
        self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        if work is None:
            self._queue.task_done()
            break
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
            self._queue.task_done()
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "a sentinel behind task_done",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        self._queue.task_done()
        if item is STOP or item is None:
            return
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        self._queue.task_done()
        if work is STOP or work is None:
            return
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
        close="await self._queue.put(STOP)",
    ),
    Shape(
        "a sentinel that is passed on",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        if item is STOP:
            self._queue.put_nowait(item)
            return
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        if work is STOP:
            self._queue.put_nowait(work)
            return
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
        close="await self._queue.put(STOP)",
    ),
    Shape(
        "a sentinel that is not tested first",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        match item:
            case None:
                return
            case str():
                await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            match item:
                case None:
                    return
                case str():
                    await self.write(item)
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "a sentinel tested in an elif",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        if item == "bad":
            continue
        elif item is None:
            return
        else:
            await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            if item == "bad":
                continue
            elif item is None:
                return
            else:
                await self.write(item)
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "a sentinel by its class",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        if isinstance(item, Stop):
            return
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        if isinstance(work, Stop):
            return
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
        close="await self._queue.put(Stop())",
    ),
    Shape(
        "a walrus",
        """\
async def _drain(self):
    while (item := await self._queue.get()) is not None:
        # write it
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        if work is None:
            break
        with activate_request_context(work.context):
            item = work.payload
            # write it
            await self.write(item)
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "a walrus that asks for truth",
        """\
async def _drain(self):
    while item := await self._queue.get():
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        if not work:
            break
        with activate_request_context(work.context):
            item = work.payload
            if not item:
                break
            await self.write(item)
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "a walrus that asks for truth, of tuples",
        """\
async def _drain(self):
    while item := await self._queue.get():  # until None
        name, _ = item
        await self.write(name)
""",
        """\
async def _drain(self):
    while True:  # until None
        work = await self._queue.get()
        if not work:
            break
        with activate_request_context(work.context):
            item = work.payload
            name, _ = item
            await self.write(name)
""",
        close="await self._queue.put(None)",
        put="await self._queue.put((item, 1))",
    ),
    Shape(
        "a walrus on one line",
        """\
async def _drain(self):
    while (item := await self._queue.get()) != "end": await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        if work == "end":
            break
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
        close='await self._queue.put("end")',
    ),
    Shape(
        "a walrus without a sentinel",
        """\
async def _drain(self):
    while (item := await self._queue.get()) is not None:
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            if item is None:
                break
            await self.write(item)
""",
    ),
    Shape(
        "iter",
        """\
def _drain(self):
    for item in iter(self._queue.get, STOP):  # until told
        if item == "skip":
            continue
        self.write(item)
""",
        """\
def _drain(self):
    while True:  # until told
        work = self._queue.get()
        if work == STOP:
            break
        with activate_request_context(work.context):
            item = work.payload
            if item == "skip":
                continue
            self.write(item)
""",
        thread=True,
        close="self._queue.put(STOP)",
    ),
    Shape(
        "iter on one line",
        """\
def _drain(self):
    for item in iter(self._queue.get, None): self.write(item)
""",
        """\
def _drain(self):
    while True:
        work = self._queue.get()
        if work is None:
            break
        with activate_request_context(work.context):
            item = work.payload
            self.write(item)
""",
        thread=True,
        close="self._queue.put(None)",
    ),
    Shape(
        "inline",
        """\
async def _drain(self):
    while True:
        # what comes next
        await self.write(await self._queue.get())  # and write it
        self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        # what comes next
        work = await self._queue.get()
        with activate_request_context(work.context):
            await self.write(work.payload)  # and write it
            self._queue.task_done()
""",
    ),
    Shape(
        "inline, of no use by itself",
        """\
def _drain(self):
    while True:
        item = str(self._queue.get())
        self.write(item)
""",
        """\
def _drain(self):
    while True:
        work = self._queue.get()
        with activate_request_context(work.context):
            item = str(work.payload)
            self.write(item)
""",
        thread=True,
    ),
    Shape(
        "inline on one line",
        """\
async def _drain(self):
    while True: await self.write(await self._queue.get())
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            await self.write(work.payload)
""",
    ),
    Shape(
        "statements on one line",
        """\
async def _drain(self):
    while True: item = await self._queue.get(); await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
    ),
    Shape(
        "semicolons",
        """\
async def _drain(self):
    while True:
        pass; item = await self._queue.get(); await self.write(item); self._queue.task_done()
        pass
""",
        """\
async def _drain(self):
    while True:
        pass; work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item); self._queue.task_done()
            pass
""",
    ),
    Shape(
        "a tuple",
        """\
async def _drain(self):
    while True:
        (first, [*rest]) = await self._queue.get()
        await self.write(first)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            (first, [*rest]) = work.payload
            await self.write(first)
""",
        put="await self._queue.put((item, [1, 2]))",
    ),
    Shape(
        "a tuple over several lines",
        """\
async def _drain(self):
    while True:
        (
            first,
            second,
        ) = await self._queue.get()
        await self.write(first)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            (first, second) = work.payload
            await self.write(first)
""",
        put="await self._queue.put((item, 2))",
    ),
    Shape(
        "an annotated name",
        """\
async def _drain(self):
    while True:
        item: str | bytes = await self._queue.get()
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item: str | bytes = work.payload
            await self.write(item)
""",
    ),
    Shape(
        "an empty queue",
        """\
def _drain(self):
    while True:
        try:
            item = self._queue.get(timeout=0.01)
        except queue.Empty:
            continue
        self.write(item)
""",
        """\
def _drain(self):
    while True:
        try:
            work = self._queue.get(timeout=0.01)
        except queue.Empty:
            continue
        with activate_request_context(work.context):
            item = work.payload
            self.write(item)
""",
        thread=True,
    ),
    Shape(
        "a timeout that ends the worker",
        """\
async def _drain(self):
    while True:
        try:
            item = await asyncio.wait_for(self._queue.get(), 0.2)
        except asyncio.TimeoutError:
            break
        await self.write(item)
    print("idle")
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await asyncio.wait_for(self._queue.get(), 0.2)
        except asyncio.TimeoutError:
            break
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
    print("idle")
""",
    ),
    Shape(
        "an else",
        """\
async def _drain(self):
    while True:
        try:
            item = await asyncio.wait_for(self._queue.get(), 0.05)
        except asyncio.TimeoutError:
            pass
        else:
            # one more
            await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await asyncio.wait_for(self._queue.get(), 0.05)
        except asyncio.TimeoutError:
            pass
        else:
            with activate_request_context(work.context):
                item = work.payload
                # one more
                await self.write(item)
""",
    ),
    Shape(
        "a timeout as a with",
        """\
async def _drain(self):
    while True:
        try:
            async with asyncio.timeout(0.05):
                item = await self._queue.get()
        except TimeoutError:
            continue
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        try:
            async with asyncio.timeout(0.05):
                work = await self._queue.get()
        except TimeoutError:
            continue
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
    ),
    Shape(
        "nothing there is None",
        """\
def _drain(self):
    while True:
        try:
            item = self._queue.get(timeout=0.01)
        except queue.Empty:
            item = None
        if item is None:
            continue
        self.write(item)
""",
        """\
def _drain(self):
    while True:
        try:
            work = self._queue.get(timeout=0.01)
        except queue.Empty:
            work = None
        if work is None:
            continue
        with activate_request_context(work.context):
            item = work.payload
            self.write(item)
""",
        thread=True,
    ),
    Shape(
        "task_done in a finally",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        try:
            await self.write(item)
        except ValueError:
            await self.write("sorry")
        finally:
            self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            try:
                await self.write(item)
            except ValueError:
                await self.write("sorry")
            finally:
                self._queue.task_done()
""",
    ),
    Shape(
        "a finally around get and work",
        """\
async def _drain(self):
    while True:
        try:
            item = await self._queue.get()
            await self.write(item)
        finally:
            self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await self._queue.get()
            with activate_request_context(work.context):
                item = work.payload
                await self.write(item)
        finally:
            self._queue.task_done()
""",
    ),
    Shape(
        "errors of get and work",
        """\
async def _drain(self):
    while True:
        try:
            item = await self._queue.get()
            await self.write(item)
        except Exception:
            await self.write("sorry")
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            try:
                await self.write(item)
            except Exception:
                await self.write("sorry")
""",
    ),
    Shape(
        "errors of get and work, and what comes then",
        """\
async def _drain(self):
    while True:
        # the next one
        try:
            # is taken
            item = await self._queue.get()

            # and written
            await self.write(item)
        except ValueError as error:
            await self.write(f"sorry, {error}")  # this one, too
        # then
        self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        # the next one
        # is taken
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            try:
                # and written
                await self.write(item)
            except ValueError as error:
                await self.write(f"sorry, {error}")  # this one, too
            # then
            self._queue.task_done()
""",
    ),
    Shape(
        "cancellation of the get",
        """\
async def _drain(self):
    while True:
        try:
            item = await self._queue.get()
            await self.write(item)
        except asyncio.CancelledError:
            break
        except Exception:
            await self.write("sorry")
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await self._queue.get()
        except asyncio.CancelledError:
            break
        with activate_request_context(work.context):
            item = work.payload
            try:
                await self.write(item)
            except asyncio.CancelledError:
                break
            except Exception:
                await self.write("sorry")
""",
    ),
    Shape(
        "cancellation of the get that goes on",
        """\
async def _drain(self):
    while True:
        try:
            item = await self._queue.get()
            await self.write(item)
        except asyncio.CancelledError:
            raise
        except Exception:
            await self.write("sorry")
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            try:
                await self.write(item)
            except asyncio.CancelledError:
                raise
            except Exception:
                await self.write("sorry")
""",
    ),
    Shape(
        "cancellation of the get that becomes another error",
        """\
async def _drain(self):
    while True:
        try:
            item = await self._queue.get()
            await self.write(item)
        except asyncio.CancelledError:
            raise SystemError
        except Exception:
            await self.write("sorry")
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await self._queue.get()
        except asyncio.CancelledError:
            raise SystemError
        with activate_request_context(work.context):
            item = work.payload
            try:
                await self.write(item)
            except asyncio.CancelledError:
                raise SystemError
            except Exception:
                await self.write("sorry")
""",
    ),
    Shape(
        "an error is raised before",
        """\
async def _drain(self):
    while True:
        try:
            self.handled[99]
        except IndexError:
            item = await self._queue.get()
            await self.write(item)
        finally:
            self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        try:
            self.handled[99]
        except IndexError:
            work = await self._queue.get()
            with activate_request_context(work.context):
                item = work.payload
                await self.write(item)
        finally:
            self._queue.task_done()
""",
    ),
    Shape(
        "a case",
        """\
async def _drain(self):
    while True:
        match self._queue.maxsize:
            case 0:
                item = await self._queue.get()
                await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        match self._queue.maxsize:
            case 0:
                work = await self._queue.get()
                with activate_request_context(work.context):
                    item = work.payload
                    await self.write(item)
""",
    ),
    Shape(
        "errors, and a finally around both",
        """\
async def _drain(self):
    while True:
        try:
            item = await self._queue.get()
            if item is None:
                return
            await self.write(item)
        except ValueError:
            await self.write("sorry")
        finally:
            self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await self._queue.get()
            if work is None:
                return
            with activate_request_context(work.context):
                item = work.payload
                try:
                    await self.write(item)
                except ValueError:
                    await self.write("sorry")
        finally:
            self._queue.task_done()
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "errors that fall through",
        """\
def _drain(self):
    while True:
        try:
            item = self._queue.get(timeout=0.01)
            self.write(item)
        except queue.Empty:
            pass
        except ValueError:
            self.write("sorry")
""",
        """\
def _drain(self):
    while True:
        try:
            work = self._queue.get(timeout=0.01)
        except queue.Empty:
            pass
        else:
            with activate_request_context(work.context):
                item = work.payload
                try:
                    self.write(item)
                except queue.Empty:
                    pass
                except ValueError:
                    self.write("sorry")
""",
        thread=True,
    ),
    Shape(
        "errors around a frame",
        """\
async def _drain(self):
    while True:
        try:
            try:
                item = await asyncio.wait_for(self._queue.get(), timeout=0.05)
            except asyncio.TimeoutError:
                continue
            await self.write(item)
        except Exception:
            await self.write("sorry")
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await asyncio.wait_for(self._queue.get(), timeout=0.05)
        except asyncio.TimeoutError:
            continue
        with activate_request_context(work.context):
            item = work.payload
            try:
                await self.write(item)
            except Exception:
                await self.write("sorry")
""",
    ),
    Shape(
        "errors of an inline get",
        """\
async def _drain(self):
    while True:
        try:
            await self.write(await self._queue.get())
        except ValueError:
            await self.write("sorry")
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            try:
                await self.write(work.payload)
            except ValueError:
                await self.write("sorry")
""",
    ),
    Shape(
        "errors of an inline get, and a finally",
        """\
async def _drain(self):
    while True:
        try:
            await self.write(await self._queue.get())
        except ValueError:
            await self.write("sorry")
        finally:
            self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await self._queue.get()
            with activate_request_context(work.context):
                try:
                    await self.write(work.payload)
                except ValueError:
                    await self.write("sorry")
        finally:
            self._queue.task_done()
""",
    ),
    Shape(
        "put back",
        """\
async def _drain(self):
    tries = 0
    while True:
        item = await self._queue.get()
        tries += 1
        if tries == 1:
            await self._queue.put(item)
            continue
        await self.write(item)
""",
        """\
async def _drain(self):
    tries = 0
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            tries += 1
            if tries == 1:
                await self._queue.put(work)
                continue
            await self.write(item)
""",
    ),
    Shape(
        "early ways out",
        """\
async def _drain(self):
    work = 0
    while True:
        item = await self._queue.get()
        work += 1
        if item == "skip":
            continue
        for letter in item:
            if letter == "!":
                break
        else:
            await self.write(item)
""",
        """\
async def _drain(self):
    work = 0
    while True:
        work_item = await self._queue.get()
        with activate_request_context(work_item.context):
            item = work_item.payload
            work += 1
            if item == "skip":
                continue
            for letter in item:
                if letter == "!":
                    break
            else:
                await self.write(item)
""",
    ),
    Shape(
        "a nested function",
        """\
async def _drain(self):
    async def one():
        item = await self._queue.get()
        await self.write(item)

    while True:
        await one()
""",
        """\
async def _drain(self):
    async def one():
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)

    while True:
        await one()
""",
    ),
    Shape(
        "a drain behind it",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        await self.write(item)
        # and all the others
        while not self._queue.empty():
            await self.write(self._queue.get_nowait())
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
        # and all the others
        while not self._queue.empty():
            work = self._queue.get_nowait()
            with activate_request_context(work.context):
                await self.write(work.payload)
""",
    ),
    Shape(
        "used after the loop",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        if item == "last":
            break
        await self.write(item)
    return item
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            if item == "last":
                break
            await self.write(item)
    return item
""",
    ),
    Shape(
        "a batch",
        """\
async def _drain(self):
    while True:
        batch = [await self._queue.get()]
        while not self._queue.empty():
            batch.append(self._queue.get_nowait())
        for item in batch:
            await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        batch = [await self._queue.get()]
        while not self._queue.empty():
            batch.append(self._queue.get_nowait())
        for work in batch:
            with activate_request_context(work.context):
                item = work.payload
                await self.write(item)
""",
    ),
    Shape(
        "a batch made by a call, behind an error",
        """\
async def _drain(self):
    while True:
        try:
            self.handled[99]
        except IndexError:
            batch = list()
            while not batch or (len(batch) < 3 and not self._queue.empty()):
                batch.append(await self._queue.get())
            for item in batch:
                await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        try:
            self.handled[99]
        except IndexError:
            batch = list()
            while not batch or (len(batch) < 3 and not self._queue.empty()):
                batch.append(await self._queue.get())
            for work in batch:
                with activate_request_context(work.context):
                    item = work.payload
                    await self.write(item)
""",
    ),
    Shape(
        "a batch of pairs",
        """\
async def _drain(self):
    while True:
        batch = [await self._queue.get()]
        for letter, mark in batch:
            await self.write(letter + mark)
""",
        """\
async def _drain(self):
    while True:
        works = [await self._queue.get()]
        for shared, group in itertools.groupby(works, lambda work: work.context):
            with activate_request_context(shared):
                batch = [work.payload for work in group]
                for letter, mark in batch:
                    await self.write(letter + mark)
""",
        put='await self._queue.put((item, ""))',
    ),
    Shape(
        "a batch that is handled together",
        """\
async def _drain(self):
    while True:
        first = await self._queue.get()
        batch: list[str] = [first]
        while len(batch) < 3:
            try:
                batch.append(self._queue.get_nowait())
            except asyncio.QueueEmpty:
                break

        # All at once.
        written = [self.write(item) for item in batch]
        await asyncio.gather(*written, return_exceptions=True)
        for _ in batch:
            self._queue.task_done()
""",
        """\
async def _drain(self):
    while True:
        first = await self._queue.get()
        works: list[WorkItem[str]] = [first]
        while len(works) < 3:
            try:
                works.append(self._queue.get_nowait())
            except asyncio.QueueEmpty:
                break

        for shared, group in itertools.groupby(works, lambda work: work.context):
            with activate_request_context(shared):
                batch = [work.payload for work in group]
                # All at once.
                written = [self.write(item) for item in batch]
                await asyncio.gather(*written, return_exceptions=True)
                for _ in batch:
                    self._queue.task_done()
""",
    ),
    Shape(
        "a batch begun in the head of a loop",
        """\
async def _drain(self):
    while entry := await self._queue.get():
        try:
            entries = [entry]
            try:
                while entry := self._queue.get_nowait():
                    entries.append(entry)
            except asyncio.QueueEmpty:
                pass
            texts = [entry[0] for entry in entries]
            for text in texts:
                await self.write(text)
        finally:
            self._rounds = True
""",
        """\
async def _drain(self):
    while entry := await self._queue.get():
        try:
            works = [entry]
            try:
                while entry := self._queue.get_nowait():
                    works.append(entry)
            except asyncio.QueueEmpty:
                pass
            for shared, group in itertools.groupby(works, lambda work: work.context):
                with activate_request_context(shared):
                    entries = [work.payload for work in group]
                    texts = [entry[0] for entry in entries]
                    for text in texts:
                        await self.write(text)
        finally:
            self._rounds = True
""",
        put="await self._queue.put((item, 1))",
    ),
    Shape(
        "a batch begun in a head that asks for a sentinel",
        """\
async def _drain(self):
    while (item := await self._queue.get()) is not None:
        items = [item]
        await asyncio.gather(*map(self.write, items), return_exceptions=True)
""",
        """\
async def _drain(self):
    while (item := await self._queue.get()) is not None:
        works = [item]
        for shared, group in itertools.groupby(works, lambda work: work.context):
            with activate_request_context(shared):
                items = [work.payload for work in group]
                await asyncio.gather(*map(self.write, items), return_exceptions=True)
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "a batch that somebody else sees as well",
        """\
async def _drain(self):
    while True:
        batch = [await self._queue.get()]
        self._last = batch or None
        for item in batch:
            await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        works = [await self._queue.get()]
        for shared, group in itertools.groupby(works, lambda work: work.context):
            with activate_request_context(shared):
                batch = [work.payload for work in group]
                self._last = batch or None
                for item in batch:
                    await self.write(item)
""",
    ),
    Shape(
        "a batch of one",
        """\
async def _drain(self):
    while True:
        first = await self._queue.get()
        batch = [first]
        written = [self.write(item) for item in batch]
        await asyncio.gather(*written, return_exceptions=True)
""",
        """\
async def _drain(self):
    while True:
        first = await self._queue.get()
        works = [first]
        for shared, group in itertools.groupby(works, lambda work: work.context):
            with activate_request_context(shared):
                batch = [work.payload for work in group]
                written = [self.write(item) for item in batch]
                await asyncio.gather(*written, return_exceptions=True)
""",
    ),
    Shape(
        "a batch that may be empty",
        """\
def _drain(self):
    while True:
        batch: list[str] = []
        while len(batch) < 3:
            try:
                item = self._queue.get(timeout=0.01)
                batch.append(item)
            except queue.Empty:
                break
        if batch and all(isinstance(item, str) for item in batch):
            list(map(self.write, batch))
        # Whatever came:
        self._rounds = True
""",
        """\
def _drain(self):
    while True:
        works: list[WorkItem[str]] = []
        while len(works) < 3:
            try:
                item = self._queue.get(timeout=0.01)
                works.append(item)
            except queue.Empty:
                break
        for shared, group in itertools.groupby(works, lambda work: work.context):
            with activate_request_context(shared):
                batch = [work.payload for work in group]
                if batch and all(isinstance(item, str) for item in batch):
                    list(map(self.write, batch))
        # Whatever came:
        self._rounds = True
""",
        thread=True,
    ),
    Shape(
        "a batch of a thread, put together by appending",
        """\
def _drain(self):
    while True:
        batch = []
        batch.append(self._queue.get())
        while not self._queue.empty(): batch.append(self._queue.get())
        if len(batch) > 2:
            batch.sort()
        list(map(self.write, batch))
""",
        """\
def _drain(self):
    while True:
        works = []
        works.append(self._queue.get())
        while not self._queue.empty(): works.append(self._queue.get())
        for shared, group in itertools.groupby(works, lambda work: work.context):
            with activate_request_context(shared):
                batch = [work.payload for work in group]
                if len(batch) > 2:
                    batch.sort()
                list(map(self.write, batch))
""",
        thread=True,
    ),
    Shape(
        "a batch that is collected over rounds",
        """\
async def _drain(self):
    batch: list[str] = []
    while True:
        item = await self._queue.get()
        if item is None:
            break
        batch.append(item)
        if len(batch) > 1:
            for item in batch:
                await self.write(item)
            batch.clear()
""",
        """\
async def _drain(self):
    batch: list[WorkItem[str]] = []
    while True:
        item = await self._queue.get()
        if item is None:
            break
        batch.append(item)
        if len(batch) > 1:
            for work in batch:
                with activate_request_context(work.context):
                    item = work.payload
                    await self.write(item)
            batch.clear()
""",
        close="await self._queue.put(None)",
    ),
    Shape(
        "a thread of the loop",
        """\
async def _drain(self):
    while True:
        try:
            item = await asyncio.to_thread(self._queue.get, True, 0.05)
        except queue.Empty:
            continue
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        try:
            work = await asyncio.to_thread(self._queue.get, True, 0.05)
        except queue.Empty:
            continue
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
        queue="queue.SimpleQueue()",
        put="self._queue.put(item)",
    ),
    Shape(
        "a priority queue",
        """\
async def _drain(self):
    while True:
        priority, _, item = await self._queue.get()
        if item is None:
            break
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        priority, _, work = await self._queue.get()
        with activate_request_context(work.context):
            item = work.payload
            if item is None:
                break
            await self.write(item)
""",
        queue="asyncio.PriorityQueue()",
        put="await self._queue.put((1, next(self._numbers), item))",
        close="await self._queue.put((2, next(self._numbers), None))",
    ),
    Shape(
        "strings and comments",
        r'''
async def _drain(self):
    while True:
        item = await self._queue.get()  # taken
    # at the left
        text = """one
  two
        three"""
        text = f"""{
    text
}
  four"""
        text += (text,
    "x")[1]

        if text \
            and item:
            await self.write(item)
        # at the end
    # outside
''',
        r'''
async def _drain(self):
    while True:
        work = await self._queue.get()  # taken
        with activate_request_context(work.context):
            item = work.payload
        # at the left
            text = """one
  two
        three"""
            text = f"""{
    text
}
  four"""
            text += (text,
        "x")[1]

            if text \
                and item:
                await self.write(item)
            # at the end
    # outside
''',
    ),
    Shape(
        "f-strings of the sentinel",
        """\
async def _drain(self):
    while True:
        item = await self._queue.get()
        if item is None:
            print(f"{item!r} ends it")
            break
        await self.write(item)
""",
        """\
async def _drain(self):
    while True:
        work = await self._queue.get()
        if work is None:
            print(f"{work!r} ends it")
            break
        with activate_request_context(work.context):
            item = work.payload
            await self.write(item)
""",
        close="await self._queue.put(None)",
    ),
)
