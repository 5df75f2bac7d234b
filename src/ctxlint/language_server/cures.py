"""What can be done about the findings of one document: each fix by itself, and all safe ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from ..findings import Applicability, Finding
from ..fixes.fixpoint import settle
from ..fixes.plans import CRAFT
from ..fixes.previews import Preview, previews
from ..intents import files_of
from ..projects import Seen
from .desk import Judged

_SAFE: Final[frozenset[Applicability]] = frozenset({"safe"})


class Cure(NamedTuple):
    """What the fix of a finding would change."""

    finding: Finding
    title: str
    is_safe: bool
    files: tuple[Preview, ...]


def cures(judged: Judged) -> tuple[Cure, ...]:
    """The fixes of a document's findings that ``--fix --unsafe-fixes`` would apply."""
    seen = _Look(judged)({})
    shown = previews(seen, CRAFT, judged.project.territory.objection)
    path = judged.document.path.as_posix()
    found = []
    for finding in seen.findings:
        fix = finding.fix
        if finding.path != path or fix is None or fix.intent is None:
            continue
        files = shown.get(fix.intent)
        if files:
            found.append(Cure(finding, fix.title, fix.applicability == "safe", files))
    return tuple(found)


def all_safe(judged: Judged) -> tuple[Preview, ...]:
    """What ``--fix`` would change about the findings of a document, in whatever files."""
    objection = judged.project.territory.objection
    done = settle(_Look(judged), CRAFT, allowed=_SAFE, objection=objection)
    return tuple(
        Preview(path, done.originals[path], done.edits[path]) for path in sorted(done.texts)
    )


class _Look:
    """Looks at a document's findings, and at others only as far as they share a fix with them.

    Those decide with them whether it is applied: one may be silenced, or its fix not be safe.
    """

    def __init__(self, judged: Judged) -> None:
        self._path = judged.document.path
        self._session = judged.project.fixing
        self._territory = judged.project.territory

    def __call__(self, texts: Mapping[Path, bytes]) -> Seen:
        session = self._session.revised(texts) if texts else self._session
        own, silenced, known = session.judged(self._path)
        findings = [self._territory.limited(each) for each in own]
        intents = {each.fix.intent for each in findings if each.fix is not None}
        others = {Path(path) for intent in intents if intent for path in files_of(intent)}
        for path in sorted(others - {self._path}):
            if path in session:
                reported, quiet, old = session.judged(path)
                sharing = [each for each in reported if each.fix and each.fix.intent in intents]
                findings += map(self._territory.limited, sharing)
                silenced += quiet
                known += old
        return Seen(session, findings, silenced, known)
