"""Searching for uses of a word by what stands around it: too many may be found, never too few."""

from __future__ import annotations

import pytest

from ctxlint.program import searches
from ctxlint.program.sightings import clearers
from ctxlint.words import words_of


@pytest.mark.parametrize(
    ("text", "is_used"),
    [
        ("spawn()", True),
        ("x = spawn (y)", True),
        ("pool.submit(spawn, y)", True),
        ("pool.submit(\n    tasks.spawn,\n)", True),
        ("pool.submit(\n\n\n    spawn\n)", True),
        ("from tasks import spawn as start", True),
        ("@tasks.spawn\ndef f(): ...", True),
        ("getattr(tasks, 'spawn')", True),
        ("return spawn", True),
        ("HANDLERS = {'a': spawn}", True),
        ("def spawn(): ...", False),
        ("respawn()", False),
        ("spawn_all()", False),
        ("from tasks import spawn", False),
        ("# to spawn is", False),
        ("", False),
    ],
)
def test_functions(text: str, is_used: bool) -> None:
    assert searches.function("spawn")(text.encode()) is is_used


# In long texts, where each word stands is known: they are searched in another way.
MUCH = "x = 'some text'\n" * 10_000


def test_long_texts_are_searched_like_short_ones() -> None:
    part = "def spawn(): ...\nrespawn()\ny = spawn(1)\n"
    use, text = part.index("spawn(1)"), part + MUCH + part
    search = searches.function_in_text("spawn")
    for _ in range(80):  # after so many questions, all words of a text are found in one go
        assert list(search.starts(text)) == [use, len(part + MUCH) + use]
        assert list(search.starts(text, use + 1)) == [len(part + MUCH) + use]
        assert list(search.starts(text, 0, len(text) - len("(1)\n") - 1)) == [use]
        assert list(searches.function_in_text("spawned").starts(text)) == []


@pytest.mark.parametrize(
    ("text", "is_used"),
    [
        ("Store()", True),
        ("make(Store)", True),
        ("{'a': stores.Store}", True),
        ("import Store as S", True),
        ("x: Store", False),
        ("class Store:", False),
        ("isinstance(x, StoreBase)", False),
    ],
)
def test_classes(text: str, is_used: bool) -> None:
    assert searches.construction("Store")(text.encode()) is is_used


@pytest.mark.parametrize(
    ("text", "is_used"),
    [
        ("self.queue = Queue()", True),
        ("self.queue: Queue = Queue()", True),
        ("self.queue, self.task = make()", True),
        ("(\n    self.queue,\n    self.task,\n) = make()", True),
        ("with make() as self.queue:", True),
        ("self.queue.put(x)", False),
        ("self.queue == other", False),
        ("queue = Queue()", False),
    ],
)
def test_assigned_attributes(text: str, is_used: bool) -> None:
    assert ("queue" in searches.assigned_attributes(text, 0, len(text))) is is_used


@pytest.mark.parametrize(
    ("text", "is_used"),
    [
        ("self.jobs.put(x)", True),
        ("self.jobs\\\n    .put(x)", False),
        ("(self.jobs\n    .put_nowait(x))", True),
        ("run(self.jobs)", True),
        ("self.jobs = None", True),
        ("jobs.put(x)", False),
        ("self.jobs.get()", False),
        ("self.jobs_done.put(x)", False),
    ],
)
def test_queues(text: str, is_used: bool) -> None:
    methods = frozenset({"put", "put_nowait"})
    assert searches.queue_member("jobs", methods)(text.encode()) is is_used


def test_only_a_part_of_a_text_is_searched() -> None:
    text = "a.run()\nb.run()\n"
    run = searches.member("run")
    assert list(run.starts(text)) == [2, 10]
    assert list(run.starts(text, 8)) == [10]
    assert list(run.starts(text, 0, 8)) == [2]
    assert not run.search(text, 4, 8)


def test_any_word_that_begins_so() -> None:
    begins = searches.string_beginning("handle_event")
    assert begins.search('getattr(x, "handle_" + kind)')
    assert begins.search("getattr(x, f'han{kind}')")
    assert not begins.search("getattr(x, handle)")


def test_words() -> None:
    assert words_of("a.b2(_c)  # ünd 'd\\n'".encode()) == {
        b"a",
        b"b2",
        b"_c",
        "ünd".encode(),
        b"d",
        b"n",
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("put(x)", True),
        ("a.put_all(x); b.put", True),
        ("output(x)", False),
        ("put_all(x)", False),
        ("_put", False),
        ("get", True),
    ],
)
def test_any_name(text: str, found: bool) -> None:
    assert (searches.any_name(frozenset({"put", "get"})).search(text) is not None) is found


def test_none_of_no_names() -> None:
    assert searches.any_name(frozenset()).search("a(b)") is None
    assert searches.any_name(frozenset({"", "a(b", "*"})).search("a(b) ** * ") is None


def test_what_is_no_identifier_is_the_name_of_nothing() -> None:
    assert searches.any_name(frozenset({"", "a.b", "put"})).search("x.put(1)") is not None


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (b"def reset():\n    user.set(None)\n    tenant . set( {} )\n", ("reset",)),
        (b"def run(token):\n    return attach(token)\n", ("run",)),
        (b"def attach(context):\n    return context\n", ()),
        (b"def run():\n    reattach(token)\n", ()),
        (b"def run():\n    user.set(name)\n", ()),
        (b"user.set(None)\n\ndef run(): ...\n", ()),
        (b"def outer():\n    def inner():\n        user.set('')\n    attach(None)\n", ("inner",)),
    ],
)
def test_functions_that_clear_something(source: bytes, names: tuple[str, ...]) -> None:
    assert clearers(source) == names
