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
from typing import Final

# Only what looks like a code is one: a comment with nothing but a reason silences everything.
INLINE: Final = re.compile(r"# noqa(?::\s?((?:[A-Z]+[0-9]+[,\s]*)+))?", re.IGNORECASE)
_WHOLE_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)

# An empty string is a prefix of every code.
_EVERYTHING = ("",)


def suppressed(source: str, line: int, code: str) -> bool:
    """Whether `code`, reported in `line` (from 1) of `source`, is silenced by a comment."""
    return NoqaMap(source).suppresses(line, code)


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
        return code.startswith(self._prefixes(line))

    @functools.cached_property
    def _lines(self) -> list[str]:
        # Not splitlines(): to Python, a form feed ends no line.
        return io.StringIO(self._source, newline=None).readlines()

    def _prefixes(self, line: int) -> tuple[str, ...]:
        if not 1 <= line <= len(self._lines):
            return ()
        first, last = self._joined.get(line, (line, line))
        match = INLINE.search("".join(self._lines[first - 1 : last]))
        if match is None:
            return ()
        return (
            tuple(re.split(r"[,\s]+", match[1].strip(", \t\r\n\f\v"))) if match[1] else _EVERYTHING
        )

    @functools.cached_property
    def _joined(self) -> dict[int, tuple[int, int]]:
        """First and last of the lines that each line is joined with. Empty if the running Python
        cannot split the file into tokens: then a comment counts for its own line.
        """
        ranges: dict[int, tuple[int, int]] = {}
        first, last = 0, 0
        try:
            for token in tokenize.generate_tokens(iter(self._lines).__next__):
                if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                    continue
                first = min(first or token.start[0], token.start[0])
                last = max(last, token.end[0])
                if token.type in (tokenize.NL, tokenize.NEWLINE):
                    ranges.update(dict.fromkeys(range(first, last + 1), (first, last)))
                    first, last = 0, 0
        except (tokenize.TokenError, SyntaxError, ValueError):
            return {}
        return ranges


def _mentions_flake8(source: str) -> bool:
    return re.search("# flake8[:=]", source, re.IGNORECASE) is not None
