"""ctxlint: the linter for context propagation in Python.

Names are loaded lazily (PEP 562), so that ``import ctxlint.detached`` pulls in nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .checking import check as check
    from .findings import Finding as Finding
    from .fixing import FixReport as FixReport
    from .fixing import fix as fix

__all__ = ["Finding", "FixReport", "__version__", "check", "fix"]

_HOMES = {"Finding": "findings", "FixReport": "fixing", "check": "checking", "fix": "fixing"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    # A submodule of the same name would hide the function once it is imported.
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
