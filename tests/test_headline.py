"""Subject, preheader, title and lead: computed, short, and fit for an inbox whatever the papers say."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.models import Code, Entry, Issue, Ledger, Listed, Pick, Section
from digestor.render.headline import PREHEADER, SUBJECT, headline
from tests.fakes import a_paper, an_annotation

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]")


def an_issue(
    *sizes: int,
    line: str = "We show that bees see polarised light.",
    title: str = "Bees: A Study",
    areas: tuple[str, ...] = ("Language", "Vision", "Systems", "Theory"),
    pick: bool = True,
    days: int = 7,
    released: int = 2,
    carried: int = 0,
    name: str = "2026-W47",
) -> Issue:
    """Sections of these sizes, each in an area of its own; so many papers with code."""
    sections, number = [], 0
    for place, size in enumerate(sizes):
        entries = []
        for _ in range(size):
            paper = a_paper(number, title=title)
            status = "released" if number < released else "promised" if number == released else "none"
            said = an_annotation(paper, code=Code.model_validate({"status": status})).model_copy(
                update={"summary": line}
            )
            entries.append(Entry(paper=paper, annotation=said))
            number += 1
        sections.append(Section(tag=f"t{place}", title=f"Tag {place}", area=areas[place], entries=tuple(entries)))
    return Issue(
        id=name,
        title="Papers, 16–22 November 2026",
        start=date(2026, 11, 16),
        end=date.fromordinal(date(2026, 11, 16).toordinal() + days - 1),
        sections=tuple(sections),
        ledger=Ledger(read=number + 9, duplicates=9, annotated=number),
        pick=Pick(paper_id="p0", why="most votes") if pick and number else None,
        carried=sections[0].entries[:1] * carried if sections else (),
    )


def test_the_subject_begins_with_the_facts_and_ends_with_the_issue() -> None:
    assert headline(an_issue(3, 2)).subject == "5 papers, 2 with code: Bees see polarised light · 2026-W47"


def test_a_long_claim_is_cut_after_a_word() -> None:
    issue = an_issue(3, 2, line="A claim that goes on and on about everything that was measured in the field.")

    assert headline(issue).subject == "5 papers, 2 with code: A claim that goes on and on about… · 2026-W47"


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        ("In this paper, we propose Ferry, a planner.", "Ferry, a planner"),
        ("This work studies bees.", "Bees"),
        ("We evaluate bees.", "We evaluate bees"),
        ("Bees show that they can.", "Bees show that they can"),
    ],
)
def test_a_claim_does_not_clear_its_throat(line: str, claim: str) -> None:
    assert headline(an_issue(5, line=line)).subject == f"5 papers, 2 with code: {claim} · 2026-W47"


def test_with_no_pick_the_subject_names_the_themes() -> None:
    assert headline(an_issue(2, 3, pick=False)).subject == "5 papers, 2 with code: Vision and Language · 2026-W47"


@pytest.mark.parametrize(("days", "span"), [(1, "day"), (7, "week"), (30, "month"), (12, "issue")])
def test_few_papers_make_a_quiet_week(days: int, span: str) -> None:
    assert headline(an_issue(3, days=days, released=1)).subject == f"Quiet {span}: 3 papers, 1 with code · 2026-W47"
    assert headline(an_issue(days=days)).subject == f"Quiet {span}: no new papers · 2026-W47"


@pytest.mark.parametrize(("days", "title"), [(1, "today"), (7, "this week"), (31, "this month"), (12, "in this issue")])
def test_the_title_counts(days: int, title: str) -> None:
    assert headline(an_issue(1, released=0, days=days)).title == f"1 paper {title}, 0 with code"
    assert headline(an_issue(days=days)).title == f"No new papers {title}"


def test_the_preheader_adds_the_picks_name_and_the_themes() -> None:
    assert (
        headline(an_issue(3, 2, 4)).preheader
        == "Top pick: Bees. Systems 4, Language 3, Vision 2. 18 papers read, 9 duplicates."
    )


def test_the_lead_counts_themes_code_and_what_appeared() -> None:
    assert headline(an_issue(3, 2, 4, carried=1)).lead == (
        "The largest themes are Systems (4), Language (3) and Vision (2). 2 release code, a model or data; "
        "1 promises it. 1 paper of earlier issues now has code."
    )
    assert headline(an_issue(1, released=9)).lead == "The theme is Language. 1 releases code, a model or data."
    assert headline(an_issue(3, released=0)).lead == "The theme is Language. 1 promises code."
    assert headline(an_issue()).lead.startswith("Nothing that came in was new.")


def test_papers_for_which_there_was_no_room_are_counted_with_the_others() -> None:
    without = tuple(Listed(paper=a_paper(number)) for number in range(100, 5_952))
    some, few, none = (
        issue.model_copy(update={"listed": without})
        for issue in (an_issue(40, 20, pick=False), an_issue(2), an_issue())
    )

    assert headline(some).subject == "60 of 5,912 papers, 2 with code: Language and Vision · 2026-W47"
    assert headline(some).title == "60 of 5,912 papers this week, 2 with code"
    assert headline(few).subject.startswith("2 of 5,854 papers, 2 with code: ")
    assert headline(none).subject == "0 of 5,852 papers, 0 with code · 2026-W47"
    assert headline(none).lead == "There was no room for any of them; their titles are in the full issue."


def test_other_is_no_theme() -> None:
    issue = an_issue(9, 1)
    other = issue.sections[0].model_copy(update={"tag": "other", "title": "Other", "area": ""})

    said = headline(issue.model_copy(update={"sections": (other, issue.sections[1])}))

    assert said.lead.startswith("The theme is Vision.")


def test_a_pick_that_is_not_in_the_issue_is_passed_over() -> None:
    issue = an_issue(5).model_copy(update={"pick": Pick(paper_id="gone", why="x")})

    assert headline(issue).subject == "5 papers, 2 with code: Language · 2026-W47"


def test_a_subject_holds_no_encoded_word() -> None:
    assert "=?" not in headline(an_issue(5, line="=?utf-8?q?Bcc=3A_x=40evil.example?= and more.")).subject


LINES = st.text(min_size=1).filter(lambda text: text.splitlines() == [text] and bool(text.strip()))


@given(LINES, LINES, st.text(), st.lists(st.integers(1, 9), max_size=4), st.booleans())
def test_an_inbox_can_show_any_of_them(line: str, title: str, area: str, sizes: list[int], pick: bool) -> None:
    said = headline(
        an_issue(*sizes, line=line * 9, title=title * 9, areas=(area, "b", "c", "d"), pick=pick, name=line * 9)
    )

    assert 0 < len(said.subject) <= SUBJECT
    assert 30 <= len(said.preheader) <= PREHEADER[1]
    assert not UNSEEN.search(said.subject + said.preheader + said.title + said.lead)
    assert not re.search(r"\{\{|\{%|\*\|", said.subject + said.preheader)
    if sum(sizes):
        assert f"{sum(sizes)} paper" in said.subject[:40]
