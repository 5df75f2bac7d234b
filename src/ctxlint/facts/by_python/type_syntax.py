"""Type parameters and ``type`` statements, taken out of a text for a Python that knows neither.

They came with Python 3.12 (https://peps.python.org/pep-0695/), and facts say nothing of them.
Everything else stays where it was.
"""

from __future__ import annotations

import ast
import re
from typing import Final

_PARAMETERS: Final = re.compile(
    r"[ \t]*+(?:async[ \t]++)?(?:def|class)[ \t]++\w++[ \t]*+"
    r"\[((?:[\w .,:*|]|\([\w .,|]*+\)|\[[\w .,|]*+\])++)\](?=[ \t]*+[(:])"
)
_ALIAS: Final = re.compile(r"[ \t]*+(type[ \t]++[^\W\d]\w*+[ \t]*+=(?!=)([^\r\n]++))")


def without_types(text: str, start: int) -> str | None:
    """The text, as long as it was, without what of that kind the line at an offset begins with.

    None where there is nothing of the kind, or nothing that is told from other code so easily.
    """
    found = _PARAMETERS.match(text, start)
    if found is not None and _are_parameters(found[1]):
        begin, end = found.start(1) - 1, found.end(1) + 1
        return f"{text[:begin]}{' ' * (end - begin)}{text[end:]}"
    found = _ALIAS.match(text, start)
    if found is not None and _is_expression(found[2].strip()):
        begin, end = found.span(1)
        return f"{text[:begin]}{'pass'.ljust(end - begin)}{text[end:]}"
    return None


def _are_parameters(text: str) -> bool:
    """Whether a text is a list of type parameters: they look like a function's, with bounds."""
    try:
        [function] = ast.parse(f"def f({text}): ...").body
    except (SyntaxError, ValueError):
        return False
    if not isinstance(function, ast.FunctionDef):
        return False
    given = function.args
    starred = [each for each in (given.vararg, given.kwarg) if each is not None]
    is_bare = given.vararg is None and bool(given.kwonlyargs)  # a `*` without a name
    return not is_bare and all(each.annotation is None for each in starred)


def _is_expression(text: str) -> bool:
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return not isinstance(tree.body, ast.Tuple)
