"""The printed forms, fed with findings made by hand."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from ctxlint.findings import Finding, Fix, Step
from ctxlint.intents import Detach, Handoff, Put, Spot
from ctxlint.reports import FORMS, View, renderer, tally
from ctxlint.reports.excerpts import Excerpts, one_line, shown_path
from ctxlint.reports.frame import lay_out
from ctxlint.reports.text import summary

SOURCE = """\
import asyncio


class Store:
    async def save(self, row):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        self._queue.put_nowait(row)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "store.py").write_text(SOURCE)
    return tmp_path


def finding(project: Path, **changes: object) -> Finding:
    path = (project / "app" / "store.py").as_posix()
    values: dict[str, object] = {
        "code": "CTX101",
        "name": "task-inherits-context",
        "message": "`Store._drain` never ends. Start it detached.",
        "path": path,
        "line": 7,
        "column": 26,
        "end_line": 7,
        "end_column": 60,
        "trail": (
            Step(path, 5, 5, "`Store.save` serves a request"),
            Step((project / "app" / "gone.py").as_posix(), 3, 1, "a module that went away"),
        ),
        "fix": Fix("unsafe", "start the worker detached"),
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def printed(form: str, project: Path, *findings: Finding, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", newline="\n")
    renderer(form)(findings, View(project.as_posix(), Excerpts()), stream)
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_print_nothing(form: str, project: Path) -> None:
    text = printed(form, project)
    if form == "sarif":
        assert json.loads(text)["runs"][0]["results"] == []
    elif form == "junit":
        assert 'failures="0"' in text
    elif form == "html":
        assert "No problems found." in text
    else:
        assert text == ("[]\n" if form in ("json", "gitlab") else "")


def test_concise_is_one_line_in_flake8s_shape(project: Path) -> None:
    assert printed("concise", project, finding(project)) == (
        "app/store.py:7:26: CTX101 `Store._drain` never ends. Start it detached.\n"
    )


def test_concise_stays_on_one_line_whatever_the_message_holds(project: Path) -> None:
    text = printed("concise", project, finding(project, message="two\nlines \x1b[31m red"))
    assert text == "app/store.py:7:26: CTX101 two\\nlines \\x1b[31m red\n"


def test_json_has_exactly_the_documented_fields(project: Path) -> None:
    rows = json.loads(printed("json", project, finding(project), finding(project, fix=None)))
    assert rows[0] == {
        "code": "CTX101",
        "name": "task-inherits-context",
        "message": "`Store._drain` never ends. Start it detached.",
        "path": "app/store.py",
        "line": 7,
        "column": 26,
        "end_line": 7,
        "end_column": 60,
        "trail": [
            {
                "path": "app/store.py",
                "line": 5,
                "column": 5,
                "message": "`Store.save` serves a request",
            },
            {"path": "app/gone.py", "line": 3, "column": 1, "message": "a module that went away"},
        ],
        "fix": {
            "applicability": "unsafe",
            "title": "start the worker detached",
            "places": [],
        },
    }
    assert rows[1]["fix"] is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_json_names_every_place_that_a_fix_changes(end: str, encoding: str, project: Path) -> None:
    text = SOURCE.replace("Store", "Größen").replace("\n", end)
    (project / "app" / "store.py").write_bytes(text.encode(encoding))
    path = (project / "app" / "store.py").as_posix()
    put, spawn = (Spot(path, text.index(each)) for each in ("self._queue.put", "asyncio.create"))
    worker = Detach(spot=spawn, form="task")
    intent = Handoff(puts=(Put(spot=put, argument=0),), gets=(), spawns=(worker,))
    rows = json.loads(printed("json", project, finding(project, fix=Fix("unsafe", "t", intent))))
    assert rows[0]["fix"]["places"] == [
        {"path": "app/store.py", "line": 7, "column": 26},
        {"path": "app/store.py", "line": 8, "column": 9},
    ]


def test_json_is_valid_in_any_encoding(project: Path) -> None:
    text = printed("json", project, finding(project, message="`größe` → \udcff"), encoding="ascii")
    assert json.loads(text)[0]["message"] == "`größe` → \udcff"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("start it detached", "start it detached (by hand)"),
        ("start it, by hand: it is awaited", "start it, by hand: it is awaited"),
    ],
)
def test_full_says_once_what_is_left_to_the_reader(title: str, shown: str, project: Path) -> None:
    text = printed("full", project, finding(project, fix=Fix("display", title)))
    assert f"  fix   {shown}\n" in text


def test_full_shows_the_code_and_the_way(project: Path) -> None:
    assert printed("full", project, finding(project)).splitlines() == [
        "app/store.py:7:26 CTX101 task-inherits-context",
        "  `Store._drain` never ends. Start it detached.",
        "",
        "  5 │     async def save(self, row):",
        "  6 │         if self._task is None:",
        "  7 │             self._task = asyncio.create_task(self._drain())",
        "    │                          ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
        "  8 │         self._queue.put_nowait(row)",
        "    │",
        "  1 ● app/store.py:5:5  `Store.save` serves a request",
        "    │   async def save(self, row):",
        "  2 ● app/gone.py:3:1  a module that went away",
        "",
        "  fix   start the worker detached (unsafe)",
        "  help  ctxlint --explain CTX101",
        "",
    ]


def test_full_without_source_or_trail(project: Path) -> None:
    (project / "app" / "store.py").unlink()
    assert printed("full", project, finding(project, trail=(), fix=None)).splitlines() == [
        "app/store.py:7:26 CTX101 task-inherits-context",
        "  `Store._drain` never ends. Start it detached.",
        "",
        "  help  ctxlint --explain CTX101",
        "",
    ]


def test_full_in_ascii(project: Path) -> None:
    text = printed("full", project, finding(project), encoding="ascii")
    assert text.isascii()
    assert "    |                          ^^^^^^^^^^^" in text
    assert "\n  1 * app/store.py:5:5" in text


def test_full_shows_all_of_a_short_spot(project: Path) -> None:
    text = "x = create_task(\n    drain(),\n    name='w',\n)\ny = 1\n"
    (project / "app" / "store.py").write_text(text)
    spot = finding(project, line=1, column=5, end_line=4, end_column=2, trail=(), fix=None)
    lines = printed("full", project, spot).splitlines()
    assert lines[3:9] == [
        " 1 │ x = create_task(",
        "   │     ━━━━━━━━━━━━",
        " 2 │     drain(),",
        " 3 │     name='w',",
        " 4 │ )",
        " 5 │ y = 1",
    ]


def test_full_tells_what_happens_below_the_place_when_beside_is_too_long(project: Path) -> None:
    path = (project / "app" / "store.py").as_posix()
    trail = (Step(path, 5, 5, "one " * 30), Step(path, 8, 9, "two"))
    text = printed("full", project, finding(project, trail=trail))
    after = text[text.index("  1 ● ") :].splitlines()
    assert [line.rstrip() for line in after[:7]] == [
        "  1 ● app/store.py:5:5",
        "    │ " + "one " * 22 + "one",
        "    │ " + "one " * 6 + "one",
        "    │   async def save(self, row):",
        "  2 ● app/store.py:8:9",
        "      two",
        "        self._queue.put_nowait(row)",
    ]


@pytest.mark.parametrize("line", [0, 9, 10_000])
def test_full_survives_a_place_outside_the_file(project: Path, line: int) -> None:
    text = printed("full", project, finding(project, line=line, end_line=line))
    assert "CTX101" in text


def test_full_keeps_a_files_control_characters_from_the_terminal(project: Path) -> None:
    (project / "app" / "store.py").write_text("x = '\x1b[2J\u202e\x07'\n")
    spot = finding(project, line=1, column=1, end_line=1, end_column=2, trail=())
    text = printed("full", project, spot)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "x = '␛[2J�␇'" in text


@pytest.mark.parametrize("width", [20, 40, 80, 300])
def test_no_line_of_code_is_wider_than_the_terminal(
    project: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    long = "x = [" + "'日本語', " * 60 + "create_task(drain()), " + "0, " * 200 + "]"
    (project / "app" / "store.py").write_text(long + "\n")
    start = long.index("create_task") + 1
    spot = finding(project, line=1, column=start, end_line=1, end_column=start + 20, trail=())
    lines = printed("full", project, spot).splitlines()
    frame = [line for line in lines if "│" in line]
    assert all(cell_len(line) <= max(width, 28) for line in frame)
    assert "create_task" in frame[0]


class TestLayOut:
    def test_a_line_that_fits_is_left_alone(self) -> None:
        laid = lay_out("    x = f()", 8, 11, 40)
        assert (laid.text, laid.start, laid.width) == ("    x = f()", 8, 3)

    def test_tabs_become_spaces(self) -> None:
        laid = lay_out("\tx\t= f()", 5, 8, 40)
        assert (laid.text, laid.start, laid.width) == ("    x   = f()", 10, 3)

    def test_wide_characters_take_two_cells(self) -> None:
        laid = lay_out("名 = f('語')", 4, 10, 40)
        assert (laid.start, laid.width) == (5, 6 + 1)

    def test_an_empty_span_is_one_cell(self) -> None:
        assert lay_out("x", 1, 1, 40).width == 1
        assert lay_out("", 5, 9, 40).width == 1

    def test_the_end_of_a_long_line_is_cut(self) -> None:
        laid = lay_out("f() + " + "a" * 100, 0, 3, 20)
        assert laid.text.startswith("f() + a")
        assert laid.text.endswith("…")
        assert len(laid.text) <= 20

    def test_a_span_far_to_the_right_is_brought_into_view(self) -> None:
        line = "a" * 100 + " f() " + "b" * 100
        laid = lay_out(line, 101, 104, 30)
        assert laid.text.startswith("…")
        assert laid.text.endswith("…")
        assert laid.text[laid.start : laid.start + laid.width] == "f()"

    def test_a_span_longer_than_the_line_can_show_is_underlined_as_far_as_it_goes(self) -> None:
        laid = lay_out("f(" + "a" * 100 + ")", 0, 103, 30)
        assert laid.start + laid.width <= len(laid.text)


class TestExcerpts:
    @pytest.mark.parametrize(
        ("data", "number", "line"),
        [
            (b"a\r\nb\rc\n", 2, "b"),
            (b"a\r\nb\rc\n", 3, "c"),
            (b"a\x0cb\n\xe2\x80\xa8c\nd\n", 3, "d"),
            (b"\xef\xbb\xbfx = 1\n", 1, "x = 1"),
            ("# coding: latin-1\nx = 'ö'\n".encode("latin-1"), 2, "x = 'ö'"),
            (b"x = '\xff'\n", 1, "x = '\ufffd'"),
            (b"# coding: nonsense\nx\n", 2, "x"),
            (b"", 2, None),
            (b"a\n", 0, None),
        ],
    )
    def test_lines_are_pythons_lines(
        self, tmp_path: Path, data: bytes, number: int, line: str | None
    ) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(data)
        assert Excerpts().line(path.as_posix(), number) == line

    def test_an_overlay_replaces_the_disk(self, project: Path) -> None:
        path = (project / "app" / "store.py").as_posix()
        assert Excerpts({path: b"other\n"}).line(path, 1) == "other"

    def test_a_missing_file_has_no_lines(self, tmp_path: Path) -> None:
        assert Excerpts().line((tmp_path / "no.py").as_posix(), 1) is None


def test_paths_outside_the_directory_are_relative_too() -> None:
    assert shown_path("/a/b/c.py", "/a/d") == "../b/c.py"
    assert shown_path("/a/b\n.py", "/a") == "b\\n.py"


def test_one_line_leaves_letters_of_all_scripts() -> None:
    assert one_line("größe 日本 a\u00a0b 👩\u200d🚀") == "größe 日本 a\u00a0b 👩\u200d🚀"
    assert one_line("a\tb\x7f\u202e\ud800") == "a\\tb\\x7f\\u202e\\ud800"


def test_statistics_start_with_the_most_frequent(project: Path) -> None:
    queued = finding(project, code="CTX201", name="queued-without-context")
    found = [finding(project)] + [queued] * 10
    stream = io.StringIO()
    tally.render(found, "concise", stream)
    assert stream.getvalue() == (
        "10  CTX201  queued-without-context\n 1  CTX101  task-inherits-context\n"
    )
    stream = io.StringIO()
    tally.render(found, "json", stream)
    assert json.loads(stream.getvalue())[0] == {
        "code": "CTX201",
        "name": "queued-without-context",
        "count": 10,
    }


def test_the_summary_counts(project: Path) -> None:
    assert summary([], 1) == "No problems found in 1 file."
    assert summary([finding(project)], 1200) == "Found 1 problem in 1 file (1,200 files checked)."
    assert summary([finding(project)] * 2, 2) == "Found 2 problems in 1 file (2 files checked)."
