"""`--output-format html`: what is on the page, and what a person can do there in a real browser."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import browser
import pytest
from test_graph import CARRYING, SPOOL, awkward_graph
from test_house import ctxlint_prints

from ctxlint.checking import run
from ctxlint.findings import Finding, Fix, Step
from ctxlint.graph import Graph
from ctxlint.reports import View, html
from ctxlint.reports.excerpts import Excerpts

VOID = {"meta", "input", "rect", "path"}
EVIL = "</script><script>window.hacked = 1</script><img src=x onerror='hacked = 1'>\x1b[31m\u202e"


class Page(HTMLParser):
    """A page taken apart; fails where elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        known = dict(attrs)
        self.ids += [known["id"] or ""] if "id" in known else []
        self.links += [known["href"] or ""] if "href" in known else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data


def page_of(findings: list[Finding], root: Path, graph: Graph | None = None) -> str:
    stream = io.StringIO()
    html.render(findings, View(root.as_posix(), Excerpts(), graph=graph), stream)
    return stream.getvalue()


def found_in(root: Path) -> tuple[list[Finding], Graph]:
    report = run([root], graph=True)
    assert report.graph is not None
    return list(report.findings), report.graph


def finding(path: Path, number: int = 1, **changes: object) -> Finding:
    values: dict[str, object] = {
        "code": ("CTX101", "CTX201")[number % 2],
        "name": ("task-inherits-context", "queued-without-context")[number % 2],
        "message": f"`work{number}` never ends",
        "path": path.as_posix(),
        "line": number,
        "column": 1,
        "end_line": number,
        "end_column": 5,
        "trail": (Step(path.as_posix(), number + 1, 1, "a step"),),
        "fix": Fix("safe", "start it detached"),
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n", encoding="utf-8")
    (tmp_path / "spool.py").write_text(SPOOL, encoding="utf-8")
    (tmp_path / "other.py").write_text(CARRYING, encoding="utf-8")
    return tmp_path


# --- what is written -----------------------------------------------------------------------------


def test_the_page_holds_findings_code_trails_fixes_and_the_graph(project: Path) -> None:
    page = Page(page_of(*in_order(project)))
    assert "2 findings in 1 file." in page.text
    for told in (
        "spool.py:11:25",
        "self.task = asyncio.create_task(self.work())",
        "upload calls Spool.add",
        "Fix (--fix --unsafe-fixes): Put WorkItem",
        "How context travels",
        "puts, without context",
        "puts, with context",
    ):
        assert told in page.text
    assert len(page.ids) == len(set(page.ids))


def in_order(project: Path) -> tuple[list[Finding], Path, Graph]:
    findings, graph = found_in(project)
    return findings, project, graph


def test_every_link_leads_to_a_place_on_the_page(project: Path) -> None:
    page = Page(page_of(*in_order(project)))
    assert len(page.links) > 10
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_nothing_is_loaded_from_anywhere(project: Path) -> None:
    text = page_of(*in_order(project))
    page = Page(text)
    assert "://" not in text
    assert not page.tags & {"link", "img", "iframe", "image", "use", "object", "embed", "base"}
    assert not page.attributes & {"src", "srcset", "style", "action", "onclick", "onload"}
    assert "default-src 'none'" in text


def test_a_page_without_findings_says_so(project: Path) -> None:
    page = Page(page_of([], project, Graph()))
    assert "No problems found." in page.text
    assert "form" not in page.tags


def test_files_that_went_away_and_places_behind_the_end_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text("x = 1\n", encoding="utf-8")
    gone = finding(tmp_path / "gone.py")
    behind = finding(tmp_path / "short.py", line=9, end_line=9)
    wide = finding(tmp_path / "short.py", column=50, end_column=90)
    page = Page(page_of([gone, behind, wide], tmp_path))
    assert "gone.py:1:1" in page.text


def test_whatever_stands_in_code_names_and_messages_is_text(tmp_path: Path) -> None:
    text = page_of(*evil(tmp_path))
    assert text.isascii()
    page = Page(text)
    assert text.count("<script>") == text.count("</script>") == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]|&#(?:x1b|27|8238);", text)
    assert "</script><script>window.hacked = 1</script>" in page.text
    assert "img" not in page.tags


def evil(root: Path) -> tuple[list[Finding], Path, Graph]:
    """Findings and a graph in which everything wants to be more than text."""
    name = EVIL.replace("/", "") + ".py"
    path = root / name
    path.write_text(f"{EVIL}\n\t{EVIL}größe\n", encoding="utf-8")
    found = finding(
        path,
        message=EVIL,
        name=EVIL,
        code=EVIL,
        trail=(Step(path.as_posix(), 2, 1, EVIL),),
        fix=Fix("unsafe", EVIL),
    )
    return [found], root, awkward_graph()


def test_the_command_writes_the_page(project: Path) -> None:
    text = ctxlint_prints("--output-format", "html", ".", cwd=project, exit_codes=(1,))
    assert text.startswith("<!doctype html>")
    assert Page(text).text.count("Spool.work") > 3


# --- in a browser --------------------------------------------------------------------------------

SHOWN = "[...document.querySelectorAll('article')].filter(a => a.checkVisibility()).length"


@pytest.fixture(scope="module")
def window() -> Iterator[browser.Page]:
    program = browser.found()
    if program is None:
        pytest.skip("Chromium is not installed")
    with browser.chromium(program) as page:
        yield page


@pytest.fixture
def page(window: browser.Page, project: Path) -> browser.Page:
    """The page of the project, in a window of a usual size."""
    return opened(window, project, page_of(*in_order(project)))


def opened(window: browser.Page, folder: Path, text: str) -> browser.Page:
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    window.complaints.clear()
    window.size(1280, 900)
    window.open(path)
    return window


def test_rules_files_and_words_narrow_the_findings_down(page: browser.Page) -> None:
    assert page.run(SHOWN) == 2
    page.click("button[data-rule=CTX101]")
    assert page.run(SHOWN) == 1
    assert page.run("document.querySelector('.status').textContent") == (
        "1 of 2 findings are shown."
    )
    page.click("button[data-rule=CTX201]")
    assert page.run(SHOWN) == 2
    page.click("button[type=reset]")
    page.click("#text")
    page.type("carries NO")
    page.until(f"{SHOWN} === 1")
    page.type(" nowhere")
    page.until(f"{SHOWN} === 0")
    assert page.run("document.querySelector('section.file').checkVisibility()") is False
    page.click("button[type=reset]")
    assert page.run(SHOWN) == 2
    page.run("document.querySelector('#file').focus()")
    page.type("spool")
    assert page.complaints == []


def test_a_step_of_a_trail_is_a_place_to_go_to(page: browser.Page) -> None:
    page.click("#f1-s2 a.place")
    page.until("document.querySelector('#f1-s2 details').open")
    assert page.run("location.hash") == "#f1-s2"
    page.click("#f1-s3 summary")
    page.until("document.querySelector('#f1-s3 .frame').checkVisibility()")


def test_trails_and_pictures_lead_to_other_findings(page: browser.Page) -> None:
    page.follow(".also a", "#f1")
    page.follow("svg a[href='#f2'] .node", "#f2")


def test_the_graph_is_one_click_away_and_its_pictures_show_their_middle(
    page: browser.Page,
) -> None:
    page.follow("header a", "#graph")
    page.size(200, 640, phone=True)
    page.run("(() => { window.before = true; })()")
    page.call("Page.reload")
    page.until("!window.before && document.readyState === 'complete'")
    left, beyond = page.run(
        "(p => [p.scrollLeft, p.scrollWidth - p.clientWidth])(document.querySelector('.picture'))"
    )
    assert beyond > 0
    assert abs(left - beyond / 2) <= 1


def test_a_link_to_a_finding_that_is_filtered_out_shows_it(page: browser.Page) -> None:
    page.click("button[data-rule=CTX201]")
    page.click(".also a")
    page.until("document.querySelector('#f1').checkVisibility()")


def test_all_of_it_works_from_the_keyboard(page: browser.Page) -> None:
    page.press("Tab", 9)
    assert page.run("document.activeElement.textContent") == "Skip to the findings"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0
    page.press("Tab", 9)
    assert page.run("document.activeElement.textContent") == "How context travels"
    page.press("Tab", 9)
    page.press(" ", 32)
    assert page.run("document.activeElement.getAttribute('aria-pressed')") == "true"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("Enter", 13)
    assert page.run("document.activeElement.getAttribute('aria-pressed')") == "false"
    page.run("document.querySelector('summary').focus()")
    page.press("Enter", 13)
    page.until("document.querySelector('details').open")
    assert page.run("document.querySelector('.picture').tabIndex") == 0


def test_every_control_has_a_name(page: browser.Page) -> None:
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "combobox", "searchbox", "link", "region", "image", "search"}
    named = [
        (each["role"]["value"], each.get("name", {}).get("value"))
        for each in nodes
        if not each["ignored"] and each["role"]["value"] in roles
    ]
    assert {role for role, _ in named} >= {"button", "combobox", "searchbox", "link", "region"}
    assert [role for role, name in named if not name] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read_in_both_lights(dark: bool, page: browser.Page) -> None:
    page.dark(dark)
    contrast = """(() => {
        const rgb = s => s.match(/[\\d.]+/g).slice(0, 3).map(Number);
        const light = s => rgb(s).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055)
            ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
        const behind = e => { for (; e; e = e.parentElement) { const b = getComputedStyle(e)
            .backgroundColor; if (!b.endsWith(', 0)')) return b; } };
        return ['body', '.place', '.code', '.frame i', 'mark', '.hit', '.fix', 'legend', '.soft',
            'figcaption', 'button', '.also a'].map(name => {
            const e = document.querySelector(name);
            const [a, b] = [light(getComputedStyle(e).color), light(behind(e))]
                .sort((x, y) => y - x);
            return [name, (a + .05) / (b + .05)]; });
    })()"""
    poor = [(name, ratio) for name, ratio in page.run(contrast) if ratio < 4.5]
    page.dark(False)
    assert poor == []


@pytest.mark.parametrize("width", [320, 390])
def test_it_fits_a_phone(width: int, page: browser.Page) -> None:
    page.size(width, 800, phone=True)
    assert page.run("document.documentElement.scrollWidth") <= width
    small = page.run(
        "[...document.querySelectorAll('button, select, input')].filter(e => "
        "e.getBoundingClientRect().height < 44).length"
    )
    assert small == 0


def test_no_code_that_is_shown_is_run(window: browser.Page, tmp_path: Path) -> None:
    page = opened(window, tmp_path, page_of(*evil(tmp_path)))
    assert page.run("window.hacked") is None
    assert page.complaints == []
    assert page.run("document.querySelectorAll('figure').length") >= 1


def test_the_policy_lets_nothing_else_run(page: browser.Page) -> None:
    page.run(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked = 1\">')"
    )
    page.run("new Promise(done => setTimeout(done, 100))")
    assert page.run("window.hacked") is None
    assert any("Content Security Policy" in each for each in page.complaints)


def test_a_thousand_findings_stay_usable(window: browser.Page, tmp_path: Path) -> None:
    findings = []
    for file in range(50):
        path = tmp_path / f"module{file}.py"
        path.write_text("".join(f"value = {n}\n" for n in range(30)), encoding="utf-8")
        findings += [finding(path, number) for number in range(1, 21)]
    text = page_of(findings, tmp_path)
    assert len(text) < 3_000_000
    begun = time.monotonic()
    page = opened(window, tmp_path, text)
    assert page.run(SHOWN) == 1000
    page.click("button[data-rule=CTX201]")
    page.click("#text")
    page.type("work7")
    page.until("document.querySelector('.status').textContent.startsWith('50 of')")
    assert time.monotonic() - begun < 40
    page.open(tmp_path / "report.html", "#f990")
    page.until("document.querySelector('#f990').getBoundingClientRect().top < innerHeight")
