"""What rises, falls, and comes again; and how often chance alone looks like it."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.models import Entry, Trend
from digestor.trends import PAPERS, Tally, tally, trends
from tests.fakes import a_paper, an_annotation

LABELS = {"bees": "Bees", "rivers": "Rivers"}


def an_entry(number: int, *tags: str, authors: Sequence[str] = (), organisation: str = "") -> Entry:
    paper = a_paper(number, authors=tuple(authors), organisation=organisation)
    return Entry(paper=paper, annotation=an_annotation(paper, tags=tags or ("survey",)))


def counted(papers: int, kind: str = "tag", **names: int) -> Tally:
    return {PAPERS: papers, **{(kind, name.replace("_", " ")): count for name, count in names.items()}}


def told(found: Sequence[Trend]) -> list[tuple[str, str, int, float, int]]:
    return [(one.kind, one.name, one.now, one.before, one.issues) for one in found]


def test_a_tally_counts_each_paper_once_for_each_of_its_names() -> None:
    entries = [
        an_entry(1, "bees", "rivers", authors=("Ada One", "Bo Two", "Ada One"), organisation="Hive  Lab"),
        an_entry(2, "bees", authors=("One, Ada",)),
    ]

    assert tally(entries) == {
        PAPERS: 2,
        ("tag", "bees"): 2,
        ("tag", "rivers"): 1,
        ("author", "Ada One"): 2,
        ("author", "Bo Two"): 1,
        ("organisation", "Hive Lab"): 1,
    }


def test_a_paper_by_a_crowd_and_authors_without_a_name_count_for_nobody() -> None:
    crowd = [f"Author {number}" for number in range(50)]

    assert tally([an_entry(1, authors=crowd), an_entry(2, authors=("et al.", "??", " "))]) == {
        PAPERS: 2,
        ("tag", "survey"): 2,
    }


def test_a_tag_that_takes_off_rises_and_says_from_what() -> None:
    before = [counted(60, bees=3, rivers=10)] * 4 + [counted(50, bees=2, rivers=9)]

    assert told(trends(counted(60, bees=14, rivers=9), before, LABELS)) == [("rising", "Bees", 14, 2.8, 5)]


def test_a_tag_that_all_but_vanishes_falls() -> None:
    before = [counted(60, bees=12, rivers=10)] * 4

    assert told(trends(counted(60, bees=1, rivers=11), before, LABELS)) == [("falling", "Bees", 1, 12.0, 4)]


def test_a_tag_that_is_new_can_rise_and_one_that_is_gone_can_fall() -> None:
    before = [counted(60, rivers=15)] * 6

    assert told(trends(counted(60, bees=12), before, LABELS)) == [
        ("rising", "Bees", 12, 0.0, 6),
        ("falling", "Rivers", 0, 15.0, 6),
    ]


def test_an_issue_thrice_as_large_makes_nothing_rise() -> None:
    before = [counted(60, bees=6, rivers=12), counted(60, bees=5, rivers=13), counted(60, bees=7, rivers=11)]

    assert trends(counted(180, bees=18, rivers=36), before, LABELS) == ()


def test_a_large_issue_in_which_a_tag_has_as_many_papers_as_ever_says_nothing_falls() -> None:
    before = [counted(100, bees=30, rivers=10)] * 5

    assert trends(counted(400, bees=30, rivers=40), before, LABELS) == ()


def test_two_papers_are_no_trend_and_neither_is_one_issue_before() -> None:
    assert trends(counted(3, bees=2), [counted(900, rivers=90)] * 8, LABELS) == ()
    assert trends(counted(60, bees=30), [counted(60, rivers=30)], LABELS) == ()
    assert trends(counted(60, bees=30), [], LABELS) == ()


def test_an_issue_without_papers_is_no_issue_to_compare_with() -> None:
    before = [counted(60, rivers=10), counted(0), {}]

    assert trends(counted(60, bees=30), before, LABELS) == ()
    assert trends({}, [counted(60, rivers=10)] * 4, LABELS) == ()


def test_a_tag_that_swings_from_issue_to_issue_does_not_rise_by_another_swing() -> None:
    swings = [counted(100, bees=count, rivers=40) for count in (2, 25, 3, 28, 2, 22)]
    steady = [counted(100, bees=14, rivers=40)] * 6

    assert trends(counted(100, bees=34, rivers=40), swings, LABELS) == ()
    assert [one.name for one in trends(counted(100, bees=34, rivers=40), steady, LABELS)] == ["Bees"]


def test_what_is_in_no_field_is_no_trend() -> None:
    assert trends(counted(60, other=30, bees=6), [counted(60, other=3, bees=6)] * 5, LABELS) == ()


def test_at_most_three_rise_the_least_likely_first_and_equals_by_name() -> None:
    before = [counted(200, rest=60)] * 5

    found = trends(counted(200, a=20, b=30, c=20, d=20, rest=60), before, {})

    assert [one.name for one in found] == ["b", "a", "c"]


def test_only_the_last_eight_issues_count() -> None:
    before = [counted(60, bees=12, rivers=9)] * 8 + [counted(60, rivers=9)] * 40

    assert trends(counted(60, bees=12, rivers=9), before, LABELS) == ()


def test_an_author_with_papers_here_and_in_the_issues_before_is_here_again_in_any_spelling() -> None:
    before = [counted(60, "author", Jose_García=2), counted(60, "author", **{"Jose Garcia": 1})]

    found = trends(counted(60, "author", **{"José Garcia": 2, "Bo Two": 5}), before, LABELS)

    assert told(found) == [("author", "José Garcia", 2, 3.0, 2)]


def test_one_paper_here_or_two_before_are_not_enough_to_be_here_again() -> None:
    assert trends(counted(60, "author", Ada=1), [counted(60, "author", Ada=4)] * 2, {}) == ()
    assert trends(counted(60, "author", Ada=4), [counted(60, "author", Ada=1)] * 2, {}) == ()


def test_three_authors_and_two_organisations_are_named_at_most_those_with_most_papers() -> None:
    names = {"A": 2, "B": 3, "C": 2, "D": 4}
    kinds = ("author", "organisation")
    everybody: Tally = {PAPERS: 60, **{(kind, name): count for kind in kinds for name, count in names.items()}}

    found = trends(everybody, [everybody, everybody], {})

    assert [(one.kind, one.name) for one in found] == [
        ("author", "D"),
        ("author", "B"),
        ("author", "A"),
        ("organisation", "D"),
        ("organisation", "B"),
    ]


def test_the_order_of_the_entries_makes_no_difference() -> None:
    entries = [an_entry(number, "bees", authors=(f"Author {number % 3}",)) for number in range(12)]
    before = [{PAPERS: 12, ("tag", "rivers"): 2, ("author", "Author 1"): 4, ("author", "Author 2"): 4}] * 3

    assert trends(tally(entries), before, LABELS) == trends(tally(entries[::-1]), before, LABELS) != ()


COUNTS = st.fixed_dictionaries({name: st.integers(0, 40) for name in "abcde"})
TALLIES = st.builds(lambda papers, names: counted(papers + max(names.values()), **names), st.integers(0, 90), COUNTS)


@given(TALLIES, st.lists(TALLIES, max_size=10))
def test_the_numbers_of_a_trend_never_say_the_opposite_of_its_word(now: Tally, before: list[Tally]) -> None:
    found = trends(now, before, {})

    assert all(one.now > one.before and one.now >= 3 for one in found if one.kind == "rising")
    assert all(one.now < one.before and one.before >= 3 for one in found if one.kind == "falling")
    assert all(sum(one.kind == kind for one in found) <= 3 for kind in ("rising", "falling"))


def a_stream(rng: random.Random, size: int, issues: int, uneven: float) -> list[Tally]:
    """Issues whose papers are drawn from the same 30 tags, few of them frequent.

    With `uneven`, the share of each tag varies from issue to issue by so much (its coefficient of variation).
    """
    tallies: list[Tally] = []
    for _ in range(issues):
        shares = [(rng.gammavariate(uneven**-2, uneven**2) if uneven else 1) / (1 + rank) for rank in range(30)]
        papers = round(size * rng.uniform(0.5, 1.5))
        found: Counter[tuple[str, str]] = Counter({PAPERS: papers})
        for _ in range(papers):
            found.update({("tag", f"tag {tag}") for tag in rng.choices(range(30), shares, k=rng.choice((1, 2, 2, 3)))})
        tallies.append(found)
    return tallies


@pytest.mark.parametrize(
    ("size", "issues", "uneven", "most"), [(40, 3, 0, 0.02), (60, 9, 0, 0.05), (120, 9, 0, 0.05), (60, 9, 0.2, 0.10)]
)
def test_a_steady_stream_has_no_trends_but_for_one_issue_in_twenty(
    size: int, issues: int, uneven: float, most: float
) -> None:
    """Measured on 1,000 streams: 0.3 % of issues of 30 papers with two before, 1.4 % with eight; 2.6 % of 60; 2 % of
    300. Where the share of each tag varies by a fifth of itself from week to week, 6 % of 60 and 15 % of 300.
    """
    rng = random.Random(20261121)
    streams = 200

    alarms = sum(
        bool(trends(now, before, {})) for now, *before in (a_stream(rng, size, issues, uneven) for _ in range(streams))
    )

    assert alarms <= most * streams


@pytest.mark.parametrize(("size", "times", "least"), [(60, 5, 0.9), (300, 2, 0.75), (300, 3, 0.95)])
def test_what_really_grows_is_mostly_found(size: int, times: int, least: float) -> None:
    """A tag with 5 papers of 60, or 25 of 300, among thirty."""
    rng = random.Random(7)
    rest = {f"tag{number}": size // 20 for number in range(30)}

    def an_issue(share: float) -> Tally:
        return counted(size, "tag", bees=sum(rng.random() < share for _ in range(size)), **rest)

    found = sum(
        any(one.name == "Bees" for one in trends(an_issue(times / 12), [an_issue(1 / 12) for _ in range(8)], LABELS))
        for _ in range(100)
    )

    assert found >= least * 100
