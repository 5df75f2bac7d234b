"""A fix of several files that is killed at any step: each file is the old or the new one, and what
is half done is seen, told and mended by the next run."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from editor import editing
from unmeasured import unmeasured

from ctxlint import journal, recovery
from ctxlint.digests import digest
from ctxlint.recovery import broken_off, recover
from ctxlint.writing import Change, NotWritten, replace_together

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills processes as POSIX does")

OLD, NEW = b"# old\n", b"# new, and longer\n"
NAMES = ("a.py", "b.py", "c.py")

# Every line of these modules is a step; a process is forked for each, and killed before it.
KILLER = """
import json, os, signal, sys
from pathlib import Path
from ctxlint import journal, recovery, writing

STEPS = {module.__file__ for module in (journal, recovery, writing)}
OLD, NEW = b"# old\\n", b"# new, and longer\\n"

def killed(step, act):
    '''Whether a process doing something was killed before its nth line.'''
    child = os.fork()
    if not child:
        left = [step]
        def line(frame, event, argument):
            if frame.f_code.co_filename in STEPS:
                if event == "line":
                    left[0] -= 1
                    if not left[0]:
                        os.kill(os.getpid(), signal.SIGKILL)
                return line
        sys.settrace(line)
        act()
        sys.settrace(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)

def state(root):
    return {path.name: path.read_bytes().decode("latin-1") for path in sorted(root.iterdir())}

def replace(root, names):
    changes = [writing.Change(root / name, OLD, NEW) for name in names]
    writing.replace_together(changes, root)

def fresh(root, names):
    root.mkdir()
    for name in names:
        (root / name).write_bytes(OLD)
    return root

def story(root):
    '''What lies there, what is said of it, what is done about it, and what lies there then.'''
    before = state(root)
    said = recovery.broken_off(root)
    looked = state(root)
    done = recovery.recover(root)
    return [before, looked == before, bool(said), done and done.state, state(root)]

def replacing(top, names):
    step = 0
    while True:
        step += 1
        root = fresh(top / str(step), names)
        if not killed(step, lambda: replace(root, names)):
            return
        yield story(root)

def recovering(top, names, moved):
    '''Killed between two files; whoever mends that is killed, too, before each of its lines.'''
    step = 0
    while True:
        step += 1
        root = fresh(top / str(step), names)
        real, calls = os.replace, []
        def some(source, target):
            if len(calls) == moved:
                os.kill(os.getpid(), signal.SIGKILL)
            calls.append(target)
            real(source, target)
        os.replace = some
        killed(10**9, lambda: replace(root, names))
        os.replace = real
        if not killed(step, lambda: recovery.recover(root)):
            return
        yield story(root)

top, kind, *names = sys.argv[1:]
told = replacing(Path(top), names) if kind == "replace" else recovering(Path(top), names, int(kind))
json.dump(list(told), sys.stdout)
"""


def stories(
    top: Path, kind: str, *names: str
) -> list[tuple[dict[str, str], bool, bool, str, dict[str, str]]]:
    run = [sys.executable, "-c", KILLER, str(top), kind, *names]
    done = subprocess.run(run, stdout=subprocess.PIPE, timeout=300, check=True, env=unmeasured())
    told: list[tuple[dict[str, str], bool, bool, str, dict[str, str]]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("names", [NAMES[:1], NAMES[:2], NAMES], ids=len)
def test_killed_at_every_step(names: tuple[str, ...], tmp_path: Path) -> None:
    found = stories(tmp_path, "replace", *names)
    assert len(found) > 60
    outcomes = set()
    for before, untouched, said, outcome, after in found:
        texts = {before[name].encode() for name in names}
        assert texts <= {OLD, NEW}
        assert untouched, "who only looks writes nothing"
        assert said == (len(texts) == 2), "a change that is half written is told, and no other"
        assert outcome == ("finished" if said else None)
        assert sorted(after) == sorted(names), "nothing is left lying about"
        assert len(set(after.values())) == 1, "all of it, or nothing"
        outcomes.add(outcome)
    assert ("finished" in outcomes) == (len(names) > 1)


@pytest.mark.parametrize("moved", ["1", "2"])
def test_whoever_mends_it_may_be_killed_as_well(moved: str, tmp_path: Path) -> None:
    found = stories(tmp_path, moved, *NAMES)
    assert len(found) > 40
    for before, _, _, _, after in found:
        assert {before[name].encode() for name in NAMES} <= {OLD, NEW}
        assert after == dict.fromkeys(NAMES, NEW.decode())


# --- what is mended, and what is not -------------------------------------------------------------


HALVES = """
import os, sys
from pathlib import Path
from ctxlint import writing

root, *names = sys.argv[1:]
real = os.replace

def replace(source, target):
    if Path(target).name == names[-1]:
        os._exit(9)
    real(source, target)

os.replace = replace
changes = [writing.Change(Path(root, name), b"# old\\n", b"# new, and longer\\n") for name in names]
writing.replace_together(changes, Path(root))
"""


def half_written(root: Path, *names: str) -> None:
    """A project in which a process was killed before it could replace the last of some files."""
    done = subprocess.run([sys.executable, "-c", HALVES, str(root), *names], timeout=60)
    assert done.returncode == 9


def change(path: Path) -> Change:
    return Change(path, OLD, NEW)


def texts(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_bytes(OLD)
    return tmp_path


def test_what_was_begun_is_finished(root: Path) -> None:
    half_written(root, "a.py", "b.py")
    assert texts(root)["a.py"] == NEW
    assert texts(root)["b.py"] == OLD
    assert broken_off(root) == recovery.BrokenOff(root, ("a.py",), ("b.py",), "unfinished")
    assert recover(root) == recovery.BrokenOff(root, ("a.py",), ("b.py",), "finished")
    assert texts(root) == {"a.py": NEW, "b.py": NEW, "c.py": OLD}
    assert broken_off(root) is recover(root) is None


def test_where_the_other_file_has_been_edited_since_it_is_taken_back(root: Path) -> None:
    half_written(root, "a.py", "b.py")
    (root / "b.py").write_bytes(b"edited\n")
    done = recover(root)
    assert done is not None
    assert done.state == "undone"
    assert texts(root) == {"a.py": OLD, "b.py": b"edited\n", "c.py": OLD}


def test_an_edit_of_what_is_new_already_is_kept(root: Path) -> None:
    half_written(root, "a.py", "b.py")
    (root / "a.py").write_bytes(b"edited\n")
    done = recover(root)
    assert done is not None
    assert done.state == "finished"
    assert texts(root) == {"a.py": b"edited\n", "b.py": NEW, "c.py": OLD}


def test_where_both_have_been_edited_nothing_is_touched_until_somebody_has_looked(
    root: Path,
) -> None:
    half_written(root, "a.py", "b.py")
    for name in ("a.py", "b.py"):
        (root / name).write_bytes(b"edited\n")
    before = texts(root)
    done = recover(root)
    assert done is not None
    assert done.state == "unfinished"
    with pytest.raises(NotWritten, match="half written"):
        replace_together([change(root / "c.py")], root)
    assert texts(root) == before
    (root / journal.NAME).unlink()
    replace_together([change(root / "c.py")], root)
    assert texts(root)["c.py"] == NEW


def test_who_writes_is_not_disturbed(root: Path) -> None:
    """While one writes, another sees nothing that was broken off, and waits for its turn."""
    with recovery.opened(root, [(root / "a.py", OLD, NEW), (root / "b.py", OLD, NEW)]) as mine:
        (mine.note.old(root, 0)).write_bytes(OLD)
        mine.moving()
        assert broken_off(root) is None
        with pytest.raises(BlockingIOError), journal.locked(root, 0.05):
            pass
        mine.note.old(root, 0).unlink()
        mine.over()
    assert texts(root) == dict.fromkeys(NAMES, OLD)


@pytest.mark.skipif(
    os.geteuid() != 0 if hasattr(os, "geteuid") else True, reason="gives files away"
)
def test_a_journal_of_somebody_else_is_not_believed(root: Path) -> None:
    half_written(root, "a.py", "b.py")
    os.chown(root / journal.NAME, 12345, 12345)
    before = texts(root)
    assert broken_off(root) is recover(root) is None
    with pytest.raises(NotWritten, match="somebody else's"):
        replace_together([change(root / "b.py"), change(root / "c.py")], root)
    assert texts(root) == before
    replace_together([change(root / "c.py")], root)  # which needs none
    assert texts(root)["c.py"] == NEW


FULL = """
import resource, sys
from pathlib import Path
from ctxlint import writing

root = Path(sys.argv[1])
paths = [root / name for name in ("a.py", "b.py")]
for limit in range(0, 400, 9):
    old = [path.read_bytes() for path in paths]
    changes = [writing.Change(*each, b"# more %d " % limit * 20) for each in zip(paths, old)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        writing.replace_together(changes, root)
    except writing.NotWritten:
        assert [path.read_bytes() for path in paths] == old
        print("refused")
    else:
        print("written")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    assert sorted(path.name for path in root.iterdir()) == ["a.py", "b.py", "c.py"]
"""


def test_a_disk_that_is_full_at_any_byte(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(root)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {"refused", "written"}


# --- what users see ------------------------------------------------------------------------------


def ctxlint(root: Path, *arguments: str) -> tuple[int, list[str]]:
    run = [sys.executable, "-m", "ctxlint", "--isolated", "--no-cache", *arguments]
    done = subprocess.run(run, cwd=root, capture_output=True, text=True, timeout=60)
    return done.returncode, [each for each in done.stderr.splitlines() if "ctxlint: " in each]


def test_a_check_says_so_and_the_next_fix_finishes_it(root: Path) -> None:
    half_written(root, "a.py", "b.py")
    told = (
        "ctxlint: error: b.py: an earlier --fix was broken off: a.py has its new text, and b.py "
        "has not; `ctxlint --fix` here finishes that or takes it back"
    )
    for arguments in ((), ("--diff",), ("--quiet",), ("--output-format", "json"), ("c.py",)):
        assert ctxlint(root, *arguments) == (2, [told])
    code, lines = ctxlint(root, "--fix")
    assert (code, lines) == (
        0,
        [
            "ctxlint: note: b.py: an earlier --fix was broken off and is finished now: "
            "b.py has its new text"
        ],
    )
    assert texts(root) == {"a.py": NEW, "b.py": NEW, "c.py": OLD}
    assert ctxlint(root) == (0, [])


def test_what_cannot_be_mended_is_left_to_the_user(root: Path) -> None:
    half_written(root, "a.py", "b.py")
    for name in ("a.py", "b.py"):
        (root / name).write_bytes(b"edited = 1\n")
    code, [line] = ctxlint(root, "--fix")
    assert code == 2
    assert "bring them together by hand" in line
    assert ".ctxlint_unfinished" in line


# --- a journal that a stranger wrote -------------------------------------------------------------

TOKEN = "0123456789abcdef"


def hostile(root: Path, *paths: str, token: str = TOKEN) -> journal.Note:
    """A project that brings along a journal, and all files for it to be believed."""
    members = tuple(
        journal.Member(os.fsencode(path), digest(OLD), digest(b"evil\n")) for path in paths
    )
    note = journal.Note(token, members)
    content = msgspec.msgpack.encode(note)
    (root / journal.NAME).write_bytes(journal.MOVING + digest(content) + content)
    return note


def test_it_names_no_file_outside_the_project(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    for folder in (root, outside):
        folder.mkdir()
        for name in ("a.py", "b.py"):
            (folder / name).write_bytes(OLD)
    (root / "link").symlink_to(outside)
    before = texts(outside)
    for prefix in ("../outside/", f"{outside}/", "link/", "link/../../outside/"):
        note = hostile(root, "a.py", f"{prefix}b.py")
        (root / f".ctxlint-{TOKEN}-0-old.tmp").write_bytes(OLD)
        beside = outside / f".ctxlint-{TOKEN}-1-new.tmp"
        beside.write_bytes(b"evil\n")
        recover(root)
        assert note.members
        assert texts(outside) == {**before, beside.name: b"evil\n"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"M",
        b"\xff" * 5_000,
        *(
            journal.MOVING + digest(content) + content
            for content in (b"", b"\x91" * 90_000, b"\xdf\xff\xff\xff\xff", b"\x92\xa1x\x90")
        ),
    ],
    ids=range(7),
)
def test_nonsense_is_cleared_away(data: bytes, root: Path) -> None:
    (root / journal.NAME).write_bytes(data)
    assert broken_off(root) is None
    assert recover(root) is None
    assert texts(root) == dict.fromkeys(NAMES, OLD)


@pytest.mark.parametrize("token", ["../../x", "", "0123456789ABCDEF", "0" * 400])
def test_its_word_is_no_path(token: str, root: Path) -> None:
    hostile(root, "a.py", "b.py", token=token)
    assert recover(root) is None
    assert texts(root) == dict.fromkeys(NAMES, OLD)


def test_a_link_in_the_place_of_the_journal_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"mine\n")
    (root / journal.NAME).symlink_to(tmp_path / "precious")
    assert broken_off(root) is recover(root) is None
    with pytest.raises(NotWritten):
        replace_together([change(root / "a.py"), change(root / "b.py")], root)
    assert (tmp_path / "precious").read_bytes() == b"mine\n"
    assert texts(root)["a.py"] == OLD


def by_flake8(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    config = "[flake8]\nselect = CTX\n"
    if not importlib.metadata.entry_points(group="flake8.extension", name="CTX"):
        config += "[flake8:local-plugins]\nextension =\n    CTX = ctxlint.flake8:Plugin\n"
    (root / ".flake8").write_text(config)
    return subprocess.run(
        [sys.executable, "-m", "flake8", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(recovery.__file__).parents[1])},
        input="x = 1\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("arguments", [["-j1"], ["-j2"], ["--stdin-display-name", "c.py", "-"]])
def test_flake8_tells_of_it_once_and_mends_nothing(arguments: list[str], root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool.ctxlint]\n")
    half_written(root, "a.py", "b.py")
    before = texts(root)
    done = by_flake8(root, *arguments)
    (told,) = done.stderr.splitlines()
    assert told == (
        f"ctxlint: {root / 'b.py'}: an earlier --fix was broken off: a.py has its new text, and "
        "b.py has not; `ctxlint --fix` here finishes that or takes it back"
    )
    assert done.returncode == 0
    assert {name: texts(root)[name] for name in before} == before
    recover(root)
    assert by_flake8(root, *arguments).stderr == ""


def test_the_language_server_tells_of_it_until_it_is_mended(root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool.ctxlint]\n")
    half_written(root, "a.py", "b.py")
    before = texts(root)

    async def scenario() -> None:
        async with editing(root) as editor:
            editor.open(root / "c.py")
            assert await editor.codes(root / "c.py") == []
            await editor.until(lambda: len(editor.messages) == 1)
            assert "a.py has its new text, and b.py has not; `ctxlint --fix`" in editor.messages[0]
            assert texts(root) == before
            editor.change(root / "c.py", "x = 1\n")
            assert await editor.codes(root / "c.py") == []
            recover(root)
            editor.change(root / "c.py", "x = 2\n")
            assert await editor.codes(root / "c.py") == []
            assert len(editor.messages) == 1

    asyncio.run(scenario())


def test_a_pipe_in_the_place_of_the_note_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / journal.NAME)
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", "."], cwd=root, capture_output=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (0, b"")
