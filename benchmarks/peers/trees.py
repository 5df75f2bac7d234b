"""Copies of a release to run tools on: as released, edited a line at a time, or fixed."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

from corpus_files import python_files

from peers.environments import PARSERS, programs
from peers.processes import run

CACHE_NAME = ".ctxlint_cache"
SEED = 6

# A project's own file makes the copy a project, for which a cache is kept, and it is the only one:
# crewai ships templates of it that are no TOML, at which tools end. semgrep leaves tests out unless
# there is a file that says what to leave out.
MARKS = {
    "pyproject.toml": '[project]\nname = "measured"\nversion = "1"\n',
    ".semgrepignore": "",
}

# Files that cannot be parsed are in no list (crewai ships templates named .py): a tool that parses
# what it is given would end at the first.
LIST_PARSABLE = """
import ast, sys, warnings
from libcst import ParserSyntaxError, parse_module
warnings.simplefilter("ignore")
for path in sys.stdin.read().splitlines():
    try:
        source = open(path, "rb").read()
        ast.parse(source)
        parse_module(source)
    except (ParserSyntaxError, SyntaxError, ValueError, RecursionError):
        continue
    print(path)
"""


class Trees:
    """The copies of one release, each made when it is first asked for."""

    def __init__(self, release: Path, home: Path, cache: Path) -> None:
        """Copy `release` into `home`; what can be parsed is remembered in `cache`."""
        self._release = release
        self._home = home
        self.files = len(python_files(release))
        self.parsable = _parsable(release, cache)
        order = random.Random(SEED)
        self._to_edit = order.sample(self.parsable, len(self.parsable))
        self._edits: Counter[str] = Counter()

    def tree(self, name: str) -> Path:
        """The copy of this name."""
        directory = self._home / name
        if not directory.is_dir():
            shutil.copytree(self._release, directory)
            for settings in list(directory.rglob("pyproject.toml")):
                settings.unlink()
            for mark, text in MARKS.items():
                (directory / mark).write_text(text)
        return directory

    def forget(self, name: str) -> None:
        """Remove what ctxlint has kept in a copy."""
        shutil.rmtree(self.tree(name) / CACHE_NAME, ignore_errors=True)

    def edit(self, name: str) -> None:
        """Append a function to another file; every copy is edited in the same order."""
        number = self._edits[name]
        self._edits[name] += 1
        path = self.tree(name) / self._to_edit[number % len(self._to_edit)]
        with path.open("ab") as file:
            file.write(f"\n\ndef edited_{number}(): return {number}\n".encode())

    def restore(self, name: str) -> None:
        """Make a copy as released again, whatever was rewritten in it."""
        directory = self.tree(name)
        self.forget(name)
        for path in python_files(self._release):
            copy = directory / path.relative_to(self._release)
            if copy.read_bytes() != path.read_bytes():
                shutil.copy2(path, copy)


def _parsable(release: Path, cache: Path) -> list[str]:
    """The files of a release that libcst and ast can parse, relative to it."""
    python = programs(PARSERS, cache) / "python"
    # Kept in the environment: another libcst, or another Python, may parse others.
    kept = python.parent.parent / f"{release.name}.txt"
    if not kept.is_file():
        names = [str(path.relative_to(release)) for path in python_files(release)]
        done = run([str(python), "-I", "-c", LIST_PARSABLE], "\n".join(names), directory=release)
        kept.write_text(done.output)
    return kept.read_text().splitlines()
