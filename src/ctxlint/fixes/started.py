"""Calls that start a function and take its arguments as a tuple: threads, timers, pools."""

from __future__ import annotations

from typing import Final

import libcst as cst

from .calls import Call
from .edits import Edit, Unfixable

THREAD: Final = ("group", "target", "name", "args", "kwargs")
_POSITIONS: Final = {
    "Timer": ("interval", "function", "args", "kwargs"),
    "start_new_thread": ("function", "args", "kwargs"),
    "apply_async": ("func", "args", "kwds"),
}
_FUNCTIONS: Final = ("target", "function", "func")


class Started:
    """The arguments of such a call."""

    def __init__(self, call: Call) -> None:
        if call.unpacks:
            raise Unfixable("the thread's arguments are unpacked from a variable")
        self.call: Final = call
        last = call.function.rpartition(".")[2].strip()
        positions = _POSITIONS.get(last, THREAD)
        self.given: Final = {
            **dict(zip(positions, call.positional, strict=False)),
            **call.keywords,
        }
        self._follows: Final = positions
        if not any(name in self.given for name in _FUNCTIONS):
            raise Unfixable("the thread has no target")

    @property
    def target(self) -> cst.Arg:
        """The function that is started."""
        return next(self.given[name] for name in _FUNCTIONS if name in self.given)

    def run_by(self, run: str) -> list[Edit]:
        """``Thread(target=run, args=(f, a))`` instead of ``Thread(target=f, args=(a,))``."""
        call, target = self.call, self.target
        function = call.text(target.value)
        if "#" in function:
            raise Unfixable("a comment stands inside the thread's target")
        given = self.given.get("args")
        if given is not None:
            return [call.replaced(target.value, run), *_prepended(call, given.value, function)]
        new = f"args=({function},)"
        if target.keyword is None and target is not call.positional[-1]:  # positions follow
            return [call.replaced(target.value, run), call.with_argument(new)]
        return [call.replaced(target.value, f"{run}{call.separator(target)}{new}")]


def _prepended(call: Call, value: cst.BaseExpression, first: str) -> list[Edit]:
    """A display of arguments with one more at its beginning."""
    document = call.document
    if isinstance(value, cst.Name) and value.value == "None":
        return [call.replaced(value, f"({first},)")]
    if not (isinstance(value, cst.List) or (isinstance(value, cst.Tuple) and value.lpar)):
        return [call.replaced(value, f"({first}, *{call.text(value)})")]
    if not value.elements:
        return [
            call.replaced(value, f"({first},)" if isinstance(value, cst.Tuple) else f"[{first}]")
        ]
    element = value.elements[0]
    start = document.spans[element][0]
    parted = call.separator(element)
    made = [document.edit(start, start, first + parted)]
    if len(value.elements) == 1 and isinstance(element.comma, cst.Comma) and parted == ", ":
        comma = document.text.index(",", call.span(element.value)[1])
        made.append(document.edit(comma, comma + 1, ""))
    return made
