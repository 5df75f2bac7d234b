"""`--help`: the options under headings, by what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Rules": ("select", "ignore", "extend-select"),
    "Output": ("output-format", "output-file", "statistics", "exit-zero", "quiet", "verbose"),
    "Fixing": ("fix", "unsafe-fixes", "diff", "write-helpers"),
    "Old code": ("baseline", "write-baseline", "add-noqa", "diff-base"),
    "Understanding": ("explain", "why", "graph"),
    "Files and settings": (
        "config",
        "isolated",
        "force-exclude",
        "stdin-filename",
        "show-files",
        "show-settings",
    ),
    "Others": ("jobs", "no-cache", "dask", "lsp", "completion", "version", "help"),
}


class Sectioned(click.Command):
    """A command whose options are listed under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write all options, each under its heading."""
        told = {
            max(parameter.opts, key=len).removeprefix("--"): record
            for parameter in self.get_params(ctx)
            if (record := parameter.get_help_record(ctx)) is not None
        }
        width = max(len(name) for name, _ in told.values())
        for heading, names in SECTIONS.items():
            with formatter.section(heading):
                # As wide in each section, so that all texts stand in one column.
                formatter.write_dl([(told[name][0].ljust(width), told[name][1]) for name in names])
