"""Which files are found, what is said of paths that are none, and searching their bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from ctxlint.layout import project_root
from ctxlint.lookup import LOOKUP
from ctxlint.program.searches import attribute, definition
from ctxlint.questions import question
from ctxlint.selection import printable, select
from ctxlint.settings import Settings
from ctxlint.sources import Sources, gather


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def found(root: Path, *paths: str, settings: Settings | None = None) -> list[str]:
    """The selected files, relative to the root."""
    chosen = select([root / path for path in paths or (".",)], settings or Settings(), root)
    return [path.relative_to(root).as_posix() for path in chosen.files]


# project root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "a/b/c"),
        ({"a/pyproject.toml": ""}, "a"),
        ({"a/pyproject.toml": "", "a/b/pyproject.toml": ""}, "a/b"),
        ({"a/.git/HEAD": "", "a/b/pyproject.toml": ""}, "a"),
        ({"pyproject.toml": "[tool.ctxlint]", "a/pyproject.toml": "", "a/b/x": ""}, ""),
        ({"pyproject.toml": "[tool.ctxlint]", "a/.git/HEAD": ""}, "a"),
        ({"a/.git": "gitdir: elsewhere"}, "a"),
        ({"a/.git/HEAD": "", "a/b/pyproject.toml": "[tool.ctxlint.per-file-ignores]"}, "a/b"),
        ({"a/.git/HEAD": "", "a/b/pyproject.toml": "# broken ["}, "a"),
        ({"a/.git/HEAD": "", "a/b/pyproject.toml": "["}, "a/b"),
    ],
)
def test_project_root(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    write(tmp_path, {"a/b/c/module.py": "", **files})
    assert project_root(tmp_path / "a/b/c") == tmp_path / expected
    assert project_root(tmp_path / "a/b/c/module.py") == tmp_path / expected
    assert project_root(tmp_path / "a/b/c/not-there.py") == tmp_path / expected


# which files


def test_finds_python_files_sorted_and_once(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(["b.py", "a/z.py", "a.py", "c.pyi", "d.txt", "e.pyc"], ""))
    assert found(tmp_path, ".", "a", "a.py") == ["a.py", "a/z.py", "b.py"]


def test_named_files_are_taken_whatever_they_are(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*", "a.py": "", "script": "", "stub.pyi": ""})
    assert found(tmp_path, "a.py", "script", "stub.pyi") == ["a.py", "script"]


def test_stubs_and_notebooks_are_refused_where_they_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "stub.pyi": "", "book.IPYNB": "{}"})
    paths = [tmp_path / name for name in ("a.py", "stub.pyi", "book.IPYNB")]
    stub, book = select(paths, Settings(), tmp_path).problems
    assert (stub.note, stub.fatal, book.note, book.fatal) == (True, False, False, True)
    assert select([tmp_path], Settings(), tmp_path).problems == ()


def test_a_file_outside_of_all_projects_brings_along_what_it_can_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ["x.py", "beside.py", "package/__init__.py", "package/m.py", "downloads/far/a.py"]
    write(tmp_path, dict.fromkeys(files, ""))

    def gathered() -> list[str]:
        sources = gather(tmp_path, Settings(), also=[tmp_path / "x.py"])
        return [path.relative_to(tmp_path).as_posix() for path in sources.files]

    near = ["beside.py", "package/__init__.py", "package/m.py", "x.py"]
    assert gathered() == near
    write(tmp_path, {".git/HEAD": ""})
    assert gathered() == sorted(files)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)  # someone who keeps all of it in git
    assert gathered() == near
    write(tmp_path, {"pyproject.toml": ""})
    assert gathered() == sorted(files)
    assert found(tmp_path, ".") == sorted(files)  # what is named is reported on


def test_named_directories_are_searched_though_ignored(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "gen/\n*_pb2.py\n", "gen/deep/a.py": "", "gen/b_pb2.py": ""})
    assert found(tmp_path) == []
    assert found(tmp_path, "gen") == ["gen/deep/a.py"]
    assert found(tmp_path, "gen/deep") == ["gen/deep/a.py"]


@pytest.mark.filterwarnings("error")
def test_patterns_that_are_no_expressions_say_nothing(tmp_path: Path) -> None:
    lines = "[z-a]\n[z-a].py\n[[:alpha:]]x\n[a||b]\ngone.py\n"
    write(tmp_path, {".gitignore": lines, "a.py": "", "gone.py": ""})
    assert found(tmp_path) == ["a.py"]


def test_ignore_files(tmp_path: Path) -> None:
    files = ["keep.py", "no.py", "sub/no.py", "sub/yes.py", "sub/deep/only.py", "anchored/x.py"]
    write(tmp_path, dict.fromkeys([*files, "sub/anchored/x.py"], ""))
    write(tmp_path, {".gitignore": "no.py\n/anchored/\n[\n", "sub/.gitignore": "!no.py\ndeep/*\n"})
    assert found(tmp_path) == ["keep.py", "sub/anchored/x.py", "sub/no.py", "sub/yes.py"]
    assert found(tmp_path, "sub") == ["sub/anchored/x.py", "sub/no.py", "sub/yes.py"]


def test_ignore_files_above_the_root_count_within_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "x.py", "repo/.git/info/exclude": "private.py"})
    write(tmp_path / "repo", {".gitignore": "gen.py", "p/gen.py": "", "p/x.py": ""})
    write(tmp_path / "repo", {"private.py": "", "p/private.py": ""})
    assert found(tmp_path / "repo/p") == ["x.py"]
    assert found(tmp_path / "repo") == ["p/x.py"]


IGNORE_LINES = """
# comment
*.gen.py
!keep.gen.py
/top.py
docs/**/conf.py
**/cache
out/
a/b
tem[pq].py
\\#hash.py
!/out/
lib/*
!lib/mine
deep/**
!deep/x.gen.py
**/nested/
x?z.py
 spaced.py
trailing.py\x20\x20
"""


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git")
def test_ignore_files_mean_what_they_mean_to_git(tmp_path: Path) -> None:
    directories = ["", "docs/", "docs/x/", "cache/", "p/cache/", "out/", "p/out/", "a/b/", "p/a/b/"]
    directories += ["lib/", "lib/mine/", "lib/other/", "deep/", "deep/er/", "x/nested/y/"]
    names = ["m.py", "x.gen.py", "keep.gen.py", "top.py", "conf.py", "temp.py", "#hash.py"]
    names += ["xyz.py", "spaced.py", " spaced.py", "trailing.py"]
    write(tmp_path, {directory + name: "" for directory in directories for name in names})
    write(tmp_path, {".gitignore": IGNORE_LINES, "p/.gitignore": "!top.py\n*.gen.py\n!cache\n"})
    write(tmp_path / "x", {"nested/.gitignore": "!*", ".gitignore": "**\n!*.py\n!y"})
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    listing = ["git", "-C", tmp_path, "ls-files", "-z", "-o", "--exclude-standard", "*.py"]
    output = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    assert found(tmp_path) == sorted(filter(None, output.split("\0")))


def test_exclude_and_extend_exclude(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(["a.py", "legacy/b.py", "p/x_pb2.py", ".venv/c.py"], ""))
    assert found(tmp_path) == ["a.py", "legacy/b.py", "p/x_pb2.py"]
    settings = Settings(extend_exclude=("/legacy", "*_pb2.py"))
    assert found(tmp_path, settings=settings) == ["a.py"]
    settings = Settings(exclude=("p",))
    assert found(tmp_path, settings=settings) == [".venv/c.py", "a.py", "legacy/b.py"]


def test_exclude_is_relative_to_the_pyproject(tmp_path: Path) -> None:
    table = '[tool.ctxlint]\nexclude = ["/src/gen"]\n'
    write(
        tmp_path,
        {"pyproject.toml": table, "src/gen/a.py": "", "src/b.py": "", "src/src/gen/c.py": ""},
    )
    settings = LOOKUP.load(tmp_path / "src")
    assert found(tmp_path, "src", settings=settings) == ["src/b.py", "src/src/gen/c.py"]


def test_default_exclude_counts_outside_the_root_too(tmp_path: Path) -> None:
    write(tmp_path, {"project/a.py": "", "other/b.py": "", "other/.tox/c.py": ""})
    chosen = select([tmp_path / "other"], Settings(), tmp_path / "project")
    assert chosen.files == (tmp_path / "other/b.py",)


@pytest.mark.parametrize(
    "name", ["build/lib/m.py", "dist/m.py", "env/lib/m.py", "a/node_modules/m.py"]
)
def test_no_sources_of_the_project_itself(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"m.py": "", name: "", "env/pyvenv.cfg": "", "pkg/build/__init__.py": ""})
    assert found(tmp_path) == ["m.py", "pkg/build/__init__.py"]
    assert name in found(tmp_path, name.rpartition("/")[0])


# links and what is no file


def test_links(tmp_path: Path) -> None:
    project = write(tmp_path / "project", {"real.py": "", "pkg/m.py": ""})
    write(tmp_path / "outside", {"o.py": ""})
    for name, target in {
        "same.py": "real.py",
        "dangling.py": "nowhere",
        "loop.py": "loop.py",
        "pkg/up": "..",
        "elsewhere": "../outside",
    }.items():
        (project / name).symlink_to(target)
    assert found(project) == ["pkg/m.py", "real.py"]
    assert found(project, "same.py") == ["real.py"]
    assert select([project / "elsewhere"], Settings(), project).files == (
        tmp_path / "outside/o.py",
    )


def test_directories_and_pipes_named_like_modules(tmp_path: Path) -> None:
    write(tmp_path, {"x.py/inside.py": ""})
    os.mkfifo(tmp_path / "pipe.py")
    assert found(tmp_path) == ["x.py/inside.py"]


@pytest.mark.parametrize(
    ("name", "message", "fatal"),
    [
        ("nowhere.py", "no such file or directory", True),
        ("file/under.py", "not a directory", True),
        ("nul\0.py", "no such file or directory", True),
        ("x" * 300, "file name too long", True),
        ("dangling.py", "a symbolic link that leads nowhere", False),
        ("loop.py", "a symbolic link that leads nowhere", False),
        ("pipe", "not a regular file", False),
    ],
)
def test_problems(tmp_path: Path, name: str, message: str, fatal: bool) -> None:
    write(tmp_path, {"file": "", "good.py": ""})
    (tmp_path / "dangling.py").symlink_to("nowhere.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / name
    chosen = select([path, tmp_path / "good.py"], Settings(), tmp_path)
    assert chosen.files == (tmp_path / "good.py",)
    [problem] = chosen.problems
    assert (problem.path, problem.message, problem.fatal) == (str(path), message, fatal)


def test_a_directory_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": "", "closed/b.py": ""})
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    chosen = select([tmp_path], Settings(), tmp_path)
    assert chosen.files == (tmp_path / "a.py",)
    [problem] = chosen.problems
    assert problem.message == "cannot be listed: permission denied"
    assert not problem.fatal


def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    write(tmp_path, {name: "spawn()"})
    sources = gather(tmp_path, Settings())
    assert sources.containing("spawn") == (tmp_path / name,)
    assert printable(tmp_path / name).endswith("caf\\xe9.py")
    [problem] = select([tmp_path / (name + "x")], Settings(), tmp_path).problems
    assert problem.path.encode().endswith(b"caf\\xe9.pyx")


# the bytes


def test_gather_never_reads_what_is_not_the_projects(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "script": "", "node_modules/b.py": "", "skip/c.py": ""})
    sources = gather(tmp_path, Settings(exclude=("skip",)), also=[tmp_path / "script"])
    assert sources.files == (tmp_path / "a.py", tmp_path / "script")
    assert tmp_path / "script" in sources
    assert tmp_path / "skip/c.py" not in sources


def test_overlay(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "old"})
    overlay = {tmp_path / "a.py": b"new", tmp_path / "unsaved.py": b"new"}
    sources = gather(tmp_path, Settings(), overlay)
    assert sources.files == (tmp_path / "a.py", tmp_path / "unsaved.py")
    assert sources.containing("new") == sources.files
    assert sources.read(tmp_path / "a.py") == b"new"
    assert (tmp_path / "a.py").read_text() == "old"


@pytest.mark.parametrize(
    ("text", "contains"),
    [
        ("spawn", True),
        ("x.spawn(y)", True),
        ("respawn spawn_all spawn", True),
        ("'spawn'  # noqa", True),
        ("respawn", False),
        ("spawn_all", False),
        ("spawn2", False),
        ("éspawn", False),
        ("spawné", False),
        ("", False),
    ],
)
def test_containing_looks_for_whole_words(tmp_path: Path, text: str, contains: bool) -> None:
    path = write(tmp_path, {"m.py": text}) / "m.py"
    sources = Sources(tmp_path, [path])
    assert sources.containing("spawn") == ((path,) if contains else ())


@question
def names_two(source: bytes) -> bool:
    return b"two" in source


def test_files_are_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, {"m.py": "one two"}) / "m.py"
    sources = Sources(tmp_path, [path])
    assert sources.containing("one") == (path,)
    path.unlink()
    assert sources.containing("two") == (path,)
    assert sources.matching(definition("two")) == ()
    assert sources.matching(attribute("two")) == ()
    assert sources.matching(names_two) == (path,)
    assert sources.ask(names_two, path)


def test_what_cannot_be_read_contains_nothing(tmp_path: Path) -> None:
    good = write(tmp_path, {"good.py": "word"}) / "good.py"
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "dir.py").mkdir()
    bad = [tmp_path / name for name in ("vanished.py", "pipe.py", "dir.py")]
    sources = Sources(tmp_path, [good, *bad])
    assert sources.containing("word") == (good,)
    for path in bad:
        for _ in range(2):
            with pytest.raises(OSError, match=r"not a regular file|(?i:no such|is a directory)"):
                sources.read(path)


def test_a_question_that_is_broken_off_is_none_that_was_asked(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n"})

    @question
    def too_much(source: bytes) -> bool:
        raise MemoryError

    sources = gather(tmp_path, Settings())
    with pytest.raises(MemoryError):
        sources.ask(too_much, tmp_path / "a.py")
    assert sources.inquiry().asked == ()
