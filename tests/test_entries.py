"""Where requests enter a program: what is reported of starters that a request must reach.

With `public-starters = false`, a function that nobody is seen to call starts nothing for a request.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import marked, reported, write_project

from ctxlint.settings import Settings

LOOP = """\
import threading
import time


def loop():
    while True:
        time.sleep(1)


def start():
    threading.Thread(target=loop, daemon=True).start()
"""

# Jobs of arq: a class named for it lists them.
JOBS = """\
import threading
from arq import cron
from loops import loop


async def resize(ctx):
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


async def nightly(ctx):
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


async def weekly(ctx):
    threading.Thread(target=loop, daemon=True).start()  # error: CTX102


class WorkerSettings:
    functions = [resize]
    cron_jobs = [cron(nightly, hour=3), cron(coroutine=weekly, weekday="mon")]
"""
# A class that lists functions, and means no jobs by it.
MENU = """\
import threading
from loops import loop


def resize():
    threading.Thread(target=loop, daemon=True).start()


class Menu:
    functions = [resize]
"""


@pytest.mark.parametrize("source", [JOBS, MENU], ids=["jobs", "menu"])
def test_reported_where_a_request_is_seen(source: str, tmp_path: Path) -> None:
    files = {"loops.py": LOOP, "shop.py": source}
    root = write_project(tmp_path, files)
    assert reported(root, settings=Settings(public_starters=False)) == marked(files)
