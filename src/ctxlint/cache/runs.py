"""What an earlier run has found in a project, and what it asked of the files to find it.

All of it holds as long as no file answers otherwise than it did then: a file may change where
nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from ..digests import digest
from ..findings import Judged
from ..inquiries import Inquiry
from ..sources import Sources
from .directory import Directory

_KIND: Final = "runs"
_ENCODER: Final = msgspec.msgpack.Encoder()


class Evidence(msgspec.Struct, frozen=True, array_like=True):
    """All that a run has asked of the files, and for each what stands for the words in it."""

    inquiry: Inquiry
    spelled: tuple[bytes, ...]

    def holds_for(self, number: int, source: bytes) -> bool:
        """Whether the new bytes of a file answer all questions as the old ones did."""
        if number in self.inquiry.whole:
            return False
        from ..words import words_of  # where nothing has changed, nobody asks

        there = words_of(source)
        spelled = (each for each in map(str.encode, self.inquiry.words) if each in there)
        if digest(*spelled) != self.spelled[number]:
            return False
        return all(each.holds_for(number, source, there) for each in self.inquiry.asked)


class Run(msgspec.Struct, frozen=True, array_like=True):
    """What was found in files of a project, by their numbers; the evidence is packed."""

    files: tuple[str, ...]
    contents: tuple[bytes, ...]
    judged: dict[int, Judged]
    evidence: bytes


_DECODER: Final = msgspec.msgpack.Decoder(Run)


class Runs:
    """The last run in a project under the same settings, as far as it can still be believed."""

    def __init__(self, directory: Directory, stamp: Callable[[], bytes]) -> None:
        self._directory = directory
        self._stamp = stamp
        self._recalled: Run | None = None

    def recall(self, sources: Sources) -> Mapping[Path, Judged]:
        """What was found in files of the project, if all of it still holds.

        Where it does not, the sources are told what the files that have not changed answer.
        """
        run = self._last()
        files = sources.files
        if run is None or run.files != tuple(map(str, files)):
            return {}
        changed = [
            number
            for number, (path, content) in enumerate(zip(files, run.contents, strict=True))
            if sources.digest(path) != content
        ]
        if changed and not self._still_holds(run, sources, changed):
            return {}
        self._recalled = run
        return {files[number]: judged for number, judged in run.judged.items()}

    def _still_holds(self, run: Run, sources: Sources, changed: Sequence[int]) -> bool:
        """Whether a run holds though some files have changed."""
        evidence = _evidence_of(run)
        if evidence is None:
            return False
        make_questions_known()
        try:
            if all(evidence.holds_for(each, sources.peek(sources.files[each])) for each in changed):
                contents = tuple(map(sources.digest, sources.files))
                self._keep(msgspec.structs.replace(run, contents=contents))
                return True
        except OSError:
            return False
        same = set(range(len(run.files))).difference(changed)
        sources.presume(evidence.inquiry, same)
        return False

    def keep(self, sources: Sources, judged: Mapping[Path, Judged]) -> None:
        """Keep what was found, with all that was asked; nothing where a file cannot be read.

        Nor where the project has come to declare something else while the run went on: nobody
        knows which of the two was found out.
        """
        files = sources.files
        contents = tuple(map(sources.digest, files))
        if not all(contents) or self._stamp() != self._key:
            return
        if self._recalled is not None:
            earlier = _evidence_of(self._recalled)
            if earlier is None:
                return
            make_questions_known()
            sources.learn(earlier.inquiry)
        numbers = {path: number for number, path in enumerate(files)}
        found = {numbers[path]: each for path, each in judged.items() if path in numbers}
        evidence = Evidence(sources.inquiry(), sources.spelled())
        self._keep(Run(tuple(map(str, files)), contents, found, _ENCODER.encode(evidence)))

    def _keep(self, run: Run) -> None:
        with suppress(UnicodeEncodeError):  # a path that is no text: there is nothing to keep
            self._directory.write(_KIND, self._key, _ENCODER.encode(run))

    @cached_property
    def _key(self) -> bytes:
        return self._stamp()

    def _last(self) -> Run | None:
        data = self._directory.read(_KIND, self._key)
        try:
            run = None if data is None else _DECODER.decode(data)
        except (msgspec.DecodeError, RecursionError):
            return None
        if run is None or len(run.files) != len(run.contents) or not _are_of(run.judged, run):
            return None
        return run if all(map(_Places(run.files).hold, run.judged.values())) else None


class _Places:
    """Where findings can lie: reports show what stands there, which nobody else is to choose."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files = frozenset(Path(each).as_posix() for each in files)

    def hold(self, judged: Judged) -> bool:
        """Whether the findings of a file, and the steps of their trails, lie in the project."""
        found = [each for findings in judged for each in findings]
        steps = (step.path for each in found for step in each.trail)
        return self._files.issuperset(each.path for each in found) and self._files.issuperset(steps)


def _evidence_of(run: Run) -> Evidence | None:
    try:
        found = msgspec.msgpack.decode(run.evidence, type=Evidence)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if len(found.spelled) == len(run.files) else None


def make_questions_known() -> None:
    """Import what has questions: a warm run in which no file has changed asks none."""
    from .. import hazards, syntax  # noqa: F401
    from ..program import glance, name_callers, searches, sightings  # noqa: F401


def _are_of(numbers: Iterable[int], run: Run) -> bool:
    return all(0 <= number < len(run.files) for number in numbers)
