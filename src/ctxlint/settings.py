"""What the user wants: `[tool.ctxlint]` of the nearest pyproject.toml, and the flags, which win.

Importing this module is cheap: every command, the flake8 plugin among them, starts here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from ctxlint import pyproject
from ctxlint.keys import READERS, path_pattern, to_toml
from ctxlint.rows import BadValue, EntryPointRow, QueueRow, SpawnerRow, nearest, show_value
from ctxlint.rules.codes import ALL, ON_REQUEST, covers

__all__ = [
    "DEFAULT_EXCLUDE",
    "EntryPointRow",
    "QueueRow",
    "Settings",
    "SettingsError",
    "SpawnerRow",
    "load",
    "show",
    "table_of",
]

# Directories that hold no code of the project's own. `build` and `dist` are not among them: the
# search leaves them out by what they hold, for there are packages of these names.
DEFAULT_EXCLUDE = (
    ".bzr/",
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


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """The effective settings of one run; field names are the keys, with hyphens.

    `root` is no key: it is the directory of the pyproject.toml that was used, to which the
    patterns of `exclude` and `per-file-ignores` are relative, or "" when there was none.
    """

    select: tuple[str, ...] = ("CTX",)
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
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


def load(
    start: Path, *, isolated: bool = False, overrides: Mapping[str, object] | None = None
) -> Settings:
    """The settings for work at `start`, a file or a directory.

    The nearest pyproject.toml upwards that holds `[tool.ctxlint]` counts; the search ends at the
    directory that holds `.git`. `isolated` reads none. `overrides` are the flags, by key; a value
    of None means that the flag was not given. Raises SettingsError.
    """
    found = None if isolated else _nearest_table(start)
    settings: dict[str, object] = {}
    if found is not None:
        path, table = found
        settings = _converted(table, f"{path}: ")
        settings["root"] = str(path.parent)
    flags = {key.replace("_", "-"): value for key, value in (overrides or {}).items()}
    given = {key: value for key, value in flags.items() if value is not None}
    _let_flags_win(settings, _converted(given, ""))
    return msgspec.convert(settings, Settings)


def show(settings: Settings) -> str:
    """The effective settings as TOML, as they could stand in a pyproject.toml."""
    lines = ["[tool.ctxlint]"]
    for key, value in msgspec.to_builtins(settings).items():
        if key != "root":
            lines.append(f"{key} = {to_toml(value)}")
    return "\n".join(lines) + "\n"


def table_of(path: Path) -> dict[str, object] | None:
    """`[tool.ctxlint]` of a pyproject.toml; None when it, or the whole file, is not there.

    Raises SettingsError when the file cannot be read, or is no TOML.
    """
    try:
        data = pyproject.read(path)
    except pyproject.BadToml as error:
        raise SettingsError(f"{path}: {error}") from None
    table = pyproject.table(data, "tool").get("ctxlint")
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.ctxlint must be a table, got {show_value(table)}")
    return table


def _nearest_table(start: Path) -> tuple[Path, dict[str, object]] | None:
    start = start.resolve()
    for directory in (start, *start.parents):
        path = directory / "pyproject.toml"
        table = table_of(path)
        if table is not None:
            return path, table
        if (directory / ".git").exists():
            return None
    return None


def _let_flags_win(settings: dict[str, object], flags: dict[str, object]) -> None:
    # As in ruff: `--select` starts anew, the other two change what the file says; and whatever a
    # flag names it takes from the file's opposite list, however precisely the file named it.
    if "select" in flags:
        for key in ("select", "ignore", "extend-select"):
            settings.pop(key, None)
    ignore = _strings(flags.pop("ignore", ()))
    extend = _strings(flags.pop("extend-select", ()))
    for key in ("select", "extend-select"):
        if key in settings:
            settings[key] = _without(settings[key], ignore)
    if "ignore" in settings:
        settings["ignore"] = _without(settings["ignore"], extend)
    settings["ignore"] = (*_strings(settings.get("ignore", ())), *ignore)
    settings["extend-select"] = (*_strings(settings.get("extend-select", ())), *extend)
    settings.update(flags)


def _strings(value: object) -> tuple[str, ...]:
    return msgspec.convert(value, tuple[str, ...])


def _without(codes: object, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        code for code in _strings(codes) if not any(covers(prefix, code) for prefix in prefixes)
    )


def _converted(table: Mapping[str, object], where: str) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in table.items():
        reader = READERS.get(key)
        if reader is None:
            raise SettingsError(f'{where}unknown key "{key}"{nearest(key, READERS)}')
        try:
            result[key] = reader(value)
        except BadValue as error:
            raise SettingsError(f"{where}{key}: {error}") from None
    return result


def _longest(code: str, selectors: tuple[str, ...]) -> int:
    """The length of the longest selector that fits; 0 if none does."""
    return max((_length(each) for each in selectors if covers(each, code)), default=0)


def _length(selector: str) -> int:
    """How precise a selector is: `ALL` as the beginning that all codes have."""
    return len("CTX") if selector == ALL else len(selector)
