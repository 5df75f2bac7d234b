"""The facts of modules, kept by the digest of the bytes that they were read from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..digests import digest
from ..facts.model import Module
from ..facts.remote import packed, restored
from .directory import Directory

_KIND: Final = "facts"


class KeptFacts:
    """Facts that were read by earlier runs of the same ctxlint on the same Python."""

    def __init__(
        self, directory: Directory, stamp: bytes, digest_of: Callable[[Path], bytes]
    ) -> None:
        """``digest_of`` tells what stands for the bytes of a file."""
        self._directory = directory
        self._stamp = stamp
        self._digest_of = digest_of

    def take(self, path: Path) -> Module | None:
        """The facts of a file, if they are kept."""
        data = self._directory.read(_KIND, self._key(path))
        return None if data is None else restored(data)

    def put(self, path: Path, facts: Module) -> None:
        """Keep the facts of a file."""
        data = packed(facts)
        if data is not None:
            self._directory.write(_KIND, self._key(path), data)

    def _key(self, path: Path) -> bytes:
        return digest(self._stamp, self._digest_of(path))
