"""What other sites know of papers that lack something."""

from collections.abc import Iterator, Sequence

from digestor.enriching import Asked, enriched
from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import NOWHERE, Reach
from tests.fakes import a_paper


class Desk:
    """A site that knows what it was given and notes what it was asked."""

    def __init__(self, *known: Paper | Problem | SourceError) -> None:
        self.known, self.asked = known, list[str]()

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        self.asked += [paper.id for paper in papers]
        for one in self.known:
            if isinstance(one, SourceError):
                raise one
            yield one


def improved(papers: Sequence[Paper], *sites: Asked) -> tuple[list[Paper], list[Problem]]:
    return enriched(papers, sites, NOWHERE, lambda *_: None)


BARE = a_paper(1, abstract="", doi="10.1000/a", upvotes=5)
FULL = a_paper(2, doi="10.1000/b")


def test_only_papers_without_an_abstract_are_asked_about() -> None:
    desk = Desk(a_paper(1, id="x", doi="10.1000/a", source="openalex"))

    papers, problems = improved([BARE, FULL], Asked("site", desk))

    assert desk.asked == ["p1"]
    assert papers[0].abstract == a_paper(1).abstract
    assert (papers[0].id, papers[0].upvotes, papers[1], problems) == ("p1", 5, FULL, [])


def test_a_paper_without_a_name_that_others_know_is_not_asked_about() -> None:
    desk = Desk()

    improved([a_paper(1, abstract="")], Asked("site", desk))

    assert desk.asked == []


def test_papers_without_code_are_asked_about_where_the_site_is_for_that() -> None:
    desk = Desk(a_paper(2, id="y", doi="10.1000/b", code_url="https://github.com/example/tides"))

    (found,), _ = improved([FULL], Asked("site", desk, "code"))

    assert found.code_url == "https://github.com/example/tides"
    assert found.seen_in == ("site",)


def test_what_a_second_site_is_asked_depends_on_the_first() -> None:
    first, second = Desk(a_paper(1, id="x", doi="10.1000/a")), Desk()

    improved([BARE], Asked("first", first), Asked("second", second))

    assert second.asked == []


def test_a_record_of_another_paper_changes_nothing() -> None:
    desk = Desk(a_paper(3, doi="10.1000/other"))

    papers, _ = improved([BARE], Asked("site", desk))

    assert papers == [BARE]


def test_a_site_that_fails_costs_nothing_but_its_own_help() -> None:
    down = Desk(a_paper(1, id="x", doi="10.1000/a"), SourceError("host", "is down"))

    papers, problems = improved([BARE], Asked("site", down))

    assert papers[0].abstract
    assert problems == [Problem(where="site (host)", what="is down", todo="the papers are as they came")]
