"""The label files parse, and scoring counts what it says it counts. Nothing here is downloaded."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))  # scripts that import each other, not a package

import accuracy  # noqa: E402
import corpus_files  # noqa: E402
import history  # noqa: E402
import scoring  # noqa: E402

LABEL_FILES = sorted((BENCHMARKS / "corpus").glob("*.tsv"))
CODES = accuracy.DEFAULT_CODES


def label(
    line: int, verdict: str = "leak", word: str = "TASK", path: str = "a.py"
) -> scoring.Label:
    return scoring.Label("p", "1", path, line, word, verdict, "because")


def finding(line: int, code: str = "CTX101", path: str = "a.py") -> scoring.Reported:
    return scoring.Reported(code, path, line, "message")


@pytest.mark.parametrize("path", LABEL_FILES, ids=lambda path: path.stem)
def test_label_files_parse_and_are_named_for_their_release(path: Path) -> None:
    labels = scoring.read_labels(path)
    assert path.stem == f"{labels[0].package}-{labels[0].version}"


def test_the_first_set_is_there() -> None:
    stems = {path.stem for path in LABEL_FILES}
    assert stems > accuracy.FIRST_SET


@pytest.mark.parametrize("word", ["TASK", "THREAD", "TIMER", "PUT"])
def test_every_rule_has_at_least_ten_leaks(word: str) -> None:
    labels = [label for path in LABEL_FILES for label in scoring.read_labels(path)]
    assert sum(one.label == word and one.verdict == "leak" for one in labels) >= 10


HEADER = "package\tversion\tpath\tline\tcode\tverdict\treason\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("package\tversion\n", "header"),
        (HEADER, "no rows"),
        (HEADER + "p\t1\ta.py\t3\tTASK\tleak\n", ":2: 6 columns"),
        (HEADER + "p\t1\ta.py\t3\tTASKS\tleak\twhy\n", "'TASKS'"),
        (HEADER + "p\t1\ta.py\t3\tTASK\tleaks\twhy\n", "'leaks'"),
        (HEADER + "p\t1\ta.py\t0\tTASK\tleak\twhy\n", "'0'"),
        (HEADER + "p\t1\ta.py\t3\tTASK\tleak\t \n", "reason"),
        (HEADER + "p\t1\ta.py\t3\tTASK\tleak\twhy\n" * 2, "twice"),
        (HEADER + "p\t1\ta.py\t3\tTASK\tleak\twhy\nq\t1\ta.py\t4\tTASK\tleak\twhy\n", "release"),
    ],
)
def test_a_label_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "p-1.tsv"
    path.write_text(text)
    with pytest.raises(scoring.LabelError, match=says):
        scoring.read_labels(path)


def test_quotes_in_a_reason_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "p-1.tsv"
    path.write_text(HEADER + 'p\t1\ta.py\t3\tTASK\tleak\t"why" not\n')
    assert scoring.read_labels(path)[0].reason == '"why" not'


SCOPED = "# codes: CTX301 CTX401\n# only: a/b.py\n# only: c\n" + HEADER


def test_a_label_file_says_what_it_was_read_for(tmp_path: Path) -> None:
    path = tmp_path / "p-1.tsv"
    path.write_text(SCOPED + "p\t1\tc/d.py\t3\tLOST\tleak\twhy\n")
    file = scoring.read_label_file(path)
    assert [one.line for one in file.labels] == [3]
    assert file.covers("CTX401", "a/b.py")
    assert file.covers("CTX301", "c/d.py")
    assert not file.covers("CTX302", "a/b.py")
    assert not file.covers("CTX301", "a/b.pyi")
    assert not file.covers("CTX301", "cc/d.py")


def test_a_label_file_that_says_nothing_was_read_for_the_first_eight_labels(tmp_path: Path) -> None:
    path = tmp_path / "p-1.tsv"
    path.write_text(HEADER + "p\t1\ta.py\t3\tTASK\tleak\twhy\n")
    file = scoring.read_label_file(path)
    assert file.covers("CTX101", "a.py")
    assert file.covers("CTX401", "z.py")
    assert not file.covers("CTX304", "a.py")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SCOPED + "p\t1\ta/b.py\t3\tTASK\tleak\twhy\n", "not to be read"),
        (SCOPED + "p\t1\tx.py\t3\tLOST\tleak\twhy\n", "not to be read"),
        ("# codes: CTX999\n" + HEADER, ":1: .*neither"),
        ("# only: a\n# onyl: b\n" + HEADER, ":2: .*neither"),
        ("# only: a\n", ":2: the header"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "p-1.tsv"
    path.write_text(text)
    with pytest.raises(scoring.LabelError, match=says):
        scoring.read_label_file(path)


def test_a_release_is_scored_only_for_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p-1.tsv"
    path.write_text(SCOPED + "p\t1\tc/d.py\t3\tLOST\tleak\twhy\n")
    found = [
        finding(3, "CTX301", "c/d.py"),
        finding(9, "CTX301", "x.py"),
        finding(9, "CTX401", "c"),
    ]
    monkeypatch.setattr(accuracy, "release_directory", lambda *_: tmp_path)
    monkeypatch.setattr(accuracy, "run_ctxlint", lambda _: found)
    result = accuracy.measure(path, tmp_path, ["CTX301", "CTX302", "CTX401"])
    assert result is not None
    assert (len(result.found), [one.finding.path for one in result.false_alarms]) == (1, ["c"])
    assert accuracy.measure(path, tmp_path, ["CTX101"]) is None


def test_leaks_are_found_or_missed() -> None:
    result = scoring.score([label(10), label(20)], [finding(12)], CODES)
    assert [one.line for one in result.found] == [10]
    assert [one.line for one in result.missed] == [20]
    assert (result.recall, result.precision) == (0.5, 1.0)


def test_a_finding_three_lines_off_is_a_miss_and_a_false_alarm() -> None:
    result = scoring.score([label(10)], [finding(13)], CODES)
    assert (len(result.missed), len(result.false_alarms)) == (1, 1)


@pytest.mark.parametrize("other", [finding(10, "CTX102"), finding(10, path="b.py")])
def test_another_rule_or_file_does_not_match(other: scoring.Reported) -> None:
    result = scoring.score([label(10)], [other], CODES)
    assert (len(result.missed), len(result.false_alarms)) == (1, 1)


def test_clean_rows_and_unlabelled_findings_are_false_alarms_and_either_is_not_scored() -> None:
    labels = [label(10, "clean"), label(20, "either"), label(30, "either")]
    result = scoring.score(labels, [finding(10), finding(20), finding(40)], CODES)
    assert [alarm.label and alarm.label.line for alarm in result.false_alarms] == [10, None]
    assert len(result.unscored) == 2
    assert (result.recall, result.precision) == (None, 0.0)


def test_matching_is_one_to_one_and_nearest_first() -> None:
    labels = [label(10), label(11, "clean"), label(12)]
    result = scoring.score(labels, [finding(10), finding(12)], CODES)
    assert (len(result.found), len(result.false_alarms)) == (2, 0)
    twice = scoring.score([label(10)], [finding(10), finding(11)], CODES)
    assert (len(twice.found), len(twice.false_alarms)) == (1, 1)


def test_only_the_codes_asked_for_take_part_and_scores_add_up() -> None:
    labels = [label(10), label(20, word="THREAD"), label(30, word="LOST")]
    findings = [finding(10), finding(50, "CTX102"), finding(60, "CTX301")]
    result = scoring.score(labels, findings, CODES) + scoring.Score()
    assert (result.leaks, len(result.false_alarms)) == (2, 1)
    threads = result.only("CTX102")
    assert (threads.recall, len(threads.false_alarms)) == (0.0, 1)


def test_the_target() -> None:
    two = scoring.Score(missed=[label(1), label(2)])
    assert accuracy.meets_target(two)
    assert not accuracy.meets_target(two + scoring.Score(missed=[label(3)]))


def test_label_files_are_chosen_by_package_or_release() -> None:
    both = accuracy.label_files(["lightrag_hku"])
    assert [path.stem for path in both] == ["lightrag-hku-1.5.3", "lightrag-hku-1.5.7"]
    assert accuracy.label_files(["lightrag-hku-1.5.7"]) == both[1:]
    with pytest.raises(corpus_files.CorpusError, match="nothing-like-it"):
        accuracy.label_files(["nothing-like-it"])


def test_releases_are_unpacked_from_the_cache(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / "wheels" / "Some_Thing-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("some_thing/module.py", "")
    directory = corpus_files.release_directory("some-thing", "1.0", tmp_path)
    assert [path.name for path in corpus_files.python_files(directory)] == ["module.py"]
    assert corpus_files.release_directory("some-thing", "1.0", tmp_path) == directory


def test_a_cache_inside_a_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(corpus_files.CorpusError, match="repository"):
        corpus_files.check_cache(tmp_path / "cache")


def test_accuracy_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    rows = ["p\t1\tp/a.py\t3\tTASK\tleak\twhy", "p\t1\tp/a.py\t9\tPUT\tleak\twhy not"]
    (corpus / "p-1.tsv").write_text(HEADER + "\n".join(rows) + "\n")
    (tmp_path / "cache" / "p-1").mkdir(parents=True)
    monkeypatch.setattr(accuracy, "CORPUS", corpus)
    found = [finding(3, path="p/a.py"), finding(7, path="p/a.py")]
    monkeypatch.setattr(accuracy, "run_ctxlint", lambda directory: found)
    assert accuracy.main(["--cache", str(tmp_path / "cache")]) == 0
    printed = capsys.readouterr().out
    assert "MISSED       p/a.py:9 CTX201 why not" in printed
    assert "FALSE ALARM  p/a.py:7 CTX101 no label: message" in printed
    assert "recall  50.0%  precision  50.0%" in printed


def test_a_failing_run_is_not_a_clean_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], 2, b"", b"first\nwhat went wrong\n")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(corpus_files.CorpusError, match="exit status 2: what went wrong"):
        accuracy.run_ctxlint(tmp_path)


REPAIR = history.Repair("p", "1", "2", ("CTX101",))


def test_a_repair_is_found_before_and_silent_after() -> None:
    before = [label(10), label(20, "either"), label(30, path="b.py")]
    after = [label(12, "clean"), label(31, path="b.py")]
    outcome = history.compare(REPAIR, before, [finding(10)], after, [finding(31, path="b.py")])
    assert [row.line for row in outcome.found] == [10]
    assert [row.line for row in outcome.unrepaired] == [31]  # found or not, it was not repaired
    assert outcome.holds
    assert outcome.doubtful == []  # nobody says that the doubtful one was repaired


def test_a_repair_that_is_missed_or_still_reported_does_not_hold() -> None:
    missed = history.compare(REPAIR, [label(10)], [], [label(10, "clean")], [])
    assert [row.line for row in missed.missed] == [10]
    assert not missed.holds
    still = history.compare(REPAIR, [label(10)], [finding(10)], [], [finding(10)])
    assert [alarm.finding.line for alarm in still.still_reported] == [10]
    assert not still.holds


def test_repairs_name_releases_that_have_labels() -> None:
    for repair in history.REPAIRS:
        for version in (repair.before, repair.after):
            file = scoring.read_label_file(corpus_files.CORPUS / f"{repair.package}-{version}.tsv")
            assert set(repair.codes) <= file.codes
