"""Many hands: the files of one project judged by several processes, with one result.

Every process holds the same project and judges whole files, so that what is found does not depend
on who judges: only on the project.  What a process does not deliver (it was killed, ran out of
memory, met something that cannot be sent), this one judges itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..findings import Judged
from ..session import Session

if TYPE_CHECKING:
    from concurrent.futures import Executor


def judged(
    session: Session, files: Sequence[Path], jobs: int, step: Callable[[], None]
) -> Iterator[tuple[Path, Judged]]:
    """The findings of files, in an order that depends on the project alone.

    At most ``jobs`` processes, this one included, share the work where that pays; ``step`` is
    called once for each file.
    """
    # Those that can hold findings first: of most of the others it is only asked whether they are
    # Python, and those that the first have led to have been parsed by then.
    unknown = [path for path in files if session.known(path) is None]
    ordered = sorted(unknown, key=session.is_candidate, reverse=True)
    left = len(files)

    def tick() -> None:  # a process that dies may have told of files that are judged again
        nonlocal left
        if left:
            left -= 1
            step()

    if jobs > 1 and ordered:
        _judge_together(session, ordered, jobs, tick)
    for path in ordered:
        if session.known(path) is None:
            session.judged(path)
            tick()
    while left:
        tick()
    for path in files:
        found = session.known(path)
        yield path, found if found is not None else session.judged(path)


def _judge_together(
    session: Session, files: Sequence[Path], jobs: int, tick: Callable[[], None]
) -> None:
    """Let several processes judge files, where that pays; the session learns what they find."""
    from .shares import shares_of  # which a run that knows all does without

    shares = shares_of(session, files, jobs)
    if shares.processes == 1:
        return
    if shares.is_forked:
        from .forked import judge_by_forks

        judge_by_forks(session, shares, tick)
    else:
        from .spawned import judge_by_spawned

        judge_by_spawned(session, shares, tick)


def read_by(executor: Executor, session: Session, wanted: Iterable[Path]) -> None:
    """Have all files of a project looked at by the workers of an executor, each by itself.

    Nobody is asked where the findings of those that are wanted are known.
    """
    if all(session.known(path) is not None for path in wanted):
        return
    from .readers import read_by

    read_by(executor, session)
