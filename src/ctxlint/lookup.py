"""Finding the settings of a run: the nearest file that has some, what it extends, and the flags.

Flags win over files, and a file wins over the one that it extends, key by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ctxlint import pyproject
from ctxlint.keys import READERS
from ctxlint.rows import BadValue, nearest, show_value
from ctxlint.rules.codes import covers
from ctxlint.settings import NotToml, Settings, SettingsError

_PYPROJECT: Final = "pyproject.toml"
_EXTEND: Final = "extend"
_SELECTION: Final = ("select", "ignore", "extend-select")

Origins = tuple[str, ...]
"""The file or the flag, or both, that a value comes from."""


class Lookup(msgspec.Struct, frozen=True):
    """How a run finds its settings.

    The nearest pyproject.toml upwards that holds `[tool.ctxlint]` counts; the search ends at the
    directory that holds `.git`.
    ``config`` is the file to read instead of the nearest one; ``isolated`` reads none.
    ``overrides`` are the flags, by key; a value of None means that the flag was not given.
    """

    isolated: bool = False
    config: Path | None = None
    overrides: Mapping[str, object] = {}

    @property
    def is_nearest(self) -> bool:
        """Whether each file has the settings that are nearest to it."""
        return not self.isolated and self.config is None

    def load(self, start: Path) -> Settings:
        """The settings for work at `start`, a file or a directory. Raises SettingsError."""
        return self.found(start).settings

    def found(self, start: Path) -> Found:
        """The same, with where each value comes from. Raises SettingsError."""
        values, origins, root = self._of_files(start)
        flags = {key.replace("_", "-"): value for key, value in self.overrides.items()}
        given = {key: value for key, value in flags.items() if value is not None}
        _let_flags_win(values, _converted(given, ""), origins)
        settings = msgspec.convert({**values, "root": root}, Settings)
        return Found(settings, origins)

    def _of_files(self, start: Path) -> tuple[dict[str, object], dict[str, Origins], str]:
        """What files say, by key; which file says it; and what their patterns are relative to."""
        if self.isolated:
            return {}, {}, ""
        if self.config is not None:
            values, origins = _extended(self.config.resolve(), _table_in(self.config), ())
            return values, origins, str(Path.cwd())
        nearest_table = _nearest_table(start)
        if nearest_table is None:
            return {}, {}, ""
        path, table = nearest_table
        return *_extended(path, table, ()), str(path.parent)


LOOKUP: Final = Lookup()
"""No flags: the nearest file's settings."""


class Found(NamedTuple):
    """Settings, and by key which file or flag they come from; what has the default is not told."""

    settings: Settings
    origins: Mapping[str, Origins]


def table_of(path: Path) -> dict[str, object] | None:
    """`[tool.ctxlint]` of a pyproject.toml; None when it, or the whole file, is not there.

    Raises SettingsError when the file cannot be read, or is no TOML.
    """
    data = _data_of(path)
    table = pyproject.table(data, "tool").get("ctxlint")
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.ctxlint must be a table, got {show_value(table)}")
    return table


def _data_of(path: Path) -> dict[str, object] | None:
    try:
        return pyproject.read(path)
    except pyproject.BadToml as error:
        raise NotToml(f"{path}: {error}") from None


def _table_in(path: Path) -> dict[str, object]:
    """The settings in a file that was named: `[tool.ctxlint]`, or in any other TOML all of it."""
    table = table_of(path)
    if table is not None:
        return table
    data = _data_of(path)
    if data is None:
        raise SettingsError(f"{path}: there is no such file")
    if path.name == _PYPROJECT or "tool" in data:
        raise SettingsError(f"{path}: has no [tool.ctxlint]")
    return data


def _nearest_table(start: Path) -> tuple[Path, dict[str, object]] | None:
    start = start.resolve()
    for directory in (start, *start.parents):
        path = directory / _PYPROJECT
        table = table_of(path)
        if table is not None:
            return path, table
        if (directory / ".git").exists():
            return None
    return None


def _extended(
    path: Path, table: Mapping[str, object], below: tuple[Path, ...]
) -> tuple[dict[str, object], dict[str, Origins]]:
    """What a file and the files that it extends say, and which of them says it."""
    if path in below:
        raise SettingsError(f"{path}: extend: it leads back to this file")
    own = _converted(table, f"{path}: ")
    base = own.pop(_EXTEND, None)
    values: dict[str, object] = {}
    origins: dict[str, Origins] = {}
    if isinstance(base, str):
        other = (path.parent / Path(base).expanduser()).resolve()
        if not other.is_file():
            raise SettingsError(f'{path}: extend: there is no file "{base}" (looked at {other})')
        values, origins = _extended(other, _table_in(other), (*below, path))
    return {**values, **own}, {**origins, **dict.fromkeys(own, (str(path),))}


def _let_flags_win(
    values: dict[str, object], flags: dict[str, object], origins: dict[str, Origins]
) -> None:
    # As in ruff: `--select` starts anew, the other two change what the file says; and whatever a
    # flag names it takes from the file's opposite list, however precisely the file named it.
    for key in flags:
        others = _SELECTION if key == "select" else ()
        for each in others:
            values.pop(each, None)
            origins.pop(each, None)
    ignore = _strings(flags.get("ignore", ()))
    extend = _strings(flags.get("extend-select", ()))
    for key in ("select", "extend-select"):
        if key in values:
            values[key] = _without(values[key], ignore)
    if "ignore" in values:
        values["ignore"] = _without(values["ignore"], extend)
    added = {"ignore": ignore, "extend-select": extend}
    for key, value in flags.items():
        before = _strings(values.get(key, ())) if key in added else ()
        origins[key] = (*(origins.get(key, ()) if before else ()), f"--{key}")
        values[key] = (*before, *added[key]) if key in added else value


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
