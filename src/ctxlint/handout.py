"""Giving a project helpers of its own: a copy of detached.py, and the setting that names it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ctxlint import __version__, pyproject
from ctxlint.layout import project_root
from ctxlint.settings_text import with_key
from ctxlint.writing import Change, NotWritten, replace_together

_MARK: Final = re.compile(r"# Written by ctxlint ([0-9][\w.]*)[ ,]")
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{16})")
# What formatters and checkouts may change: white space, quotes, brackets and commas.
_LAYOUT: Final = re.compile(r"[\s\"'()\[\],]+")
_MARKERS: Final = (".git", "pyproject.toml")
_HEADER: Final = """\
# Written by ctxlint {version}, of which it is a part (MIT licence, the ctxlint authors).
# `ctxlint --write-helpers` updates it as long as nobody has changed it: sha256:{digest}
"""


class Refused(Exception):
    """The helpers cannot be written; the message says why, and what to do."""


class Written(msgspec.Struct, frozen=True):
    """The file and the module it is, the settings that name it, and which of them are new."""

    path: Path
    module: str
    pyproject: Path
    wrote_file: bool
    wrote_setting: bool


def write_helpers(target: Path) -> Written:
    """Write the helpers to a file, or bring its unchanged copy up to date, and set `helpers`.

    Nothing is written unless both can be. Raises Refused.
    """
    path = _destination(target)
    toml = _pyproject_for(path)
    module = _module_name(path, toml.parent)
    needed = _is_needed(path)
    settings = _settings_naming(module, toml)
    texts = {path: copy_text()} if needed else {}
    if settings is not None:
        texts[toml] = settings
    _write(texts)
    return Written(path, module, toml, needed, settings is not None)


def copy_text() -> str:
    """The text of a copy: the module under a header that says what it is."""
    return _header() + _source()


def _source() -> str:
    return Path(__file__).with_name("detached.py").read_text(encoding="utf-8")


def _header() -> str:
    return _HEADER.format(version=__version__, digest=digest(_source()))


def digest(source: str) -> str:
    """A short digest of a module's text, the same however it is laid out."""
    return hashlib.sha256(_LAYOUT.sub("", source).encode()).hexdigest()[:16]


def _destination(target: Path) -> Path:
    path = target / "detached.py" if target.is_dir() else target
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise Refused(f"{target}: name a Python file, such as src/myapp/detached.py")
    if not path.parent.is_dir():
        raise Refused(f"{path.parent}: there is no such directory")
    if path.is_symlink():
        raise Refused(f"{path}: is a link; name the file itself")
    return path.parent.resolve() / path.name


def _is_needed(path: Path) -> bool:
    """Whether the file has yet to be written. Raises Refused if it is no unchanged copy."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        lines = []
    mark = _MARK.match(lines[0]) if lines else None
    digested = _DIGEST.search(lines[1]) if len(lines) > 1 else None
    if mark is None or digested is None:
        raise Refused(f"{path}: exists, and ctxlint did not write it; name another file")
    if digest("".join(lines[2:])) != digested[1]:
        raise Refused(
            f"{path}: was changed since ctxlint {mark[1]} wrote it; remove it first if the "
            "changes may be lost"
        )
    if _numbers(mark[1]) > _numbers(__version__):
        raise Refused(f"{path}: ctxlint {mark[1]} wrote it, which is newer than this {__version__}")
    return "".join(lines[:2]) != _header()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _pyproject_for(path: Path) -> Path:
    """The pyproject.toml whose settings count for a file: it may have to be made."""
    root, here = project_root(path), Path.cwd()
    if root.is_relative_to(here) and not any((root / each).exists() for each in _MARKERS):
        root = here  # nothing says where the project begins: where the user stands
    for directory in path.parents:
        if not directory.is_relative_to(root):
            break
        if (directory / "pyproject.toml").is_file():
            return directory / "pyproject.toml"
    return root / "pyproject.toml"


def _module_name(path: Path, root: Path) -> str:
    """How the file is imported: from the directory that holds its outermost package."""
    home = path.parent
    if (root / "src") in path.parents and not (root / "src" / "__init__.py").is_file():
        home = root / "src"
    elif (home / "__init__.py").is_file():
        while (home / "__init__.py").is_file() and home != root:
            home = home.parent
    else:
        home = root
    parts = path.relative_to(home).with_suffix("").parts
    for part in parts:
        if not part.isidentifier():
            raise Refused(f"{path}: cannot be imported, for {part!r} is no name of a package")
    return ".".join(parts)


def _settings_naming(module: str, toml: Path) -> str | None:
    """The text of pyproject.toml with the setting; None where it says so already."""
    try:
        there = pyproject.read(toml) is not None
        text = toml.read_bytes().decode() if there else ""
    except pyproject.BadToml as error:
        raise Refused(f"{toml}: {error}") from None
    edited = None if toml.is_symlink() else with_key(text, "helpers", module)
    if edited is None:
        raise Refused(
            f'{toml}: set helpers = "{module}" in [tool.ctxlint] yourself, and run this again: '
            "what is there now is not understood"
        )
    return None if edited == text else edited


def _write(texts: Mapping[Path, str]) -> None:
    """Make or replace all of some files, or none. Raises Refused."""
    new = {path: text.encode() for path, text in texts.items() if not path.exists()}
    made: list[Path] = []
    try:
        old = [
            Change(path, path.read_bytes(), text.encode())
            for path, text in texts.items()
            if path not in new
        ]
        for path, data in new.items():
            with path.open("xb") as file:
                made.append(path)
                file.write(data)
        replace_together(old)
    except (OSError, NotWritten) as error:
        for path in made:
            path.unlink(missing_ok=True)
        at_fault = error.path if isinstance(error, NotWritten) else error.filename
        reason = error.reason if isinstance(error, NotWritten) else error.strerror
        raise Refused(f"{at_fault}: cannot be written: {reason}") from None
