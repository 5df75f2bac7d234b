"""Plain patterns of ignore files mean what pathspec, which reads the others, takes them to mean."""

from __future__ import annotations

import pytest

from ctxlint import ignores

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
    assert ignores.Patterns.parse("/project/", ["build/\n"]).excludes(path) == excluded
