"""Spawn fixes: what `Detach` intents do to the text of their calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import libcst as cst

from ..intents import Detach, Form
from ..supply import Helper, Supply, helpers_of
from .assigned import without_assignment
from .calls import Call, call_at
from .changes import Changes, Needed
from .document import Document
from .edits import Edit, Unfixable
from .naming import names_of
from .started import THREAD, Started

CONTEXT: Final = Needed("contextvars", "Context", qualified=True)


def edits(
    intent: Detach, documents: Callable[[Path], Document], supply: Supply
) -> Mapping[Path, Changes]:
    """What detaching a spawn does to the files that it stands in. Raises Unfixable."""
    found: dict[Path, Changes] = {}
    for each in (intent, *intent.also):
        path = Path(each.spot.path)
        changes = _Rewriting(each, documents(path), supply).changes()
        known = found.get(path, Changes(()))
        found[path] = Changes(known.edits + changes.edits, known.imports | changes.imports)
    return found


class _Rewriting:
    """One intent on its way to edits, with the names that these need."""

    def __init__(self, intent: Detach, document: Document, supply: Supply) -> None:
        self.intent: Final = intent
        self.document: Final = document
        self.supply: Final = supply
        self.call: Final = call_at(document, intent.spot.at, intent.inner)
        self.needed: Final[set[Needed]] = set()

    def changes(self) -> Changes:
        made = _FORMS[self.intent.form](self)
        return Changes(tuple(sorted(made)), frozenset(self.needed))

    # --- names ---------------------------------------------------------------------------------

    def name(self, needed: Needed) -> str:
        """How the file writes what is needed."""
        self.needed.add(needed)
        return names_of(self.document).of(needed)

    def helper(self, found: Helper) -> str:
        return self.name(Needed(found.module, found.name))

    def empty_context(self) -> str:
        return f"{self.name(CONTEXT)}()"

    def runner(self) -> str:
        """What to pass a function to that is to run in an empty context."""
        found = self.supply.helper("run")
        return self.helper(found) if found is not None else f"{self.empty_context()}.run"

    def kept(self) -> str:
        """The argument that holds the variables to keep."""
        names = []
        for each in self.intent.keep:
            module, _, name = each.partition(":")
            names.append(self.name(Needed(module, name)) if module else name)
        return f"keep=({', '.join(names)}{',' if len(names) == 1 else ''})"

    # --- parts ---------------------------------------------------------------------------------

    def without_context(self) -> list[Edit]:
        """A ``context=`` that is the spawner's own, spelled out, goes."""
        given = self.call.keywords.get("context")
        return [self.call.without(given)] if given is not None else []

    def with_kept(self) -> list[Edit]:
        return [self.call.with_argument(self.kept())] if self.intent.keep else []

    def keep_nothing(self) -> None:
        if self.intent.keep:
            names = ", ".join(each.partition(":")[2] for each in self.intent.keep)
            raise Unfixable(f"there is no helper that keeps {names}")


def _task(this: _Rewriting) -> list[Edit]:
    """``asyncio.create_task(coro, name=n)`` and its kin."""
    call = this.call
    given = call.keywords.keys() - {"context", "coro"}
    wanted = {*given, "keep"} if this.intent.keep else given
    helper = this.supply.helper("task", *wanted)
    named = call.keywords.get("coro")
    plain = len(call.positional) == 1 if named is None else call.node.args[0] is named
    if helper is None or call.unpacks or not plain or not given <= {"name"}:
        return _through(this)
    made = [call.renamed(this.helper(helper)), *this.without_context(), *this.with_kept()]
    if named is not None:
        made.append(_without_keyword(call, named))
    if this.intent.loop is not None:
        made += without_assignment(this.document, this.intent.loop.at, call)
    return made


def _through(this: _Rewriting) -> list[Edit]:
    """A function that spawns during the call is called in an empty context."""
    this.keep_nothing()
    return [*this.call.passed_to(this.runner()), *this.without_context()]


def _timer(this: _Rewriting) -> list[Edit]:
    """``loop.call_later(delay, callback, context=contextvars.Context())``"""
    this.keep_nothing()
    given = this.call.keywords.get("context")
    if given is not None:
        return [this.call.replaced(given.value, this.empty_context())]
    return [this.call.with_argument(f"context={this.empty_context()}")]


def _runner(this: _Rewriting) -> list[Edit]:
    """``copied.run(asyncio.create_task, coro)``"""
    this.keep_nothing()
    return [this.call.renamed(this.runner())]


def _target(this: _Rewriting) -> list[Edit]:
    """``Thread(target=copied.run, args=(f,))``"""
    this.keep_nothing()
    target = Started(this.call).target.value
    if not isinstance(target, cst.Attribute):
        raise Unfixable("the context's run() has another name")
    return [this.call.replaced(target.value, this.empty_context())]


def _thread(this: _Rewriting) -> list[Edit]:
    """``threading.Thread(target=f, args=(a,), daemon=True)``"""
    call, thread = this.call, Started(this.call)
    wanted = thread.given.keys() - {"group", "target", "context"}
    if this.intent.keep:
        wanted.add("keep")
    helper = this.supply.helper("thread", *wanted)
    named = thread.target.keyword is not None
    if helper is None:
        return _plain_thread(this, thread)
    if named and not _is_ours(helper) and call.node.args[0] is not thread.target:
        return _plain_thread(this, thread)
    made = [call.renamed(this.helper(helper)), *this.without_context(), *this.with_kept()]
    if named and not _is_ours(helper):
        made.append(_without_keyword(call, thread.target))
    if "group" in thread.given:
        made.append(call.without(thread.given["group"]))
    for name in THREAD[2 : len(call.positional)]:
        start = this.document.spans[thread.given[name]][0]
        made.append(this.document.edit(start, start, f"{name}="))
    return made


def _plain_thread(this: _Rewriting, thread: Started) -> list[Edit]:
    """``threading.Thread(target=contextvars.Context().run, args=(f, a), daemon=True)``"""
    this.keep_nothing()
    return [*this.without_context(), *thread.run_by(f"{this.empty_context()}.run")]


def _is_ours(helper: Helper) -> bool:
    """Whether a helper is that of ctxlint, or a copy, whose first parameter is ``target``."""
    return helper.name == helpers_of(helper.module)["thread"].name


def _without_keyword(call: Call, argument: cst.Arg) -> Edit:
    """``coro=f()``, the first argument, whatever the parameter is called."""
    document = call.document
    return document.edit(document.spans[argument][0], document.spans[argument.value][0], "")


_FORMS: Final[Mapping[Form, Callable[[_Rewriting], list[Edit]]]] = {
    "task": _task,
    "through": _through,
    "thread": _thread,
    "timer": _timer,
    "runner": _runner,
    "target": _target,
}
