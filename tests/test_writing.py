"""Files are replaced as a whole, together or not at all, and stay what they were besides."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxlint import writing
from ctxlint.writing import (
    Change,
    NotWritten,
    check_replaceable,
    other_names,
    put,
    replace_together,
)

OLD, NEW = b"old\r\n", b"new, and longer\n"

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, owners and links of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one.py", "two.py", "three.py"):
        (tmp_path / name).write_bytes(OLD)
    return tmp_path


def change(path: Path, before: bytes = OLD) -> Change:
    return Change(path, before, NEW)


def texts(folder: Path) -> dict[str, bytes]:
    """All files, so that what is left lying about is seen as well."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_one_file(folder: Path) -> None:
    replace_together([change(folder / "one.py")])
    assert texts(folder) == {"one.py": NEW, "two.py": OLD, "three.py": OLD}


def test_a_group(folder: Path) -> None:
    replace_together([change(folder / "one.py"), change(folder / "two.py")])
    assert texts(folder) == {"one.py": NEW, "two.py": NEW, "three.py": OLD}


@posix
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o777, 0o4755, 0o660])
def test_mode_bits_stay(folder: Path, mode: int) -> None:
    path = folder / "one.py"
    path.chmod(mode)
    replace_together([change(path)])
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files")
def test_the_owner_stays(folder: Path) -> None:
    path = folder / "one.py"
    os.chown(path, 12345, 54321)
    replace_together([change(path)])
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_the_time_is_new(folder: Path) -> None:
    """A compiled file would else be taken for up to date."""
    path = folder / "one.py"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    replace_together([change(path)])
    assert path.stat().st_mtime > 1_500_000_000


@posix
def test_hard_links_are_counted_and_keep_the_old_text(folder: Path) -> None:
    path = folder / "one.py"
    os.link(path, folder / "other.py")
    assert other_names(path) == 1
    replace_together([change(path)])
    assert texts(folder)["one.py"] == NEW
    assert texts(folder)["other.py"] == OLD
    assert other_names(path) == other_names(folder / "gone.py") == 0


# --- what must not be replaced -------------------------------------------------------------------


def assert_refused(folder: Path, told: str, *changes: Change) -> NotWritten:
    before = texts(folder)
    with pytest.raises(NotWritten, match=told) as caught:
        replace_together(changes)
    assert texts(folder) == before
    return caught.value


def test_a_file_that_has_changed_meanwhile(folder: Path) -> None:
    (folder / "two.py").write_bytes(b"somebody's work\n")
    failure = assert_refused(
        folder, "changed on the disk", change(folder / "one.py"), change(folder / "two.py")
    )
    assert failure.path == folder / "two.py"
    assert failure.left == ()


def test_a_file_that_has_gone(folder: Path) -> None:
    assert_refused(folder, "no such file", change(folder / "one.py"), change(folder / "four.py"))


@posix
def test_a_read_only_file(folder: Path) -> None:
    """Its directory would allow to replace it; whoever made it read-only did not mean that."""
    (folder / "one.py").chmod(0o444)
    assert_refused(folder, "read-only", change(folder / "two.py"), change(folder / "one.py"))


def test_what_is_no_file(folder: Path) -> None:
    (folder / "one.py").unlink()
    (folder / "one.py").mkdir()
    with pytest.raises(NotWritten, match="no longer the regular file"):
        replace_together([change(folder / "one.py")])


@posix
def test_a_file_that_has_become_a_link(folder: Path) -> None:
    (folder / "one.py").unlink()
    (folder / "one.py").symlink_to(folder / "two.py")
    assert_refused(folder, "no longer the regular file", change(folder / "one.py"))
    assert (folder / "one.py").is_symlink()


@posix
def test_a_directory_that_has_become_a_link(tmp_path: Path) -> None:
    elsewhere, inside = tmp_path / "elsewhere", tmp_path / "inside"
    elsewhere.mkdir()
    (elsewhere / "one.py").write_bytes(OLD)
    inside.symlink_to(elsewhere)
    assert_refused(elsewhere, "no longer the regular file", change(inside / "one.py"))


# --- failures half way ---------------------------------------------------------------------------


def failing(
    monkeypatch: pytest.MonkeyPatch, name: str, fails: Callable[[str], bool], error: BaseException
) -> None:
    """Makes a function of `os` fail for paths for which `fails` is true."""
    real = getattr(os, name)

    def function(*arguments: object, **keywords: object) -> object:
        if fails(str(arguments[-1])):
            raise error
        return real(*arguments, **keywords)

    monkeypatch.setattr(writing.os, name, function)


def test_what_was_replaced_is_restored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "replace", lambda to: to.endswith("three.py"), OSError(28, "No space"))
    group = [change(folder / name) for name in ("one.py", "two.py", "three.py")]
    (folder / "one.py").chmod(0o755)
    failure = assert_refused(folder, "no space", *group)
    assert failure.left == ()
    assert stat.S_IMODE((folder / "one.py").stat().st_mode) == 0o755 or sys.platform == "win32"


def test_what_cannot_be_restored_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.replace, []

    def replace(source: str, target: Path) -> None:
        calls.append(target)
        if len(calls) > 1:
            raise OSError(30, "Read-only file system")
        real(source, target)

    monkeypatch.setattr(writing.os, "replace", replace)
    with pytest.raises(NotWritten, match="read-only file system") as caught:
        replace_together([change(folder / "one.py"), change(folder / "two.py")])
    assert caught.value.left == (folder / "one.py",)
    assert texts(folder) == {"one.py": NEW, "two.py": OLD, "three.py": OLD}


def test_interrupts_leave_nothing_half_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "replace", lambda to: to.endswith("two.py"), KeyboardInterrupt())
    before = texts(folder)
    with pytest.raises(KeyboardInterrupt):
        replace_together([change(folder / "one.py"), change(folder / "two.py")])
    assert texts(folder) == before


@pytest.mark.parametrize("name", ["fsync", "utime"])
def test_a_file_that_cannot_be_prepared(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    failing(monkeypatch, name, lambda _: True, OSError(5, "Input/output error"))
    assert_refused(folder, "input/output error", change(folder / "one.py"))


def test_a_directory_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(writing.os, "open", refuse)
        with pytest.raises(NotWritten, match="no file can be made beside it: permission"):
            replace_together([change(folder / "one.py")])
    assert texts(folder) == {"one.py": OLD, "two.py": OLD, "three.py": OLD}


@posix
def test_a_file_system_without_locks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    replace_together([change(folder / "one.py"), change(folder / "two.py")])
    assert texts(folder) == {"one.py": NEW, "two.py": NEW, "three.py": OLD}


def test_a_change_between_preparation_and_replacement(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor saves the second file while the first is being replaced."""
    real = os.replace

    def replace(source: str, target: Path) -> None:
        real(source, target)
        if target == folder / "one.py":
            (folder / "two.py").write_bytes(b"saved just now\n")

    monkeypatch.setattr(writing.os, "replace", replace)
    with pytest.raises(NotWritten, match="changed on the disk"):
        replace_together([change(folder / "one.py"), change(folder / "two.py")])
    assert texts(folder) == {"one.py": OLD, "two.py": b"saved just now\n", "three.py": OLD}


class TestPut:
    """A file that comes to be, or is replaced, whatever it held."""

    def test_a_new_one(self, folder: Path) -> None:
        put(folder / "report", NEW)
        assert texts(folder) == {
            "one.py": OLD,
            "two.py": OLD,
            "three.py": OLD,
            "report": NEW,
        }

    @posix
    def test_its_mode_is_what_the_user_wants_of_new_files(self, folder: Path) -> None:
        before = os.umask(0o027)
        try:
            put(folder / "report", NEW)
        finally:
            os.umask(before)
        assert stat.S_IMODE((folder / "report").stat().st_mode) == 0o640

    @posix
    def test_the_mode_of_an_old_one_stays(self, folder: Path) -> None:
        (folder / "one.py").chmod(0o604)
        put(folder / "one.py", NEW)
        assert stat.S_IMODE((folder / "one.py").stat().st_mode) == 0o604
        assert (folder / "one.py").read_bytes() == NEW

    @posix
    def test_links_are_followed(self, folder: Path) -> None:
        (folder / "link").symlink_to("one.py")
        (folder / "dangling").symlink_to("new.py")
        put(folder / "link", NEW)
        put(folder / "dangling", NEW)
        assert (folder / "link").is_symlink()
        assert (folder / "one.py").read_bytes() == (folder / "new.py").read_bytes() == NEW

    def test_if_it_fails_the_old_text_stays(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(writing.os, "fsync", full)
        with pytest.raises(NotWritten, match="no space left"):
            put(folder / "one.py", NEW)
        assert texts(folder) == {"one.py": OLD, "two.py": OLD, "three.py": OLD}

    def test_a_look_ahead_changes_nothing(self, folder: Path) -> None:
        check_replaceable(folder / "one.py")
        check_replaceable(folder / "new.py")
        assert texts(folder) == {"one.py": OLD, "two.py": OLD, "three.py": OLD}

    @pytest.mark.parametrize("name", [".", "no/new.py", "one.py/new.py"])
    def test_what_cannot_be(self, folder: Path, name: str) -> None:
        with pytest.raises(NotWritten):
            check_replaceable(folder / name)
        with pytest.raises(NotWritten):
            put(folder / name, NEW)
