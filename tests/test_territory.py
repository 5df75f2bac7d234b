"""Which files fixes may write, and what a finding says of a fix that may not be applied."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ctxlint.findings import Applicability, Finding, Fix
from ctxlint.intents import Declared, Detach, Get, Handoff, Intent, Put, Spot, files_of
from ctxlint.layout import apparent_root, project_root
from ctxlint.territory import Territory


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    for name in ("app/a.py", "app/b.py", "app/c d.py", "pyproject.toml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    monkeypatch.chdir(root)
    return root


def handoff(*paths: Path) -> Handoff:
    first, *others = (Spot(path.as_posix(), 1) for path in paths)
    return Handoff(
        puts=tuple(Put(spot=each, argument=0) for each in others),
        gets=(),
        spawns=(Detach(spot=first, form="task"),),
    )


def finding(intent: Intent | None, applicability: Applicability = "unsafe") -> Finding:
    return Finding(
        code="CTX201",
        name="queued-without-context",
        message="",
        path="",
        line=1,
        column=1,
        end_line=1,
        end_column=1,
        fix=Fix(applicability, "Do it", intent),
    )


def territory(root: Path, *names: str) -> Territory:
    files = [(root / name).resolve() for name in names]
    return Territory(root, [Path(name) for name in names], files)


def title(limited: Finding) -> str:
    assert limited.fix is not None
    assert limited.fix.intent is None
    assert limited.fix.applicability == "display"
    return limited.fix.title


def test_the_files_of_an_intent() -> None:
    intent = Handoff(
        puts=(Put(spot=Spot("/a", 1), argument=0), Put(spot=Spot("/b", 1), argument="item")),
        gets=(Get(spot=Spot("/c", 3), method="get", form="bound"),),
        annotations=(Declared(spot=Spot("/d", 3), form="made"),),
        spawns=(Detach(spot=Spot("/e", 1), form="task"),),
    )
    assert files_of(intent) == {"/a", "/b", "/c", "/d", "/e"}
    for field in ("puts", "gets", "annotations", "spawns"):
        assert len(files_of(msgspec.structs.replace(intent, **{field: ()}))) < 5


def test_fixes_within_the_given_files_stay(root: Path) -> None:
    given = territory(root, "app/a.py", "app/b.py")
    within = finding(handoff(root / "app/a.py", root / "app/b.py"))
    assert given.limited(within) is within
    for shown in (finding(None, "display"), msgspec.structs.replace(within, fix=None)):
        assert given.limited(shown) is shown


@pytest.mark.parametrize(
    ("applicability", "flags"), [("safe", "--fix"), ("unsafe", "--fix --unsafe-fixes")]
)
def test_others_are_told_with_the_command_that_applies_them(
    root: Path, applicability: Applicability, flags: str
) -> None:
    intent = handoff(root / "app/a.py", root / "app/c d.py")
    told = title(territory(root, "app/a.py").limited(finding(intent, applicability)))
    assert told == (
        "Do it by hand: it also changes app/c d.py; "
        f"to apply it, `ctxlint {flags} app/a.py 'app/c d.py'`"
    )


def test_the_command_for_many_files_names_the_project(root: Path) -> None:
    paths = [root / f"app/m{number}.py" for number in range(9)]
    told = title(territory(root, "app/m0.py").limited(finding(handoff(*paths))))
    assert told == (
        "Do it by hand: it also changes app/m1.py, app/m2.py, app/m3.py, app/m4.py and 4 more; "
        "to apply it, `ctxlint --fix --unsafe-fixes .`"
    )


def test_nothing_outside_the_project(root: Path) -> None:
    outside = root.parent / "outside.py"
    given = Territory(root, [Path("app/a.py")], [root / "app/a.py", outside])
    told = title(given.limited(finding(handoff(root / "app/a.py", outside))))
    assert told == "Do it by hand: ../outside.py lies outside the project"


def test_objections(root: Path) -> None:
    given = territory(root, "app/a.py")
    assert given.objection(root / "app/a.py") is None
    assert given.objection(root / "app/b.py") == "app/b.py is not among the paths given"
    assert given.objection(root.parent / "x.py") == "../x.py lies outside the project"


def test_a_link_into_another_place(root: Path) -> None:
    other = root.parent / "other"
    other.mkdir()
    (other / "x.py").touch()
    (root / "link.py").symlink_to(other / "x.py")
    (root / "app" / "near.py").symlink_to("a.py")
    far, near = root / "link.py", root / "app" / "near.py"
    assert project_root(far) == other
    assert apparent_root(far) == apparent_root(near) == project_root(near) == root
    assert apparent_root(Path("app/../link.py")) == root
    through = Territory(other, [far], [other / "x.py"])
    told = "../other/x.py is reached through a link that leaves the project"
    assert through.objection(other / "x.py") == told
    named = Territory(other, [far, other / "x.py"], [other / "x.py"])
    assert named.objection(other / "x.py") is None
    assert Territory(root, [near], [root / "app/a.py"]).objection(root / "app/a.py") is None
