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
from typing import TYPE_CHECKING, Final

import click

from ctxlint.asked import Asked
from ctxlint.output import Failure
from ctxlint.reports.colors import has_colors
from ctxlint.reports.excerpts import Excerpts, one_line, shown_path
from ctxlint.rules.codes import CODES

if TYPE_CHECKING:
    from ctxlint.selection import Problem

_SITE: Final = re.compile(r"(.+?):([0-9]+)(?::[0-9]+)?:?")


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
    colors = has_colors(sys.stdout)
    if not sys.stdout.isatty() and not colors:
        click.echo(rule.documentation.rstrip("\n"))
        return 0
    from ctxlint.reports import manual

    manual.render(rule.documentation, sys.stdout, colors=colors)
    return 0


def _no_such_rule(wanted: str) -> str:
    import difflib

    known = {**{code.lower(): code for code in CODES}, **{name: name for name in CODES.values()}}
    similar = [f"{code} ({name})" for code, name in CODES.items() if _is_like(wanted, code, name)]
    if similar:
        return f"no rule is called {one_line(wanted)}; did you mean {' or '.join(similar)}?"
    close = difflib.get_close_matches(wanted.lower(), known, n=1, cutoff=0.5)
    hint = f"did you mean {known[close[0]]}?" if close else f"the rules are {', '.join(CODES)}"
    return f"no rule is called {one_line(wanted)}; {hint}"


def _is_like(wanted: str, code: str, name: str) -> bool:
    return bool(wanted) and (code.startswith(wanted.upper()) or wanted.lower() in name)


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


def language_server(asked: Asked) -> int:
    """Serve an editor until it leaves."""
    from ctxlint import __version__

    if sys.stdin is None:
        raise Failure("--lsp talks with an editor over standard input, which is closed")
    try:
        from ctxlint.language_server.server import serve
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Failure("--lsp needs pygls 2: pip install 'ctxlint[lsp]'") from None
    serve(asked.lookup, __version__)
    return 0


def why(asked: Asked) -> int:
    """Print why a line is, or is not, reported."""
    from ctxlint.checking import explain_site
    from ctxlint.selection import refusal_of

    site = _SITE.fullmatch(asked.why or "")
    if site is None:
        raise Failure(f"--why takes FILE:LINE, such as src/app.py:12, not {asked.why!r}")
    path, line = Path(site[1]).resolve(), int(site[2])
    overlay = asked.overlay()
    if path not in overlay and not path.is_file():
        raise Failure(f"{one_line(site[1])}: there is no such file")
    if (refusal := refusal_of(path)) is not None:
        raise Failure(f"{one_line(site[1])}: {refusal.message}")
    source = _excerpts(overlay).line(path.as_posix(), line)
    if source is None:
        raise Failure(f"{one_line(site[1])} has no line {line}")
    told = explain_site(path, line, asked.lookup, overlay=overlay)
    click.echo(f"{shown_path(path.as_posix(), Path.cwd().as_posix())}:{line}")
    if source.strip():
        click.echo(f"  {one_line(source.strip())}")
    click.echo(f"\n{told.strip()}")
    return 0


def check(asked: Asked) -> int:
    """Report on the paths: 1 when there are findings, 2 when a path could not be used."""
    from ctxlint.checking import run
    from ctxlint.reports.progress import Bar
    from ctxlint.reports.text import hint, set_aside, summary

    output = asked.output
    with output.opened(sys.stdout) as stream:
        overlay = asked.overlay()
        fixes = output.fixes_shown(stream)
        # Nearly everything made during a run lives until its end, and the process ends with it:
        # looking for garbage costs a tenth of the time and finds none.
        gc.disable()
        begun = time.monotonic()
        with asked.workers() as executor, Bar(wanted=not asked.quiet) as bar:
            report = run(
                asked.targets,
                asked.lookup,
                overlay=overlay,
                jobs=asked.jobs,
                executor=executor,
                progress=bar,
                fixes=fixes != "none",
                previews=fixes == "edits",
                only=asked.only(),
                graph=output.has_graph(stream),
                remembers=not asked.no_cache,
            )
        view = output.view(stream, overlay, report.previews, report.graph)
        output.write(report.findings, view, stream)
    if asked.verbose:
        tell_more(asked, report.files, time.monotonic() - begun)
    if tells(asked) and report.files:
        # Not among the findings: what they are written to can be read by a program.
        aside = output.file is None
        click.echo(summary(report.findings, report.files), err=aside)
        kept = set_aside(report.aside, Path.cwd().as_posix())
        for told in filter(None, (kept, hint(report.findings, asked.unsafe_fixes))):
            click.echo(told, err=aside)
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
    number = f"{files:,} file{'' if files == 1 else 's'}"
    click.echo(f"ctxlint: {number}, {seconds:.2f} s, jobs: {asked.jobs}", err=True)


def exit_code(asked: Asked, problems: Sequence[Problem], files: int, failed: bool) -> int:
    """Tell of paths that could not be used, and return the exit code."""
    unusable = [problem for problem in problems if problem.fatal]
    told = unusable if asked.quiet else [each for each in problems if each.fatal or each.note]
    directory = Path.cwd().as_posix()
    for problem in told:
        path = shown_path(Path(problem.path).absolute().as_posix(), directory)
        word = "error" if problem.fatal else "note"
        click.echo(f"ctxlint: {word}: {path}: {one_line(problem.message)}", err=True)
    if not files and not told and not asked.quiet:
        click.echo("ctxlint: note: there are no Python files here to check", err=True)
    if unusable:
        return 2
    return 1 if failed and not asked.exit_zero else 0


def tells(asked: Asked) -> bool:
    """Whether a summary for people is wanted."""
    return asked.output.has_summary and not asked.quiet


def _excerpts(overlay: Mapping[Path, bytes]) -> Excerpts:
    return Excerpts({path.as_posix(): text for path, text in overlay.items()})
