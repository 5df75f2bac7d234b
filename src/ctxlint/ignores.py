"""Gitignore-style patterns, asked about many paths.

The patterns are read by pathspec, but for plain ones: most projects have no others, and importing
pathspec takes as long as listing several hundred files. Asking is our own, because a project has
many files and an ignore file many patterns, of which most look at a file's name alone and hardly
any ever fits.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final, NamedTuple

_SEGMENT: Final = r"(?=\**+[^*/\s])(?:[\w.~$@+-]|\*(?!\*)|\[\w+\])++"
_PLAIN: Final = re.compile(
    rf"(?P<kept>!)?(?P<root>/)?(?P<path>{_SEGMENT}(?:/{_SEGMENT})*+)(?P<below>/)?\s*+", re.ASCII
)
"""Letters, and what matches within one name: ``*`` and a choice of letters."""
_LONGEST: Final = 2**20
"""Of an ignore file: more says nothing, like one that cannot be read."""
_STAR: Final = "[^/]*"
"""What ``*`` is in an expression, also in pathspec's."""
_FIXED: Final = re.compile(r"(?:[^()\[\]/|^$*?{}\\]|\\.|\[(?!\^/\])[^\[\]/\\]+\])++")
"""A part of a name that has one length."""


class _Rule(NamedTuple):
    source: str  # a regular expression
    ignores: bool  # False for a pattern that begins with `!`
    by_name: bool  # the pattern has no slash inside: a path's last part decides


class Patterns:
    """The patterns of one ignore file or setting, relative to the directory `base`.

    Whoever asks must not ask about paths below an ignored directory: as in git, the directory's
    verdict is theirs.
    """

    def __init__(self, base: str, rules: Sequence[_Rule]) -> None:
        self.base = base if base.endswith("/") else base + "/"
        self._rules = tuple(rules)
        with unwarned():
            self._any_name = _any_of(rule.source for rule in rules if rule.by_name)
            self._any_path = _any_of(rule.source for rule in rules if not rule.by_name)

    @classmethod
    def parse(cls, base: str, lines: Iterable[str]) -> Patterns:
        """Patterns from the lines of an ignore file; as in git, a malformed line says nothing."""
        with unwarned():
            return cls(base, [rule for line in lines for rule in _rules(line)])

    @classmethod
    def read(cls, base: str, path: str) -> Patterns | None:
        """The patterns of the ignore file at `path`, None when it cannot be read."""
        try:
            if not os.path.isfile(path) or os.path.getsize(path) > _LONGEST:
                return None
            with open(path, encoding="utf-8", errors="surrogateescape") as lines:
                return cls.parse(base, lines)
        except OSError:
            return None

    def verdict(self, path: str) -> bool | None:
        """True if `path` is ignored, False if it is kept on purpose, None if nothing is said of it.

        `path` is absolute and below the base; that of a directory ends in a slash.
        """
        relative = path[len(self.base) :]
        name = relative[relative.rfind("/", 0, -1) + 1 :]
        by_name, by_path = self._any_name, self._any_path
        if not (by_name and by_name.fullmatch(name)) and not (
            by_path and by_path.fullmatch(relative)
        ):
            return None
        for rule in reversed(self._rules):  # the last pattern that fits decides
            if _compiled(rule.source).fullmatch(name if rule.by_name else relative):
                return rule.ignores
        return None

    def excludes(self, path: str) -> bool:
        """Whether a file, or a directory that it is in, is ignored; for files nobody has met."""
        if not path.startswith(self.base):
            return False
        parts = _leading(path[len(self.base) :])
        above = [self.base + "/".join(each) + "/" for each in parts[:-1]]
        return any(self.verdict(each) for each in (*above, path))

    def covering(self, directory: str) -> Patterns:
        """These patterns, relative to `directory` if that lies outside of their own base."""
        if f"{directory}/".startswith(self.base):
            return self
        return Patterns(directory, self._rules)

    def sparing(self, directory: str) -> Patterns:
        """These patterns without those that ignore `directory`, or a directory that it is in.

        For a directory that the user named although it is ignored: its files are wanted.
        """
        if not directory.startswith(self.base):
            return self
        above = [
            self.base + "/".join(parts) + "/" for parts in _leading(directory[len(self.base) :])
        ]
        kept = [
            rule
            for rule in self._rules
            if not rule.ignores
            or not any(Patterns(self.base, [rule]).verdict(path) for path in above)
        ]
        return self if len(kept) == len(self._rules) else Patterns(self.base, kept)


@contextmanager
def unwarned() -> Iterator[None]:
    """Without what Python warns of in patterns that become expressions, such as `[[:alpha:]]`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def ignored(path: str, chain: Sequence[Patterns]) -> bool:
    """Whether `path` is ignored by a chain of ignore files, of which the innermost comes last."""
    for patterns in reversed(chain):
        verdict = patterns.verdict(path)
        if verdict is not None:
            return verdict
    return False


def _rules(line: str) -> list[_Rule]:
    if not line.strip() or line.startswith("#"):
        return []
    plain = _PLAIN.fullmatch(line)
    return _rules_of_pathspec(line) if plain is None else [_plain_rule(plain)]


def _plain_rule(pattern: re.Match[str]) -> _Rule:
    """What pathspec makes of a plain pattern."""
    path = pattern["path"]
    by_name = pattern["root"] is None and "/" not in path
    parts = re.split(r"(\*|\[\w+\])", path)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = ["[^/]*" if each == "*" else each for each in parts[1::2]]
    start = "^(?:.+/)?" if by_name else "^"
    end = "(?:/)" if pattern["below"] else "(?:(?:/)|$)"
    source = _in_one_go(f"{start}{''.join(parts)}{end}")
    return _Rule(source, pattern["kept"] is None, by_name)


def _rules_of_pathspec(line: str) -> list[_Rule]:
    from pathspec import GitIgnoreSpec  # only for patterns that are not plain

    by_name = "/" not in line.strip().removeprefix("!")[:-1]
    try:
        return [
            _Rule(_whole(pattern.regex.pattern), pattern.include, by_name)
            for pattern in GitIgnoreSpec.from_lines([line]).patterns
            if pattern.regex is not None and pattern.include is not None
        ]
    except (ValueError, re.error):  # re.error: of a range that ends before it begins, `[z-a]`
        return []


def _whole(source: str) -> str:
    """An expression for the whole path, from pathspec's, which also fits paths below it.

    Git asks about each directory by itself: `!lib/mine` says nothing of what is in `lib/mine`.
    """
    source = source.replace("(?P<ps_d>", "(?:")  # a name may stand once, and some are joined
    source = {".": ".+", "(?:/)": ".*/"}.get(source, source)
    below = source.endswith("/") and source != ".*/"  # as for `lib/**`: all of it but itself
    return _compiled(_in_one_go(source + ".+" if below else source)).pattern


def _in_one_go(source: str) -> str:
    """An expression in which no ``*`` is tried again once what follows it was found.

    Where another ``*`` comes behind that, a later place would do no better. Else `*a*a*a*a*b`
    would take for ever on a name that somebody has made of many `a`.
    """
    first, *others = source.split(_STAR)
    made = [first]
    for number, part in enumerate(others, 1):
        is_last = number == len(others)
        is_settled = not is_last and (not part or _FIXED.fullmatch(part))
        made.append(f"(?>{_STAR}?{part})" if is_settled else f"{_STAR}{part}")
    return "".join(made)


def _any_of(sources: Iterable[str]) -> re.Pattern[str] | None:
    together = "|".join(f"(?:{source})" for source in sources)
    return _compiled(together) if together else None


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.DOTALL)


def _leading(relative: str) -> list[list[str]]:
    parts = relative.strip("/").split("/")
    return [parts[:count] for count in range(1, len(parts) + 1)]
