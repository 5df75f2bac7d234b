"""Every file of a project looked at by somebody's workers: bytes go out, facts come back.

The program is linked here.  What workers do not tell is found out here, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path
from typing import Final

import msgspec

from ..facts.model import Module
from ..facts.remote import Batch, read_all, reader, restored
from ..session import Session

# A batch costs a worker about 0.1 s; what is on its way is bounded, whatever the project's size.
_BATCH: Final = 256 * 1024  # bytes of source
_ON_THE_WAY: Final = 256  # batches
_PATIENCE: Final = 120.0  # seconds without any answer: Dask's futures outlive their scheduler


class Delivered:
    """Facts that have come from elsewhere, each made an object when it is asked for."""

    def __init__(self, facts: Mapping[Path, bytes]) -> None:
        self._facts = dict(facts)

    def take(self, path: Path) -> Module | None:
        """The facts of a file, once: whoever asks keeps them."""
        data = self._facts.pop(path, None)
        return None if data is None else restored(data)

    def put(self, path: Path, facts: Module) -> None:
        """Facts that are made here are wanted nowhere else."""


def read_by(executor: Executor, session: Session) -> None:
    """Have all files looked at by the workers of an executor, and keep what they tell.

    Nothing depends on them: a worker that is lost, or another ctxlint's, is as good as none.
    """
    delivered: dict[Path, bytes] = {}
    for paths, answer in _answers(executor, session):
        batch = _understood(answer)
        if batch is None or len(batch.files) != len(paths):
            continue
        for path, told in zip(paths, batch.files, strict=True):
            if told.facts is not None:
                delivered[path] = told.facts
                if told.valid:
                    session.sources.trust(path)
    session.share_facts(Delivered(delivered))


def _answers(executor: Executor, session: Session) -> Iterator[tuple[list[Path], bytes]]:
    """What workers answer, in any order; nothing of batches that they fail at."""
    waiting: dict[Future[bytes], list[Path]] = {}
    try:
        for paths, sources in _batches(session):
            try:
                waiting[executor.submit(read_all, sources)] = paths
            except Exception:  # it is shut down, or broken: so will the others be
                break
            if len(waiting) >= _ON_THE_WAY:
                yield from _done(waiting)
        while waiting:
            yield from _done(waiting)
    except TimeoutError:  # nobody works any more: what is left is looked at here
        return
    finally:
        for future in waiting:
            future.cancel()


def _done(waiting: dict[Future[bytes], list[Path]]) -> Iterator[tuple[list[Path], bytes]]:
    done, _ = wait(waiting, _PATIENCE, return_when=FIRST_COMPLETED)
    if not done:
        raise TimeoutError
    for future in done:
        paths = waiting.pop(future)
        if not future.cancelled() and future.exception() is None:
            yield paths, future.result()


def _batches(session: Session) -> Iterator[tuple[list[Path], list[bytes]]]:
    """All files that can be read, small ones together."""
    paths: list[Path] = []
    sources: list[bytes] = []
    size = 0
    for path in session.files:
        try:
            source = session.sources.peek(path)
        except OSError:
            continue
        if paths and size + len(source) > _BATCH:
            yield paths, sources
            paths, sources, size = [], [], 0
        paths.append(path)
        sources.append(source)
        size += len(source)
    if paths:
        yield paths, sources


def _understood(answer: bytes) -> Batch | None:
    """What a worker has told, if it makes the same facts as this process would."""
    try:
        batch = msgspec.msgpack.decode(answer, type=Batch)
    except (msgspec.DecodeError, TypeError):
        return None
    return batch if batch.reader == reader() else None
