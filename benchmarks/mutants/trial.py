"""A pytest plugin: tests are collected once; each mutant meets them in a copy of this process.

The copy is made before any test has run, so that nothing is remembered that was found out
without the change. In it, the changed function gets new code in the place of its own; the files
stay as they are, and so do other processes that a test starts.
"""

from __future__ import annotations

import importlib
import os
import pickle
import resource
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType

import pytest

from mutants.lines import Recorder, Tests
from mutants.sampling import Mutant, codes_in

KILLED, SURVIVED, TIMED_OUT, UNSEEN = "killed", "survived", "timed out", "no test"
MOST_MEMORY = 4 << 30
LONGEST_WAIT = 180  # seconds
_TIME = (signal.SIGALRM, signal.SIGPROF)
FAVOURITES = 8  # tests that have killed others of the same file are tried first


@dataclass
class Limits:
    jobs: int
    slowest: float  # seconds that a test may take to be chosen
    patience: float  # seconds that the tests of one mutant may take together


@dataclass
class Trial:
    """What becomes of each mutant."""

    package: Path
    groups: Sequence[str]
    mutants: Sequence[Mutant]
    limits: Limits
    lines: Path  # what is known of the tests, or an empty file
    say: Callable[[str], None]
    outcomes: dict[int, str] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)  # not all tests that execute it were tried
    _tests: Tests = field(default_factory=Tests)
    _items: dict[str, pytest.Item] = field(default_factory=dict)
    _kills: dict[Path, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _running: dict[int, tuple[int, int]] = field(default_factory=dict)
    _failed: bool = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._items = {each.nodeid: each for each in session.items}
        self._watch()
        for number, mutant in enumerate(self.mutants):
            if chosen := self._chosen(number, mutant):
                if len(self._running) == self.limits.jobs:
                    self._wait()
                self._start(number, mutant, chosen)
            else:
                self._settle(number, UNSEEN)
        while self._running:
            self._wait()
        return True

    def _watch(self) -> None:
        """Learns what each test executes, in another process; what is known already is kept."""
        if self.lines.stat().st_size:
            self._tests = pickle.loads(self.lines.read_bytes())
        pid = os.fork()
        if not pid:
            _quietly(lambda: self.lines.write_bytes(pickle.dumps(self._watched())))
        if os.waitpid(pid, 0)[1]:
            raise RuntimeError("the tests could not be watched")
        self._tests = pickle.loads(self.lines.read_bytes())
        known = [self._tests.seconds[name] for name in self._items if name in self._tests.seconds]
        self.say(f"{len(known)} of {len(self._items)} tests can be used: {sum(known):.0f} s")

    def _watched(self) -> Tests:
        self._mute()
        sys.addaudithook(_alone)
        recorder = Recorder([self.package / group for group in self.groups])
        caches = _caches(self.package.name)
        passed = []
        known = self._tests.seconds.keys() | self._tests.unfit
        for name in (each for each in self._items if each not in known):
            for each in caches:
                each()
            with recorder.test(name):
                if self._passes(name):
                    passed.append(name)
        slowest = self.limits.slowest
        fit = [each for each in passed if recorder.seconds[each] <= slowest]
        recorder.add_to(self._tests, fit)
        return self._tests

    def _chosen(self, number: int, mutant: Mutant) -> list[str]:
        """The tests that execute what is changed: those first that may kill it soon."""
        found = [n for n in self._tests.of(mutant.path, mutant.lines) if n in self._items]
        known = self._kills[mutant.path].most_common()
        first = [name for name, _ in known if name in set(found)][:FAVOURITES]
        chosen, seconds = [], 0.0
        for name in dict.fromkeys([*first, *found]):
            seconds += self._tests.seconds[name]
            if seconds > self.limits.patience:
                self.cut.add(number)
                break
            chosen.append(name)
        return chosen

    def _start(self, number: int, mutant: Mutant, chosen: list[str]) -> None:
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            _quietly(lambda: os.write(writing, self._verdict(mutant, chosen).encode()))
        os.close(writing)
        self._running[pid] = number, reading

    def _verdict(self, mutant: Mutant, chosen: list[str]) -> str:
        """In the copy: the test that fails, or nothing."""
        self._mute()
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        _put_in_place(mutant, f"{self.package.name}.{mutant.path.parent.name}.{mutant.path.stem}")
        for name in chosen:
            # Nobody handles these signals: they end the process. Of time of its own a test gets
            # little; waiting, for the processor too, may take long.
            signal.setitimer(signal.ITIMER_PROF, 5 + 10 * self._tests.seconds[name])
            signal.alarm(LONGEST_WAIT)
            if not self._passes(name):
                return name
        return ""

    def _wait(self) -> None:
        pid, status = os.wait()
        while pid not in self._running:
            pid, status = os.wait()
        number, reading = self._running.pop(pid)
        with os.fdopen(reading) as pipe:
            killer = pipe.read()
        if os.WIFSIGNALED(status):
            self._settle(number, TIMED_OUT if os.WTERMSIG(status) in _TIME else KILLED)
        elif os.WEXITSTATUS(status):
            raise RuntimeError(f"cannot be put in place: {self.mutants[number].diff}")
        elif killer:
            self._kills[self.mutants[number].path][killer] += 1
            self._settle(number, KILLED)
        else:
            self._settle(number, SURVIVED)

    def _settle(self, number: int, outcome: str) -> None:
        self.outcomes[number] = outcome
        if outcome in (SURVIVED, UNSEEN):
            cut = " (not all tests tried)" if number in self.cut else ""
            self.say(f"\n{outcome}{cut}: {self.mutants[number].diff}")

    def _passes(self, name: str) -> bool:
        self._failed = False
        item = self._items[name]
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        return not self._failed

    def _mute(self) -> None:
        plugins = next(iter(self._items.values())).config.pluginmanager
        plugins.unregister(name="terminalreporter")


def _quietly(work: Callable[[], object]) -> None:
    """Works and ends this process, whatever happens, without tidying up after the other one."""
    status = 1
    try:
        work()
        status = 0
    except BaseException as error:
        sys.__stderr__ and sys.__stderr__.write(f"{error!r}\n")
    finally:
        os._exit(status)


def _alone(event: str, arguments: object) -> None:
    """Fails a test that starts another process: there, the code is as it was."""
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"):
        raise RuntimeError("another process")


def _caches(package: str) -> list[Callable[[], None]]:
    """What empties the memories of functions, so that each test shows all that it executes."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == package]
    values = [value for module in modules for value in vars(module).values()]
    return [value.cache_clear for value in values if hasattr(value, "cache_clear")]


def _put_in_place(mutant: Mutant, module: str) -> None:
    place: object = importlib.import_module(module)
    *classes, name = mutant.function.split(".")
    for each in classes:
        place = getattr(place, each)
    function = vars(place)[name]
    function = getattr(function, "__func__", function)
    assert isinstance(function, FunctionType)
    code = compile(mutant.source, str(mutant.path), "exec")
    function.__code__ = next(each for each in codes_in(code) if each.co_qualname == mutant.function)
