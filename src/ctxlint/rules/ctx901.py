"""CTX901: a `# noqa` comment that silences nothing of ctxlint's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ..findings import Finding, Fix
from ..intents import Spot, Unsilence
from ..noqa import Directive, NoqaMap
from ..program.program import Program
from .codes import CODES
from .rule import Example, Options, Rule

_CODE: Final = "CTX901"
_OURS: Final = re.compile(r"CTX\d+")

DOCUMENTATION = """\
# CTX901 unused-noqa

This rule is off by default. `--extend-select CTX901` turns it on, or `ALL`, as RUF100 of ruff.

## What it does

Reports codes of ctxlint in `# noqa` comments that silence nothing: the leak was mended, the code
moved, or the code is no rule's.

## Why it is bad

The comment says that there is a leak here and that somebody has decided to live with it. Once
that is no longer so, it misleads whoever reads it, and silences the next leak on this line.

## Example

```python
def start():
    threading.Thread(target=collect, daemon=True).start()  # noqa: CTX101
```

## Use instead

```python
def start():
    threading.Thread(target=collect, daemon=True).start()
```

Only codes that begin with `CTX` are judged, and of these only the ones whose rules are selected
and not ignored for the file. A bare `# noqa`, `# flake8: noqa` and codes of other tools are left
alone.

## Fix safety

Safe: the code is taken out of the comment, and the comment itself if no other code is left. What
else the comment says stays. Where another `# noqa` follows in the same line, which would begin to
count, nothing is changed.

## References

- [Unused noqa of ruff (RUF100)](https://docs.astral.sh/ruff/rules/unused-noqa/)
"""


def check(_program: Program, _path: Path, _options: Options) -> Iterator[Finding]:
    """Nothing: which comments are of use is known after all other rules; see `unused`."""
    return iter(())


def unused(
    path: Path, noqa: NoqaMap, findings: Sequence[Finding], judged: Callable[[str], bool]
) -> Iterator[Finding]:
    """Yield the comments of a file that silence none of its findings.

    ``findings`` are all of the other rules; ``judged`` says which rules were asked.
    """
    for directive in noqa.comments():
        here = [each.code for each in findings if directive.first <= each.line <= directive.last]
        idle = tuple(each for each in directive.codes if _is_idle(each, here, judged))
        if idle:
            yield _finding(path, directive, idle)


def _is_idle(code: str, found: Sequence[str], judged: Callable[[str], bool]) -> bool:
    if not _OURS.fullmatch(code) or _CODE.startswith(code):
        return False
    return all(map(judged, _rules(code))) and not any(each.startswith(code) for each in found)


def _rules(code: str) -> list[str]:
    return [each for each in CODES if each.startswith(code)]


def _finding(path: Path, directive: Directive, codes: tuple[str, ...]) -> Finding:
    named = ", ".join(codes)
    whole = set(codes) == set(directive.codes)
    what = "the comment" if whole else f"{named} from the comment"
    none = [code for code in codes if not _rules(code)]
    if none == list(codes):
        message = f"{named} in this `noqa` comment is no rule of ctxlint; remove {what}"
    else:
        verb = "silences" if len(codes) == 1 else "silence"
        message = f"{named} {verb} nothing here; remove {what}"
    if directive.is_followed:
        fix = Fix("display", f"Remove {what} by hand: another `noqa` follows, and would count then")
    else:
        intent = Unsilence(spot=Spot(path.as_posix(), directive.at), codes=codes)
        fix = Fix("safe", f"Remove {what}", intent)
    return Finding(
        code=_CODE,
        name=CODES[_CODE],
        message=message,
        path=path.as_posix(),
        line=directive.line,
        column=directive.column,
        end_line=directive.line,
        end_column=directive.column + len(directive.text),
        fix=fix,
    )


RULE = Rule(
    code=_CODE,
    name="unused-noqa",
    summary="a code in a `# noqa` comment that silences nothing",
    documentation=DOCUMENTATION,
    check=check,
    default=False,
    bad=(
        Example(
            "nothing is reported there",
            """\
import threading

def start(work):
    thread = threading.Thread(target=work)
    thread.start()  # noqa: CTX102 # error: CTX901
    thread.join()
""",
        ),
        Example(
            "one code of several",
            """\
import asyncio

class Poller:
    async def start(self):
        self._task = asyncio.create_task(self._poll())  # noqa: CTX101, CTX201 # error: CTX901

    async def _poll(self):
        while True:
            await asyncio.sleep(1)
""",
        ),
        Example("no such rule", "x = 1  # noqa: CTX199 # error: CTX901\n"),
    ),
    good=(
        Example(
            "a leak is silenced",
            """\
import asyncio

class Poller:
    async def start(self):
        self._task = asyncio.create_task(self._poll())  # noqa: CTX101

    async def _poll(self):
        while True:
            await asyncio.sleep(1)
""",
        ),
        Example("not about ctxlint", "import os  # noqa\nimport sys  # noqa: F401\n"),
        Example("not a comment", 'help = "add # noqa: CTX101 to the line"\n'),
    ),
)
