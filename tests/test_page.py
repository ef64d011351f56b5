"""The page in a browser: filtered by clicking, searched by typing, read without a script and in the dark."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from digestor.compose import Beside, compose
from digestor.models import Code, Entry, Issue, Ledger, Listed, Pick, Problem, Status, Trend
from digestor.period import weekly
from digestor.render import Look
from digestor.render.issue import as_page
from tests.browser import Browser, Scheme, axe, overflow
from tests.browser import browser as browser
from tests.fakes import a_paper, an_annotation
from tests.test_shelf import LAST

PAPERS: tuple[tuple[str, str, str, Status], ...] = (
    ("Bees at night", "peft other-tag", "We follow bees.", "released"),
    ("Schrödinger's moth", "peft", "A moth that is not there.", "promised"),
    ("Rivers as walks", "quant", "Rivers wander.", "none"),
    ("Ice that sings", "survey peft", "Glaciers make sounds.", "released"),
)
AREAS = {"peft": "Efficiency", "quant": "Efficiency", "survey": "Reading"}
LABELS = {"peft": "Adapters", "quant": "Quantisation", "survey": "Surveys", "other-tag": "Insects"}
HOSTILE = (
    "</script><script>alert(1)</script>",
    "{{7*7}} {% raw %} {# x #} <!--issues--> &lt;b&gt; ]]>",
    "تعلّم الآلة في الليل \u202eevil\u202c",
    "大規模言語モデルの夜間における蜂の行動に関する研究" * 4,
    "Long " * 80,
    "x" * 200,
    "<img src=x onerror=alert(1)> ![x](y)",
)


def an_entry(number: int, title: str, tags: str, line: str, status: Status, **fields: object) -> Entry:
    paper = a_paper(number, title=title, url=f"https://x.example/{number}", authors=(f"A. Author{number}",), **fields)
    evidence = "See https://git.example/x." if status != "none" else ""
    code = Code(
        status=status,
        url="https://git.example/x" if status == "released" else None,
        evidence=evidence,
        artefacts=("code",) if status == "released" else (),
        found_in="abstract" if evidence else None,
    )
    said = an_annotation(paper, code=code).model_copy(update={"tags": tuple(tags.split()), "summary": line})
    return Entry(paper=paper, annotation=said)


def an_issue() -> Issue:
    """Four papers of two areas and one of an earlier issue; the second paper is the pick."""
    entries = [an_entry(number, *given) for number, given in enumerate(PAPERS)]
    late = an_entry(9, "Late moths", "survey", "Moths, again.", "released")
    problem = Problem(where="list.txt:7", what="is odd", todo="mend it", lost=1)
    ledger = Ledger(read=5, annotated=4, failed=1)
    issue = compose("Week", weekly(LAST), entries, ledger, LABELS, [problem], AREAS, Beside([late]))
    return issue.model_copy(update={"pick": Pick(paper_id="p1", why="most votes (41)"), "labels": LABELS})


def personal(issue: Issue, listed: int) -> Issue:
    """The issue with reasons, the third paper as the one from outside, and so many papers without room."""

    def reasoned(entry: Entry) -> Entry:
        said = entry.annotation.model_copy(update={"relevance": 2, "why": f"as your own: {entry.annotation.summary}"})
        return entry.model_copy(update={"why": "“zebra” in the title; by A. One", "score": 1.0, "annotation": said})

    sections = tuple(
        section.model_copy(update={"entries": tuple(map(reasoned, section.entries))}) for section in issue.sections
    )
    others = (
        a_paper(
            number, title=f"Kite {number} of bay {number % 7}", url=f"https://x.example/{number}", authors=("Zoë Zett",)
        )
        for number in range(1_000, 1_000 + listed)
    )
    return issue.model_copy(
        update={
            "sections": sections,
            "outside": Pick(paper_id="p2", why="outside your usual: 41 votes"),
            "listed": tuple(
                Listed(paper=paper, why="“kite” in the title; like “Yurts” of your library") for paper in others
            ),
            "trends": (Trend(kind="rising", name=issue.title, now=14, before=6, issues=8),),
            "notes": (issue.title * 3, "One more."),
        }
    )


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """The page of an issue with 6,000 papers without room, as a file."""
    place = tmp_path / "2026-W47.html"
    place.write_text(as_page(personal(an_issue(), 6_000), Look(feedback="mailto:me@x.example")), encoding="utf-8")
    return place


def listed(page: Page) -> list[str]:
    """The titles without a line that can be seen."""
    links = "[...document.querySelectorAll('.titles li > a')]"
    found: list[str] = page.evaluate(f"{links}.filter(link => link.checkVisibility()).map(link => link.textContent)")
    return found


def tall(page: Page) -> int:
    """How many titles take room on the page, seen or far below."""
    return int(
        page.evaluate(
            "document.querySelectorAll('.titles[hidden]').length ? 0 : "
            "document.querySelectorAll('.titles ul:not([hidden]) > li:not([hidden])').length"
        )
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The page as a file."""
    place = tmp_path / "2026-W47.html"
    place.write_text(as_page(an_issue(), Look(url="https://me.example/papers")), encoding="utf-8")
    return place


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """The page, open; at the end nothing was loaded from outside, and nothing was on the console."""
    with browser.page(file, width=900) as opened:
        yield opened
        assert (browser.complaints, browser.refused) == ([], [])


def shown(page: Page) -> list[str]:
    """The titles that can be seen, without the pick's."""
    return [title.text_content() or "" for title in page.locator("article > h3").all() if title.is_visible()]


def drawn(page: Page) -> None:
    """Have the browser lay out what is far below, and open what is closed, so that it is checked too."""
    page.evaluate("document.querySelectorAll('article, .group').forEach(e => e.style.contentVisibility = 'visible')")
    page.evaluate("document.querySelectorAll('details').forEach(more => more.open = true)")


EVERYTHING = ["Bees at night", "Schrödinger's moth", "Rivers as walks", "Ice that sings", "Late moths"]


def test_at_first_everything_is_shown(page: Page) -> None:
    assert shown(page) == EVERYTHING
    expect(page.get_by_role("status")).to_have_text("All 4 papers, and 1 of earlier issues")
    expect(page.get_by_role("button", name="Clear")).to_be_hidden()
    expect(page.get_by_role("heading", name="If you read one")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("bees", ["Bees at night"]),
        ("GLACIERS", ["Ice that sings"]),
        ("author2", ["Rivers as walks"]),
        ("bees0word7", ["Bees at night"]),
        ("schrodinger", ["Schrödinger's moth"]),
        ("moth  there", ["Schrödinger's moth"]),
        ("moth", ["Schrödinger's moth", "Late moths"]),
        ("   ", EVERYTHING),
        ("abstract evidence", []),
        (".*", []),
    ],
)
def test_typing_narrows_the_papers_by_title_line_author_and_abstract(page: Page, typed: str, found: list[str]) -> None:
    page.get_by_role("searchbox").press_sequentially(typed)

    assert shown(page) == found


def test_how_many_were_found_is_announced(page: Page) -> None:
    page.get_by_role("searchbox").fill("bees")

    expect(page.get_by_role("status")).to_have_text("1 of 5 papers")
    expect(page.get_by_role("heading", name="If you read one")).to_be_hidden()
    expect(page.get_by_role("heading", name="Surveys")).to_be_hidden()


def test_where_nothing_fits_that_is_said_and_clear_brings_all_back(page: Page) -> None:
    page.get_by_role("searchbox").fill("zebra")
    expect(page.get_by_text("No paper fits.")).to_be_visible()

    page.get_by_role("button", name="Clear").click()

    assert shown(page) == EVERYTHING
    expect(page.get_by_text("No paper fits.")).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_be_focused()


@pytest.mark.parametrize(
    ("topic", "code", "found"),
    [
        ("Adapters (3)", "Code or not", ["Bees at night", "Schrödinger's moth", "Ice that sings"]),
        ("All of Efficiency (3)", "Code or not", ["Bees at night", "Schrödinger's moth", "Rivers as walks"]),
        ("Insects (1)", "Code or not", ["Bees at night"]),
        ("All topics", "With code (3)", ["Bees at night", "Ice that sings", "Late moths"]),
        ("All topics", "Code promised (1)", ["Schrödinger's moth"]),
        ("All topics", "No code found (1)", ["Rivers as walks"]),
        ("Surveys (2)", "With code (3)", ["Ice that sings", "Late moths"]),
        ("Quantisation (1)", "Code promised (1)", []),
    ],
)
def test_choosing_a_topic_and_a_code_flag_narrows_the_papers(
    page: Page, topic: str, code: str, found: list[str]
) -> None:
    page.get_by_label("Topic").select_option(label=topic)
    page.get_by_label("Code", exact=True).select_option(label=code)

    assert shown(page) == found


def test_clicking_a_tag_of_a_paper_shows_all_papers_of_it(page: Page) -> None:
    page.locator("article", has_text="Bees at night").get_by_role("button", name="Insects").click()

    assert shown(page) == ["Bees at night"]
    assert page.get_by_label("Topic").input_value() == "other-tag"


def test_a_filtered_view_has_an_address_of_its_own(page: Page, browser: Browser, file: Path) -> None:
    page.get_by_role("searchbox").fill("moth & Co = ü")
    page.get_by_label("Topic").select_option("peft")
    page.get_by_label("Code", exact=True).select_option("promised")
    expect(page).to_have_url(re.compile("#.*code="))
    address = page.url

    page.goto("about:blank")
    page.goto(address)

    assert page.get_by_role("searchbox").input_value() == "moth & Co = ü"
    assert page.get_by_label("Topic").input_value() == "peft"
    assert page.get_by_label("Code", exact=True).input_value() == "promised"
    assert shown(page) == []
    page.get_by_role("searchbox").fill("moth")
    assert shown(page) == ["Schrödinger's moth"]


@pytest.mark.parametrize("hash", ["tag=gone&code=what", "q=", "=", "a=b=c&&", "%E0%A4%A=", "tag=constructor"])
def test_an_odd_address_shows_everything(page: Page, file: Path, hash: str) -> None:
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}#{hash}")

    assert shown(page) == EVERYTHING


def test_going_back_to_an_address_without_a_filter_shows_everything(page: Page) -> None:
    page.evaluate("location.hash = 'q=bees'")
    expect(page.get_by_role("searchbox")).to_have_value("bees")
    assert shown(page) == ["Bees at night"]

    page.go_back()

    expect(page.get_by_role("searchbox")).to_have_value("")
    assert shown(page) == EVERYTHING


@pytest.mark.parametrize("hash", ["survey", "_papers", "%E0%A4%A", "gone"])
def test_an_address_of_a_section_leads_there_and_hides_nothing(
    browser: Browser, file: Path, tmp_path: Path, hash: str
) -> None:
    with browser.page(file, width=600, height=400) as page:
        page.goto("about:blank")
        page.goto(f"{file.as_uri()}#{hash}")

        assert shown(page) == EVERYTHING
        if hash == "survey":
            expect(page.get_by_role("heading", name="Surveys")).to_be_in_viewport()
        assert browser.complaints == []


def test_a_link_of_the_contents_leads_to_its_section_even_when_that_was_filtered_out(page: Page) -> None:
    page.get_by_role("searchbox").fill("bees")
    page.get_by_text("In this issue").click()

    page.get_by_role("navigation", name="In this issue").get_by_role("link", name="Surveys").click()

    assert shown(page) == EVERYTHING
    expect(page.get_by_role("heading", name="Surveys")).to_be_in_viewport()


def test_what_was_found_is_in_view_wherever_one_was(browser: Browser, file: Path) -> None:
    with browser.page(file, width=900, height=520) as page:
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.keyboard.press("/")

        page.keyboard.type("moth")

        expect(page.locator("article", has_text="Schrödinger's moth")).to_be_in_viewport()
        expect(page.get_by_role("searchbox")).to_be_in_viewport()


def test_the_contents_stand_open_only_where_there_is_room_beside_the_papers(browser: Browser, file: Path) -> None:
    for width, there in ((1280, True), (600, False)):
        with browser.page(file, width=width) as page:
            link = page.get_by_role("navigation", name="In this issue").get_by_role("link", name="Surveys")
            assert link.is_visible() is there
            page.get_by_text("In this issue").click()
            assert link.is_visible() is not there


def test_the_keyboard_reaches_everything(page: Page) -> None:
    def focused() -> str:
        return str(page.evaluate("document.activeElement.querySelector('h3')?.innerText || document.activeElement.id"))

    page.keyboard.press("j")
    assert focused() == EVERYTHING[0]
    page.keyboard.press("j")
    assert focused() == EVERYTHING[1]
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert focused() == EVERYTHING[0]
    page.keyboard.press("o")
    expect(page.locator("article").first.locator(".abstract")).to_be_visible()
    page.keyboard.press("/")
    assert focused() == "_search"
    page.keyboard.type("moth j/k?")
    assert page.get_by_role("searchbox").input_value() == "moth j/k?"
    page.keyboard.press("Escape")
    assert shown(page) == EVERYTHING
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("moth")
    page.get_by_role("searchbox").blur()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused() == "Late moths"
    page.keyboard.press("Escape")
    assert shown(page) == EVERYTHING


def test_the_help_lists_the_keys_and_can_switch_them_off(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    assert axe(page) == []

    dialog.get_by_role("checkbox", name="Single keys are on").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    page.keyboard.press("?")

    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.id") != "_search"
    page.get_by_role("button", name="Keys").click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_keys_with_a_modifier_are_the_browsers(page: Page) -> None:
    page.keyboard.press("Control+j")
    page.keyboard.press("Alt+k")

    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_without_scripts_every_paper_is_there_and_no_control_is_dead(browser: Browser, file: Path) -> None:
    with browser.page(file, scripts=False) as page:
        assert shown(page) == EVERYTHING
        for role in ("searchbox", "combobox", "button", "status", "dialog"):
            assert page.get_by_role(role).count() == 0
        expect(page.get_by_text("Insects", exact=True)).to_be_visible()
        page.get_by_text("Abstract and evidence").first.click()
        expect(page.locator(".abstract").first).to_be_visible()
        assert page.get_by_role("link", name="Surveys").get_attribute("href") == "#survey"


@pytest.mark.parametrize("width", [320, 600, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark", "forced"])
def test_it_is_accessible_and_fits_whatever_the_titles(
    browser: Browser, tmp_path: Path, width: int, scheme: Scheme
) -> None:
    entries = [
        an_entry(number, title, "peft quant", title, "released" if number % 2 else "promised", abstract=title)
        for number, title in enumerate(HOSTILE)
    ]
    labels = {"peft": "Adapters " * 10, "quant": "x" * 80}
    ledger = Ledger(read=len(entries), annotated=len(entries))
    problem = Problem(where="x" * 200, what="</script>")
    issue = compose("Week " * 12, weekly(LAST), entries, ledger, labels, [problem], AREAS, Beside(entries[:1]))
    others = tuple(
        Listed(paper=a_paper(number, title=title, authors=(title,)), why=title)
        for number, title in enumerate(HOSTILE, 50)
    )
    wished = {"pick": Pick(paper_id="p5", why="y" * 200), "listed": others * 30 if width == 320 else ()}
    issue = (personal(issue, 0) if width < 1280 else issue).model_copy(update=wished)
    file = tmp_path / "hostile.html"
    file.write_text(as_page(issue, Look(feedback="github:a/b" if width < 1280 else "")), encoding="utf-8")

    with browser.page(file, width=width, scheme=scheme) as page:
        drawn(page)
        assert (overflow(page), axe(page), browser.complaints, browser.refused) == ([], [], [], [])
        assert sorted(shown(page)) == sorted((*HOSTILE, HOSTILE[0]))
        page.get_by_role("searchbox").fill("大規模")
        assert shown(page) == [HOSTILE[3]]
        page.get_by_role("searchbox").fill("zebra")
        assert (overflow(page), axe(page)) == ([], [])


def test_of_thousands_of_titles_some_stand_open_and_all_are_found(browser: Browser, long: Path) -> None:
    with browser.page(long, width=900) as page:
        assert len(listed(page)) == 40
        expect(page.get_by_text("5,960 more")).to_be_visible()

        page.get_by_role("searchbox").fill("kite 6999")

        assert listed(page) == ["Kite 6999 of bay 6"]
        found = page.get_by_role("button", name="and 1 of 6,000 by title")
        expect(page.get_by_text("No paper fits.")).to_be_hidden()
        found.click()
        expect(page.get_by_role("heading", name="Also new, by title")).to_be_in_viewport()
        expect(page.get_by_role("heading", name="Also new, by title")).to_be_focused()

        page.get_by_role("button", name="Clear").click()

        assert len(listed(page)) == 40
        expect(found).to_be_hidden()
        assert (browser.complaints, browser.refused) == ([], [])


@pytest.mark.parametrize(
    ("typed", "found", "there"),
    [
        ("kite", "and 6,000 of 6,000 by title", 200),
        ("bay 3 kite", "and 2,880 of 6,000 by title", 200),
        ("zoe", "and 6,000 of 6,000 by title", 200),
        ("zebra", "", 0),
        ("yurts", "", 0),
    ],
)
def test_a_search_shows_so_many_titles_as_a_browser_draws_at_once(
    browser: Browser, long: Path, typed: str, found: str, there: int
) -> None:
    with browser.page(long, width=900) as page:
        page.get_by_role("searchbox").fill(typed)

        assert tall(page) == there
        if found:
            expect(page.get_by_role("button", name=found)).to_be_visible()
            expect(page.get_by_text("more: search for more words.")).to_be_visible()
        else:
            expect(page.get_by_text("No paper fits.")).to_be_visible()


def test_a_filter_that_titles_cannot_answer_hides_them(browser: Browser, long: Path) -> None:
    with browser.page(long, width=900) as page:
        page.get_by_label("Topic").select_option("quant")
        assert tall(page) == 0

        page.keyboard.press("Escape")
        assert tall(page) == 6_000

        page.evaluate("location.hash = 'q=kite+1001'")
        expect(page.get_by_role("searchbox")).to_have_value("kite 1001")
        assert listed(page) == ["Kite 1001 of bay 0"]

        page.get_by_role("searchbox").fill("")
        page.get_by_text("5,960 more").click()
        assert tall(page) == 6_000
        page.get_by_role("searchbox").fill("kite 1002")
        page.get_by_role("searchbox").fill("")
        expect(page.locator(".titles details")).to_have_attribute("open", "")


def test_without_scripts_all_titles_are_there(browser: Browser, long: Path) -> None:
    with browser.page(long, scripts=False) as page:
        assert len(listed(page)) == 40
        page.get_by_text("5,960 more").click()
        expect(page.get_by_text("Kite 6999 of bay 6")).to_be_visible()
        assert page.get_by_role("button").count() == 0


def test_the_one_from_outside_is_labelled_and_links_for_feedback_lead_to_a_mail(browser: Browser, long: Path) -> None:
    with browser.page(long, width=900) as page:
        expect(page.get_by_role("heading", name="Outside your usual")).to_be_visible()
        article = page.locator("article", has_text="Rivers as walks")
        expect(article.get_by_text("Outside your usual")).to_be_visible()
        assert page.get_by_text("Outside your usual", exact=True).count() == 2
        subject = "subject=digestor%3A%20less%20p2%20%C2%B7%202026-W47"
        assert article.get_by_role("link", name="Less").get_attribute("href") == f"mailto:me@x.example?{subject}"
        expect(article.get_by_text("Why: as your own: Rivers wander (says the model)")).to_be_visible()


def test_it_prints_the_papers_and_not_the_controls(page: Page) -> None:
    page.emulate_media(media="print")

    assert shown(page) == EVERYTHING
    expect(page.get_by_role("searchbox")).to_be_hidden()
    expect(page.get_by_role("navigation", name="In this issue")).to_be_hidden()


def test_an_empty_issue_is_a_page_too(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "empty.html"
    file.write_text(as_page(compose("Week", weekly(LAST), [], Ledger(), {})), encoding="utf-8")

    with browser.page(file, width=320) as page:
        expect(page.get_by_text("A quiet time.")).to_be_visible()
        assert (overflow(page), axe(page), browser.complaints) == ([], [], [])


def test_the_policy_of_the_page_stops_a_script_that_is_not_its_own(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "injected.html"
    bad = "<script>document.title = 'bad'</script><img src='https://x.example/p.gif'></body>"
    file.write_text(as_page(an_issue()).replace("</body>", bad), encoding="utf-8")

    with browser.page(file) as page:
        assert page.title() == "Week, 16–22 November 2026"
        assert len(browser.complaints) == 2
        assert browser.refused == []


def test_a_test_with_a_loop_of_its_own_can_follow_one_with_a_page(browser: Browser, file: Path) -> None:
    with browser.page(file) as page:
        assert page.title()

    assert asyncio.run(asyncio.sleep(0, "done")) == "done"


def test_what_the_checks_of_a_page_find(browser: Browser) -> None:
    image = "<img src='https://x.example/a.png'>"
    bad = f"<p style='color:#aaa;background:#fff'>hello {image}</p><div style='width:900px'>x</div>"

    with browser.page(bad, width=320) as page:
        assert overflow(page) == ["div: 588"]
        assert {line.split(":")[0] for line in axe(page, off=("region",))} >= {"color-contrast", "image-alt"}
        assert browser.refused == ["https://x.example/a.png"]
        assert len(browser.complaints) == 1
