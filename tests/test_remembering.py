"""Papers of past issues that have news: what came again, and what sites are asked about."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from digestor import taxonomy
from digestor.enriching import Asked, Lack
from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.period import weekly
from digestor.pipeline import Digestor, Run
from digestor.protocols import Reach
from digestor.render import render
from digestor.store import Store
from tests.fakes import Scribe, Shelf, a_memory, a_paper

DAY = date(2026, 11, 6)
CODE = "https://github.com/example/tides"
OTHER = " ".join(f"another{number}" for number in range(60)) + "."


class Site:
    """A site that knows what it was given and notes whom it was asked about."""

    def __init__(self, *known: Paper | Problem | SourceError) -> None:
        self.known, self.asked = known, list[list[str]]()

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        self.asked.append([paper.id for paper in papers])
        for one in self.known:
            if isinstance(one, SourceError):
                raise one
            yield one


def an_issue(store: Store, later: int, *papers: Paper, site: Site | None = None, lack: Lack = "code") -> Run:
    digestor = Digestor(
        "Week",
        [Shelf(*papers)],
        Scribe(),
        taxonomy.load(),
        store,
        lambda issue: render(issue, ("json",)),
        [],
        lookups=[Asked("site", site, lack)] if site else [],
    )
    return digestor.run(weekly(DAY + timedelta(weeks=later)))


def an_old_paper(**fields: object) -> Paper:
    return a_paper(1, arxiv_id="2611.00001", version=1, **fields)


def test_a_site_is_asked_about_papers_of_past_weeks_whose_code_was_not_there() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper(), a_paper(2, arxiv_id="2611.00002", code_url=CODE), a_paper(3))
    site = Site(a_paper(9, arxiv_id="2611.00001", code_url=CODE))

    run = an_issue(store, 1, a_paper(4, arxiv_id="2611.00004", code_url=CODE), site=site)

    assert site.asked == [["p1"]], "not those with code, not those without a name"
    assert run.issue is not None
    (entry,) = run.issue.carried
    assert (entry.paper.id, entry.paper.code_url, entry.paper.title) == ("p1", CODE, an_old_paper().title)


def test_what_was_carried_over_once_is_not_asked_about_again() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper())
    site = Site(a_paper(9, arxiv_id="2611.00001", code_url=CODE))
    an_issue(store, 1, a_paper(4, code_url=CODE), site=site)

    run = an_issue(store, 2, a_paper(5, code_url=CODE), site=site)

    assert run.issue is not None
    assert run.issue.carried == ()


def test_a_later_version_with_another_abstract_is_told_of() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper())
    site = Site(a_paper(1, arxiv_id="2611.00001", version=2, abstract=OTHER, source="arxiv"))

    run = an_issue(store, 1, a_paper(4), site=site, lack="all")

    assert run.issue is not None
    assert [entry.paper.version for entry in run.issue.updated] == [2]


def test_a_site_that_is_for_abstracts_is_not_asked_of_past_weeks() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper())
    site = Site()

    an_issue(store, 1, a_paper(4, arxiv_id="2611.00004"), site=site, lack="abstract")

    assert site.asked == []


def test_a_site_that_fails_costs_nothing_but_its_news() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper())

    run = an_issue(store, 1, a_paper(4, code_url=CODE), site=Site(SourceError("host", "is down", "wait")))

    assert run.issue is not None
    assert Problem(where="site (host)", what="is down", todo="wait") in run.issue.problems


def test_after_two_months_nobody_asks() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper())
    site = Site()

    an_issue(store, 10, a_paper(4, code_url=CODE), site=site)

    assert [asked for asked in site.asked if asked] == []


def test_a_paper_that_was_only_listed_is_no_news_when_it_comes_with_code() -> None:
    store = a_memory()
    run = an_issue(store, 0, a_paper(2))
    assert run.issue is not None
    bare = an_old_paper(abstract="")
    from digestor.models import Listed

    issue = run.issue.model_copy(update={"listed": (Listed(paper=bare),)})
    store.remember(issue, issue.model_dump_json())

    again = an_issue(store, 1, an_old_paper(code_url=CODE), a_paper(3))

    assert again.issue is not None
    assert again.issue.carried == ()
    assert again.ledger.published == 1


def test_the_tags_of_what_is_carried_over_have_their_labels() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper())

    run = an_issue(store, 1, an_old_paper(code_url=CODE), a_paper(4))

    assert run.issue is not None
    (entry,) = run.issue.carried
    assert set(entry.annotation.tags) <= set(run.issue.labels)


def test_an_issue_made_again_after_a_later_one_carried_its_paper_is_as_it_was() -> None:
    store = a_memory()
    first = an_issue(store, 0, an_old_paper(), a_paper(2))
    an_issue(store, 1, an_old_paper(code_url=CODE), a_paper(3))

    again = an_issue(store, 0, an_old_paper(), a_paper(2))

    assert again.issue == first.issue


def test_a_paper_that_was_withdrawn_since_is_told_of_once() -> None:
    store = a_memory()
    an_issue(store, 0, an_old_paper())
    gone = an_old_paper(standing="withdrawn")

    run, later = an_issue(store, 1, gone, a_paper(3)), an_issue(store, 2, gone, a_paper(4))

    assert run.issue is not None
    assert later.issue is not None
    assert [entry.paper.standing for entry in run.issue.updated] == ["withdrawn"]
    assert later.issue.updated == ()
