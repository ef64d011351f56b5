"""Issue -> Markdown, page, text, JSON."""

import json
import re
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digestor.compose import compose, in_words
from digestor.models import Code, Entry, Issue, Ledger, Problem
from digestor.period import weekly
from digestor.render import anchor, as_json, as_markdown, as_page, as_text, markdown, render
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


def links(html: str) -> list[str]:
    found: list[str] = []

    class Finder(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "img", "iframe", "form"), f"a live <{tag}>"
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
    (line,) = [line for line in lines if "Bees at night" in line]
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

    assert set(links(html)) == {"#survey", "https://x.example/bees", "https://git.example/bees"}
    assert "{{7*7}} {% raw %}" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("50% of x", "50% of x"),
        ("C*-algebras", r"C\*-algebras"),
        ("a < b > c", r"a \< b \> c"),
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


def test_three_thousand_authors_are_shown_as_six_and_a_number() -> None:
    issue = an_issue()
    entry = issue.sections[0].entries[0]
    many = entry.paper.model_copy(update={"authors": tuple(f"A. Author {n}" for n in range(3000))})
    section = issue.sections[0].model_copy(update={"entries": (entry.model_copy(update={"paper": many}),)})

    html = as_page(issue.model_copy(update={"sections": (section,)}))

    assert "A. Author 5 and 2,994 more" in html
    assert "A. Author 6" not in html


@settings(max_examples=50)
@given(st.text(min_size=1).filter(lambda text: text.splitlines() == [text] and text.strip()))
def test_any_title_renders(title: str) -> None:
    issue = an_issue(title=title)

    assert set(links(as_page(issue))) <= {"#survey", "https://x.example/bees", "https://git.example/bees"}
    assert as_markdown(issue).count("\n- **") == 1
