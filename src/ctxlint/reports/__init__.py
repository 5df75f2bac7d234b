"""The forms in which findings are printed, by the name that `--output-format` takes.

A form is one module with `render(findings, view, stream)`; it is imported only when it is asked
for, so that a plain run does not pay for rich.  A new form is a module and a row in `FORMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, TextIO

import msgspec

from ctxlint.findings import Finding
from ctxlint.graph import Graph
from ctxlint.intents import Intent
from ctxlint.reports.excerpts import Excerpts, relative_path

if TYPE_CHECKING:
    from ctxlint.fingerprints import Identity


class Edit(Protocol):
    """A range of bytes, and what is to stand there instead."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> bytes: ...


class Change(Protocol):
    """A file that a fix would change: its bytes, and the edits."""

    @property
    def path(self) -> Path: ...
    @property
    def before(self) -> bytes: ...
    @property
    def edits(self) -> Sequence[Edit]: ...


class View(msgspec.Struct, frozen=True, dict=True):
    """What a report needs besides the findings.

    `directory` is the absolute working directory, which printed paths are relative to. With
    `unsafe`, fixes that are not safe are wanted, too. With `colors`, forms for people use them.
    `previews` says what the fixes of findings would change, and `graph` how context travels, for
    forms that show it.
    """

    directory: str
    excerpts: Excerpts
    unsafe: bool = False
    colors: bool = False
    previews: Mapping[Intent, Sequence[Change]] = {}
    graph: Graph | None = None

    def is_fixable(self, finding: Finding) -> bool:
        """Whether `--fix`, with the flags that were given, would fix a finding."""
        wanted = ("safe", "unsafe") if self.unsafe else ("safe",)
        return finding.fix is not None and finding.fix.applicability in wanted

    def changes_of(self, finding: Finding) -> Sequence[Change]:
        """What the fix of a finding would change; nothing where that is not known."""
        intent = finding.fix.intent if finding.fix is not None else None
        return () if intent is None else self.previews.get(intent, ())

    @cached_property
    def checkout(self) -> str:
        """The directory that a code host resolves paths against."""
        from ctxlint.reports.checkout import checkout_around

        return checkout_around(self.directory)

    def hosted_path(self, path: str) -> str:
        """Return an absolute path as a code host knows it."""
        return relative_path(path, self.checkout)

    def identities(self, findings: Sequence[Finding]) -> list[Identity]:
        """What the findings are recognised by from run to run, in their order."""
        from ctxlint.fingerprints import identities  # for the forms that print them

        return identities(findings, self.hosted_path, self.excerpts.text)


Renderer = Callable[[Sequence[Finding], View, TextIO], None]


class Form(msgspec.Struct, frozen=True):
    """One way to print findings.

    `fixes` says what of fixes is shown: nothing, what they are for, or what they would change;
    `has_graph`, whether it draws how context travels.
    What is `for_programs` is read by nothing else: no summary for people goes with it, and
    numbers of findings have no place in it unless it `has_statistics`.
    """

    load: Callable[[], Renderer]
    fixes: Literal["none", "titles", "edits"] = "none"
    for_programs: bool = False
    has_statistics: bool = True
    has_graph: bool = False


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


def _json_lines() -> Renderer:
    from ctxlint.reports.as_json import render_lines

    return render_lines


def _sarif() -> Renderer:
    from ctxlint.reports.sarif import render

    return render


def _github() -> Renderer:
    from ctxlint.reports.github import render

    return render


def _gitlab() -> Renderer:
    from ctxlint.reports.gitlab import render

    return render


def _junit() -> Renderer:
    from ctxlint.reports.junit import render

    return render


def _pylint() -> Renderer:
    from ctxlint.reports.text import render_like_pylint

    return render_like_pylint


FORMS: Final[Mapping[str, Form]] = {
    "concise": Form(_concise),
    "full": Form(_full, fixes="titles"),
    "html": Form(_html, fixes="titles", has_statistics=False, has_graph=True),
    "json": Form(_json, fixes="titles", for_programs=True),
    "json-lines": Form(_json_lines, fixes="titles", for_programs=True),
    "sarif": Form(_sarif, fixes="edits", for_programs=True, has_statistics=False),
    "github": Form(_github),
    "gitlab": Form(_gitlab, for_programs=True, has_statistics=False),
    "junit": Form(_junit, for_programs=True, has_statistics=False),
    "pylint": Form(_pylint),
}


def renderer(form: str) -> Renderer:
    """Return the renderer of a form; KeyError when there is no form of that name."""
    return FORMS[form].load()
