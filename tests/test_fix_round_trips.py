"""However a file is written, a fix leaves it as it was but for the edit.

Each disguise turns a source into another way of writing it. Fixing a disguised file has to give the
disguised fixed one, byte for byte.
"""

import difflib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
# As fixtures/ruff.toml has it, which takes the length of lines from this project.
STYLE = """
line-length = 100
[lint.isort]
known-third-party = ["ctxlint"]
"""
PROGRAMS = Path(__file__).with_name("fix_programs")

Disguise = Callable[[bytes], bytes]


def crlf(source: bytes) -> bytes:
    return source.replace(b"\n", b"\r\n")


def old_mac(source: bytes) -> bytes:
    return source.replace(b"\n", b"\r")


def byte_order_mark(source: bytes) -> bytes:
    return b"\xef\xbb\xbf" + source


def latin_1(source: bytes) -> bytes:
    """Bytes that are no UTF-8, before and behind everything that is edited."""
    return b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + source + b"\nEND = '\xe4\xf6\xfc'\n"


def many_bytes(source: bytes) -> bytes:
    """Characters of two, three and four bytes: offsets in bytes, characters and UTF-16 differ."""
    return "# é 名 😀\nÉTÉ = '名😀'\n".encode() + source.replace(b'"""', '"""名😀 '.encode(), 1)


def tabs(source: bytes) -> bytes:
    return re.sub(rb"^(    )+", lambda m: b"\t" * (len(m[0]) // 4), source, flags=re.MULTILINE)


def two_spaces(source: bytes) -> bytes:
    return re.sub(rb"^(    )+", lambda m: b"  " * (len(m[0]) // 4), source, flags=re.MULTILINE)


def form_feeds(source: bytes) -> bytes:
    return re.sub(rb"^(?=(async )?def |class |@)", b"\x0c\n", source, flags=re.MULTILINE)


def form_feeds_in_lines(source: bytes) -> bytes:
    return re.sub(rb"^(?=(async )?def |class |@)", b"\x0c", source, flags=re.MULTILINE)


def no_final_newline(source: bytes) -> bytes:
    return source.rstrip(b"\n")


def many_final_newlines(source: bytes) -> bytes:
    return source + b"\n\n    \n# the end\n\n"


def blank_lines_with_spaces(source: bytes) -> bytes:
    """Blank lines between statements; among imports a fix adds some of its own."""
    begin = re.search(rb"^(class |def |async def )", source, re.MULTILINE)
    at = begin.start() if begin else len(source)
    return source[:at] + re.sub(rb"^\n", b"     \n", source[at:], flags=re.MULTILINE)


def shebang(source: bytes) -> bytes:
    return b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n# A licence.\n\n" + source


def new_syntax(source: bytes) -> bytes:
    """PEP 695 and 701, which the running Python need not know: analysis does without it."""
    return source + (
        b"\n\ntype Pair[T] = tuple[T, T]\n\n\n"
        b"def first[T: (int, str)](pair: Pair[T]) -> T:\n    return pair[0]\n\n\n"
        b"class Box[*Ts, **P]:\n    text = f'{', '.join(f'{x!r:>{10}}' for x in 'ab')}'\n"
    )


def template_strings(source: bytes) -> bytes:
    """PEP 750."""
    return source + b"\n\nGREETING = t'hello {\"you\"!r:>10}'\n"


def both(*some: Disguise) -> Disguise:
    def disguise(source: bytes) -> bytes:
        for each in some:
            source = each(source)
        return source

    return disguise


DISGUISES: dict[str, Disguise] = {
    "plain": bytes,
    "crlf": crlf,
    "old_mac": old_mac,
    "byte_order_mark": byte_order_mark,
    "latin_1": latin_1,
    "many_bytes": many_bytes,
    "tabs": tabs,
    "two_spaces": two_spaces,
    "form_feeds": form_feeds,
    "form_feeds_in_lines": form_feeds_in_lines,
    "no_final_newline": no_final_newline,
    "many_final_newlines": many_final_newlines,
    "blank_lines_with_spaces": blank_lines_with_spaces,
    "shebang": shebang,
    "new_syntax": new_syntax,
    "template_strings": template_strings,
    "everything": both(
        many_bytes, tabs, form_feeds, new_syntax, no_final_newline, crlf, byte_order_mark
    ),
    "latin_1_crlf": both(two_spaces, latin_1, no_final_newline, crlf),
}


class Sample(NamedTuple):
    """Two directories: a program before its fix, and after it."""

    before: Path
    after: Path


SAMPLES = {
    path.parent.name: Sample(path.parent / "leaky", path.parent / "fixed")
    for path in sorted(FIXTURES.glob("*/expected.txt"))
    # Nothing is reported in the one; the other is for people to fix.
    if path.parent.name not in ("vector_store_batches", "audit_trail")
} | {
    path.name: Sample(path / "before", path / "after")
    for path in sorted(PROGRAMS.iterdir())
    if path.is_dir()
}


def fix(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "ctxlint", "--isolated", "--fix", "--unsafe-fixes"]
    return subprocess.run(
        [*command, "--exit-zero", "--output-format", "concise", "."],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )


def texts(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*.py"))
    }


class Fixed(NamedTuple):
    root: Path
    told: str
    told_again: str
    first: dict[str, bytes]


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Fixed:
    """Every sample in every disguise, side by side, fixed in one run, and in a second one."""
    root = tmp_path_factory.mktemp("disguised")
    (root / "ruff.toml").write_text(STYLE)
    for word, disguise in DISGUISES.items():
        for name, sample in SAMPLES.items():
            target = root / word / name
            shutil.copytree(sample.before, target, ignore=shutil.ignore_patterns("__pycache__"))
            for path in target.glob("*.py"):
                path.write_bytes(disguise(path.read_bytes()))
    told = fix(root)
    first = texts(root)
    again = fix(root)
    return Fixed(root, told.stdout, again.stdout, first)


@pytest.mark.parametrize("word", DISGUISES)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_fixed_disguise_is_the_disguised_fix(name: str, word: str, fixed: Fixed) -> None:
    disguise = DISGUISES[word]
    for path in sorted(SAMPLES[name].after.glob("*.py")):
        expected = disguise(path.read_bytes())
        assert (fixed.root / word / name / path.name).read_bytes() == expected


def test_a_second_run_finds_and_changes_nothing(fixed: Fixed) -> None:
    assert fixed.told_again == fixed.told
    assert texts(fixed.root) == fixed.first


# --- Line ends that are mixed ------------------------------------------------------------------

ENDS = (b"\n", b"\r\n", b"\r", b"\r\n", b"\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_line_keeps_its_own_end(name: str, tmp_path: Path) -> None:
    """New lines may end in any of the file's ways; the others end as they did."""
    # The sample is a package: what lies beside it belongs to the same project.
    tmp_path = tmp_path / "sample"
    tmp_path.mkdir()
    for path in SAMPLES[name].before.glob("*.py"):
        lines = path.read_bytes().split(b"\n")
        mixed = b"".join(b + ENDS[i % 5] for i, b in enumerate(lines[:-1])) + lines[-1]
        (tmp_path / path.name).write_bytes(mixed)
    (tmp_path / "ruff.toml").write_text(STYLE)
    before = texts(tmp_path)
    fix(tmp_path)
    for path in SAMPLES[name].after.glob("*.py"):
        after = (tmp_path / path.name).read_bytes()
        assert re.sub(rb"\r\n?", b"\n", after) == path.read_bytes()
        old, new = (_lines(text) for text in (before[path.name], after))
        same = difflib.SequenceMatcher(None, *([text for text, _ in x] for x in (old, new)), False)
        for block in same.get_matching_blocks():
            assert old[block.a : block.a + block.size] == new[block.b : block.b + block.size]


def _lines(source: bytes) -> list[tuple[bytes, bytes]]:
    """Each line without its indentation, and its end."""
    parts = re.split(rb"(\r\n|\r|\n)", source)
    return [(text.lstrip(), end) for text, end in zip(parts[::2], [*parts[1::2], b""], strict=True)]
