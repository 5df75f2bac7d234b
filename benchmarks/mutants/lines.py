"""Which tests execute which lines, and how long each takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

from coverage import Coverage

Line = tuple[str, int]


@dataclass
class Tests:
    """What was seen of the tests when nothing was changed."""

    seconds: dict[str, float] = field(default_factory=dict)
    unfit: set[str] = field(default_factory=set)  # slow, or not to be had in one process
    executing: dict[Line, list[str]] = field(default_factory=dict)

    def of(self, path: Path, lines: Iterable[int]) -> list[str]:
        """The tests that execute one of these lines, the fastest first."""
        found = {name for line in lines for name in self.executing.get((str(path), line), ())}
        return sorted(found, key=lambda name: (self.seconds[name], name))


class Recorder:
    """Notes the lines of some directories that are executed while each test runs."""

    def __init__(self, directories: Iterable[Path]) -> None:
        self.seconds: dict[str, float] = {}
        self._coverage = Coverage(
            data_file=None, config_file=False, branch=False, source=[str(d) for d in directories]
        )

    @contextmanager
    def test(self, name: str) -> Iterator[None]:
        self._coverage.start()
        self._coverage.switch_context(name)
        began = process_time()
        try:
            yield
        finally:
            self.seconds[name] = process_time() - began
            self._coverage.stop()

    def add_to(self, tests: Tests, fit: Iterable[str]) -> None:
        """Adds what was seen of the tests that are fit, and which others there were."""
        tests.seconds |= {name: self.seconds[name] for name in fit}
        tests.unfit |= self.seconds.keys() - tests.seconds.keys()
        data = self._coverage.get_data()
        for path in data.measured_files():
            for line, names in data.contexts_by_lineno(path).items():
                tests.executing.setdefault((path, line), []).extend(
                    name for name in names if name in tests.seconds
                )
