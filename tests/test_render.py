"""Issue -> Markdown, page, text, JSON."""

import csv
import html
import io
import json
import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pydantic import ValidationError

from digestor.compose import compose, in_words
from digestor.errors import ConfigError
from digestor.models import Code, Entry, Issue, Ledger, Listed, Pick, Problem, Trend
from digestor.period import weekly
from digestor.render import Look, anchor, markdown, render
from digestor.render.environment import environment, fingerprint
from digestor.render.issue import as_json, as_markdown, as_page, as_text, credits, statuses, topics
from digestor.render.table import as_csv
from tests.fakes import a_paper, an_annotation

WEEK = weekly(date(2026, 11, 21))
HOSTILE = (
    "<script>alert(1)</script> ![x](https://evil.example/p.gif) [y](javascript:alert(2)) {{7*7}} {% raw %} "
    "A* and __init__ ~10% of $x_i$ `code` ``` | # @someone https://evil.example www.evil.example <!-- &lt; \\"
)


def an_issue(title: str = "Bees at night", summary: str = "We follow bees.", **changes: str) -> Issue:
    paper = a_paper(1, title=title, url="https://x.example/bees", abstract="Bees. They fly.")
    code = Code(
        status="released",
        url="https://git.example/bees",
        evidence="See https://git.example/bees.",
        artefacts=("code",),
        found_in="abstract",
    )
    annotation = an_annotation(paper, code=code).model_copy(
        update={"tags": ("survey", "peft"), "summary": summary, **changes}
    )
    problem = Problem(where="list.txt:7", what="is <odd>", todo="mend it", lost=1)
    ledger = Ledger(read=2, annotated=1, failed=1)
    labels = {"survey": "Surveys & reviews", "peft": "Adapters"}
    return compose("Week", WEEK, [Entry(paper=paper, annotation=annotation)], ledger, labels, [problem])


def a_full_issue() -> Issue:
    """One with a pick, and with a paper of an earlier issue that has code now."""
    issue = an_issue()
    late = a_paper(2, title="Moths by day", url="https://x.example/moths")
    code = Code(status="released", url="https://git.example/moths", evidence="x", artefacts=("code",))
    said = an_annotation(late, code=code, tag="peft").model_copy(update={"summary": "We follow moths."})
    pick = Pick(paper_id=issue.sections[0].entries[0].paper.id, why="most votes (41), with code")
    return issue.model_copy(update={"pick": pick, "carried": (Entry(paper=late, annotation=said),)})


def a_personal_issue(listed: int = 6_000, hostile: str = "") -> Issue:
    """One with reasons, a paper from outside, papers without room, trends and notes."""
    issue = a_full_issue()
    entry = issue.sections[0].entries[0]
    judged = entry.annotation.model_copy(update={"relevance": 3, "why": f"follows your own bees{hostile}."})
    first = entry.model_copy(
        update={"why": f"“bees” in the title; by A. One{hostile}", "score": 4.25, "annotation": judged}
    )
    strange = entry.model_copy(
        update={
            "paper": a_paper(3, title="Kites over bays", url="https://x.example/kites"),
            "why": "outside your usual: 41 votes",
            "score": 0.01,
        }
    )
    section = issue.sections[0].model_copy(update={"entries": (first, strange)})
    others = [
        a_paper(
            number, title=f"Moths listed {number}{hostile}", url=f"https://x.example/{number}", authors=("C. Three",)
        )
        for number in range(1_000, 1_000 + listed)
    ]
    return issue.model_copy(
        update={
            "sections": (section,),
            "pick": Pick(paper_id="p1", why=judged.why),
            "outside": Pick(paper_id="p3", why="outside your usual: 41 votes"),
            "listed": tuple(Listed(paper=paper, why="by C. Three") for paper in others),
            "trends": (
                Trend(kind="rising", name=f"Efficiency{hostile}", now=14, before=6, issues=8),
                Trend(kind="author", name="A. One", now=3, before=7, issues=8),
            ),
            "notes": (f"No issue was made for 2026-W46; this one catches up.{hostile}",),
        }
    )


def links(html: str) -> list[str]:
    found: list[str] = []
    script = re.findall(r"<script>.*?</script>", html, re.DOTALL)
    assert len(script) <= 1
    html = html.replace("".join(script), "")

    class Finder(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "img", "iframe", "form", "object", "base"), f"a live <{tag}>"
            found.extend(value or "" for name, value in attrs if name in ("href", "src"))

    Finder().feed(html)
    return found


def test_every_format_holds_the_paper_its_line_its_code_and_the_ledger() -> None:
    issue = an_issue()

    message = render(issue, ("md", "html", "txt", "json"))

    for text in message.formats.values():
        assert "Bees at night" in text
        assert "We follow bees." in text
        assert "https://git.example/bees" in text
    for format in ("md", "html", "txt"):
        words = " ".join(message.formats[format].split())
        assert in_words(issue.ledger).replace("'", "&#39;" if format == "html" else "'") in words
        assert "list.txt:7" in words


def test_the_json_reads_back_as_the_same_issue() -> None:
    issue = an_issue()

    assert Issue.model_validate_json(as_json(issue)) == issue
    assert list(json.loads(as_json(issue)))[:5] == ["id", "title", "start", "end", "sections"]


def test_markdown_is_one_line_a_paper_with_a_table_of_contents() -> None:
    lines = as_markdown(an_issue()).splitlines()

    assert lines[0] == "# Week, 16–22 November 2026"
    assert "- [Surveys & reviews](#surveys--reviews) (1, 1 with code)" in lines
    (line,) = [line for line in lines if line.startswith("- **") and "Bees at night" in line]
    assert line == (
        "- **[Bees at night](https://x.example/bees)**: We follow bees. · [code](https://git.example/bees) · Adapters"
    )


def test_the_contents_name_each_area_once() -> None:
    entries = [
        Entry(paper=a_paper(number), annotation=an_annotation(a_paper(number), tag=tag))
        for number, tag in enumerate(("peft", "peft", "quantization", "other"))
    ]
    areas = {"peft": "Efficiency", "quantization": "Efficiency"}
    issue = compose("Week", WEEK, entries, Ledger(read=4, annotated=4), {}, areas=areas)

    assert "- **Efficiency** (3): [peft](#peft) (2), [quantization](#quantization) (1)\n- [other](#other) (1)\n" in (
        as_markdown(issue)
    )
    assert as_page(issue).count("<b>Efficiency</b>") == 1


def test_the_pick_stands_first_with_its_reason_in_every_format() -> None:
    issue = a_full_issue()

    assert (
        "**If you read one:** [Bees at night](https://x.example/bees): We follow bees. *(most votes (41), with code)*"
    ) in as_markdown(issue)
    assert (
        as_text(issue).index("IF YOU READ ONE")
        < as_text(issue).index("Bees at night")
        < as_text(issue).index("SURVEYS")
    )
    assert "Why this one: most votes (41), with code." in as_text(issue)
    assert "Why this one: most votes (41), with code." in as_page(issue)


def test_papers_whose_code_appeared_since_have_a_section_of_their_own_in_every_format() -> None:
    issue = a_full_issue()

    assert (
        "## Code appeared since\n\n1 paper of earlier issues.\n\n- **[Moths by day](https://x.example/moths)**: "
        "We follow moths. · [code](https://git.example/moths) · Adapters\n"
    ) in as_markdown(issue)
    assert "CODE APPEARED SINCE (1)\n\n* Moths by day\n    We follow moths." in as_text(issue)
    assert "Code appeared for 1 earlier paper." in as_page(issue)
    assert "https://git.example/moths" in links(as_page(issue))


@pytest.mark.parametrize("changes", [{"pick": None}, {"pick": Pick(paper_id="gone", why="x")}])
def test_without_a_pick_nothing_is_said_of_one(changes: dict[str, object]) -> None:
    issue = a_full_issue().model_copy(update=changes)

    for text in (as_markdown(issue), as_text(issue), as_page(issue)):
        assert "if you read one" not in text.lower()


def said(text: str) -> str:
    """The words of a page, of Markdown or of plain text."""
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>|[*\\]", " ", text, flags=re.DOTALL)).split())


@pytest.mark.parametrize("write", [as_markdown, as_page, as_text])
def test_a_personal_issue_says_why_and_what_is_new_in_every_format(write: Callable[[Issue], str]) -> None:
    words = said(write(a_personal_issue(listed=3)))

    assert "2 of 5 papers" in words
    assert "No issue was made for 2026-W46; this one catches up." in words
    reason = "follows your own bees (says the model); “bees” in the title; by A. One"
    assert words.count(reason) == 2
    assert f"Why: {reason}" in words
    assert words.lower().count("outside your usual") == 2
    assert "41 votes" in words
    assert "Rising: Efficiency 14 (6 on average)" in words
    assert "Here again: A. One, 3 papers, 7 in the 8 issues before" in words
    assert words.lower().count("also new, by title") == (1 if write is as_text else 2)
    for number in (1_000, 1_001, 1_002):
        assert f"Moths listed {number}" in words


def test_of_six_thousand_papers_without_room_the_page_has_all_and_the_others_say_where_they_are() -> None:
    issue = a_personal_issue()

    assert as_page(issue).count(">Moths listed ") == 6_000
    assert as_markdown(issue).count("\n- [Moths listed ") == 300
    assert as_text(issue).count("\n* Moths listed ") == 500
    assert "And 5,700 more, in the page and the JSON of this issue." in as_markdown(issue)
    assert "And 5,500 more, in the page and the JSON of this issue." in as_text(issue)


def test_however_long_the_titles_a_report_stays_small_enough_to_be_shown() -> None:
    issue = a_personal_issue(hostile=" and_more" * 100)
    many = issue.sections[0].entries * 300
    look = Look(feedback="mailto:me@example.org")

    assert len(as_markdown(issue, look).encode()) < 150_000
    assert 50 < as_markdown(issue).count("Moths listed") < 300
    bare = a_personal_issue().model_copy(update={"sections": (issue.sections[0].model_copy(update={"entries": many}),)})
    assert "mailto:" not in as_markdown(bare, look).split("## How this issue")[0]


def test_the_table_says_why_where_papers_were_chosen_and_only_there() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(a_personal_issue(listed=2)))))

    assert "why" not in as_csv(a_full_issue()).splitlines()[0].split(",")
    assert [row["place"] for row in rows] == ["shown", "outside", "listed", "listed"]
    assert [row["relevance"] for row in rows] == ["3", "", "", ""]
    assert [row["score"] for row in rows] == ["4.25", "0.01", "", ""]
    assert rows[0]["model_why"] == "follows your own bees."
    assert [row["why"] for row in rows[1:3]] == ["outside your usual: 41 votes", "by C. Three"]
    assert rows[2]["title"] == "Moths listed 1000"


@pytest.mark.parametrize(
    ("feedback", "more"),
    [
        (
            "mailto:me+bees@example.org",
            "mailto:me+bees@example.org?subject=digestor%3A%20more%20p1%20%C2%B7%202026-W47",
        ),
        ("github:bees/papers", "https://github.com/bees/papers/issues/new?title=digestor%3A%20more%20p1%20"),
    ],
)
def test_each_paper_has_links_for_feedback_in_page_and_report(feedback: str, more: str) -> None:
    issue, look = a_personal_issue(listed=3), Look(feedback=feedback)

    page = [link for link in links(as_page(issue, look)) if "digestor%3A" in link]
    report = [
        link
        for link in links(MarkdownIt("gfm-like", {"linkify": False}).render(as_markdown(issue, look)))
        if "digestor%3A" in link
    ]

    assert page == report
    assert len(page) == 4
    assert page[0].startswith(more)
    assert page[1] == page[0].replace("more", "less")
    assert "digestor: more ID" in said(as_text(issue, look))


@pytest.mark.parametrize(
    "feedback",
    [
        "me@example.org", "mailto:", "mailto:me", "mailto:me@here", "mailto:a@b.example,c@d.example", "github:papers",
        "mailto:me@b.example?bcc=x@y.example", "https://x.example/", "github:a/b/c", "github:-a/b", "github:a/..",
        "mailto:me@b.example\nBcc: x", "github:a/b?x", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_feedback_goes_to_an_address_or_a_repository_and_nowhere_else(feedback: str) -> None:
    with pytest.raises(ValidationError, match="feedback goes to"):
        Look(feedback=feedback)


def test_what_can_be_chosen_on_the_page_is_counted() -> None:
    issue = a_full_issue()

    assert topics(issue) == [
        ("Surveys & reviews", [("survey", "Surveys & reviews", 1)]),
        ("Further topics", [("peft", "Adapters", 2)]),
    ]
    assert statuses(issue) == [("released", "With code", 2)]


def test_an_area_can_be_chosen_as_a_whole_where_it_has_several_sections() -> None:
    entries = [
        Entry(paper=a_paper(number), annotation=an_annotation(a_paper(number), tag=tag))
        for number, tag in enumerate(("peft", "peft", "quantization"))
    ]
    areas = {"peft": "Efficiency", "quantization": "Efficiency"}
    issue = compose("Week", WEEK, entries, Ledger(read=3, annotated=3), {}, areas=areas)

    assert topics(issue) == [
        (
            "Efficiency",
            [("area:Efficiency", "All of Efficiency", 3), ("peft", "peft", 2), ("quantization", "quantization", 1)],
        )
    ]


def test_who_wrote_the_lines_is_said() -> None:
    (own,) = an_issue().sections[0].entries
    model = own.annotation.model_copy(update={"origin": "llm", "annotator": "gpt-9 v1@abc"})
    by_model = own.model_copy(update={"annotation": model})

    assert credits([]) == ""
    assert credits([own]) == "Lines are in the abstracts' own words."
    assert credits([by_model]) == "Lines by gpt-9 v1@abc, checked against the abstracts."
    assert credits([own, by_model]) == (
        "Lines by gpt-9 v1@abc, checked against the abstracts; 1 in the abstracts' own words."
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://me:pw@x.example/", "//x.example"])
def test_an_address_that_no_reader_may_be_sent_to_is_no_link(url: str) -> None:
    issue = an_issue()
    entry = issue.sections[0].entries[0]
    code = entry.annotation.code.model_copy(update={"url": url})
    bad = Entry(
        paper=entry.paper.model_copy(update={"url": url}), annotation=entry.annotation.model_copy(update={"code": code})
    )
    section = issue.sections[0].model_copy(update={"entries": (bad,)})
    issue = issue.model_copy(update={"sections": (section,)})

    for text in (as_page(issue), as_markdown(issue), as_text(issue)):
        assert url not in text


def test_an_empty_issue_renders_in_every_format() -> None:
    issue = compose("Week", WEEK, [], Ledger(), {})

    assert "A quiet time." in as_page(issue)
    assert "<script>" not in as_page(issue)
    assert as_markdown(issue).startswith("# Week, 16–22 November 2026\n\n0 papers, 0 with code")
    assert "0 papers, 0 with code." in as_text(issue)


def test_the_same_issue_renders_to_the_same_bytes() -> None:
    assert render(a_full_issue(), ("md", "html", "txt", "json")) == render(
        a_full_issue(), ("md", "html", "txt", "json")
    )


def test_the_page_allows_itself_exactly_its_own_script_and_style() -> None:
    page = as_page(an_issue())
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)

    assert (
        f"default-src 'none'; script-src '{fingerprint(script)}'; style-src '{fingerprint(style)}'; "
        "base-uri 'none'; form-action 'none'"
    ) in page


def test_a_template_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "issue.txt.j2").write_text("Just {{ papers }}: {{ issue.title }}\n", encoding="utf-8")

    look = Look(templates=tmp_path)

    assert as_text(an_issue(), look) == "Just 1: Week, 16–22 November 2026\n"
    assert as_page(an_issue(), look) == as_page(an_issue())


@pytest.mark.parametrize(
    ("template", "where", "what"),
    [
        ("one\ntwo {{ nothing }}", "line 2", "'nothing' is undefined"),
        ("one\n\n{% if %}", "line 3", "Expected an expression"),
        ("{{ ''.__class__ }}", "line 1", "unsafe"),
        ("{{ issue.model_dump.__globals__ }}", "line 1", "unsafe"),
        ("{{ issue.__class__.__init__.__globals__['sys'] }}", "line 1", "unsafe"),
        ("\n{{ 1 / 0 }}", "line 2", "ZeroDivisionError"),
        ("{{ papers + 'x' }}", "line 1", "TypeError"),
        ("{% include '../../../etc/passwd' %}", "line 1", "passwd"),
        ("{% include 'issue.txt.j2' %}", "", "RecursionError"),
    ],
)
def test_a_template_that_is_wrong_is_an_error_that_says_where(
    tmp_path: Path, template: str, where: str, what: str
) -> None:
    (tmp_path / "issue.txt.j2").write_text(template, encoding="utf-8")

    with pytest.raises(ConfigError) as error:
        as_text(an_issue(), Look(templates=tmp_path))

    assert "template issue.txt.j2" in error.value.where
    assert where in error.value.where
    assert what in error.value.what


def test_a_template_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "issue.txt.j2").write_bytes(b"\xff\xfe{{")

    with pytest.raises(ConfigError, match=r"issue\.txt\.j2"):
        as_text(an_issue(), Look(templates=tmp_path))


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\x0b<&>\ufffe\U00010000")))
def test_what_xml_cannot_hold_is_dropped_and_all_else_shows_as_itself(text: str) -> None:
    made = environment("xml").from_string("<a>{{ text }}</a>").render(text=text)

    held = "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    assert (ElementTree.fromstring(made).text or "") == held.replace("\r\n", "\n").replace("\r", "\n")


def test_text_from_outside_makes_no_markup_in_markdown() -> None:
    issue = an_issue(title=HOSTILE, summary=HOSTILE, note=HOSTILE, origin="fallback")
    for flavour in ("commonmark", "gfm-like"):
        html = MarkdownIt(flavour, {"linkify": False}).render(as_markdown(issue))

        assert set(links(html)) == {
            "#surveys--reviews", "#how-this-issue-came-about", "https://x.example/bees", "https://git.example/bees",
        }  # fmt: skip
        assert "<em>10" not in html
        assert "A* and __init__ ~10% of $x_i$ `code` ``` | # @someone" in html


def test_text_from_outside_makes_no_markup_in_the_page() -> None:
    html = as_page(an_issue(title=HOSTILE, summary=HOSTILE, note=HOSTILE, origin="fallback"))

    assert set(links(html)) == {"#_papers", "#survey", "https://x.example/bees", "https://git.example/bees"}
    assert "{{7*7}} {% raw %}" in html


def test_reasons_trends_notes_and_titles_from_outside_make_no_markup() -> None:
    issue = a_personal_issue(listed=2, hostile=f" {HOSTILE}")
    known = {"https://x.example/bees", "https://x.example/kites", "https://x.example/moths", "https://x.example/1000",
             "https://x.example/1001", "https://git.example/bees", "https://git.example/moths"}  # fmt: skip

    report = links(MarkdownIt("gfm-like", {"linkify": False}).render(as_markdown(issue)))
    page = links(as_page(issue))

    for found in (report, page):
        assert {link for link in found if not link.startswith("#")} == known


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("50% of x", "50% of x"),
        ("C*-algebras", r"C\*-algebras"),
        ("a < b > c", "a &lt; b &gt; c"),
        ("R&D &amp;", r"R&D \&amp;"),
    ],
)
def test_markdown_escapes_only_what_would_be_markup(text: str, shown: str) -> None:
    assert markdown(text) == shown


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_escaped_text_shows_as_itself(text: str) -> None:
    rendered = MarkdownIt("commonmark").renderInline(f"x{markdown(text)}x")

    assert not re.search(r"<(?!br)[a-z]", rendered)
    shown = rendered.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert shown == f"x{text}x"


def test_anchors_are_as_github_makes_them() -> None:
    assert anchor("3D vision & scenes") == "3d-vision--scenes"
    assert anchor("Parameter-efficient tuning (PEFT)") == "parameter-efficient-tuning-peft"


def test_a_paper_with_no_abstract_says_so() -> None:
    issue = an_issue()
    entry = issue.sections[0].entries[0]
    bare = entry.annotation.model_copy(update={"summary": None, "code": Code()})
    section = issue.sections[0].model_copy(update={"entries": (entry.model_copy(update={"annotation": bare}),)})
    issue = issue.model_copy(update={"sections": (section,)})

    assert "(no abstract)" in as_markdown(issue)
    assert "(no abstract)" in as_text(issue)
    assert "No abstract came" in as_page(issue)


def test_a_fallback_is_marked_in_every_format() -> None:
    issue = an_issue(origin="fallback", note="the model gave no line")

    assert "*(from the abstract)*" in as_markdown(issue)
    assert "from the abstract: the model gave no line" in as_text(issue)
    assert "from the abstract: the model gave no line" in as_page(issue)


def test_plain_text_keeps_to_its_width_save_for_long_words() -> None:
    issue = an_issue(summary="words " * 60 + "https://x.example/" + "a" * 100)

    wide = [line for line in as_text(issue).splitlines() if len(line) > 76]

    assert all("https://x.example/aaa" in line for line in wide)


def test_of_three_thousand_authors_six_are_shown_and_some_more_on_demand() -> None:
    issue = an_issue()
    entry = issue.sections[0].entries[0]
    many = entry.paper.model_copy(update={"authors": tuple(f"A. Author {n}" for n in range(3000))})
    section = issue.sections[0].model_copy(update={"entries": (entry.model_copy(update={"paper": many}),)})

    html = as_page(issue.model_copy(update={"sections": (section,)}))

    assert "A. Author 5 and 2,994 more" in html
    assert "A. Author 99 and others." in html
    assert "A. Author 100" not in html


@settings(max_examples=50)
@given(st.text(min_size=1).filter(lambda text: text.splitlines() == [text] and text.strip()))
def test_any_title_renders(title: str) -> None:
    issue = an_issue(title=title)

    assert set(links(as_page(issue))) <= {"#_papers", "#survey", "https://x.example/bees", "https://git.example/bees"}
    assert as_markdown(issue).count("\n- **") == 1
