"""What programs with a known truth have to show: as they are, and as they are fixed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ctxlint
from ctxlint.fixing import FixReport
from ctxlint.settings import Settings

from . import promises
from .grammar import Program

Told = dict[str, Any]


class Stage:
    """The process in which programs are run."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, (str(Path(ctxlint.__file__).parents[1]),)))
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("stage.py"))],
            env={**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def play(self, root: Path, program: Program) -> Told:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        sights = program.sights.items()
        script = {
            "root": str(root),
            "startup": program.startup,
            "requests": program.requests,
            "alive": [label for label, sight in sights if sight in ("user", "nobody")],
            "gone": [label for label, sight in sights if sight == "gone"],
            "items": [label for label, sight in program.items.items() if sight != "gone"],
        }
        self._process.stdin.write(json.dumps(script) + "\n")
        self._process.stdin.flush()
        told: Told = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def finds_the_truth(root: Path, program: Program) -> None:
    """Findings equal what the program was made to hold."""
    promises.write(root, program.files)
    findings = promises.checked(root, Settings())
    found = sorted(
        (Path(each.path).relative_to(root.resolve()).as_posix(), each.line, each.code)
        for each in findings
    )
    assert found == program.truth, _difference(program, found)
    promises.checked(root)  # ... with rules of which nothing is known here


def _difference(program: Program, found: list[tuple[str, int, str]]) -> str:
    lines = ["findings are not as the program was made:"]
    for word, some, others in (
        ("missed", program.truth, found),
        ("false alarm", found, program.truth),
    ):
        lines += [f"{word}: {each}" for each in some if each not in others]
    return "\n".join(
        [*lines, *(promises.text(name, source) for name, source in program.files.items())]
    )


def shows_what_it_leaks(stage: Stage, root: Path, program: Program) -> Told:
    """Run as it is, a program leaks what it was made to leak."""
    told = stage.play(root, program)
    assert not told["errors"], told["errors"]
    for label, sight in program.sights.items():
        late = told["late"].get(label, [])
        if sight == "user":
            assert set(late) - {"None"}, f"{label} was to see a user: {late}"
        elif sight == "nobody":
            assert late == ["None"], f"{label} was to see nobody: {late}"
        elif sight == "gone":
            assert not late, f"{label} was to be gone: {late}"
    for label, sight in program.items.items():
        if sight != "gone":
            seen = told["items"][label]
            right = all(item.partition(":")[0] == who for item, who in seen)
            assert right is (sight == "user"), f"{label}: items {seen}"
    return told


def leaks_no_more(stage: Stage, root: Path, program: Program, report: FixReport) -> Told:
    """Run as fixed, it does the same for everybody in their own context; but for what is left."""
    promises.write(root, {**program.files, **_texts(report, root)})
    told = stage.play(root, program)
    assert not told["errors"], told["errors"]
    left = {each.code for each in report.remaining}
    for label, sight in program.sights.items():
        late = told["late"].get(label, [])
        if sight == "gone":
            assert not late, f"{label} was to be gone: {late}"
        elif sight != "whoever" and not left & {"CTX101", "CTX102", "CTX103"}:
            assert late == ["None"], f"{label} sees {late} after the fix"
    for label, sight in program.items.items():
        if sight != "gone" and "CTX201" not in left:
            wrong = [each for each in told["items"][label] if each[0].partition(":")[0] != each[1]]
            assert not wrong, f"{label}: items {wrong} after the fix"
    return told


def same_items(before: Told, after: Told) -> None:
    """Every item is handled once, as it was."""
    for label, seen in before["items"].items():
        handled = sorted(item for item, _ in after["items"].get(label, []))
        assert handled == sorted(item for item, _ in seen), f"{label}: other items after the fix"


def _texts(report: FixReport, root: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(root.resolve()).as_posix(): source for path, source in report.texts.items()
    }
