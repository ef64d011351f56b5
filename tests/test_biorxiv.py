"""bioRxiv and medRxiv: pages until there are no more, one paper a DOI, news told from revisions."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Covers, Lookup, Source, Window
from digestor.sources.biorxiv import Biorxiv, fits, parse
from tests.fakes import a_paper, a_reach
from tests.hosting import Answer, Host

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
DAYS = "/details/biorxiv/2026-11-16/2026-11-22"
EMPTY = json.dumps({"messages": [{"status": "no posts found"}], "collection": []})


def a_record(number: int, version: int = 1, day: str = "2026-11-17", **fields: object) -> dict[str, object]:
    return {
        "doi": f"10.64898/2026.11.{number:06}",
        "title": f"Cells that count, part {number}",
        "authors": "Doe, J. A.; Roe, R.; Cell Consortium",
        "author_corresponding": "Jane Doe",
        "date": day,
        "version": str(version),
        "type": "new results",
        "license": "cc_by",
        "category": "cell biology",
        "jatsxml": "https://www.biorxiv.org/content/x.source.xml",
        "abstract": f"We let cells count to {number}. They do (version {version}).",
        "published": "NA",
        "server": "bioRxiv",
        **fields,
    }


def a_reply(*records: object, total: object = None, status: str = "ok", cursor: object = 0) -> str:
    message = {"status": status, "cursor": cursor, "count": len(records)}
    message |= {"total": str(len(records)) if total is None else total}
    return json.dumps({"messages": [message], "collection": records})


def a_site(host: Host, *pages: list[dict[str, object]]) -> None:
    """Pages one after another at the cursors where they begin."""
    total, cursor = sum(map(len, pages)), 0
    for page in pages:
        host.routes[f"{DAYS}/{cursor}/json"] = Answer(a_reply(*page, total=str(total), cursor=cursor))
        cursor += len(page)
    host.routes[f"{DAYS}/{cursor}/json"] = Answer(EMPTY)


def a_source(host: Host, **fields: object) -> Biorxiv:
    return Biorxiv.model_validate({"base_url": host.url, "allow_private": True, **fields})


def of(source: Biorxiv) -> tuple[list[Paper], list[Problem]]:
    found = list(source.papers(WEEK, a_reach()))
    return [p for p in found if isinstance(p, Paper)], [p for p in found if isinstance(p, Problem)]


def test_a_record_becomes_a_paper_with_all_that_it_says(host: Host) -> None:
    a_site(host, [a_record(1)])

    (paper,), problems = of(a_source(host))

    assert problems == []
    assert paper.id == paper.doi == "10.64898/2026.11.000001"
    assert paper.url == "https://www.biorxiv.org/content/10.64898/2026.11.000001v1"
    assert paper.authors == ("J. A. Doe", "R. Roe", "Cell Consortium")
    assert paper.published == datetime(2026, 11, 17, tzinfo=UTC)
    assert paper.announced == date(2026, 11, 17)
    assert (paper.version, paper.updated) == (1, None)
    assert paper.categories == ("cell biology",)
    assert (paper.venue, paper.licence, paper.source) == ("bioRxiv", "cc_by", "biorxiv")


def test_pages_are_asked_for_by_as_much_as_came(host: Host) -> None:
    a_site(host, [a_record(n) for n in range(30)], [a_record(n) for n in range(30, 37)])

    papers, problems = of(a_source(host))

    assert len(papers) == 37
    assert problems == []
    assert [asked.path for asked in host.asked] == [f"{DAYS}/0/json", f"{DAYS}/30/json"]


def test_without_a_total_pages_are_asked_for_until_there_are_none(host: Host) -> None:
    host.routes[f"{DAYS}/0/json"] = Answer(a_reply(a_record(1), a_record(2), total="many"))
    host.routes[f"{DAYS}/2/json"] = Answer(a_reply(a_record(3), total=""))
    host.routes[f"{DAYS}/3/json"] = Answer(EMPTY)

    papers, problems = of(a_source(host))

    assert (len(papers), problems) == (3, [])


def test_the_same_doi_is_one_paper_in_its_highest_version(host: Host) -> None:
    a_site(
        host,
        [a_record(1), a_record(1, 3, "2026-11-20")],
        [a_record(1, 2, "2026-11-19"), a_record(1, 3, "2026-11-20")],
    )

    (paper,), problems = of(a_source(host))

    assert problems == []
    assert (paper.version, "version 3" in paper.abstract) == (3, True)
    assert paper.published == datetime(2026, 11, 17, tzinfo=UTC)
    assert paper.updated == datetime(2026, 11, 20, tzinfo=UTC)
    assert paper.announced == date(2026, 11, 17)


def test_a_later_version_of_an_older_preprint_is_counted_and_left_out(host: Host) -> None:
    a_site(host, [a_record(1), a_record(2, 2), a_record(3, 4), a_record(3, 5)])

    papers, problems = of(a_source(host))

    assert [paper.doi for paper in papers] == ["10.64898/2026.11.000001"]
    assert [(problem.what, problem.lost) for problem in problems] == [
        ("2 later versions of older preprints left out", 0)
    ]


def test_revisions_are_taken_where_they_are_wanted(host: Host) -> None:
    a_site(host, [a_record(1), a_record(2, 2)])

    papers, problems = of(a_source(host, revisions=True))

    assert [paper.version for paper in papers] == [1, 2]
    assert (papers[1].published, papers[1].announced) == (None, date(2026, 11, 17))
    assert problems == []


def test_only_the_categories_named_are_taken(host: Host) -> None:
    a_site(host, [a_record(1), a_record(2, category="Neuroscience"), a_record(3, category="systems_biology")])

    papers, problems = of(a_source(host, categories=["neuroscience", "Systems Biology"]))

    assert [paper.categories for paper in papers] == [("Neuroscience",), ("systems biology",)]
    assert problems == []


def test_medrxiv_is_asked_as_such(host: Host) -> None:
    path = DAYS.replace("biorxiv", "medrxiv") + "/0/json"
    host.routes[path] = Answer(a_reply(a_record(1, server="medRxiv")))

    (paper,), _ = of(a_source(host, server="medrxiv"))

    assert paper.url == "https://www.medrxiv.org/content/10.64898/2026.11.000001v1"
    assert paper.venue == "medRxiv"


def test_days_without_preprints_are_no_error(host: Host) -> None:
    host.routes[f"{DAYS}/0/json"] = Answer(EMPTY)

    assert of(a_source(host)) == ([], [])


def test_more_than_is_wanted_is_said_and_not_fetched(host: Host) -> None:
    a_site(host, [a_record(n) for n in range(3)], [a_record(n) for n in range(3, 6)], [a_record(7)])

    papers, (problem,) = of(a_source(host, most=4))

    assert len(papers) == 6
    assert problem.what == "stopped after 6 of 7 records"
    assert "most" in problem.todo
    assert len(host.asked) == 2


def test_records_promised_and_not_sent_are_lost(host: Host) -> None:
    host.routes[f"{DAYS}/0/json"] = Answer(a_reply(a_record(1), a_record(2), total=5))
    host.routes[f"{DAYS}/2/json"] = Answer(EMPTY)

    papers, (problem,) = of(a_source(host))

    assert (len(papers), problem.lost) == (2, 3)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("", headers={"Content-Type": "application/json"}),
        Answer("<html>busy</html>"),
        Answer(a_reply(a_record(9))[:-30]),
        Answer(a_reply(status="error: database is away")),
        Answer("[]"),
        Answer("null"),
        Answer('{"messages": [{"status": "ok"}], "collection": {}}'),
        Answer("[" * 100_000),
        Answer("gone", 404),
    ],
    ids=["empty", "html", "cut", "error", "list", "null", "no list", "nested", "404"],
)
def test_what_was_read_counts_when_a_page_fails(host: Host, answer: Answer) -> None:
    a_site(host, [a_record(1), a_record(2, 2)], [a_record(3)])
    host.routes[f"{DAYS}/2/json"] = answer
    found: list[Paper | Problem] = []

    with pytest.raises(SourceError) as error:
        found.extend(a_source(host).papers(WEEK, a_reach()))

    assert [type(thing) for thing in found] == [Paper, Problem]
    assert error.value.todo


def test_an_error_of_the_site_is_quoted(host: Host) -> None:
    host.routes[f"{DAYS}/0/json"] = Answer(a_reply(status="error: database is away"))

    with pytest.raises(SourceError, match="database is away"):
        of(a_source(host))


def test_a_reply_that_is_packed_is_read(host: Host) -> None:
    host.routes[f"{DAYS}/0/json"] = Answer(a_reply(a_record(1)), gzipped=True)

    papers, _ = of(a_source(host))

    assert len(papers) == 1


def test_one_odd_record_does_not_spoil_the_others(host: Host) -> None:
    odd: list[object] = [7, None, [], {}, {"doi": 3, "title": ["x"]}]
    host.routes[f"{DAYS}/0/json"] = Answer(a_reply(a_record(1), *odd, a_record(2)))

    papers, problems = of(a_source(host))

    assert len(papers) == 2
    assert sum(problem.lost for problem in problems) == 5


def test_half_a_character_is_no_obstacle() -> None:
    odd = "10.1101/\ud800"
    reply = a_reply(a_record(1, doi=odd), {"doi": odd + "x"}, a_record(2, license="cc\udfff"))

    found = list(parse(reply.encode(), "saved.json"))

    assert [type(thing) for thing in found] == [Paper, Problem, Paper]
    assert all(thing.model_dump_json() for thing in found)


def test_a_record_without_a_doi_is_a_paper_all_the_same() -> None:
    papers = list(parse(a_reply(a_record(1, doi=""), a_record(2, doi=None)).encode(), "saved.json"))

    assert [paper.title for paper in papers if isinstance(paper, Paper)] == [
        "Cells that count, part 1",
        "Cells that count, part 2",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "WITHDRAWN: Cells that count"},
        {"type": "withdrawn"},
        {"abstract": "The authors have withdrawn this manuscript owing to an error in counting."},
    ],
)
def test_a_withdrawn_preprint_is_known(fields: dict[str, object]) -> None:
    (paper,) = parse(a_reply({**a_record(1), **fields}).encode(), "saved.json")

    assert isinstance(paper, Paper)
    assert paper.standing == "withdrawn"


def test_a_saved_reply_is_read_whatever_its_versions() -> None:
    papers = list(parse(a_reply(a_record(1, 2), a_record(2), a_record(1, 3)).encode(), "saved.json"))

    assert [paper.version for paper in papers if isinstance(paper, Paper)] == [3, 1]


def test_replies_of_the_api_are_known_by_their_shape() -> None:
    assert fits(json.loads(a_reply(a_record(1))))
    assert fits(json.loads(EMPTY))
    assert not any(map(fits, ([], None, {}, {"messages": [], "collection": []}, {"messages": 1, "collection": [1]})))
    assert not fits({"messages": [{"status": "ok"}], "collection": [{"title": "x"}]})


def test_known_papers_are_looked_up_by_dois_of_the_two_servers_alone(host: Host) -> None:
    doi = "10.64898/2026.11.000001"
    host.routes[f"/details/biorxiv/{doi}/na/json"] = Answer(a_reply(a_record(1), a_record(1, 2, "2026-11-19")))
    host.routes["/details/biorxiv/10.1101/2020.01.01.1/na/json"] = Answer(EMPTY)
    papers = [a_paper(1, doi=doi), a_paper(2, doi="10.1101/2020.01.01.1"), a_paper(3, doi="10.1000/x"), a_paper(4)]

    (found,) = a_source(host).look_up(papers, a_reach())

    assert isinstance(found, Paper)
    assert (found.doi, found.version) == (doi, 2)
    assert len(host.asked) == 2


def test_it_says_what_it_is_and_what_a_window_means() -> None:
    source = Biorxiv(categories=("neuroscience", "genomics"))

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert isinstance(source, Lookup)
    assert source.name == "bioRxiv neuroscience, genomics"
    assert Biorxiv(label="Brains").name == "Brains"
    assert source.covers(WEEK) == "posted on bioRxiv 16–22 November 2026"


@pytest.mark.parametrize("fields", [{"server": "chemrxiv"}, {"most": 0}, {"base_url": "file:///etc"}, {"pages": 3}])
def test_settings_that_make_no_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Biorxiv.model_validate(fields)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.just("10.1101/\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*a_record(1), "status"]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*a_record(1)]), VALUES, max_size=8))
def test_whatever_a_record_holds_it_is_a_paper_or_a_problem(record: dict[str, object]) -> None:
    found = list(parse(a_reply({**a_record(1), **record}).encode(), "saved.json"))

    assert len(found) == 1


@given(VALUES | st.binary() | st.builds(lambda m, c: {"messages": m, "collection": c}, VALUES, VALUES))
def test_no_reply_brings_another_exception_than_source_error(value: object) -> None:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    fits(value)

    try:
        found = list(parse(body, "saved.json"))
    except SourceError:
        return
    assert all(isinstance(thing, Paper | Problem) for thing in found)
