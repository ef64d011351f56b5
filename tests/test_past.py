"""The issues that were made: what is known of them, what is forgotten, what readers said."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.compose import Beside, compose
from digestor.feedback import Verdict
from digestor.models import Entry, Gathered, Issue, Ledger, Listed, Paper
from digestor.period import Period, daily, monthly, weekly
from digestor.render.issue import as_json
from digestor.store import Made, Past, Store
from tests.fakes import a_memory, a_paper, an_annotation

FRIDAY = date(2026, 11, 20)
WEEK = weekly(FRIDAY)
NEXT = date(2026, 11, 23)


def an_issue(period: Period, *papers: Paper, tag: str = "survey") -> Issue:
    entries = [Entry(paper=paper, annotation=an_annotation(paper, tag=tag)) for paper in papers]
    return compose("Week", period, entries, Ledger(read=len(papers), annotated=len(papers)), {})


@pytest.fixture
def store() -> Store:
    return a_memory()


@pytest.fixture
def past(store: Store) -> Past:
    return store.past


def made(store: Store, period: Period, *papers: Paper, on: date | None = None, tag: str = "survey") -> None:
    issue = an_issue(period, *papers, tag=tag)
    store.remember(issue, as_json(issue), on)


def weeks(store: Store, *ago: int) -> None:
    """Issues of so many weeks ago, each with a paper of the number and one of its own."""
    for number in ago:
        made(store, weekly(FRIDAY - timedelta(weeks=number)), a_paper(number), a_paper(100 + number))


def test_the_issues_are_listed_oldest_first_with_their_days_and_papers(store: Store, past: Past) -> None:
    made(store, WEEK, a_paper(1), a_paper(2), on=FRIDAY)
    made(store, weekly(date(2026, 11, 10)), a_paper(3))

    assert past.issues() == [
        Made("2026-W46", date(2026, 11, 15), None, 1, date(2026, 11, 9)),
        Made("2026-W47", date(2026, 11, 22), FRIDAY, 2, date(2026, 11, 16)),
    ]


def test_the_last_issue_is_the_latest_of_the_same_kind_that_ended_before(store: Store, past: Past) -> None:
    weeks(store, 0, 1, 3)
    made(store, daily(date(2026, 11, 21)), a_paper(50))
    made(store, monthly(date(2026, 10, 1)), a_paper(51))

    def last(like: str, before: date) -> str | None:
        found = past.last(like, before)
        return found.id if found else None

    assert last("2026-W48", NEXT) == "2026-W47"
    assert last("2026-W48", date(2026, 11, 22)) == "2026-W46"
    assert last("2026-W48", date(2026, 11, 1)) is None
    assert last("2026-11-23", NEXT) == "2026-11-21"
    assert last("2026-12", NEXT) == "2026-10"
    assert last("special", NEXT) is None


def test_an_edition_made_again_replaces_papers_counts_and_day(store: Store, past: Past) -> None:
    made(store, WEEK, a_paper(1), a_paper(2), on=FRIDAY, tag="bees")
    made(store, WEEK, a_paper(2), on=date(2026, 11, 22), tag="rivers")

    assert past.issues() == [Made("2026-W47", date(2026, 11, 22), date(2026, 11, 22), 1, date(2026, 11, 16))]
    assert past.tallies("2026-W48", NEXT, 8) == [{("papers", ""): 1, ("tag", "rivers"): 1}]


def test_the_tallies_are_those_of_the_latest_issues_of_a_kind_newest_first(store: Store, past: Past) -> None:
    for ago, tag in enumerate(("a", "b", "c", "d")):
        made(store, weekly(FRIDAY - timedelta(weeks=ago)), a_paper(ago), tag=tag)
    made(store, daily(FRIDAY), a_paper(50), tag="daily")

    found = past.tallies("2026-W47", WEEK.window.start, 2)

    assert [[name for kind, name in one if kind == "tag"] for one in found] == [["b"], ["c"]]


def test_recent_papers_come_newest_issue_first_and_each_once_as_it_was_last(store: Store, past: Past) -> None:
    early = a_paper(1, arxiv_id="2611.00001", version=1)
    late = a_paper(1, arxiv_id="2611.00001", version=2, abstract="Every word of it is another by now, as you see.")
    made(store, weekly(date(2026, 11, 3)), a_paper(3))
    made(store, weekly(date(2026, 11, 10)), early, a_paper(2, title="Editorial", doi="10.1000/1"))
    made(store, WEEK, late, a_paper(4, title="Editorial", doi="10.1000/2"))

    found = list(past.recent(date(2026, 11, 15)))

    assert [(id, paper.id) for id, paper in found] == [("2026-W47", "p4"), ("2026-W47", "p1"), ("2026-W46", "p2")]
    assert found[1][1].version == 2


@pytest.mark.parametrize(
    "words",
    [
        "p1",
        "2611.00001",
        "arXiv:2611.00001v3",
        "https://arxiv.org/abs/2611.00001",
        "10.1000/BEES",
        "https://doi.org/10.1000/bees",
        "sorting  NETWORKS",
        "Sorting networks for slow memory, study 1",
        "other-id",
    ],
)
def test_a_paper_is_found_by_any_of_its_names_and_by_words_of_its_title(store: Store, past: Past, words: str) -> None:
    made(store, WEEK, a_paper(1, arxiv_id="2611.00001", doi="10.1000/bees", also=("other-id",)), a_paper(2))

    assert [(id, paper.id) for id, paper in past.find(words)] == [("2026-W47", "p1")]


def test_a_whole_title_goes_before_part_of_one_and_an_id_before_both(store: Store, past: Past) -> None:
    made(store, WEEK, a_paper(1, title="Tides"), a_paper(2, title="Tides in bays"), a_paper(3, title="Tides p1"))

    assert [paper.id for _, paper in past.find("tides")] == ["p1"]
    assert [paper.id for _, paper in past.find("p1")] == ["p1"]
    assert sorted(paper.id for _, paper in past.find("tide")) == ["p1", "p2", "p3"]


@pytest.mark.parametrize("words", ["", "  ", "bees", "%", "_", "p", "2611.00009", "'; DROP TABLE paper; --", "\x00"])
def test_what_names_no_paper_finds_none(store: Store, past: Past, words: str) -> None:
    made(store, WEEK, a_paper(1, title="Rivers", arxiv_id="2611.00001"))

    assert past.find(words) == []


def test_an_id_names_its_paper_in_every_issue_and_is_never_part_of_a_title(store: Store, past: Past) -> None:
    made(store, weekly(date(2026, 11, 10)), a_paper(1))
    made(store, WEEK, a_paper(1, abstract="It has another abstract by now."), a_paper(2, title="On p1"))

    assert [(id, paper.id) for id, paper in past.named("p1")] == [("2026-W47", "p1"), ("2026-W46", "p1")]
    assert past.named("on p1") == []


def test_a_forgotten_paper_may_come_again_under_all_its_names(store: Store, past: Past) -> None:
    early, late = a_paper(1, arxiv_id="2611.00001"), a_paper(1, id="x", arxiv_id="2611.00001", abstract="Rewritten.")
    made(store, weekly(date(2026, 11, 10)), early, a_paper(2))
    made(store, WEEK, late, a_paper(3))

    assert past.forget_paper(early) == 2

    assert store.published(early, but="") is None
    assert store.published(late, but="") is None
    assert store.published(a_paper(2), but="") == "2026-W46"
    assert past.find("2611.00001") == []
    assert past.forget_paper(early) == 0


def test_a_forgotten_paper_stays_forgotten_while_the_file_of_its_issue_lies_there(
    store: Store, past: Past, tmp_path: Path
) -> None:
    (tmp_path / "2026-W47.json").write_text(as_json(an_issue(WEEK, a_paper(1), a_paper(2))), encoding="utf-8")
    store.learn(tmp_path, but="")

    past.forget_paper(a_paper(1))
    store.learn(tmp_path, but="")

    assert [store.published(a_paper(number), but="") for number in (1, 2)] == [None, "2026-W47"]


def test_a_forgotten_issue_was_not_made_and_its_papers_may_come_again(store: Store, past: Past) -> None:
    weeks(store, 0, 1)

    assert past.forget_issue("2026-W47") == 2

    assert [issue.id for issue in past.issues()] == ["2026-W46"]
    assert store.published(a_paper(0), but="") is None
    assert store.published(a_paper(1), but="") == "2026-W46"
    assert past.last("2026-W48", NEXT) == past.issues()[0]
    assert len(past.tallies("2026-W48", NEXT, 8)) == 1
    assert past.forget_issue("2026-W40") == 0


def test_a_forgotten_issue_stays_forgotten_while_its_file_lies_there_and_until_it_is_made_again(
    store: Store, past: Past, tmp_path: Path
) -> None:
    issue = an_issue(WEEK, a_paper(1))
    (tmp_path / "2026-W47.json").write_text(as_json(issue), encoding="utf-8")
    store.learn(tmp_path, but="")
    past.forget_issue("2026-W47")

    store.learn(tmp_path, but="")
    (tmp_path / "2026-W47.json").write_text(f"{as_json(issue)}\n", encoding="utf-8")
    store.learn(tmp_path, but="")
    assert (past.issues(), store.published(a_paper(1), but="")) == ([], None)

    store.remember(issue, as_json(issue))
    assert [issue.id for issue in past.issues()] == ["2026-W47"]


def test_listed_papers_are_found_and_forgotten_like_any_other(store: Store, past: Past) -> None:
    listed = a_paper(9, arxiv_id="2611.00009", abstract="")
    issue = an_issue(WEEK, a_paper(1)).model_copy(update={"listed": (Listed(paper=listed, why="2 votes"),)})
    store.remember(issue, as_json(issue))

    assert past.find("2611.00009") == [("2026-W47", listed)]
    assert past.forget_paper(a_paper(9, arxiv_id="2611.00009")) == 1
    assert store.published(listed, but="") is None


def test_the_last_word_on_a_paper_counts_whatever_its_name_and_the_order_of_reading(past: Past) -> None:
    early, late = a_paper(1, arxiv_id="2611.00001"), a_paper(1, id="x", arxiv_id="2611.00001", abstract="Rewritten.")

    past.opine(late, "less", date(2026, 11, 21))
    past.opine(early, "more", date(2026, 11, 20))
    past.opine(a_paper(2), "more", date(2026, 11, 19))

    assert past.opinions() == [(a_paper(2), "more", date(2026, 11, 19)), (late, "less", date(2026, 11, 21))]


def test_of_two_words_on_one_day_the_one_read_later_counts(past: Past) -> None:
    past.opine(a_paper(1), "more", FRIDAY)
    past.opine(a_paper(1), "less", FRIDAY)

    assert past.opinions() == [(a_paper(1), "less", FRIDAY)]


def test_an_opinion_survives_that_its_paper_is_forgotten(store: Store, past: Past) -> None:
    made(store, WEEK, a_paper(1))
    past.opine(a_paper(1), "less", FRIDAY)

    past.forget_paper(a_paper(1))

    assert past.opinions() == [(a_paper(1), "less", FRIDAY)]


SAYINGS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["more", "less"]), st.dates(FRIDAY, NEXT)), max_size=12)


@given(SAYINGS)
def test_opinions_are_the_last_words_and_nothing_else(sayings: list[tuple[int, Verdict, date]]) -> None:
    expected: dict[int, tuple[date, Verdict]] = {}
    with Store.rehearsal() as store:
        for number, verdict, day in sayings:
            store.past.opine(a_paper(number), verdict, day)
            if number not in expected or expected[number][0] <= day:
                expected[number] = (day, verdict)

        found = {paper.id: (day, verdict) for paper, verdict, day in store.past.opinions()}

    assert found == {f"p{number}": said for number, said in expected.items()}


def an_edition(store: Store, number: int, *failed: str) -> None:
    """The issue of a week of November in which some sources failed."""
    days = weekly(date(2026, 11, 2 + 7 * number))
    sources = [Gathered(name=name, state="failed" if name in failed else "read") for name in ("a", "b", "c")]
    issue = compose("Week", days, [], Ledger(), {}, beside=Beside(sources=sources))
    store.remember(issue, issue.model_dump_json())


def test_a_failed_source_is_failing_since_a_week_before_the_first_of_its_issues_in_a_row() -> None:
    store = a_memory()
    an_edition(store, 0, "a", "b", "c")
    an_edition(store, 1, "a")
    an_edition(store, 2, "a", "b")

    since = store.past.failing("2026-W48", date(2026, 11, 23))

    assert since == {"a": date(2026, 10, 26), "b": date(2026, 11, 9)}


def test_one_that_could_be_read_again_is_failing_no_more() -> None:
    store = a_memory()
    an_edition(store, 0, "a")
    an_edition(store, 1)

    assert store.past.failing("2026-W47", date(2026, 11, 16)) == {}
