"""Entries -> an issue."""

from datetime import date
from random import Random

import pytest

from digestor.compose import balance, compose, in_words
from digestor.errors import LedgerError
from digestor.models import Code, Entry, Issue, Ledger
from digestor.period import weekly
from tests.fakes import a_paper, an_annotation

WEEK = weekly(date(2026, 11, 21))
RELEASED = Code(status="released", url="https://x.example/y", evidence="Code: https://x.example/y", artefacts=("code",))
PROMISED = Code(status="promised", evidence="Code will follow.", artefacts=("code",))


def an_entry(number: int, tag: str = "survey", code: Code | None = None, **fields: object) -> Entry:
    paper = a_paper(number, **fields)
    return Entry(paper=paper, annotation=an_annotation(paper, tag=tag, code=code))


def test_sections_come_by_size_and_other_comes_last() -> None:
    entries = [an_entry(n, tag) for n, tag in enumerate(["other", "other", "other", "peft", "survey", "survey"])]

    issue = compose("Week", WEEK, entries, Ledger(read=6, annotated=6), {"peft": "Adapters"})

    assert [section.tag for section in issue.sections] == ["survey", "peft", "other"]
    assert [section.title for section in issue.sections] == ["survey", "Adapters", "other"]


def test_sections_of_one_area_follow_each_other_the_largest_area_first() -> None:
    tags = ["peft", "speech", "speech", "quantization", "pruning-sparsity", "pruning-sparsity"]
    entries = [an_entry(number, tag) for number, tag in enumerate(tags)]
    areas = {"peft": "Efficiency", "quantization": "Efficiency", "pruning-sparsity": "Efficiency", "speech": "Audio"}

    issue = compose("Week", WEEK, entries, Ledger(read=6, annotated=6), {}, areas=areas)

    assert [section.tag for section in issue.sections] == ["pruning-sparsity", "peft", "quantization", "speech"]
    assert [section.area for section in issue.sections] == ["Efficiency"] * 3 + ["Audio"]


def test_code_comes_first_then_votes_then_the_title() -> None:
    entries = [
        an_entry(0, title="Alpha"),
        an_entry(1, title="Beta", code=PROMISED),
        an_entry(2, title="Gamma", code=RELEASED),
        an_entry(3, title="Delta", upvotes=9),
    ]

    issue = compose("Week", WEEK, entries, Ledger(read=4, annotated=4), {})

    assert [entry.paper.title for entry in issue.sections[0].entries] == ["Gamma", "Beta", "Delta", "Alpha"]


def test_the_order_of_the_entries_does_not_matter() -> None:
    entries = [an_entry(n, tag=f"tag{n % 7}") for n in range(50)]
    shuffled = Random(1).sample(entries, k=len(entries))
    ledger = Ledger(read=50, annotated=50)

    assert compose("Week", WEEK, entries, ledger, {}) == compose("Week", WEEK, shuffled, ledger, {})


def test_a_paper_missing_from_the_counts_is_an_error() -> None:
    with pytest.raises(LedgerError, match="3 papers came in"):
        compose("Week", WEEK, [an_entry(1)], Ledger(read=3, annotated=1), {})


def test_an_entry_missing_from_the_issue_is_an_error() -> None:
    with pytest.raises(LedgerError, match="1 entries"):
        balance(Ledger(read=2, annotated=2), entries=1)


def test_the_ledger_in_words_names_every_bucket() -> None:
    words = in_words(Ledger(read=21, duplicates=1, published=2, filtered=3, annotated=4, fallback=5, failed=6))

    assert words == (
        "21 papers read: 1 duplicate, 2 published before, 3 filtered out, 4 annotated, "
        "5 fell back to the abstract's words, 6 failed"
    )


def an_issue(*entries: Entry) -> Issue:
    return compose("Week", WEEK, entries, Ledger(read=len(entries), annotated=len(entries)), {"peft": "Adapters"})


@pytest.mark.parametrize(
    ("entries", "chosen", "why"),
    [
        ([an_entry(0, upvotes=3), an_entry(1, upvotes=41, code=RELEASED)], "p1", "most votes (41), with code"),
        ([an_entry(0), an_entry(1, also=("a", "b"))], "p1", "listed 3 times"),
        ([an_entry(0, "peft"), an_entry(1), an_entry(2)], "p2", "from the most covered topic, survey"),
        ([an_entry(0), an_entry(1, code=RELEASED)], "p1", "first of its topic, with code"),
        ([an_entry(0, "other", upvotes=9), an_entry(1)], "p1", "from the most covered topic, survey"),
    ],
)
def test_the_one_paper_to_read_is_picked_by_signals_that_are_named(entries: list[Entry], chosen: str, why: str) -> None:
    for order in (entries, entries[::-1]):
        pick = an_issue(*order).pick

        assert pick is not None
        assert (pick.paper_id, pick.why) == (chosen, why)


def test_a_paper_without_a_line_of_its_own_is_not_picked() -> None:
    paper = a_paper(1)
    without = Entry(paper=paper, annotation=an_annotation(paper, summary=None))
    fallen = Entry(paper=paper, annotation=an_annotation(paper, origin="fallback"))

    assert an_issue(without).pick is None
    assert an_issue(fallen).pick is None
    assert an_issue().pick is None
