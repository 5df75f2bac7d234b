"""Which argument of a call reaches which parameter of a function."""

from __future__ import annotations

from ..facts import model as m
from .classes import self_name
from .index import ModuleIndex
from .scope import Scope

Arguments = tuple[tuple[m.Expression, ...], tuple[m.Keyword, ...]]


def argument_for(
    function: Scope,
    parameter: m.Parameter,
    positional: tuple[m.Expression, ...],
    keywords: tuple[m.Keyword, ...],
) -> m.Expression | None:
    """The expression passed for ``parameter``; None if it is not passed or cannot be told."""
    for keyword in keywords:
        if keyword.name == parameter.name:
            return keyword.value
    definition = function.function
    if definition is None or parameter.kind in ("kw", "**"):
        return None
    index = definition.parameters.index(parameter)
    if function.owner is not None and self_name(function) is not None:
        index -= 1
    if index < 0 or index >= len(positional):
        return None
    if any(isinstance(each, m.Starred) for each in positional[: index + 1]):
        return None
    return positional[index]


def rest_for(
    function: Scope, parameter: m.Parameter, positional: tuple[m.Expression, ...]
) -> tuple[m.Expression, ...]:
    """The expressions passed for ``*parameter``."""
    definition = function.function
    if definition is None or parameter.kind != "*":
        return ()
    bound = function.owner is not None and self_name(function) is not None
    return positional[max(definition.parameters.index(parameter) - int(bound), 0) :]


def parameter_at(function: Scope, index: int, keyword: str | None) -> m.Parameter | None:
    """The parameter that a keyword, or a position counted from the first parameter, reaches."""
    definition = function.function
    if definition is None:
        return None
    if keyword is not None:
        named = (p for p in definition.parameters if p.kind in ("", "kw"))
        return next((p for p in named if p.name == keyword), None)
    positional = [p for p in definition.parameters if p.kind in ("", "/")]
    return positional[index] if 0 <= index < len(positional) else None


def passed_beside(node: m.Expression, module: ModuleIndex) -> Arguments | None:
    """The arguments given beside a reference to a function.

    ``start_soon(f, a)``, ``Thread(target=f, args=(a,))`` and ``partial(f, a)`` pass ``a`` to f; so
    does ``Thread(target=context.run, args=(f, a))``.
    """
    parent = module.parents.get(node)
    if isinstance(parent, m.Sequence) and parent.elements[0] is node:
        given = module.parents.get(parent)
        if isinstance(given, m.Keyword) and given.name == "args":
            return parent.elements[1:], ()
    keyword = parent if isinstance(parent, m.Keyword) else None
    call = module.parents.get(keyword) if keyword is not None else parent
    if not isinstance(call, m.Call):
        return None
    for word in call.keywords:
        if word.name == "args" and isinstance(word.value, m.Sequence):
            kwargs = next((k.value for k in call.keywords if k.name == "kwargs"), None)
            return word.value.elements, _mapping_keywords(kwargs)
    if keyword is not None or node not in call.args:
        return (), ()
    return call.args[call.args.index(node) + 1 :], call.keywords


def _mapping_keywords(node: m.Expression | None) -> tuple[m.Keyword, ...]:
    if not isinstance(node, m.Mapping):
        return ()
    return tuple(
        m.Keyword(key.value, value)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, m.Constant) and isinstance(key.value, str)
    )
