"""Processes that nothing watches but the test itself, also where coverage is measured.

Coverage traces every process that inherits its variables: it takes the place of another trace
function, and imports modules that ctxlint does not.
"""

from __future__ import annotations

import os


def unmeasured() -> dict[str, str]:
    """The environment of such a process."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
