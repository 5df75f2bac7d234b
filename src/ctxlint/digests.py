"""What stands for bytes: two that have the same digest are the same."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

LENGTH: Final = 16
"""Bytes of a digest."""


def digest(*parts: bytes) -> bytes:
    """What stands for some bytes, each part by itself."""
    made = blake2b(digest_size=LENGTH)
    for part in parts:
        made.update(len(part).to_bytes(8, "little"))
        made.update(part)
    return made.digest()
