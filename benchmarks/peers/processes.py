"""One process from before its start to its end: how long it takes, and how much memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus_files import CorpusError


def plain() -> dict[str, str]:
    """The environment of this process without what speaks to Python.

    Neither what the caller adds to the path may reach the tools, nor that it keeps no compiled
    modules: what is installed has them.
    """
    return {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}


@dataclass(frozen=True)
class Run:
    """Wall seconds, peak memory in MB, and what was printed; `cut` when the time was up before."""

    seconds: float
    memory: float
    output: str
    errors: str = ""
    cut: bool = False


def run(
    command: Sequence[str],
    text: str = "",
    *,
    directory: Path | None = None,
    limit: float | None = None,
    statuses: frozenset[int] = frozenset({0}),
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run a command to its end, or for `limit` seconds.

    The memory is the largest resident set of any one of its processes, which is not their sum.
    Raises CorpusError when it exits with none of `statuses`.
    """
    with (
        tempfile.TemporaryFile() as fed,
        tempfile.TemporaryFile() as printed,
        tempfile.TemporaryFile() as complained,
    ):
        fed.write(text.encode())
        fed.seek(0)
        start = time.perf_counter()
        # A session of its own: what it has started ends with it when the time is up.
        process = subprocess.Popen(
            command,
            stdin=fed,
            stdout=printed,
            stderr=complained,
            cwd=directory,
            env=plain() if environment is None else environment,
            start_new_session=True,
        )
        status, memory, cut = _ended(process, limit)
        seconds = time.perf_counter() - start
        printed.seek(0)
        complained.seek(0)
        output = printed.read().decode(errors="replace")
        errors = complained.read().decode(errors="replace")
    if not cut and status not in statuses:
        said = (errors or output).strip().splitlines() or ["no message"]
        called = " ".join(command[:4])[:120]
        raise CorpusError(f"{called} …: exit status {status}: {said[-1][:200]}")
    return Run(seconds, memory, output, errors, cut)


def _ended(process: subprocess.Popen[bytes], limit: float | None) -> tuple[int, float, bool]:
    """The exit status, the peak memory in MB, and whether it had to be ended."""
    late = threading.Event()

    def end() -> None:
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(limit, end) if limit is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        # wait4 and not RUSAGE_CHILDREN: that one is the maximum over all children so far.
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        if timer is not None:
            timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return process.returncode, usage.ru_maxrss * unit / 1e6, late.is_set()
