"""From fixes to what an editor offers to do about its diagnostics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from lsprotocol import types

from ..findings import Finding
from ..fixes.previews import Preview
from ..silencing import silenced
from .cures import Cure
from .desk import Judged
from .documents import Document, Places, text_edits, text_of

FIX_ALL: Final = "source.fixAll.ctxlint"
KINDS: Final = (types.CodeActionKind.QuickFix.value, FIX_ALL)

Reported = tuple[Finding, types.Diagnostic]


class Stale(Exception):
    """A file, open or on the disk, is not what was analysed any more."""


class Editing:
    """Makes edits of files, open or not, in a form that the editor understands."""

    def __init__(
        self, documents: Mapping[Path, Document], encoding: str, *, versioned: bool
    ) -> None:
        self._documents = documents
        self._encoding = encoding
        self._versioned = versioned

    def of_files(self, files: Iterable[Preview]) -> types.WorkspaceEdit:
        """Edits of several files.  Raises Stale."""
        return self._edit([self._changed(each) for each in files])

    def _changed(self, file: Preview) -> tuple[str, int | None, list[types.TextEdit]]:
        document = self._documents.get(file.path)
        if document is not None:
            if document.source != file.before:
                raise Stale(str(file.path))
            places = Places(document.text, self._encoding)
            return document.uri, document.version, text_edits(file.before, file.edits, places)
        try:
            is_same = file.path.read_bytes() == file.before
        except OSError:
            is_same = False
        if not is_same:
            raise Stale(str(file.path))
        places = Places(text_of(file.before), self._encoding)
        return file.path.as_uri(), None, text_edits(file.before, file.edits, places)

    def _edit(
        self, changed: Sequence[tuple[str, int | None, list[types.TextEdit]]]
    ) -> types.WorkspaceEdit:
        if not self._versioned:
            return types.WorkspaceEdit(changes={uri: edits for uri, _, edits in changed})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri, version), list(edits)
                )
                for uri, version, edits in changed
            ]
        )


def quick_fixes(
    reported: Iterable[Reported], cures: Iterable[Cure], editing: Editing
) -> list[types.CodeAction]:
    """The fix of each finding that has one; only a safe one is preferred.  Raises Stale."""
    by_place = {each.finding.sort_key: each for each in cures}
    found: list[types.CodeAction] = []
    for finding, diagnostic in reported:
        cure = by_place.get(finding.sort_key)
        if cure is None:
            continue
        found.append(
            types.CodeAction(
                title=cure.title if cure.is_safe else f"{cure.title} (unsafe)",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                is_preferred=cure.is_safe,
                edit=editing.of_files(cure.files),
            )
        )
    return found


def silencers(
    reported: Iterable[Reported], judged: Judged, editing: Editing
) -> list[types.CodeAction]:
    """A `# noqa` comment for each finding that one can silence.  Raises Stale."""
    document = judged.document
    found: list[types.CodeAction] = []
    for finding, diagnostic in reported:
        told = silenced(document.path, document.source, [finding])
        if not told.edits:
            continue
        found.append(
            types.CodeAction(
                title=f"Silence {finding.code} in this line: # noqa",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=editing.of_files([Preview(told.path, told.before, told.edits)]),
            )
        )
    return found


def fix_all(files: Sequence[Preview], editing: Editing) -> list[types.CodeAction]:
    """All safe fixes at once, where there are any.  Raises Stale."""
    if not files:
        return []
    return [
        types.CodeAction(
            title="Apply all safe fixes of ctxlint",
            kind=FIX_ALL,
            edit=editing.of_files(files),
        )
    ]


def wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether an editor that asks for certain kinds of actions wants one."""
    return only is None or any(kind == each or kind.startswith(f"{each}.") for each in only)


def touches(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges have a place in common, be it an end."""
    return one.start <= other.end and other.start <= one.end
