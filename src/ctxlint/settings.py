"""What the user wants: the keys of `[tool.ctxlint]`, as the analysis uses them.

Importing this module is cheap: every command, the flake8 plugin among them, starts here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from ctxlint.keys import path_pattern, to_toml
from ctxlint.rows import EntryPointRow, QueueRow, SpawnerRow
from ctxlint.rules.codes import ALL, ON_REQUEST, covers

__all__ = [
    "DEFAULT_EXCLUDE",
    "EntryPointRow",
    "NotToml",
    "QueueRow",
    "Settings",
    "SettingsError",
    "SpawnerRow",
    "show",
]

# Directories that hold no code of the project's own. `build` and `dist` are not among them: the
# search leaves them out by what they hold, for there are packages of these names.
DEFAULT_EXCLUDE = (
    ".bzr/",
    ".ctxlint_cache/",
    ".direnv/",
    ".eggs/",
    ".git/",
    ".hg/",
    ".ipynb_checkpoints/",
    ".mypy_cache/",
    ".nox/",
    ".pixi/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".svn/",
    ".tox/",
    ".venv/",
    "__pycache__/",
    "__pypackages__/",
    "node_modules/",
    "site-packages/",
)


class SettingsError(Exception):
    """Settings that cannot be used; the message is one line: where, what, and what to do."""


class NotToml(SettingsError):
    """A file that is to hold settings is no TOML at all: a template of one, perhaps."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """The effective settings of one run; field names are the keys, with hyphens.

    `root` is no key: it is the directory of the pyproject.toml that was used, to which the
    patterns of `exclude` and `per-file-ignores` and the `baseline` are relative, or "" when there
    was none.
    """

    select: tuple[str, ...] = ("CTX",)
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    per_file_ignores: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    baseline: str = ""
    threads_inherit: bool | Literal["auto"] = True
    public_starters: bool = True
    spawners: tuple[SpawnerRow, ...] = ()
    queues: tuple[QueueRow, ...] = ()
    entry_points: tuple[EntryPointRow, ...] = ()
    startup_functions: tuple[str, ...] = ()
    detaching_helpers: tuple[str, ...] = ()
    identity_fields: tuple[str, ...] = ()
    helpers: str | dict[str, str] = "auto"
    fix_style: Literal["auto", "helpers", "stdlib"] = "auto"
    never_carry: tuple[str, ...] = ()
    root: str = ""

    def enabled(self, code: str) -> bool:
        """Whether the rule is on: the longest prefix that fits decides, `ignore` at a tie.

        Rules that are on by request only, no beginning of their code selects.
        """
        return self._chosen(code) > _longest(code, self.ignore)

    def names(self, code: str) -> bool:
        """Whether the rule is on because it, or its family, is named: not only as one of all."""
        return self._chosen(code) > _length(ALL) and self.enabled(code)

    def _chosen(self, code: str) -> int:
        """How precisely the rule is selected; 0 if it is not."""
        named = (*self.select, *self.extend_select)
        if code in ON_REQUEST:
            named = tuple(each for each in named if each in (code, ALL))
        return _longest(code, named)

    def ignored_in(self, path: Path) -> frozenset[str]:
        """The code prefixes that `per-file-ignores` silences in the file at `path` (absolute)."""
        if not self.per_file_ignores:
            return frozenset()
        root = Path(self.root) if self.root else Path.cwd()
        relative = path.relative_to(root) if path.is_relative_to(root) else path
        name = relative.as_posix().lstrip("/")
        found: set[str] = set()
        for pattern, prefixes in self.per_file_ignores.items():
            inverted = pattern.startswith("!")
            if path_pattern(pattern.removeprefix("!")).match_file(name) is not inverted:
                found.update(prefixes)
        return frozenset(found)


def show(settings: Settings, origins: Mapping[str, str] | None = None) -> str:
    """The effective settings as TOML, as they could stand in a pyproject.toml.

    ``origins`` are told behind the values, by key.
    """
    lines = ["[tool.ctxlint]"]
    for key, value in msgspec.to_builtins(settings).items():
        if key != "root":
            origin = f"  # {origins[key]}" if origins and key in origins else ""
            lines.append(f"{key} = {to_toml(value)}{origin}")
    return "\n".join(lines) + "\n"


def _longest(code: str, selectors: tuple[str, ...]) -> int:
    """The length of the longest selector that fits; 0 if none does."""
    return max((_length(each) for each in selectors if covers(each, code)), default=0)


def _length(selector: str) -> int:
    """How precise a selector is: `ALL` as the beginning that all codes have."""
    return len("CTX") if selector == ALL else len(selector)
