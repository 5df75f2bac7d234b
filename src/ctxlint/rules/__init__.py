"""The rules, by code: one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from . import ctx101, ctx102, ctx103, ctx201, ctx900
from .rule import Rule

RULES: Final[Mapping[str, Rule]] = {
    module.RULE.code: module.RULE for module in (ctx101, ctx102, ctx103, ctx201, ctx900)
}
"""All rules in the order of their codes."""
