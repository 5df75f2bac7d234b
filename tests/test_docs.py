"""The documentation: rules, settings, `--help` and pages agree, what it shows is true, and it
builds without a warning.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib.util
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import msgspec
import pytest

from ctxlint.lookup import Lookup
from ctxlint.rules import RULES
from ctxlint.settings import Settings
from ctxlint.settings_schema import EXAMPLES, MEANINGS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
sys.path[:0] = [str(ROOT / "website"), str(ROOT / "benchmarks")]  # scripts that import each other

import copying_page  # noqa: E402
import documents  # noqa: E402
import options_reference  # noqa: E402
import rule_pages  # noqa: E402
import semantics  # noqa: E402
import settings_reference  # noqa: E402
from interpreters import interpreters  # noqa: E402

FENCE = re.compile(r"^( *)```(\w+)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    return [textwrap.dedent(body) for _, tag, body in FENCE.findall(text) if tag == language]


# --- what Python copies and when ----------------------------------------------------------------


@pytest.fixture(scope="module")
def pythons() -> list[semantics.Python]:
    asked = (semantics.python_at(path) for path in interpreters().values())
    return [python for python in asked if python is not None]


@pytest.mark.parametrize("program", semantics.PROGRAMS, ids=lambda path: path.stem)
def test_what_is_recorded_is_what_each_python_does(
    program: Path, pythons: list[semantics.Python]
) -> None:
    recorded = semantics.recorded().answers[program.stem]
    able = [each for each in pythons if each.minor in recorded and semantics.can_run(program, each)]
    if not able:
        pytest.skip("no interpreter here for which there is a record, with what the program needs")
    for python in able:
        assert semantics.printed(program, python) == recorded[python.minor], (
            f"Python {python.version}: `make semantics` records it anew"
        )


def test_every_program_is_recorded() -> None:
    recorded = semantics.recorded()
    assert list(recorded.answers) == [program.stem for program in semantics.PROGRAMS]
    for name, answers in recorded.answers.items():
        assert answers
        assert all(answers.values())
        assert name in semantics.NEEDS or set(answers) == set(recorded.pythons)


def test_versions_that_differ_have_columns_of_their_own() -> None:
    table = copying_page.part("12")
    assert "| construct | 3.9 and 3.10 | 3.11 to 3.13 |" in table
    assert "| `create_task(f(), context=Context())` | `TypeError`" in table
    assert "| construct | what runs there sees |" in copying_page.part("10")


# --- rules, settings, flags ---------------------------------------------------------------------


def test_every_rule_has_a_page_with_the_text_of_explain() -> None:
    pages = rule_pages.pages()
    assert set(pages) == {f"rules/{code}.md" for code in RULES}
    for code, rule in RULES.items():
        page = re.sub(r"\[(CTX\d+)\]\(\1\.md\)", r"\1", pages[f"rules/{code}.md"])
        title, _, rest = rule.documentation.partition("\n")
        assert page.startswith(f"{title}\n")
        assert rest.strip() in page


def test_every_rule_is_in_the_navigation_and_in_the_index() -> None:
    shown = [path for part in rule_pages.navigation() for each in part.values() for path in each]
    assert [path for each in shown for path in each.values()] == [
        f"rules/{code}.md" for code in RULES
    ]
    index = (DOCS / "rules/index.md").read_text(encoding="utf-8")
    asked = re.findall(r"<!-- insert: rules (\S+) -->", index)
    assert asked == list(rule_pages.FAMILIES)
    tables = "".join(map(rule_pages.table, asked))
    assert all(f"[{code}]({code}.md)" in tables for code in RULES)


def inserted(page: str, kind: str) -> list[str]:
    """The words of all insertions of a kind in a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(rf"<!-- insert: {kind} (.*?) -->", text)
    return [word for words in found for word in words.split()]


def test_every_setting_is_in_the_reference_once() -> None:
    assert sorted(inserted("settings.md", "settings")) == sorted(MEANINGS)


@pytest.mark.parametrize("key", MEANINGS)
def test_a_setting_is_shown_with_the_default_of_the_model(key: str) -> None:
    entry = settings_reference.entries(key)
    shown = re.search(r"^- Default: (?:`([^\n]+)`|none|these\n\n(.*?```)\n)$", entry, re.M | re.S)
    assert shown is not None
    model = {field.encode_name for field in msgspec.structs.fields(Settings)}
    assert (shown[0] == "- Default: none") is (key not in model)
    if key in model:
        text = f"{key} = {shown[1]}" if shown[1] else blocks(shown[2], "toml")[0]
        default = msgspec.to_builtins(Settings())[key]
        assert tomllib.loads(text)[key] == (list(default) if type(default) is tuple else default)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("select", "list of strings"),
        ("per-file-ignores", "table from strings to lists of strings"),
        ("threads-inherit", '`true` or `false` or `"auto"`'),
        ("entry-points", "list of strings or tables"),
        ("spawners", "list of tables"),
        (
            "helpers",
            "string or table with the keys `task`, `thread`, `run`, `capture`, `activate`, `item`",
        ),
    ],
)
def test_types_are_told_in_words(key: str, words: str) -> None:
    assert f"\n- Type: {words}\n" in settings_reference.entries(key)


def test_rows_are_told_with_what_they_need() -> None:
    entry = settings_reference.entries("spawners")
    assert "| `call` | string | required |" in entry
    assert '| `kind` | `"task"` or `"thread"` or `"timer"` | `"task"` |' in entry
    assert "| `base` | string | none |" in settings_reference.entries("entry-points")


def test_every_option_is_in_the_reference_once() -> None:
    assert sorted(inserted("command-line.md", "options")) == sorted(options_reference.options())


def test_every_option_of_help_is_known_to_the_reference() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "ctxlint", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    listed = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", printed, re.MULTILINE))
    assert listed == set(options_reference.options())


# --- what is shown is true ----------------------------------------------------------------------

TOML = [
    pytest.param(block, id=f"{path.relative_to(ROOT).as_posix()}-{number}")
    for path in [*PAGES, ROOT / "README.md"]
    for number, block in enumerate(blocks(path.read_text(encoding="utf-8"), "toml"))
] + [
    pytest.param(block, id=key)
    for key in EXAMPLES
    for block in blocks(settings_reference.entries(key), "toml")
    if "[tool.ctxlint]" in block
]


@pytest.mark.parametrize("block", TOML)
def test_settings_that_are_shown_can_be_read(block: str, tmp_path: Path) -> None:
    table = tomllib.loads(block)
    if "ctxlint" in table.get("tool", {}):
        (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n", encoding="utf-8")
        folder = tmp_path / "part"
        folder.mkdir()
        (folder / "pyproject.toml").write_text(block, encoding="utf-8")
        assert Lookup().load(folder).root == folder.as_posix()


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.md"], ids=lambda path: path.name)
def test_json_and_yaml_that_are_shown_can_be_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for block in blocks(text, "json"):
        json.loads(block)
    yaml = pytest.importorskip("yaml")
    for block in blocks(text, "yaml"):
        assert yaml.safe_load(block)


def programs() -> Iterator[tuple[str, str]]:
    """The programs of "Fixing a leak by hand", by their section and tab."""
    text = (DOCS / "fixing-by-hand.md").read_text(encoding="utf-8")
    section = tab = ""
    for match in re.finditer(
        r'^## (?P<section>[^\n]*)$|^=== "(?P<tab>[^\n]*)"$|'
        r"^    ```python[^\n]*\n(?P<code>.*?)^    ```$",
        text,
        re.MULTILINE | re.DOTALL,
    ):
        section, tab = match["section"] or section, match["tab"] or tab
        if match["code"]:
            yield f"{section}: {tab}", textwrap.dedent(match["code"])


BY_HAND = dict(programs())
LEAKING = {"Leaks", "Copied too late", "One copy for many"}


@pytest.mark.parametrize("name", BY_HAND)
def test_programs_by_hand_are_reported_where_they_say_so(name: str, tmp_path: Path) -> None:
    from ctxlint import check

    path = tmp_path / "app.py"
    path.write_text(BY_HAND[name], encoding="utf-8")
    said = {
        (number, found[1])
        for number, line in enumerate(BY_HAND[name].splitlines(), 1)
        if (found := re.search(r"# (CTX\d+)$", line))
    }
    assert {(finding.line, finding.code) for finding in check([path])} == said
    assert bool(said) is (
        name.partition(": ")[2] in {"Leaks", "Copied too late", "One copy for many"}
    )


def loaded(name: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "app"}
    exec(compile(BY_HAND[name], name, "exec"), namespace)
    return namespace


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("A task: Leaks", "ada"),
        ("A task: With the helper", "nobody"),
        ("A task: With the standard library", "nobody"),
    ],
)
def test_tasks_by_hand_do_what_is_said(
    name: str, seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = loaded(name)

    async def main() -> None:
        app["user"].set("ada")
        await app["Prices"]().get("bread")
        await asyncio.sleep(0)

    asyncio.run(main())
    assert capsys.readouterr().out == f"refreshed for {seen}\n"


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("A queue: Leaks", "ada"),
        ("A queue: With the helpers", "bob"),
        ("A queue: With the standard library", "bob"),
    ],
)
def test_queues_by_hand_pass_the_test_that_is_shown(
    name: str, second: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = loaded(name)
    text = (DOCS / "fixing-by-hand.md").read_text(encoding="utf-8")
    exec(compile(blocks(text, "python")[-1], "test", "exec"), app)
    test = app["test_each_event_is_written_in_the_name_of_its_own_user"]
    if second == "bob":
        test(capsys)
    else:
        with pytest.raises(AssertionError):
            test(capsys)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("An executor: Leaks", "nobody"),
        ("An executor: Right", "ada"),
        ("An executor: Copied too late", "nobody"),
    ],
)
def test_executors_by_hand_do_what_is_said(
    name: str, seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = loaded(name)
    contextvars.copy_context().run(app["handle"], "ada", "a row")
    app["pool"].shutdown()
    assert capsys.readouterr().out == f"{seen} a row\n"


@pytest.mark.parametrize("told", [False, True])
def test_ruff_keeps_our_comments_once_it_is_told(told: bool, tmp_path: Path) -> None:
    settings = blocks((DOCS / "integrations/flake8-and-ruff.md").read_text("utf-8"), "toml")
    (tmp_path / "ruff.toml").touch()
    if told:
        external = tomllib.loads(settings[0])["tool"]["ruff"]["lint"]["external"]
        (tmp_path / "ruff.toml").write_text(f"lint.external = {json.dumps(external)}\n")
    path = tmp_path / "app.py"
    path.write_text("x = 1  # noqa: CTX101\n", encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--fix"]
    ruff += ["--select", "RUF100,RUF102"]  # which of them it is depends on ruff's version
    subprocess.run([*ruff, "app.py"], cwd=tmp_path, capture_output=True, check=True)
    assert (path.read_text(encoding="utf-8") == "x = 1  # noqa: CTX101\n") is told


def test_insertions_name_what_there_is() -> None:
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for kind, words in re.findall(r"<!-- insert: (readme|about) (.*?) -->", text):
            put = documents.readme_section if kind == "readme" else documents.about
            assert put(words).strip(), f"{path}: {words}"


# --- the site -----------------------------------------------------------------------------------


class Links(HTMLParser):
    """What a page links to, what it loads, and what in it can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.targets.append(found["href"])
        if "src" in found:
            self.loaded.append(found["src"])
        if tag == "link" and found.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(found.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Links]:
    if importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    pages = sorted(folder.rglob("*.html"))
    return {page: Links(page.read_text(encoding="utf-8")) for page in pages}


@pytest.mark.slow
def test_rules_have_the_addresses_that_editors_link_to(site: dict[Path, Links]) -> None:
    built = {page.parent.name for page in site if page.parent.parent.name == "rules"}
    assert built == set(RULES)
    home = next(links for page, links in site.items() if page.name == "index.html")
    assert {f"rules/{code}/" for code in RULES} <= {
        target.removeprefix("../") for target in home.targets
    }, "the navigation leads to every rule"


@pytest.mark.slow
def test_every_internal_link_leads_somewhere(site: dict[Path, Links]) -> None:
    for page, links in site.items():
        if page.name == "404.html":  # its links are those of the root, wherever it is shown
            continue
        for target in links.targets:
            address, fragment = urldefrag(target)
            if urlsplit(address).scheme:
                continue
            there = (page.parent / address).resolve() if address else page
            there = there / "index.html" if there.is_dir() else there
            assert there.is_file(), f"{page}: {target}"
            if fragment and there in site:
                assert fragment in site[there].ids, f"{page}: {target}"


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: dict[Path, Links]) -> None:
    assert {each for links in site.values() for each in links.loaded if "//" in each} == set()
    folder = next(iter(site)).parent
    styles = "".join(path.read_text("utf-8") for path in folder.rglob("*.css"))
    assert not re.search(r"@import|url\(['\"]?(?:https?:)?//", styles)
