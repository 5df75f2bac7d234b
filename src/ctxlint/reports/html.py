"""The html form: one page that needs nothing but itself, with filters, trails and the graph.

Only ASCII is written (other characters as references), so that the page is the same whatever the
encoding of the stream is.  Its policy lets no browser load anything, nor run a script but its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Final, TextIO

from ctxlint.findings import Finding
from ctxlint.graph import MEANING, Graph, Node, NodeKind, State
from ctxlint.reports import View
from ctxlint.reports.cards import Cards
from ctxlint.reports.excerpts import one_line, relative_path, shown_path
from ctxlint.reports.svg import drawn

_STATES: Final[tuple[State, ...]] = ("leak", "silenced", "carried", "detached", "plain")
_KINDS: Final[dict[NodeKind, str]] = {
    "request": "serves requests",
    "startup": "runs at start-up",
    "worker": "never ends",
    "queue": "a queue",
}


def render(findings: Sequence[Finding], view: View, stream: TextIO) -> None:
    """Write the page."""
    for part in _page(findings, view):
        stream.write(part.encode("ascii", "xmlcharrefreplace").decode("ascii"))
        stream.write("\n")


def _page(findings: Sequence[Finding], view: View) -> Iterator[str]:
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_count(len(findings), 'finding')} - ctxlint</title>"
    yield f"<style>{style}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#findings">Skip to the findings</a>'
    graph = view.graph if view.graph is not None and view.graph.nodes else None
    yield f"<header>\n<h1>ctxlint</h1>\n<p>{_heading(findings)}"
    if graph is not None:
        yield '<a href="#graph">How context travels</a>'
    yield "</p>\n</header>\n<main>"
    if findings:
        yield from _filters(findings, view)
    yield from _findings(findings, view)
    if graph is not None:
        yield from _graph(graph, findings, view)
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>"


def _asset(name: str) -> str:
    return files("ctxlint.reports").joinpath(name).read_text("ascii")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("ascii")).digest()).decode()


def _heading(findings: Sequence[Finding]) -> str:
    if not findings:
        return "No problems found."
    where = _count(len({finding.path for finding in findings}), "file")
    return f"{_count(len(findings), 'finding')} in {where}."


def _filters(findings: Sequence[Finding], view: View) -> Iterator[str]:
    """What narrows the findings down; hidden until the script has come to life."""
    rules = Counter((finding.code, finding.name) for finding in findings)
    paths = Counter(shown_path(finding.path, view.directory) for finding in findings)
    yield '<form role="search" aria-label="Filter the findings" hidden>'
    yield '<fieldset class="rules"><legend>Rules</legend>'
    for (code, name), number in sorted(rules.items()):
        shown, told = escape(one_line(code)), escape(one_line(name))
        yield (
            f'<button type="button" aria-pressed="false" data-rule="{shown}">'
            f"{shown} {told} ({number:,})</button>"
        )
    yield '</fieldset>\n<div><label for="file">File</label><select id="file">'
    yield '<option value="">All files</option>'
    for path, number in paths.items():
        yield f'<option value="{escape(path)}">{escape(path)} ({number:,})</option>'
    yield '</select></div>\n<div><label for="text">Text</label>'
    yield '<input id="text" type="search" autocomplete="off"></div>'
    yield '<button type="reset">Show all</button>\n</form>'
    yield '<p class="status soft" role="status"></p>'


def _findings(findings: Sequence[Finding], view: View) -> Iterator[str]:
    yield '<section id="findings" tabindex="-1" aria-labelledby="findings-title">'
    yield '<h2 id="findings-title">Findings</h2>'
    if not findings:
        yield "<p>There are none.</p>"
    cards = Cards(findings, view)
    numbered = enumerate(findings, 1)
    for path, own in groupby(numbered, key=lambda each: each[1].path):
        shown = escape(shown_path(path, view.directory))
        yield f'<section class="file">\n<h3>{shown}</h3>'
        for number, finding in own:
            yield cards.of(number, finding)
        yield "</section>"
    yield "</section>"


def _graph(graph: Graph, findings: Sequence[Finding], view: View) -> Iterator[str]:
    numbers = _functions(graph, findings)

    def link(node: Node) -> str | None:
        return f"#f{numbers[node.id]}" if node.id in numbers else None

    yield '<section id="graph" aria-labelledby="graph-title">'
    yield '<h2 id="graph-title">How context travels</h2>\n<ul class="key">'
    used = {each.state for each in graph.edges} | {each.state for each in graph.nodes}
    for state in _STATES:
        if state in used:
            yield f'<li class="{state}">{MEANING[state]}</li>'
    kinds = {each.kind for each in graph.nodes}
    for kind, told in _KINDS.items():
        if kind in kinds:
            yield f'<li class="box {kind}">{told}</li>'
    yield '</ul>\n<div class="pictures">'
    for number, part in enumerate(graph.components(), 1):
        name = escape(one_line(_title(part, view.directory)))
        yield f"<figure>\n<figcaption>{name}</figcaption>"
        picture = drawn(part, view.directory, f"g{number}", link)
        yield f'<div class="picture" tabindex="0" role="region" aria-label="{name}">{picture}</div>'
        yield "</figure>"
    yield "</div>\n</section>"


def _title(part: Graph, directory: str) -> str:
    """What a part of the graph is about: its queues, else its workers."""
    of_kind = {kind: [n for n in part.nodes if n.kind == kind] for kind in ("queue", "worker")}
    nodes = of_kind["queue"] or of_kind["worker"] or part.nodes
    told = ", ".join(node.label for node in nodes[:2])
    more = f" and {len(nodes) - 2:,} more" if len(nodes) > 2 else ""
    return f"{told}{more} ({relative_path(nodes[0].path, directory)})"


def _functions(graph: Graph, findings: Sequence[Finding]) -> dict[str, int]:
    """The first finding that stands in, or is about, each function of the graph."""
    first: dict[tuple[str, int], int] = {}
    for number, finding in enumerate(findings, 1):
        first.setdefault((finding.path, finding.line), number)
    found: dict[str, int] = {}
    for edge in graph.edges:
        if edge.state == "leak":
            for step in edge.steps:
                told = first.get((step.path, step.line))
                if told is not None:
                    found.setdefault(edge.source, told)
                    found.setdefault(edge.target, told)
    return found


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
