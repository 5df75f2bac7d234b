"""`[tool.ctxlint]`: where it is found, what it may say, and what is said of mistakes."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft7Validator

from ctxlint import settings_schema
from ctxlint.keys import READERS
from ctxlint.lookup import Lookup
from ctxlint.regular import MOST_OF_SETTINGS
from ctxlint.settings import (
    DEFAULT_EXCLUDE,
    EntryPointRow,
    QueueRow,
    Settings,
    SettingsError,
    SpawnerRow,
    show,
)

EVERYTHING = """
[tool.ctxlint]
select = ["CTX1", "CTX201"]
ignore = ["CTX103"]
extend-select = ["CTX900"]
exclude = ["legacy/"]
extend-exclude = ["*_pb2.py"]
force-exclude = true
baseline = "known.json"
per-file-ignores = { "tests/*" = ["CTX1"], 'odd "name".py' = ["CTX201"] }
threads-inherit = "auto"
public-starters = false
spawners = [{ call = "app.tasks.spawn", callee = "work", kind = "thread", detached = true }]
queues = [{ type = "app.bus.Channel", put = ["publish"], get = ["receive", "poll"] }]
entry-points = ["app.handlers.*", { decorator = "app.on" }, { base = "app.H", methods = ["run"] }]
startup-functions = ["app.boot.*"]
detaching-helpers = ["app.tasks.spawn_detached"]
identity-fields = ["tenant_token"]
helpers = { task = "app.tasks.spawn_detached", item = "app.work.Work" }
fix-style = "helpers"
never-carry = ["app.db.session"]
"""


def load(start: Path, **how: Any) -> Settings:
    return Lookup(**how).load(start)


def project(root: Path, table: str) -> Path:
    (root / "pyproject.toml").write_text(table)
    return root


def rejection(root: Path, table: str) -> str:
    """What is said of a table that cannot be used, without the file's name."""
    with pytest.raises(SettingsError) as caught:
        load(project(root, table))
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{root / 'pyproject.toml'}: ")


# reading and writing


def test_every_key(tmp_path: Path) -> None:
    assert load(project(tmp_path, EVERYTHING)) == Settings(
        select=("CTX1", "CTX201"),
        ignore=("CTX103",),
        extend_select=("CTX900",),
        exclude=("legacy/",),
        extend_exclude=("*_pb2.py",),
        force_exclude=True,
        baseline="known.json",
        per_file_ignores={"tests/*": ("CTX1",), 'odd "name".py': ("CTX201",)},
        threads_inherit="auto",
        public_starters=False,
        spawners=(SpawnerRow("app.tasks.spawn", "work", "thread", True),),
        queues=(QueueRow("app.bus.Channel", ("publish",), ("receive", "poll")),),
        entry_points=(
            EntryPointRow(function="app.handlers.*"),
            EntryPointRow(decorator="app.on"),
            EntryPointRow(base="app.H", methods=("run",)),
        ),
        startup_functions=("app.boot.*",),
        detaching_helpers=("app.tasks.spawn_detached",),
        identity_fields=("tenant_token",),
        helpers={"task": "app.tasks.spawn_detached", "item": "app.work.Work"},
        fix_style="helpers",
        never_carry=("app.db.session",),
        root=str(tmp_path),
    )


@pytest.mark.parametrize("table", ["[tool.ctxlint]", EVERYTHING])
def test_what_is_shown_can_be_read_again(tmp_path: Path, table: str) -> None:
    settings = load(project(tmp_path, table))
    shown = show(settings)
    assert load(project(tmp_path, shown)) == settings
    keys = tomllib.loads(shown)["tool"]["ctxlint"].keys()
    assert keys == tomllib.loads(EVERYTHING)["tool"]["ctxlint"].keys()


def test_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, isolated=True)
    assert settings == Settings()
    assert settings.select == ("CTX",)
    assert settings.exclude == DEFAULT_EXCLUDE
    assert settings.threads_inherit is True
    assert settings.public_starters is True
    assert settings.root == ""


# where values come from


def test_a_file_wins_over_the_one_that_it_extends(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/base.toml").write_text('ignore = ["CTX103"]\nthreads-inherit = "auto"\n')
    middle = '[tool.ctxlint]\nextend = "shared/base.toml"\nignore = ["CTX102"]'
    project(tmp_path, middle)
    (tmp_path / "app").mkdir()
    project(
        tmp_path / "app", '[tool.ctxlint]\nextend = "../pyproject.toml"\npublic-starters = false'
    )
    found = Lookup(overrides={"ignore": ("CTX201",)}).found(tmp_path / "app")
    assert found.settings == Settings(
        ignore=("CTX102", "CTX201"),
        threads_inherit="auto",
        public_starters=False,
        root=str(tmp_path / "app"),
    )
    assert found.origins == {
        "ignore": (str(tmp_path / "pyproject.toml"), "--ignore"),
        "threads-inherit": (str(tmp_path / "shared/base.toml"),),
        "public-starters": (str(tmp_path / "app/pyproject.toml"),),
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('extend = "pyproject.toml"', "extend: it leads back to this file"),
        ('extend = "no.toml"', 'extend: there is no file "no.toml" (looked at {}/no.toml)'),
        ("extend = 3", 'extend: expected a file such as "../pyproject.toml", got 3'),
    ],
)
def test_what_cannot_be_extended(tmp_path: Path, line: str, message: str) -> None:
    table = f"[tool.ctxlint]\n{line}\n"
    assert rejection(tmp_path, table) == message.format(tmp_path)


def test_a_file_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, '[tool.ctxlint]\nignore = ["CTX101"]')
    (tmp_path / "lint.toml").write_text('select = ["CTX2"]\n')
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    found = load(tmp_path, config=Path("../lint.toml"))
    assert found == Settings(select=("CTX2",), root=str(tmp_path / "src"))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pyproject.toml", "[tool.black]", "has no [tool.ctxlint]"),
        ("lint.toml", "[tool.black]", "has no [tool.ctxlint]"),
        ("lint.toml", "color = 1", 'unknown key "color"'),
        ("lint.toml", None, "there is no such file"),
    ],
)
def test_a_named_file_that_has_no_settings(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=re.escape(f"{tmp_path / name}: {message}")):
        load(tmp_path, config=tmp_path / name)


def test_origins_are_shown_behind_the_values() -> None:
    shown = show(Settings(ignore=("CTX102",)), {"ignore": "--ignore"})
    assert 'ignore = ["CTX102"]  # --ignore\n' in shown
    assert 'select = ["CTX"]\n' in shown


# the schema


def test_the_schema_is_the_one_that_is_published() -> None:
    published = Path(__file__).parents[1] / "docs/ctxlint.schema.json"
    assert published.read_text() == settings_schema.text(), "run `make schema`"


def test_the_schema_knows_every_key() -> None:
    assert settings_schema.MEANINGS.keys() == READERS.keys()
    assert settings_schema.schema()["properties"].keys() == READERS.keys()


def test_the_schema_takes_what_is_right() -> None:
    table = tomllib.loads(EVERYTHING)["tool"]["ctxlint"]
    jsonschema.validate({"extend": "base.toml", **table}, settings_schema.schema())
    Draft7Validator.check_schema(settings_schema.schema())


@pytest.mark.parametrize(
    "line",
    [
        "color = 1",
        'select = "CTX1"',
        'threads-inherit = "maybe"',
        'fix-style = "mine"',
        'queues = [{ type = "a.B" }]',
        'spawners = [{ call = "a.b", kind = "fiber" }]',
        "entry-points = [3]",
        'helpers = { tasks = "a.b" }',
        "helpers = {}",
        'spawners = [{ call = "a.b", callee = -1 }]',
        'queues = [{ type = "a.B", put = [], get = ["take"] }]',
    ],
)
def test_the_schema_refuses_what_is_wrong(line: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(line), settings_schema.schema())


# which file


def test_the_nearest_table_upwards(tmp_path: Path) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    (inner / "module.py").touch()
    project(tmp_path, '[tool.ctxlint]\nignore = ["CTX101"]')
    project(tmp_path / "a", "[tool.ruff]\nline-length = 100")
    for start in (tmp_path, inner, inner / "module.py", inner / "not-there.py"):
        assert load(start).ignore == ("CTX101",)
        assert load(start).root == str(tmp_path)
    project(inner, '[tool.ctxlint]\nignore = ["CTX102"]')
    assert load(inner).ignore == ("CTX102",)
    assert load(inner, isolated=True).ignore == ()


def test_the_search_ends_with_the_repository(tmp_path: Path) -> None:
    project(tmp_path, '[tool.ctxlint]\nignore = ["CTX101"]')
    (tmp_path / "repo/src").mkdir(parents=True)
    (tmp_path / "repo/.git").mkdir()
    assert load(tmp_path / "repo/src") == Settings()


# flags


@pytest.mark.parametrize(
    ("table", "flags", "on", "off"),
    [
        ("", {}, "CTX101 CTX201 CTX900", ""),
        ("", {"select": ["CTX2"]}, "CTX201", "CTX101 CTX900"),
        ("", {"select": ("CTX101,CTX102", "CTX201")}, "CTX101 CTX102 CTX201", "CTX103"),
        ("", {"ignore": ["CTX1"]}, "CTX201", "CTX101 CTX103"),
        ("", {"ignore": ["CTX1"], "extend_select": ["CTX102"]}, "CTX102", "CTX101"),
        ("", {"select": ["CTX1"], "ignore": ["CTX101"]}, "CTX102", "CTX101 CTX201"),
        ("", {"select": ["CTX101"], "ignore": ["CTX"]}, "CTX101", "CTX102"),
        ("", {"select": ["CTX101"], "ignore": ["CTX101"]}, "", "CTX101"),
        ("", {"select": None, "ignore": None}, "CTX101", ""),
        ('select = ["CTX1"]', {"extend-select": ["CTX201"]}, "CTX101 CTX201", "CTX900"),
        ('select = ["CTX101"]', {"select": ["CTX102"]}, "CTX102", "CTX101"),
        ('ignore = ["CTX101"]', {"ignore": ["CTX102"]}, "CTX103", "CTX101 CTX102"),
        ('ignore = ["CTX101"]', {"select": ["CTX101"]}, "CTX101", "CTX102"),
        ('ignore = ["CTX101"]', {"extend-select": ["CTX1"]}, "CTX101", ""),
        ('select = ["CTX101", "CTX2"]', {"ignore": ["CTX1"]}, "CTX201", "CTX101"),
        # Rules that are off by default: their whole code or ALL selects them, no beginning does.
        ("", {}, "", "CTX105"),
        ("", {"select": ["CTX"]}, "CTX104", "CTX105"),
        ("", {"select": ["CTX1"]}, "CTX104", "CTX105"),
        ("", {"select": ["CTX10"]}, "CTX104", "CTX105"),
        ("", {"select": ["CTX105"]}, "CTX105", "CTX101 CTX104 CTX900"),
        ("", {"extend_select": ["CTX105"]}, "CTX101 CTX105 CTX900", ""),
        ('extend-select = ["CTX105"]', {}, "CTX101 CTX105", ""),
        ('select = ["CTX1", "CTX105"]', {}, "CTX101 CTX105", "CTX201"),
        ("", {"select": ["ALL"]}, "CTX101 CTX105 CTX201 CTX900", ""),
        ("", {"select": ["ALL"], "ignore": ["CTX105"]}, "CTX101", "CTX105"),
        ("", {"select": ["ALL"], "ignore": ["CTX1"]}, "CTX201", "CTX101 CTX105"),
        ("", {"select": ["CTX105"], "ignore": ["CTX1"]}, "CTX105", "CTX101"),
        ("", {"select": ["CTX2"], "ignore": ["ALL"]}, "CTX201", "CTX101 CTX105"),
        ('extend-select = ["CTX105"]', {"ignore": ["CTX1"]}, "CTX201", "CTX105"),
        ('ignore = ["CTX105"]', {"extend-select": ["CTX105"]}, "CTX105", ""),
        ('ignore = ["ALL"]', {"extend-select": ["CTX201"]}, "CTX201", "CTX101"),
    ],
)
def test_selection(tmp_path: Path, table: str, flags: dict[str, object], on: str, off: str) -> None:
    settings = load(project(tmp_path, f"[tool.ctxlint]\n{table}"), overrides=flags)
    assert [code for code in on.split() if not settings.enabled(code)] == []
    assert [code for code in off.split() if settings.enabled(code)] == []


def test_flags_win(tmp_path: Path) -> None:
    project(tmp_path, "[tool.ctxlint]\npublic-starters = false\nthreads-inherit = false")
    flags = {"public-starters": True, "threads_inherit": "auto"}
    settings = load(tmp_path, overrides=flags)
    assert settings.public_starters is True
    assert settings.threads_inherit == "auto"


def test_a_flag_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r'^select: unknown code "CTX999", did you mean'):
        load(tmp_path, overrides={"select": ["CTX999"]})


# per-file-ignores


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("tests/*", "tests/test_a.py", True),
        ("tests/*", "tests/deep/test_a.py", True),
        ("tests/*", "src/tests/a.py", False),
        ("tests/", "src/tests/a.py", True),
        ("test_*.py", "src/deep/test_a.py", True),
        ("test_*.py", "src/attest_a.py", False),
        ("src/**/gen.py", "src/a/b/gen.py", True),
        ("/a.py", "a.py", True),
        ("/a.py", "src/a.py", False),
        ("!src/", "src/a.py", False),
        ("!src/", "tools/a.py", True),
        ("a.py", "../outside/a.py", True),
        ("outside/a.py", "../outside/a.py", False),
    ],
)
def test_per_file_ignores(tmp_path: Path, pattern: str, path: str, ignored: bool) -> None:
    root = tmp_path / "project"
    root.mkdir()
    project(root, f'[tool.ctxlint.per-file-ignores]\n"{pattern}" = ["CTX1"]')
    found = load(root).ignored_in((root / path).resolve())
    assert found == (frozenset({"CTX1"}) if ignored else frozenset())


def test_per_file_ignores_add_up(tmp_path: Path) -> None:
    rows = '"*.py" = ["CTX1"]\n"a*" = ["CTX201", "CTX1"]'
    settings = load(project(tmp_path, f"[tool.ctxlint.per-file-ignores]\n{rows}"))
    assert settings.ignored_in(tmp_path / "a.py") == {"CTX1", "CTX201"}


# mistakes


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("selct = []", 'unknown key "selct", did you mean "select"?'),
        ("extend_select = []", 'unknown key "extend_select", did you mean "extend-select"?'),
        ("qqq = 1", 'unknown key "qqq"'),
        ('select = ["CTX109"]', 'select: unknown code "CTX109", did you mean "CTX10'),
        ('select = ["ctx101"]', 'select: unknown code "ctx101", did you mean "CTX101"?'),
        ('select = ["task-inherits-context"]', 'did you mean "CTX101"?'),
        ('ignore = ["E501"]', 'ignore: unknown code "E501"'),
        ('extend-select = ["CTX8"]', 'extend-select: unknown code "CTX8"'),
        ('select = "CTX1"', 'select: expected a list of strings such as ["..."], got "CTX1"'),
        ("ignore = [1]", "ignore: expected a list of strings"),
        ("exclude = true", "exclude: expected a list of strings"),
        ('exclude = ["!"]', 'exclude: "!" is no path pattern'),
        ('exclude = ["[z-a]"]', 'exclude: "[z-a]" is no path pattern: bad character range'),
        ('select = ["ctx1"]', 'select: unknown code "ctx1", did you mean "CTX1"?'),
        ("per-file-ignores = []", "per-file-ignores: expected a table such as"),
        ('per-file-ignores = {"a" = ["X"]}', 'per-file-ignores: "a": unknown code "X"'),
        ('per-file-ignores = {"a" = "CTX1"}', 'per-file-ignores: "a": expected a list'),
        ('threads-inherit = "always"', 'expected true, false or "auto", got "always"'),
        ("baseline = 3", 'baseline: expected a file such as "ctxlint-baseline.json", got 3'),
        ("public-starters = 1", "public-starters: expected true or false, got 1"),
        ("identity-fields = [1]", "identity-fields: row 1: expected a string"),
        ('identity-fields = ["a b"]', 'identity-fields: row 1: "a b" is not an identifier'),
        ('startup-functions = ["a b"]', 'startup-functions: row 1: "a b" is not a dotted name'),
        ('detaching-helpers = ["a.b.*"]', 'detaching-helpers: row 1: "a.b.*" is not a dotted name'),
        ('fix-style = "std"', 'expected "auto", "helpers" or "stdlib", got "std"'),
        ('never-carry = ["a.*"]', '"a.*" is not a dotted name such as "myapp.tasks.spawn"'),
        ('never-carry = ["session"]', 'never-carry: row 1: "session" is not a dotted name'),
        ("helpers = 1", "helpers: expected a module such as"),
        ("helpers = {}", "helpers: expected a module such as"),
        ('helpers = "app/detached.py"', 'helpers: "app/detached.py" is not a module such as'),
        ('helpers = { tsk = "a.b" }', 'helpers: unknown key "tsk", did you mean "task"?'),
        ("helpers = { task = 1 }", "helpers: task must be a dotted name, got 1"),
        ('helpers = { task = "spawn" }', 'helpers: task: "spawn" is not a dotted name'),
        (
            'detaching-helpers = ["a.b", "c.d:e"]',
            'row 2: "c.d:e" is not a dotted name such as "c.d.e"',
        ),
    ],
)
def test_mistakes(tmp_path: Path, line: str, message: str) -> None:
    assert message in rejection(tmp_path, f"[tool.ctxlint]\n{line}")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('spawners = { call = "a.b" }', "spawners: expected a list such as [{ call ="),
        ('spawners = ["a.b"]', "spawners: row 1: expected a table such as { call ="),
        ("spawners = [{}]", "spawners: row 1: lacks call; a row looks like { call ="),
        ('spawners = [{ call = "spawn" }]', 'call: "spawn" is not a dotted name such as'),
        ('spawners = [{ call = 1 }]', "row 1: call must be a dotted name, got 1"),
        ('spawners = [{ call = "a.b", kind = "taks" }]', 'got "taks", did you mean "task"?'),
        ('spawners = [{ call = "a.b", callee = -1 }]', "callee = -1: positions count from 0"),
        ('spawners = [{ call = "a.b", callee = "x y" }]', "neither a position nor a keyword"),
        ('spawners = [{ call = "a.b", callee = true }]', "callee must be a position"),
        ('spawners = [{ call = "a.b", detached = 1 }]', "detached must be true or false, got 1"),
        ('spawners = [{ call = "a.b" }, { cal = "a.b" }]', 'row 2: unknown key "cal", did you'),
        ('queues = [{ type = "a.Q", put = ["p"] }]', "queues: row 1: lacks get"),
        ('queues = [{ type = "a.Q", put = [], get = ["g"] }]', "put is empty: name at least"),
        ('queues = [{ type = "a.Q", put = "p", get = ["g"] }]', "put must be a list of method"),
        ('queues = [{ type = "a.Q", put = ["p()"], get = ["g"] }]', 'put: "p()" is not an ident'),
        ("entry-points = [1]", "entry-points: row 1: expected a table"),
        ("entry-points = [{}]", "needs exactly one of function, decorator and base, has none"),
        ('entry-points = [{ function = "a.b", base = "a.C" }]', "has function and base"),
        ('entry-points = [{ base = "a.C" }]', "methods is empty"),
        ('entry-points = [{ decorator = "a.b", methods = ["m"] }]', "methods belongs to base"),
        ('entry-points = [{ decorator = "a.*" }]', 'decorator: "a.*" is not a dotted name'),
        ('entry-points = ["a..b"]', '"a..b" is not a dotted name or pattern'),
    ],
)  # fmt: skip
def test_rows_that_make_no_sense(tmp_path: Path, row: str, message: str) -> None:
    assert message in rejection(tmp_path, f"[tool.ctxlint]\n{row}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[tool.ctxlint]\nselect = [", "not valid TOML: "),
        (b"[project\n", "(at line 1, column 9)"),
        (b"name = '\xff'", "not UTF-8 at byte 8"),
        (b"a = " + b"[" * 5000, "not valid TOML: "),
        (b"[tool]\nctxlint = 1", "tool.ctxlint must be a table, got 1"),
    ],
)
def test_broken_files(tmp_path: Path, text: bytes, message: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(text)
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\nruff = 1", ""])
def test_files_that_say_nothing_of_us(tmp_path: Path, text: str) -> None:
    assert load(project(tmp_path, text)) == Settings()


def test_a_pyproject_that_is_far_too_long(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"#" * (MOST_OF_SETTINGS + 1))
    with pytest.raises(SettingsError, match=r"pyproject.toml: cannot be read: longer than \d+ MB"):
        load(tmp_path)


def test_a_pyproject_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(SettingsError, match=r"pyproject.toml: cannot be read: "):
        load(tmp_path)


def test_importing_is_cheap() -> None:
    script = "import sys, ctxlint.settings; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert not {"libcst", "rich", "click", "pathspec", "asyncio"} & set(run.stdout.split())
