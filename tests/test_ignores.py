"""Plain patterns of ignore files mean what pathspec, which reads the others, takes them to mean."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ctxlint import ignores
from ctxlint.ignores import Patterns

PLAIN = [
    *("build", "build/", "/site", "!keep", "!/x/", "docs/_build/", "/a/b", "a/b.c"),
    *("*.pyc", "*.py[cod]", "foo*", ".*", "*$py.class", ".coverage.*", "*.egg-info/", "/*.log"),
    *("pip-log.txt", "x~", "a+b@c", "x ", "a/*.b/c*d"),
]
OTHERS = [
    *("*", "/*", "a/*/b", "**/x", "x/**", "a**b", "[!a]b", "[a-z]", "[z-a]", "a?", "a b", r"a\ "),
    *("{x}", r"\#x", "é", "/", "!", "!!x", "//x", "a//b", "[", "a]", "[]a]", "-"),
]


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("pattern", PLAIN)
def test_a_plain_pattern_is_what_pathspec_makes_of_it(pattern: str, end: str) -> None:
    assert ignores._PLAIN.fullmatch(pattern + end)
    assert ignores._rules(pattern + end) == ignores._rules_of_pathspec(pattern + end)


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("pattern", OTHERS)
def test_any_other_pattern_is_too(pattern: str, end: str) -> None:
    with ignores.unwarned():
        assert ignores._rules(pattern + end) == ignores._rules_of_pathspec(pattern + end)


@pytest.mark.parametrize("line", ["", "   ", "\n", "# build/\n"])
def test_a_line_without_a_pattern_says_nothing(line: str) -> None:
    assert ignores._rules(line) == ignores._rules_of_pathspec(line) == []


@pytest.mark.parametrize(
    ("path", "excluded"),
    [
        ("/project/build/a.py", True),
        ("/project/x/build/a.py", True),
        ("/project/x/a.py", False),
        ("/other/build/a.py", False),
    ],
)
def test_a_file_in_an_ignored_directory_is_excluded(path: str, excluded: bool) -> None:
    assert Patterns.parse("/project/", ["build/\n"]).excludes(path) == excluded


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 12 + "*b", "?" + "*a" * 12 + "*b", "*[ab]" * 12 + "x?", "x/*a" + "*a" * 11 + "*b"],
)
def test_many_stars_take_no_time_on_a_name_made_for_them(pattern: str) -> None:
    patterns = Patterns.parse("/r", [pattern])
    begun = time.process_time()
    assert not patterns.verdict("/r/" + "a" * 250)
    assert not patterns.verdict("/r/x/" + "a" * 250)
    assert time.process_time() - begun < 1  # and hours, if each star was tried at each place


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*ab*b", "aabab", True),
        ("*ab*b", "aaba", False),
        ("*a*a", "aa", True),
        ("*a*a", "a", False),
        ("a**b*c", "aXbYc", True),
        ("*[ab]?*c", "xbbc", True),
        ("*[ab]?*c", "xbc", False),
        ("*[!a]*a", "ba", True),
        ("*[!a]*a", "aa", False),
    ],
)
def test_several_stars(pattern: str, name: str, fits: bool) -> None:
    assert bool(Patterns.parse("/r", [pattern]).verdict(f"/r/{name}")) is fits


def test_a_file_of_patterns_without_end_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".gitignore"
    path.write_text("store.py\n")
    assert Patterns.read(str(tmp_path), str(path)) is not None
    path.write_text("store.py\n" * 200_000)
    assert Patterns.read(str(tmp_path), str(path)) is None
