"""What the command line can be asked to do; each function returns the exit code.

Modules that only one of these needs are imported where they are needed: `--version` must not
wait for a parser, nor a plain check for rich.
"""

from __future__ import annotations

import gc
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import click
import msgspec

from ctxlint.lookup import Lookup
from ctxlint.reports.excerpts import Excerpts, one_line, shown_path
from ctxlint.rules.codes import CODES

if TYPE_CHECKING:
    from ctxlint.findings import Finding
    from ctxlint.graph import Graph
    from ctxlint.sources import Problem

_STDIN: Final = "-"
# What standard input is called when nobody says: where in the project it stands, it stands there.
_STDIN_NAME: Final = "stdin.py"
_SITE: Final = re.compile(r"(.+?):([0-9]+)(?::[0-9]+)?:?")


class Failure(Exception):
    """What was asked for cannot be done; the message is one clear line."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One command line; the fields are the flags."""

    paths: tuple[str, ...]
    select: tuple[str, ...] | None
    ignore: tuple[str, ...] | None
    extend_select: tuple[str, ...] | None
    output_format: str | None
    fix: bool
    unsafe_fixes: bool
    diff: bool
    statistics: bool
    graph: str | None
    exit_zero: bool
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
    version: bool

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
            },
        )

    @property
    def stdin(self) -> Path | None:
        """The file whose text is on standard input, if any is."""
        if self.stdin_filename is not None:
            return Path(self.stdin_filename).resolve()
        return Path(_STDIN_NAME).resolve() if _STDIN in self.paths else None

    @property
    def targets(self) -> tuple[Path, ...]:
        """The files and directories to report on."""
        named = [Path(path) for path in self.paths if path != _STDIN]
        if self.stdin is not None and self.stdin not in [path.resolve() for path in named]:
            named.append(self.stdin)
        return tuple(named) or (Path("."),)

    def overlay(self) -> dict[Path, bytes]:
        """Read what is on standard input, as the text of its file; call it once."""
        if self.stdin is None:
            return {}
        return {self.stdin: sys.stdin.buffer.read()}


def version() -> int:
    """Print the version."""
    from ctxlint import __version__

    click.echo(f"ctxlint {__version__}")
    return 0


def completion(command: click.Command, shell: str) -> int:
    """Print the script that makes a shell complete the flags."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(command, {}, "ctxlint", "_CTXLINT_COMPLETE").source())
    return 0


def explain(code: str) -> int:
    """Print the documentation of a rule, given by its code or its name."""
    from ctxlint.rules import RULES

    wanted = code.strip()
    by_name = {name: known for known, name in CODES.items()}
    rule = RULES.get(wanted.upper()) or RULES.get(by_name.get(wanted.lower(), ""))
    if rule is None:
        raise Failure(_no_such_rule(wanted))
    if not sys.stdout.isatty():
        click.echo(rule.documentation.rstrip("\n"))
        return 0
    from ctxlint.reports import manual

    manual.render(rule.documentation, sys.stdout)
    return 0


def _no_such_rule(wanted: str) -> str:
    import difflib

    known = {**{code.lower(): code for code in CODES}, **{name: name for name in CODES.values()}}
    close = difflib.get_close_matches(wanted.lower(), known, n=1, cutoff=0.5)
    hint = f"did you mean {known[close[0]]}?" if close else f"the rules are {', '.join(CODES)}"
    return f"no rule is called {one_line(wanted)}; {hint}"


def show_settings(asked: Asked) -> int:
    """Print the settings that count for the first of the paths, as TOML, and their origins."""
    from ctxlint import settings

    found = asked.lookup.found(asked.targets[0])
    directory = Path.cwd().as_posix()
    origins = {
        key: ", ".join(shown_path(each, directory) for each in told)
        for key, told in found.origins.items()
    }
    click.echo(settings.show(found.settings, origins).rstrip("\n"))
    return 0


def show_files(asked: Asked) -> int:
    """Print the files that would be checked, one on each line."""
    from ctxlint.projects import projects_of

    projects = projects_of(asked.targets, asked.lookup, overlay=asked.overlay())
    directory = Path.cwd().as_posix()
    files = sorted({path for project in projects for path in project.files})
    for path in files:
        click.echo(shown_path(path.as_posix(), directory))
    problems = [problem for project in projects for problem in project.problems]
    return exit_code(asked, problems, len(files), failed=False)


def write_helpers(target: str) -> int:
    """Give a project helpers of its own."""
    from ctxlint import handout

    try:
        done = handout.write_helpers(Path(target))
    except handout.Refused as refusal:
        raise Failure(one_line(str(refusal))) from None
    directory = Path.cwd().as_posix()
    path = shown_path(done.path.as_posix(), directory)
    click.echo(f"{'wrote' if done.wrote_file else 'up to date:'} {path}")
    toml = shown_path(done.pyproject.as_posix(), directory)
    verb = "set" if done.wrote_setting else "there is"
    click.echo(f'{verb} helpers = "{done.module}" in {toml}')
    return 0


def why(asked: Asked) -> int:
    """Print why a line is, or is not, reported."""
    site = _SITE.fullmatch(asked.why or "")
    if site is None:
        raise Failure(f"--why takes FILE:LINE, such as src/app.py:12, not {asked.why!r}")
    path, line = Path(site[1]).resolve(), int(site[2])
    overlay = asked.overlay()
    if path not in overlay and not path.is_file():
        raise Failure(f"{one_line(site[1])}: there is no such file")
    from ctxlint.checking import explain_site

    told = explain_site(path, line, asked.lookup, overlay=overlay)
    source = _excerpts(overlay).line(path.as_posix(), line)
    click.echo(f"{shown_path(path.as_posix(), Path.cwd().as_posix())}:{line}")
    if source is not None and source.strip():
        click.echo(f"  {one_line(source.strip())}")
    click.echo(f"\n{told.strip()}")
    return 0


def check(asked: Asked) -> int:
    """Report on the paths: 1 when there are findings, 2 when a path could not be used."""
    from ctxlint.checking import run
    from ctxlint.reports.progress import Bar

    overlay, form = asked.overlay(), form_of(asked, sys.stdout)
    # Nearly everything made during a run lives until its end, and the process ends with it:
    # looking for garbage costs a tenth of the time and finds none.
    gc.disable()
    begun = time.monotonic()
    with Bar(wanted=not asked.quiet) as bar:
        report = run(
            asked.targets,
            asked.lookup,
            overlay=overlay,
            jobs=asked.jobs,
            progress=bar,
            fixes=form in ("full", "json", "html") and not asked.statistics,
            graph=form == "html" and not asked.statistics,
        )
    from ctxlint.reports.text import hint, summary

    print_findings(asked, report.findings, overlay, sys.stdout, report.graph)
    if asked.verbose:
        tell_more(asked, report.files, time.monotonic() - begun)
    if tells(asked) and report.files:
        # Not among the findings: what stands on standard output can be read by a program.
        click.echo(summary(report.findings, report.files), err=True)
        if told := hint(report.findings, asked.unsafe_fixes):
            click.echo(told, err=True)
    return exit_code(asked, report.problems, report.files, bool(report.findings))


def tell_more(asked: Asked, files: int, seconds: float) -> None:
    """Tell what `--verbose` adds: where the settings come from, and what the run took."""
    from ctxlint.layout import project_root

    directory = Path.cwd().as_posix()
    for root in dict.fromkeys(project_root(target) for target in asked.targets):
        origins = asked.lookup.found(root).origins.values()
        told = dict.fromkeys(origin for each in origins for origin in each)
        shown = ", ".join(shown_path(each, directory) for each in told) or "the defaults"
        click.echo(
            f"ctxlint: {shown_path(root.as_posix(), directory)}: settings: {shown}", err=True
        )
    click.echo(f"ctxlint: {files:,} files, {seconds:.2f} s, jobs: {asked.jobs}", err=True)


def exit_code(asked: Asked, problems: Sequence[Problem], files: int, failed: bool) -> int:
    """Tell of paths that could not be used, and return the exit code."""
    unusable = [problem for problem in problems if problem.fatal]
    directory = Path.cwd().as_posix()
    for problem in unusable:
        path = shown_path(Path(problem.path).absolute().as_posix(), directory)
        click.echo(f"ctxlint: error: {path}: {one_line(problem.message)}", err=True)
    if not files and not unusable and not asked.quiet:
        click.echo("ctxlint: note: there are no Python files here to check", err=True)
    if unusable:
        return 2
    return 1 if failed and not asked.exit_zero else 0


def tells(asked: Asked) -> bool:
    """Whether a summary for people is wanted."""
    return asked.output_format != "json" and not asked.quiet


def print_findings(
    asked: Asked,
    findings: Sequence[Finding],
    overlay: Mapping[Path, bytes],
    stream: TextIO,
    graph: Graph | None = None,
) -> None:
    """Print findings, or their numbers, in the form that was asked for."""
    from ctxlint import reports

    form = form_of(asked, stream)
    if asked.statistics:
        from ctxlint.reports import tally

        tally.render(findings, form, stream)
    else:
        directory = Path.cwd().as_posix()
        view = reports.View(directory, _excerpts(overlay), asked.unsafe_fixes, graph)
        reports.renderer(form)(findings, view, stream)
    stream.flush()


def form_of(asked: Asked, stream: TextIO) -> str:
    """The form in which findings are printed to a stream."""
    return asked.output_format or ("full" if stream.isatty() else "concise")


def _excerpts(overlay: Mapping[Path, bytes]) -> Excerpts:
    return Excerpts({path.as_posix(): text for path, text in overlay.items()})
