"""A `# noqa` comment in the line of each finding, and not a byte changed besides.

`--add-noqa` puts them into files, and the language server offers them one by one.

A comment goes to the end of a line, or into the `# noqa` that is there. Where lines are joined, by
a string over several of them or by a backslash, it goes to the last one, which flake8 reads for
all. What comes out is split into tokens again: but for comments they must be the same.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from .findings import Finding
from .fixes.document import Document
from .fixes.edits import Edit, Unfixable, spliced
from .noqa import Directive, NoqaMap

_LINE: Final = re.compile(r"([^\r\n]*?)[ \t\f]*(?=\r|\n|\Z)")
_NO_COMMENT_HELPS: Final = {
    "CTX900": "no comment silences it: mend the file, or `exclude` it",
    "CTX901": "remove the comment instead: --fix does",
}


class Silenced(msgspec.Struct, frozen=True):
    """One file: its bytes, the edits that silence its findings, and those that cannot be.

    ``after`` is the file with the edits; ``left`` says why of each finding that stays.
    """

    path: Path
    before: bytes
    after: bytes
    edits: tuple[Edit, ...]
    silenced: int
    left: tuple[tuple[Finding, str], ...]


def silenced(path: Path, source: bytes, findings: Iterable[Finding]) -> Silenced:
    """Silence the findings of a file by comments."""
    left: list[tuple[Finding, str]] = []
    wanted: dict[int, list[Finding]] = {}
    for finding in findings:
        if reason := _NO_COMMENT_HELPS.get(finding.code):
            left.append((finding, reason))
        else:
            wanted.setdefault(finding.line, []).append(finding)
    edits: list[Edit] = []
    done = 0
    try:
        document = Document(path, source)
        for group in _by_place(NoqaMap(document.text), wanted):
            reason = _objection(document, edits, group)
            if reason is None:
                edits.append(_edit(document, group))
                done += len(group)
            else:
                left += [(finding, reason) for finding in group]
    except Unfixable as error:
        left += [(finding, str(error)) for group in wanted.values() for finding in group]
    after = spliced(source, edits)
    return Silenced(path, source, after, tuple(sorted(edits)), done, tuple(left))


def _by_place(noqa: NoqaMap, wanted: dict[int, list[Finding]]) -> list[list[Finding]]:
    """The findings that one comment is to silence, place by place."""
    groups: dict[tuple[int, int], list[Finding]] = {}
    for line, findings in wanted.items():
        groups.setdefault(noqa.joined(line), []).extend(findings)
    return list(groups.values())


def _objection(document: Document, edits: Sequence[Edit], group: Sequence[Finding]) -> str | None:
    """Why a comment for findings cannot be added to the others; None where it can."""
    noqa = NoqaMap(document.text)
    if not noqa.is_split:
        return "this Python cannot tell where in the file a comment may stand"
    directive = noqa.directive(group[0].line)
    if directive is not None and not noqa.is_comment(directive):
        return f"a string in line {directive.line} holds `# noqa`, which counts before any comment"
    try:
        edit = _edit(document, group)
    except Unfixable as error:
        return str(error)
    new = Document(document.path, spliced(document.source, [*edits, edit])).text
    if _but_comments(new) != _but_comments(document.text):
        return "no comment can stand in this line: it is a part of a string"
    after = NoqaMap(new)
    if not all(after.suppresses(finding.line, finding.code) for finding in group):
        return "the comments of this line are read in another way"
    return None


def _edit(document: Document, group: Sequence[Finding]) -> Edit:
    noqa = NoqaMap(document.text)
    codes = sorted({finding.code for finding in group})
    directive = noqa.directive(group[0].line)
    if directive is not None:
        return _merged(document, directive, codes)
    last = noqa.joined(group[0].line)[1]
    start = noqa.start_of(last)
    line = _LINE.match(document.text, start)
    if line is None:
        raise Unfixable("the line is not where it was found")
    return document.edit(line.end(1), line.end(), f"  # noqa: {', '.join(codes)}")


def _merged(document: Document, directive: Directive, codes: Sequence[str]) -> Edit:
    end = directive.at + len(directive.text)
    listed = directive.text.partition(":")[2]
    new = [code for code in codes if not directive.silences(code)]
    by_space = "," not in listed and " " in listed.strip()
    joint = " " if by_space else "," if re.search(r",\S", listed) else ", "
    return document.edit(end, end, "".join(f"{joint}{code}" for code in new))


def _but_comments(source: str) -> list[tuple[int, str]] | None:
    """The tokens of a text, without comments and line breaks that mean nothing."""
    lines = io.StringIO(source.removeprefix("\ufeff"), newline=None).readlines()
    skipped = (tokenize.COMMENT, tokenize.NL)
    try:
        return [
            (token.type, token.string)
            for token in tokenize.generate_tokens(iter(lines).__next__)
            if token.type not in skipped
        ]
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
