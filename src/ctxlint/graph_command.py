"""`--graph`: how context travels, drawn in a language for pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, TextIO

import click

from ctxlint.asked import Asked
from ctxlint.commands import exit_code

LANGUAGES: Final = ("mermaid", "dot")


def graph(asked: Asked) -> int:
    """Print the graph: 0 also where something leaks, 2 when a path could not be used."""
    from ctxlint.checking import run
    from ctxlint.graph import Graph
    from ctxlint.reports import dot, mermaid
    from ctxlint.reports.progress import Bar

    with asked.output.opened(sys.stdout) as stream:
        with asked.workers() as executor, Bar(wanted=not asked.quiet) as bar:
            report = run(
                asked.targets,
                asked.lookup,
                overlay=asked.overlay(),
                jobs=asked.jobs,
                executor=executor,
                progress=bar,
                fixes=False,
                only=asked.only(),
                graph=True,
            )
        _speak_utf8(stream)
        drawn = report.graph or Graph()
        draw = dot.render if asked.graph == "dot" else mermaid.render
        draw(drawn, Path.cwd().as_posix(), stream)
        stream.flush()
    if asked.graph == "mermaid" and len(drawn.edges) > mermaid.MOST_EDGES:
        told = f"{len(drawn.edges):,} arrows, and Mermaid draws {mermaid.MOST_EDGES} by default"
        click.echo(f"ctxlint: note: {told}: name fewer paths", err=True)
    return exit_code(asked, report.problems, report.files, failed=False)


def _speak_utf8(stream: TextIO) -> None:
    """Print what both languages are read in, whatever the platform's encoding is (on Windows)."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and not stream.isatty():
        reconfigure(encoding="utf-8")
