"""Edits, their composition and the diff made of them, for any text."""

from __future__ import annotations

import subprocess
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctxlint.fixes.edits import Claims, Edit, Moves, composed, ordered, spliced
from ctxlint.reports.diff import unified

# Few characters, so that lines, repetitions and missing line ends come up often.
texts = st.lists(st.sampled_from([b"a", b"b", b"\n", b"x = 1\n", b"\r\n"]), max_size=12).map(
    b"".join
)


@st.composite
def edits_of(draw: st.DrawFn, source: bytes) -> list[Edit]:
    """Edits of a text that do not overlap; insertions may meet."""
    places = sorted(draw(st.lists(st.integers(0, len(source)), max_size=8)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return [Edit(start, end, draw(texts)) for start, end in pairs]


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    source = draw(texts)
    return source, draw(edits_of(source))


@given(edited())
def test_spliced_is_one_replacement_after_the_other(case: tuple[bytes, list[Edit]]) -> None:
    source, edits = case
    expected = source
    for edit in reversed(edits):
        expected = expected[: edit.start] + edit.text + expected[edit.end :]
    assert spliced(source, edits) == expected


def test_insertions_at_one_place_keep_their_order() -> None:
    assert spliced(b"ab", [Edit(1, 1, b"2"), Edit(0, 0, b"0"), Edit(1, 1, b"1")]) == b"0a21b"


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(0, 2, b""), Edit(1, 3, b"")],
        [Edit(0, 3, b""), Edit(1, 1, b"x")],
        [Edit(0, 1, b"x"), Edit(0, 1, b"x")],
        [Edit(2, 1, b"")],
    ],
)
def test_overlapping_edits_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        ordered(edits)


@given(st.data())
def test_composed_edits_do_what_both_do(data: st.DataObject) -> None:
    source = data.draw(texts)
    first = data.draw(edits_of(source))
    middle = spliced(source, first)
    second = data.draw(edits_of(middle))
    both = composed(first, second)
    assert spliced(source, both) == spliced(middle, second)
    # What leaves nothing between it is one edit.
    assert all(one.end < other.start for one, other in pairwise(both))


@example([[(13, 0), (13, 2)], [(14, 0)]])  # an insertion in front of what is replaced
@given(st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), max_size=3), max_size=8))
def test_claims_keep_edits_apart(groups: list[list[tuple[int, int]]]) -> None:
    claims = Claims()
    taken: list[Edit] = []
    for group in groups:
        try:
            edits = ordered(Edit(start, start + length, b"") for start, length in group)
        except ValueError:
            continue
        free = not any(touch(edit, other) for edit in edits for other in taken)
        assert claims.free(edits) is free
        if free:
            claims.take(edits)
            taken += edits
    ordered(taken)


def touch(one: Edit, other: Edit) -> bool:
    if one.start == other.start:
        return True
    return one.start < other.end and other.start < one.end


@given(edited())
def test_a_place_is_found_again(case: tuple[bytes, list[Edit]]) -> None:
    source, edits = case
    result = spliced(source, edits)
    moves = Moves(edits)
    for place in range(len(source)):
        low, high = moves.range_of(place, place)
        assert 0 <= low <= high <= len(result)
        if not any(edit.start <= place < edit.end for edit in edits):
            assert result[high : high + 1] == source[place : place + 1]


# --- diffs ---------------------------------------------------------------------------------------


def test_the_shape_of_a_diff() -> None:
    before = b"".join(b"line %d\n" % number for number in range(1, 31))
    edits = [
        Edit(0, 0, b"new\n"),
        Edit(7, 14, b""),
        Edit(before.index(b"20"), before.index(b"20") + 2, b"x"),
    ]
    assert b"".join(unified("a b/c.py", before, edits)).decode().splitlines() == [
        "--- a/a b/c.py\t",
        "+++ b/a b/c.py\t",
        "@@ -1,5 +1,5 @@",
        "+new",
        " line 1",
        "-line 2",
        " line 3",
        " line 4",
        " line 5",
        "@@ -17,7 +17,7 @@",
        " line 17",
        " line 18",
        " line 19",
        "-line 20",
        "+line x",
        " line 21",
        " line 22",
        " line 23",
    ]


def test_edits_that_change_nothing_have_no_diff() -> None:
    assert list(unified("a.py", b"a\nb\n", [Edit(0, 1, b"a"), Edit(2, 2, b"")])) == []
    assert list(unified("a.py", b"a\nb\n", [])) == []


@settings(max_examples=60, deadline=None)
@given(case=edited())
def test_git_and_patch_take_diffs(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[bytes, list[Edit]]
) -> None:
    source, edits = case
    result = spliced(source, edits)
    folder = tmp_path_factory.mktemp("diff")
    diff = b"".join(unified('ünï "code" x.py', source, edits))
    assert bool(diff) is (result != source)
    if not diff:
        return
    file = folder / 'ünï "code" x.py'
    file.write_bytes(source)
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=diff, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert (file.read_bytes() if file.exists() else b"") == result
    (folder / "plain.py").write_bytes(source)
    plain = b"".join(unified("plain.py", source, edits))
    done = subprocess.run(
        ["patch", "-p1", "--binary"], cwd=folder, input=plain, capture_output=True
    )
    assert done.returncode == 0, done.stdout
    assert ((folder / "plain.py").read_bytes() if (folder / "plain.py").exists() else b"") == result
