"""The fixes as libcst codemods: `python -m libcst.tool codemod -x ctxlint.codemods.DetachWorkers`.

libcst hands over one file at a time, in processes of their own. So a fix that reaches over several
files cannot be applied together or not at all, and is not applied: a warning says what applies it.
"""

from __future__ import annotations

import argparse
import sys
from functools import cache
from pathlib import Path
from typing import ClassVar

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

from ctxlint import apis
from ctxlint.fixing import FixReport, run
from ctxlint.intents import AskForNone, Detach, Handoff, Propagate, Recopy, Unwind
from ctxlint.layout import project_root
from ctxlint.lookup import LOOKUP
from ctxlint.program import glance
from ctxlint.user_rows import table_of

# Without `-x`, libcst looks for a command below each of the `modules` of its configuration: for
# ctxlint.codemods.DetachWorkers and `modules: [ctxlint.codemods]`, in the module of this name.
sys.modules[f"{__name__}.ctxlint"] = sys.modules[f"{__name__}.{__name__}"] = sys.modules[__name__]


class _Fixes(CodemodCommand):
    """Applies the fixes of one kind to a file, in the light of the project around it."""

    KINDS: ClassVar[tuple[type, ...]]

    def __init__(self, context: CodemodContext, safe_only: bool = False) -> None:
        super().__init__(context)
        self._unsafe = not safe_only

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Add the flags of the command."""
        arg_parser.add_argument(
            "--safe-only", action="store_true", help="apply only what `ctxlint --fix` applies"
        )

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The file with its fixes applied."""
        name = self.context.filename
        path = Path(name or "stdin.py").resolve()
        source = tree.bytes
        if name is not None:
            _refuse_if_libcst_loses(path, source)
        if not glance.worth_reading(source, _table(project_root(path))):
            return tree
        report = run(
            [path], overlay={path: source}, unsafe=self._unsafe, write=False, kinds=self.KINDS
        )
        self._warn(report)
        new = report.texts.get(path)
        return tree if new is None else cst.parse_module(new, tree.config_for_parsing)

    def _warn(self, report: FixReport) -> None:
        for finding in report.remaining:
            fix, what = finding.fix, f"line {finding.line}: {finding.code}"
            if fix is None:
                continue
            if fix.applicability == "display":
                self.warn(f"{what} not fixed: {fix.title}")
            elif self._unsafe and Detach in self.KINDS and finding.code != "CTX201":
                if isinstance(fix.intent, Handoff):
                    self.warn(f"{what} is fixed along with its queue: run CarryContext")


class DetachWorkers(_Fixes):
    """Starts workers without the context of the request that happens to start them."""

    DESCRIPTION: str = "Start background workers detached from their spawner's context (ctxlint)."
    KINDS = (Detach,)


class CarryContext(_Fixes):
    """Lets queue items carry the context of who puts them, and workers activate it."""

    DESCRIPTION: str = "Let queue items carry their producer's context to the worker (ctxlint)."
    KINDS = (Handoff,)


class CaptureContext(_Fixes):
    """Captures contexts where work is handed on, and one for each run (CTX301 to CTX304)."""

    DESCRIPTION: str = "Capture contexts where work is handed on, one for each run (ctxlint)."
    KINDS = (Propagate, Recopy, AskForNone)


class ResetContext(_Fixes):
    """Takes back in a ``finally`` what is set in a context (CTX401)."""

    DESCRIPTION: str = "Reset context variables in a finally (ctxlint)."
    KINDS = (Unwind,)


@cache
def _table(root: Path) -> apis.Table:
    return table_of(LOOKUP.load(root))


def _refuse_if_libcst_loses(path: Path, source: bytes) -> None:
    """libcst writes a file anew, and cannot write every form feed and lone carriage return."""
    try:
        on_disk = path.read_bytes()
    except OSError:
        return
    if source != on_disk and cst.parse_module(on_disk).bytes == source:
        raise SkipFile("libcst would lose characters of this file; use `ctxlint --fix` for it")
