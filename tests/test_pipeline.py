"""The main job."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from digestor import taxonomy
from digestor.errors import AnnotatorError, DeliveryError, SourceError
from digestor.models import Paper, Problem
from digestor.period import Period, weekly
from digestor.pipeline import Digestor
from digestor.protocols import Delivery, Source
from digestor.render import render
from digestor.store import Store
from tests.fakes import Outbox, Scribe, Shelf, a_memory, a_paper, an_annotation

DAY = date(2026, 11, 21)


def week(later: int = 0) -> Period:
    return weekly(DAY + timedelta(weeks=later))


def a_digestor(
    *sources: Source, scribe: Scribe | None = None, store: Store | None = None, deliveries: Iterable[Delivery] = ()
) -> Digestor:
    return Digestor(
        "Week",
        sources,
        scribe or Scribe(),
        taxonomy.load(),
        store or a_memory(),
        lambda issue: render(issue, ("json",)),
        list(deliveries),
    )


def titles(digestor: Digestor, later: int = 0) -> list[str]:
    issue = digestor.run(week(later)).issue
    return [entry.paper.title for section in issue.sections for entry in section.entries] if issue else []


def test_every_paper_that_came_in_is_in_exactly_one_bucket() -> None:
    lost = Problem(where="shelf:3", what="is torn", lost=2)
    shelf = Shelf(a_paper(1), a_paper(2), a_paper(1), lost, a_paper(3))

    run = a_digestor(shelf, scribe=Scribe(silent=["p3"])).run(week())

    counts = {name: count for name, count in run.ledger.model_dump().items() if count}
    assert counts == {"read": 6, "duplicates": 1, "annotated": 2, "failed": 3}
    assert [problem.where for problem in run.problems] == ["shelf:3", "p3"]
    assert not run.whole


def test_a_published_paper_is_not_published_again() -> None:
    store = a_memory()
    a_digestor(Shelf(a_paper(1)), store=store).run(week())

    next_week = a_digestor(Shelf(a_paper(1), a_paper(2)), store=store)

    run = next_week.run(week(1))
    assert run.ledger.published == 1
    assert run.issue is not None
    assert [entry.paper.id for section in run.issue.sections for entry in section.entries] == ["p2"]


def test_the_same_week_made_again_is_the_same_issue_and_asks_nobody() -> None:
    store, outbox, scribe = a_memory(), Outbox(), Scribe()
    for _ in range(2):
        a_digestor(Shelf(a_paper(1), a_paper(2)), scribe=scribe, store=store, deliveries=[outbox]).run(week())

    first, second = outbox.messages
    assert first == second
    assert scribe.asked == ["p1", "p2"]


def test_nothing_new_delivers_nothing() -> None:
    store, outbox = a_memory(), Outbox()
    a_digestor(Shelf(a_paper(1)), store=store).run(week())

    run = a_digestor(Shelf(a_paper(1)), store=store, deliveries=[outbox]).run(week(1))

    assert run.issue is None
    assert run.ledger.published == 1
    assert run.whole
    assert outbox.messages == []


def test_one_source_that_fails_is_a_problem_in_the_issue() -> None:
    broken = Shelf(a_paper(1), SourceError("feed", "answers 500", "try later"))

    run = a_digestor(broken, Shelf(a_paper(2))).run(week())

    assert run.issue is not None
    assert [problem.where for problem in run.issue.problems] == ["shelf (feed)"]
    assert run.ledger.annotated == 2
    assert not run.whole


def test_all_sources_failing_sends_nothing() -> None:
    outbox = Outbox()
    shelves = [Shelf(SourceError("a", "is down", "wait")), Shelf(SourceError("b", "is gone"))]

    with pytest.raises(SourceError, match=r"(?s)none of the 2 sources.*a: is down.*b: is gone"):
        a_digestor(*shelves, deliveries=[outbox]).run(week())

    assert outbox.messages == []


def test_what_could_not_be_delivered_is_not_remembered() -> None:
    store = a_memory()

    with pytest.raises(DeliveryError):
        a_digestor(Shelf(a_paper(1)), store=store, deliveries=[Outbox(refuses=True)]).run(week())

    assert titles(a_digestor(Shelf(a_paper(1)), store=store), later=1) == [a_paper(1).title]


def test_an_interrupted_run_keeps_its_annotations_and_publishes_nothing() -> None:
    store, outbox, second = a_memory(), Outbox(), Scribe()
    papers = [a_paper(n) for n in range(6)]

    with pytest.raises(KeyboardInterrupt):
        a_digestor(Shelf(*papers), scribe=Scribe(stop_after=4), store=store, deliveries=[outbox]).run(week())
    run = a_digestor(Shelf(*papers), scribe=second, store=store).run(week())

    assert outbox.messages == []
    assert second.asked == ["p4", "p5"]
    assert run.usage.from_store == 4
    assert run.ledger.annotated == 6


def test_two_different_papers_with_one_id_are_both_kept_and_told() -> None:
    run = a_digestor(Shelf(a_paper(1, id="1"), a_paper(2, id="1"))).run(week())

    assert run.issue is not None
    entries = [entry for section in run.issue.sections for entry in section.entries]
    assert sorted(entry.paper.id for entry in entries) == ["1", "1~2"]
    assert run.problems[0].where == "id 1"


def test_an_annotator_that_answers_for_a_stranger_is_stopped() -> None:
    class Confused(Scribe):
        def annotate(self, papers: Iterable[Paper], desk: object):  # type: ignore[no-untyped-def]
            yield an_annotation(a_paper(99))

    with pytest.raises(AnnotatorError, match="p99"):
        a_digestor(Shelf(a_paper(1)), scribe=Confused()).run(week())


def test_an_issue_made_again_without_some_papers_says_which_leave() -> None:
    store = a_memory()
    a_digestor(Shelf(a_paper(1), a_paper(2)), store=store).run(week())

    run = a_digestor(Shelf(a_paper(2)), store=store).run(week())

    assert run.leaving == (a_paper(1).title,)


def test_progress_is_told_from_reading_to_annotating() -> None:
    told: list[tuple[str, int, int | None]] = []

    a_digestor(Shelf(a_paper(1), a_paper(2))).run(week(), lambda *step: told.append(step))

    assert ("reading", 2, None) in told
    assert told[-1] == ("annotating", 2, 2)


def test_a_paper_whose_code_appears_later_is_carried_over_once() -> None:
    store = a_memory()
    plain = a_paper(1, arxiv_id="2611.00001")
    released = a_paper(1, arxiv_id="2611.00001", code_url="https://github.com/x/y")
    a_digestor(Shelf(plain, a_paper(2)), store=store).run(week())

    second = a_digestor(Shelf(released, a_paper(3)), store=store).run(week(1))
    third = a_digestor(Shelf(released, a_paper(4)), store=store).run(week(2))

    assert second.issue is not None
    assert third.issue is not None
    assert [entry.paper.id for entry in second.issue.carried] == ["p1"]
    assert second.ledger.published == 1
    assert third.issue.carried == ()


def test_an_issue_that_one_delivery_has_is_published_though_another_fails() -> None:
    store, box = a_memory(), Outbox()
    digestor = a_digestor(Shelf(a_paper(1)), store=store, deliveries=[box, Outbox(refuses=True), box])

    with pytest.raises(DeliveryError, match="is full"):
        digestor.run(week())

    assert len(box.messages) == 2
    assert store.published(a_paper(1), but="") == week().id


def test_an_issue_that_the_first_delivery_refuses_goes_nowhere_and_is_not_remembered() -> None:
    store, box = a_memory(), Outbox()

    with pytest.raises(DeliveryError, match="is full"):
        a_digestor(Shelf(a_paper(1)), store=store, deliveries=[Outbox(refuses=True), box]).run(week())

    assert box.messages == []
    assert store.published(a_paper(1), but="") is None


OTHER = " ".join(f"another{number}" for number in range(60)) + "."


def a_study(version: int, abstract: str = "", **fields: object) -> Paper:
    """A paper of arXiv's in some version."""
    words = {"abstract": abstract} if abstract else {}
    return a_paper(1, arxiv_id="2611.00001", version=version, source="arxiv", **words, **fields)


def test_a_new_version_with_another_abstract_is_listed_as_updated_and_counts_as_published() -> None:
    store = a_memory()
    a_digestor(Shelf(a_study(1)), store=store).run(week())

    run = a_digestor(Shelf(a_study(2, OTHER), a_paper(2)), store=store).run(week(1))

    assert run.issue is not None
    assert [entry.paper.version for entry in run.issue.updated] == [2]
    assert (run.ledger.published, run.ledger.annotated) == (1, 1)


def test_it_is_updated_once() -> None:
    store = a_memory()
    a_digestor(Shelf(a_study(1)), store=store).run(week())
    a_digestor(Shelf(a_study(2, OTHER), a_paper(2)), store=store).run(week(1))

    run = a_digestor(Shelf(a_study(2, OTHER), a_paper(3)), store=store).run(week(2))

    assert run.issue is not None
    assert run.issue.updated == ()


def test_a_new_version_with_the_same_words_is_no_news() -> None:
    store = a_memory()
    a_digestor(Shelf(a_study(1)), store=store).run(week())

    run = a_digestor(Shelf(a_study(2), a_paper(2)), store=store).run(week(1))

    assert run.issue is not None
    assert run.issue.updated == ()
    assert run.ledger.published == 1


def test_other_words_of_another_source_are_no_new_version() -> None:
    store = a_memory()
    a_digestor(Shelf(a_study(1)), store=store).run(week())
    again = a_paper(1, arxiv_id="2611.00001", abstract=OTHER, source="huggingface")

    run = a_digestor(Shelf(again, a_paper(2)), store=store).run(week(1))

    assert run.issue is not None
    assert run.issue.updated == ()


def test_a_new_version_of_a_paper_that_nobody_here_has_read_is_filtered_out() -> None:
    run = a_digestor(Shelf(a_study(3, revision=True), a_paper(2))).run(week())

    assert (run.ledger.filtered, run.ledger.annotated) == (1, 1)


def test_an_issue_says_what_each_source_gave() -> None:
    run = a_digestor(Shelf(a_paper(1), name="one"), Shelf(SourceError("host", "is down"), name="two")).run(week())

    assert run.issue is not None
    assert [(one.name, one.papers, one.state) for one in run.issue.sources] == [
        ("one", 1, "read"),
        ("two", 0, "failed"),
    ]
    assert run.issue.sections[0].entries[0].paper.seen_in == ("one",)
