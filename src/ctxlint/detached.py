"""Start workers without a request's context, and hand each work item its own.

A task, and on some builds of Python a thread, begins with a copy of its starter's context
variables. A worker that the first request starts therefore keeps that request's trace, user and
log fields for ever. The cure has two halves, and both are needed:

* start the worker with :func:`create_detached_background_task`, :func:`create_detached_thread`
  or :func:`run_detached`: it then holds no variable of whoever happened to start it;
* put :class:`WorkItem` objects on its queue, and let the worker handle each one inside
  ``with activate_request_context(work.context)``.

This module needs the standard library only, Python 3.9 or newer, and nothing else of ctxlint:
it may be copied into any project.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import AbstractContextManager
from contextvars import Context, ContextVar, Token, copy_context
from typing import TYPE_CHECKING, Any, Callable, Generic, NoReturn, TypeVar

if TYPE_CHECKING:
    from types import TracebackType

    # Never imported at run time: ParamSpec came to `typing` with Python 3.10.
    from typing_extensions import ParamSpec

    P = ParamSpec("P")

__all__ = [
    "RequestContext",
    "WorkItem",
    "activate_request_context",
    "capture_request_context",
    "create_detached_background_task",
    "create_detached_thread",
    "run_detached",
]

T = TypeVar("T")

# An event loop holds its tasks weakly; this keeps detached ones alive until they are done.
_running_tasks: dict[asyncio.AbstractEventLoop, set[asyncio.Future[Any]]] = {}


class RequestContext:
    """An immutable snapshot of context variables, made by :func:`capture_request_context`.

    It may be activated any number of times, in any thread, also by several tasks at once. It
    keeps alive what its variables hold (spans, sessions, clients) for as long as it lives itself:
    leave such variables out with ``exclude=``.
    """

    __slots__ = ("_values",)
    _values: Mapping[ContextVar[Any], Any]

    def __init__(self, values: Mapping[ContextVar[Any], Any]) -> None:
        object.__setattr__(self, "_values", values)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"RequestContext is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"RequestContext is immutable: cannot delete {name!r}")

    def __eq__(self, other: object) -> bool:
        """Whether both hold the very same objects: what one request did under the same span, say.

        Values are not asked whether they are equal: they need not know, nor say so in one word.
        """
        if not isinstance(other, RequestContext):
            return NotImplemented
        mine, others = self._values, other._values
        return len(mine) == len(others) and all(
            variable in others and others[variable] is value for variable, value in mine.items()
        )

    def __hash__(self) -> int:
        return hash(frozenset(self._values))

    def __repr__(self) -> str:
        # Names only: the values may be secrets.
        return f"<RequestContext of {', '.join(sorted(v.name for v in self._values)) or 'nothing'}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        _refuse_pickling(self)


def capture_request_context(
    *,
    only: Iterable[ContextVar[Any]] | None = None,
    exclude: Iterable[ContextVar[Any]] = (),
) -> RequestContext:
    """Take a snapshot of the current context; call it on the producer's side.

    ``only`` limits it to some variables (those of them that are set), ``exclude`` leaves some out.
    """
    current = copy_context()
    excluded = frozenset(exclude)
    if only is not None:
        wanted = frozenset(only) - excluded
        return RequestContext({v: current[v] for v in wanted if v in current})
    if excluded:
        return RequestContext({v: value for v, value in current.items() if v not in excluded})
    return RequestContext(current)


def activate_request_context(context: RequestContext) -> AbstractContextManager[None]:
    """Set every captured variable for the length of a ``with`` block, then reset every one.

    Variables that are set here but were not captured stay visible, and what the block itself sets
    is not undone: detach the worker, so that it holds none. All variables are reset even when the
    reset of one fails, which it does when the block is left in another context than it was
    entered in. The first such ``ValueError`` is raised, unless the block itself raised: its own
    exception (a cancellation, say) goes on unchanged.
    """
    return _Activation(context._values)  # pyright: ignore[reportPrivateUsage]


class _Activation(AbstractContextManager[None]):
    """What :func:`activate_request_context` returns: entered by one ``with`` at a time."""

    __slots__ = ("_tokens", "_values")
    _tokens: list[tuple[ContextVar[Any], Token[Any]]] | None

    def __init__(self, values: Mapping[ContextVar[Any], Any]) -> None:
        self._values = values
        self._tokens = None

    def __enter__(self) -> None:
        if self._tokens is not None:
            raise RuntimeError("this activation is entered already: make one for each block")
        tokens: list[tuple[ContextVar[Any], Token[Any]]] = []
        self._tokens = tokens
        try:
            for variable, value in self._values.items():
                tokens.append((variable, variable.set(value)))
        except BaseException:
            self._reset()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failure = self._reset()
        if failure is not None and kind is None:
            raise failure

    def _reset(self) -> Exception | None:
        """Reset every variable, the last one first; return the first failure once all are tried."""
        tokens, self._tokens = self._tokens, None
        first_failure: Exception | None = None
        for variable, token in reversed(tokens or ()):
            try:
                variable.reset(token)
            except Exception as failure:  # noqa: PERF203 - the others must be reset all the same
                first_failure = first_failure or failure
        return first_failure


def create_detached_background_task(
    coro: Coroutine[Any, Any, T],
    *,
    name: str | None = None,
    keep: Iterable[ContextVar[Any]] = (),
) -> asyncio.Task[T]:
    """Start a task that sees none of the caller's context variables but those in ``keep``.

    The task cannot be garbage-collected before it is done, even if the caller drops it. Arguments
    of the coroutine are evaluated by the caller, as ever. Raises RuntimeError without a running
    event loop.
    """
    loop = asyncio.get_running_loop()
    context = _detached_context(keep)
    # Run in the context instead of passing it as `context=`: that works before Python 3.11, with
    # task factories that do not know the parameter, and under tracers that wrap the coroutine.
    if name is None:  # factories of old do not know that one either
        task = context.run(asyncio.create_task, coro)
    else:
        task = context.run(asyncio.create_task, coro, name=name)
    if not task.done():  # which an eager one may be already
        tasks = _tasks_of(loop)
        tasks.add(task)
        # Without `context=` the callback would keep the caller's, and what it holds, alive.
        task.add_done_callback(tasks.discard, context=context)
    return task


def _tasks_of(loop: asyncio.AbstractEventLoop) -> set[asyncio.Future[Any]]:
    """The tasks to be held while the loop runs."""
    tasks = _running_tasks.get(loop)
    if tasks is None:
        for other in list(_running_tasks):
            if other.is_closed():  # what it left unfinished never will be done
                _running_tasks.pop(other, None)
        tasks = _running_tasks.setdefault(loop, set())
    return tasks


def create_detached_thread(
    target: Callable[..., object],
    *,
    args: Iterable[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    name: str | None = None,
    daemon: bool | None = None,
    keep: Iterable[ContextVar[Any]] = (),
) -> threading.Thread:
    """Make a thread whose target sees none of the caller's context variables but ``keep``.

    The thread is not started. ``keep`` holds the values of this moment. The other parameters are
    those of :class:`threading.Thread`.
    """
    context = _detached_context(keep)
    # A thread calls its target inside whatever it inherits, or a tracer restores: entering the
    # context there, and not in `Thread(context=...)`, is right on every version.
    call = functools.partial(context.run, target, *args, **(kwargs or {}))
    # Threads are named after their target, and a partial has no name.
    functools.update_wrapper(call, target)
    return threading.Thread(target=call, name=name, daemon=daemon)


def run_detached(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that starts something, in an empty context, and return its result.

    For what starts its work DURING the call: ``task_group.start_soon``, ``loop.create_task``,
    ``thread.start``. Raises TypeError for coroutine functions and generator functions, whose body
    would run later, at the ``await`` or in the loop, in the context of the caller.
    """
    if _runs_later(function):
        raise TypeError(_too_late(function))
    result = Context().run(function, *args, **kwargs)
    if isinstance(result, Coroutine):
        result.close()
        raise TypeError(_too_late(function))
    return result


class WorkItem(Generic[T]):
    """A payload for another task or thread, with the context it was made in.

    Make it where the work is asked for. The worker handles ``payload`` inside
    ``with activate_request_context(work.context)``. Variables in ``exclude`` stay behind: what
    they hold would live until the item is handled. Work items have no order (in a priority queue
    put a unique number before them) and cannot be pickled, for a context cannot leave its process.
    """

    __slots__ = ("context", "payload")

    payload: T
    context: RequestContext

    def __init__(self, payload: T, *, exclude: Iterable[ContextVar[Any]] = ()) -> None:
        self.payload = payload
        self.context = capture_request_context(exclude=exclude)

    def __repr__(self) -> str:
        return f"WorkItem({self.payload!r})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        _refuse_pickling(self)


def _detached_context(keep: Iterable[ContextVar[Any]]) -> Context:
    """An empty context, but for the current values of the variables to keep."""
    context = Context()
    for variable in keep:
        current = copy_context()
        if variable in current:
            context.run(variable.set, current[variable])
    return context


def _runs_later(function: Callable[..., object]) -> bool:
    """Whether a call of it only makes a coroutine or a generator."""
    # An object is called through its class; a class that is called only makes an instance.
    return any(
        asks(candidate)
        for candidate in (function, type(function).__call__)
        for asks in (
            inspect.iscoroutinefunction,
            inspect.isasyncgenfunction,
            inspect.isgeneratorfunction,
        )
    )


def _too_late(function: object) -> str:
    return (
        f"{function!r} would run its body later, at the await or in the loop, in the caller's "
        "context. Pass a coroutine to create_detached_background_task(), or give run_detached() a "
        "plain function that starts the work during the call"
    )


def _refuse_pickling(what: object) -> NoReturn:
    raise TypeError(
        f"a {type(what).__name__} cannot be pickled or copied: context variables belong to their "
        "process. Send the payload alone, with the ids the other side needs (a traceparent header, "
        "a user id), and set them up again there"
    )
