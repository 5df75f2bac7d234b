"""The workers of a Dask cluster, as an executor; `distributed` is imported when one is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ..facts.remote import reader

if TYPE_CHECKING:
    from distributed import Client

_PATIENCE: Final = 10.0  # seconds that a scheduler has for its answer


class NoCluster(Exception):
    """A cluster that cannot be used; the message is one line that says why, and what to do."""


@contextmanager
def workers_of(scheduler: str, patience: float = _PATIENCE) -> Iterator[Executor]:
    """An executor whose work is done by the workers of a running cluster.

    Raises NoCluster, also where a worker would make other facts than this process.
    """
    try:
        import distributed
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        raise NoCluster("it needs distributed: pip install 'ctxlint[dask]'") from None
    try:
        client = distributed.Client(scheduler, timeout=patience, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:  # OSError: TimeoutError, too
        reason = " ".join(str(error).split()) or "no answer"
        raise NoCluster(f"no scheduler answers at {scheduler!r}: {reason}") from None
    try:
        _examine(client)
        yield client.get_executor(pure=False)
    finally:
        client.close(timeout=patience)


def _examine(client: Client) -> None:
    """Raise NoCluster if there is no worker, or one that makes other facts."""
    answers: Mapping[str, object] = client.run(_who, on_error="return")
    if not answers:
        raise NoCluster("the cluster has no workers: start one with `dask worker SCHEDULER`")
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, BaseException):
            raise NoCluster(
                f"the worker {worker} cannot import ctxlint ({answer}): install {reader()} there"
            )
        if answer != reader():
            raise NoCluster(f"the worker {worker} runs {answer}, and this is {reader()}")


def _who() -> str:
    """Who a worker is.  Sent by its name: the worker has to have it."""
    return reader()
