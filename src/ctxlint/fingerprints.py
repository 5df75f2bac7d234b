"""What makes a finding the same one after the code around it has moved.

An identity is the rule, the path, the enclosing function and the text of the code. Neither lines
nor columns are part of it, nor how the code is laid out: white space, comments, trailing commas and
the kind of quotes. Findings that are alike in all of that are counted, from the top of the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from .findings import Finding

_STRING: Final = (
    r"\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    r"|\"(?:[^\\\"\r\n]|\\(?:\r\n|.))*\"|'(?:[^\\'\r\n]|\\(?:\r\n|.))*'"
)
_PIECE: Final = re.compile(
    rf"(?P<string>{_STRING})|(?P<gap>(?:\s|\\(?=[\r\n])|\#[^\r\n]*)+)|(?P<word>\w+)"
    r"|(?P<comma>,(?=(?:\s|\\(?=[\r\n])|\#[^\r\n]*)*[)\]}]))|.",
    re.DOTALL,
)
_LANDMARK: Final = re.compile(
    rf"(?:{_STRING})|\#[^\r\n]*|(?P<open>[(\[{{])|(?P<close>[)\]}}])|\\(?:\r\n?|\n)"
    r"|(?:\A|\r\n?|\n)(?P<indent>[ \t\f]*)"
    r"(?:(?P<blank>(?=[\r\n#]|\Z))|(?:async[ \t]+)?(?:def|class)[ \t]+(?P<name>\w+))?",
    re.DOTALL,
)
_LINE_END: Final = re.compile(r"\r\n?|\n")
_TAB: Final = 8  # columns, as Python counts indentation


class Identity(msgspec.Struct, frozen=True, order=True):
    """What a finding is recognised by; ``ordinal`` tells those apart that are alike."""

    code: str
    path: str
    function: str
    text: str
    ordinal: int = 0

    @property
    def fingerprint(self) -> str:
        """The identity as 32 hexadecimal digits."""
        import hashlib  # with OpenSSL, for the forms that print it

        fields = (self.code, self.path, self.function, self.text, str(self.ordinal))
        told = "\0".join(fields).encode("utf-8", "surrogatepass")
        return hashlib.sha256(told).hexdigest()[:32]


def identities(
    findings: Sequence[Finding], path_of: Callable[[str], str], text_of: Callable[[str], str]
) -> list[Identity]:
    """The identities of findings, in their order, each a different one.

    ``path_of`` gives the path that is part of it: relative to something that stays the same from
    run to run. ``text_of`` gives the text of a file; of one that cannot be had, none.
    """
    texts: dict[str, SourceText] = {}
    found: list[Identity] = []
    for each in findings:
        if each.path not in texts:
            texts[each.path] = SourceText(text_of(each.path))
        text = texts[each.path]
        start = text.offset(each.line, each.column)
        code = compact(text.text[start : text.offset(each.end_line, each.end_column)])
        found.append(Identity(each.code, path_of(each.path), text.function_at(start), code))
    return _told_apart(findings, found)


def _told_apart(findings: Sequence[Finding], found: Sequence[Identity]) -> list[Identity]:
    known: Counter[Identity] = Counter()
    result = list(found)
    for index in sorted(range(len(found)), key=lambda each: findings[each].sort_key):
        alike = found[index]
        result[index] = msgspec.structs.replace(alike, ordinal=known[alike])
        known[alike] += 1
    return result


def compact(code: str) -> str:
    """Code without what formatters change: white space, comments, commas before brackets, and which
    quotes are around a string."""
    parts: list[str] = []
    gap = False
    for match in _PIECE.finditer(code):
        if match["gap"]:
            gap = True
        elif not match["comma"]:
            piece = _double_quoted(match.group()) if match["string"] else match.group()
            if (
                gap
                and match["word"]
                and parts
                and (parts[-1][-1].isalnum() or parts[-1][-1] == "_")
            ):
                parts.append(" ")
            parts.append(piece)
            gap = False
    return "".join(parts)


def _double_quoted(string: str) -> str:
    """A string in the quotes that most formatters prefer, where it needs no escape for that."""
    quotes = string[:3] if string.startswith(("'''", '"""')) else string[:1]
    body = string[len(quotes) : -len(quotes)]
    if '"' in body or "\\" in body:
        return string
    double = '"' * len(quotes)
    return f"{double}{body}{double}"


class SourceText:
    """The text of a file, and which function or class each place in it belongs to.

    The text need not be valid: it is read for definitions, brackets, strings and indentation, and
    by no parser.
    """

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self._lines = (0, *(match.end() for match in _LINE_END.finditer(text)))
        self._names: list[str] = [""]
        self._starts: list[int] = [0]
        self._read()

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1; inside the text."""
        start = self._lines[min(max(line, 1), len(self._lines)) - 1]
        return min(start + column - 1, len(self.text))

    def function_at(self, at: int) -> str:
        """The dotted name of the function or class around an offset; empty at the top level."""
        return self._names[bisect_right(self._starts, at) - 1]

    def _read(self) -> None:
        around: list[tuple[int, str]] = []  # indentation and dotted name of open definitions
        depth = 0
        for match in _LANDMARK.finditer(self.text):
            if match["open"]:
                depth += 1
            elif match["close"]:
                depth = max(depth - 1, 0)
            elif match["name"]:
                depth = 0  # no bracket is open at a definition, whatever a string has looked like
                self._end(around, match)
                outer = f"{around[-1][1]}." if around else ""
                around.append((_width(match["indent"]), outer + match["name"]))
                self._note(match.start("name"), around)
            elif match["indent"] is not None and match["blank"] is None and not depth:
                self._end(around, match)

    def _end(self, around: list[tuple[int, str]], line: re.Match[str]) -> None:
        """Leave the definitions that end before a line."""
        indent = _width(line["indent"])
        while around and around[-1][0] >= indent:
            around.pop()
        self._note(line.end("indent"), around)

    def _note(self, at: int, around: Sequence[tuple[int, str]]) -> None:
        name = around[-1][1] if around else ""
        if name != self._names[-1]:
            self._starts.append(at)
            self._names.append(name)


def _width(indentation: str) -> int:
    return len(indentation.rpartition("\f")[2].expandtabs(_TAB))
