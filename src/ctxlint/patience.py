"""How long one file may take: whatever it holds, a run comes to its end."""

from __future__ import annotations

from time import process_time
from typing import Final

_SECONDS: Final = 60.0
_SECONDS_PER_FILE: Final = 0.02
"""For the files of the project: the first file that is judged may have to look at all of them."""


class OutOfPatience(Exception):
    """A file takes too long."""


class Patience:
    """The processor time that judging one file of a project may take."""

    def __init__(self, files: int) -> None:
        self.seconds: Final = _SECONDS + _SECONDS_PER_FILE * files
        self._end = float("inf")

    def begin(self) -> None:
        """Start with a file."""
        self._end = process_time() + self.seconds

    def end(self) -> None:
        """Be done with it: what is asked of the program from now on has no limit."""
        self._end = float("inf")

    def check(self) -> None:
        """Raise OutOfPatience if the file has had its time."""
        if process_time() > self._end:
            raise OutOfPatience
