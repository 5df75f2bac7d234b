"""What the files of a project are for: the program itself, tests of it, or showing its use."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .. import apis


class Purposes:
    """Tells tests and demonstrations from the program, by where files lie and what they are called.

    What stands in a test says nothing about the program: neither who calls what, nor which methods
    a subclass puts in the place of others.
    """

    def __init__(self, root: Path) -> None:
        self._root: Final = root
        self._tests: Final[dict[Path, bool]] = {}
        self._demos: Final[dict[Path, bool]] = {}

    def is_test(self, path: Path) -> bool:
        """Whether a file is test code."""
        known = self._tests.get(path)
        if known is None:
            known = self._tests[path] = self._says_test(self._relative(path))
        return known

    def is_demo(self, path: Path) -> bool:
        """Whether a file shows how to use the project."""
        known = self._demos.get(path)
        if known is None:
            folders = self._relative(path).parts[:-1]
            known = self._demos[path] = not apis.DEMO_PATH_PARTS.isdisjoint(folders)
        return known

    def _relative(self, path: Path) -> Path:
        return path.relative_to(self._root) if path.is_relative_to(self._root) else path

    @staticmethod
    def _says_test(path: Path) -> bool:
        if not apis.TEST_PATH_PARTS.isdisjoint(path.parts):
            return True
        return path.name.startswith("test_") or path.name.endswith("_test.py")
