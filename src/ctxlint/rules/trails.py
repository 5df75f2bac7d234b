"""From judgements to findings: places, trails and the words that all spawn rules share."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..findings import Finding, Fix, Step
from ..program.index import ModuleIndex
from ..program.places import Place, end_of_call, step
from ..program.program import Judgement, Program
from ..program.scopes import Reach
from ..program.spawns import Spawn
from ..program.timers import started_function
from ..program.trees import last_name, offset
from .codes import CODES
from .rule import Options

_MAX_STEPS: Final = 12


def finding(
    program: Program,
    code: str,
    message: str,
    module: ModuleIndex,
    at: int,
    trail: tuple[Step, ...],
    fix: Fix | None = None,
) -> Finding:
    """A finding about the call that starts at an offset of a module."""
    line, column = module.facts.position(at)
    end_line, end_column = end_of_call(program.modules.text(module), at, module)
    return Finding(
        code=code,
        name=CODES[code],
        message=message,
        path=module.path.as_posix(),
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        trail=trail,
        fix=fix,
    )


def left_alone(program: Program, path: Path, code: str, options: Options) -> bool:
    """Whether nobody named the rule, and a file is test code, which may want what it reports."""
    return code not in options.named and program.calls.is_test_path(path)


def spawn_trail(judgement: Judgement) -> tuple[Step, ...]:
    """Request handler → starter → spawn → worker → loop."""
    spawn = judgement.spawn
    places: list[Place] = list(judgement.reach.steps) if judgement.reach is not None else []
    if judgement.passed_at is not None:
        use = judgement.passed_at
        text = f"{use.scope.label} passes the worker to {spawn.scope.label}"
        places.append(Place(use.module, offset(use.node), text))
    worker = worker_name(judgement)
    places.append(Place(spawn.module, spawn.call.at, f"{spawn.scope.label} spawns {worker}"))
    if judgement.worker is not None:
        places += judgement.worker.steps
    elif judgement.chain is not None:
        places += judgement.chain.steps
    return steps(places)


def steps(places: list[Place]) -> tuple[Step, ...]:
    """Places as steps, the middle of an overlong way left out."""
    if len(places) > _MAX_STEPS:
        places = [*places[: _MAX_STEPS // 2], *places[-_MAX_STEPS // 2 :]]
    found = [step(place) for place in places]
    return tuple(dict.fromkeys(found))


def worker_name(judgement: Judgement) -> str:
    """How a message names what is spawned: the function started, with its class."""
    spawn = judgement.spawn
    if judgement.chain is not None:
        return f"{judgement.chain.callback.label}()"
    started = {started_function(value) for value in judgement.started}
    if len(started) == 1 and (only := started.pop()) is not None:
        return f"{only.label}()"
    if judgement.passed_at is not None and judgement.worker is not None:
        return f"{judgement.worker.function.label}()"
    callee = spawn.callee
    return f"{last_name(callee)}()" if callee is not None and last_name(callee) else "a worker"


def why_endless(judgement: Judgement) -> str:
    """Why the worker never ends, for messages."""
    if judgement.worker is not None:
        return judgement.worker.reason
    return "it arms itself again"


def who_reaches(reach: Reach | None) -> str:
    """Who can run the spawn, for messages."""
    if reach is None or reach.entry is None:
        return "a request"
    label = reach.entry.label
    if reach.ending == "public":
        return f"whichever request first calls {label}()"
    if reach.reason == "runs for each item received":
        return f"whichever item {label}() is serving"
    return f"the request that {label}() is serving"


def is_guarded(spawn: Spawn) -> bool:
    """Whether a spawn stands behind a lazy guard: "start it if it does not run"."""
    from ..facts import model as m

    around = any(isinstance(each, m.If) for each in spawn.module.ancestors(spawn.call))
    before = any(
        isinstance(statement, m.If)
        and statement.at < spawn.call.at
        and any(isinstance(inner, m.Return) for inner in statement.body)
        for statement in spawn.scope.statements
    )
    return around or before


def is_silenced(judgement: Judgement, public_starters: bool, reach: Reach | None = None) -> bool:
    """Whether ``public-starters = false`` silences an unguarded public starter.

    ``reach`` says who leads to the spawn of what is no worker.
    """
    reach = reach or judgement.reach
    return (
        not public_starters
        and reach is not None
        and reach.ending == "public"
        and not is_guarded(judgement.spawn)
    )
