"""The command line: its flags, and the exit code that tells how the run went.

0: nothing found; 1: findings; 2: the work could not be done, for a reason told in one line on
standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from ctxlint import commands, graph_command, streams
from ctxlint.asked import Asked
from ctxlint.help import Sectioned
from ctxlint.output import Failure
from ctxlint.reports import FORMS
from ctxlint.rules.codes import ALL, CODES
from ctxlint.settings import SettingsError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_FAILED: Final = 2
_INTERRUPTED: Final = 130  # what a shell gives for a program that Ctrl-C has ended
_TRACEBACK: Final = "CTXLINT_TRACEBACK"

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ctxlint with command-line arguments (default: the process's) and return its exit code."""
    streams.make_ready()
    try:
        result = command.main(arguments, prog_name="ctxlint", standalone_mode=False)
    except click.UsageError as error:
        message = error.format_message().rstrip(".")
        return _fail(f"{message[:1].lower()}{message[1:]} (see 'ctxlint --help')")
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except OSError as error:  # of `--help`, which click prints
        reason = streams.not_written(error)
        if reason is None:
            raise
        return _fail(reason)
    return result if isinstance(result, int) else 0


def _fail(message: str) -> int:
    with suppress(OSError):  # standard error may be full, too: the exit code tells
        click.echo(f"ctxlint: error: {message}", err=True)
    return _FAILED


def _answer(asked: Asked) -> int:
    """Do what was asked; whatever goes wrong becomes one line and an exit code."""
    try:
        code = _act(asked)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        streams.give_up_output()  # the reader has seen enough (`| head`)
        return 0 if asked.exit_zero or asked.is_question else 1
    except (Failure, SettingsError) as error:
        return _fail(str(error))
    except Exception as error:
        reason = streams.not_written(error)
        if reason is not None:
            return _fail(reason)
        if os.environ.get(_TRACEBACK):
            import traceback  # only a failure needs it

            traceback.print_exc()
        return _fail(_internal(error))


def _act(asked: Asked) -> int:
    asked.check_is_one_thing()
    if asked.version:
        return commands.version()
    if asked.explain is not None:
        return commands.explain(asked.explain)
    if asked.lsp:
        return commands.language_server(asked)
    if asked.completion is not None:
        return commands.completion(command, asked.completion)
    if asked.show_settings:
        return commands.show_settings(asked)
    if asked.show_files:
        return commands.show_files(asked)
    if asked.write_helpers is not None:
        return commands.write_helpers(asked.write_helpers)
    if asked.why is not None:
        return commands.why(asked)
    if asked.graph is not None:
        return graph_command.graph(asked)
    if asked.add_noqa or asked.write_baseline is not None:
        from ctxlint.adopting import adopt  # imports libcst

        return adopt(asked)
    if asked.fix or asked.diff:
        from ctxlint.fix_command import fix  # imports libcst

        return fix(asked)
    return commands.check(asked)


def _internal(error: Exception) -> str:
    """Say what has gone wrong inside ctxlint, and what a useful report of it holds."""
    import traceback  # only a failure needs it

    from ctxlint import __version__

    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = " ".join(f"{type(error).__name__}: {error}".split())
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"internal error: {what}{place} (ctxlint {__version__}, Python {python}); "
        f"please report this line, with what is printed when {_TRACEBACK}=1 is set"
    )


def _codes(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...] | None:
    codes = tuple(code for value in values for code in value.replace(",", " ").split())
    if values and not codes:
        raise click.BadParameter("name at least one code, such as CTX101")
    return codes or None


def _jobs(context: click.Context, parameter: click.Parameter, value: str) -> int:
    if value == "auto":
        # Containers and taskset may grant fewer processors than the machine has.
        granted = getattr(os, "sched_getaffinity", None)
        return len(granted(0)) if granted else os.cpu_count() or 1
    if not (value.isascii() and value.isdecimal() and int(value) > 0):
        raise click.BadParameter(f"{value!r} is neither 'auto' nor a number from 1")
    return int(value)


def _complete_code(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(code, help=name)
        for code, name in {**CODES, ALL: "every rule"}.items()
        if code.startswith(incomplete.upper())
    ]


def _codes_option(name: str, text: str) -> Decorator:
    return click.option(
        name,
        multiple=True,
        metavar="CODES",
        callback=_codes,
        shell_complete=_complete_code,
        help=text,
    )


def _flag(name: str, text: str) -> Decorator:
    return click.option(name, is_flag=True, help=text)


@click.command(
    cls=Sectioned,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 nothing found, 1 findings, 2 the work could not be done.",
)
@click.argument("paths", nargs=-1, type=click.Path())
@_codes_option(
    "--select", "Rules to apply: codes, beginnings of codes, or ALL, with commas between."
)
@_codes_option("--ignore", "Rules to leave out.")
@_codes_option("--extend-select", "Rules to apply besides the selected ones.")
@click.option(
    "--output-format",
    type=click.Choice(list(FORMS)),
    metavar="FORMAT",
    help=f"Print findings as {', '.join(FORMS)}. Default: full on a terminal, else concise.",
)
@click.option(
    "--output-file",
    type=click.Path(),
    metavar="PATH",
    help="Write the findings to this file; the summary goes to standard output.",
)
@_flag("--fix", "Rewrite what can safely be fixed; report what is left.")
@_flag("--unsafe-fixes", "Fix, too, where that may change more than contexts; then read the diff.")
@_flag("--diff", "Print what --fix would change, as a diff, and change nothing.")
@_flag("--statistics", "Print how many findings each rule has, instead of the findings.")
@click.option(
    "--graph",
    type=click.Choice(graph_command.LANGUAGES),
    help="Draw how context travels through workers and queues, and exit.",
)
@_flag("--exit-zero", "Exit with 0 also when there are findings.")
@click.option(
    "--baseline",
    type=click.Path(),
    metavar="FILE",
    help="Do not report the findings that this file knows; '' reports all.",
)
@click.option(
    "--write-baseline",
    type=click.Path(),
    metavar="FILE",
    help="Write all findings to this file, as known ones, and exit.",
)
@_flag("--add-noqa", "Silence the findings by comments in their lines, and exit.")
@click.option(
    "--diff-base",
    metavar="REV",
    help="Report only what touches lines changed since this revision of git.",
)
@click.option(
    "--explain",
    metavar="CODE",
    shell_complete=_complete_code,
    help="Print a rule's documentation, and exit.",
)
@click.option(
    "--why", metavar="FILE:LINE", help="Print why a line is or is not reported, and exit."
)
@click.option(
    "--stdin-filename",
    type=click.Path(),
    metavar="PATH",
    help="Take standard input as the text of this file.",
)
@_flag("--show-settings", "Print the settings in effect and where each comes from, and exit.")
@_flag("--show-files", "Print the files that would be checked, and exit.")
@click.option(
    "--write-helpers",
    type=click.Path(),
    metavar="PATH",
    help="Write the run-time helpers into the project, for fixes to import, and exit.",
)
@_flag("--force-exclude", "Leave out what `exclude` names also where it is given as a path.")
@click.option(
    "--config",
    type=click.Path(),
    metavar="FILE",
    help="Read the settings from this file instead of the nearest pyproject.toml.",
)
@_flag("--isolated", "Read no pyproject.toml.")
@click.option(
    "--jobs",
    default="auto",
    metavar="N|auto",
    callback=_jobs,
    help="Processes that share the work. Default: auto, one for each core that is granted.",
)
@_flag("--no-cache", "Neither use nor leave anything in .ctxlint_cache.")
@click.option(
    "--dask",
    metavar="SCHEDULER",
    help="Have the workers of this Dask cluster parse the files: its address, tcp://HOST:PORT.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors, and nothing else.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Tell which settings are used, and how long it takes."
)
@click.option(
    "--completion",
    type=click.Choice(["bash", "zsh", "fish"]),
    help='Print what makes a shell complete the flags: eval "$(ctxlint --completion bash)".',
)
@_flag("--lsp", "Serve an editor over the Language Server Protocol, on standard input and output.")
@_flag("--version", "Print the version, and exit.")
@click.pass_context
def command(context: click.Context, /, **flags: object) -> None:
    """Find background workers that keep the context of the request that started them, and queue
    items that lose the context of the request that put them.

    PATHS are the files and directories to report on: by default the working directory; - is
    standard input.  The project around them is read too, as far as their findings depend on it.

    Settings are read from [tool.ctxlint] in the nearest pyproject.toml; flags win.
    """
    context.exit(_answer(msgspec.convert(flags, Asked)))
