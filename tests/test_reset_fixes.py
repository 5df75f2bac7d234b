"""Fixes of what is not reset: their text, and that what they write resets whatever happens."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from pathlib import Path
from types import ModuleType

import pytest

from ctxlint import check
from ctxlint.fixing import FixReport, fix

HEAD = """\
import asyncio
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

user = ContextVar("user", default="nobody")


"""


def fixed(root: Path, body: str, *, unsafe: bool = True, head: str = HEAD) -> FixReport:
    (root / "program.py").write_bytes((head + textwrap.dedent(body)).encode())
    (root / "pyproject.toml").write_text("[tool.ctxlint]\n")
    return fix([root], unsafe=unsafe, write=False)


def text_of(report: FixReport, root: Path, head: str = HEAD) -> str:
    path = (root / "program.py").resolve()
    text = report.texts[path] if path in report.texts else path.read_bytes()
    return text.decode().removeprefix(head)


# --- the text --------------------------------------------------------------------------------

WRITTEN = {
    "a reset without a finally": (
        """\
        def handle(name, work):
            token = user.set(name)
            result = work()
            user.reset(token)
            return result
        """,
        """\
        def handle(name, work):
            token = user.set(name)
            try:
                result = work()
            finally:
                user.reset(token)
            return result
        """,
    ),
    "comments stay with their lines": (
        """\
        def handle(name, work):
            token = user.set(name)  # whose turn it is
            # now to work
            result = work()  # may fail

            # done
            user.reset(token)  # nobody's
            return result
        """,
        """\
        def handle(name, work):
            token = user.set(name)  # whose turn it is
            try:
                # now to work
                result = work()  # may fail

            finally:
                # done
                user.reset(token)  # nobody's
            return result
        """,
    ),
    "strings over several lines are not indented": (
        '''\
        def handle(name, work):
            token = user.set(name)
            work("""one
        two""")
            user.reset(token)
        ''',
        '''\
        def handle(name, work):
            token = user.set(name)
            try:
                work("""one
        two""")
            finally:
                user.reset(token)
        ''',
    ),
    "an await before the try": (
        """\
        async def handle(name, work):
            token = user.set(name)
            await asyncio.sleep(0)
            try:
                await work()
            finally:
                user.reset(token)
        """,
        """\
        async def handle(name, work):
            token = user.set(name)
            try:
                await asyncio.sleep(0)
                await work()
            finally:
                user.reset(token)
        """,
    ),
    "set to nothing": (
        """\
        def handle(name, work):
            user.set(name)
            work()
            user.set(None)
        """,
        """\
        def handle(name, work):
            user.set(name)
            try:
                work()
            finally:
                user.set(None)
        """,
    ),
    "a context manager": (
        """\
        @contextmanager
        def acting(name):
            token = user.set(name)
            yield name
            user.reset(token)
        """,
        """\
        @contextmanager
        def acting(name):
            token = user.set(name)
            try:
                yield name
            finally:
                user.reset(token)
        """,
    ),
    "a context manager that never resets": (
        """\
        @contextmanager
        def acting(name):
            user.set(name)
            yield name
        """,
        """\
        @contextmanager
        def acting(name):
            token = user.set(name)
            try:
                yield name
            finally:
                user.reset(token)
        """,
    ),
    "a name that is taken": (
        """\
        @contextmanager
        def acting(token, context_token):
            user.set(token)
            yield context_token
        """,
        """\
        @contextmanager
        def acting(token, context_token):
            reset_token = user.set(token)
            try:
                yield context_token
            finally:
                user.reset(reset_token)
        """,
    ),
    "a context manager that keeps the token for nobody": (
        """\
        @contextmanager
        def acting(name):
            before = user.set(name)
            yield name
        """,
        """\
        @contextmanager
        def acting(name):
            before = user.set(name)
            try:
                yield name
            finally:
                user.reset(before)
        """,
    ),
    "the loop of a worker": (
        """\
        async def consume(queue: asyncio.Queue):
            while True:
                job = await queue.get()
                token = user.set(job.user)
                await job.run()
                user.reset(token)
                queue.task_done()
        """,
        """\
        async def consume(queue: asyncio.Queue):
            while True:
                job = await queue.get()
                token = user.set(job.user)
                try:
                    await job.run()
                finally:
                    user.reset(token)
                queue.task_done()
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), WRITTEN.values(), ids=WRITTEN)
def test_what_fixes_write(tmp_path: Path, before: str, after: str) -> None:
    """Exactly this; nothing is left to report, and a second fix changes nothing."""
    assert text_of(fixed(tmp_path, before, unsafe=False), tmp_path) == textwrap.dedent(before)
    assert text_of(fixed(tmp_path, before), tmp_path) == textwrap.dedent(after)
    (tmp_path / "program.py").write_text(HEAD + textwrap.dedent(after))
    assert check([tmp_path]) == []
    assert fix([tmp_path], unsafe=True, write=False).texts == {}


def test_line_ends_and_tabs_stay(tmp_path: Path) -> None:
    body = "def handle(name, work):\n\ttoken = user.set(name)\n\twork()\n\tuser.reset(token)\n"
    report = fixed(tmp_path, body.replace("\n", "\r\n"), head=HEAD.replace("\n", "\r\n"))
    after = (
        "def handle(name, work):\n\ttoken = user.set(name)\n"
        "\ttry:\n\t\twork()\n\tfinally:\n\t\tuser.reset(token)\n"
    )
    assert text_of(report, tmp_path, HEAD.replace("\n", "\r\n")) == after.replace("\n", "\r\n")


def test_no_line_end_is_added_at_the_end_of_the_file(tmp_path: Path) -> None:
    body = "@contextmanager\ndef acting(name):\n    user.set(name)\n    yield name"
    assert text_of(fixed(tmp_path, body), tmp_path).endswith(
        "    try:\n        yield name\n    finally:\n        user.reset(token)"
    )


def test_the_reset_of_a_library_is_imported(tmp_path: Path) -> None:
    head = "from opentelemetry.context import attach\n\n\n"
    body = """\
    def traced(function):
        def wrapper(*args):
            attach(extract(args))
            return function(*args)

        return wrapper
    """
    text = text_of(fixed(tmp_path, body, head=head), tmp_path, "")
    assert "from opentelemetry.context import attach, detach\n" in text
    assert "        token = attach(extract(args))\n        try:\n" in text
    assert text.count("        finally:\n            detach(token)\n") == 1


BY_HAND = {
    "the token is kept in an object": """\
        class Acting:
            def __enter__(self):
                self.token = user.set("somebody")

            def __exit__(self, kind, error, trace):
                if kind is not None:
                    return False
                user.reset(self.token)
                return None
        """,
    "it is set for some items": """\
        async def consume(queue: asyncio.Queue):
            while True:
                job = await queue.get()
                if job.user:
                    user.set(job.user)
                await job.run()
        """,
    "what awaits stands in the finally": """\
        async def consume(queue: asyncio.Queue):
            while True:
                job = await queue.get()
                token = user.set(job.user)
                try:
                    await job.run()
                finally:
                    await job.close()
                    user.reset(token)
        """,
    "the reset is under a condition of its own": """\
        def handle(name, work):
            token = user.set(name)
            done = work()
            if done.token:
                user.reset(token)
            else:
                user.reset(token)
        """,
    "the try has handlers": """\
        async def handle(name, work):
            token = user.set(name)
            await work.begin()
            try:
                await work()
            except ValueError:
                print("failed")
            finally:
                user.reset(token)
        """,
    "several statements on a line": """\
        def handle(name, work):
            token = user.set(name); work(); user.reset(token)
        """,
}


SHARED_LINE = "several statements stand on one line"
SEVERAL_HEADS = "the head of the try holds more than that"
SENDING = "async def handle(name, work):\n    token = user.set(name)\n    await work.begin()\n"
IN_THE_WAY = {
    "a statement before the reset": (
        "def handle(name, work):\n    token = user.set(name)\n    work()\n"
        "    print(name); user.reset(token)\n",
        SHARED_LINE,
    ),
    "a statement behind the reset": (
        "def handle(name, work):\n    token = user.set(name)\n    work()\n"
        "    user.reset(token); print(name)\n",
        SHARED_LINE,
    ),
    "a function on one line": (
        "@contextmanager\ndef acting(name): user.set(name); yield\n",
        SHARED_LINE,
    ),
    "a comment behind the try": (
        SENDING
        + "    try:  # now\n        await work()\n    finally:\n        user.reset(token)\n",
        SEVERAL_HEADS,
    ),
    "a try on one line": (
        SENDING + "    try: await work()\n    finally:\n        user.reset(token)\n",
        SEVERAL_HEADS,
    ),
    "names that are all taken": (
        "@contextmanager\ndef acting(token, context_token, reset_token, previous_token):\n"
        "    user.set(token)\n    yield\n",
        "all names for the token are taken",
    ),
}


@pytest.mark.parametrize(("body", "reason"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_stands_in_the_way(tmp_path: Path, body: str, reason: str) -> None:
    report = fixed(tmp_path, body)
    assert report.texts == {}
    assert [each.reason for each in report.failures] == [reason]


@pytest.mark.parametrize("body", BY_HAND.values(), ids=BY_HAND)
def test_what_is_left_to_people(tmp_path: Path, body: str) -> None:
    report = fixed(tmp_path, body)
    assert report.texts == {}
    assert [finding.code for finding in report.remaining] == ["CTX401"]


MANAGER = """\
@contextmanager
def acting(name):
{}

def handle(name, work):
    with acting(name):
        work()
"""


def managing(body: str) -> str:
    """A context manager that does not take back what it sets."""
    return MANAGER.format(textwrap.indent(textwrap.dedent(body), "    "))


REASONS = {
    "it is set in one function and is to be taken back in another": """\
        def begin(name):
            user.set(name)

        def end():
            user.set(None)

        def handle(name, work):
            begin(name)
            work()
            end()
        """,
    "a generator may be closed in another context than it was begun in": """\
        def parts(name, work):
            token = user.set(name)
            yield work
            user.reset(token)
        """,
    "it is taken back in another block than it is set in": """\
        def handle(name, work):
            token = user.set(name)
            with work:
                work()
                user.reset(token)
        """,
    "it is taken back on some of the ways already": """\
        def handle(name, work):
            token = user.set(name)
            if work.empty:
                user.reset(token)
                return
            work()
            user.reset(token)
        """,
    "the reset uses names that are bound behind the set": """\
        def handle(name, work):
            before = user.get()
            user.set(name)
            before = work(before)
            user.set(before)
        """,
    "it is set under a condition": """\
        async def run(queue: asyncio.Queue):
            while True:
                job = await queue.get()
                if job.context:
                    attach(job.context)
                    await job.run()
        """,
    "nothing follows in its block: its callers have to take it back": """\
        async def run(queue: asyncio.Queue):
            while True:
                job = await queue.get()
                attach(job.context)
        """,
    "what it set has to be named": managing("bind_contextvars(name=name)\nyield name\n"),
    "the token is kept in an object": managing("tokens = [user.set(name)]\nyield tokens\n"),
}
WITHIN_ANOTHER = {
    "a head": """\
        def handle(name, work):
            if token := user.set(name):
                print(token)
            work()
            user.reset(token)
        """,
    "a tuple": managing("user.set(name), print(name)\nyield name\n"),
    "a condition": managing("token = user.set(name) if name else None\nyield token\n"),
}
NAMED_AGAIN = {
    "assigned": managing("token = user.set(name)\ntoken = yield token\n"),
    "in a loop": managing("token = user.set(name)\nfor token in name:\n    print(token)\nyield\n"),
    "in a with": managing("token = user.set(name)\nwith name as token:\n    yield\n"),
    "within an expression": managing("token = user.set(name)\nprint(token := name)\nyield\n"),
}


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        *REASONS.items(),
        *(("it is set within another statement", body) for body in WITHIN_ANOTHER.values()),
        *(("the name of the token is used again", body) for body in NAMED_AGAIN.values()),
    ],
)
def test_why_it_is_left(reason: str, body: str, tmp_path: Path) -> None:
    more = "from opentelemetry.context import attach\n"
    more += "from structlog.contextvars import bind_contextvars\n"
    report = fixed(tmp_path, body, head=more + HEAD)
    assert report.texts == {}
    (left,) = (each.fix for each in report.remaining if each.code == "CTX401")
    assert left is not None
    assert left.applicability == "display"
    assert left.title.endswith(f" in a finally, by hand: {reason}")


def test_a_with_between_set_and_reset(tmp_path: Path) -> None:
    """What it binds is no name of the reset: both go around it."""
    before = """\
        def handle(name, work):
            token = user.set(name)
            with work as opened:
                opened()
            user.reset(token)
        """
    assert text_of(fixed(tmp_path, before), tmp_path) == textwrap.dedent(
        """\
        def handle(name, work):
            token = user.set(name)
            try:
                with work as opened:
                    opened()
            finally:
                user.reset(token)
        """
    )


# --- what happens ----------------------------------------------------------------------------

PLAIN = {
    "wrapped": "a reset without a finally",
    "set to nothing": "set to nothing",
}
AWAITED = """\
async def handle(name, work):
    token = user.set(name)
    await work()
    user.reset(token)
"""
WIDENED = WRITTEN["an await before the try"][0].replace("asyncio.sleep(0)", "work()")
MANAGED = """\
@asynccontextmanager
async def acting(name):
    user.set(name)
    yield name


async def handle(name, work):
    async with acting(name):
        await work()
"""


def loaded(text: str) -> ModuleType:
    module = ModuleType("program")
    exec(compile(text, "program.py", "exec"), module.__dict__)
    return module


def both(root: Path, body: str) -> tuple[ModuleType, ModuleType]:
    """The program before and after its fix."""
    body = textwrap.dedent(body)
    return loaded(HEAD + body), loaded(HEAD + text_of(fixed(root, body), root))


def fails() -> None:
    raise LookupError


@pytest.mark.parametrize("name", PLAIN.values(), ids=PLAIN)
def test_an_exception_leaves_nothing_set(tmp_path: Path, name: str) -> None:
    def left(program: ModuleType, work: Callable[[], None]) -> object:
        with suppress(LookupError):
            program.handle("ann", work)
        return program.user.get()

    leaking, mended = both(tmp_path, WRITTEN[name][0])
    assert Context().run(left, leaking, fails) == "ann"
    assert Context().run(left, mended, fails) in ("nobody", None)
    assert Context().run(left, mended, lambda: None) in ("nobody", None)


async def fails_later() -> None:
    await asyncio.sleep(0)
    raise LookupError


async def waits() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("work", [fails_later, waits])
@pytest.mark.parametrize("body", [AWAITED, WIDENED, MANAGED], ids=["wrapped", "widened", "added"])
def test_failures_and_cancellation_leave_nothing_set(
    tmp_path: Path, body: str, work: Callable[[], Awaitable[None]]
) -> None:
    async def left(program: ModuleType) -> object:
        try:
            async with asyncio.timeout(0.01):
                await program.handle("ann", work)
        except (LookupError, TimeoutError):
            pass
        return program.user.get()

    leaking, mended = both(tmp_path, body)
    assert asyncio.run(left(leaking)) == "ann"
    assert asyncio.run(left(mended)) == "nobody"
