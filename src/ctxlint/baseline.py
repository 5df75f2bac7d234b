"""Findings that are known and left for later: what `--baseline` names.

A baseline is a JSON file with a line for each finding, in a fixed order, so that it can be
reviewed and merged. Paths in it are relative to the directory that it is in. A finding is known if
an entry has its identity (`fingerprints.py`), of which lines are no part.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from .digests import digest
from .findings import Finding
from .regular import content
from .settings import Settings, SettingsError

if TYPE_CHECKING:
    from .fingerprints import Identity

_MARK: Final = "ctxlint-baseline"
_VERSION: Final = 1
_WRITE: Final = "`ctxlint --write-baseline` writes one"


class Baseline:
    """The known findings of one file, by what they are recognised by, and how many there are."""

    def __init__(self, path: Path, entries: Mapping[Identity, int], content: bytes = b"") -> None:
        """``content`` is the digest of the file that the entries were read from."""
        self.path: Final = path
        self.content: Final = content
        self.entries: Final = {each: count for each, count in entries.items() if count > 0}

    def __len__(self) -> int:
        return sum(self.entries.values())

    def split(
        self, findings: Sequence[Finding], text_of: Callable[[str], str]
    ) -> tuple[list[Finding], list[Finding]]:
        """Part the findings of files, all of each file, into new ones and known ones."""
        new: list[Finding] = []
        known: list[Finding] = []
        for finding, identity in zip(findings, self._identities(findings, text_of), strict=True):
            allowed = self.entries.get(_alike(identity), 0)
            (known if identity.ordinal < allowed else new).append(finding)
        return new, known

    def holding(self, findings: Sequence[Finding], text_of: Callable[[str], str]) -> Baseline:
        """A baseline at the same place that holds these findings and no others."""
        return Baseline(self.path, Counter(map(_alike, self._identities(findings, text_of))))

    def only(self, wanted: Callable[[Path, str], bool]) -> Baseline:
        """The entries that are wanted, by file (its absolute path) and code."""
        kept = {e: n for e, n in self.entries.items() if wanted(self.file_of(e), e.code)}
        return Baseline(self.path, kept)

    def file_of(self, entry: Identity) -> Path:
        """The absolute path of the file that an entry is about."""
        return Path(os.path.normpath(self.path.parent / entry.path))

    def text(self) -> bytes:
        """The baseline, as it stands in its file."""
        import json  # only where there is a baseline

        told = []
        for entry in sorted(
            self.entries, key=lambda each: (each.path, *msgspec.structs.astuple(each))
        ):
            row: dict[str, object] = {
                "path": entry.path,
                "code": entry.code,
                "function": entry.function,
                "text": entry.text,
            }
            if self.entries[entry] > 1:
                row["count"] = self.entries[entry]
            told.append("\n    " + json.dumps(row, ensure_ascii=False))
        listed = f"[{','.join(told)}\n  ]" if told else "[]"
        whole = f'{{\n  "{_MARK}": {_VERSION},\n  "findings": {listed}\n}}\n'
        # Lone surrogates, which paths can hold: what becomes of them is how JSON escapes them.
        return whole.encode("utf-8", "backslashreplace")

    def _identities(
        self, findings: Sequence[Finding], text_of: Callable[[str], str]
    ) -> list[Identity]:
        from .fingerprints import identities  # as above

        return identities(findings, self._relative, text_of)

    def _relative(self, path: str) -> str:
        try:
            return os.path.relpath(path, self.path.parent).replace(os.sep, "/")
        except ValueError:  # pragma: no cover (Windows: on another drive)
            return path


def _alike(identity: Identity) -> Identity:
    return msgspec.structs.replace(identity, ordinal=0)


class Aside(msgspec.Struct, frozen=True):
    """What baselines did in a run: how many findings are known, and how many entries are gone.

    An entry is gone if the run has looked for its finding, or its file is no more.
    """

    known: int = 0
    gone: int = 0
    files: tuple[Path, ...] = ()


def set_aside(
    baseline: Baseline,
    known: int,
    root: Path,
    files: Iterable[Path],
    enabled: Callable[[str], bool],
) -> Aside:
    """What a baseline did for the files of a project, of which ``known`` findings are known."""
    judged = set(files)
    looked_for = baseline.only(
        lambda path, code: (
            enabled(code) and (path in judged or (path.is_relative_to(root) and not path.exists()))
        )
    )
    return Aside(known, len(looked_for) - known, (baseline.path,))


def together(asides: Iterable[Aside]) -> Aside:
    """What several baselines did."""
    known, gone, files = 0, 0, dict[Path, None]()
    for each in asides:
        known, gone = known + each.known, gone + each.gone
        files |= dict.fromkeys(each.files)
    return Aside(known, gone, tuple(files))


def baseline_of(settings: Settings) -> Baseline | None:
    """The baseline that settings name, if any. Raises SettingsError where it cannot be used."""
    if not settings.baseline:
        return None
    path = Path(os.path.abspath(Path(settings.root or Path.cwd()) / settings.baseline))
    try:
        found = path.stat()
        return _read(path, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        raise SettingsError(f"baseline {path}: there is no such file; {_WRITE}") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingsError(f"baseline {path}: cannot be read: {reason}") from None


@lru_cache(maxsize=8)
def _read(path: Path, _time: int, _size: int) -> Baseline:
    return parsed(path, content(path))


def parsed(path: Path, source: bytes) -> Baseline:
    """What stands in the file of a baseline. Raises SettingsError for anything else."""
    import json  # only where there is a baseline

    try:
        data = json.loads(source)
    except (ValueError, RecursionError) as error:
        if _MARK.encode() not in source:
            raise SettingsError(f"baseline {path}: is no baseline of ctxlint; {_WRITE}") from None
        reason = f"{error}".splitlines()[0]
        raise SettingsError(
            f"baseline {path}: is broken ({reason}; a merge conflict?): mend it, or delete it and "
            "write it anew with `ctxlint --write-baseline`"
        ) from None
    version = data.get(_MARK) if isinstance(data, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise SettingsError(f"baseline {path}: is no baseline of ctxlint; {_WRITE}")
    if version != _VERSION:
        raise SettingsError(
            f"baseline {path}: has version {version}, and this ctxlint knows {_VERSION}: "
            "update ctxlint"
        )
    entries: Counter[Identity] = Counter()
    rows = data.get("findings")
    if not isinstance(rows, list):
        raise SettingsError(f'baseline {path}: "findings" must be a list; {_WRITE}')
    for number, row in enumerate(rows, 1):
        identity, count = _entry(path, number, row)
        entries[identity] += count
    return Baseline(path, entries, digest(source))


def _entry(path: Path, number: int, row: object) -> tuple[Identity, int]:
    try:
        entry = msgspec.convert(row, _Row)
    except msgspec.ValidationError as error:
        raise SettingsError(f"baseline {path}: entry {number}: {error}".rstrip(".")) from None
    from .fingerprints import Identity

    return Identity(entry.code, entry.path, entry.function, entry.text), entry.count


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    code: str
    function: str
    text: str
    count: int = 1
