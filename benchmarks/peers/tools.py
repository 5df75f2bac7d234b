"""What is measured: one line of the table each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from peers.environments import (
    CTXLINT,
    FIXIT,
    FLAKE8,
    FLAKE8_ASYNC,
    FLAKE8_CTXLINT,
    PARSERS,
    RUFF,
    SEMGREP,
    Environment,
)

NAIVE = Path(__file__).resolve().parent / "naive.yml"

_READ = """
import sys
sources = [open(path, "rb").read() for path in sys.stdin.read().splitlines()]
"""
# The parsers print the seconds inside the loop: without start-up and reading.
_PARSE = """
import time
start = time.perf_counter()
for source in sources:
    parse(source)
print(time.perf_counter() - start)
"""
_AST = f"import warnings\nfrom ast import parse\nwarnings.simplefilter('ignore')\n{_READ}{_PARSE}"
_LIBCST = f"from libcst import parse_module as parse\n{_READ}{_PARSE}"


class Before(Enum):
    """What is done to a kind's copy before each run."""

    NOTHING = auto()
    FORGET = auto()  # what ctxlint has kept is removed: the run is cold
    EDIT = auto()  # another file is edited
    RESTORE = auto()  # what the last run has fixed is made as it was, and the run is cold


class Names(Enum):
    """How a tool is given the files that can be parsed; most are given a directory instead."""

    NONE = auto()
    STDIN = auto()
    ARGUMENTS = auto()


@dataclass(frozen=True)
class Kind:
    """A command, the environment it is run in, and the copy of the release it is run on."""

    key: str
    tool: str
    what: str
    jobs: str
    environment: Environment
    command: tuple[str, ...]  # the first is a program of the environment
    tree: str = "plain"
    before: Before = Before.NOTHING
    primed: bool = False  # a run that is not measured comes before the first
    names: Names = Names.NONE
    statuses: frozenset[int] = frozenset({0})
    # Where an exit status does not tell whether a tool has done its work: what it then prints.
    proof: str = ""


def kinds() -> list[Kind]:
    """Every kind, in the order of the table."""
    return [
        Kind("pass", "python", "python -c pass", "1", PARSERS, ("python", "-c", "pass")),
        _parser("bytes", "reading all bytes", _READ),
        _parser("ast", "ast.parse of all files", _AST),
        _parser("libcst", "libcst.parse_module of all files", _LIBCST),
        *(kind for pair in zip(_ctxlint(1), _ctxlint(2), strict=True) for kind in pair),
        *_flake8(),
        *_peers(),
    ]


def _parser(tool: str, what: str, program: str) -> Kind:
    command = ("python", "-I", "-c", program)
    return Kind(tool, tool, what, "1", PARSERS, command, names=Names.STDIN)


def _ctxlint(jobs: int) -> list[Kind]:
    def kind(
        word: str,
        what: str,
        *flags: str,
        tree: str = "plain",
        before: Before = Before.FORGET,
        primed: bool = False,
    ) -> Kind:
        command = ("ctxlint", "--exit-zero", "--jobs", str(jobs), *flags, ".")
        key = f"ctxlint {word} {jobs}"
        what = f"ctxlint, {what}"
        return Kind(key, "ctxlint", what, str(jobs), CTXLINT, command, tree, before, primed)

    # A kind that needs what another run has kept has a copy of its own, where nobody else keeps.
    return [
        kind("cold", "cold"),
        kind("warm", "warm", tree=f"warm-{jobs}", before=Before.NOTHING, primed=True),
        kind("edited", "one file changed", tree=f"edited-{jobs}", before=Before.EDIT, primed=True),
        kind("fix", "`--fix`, cold", "--fix", tree="fixed", before=Before.RESTORE),
        kind("all", "every rule (`--select ALL`), cold", "--select", "ALL"),
        kind("one", "one rule (`--select CTX101`), cold", "--select", "CTX101"),
    ]


def _flake8() -> list[Kind]:
    command = ("flake8", "--isolated", "--exit-zero", ".")

    def with_plugin(word: str, tree: str, before: Before, primed: bool = False) -> Kind:
        what = f"flake8 with ctxlint, {word}"
        key = f"flake8 {word}"
        return Kind(key, "flake8", what, "all", FLAKE8_CTXLINT, command, tree, before, primed)

    return [
        Kind("flake8", "flake8", "flake8", "all", FLAKE8, command),
        with_plugin("cold", "plain", Before.FORGET),
        with_plugin("warm", "flake8", Before.NOTHING, primed=True),
    ]


def _peers() -> list[Kind]:
    semgrep = ("semgrep", "scan", "--metrics", "off", "--disable-version-check", "--no-git-ignore")
    fixit = ("fixit", "--rules", "fixit.rules.use_async_sleep_in_async_def", "lint", ".")
    flake8_async = ("flake8-async", "--enable", "ASYNC300")
    ruff = ("ruff", "check", "--no-cache", "--isolated", "--exit-zero")
    return [
        Kind(
            key="ruff",
            tool="ruff",
            what="ruff, `--no-cache --select ASYNC,RUF006`",
            jobs="all",
            environment=RUFF,
            command=(*ruff, "--select", "ASYNC,RUF006", "."),
        ),
        Kind(
            key="semgrep",
            tool="semgrep",
            what="semgrep, `asyncio.create_task(...)`",
            jobs="all",
            environment=SEMGREP,
            command=(*semgrep, "--max-target-bytes", "0", "--config", str(NAIVE), "."),
            proof=r"Ran 1 rule on \d+ file",
        ),
        Kind(
            key="fixit",
            tool="fixit",
            what="Fixit, one rule (UseAsyncSleepInAsyncDef)",
            jobs="all",
            environment=FIXIT,
            command=fixit,
            statuses=frozenset(range(4)),  # bits: violations, files it could not read
            proof=r"\d+ files? (checked|clean)",
        ),
        Kind(
            key="flake8-async",
            tool="flake8-async",
            what="flake8-async, one rule (`--enable ASYNC300`)",
            jobs="1",
            environment=FLAKE8_ASYNC,
            command=flake8_async,
            names=Names.ARGUMENTS,
            statuses=frozenset({0, 1}),  # 1: violations, or a traceback
            proof=r"\A(?![\s\S]*^Traceback )",
        ),
    ]
