"""README.md and CHANGELOG.md, as parts of the documentation: they say things once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rule_pages import linked

ROOT: Final = Path(__file__).resolve().parents[1]
_HEADING: Final = re.compile(r"^(#+) +(.+?) *$", re.MULTILINE)
_FENCE: Final = re.compile(r"^(```+).*?^\1 *$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"(?<=\]\()(?!https?:)([^)\s]+)(?=\))")

# Where a link of the README leads to in the documentation. What is not named here is an error.
LINKS: Final = {
    "docs/helpers.md": "/helpers.md",
    "docs/index.md": "/index.md",
    "docs/fixing-by-hand.md": "/fixing-by-hand.md",
    "docs/what-python-copies.md": "/what-python-copies.md",
    "docs/how-it-decides.md": "/how-it-decides.md",
    "docs/integrations/ci.md": "/integrations/ci.md",
    "docs/rules/index.md": "/rules/index.md",
    "docs/ctxlint.schema.json": "/ctxlint.schema.json",
    "#the-problem": "/index.md#the-problem",
    "#output-formats": "/output-formats.md",
    "#pictures": "/output-formats.md#pictures",
    "#settings": "/settings.md",
    "#in-an-editor": "/integrations/editors.md",
    "#adopting-it-in-old-code": "/adopting.md",
}


def readme_section(title: str) -> str:
    """A section of the README without its heading; its own sections become those of the page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for level, heading, body in _sections(text):
        if heading == title:
            return _linked(_raised(body, level - 1))
    raise KeyError(title)


def about(title: str) -> str:
    """What a section of the README begins with, before its own sections."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for _, heading, body in _sections(text):
        if heading == title:
            ends = (match.start() for match in _headings(body))
            return _linked(body[: next(ends, len(body))].strip("\n"))
    raise KeyError(title)


def changelog(_: str) -> str:
    """The changelog without its title."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return text.partition("\n")[2]


def _sections(text: str) -> Iterator[tuple[int, str, str]]:
    """Level, title, and text of each section, with the sections in it."""
    found = list(_headings(text))
    for number, match in enumerate(found):
        level = len(match[1])
        later = (each.start() for each in found[number + 1 :] if len(each[1]) <= level)
        yield level, match[2], text[match.end() : next(later, len(text))].strip("\n")


def _headings(text: str) -> Iterator[re.Match[str]]:
    """The headings of a text; comments in code are none."""
    hidden = [(match.start(), match.end()) for match in _FENCE.finditer(text)]
    for match in _HEADING.finditer(text):
        if not any(start <= match.start() < end for start, end in hidden):
            yield match


def _raised(text: str, by: int) -> str:
    """The text with its headings that many levels up; code is left alone."""
    pieces = []
    position = 0
    for fence in _FENCE.finditer(text):
        pieces += [_shorter(text[position : fence.start()], by), fence[0]]
        position = fence.end()
    return "".join([*pieces, _shorter(text[position:], by)])


def _shorter(text: str, by: int) -> str:
    return _HEADING.sub(lambda match: f"{match[1][by:]} {match[2]}", text)


def _linked(text: str) -> str:
    return linked(_LINK.sub(lambda match: LINKS[match[1]], text), "/rules/")
