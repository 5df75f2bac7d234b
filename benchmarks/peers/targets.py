"""What ctxlint is to reach beside the others, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from peers.measuring import Result

LLAMA_STACK = "llama-stack"
CREWAI = "crewai"
HOME_ASSISTANT = "homeassistant"
EVERYWHERE = frozenset({LLAMA_STACK, CREWAI, HOME_ASSISTANT})


class Unmeasured(Exception):
    """A figure that a target needs is not there."""


class Figures:
    """The figures of one release, by the keys of what was measured."""

    def __init__(self, results: Mapping[str, Result]) -> None:
        self._results = results
        self.cut = False  # whether one of those asked for is that of a run that was ended

    def _of(self, key: str) -> Result:
        result = self._results.get(key)
        if result is None or not result.measured:
            raise Unmeasured(key)
        self.cut |= result.cut
        return result

    def __call__(self, key: str) -> float:
        """The median seconds of a kind. Raises Unmeasured."""
        return self._of(key).seconds

    def most(self, key: str) -> float:
        """The seconds of a kind's slowest run. Raises Unmeasured."""
        return self._of(key).most

    def loop(self, key: str) -> float:
        """The median seconds that a parser spent parsing. Raises Unmeasured."""
        return self._of(key).loop

    def memory(self) -> float:
        """The most memory of any run of the command. Raises Unmeasured."""
        tried = [each for each in self._results.values() if each.kind.tool == "ctxlint"]
        if not tried:
            raise Unmeasured("ctxlint")
        return max(self._of(each.kind.key).memory for each in tried)


@dataclass(frozen=True)
class Target:
    """A figure, and the bound that it keeps; without a bound it is told for comparison."""

    words: str
    figure: Callable[[Figures], float]
    most: float | None = None
    least: float | None = None
    packages: frozenset[str] = EVERYWHERE
    unit: str = "x"

    @property
    def bound(self) -> str:
        if self.most is not None:
            return f"at most {self.most:g}"
        return "" if self.least is None else f"at least {self.least:g}"


@dataclass(frozen=True)
class Verdict:
    """A target on one release; `met` is None where there is no bound, or no figure."""

    target: Target
    value: float | None
    met: bool | None
    missing: str = ""


TARGETS = (
    Target(
        "ctxlint cold, 2 jobs / libcst.parse_module of all files",
        lambda s: s("ctxlint cold 2") / s("libcst"),
        most=0.20,
        packages=frozenset({LLAMA_STACK}),
    ),
    Target(
        "ctxlint cold, 2 jobs / the time inside parse_module alone",
        lambda s: s("ctxlint cold 2") / s.loop("libcst"),
    ),
    Target(
        "ctxlint cold, every rule, 2 jobs / libcst.parse_module of all files",
        lambda s: s("ctxlint all 2") / s("libcst"),
        most=0.35,
        packages=frozenset({CREWAI}),
    ),
    Target(
        "ctxlint warm / ruff --no-cache",
        lambda s: s("ctxlint warm 2") / s("ruff"),
        most=2.5,
        packages=frozenset({HOME_ASSISTANT}),
    ),
    Target(
        "ctxlint warm / python -c pass",
        lambda s: s("ctxlint warm 2") / s("pass"),
        most=10,
        packages=frozenset({LLAMA_STACK}),
    ),
    Target(
        "ctxlint, one file changed / ctxlint warm",
        lambda s: s("ctxlint edited 2") / s("ctxlint warm 2"),
        most=1.5,
    ),
    Target(
        "ctxlint, one file changed, the worst / ctxlint warm",
        lambda s: s.most("ctxlint edited 2") / s("ctxlint warm 2"),
    ),
    Target(
        "flake8 with ctxlint, warm / flake8",
        lambda s: s("flake8 warm") / s("flake8"),
        most=1.05,
    ),
    Target(
        "flake8 with ctxlint, cold / (flake8 + ctxlint cold, 2 jobs)",
        lambda s: s("flake8 cold") / (s("flake8") + s("ctxlint cold 2")),
        most=1,
    ),
    Target(
        "Fixit / ctxlint cold, 2 jobs, one rule each",
        lambda s: s("fixit") / s("ctxlint one 2"),
        least=10,
    ),
    Target("Fixit / ctxlint cold, 1 job, one rule each", lambda s: s("fixit") / s("ctxlint one 1")),
    Target(
        "flake8-async / ctxlint cold, 2 jobs, one rule each",
        lambda s: s("flake8-async") / s("ctxlint one 2"),
        least=30,
    ),
    Target(
        "flake8-async / ctxlint cold, 1 job, one rule each",
        lambda s: s("flake8-async") / s("ctxlint one 1"),
    ),
    Target(
        "ctxlint, peak memory of any run",
        lambda s: s.memory(),
        most=400,
        packages=frozenset({LLAMA_STACK, CREWAI}),
        unit="MB",
    ),
)


def judge(target: Target, results: Mapping[str, Result]) -> Verdict | None:
    """Compare a target with what was measured on one release; None where nobody asked for it."""
    figures = Figures(results)
    try:
        value = target.figure(figures)
    except Unmeasured as unmeasured:
        missing = str(unmeasured)
        return Verdict(target, None, None, missing) if missing in results else None
    if target.least is not None:
        # What was ended would have taken longer still: the figure is at least this.
        met = value >= target.least
        return Verdict(target, value, None if figures.cut and not met else met)
    if figures.cut:
        return Verdict(target, None, None, "a run that was ended")
    return Verdict(target, value, None if target.most is None else value <= target.most)
