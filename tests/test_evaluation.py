"""The evaluation files: what is reported in each is what its comments say, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import assert_as_marked, marks

from ctxlint.rules import RULES

EVALUATION = Path(__file__).parent / "evaluation"
FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(EVALUATION.glob("*.py"))}


@pytest.mark.parametrize("name", FILES)
def test_reported_as_marked(name: str, tmp_path: Path) -> None:
    assert_as_marked(tmp_path, {f"{name}.py": FILES[name]})


@pytest.mark.parametrize("code", [code for code in RULES if not code.startswith("CTX9")])
def test_every_rule_has_its_cases(code: str) -> None:
    found = [place for source in FILES.values() for place in marks(source) if place[2] == code]
    assert len(found) >= 10
