"""CTX901: comments that silence nothing are reported, and taken away without touching the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_programs import marks

from ctxlint import check, fix
from ctxlint.lookup import Lookup
from ctxlint.rules import RULES
from ctxlint.rules.rule import Example
from ctxlint.settings import Settings

RULE = RULES["CTX901"]
ON = Settings(extend_select=("CTX901",))
LEAK = """\
import asyncio

class Poller:
    async def start(self):
        self._task = asyncio.create_task(self._poll()){comment}

    async def _poll(self):
        while True:
            await asyncio.sleep(1)
"""


def reported(path: Path, source: str, settings: Settings = ON) -> list[tuple[int, str]]:
    path.write_text(source, encoding="utf-8", newline="")
    return [(each.line, each.code) for each in check([path], settings=settings)]


@pytest.mark.parametrize("example", [*RULE.bad, *RULE.good], ids=lambda each: each.title)
def test_examples(example: Example, tmp_path: Path) -> None:
    found = reported(tmp_path / "example.py", example.source)
    assert found == [(line, code) for _, line, code in marks(example.source)]
    assert bool(found) == (example in RULE.bad)


def test_it_is_off_unless_it_is_named() -> None:
    def enabled(*selected: str) -> bool:
        return Settings(select=selected).enabled("CTX901")

    assert not Settings().enabled("CTX901")
    assert not enabled("CTX")
    assert not enabled("CTX9")
    assert enabled("CTX901")
    assert enabled("ALL")


KEPT = {
    "bare": "x = 1  # noqa\n",
    "bare, with a reason": "x = 1  # noqa because of CTX\n",
    "another tool's": "x = 1  # noqa: E501\n",
    "another plugin's": "x = 1  # noqa: CTXA101\n",
    "the whole file": "# flake8: noqa\nx = 1  # noqa: CTX101\n",
    "a string": "x = '# noqa: CTX101'\n",
    "a string over several lines": 'x = """\n# noqa: CTX101\n"""\n',
    "behind a string that counts": "x = '# noqa: E501'  # noqa: CTX101\n",
    "the comment's own code": "x = 1  # noqa: CTX901\n",
    "its own finding silenced": "x = 1  # noqa: CTX101, CTX901\n",
    "of use": LEAK.format(comment="  # noqa: CTX101"),
    "a beginning that is of use": LEAK.format(comment="  # noqa: CTX1"),
    "of use among others": LEAK.format(comment="  # noqa: E501,CTX101"),
    "broken": "def broken(:  # noqa: CTX101\n",
}


@pytest.mark.parametrize("source", KEPT.values(), ids=KEPT)
def test_comments_that_stay(source: str, tmp_path: Path) -> None:
    found = reported(tmp_path / "module.py", source)
    assert [code for _, code in found if code == "CTX901"] == []
    report = fix([tmp_path], settings=ON)
    assert report.changes == ()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(select=("CTX901", "CTX2")),
        Settings(extend_select=("CTX901",), ignore=("CTX101",)),
        Settings(extend_select=("CTX901",), per_file_ignores={"*.py": ("CTX1",)}),
    ],
)
def test_rules_that_were_not_asked_are_not_judged(settings: Settings, tmp_path: Path) -> None:
    assert reported(tmp_path / "module.py", "x = 1  # noqa: CTX101\n", settings) == []
    assert reported(tmp_path / "module.py", "x = 1  # noqa: CTX1\n", settings) == []
    # What is no rule's code at all silences nothing, whatever is selected.
    assert reported(tmp_path / "module.py", "x = 1  # noqa: CTX777\n", settings) == [(1, "CTX901")]


REMOVED = {
    "x = 1  # noqa: CTX101\n": "x = 1\n",
    "x = 1  # noqa:CTX101,CTX201\n": "x = 1\n",
    "x = 1 # NOQA: CTX101 \n": "x = 1\n",
    "x = 1  # noqa: CTX101": "x = 1",
    "x = 1  # noqa: CTX101\r\ny = 2\r\n": "x = 1\r\ny = 2\r\n",
    "x = 'ä€'  # noqa: CTX101\n": "x = 'ä€'\n",
    "\ufeffx = 1  # noqa: CTX101\n": "\ufeffx = 1\n",
    "x = 1\n# noqa: CTX101\ny = 2\n": "x = 1\ny = 2\n",
    "if x:\n    # noqa: CTX101\n    y = 2\n": "if x:\n    y = 2\n",
    "x = 1  # noqa: CTX101 as it is joined\n": "x = 1  # as it is joined\n",
    "x = 1  # noqa: CTX101  # type: ignore\n": "x = 1  # type: ignore\n",
    "x = 1  # type: ignore  # noqa: CTX101\n": "x = 1  # type: ignore\n",
    "x = 1  # noqa: CTX101, E501\n": "x = 1  # noqa: E501\n",
    "x = 1  # noqa: E501,CTX101,W605\n": "x = 1  # noqa: E501,W605\n",
    "x = 1  # noqa: E501 CTX101 W605\n": "x = 1  # noqa: E501 W605\n",
    "x = 1  # noqa:E501, CTX101 long\n": "x = 1  # noqa:E501 long\n",
    'x = """\n"""  # noqa: CTX101\n': 'x = """\n"""\n',
    "f(  # noqa: CTX101\n    1,\n)\n": "f(\n    1,\n)\n",
    LEAK.format(comment="  # noqa: CTX101, CTX201"): LEAK.format(comment="  # noqa: CTX101"),
}


@pytest.mark.parametrize(("before", "after"), REMOVED.items())
def test_what_is_taken_away(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_bytes(before.encode())
    report = fix([path], settings=ON)
    assert [each.code for each in report.fixed] == ["CTX901"]
    assert [each.code for each in report.remaining] == []
    assert path.read_bytes().decode() == after


def test_another_comment_is_not_brought_to_life(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    source = "x = 1  # noqa: CTX101 # noqa: E501\n"
    assert reported(path, source) == [(1, "CTX901")]
    assert fix([path], settings=ON).changes == ()
    [finding] = check([path], settings=ON)
    assert finding.fix is not None
    assert finding.fix.applicability == "display"


def test_encodings_stay(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_bytes(b"# coding: latin-1\nx = '\xe9'  # noqa: CTX101\n")
    fix([path], settings=ON)
    assert path.read_bytes() == b"# coding: latin-1\nx = '\xe9'\n"


def test_a_comment_goes_with_the_leak_it_was_about(tmp_path: Path) -> None:
    """Where another fix takes the leak away, the next round takes the comment."""
    path = tmp_path / "module.py"
    path.write_text(LEAK.format(comment="  # noqa: CTX101"), encoding="utf-8")
    assert fix([path], settings=ON).changes == ()
    path.write_text(path.read_text().replace("while True", "for _ in range(3)"), encoding="utf-8")
    assert [each.code for each in fix([path], settings=ON).fixed] == ["CTX901"]


def test_where_it_is_and_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("x = 1  # noqa: E501, CTX101,CTX777 why\n", encoding="utf-8")
    [finding] = check([path], settings=ON)
    assert (finding.line, finding.column, finding.end_column) == (1, 8, 35)
    assert finding.message == (
        "CTX101, CTX777 silence nothing here; remove CTX101, CTX777 from the comment"
    )
    path.write_text("x = 1  # noqa: CTX777\n", encoding="utf-8")
    [finding] = check([path], settings=ON)
    assert (
        finding.message == "CTX777 in this `noqa` comment is no rule of ctxlint; remove the comment"
    )


def test_the_setting_selects_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ctxlint]\nextend-select = ["CTX901"]\n')
    assert Lookup().load(tmp_path).enabled("CTX901")
    (tmp_path / "module.py").write_text("x = 1  # noqa: CTX101\n")
    assert [each.code for each in check([tmp_path])] == ["CTX901"]
