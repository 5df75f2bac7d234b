"""`python -m ctxlint` is `ctxlint`: the program that a process runs, from its start to its end."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and sys.path[:1] == [os.getcwd()] and not sys.flags.safe_path:
    # `python -m` looks for modules in the working directory first, which is the user's project:
    # a `click.py` there would be run.
    del sys.path[0]

from typing import NoReturn

from ctxlint import streams
from ctxlint.cli import main


def run() -> NoReturn:
    """Run ctxlint with the process's arguments, and end the process.

    It ends without Python's tidying up, as mypy does: to free all that was made takes a tenth of
    the time.  Who measures or traces the process gets the usual end.
    """
    code = main()
    streams.flush()
    if not _is_observed():
        os._exit(code)  # pragma: no cover (never where that is measured)
    sys.exit(code)


def _is_observed() -> bool:
    tools = sys.gettrace(), sys.getprofile()
    return any(tool is not None for tool in tools) or "coverage" in sys.modules


if __name__ == "__main__":
    run()
