"""Programs that a careless fix breaks: each runs before `--fix --unsafe-fixes` and after it.

A file of fix_breakers/ is a program, followed after `# --- check ---` by what drives it, which
ctxlint never sees: it would take the driver for the program's start-up. A first comment says what
becomes of the program:

    # fix: none       it is reported, and no byte of it is changed
    # fix: applied    it is rewritten
    # fix: may        either is right, as long as the check holds
    # fix: silent     nothing is reported

The check has to hold before and after; `FIXED` tells it which it is, for what the fix promises.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BREAKERS = sorted(Path(__file__).with_name("fix_breakers").glob("*.py"))
DIVIDER = "# --- check ---\n"


def fix(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "ctxlint", "--isolated", "--fix", "--unsafe-fixes"]
    return subprocess.run(
        [*command, "--exit-zero", "--output-format", "concise", "program.py"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )


def holds(directory: Path, *, fixed: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"FIXED = {fixed}\n" + (directory / "check.txt").read_text("utf-8")],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, (directory / "program.py").read_text("utf-8") + done.stderr


@pytest.mark.parametrize("path", BREAKERS, ids=lambda path: path.stem)
def test_what_holds_before_a_fix_holds_after_it(path: Path, tmp_path: Path) -> None:
    source = path.read_text("utf-8")
    expected = re.search("^# fix: (.*)$", source, re.MULTILINE)[1]
    assert expected in ("none", "applied", "may", "silent")
    program, _, check = source.partition(DIVIDER)
    assert check
    (tmp_path / "program.py").write_text(program, "utf-8")
    (tmp_path / "check.txt").write_text("from program import *\n" + check, "utf-8")
    holds(tmp_path, fixed=False)
    told = fix(tmp_path)
    after = (tmp_path / "program.py").read_text("utf-8")
    changed = after != program
    assert changed or expected != "applied", told.stdout + told.stderr
    assert not changed or expected not in ("none", "silent"), after
    assert bool(changed or told.stdout) == (expected != "silent"), told.stdout + told.stderr
    holds(tmp_path, fixed=changed)
    again = fix(tmp_path)
    assert again.stdout == told.stdout
    assert (tmp_path / "program.py").read_text("utf-8") == after
