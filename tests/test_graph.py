"""`--graph`: how context travels through small programs, and the two languages it is drawn in."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import browser
import pytest
from test_house import ctxlint_prints

from ctxlint.checking import run
from ctxlint.cli import main
from ctxlint.findings import Step
from ctxlint.graph import Edge, Graph, Node
from ctxlint.lookup import Lookup
from ctxlint.reports import dot, mermaid

SPOOL = """\
import asyncio
from starlette.requests import Request

class Spool:
    def __init__(self):
        self.lines = asyncio.Queue()
        self.task = None

    async def add(self, line):
        if self.task is None:
            self.task = asyncio.create_task(self.work())
        await self.lines.put(line)

    async def work(self):
        while True:
            print(await self.lines.get())

spool = Spool()

async def upload(request: Request):
    await spool.add(await request.body())
"""
CARRYING = """\
import asyncio
import contextvars
from starlette.requests import Request

class Spool:
    def __init__(self):
        self.lines = asyncio.Queue()
        self.task = None

    async def add(self, line):
        if self.task is None:
            self.task = contextvars.Context().run(asyncio.create_task, self.work())
        await self.lines.put((contextvars.copy_context(), line))

    async def work(self):
        while True:
            context, line = await self.lines.get()
            context.run(print, line)

spool = Spool()

async def upload(request: Request):
    await spool.add(await request.body())
"""

Drawn = Callable[..., Graph]


@pytest.fixture
def draw(tmp_path: Path) -> Drawn:
    """Writes a project and gives its graph; ``only`` names the files that are asked about."""

    def drawn(*, only: tuple[str, ...] = (".",), **modules: str) -> Graph:
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n", encoding="utf-8")
        graph = run([tmp_path / each for each in only], graph=True, fixes=False).graph
        assert graph is not None
        return graph

    return drawn


def ways(graph: Graph) -> list[str]:
    """Every edge as a line of text: state, and who does what to whom."""
    names = {node.id: node.label for node in graph.nodes}
    return sorted(
        f"{e.state}: {names[e.source]} {e.label} > {names[e.target]}" for e in graph.edges
    )


def node(graph: Graph, label: str) -> Node:
    [found] = [each for each in graph.nodes if each.label == label]
    return found


# --- what is drawn -------------------------------------------------------------------------------


def test_a_worker_that_keeps_a_context_and_items_that_lose_theirs_are_red(draw: Drawn) -> None:
    graph = draw(spool=SPOOL)
    assert ways(graph) == [
        "leak: Spool.add puts, without context > Spool.lines",
        "leak: Spool.add starts (create_task) > Spool.work",
        "plain: Spool.lines takes > Spool.work",
        "plain: upload calls > Spool.add",
    ]
    kinds = {each.label: each.kind for each in graph.nodes}
    assert kinds == {
        "Spool.add": "function",
        "Spool.lines": "queue",
        "Spool.work": "worker",
        "upload": "request",
    }
    assert graph.leaks


def test_what_is_carried_and_started_detached_is_green(draw: Drawn) -> None:
    graph = draw(spool=CARRYING)
    assert ways(graph) == [
        "carried: Spool.add puts, with context > Spool.lines",
        "carried: Spool.lines takes, in its context > Spool.work",
        "detached: Spool.add starts detached (create_task) > Spool.work",
        "plain: upload calls > Spool.add",
    ]
    assert node(graph, "Spool.add").notes == ("captures the context",)
    assert not graph.leaks


REBUILDING = """\
import asyncio
from contextvars import ContextVar
from starlette.requests import Request

user = ContextVar("user")
lines = asyncio.Queue()

async def upload(request: Request):
    await lines.put((user.get(), await request.body()))

async def work():
    while True:
        name, line = await lines.get()
        user.set(name)
        print(line)

asyncio.run(work())
"""


def test_ids_of_the_request_that_items_bring_are_green(draw: Drawn) -> None:
    assert ways(draw(lines=REBUILDING)) == [
        "carried: lines takes, and rebuilds the context > work",
        "carried: upload puts, with context > lines",
    ]


TIMER = """\
import asyncio
from starlette.requests import Request

def again():
    asyncio.get_running_loop().call_later(5, again)

async def upload(request: Request):
    asyncio.get_running_loop().call_later(5, again)
"""


def test_a_timer_that_arms_itself_again_is_red_where_a_request_arms_it(draw: Drawn) -> None:
    graph = draw(timer=TIMER)
    assert [each for each in ways(graph) if each.startswith("leak")] == [
        "leak: upload starts (call_later) > again"
    ]


def test_edges_know_their_places(draw: Drawn) -> None:
    graph = draw(spool=SPOOL)
    [start] = [each for each in graph.edges if each.kind == "starts"]
    assert [(step.line, step.message) for step in start.steps] == [(11, "Spool.add starts it")]
    [call] = [each for each in graph.edges if each.kind == "calls"]
    assert [step.message for step in call.steps] == [
        "upload: takes a Request",
        "upload calls Spool.add",
    ]


def test_what_a_comment_silences_is_told_apart(draw: Drawn) -> None:
    graph = draw(spool=SPOOL.replace("self.work())", "self.work())  # noqa: CTX101"))
    assert "silenced: Spool.add starts (create_task) > Spool.work" in ways(graph)


def test_an_ignored_context_is_red_where_the_item_is_taken(draw: Drawn) -> None:
    graph = draw(spool=CARRYING.replace("context.run(print, line)", "self.store.insert(line)"))
    assert "leak: Spool.lines takes, and ignores the context > Spool.work" in ways(graph)
    assert "carried: Spool.add puts, with context > Spool.lines" in ways(graph)


def test_who_captures_may_be_another_than_who_puts(draw: Drawn) -> None:
    text = CARRYING.replace("(contextvars.copy_context(), line)", "line").replace(
        "spool.add(await request.body())",
        "spool.add((contextvars.copy_context(), await request.body()))",
    )
    graph = draw(spool=text)
    assert "carried: upload hands it on > Spool.add" in ways(graph)
    assert "captures the context" in node(graph, "upload").notes


def test_workers_of_the_start_and_workers_that_end_are_nothing_to_report(draw: Drawn) -> None:
    graph = draw(
        server="""\
import asyncio
import time

async def main():
    asyncio.create_task(refresh())
    await serve()

async def refresh():
    while True:
        await asyncio.sleep(60)

async def serve():
    while True:
        await handle(await accept())

async def handle(request):
    beat = asyncio.create_task(refresh())
    try:
        await asyncio.sleep(1)
    finally:
        beat.cancel()

asyncio.run(main())
"""
    )
    assert [each for each in ways(graph) if "starts" in each] == [
        "plain: handle starts, and ends (create_task) > refresh",
        "plain: main starts (create_task) > refresh",
    ]
    assert node(graph, "main").kind == "startup"


def test_tasks_that_end_by_themselves_are_not_drawn(draw: Drawn) -> None:
    text = SPOOL.replace("while True", "for _ in range(3)")
    assert "create_task" not in str(ways(draw(spool=text)))


def test_what_other_rules_report_is_said_of_its_function(draw: Drawn) -> None:
    graph = draw(
        late="""\
import contextvars
import threading

def save(request):
    def work():
        contextvars.copy_context().run(print, request)
    threading.Thread(target=work).start()
"""
    )
    [found] = [each for each in graph.nodes if each.state == "leak"]
    assert found.label == "save.work"
    assert found.notes == ("CTX302: context-captured-too-late",)


LOSING = """\
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from starlette.requests import Request

user = ContextVar("user")
pool = ThreadPoolExecutor()

class Store:
    def keep(self, body):
        pool.submit(self.save, body)

    def save(self, body):
        raise NotImplementedError

class Tape(Store):
    def save(self, body):
        print(body)

class Ledger(Store):
    def save(self, body):
        print(user.get(), body)

store = Ledger()

def handle(request: Request):
    user.set(request.user)
    store.keep(request.body)
"""


def test_work_that_loses_its_context_is_drawn_from_the_request_to_what_asks_for_it(
    draw: Drawn,
) -> None:
    graph = draw(losing=LOSING)
    assert ways(graph) == [
        "leak: Store.keep runs in a pool, without context > Ledger.save",
        "plain: handle calls > Store.keep",
    ]
    assert node(graph, "Ledger.save").notes == ("reads user, or 1 like it",)
    assert node(graph, "handle").kind == "request"


def test_work_that_takes_its_context_along_or_asks_for_nothing_is_not_drawn(draw: Drawn) -> None:
    carried = LOSING.replace(
        "pool.submit(", "import contextvars; pool.submit(contextvars.copy_context().run, "
    )
    assert draw(losing=carried) == Graph()
    assert draw(losing=LOSING.replace("user.get()", "len(body)")) == Graph()


def test_comments_that_silence_nothing_leak_nothing(draw: Drawn, tmp_path: Path) -> None:
    (tmp_path / "noted.py").write_text("def handle(request):\n    print(request)  # noqa: CTX101\n")
    report = run([tmp_path], Lookup(overrides={"select": ("ALL",)}), graph=True)
    assert [each.code for each in report.findings] == ["CTX901"]
    assert report.graph == Graph()


def test_what_a_baseline_knows_is_told_apart(draw: Drawn, tmp_path: Path) -> None:
    draw(spool=SPOOL)
    ctxlint_prints("--write-baseline", "known.json", ".", cwd=tmp_path)
    lookup = Lookup(overrides={"baseline": str(tmp_path / "known.json")})
    graph = run([tmp_path], lookup, graph=True, fixes=False).graph
    assert graph is not None
    assert {each.state for each in graph.edges} == {"silenced", "plain"}


def test_only_what_belongs_to_the_paths_is_drawn(draw: Drawn) -> None:
    other = SPOOL.replace("Spool", "Other").replace("spool", "other")
    graph = draw(spool=SPOOL, other=other, only=("spool.py",))
    assert {Path(each.path).name for each in graph.nodes} == {"spool.py"}


def test_a_queue_is_drawn_whole_also_where_only_its_maker_is_asked_about(draw: Drawn) -> None:
    putting = "from spool import spool\n\ndef log(request):\n    spool.lines.put_nowait(request)\n"
    graph = draw(spool=SPOOL, putting=putting, only=("spool.py",))
    assert "leak: log puts, without context > Spool.lines" in ways(graph)


def test_ids_stay_when_lines_move_and_others_come(draw: Drawn) -> None:
    before = draw(spool=SPOOL)
    after = draw(spool="# moved\n\n" + SPOOL, other=SPOOL.replace("Spool", "Other"))
    assert {each.id for each in before.nodes} < {each.id for each in after.nodes}
    assert node(before, "Spool.work").id == node(after, "Spool.work").id


def test_two_functions_of_one_name_are_two_nodes(draw: Drawn) -> None:
    twice = SPOOL + SPOOL.split("from starlette.requests import Request\n")[1]
    ids = [each.id for each in draw(spool=twice).nodes]
    assert len(ids) == len(set(ids))


def test_parts_that_leak_come_first(draw: Drawn) -> None:
    graph = draw(a=CARRYING, b=SPOOL)
    assert [part.leaks for part in graph.components()] == [True, False]


def test_the_drawing_is_the_same_each_time(draw: Drawn) -> None:
    one = draw(a=CARRYING, b=SPOOL, only=("a.py", "b.py"))
    assert draw(only=("b.py", "a.py")) == one


# --- the languages -------------------------------------------------------------------------------

AWKWARD = (
    'a "quoted" name',
    "back\\slash \\N \\G",
    "<b>bold</b></script><img src=x>",
    "&lt; &amp; &#65; #quot; #9829;",
    "`markdown` **strong** _under_",
    "style x:#1; classDef y:#2; end",
    "größe 大きさ 👍 \ufb02\xb0\xb0 \xb6\xdf",
    "escape \x1b[31m and\nline",
    "x" * 5000,
    "%% {init} ]]> )) }} --> |pipe| ;",
    "",
)


def awkward_graph() -> Graph:
    nodes = [
        Node(
            id=f"f{number}",
            kind=("request", "startup", "function", "worker", "queue")[number % 5],
            label=label,
            path=f"/project/{label[:100]}.py",
            line=number,
            column=1,
            notes=(label,),
            state="leak" if number % 2 else "plain",
        )
        for number, label in enumerate(AWKWARD)
    ]
    edges = [
        Edge(
            source=f"f{number}",
            target=f"f{(number * 3 + 1) % len(nodes)}",
            kind="calls",
            state=("leak", "silenced", "carried", "detached", "plain")[number % 5],
            label=label,
            steps=(Step("/project/a.py", 1, 1, label),),
        )
        for number, label in enumerate(AWKWARD)
    ]
    return Graph(tuple(nodes), tuple(edges))


def written(language: str, graph: Graph) -> str:
    stream = io.StringIO()
    {"dot": dot.render, "mermaid": mermaid.render}[language](graph, "/project", stream)
    return stream.getvalue()


NAME = r"[a-z]\w*"
TEXT = r'"(?:[\w .,()/…-]|<br/>|#\d+;)*"'
MERMAID_LINES = (
    rf"  {NAME}(?:\(\[{TEXT}\]\)|\[{TEXT}\]|\[\[{TEXT}\]\]|\[\({TEXT}\)\])",
    rf"  {NAME} (?:==>|-\.->|-->)(?:\|{TEXT}\|)? {NAME}",
    r"  linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}",
    r"  classDef [a-z]+ [a-z:#0-9, -]+",
    rf"  class {NAME}(?:,{NAME})* [a-z]+",
)


@pytest.mark.parametrize("graph", [Graph(), awkward_graph()], ids=["empty", "awkward"])
def test_mermaid_is_written_in_a_small_part_of_the_language(graph: Graph) -> None:
    first, *lines = written("mermaid", graph).splitlines()
    assert first == "flowchart LR"
    for line in lines:
        assert any(re.fullmatch(each, line) for each in MERMAID_LINES), line
        assert len(line) < 2000


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_what_is_written() -> None:
    assert graphviz(Graph()).get("objects", []) == []
    read = graphviz(awkward_graph())
    assert [each["name"] for each in read["objects"]] == [f"f{n}" for n in range(len(AWKWARD))]
    # Its own output tells entities again, so a label is as it should be if that is what was meant.
    drawn = [each["_ldraw_"] for each in read["objects"]]
    texts = [[op["text"] for op in each if op["op"] == "T"] for each in drawn]
    assert texts[0][0] == 'a "quoted" name'
    assert texts[1][0] == "back\\slash \\N \\G"
    assert texts[2][0] == "<b>bold</b></script><img src=x>"
    assert texts[3][0] == "&lt; &amp; &#65; #quot; #9829;"
    assert texts[6][0].startswith("größe 大きさ 👍")
    assert texts[7][0] == "escape \\x1b[31m and\\nline"
    assert len(texts[8][0]) < 100


def graphviz(graph: Graph) -> Any:
    done = subprocess.run(
        ["dot", "-Tjson"], input=written("dot", graph).encode(), capture_output=True, check=True
    )
    assert done.stderr == b""
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def mermaid_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mermaid itself, from the package registry."""
    folder = tmp_path_factory.mktemp("mermaid")
    npm = shutil.which("npm")
    if npm is None or browser.found() is None:
        pytest.skip("npm or Chromium is not installed")
    command = [npm, "pack", "--silent", "mermaid@11"]
    if subprocess.run(command, cwd=folder, capture_output=True, timeout=300).returncode:
        pytest.skip("npm reaches no registry")
    [archive] = folder.glob("*.tgz")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / "package" / "dist" / "mermaid.min.js"


@pytest.mark.slow
def test_mermaid_draws_what_is_written(mermaid_script: Path, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(f'<meta charset="utf-8"><script src="{mermaid_script.as_uri()}"></script>')
    program = browser.found()
    assert program is not None
    with browser.chromium(program) as page:
        page.open(path)
        page.run("mermaid.initialize({startOnLoad: false})")
        assert rendered(page, Graph()) == []
        texts = rendered(page, awkward_graph())
    for label in (
        *AWKWARD[:6],
        "größe 大きさ 👍 fl°° ¶ß",
        "escape \\x1b[31m and\\nline",
        AWKWARD[9],
    ):
        assert any(each.startswith(label) for each in texts), label


def rendered(page: browser.Page, graph: Graph) -> list[str]:
    """The labels of the nodes in Mermaid's drawing."""
    source = json.dumps(written("mermaid", graph))
    texts = page.run(
        f"mermaid.render('g', {source}).then(r => {{ document.body.innerHTML = r.svg; "
        "return [...document.querySelectorAll('.node .nodeLabel')].map(e => e.textContent) })"
    )
    return [text.replace("\u200b", "") for text in texts]


# --- on the command line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "first"), [("mermaid", "flowchart LR"), ("dot", "digraph ctxlint {")]
)
def test_the_command_draws_and_exits_with_0(language: str, first: str, tmp_path: Path) -> None:
    (tmp_path / "spool.py").write_text(SPOOL, encoding="utf-8")
    told = ctxlint_prints("--graph", language, "spool.py", cwd=tmp_path)
    assert told.splitlines()[0] == first
    assert "Spool.lines" in told


def test_a_drawing_that_mermaid_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spool.py").write_text(SPOOL, encoding="utf-8")
    monkeypatch.setattr(mermaid, "MOST_EDGES", 3)
    assert main(["--isolated", "--graph", "mermaid", str(tmp_path)]) == 0
    told = "4 arrows, and Mermaid draws 3 by default: name fewer paths"
    assert told in capsys.readouterr().err


def test_a_path_that_does_not_exist_is_told(tmp_path: Path) -> None:
    assert ctxlint_prints("--graph", "dot", "gone.py", cwd=tmp_path, exit_codes=(2,))
