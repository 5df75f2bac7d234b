"""Tasks that nobody waits for (CTX105): what is said of them, and what their fix does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from marked_programs import assert_as_marked, write_project

from ctxlint import check
from ctxlint.cli import main
from ctxlint.findings import Finding
from ctxlint.fixing import FixReport, fix
from ctxlint.settings import Settings

SELECTED = Settings(select=("CTX105",))

# Over modules: who is served, what is set off, and what that needs.
FILES = {
    "cache/__init__.py": "",
    "cache/web.py": """\
# enable: CTX105
from fastapi import FastAPI

from .prices import Prices

app = FastAPI()
prices = Prices()

@app.get("/prices/{name}")
async def price(name: str):
    return await prices.get(name)
""",
    "cache/prices.py": """\
import asyncio

from . import jobs

class Prices:
    def __init__(self):
        self._known = {}
        self._tasks = set()

    async def get(self, name):
        task = asyncio.create_task(jobs.refresh(self._known))  # error: CTX105
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return self._known.get(name)
""",
    "cache/jobs.py": """\
import asyncio

async def refresh(known):
    await asyncio.sleep(60)
    known.clear()
""",
}


def only(root: Path) -> Finding:
    [found] = check([root], settings=SELECTED)
    return found


def test_over_modules(tmp_path: Path) -> None:
    assert_as_marked(tmp_path, FILES)


def test_nothing_without_a_request(tmp_path: Path) -> None:
    """The same, called by start-up code alone."""
    web = """\
        # enable: CTX105
        import asyncio

        from .prices import Prices

        def main():
            asyncio.run(Prices().get("gold"))
        """
    prices = FILES["cache/prices.py"].replace("  # error: CTX105", "")
    changed = {"cache/web.py": web.replace("\n        ", "\n").lstrip(), "cache/prices.py": prices}
    assert_as_marked(tmp_path, FILES | changed)


def test_message_and_trail(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES).resolve()
    found = only(root)
    assert found.message == (
        "refresh() can outlive the request that price() is serving and keeps its context "
        "(nobody waits for what self._tasks holds); start it detached, or wait for it"
    )
    trail = [f"{Path(each.path).name}:{each.line}: {each.message}" for each in found.trail]
    assert trail == [
        "web.py:10: price: registered with @get",
        "web.py:11: price calls Prices.get",
        "jobs.py:4: refresh waits before it works",
    ]


def test_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_project(tmp_path, FILES)
    main(["--why", f"{root / 'cache' / 'prices.py'}:11"])
    told = capsys.readouterr().out
    assert "It is no worker" in told
    assert "It is left to itself: nobody waits for what self._tasks holds (CTX105" in told


def test_all_can_be_ignored_in_some_files(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    ignoring = Settings(select=("ALL",), per_file_ignores={"cache/*": ("ALL",)}, root=str(tmp_path))
    assert check([root], settings=ignoring) == []
    assert [each.code for each in check([root], settings=Settings(select=("ALL",)))] == ["CTX105"]


# --- fixes ---------------------------------------------------------------------------------------

PROGRAM = """\
import asyncio
from contextvars import ContextVar

user = ContextVar("user", default="nobody")
seen = []

async def handle(request):
    user.set(request)
{start}

async def work():
    {work}

async def ask():
    seen.append(user.get())
"""


def program(start: str, work: str = "await asyncio.sleep(0)") -> str:
    return PROGRAM.replace("{start}", f"    {start}").replace("{work}", work)


def fixed(root: Path, source: str, *, style: str = "helpers", unsafe: bool = False) -> FixReport:
    text = f'[tool.ctxlint]\nselect = ["CTX105"]\nfix-style = "{style}"\n'
    (root / "pyproject.toml").write_text(text)
    (root / "app.py").write_text(source)
    return fix([root], unsafe=unsafe, write=False)


def text_of(report: FixReport, root: Path) -> str:
    return report.texts[root.resolve() / "app.py"].decode()


@pytest.mark.parametrize(
    ("style", "before", "after", "imported"),
    [
        (
            "helpers",
            "asyncio.create_task(work())",
            "create_detached_background_task(work())",
            "from ctxlint.detached import create_detached_background_task",
        ),
        (
            "helpers",
            "asyncio.create_task(work()).add_done_callback(print)",
            "create_detached_background_task(work()).add_done_callback(print)",
            "from ctxlint.detached import create_detached_background_task",
        ),
        (
            "stdlib",
            "asyncio.create_task(work())",
            "contextvars.Context().run(asyncio.create_task, work())",
            "import contextvars",
        ),
    ],
)
def test_what_reads_nothing_is_detached(
    style: str, before: str, after: str, imported: str, tmp_path: Path
) -> None:
    report = fixed(tmp_path, program(before), style=style)
    assert len(report.fixed) == 1
    assert not report.remaining
    text = text_of(report, tmp_path)
    assert f"    {after}\n" in text
    assert f"{imported}\n" in text
    assert not fixed(tmp_path, text, style=style).changes  # a second run changes nothing


def test_what_is_not_known_is_detached_on_demand(tmp_path: Path) -> None:
    source = program("asyncio.create_task(work())", "await client.post(1)")
    assert not fixed(tmp_path, source).changes
    assert len(fixed(tmp_path, source, unsafe=True).fixed) == 1


@pytest.mark.parametrize(
    ("start", "work", "reason"),
    [
        ("asyncio.create_task(work())", "await ask()", "ask reads user of the request"),
        ("asyncio.create_task(unknown())", "pass", "it is not known what it starts"),
        (
            "spawn(work())\n\ndef spawn(coro):\n    asyncio.create_task(coro)",
            "await asyncio.sleep(0)",
            "spawn() starts whatever it is handed",
        ),
    ],
)
def test_what_may_be_the_requests_own_is_left_to_people(
    start: str, work: str, reason: str, tmp_path: Path
) -> None:
    report = fixed(tmp_path, program(start, work), unsafe=True)
    assert not report.changes
    [left] = report.remaining
    assert left.fix is not None
    assert left.fix.applicability == "display"
    assert left.fix.title.endswith(f"by hand: {reason}")


@pytest.mark.parametrize("style", ["helpers", "stdlib"])
def test_what_was_fixed_runs_as_nobody(style: str, tmp_path: Path) -> None:
    """What is looked at from outside, for a task that reads its user is not fixed."""
    source = program("asyncio.create_task(work())", "await outside()")
    report = fixed(tmp_path, source, style=style, unsafe=True)
    for text, user in ((source, "alice"), (text_of(report, tmp_path), "nobody")):
        assert asyncio.run(seen_by(text)) == [user]


async def seen_by(text: str) -> list[str]:
    """The user whom a background task of Alice's request has."""
    names: dict[str, Any] = {"__name__": "app"}
    exec(text, names)
    names["outside"] = names["ask"]
    await names["handle"]("alice")
    await asyncio.sleep(0.01)
    found: list[str] = names["seen"]
    return found
