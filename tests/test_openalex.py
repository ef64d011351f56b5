import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Covers, Lookup, Source, Window
from digestor.sources import openalex
from digestor.sources.openalex import OpenAlex, abstract, fits, parse
from tests.fakes import a_paper, a_reach
from tests.hosting import Answer, Asked, Host

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
JSON = {"Content-Type": "application/json"}


def index(text: str) -> dict[str, list[int]]:
    """A text the way OpenAlex has it."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(text.split()):
        places.setdefault(word, []).append(place)
    return places


def a_work(number: int = 1, **fields: object) -> dict[str, object]:
    """A work as OpenAlex has it."""
    return {
        "id": f"https://openalex.org/W{4400000000 + number}",
        "doi": f"https://doi.org/10.5555/tide.{number}",
        "ids": {
            "openalex": f"https://openalex.org/W{4400000000 + number}",
            "pmid": f"https://pubmed.ncbi.nlm.nih.gov/3990000{number}",
        },
        "title": f"Tides of harbour {number}",
        "publication_date": "2026-11-17",
        "authorships": [
            {
                "author_position": "first",
                "author": {"id": "https://openalex.org/A1", "display_name": "Ada Sund"},
                "raw_author_name": "A. Sund",
            },
            {"author_position": "last", "author": {}, "raw_author_name": "B. Ebbe"},
        ],
        "primary_location": {
            "landing_page_url": f"https://doi.org/10.5555/tide.{number}",
            "license": "cc-by",
            "source": {"display_name": "Journal of Harbours"},
        },
        "locations": [],
        "abstract_inverted_index": index("Abstract We measure the tide in the harbour and the tide measures us."),
        "is_retracted": False,
        "topics": [{"display_name": "Ocean Tides", "score": 0.9}],
        **fields,
    }


def a_page(*works: object, count: int | None = None, cursor: str | None = None) -> Answer:
    meta = {"count": len(works) if count is None else count, "per_page": 100, "next_cursor": cursor}
    return Answer(json.dumps({"meta": meta, "results": list(works), "group_by": []}), headers=JSON)


def one(work: object) -> Paper:
    (paper,) = parse(json.dumps(work).encode(), "f")
    assert isinstance(paper, Paper)
    return paper


def ids(found: list[Paper | Problem]) -> list[str]:
    return [item.id for item in found if isinstance(item, Paper)]


def problems(found: list[Paper | Problem]) -> list[Problem]:
    return [item for item in found if isinstance(item, Problem)]


# A work


def test_a_work_becomes_a_paper_with_all_that_is_known_of_it() -> None:
    paper = one(a_work())

    assert (paper.id, paper.doi, paper.pmid) == ("10.5555/tide.1", "10.5555/tide.1", "39900001")
    assert paper.title == "Tides of harbour 1"
    assert paper.abstract == "We measure the tide in the harbour and the tide measures us."
    assert paper.authors == ("Ada Sund", "B. Ebbe")
    assert paper.published is not None
    assert paper.published.date() == date(2026, 11, 17)
    assert (paper.venue, paper.licence, paper.categories) == ("Journal of Harbours", "cc-by", ("Ocean Tides",))
    assert (paper.url, paper.source, paper.standing) == ("https://doi.org/10.5555/tide.1", "openalex", "active")


def test_a_work_with_nothing_but_its_name_and_title_is_a_paper() -> None:
    fields = (
        "doi",
        "ids",
        "authorships",
        "primary_location",
        "locations",
        "abstract_inverted_index",
        "topics",
        "publication_date",
    )

    paper = one({**a_work(7), **dict.fromkeys(fields)})

    assert (paper.id, paper.url) == ("openalex:W4400000007", "https://openalex.org/W4400000007")
    assert (paper.abstract, paper.published, paper.authors) == ("", None, ())


def test_a_retracted_work_is_retracted() -> None:
    assert one(a_work(is_retracted=True)).standing == "retracted"


def test_the_first_of_january_is_no_day_of_publication() -> None:
    assert one(a_work(publication_date="2026-01-01")).published is None


@pytest.mark.parametrize(
    "work",
    [
        a_work(doi="https://doi.org/10.48550/arXiv.2611.10007"),
        a_work(
            locations=[
                {"landing_page_url": "https://example.org/x"},
                {"landing_page_url": "http://arxiv.org/abs/2611.10007v2"},
            ]
        ),
        a_work(locations=[None, {"landing_page_url": None, "pdf_url": "https://arxiv.org/pdf/2611.10007"}]),
    ],
)
def test_the_arxiv_id_is_found_in_the_doi_or_among_the_places(work: object) -> None:
    paper = one(work)

    assert (paper.arxiv_id, paper.id, paper.url) == ("2611.10007", "2611.10007", "https://arxiv.org/abs/2611.10007")


def test_a_title_loses_its_html_and_mathml() -> None:
    title = (
        '<i>E. coli</i> &amp; <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>B</mml:mi>'
        "<mml:mo>→</mml:mo><mml:mi>K</mml:mi></mml:math> for x<y"
    )

    assert one(a_work(title=title)).title == "E. coli & B→K for x<y"


def test_older_answers_have_concepts_for_topics_and_only_a_few_are_taken() -> None:
    concepts = [{"display_name": f"Concept {n}"} for n in range(9)]

    assert one(a_work(topics=[], concepts=concepts)).categories == tuple(f"Concept {n}" for n in range(5))


# The inverted index


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"tides": [4, 1], "Some": [0], "meet": [2], "other": [3]}, "Some tides meet other tides"),
        ({"far": [900], "near": [3]}, "near far"),
        ({"far": [10**30], "near": [0]}, "near far"),
        ({"left": [-1], "out": [-(10**30)], "in": [0]}, "in"),
        ({"a": ["0"], "b": [None], "c": [True], "d": [1.0], "e": 0, "f": [0]}, "f"),
        (None, ""),
        ([], ""),
        ("text", ""),
        ({}, ""),
    ],
)
def test_words_are_put_in_the_order_of_their_places_however_wild(found: object, text: str) -> None:
    assert abstract(found) == text


def test_a_long_word_at_many_places_is_put_together_only_so_far() -> None:
    assert len(abstract({"w" * 100_000: list(range(100_000))})) <= openalex.ABSTRACT
    assert len(abstract({"word": list(range(1_000_000))})) <= openalex.ABSTRACT + 5


@given(st.dictionaries(st.text(), st.lists(st.integers() | st.text() | st.none()) | st.integers()))
def test_any_index_is_a_text(found: object) -> None:
    assert isinstance(abstract(found), str)


# Saved answers


def test_a_page_a_work_and_a_list_are_all_read() -> None:
    page = json.loads(str(a_page(a_work(1), a_work(2)).body))

    for value, papers in ((page, 2), (a_work(), 1), ([a_work(1), a_work(2), a_work(3)], 3)):
        assert fits(value)
        assert len(list(parse(json.dumps(value).encode(), "saved.json"))) == papers


def test_an_empty_page_is_an_answer_without_papers() -> None:
    page = json.loads(str(a_page().body))

    assert fits(page)
    assert list(parse(json.dumps(page).encode(), "saved.json")) == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        1,
        [],
        {},
        [[]],
        {"results": []},
        {"id": "https://openalex.org/A1"},
        {"title": "T"},
        {"meta": {}, "results": [{}]},
    ],
)
def test_other_json_is_no_answer_of_openalex(value: object) -> None:
    assert not fits(value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"7", b'{"results": 1}', b'{"meta": {}, "resul'])
def test_what_has_no_works_at_all_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        list(parse(body, "saved.json"))


def test_one_bad_work_costs_no_other() -> None:
    page = {
        "meta": {"count": 3},
        "results": [a_work(1), None, {"id": "https://openalex.org/W1", "title": None}, a_work(2)],
    }

    found = list(parse(json.dumps(page).encode(), "saved.json"))

    assert ids(found) == ["10.5555/tide.1", "10.5555/tide.2"]
    assert [problem.where for problem in problems(found)] == ["saved.json:record 2", "saved.json:record 3"]
    assert sum(problem.lost for problem in problems(found)) == 2


NAMES = st.sampled_from([*a_work(), "results", "meta", "display_name", "author", "landing_page_url", "source"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["10.5555/\ud800", "10.5555/a\u2028b", "2611.10000"]),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    fits(value)
    try:
        found = list(parse(json.dumps(value).encode(), "f"))
    except SourceError:
        return
    assert all(isinstance(item, Paper | Problem) for item in found)


@given(st.dictionaries(NAMES, VALUES))
def test_a_work_with_any_fields_is_a_paper_or_a_problem(fields: dict[str, object]) -> None:
    (found,) = parse(json.dumps({"results": [{**a_work(), **fields}]}).encode(), "f")

    assert isinstance(found, Paper | Problem)


@given(st.binary())
def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    with suppress(SourceError):
        list(parse(body, "f"))


# Asking for a week


def test_it_is_a_source_that_covers_days_and_looks_up() -> None:
    source = OpenAlex(search="tides")

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert isinstance(source, Lookup)
    assert source.name == "OpenAlex: tides"
    assert OpenAlex(search="tides", label="Tides").name == "Tides"
    assert source.covers(WEEK) == "published 16–22 November 2026, as far as OpenAlex knows the day"


def test_with_a_key_the_week_is_leafed_through_by_cursor(host: Host) -> None:
    host.routes["/works"] = [
        a_page(a_work(1), a_work(2), count=3, cursor="next=="),
        a_page(a_work(3), count=3, cursor="last"),
    ]
    source = OpenAlex(search="tides", filter="type:preprint", base_url=host.url, allow_private=True)

    found = list(source.papers(WEEK, a_reach(contact="me@example.org", OPENALEX_API_KEY=" secret\n")))

    assert ids(found) == ["10.5555/tide.1", "10.5555/tide.2", "10.5555/tide.3"]
    assert not problems(found)
    first, second = host.asked
    assert first.query["filter"] == "from_publication_date:2026-11-16,to_publication_date:2026-11-22,type:preprint"
    assert (first.query["search"], first.query["cursor"], first.query["per_page"]) == ("tides", "*", "100")
    assert (first.query["api_key"], first.query["mailto"]) == ("secret", "me@example.org")
    assert "abstract_inverted_index" in first.query["select"]
    assert second.query["cursor"] == "next=="


def test_without_a_key_the_week_is_leafed_through_by_page(host: Host) -> None:
    works = [a_work(n) for n in range(100)]
    host.routes["/works"] = [a_page(*works, count=101), a_page(a_work(100), count=101)]

    found = list(OpenAlex(filter="type:preprint", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))

    assert len(ids(found)) == 101
    assert [asked.query["page"] for asked in host.asked] == ["1", "2"]
    assert not {"cursor", "api_key", "mailto", "search"} & set(host.asked[0].query)


def test_a_week_without_a_match_is_no_error(host: Host) -> None:
    host.routes["/works"] = a_page()

    assert list(OpenAlex(search="tides", base_url=host.url, allow_private=True).papers(WEEK, a_reach())) == []
    assert len(host.asked) == 1


def test_more_than_wanted_is_told(host: Host) -> None:
    host.routes["/works"] = a_page(a_work(1), a_work(2), a_work(3), count=4_000, cursor="x")

    found = list(OpenAlex(search="tides", most=2, base_url=host.url, allow_private=True).papers(WEEK, a_reach()))

    assert len(ids(found)) == 2
    assert [problem.what for problem in problems(found)] == ["has 3,998 more papers than the 2 that were read"]
    assert len(host.asked) == 1


def test_without_search_and_filter_nothing_is_asked() -> None:
    with pytest.raises(SourceError, match="neither a search nor a filter"):
        list(OpenAlex().papers(WEEK, a_reach()))


def test_a_refused_filter_is_told_in_openalexs_words(host: Host) -> None:
    host.routes["/works"] = Answer(
        json.dumps({"error": "Invalid query parameters", "message": "athor is no field"}), 400, JSON
    )

    with pytest.raises(SourceError, match=r"refused \(HTTP 400\): athor is no field") as caught:
        list(OpenAlex(filter="athor:1", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))

    assert "filter" in caught.value.todo


def test_a_refused_key_is_an_error_that_does_not_show_it(host: Host) -> None:
    host.routes["/works"] = Answer(json.dumps({"message": "invalid key hidden-7"}), 401, JSON)
    source = OpenAlex(search="tides", base_url=host.url, allow_private=True)

    with pytest.raises(SourceError) as caught:
        list(source.papers(WEEK, a_reach(OPENALEX_API_KEY="hidden-7")))

    assert "401" in caught.value.what
    assert "hidden-7" not in str(caught.value)


def test_a_second_page_that_breaks_leaves_the_first(host: Host) -> None:
    host.routes["/works"] = [
        a_page(a_work(1), count=2, cursor="b"),
        Answer('{"meta": {"count": 2}, "resul', headers=JSON),
    ]
    found = OpenAlex(search="tides", base_url=host.url, allow_private=True).papers(WEEK, a_reach(OPENALEX_API_KEY="k"))

    assert isinstance(next(found), Paper)
    with pytest.raises(SourceError, match="not JSON"):
        next(found)


def test_a_web_page_in_place_of_json_is_an_error(host: Host) -> None:
    host.routes["/works"] = Answer("<!doctype html><title>busy</title>", headers={"Content-Type": "text/html"})

    with pytest.raises(SourceError, match="not JSON"):
        list(OpenAlex(search="tides", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))


def test_a_packed_answer_is_read(host: Host) -> None:
    host.routes["/works"] = a_page(a_work(1))._replace(gzipped=True)

    assert ids(list(OpenAlex(search="x", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))) == [
        "10.5555/tide.1"
    ]


@pytest.mark.parametrize("fields", [{"most": 0}, {"most": 10_001}, {"base_url": "ftp://x"}, {"serach": "x"}])
def test_a_config_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OpenAlex.model_validate(fields)


# Looking up


def test_papers_are_looked_up_by_doi_many_at_once(host: Host) -> None:
    host.routes["/works"] = a_page(a_work(1), a_work(2, doi="https://doi.org/10.48550/arXiv.2611.10007", ids={}))
    known = [
        a_paper(1, doi="10.5555/tide.1"),
        a_paper(2, arxiv_id="2611.10007"),
        a_paper(3),
        a_paper(1, doi="10.5555/tide.1"),
    ]

    found = list(OpenAlex(base_url=host.url, allow_private=True).look_up(known, a_reach()))

    assert ids(found) == ["10.5555/tide.1", "2611.10007"]
    assert [asked.query["filter"] for asked in host.asked] == ["doi:10.5555/tide.1|10.48550/arxiv.2611.10007"]


def test_a_hundred_and_twenty_dois_take_three_requests_none_too_long(host: Host) -> None:
    host.routes["/works"] = a_page()
    known = [a_paper(n, doi=f"10.5555/{n}{'x' * (30 + n % 3)}") for n in range(120)]

    list(OpenAlex(base_url=host.url, allow_private=True).look_up(known, a_reach()))

    batches = [asked.query["filter"].removeprefix("doi:").split("|") for asked in host.asked]
    assert [len(batch) for batch in batches] == [50, 50, 20]
    assert [name for batch in batches for name in batch] == [paper.doi for paper in known]


def test_long_dois_are_asked_fewer_at_a_time(host: Host) -> None:
    host.routes["/works"] = a_page()
    known = [a_paper(n, doi=f"10.5555/{n}{'x' * 600}") for n in range(8)]

    list(OpenAlex(base_url=host.url, allow_private=True).look_up(known, a_reach()))

    assert sum(asked.query["filter"].count("10.5555") for asked in host.asked) == 8
    assert all(len(asked.query["filter"]) < 3_000 for asked in host.asked)


def test_what_no_filter_can_name_is_looked_up_by_itself(host: Host) -> None:
    host.routes["/works/doi:10.5555%2Fa%2Cb"] = Answer(json.dumps(a_work(5, ids={})), headers=JSON)
    host.routes["/works/pmid:39900009"] = Answer(json.dumps(a_work(9, doi=None, ids={})), headers=JSON)
    known = [a_paper(1, doi="10.5555/a,b"), a_paper(2, pmid="39900009")]

    comma, pubmed = (
        item
        for item in OpenAlex(base_url=host.url, allow_private=True).look_up(known, a_reach())
        if isinstance(item, Paper)
    )

    assert (comma.doi, comma.also) == ("10.5555/a,b", ("10.5555/tide.5",))
    assert (pubmed.pmid, pubmed.id) == ("39900009", "pmid:39900009")


def test_a_work_that_openalex_does_not_have_is_no_problem(host: Host) -> None:
    host.routes["/works/pmid:1"] = Answer(
        "<!doctype html><title>404 Not Found</title>", 404, {"Content-Type": "text/html"}
    )

    assert list(OpenAlex(base_url=host.url, allow_private=True).look_up([a_paper(pmid="1")], a_reach())) == []


def test_single_look_ups_are_bounded_and_the_rest_is_told(host: Host) -> None:
    def nothing(asked: Asked) -> Answer:
        return Answer(status=404)

    host.routes.update({f"/works/pmid:{n}": nothing for n in range(1, 6)})
    known = [a_paper(n, pmid=str(n)) for n in range(1, 6)]

    found = list(OpenAlex(most_lookups=2, base_url=host.url, allow_private=True).look_up(known, a_reach()))

    assert len(host.asked) == 2
    assert [problem.what for problem in problems(found)] == ["3 papers were not looked up"]


def test_a_work_that_cannot_be_read_loses_no_paper_in_a_look_up(host: Host) -> None:
    host.routes["/works"] = a_page(a_work(1, title=None, abstract_inverted_index=None))

    found = list(OpenAlex(base_url=host.url, allow_private=True).look_up([a_paper(doi="10.5555/tide.1")], a_reach()))

    assert [problem.lost for problem in problems(found)] == [0]
