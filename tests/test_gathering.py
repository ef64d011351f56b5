"""What sources give now, and what they gave on earlier days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from digestor.errors import SourceError
from digestor.gathering import Collected, gather, known_by, told
from digestor.models import Paper, Problem
from digestor.protocols import NOWHERE, Reach, Source, Window
from digestor.sources.huggingface import HuggingFace
from digestor.store import Store
from tests.fakes import Shelf, a_memory, a_paper

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))


class Kiosk(Shelf):
    """A shelf that knows days, as a feed does."""

    def covers(self, window: Window) -> str:
        return f"announced since {window.start}"


BROKEN = Kiosk(a_paper(1), SourceError("host", "went away", "wait"), name="feed")


def gathered(store: Store, today: date, *sources: Source) -> Collected:
    return gather(sources, WEEK, NOWHERE._replace(today=today), store.collection, lambda *_: None)


def ids(found: Collected) -> list[str]:
    return [paper.id for paper in found.papers]


def test_what_a_source_gave_earlier_in_the_week_still_counts() -> None:
    store = a_memory()
    gathered(store, date(2026, 11, 16), Kiosk(a_paper(1), a_paper(2)))

    found = gathered(store, date(2026, 11, 17), Kiosk(a_paper(2), a_paper(3)))

    assert ids(found) == ["p2", "p3", "p1"]
    (kiosk,) = found.sources
    assert (kiosk.papers, kiosk.collected, kiosk.covers) == (3, 1, "announced since 2026-11-16")


def test_what_was_announced_before_the_week_does_not() -> None:
    store = a_memory()
    gathered(store, date(2026, 11, 16), Kiosk(a_paper(1, announced=date(2026, 11, 13))))

    found = gathered(store, date(2026, 11, 17), Kiosk(a_paper(2)))

    assert ids(found) == ["p2"]


def test_files_are_not_collected_for_they_are_still_there() -> None:
    store = a_memory()
    gathered(store, date(2026, 11, 16), Shelf(a_paper(1)))

    assert ids(gathered(store, date(2026, 11, 17), Shelf(a_paper(2)))) == ["p2"]
    assert store.collection.count() == 0


def test_two_sources_keep_their_papers_apart() -> None:
    store = a_memory()
    gathered(store, date(2026, 11, 16), Kiosk(a_paper(1), name="a"), Kiosk(a_paper(2), name="b"))

    found = gathered(store, date(2026, 11, 17), Kiosk(name="a"))

    assert ids(found) == ["p1"]
    assert found.papers[0].seen_in == ("a",)


def test_a_source_that_breaks_off_counts_with_what_it_gave() -> None:
    store = a_memory()

    found = gathered(
        store, date(2026, 11, 17), Kiosk(a_paper(1), SourceError("host", "went away", "wait"), name="feed")
    )

    assert ids(found) == ["p1"]
    assert found.problems == [Problem(where="feed (host)", what="went away", todo="wait")]
    assert [error.what for error in found.failed] == ["went away"]
    assert found.sources[0].state == "failed"


def test_a_source_that_is_down_today_gives_what_it_gave_before() -> None:
    store = a_memory()
    gathered(store, date(2026, 11, 16), Kiosk(a_paper(1), name="feed"))

    found = gathered(store, date(2026, 11, 18), Kiosk(SourceError("host", "is down"), name="feed"))

    assert ids(found) == ["p1"]
    assert len(found.failed) == 1


def test_the_words_are_those_it_had_last_and_the_day_is_the_first() -> None:
    store = a_memory()
    gathered(store, date(2026, 11, 16), Kiosk(a_paper(1)))
    gathered(store, date(2026, 11, 30), Kiosk(a_paper(1, upvotes=7)))

    (kept,) = gathered(store, date(2026, 11, 17), Kiosk()).papers

    assert kept.upvotes == 7


def test_a_day_that_is_over_long_ago_is_forgotten() -> None:
    store = a_memory()
    gathered(store, date(2026, 11, 16), Kiosk(a_paper(1)))

    store.collection.prune(date(2026, 11, 17))

    assert store.collection.count() == 0


def test_a_paper_is_kept_as_it_was() -> None:
    store = a_memory()
    paper = a_paper(1, announced=WEEK.start, updated=datetime(2026, 11, 16, tzinfo=UTC), flags=("odd?",), stars=3)

    gathered(store, WEEK.start, Kiosk(paper))

    (kept,) = gathered(store, WEEK.start, Kiosk()).papers
    assert kept == paper.model_copy(update={"seen_in": ("shelf",)})


def test_an_error_is_told_under_the_name_the_user_gave() -> None:
    assert told("feed", SourceError("feed", "is empty")) == "feed"
    assert told("feed", SourceError("example.org", "is empty")) == "feed (example.org)"


def test_a_source_without_papers_is_listed_with_none() -> None:
    class Closed:
        name = "closed"

        def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
            yield from ()

    found = gathered(a_memory(), WEEK.start, Closed())

    assert [(one.name, one.papers, one.state) for one in found.sources] == [("closed", 0, "read")]


class Diary(Kiosk):
    """A kiosk that notes the days it was asked for."""

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        self.asked = window
        yield from super().papers(window, reach)


def test_a_source_that_failed_before_is_asked_from_the_day_on_which_that_began() -> None:
    failed, fine = Diary(name="failed"), Diary(name="fine")
    began = date(2026, 11, 9)

    reach = NOWHERE._replace(today=WEEK.end)
    gather([failed, fine], WEEK, reach, a_memory().collection, lambda *_: None, {"failed": began})

    assert (failed.asked, fine.asked) == (Window(began, WEEK.end), WEEK)


def test_what_other_wishes_collected_is_not_mixed_in() -> None:
    store, days = a_memory(), {"base_url": "http://127.0.0.1:1", "allow_private": True}
    every, liked = HuggingFace.model_validate(days), HuggingFace.model_validate({**days, "min_upvotes": 5})
    store.collection.add(known_by(every), WEEK.start, [a_paper(1, announced=WEEK.start)])

    assert every.name == liked.name
    assert [list(store.collection.within(known_by(one), WEEK)) != [] for one in (every, liked)] == [True, False]
