"""One command line, as it was given; the fields are the flags."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ctxlint.lookup import Lookup
from ctxlint.output import Failure, Output
from ctxlint.reports.excerpts import one_line

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ctxlint.findings import Finding

_STDIN: Final = "-"  # and, for what is written, standard output
# What standard input is called when nobody says: where in the project it stands, it stands there.
_STDIN_NAME: Final = "stdin.py"
# What writes to the file of `--output-file`, besides a plain check.
_WRITTEN: Final = ("--fix", "--diff", "--graph")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One command line; the fields are the flags."""

    paths: tuple[str, ...]
    select: tuple[str, ...] | None
    ignore: tuple[str, ...] | None
    extend_select: tuple[str, ...] | None
    output_format: str | None
    output_file: str | None
    fix: bool
    unsafe_fixes: bool
    diff: bool
    statistics: bool
    graph: str | None
    exit_zero: bool
    baseline: str | None
    write_baseline: str | None
    add_noqa: bool
    diff_base: str | None
    explain: str | None
    why: str | None
    stdin_filename: str | None
    show_settings: bool
    write_helpers: str | None
    show_files: bool
    force_exclude: bool
    quiet: bool
    verbose: bool
    completion: str | None
    config: str | None
    isolated: bool
    jobs: int
    no_cache: bool
    dask: str | None
    lsp: bool
    version: bool

    def check_is_one_thing(self) -> None:
        """Raise Failure if two things are to be done, of which only one would be."""
        flags = {
            "--version": self.version,
            "--explain": self.explain is not None,
            "--lsp": self.lsp,
            "--completion": self.completion is not None,
            "--show-settings": self.show_settings,
            "--show-files": self.show_files,
            "--write-helpers": self.write_helpers is not None,
            "--why": self.why is not None,
            "--graph": self.graph is not None,
            "--write-baseline": self.write_baseline is not None,
            "--add-noqa": self.add_noqa,
            "--fix": self.fix,
            "--diff": self.diff and not (self.fix or self.add_noqa),
        }
        given = [flag for flag, is_given in flags.items() if is_given]
        if len(given) > 1:
            raise Failure(f"{given[0]} and {given[1]} are two things to do: give one of them")
        if given and self.output_file is not None and given[0] not in _WRITTEN:
            raise Failure(
                f"--output-file takes findings, a patch or a graph: {given[0]} has none of them"
            )
        if self.graph is not None and self.output_format is not None:
            raise Failure(
                "--graph and --output-format are two things to print: give one of them "
                "(--output-format html holds findings and graph)"
            )

    @property
    def is_question(self) -> bool:
        """Whether something is only told, and nothing judged: findings do not make it fail."""
        told = (self.explain, self.completion, self.why, self.graph)
        is_told = any(each is not None for each in told)
        return is_told or self.version or self.show_settings or self.show_files

    @property
    def lookup(self) -> Lookup:
        """How the settings are found, and the flags that win over them."""
        if self.isolated and self.config is not None:
            raise Failure("--isolated reads no file and --config names one: give one of them")
        return Lookup(
            self.isolated,
            None if self.config is None else Path(self.config),
            {
                "select": self.select,
                "ignore": self.ignore,
                "extend-select": self.extend_select,
                "force-exclude": self.force_exclude or None,
                "baseline": self.known,
            },
        )

    @property
    def known(self) -> str | None:
        """The baseline to use instead of the one in the settings; an empty name for none."""
        if self.write_baseline is not None:
            return ""
        return self.baseline and str(Path(self.baseline).absolute())

    @property
    def stdin(self) -> Path | None:
        """The file whose text is on standard input, if any is."""
        if self.stdin_filename is not None:
            return Path(self.stdin_filename).resolve()
        return Path(_STDIN_NAME).resolve() if _STDIN in self.paths else None

    @property
    def output(self) -> Output:
        """Where findings go, and how they are shown there."""
        named = self.output_file
        return Output(
            form=self.output_format,
            file=None if named is None or named == _STDIN else Path(named),
            statistics=self.statistics,
            unsafe=self.unsafe_fixes,
        )

    @property
    def targets(self) -> tuple[Path, ...]:
        """The files and directories to report on."""
        named = [Path(path) for path in self.paths if path != _STDIN]
        if self.stdin is not None and self.stdin not in [path.resolve() for path in named]:
            named.append(self.stdin)
        return tuple(named) or (Path("."),)

    def only(self) -> Callable[[Finding], bool] | None:
        """What findings are limited to, if to anything: asked of git."""
        if self.diff_base is None:
            return None
        if self.stdin is not None:
            raise Failure("--diff-base asks git, which does not know what is on standard input")
        from ctxlint.revisions import NoRevision, changed_since

        try:
            return changed_since(self.diff_base, [path.resolve() for path in self.targets])
        except NoRevision as error:
            raise Failure(f"--diff-base: {error}") from None

    @contextmanager
    def workers(self) -> Iterator[Executor | None]:
        """The workers of the cluster that is named, if one is."""
        if self.dask is None:
            yield None
            return
        from ctxlint.hands.cluster import NoCluster, workers_of

        try:
            with workers_of(self.dask) as executor:
                yield executor
        except NoCluster as error:
            raise Failure(f"--dask: {one_line(str(error))}") from None

    def overlay(self) -> dict[Path, bytes]:
        """Read what is on standard input, as the text of its file; call it once."""
        if self.stdin is None:
            return {}
        if self.stdin.is_dir():
            name = one_line(self.stdin_filename if self.stdin_filename is not None else _STDIN_NAME)
            raise Failure(f"--stdin-filename {name!r} is a directory: name the file in it")
        if sys.stdin is None:
            raise Failure("standard input is closed: there is no text to read")
        try:
            return {self.stdin: sys.stdin.buffer.read()}
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Failure(f"standard input cannot be read: {reason}") from None
