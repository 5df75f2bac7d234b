"""Where fixes take helpers from: the user's, ctxlint's own, or none but the standard library.

A linter must not slip itself into production: a project that says what it depends on, and does
not depend on ctxlint, gets fixes that need the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from ctxlint.declared import PACKAGED, Declared, declared
from ctxlint.rows import ROLES, Role
from ctxlint.settings import Settings

OWN_MODULE: Final = "ctxlint.detached"


class Helper(msgspec.Struct, frozen=True):
    """A function or class to call: where it is imported from, and the keywords that it takes
    besides what it is there for (the coroutine, the target, the payload)."""

    module: str
    name: str
    takes: frozenset[str] = frozenset()


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """What fixes may use.

    ``style`` is for spawns; a role without a helper is filled by the standard library as well.
    ``missing`` says, where queue hand-offs cannot be rewritten for want of helpers, why, and
    what to do. ``never_carry`` are the context variables to exclude from every item.
    """

    style: Literal["helpers", "stdlib"]
    helpers: Mapping[Role, Helper]
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
        )
    helpers = _chosen(settings)
    if not helpers and (settings.fix_style == "helpers" or _may_use_ctxlint(root)):
        helpers = helpers_of(OWN_MODULE)
    return completed(helpers, never_carry)


def completed(helpers: Mapping[Role, Helper], never_carry: tuple[Helper, ...] = ()) -> Supply:
    """A supply with these helpers, which says what they are not enough for."""
    return Supply(
        style="helpers" if helpers else "stdlib",
        helpers=helpers,
        missing=_lacking(helpers),
        never_carry=never_carry,
    )


def _lacking(helpers: Mapping[Role, Helper]) -> str | None:
    if "item" in helpers and "activate" in helpers:
        return None
    what = "the project does not depend on ctxlint" if not helpers else "its helpers have no item"
    return f"{what}; `ctxlint --write-helpers PATH` writes helpers into it"


def _chosen(settings: Settings) -> dict[Role, Helper]:
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
    return all(member.needs("ctxlint") for member in _members(root))


def _members(root: Path) -> Iterator[Declared]:
    """The packaged projects of a repository that holds several and is none itself."""
    for pattern in ("*", "*/*"):
        for directory in sorted(root.glob(pattern)):
            if _is_member(directory):
                found = declared(directory)
                if found is not None:
                    yield found


def _is_member(directory: Path) -> bool:
    """Whether a directory can be one of several projects: no package's data, no hidden one."""
    if directory.name.startswith(".") or directory.parent.name.startswith("."):
        return False
    if any((each / "__init__.py").exists() for each in (directory, directory.parent)):
        return False
    return any((directory / file).is_file() for file in PACKAGED)
