"""The check that comes before libcst sees a file: what would stop, hang or crash it.

libcst's parser is compiled and recursive. Depth overflows its stack, which kills the process;
long chains (`a + b + …`, `a.b().c()…`, `not not …`) make it copy everything parsed so far at
each link, so that time grows with the square of the length; and nested `case` patterns make it
try over and over. No exception tells of any of this, so the bytes are looked at first.

What is measured is a skeleton: strings, comments, names and numbers are dropped, one byte
stands for each operator, bracket and separator. The limits were found by trial with libcst 1.9
and a stack of 8 MB: what is refused takes more than some 15 s, or crashes.
"""

from __future__ import annotations

import io
import re
import tokenize
from typing import Final

MAX_DEPTH: Final = 200  # brackets; 1,000 pass, 3,000 crash
MAX_PATTERN_DEPTH: Final = 10  # brackets in a `case`: 10 levels take 1 s, each more 4 times that
MAX_INDENTS: Final = 99  # libcst's tokenizer counts no further
MAX_LINKS: Final = 6_000  # and, or, elif, nested: 7,000 pass, 8,000 crash
MAX_LAMBDAS: Final = 2_000  # directly within each other: 3,000 pass, 4,000 crash
# Copies of one skeleton byte while a chain grows; half a second's worth is about a million.
# 5,000 terms of a sum are 12.5 million, 8,000 are 32 million.
MAX_WORK: Final = 27_000_000
# What one byte of skeleton costs anyway, in the same unit: a dict of 100,000 entries has 200,000.
WORK_PER_BYTE: Final = 45

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
_CASE, _DEFINITION, _LINK, _WORD, _NOT, _ELSE = (bytes([mark]) for mark in range(1, 7))
_KEPT = b"\n()[]{},;:=.+-*/%@&|^~<>!" + bytes(range(1, 7))
_DROPPED = bytes(set(range(256)) - set(_KEPT))

_ALIKE = bytes.maketrans(b"[{]}", b"(())")
_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))

_CASE_LINE = re.compile(rb"(?<=\n)[ \t]*+case\b(?![ \t]*+[=.:,)])")
_WORDS = re.compile(rb"\b(?:(and|or)|(if|in|is|for)|(not)|(else))\b")
_LAMBDAS = re.compile(rb"(?:\blambda\b[^:\n]{0,200}+:[ \t(]*+)++")
_INDENTED_DEEPLY = re.compile(rb"\n[ \t]{99}")
_LINE_STARTS = re.compile(rb"^([ \t]*+)(elif\b|(?=[^\s#]))", re.MULTILINE)


class Undecodable(ValueError):
    """Bytes that are no text in the encoding they declare; the message says where and why."""


def decode(source: bytes) -> str:
    """The text of a Python file, by its byte order mark or PEP 263 declaration, else UTF-8.

    Line ends stay as they are. Raises Undecodable.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:
        if "unknown encoding" in str(error):
            raise Undecodable(str(error)) from None
        encoding = "utf-8"  # it is not: the same bytes fail below, where the place is known
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        byte = source[error.start]
        raise Undecodable(f"not {encoding}: byte 0x{byte:02x} in line {line}") from None
    except (LookupError, ValueError):
        raise Undecodable(f"unknown encoding: {encoding}") from None


def hazard(source: bytes) -> str | None:
    """Why these bytes must not be given to libcst, in a few words; None if they may be.

    Takes some 2 ms per 100 kB. A file that passes may still be no valid Python.
    """
    if b"\0" in source:
        return "contains NUL bytes"
    try:
        text = decode(source)
    except Undecodable as error:
        return str(error)
    if not source.isascii():
        # In some encodings, half of a letter looks like a backslash or a quote.
        source = text.encode("utf-8", "surrogatepass")
    parts = _NO_CODE.split(b"\n" + source)
    code = b" ".join(parts[::2])
    if b"\r" in code:
        code = code.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    code = code.replace(b"\\\n", b" ")
    return _blocks(code) or _expressions(code) or _f_strings(parts)


def _blocks(code: bytes) -> str | None:
    """Lambdas in lambdas, blocks in blocks, and `elif`, which is a block in a block."""
    if code.count(b"lambda") > MAX_LAMBDAS:
        runs = _LAMBDAS.finditer(code)
        nested = max((run.group().count(b"lambda") for run in runs), default=0)
        if nested > MAX_LAMBDAS:
            return f"{nested} lambdas within each other"
    if code.count(b"elif") <= MAX_LINKS and not _INDENTED_DEEPLY.search(code):
        return None
    widths, branches = [0], [0]
    for start in _LINE_STARTS.finditer(code):
        width = len(start[1].expandtabs(8))
        while width < widths[-1]:
            widths.pop()
            branches.pop()
        if width > widths[-1]:
            widths.append(width)
            branches.append(0)
            if len(widths) > MAX_INDENTS + 1:
                return f"blocks nested more than {MAX_INDENTS} deep"
        branches[-1] = branches[-1] + 1 if start[2] else 0
        if branches[-1] > MAX_LINKS:
            return f"more than {MAX_LINKS} elif in one statement"
    return None


def _expressions(code: bytes) -> str | None:
    if b"case" in code:
        code = _CASE_LINE.sub(_CASE, code)
    # No expression spans these: brackets that seem open here were misread, in an f-string's
    # quotes or in a broken file.
    code = code.replace(b"\ndef ", _DEFINITION).replace(b" def ", _DEFINITION)
    code = code.replace(b"\nclass ", _DEFINITION)
    words = sum(map(code.count, (b"and", b"or", b"not", b"else")))
    if _plainly_harmless(code.translate(None, _DROPPED), words):
        return None
    return _chains(_skeleton(code))


def _plainly_harmless(skeleton: bytes, words: int) -> bool:
    """Whether upper bounds are low enough, as for nearly every file; far faster than `_chains`.

    The skeleton may lack its `words`.
    """
    lengths = [len(part) for part in skeleton.split(_DEFINITION)]
    # A byte costs at most twice its distance from where its chain began.
    work = sum(length * length for length in lengths) + words * (max(lengths) + words)
    if work + WORK_PER_BYTE * len(skeleton) > MAX_WORK:
        return False
    brackets = skeleton.translate(_ALIKE, _NO_BRACKETS)
    allowed = MAX_PATTERN_DEPTH if _CASE in skeleton else MAX_DEPTH
    for depth in range(allowed):
        if depth + brackets.count(b"(") <= allowed:
            return True
        outer = brackets.replace(b"()", b"")
        if outer == brackets:
            return False
        brackets = outer
    return False


def _skeleton(code: bytes) -> bytes:
    for double, single in ((b"**", b"*"), (b"//", b"/"), (b"<<", b"|"), (b">>", b"|")):
        code = code.replace(double, single)
    code = _WORDS.sub(_mark, code)
    code = code.translate(None, _DROPPED)
    while b"\n\n" in code:
        code = code.replace(b"\n\n", b"\n")
    return code


def _mark(match: re.Match[bytes]) -> bytes:
    return (b"", _LINK, _WORD, _NOT, _ELSE)[match.lastindex or 0]


def _chains(skeleton: bytes) -> str | None:
    """Walks the skeleton once, adding up what the parser copies at each link of a chain.

    `primary`, `term`, `operand` and `whole` are where the chains began that `.`, `*`, `+` and
    `else` lengthen, each inside the next.
    """
    work = WORK_PER_BYTE * len(skeleton)
    if work > MAX_WORK:
        return "too much code in one file"
    primary = term = operand = whole = links = 0
    outer: list[tuple[int, int, int, int, int]] = []
    allowed = MAX_DEPTH
    for at, byte in enumerate(skeleton):
        if byte in b"([{":
            work += (at - primary) * (2 if byte == 0x5B else 1)
            outer.append((primary, term, operand, whole, links))
            if len(outer) > allowed:
                return f"brackets nested more than {allowed} deep"
            primary = term = operand = whole = at
            links = 0
        elif byte in b")]}":
            if outer:
                primary, term, operand, whole, links = outer.pop()
        elif byte in b".":
            work += at - primary
        elif byte in b",:;=\n\x01\x02":
            if byte == 0x0A and outer:
                continue
            if byte == 0x02:
                outer.clear()
            if byte in b"\n\x01":
                allowed = MAX_PATTERN_DEPTH if byte == 0x01 else MAX_DEPTH
            primary = term = operand = whole = at
            links = 0
        elif byte in b"*/%@~":
            work += at - term
            primary = at
        elif byte in b"+-&|^\x05":
            work += at - operand
            primary = term = at
        else:
            if byte == 0x06:
                work += at - whole
            elif byte == 0x03:
                links += 1
                if links > MAX_LINKS:
                    return f"more than {MAX_LINKS} `and` or `or` in one expression"
            primary = term = operand = at
    return "expressions too long for the parser" if work > MAX_WORK else None


def _f_strings(parts: list[bytes]) -> str | None:
    """The same for the expressions inside f-strings; short ones can hold nothing bad."""
    for at in range(1, len(parts), 2):
        if len(parts[at]) > MAX_DEPTH and _F_PREFIX.search(parts[at - 1][-3:]):
            if reason := _expressions(parts[at].replace(b"}", b"},")):
                return reason
    return None
