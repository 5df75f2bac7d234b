"""The facts of modules, kept by the digest of the bytes that they were read from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..digests import digest
from .directory import Directory

if TYPE_CHECKING:
    from ..facts.model import Module

_KIND: Final = "facts"


class KeptFacts:
    """Facts that were read by earlier runs of the same ctxlint on the same Python."""

    def __init__(
        self, directory: Directory, stamp: Callable[[], bytes], digest_of: Callable[[Path], bytes]
    ) -> None:
        """``stamp`` tells what stands for this ctxlint, ``digest_of`` for the bytes of a file."""
        self._directory = directory
        self._stamp = stamp
        self._digest_of = digest_of

    def take(self, path: Path) -> Module | None:
        """The facts of a file, if they are kept."""
        from ..facts.remote import restored  # which a run that knows all does without

        data = self._directory.read(_KIND, self._key(path))
        return None if data is None else restored(data)

    def put(self, path: Path, facts: Module) -> None:
        """Keep the facts of a file."""
        from ..facts.remote import packed

        data = packed(facts)
        if data is not None:
            self._directory.write(_KIND, self._key(path), data)

    def _key(self, path: Path) -> bytes:
        return digest(self._stamp(), self._digest_of(path))
