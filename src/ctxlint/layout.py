"""Where a project begins, and which of its files are Python that belongs to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ctxlint.ignores import Patterns, ignored
from ctxlint.lookup import table_of
from ctxlint.settings import NotToml, Settings, SettingsError

# Left out unless a package has the name: then an `__init__.py` lies inside.
_OUTPUT_DIRECTORIES = frozenset({"build", "dist"})


def project_root(start: Path) -> Path:
    """The directory of the project around `start`, a file or a directory that need not exist.

    The nearest directory whose pyproject.toml has `[tool.ctxlint]`, else the nearest with
    `.git`, else the nearest with a pyproject.toml, else `start`, or the directory it is in; from
    inside a package, the directory that holds the outermost one.
    The search does not leave a git repository.
    """
    return _root_around(start.resolve())


def apparent_root(start: Path) -> Path:
    """The same for a path as it is written down, links in it not followed; the answer is resolved.

    It differs from `project_root` where a link leads from one project into another place.
    """
    written = Path(os.path.abspath(start))
    if written.resolve() != start.resolve():  # a `..` behind a link cannot be taken at its word
        written = start.resolve()
    return _root_around(written).resolve()


def is_loose(root: Path) -> bool:
    """Whether a directory is no project's: it has no mark of one, or is a home kept in git.

    What lies deep below it need not have anything to do with a file in it.
    """
    if (root / "pyproject.toml").is_file():
        return False
    if not (root / ".git").exists():
        return True
    try:
        return Path.home().is_relative_to(root)
    except RuntimeError:  # nobody knows where it is
        return False


def root_of(directory: Path, known: dict[Path, Path], templates: set[Path]) -> Path:
    """The nearest directory with settings of its own, from one upwards.

    The search ends at what is known; what it finds out is known from then on.  A pyproject.toml
    that is no TOML holds no settings: it is noted among the ``templates``.
    """
    found = known.get(directory)
    if found is None:
        pyproject = directory / "pyproject.toml"
        try:
            own = pyproject.is_file() and _has_table(pyproject)
        except NotToml:
            templates.add(pyproject)
            own = False
        found = known[directory] = directory if own else root_of(directory.parent, known, templates)
    return found


def _root_around(start: Path) -> Path:
    if not start.is_dir():
        start = start.parent
    plain: Path | None = None
    for directory in (start, *start.parents):
        pyproject = directory / "pyproject.toml"
        if pyproject.is_file():
            plain = plain or directory
            if _may_have_table(pyproject):
                return directory
        if (directory / ".git").exists():
            return directory
    return plain or _above_package(start)


def _above_package(directory: Path) -> Path:
    """The directory that holds the outermost package around a directory, or the directory."""
    while (directory / "__init__.py").is_file() and directory.parent != directory:
        directory = directory.parent
    return directory


def _may_have_table(pyproject: Path) -> bool:
    try:
        return _has_table(pyproject)
    except NotToml:
        return True  # loading the settings will say what is wrong with it


def _has_table(pyproject: Path) -> bool:
    """Whether a file has settings, be they right or wrong.  Raises NotToml."""
    try:
        return table_of(pyproject) is not None
    except NotToml:
        raise
    except SettingsError:
        return True  # as above


class Search:
    """Finds the Python files below directories; what cannot be listed is noted in `unlisted`."""

    def __init__(self, root: Path, settings: Settings) -> None:
        root = root.resolve()
        base = settings.root or str(root)
        self._root = root
        self._exclude = Patterns.parse(base, (*settings.exclude, *settings.extend_exclude))
        self.unlisted: list[tuple[str, OSError]] = []

    def excludes(self, path: Path) -> bool:
        """Whether `exclude` names a path (resolved), or a directory that it is in."""
        return self._exclude.excludes(f"{path}/" if path.is_dir() else str(path))

    def files(self, top: Path, *, loose: bool = False) -> Iterator[str]:
        """The paths of the regular `.py` files below `top` (resolved), in no certain order.

        `top` itself is searched even if it is ignored. No link to a directory is followed: what
        it leads to is either met on its own way, or no part of the project. With `loose`, of the
        directories below only packages are searched.
        """
        directory = str(top)
        exclude = self._exclude.covering(directory).sparing(directory)
        chain = tuple(above.sparing(directory) for above in self._above(top))
        pending = [(directory, chain)]
        while pending:
            directory, chain = pending.pop()
            entries = self._entries(directory)
            if directory != str(top) and _holds_no_sources(directory, entries):
                continue
            if loose and directory != str(top) and "__init__.py" not in entries:
                continue
            if ".gitignore" in entries:
                own = Patterns.read(directory, os.path.join(directory, ".gitignore"))
                chain = (*chain, own) if own else chain
            for entry in entries.values():
                is_directory = entry.is_dir(follow_symlinks=False)
                if not is_directory and not entry.name.endswith(".py"):
                    continue
                path = entry.path + "/" if is_directory else entry.path
                if exclude.verdict(path) or ignored(path, chain):
                    continue
                if is_directory:
                    pending.append((entry.path, chain))
                elif _is_regular(entry):
                    yield os.path.realpath(entry.path) if entry.is_symlink() else entry.path

    def _entries(self, directory: str) -> dict[str, os.DirEntry[str]]:
        try:
            with os.scandir(directory) as entries:
                return {entry.name: entry for entry in entries}
        except OSError as error:
            self.unlisted.append((directory, error))
            return {}

    def _above(self, top: Path) -> Iterator[Patterns]:
        """The ignore files of the directories that `top` is in, outermost first."""
        repository = next((path for path in (top, *top.parents) if (path / ".git").exists()), None)
        outermost = repository or self._root
        if not top.is_relative_to(outermost):
            return
        exclude = outermost / ".git" / "info" / "exclude"
        directories = [path for path in reversed(top.parents) if path.is_relative_to(outermost)]
        candidates = [(path, path / ".gitignore") for path in directories]
        for base, path in [(outermost, exclude), *candidates]:
            if patterns := Patterns.read(str(base), str(path)):
                yield patterns


def _holds_no_sources(directory: str, entries: dict[str, os.DirEntry[str]]) -> bool:
    if "pyvenv.cfg" in entries:
        return True
    return os.path.basename(directory) in _OUTPUT_DIRECTORIES and "__init__.py" not in entries


def _is_regular(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads back to itself
        return False
