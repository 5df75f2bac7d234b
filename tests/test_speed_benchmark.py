"""benchmarks/speed.py counts, compares and prints what it says. Nothing is installed here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))  # scripts that import each other, not a package

import speed  # noqa: E402
from corpus_files import CorpusError  # noqa: E402
from peers import environments, measuring, table, targets, tools, trees  # noqa: E402
from peers.processes import Run, run  # noqa: E402

KINDS = {kind.key: kind for kind in tools.kinds()}


def result(key: str, *seconds: float, cut: bool = False, problem: str = "") -> measuring.Result:
    runs = [Run(each, 30.0, "0.5\n", cut=cut) for each in seconds]
    return measuring.Result(KINDS[key], runs, problem)


def judged(words: str, *results: measuring.Result) -> targets.Verdict:
    [target] = [each for each in targets.TARGETS if each.words == words]
    verdict = targets.judge(target, {each.kind.key: each for each in results})
    assert verdict is not None
    return verdict


def test_a_process_is_timed_and_weighed() -> None:
    one = run([sys.executable, "-c", "print(input())"], "hello\n")
    assert one.output.strip() == "hello"
    assert one.seconds > 0
    assert one.memory > 1  # it begins as a copy of this process, however large that is
    assert not one.cut


def test_a_failing_process_is_no_measurement() -> None:
    failing = [sys.executable, "-c", "import sys; sys.exit('what went wrong')"]
    with pytest.raises(CorpusError, match="exit status 1: what went wrong"):
        run(failing)
    assert run(failing, statuses=frozenset({0, 1})).errors == "what went wrong\n"


def test_a_process_that_takes_too_long_is_ended() -> None:
    one = run([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.5)
    assert one.cut
    assert one.seconds < 30


def test_nothing_of_the_callers_python_reaches_a_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    asks = "import sys; print(sys.dont_write_bytecode)"
    assert run([sys.executable, "-c", asks]).output == "False\n"


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trees.Trees:
    release = tmp_path / "release"
    release.mkdir()
    for name in ("a.py", "b.py", "template.py"):
        (release / name).write_text("x = 1")
    (release / "templates").mkdir()
    (release / "templates" / "pyproject.toml").write_text("{{name}}")
    parsable = ["a.py", "b.py"]
    monkeypatch.setattr(trees, "_parsable", lambda release, cache: parsable)
    return trees.Trees(release, tmp_path / "home", tmp_path)


def test_each_run_edits_another_file_of_the_copy_and_none_of_the_release(
    copies: trees.Trees, tmp_path: Path
) -> None:
    edited = copies.tree("edited")
    copies.edit("edited")
    first = {name for name in ("a.py", "b.py") if "edited" in (edited / name).read_text()}
    copies.edit("edited")
    assert len(first) == 1
    for name in ("a.py", "b.py"):
        compile((edited / name).read_text(), name, "exec")
        assert "edited" in (edited / name).read_text()
        assert (tmp_path / "release" / name).read_text() == "x = 1"
    assert (edited / "template.py").read_text() == "x = 1"
    copies.edit("another")
    assert {name for name in first if "edited" in (copies.tree("another") / name).read_text()}
    assert (copies.files, copies.parsable) == (3, ["a.py", "b.py"])


def test_what_was_fixed_is_as_released_again_and_nothing_is_kept(copies: trees.Trees) -> None:
    fixed = copies.tree("fixed")
    (fixed / "a.py").write_text("fixed = 1")
    (fixed / trees.CACHE_NAME).mkdir()
    copies.restore("fixed")
    assert (fixed / "a.py").read_text() == "x = 1"
    assert not (fixed / trees.CACHE_NAME).exists()


def test_a_copy_is_one_project_whatever_is_shipped_in_it(copies: trees.Trees) -> None:
    plain = copies.tree("plain")
    assert list(plain.rglob("pyproject.toml")) == [plain / "pyproject.toml"]


def test_a_slow_kind_is_run_less_often() -> None:
    effort = measuring.Effort(runs=5, slow_runs=2, slow=60, limit=100)
    assert not effort.enough(result("flake8", 59, 61, 61, 61))
    assert effort.enough(result("flake8", 59, 59, 59, 59, 59))
    assert not effort.enough(result("flake8", 61))
    assert effort.enough(result("flake8", 61, 61))
    assert effort.enough(result("flake8", 100, cut=True))
    assert effort.enough(result("flake8", problem="it could not be installed"))


TIMES = [target for target in targets.TARGETS if target.unit == "x"]
COLD = "ctxlint cold, 2 jobs / libcst.parse_module of all files"
FIXIT = "Fixit / ctxlint cold, 2 jobs, one rule each"


def test_targets_compare_medians() -> None:
    libcst = result("libcst", 10, 10, 99)
    assert judged(COLD, result("ctxlint cold 2", 1, 2, 9), libcst).met
    verdict = judged(COLD, result("ctxlint cold 2", 1, 2.1, 2.1), libcst)
    assert verdict.met is False
    assert verdict.value == pytest.approx(0.21)


def test_a_figure_that_is_missing_meets_and_misses_nothing() -> None:
    cold = result("ctxlint cold 2", 1)
    for libcst in (result("libcst"), result("libcst", 10, problem="failed")):
        verdict = judged(COLD, cold, libcst)
        assert verdict.value is None
        assert verdict.met is None


def test_what_nobody_asked_to_measure_is_not_judged() -> None:
    cold = result("ctxlint cold 2", 1)
    assert not any(targets.judge(each, {"ctxlint cold 2": cold}) for each in TIMES)


def test_what_was_ended_is_at_least_as_slow_as_that() -> None:
    one = result("ctxlint one 2", 1)
    assert judged(FIXIT, one, result("fixit", 11, cut=True)).met
    assert judged(FIXIT, one, result("fixit", 9, cut=True)).met is None
    assert judged(FIXIT, one, result("fixit", 9)).met is False
    cold = result("ctxlint cold 2", 1)
    assert judged(COLD, cold, result("libcst", 100, cut=True)).value is None


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda target: target.words)
def test_every_target_asks_for_what_is_measured(target: targets.Target) -> None:
    results = {key: result(key, 1.0) for key in KINDS}
    assert (verdict := targets.judge(target, results))
    assert verdict.value is not None
    assert target.packages <= set(speed.RELEASES)


def measured() -> table.Measured:
    results = [
        result("libcst", 10.0, 12.0, 11.0),
        result("ctxlint cold 2", 2.2),
        result("ctxlint fix 2", 3.0),
        result("fixit", 60.0, cut=True),
        result("semgrep", problem="semgrep could not be installed: no wheel"),
    ]
    by_key = {each.kind.key: each for each in results}
    judged = (targets.judge(each, by_key) for each in targets.TARGETS)
    verdicts = [verdict for verdict in judged if verdict]
    return table.Measured("p 1", 7, 2, results, verdicts, ["A note."])


def test_the_table_shows_medians_spans_and_what_is_missing() -> None:
    lines = table.text(measured()).splitlines()
    [libcst] = [line.split() for line in lines if line.strip().startswith("libcst.parse_module")]
    assert libcst[-6:] == ["1", "11.000", "10.00-12.00", "1.000", "30", "3"]
    [ended] = [line for line in lines if line.strip().startswith("Fixit, one rule") and ">" in line]
    assert "> 60" in ended
    assert any(line.split()[-6:] == "0.2 x at most 0.2 pass".split() for line in lines)
    assert any(line.endswith("could not be installed: no wheel") for line in lines)
    assert not any("`" in line for line in lines)


def test_markdown_has_as_many_cells_in_every_row() -> None:
    lines = table.markdown(measured()).splitlines()
    widths = {line.count("|") for line in lines if line.startswith("|")}
    assert widths == {len(table.HEADER) + 1, len(table.TARGET_HEADER) + 1}
    assert any("`--fix`" in line for line in lines)


def test_an_environment_with_ctxlint_is_made_anew_for_another_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def install(environment: environments.Environment, command: list[str]) -> None:
        done.append(environment.name)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)

    (tmp_path / "src").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(environments, "_do", install)
    monkeypatch.setattr(environments, "CHECKOUT", tmp_path)
    both = (environments.RUFF, environments.CTXLINT)
    for environment in both * 2:
        environments.programs(environment, tmp_path / "cache")
    assert done == ["ruff"] * 2 + ["ctxlint"] * 3  # the environment, what it needs, ctxlint
    (tmp_path / "src" / "new.py").write_text("")
    done.clear()
    for environment in both:
        environments.programs(environment, tmp_path / "cache")
    assert done == ["ctxlint"] * 3


def test_a_tool_that_cannot_be_installed_keeps_its_line_and_the_others_are_run(
    copies: trees.Trees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def programs(environment: environments.Environment, cache: Path) -> Path:
        if environment == environments.SEMGREP:
            raise CorpusError("semgrep could not be installed: no wheel")
        return Path(sys.executable).parent

    monkeypatch.setattr(measuring, "programs", programs)
    effort = measuring.Effort(runs=2, slow_runs=1, slow=60, limit=100)
    wanted = [KINDS["semgrep"], KINDS["ast"]]
    missing, parsing = measuring.measure(wanted, copies, tmp_path, effort)
    assert missing.problem == "semgrep could not be installed: no wheel"
    assert not missing.measured
    assert len(parsing.runs) == 2
    assert 0 <= parsing.loop < parsing.seconds
