"""Cells that start one thing by itself: a method of an object, or a function of a module."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import shapes
from .apart import apart
from .cell import GUARDED, GUARDED_THREADS, Cell, Sight
from .loops import Ground, Pick, Work, endless, finite, indented
from .spawning import (
    DETACHED_TASKS,
    DETACHED_THREADS,
    LOOKALIKE_TASKS,
    LOOKALIKE_THREADS,
    PLAIN_TASKS,
    PLAIN_THREADS,
    Form,
    Spawn,
    bounded,
    guards,
)

FATES = (
    "leak",
    "leak",
    "leak",
    "finite",
    "detached",
    "bounded",
    "startup",
    "both",
    "lookalike",
    "clears",
)


def background(pick: Pick, label: str) -> Cell:
    """A task or a thread that does something by itself."""
    thread = pick(False, False, True)
    fate = pick(*FATES)
    if thread and fate == "clears":
        fate = pick("leak", "repeated")
    return (pick(_object, _object, _functions))(pick, label, thread, fate)


def work_of(pick: Pick, ground: Ground, fate: str) -> Work:
    if fate in ("finite", "repeated") or (fate == "bounded" and ground.thread):
        return finite(pick, ground, asks=fate == "bounded" or not ground.thread)
    work = endless(pick, ground)
    if fate == "clears":
        return Work(("USER.set(None)", *work.body), work.beside, work.state)
    return work


def forms(fate: str, thread: bool) -> Sequence[Form]:
    """The ways to start something that has such a fate."""
    if fate == "detached":
        more = shapes.DETACHED_THREADS if thread else shapes.DETACHED_TASKS
        return (*(DETACHED_THREADS if thread else DETACHED_TASKS), *more)
    if fate == "lookalike":
        more = () if thread else shapes.LOOKALIKE_TASKS
        return (*(LOOKALIKE_THREADS if thread else LOOKALIKE_TASKS), *more)
    if fate == "repeated":
        return shapes.REPEATING_THREADS
    more = shapes.PLAIN_THREADS if thread else shapes.PLAIN_TASKS
    if fate == "clears":
        more = tuple(each for each in more if each is not shapes.BY_PARTIAL)
    return (*(PLAIN_THREADS if thread else PLAIN_TASKS), *more)


def code_of(fate: str, thread: bool) -> str:
    leaks = fate in ("leak", "both", "lookalike", "repeated")
    return ("CTX102" if thread else "CTX101") if leaks else ""


def sight_of(fate: str) -> Sight:
    if fate in ("leak", "lookalike", "repeated"):
        return "user"
    if fate in ("detached", "startup", "clears"):
        return "nobody"
    return "any" if fate == "both" else "gone"


def _started(
    pick: Pick, spawn: Spawn, kept: str, name: str, *, method: bool, thread: bool
) -> list[str]:
    done = (
        ".done()" if not thread else "" if "= True" in spawn.lines[-1] else ".is_alive() is False"
    )
    guard = guards(pick, kept, name, method=method, done=done)
    return [*([] if method else [f"global {kept}"]), *guard.around(spawn.lines)]


def _class(name: str, base: str, members: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"class {name}({base}):" if base else f"class {name}:"]
    for number, member in enumerate(members):
        lines += ([""] if number else []) + indented(member)
    return lines


def _object(pick: Pick, label: str, thread: bool, fate: str) -> Cell:
    """An object that starts one of its methods, or of its base class's."""
    name, class_ = f"_{label}", label.title()
    where = pick("here", "base", "hook", "nested", "module")
    ground = Ground(method=where != "module", thread=thread, label=label)
    work = work_of(pick, ground, fate)
    runs = ground.head("_run")
    function = f"{ground.me}_run"
    if where == "nested":
        runs, function = ground.head("run").replace("self", ""), "run"
    traced = (
        ["@traced"] if where in ("here", "nested", "module") and pick(False, False, True) else []
    )
    defined = [*traced, runs, *indented(work.body)]
    state = [f"self.{each} = {value}" for each, value in work.state]
    cell = Cell(label, sight=sight_of(fate))
    guarded = GUARDED_THREADS if thread else GUARDED
    spawn = pick(*forms(fate, thread))(f"self.{name}", function, code_of(fate, thread))
    taken, spawn = apart(pick, cell, spawn, guarded) if fate != "bounded" else ([], spawn)
    kept = f"self.{name}"
    init = ["def __init__(self):", *indented([f"{kept} = None", *(state if ground.method else [])])]
    flag = [f"{name}_started = False"]
    if fate == "bounded":
        starter = bounded(pick, function, thread=thread, lost="USER.get()" in str(work))
    else:
        starter = _started(pick, spawn, kept, name, method=True, thread=thread)
    asynchronous = (fate == "bounded" and not thread) or pick(True, False)
    if where == "nested":
        starter = [*defined, "", *starter]
    word, wait = ("async def", "await ") if asynchronous else ("def", "")
    ensure = [f"{word} _ensure(self):", *indented(starter)]
    begins = [f"{word} begin(self):", *indented([f"{wait}self._ensure()"])]
    submits = [
        f"{word} submit(self, item):",
        *indented(["print(item)"] if fate == "startup" else ["len(item)", f"{wait}self._ensure()"]),
    ]
    method_parts = [list(work.beside)] if work.beside and ground.method else []
    top = [*taken, *guarded, "", ""]
    for row in [spawn.beside] if fate != "bounded" else []:
        top += [*row, "", ""] if row else []
    cell.coroutine = asynchronous
    module = f"{label}_service"
    own = [flag, init, begins, submits]
    if where == "module":
        shared = [f"{each} = {value}" for each, value in work.state]
        top += [*shared, *([""] * 2 if shared else []), *defined, "", ""]
        top += [*work.beside, "", ""] if work.beside else []
    if where == "base":
        base = _class(f"{class_}Base", "", [defined, *method_parts])
        cell.modules[f"{label}_base"] = base
        cell.modules[module] = [
            f"from .{label}_base import {class_}Base",
            "",
            *top,
            *_class(class_, f"{class_}Base", [*own, ensure]),
        ]
    elif where == "hook":
        quiet = [runs, *indented(["raise NotImplementedError"])]
        cell.modules[f"{label}_base"] = [
            *top,
            *_class(f"{class_}Base", "", [*own, ensure, quiet]),
        ]
        cell.modules[module] = [
            f"from .{label}_base import {class_}Base",
            "",
            "",
            *_class(class_, f"{class_}Base", [defined, *method_parts]),
        ]
    else:
        here = [defined] if where == "here" else []
        cell.modules[module] = [*top, *_class(class_, "", [*own, ensure, *here, *method_parts])]
    _reached(pick, cell, module, class_, fate)
    return cell


def _reached(pick: Pick, cell: Cell, module: str, class_: str, fate: str) -> None:
    """Who holds the object: a module, or each request makes one of its own."""
    label = cell.label
    how = pick("global", "global", "function", "fresh")
    if how == "fresh" and fate not in ("startup", "both"):
        cell.takes = f"from .{module} import {class_}"
        cell.call = f"{class_}().submit(item)"
        return
    if how == "function":
        cell.modules[module] += ["", "", f"_{label} = {class_}()", "", ""]
        cell.modules[module] += [f"def get_{label}():", f"    return _{label}"]
        cell.takes = f"from .{module} import get_{label}"
        cell.call, cell.begin = f"get_{label}().submit(item)", f"get_{label}().begin()"
    else:
        cell.modules[module] += ["", "", f"{label} = {class_}()"]
        cell.takes = f"from .{module} import {label}"
        cell.call, cell.begin = f"{label}.submit(item)", f"{label}.begin()"
    if fate not in ("startup", "both"):
        cell.begin = ""


def _functions(pick: Pick, label: str, thread: bool, fate: str) -> Cell:
    """Functions of modules; the worker is in another one, or reached by another name."""
    ground = Ground(method=False, thread=thread, label=label)
    work = work_of(pick, ground, fate)
    shared = [f"{each} = {value}" for each, value in work.state]
    defined = [*shared, *([""] * 2 if shared else [])]
    defined += [ground.head(f"run_{label}"), *indented(work.body)]
    defined += ["", "", *work.beside] if work.beside else []
    where = pick("here", "imported", "renamed", "module", "package")
    function = {"renamed": f"go_{label}", "module": f"{label}_loops.run_{label}"}.get(
        where, f"run_{label}"
    )
    taken = {
        "here": [],
        "imported": [f"from .{label}_loops import run_{label}"],
        "renamed": [f"from .{label}_loops import run_{label} as go_{label}"],
        "module": [f"from . import {label}_loops"],
        "package": [f"from .{label}_all import run_{label}"],
    }[where]
    kept = f"_{label}_worker"
    cell = Cell(label, sight=sight_of(fate))
    guarded = GUARDED_THREADS if thread else GUARDED
    spawn = pick(*forms(fate, thread))(kept, function, code_of(fate, thread))
    more, spawn = apart(pick, cell, spawn, guarded) if fate != "bounded" else ([], spawn)
    if fate == "bounded":
        starter = bounded(pick, function, thread=thread, lost="USER.get()" in str(work))
    else:
        starter = _started(pick, spawn, kept, kept, method=False, thread=thread)
    asynchronous = (fate == "bounded" and not thread) or pick(True, False)
    word, wait = ("async def", "await ") if asynchronous else ("def", "")
    submits = ["print(item)"] if fate == "startup" else ["len(item)", f"{wait}begin_{label}()"]
    cell.coroutine = asynchronous
    module = f"{label}_service"
    beside = spawn.beside if fate != "bounded" else ()
    cell.modules[module] = [
        *taken,
        *more,
        "",
        *guarded,
        "",
        "",
        *([*beside, "", ""] if beside else []),
        *([*defined, "", ""] if where == "here" else []),
        f"{kept} = None",
        "",
        "",
        f"{word} begin_{label}():",
        *indented(starter),
        "",
        "",
        f"{word} submit_{label}(item):",
        *indented(submits),
    ]
    if where != "here":
        cell.modules[f"{label}_loops"] = defined
    if where == "package":
        cell.modules[f"{label}_all"] = [f"from .{label}_loops import run_{label} as run_{label}"]
    cell.takes = f"from .{module} import begin_{label}, submit_{label}"
    cell.call = f"submit_{label}(item)"
    cell.begin = f"begin_{label}()" if fate in ("startup", "both") else ""
    return cell


CellMaker = Callable[[Pick, str], Cell]
