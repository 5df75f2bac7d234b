"""The forms in which findings are printed, by the name that `--output-format` takes.

A form is one module with `render(findings, view, stream)`; it is imported only when it is asked
for, so that a plain run does not pay for rich.  A new form is a module and a row in `FORMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TextIO

import msgspec

from ctxlint.findings import Finding
from ctxlint.graph import Graph
from ctxlint.reports.excerpts import Excerpts


class View(msgspec.Struct, frozen=True):
    """What a report needs besides the findings.

    `directory` is the absolute working directory, which printed paths are relative to. With
    `unsafe`, fixes that are not safe are wanted, too. `graph` is how context travels, for forms
    that draw it.
    """

    directory: str
    excerpts: Excerpts
    unsafe: bool = False
    graph: Graph | None = None

    def is_fixable(self, finding: Finding) -> bool:
        """Whether `--fix`, with the flags that were given, would fix a finding."""
        wanted = ("safe", "unsafe") if self.unsafe else ("safe",)
        return finding.fix is not None and finding.fix.applicability in wanted


Renderer = Callable[[Sequence[Finding], View, TextIO], None]


def _concise() -> Renderer:
    from ctxlint.reports.text import render

    return render


def _full() -> Renderer:
    from ctxlint.reports.full import render

    return render


def _json() -> Renderer:
    from ctxlint.reports.as_json import render

    return render


def _html() -> Renderer:
    from ctxlint.reports.html import render

    return render


FORMS: Final[Mapping[str, Callable[[], Renderer]]] = {
    "concise": _concise,
    "full": _full,
    "json": _json,
    "html": _html,
}


def renderer(form: str) -> Renderer:
    """Return the renderer of a form; KeyError when there is no form of that name."""
    return FORMS[form]()
