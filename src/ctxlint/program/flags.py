"""Names that speak of stopping and running: what people call the flags that end a worker."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_END_STEMS: Final = (
    "stop", "shut", "clos", "cancel", "runn", "exit", "quit", "terminat", "kill", "dispos",
    "sentinel", "abort", "poison", "interrupt", "halt", "dying", "sigterm", "disconnect",
)  # fmt: skip
_END_TOKENS: Final = frozenset({"alive", "dead", "active", "die"})
_STATE_STEMS: Final = (
    *_END_STEMS, "finish", "activ", "enabl", "connect", "drain", "forever", "started", "opened",
    "paus",
)  # fmt: skip
_STATE_TOKENS: Final = _END_TOKENS | {"run", "eof", "open", "ready"}


def ends_worker(name: str) -> bool:
    """Whether a name asks a worker to stop, rather than telling that work is done."""
    return _has(name, _END_STEMS, _END_TOKENS)


def says_stop(name: str) -> bool:
    """Whether a name speaks of stopping or of running: the condition of a worker's loop."""
    return _has(name, _STATE_STEMS, _STATE_TOKENS)


def asks_state(name: str) -> bool:
    """Whether an attribute is a state of the object: a stop word, ``state`` or ``status``."""
    return says_stop(name) or name.strip("_") in ("state", "status")


def _has(name: str, stems: tuple[str, ...], tokens: frozenset[str]) -> bool:
    found = [token.lower() for token in _TOKEN.findall(name)]
    return any(token in tokens or token.startswith(stems) for token in found)
