"""The output folder's own pages: index, README, feed, and the way from issue to issue."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from digestor.compose import compose
from digestor.delivery.files import Files
from digestor.models import Code, Entry, Issue, Ledger, Listed, Pick
from digestor.period import weekly
from digestor.render import Look, render
from digestor.render.shelf import ENTRIES, TOP, pages, read
from tests.browser import Browser, axe, overflow
from tests.browser import browser as browser
from tests.fakes import a_paper, an_annotation, an_office

LAST = date(2026, 11, 21)
LOOK = Look(url="https://me.example/papers")
FORMATS = ("md", "html", "txt", "json")
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "A|B <script>alert(1)</script> & `c` {{7*7}} ]]> " + "x" * 200


def an_issue(weeks_ago: int = 0, papers: int = 3, title: str = "", name: str = "Week") -> Issue:
    """The issue of a week, with code for every second paper, the second of which is the pick."""
    period = weekly(LAST - timedelta(weeks=weeks_ago))
    entries = []
    for number in range(papers):
        fields = {"title": title} if title else {}
        paper = a_paper(100 * weeks_ago + number, url=f"https://x.example/{weeks_ago}/{number}", **fields)
        code = Code(status="released", url="https://git.example/x", evidence="x") if number % 2 else Code()
        entries.append(Entry(paper=paper, annotation=an_annotation(paper, code=code)))
    issue = compose(name, period, entries, Ledger(read=papers, annotated=papers), {"survey": "Surveys"})
    return issue.model_copy(update={"pick": Pick(paper_id=entries[1].paper.id, why="x") if papers > 1 else None})


def shelved(folder: Path, *issues: Issue, look: Look = LOOK, told: Callable[[str], None] = print) -> list[str]:
    """Each issue delivered in turn, as a run does it; the places of the last."""
    places: list[str] = []
    for issue in issues:
        office = an_office()._replace(shelf=partial(pages, name="Week", formats=FORMATS, look=look, tell=told))
        places = Files(folder=folder).deliver(render(issue, FORMATS, look), office)
    return places


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_papers_for_which_there_was_no_room_are_counted_with_the_others(tmp_path: Path) -> None:
    issue = an_issue()
    others = tuple(Listed(paper=a_paper(1_000 + number)) for number in range(1_997))
    ledger = issue.ledger.model_copy(update={"read": 2_000, "listed": 1_997})

    shelved(tmp_path, issue.model_copy(update={"listed": others, "ledger": ledger}))

    assert "3 of 2,000 papers, 1 with code" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "| 3 of 2,000 | 1 |" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "3 of 2,000 papers, 1 with code." in (tmp_path / "feed.xml").read_text(encoding="utf-8")


def test_an_issue_brings_an_index_a_readme_and_a_feed(tmp_path: Path) -> None:
    places = shelved(tmp_path, an_issue())

    assert [Path(place).name for place in places] == [
        "2026-W47.md", "2026-W47.html", "2026-W47.txt", "2026-W47.json", "index.html", "README.md", "feed.xml",
    ]  # fmt: skip
    assert set(bytes_of(tmp_path)) == {Path(place).name for place in places}


def test_the_readme_is_a_table_with_the_newest_issue_first(tmp_path: Path) -> None:
    shelved(tmp_path, an_issue(1), an_issue(0, papers=1))

    lines = (tmp_path / "README.md").read_text(encoding="utf-8").splitlines()

    assert lines[lines.index("| --- | --- | ---: | ---: | --- |") + 1 :] == [
        "| [2026-W47](2026-W47.md) | 16–22 November 2026 | 1 | 0 |  |",
        "| [2026-W46](2026-W46.md) | 9–15 November 2026 | 3 | 1 "
        "| [Proofs by colouring games, study 101](https://x.example/1/1) |",
    ]
    html = MarkdownIt("gfm-like", {"linkify": False}).render("\n".join(lines))
    assert html.count("<tr>") == 3
    assert '<a href="2026-W47.md">2026-W47</a>' in html


def test_a_hostile_title_neither_breaks_the_table_nor_the_page_nor_the_feed(tmp_path: Path) -> None:
    shelved(tmp_path, an_issue(title=HOSTILE))

    table = MarkdownIt("gfm-like", {"linkify": False}).render((tmp_path / "README.md").read_text(encoding="utf-8"))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    feed = ElementTree.parse(tmp_path / "feed.xml")

    assert (table.count("<td"), table.count("<script>"), page.count("<script>")) == (5, 0, 0)
    assert "A|B &lt;script&gt;" in table
    assert "{{7*7}}" in page
    content = feed.findtext(f"{ATOM}entry/{ATOM}content") or ""
    assert "A|B &lt;script&gt;alert(1)&lt;/script&gt; &amp; `c` {{7*7}} ]]&gt;" in content


def test_the_index_links_every_issue(tmp_path: Path) -> None:
    shelved(tmp_path, an_issue(2), an_issue(1), an_issue())

    page = (tmp_path / "index.html").read_text(encoding="utf-8")

    assert re.findall(r'href="(2026[^"]+)"', page) == ["2026-W47.html", "2026-W46.html", "2026-W45.html"]
    assert "3 issues, 9 papers, 3 with code." in page


def test_the_feed_has_what_atom_asks_for(tmp_path: Path) -> None:
    shelved(tmp_path, an_issue(1), an_issue())

    feed = ElementTree.parse(tmp_path / "feed.xml").getroot()

    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}id") == "https://me.example/papers/feed.xml"
    assert feed.findtext(f"{ATOM}title") == "Week"
    assert feed.findtext(f"{ATOM}updated") == "2026-11-22T00:00:00Z"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Week"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": "https://me.example/papers/feed.xml", "alternate": "https://me.example/papers/"}
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [
        "tag:me.example,2026-11-22:2026-W47", "tag:me.example,2026-11-15:2026-W46",
    ]  # fmt: skip
    for entry in entries:
        assert entry.findtext(f"{ATOM}title", "").startswith("Week, ")
        assert entry.findtext(f"{ATOM}updated", "").endswith("T00:00:00Z")
        assert entry.find(f"{ATOM}content").get("type") == "html"  # type: ignore[union-attr]
    (link,) = entries[0].findall(f"{ATOM}link")
    assert link.get("href") == "https://me.example/papers/2026-W47.html"


def test_the_feed_names_the_pick_first_and_how_many_more_there_are(tmp_path: Path) -> None:
    shelved(tmp_path, an_issue(papers=TOP + 5))

    content = ElementTree.parse(tmp_path / "feed.xml").findtext(f"{ATOM}entry/{ATOM}content") or ""

    assert content.startswith(f"<p>{TOP + 5} papers, {(TOP + 5) // 2} with code.</p><ul><li><b>")
    assert content.index("study 1<") < content.index("study 3<")
    assert content.count("<li>") == TOP
    assert content.endswith("</ul><p>And 5 more.</p>")


def test_the_feed_holds_the_newest_issues_only(tmp_path: Path) -> None:
    for weeks_ago in range(ENTRIES + 3):
        shelved_json = an_issue(weeks_ago, papers=1)
        (tmp_path / f"{shelved_json.id}.json").write_text(shelved_json.model_dump_json(), encoding="utf-8")

    made = pages(tmp_path, "Week", FORMATS, LOOK)

    assert len(ElementTree.fromstring(made["feed.xml"]).findall(f"{ATOM}entry")) == ENTRIES
    assert made["README.md"].count("\n| ") == ENTRIES + 3 + 2


@pytest.mark.parametrize(
    ("formats", "look", "made"),
    [
        (("md", "json"), Look(), {"README.md"}),
        (("html", "json"), Look(), {"index.html"}),
        (("txt", "json"), Look(), set()),
        (("txt", "json"), LOOK, {"feed.xml"}),
    ],
)
def test_what_is_made_depends_on_the_formats_and_the_address(
    tmp_path: Path, formats: tuple[str, ...], look: Look, made: set[str]
) -> None:
    (tmp_path / "2026-W47.json").write_text(an_issue().model_dump_json(), encoding="utf-8")

    assert set(pages(tmp_path, "Week", formats, look)) == made


def test_without_issues_nothing_is_made(tmp_path: Path) -> None:
    assert pages(tmp_path, "Week", FORMATS, LOOK) == {}


def test_a_rerun_is_an_empty_diff(tmp_path: Path) -> None:
    shelved(tmp_path, an_issue(1), an_issue())
    before = bytes_of(tmp_path)

    shelved(tmp_path, an_issue())

    assert bytes_of(tmp_path) == before


def test_issues_made_in_any_order_give_the_same_folder(tmp_path: Path) -> None:
    shelved(tmp_path / "a", an_issue(2), an_issue(1), an_issue())
    shelved(tmp_path / "b", an_issue(), an_issue(2), an_issue(1))

    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_a_page_links_its_neighbours_once_they_are_there(tmp_path: Path) -> None:
    def links(id: str) -> list[str]:
        page = (tmp_path / f"{id}.html").read_text(encoding="utf-8")
        return re.findall(r'href="([^"]*\.html)"', page)

    shelved(tmp_path, an_issue(2))
    assert links("2026-W45") == ["index.html"]

    places = shelved(tmp_path, an_issue(1), an_issue())

    assert links("2026-W45") == ["index.html", "2026-W46.html"]
    assert links("2026-W46") == ["index.html", "2026-W45.html", "2026-W47.html"]
    assert links("2026-W47") == ["index.html", "2026-W46.html"]
    assert str(tmp_path / "2026-W46.html") in places
    assert str(tmp_path / "2026-W45.html") not in places


def test_a_page_with_a_template_of_ones_own_and_no_place_for_links_stays_as_it_is(tmp_path: Path) -> None:
    shelved(tmp_path, an_issue(1))
    (tmp_path / "2026-W46.html").write_text("<p>my own", encoding="utf-8")

    shelved(tmp_path, an_issue())

    assert (tmp_path / "2026-W46.html").read_text(encoding="utf-8") == "<p>my own"


@pytest.mark.parametrize("name", ["README.md", "index.html", "feed.xml"])
@pytest.mark.parametrize("theirs", [b"mine", b"\xff\xfe"])
def test_a_file_of_somebody_else_is_left_alone_and_that_is_said(tmp_path: Path, name: str, theirs: bytes) -> None:
    (tmp_path / name).write_bytes(theirs)
    told: list[str] = []

    places = shelved(tmp_path, an_issue(), told=told.append)

    assert (tmp_path / name).read_bytes() == theirs
    assert str(tmp_path / name) not in places
    (line,) = told
    assert line.startswith(f"{tmp_path / name}: is not digestor's")


@pytest.mark.parametrize(
    "broken",
    [
        b"", b"{", b"[]", b"7", b"null", b'"x"', b"{}", b"\xff\xfe", b"[" * 100_000,
        b'{"id": "bad", "title": "x", "start": "2026-01-01", "end": "no", "sections": []}',
        b'{"id": "other", "title": "x", "start": "2026-01-01", "end": "2026-01-02", "sections": []}',
        b'{"id": "bad", "title": "x", "start": 1, "end": "2026-01-02", "sections": []}',
        b'{"id": "bad", "title": "x", "start": "2026-01-01", "end": "2026-01-02", "sections": [{"entries": [1]}]}',
        b'{"id": "bad", "title": "x", "start": "2026-01-01", "end": "2026-01-02", "sections": {"a": 1}}',
        b'{"id": "bad", "title": ["x"], "start": "2026-01-01", "end": "2026-01-02", "sections": []}',
        b'{"id": "bad", "title": "x", "start": "2026-01-01", "end": "2026-01-02", "sections": [], "pick": 7}',
    ],
    ids=str,
)  # fmt: skip
def test_a_broken_file_is_named_and_the_others_are_listed(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "2026-W47.json").write_text(an_issue().model_dump_json(), encoding="utf-8")
    (tmp_path / "bad.json").write_bytes(broken)
    told: list[str] = []

    made = pages(tmp_path, "Week", FORMATS, LOOK, told.append)

    assert told == [f"{tmp_path / 'bad.json'}: is no issue, so the index leaves it out"]
    assert "2026-W47" in made["README.md"]


def test_odd_fields_of_a_paper_are_no_crash(tmp_path: Path) -> None:
    table = json.loads(an_issue().model_dump_json())
    for entry, (title, url) in zip(
        table["sections"][0]["entries"], [("", None), (7, "x"), ("x", "javascript:alert(1)")], strict=True
    ):
        entry["paper"].update(title=title, url=url)
    (tmp_path / "2026-W47.json").write_text(json.dumps(table), encoding="utf-8")

    past, broken = read(tmp_path)

    assert (past, len(broken)) == ([], 1)


def test_an_unsafe_address_is_not_linked(tmp_path: Path) -> None:
    table = json.loads(an_issue().model_dump_json())
    for entry in table["sections"][0]["entries"]:
        entry["paper"]["url"] = "javascript:alert(1)"
    (tmp_path / "2026-W47.json").write_text(json.dumps(table), encoding="utf-8")

    assert all("javascript" not in text for text in pages(tmp_path, "Week", FORMATS, LOOK).values())


@pytest.mark.parametrize(("width", "scheme"), [(600, "light"), (320, "dark")])
def test_the_index_is_accessible_and_fits(tmp_path: Path, browser: Browser, width: int, scheme: str) -> None:
    shelved(tmp_path, an_issue(1, title=HOSTILE), an_issue())

    with browser.page(tmp_path / "index.html", width=width, scheme="dark" if scheme == "dark" else "light") as page:
        assert (overflow(page), axe(page), browser.complaints, browser.refused) == ([], [], [], [])
        page.click("text=9–15 November 2026")
        page.click("text=All issues")
        assert page.url.endswith("/index.html")
        assert browser.complaints == []
