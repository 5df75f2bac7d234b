"""From findings to an editor's diagnostics."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lsprotocol import types

from ..findings import Finding
from ..rules import RULES
from ..rules.codes import page_address
from ..session import Session
from .desk import Judged
from .documents import Document, Places, text_of

SOURCE: Final = "ctxlint"

_UNREADABLE: Final = "unreadable-file"
_UNUSED: Final = "unused-noqa"


class Diagnosing:
    """Makes the diagnostics of a snapshot.

    ``documents`` are the open ones, by path; what is not open is taken from the session.
    """

    def __init__(
        self, documents: dict[Path, Document], session: Session, encoding: str, *, related: bool
    ) -> None:
        self._documents = documents
        self._session = session
        self._encoding = encoding
        self._related = related
        self._places: dict[Path, Places] = {}

    def all_of(self, judged: Judged) -> list[types.Diagnostic]:
        """The diagnostics of a document, in the order of its findings."""
        return [self._diagnostic(each, judged.document.path) for each in judged.findings]

    def _diagnostic(self, finding: Finding, path: Path) -> types.Diagnostic:
        places = self._places_in(path)
        return types.Diagnostic(
            range=types.Range(
                places.at(finding.line, finding.column),
                places.at(finding.end_line, finding.end_column),
            ),
            message=finding.message,
            severity=_severity(finding),
            code=finding.code,
            code_description=types.CodeDescription(page_address(finding.code)),
            source=SOURCE,
            tags=[types.DiagnosticTag.Unnecessary] if finding.name == _UNUSED else None,
            related_information=self._trail(finding) or None,
        )

    def _trail(self, finding: Finding) -> list[types.DiagnosticRelatedInformation]:
        if not self._related:
            return []
        found = []
        for step in finding.trail:
            path = Path(step.path)
            places = self._places_in(path)
            start, end = places.at(step.line, step.column), places.end_of(step.line)
            area = types.Range(start, max(start, end))
            location = types.Location(self._uri(path), area)
            found.append(types.DiagnosticRelatedInformation(location, step.message))
        return found

    def _uri(self, path: Path) -> str:
        document = self._documents.get(path)
        return document.uri if document is not None else path.as_uri()

    def _places_in(self, path: Path) -> Places:
        found = self._places.get(path)
        if found is None:
            found = self._places[path] = Places(self._text(path), self._encoding)
        return found

    def _text(self, path: Path) -> str:
        document = self._documents.get(path)
        if document is not None:
            return document.text
        try:
            return text_of(self._session.read(path))
        except OSError:
            return ""


def page(code: str) -> str:
    """The page of a rule, in Markdown."""
    rule = RULES.get(code)
    return "" if rule is None else rule.documentation


def _severity(finding: Finding) -> types.DiagnosticSeverity:
    if finding.name == _UNREADABLE:
        return types.DiagnosticSeverity.Error
    return types.DiagnosticSeverity.Warning
