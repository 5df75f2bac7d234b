"""Where fixes take helpers from: the user's, ctxlint's own, or none but the standard library.

A linter must not slip itself into production: a project that says what it depends on, and does
not depend on ctxlint, gets fixes that need the standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from ctxlint.declared import declared, members
from ctxlint.rows import ROLES, Role
from ctxlint.settings import Settings

OWN_MODULE: Final = "ctxlint.detached"


class Helper(msgspec.Struct, frozen=True):
    """A function or class to call: where it is imported from, and the keywords that it takes
    besides what it is there for (the coroutine, the target, the payload)."""

    module: str
    name: str
    takes: frozenset[str] = frozenset()

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}"


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """What fixes may use.

    ``style`` is for spawns; a role without a helper is filled by the standard library as well.
    ``missing`` says, where queue hand-offs cannot be rewritten for want of helpers, why, and
    what to do. ``never_carry`` are the context variables to exclude from every item. ``settled``
    says that the settings decide, and helpers that the project has besides are not looked for.
    """

    style: Literal["helpers", "stdlib"]
    helpers: Mapping[Role, Helper]
    settled: bool = False
    missing: str | None = None
    never_carry: tuple[Helper, ...] = ()

    def helper(self, role: Role, *keywords: str) -> Helper | None:
        """The helper for a role, if there is one and it takes these keywords."""
        found = self.helpers.get(role)
        return found if found is not None and found.takes.issuperset(keywords) else None


# The names of ctxlint.detached, which a copy of it has as well.
_NAMES: Final[Mapping[Role, tuple[str, frozenset[str]]]] = {
    "task": ("create_detached_background_task", frozenset({"name", "keep"})),
    "thread": (
        "create_detached_thread",
        frozenset({"args", "kwargs", "name", "daemon", "keep"}),
    ),
    "run": ("run_detached", frozenset()),
    "capture": ("capture_request_context", frozenset({"only", "exclude"})),
    "activate": ("activate_request_context", frozenset()),
    "item": ("WorkItem", frozenset({"exclude"})),
}


def helpers_of(module: str) -> dict[Role, Helper]:
    """The helpers in ctxlint.detached, or in a copy of it."""
    return {role: Helper(module, name, takes) for role, (name, takes) in _NAMES.items()}


def supply_of(settings: Settings, root: Path) -> Supply:
    """What fixes may use in a project, by its settings and by what its files declare."""
    never_carry = tuple(_split(name) for name in settings.never_carry)
    if settings.fix_style == "stdlib":
        return Supply(
            style="stdlib",
            helpers={},
            missing='fix-style = "stdlib" asks for none of the helpers that it needs',
            never_carry=never_carry,
            settled=True,
        )
    chosen = chosen_helpers(settings)
    helpers = chosen
    if not chosen and (settings.fix_style == "helpers" or _may_use_ctxlint(root)):
        helpers = helpers_of(OWN_MODULE)
    return _supply(helpers, never_carry, settled=bool(chosen))


def with_own(supply: Supply, own: Mapping[Role, Helper]) -> Supply:
    """The supply with helpers that the project has, where the settings are silent.

    They come first. Items are made and activated by helpers of one origin.
    """
    if supply.settled or not own:
        return supply
    return _supply({**supply.helpers, **own}, supply.never_carry)


def _supply(
    helpers: Mapping[Role, Helper], never_carry: tuple[Helper, ...], *, settled: bool = False
) -> Supply:
    return Supply(
        style="helpers" if helpers else "stdlib",
        helpers=helpers,
        missing=_lacking(helpers),
        never_carry=never_carry,
        settled=settled,
    )


def _lacking(helpers: Mapping[Role, Helper]) -> str | None:
    if "item" in helpers and "activate" in helpers:
        return None
    what = "the project does not depend on ctxlint" if not helpers else "its helpers have no item"
    return f"{what}; `ctxlint --write-helpers PATH` writes helpers into it"


def chosen_helpers(settings: Settings) -> dict[Role, Helper]:
    """The helpers that the settings name."""
    if isinstance(settings.helpers, str):
        return {} if settings.helpers == "auto" else helpers_of(settings.helpers)
    return {role: _split(settings.helpers[role]) for role in ROLES if role in settings.helpers}


def _split(dotted: str) -> Helper:
    module, _, name = dotted.rpartition(".")
    return Helper(module, name)


def _may_use_ctxlint(root: Path) -> bool:
    """Whether ctxlint is there when the project runs, or nothing says what is."""
    project = declared(root)
    if project is not None:
        return project.needs("ctxlint")
    return all(member.needs("ctxlint") for member in members(root))
