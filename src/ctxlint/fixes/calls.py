"""Calls in a text: found by their place, and changed by the smallest edits."""

from __future__ import annotations

import re
from typing import Final

import libcst as cst

from .document import Document
from .edits import Edit, Unfixable
from .house_style import house_style
from .lines import after_line, line_end, line_start, plain

_ALONE: Final = re.compile(r"\s*,?\s*(?:#.*)?")


class Call:
    """One call of a document."""

    def __init__(self, document: Document, node: cst.Call) -> None:
        self.document: Final = document
        self.node: Final = node
        self.start, self.end = document.spans[node]
        self.func_start, self.func_end = self.span(node.func)
        self.open: Final = document.text.index("(", self.func_end)
        if _holds_comment(document.text[self.func_end : self.open]):
            raise Unfixable("a comment stands between the function and its arguments")

    def span(self, node: cst.BaseExpression) -> tuple[int, int]:
        """Where an expression stands, parentheses around it included."""
        return outer_span(self.document, node)

    def text(self, node: cst.BaseExpression) -> str:
        """An expression as it is written."""
        return plain(self.document.text[slice(*self.span(node))])

    @property
    def function(self) -> str:
        """The function as it is written."""
        return self.document.text[self.func_start : self.func_end]

    @property
    def positional(self) -> list[cst.Arg]:
        """The arguments without a keyword, ``*args`` among them."""
        return [arg for arg in self.node.args if arg.keyword is None and arg.star != "**"]

    @property
    def keywords(self) -> dict[str, cst.Arg]:
        """The arguments with a keyword."""
        return {arg.keyword.value: arg for arg in self.node.args if arg.keyword is not None}

    @property
    def unpacks(self) -> bool:
        """Whether ``*args`` or ``**kwargs`` are among the arguments."""
        return any(arg.star for arg in self.node.args)

    # --- edits ---------------------------------------------------------------------------------

    def renamed(self, name: str) -> Edit:
        """Call another function with the same arguments."""
        if _holds_comment(self.function):
            raise Unfixable("a comment stands inside the function's name")
        return self.document.edit(self.func_start, self.func_end, name)

    def passed_to(self, runner: str) -> list[Edit]:
        """``runner(function, arguments)`` instead of ``function(arguments)``."""
        document, args = self.document, self.node.args
        if not args:
            return [
                document.edit(self.func_start, self.func_start, f"{runner}("),
                document.edit(self.open, self.open + 1, ""),
            ]
        if (
            len(args) == 1
            and isinstance(args[0].value, cst.GeneratorExp)
            and not args[0].value.lpar
        ):
            raise Unfixable("its argument is a generator expression")
        first = document.spans[args[0]][0]
        gap = document.text[self.open + 1 : first]
        if gap.strip():  # a comment: it stays where it stands
            return [
                document.edit(self.func_start, self.func_start, f"{runner}("),
                document.edit(self.open, self.open + 1, ","),
            ]
        opened = plain(gap) if "\n" in plain(gap) else ""
        parted = f",{opened}" if opened and self._one_per_line() else ", "
        return [
            document.edit(self.func_start, self.func_start, f"{runner}({opened}"),
            document.edit(self.open, first, parted),
        ]

    def _one_per_line(self) -> bool:
        """Whether every argument has a line of its own, or its line is full."""
        document, args = self.document, self.node.args
        start, end = document.spans[args[0]][0], document.spans[args[-1]][1]
        text = document.text
        if isinstance(args[-1].comma, cst.Comma) or "\n" in plain(text[start:end]):
            return True
        length = end - line_start(text, start) + len(self.function) + len(", ")
        return length > house_style(document.path.parent).limit(text)

    def with_argument(self, argument: str) -> Edit:
        """One argument more, behind the others."""
        document, args = self.document, self.node.args
        if not args:
            return document.edit(self.end - 1, self.end - 1, argument)
        last = args[-1]
        end = document.spans[last][1]
        text = document.text
        parted = self.separator(last)
        if isinstance(last.comma, cst.Comma) and parted != ", ":
            below = after_line(text, end)
            if below < self.end and not text[below : self.end - 1].strip():
                indent = parted.removeprefix(",\n")
                return document.edit(below, below, f"{indent}{argument},\n")
        if len(args) == 1 and not isinstance(last.comma, cst.Comma):
            parted = ", "
        return document.edit(end, end, f"{parted}{argument}")

    def separator(self, node: cst.Arg | cst.BaseElement) -> str:
        """What to put between an argument, or an element of one, and another behind it."""
        text = self.document.text
        start, end = self.document.spans[node]
        begin = line_start(text, start)
        alone = _ALONE.fullmatch(plain(text[end : line_end(text, end)])) is not None
        if begin > self.open and not text[begin:start].strip() and alone:
            return f",\n{text[begin:start]}"
        return ", "

    def without(self, argument: cst.Arg) -> Edit:
        """One argument less."""
        document, args = self.document, list(self.node.args)
        at = next(i for i, each in enumerate(args) if each is argument)
        start, end = document.spans[argument]
        if at > 0:
            start = document.spans[args[at - 1]][1]
        elif len(args) > 1:
            end = document.spans[args[1]][0]
        if _holds_comment(document.text[start:end].replace(self.text(argument.value), "")):
            raise Unfixable("a comment stands beside an argument that must go")
        return document.edit(start, end, "")

    def replaced(self, node: cst.BaseExpression, text: str) -> Edit:
        """Something else instead of an expression in the call."""
        return self.document.edit(*self.span(node), text)


def outer_span(document: Document, node: cst.BaseExpression) -> tuple[int, int]:
    """Where an expression stands, parentheses around it included."""
    spans = document.spans
    start = spans[node.lpar[0]][0] if node.lpar else spans[node][0]
    return start, spans[node.rpar[-1]][1] if node.rpar else spans[node][1]


def call_at(document: Document, at: int, inner: int) -> Call:
    """The call that begins at an offset, with a number of other such calls in its function."""
    found = document.beginning_at(at, cst.Call)
    if inner >= len(found):
        raise Unfixable("the call is not where it was found")
    return Call(document, found[inner])


def _holds_comment(text: str) -> bool:
    return "#" in text
