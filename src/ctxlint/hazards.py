"""The check that comes before libcst sees a file: what would hang or crash it.

libcst's parser is compiled and recursive. Depth overflows its stack, which kills the process;
long chains (`a + b + …`, `a.b().c()…`, `not not …`) make it copy everything parsed so far at
each link, so that time grows with the square of the length; nested `case` patterns make it try
over and over. No exception tells of any of this, so the bytes are looked at first.

What is measured is a skeleton: strings, comments, names and numbers are dropped; one byte
stands for each operator, bracket and separator. The limits were found by trial with libcst 1.9
and a stack of 8 MB: what is refused takes more than some 15 s, or comes near a crash.
"""

from __future__ import annotations

import re
from typing import Final

from ctxlint.encoding import Undecodable, decode
from ctxlint.questions import question

__all__ = ["decode", "hazard"]

MAX_BRACKETS: Final = 200  # in each other
MAX_PATTERN_BRACKETS: Final = 10  # in a `case`: 10 take 1 s, each further one 4 times as long
MAX_BLOCKS: Final = 99  # in each other; libcst's tokenizer counts no further
MAX_LAMBDAS: Final = 1_500  # directly in each other; 3,000 pass, 4,000 crash

# The stack, counted in links of a chain: 6,600 terms of a sum pass, 7,200 crash; with 97 blocks
# around them 4,500 pass, 5,000 crash. A link of `elif`, `and` or `.` weighs about the same.
MAX_STACK: Final = 6_000
STACK_PER_BLOCK: Final = 25
STACK_PER_BRACKET: Final = 8

# Time, counted in skeleton bytes that are copied while a chain grows: two million take a second.
# 5,000 terms of a sum are 12.5 million, 8,000 are 32 million.
MAX_WORK: Final = 27_000_000
WORK_PER_BYTE: Final = 45  # without any chain; a dict of 100,000 entries has 200,000 bytes

# Every quantifier is possessive, and no string needs its closing quote: nothing is tried twice.
_NO_CODE = re.compile(
    rb"""
    ( \"""[^"\\]*+ (?: (?: \\. | "(?!"") ) [^"\\]*+ )*+ (?:\""")?
    | '''[^'\\]*+ (?: (?: \\. | '(?!'') ) [^'\\]*+ )*+ (?:''')?
    | "[^"\\\r\n]*+ (?: \\(?:\r\n|.) [^"\\\r\n]*+ )*+ "?
    | '[^'\\\r\n]*+ (?: \\(?:\r\n|.) [^'\\\r\n]*+ )*+ '?
    | \#[^\r\n]*+
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_F_PREFIX = re.compile(rb"(?:\b[fFtT][rR]?|\b[rR][fFtT])\Z")

# Marks for what is a word in the source; no source holds these bytes outside strings.
_MARKS = bytes(range(1, 7))
_CASE, _DEFINITION, _LINK, _WORD, _NOT, _ELSE = (bytes([mark]) for mark in _MARKS)
_DROPPED = bytes(set(range(256)) - set(b"\n()[]{},;:=.+-*/%@&|^~<>!" + _MARKS))
_DOUBLED = re.compile(rb"(\*\*)|(//)|(<<|>>)|([=!<>]=)")
_WORDS = re.compile(rb"\b(?:(and|or)|(if|in|is|for)|(not)|(else))\b")
# Each begins with its letters, which are what the search looks for.
_GROWING_WORDS = [
    re.compile(rb"%b(?!\w)(?<!\w%b)" % (word, word)) for word in (b"and", b"or", b"not", b"else")
]
_STATEMENTS = b"\n" + _CASE + _DEFINITION
_SEPARATORS = b",:;=" + _STATEMENTS
# Which chain an operator lengthens, whether all of it is copied, and by how much the tree grows
# in height: a comparison is one node, however long; `and` and `or` are only nested afterwards.
_OPERATORS = {
    **dict.fromkeys(b"*/%@~", (1, True, 1)),
    **dict.fromkeys(b"+-&|^" + _NOT, (2, True, 1)),
    **dict.fromkeys(b"<>!" + _WORD, (3, False, 0)),
    **dict.fromkeys(_ELSE, (3, True, 1)),
    **dict.fromkeys(_LINK, (3, False, 1)),
}
_ALIKE = bytes.maketrans(b"[{]}", b"(())")
_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))
_NO_OPENING = bytes(set(range(256)) - set(b"([{"))

_CASE_LINE = re.compile(rb"(?<=\n)[ \t]*+case\b(?![ \t]*+[=.:,)])")
_LAMBDAS = re.compile(rb"(?:\blambda\b[^:\n]{0,200}+:[ \t(]*+)++")
_INDENTED_DEEPLY = re.compile(rb"\n[ \t]{60}")
_LINE_STARTS = re.compile(rb"^([ \t]*+)(elif\b|(?=[^\s#]))", re.MULTILINE)


class _Hazard(Exception):
    """What hazard() returns, on its way there."""


@question
def hazard(source: bytes) -> str | None:
    """Why these bytes must not be given to libcst, in a few words; None if they may be.

    Takes some 2 ms per 100 kB. A file that passes may still be no valid Python.
    """
    if b"\0" in source:
        return "contains NUL bytes"
    try:
        text = decode(source)
        if not source.isascii():
            # In some encodings, half of a letter looks like a backslash or a quote.
            source = text.encode("utf-8", "surrogatepass")
        _inspect(b"\n" + source)
    except (Undecodable, _Hazard) as reason:
        return str(reason)
    return None


def _inspect(source: bytes) -> None:
    parts = _NO_CODE.split(source)
    code = b" ".join(parts[::2])
    if b"\r" in code:
        code = code.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    code = code.replace(b"\\\n", b" ")
    _check_lambdas(code)
    if b"case" not in code and _plainly_harmless(code):  # taken as one piece
        marked, simple = code, True
    else:
        marked = _marked(code)
        simple = _plainly_harmless(marked)
    if not simple or code.count(b"elif") > 500 or _INDENTED_DEEPLY.search(code):
        stack = MAX_STACK - _stack_of_blocks(code)
        if not simple:
            _check_expressions(_skeleton(marked), stack)
    # What stands in f-strings is parsed as well; short ones can hold nothing bad.
    for at in range(1, len(parts), 2):
        if len(parts[at]) > MAX_BRACKETS and _F_PREFIX.search(parts[at - 1][-3:]):
            marked = _marked(parts[at].replace(b"}", b"},"))
            if not _plainly_harmless(marked):
                _check_expressions(_skeleton(marked), MAX_STACK)


def _check_lambdas(code: bytes) -> None:
    if code.count(b"lambda") > MAX_LAMBDAS:
        nested = max((run[0].count(b"lambda") for run in _LAMBDAS.finditer(code)), default=0)
        if nested > MAX_LAMBDAS:
            raise _Hazard(f"more than {MAX_LAMBDAS} lambdas in each other")


def _stack_of_blocks(code: bytes) -> int:
    """The stack that blocks take: an `elif` is a block in the block before it."""
    widths, branches, needed = [0], [0], 0
    for start in _LINE_STARTS.finditer(code):
        width = len(start[1].expandtabs(8))
        while width < widths[-1]:
            widths.pop()
            branches.pop()
        if width > widths[-1]:
            widths.append(width)
            branches.append(0)
            if len(widths) > MAX_BLOCKS + 1:
                raise _Hazard(f"blocks nested more than {MAX_BLOCKS} deep")
        branches[-1] = branches[-1] + 1 if start[2] else 0
        needed = max(needed, len(widths) * STACK_PER_BLOCK + branches[-1])
        if needed > MAX_STACK:
            raise _Hazard("too many elif in one statement")
    return needed


def _marked(code: bytes) -> bytes:
    if b"case" in code:
        code = _CASE_LINE.sub(b"\n" + _CASE, code)
    # No expression spans these: brackets that seem open here were misread, in an f-string's
    # quotes or in a broken file.
    code = code.replace(b"\ndef ", _DEFINITION).replace(b" def ", _DEFINITION)
    return code.replace(b"\nclass ", _DEFINITION)


def _plainly_harmless(marked: bytes) -> bool:
    """Whether upper bounds are low enough, as for nearly every file; far faster than a walk."""
    skeleton = marked.translate(None, _DROPPED)
    words = sum(len(word.findall(marked)) for word in _GROWING_WORDS)
    depth = _depth(skeleton, MAX_PATTERN_BRACKETS if _CASE in skeleton else 20)
    if depth is None:
        return False
    work, longest = (WORK_PER_BYTE + depth * depth // 8) * len(skeleton), 0
    for part in skeleton.split(_DEFINITION):
        links = len(part.translate(None, b"\n,:;=([{<>"))
        if links + words > MAX_STACK // 3:
            return False
        # Each costs at most twice its distance from where its chain began.
        growing = links + len(part.translate(None, _NO_OPENING))
        work += min(2 * growing, len(part)) * len(part)
        longest = max(longest, len(part))
    # The words are in no part; all of them in the longest would be the worst.
    return work + 2 * words * (longest + words) <= MAX_WORK


def _depth(skeleton: bytes, allowed: int) -> int | None:
    """How deep brackets nest at most; None if that may be more than `allowed`."""
    brackets = skeleton.translate(_ALIKE, _NO_BRACKETS)
    for depth in range(allowed + 1):
        if not brackets:
            return depth
        brackets = brackets.replace(b"()", b"")
    unclosed = brackets.count(b"(")
    return allowed if unclosed == 0 else None


def _skeleton(marked: bytes) -> bytes:
    single = (b"", b"*", b"/", b"|", b"<")
    marked = _DOUBLED.sub(lambda match: single[match.lastindex or 0], marked)
    marks = (b"", _LINK, _WORD, _NOT, _ELSE)
    marked = _WORDS.sub(lambda match: marks[match.lastindex or 0], marked)
    skeleton = marked.translate(None, _DROPPED)
    while b"\n\n" in skeleton:
        skeleton = skeleton.replace(b"\n\n", b"\n")
    return skeleton


def _check_expressions(skeleton: bytes, stack: int) -> None:
    """Walks the skeleton once, adding up what the parser copies at each link of a chain.

    `starts` is where the chains began that `.`, `*`, `+` and `else` lengthen, each inside the
    next. `height` is that of the tree so far, `reach` that of its last operand, `tallest` that of
    its siblings before the last comma.
    """
    work = WORK_PER_BYTE * len(skeleton)
    if work > MAX_WORK:
        raise _Hazard("too much code in one file")
    allowed, starts = MAX_BRACKETS, [0, 0, 0, 0]
    height = reach = tallest = 0
    outer: list[tuple[int, list[int], int, int, int]] = []
    for at, byte in enumerate(skeleton):
        if byte in b"([{":
            work += (at - starts[0]) * (2 if byte in b"[" else 1)
            outer.append((at, starts, height, reach, tallest))
            if len(outer) > allowed:
                raise _Hazard(f"brackets nested more than {allowed} deep")
            starts, height, reach, tallest = [at, at, at, at], 0, 0, 0
        elif byte in b")]}":
            if outer:
                inside = max(height, reach, tallest) + STACK_PER_BRACKET
                begin, starts, height, reach, tallest = outer.pop()
                work += (at - begin) * (len(outer) // 4)  # brackets are tried in several ways
                reach = max(reach + 1, inside)
        elif byte in b".":
            work += at - starts[0]
            reach += 1
        elif byte in _SEPARATORS:
            if byte in b"\n" and outer:
                continue
            if byte in _DEFINITION:
                outer.clear()
            if byte in _STATEMENTS:
                allowed = MAX_PATTERN_BRACKETS if byte in _CASE else MAX_BRACKETS
            tallest = max(height, reach, tallest) if outer else 0
            starts, height, reach = [at, at, at, at], 0, 0
        else:
            level, copied, higher = _OPERATORS[byte]
            if copied:
                work += at - starts[level]
            starts = [*[at] * level, *starts[level:]]
            height, reach = max(height, reach) + higher, 0
        if height > stack or reach > stack:
            raise _Hazard("an expression too long for the parser")
    if work > MAX_WORK:
        raise _Hazard("an expression too long for the parser")
