"""Which files are reasoned over, and what stands in them.

Reading and searching bytes is far cheaper than parsing: whoever wants to know where a name
occurs asks `Sources` first, and parses only the files that it answers with.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from ctxlint.digests import digest
from ctxlint.encoding import decode
from ctxlint.inquiries import Inquiries, Inquiry, Sweep
from ctxlint.layout import Search, is_loose
from ctxlint.questions import Answer, Question
from ctxlint.regular import content
from ctxlint.settings import DEFAULT_EXCLUDE, Settings

if TYPE_CHECKING:
    from ctxlint.words import WordIndex

T = TypeVar("T", bound=Answer)


class Sources:
    """The bytes of a project, each file read at most once, searched like grep.

    `overlay` holds text that is not, or not yet, in the files: an editor's, or standard input's.
    `heed` is called whenever a file is asked for: it may raise, to end an analysis that nobody
    waits for any more.
    """

    def __init__(
        self,
        root: Path,
        files: Iterable[Path],
        overlay: Mapping[Path, bytes] | None = None,
        heed: Callable[[], None] | None = None,
    ) -> None:
        self.root = root
        self._heed = heed
        self.overlay = {path.resolve(): data for path, data in (overlay or {}).items()}
        self._bytes: dict[Path, bytes | OSError] = {**self.overlay}
        self.files: tuple[Path, ...] = _sorted((*files, *self._bytes))
        self._known = frozenset(self.files)
        self._words: WordIndex | None = None
        self._digests: dict[Path, bytes] = {}
        self.inquiries: Final = Inquiries()

    def __contains__(self, path: Path) -> bool:
        """Whether the path (absolute, resolved) is one of `files`."""
        return path in self._known

    def read(self, path: Path) -> bytes:
        """The bytes of a file, remembered. Raises OSError, also for what is no regular file."""
        self.inquiries.whole.add(path)
        return self._load(path)

    def _load(self, path: Path) -> bytes:
        if self._heed is not None:
            self._heed()
        known = self._bytes.get(path)
        if known is None:
            try:
                known = content(path)
            except OSError as error:
                known = error
            self._bytes[path] = known
        if isinstance(known, OSError):
            raise known.with_traceback(None)
        return known

    def hazard(self, path: Path) -> str | None:
        """Why a file must not be given to libcst; None if it may be. Raises OSError."""
        from ctxlint.hazards import hazard  # what is answered from a cache is not judged

        self._load(path)
        return self.ask(hazard, path)

    def compiles(self, path: Path) -> bool:
        """Whether this Python can read a file; a newer one, or libcst, may. Raises OSError."""
        from ctxlint.syntax import is_python  # as above

        self._load(path)
        return self.ask(is_python, path)

    def trust(self, path: Path) -> None:
        """Take it from another process that a file is valid and harmless."""
        from ctxlint.hazards import hazard
        from ctxlint.syntax import is_python

        self.inquiries.note(hazard, path, None)
        self.inquiries.note(is_python, path, True)

    def revised(self, texts: Mapping[Path, bytes]) -> Sources:
        """The same project with other text in some files; what was read is not read again."""
        read = {path: data for path, data in self._bytes.items() if isinstance(data, bytes)}
        return Sources(self.root, self.files, {**read, **texts}, self._heed)

    def containing(self, *words: str) -> tuple[Path, ...]:
        """The files in which any of the identifiers stands as a whole word, also in comments."""
        self.inquiries.words.update(words)
        return self._index.files_with(*words)

    @property
    def _index(self) -> WordIndex:
        if self._words is None:
            from ctxlint.words import WordIndex  # as above

            self._words = WordIndex(self.files, map(self._load_or_nothing, self.files))
        return self._words

    def ask(self, question: Question[T], path: Path) -> T:
        """What the bytes of a file answer to a question, remembered; of one not readable, none."""
        answer = self._answer(question, path)
        self.inquiries.asked_alone(question, path)
        return answer

    def _answer(self, question: Question[T], path: Path) -> T:
        return self.inquiries.answer(question, path, self._load_or_nothing)

    def digest(self, path: Path) -> bytes:
        """What stands for the bytes of a file; of one that cannot be read, nothing does."""
        known = self._digests.get(path)
        if known is None:
            known = self._digests[path] = self._digest(path)
        return known

    def _digest(self, path: Path) -> bytes:
        try:
            return digest(self._load(path))
        except OSError:
            return b""

    def contents(self) -> bytes:
        """What stands for the bytes of all files: who has others sees another project."""
        return digest(*map(self.digest, self.files))

    def text(self, path: Path) -> str:
        """The text of a file; of one that cannot be had, none."""
        try:
            return decode(self.read(path))
        except (OSError, ValueError):
            return ""

    def size(self, path: Path) -> int:
        """The length of a file, in bytes; of one that cannot be read, nothing."""
        return len(self._load_or_nothing(path))

    def peek(self, path: Path) -> bytes:
        """The bytes of a file, for who concludes nothing from them.  Raises OSError."""
        return self._load(path)

    def presume(self, inquiry: Inquiry, same: Container[int]) -> None:
        """Take over what files answered that (by their numbers) are the same as they were then."""
        self.inquiries.presume(inquiry, self.files, same)

    def learn(self, inquiry: Inquiry) -> None:
        """Take over what another process has asked of the same files."""
        self.inquiries.learn(inquiry, self.files)

    def inquiry(self) -> Inquiry:
        """All that was asked of the files so far."""
        return self.inquiries.told(self.files)

    def spelled(self) -> tuple[bytes, ...]:
        """Of each file, what stands for those words asked for that stand in it."""
        found: list[list[bytes]] = [[] for _ in self.files]
        for word in sorted(self.inquiries.words):
            for number in self._index.numbers(word):
                found[number].append(word.encode())
        return tuple(digest(*words) for words in found)

    def matching(self, question: Question[bool], *words: str) -> tuple[Path, ...]:
        """The files of which something is true; with words, of those that hold one of them."""
        return tuple(self.answers(question, *words))

    def answers(self, question: Question[T], *words: str) -> Mapping[Path, T]:
        """What files say to a question, in their order, where they say anything.

        With words, only files that hold one of them; a question of a word brings its own.
        """
        if question.word is not None:
            words = (question.word,)
        swept = Sweep(question, tuple(sorted(words)))
        found: Mapping[Path, T] | None = self.inquiries.swept.get(swept)
        if found is None:
            files = self._index.files_with(*words) if words else self.files
            told = ((path, self._answer(question, path)) for path in files)
            found = {path: answer for path, answer in told if answer}
            self.inquiries.swept[swept] = found
        return found

    def _load_or_nothing(self, path: Path) -> bytes:
        try:
            return self._load(path)
        except OSError:
            return b""  # whoever asks for the file itself is told


def gather(
    root: Path,
    settings: Settings,
    overlay: Mapping[Path, bytes] | None = None,
    also: Iterable[Path] = (),
) -> Sources:
    """Every Python file of the project at `root`, and the files `also` (those that are named).

    Directories that hold no code of the project's own (environments, caches, build output) are
    never read, even if `exclude` was set to something else. In a directory that is no project's
    (see `layout.is_loose`), only what can be imported from it by name is: its modules and packages.
    """
    default = tuple(each for each in DEFAULT_EXCLUDE if each not in settings.exclude)
    settings = msgspec.structs.replace(settings, exclude=(*default, *settings.exclude))
    root = root.resolve()
    search = Search(root, settings)
    known = {str(path): path for path in also}
    found = (known.get(each) or Path(each) for each in search.files(root, loose=is_loose(root)))
    return Sources(root, (*found, *known.values()), overlay)


def _sorted(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each path once, in the order of their texts, which is not that of their parts."""
    by_text = {str(path): path for path in paths}
    return tuple(by_text[text] for text in sorted(by_text))
