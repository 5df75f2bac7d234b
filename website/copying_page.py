"""What Python copies and when, as tables, from what the programs of `tests/semantics/` printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from semantics import NEEDS, PROGRAMS, Executed, recorded

_recorded = cache(recorded)
_HEADS: Final = {"5": "result"}  # what a column of answers is called, where nothing is run
Answers = Mapping[str, Mapping[str, str]]  # construct → minor version → what the callee sees


def part(prefix: str) -> str:
    """The programs whose names begin so, as a table; what differs by version has columns for it."""
    if prefix == "versions":
        return _versions(_recorded())
    programs = [each for each in PROGRAMS if each.stem.startswith(prefix)]
    if not programs:
        raise KeyError(prefix)
    answers: dict[str, dict[str, str]] = {}
    for program in programs:
        by_construct: dict[str, dict[str, str]] = {}
        for minor, lines in _recorded().answers[program.stem].items():
            for construct, seen in lines.items():
                by_construct.setdefault(construct, {})[minor] = seen
        twice = answers.keys() & by_construct.keys()
        assert not twice, f"{program.name} and another program tell of {twice}"
        answers |= by_construct
    same = {each: seen for each, seen in answers.items() if len(set(seen.values())) == 1}
    other = {each: seen for each, seen in answers.items() if each not in same}
    tables = [_table_of_one(same, _HEADS.get(prefix, "what runs there sees"))] if same else []
    if other:
        tables.append(_table_by_version(other))
    sources = "\n".join(_source(program.name, program.read_text("utf-8")) for program in programs)
    return "\n\n".join([*tables, sources])


def _table_of_one(answers: Answers, head: str) -> str:
    rows = [f"| {construct} | {next(iter(seen.values()))} |" for construct, seen in answers.items()]
    return "\n".join((f"| construct | {head} |", "| --- | --- |", *rows))


def _table_by_version(answers: Answers) -> str:
    """Neighbouring versions that agree share a column."""
    minors = sorted({minor for seen in answers.values() for minor in seen}, key=_number)
    spans: list[list[str]] = []
    for minor in minors:
        last = spans[-1] if spans else None
        if last and all(seen.get(last[-1]) == seen.get(minor) for seen in answers.values()):
            last.append(minor)
        else:
            spans.append([minor])
    heads = " | ".join(_span(each) for each in spans)
    rows = [
        f"| {construct} | {' | '.join(seen.get(span[0], '') for span in spans)} |"
        for construct, seen in answers.items()
    ]
    return "\n".join((f"| construct | {heads} |", "| --- |" + " --- |" * len(spans), *rows))


def _versions(executed: Executed) -> str:
    """What the programs were run with."""
    pythons = _listed(executed.pythons.values())
    libraries = _listed(
        f"{name} {versions[max(versions, key=_number)]}"
        for names in NEEDS.values()
        for name, versions in ((each, executed.libraries.get(each)) for each in names)
        if versions
    )
    return f"Executed on CPython {pythons}; the libraries on the last of these: {libraries}."


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _span(minors: list[str]) -> str:
    between = " and " if len(minors) == 2 else " to "
    return minors[0] if len(minors) == 1 else f"{minors[0]}{between}{minors[-1]}"


def _number(minor: str) -> tuple[int, ...]:
    return tuple(map(int, minor.split(".")))


def _source(name: str, text: str) -> str:
    block = "\n".join(f"    {line}".rstrip() for line in ("```python", *text.splitlines(), "```"))
    return f'??? quote "The program: {name}"\n\n{block}\n'
