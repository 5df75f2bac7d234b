"""The command line, from the command itself: what `ctxlint --help` prints."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Final

import click

from ctxlint.cli import command

_PLAIN_CODE: Final = re.compile(r"(?<![\w`-])(--[a-z][a-z-]+|\[tool\.ctxlint\])(?!`)")


def usage(_: str) -> str:
    """What `--help` says besides the flags."""
    with click.Context(command, info_name="ctxlint") as context:
        pieces = " ".join(command.collect_usage_pieces(context))
    said = [f"```text\nctxlint {pieces}\n```", _prose(command.help), _prose(command.epilog)]
    return "\n\n".join(said)


def entries(names: str) -> str:
    """What each of these flags does."""
    flags = options()
    return "\n\n".join(_entry(flags[name]) for name in names.split())


def options() -> Mapping[str, click.Option]:
    """The flags by their long names, `--help` among them."""
    with click.Context(command, info_name="ctxlint") as context:
        found = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    return {max(option.opts, key=len): option for option in found}


def _entry(option: click.Option) -> str:
    with click.Context(command, info_name="ctxlint") as context:
        record = option.get_help_record(context)
    assert record is not None
    flags, text = record
    name = max(option.opts, key=len)
    if isinstance(option.type, click.Choice):
        flags = flags.partition(" [")[0]
        text += f"\n\nOne of {', '.join(f'`{choice}`' for choice in option.type.choices)}."
    return f"### `{flags}` {{ #{name.lstrip('-')} }}\n\n{as_code(text)}"


def as_code(text: str) -> str:
    """A text for terminals, with its flags and its tables of settings set as code."""
    return _PLAIN_CODE.sub(r"`\g<0>`", text)


def _prose(text: str | None) -> str:
    """A help text as paragraphs."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return as_code("\n\n".join(" ".join(each.split()) for each in paragraphs))
