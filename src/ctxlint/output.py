"""Where findings are written, and in which form: what `--output-format` and its like ask for."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

import msgspec

from ctxlint.reports import FORMS, Change, View, renderer
from ctxlint.reports.colors import has_colors
from ctxlint.reports.excerpts import Excerpts, one_line

if TYPE_CHECKING:
    from ctxlint.findings import Finding
    from ctxlint.graph import Graph
    from ctxlint.intents import Intent


class Failure(Exception):
    """What was asked for cannot be done; the message is one clear line."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the output. `file` takes the place of standard output, if it is given."""

    form: str | None
    file: Path | None
    statistics: bool
    unsafe: bool

    @property
    def has_summary(self) -> bool:
        """Whether people read it, or have standard output left to read a summary on."""
        return self.file is not None or self.form is None or not FORMS[self.form].for_programs

    @contextmanager
    def opened(self, usual: TextIO) -> Iterator[TextIO]:
        """The stream to write to: the usual one, or one that becomes the file when all went well.

        What can be known to fail fails at once, before any work is done. Raises Failure.
        """
        if self.statistics and self.form is not None and not FORMS[self.form].has_statistics:
            raise Failure(f"--statistics cannot be printed as {self.form}: take json, or no format")
        if self.file is None:
            yield usual
            return
        from ctxlint import writing

        try:
            writing.check_replaceable(self.file)
            written = io.BytesIO()
            stream = io.TextIOWrapper(written, "utf-8", errors="backslashreplace", newline="\n")
            yield stream
            stream.flush()
            writing.put(self.file, written.getvalue())
        except writing.NotWritten as failure:
            path, reason = one_line(str(self.file)), one_line(failure.reason)
            raise Failure(f"--output-file {path} cannot be written: {reason}") from None

    def fixes_shown(self, stream: TextIO) -> Literal["none", "titles", "edits"]:
        """What of fixes is shown on a stream."""
        return "none" if self.statistics else FORMS[self.form_on(stream)].fixes

    def has_graph(self, stream: TextIO) -> bool:
        """Whether how context travels is shown on a stream."""
        return not self.statistics and FORMS[self.form_on(stream)].has_graph

    def view(
        self,
        stream: TextIO,
        overlay: Mapping[Path, bytes],
        previews: Mapping[Intent, Sequence[Change]] | None = None,
        graph: Graph | None = None,
    ) -> View:
        """What a report on a stream needs besides the findings; files never get colours."""
        excerpts = Excerpts({path.as_posix(): text for path, text in overlay.items()})
        colors = self.file is None and has_colors(stream)
        return View(Path.cwd().as_posix(), excerpts, self.unsafe, colors, previews or {}, graph)

    def write(self, findings: Sequence[Finding], view: View, stream: TextIO) -> None:
        """Write findings, or their numbers, to a stream."""
        form = self.form_on(stream)
        if self.statistics:
            from ctxlint.reports import tally

            tally.render(findings, form, stream, colors=view.colors)
        else:
            renderer(form)(findings, view, stream)
        stream.flush()

    def form_on(self, stream: TextIO) -> str:
        """The form that is printed on a stream."""
        return self.form or ("full" if stream.isatty() else "concise")
