"""What stands between a set and its reset: logs, lists, questions, waits."""

from contextvars import ContextVar
from typing import Any

from somewhere import load, log_request, request_log

user: ContextVar[str | None] = ContextVar("user", default=None)


class Logged:
    """Logs in between: nothing to report."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        token = user.set(request.user)
        log_request(request)
        request_log(request)
        try:
            return self.get_response(request)
        finally:
            user.reset(token)


class Listed:
    """Fills a list in between: nothing to report."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        names: list[str] = []
        token = user.set(request.user)
        names.append("one")
        try:
            return self.get_response(request, names)
        finally:
            user.reset(token)


class Asked:
    """Asks whether there is something to take back, and more: nothing to report."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        token = None
        if request.user:
            token = user.set(request.user)
        try:
            return self.get_response(request)
        finally:
            if token is not None:
                user.reset(token)


class AskedBehind:
    """The same behind the work, whose failure is dealt with: nothing to report."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        token = user.set(request.user)
        try:
            response = self.get_response(request)
        except BaseException:
            user.reset(token)
            raise
        if token is not None or request.closed:
            user.reset(token)
        return response


class Entered:
    """Another method takes it back, behind a wait that does not always come: nothing to report."""

    def __init__(self) -> None:
        self._token: Any = None

    async def __aenter__(self) -> "Entered":
        self._token = user.set("one")
        return self

    async def __aexit__(self, *failure: object) -> None:
        if failure[0]:
            await load(self)
        user.reset(self._token)


class EnteredThenAwaits:
    def __init__(self) -> None:
        self._token: Any = None

    async def __aenter__(self) -> "EnteredThenAwaits":
        self._token = user.set("one")  # error: CTX401
        return self

    async def __aexit__(self, *failure: object) -> None:
        await load(self)
        user.reset(self._token)
