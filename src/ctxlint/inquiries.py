"""All that has been asked of the files of a project, and what they answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from ctxlint.questions import Answer, Argument, Question, recalled

T = TypeVar("T", bound=Answer)


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A question by its name and arguments, and what files answered, by their numbers."""

    name: str
    arguments: tuple[str | tuple[str, ...], ...]
    answers: dict[int, bool | str | tuple[str, ...] | None]

    @property
    def question(self) -> Question[Answer] | None:
        """The question itself; None where there is no such one any more."""
        return recalled(self.name, self.arguments)


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
        self._answers: Final[dict[Question[Any], dict[Path, Any]]] = {}

    def answer(self, question: Question[T], path: Path, read: Callable[[Path], bytes]) -> T:
        """What a file answers; it is read where it has not answered yet."""
        answers = self._answers.get(question)
        if answers is None:
            answers = self._answers[question] = {}
        if path not in answers:
            answers[path] = question(read(path))
        answer: T = answers[path]
        return answer

    def note(self, question: Question[T], path: Path, answer: T) -> None:
        """Take over an answer that was found elsewhere."""
        self._answers.setdefault(question, {}).setdefault(path, answer)

    def told(self, files: Sequence[Path]) -> Inquiry:
        """All of it, the files of the project by their place in a sequence."""
        numbers = {path: number for number, path in enumerate(files)}
        asked = tuple(
            Asked(
                question.name,
                _portable(question.arguments),
                {numbers[path]: answer for path, answer in answers.items() if path in numbers},
            )
            for question, answers in self._answers.items()
        )
        whole = frozenset(numbers[path] for path in self.whole if path in numbers)
        return Inquiry(tuple(sorted(self.words)), asked, whole)

    def learn(self, inquiry: Inquiry, files: Sequence[Path]) -> None:
        """Take over what others have asked of the same files."""
        self.words.update(inquiry.words)
        self.whole.update(_of_numbers(inquiry.whole, files))
        self.presume(inquiry, files, range(len(files)))

    def presume(self, inquiry: Inquiry, files: Sequence[Path], same: Iterable[int]) -> None:
        """Take over only the answers, of those files (by their numbers) that are the same."""
        known = set(same)
        for each in inquiry.asked:
            question = each.question
            if question is None:
                continue
            for number, answer in each.answers.items():
                if number in known and number < len(files):
                    self.note(question, files[number], answer)


def _of_numbers(numbers: Iterable[int], files: Sequence[Path]) -> Iterator[Path]:
    return (files[number] for number in numbers if number < len(files))


def _portable(arguments: Sequence[Argument]) -> tuple[str | tuple[str, ...], ...]:
    return tuple(each if isinstance(each, str) else tuple(sorted(each)) for each in arguments)
