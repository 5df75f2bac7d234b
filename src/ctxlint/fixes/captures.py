"""Copies of contexts: one for each run, made where the work is handed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import libcst as cst

from ..intents import Handover, Propagate, Recopy
from ..supply import Supply
from .assigned import without_assignment
from .calls import Call, call_at, outer_span
from .changes import Changes, Needed
from .document import Document
from .edits import Edit, Unfixable
from .lines import line_start
from .naming import names_of
from .started import Started

COPY: Final = Needed("contextvars", "copy_context", qualified=True)
CONTEXT: Final = Needed("contextvars", "Context", qualified=True)
REPEAT: Final = Needed("itertools", "repeat", qualified=True)
TO_THREAD: Final = Needed("asyncio", "to_thread", qualified=True)
PARTIAL: Final = Needed("functools", "partial", qualified=True)

Documents = Callable[[Path], Document]


def propagated(intent: Propagate, documents: Documents, _supply: Supply) -> Mapping[Path, Changes]:
    """What copying the context at some calls does to their files. Raises Unfixable."""
    made: dict[Path, list[Edit]] = defaultdict(list)
    needed: dict[Path, set[Needed]] = defaultdict(set)
    for handover in intent.handovers:
        path = Path(handover.spot.path)
        handing = _Handing(documents(path), handover)
        made[path] += handing.edits()
        needed[path] |= handing.needed
    return {path: Changes(tuple(sorted(made[path])), frozenset(needed[path])) for path in made}


class _Handing:
    """One call that hands a function over."""

    def __init__(self, document: Document, handover: Handover) -> None:
        self.document: Final = document
        self.form: Final = handover.form
        self.call: Final = call_at(document, handover.spot.at, handover.inner)
        self.function: Final = _argument(self.call, handover.argument)
        self.loop: Final = handover.loop
        self.needed: Final[set[Needed]] = set()

    def name(self, needed: Needed) -> str:
        self.needed.add(needed)
        return names_of(self.document).of(needed)

    def edits(self) -> list[Edit]:
        if self.form in ("lambda", "wrapped-lambda"):
            return self._unfolded()
        if self.form == "awaited":
            with suppress(Unfixable):  # comments may stand in its way, and not in the other's
                return self._awaited()
        document = self.document
        start, end = outer_span(document, self.function)
        line = line_start(document.text, start)
        indent = document.text[line:start]
        parted = f",\n{indent}" if line > self.call.open and not indent.strip() else ", "
        if self.form == "each":
            arguments = self._each(self.call.text(self.function))
            return [document.edit(start, end, parted.join(arguments))]
        run = f"{self.name(COPY)}().run"
        if self.form == "thread":
            return Started(self.call).run_by(run)
        if self.form in ("beside", "awaited"):
            return [document.edit(start, start, f"{run}{parted}")]
        return [
            document.edit(start, start, f"{self.name(PARTIAL)}({run}, "),
            document.edit(end, end, ")"),
        ]

    def _each(self, function: str) -> tuple[str, ...]:
        """``context.run`` of another copy for each item: ``map`` takes them with the items."""
        if "#" in function:
            raise Unfixable("a comment stands inside the function")
        context, copy = self.name(CONTEXT), self.name(COPY)
        return f"{context}.run", f"iter({copy}, None)", f"{self.name(REPEAT)}({function})"

    def _awaited(self) -> list[Edit]:
        """``await asyncio.to_thread(f, a)`` for ``await loop.run_in_executor(None, f, a)``"""
        call = self.call
        made = [call.without(call.positional[0])]
        if self.loop is not None:
            made += without_assignment(self.document, self.loop.at, call)
        return [*made, call.renamed(self.name(TO_THREAD))]

    def _unfolded(self) -> list[Edit]:
        """``lambda: copy.run(f, x)`` → ``copy.run, f, x``"""
        document = self.document
        body = self.function.body if isinstance(self.function, cst.Lambda) else None
        if not isinstance(body, cst.Call) or not body.args:
            raise Unfixable("the lambda is not what it was")
        start, end = outer_span(document, self.function)
        func_start, func_end = outer_span(document, body.func)
        first, last = document.spans[body.args[0]][0], outer_span(document, body.args[-1].value)[1]
        for gap in ((start, func_start), (func_end, first), (last, end)):
            if "#" in document.text[slice(*gap)]:
                raise Unfixable("a comment stands in the lambda")
        whole = self.form == "wrapped-lambda"
        return [
            document.edit(start, func_start, f"{self.name(PARTIAL)}(" if whole else ""),
            document.edit(func_end, first, ", "),
            document.edit(last, end, ")" if whole else ""),
        ]


def _argument(call: Call, argument: int | str) -> cst.BaseExpression:
    if isinstance(argument, str):
        if argument not in call.keywords:
            raise Unfixable("the function is not where it was found")
        return call.keywords[argument].value
    if argument >= len(call.positional) or any(
        each.star for each in call.positional[: argument + 1]
    ):
        raise Unfixable("the function is not where it was found")
    return call.positional[argument].value


# --- contexts that are shared ----------------------------------------------------------------


def recopied(intent: Recopy, documents: Documents, _supply: Supply) -> Mapping[Path, Changes]:
    """What entering a copy does to the file in which a context is entered. Raises Unfixable."""
    path = Path(intent.spot.path)
    document = documents(path)
    at = intent.spot.at
    if intent.form == "argument":
        _, end = outer_span(document, _given(document, at))
        made = [document.edit(end, end, ".copy()")]
    else:
        run = _run(document, at)
        start, end = outer_span(document, run.value)
        made = [document.edit(end, end, ".copy()")]
        if intent.form == "each":
            rest = "*args, **kwargs" if _has_keywords(document, run) else "*args"
            behind = document.spans[run][1]
            made.insert(0, document.edit(start, start, f"lambda {rest}: "))
            made.append(document.edit(behind, behind, f"({rest})"))
    return {path: Changes(tuple(made))}


def _given(document: Document, at: int) -> cst.BaseExpression:
    """The argument that begins at an offset."""
    for node in document.spans:
        if isinstance(node, cst.Arg) and document.spans[node.value][0] == at:
            return node.value
    raise Unfixable("the context is not where it was found")


def _run(document: Document, at: int) -> cst.Attribute:
    """The ``context.run`` whose context begins at an offset."""
    for node in document.spans:
        if isinstance(node, cst.Attribute) and node.attr.value == "run":
            if document.spans[node.value][0] == at:
                return node
    raise Unfixable("the context is not where it was found")


def _has_keywords(document: Document, run: cst.Attribute) -> bool:
    """Whether the call that is given ``run`` has keyword arguments, which a partial passes on."""
    return any(
        any(each.value is run for each in node.args)
        and any(each.keyword is not None for each in node.args)
        for node in document.spans
        if isinstance(node, cst.Call)
    )
