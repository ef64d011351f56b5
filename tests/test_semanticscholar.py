import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Covers, Lookup, Reach, Reply, Source, Window
from digestor.sources.semanticscholar import SemanticScholar, fits, parse
from tests.fakes import a_paper, a_reach
from tests.hosting import SHARED, Answer, Asked, Host

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
JSON = {"Content-Type": "application/json"}
SEARCH, BATCH = "/graph/v1/paper/search/bulk", "/graph/v1/paper/batch"
RECORDED = SHARED / "semantic_scholar"


def a_record(number: int = 1, **fields: object) -> dict[str, object]:
    """A paper as Semantic Scholar has it."""
    return {
        "paperId": f"{number:040x}",
        "externalIds": {
            "DOI": f"10.5555/Fern.{number}",
            "ArXiv": f"2611.{10000 + number}",
            "PubMed": f"3990000{number}",
            "CorpusId": 27 + number,
        },
        "url": f"https://www.semanticscholar.org/paper/{number:040x}",
        "title": f"Ferns of slope {number}",
        "abstract": "Abstract We follow ferns uphill.",
        "venue": "Fern Letters",
        "journal": {"name": "Fern Lett.", "volume": "3"},
        "publicationDate": "2026-11-17",
        "fieldsOfStudy": ["Biology", "Geology"],
        "openAccessPdf": {"url": "", "status": "GREEN", "license": "CCBY", "disclaimer": "…"},
        "authors": [
            {"authorId": "1", "name": "Ada Sund"},
            {"authorId": None, "name": None},
            {"authorId": "2", "name": "Bo Lund"},
        ],
        **fields,
    }


def a_page(*records: object, total: int | None = None, token: str | None = None) -> Answer:
    page = {"total": len(records) if total is None else total, "token": token, "data": list(records)}
    return Answer(json.dumps(page), headers=JSON)


def one(value: object) -> Paper:
    (paper,) = parse(json.dumps(value).encode(), "f")
    assert isinstance(paper, Paper)
    return paper


def ids(found: list[Paper | Problem]) -> list[str]:
    return [item.id for item in found if isinstance(item, Paper)]


def problems(found: list[Paper | Problem]) -> list[Problem]:
    return [item for item in found if isinstance(item, Problem)]


# A paper


def test_a_record_becomes_a_paper_with_all_that_is_known_of_it() -> None:
    paper = one(a_record())

    assert (paper.id, paper.arxiv_id, paper.doi, paper.pmid) == (
        "2611.10001",
        "2611.10001",
        "10.5555/fern.1",
        "39900001",
    )
    assert (paper.title, paper.abstract) == ("Ferns of slope 1", "We follow ferns uphill.")
    assert paper.authors == ("Ada Sund", "Bo Lund")
    assert paper.published is not None
    assert paper.published.date() == date(2026, 11, 17)
    assert (paper.venue, paper.licence, paper.categories) == ("Fern Letters", "CCBY", ("Biology", "Geology"))
    assert (paper.url, paper.source) == ("https://arxiv.org/abs/2611.10001", "semanticscholar")


def test_a_record_of_nulls_is_a_paper_if_it_has_a_title() -> None:
    paper = one(
        dict.fromkeys(a_record())
        | {"paperId": "a" * 40, "title": "Ferns", "url": "https://www.semanticscholar.org/paper/a"}
    )

    assert (paper.id, paper.url) == (f"s2:{'a' * 40}", "https://www.semanticscholar.org/paper/a")
    assert (paper.abstract, paper.published, paper.authors, paper.venue) == ("", None, (), "")


def test_the_journal_stands_in_for_a_venue_and_arxivs_doi_for_its_id() -> None:
    paper = one(a_record(venue="", externalIds={"DOI": "10.48550/arXiv.2611.10009", "PubMed": 39900001}))

    assert (paper.venue, paper.arxiv_id, paper.pmid) == ("Fern Lett.", "2611.10009", "39900001")


# Saved answers


@pytest.mark.parametrize(
    ("value", "papers"),
    [
        (a_record(), 1),
        ([a_record(1), None, a_record(2)], 2),
        ([None, a_record(2)], 1),
        ({"total": 2, "token": None, "data": [a_record(1), a_record(2)]}, 2),
        ({"total": 2, "offset": 0, "next": 1, "data": [a_record(1)]}, 1),
        ({"recommendedPapers": [a_record(1)]}, 1),
        ({"isInfluential": True, "citingPaper": a_record(1)}, 1),
        ({"offset": 0, "data": [{"citedPaper": a_record(1)}, {"citedPaper": a_record(2)}]}, 2),
        ({"total": 0, "offset": 0}, 0),
        ({"total": 0, "token": None, "data": []}, 0),
    ],
)
def test_each_kind_of_answer_is_recognised_and_read(value: object, papers: int) -> None:
    found = list(parse(json.dumps(value).encode(), "saved.json"))

    assert fits(value)
    assert len(ids(found)) == len(found) == papers


@pytest.mark.parametrize(
    "value",
    [None, 7, [], {}, [[]], [None], {"data": []}, {"total": 3, "results": []}, {"paperId": "x"}, {"title": "T"}],
)
def test_other_json_is_no_answer_of_semantic_scholar(value: object) -> None:
    assert not fits(value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"7", b'{"error": "Paper not found"}', b'{"total": 1, "da'])
def test_what_has_no_papers_at_all_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        list(parse(body, "saved.json"))


def test_one_bad_record_costs_no_other() -> None:
    page = {
        "total": 3,
        "data": [a_record(1), "odd", {"paperId": "a" * 40, "title": None, "abstract": None}, a_record(2)],
    }

    found = list(parse(json.dumps(page).encode(), "saved.json"))

    assert ids(found) == ["2611.10001", "2611.10002"]
    assert [problem.where for problem in problems(found)] == ["saved.json:record 2", "saved.json:record 3"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded replies are not here")
def test_the_two_recorded_answers_are_two_papers_with_abstract_and_day() -> None:
    found = [item for path in sorted(RECORDED.glob("*.json")) for item in parse(path.read_bytes(), path.name)]

    papers = [item for item in found if isinstance(item, Paper)]
    assert len(papers) == len(found) == 2
    assert all(paper.abstract and paper.published and paper.venue and paper.categories for paper in papers)
    assert [(paper.arxiv_id, paper.doi) for paper in papers] == [
        (None, "10.1109/lra.2022.3229266"),
        ("1402.0030", None),
    ]
    assert [len(paper.authors) for paper in papers] == [3, 2]
    assert all(fits(json.loads(path.read_bytes())) for path in RECORDED.glob("*.json"))


NAMES = st.sampled_from(
    [*a_record(), "data", "total", "token", "name", "DOI", "ArXiv", "PubMed", "citingPaper", "license"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["10.5555/\ud800", "10.5555/a\u2028b", "a" * 40]),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    fits(value)
    with suppress(SourceError):
        assert all(isinstance(item, Paper | Problem) for item in parse(json.dumps(value).encode(), "f"))


@given(st.dictionaries(NAMES, VALUES))
def test_a_record_with_any_fields_is_a_paper_or_a_problem(fields: dict[str, object]) -> None:
    (found,) = parse(json.dumps([{**a_record(), **fields}]).encode(), "f")

    assert isinstance(found, Paper | Problem)


@given(st.binary())
def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    with suppress(SourceError):
        list(parse(body, "f"))


# Asking for a week


def test_it_is_a_source_that_covers_days_and_looks_up() -> None:
    source = SemanticScholar(query="ferns")

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert isinstance(source, Lookup)
    assert (source.name, SemanticScholar(label="Ferns").name) == ("Semantic Scholar: ferns", "Ferns")
    assert source.covers(WEEK) == "published 16–22 November 2026"


def test_the_week_is_leafed_through_by_token(host: Host) -> None:
    host.routes[SEARCH] = [a_page(a_record(1), a_record(2), total=3, token="T1"), a_page(a_record(3), total=3)]
    source = SemanticScholar(
        query="ferns | moss", fields_of_study=("Biology", "Geology"), base_url=host.url, allow_private=True
    )

    found = list(source.papers(WEEK, a_reach(SEMANTIC_SCHOLAR_API_KEY="secret\n")))

    assert ids(found) == ["2611.10001", "2611.10002", "2611.10003"]
    assert not problems(found)
    first, second = host.asked
    assert (first.query["query"], first.query["publicationDateOrYear"]) == ("ferns | moss", "2026-11-16:2026-11-22")
    assert (first.query["fieldsOfStudy"], first.headers["x-api-key"]) == ("Biology,Geology", "secret")
    assert {"title", "abstract", "externalIds", "publicationDate"} <= set(first.query["fields"].split(","))
    assert "token" not in first.query
    assert second.query["token"] == "T1"


@pytest.mark.parametrize(("environ", "spacing"), [({}, 3.0), ({"SEMANTIC_SCHOLAR_API_KEY": "k"}, 1.0)])
def test_without_a_key_requests_are_further_apart(environ: dict[str, str], spacing: float) -> None:
    asks: list[Ask] = []

    def get(ask: Ask) -> Reply:
        asks.append(ask)
        return Reply(200, b'{"total": 0, "data": []}')

    list(SemanticScholar(query="ferns").papers(WEEK, Reach(get, environ)))

    assert [ask.spacing for ask in asks] == [spacing]
    assert asks[0].secret == (("x-api-key",) if environ else ())
    assert set(asks[0].headers) == ({"x-api-key"} if environ else set())


@pytest.mark.parametrize("body", ['{"total": 0, "offset": 0}', '{"total": 0, "token": null, "data": []}'])
def test_a_week_without_a_match_is_no_error(host: Host, body: str) -> None:
    host.routes[SEARCH] = Answer(body, headers=JSON)

    assert list(SemanticScholar(query="ferns", base_url=host.url, allow_private=True).papers(WEEK, a_reach())) == []


def test_its_guess_of_a_total_is_no_promise(host: Host) -> None:
    host.routes[SEARCH] = a_page(a_record(1), total=4)

    found = list(SemanticScholar(query="ferns", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))

    assert len(ids(found)) == len(found) == 1


def test_more_than_wanted_is_told(host: Host) -> None:
    host.routes[SEARCH] = a_page(*(a_record(n) for n in range(5)), total=900, token="T")

    found = list(SemanticScholar(query="ferns", most=3, base_url=host.url, allow_private=True).papers(WEEK, a_reach()))

    assert len(ids(found)) == 3
    assert [problem.what for problem in problems(found)] == ["has 897 more papers than the 3 that were read"]
    assert len(host.asked) == 1


def test_without_a_query_nothing_is_asked() -> None:
    with pytest.raises(SourceError, match="has no query"):
        list(SemanticScholar().papers(WEEK, a_reach()))


@pytest.mark.parametrize("status", [400, 404])
def test_a_refusal_is_told_in_the_sites_words(host: Host, status: int) -> None:
    host.routes[SEARCH] = Answer('{"error": "Unrecognized or unsupported fields: [x]"}', status, JSON)

    with pytest.raises(SourceError, match="Unrecognized or unsupported fields"):
        list(SemanticScholar(query="ferns", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))


def test_a_second_page_that_breaks_leaves_the_first(host: Host) -> None:
    host.routes[SEARCH] = [a_page(a_record(1), total=2, token="T"), Answer('{"total": 2, "data": [{', headers=JSON)]
    found = SemanticScholar(query="ferns", base_url=host.url, allow_private=True).papers(WEEK, a_reach())

    assert isinstance(next(found), Paper)
    with pytest.raises(SourceError, match="not JSON"):
        next(found)


@pytest.mark.parametrize(
    "fields", [{"most": 0}, {"fields_of_study": ["x,y"]}, {"base_url": "https://a b"}, {"min_citations": 3}]
)
def test_a_config_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SemanticScholar.model_validate(fields)


# Looking up


def test_papers_are_looked_up_in_one_batch_and_carry_what_they_were_asked_by(host: Host) -> None:
    bare = {"externalIds": {"CorpusId": 5}}
    host.routes[BATCH] = Answer(json.dumps([a_record(1), a_record(2, **bare), None, a_record(4, **bare)]), headers=JSON)
    known = [
        a_paper(1, arxiv_id="2611.10001", doi="10.5555/other"),
        a_paper(2, doi="10.5555/fern.2"),
        a_paper(3, doi="10.48550/arxiv.2611.10003"),
        a_paper(4, pmid="39900004"),
        a_paper(5),
    ]

    found = list(SemanticScholar(base_url=host.url, allow_private=True).look_up(known, a_reach()))

    (asked,) = host.asked
    assert asked.method == "POST"
    assert json.loads(asked.body) == {
        "ids": ["ARXIV:2611.10001", "DOI:10.5555/fern.2", "ARXIV:2611.10003", "PMID:39900004"]
    }
    assert "title" in asked.query["fields"]
    assert [(paper.arxiv_id, paper.doi, paper.pmid) for paper in found if isinstance(paper, Paper)] == [
        ("2611.10001", "10.5555/fern.1", "39900001"),
        (None, "10.5555/fern.2", None),
        (None, None, "39900004"),
    ]
    assert len(found) == 3


def test_more_than_five_hundred_papers_are_asked_for_in_turn(host: Host) -> None:
    def unknown(asked: Asked) -> Answer:
        return Answer(json.dumps([None] * len(json.loads(asked.body)["ids"])), headers=JSON)

    host.routes[BATCH] = unknown
    known = [a_paper(n, doi=f"10.5555/{n}") for n in range(1_001)]

    assert list(SemanticScholar(base_url=host.url, allow_private=True).look_up(known, a_reach())) == []
    assert [len(json.loads(asked.body)["ids"]) for asked in host.asked] == [500, 500, 1]


def test_a_batch_of_which_nothing_is_known_is_no_error(host: Host) -> None:
    host.routes[BATCH] = Answer('{"error": "No valid paper ids given"}', 400, JSON)

    assert (
        list(SemanticScholar(base_url=host.url, allow_private=True).look_up([a_paper(doi="10.5555/1")], a_reach()))
        == []
    )


def test_any_other_refusal_of_a_batch_is_an_error(host: Host) -> None:
    host.routes[BATCH] = Answer('{"error": "Unsupported fields"}', 400, JSON)

    with pytest.raises(SourceError, match="Unsupported fields"):
        list(SemanticScholar(base_url=host.url, allow_private=True).look_up([a_paper(doi="10.5555/1")], a_reach()))


def test_a_batch_of_the_wrong_length_gives_no_paper_anothers_id(host: Host) -> None:
    host.routes[BATCH] = Answer(json.dumps([a_record(1)]), headers=JSON)
    known = [a_paper(n, doi=f"10.5555/{n}") for n in range(2)]

    with pytest.raises(SourceError, match="answered 1 times to 2 ids"):
        list(SemanticScholar(base_url=host.url, allow_private=True).look_up(known, a_reach()))


def test_nothing_is_asked_where_no_paper_has_an_identifier() -> None:
    assert list(SemanticScholar().look_up([a_paper()], Reach())) == []


def test_a_record_that_cannot_be_read_loses_no_paper_in_a_look_up(host: Host) -> None:
    host.routes[BATCH] = Answer(json.dumps([{"paperId": "a" * 40, "title": None}]), headers=JSON)

    found = list(SemanticScholar(base_url=host.url, allow_private=True).look_up([a_paper(doi="10.5555/1")], a_reach()))

    assert [problem.lost for problem in problems(found)] == [0]
