"""The checks of benchmarks/fixing.py and behaviour/ see what they are there to see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "behaviour")]  # scripts that import each other

import copies  # noqa: E402
import fixing  # noqa: E402
import run as behaviour  # noqa: E402
from copies import Found, Place, Remedy  # noqa: E402
from corpus_files import CorpusError  # noqa: E402
from interpreters import interpreters  # noqa: E402
from scoring import Label  # noqa: E402


def found(*lines: int, path: str = "a.py", title: str = "Start it") -> Found:
    """A finding whose fix names a place in each of these lines; it is reported in the first."""
    kind = "display" if "by hand" in title else "unsafe"
    places = tuple(Place(path, line) for line in lines)
    return Found("CTX101", "a.py", lines[0], f"line {lines[0]}", Remedy(kind, title, places))


BEFORE = b"""\
import a

queue = make(
    a,
)
other = 1


def f():
    one()
    two()


def g():
    three()
"""


def strays(old: bytes, new: bytes, *told: Found, directory: Path) -> list[str]:
    """The strays where this becomes that in the file above."""
    assert old in BEFORE
    texts = BEFORE, BEFORE.replace(old, new)
    extents = []
    for text in texts:
        (directory / "a.py").write_bytes(text)
        extents.append(copies.survey(directory, Path(sys.executable)).extents)
    before, after = ({"a.py": text} for text in texts)
    return copies.strays(before, after, told, *extents)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"one()", b"detached(one)"),
        (b"import a\n", b"import a\nfrom c import x\n"),
        (b"import a\n", b"import a\n\nfrom c import (\n    x,\n    y,\n)\n"),
        (b"    one()\n", b""),
    ],
)
def test_a_change_in_a_function_that_a_fix_names_is_no_stray(
    old: bytes, new: bytes, tmp_path: Path
) -> None:
    assert strays(old, new, found(11), directory=tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (b"three()", b"four()", "a.py:15"),
        (b"import a\n", b"import a\nx = 1\n", "a.py:2"),
        (b"\n\n\ndef g", b"\n\ndef g", "a.py:13"),
        (b"    a,\n", b"    b,\n", "a.py:4"),
    ],
)
def test_any_other_change_is_one(old: bytes, new: bytes, where: str, tmp_path: Path) -> None:
    assert strays(old, new, found(11), directory=tmp_path) == [where]


def test_every_place_of_a_fix_counts_and_none_of_another_file(tmp_path: Path) -> None:
    change = b"three()", b"four()"
    assert strays(*change, found(11, 15), directory=tmp_path) == []
    assert strays(*change, found(15, path="b.py"), directory=tmp_path) == ["a.py:15"]


def test_outside_of_functions_it_is_the_statement_that_counts(tmp_path: Path) -> None:
    assert strays(b"    a,\n", b"    b,\n", found(3), directory=tmp_path) == []
    assert strays(b"other = 1", b"other = 2", found(3), directory=tmp_path) == ["a.py:6"]


def test_lines_are_counted_as_python_does(tmp_path: Path) -> None:
    """Some bytes of UTF-8 end a line where each stands for a character."""
    old, new = "    one(' \x0c', '✅')".encode(), b"    one()"
    assert [each.first for each in copies.hunks(b"a\n" + old + b"\nb", b"a\n" + new + b"\nc")] == [
        2
    ]
    assert [each.first for each in copies.hunks(old + b"\nb", old + b"\nc")] == [2]


def test_files_that_come_and_go_are_strays() -> None:
    assert copies.strays({"a.py": b""}, {"b.py": b""}, [], {}, {}) == [
        "a.py: removed",
        "b.py: made",
    ]


def test_a_diff_is_applied_or_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"one\r\ntwo\r\n")
    diff = b"--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n one\r\n-two\r\n+three\r\n"
    copies.applied(diff, tmp_path)
    assert (tmp_path / "a.py").read_bytes() == b"one\r\nthree\r\n"
    with pytest.raises(CorpusError, match="cannot be applied"):
        copies.applied(diff, tmp_path)


GOOD = """\
@d
async def f():
    def g(): import x
class C:
    x: Queue[
        int] = 1
try: y = 2
finally:
    def h(): z = 3
"""


def test_what_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text("def f(:\n")
    (tmp_path / "return.py").write_text("return 1\n")
    seen = copies.survey(tmp_path, Path(sys.executable))
    assert seen.broken == {"bad.py", "return.py"}
    assert sorted(map(tuple, seen.extents["good.py"].functions)) == [(1, 3), (3, 3), (9, 9)]
    assert list(map(tuple, seen.extents["good.py"].imports)) == [(3, 3)]
    assert list(map(tuple, seen.extents["good.py"].statements)) == [(5, 6), (7, 7)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.py", "good.py", "return.py"]


def test_the_newest_interpreter_that_fits(tmp_path: Path) -> None:
    info = tmp_path / "p-1.dist-info"
    info.mkdir()
    minor = min(interpreters())[1]
    (info / "METADATA").write_text(f"Name: p\nRequires-Python: <3.{minor + 1}\n")
    assert copies.newest_interpreter(tmp_path) == interpreters()[3, minor]
    (info / "METADATA").write_text("Name: p\nRequires-Python: <3.0\n")
    with pytest.raises(CorpusError, match="no Python"):
        copies.newest_interpreter(tmp_path)


def test_reasons_are_grouped_whatever_the_names() -> None:
    titles = [
        "Put WorkItem(item) and activate its context in A._run(), by hand: A._run() takes two",
        "Put WorkItem(item) and activate its context in B._go(), by hand: B._go() takes two",
        "Start it, by hand: x/a.py:3 reaches self._queue",
        "Start it, by hand: b.py:30 reaches self._items",
    ]
    assert len({fixing._reason(each) for each in titles}) == 2


def test_targets_count_labelled_leaks(capsys: pytest.CaptureFixture[str]) -> None:
    labels = [
        Label("p", "1", "a.py", line, "TASK", verdict, "why")
        for line, verdict in ((1, "leak"), (11, "leak"), (21, "either"))
    ]
    every = [found(line) for line in (1, 11, 21)]
    half = fixing.Result("p-1", every, [every[0], every[2]], labels)
    assert half.converted(fixing.SPAWNS) == (1, 2)
    assert not fixing.show_targets([half])
    assert fixing.show_targets([fixing.Result("p-1", every, every, labels)])
    assert "MISSED" in capsys.readouterr().out


FIXES = {
    # What a fix does to a.py, by what it then ought to be blamed for.
    "nothing": 'Path("a.py").write_text(Path("b.txt").read_text())',
    "compiles no more": 'Path("a.py").write_text("def f(:")',
    "stray": 'Path("a.py").write_text("more()\\n" + Path("b.txt").read_text())',
    "second run changes": 'Path("a.py").write_text(Path("a.py").read_text() + "# again\\n")',
    "not fixed": "pass",
}


@pytest.mark.parametrize("fault", FIXES)
def test_faults_of_a_fix_are_seen(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that fixes well, or badly in one way, in the place of ctxlint."""
    before, after = "def f():\n    spawn(f)\n", "def f():\n    detached(f)\n"
    copy, patched = tmp_path / "copy", tmp_path / "patched"
    for directory in (copy, patched):
        directory.mkdir()
        (directory / "a.py").write_text(before)
        (directory / "b.txt").write_text(after)
    finding = {"code": "CTX101", "path": "a.py", "line": 2, "message": "m"}
    fix = {"applicability": "unsafe", "title": "t", "places": [{"path": "a.py", "line": 2}]}
    listed = json.dumps([{**finding, "fix": fix}])
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n def f():\n-    spawn(f)\n+    detached(f)\n"
    tool = tmp_path / "tool.py"
    tool.write_text(
        "import sys\nfrom pathlib import Path\n"
        f"if '--diff' in sys.argv:\n    sys.stdout.write({diff!r})\n"
        f"elif '--fix' in sys.argv:\n    {FIXES[fault]}\n"
        "if '--diff' not in sys.argv:\n"
        f"    print({listed!r} if 'spawn' in Path('a.py').read_text() else '[]')\n"
    )
    monkeypatch.setattr(
        fixing,
        "ctxlint",
        lambda directory, *flags: subprocess.run(
            [sys.executable, str(tool), *flags], cwd=directory, capture_output=True, check=True
        ),
    )
    result = fixing.Result("p-1")
    fixing._fix(result, copy, patched)
    assert bool(result.faults) == (fault != "nothing"), result.faults
    assert fault == "nothing" or any(fault in each for each in result.faults), result.faults


def outcome(verdict: str) -> behaviour.Outcome:
    return behaviour.Outcome(verdict, "what was seen")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "good"),
    [
        ("leaks", "right", True),
        ("right", "right", False),
        ("leaks", "leaks", False),
        ("neither", "right", False),
        ("leaks", "fails", False),
    ],
)
def test_a_scenario_has_to_show_the_leak_and_its_end(
    before: str, after: str, good: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    release = behaviour.RELEASES[0]
    result = behaviour.Result(release, release.scenarios[0], outcome(before), outcome(after))
    assert result.good == good
    behaviour.show([result])
    assert ("what was seen" in capsys.readouterr().out) != good


def test_scenarios_and_their_dependencies_are_there() -> None:
    there = {path.stem for path in (BENCHMARKS / "behaviour" / "scenarios").glob("*_*.py")}
    assert there == {scenario for each in behaviour.RELEASES for scenario in each.scenarios}
    pinned = {path.stem for path in (BENCHMARKS / "behaviour" / "requirements").glob("*.txt")}
    assert pinned == {each.package for each in behaviour.RELEASES}
    for path in (BENCHMARKS / "behaviour" / "requirements").glob("*.txt"):
        assert all("==" in line for line in path.read_text().splitlines())


def test_an_unknown_package_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert behaviour.main(["--package", "nothing-like-it"]) == 2
    assert "no scenario" in capsys.readouterr().err
