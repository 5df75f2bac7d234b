"""`ctxlint --fix --unsafe-fixes` turns each fixture's leaky/ into its fixed/, byte for byte."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
FIXTURES = REPOSITORY / "fixtures"
# As fixtures/ruff.toml has it, which takes the length of lines from this project.
STYLE = """
line-length = 100
[lint.isort]
known-third-party = ["ctxlint"]
"""
# What is wrong there is for people to put right: ctxlint leaves it as it is.
BY_HAND = frozenset({"audit_trail"})
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/expected.txt"))


def fix(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ctxlint", "--isolated", "--fix", "--unsafe-fixes", "."]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def texts(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.glob("*.py")}


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_what_is_for_people_to_fix_stays_as_it_is(name: str, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / name / "leaky", tmp_path / name / "leaky")
    leaky = tmp_path / name / "leaky"
    assert fix(leaky).returncode == 1
    assert texts(leaky) == texts(FIXTURES / name / "leaky")


@pytest.mark.parametrize("name", sorted(set(NAMES) - BY_HAND))
def test_leaky_becomes_fixed_and_stays_as_it_is_then(name: str, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / name / "leaky", tmp_path / name / "leaky")
    (tmp_path / "ruff.toml").write_text(STYLE)
    leaky = tmp_path / name / "leaky"
    first = fix(leaky)
    assert (first.returncode, first.stdout) == (0, ""), first.stderr
    assert texts(leaky) == texts(FIXTURES / name / "fixed")
    times = {path: path.stat().st_mtime_ns for path in leaky.iterdir()}
    second = fix(leaky)
    assert (second.returncode, second.stdout) == (0, "")
    assert "fixed" not in second.stderr.lower()
    assert {path: path.stat().st_mtime_ns for path in leaky.iterdir()} == times


@pytest.mark.slow
def test_behaviour_is_right_in_what_was_fixed(tmp_path: Path) -> None:
    """The behaviour tests, run with the outcome of a fix in the place of fixed/."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "ruff.toml").write_text(STYLE)
    shutil.copy(REPOSITORY / "tests" / "test_fixtures.py", tmp_path / "tests")
    for name in NAMES:
        shutil.copytree(FIXTURES / name, tmp_path / "fixtures" / name)
        if name in BY_HAND:
            continue
        fixed = tmp_path / "fixtures" / name / "fixed"
        shutil.rmtree(fixed)
        shutil.copytree(FIXTURES / name / "leaky", fixed)
        fix(fixed)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "fixed",
        "tests",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        # A test of its own, not a part of the one that runs it.
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout
