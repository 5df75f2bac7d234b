"""Which files are reported on and reasoned over, and what stands in them.

Reading and searching bytes is far cheaper than parsing: whoever wants to know where a name
occurs asks `Sources` first, and parses only the files that it answers with.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from ctxlint.digests import digest
from ctxlint.encoding import Undecodable, decode
from ctxlint.hazards import hazard
from ctxlint.inquiries import Inquiries, Inquiry
from ctxlint.layout import Search, is_loose, project_root
from ctxlint.questions import Answer, Question
from ctxlint.settings import DEFAULT_EXCLUDE, Settings
from ctxlint.syntax import is_python
from ctxlint.words import WordIndex

T = TypeVar("T", bound=Answer)

__all__ = [
    "Problem",
    "Selection",
    "Sources",
    "Undecodable",
    "decode",
    "gather",
    "hazard",
    "printable",
    "project_root",
    "select",
]


class Problem(msgspec.Struct, frozen=True):
    """A path that could not be used, in one line.

    A fatal one means that what was asked for cannot be done (exit 2), a note that nothing is
    wrong; any other is reported as CTX900. `path` is printable: bytes that are no text are
    written as escapes.
    """

    path: str
    message: str
    fatal: bool
    note: bool = False


class Selection(msgspec.Struct, frozen=True):
    """The files to report on, absolute, resolved and sorted, and what stood in the way."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


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
        self.files: tuple[Path, ...] = _sorted({*map(str, files), *map(str, self._bytes)})
        self._known = frozenset(self.files)
        self._words: WordIndex | None = None
        self._matching: dict[Question[bool], tuple[Path, ...]] = {}
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
                known = _read(path)
            except OSError as error:
                known = error
            self._bytes[path] = known
        if isinstance(known, OSError):
            raise known.with_traceback(None)
        return known

    def hazard(self, path: Path) -> str | None:
        """Why a file must not be given to libcst; None if it may be. Raises OSError."""
        self._load(path)
        return self.ask(hazard, path)

    def compiles(self, path: Path) -> bool:
        """Whether this Python can read a file; a newer one, or libcst, may. Raises OSError."""
        self._load(path)
        return self.ask(is_python, path)

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
            self._words = WordIndex(self.files, map(self._load_or_nothing, self.files))
        return self._words

    def ask(self, question: Question[T], path: Path) -> T:
        """What the bytes of a file answer to a question, remembered; of one not readable, none."""
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

    def size(self, path: Path) -> int:
        """The length of a file, in bytes; of one that cannot be read, nothing."""
        return len(self._load_or_nothing(path))

    def glance(self, number: int) -> bytes:
        """The bytes of a file, by its number, without a note of it.  Raises OSError."""
        return self._load(self.files[number])

    def presume(self, inquiry: Inquiry, same: Iterable[int]) -> None:
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

    def matching(self, question: Question[bool]) -> tuple[Path, ...]:
        """The files of which something is true."""
        found = self._matching.get(question)
        if found is None:
            word = question.word
            files = self.files if word is None else self.containing(word)
            found = tuple(path for path in files if self.ask(question, path))
            self._matching[question] = found
        return found

    def _load_or_nothing(self, path: Path) -> bytes:
        try:
            return self._load(path)
        except OSError:
            return b""  # whoever asks for the file itself is told


def select(paths: Sequence[Path], settings: Settings, root: Path) -> Selection:
    """The files to report on: those named, and the Python files of the directories named.

    A file that is named is taken whatever it is called, and a directory even if it is ignored,
    unless `force-exclude` is set; stub files and notebooks never are.
    """
    search = Search(root, settings)
    files: set[str] = set()
    problems: list[Problem] = []
    for path in paths:
        problem = _problem_of(path)
        if problem is not None:
            problems.append(problem)
        elif settings.force_exclude and search.excludes(path.resolve()):
            continue
        elif path.is_dir():
            files.update(search.files(path.resolve()))
        elif (refusal := refusal_of(path)) is not None:
            problems.append(refusal)
        else:
            files.add(str(path.resolve()))
    for directory, error in search.unlisted:
        problems.append(_problem(directory, f"cannot be listed: {_reason(error)}"))
    return Selection(_sorted(files), tuple(problems))


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
    settings = msgspec.structs.replace(settings, exclude=(*DEFAULT_EXCLUDE, *settings.exclude))
    root = root.resolve()
    search = Search(root, settings)
    found = {*search.files(root, loose=is_loose(root)), *map(str, also)}
    return Sources(root, map(Path, found), overlay)


def printable(path: Path | str) -> str:
    """A path as text that can be printed and encoded: bytes that are no UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _sorted(paths: Iterable[str]) -> tuple[Path, ...]:
    return tuple(map(Path, sorted(paths)))


def _read(path: Path) -> bytes:
    # Asked first: opening a FIFO blocks, opening a device may do anything.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with open(path, "rb", buffering=0) as file:
        return file.readall()


def refusal_of(path: Path) -> Problem | None:
    """Why a file is not read though it is named: by its kind; None if it is."""
    kind = path.suffix.lower()
    if kind == ".pyi":
        message = "not checked: stub files hold no code that runs"
        return Problem(printable(path), message, fatal=False, note=True)
    if kind == ".ipynb":
        message = "notebooks are not supported: `jupyter nbconvert --to script` makes a .py file"
        return _problem(path, message, fatal=True)
    return None


def _problem_of(path: Path) -> Problem | None:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        if os.path.islink(path):
            return _problem(path, "a symbolic link that leads nowhere")
        missing = not isinstance(error, PermissionError)
        return _problem(path, _reason(error), fatal=missing)
    if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
        return None
    return _problem(path, "not a regular file")


def _problem(path: Path | str, message: str, *, fatal: bool = False) -> Problem:
    return Problem(printable(path), message, fatal)


def _reason(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return (reason or "no such file or directory").lower()
