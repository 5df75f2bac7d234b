"""A progress bar on standard error for runs that take long enough to make people wonder."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PATIENCE: Final = 1.0  # seconds


class Bar:
    """Call it with the number of files done and the number of all; it shows itself late or never.

    Nothing is drawn unless standard error is a terminal.  The bar is gone when the context is left.
    """

    def __init__(self, *, wanted: bool = True) -> None:
        self._begun = time.monotonic()
        self._wanted = wanted and sys.stderr.isatty()
        self._drawn: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()

    def __call__(self, done: int, total: int) -> None:
        """Take note that `done` of `total` files have been dealt with."""
        if not self._wanted:
            return
        if self._drawn is None:
            if time.monotonic() - self._begun < _PATIENCE:
                return
            self._drawn = _draw(total)
        progress, task = self._drawn
        progress.update(task, completed=done, total=total)


def _draw(total: int) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    progress = Progress(
        TextColumn("[dim]{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.start()
    return progress, progress.add_task("checking", total=total)
