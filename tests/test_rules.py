"""Every rule's documentation and examples; the examples must come out as they are marked."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from marked_programs import assert_as_marked, marks

from ctxlint.rules import RULES
from ctxlint.rules.codes import CODES, ON_REQUEST
from ctxlint.rules.rule import Example, Rule

HEADINGS = [
    "What it does",
    "Why it is bad",
    "Example",
    "Use instead",
    "Fix safety",
    "References",
]
# CTX900 is about files that are no programs, CTX901 about comments (test_unused_noqa.py).
JUDGING = [rule for rule in RULES.values() if not rule.code.startswith("CTX9")]

BAD = {f"{rule.code}: {each.title}": (rule, each) for rule in JUDGING for each in rule.bad}
GOOD = {f"{rule.code}: {each.title}": (rule, each) for rule in JUDGING for each in rule.good}

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


@pytest.mark.parametrize(("rule", "example"), BAD.values(), ids=BAD.keys())
def test_bad_examples_are_reported(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert rule.code in [code for _, _, code in marks(example.source)]
    assert_as_marked(tmp_path, {"example.py": example.source})


@pytest.mark.parametrize(("rule", "example"), GOOD.values(), ids=GOOD.keys())
def test_good_examples_are_not(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert "# error" not in example.source, f"{rule.code}: a good example has an error"
    assert_as_marked(tmp_path, {"example.py": example.source})


@pytest.mark.parametrize("rule", JUDGING, ids=[rule.code for rule in JUDGING])
def test_examples_of_both_kinds(rule: Rule) -> None:
    assert rule.bad
    assert rule.good
    titles = [example.title for example in (*rule.bad, *rule.good)]
    assert len(set(titles)) == len(titles)


@every_rule
def test_documentation_has_the_fixed_headings(rule: Rule) -> None:
    lines = rule.documentation.splitlines()
    assert lines[0] == f"# {rule.code} {rule.name}"
    assert [line[3:] for line in lines if line.startswith("## ")] == HEADINGS
    sections = re.split(r"^## .*\n", rule.documentation, flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections)


@every_rule
def test_documentation_shows_python_that_parses(rule: Rule) -> None:
    if rule.code != "CTX900":
        for block in re.findall(r"^```python\n(.*?)^```", rule.documentation, re.DOTALL | re.M):
            # `await` and `yield` are shown outside of functions.
            ast.parse("async def shown():\n" + re.sub("^", "    ", block, flags=re.MULTILINE))


@every_rule
def test_names(rule: Rule) -> None:
    assert re.fullmatch(r"CTX\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert CODES[rule.code] == rule.name
    assert rule.summary
    assert rule.summary[0].islower()
    assert not rule.summary.endswith(".")


@every_rule
def test_what_is_off_by_default_says_so(rule: Rule) -> None:
    assert rule.default == (rule.code not in ON_REQUEST)
    assert ("off by default" in rule.documentation) == (not rule.default)


def test_rules_are_in_order_of_their_codes() -> None:
    assert list(RULES) == sorted(RULES)
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
