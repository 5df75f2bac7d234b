"""The house is in order: imports run one way, modules stay small, and rules, command line and
documentation say the same.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ctxlint.rules import RULES
from ctxlint.rules.codes import CODES
from ctxlint.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "ctxlint"
MODULES = sorted(SOURCE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# The rooms from the ground floor up. A module imports its own room and lower floors, never the
# room next door and never a higher floor: data runs one way, and so do imports.
FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "intents",
        "apis",
        "rules.codes",
        "noqa",
        "detached",
        "ignores",
        "encoding",
        "questions",
        "digests",
        "recursion",
        "patience",
        "regular",
    ),
    ("findings", "pyproject", "syntax", "inquiries", "journal"),
    ("graph", "recovery", "declared"),
    ("rows", "hazards", "fingerprints", "revisions", "writing"),
    ("keys",),
    ("settings",),
    ("lookup", "settings_schema", "baseline"),
    ("supply", "settings_text"),
    ("user_rows",),
    ("layout",),
    ("words",),
    ("sources", "selection", "territory", "handout"),
    ("facts",),
    ("program",),
    ("cache",),
    ("rules", "threading_model"),
    ("reports", "fixes", "canvas"),
    ("travels",),
    ("assembly",),
    ("judging",),
    ("session",),
    ("why", "hands"),
    ("projects",),
    ("checking",),
    ("fixing", "silencing"),
    ("language_server",),
    ("output", "streams", "flake8", "codemods"),
    ("asked",),
    ("commands",),
    ("fix_command", "graph_command", "adopting", "help"),
    ("cli",),
    ("__main__",),
)
FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor}
# `__init__` names the public API for all floors and loads it lazily, so it stands outside.
OUTSIDE = {"__init__"}
# Ground-floor rooms that import nothing of ours at all; detached.py is copied into other projects.
ALONE = {"intents", "apis", "rules.codes", "detached"}
# The kinds of nodes that facts are made of are one table, which holds declarations only.
TABLES = {"facts.model"}

HEADINGS = (
    "What it does",
    "Why it is bad",
    "Example",
    "Use instead",
    "Fix safety",
    "References",
)


def ctxlint_prints(*arguments: str, cwd: Path = ROOT, exit_codes: tuple[int, ...] = (0,)) -> str:
    """What ``ctxlint`` prints, run as a process of its own in a directory."""
    search = os.pathsep.join(filter(None, (str(SOURCE.parent), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "ctxlint", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": search, "COLUMNS": "88"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode in exit_codes, done.stdout + done.stderr
    return done.stdout


def name_of(path: Path) -> str:
    """A module's dotted name below the package: ``program.scopes``, ``rules`` for its __init__."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def room_of(module: str) -> str:
    return module if module in FLOOR_OF else module.partition(".")[0]


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name below the package of everything of ours that a module imports,
    also inside functions and ``if TYPE_CHECKING``."""
    package = path.relative_to(SOURCE.parent).parent.parts
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            base = ".".join(filter(None, (start, node.module)))
            targets = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in targets:
            if target.partition(".")[0] == "ctxlint":
                yield node.lineno, known(target.removeprefix("ctxlint").removeprefix("."))


def known(target: str) -> str:
    """The module part of a name: ``rules.codes.CODES`` is imported from ``rules.codes``."""
    names = {name_of(path) for path in MODULES}
    while target and target not in names:
        target = target.rpartition(".")[0]
    return target or "__init__"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(name_of(path))
    if room in OUTSIDE:
        return
    assert room in FLOOR_OF, (
        f"{room} is no room of the house: give it a floor here and a line in CONTRIBUTING.md"
    )
    for line, target in imports_of(path):
        other = room_of(target)
        if other in OUTSIDE:
            continue
        own = other == room
        assert own or room not in ALONE, f"line {line}: {room} imports nothing of ours: {target}"
        allowed = own or FLOOR_OF[other] < FLOOR_OF[room]
        assert allowed, f"line {line}: {room} must not import {target}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_are_small_and_named_for_what_they_hold(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}
    if name_of(path) in TABLES:
        return
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 350, f"{lines} lines: find the two things that it holds"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_fit_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 60, f"{node.name} (line {node.lineno}) has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_say_what_they_are_for(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    assert not tree.body or ast.get_docstring(tree)


def test_codes_and_rules_agree() -> None:
    assert {code: rule.name for code, rule in RULES.items()} == CODES
    assert list(RULES) == sorted(RULES)
    assert all(rule.code == code for code, rule in RULES.items())


@pytest.mark.parametrize("code", CODES)
def test_every_rule_is_documented_under_the_fixed_headings(code: str) -> None:
    documentation = RULES[code].documentation
    headings = re.findall(r"^#+ +(.*?) *$", documentation, re.MULTILINE)
    assert [heading for heading in headings if heading in HEADINGS] == list(HEADINGS)
    for heading, body in re.findall(r"^#+ +(.*?) *\n(.*?)(?=^#+ |\Z)", documentation, re.M | re.S):
        assert heading not in HEADINGS or body.strip(), f"nothing under {heading}"


@pytest.fixture(scope="module")
def options() -> set[str]:
    """The long options of the command line, as its own help lists them."""
    found = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ctxlint_prints("--help")))
    assert "--help" in found
    return found


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_documents_name_every_rule(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert {code for code in CODES if code not in text} == set()
    assert {name for name in CODES.values() if name not in text} == set()


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_documents_name_every_option(document: str, options: set[str]) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", (ROOT / document).read_text("utf-8")))
    assert options - named == set()


def test_the_readme_names_every_setting() -> None:
    keys = {field.encode_name for field in msgspec.structs.fields(Settings)}
    assert {key for key in keys - {"root"} if not re.search(rf"\b{key}\b", README)} == set()


def test_the_readme_names_no_option_that_does_not_exist(options: set[str]) -> None:
    spoken = re.findall(r"`ctxlint [^`\n]*`|^\$ ctxlint .*$|^ctxlint .*$", README, re.MULTILINE)
    named = {option for text in spoken for option in re.findall(r"--[a-z][a-z-]+", text)}
    assert named <= options


def test_the_guide_names_every_room() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {name_of(path).partition(".")[0] for path in MODULES}
    assert {room for room in rooms if room not in guide} == set()


# --- what the README shows is what ctxlint does ------------------------------------------------

README = (ROOT / "README.md").read_text(encoding="utf-8")


OUTPUT = re.compile(r"(<!-- output: \w+ -->\n+```\n)(\$ ctxlint ([^\n]*)\n)(.*?)^```$", re.M | re.S)


def block_after(marker: str) -> str:
    """The first fenced block that follows an (invisible) ``<!-- marker -->`` of the README."""
    found = re.search(rf"<!-- {marker} -->\n+```[a-z]*\n(.*?)^```$", README, re.M | re.S)
    assert found, f"README.md has no block marked {marker}"
    return found[1]


def printed_for(arguments: str, folder: Path) -> str:
    """What ctxlint prints about the README's program, without white space at the ends of lines."""
    (folder / "server.py").write_text(block_after("server.py"), encoding="utf-8")
    printed = ctxlint_prints(*arguments.split(), cwd=folder, exit_codes=(0, 1))
    return "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())


def test_every_dependency_has_a_range_and_a_reason() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"].values()
    needed = [*project["dependencies"], *(each for extra in extras for each in extra)]
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = guide.partition("## What ctxlint depends on")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([\w.-]+)`", section, re.MULTILINE)
    assert sorted(told) == sorted(re.split(r"[<>=;\[ ]", each)[0] for each in needed)
    dated = {"distributed"}
    for each in needed:
        assert re.fullmatch(r"[\w.-]+>=[\d.]+,<\d+", each) or each.split(">=")[0] in dated, each


def test_the_readme_shows_real_output(tmp_path: Path) -> None:
    shown = [(arguments, output) for _, _, arguments, output in OUTPUT.findall(README)]
    assert len(shown) == 4
    for arguments, output in shown:
        assert output == printed_for(arguments, tmp_path), "`make readme` writes it anew"


def test_the_readme_shows_the_real_graph(tmp_path: Path) -> None:
    assert block_after("graph") == printed_for("--graph mermaid server.py", tmp_path)


def test_the_cure_in_the_readme_is_clean(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(block_after("fixed.py"), encoding="utf-8")
    assert ctxlint_prints("server.py", cwd=tmp_path) == ""


def test_the_settings_in_the_readme_are_valid(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(block_after("settings"), encoding="utf-8")
    assert "myapp.tasks.spawn" in ctxlint_prints("--show-settings", cwd=tmp_path)


def test_pre_commit_hooks_run_what_exists(options: set[str]) -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    ids = re.findall(r"^- id: (\S+)$", hooks, re.MULTILINE)
    entries = re.findall(r"^  entry: (.+)$", hooks, re.MULTILINE)
    assert "ctxlint" in ids
    assert len(ids) == len(entries)
    for entry in entries:
        command, *flags = entry.split()
        assert command in PROJECT["project"]["scripts"]
        assert set(flags) <= options
    assert set(re.findall(r"^ *- id: (\S+)$", README, re.MULTILINE)) <= set(ids)


if __name__ == "__main__":  # `make readme`
    with tempfile.TemporaryDirectory() as name:
        now = OUTPUT.sub(lambda m: f"{m[1]}{m[2]}{printed_for(m[3], Path(name))}```", README)
    (ROOT / "README.md").write_text(now, encoding="utf-8")
