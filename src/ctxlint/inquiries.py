"""All that has been asked of the files of a project, and what they answered."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from ctxlint.questions import Answer, Argument, Question, kind_of, recalled

T = TypeVar("T", bound=Answer)

Told = dict[int, bool | str | tuple[str, ...] | None]
"""What files answered, by their numbers."""


class Sweep(NamedTuple):
    """A question put to all files that hold one of some words; without words, to all."""

    question: Question[Any]
    words: tuple[str, ...]

    def answer(self, source: bytes, there: Container[bytes]) -> Answer:
        """What a file of some bytes, in which some words stand, says to it, if anything."""
        is_asked = not self.words or any(word.encode() in there for word in self.words)
        return (self.question(source) or None) if is_asked else None


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A question by its name and arguments, and what those files answered that it was put to.

    ``words`` are None where it was put to single files.  Else it was put to all that hold one of
    them, or to all if there are none, and the answers are those that say anything.
    """

    name: str
    arguments: tuple[str | tuple[str, ...], ...]
    words: tuple[str, ...] | None
    answers: Told

    def holds_for(self, number: int, source: bytes, there: Container[bytes]) -> bool:
        """Whether the bytes of a file, in which some words stand, answer as it did."""
        if self.words is None and number not in self.answers:
            return True
        question = recalled(self.name, self.arguments)
        if question is None:
            return False
        if self.words is None:
            return question(source) == self.answers[number]
        return Sweep(question, self.words).answer(source, there) == self.answers.get(number)


class Inquiry(msgspec.Struct, frozen=True, array_like=True):
    """What was asked, as plain data: a process can send it to another, or leave it for later.

    ``words`` are those of which it was asked in which files they stand; ``whole`` are the numbers
    of the files that were read whole: of these, anything may have been used.
    """

    words: tuple[str, ...]
    asked: tuple[Asked, ...]
    whole: frozenset[int]


class Inquiries:
    """Puts each question to each file once, and remembers the answers."""

    def __init__(self) -> None:
        self.words: Final[set[str]] = set()
        self.whole: Final[set[Path]] = set()
        self.swept: Final[dict[Sweep, Mapping[Path, Any]]] = {}
        self._known: Final[dict[Question[Any], dict[Path, Any]]] = {}
        self._single: Final[dict[Question[Any], set[Path]]] = {}

    def answer(self, question: Question[T], path: Path, read: Callable[[Path], bytes]) -> T:
        """What a file answers; it is read where it has not answered yet."""
        answers = self._known.get(question)
        if answers is None:
            answers = self._known[question] = {}
        if path not in answers:
            answers[path] = question(read(path))
        answer: T = answers[path]
        return answer

    def asked_alone(self, question: Question[Any], path: Path) -> None:
        """Note that a single file was asked, and not all that hold some word."""
        self._single.setdefault(question, set()).add(path)

    def note(self, question: Question[T], path: Path, answer: T) -> None:
        """Take over an answer that was found elsewhere."""
        self._known.setdefault(question, {}).setdefault(path, answer)

    def told(self, files: Sequence[Path]) -> Inquiry:
        """All of it, the files of the project by their place in a sequence."""
        numbers = {path: number for number, path in enumerate(files)}
        single = (
            _asked(each, None, {p: self._known[each][p] for p in paths}, numbers)
            for each, paths in self._single.items()
        )
        swept = (
            _asked(each.question, each.words, answers, numbers)
            for each, answers in self.swept.items()
        )
        whole = frozenset(numbers[path] for path in self.whole if path in numbers)
        return Inquiry(tuple(sorted(self.words)), (*single, *swept), whole)

    def learn(self, inquiry: Inquiry, files: Sequence[Path]) -> None:
        """Take over what others have asked of the same files."""
        self.words.update(inquiry.words)
        self.whole.update(_of_numbers(inquiry.whole, files))
        for each, question in _questions_of(inquiry):
            if each.words is None:
                for path in _of_numbers(each.answers, files):
                    self.asked_alone(question, path)
            else:
                there = {n: told for n, told in each.answers.items() if 0 <= n < len(files)}
                answers = {files[number]: told for number, told in there.items()}
                self.swept.setdefault(Sweep(question, each.words), answers)
        self.presume(inquiry, files, range(len(files)))

    def presume(self, inquiry: Inquiry, files: Sequence[Path], same: Container[int]) -> None:
        """Take over only the answers, of those files (by their numbers) that are the same."""
        for each, question in _questions_of(inquiry):
            for number, answer in each.answers.items():
                if number in same:
                    self.note(question, files[number], answer)


def _questions_of(inquiry: Inquiry) -> Iterator[tuple[Asked, Question[Answer]]]:
    for each in inquiry.asked:
        question = recalled(each.name, each.arguments)
        if question is not None and _is_fit(each):
            yield each, question


def _asked(
    question: Question[Any],
    words: tuple[str, ...] | None,
    answers: Mapping[Path, Any],
    numbers: Mapping[Path, int],
) -> Asked:
    told = {numbers[path]: answer for path, answer in answers.items() if path in numbers}
    return Asked(question.name, _portable(question.arguments), words, told)


def _is_fit(asked: Asked) -> bool:
    """Whether all answers are what such a question can be answered with."""
    try:
        msgspec.convert(list(asked.answers.values()), list[kind_of(asked.name)])  # type: ignore[misc]
    except msgspec.ValidationError:
        return False
    return True


def _of_numbers(numbers: Iterable[int], files: Sequence[Path]) -> Iterator[Path]:
    return (files[number] for number in numbers if 0 <= number < len(files))


def _portable(arguments: Sequence[Argument]) -> tuple[str | tuple[str, ...], ...]:
    return tuple(each if isinstance(each, str) else tuple(sorted(each)) for each in arguments)
