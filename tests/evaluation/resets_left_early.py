"""Ways out of a finally before what it is there for, and functions that hand their token on."""

from contextvars import ContextVar, Token
from typing import Any

user: ContextVar[str | None] = ContextVar("user", default=None)


class Left:
    """Leaves before the reset."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        token = user.set(request.user)  # error: CTX401
        try:
            return self.get_response(request)
        finally:
            if request.kept:
                return None
            user.reset(token)


def enter(name: str) -> "Token[str | None]":
    return user.set(name)


class Handed:
    """Enters by a function of its own, and also hands that on: only what is called counts."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        request.enter = enter
        token = enter(request.user)  # error: CTX401
        response = self.get_response(request)
        user.reset(token)
        return response
