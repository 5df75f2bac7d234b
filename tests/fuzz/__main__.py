"""The long run: ``make fuzz``, ``make fuzz ARGS="--minutes 60 --seed 7"``.

Seed after seed, each property is tried on some hundred examples. What fails is shrunk, printed and
counted, and the run goes on. Exit status: 0 when all held, 1 when not.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings

from . import mutants
from .properties import COUNTS, PROPERTIES, Subject

_ROUND = settings(
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long; 10 unless told")
    parser.add_argument("--seed", type=int, default=0, help="where to begin")
    parser.add_argument("--examples", type=int, default=100, help="of each property and seed")
    parser.add_argument("--only", choices=PROPERTIES, action="append", help="these properties")
    parser.add_argument(
        "--files",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="take apart the files of this folder, too",
    )
    given = parser.parse_args()
    mutants.FOLDERS.extend(given.files)
    end = time.monotonic() + given.minutes * 60
    number, faults = given.seed, 0
    while time.monotonic() < end:
        for name in given.only or PROPERTIES:
            fault = _tried(PROPERTIES[name], number, given.examples)
            if fault:
                faults += 1
                print(f"=== {name}, seed {number}\n{fault}", flush=True)
            if time.monotonic() > end:
                break
        number += 1
    width = max(map(len, COUNTS), default=0)
    for what, count in sorted(COUNTS.items()):
        print(f"{what:<{width}} {count:>8}")
    print(f"seeds {given.seed} to {number - 1}: {faults} faults")
    return 1 if faults else 0


def _tried(make: Callable[[], Subject], number: int, examples: int) -> str:
    """What went wrong with the examples of one seed, shrunk; nothing where nothing did."""
    with make() as prop, redirect_stdout(StringIO()):
        try:
            seed(number)(settings(_ROUND, max_examples=examples)(prop))()
        except Exception:
            return traceback.format_exc(limit=-6)
    return ""


if __name__ == "__main__":
    sys.exit(main())
