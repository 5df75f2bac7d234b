"""Which intents are to be applied, and what speaks against some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..findings import Applicability, Finding
from ..intents import Intent
from .marks import Inspection
from .rounds import Candidate


def candidates(
    seen: Inspection, allowed: frozenset[Applicability], kinds: tuple[type, ...] | None = None
) -> Iterator[tuple[Candidate, str | None]]:
    """The intents to apply, in the order of their findings, and what speaks against each.

    ``kinds`` limits the intents.
    """
    carried = _by_intent(seen.findings)
    silenced = _by_intent(seen.silenced)
    known = _by_intent(seen.known)  # they start no fix, and another one's may settle them
    for intent, findings in carried.items():
        if kinds is not None and not isinstance(intent, kinds):
            continue
        if not any(map(_is_wanted(allowed), findings)):
            continue
        wanted = map(_is_wanted(allowed), (*findings, *known.get(intent, ())))
        reason = None if all(wanted) else "as the fix of another finding, it is not safe"
        if intent in silenced:
            first = silenced[intent][0]
            place = f"{Path(first.path).name}:{first.line}"
            reason = f"it would also rewrite {place}, where {first.code} is silenced"
        yield Candidate(intent, tuple(findings)), reason


def _is_wanted(allowed: frozenset[Applicability]) -> Callable[[Finding], bool]:
    return lambda finding: finding.fix is not None and finding.fix.applicability in allowed


def _by_intent(findings: Iterable[Finding]) -> dict[Intent, list[Finding]]:
    found: dict[Intent, list[Finding]] = {}
    # The findings of one intent mostly share the object, and comparing large ones takes time.
    known: dict[int, list[Finding]] = {}
    for each in findings:
        intent = each.fix.intent if each.fix is not None else None
        if intent is None:
            continue
        if id(intent) not in known:
            known[id(intent)] = found.setdefault(intent, [])
        known[id(intent)].append(each)
    return found
