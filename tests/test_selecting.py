"""What the reader wants, applied to the new papers of a run."""

from digestor import taxonomy
from digestor.interests import Interests, Reader
from digestor.models import Paper
from digestor.selecting import Selected, selected
from tests.fakes import a_paper

TIDES = a_paper(1, title="Tides in narrow bays", abstract="We measure tides in narrow bays with ropes.")
WINDS = a_paper(2, title="Winds over roofs", abstract="We model winds over flat roofs with smoke.", upvotes=90)
MOSS = a_paper(3, title="Moss on stones", abstract="We count moss on stones of three rivers.")
NOTE = "2 papers of those read were left out for your excluded words: “moss” (1), “smoke” (1)"
PAPERS = [WINDS, MOSS, TIDES]


def chosen(papers: list[Paper], **wishes: object) -> Selected:
    return selected(papers, Reader(Interests.model_validate(wishes)), taxonomy.load())


def test_without_wishes_all_papers_are_shown_as_they_came_and_nothing_is_said_of_their_place() -> None:
    found = chosen(PAPERS)

    assert [(one.paper, one.why, one.score) for one in found.shown] == [(paper, "", None) for paper in PAPERS]
    assert (found.listed, found.filtered, found.outside, found.note) == ((), 0, None, "")


def test_what_the_reader_looks_for_comes_first_and_says_why() -> None:
    found = chosen(PAPERS, topics=["tides"], outside=False)

    assert found.shown[0].paper == TIDES
    assert found.shown[0].why.startswith("“tides” in the title")


def test_papers_for_which_there_is_no_room_are_listed_without_their_abstracts() -> None:
    found = chosen(PAPERS, topics=["tides"], max_papers=1)

    assert [one.paper.id for one in found.shown] == ["p1"]
    assert {one.paper.id for one in found.listed} == {"p2", "p3"}
    assert {one.paper.abstract for one in found.listed} == {""}


def test_excluded_papers_are_counted_and_the_words_named() -> None:
    found = chosen(PAPERS, exclude=["moss", "smoke"])

    assert [one.paper.id for one in found.shown] == ["p1"]
    assert (found.filtered, found.note) == (2, NOTE)


def test_one_paper_is_from_outside_the_usual() -> None:
    found = chosen(PAPERS, topics=["tides"], max_papers=2)

    assert found.outside is not None
    assert (found.outside.paper_id, found.shown[-1].paper) == ("p2", WINDS)
    assert found.outside.why.startswith("outside your usual")


def test_a_bound_alone_needs_no_wishes() -> None:
    found = chosen(PAPERS, max_papers=2)

    assert (len(found.shown), len(found.listed)) == (2, 1)
    assert found.outside is None
