"""`# noqa` and `# flake8: noqa`, meaning exactly what they mean to flake8 6 and 7.

A comment counts for its line; where a multi-line string or a backslash joins lines, for all of
them, and the first comment decides. (Brackets join nothing: a call over several lines is
silenced in the line that is reported.) Codes are prefixes, and though `noqa` may be written in
any case, codes must be written as they are reported. `# flake8: noqa` on a line of its own counts
for the file, whatever follows it.
"""

from __future__ import annotations

import functools
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final, NamedTuple

# Only what looks like a code is one: a comment with nothing but a reason silences everything.
INLINE: Final = re.compile(r"# noqa(?::\s?((?:[A-Z]+[0-9]+[,\s]*)+))?", re.IGNORECASE)
_WHOLE_FILE: Final = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)
_LONG_STRING: Final = re.compile(r"\"{3}|'{3}")
_F_PREFIX: Final = re.compile(r"[ftFT][rR]?\Z")
_SEPARATORS: Final = ", \t\r\n\f\v"

# An empty string is a prefix of every code.
_EVERYTHING: Final = ("",)


def suppressed(source: str, line: int, code: str) -> bool:
    """Whether `code`, reported in `line` (from 1) of `source`, is silenced by a comment."""
    return NoqaMap(source).suppresses(line, code)


class Directive(NamedTuple):
    """A `# noqa` that counts for the lines from ``first`` to ``last``.

    ``line`` and ``column`` (from 1) and ``at`` (an offset in the text, line ends as they are) tell
    where it begins, ``text`` what it is, up to its last code.  Without codes it silences all.
    ``is_followed`` says that there is another one behind it, which does not count.
    """

    first: int
    last: int
    line: int
    column: int
    at: int
    text: str
    codes: tuple[str, ...]
    is_followed: bool

    def silences(self, code: str) -> bool:
        """Whether it silences a code."""
        return code.startswith(self.codes or _EVERYTHING)


class NoqaMap:
    """What the comments of one file silence. Building it costs a search; a file is only split
    into tokens when there is a comment to find and a question to answer.
    """

    def __init__(self, source: str) -> None:
        self._source = source.removeprefix("\ufeff")
        self.whole_file = _mentions_flake8(self._source) and any(
            _WHOLE_FILE.match(line) for line in self._lines
        )
        self._silent = not self.whole_file and not INLINE.search(source)

    def suppresses(self, line: int, code: str) -> bool:
        """Whether `code`, reported in `line` (from 1), is silenced."""
        if self.whole_file or self._silent:
            return self.whole_file
        directive = self.directive(line)
        return directive is not None and directive.silences(code)

    def may_suppress_code(self, line: int) -> bool:
        """False where nothing that is reported of code in a line can be silenced.

        It spares splitting a file into tokens: code is joined with other lines where a string of
        several lines begins or ends in its line, by a backslash, and inside such an f-string.
        """
        if self.whole_file or self._silent or not 1 < line <= len(self._lines):
            return not self._silent
        above, here = self._lines[line - 2 : line]
        return (
            INLINE.search(here) is not None
            or _LONG_STRING.search(here) is not None
            or here.endswith("\\\n")
            or above.endswith("\\\n")
            or self._has_long_f_string
        )

    @functools.cached_property
    def _has_long_f_string(self) -> bool:
        return any(
            _F_PREFIX.search(self._source, max(quotes.start() - 2, 0), quotes.start()) is not None
            for quotes in _LONG_STRING.finditer(self._source)
        )

    def directive(self, line: int) -> Directive | None:
        """What counts for a line, be it in a comment or in a string; None for nothing."""
        if self._silent or not 1 <= line <= len(self._lines):
            return None
        first, last = self.joined(line)
        text = "".join(self._lines[first - 1 : last])
        match = INLINE.search(text)
        if match is None:
            return None
        before = text[: match.start()]
        row = first + before.count("\n")
        column = match.start() - (before.rfind("\n") + 1)
        listed = match[1].strip(_SEPARATORS) if match[1] else ""
        return Directive(
            first=first,
            last=last,
            line=row,
            column=column + 1,
            at=self._starts[row - 1] + column,
            text=match.group().rstrip(_SEPARATORS),
            codes=tuple(re.split(r"[,\s]+", listed)) if listed else (),
            is_followed=INLINE.search(text, match.end()) is not None,
        )

    def comments(self) -> Iterator[Directive]:
        """What stands in comments, in order; nothing where the whole file is silenced."""
        if self.whole_file or self._silent:
            return
        line = 1
        while line <= len(self._lines):
            directive = self.directive(line)
            if directive is not None and self.is_comment(directive):
                yield directive
            line = self.joined(line)[1] + 1

    def is_comment(self, directive: Directive) -> bool:
        """Whether a directive stands in a comment, and in no string."""
        return 0 <= self._tokens.comments.get(directive.line, -1) < directive.column

    def joined(self, line: int) -> tuple[int, int]:
        """First and last of the lines that a line is joined with."""
        return self._tokens.joined.get(line, (line, line))

    def start_of(self, line: int) -> int:
        """The offset at which a line begins, line ends as they are."""
        return self._starts[line - 1]

    @property
    def is_split(self) -> bool:
        """Whether the running Python can split the file into tokens: it knows all its lines."""
        return bool(self._tokens.joined)

    @functools.cached_property
    def _lines(self) -> list[str]:
        # Not splitlines(): to Python, a form feed ends no line.
        return io.StringIO(self._source, newline=None).readlines()

    @functools.cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n?|\n", self._source))]

    @functools.cached_property
    def _tokens(self) -> _Tokens:
        ranges: dict[int, tuple[int, int]] = {}
        comments: dict[int, int] = {}
        first, last = 0, 0
        try:
            for token in tokenize.generate_tokens(iter(self._lines).__next__):
                if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                    continue
                if token.type == tokenize.COMMENT:
                    comments[token.start[0]] = token.start[1]
                first = min(first or token.start[0], token.start[0])
                last = max(last, token.end[0])
                if token.type in (tokenize.NL, tokenize.NEWLINE):
                    ranges.update(dict.fromkeys(range(first, last + 1), (first, last)))
                    first, last = 0, 0
        except (tokenize.TokenError, SyntaxError, ValueError):
            return _Tokens({}, {})
        return _Tokens(ranges, comments)


class _Tokens(NamedTuple):
    """First and last of the lines that each line is joined with, and the column (from 0) of each
    line's comment. Both are empty if the running Python cannot split the file into tokens: then
    a comment counts for its own line.
    """

    joined: dict[int, tuple[int, int]]
    comments: dict[int, int]


def _mentions_flake8(source: str) -> bool:
    return re.search("# flake8[:=]", source, re.IGNORECASE) is not None
