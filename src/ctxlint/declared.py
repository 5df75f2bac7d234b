"""What a project declares of itself: its name, its Python, and what it needs at run time.

Read from pyproject.toml (PEP 621 and poetry), setup.cfg, setup.py, Pipfile and requirements files;
nothing is run. Extras and development groups are not needed at run time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from ctxlint import pyproject
from ctxlint.regular import MOST_OF_SETTINGS, content

_NAME: Final = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_INCLUDE: Final = re.compile(r"\s*(?:-r|--requirement)[\s=]+(\S+)")
# In a setup.py, `install_requires=[...]` as far as its list goes; what else is there is not read.
_INSTALL_REQUIRES: Final = re.compile(r"\binstall_requires\s*=\s*[\[(]")
_END_OF_LIST: Final = re.compile(r"[\])]\s*[,)]")
_QUOTED: Final = re.compile(r"""["']([^"'\n]+)["']""")
# Files that list what is needed to work on a project, by a word of their name.
_DEVELOPMENT: Final = re.compile(
    r"(?:^|[-_.])(?:dev|devel|development|tests?|testing|lint|linting|docs?|ci|types?|typing|mypy"
    r"|build|tools?|tooling|local|qa|quality|style|format|checks?|bench\w*|optional|extras?)"
    r"(?:$|[-_.])"
)
# What packages are built from.
PACKAGED: Final = ("pyproject.toml", "setup.cfg", "setup.py")
# Beside which no other file is needed to know that there is a project.
_FOREIGN: Final = ("Pipfile", "environment.yml", "environment.yaml", "pixi.toml", "setup.py")


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A project's own words. Names of distributions are normalised: ``sentry-sdk``.

    ``extras`` is what only optional extras need.
    """

    name: str | None = None
    requires_python: str = ""
    dependencies: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()

    def needs(self, distribution: str) -> bool:
        """Whether the project is, or at run time depends on, a distribution."""
        return distribution == self.name or distribution in self.dependencies


def declared(root: Path) -> Declared | None:
    """What the files in a directory declare; None where no file there declares a project.

    Where a file that packages are built from lists the dependencies, requirements files, which
    often are exports of everything, are not asked.
    """
    try:
        data = pyproject.read(root / "pyproject.toml") or {}
    except pyproject.BadToml:
        return Declared()  # there is a project; what it needs nobody can say
    project = pyproject.table(data, "project")
    poetry = pyproject.table(data, "tool", "poetry")
    setup = _setup_cfg(root)
    name = project.get("name") or poetry.get("name") or setup.get("metadata.name")
    listed = _first_listed(root, project, poetry, setup)
    is_declared = (
        listed is not None
        or bool(setup)
        or any(key in data for key in ("project", "build-system"))
        or any(key in pyproject.table(data, "tool") for key in ("poetry", "flit", "pdm", "pixi"))
        or any((root / file).is_file() for file in _FOREIGN)
        or any(_requirements_files(root))
    )
    if not is_declared:
        return None
    groups = pyproject.table(project, "optional-dependencies").values()
    extras = {name for group in groups for name in _names(pyproject.strings(group))}
    extras.update(normalised(name) for name in pyproject.table(poetry, "dependencies"))
    python = project.get("requires-python") or setup.get("options.python_requires", "")
    return Declared(
        name=normalised(name) if isinstance(name, str) else None,
        requires_python=python if isinstance(python, str) else "",
        dependencies=frozenset(listed or ()),
        extras=frozenset(extras.difference(listed or ())),
    )


def all_declared(root: Path) -> tuple[Declared | None, ...]:
    """What is declared at the root of a project; where nothing is, also by the packages in it."""
    own = declared(root)
    return (own,) if own is not None else (None, *members(root))


def members(directory: Path, depth: int = 2) -> Iterator[Declared]:
    """The packaged projects of a repository that holds several and is none itself."""
    try:
        below = [each.name for each in os.scandir(directory) if each.is_dir()]
    except OSError:
        return
    for name in sorted(below):
        member = directory / name
        files = _names_in(member)
        if name.startswith(".") or "__init__.py" in files:
            continue  # hidden, or the data of a package
        found = declared(member) if files.intersection(PACKAGED) else None
        if found is not None:
            yield found
        elif depth > 1:
            yield from members(member, depth - 1)


def _names_in(directory: Path) -> set[str]:
    try:
        return set(os.listdir(directory))
    except OSError:
        return set()


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _first_listed(
    root: Path, project: dict[str, object], poetry: dict[str, object], setup: dict[str, str]
) -> list[str] | None:
    """The run-time dependencies in the first place that lists any."""
    if "dependencies" in project:
        return list(_names(pyproject.strings(project["dependencies"])))
    if "dependencies" in poetry:
        return list(_poetry_names(pyproject.table(poetry, "dependencies")))
    if "options.install_requires" in setup:
        return list(_names(setup["options.install_requires"].splitlines()))
    return _in_setup_py(root) or _in_pipfile(root) or _in_requirements(root)


def _names(requirements: Iterable[str]) -> Iterator[str]:
    for requirement in requirements:
        match = _NAME.match(requirement)
        if match is not None:
            yield normalised(match[1])


def _poetry_names(dependencies: dict[str, object]) -> Iterator[str]:
    for name, constraint in dependencies.items():
        if not (isinstance(constraint, dict) and constraint.get("optional") is True):
            yield normalised(name)


def _setup_cfg(root: Path) -> dict[str, str]:
    """The options of a setup.cfg that describes a package, by ``section.key``."""
    try:
        text = content(root / "setup.cfg", MOST_OF_SETTINGS).decode()
    except (OSError, ValueError):
        return {}
    import configparser  # only for a file that is there

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except (ValueError, configparser.Error):
        return {}
    return {
        f"{section}.{key}": value
        for section in ("metadata", "options")
        if parser.has_section(section)
        for key, value in parser.items(section)
    }


def _in_setup_py(root: Path) -> list[str] | None:
    text = _text(root / "setup.py")
    start = _INSTALL_REQUIRES.search(text)
    # Looked for once: as one expression, it would be for each list that is begun.
    end = start and _END_OF_LIST.search(text, start.end())
    if start is None or end is None:
        return None
    return list(_names(_QUOTED.findall(text, start.end(), end.start())))


def _in_pipfile(root: Path) -> list[str] | None:
    try:
        data = pyproject.read(root / "Pipfile")
    except pyproject.BadToml:
        return None
    return [normalised(name) for name in pyproject.table(data, "packages")] if data else None


def _in_requirements(root: Path) -> list[str] | None:
    files = [path for path in _requirements_files(root) if not _DEVELOPMENT.search(path.stem)]
    seen: set[Path] = set()
    found = [name for path in files for name in _required(path, seen)]
    return found if files else None


def _requirements_files(root: Path) -> list[Path]:
    return sorted(
        path
        for pattern in ("*requirements*.txt", "*requirements*.in", "requirements/*.[ti][xn]*")
        for path in root.glob(pattern)
        if path.is_file()
    )


def _required(path: Path, seen: set[Path]) -> Iterator[str]:
    """The names in a requirements file and in the files that it includes."""
    if path in seen:
        return
    seen.add(path)
    for line in _text(path).splitlines():
        included = _INCLUDE.match(line)
        if included is not None:
            yield from _required(path.parent / included[1], seen)
        else:
            yield from _names([line])


def _text(path: Path) -> str:
    try:
        return content(path, MOST_OF_SETTINGS).decode("utf-8", "replace")
    except OSError:
        return ""
