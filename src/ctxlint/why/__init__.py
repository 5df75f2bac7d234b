"""``--why FILE:LINE``: why a line is or is not reported, as somebody who knows would tell it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..noqa import NoqaMap
from ..program.index import ModuleIndex
from ..program.program import Program
from ..session import Session
from .contexts import contexts_on, sets_on
from .queues import gets_on, lines_of_queues, puts_on
from .spawns import lines_of_spawns, spawns_on
from .words import LEAK, shown

_NEAREST: Final = 3
_LEAVING_OUT: Final = "`select`, `ignore`, `threads-inherit` or `public-starters`"


def answer(session: Session, path: Path, line: int) -> str:
    """What is known of the spawns, puts, gets, sets and contexts on a line, and what follows."""
    program = session.program
    module = program.module(path)
    if module is None:
        error = program.modules.unreadable.get(path)
        return f"{path.name} cannot be analysed: {error.reason if error else 'it is not there'}."
    told = [
        *spawns_on(program, module, line),
        *puts_on(program, module, line),
        *gets_on(program, module, line),
        *contexts_on(program, module, line),
        *sets_on(program, module, line),
    ]
    outcome = _outcome(session, path, line, leaks=any(LEAK in each for each in told))
    if not told and not outcome:
        return _nothing(program, module, line)
    return "\n\n".join([*told, *outcome])


def _outcome(session: Session, path: Path, line: int, *, leaks: bool) -> list[str]:
    """What is reported on the line, or what keeps it from being reported."""
    judged = session.judged(path)
    reported, silenced, known = ([f for f in each if f.line == line] for each in judged)
    lines = [
        f"Reported as {each.code} ({each.name}). `ctxlint --explain {each.code}` tells what to do."
        for each in reported
    ]
    noqa = NoqaMap(session.text(path.as_posix()))
    for finding in silenced:
        if noqa.suppresses(line, finding.code):
            lines.append(f"{finding.code} is silenced {_by_comment(noqa, line)}.")
        else:
            lines.append(f"{finding.code} is silenced by `per-file-ignores` in the settings.")
    lines += [f"{each.code} is not reported: the baseline knows it." for each in known]
    if leaks and not lines:
        lines.append(f"It is not reported: the settings leave it out ({_LEAVING_OUT}).")
    return ["\n".join(lines)] if lines else []


def _by_comment(noqa: NoqaMap, line: int) -> str:
    if noqa.whole_file:
        return "by `# flake8: noqa`, which counts for the whole file"
    directive = noqa.directive(line)
    if directive is None or directive.line == line:
        return "by the `# noqa` comment in this line"
    return f"by the `# noqa` comment in line {directive.line}, which this line is joined with"


def _nothing(program: Program, module: ModuleIndex, line: int) -> str:
    told = "Nothing on this line starts, puts, takes or sets anything that ctxlint knows of."
    sites = sorted(lines_of_spawns(program, module) | lines_of_queues(program, module))
    near = sorted(sorted(sites, key=lambda each: abs(each - line))[:_NEAREST])
    if not near:
        return f"{told}\nNo other line of {shown(module.path)} starts, puts or takes anything."
    named = ", ".join(map(str, near[:-1])) + (" and " if near[:-1] else "") + str(near[-1])
    verb = "The nearest line that does is" if len(near) == 1 else "The nearest lines that do are"
    return f"{told}\n{verb} {named}."
