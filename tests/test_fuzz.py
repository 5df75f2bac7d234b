"""Programs that nobody has written: findings are right, and no fix does harm.

A short run, the same one each time; ``make fuzz`` goes on for as long as it is told.
"""

from __future__ import annotations

import pytest
from fuzz.properties import PROPERTIES
from hypothesis import HealthCheck, settings

EXAMPLES = {"truth": 30, "any": 30, "mutants": 20, "changes": 15, "shared": 6, "written": 4}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROPERTIES)
def test_properties(name: str) -> None:
    if name == "any":
        pytest.importorskip("hypothesmith")
    short = settings(
        derandomize=True,
        deadline=None,
        max_examples=EXAMPLES[name],
        suppress_health_check=list(HealthCheck),
    )
    with PROPERTIES[name]() as check:
        short(check)()
