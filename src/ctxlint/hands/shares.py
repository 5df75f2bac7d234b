"""Who does what: the work in pieces, and how many processes it is worth."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from ..session import Session

# Guesses at the seconds that a file takes, by its bytes: measured on llama-stack and crewai.
_CANDIDATE: Final = 1.5e-6
_OTHER: Final = 5e-8
# What a process has to have to do before it is worth its start, in seconds.
_WORTH_A_FORK: Final = 0.1
_WORTH_A_SPAWN: Final = 2.0
# So small that all processes end at about the same time; their numbers fit into any pipe.
_MOST_OF_CANDIDATES: Final = 800
_MOST_OF_OTHERS: Final = 200


Piece = tuple[Path, ...]


class Shares(NamedTuple):
    """The work in pieces, to be taken in this order, and how many processes it is worth, this one
    included; and whether they can be copies of this one.
    """

    pieces: tuple[Piece, ...]
    processes: int
    is_forked: bool


def shares_of(session: Session, files: Sequence[Path], jobs: int) -> Shares:
    """How the files of a project are shared: first what may take long, each by itself."""
    sizes = {path: session.size(path) for path in files}
    largest_first = sorted(files, key=lambda path: sizes[path], reverse=True)
    candidates = [path for path in largest_first if session.is_candidate(path)]
    chosen = frozenset(candidates)
    others = [path for path in largest_first if path not in chosen]
    seconds = _CANDIDATE * sum(sizes[path] for path in candidates)
    seconds += _OTHER * sum(sizes[path] for path in others)
    is_forked = can_fork()
    # Who is spawned answers piece by piece, each time with all that has been asked by then.
    pieces = _dealt(candidates, _MOST_OF_CANDIDATES if is_forked else 8 * jobs)
    pieces += _dealt(others, min(8 * jobs, _MOST_OF_OTHERS))
    worth = int(seconds / (_WORTH_A_FORK if is_forked else _WORTH_A_SPAWN))
    return Shares(tuple(pieces), max(1, min(jobs, len(pieces), worth)), is_forked)


def _dealt(files: Sequence[Path], number: int) -> list[Piece]:
    """Files in so many pieces at most, each with large and small ones."""
    number = min(number, len(files))
    return [tuple(files[first::number]) for first in range(number)]


def can_fork() -> bool:
    """Whether a copy of this process is whole: no other thread holds a lock or half an answer.

    Only on Linux can that be known, also of threads that are not Python's; and on macOS, the
    system's own libraries do not survive a fork.
    """
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False
