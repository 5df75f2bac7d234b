"""Processes that are copies of this one: they hold all that was read and indexed, at no cost."""

from __future__ import annotations

import gc
import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

from ..session import Session
from .replies import Reply, learn
from .shares import Piece, Shares
from .shelf import Shelf

_NUMBER: Final = 4  # bytes: what a pipe takes as a whole, it gives as a whole
_MUCH: Final = 1 << 20
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def judge_by_forks(session: Session, shares: Shares, tick: Callable[[], None]) -> None:
    """Learn what processes find in the pieces that they take, this one being one of them."""
    session.make_ready()
    try:
        work = _Work(session, shares.pieces)
    except OSError:  # no more files may be open
        return
    hands: list[_Hand] = []
    try:
        # OSError: no more processes are to be had, those that there are do it.
        with _undisturbed(), suppress(OSError):
            for number in range(1, shares.processes):
                hands.append(_Hand(work, number))  # noqa: PERF401 (those before it count)
        for piece in work.taken():
            for path in piece:
                session.judged(path)
                tick()
            work.tell(tick)
        replies = [hand.reply(work, tick) for hand in hands]
    finally:
        for hand in hands:
            hand.end()
        work.end()
    learn(session, replies)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals wait: one that comes while a process is made would leave it to itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Work:
    """What all processes share: the queue of pieces, the facts that were made, the progress."""

    def __init__(self, session: Session, pieces: Sequence[Piece]) -> None:
        self.session: Final = session
        self._pieces: Final = pieces
        # All numbers are written before anybody reads them: there is no queue to wait for, and
        # who finds it empty is done.
        self._queue, filling = os.pipe()
        os.write(filling, b"".join(each.to_bytes(_NUMBER) for each in range(len(pieces))))
        os.close(filling)
        self.ticks, self._ticking = os.pipe()
        os.set_blocking(self.ticks, False)
        os.set_blocking(self._ticking, False)
        self._shelf: Shelf | None = None
        with suppress(OSError, AttributeError):  # AttributeError: a C library without them
            if not session.has_shelf:
                self._shelf = Shelf(session.files)
                session.share_facts(self._shelf)

    def taken(self) -> Iterator[Piece]:
        """Pieces that this process has taken, as long as there are any."""
        while number := os.read(self._queue, _NUMBER):
            yield self._pieces[int.from_bytes(number)]

    def begin(self, process: int) -> None:
        """Told in a new process, by its number."""
        if self._shelf is not None:
            self._shelf.move_to(process)

    def tick(self, files: int) -> None:
        """Let the first process know of files that are done."""
        with suppress(BlockingIOError):  # it is busy: it learns of them in the end
            os.write(self._ticking, files.to_bytes(_NUMBER))

    def tell(self, tick: Callable[[], None]) -> None:
        """Tell of the files that other processes have done by now."""
        with suppress(BlockingIOError):
            told = os.read(self.ticks, _MUCH)
            for at in range(0, len(told), _NUMBER):
                for _ in range(int.from_bytes(told[at : at + _NUMBER])):
                    tick()

    def end(self) -> None:
        """Give back what was borrowed of the system."""
        for descriptor in (self._queue, self.ticks, self._ticking):
            os.close(descriptor)
        if self._shelf is not None:
            self.session.share_facts(None)
            self._shelf.close()


class _Hand:
    """One more process.  Its reply comes as a whole, in the end, or not at all."""

    def __init__(self, work: _Work, number: int) -> None:
        """Raises OSError if there is none to be had."""
        self._replying, answering = os.pipe()
        parent = os.getpid()
        try:
            self._process = os.fork()
        except OSError:
            os.close(self._replying)
            os.close(answering)
            raise
        if not self._process:  # pragma: no cover (a copy is traced from its next function on)
            _serve(work, number, parent, self._replying, answering)
        os.close(answering)

    def reply(self, work: _Work, tick: Callable[[], None]) -> bytes:
        """Wait for all that it says; nothing, or a part, where it did not come to its end."""
        parts: list[bytes] = []
        poll = select.poll()  # which, unlike select(), takes any number of a file
        for each in (self._replying, work.ticks):
            poll.register(each, select.POLLIN)
        while True:
            ready = dict(poll.poll())
            work.tell(tick)
            if self._replying in ready:
                part = os.read(self._replying, _MUCH)
                if not part:
                    return b"".join(parts)
                parts.append(part)

    def end(self) -> None:
        """See to it that it is gone, whatever it does."""
        os.close(self._replying)
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        with suppress(ChildProcessError):  # whoever has called us collects all children
            os.waitpid(self._process, 0)


def _serve(work: _Work, number: int, parent: int, replying: int, answering: int) -> NoReturn:
    """What a process does that was forked, and nothing after that."""
    try:
        os.close(replying)
        _work(work, number, parent, answering)
    finally:
        os._exit(0)  # nothing that the first process is to do is done twice


def _work(work: _Work, number: int, parent: int, answering: int) -> None:
    """Take pieces, and tell what is found in them."""
    for each in _ENDING:  # Ctrl-C and the like end it, without a word
        signal.signal(each, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    gc.freeze()  # looking for garbage would copy the memory that is shared
    work.begin(number)
    reply = Reply()
    for piece in work.taken():
        if os.getppid() != parent:
            return  # nobody waits for it
        reply.add(work.session, piece)
        work.tick(len(piece))
    data = memoryview(reply.encoded(work.session))
    while data:
        data = data[os.write(answering, data) :]
