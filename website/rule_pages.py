"""The page of each rule, from its module: the same text that `ctxlint --explain` prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ctxlint.rules import RULES
from ctxlint.rules.rule import Example, Rule

# What the rules of a family are about, by the beginning of their codes.
FAMILIES: Final[Mapping[str, str]] = {
    "CTX1": "Work that keeps a request's context",
    "CTX2": "Queues",
    "CTX3": "Contexts handed to threads and tasks",
    "CTX4": "Variables that are set",
    "CTX9": "About ctxlint itself",
}


_CODE_OR_RULE: Final = re.compile(
    r"```.*?^```|`[^`\n]*`|\[[^\]]*\]\([^)]*\)|(?P<code>CTX\d{3})", re.DOTALL | re.MULTILINE
)


def path(rule: Rule) -> str:
    """Where a rule's page is, among the pages: its address is `rules/CODE/`."""
    return f"rules/{rule.code}.md"


def pages() -> dict[str, str]:
    """The text of each rule's page, by its path."""
    return {path(rule): page(rule) for rule in RULES.values()}


def navigation() -> list[dict[str, list[dict[str, str]]]]:
    """The rules by family, as mkdocs wants its `nav`."""
    return [
        {title: [{f"{rule.code} {rule.name}": path(rule)} for rule in _family(prefix)]}
        for prefix, title in FAMILIES.items()
    ]


def table(prefix: str) -> str:
    """A family's rules, as a table."""
    rows = [
        f"| [{rule.code}]({rule.code}.md)<br>{rule.name} | {rule.summary}{_off(rule)} "
        f"| {_fix(rule)} |"
        for rule in _family(prefix)
    ]
    return "\n".join(
        (
            f"## {FAMILIES[prefix]} ({prefix})",
            "",
            "| rule | what it finds | fix |",
            "| --- | --- | --- |",
            *rows,
        )
    )


def page(rule: Rule) -> str:
    """A rule's documentation, then the programs by which it is tested."""
    documentation = rule.documentation.rstrip("\n")
    title, _, rest = documentation.partition("\n")
    text = f"{title}\n\n{_facts(rule)}\n{linked(rest, besides=rule.code)}\n"
    if rule.bad:
        text += (
            "\n## Tested examples\n\n"
            "These programs are tests of the rule. What is reported is marked, nothing else is.\n"
        )
    text += "".join(_program("failure", "Reported", each) for each in rule.bad)
    return text + "".join(_program("success", "Not reported", each) for each in rule.good)


def linked(text: str, folder: str = "", besides: str = "") -> str:
    """The text with the codes of rules, besides one, as links to their pages; not in code."""

    def link(match: re.Match[str]) -> str:
        code = match["code"]
        return f"[{code}]({folder}{code}.md)" if code in RULES and code != besides else match[0]

    return _CODE_OR_RULE.sub(link, text)


def _family(prefix: str) -> list[Rule]:
    return [rule for rule in RULES.values() if rule.code.startswith(prefix)]


def _facts(rule: Rule) -> str:
    fix = "has a fix" if rule.fixable else "has no automatic fix"
    return f"On by default, {fix}." if rule.default else f"Off by default, {fix}."


def _off(rule: Rule) -> str:
    return "" if rule.default else " (off by default)"


def _fix(rule: Rule) -> str:
    return "yes" if rule.fixable else "by hand"


def _program(kind: str, verdict: str, example: Example) -> str:
    """A program in a box that opens by a click; `# error: CODE` is what tests look for."""
    code = example.source.replace("# error: ", "# ").rstrip("\n")
    block = f"```python\n{code}\n```"
    indented = "\n".join(f"    {line}".rstrip() for line in block.splitlines())
    return f'\n??? {kind} "{verdict}: {example.title}"\n\n{indented}\n'
