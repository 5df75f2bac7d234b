"""Which fixes are applied, in which order and how often, with fixes made for the test.

In these programs every name that begins with BAD is a finding, and the rest of the name says what
its fix makes of it. Nothing is read from the disk.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest

from ctxlint.findings import Applicability, Finding, Fix
from ctxlint.fixes import rounds
from ctxlint.fixes.changes import Changes, Needed
from ctxlint.fixes.document import Document
from ctxlint.fixes.edits import Edit, Unfixable, spliced
from ctxlint.fixes.fixpoint import Settled, settle
from ctxlint.fixes.plans import Craft, Documents, Placer
from ctxlint.intents import Detach, Handoff, Intent, Put, Spot
from ctxlint.supply import Supply

A, B, C = Path("/project/a.py"), Path("/project/b.py"), Path("/project/c.py")
SUPPLY = Supply(style="stdlib", helpers={})
BAD = re.compile(r"BAD_?(\w*)")

Rewrite = Callable[[str], str]


def good(name: str) -> str:
    return name.replace("BAD", "good")


@dataclass
class World:
    """A project, what is found in it, and how that is fixed."""

    files: dict[Path, str]
    rewrite: Rewrite = good
    applicability: Callable[[str], Applicability] = lambda name: "safe"
    is_silenced: Callable[[str], bool] = lambda name: False
    code_of: Callable[[str], str] = lambda name: "CTX101"
    handoffs: bool = False  # names that are equal have one fix
    imports: Callable[[str], frozenset[Needed]] = lambda name: frozenset()
    looks: list[Mapping[Path, bytes]] = field(default_factory=list)

    def inspect(self, texts: Mapping[Path, bytes]) -> Seen:
        self.looks.append(texts)
        now = {path: texts.get(path, text.encode()) for path, text in self.files.items()}
        places: dict[str, list[Spot]] = {}
        for path, text in now.items():
            for match in BAD.finditer(text.decode()):
                places.setdefault(match[0], []).append(Spot(path.as_posix(), match.start()))
        found = []
        for name, spots in places.items():
            shared = Handoff(puts=tuple(Put(spot=each, argument=0) for each in spots), gets=())
            for spot in spots:
                intent = shared if self.handoffs else Detach(spot=spot, form="task")
                found.append(self._finding(name, spot, now, intent))
        found.sort(key=lambda each: each[1].sort_key)
        return Seen(
            [each for name, each in found if not self.is_silenced(name)],
            [each for name, each in found if self.is_silenced(name)],
            [],
            now,
        )

    def _finding(
        self, name: str, spot: Spot, now: Mapping[Path, bytes], intent: Intent
    ) -> tuple[str, Finding]:
        before = now[Path(spot.path)].decode()[: spot.at]
        line, column = before.count("\n") + 1, spot.at - (before.rfind("\n") + 1) + 1
        return name, Finding(
            code=self.code_of(name),
            name="a-rule",
            message="",
            path=spot.path,
            line=line,
            column=column,
            end_line=line,
            end_column=column,
            fix=Fix(self.applicability(name), "Make it good", intent),
        )

    def plan(self, intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
        assert supply is SUPPLY
        handoff = isinstance(intent, Handoff)
        spots = [put.spot for put in intent.puts] if handoff else [intent.spot]
        found: dict[Path, list[Edit]] = {}
        imports: dict[Path, frozenset[Needed]] = {}
        for spot in spots:
            document = documents(Path(spot.path))
            match = BAD.match(document.text, spot.at)
            assert match, "an intent that is older than the text"
            edit = document.edit(match.start(), match.end(), self.rewrite(match[0]))
            found.setdefault(document.path, []).append(edit)
            imports[document.path] = self.imports(match[0])
        return {path: Changes(tuple(each), imports[path]) for path, each in found.items()}

    def settle(
        self,
        *allowed: Applicability,
        objection: Callable[[Path], str | None] = lambda path: None,
        kinds: tuple[type, ...] | None = None,
        plan: Callable[[Intent, Documents, Supply], Mapping[Path, Changes]] | None = None,
        place: Placer | None = None,
    ) -> Settled:
        settled = settle(
            self.inspect,
            Craft(plan or self.plan, place or at_the_top),
            allowed=frozenset(allowed or ("safe",)),
            objection=objection,
            kinds=kinds,
        )
        for path, text in settled.texts.items():
            assert settled.originals[path] == self.files[path].encode() != text
            assert spliced(settled.originals[path], settled.edits[path]) == text
        return settled


@dataclass
class Seen:
    findings: Sequence[Finding]
    silenced: Sequence[Finding]
    known: Sequence[Finding]
    texts: Mapping[Path, bytes]
    supply: Supply = SUPPLY

    def read(self, path: Path) -> bytes:
        return self.texts[path]


def at_the_top(
    document: Document, wanted: Iterable[Needed]
) -> tuple[list[Edit], dict[Needed, str]]:
    names = {each: each.name for each in wanted}
    lines = "".join(f"from {each.module} import {each.name}\n" for each in names)
    return [document.edit(0, 0, lines)], names


def names(findings: Iterable[Finding]) -> list[str]:
    return [f"{Path(each.path).stem}{each.line}" for each in findings]


def fixed(settled: Settled) -> list[str]:
    return [name for each in settled.applied for name in names(each.findings)]


def reasons(settled: Settled) -> dict[str, str]:
    assert {id(f) for f, _ in settled.refused} <= {id(f) for f in settled.findings}
    return {name: why for f, why in settled.refused for name in names([f])}


# --- what is applied -----------------------------------------------------------------------------


def test_everything_at_once() -> None:
    world = World({A: "x = BAD1\ny = [BAD2,\n BAD3]\n", B: "z = 1\n", C: "BAD4 = 'é'; w = BAD5\n"})
    settled = world.settle()
    assert settled.texts == {
        A: b"x = good1\ny = [good2,\n good3]\n",
        C: "good4 = 'é'; w = good5\n".encode(),
    }
    assert fixed(settled) == ["a1", "a2", "a3", "c1", "c1"]
    assert settled.findings == ()
    assert settled.refused == ()
    assert len(world.looks) == 2


def test_nothing_to_do_costs_one_look() -> None:
    world = World({A: "x = 1\n"})
    settled = world.settle()
    assert (settled.texts, settled.applied, len(world.looks)) == ({}, (), 1)


def test_an_intent_is_applied_once_and_counts_for_all_its_findings() -> None:
    world = World({A: "x = BAD1\ny = BAD1\n", B: "z = BAD1\nw = BAD2\n"}, handoffs=True)
    settled = world.settle()
    assert [len(each.findings) for each in settled.applied] == [3, 1]
    assert settled.applied[0].files == {A, B}
    assert settled.applied[1].files == {B}
    assert settled.texts == {A: b"x = good1\ny = good1\n", B: b"z = good1\nw = good2\n"}


def test_what_a_fix_brings_to_light_is_fixed_too() -> None:
    world = World({A: "x = BAD_BAD_one\n"}, rewrite=lambda name: name.replace("BAD_", "", 1))
    # The second stands where the first stood, but is another rule's.
    world.code_of = lambda name: f"CTX10{name.count('BAD')}"
    settled = world.settle()
    assert settled.texts == {A: b"x = one\n"}
    assert fixed(settled) == ["a1", "a1"]
    assert len(world.looks) == 3


@pytest.mark.parametrize(
    ("allowed", "text"),
    [(("safe",), b"good1, BAD2u, BAD3d\n"), (("safe", "unsafe"), b"good1, good2u, BAD3d\n")],
)
def test_only_what_is_allowed(allowed: tuple[Applicability, ...], text: bytes) -> None:
    kinds: dict[str, Applicability] = {"1": "safe", "u": "unsafe", "d": "display"}
    world = World({A: "BAD1, BAD2u, BAD3d\n"}, applicability=lambda name: kinds[name[-1]])
    settled = world.settle(*allowed)
    assert settled.texts == {A: text}
    assert settled.refused == ()  # nobody wanted them


def test_a_fix_is_as_safe_as_the_most_doubtful_finding_that_carries_it() -> None:
    world = World({A: "BAD1\nBAD1\n"}, handoffs=True)
    whole = world.inspect

    def inspect(texts: Mapping[Path, bytes]) -> Seen:
        seen = whole(texts)
        return replace(seen, findings=[*map(doubt, seen.findings)])

    def doubt(finding: Finding) -> Finding:
        assert finding.fix is not None
        fix = Fix("unsafe" if finding.line == 2 else "safe", "", finding.fix.intent)
        return msgspec.structs.replace(finding, fix=fix)

    world.inspect = inspect  # type: ignore[method-assign]
    settled = world.settle()
    assert settled.texts == {}
    assert set(reasons(settled).values()) == {"as the fix of another finding, it is not safe"}
    assert world.settle("safe", "unsafe").texts == {A: b"good1\ngood1\n"}


def test_only_the_kinds_asked_for() -> None:
    world = World({A: "x = BAD1\n"})
    assert world.settle(kinds=(Handoff,)).texts == {}
    assert world.settle(kinds=(Detach,)).texts == {A: b"x = good1\n"}


def test_imports_are_placed_once_for_each_file() -> None:
    world = World(
        {A: "x = BAD1\ny = BAD2\nz = BAD3\n"},
        imports=lambda name: frozenset({Needed("m", "f"), Needed("m", name.lower())}),
    )
    settled = world.settle()
    head = "from m import bad1\nfrom m import bad2\nfrom m import bad3\nfrom m import f\n"
    assert settled.texts == {A: f"{head}x = good1\ny = good2\nz = good3\n".encode()}


# --- overlaps ------------------------------------------------------------------------------------


def by_name(*widths: tuple[str, int]) -> Callable[..., Mapping[Path, Changes]]:
    """Plans that replace so many characters from a name on by as many of `good`."""
    known = dict(widths)

    def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
        assert isinstance(intent, Detach)
        document = documents(Path(intent.spot.path))
        match = BAD.match(document.text, intent.spot.at)
        assert match
        end = match.start() + known[match[0]]
        text = document.text[match.start() : end]
        return {document.path: Changes((document.edit(match.start(), end, good(text)),))}

    return plan


def test_overlapping_fixes_are_applied_one_after_the_other() -> None:
    # The first replaces half of the second's name as well, and so finds its own code there again.
    world = World({A: "BAD1, BADE\n"})
    settled = world.settle(plan=by_name(("BAD1", 8), ("BADE", 4)))
    assert settled.texts == {A: b"good1, goodE\n"}
    assert fixed(settled) == ["a1", "a1"]
    assert len(world.looks) == 3


def test_who_overlaps_with_a_fix_that_fails_is_applied_in_its_place() -> None:
    def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
        assert isinstance(intent, Detach)
        document = documents(A)
        first = intent.spot.at == 0
        edit = document.edit(0, 10, "(") if first else document.edit(6, 10, "good2")
        return {A: Changes((edit,))}

    settled = World({A: "BAD1, BAD2\n"}).settle(plan=plan)
    assert settled.texts == {A: b"BAD1, good2\n"}
    assert reasons(settled) == {"a1": "the result is no valid Python"}


def test_what_is_applied_in_a_second_trial_overlaps_with_nothing_of_the_first() -> None:
    """The second fix waits for the first, which fails; the third one is applied with neither."""
    widths = {0: (0, 10, "("), 6: (6, 17, "good2, x"), 12: (12, 16, "good3")}

    def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
        assert isinstance(intent, Detach)
        document = documents(A)
        if b"good" in document.source:
            edit = by_name(("BAD1", 4), ("BAD2", 4))(intent, documents, supply)
            return edit if intent.spot.at else {}
        return {A: Changes((document.edit(*widths[intent.spot.at]),))}

    settled = World({A: "BAD1, BAD2, BAD3\n"}).settle(plan=plan)
    assert settled.texts == {A: b"BAD1, good2, good3\n"}
    assert reasons(settled) == {"a1": "there is nothing to change"}


# --- what is refused -----------------------------------------------------------------------------


def broken(name: str) -> str:
    return "(" if name.endswith("x") else good(name)


def test_a_fix_that_breaks_its_file_is_left_out_and_told() -> None:
    lines = [f"v{number} = BAD{number}\n" for number in range(100)]
    lines[37] = "v = BAD37x\n"
    settled = World({A: "".join(lines), B: "BAD1\n"}, rewrite=broken).settle()
    expected = "".join(lines).replace("BAD", "good").replace("good37x", "BAD37x")
    assert settled.texts == {A: expected.encode(), B: b"good1\n"}
    assert len(fixed(settled)) == 100
    assert reasons(settled) == {"a38": "the result is no valid Python"}


def test_all_files_of_an_intent_stay_as_they_were_if_one_would_break() -> None:
    def rewrite(name: str) -> str:
        return broken(name)

    files = {A: "x = BAD1\ny = BAD2x\n", B: "x = BAD2x\ny = BAD3\n", C: "z = BAD4\n"}
    settled = World(files, rewrite=rewrite, handoffs=True).settle()
    assert settled.texts == {
        A: b"x = good1\ny = BAD2x\n",
        B: b"x = BAD2x\ny = good3\n",
        C: b"z = good4\n",
    }
    assert set(reasons(settled)) == {"a2", "b1"}


def test_what_this_python_could_compile_must_still_compile() -> None:
    files = {A: "def f():\n    x = BAD1\n", B: "async def f():\n    x = BAD1\n"}
    settled = World(files, rewrite=lambda name: "await good()").settle()
    assert settled.texts == {B: b"async def f():\n    x = await good()\n"}
    assert reasons(settled) == {"a2": "the result does not compile"}


def test_syntax_that_this_python_does_not_know_is_fixed_all_the_same() -> None:
    files = {A: "x = t'{y}'; z = BAD1\n", B: "x = t'{y}'; z = BAD2x\n"}
    settled = World(files, rewrite=broken).settle()
    assert settled.texts == {A: b"x = t'{y}'; z = good1\n"}
    assert reasons(settled) == {"b1": "the result is no valid Python"}


def test_many_fixes_that_break_a_file_do_not_take_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = count(monkeypatch, "fault")
    world = World({A: "x = BADx\n" * 2000}, rewrite=broken)
    settled = world.settle()
    assert settled.texts == {}
    assert len(settled.refused) == 2000
    assert len(calls) < 200


def test_a_plan_that_cannot_be_made() -> None:
    def plan(intent: Intent, documents: Documents, supply: Supply) -> Mapping[Path, Changes]:
        assert isinstance(intent, Detach)
        if intent.spot.at == 0:
            raise Unfixable("the moon is full")
        if intent.spot.at == 6:
            return {}
        overlapping = (documents(A).edit(12, 15, "x"), documents(A).edit(12, 14, "y"))
        return {A: Changes(overlapping)}

    settled = World({A: "BAD1, BAD2, BAD3\n"}).settle(plan=plan)
    assert settled.texts == {}
    assert [why for _, why in settled.refused] == [
        "the moon is full",
        "there is nothing to change",
        "its own edits overlap",
    ]


def test_imports_that_cannot_be_placed() -> None:
    def place(document: Document, wanted: Iterable[Needed]) -> tuple[list[Edit], dict[Needed, str]]:
        if document.path == B:
            raise Unfixable("its imports are made by a loop")
        return [document.edit(0, 6, "import x")], {}

    files = {A: "BAD1, BAD2\n", B: "BAD3\n", C: "BAD4\n"}
    wanted = frozenset({Needed("m", "f")})
    imports = {"BAD1": wanted, "BAD3": wanted}
    world = World(files, imports=lambda name: imports.get(name, frozenset()))
    settled = world.settle(place=place)
    assert settled.texts == {A: b"BAD1, good2\n", C: b"good4\n"}
    assert reasons(settled) == {
        "a1": "its edits overlap with those of the imports that it needs",
        "b1": "its imports are made by a loop",
    }


def test_a_file_that_cannot_be_read_any_more() -> None:
    world = World({A: "BAD1\n", B: "BAD2\n"})
    whole = world.inspect

    class Gone(Seen):
        def read(self, path: Path) -> bytes:
            if path == B:
                raise PermissionError(13, "Permission denied")
            return super().read(path)

    def inspect(texts: Mapping[Path, bytes]) -> Seen:
        seen = whole(texts)
        return Gone(seen.findings, [], [], seen.texts)

    world.inspect = inspect  # type: ignore[method-assign]
    settled = world.settle()
    assert settled.texts == {A: b"good1\n"}
    assert reasons(settled) == {"b1": "b.py cannot be read: Permission denied"}


def test_files_that_must_not_be_written() -> None:
    files = {A: "BAD1, BAD2\n", B: "BAD1, BAD3\n"}
    settled = World(files, handoffs=True).settle(
        objection=lambda path: "it is another's" if path == B else None
    )
    assert settled.texts == {A: b"BAD1, good2\n"}
    assert [why for _, why in settled.refused] == ["it is another's"] * 3


def test_what_is_silenced_is_not_fixed_by_way_of_another_finding() -> None:
    world = World({A: "x = BAD1\ny = BAD1\nz = BAD2\n"}, handoffs=True)
    whole = world.inspect

    def inspect(texts: Mapping[Path, bytes]) -> Seen:
        seen = whole(texts)
        quiet = [each for each in seen.findings if each.line == 2]
        return Seen([each for each in seen.findings if each.line != 2], quiet, [], seen.texts)

    world.inspect = inspect  # type: ignore[method-assign]
    settled = world.settle()
    assert settled.texts == {A: b"x = BAD1\ny = BAD1\nz = good2\n"}
    assert reasons(settled) == {"a1": "it would also rewrite a.py:2, where CTX101 is silenced"}


def test_silenced_findings_stay() -> None:
    settled = World({A: "BAD1, BAD2\n"}, is_silenced=lambda name: name == "BAD2").settle()
    assert settled.texts == {A: b"good1, BAD2\n"}
    assert settled.refused == ()


# --- fixes without end ---------------------------------------------------------------------------


def test_a_fix_after_which_its_finding_is_still_there_is_undone() -> None:
    def rewrite(name: str) -> str:
        return "BAD1, 1" if name == "BAD1" else good(name)

    world = World({A: "w = BAD0\nx = BAD1\ny = BAD2\n"}, rewrite=rewrite)
    settled = world.settle()
    assert settled.texts == {A: b"w = good0\nx = BAD1\ny = good2\n"}
    assert fixed(settled) == ["a1", "a3"]
    assert reasons(settled) == {"a2": "it was tried, and the finding was still there"}
    assert len(world.looks) == 4


def test_the_finding_is_looked_for_wherever_the_fix_has_put_it() -> None:
    world = World({A: "x = BAD1\n"}, rewrite=lambda name: f"wrapped({name})")
    settled = world.settle()
    assert settled.texts == {}
    assert set(reasons(settled)) == {"a1"}


def test_fixes_that_call_for_each_other_are_undone() -> None:
    turns = {"BADa": "BADb", "BADb": "BADa"}
    world = World({A: "x = BADa\ny = BAD1\n"}, rewrite=lambda name: turns.get(name, good(name)))
    world.code_of = lambda name: "CTX102" if name == "BADb" else "CTX101"
    settled = world.settle()
    assert settled.texts == {A: b"x = BADa\ny = good1\n"}
    assert set(reasons(settled)) == {"a1"}


def test_fixes_that_make_new_findings_for_ever_are_given_up() -> None:
    """Every time another rule's: nothing says which is to blame, and nothing is changed."""
    world = World({A: "x = BAD0\n"}, rewrite=lambda name: f"BAD{int(name[3:]) + 1}")
    world.code_of = lambda name: f"CTX{name[3:]}"
    settled = world.settle()
    assert settled.texts == {}
    assert reasons(settled) == {
        "a1": "fixes make each other necessary without end; please report this"
    }
    assert 20 < len(world.looks) < 50


def test_fixes_that_move_their_finding_on_for_ever_are_undone() -> None:
    counter = iter(range(1000))
    world = World({A: "x = BAD\n"}, rewrite=lambda name: "good\n" + f"y{next(counter)} = BAD")
    world.code_of = lambda name: "CTX101"
    # The finding moves on by whole lines; the rule counts from the end of the file.
    settled = world.settle()
    assert settled.texts == {}
    assert set(reasons(settled)) == {"a1"}


def test_a_fix_with_a_part_that_stays_is_no_fix() -> None:
    """One of three puts of a hand-off is still reported after it."""
    seen: list[int] = []

    def rewrite(name: str) -> str:
        seen.append(1)
        return name if len(seen) % 3 == 0 else good(name)

    world = World({A: "BAD1\nBAD1\nBAD1\n", B: "BAD2\n"}, rewrite=rewrite, handoffs=True)
    settled = world.settle()
    assert A not in settled.texts
    assert set(reasons(settled)) >= {"a1", "a2", "a3"}


# --- cost ----------------------------------------------------------------------------------------


def count(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    calls: list[object] = []
    real = getattr(rounds, name)

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(rounds, name, counted)
    return calls


@pytest.mark.parametrize("handoffs", [False, True])
def test_many_findings_in_one_file_cost_one_round(
    monkeypatch: pytest.MonkeyPatch, handoffs: bool
) -> None:
    faults, splices = count(monkeypatch, "fault"), count(monkeypatch, "spliced")
    name = (lambda number: "BAD1") if handoffs else (lambda number: f"BAD{number}")
    source = "".join(f"v{number} = {name(number)}  # é\n" for number in range(5000))
    world = World({A: source}, handoffs=handoffs)
    begun = time.process_time()
    settled = world.settle()
    took = time.process_time() - begun
    assert settled.texts == {A: source.replace("BAD", "good").encode()}
    assert len(fixed(settled)) == 5000
    assert (len(faults), len(splices), len(world.looks)) == (1, 1, 2)
    assert took < 15
