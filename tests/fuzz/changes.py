"""Changes to a program that mean nothing: comments, annotations, other names, more functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .loops import Pick

Where = tuple[str, int]
Files = Mapping[str, bytes]

_COMMENTS = ("", "", "# more of it", "# while True: asyncio.create_task(self._run())", "#" * 60)
_UNRELATED = '''

def unrelated(rows, *, limit=3):
    """Nobody calls it."""
    for row in rows[:limit]:
        yield row


class Unrelated:
    run = None

    def start(self):
        return self.run
'''
_NAMES = {
    "_run": "_go_round", "_serve": "_see_to", "_ensure": "_make_sure", "_store": "_file_away",
    "got": "taken", "spawn": "set_off", "launch": "set_going", "Runner": "Walker", "Told": "Bidden",
    "Background": "Behind", "BACKGROUND": "BEHIND", "guarded": "watched", "_queue": "_pile",
    "guarded_call": "watched_call", "begin": "commence", "_worker": "_hand", "_kept": "_held",
    "_step": "_stride", "_forever": "_always", "_ticks": "_beats", "_tick": "_beat",
    "item": "entry",
}  # fmt: skip
_ANNOTATED = (
    (re.compile(r"def (__init__|__post_init__)\(self\):"), r"def \1(self) -> None:"),
    (re.compile(r"\b(self|item), item\)"), r"\1, item: str)"),
    (re.compile(r"def (\w+)\(item\):"), r"def \1(item: str):"),
    (re.compile(r"\(coro\):"), '(coro: "object"):'),
    (re.compile(r"\(function\):"), '(function: "object"):'),
    (re.compile(r"^( +)(tries|count) = 0$", re.MULTILINE), r"\1\2: int = 0"),
)


@dataclass(frozen=True)
class Changed:
    """A program that means the same, and where its lines are now."""

    files: dict[str, bytes]
    moved: dict[Where, Where]

    def place(self, where: Where) -> Where:
        return self.moved.get(where, where)


def changed(pick: Pick, files: Files) -> Changed:
    """A program somewhat changed."""
    how = pick(_commented, _commented, _future, _extended, _renamed, _annotated)
    made: dict[str, bytes] = {}
    moved: dict[Where, Where] = {}
    for name, source in files.items():
        text = source.decode("utf-8")
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        end = "\r\n" if "\r\n" in text else "\n"
        rows, at = how(pick, text.removeprefix(mark).replace("\r\n", "\n"))
        made[name] = (mark + rows.replace("\n", end)).encode()
        moved.update({(name, old): (name, new) for old, new in at.items()})
    return Changed(made, moved)


Moved = tuple[str, dict[int, int]]
Change = Callable[[Pick, str], Moved]


def _commented(pick: Pick, text: str) -> Moved:
    """Comments and blank lines before statements, indented as these are, or not at all."""
    tree = ast.parse(text)
    starts = {
        min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
    }
    rows: list[str] = []
    at: dict[int, int] = {}
    for number, row in enumerate(text.split("\n"), 1):
        if number in starts and pick(True, False, False):
            indent = row[: len(row) - len(row.lstrip())]
            said = pick(*_COMMENTS)
            rows.append(said and pick(indent, "") + said)
        rows.append(row)
        at[number] = len(rows)
    return "\n".join(rows), at


def _future(pick: Pick, text: str) -> Moved:
    count = text.count("\n") + 2
    head = "from __future__ import annotations\n"
    return head + text, {number: number + 1 for number in range(1, count)}


def _extended(pick: Pick, text: str) -> Moved:
    """Functions that have nothing to do with it, behind the others."""
    return text.rstrip("\n") + "\n" + _UNRELATED, {}


def _renamed(pick: Pick, text: str) -> Moved:
    """Other names, the same ones in all files."""
    pattern = re.compile(r"\b(" + "|".join(_NAMES) + r")\b(?!=)")
    return pattern.sub(lambda match: _NAMES[match[1]], text), {}


def _annotated(pick: Pick, text: str) -> Moved:
    for pattern, with_type in _ANNOTATED:
        text = pattern.sub(with_type, text)
    return text, {}
