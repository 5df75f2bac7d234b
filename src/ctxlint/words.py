"""In which files of a project each word stands: asked before anything is searched or parsed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

# What may be a part of an identifier; of other alphabets, every byte of its UTF-8.
WORD: Final = frozenset(b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | (
    frozenset(range(0x80, 0x100))
)
_SPACED: Final = bytes(byte if byte in WORD else 0x20 for byte in range(256))


class WordIndex:
    """An inverted index over files, made in one go.

    To index a file costs about as much as five searches for a word in it, and a run asks for
    hundreds. Files are kept by number: a word of a large project stands in very many of them.
    """

    def __init__(self, files: Sequence[Path], contents: Iterable[bytes]) -> None:
        """Index the files; ``contents`` gives the bytes of each, in the same order."""
        self._files: Final = files
        self._numbers: dict[bytes, array[int]] = {}
        numbers = self._numbers
        for number, data in enumerate(contents):
            for word in words_of(data):
                found = numbers.get(word)
                if found is None:
                    numbers[word] = array("I", (number,))
                else:
                    found.append(number)

    def numbers(self, word: str) -> Sequence[int]:
        """The numbers of the files in which a whole word stands, in order."""
        return self._numbers.get(word.encode(), ())

    def files_with(self, *words: str) -> tuple[Path, ...]:
        """The files in which any of some whole words stands, also in comments, in order."""
        found = {each for word in words for each in self.numbers(word)}
        return tuple(self._files[number] for number in sorted(found))


def words_of(data: bytes) -> set[bytes]:
    """The words of some source: identifiers, keywords, numbers, and those of strings."""
    return set(data.translate(_SPACED).split())
