"""The rules, by code: one module each.

`RULES` is made when it is first asked for (PEP 562): settings need only `rules.codes`, and must not
wait for the analyser to be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rule import Rule

    RULES: Mapping[str, Rule]


def __getattr__(name: str) -> Mapping[str, Rule]:
    if name != "RULES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import (
        ctx101,
        ctx102,
        ctx103,
        ctx104,
        ctx105,
        ctx201,
        ctx202,
        ctx301,
        ctx302,
        ctx303,
        ctx304,
        ctx401,
        ctx402,
        ctx900,
        ctx901,
    )

    modules = (
        *(ctx101, ctx102, ctx103, ctx104, ctx105),
        *(ctx201, ctx202),
        *(ctx301, ctx302, ctx303, ctx304),
        *(ctx401, ctx402),
        ctx900,
        ctx901,
    )
    rules = {module.RULE.code: module.RULE for module in modules}
    globals()[name] = rules
    return rules
