"""Mutants are what they are said to be, and killed by the tests that fail for them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("mutmut")
BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))  # scripts that import each other, not a package

from mutants.sampling import KINDS, mutants_of, sample  # noqa: E402

PRICES = """\
from functools import cache

LIMIT = 5


class Prices:
    most: int = 10

    def cheap(self, price, least=1):
        return price > 0 and price <= self.most

    @cache
    def known(self):
        return 1 + 2


def unused(price):
    return price is None
"""
TESTS = """\
from shop.rooms.prices import Prices

def test_cheap():
    assert Prices().cheap(1)

def test_dear():
    assert not Prices().cheap(11)
"""
# The files are tried as they are told, and what becomes of each mutant is printed.
TRY = """\
import json, sys
from pathlib import Path
import pytest
from mutants.sampling import KINDS, sample
from mutants.trial import Limits, Trial

root = Path("shop").resolve()
mutants = sample(root, "rooms", 100, 1, KINDS)
lines = Path("lines")
lines.touch()
trial = Trial(root, ["rooms"], mutants, Limits(2, 5.0, 60.0), lines, lambda line: None)
assert pytest.main(["-q", "-p", "no:cacheprovider", "test_shop.py"], plugins=[trial]) == 0
Path("outcomes.json").write_text(json.dumps(sorted(
    (line[1:].strip(), outcome) for n, outcome in trial.outcomes.items()
    for line in mutants[n].diff.splitlines() if line.startswith("+"))))
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in {
        "shop/__init__.py": "",
        "shop/rooms/__init__.py": "",
        "shop/rooms/prices.py": PRICES,
        "test_shop.py": TESTS,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_mutants_stand_in_the_bodies_of_functions_that_are_not_decorated(shop: Path) -> None:
    found = list(mutants_of(shop / "shop/rooms/prices.py"))
    assert {each.function for each in found} == {"Prices.cheap", "unused"}
    assert {each.at for each in found} == {10, 18}
    assert Counter(each.kind for each in found) == {"conditions": 4, "values": 1}


def test_a_sample_is_spread_and_the_same_one_each_time(shop: Path) -> None:
    several = [sample(shop / "shop", "rooms", 2, seed, KINDS) for seed in (1, 1, 2, 3, 4)]
    diffs = [[each.diff for each in found] for found in several]
    assert diffs[0] == diffs[1]
    assert len({*map(tuple, diffs)}) > 1
    assert all(found[0].at <= found[1].at for found in several)


def test_what_becomes_of_mutants(shop: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=shop,
        env={"PYTHONPATH": f"{BENCHMARKS}:{shop}"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert json.loads((shop / "outcomes.json").read_text()) == [
        ["return price > 0 and price < self.most", "survived"],
        ["return price > 0 or price <= self.most", "killed"],
        ["return price > 1 and price <= self.most", "killed"],
        ["return price >= 0 and price <= self.most", "survived"],
        ["return price is not None", "no test"],
    ]
    assert (shop / "shop/rooms/prices.py").read_text() == PRICES
