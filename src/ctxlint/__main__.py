"""`python -m ctxlint` is `ctxlint`."""

from __future__ import annotations

import sys

from ctxlint.cli import main

if __name__ == "__main__":
    sys.exit(main())
