"""Processes that are started anew, where this one cannot be copied: they read the project again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path

import msgspec

from ..session import Session
from ..settings import Settings
from ..sources import Sources
from .replies import Reply, learn
from .shares import Shares

_SAFE_PATH = "PYTHONSAFEPATH"
_MOST_ON_WINDOWS = 60  # more processes cannot be waited for there


class Project(msgspec.Struct):
    """All that another process has to know to see the same project.  Paths are bytes."""

    root: bytes
    settings: Settings
    files: list[bytes]
    texts: dict[bytes, bytes]
    fixes: bool


def judge_by_spawned(session: Session, shares: Shares, tick: Callable[[], None]) -> None:
    """Learn what processes find in the pieces that they are given; this one only waits."""
    try:
        described = msgspec.msgpack.encode(_description(session))
    except (UnicodeEncodeError, OSError):  # settings that are no text, a text that is gone
        return
    workers = min(shares.processes, _MOST_ON_WINDOWS)
    replies: list[bytes] = []
    with (
        _safe_path(),
        ProcessPoolExecutor(
            workers, get_context("spawn"), initializer=_begin, initargs=(described,)
        ) as pool,
    ):
        try:
            given = [(pool.submit(_judged, _as_bytes(piece)), piece) for piece in shares.pieces]
            for future, piece in given:
                replies.append(_reply(future))
                for _ in piece if replies[-1] else ():
                    tick()
        except BrokenProcessPool:  # some were gone before all was handed out
            pass
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    learn(session, replies)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Processes that are started find no modules in the working directory: it is the user's."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        del os.environ[_SAFE_PATH]
        if before is not None:
            os.environ[_SAFE_PATH] = before


def _description(session: Session) -> Project:
    sources = session.sources
    return Project(
        os.fsencode(session.root),
        session.settings,
        [os.fsencode(path) for path in sources.files],
        {os.fsencode(path): text for path, text in sources.overlay.items()},
        session.fixes,
    )


def _as_bytes(paths: tuple[Path, ...]) -> list[bytes]:
    return [os.fsencode(path) for path in paths]


def _reply(future: Future[bytes]) -> bytes:
    """What a process has found; nothing if it is gone."""
    with suppress(Exception):
        return future.result()
    return b""


_session: Session | None = None  # of a process that was spawned, which serves one run


def _begin(described: bytes) -> None:
    """Make a process ready."""
    global _session
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it, without a word
    project = msgspec.msgpack.decode(described, type=Project)
    root = Path(os.fsdecode(project.root))
    files = [Path(os.fsdecode(path)) for path in project.files]
    overlay = {Path(os.fsdecode(path)): text for path, text in project.texts.items()}
    sources = Sources(root, files, overlay)
    _session = Session(root, project.settings, sources=sources, fixes=project.fixes)


def _judged(paths: list[bytes]) -> bytes:
    """The findings of some files, as a reply."""
    if _session is None:
        return b""
    reply = Reply(contents=_session.sources.contents())
    reply.add(_session, [Path(os.fsdecode(path)) for path in paths])
    return reply.encoded(_session)
