"""Questions about the bytes of one file that have a name, so that a later run can ask them again.

Of a file that it does not read whole, the analysis learns only by such questions, and by the words
that stand in it: where a changed file gives all the answers that it gave before, nothing that was
concluded from them has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar, cast

Answer = bool | str | None | tuple[str, ...]
"""What a question can be answered with: plain data, which a cache can hold."""
Argument = str | frozenset[str]

P = ParamSpec("P")
T = TypeVar("T", bound=Answer)


class Question(Generic[T]):
    """A pure function of the bytes of a file, and what it is called by.

    With a ``word``, it is only worth asking of files in which that stands as a whole word.
    """

    __slots__ = ("_ask", "arguments", "name", "word")

    def __init__(
        self,
        name: str,
        arguments: tuple[Argument, ...],
        ask: Callable[[bytes], T],
        word: str | None = None,
    ) -> None:
        self.name: Final = name
        self.arguments: Final = arguments
        self.word: Final = word
        self._ask = ask

    def __call__(self, source: bytes) -> T:
        return self._ask(source)

    def __repr__(self) -> str:
        return f"{self.name}{self.arguments!r}"


_MAKERS: Final[dict[str, Callable[..., Question[Any]]]] = {}


def question(ask: Callable[[bytes], T]) -> Question[T]:
    """Decorator: make a pure function of bytes a question."""
    made = Question(_name_of(ask), (), ask)
    _MAKERS[made.name] = lambda: made
    return made


def questions(make: Callable[P, Callable[[bytes], T]]) -> Callable[P, Question[T]]:
    """Decorator: the functions of bytes that a function makes, each by its arguments."""
    return _registered(make, by_word=False)


def questions_of_word(
    make: Callable[Concatenate[str, P], Callable[[bytes], T]],
) -> Callable[Concatenate[str, P], Question[T]]:
    """Decorator: the same; the first argument is the word without which nothing is found."""
    return _registered(make, by_word=True)


def recalled(name: str, arguments: Sequence[str | Sequence[str]]) -> Question[Answer] | None:
    """The question of some name, if there is one such and it takes such arguments.

    Only what has been decorated can be called by its name, so that what stands in a file on disk
    cannot make anything else run.
    """
    make = _MAKERS.get(name)
    if make is None:
        return None
    try:
        return make(*(each if isinstance(each, str) else frozenset(each) for each in arguments))
    except (TypeError, AttributeError):
        return None


def _registered(
    make: Callable[P, Callable[[bytes], T]], *, by_word: bool
) -> Callable[P, Question[T]]:
    name = _name_of(make)

    @cache
    def asked(*arguments: P.args, **named: P.kwargs) -> Question[T]:
        given = cast("tuple[Argument, ...]", arguments)
        word = given[0] if by_word else None
        return Question(name, given, make(*arguments, **named), cast("str | None", word))

    _MAKERS[name] = asked
    return asked  # type: ignore[return-value]  # typeshed forgets what a cached function takes


def _name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
