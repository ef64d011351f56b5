import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Covers, Lookup, Source, Window
from digestor.sources import crossref
from digestor.sources.crossref import Crossref, fits, parse
from tests.fakes import a_paper, a_reach
from tests.hosting import SHARED, Answer, Asked, Host

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
JSON = {"Content-Type": "application/json"}
RECORDED = SHARED / "crossref"


def parts(*numbers: int) -> dict[str, object]:
    return {"date-parts": [list(numbers)]}


def a_work(number: int = 1, **fields: object) -> dict[str, object]:
    """A record as Crossref has it."""
    return {
        "DOI": f"10.5555/Weir.{number}",
        "URL": f"https://doi.org/10.5555/weir.{number}",
        "type": "journal-article",
        "title": [f"Weirs of river {number}"],
        "subtitle": [],
        "abstract": "<jats:title>Abstract</jats:title><jats:p>Weirs on H<jats:sub>2</jats:sub>O ways.</jats:p>",
        "author": [
            {"given": "Bo", "family": "Lund", "sequence": "additional", "affiliation": []},
            {"given": "Ada", "family": "Sund", "suffix": "Jr", "sequence": "first", "affiliation": []},
            {"name": "The Weir Consortium", "sequence": "additional"},
        ],
        "container-title": ["Annals of Weirs", "Ann. Weirs"],
        "issued": parts(2026, 11),
        "published-online": parts(2026, 11, 17),
        "created": {**parts(2026, 11, 18), "date-time": "2026-11-18T09:12:00Z", "timestamp": 1},
        "license": [
            {"URL": "https://weirs.example/am", "content-version": "am", "delay-in-days": 365},
            {"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "vor"},
        ],
        "subject": ["Hydrology"],
        **fields,
    }


def a_page(works: Sequence[object], total: int | None = None) -> Answer:
    message = {"total-results": len(works) if total is None else total, "items": list(works), "items-per-page": 100}
    return Answer(json.dumps({"status": "ok", "message-type": "work-list", "message": message}), headers=JSON)


def a_reply(work: object) -> Answer:
    return Answer(json.dumps({"status": "ok", "message-type": "work", "message": work}), headers=JSON)


def one(work: object) -> Paper:
    (paper,) = parse(json.dumps(work).encode(), "f")
    assert isinstance(paper, Paper)
    return paper


def ids(found: list[Paper | Problem]) -> list[str]:
    return [item.id for item in found if isinstance(item, Paper)]


def problems(found: list[Paper | Problem]) -> list[Problem]:
    return [item for item in found if isinstance(item, Problem)]


# A record


def test_a_record_becomes_a_paper_with_all_that_is_known_of_it() -> None:
    paper = one(a_work())

    assert (paper.id, paper.doi, paper.url) == ("10.5555/weir.1", "10.5555/weir.1", "https://doi.org/10.5555/weir.1")
    assert paper.title == "Weirs of river 1"
    assert paper.abstract == "Weirs on H2O ways."
    assert paper.authors == ("Ada Sund Jr", "Bo Lund", "The Weir Consortium")
    assert paper.published is not None
    assert paper.published.date() == date(2026, 11, 17)
    assert paper.announced == date(2026, 11, 18)
    assert (paper.venue, paper.categories) == ("Annals of Weirs", ("Hydrology",))
    assert paper.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert (paper.source, paper.standing) == ("crossref", "active")


def test_a_preprint_has_the_server_for_its_venue_and_the_group_for_its_category() -> None:
    work = a_work(type="posted-content", posted=parts(2026, 11, 16), institution=[{"name": "WeirXiv"}])
    work |= {"container-title": [], "group-title": "River Science", "subject": []}

    paper = one(work)

    assert (paper.venue, paper.categories) == ("WeirXiv", ("River Science",))
    assert paper.published is not None
    assert paper.published.date() == date(2026, 11, 16)


@pytest.mark.parametrize(
    "issued", [parts(2026), parts(2026, 11), {"date-parts": [[]]}, {"date-parts": [[None]]}, None, "2026"]
)
def test_no_day_is_made_up_of_a_month_or_a_year(issued: object) -> None:
    assert one({**a_work(), "published-online": None, "issued": issued}).published is None


def test_the_day_of_registration_may_stand_in_a_text_only() -> None:
    assert one(a_work(created={"date-time": "2026-11-18T09:12:00Z"})).announced == date(2026, 11, 18)
    assert one(a_work(created={"date-time": "soon"})).announced is None


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"title": ["Weirs"], "subtitle": ["A survey"]}, "Weirs: A survey"),
        ({"title": ["Weirs: a survey"], "subtitle": ["A Survey"]}, "Weirs: a survey"),
        ({"title": [], "original-title": ["Wehre"]}, "Wehre"),
        ({"title": "Weirs as CSL has them"}, "Weirs as CSL has them"),
        ({"title": ["<i>Salmo salar</i> &amp; weirs"]}, "Salmo salar & weirs"),
        ({"title": []}, "(untitled)"),
    ],
)
def test_a_title_may_be_a_list_or_empty_or_go_on_in_a_subtitle(fields: dict[str, object], title: str) -> None:
    assert one({**a_work(), **fields}).title == title


def test_sections_of_an_abstract_keep_their_headings() -> None:
    abstract = (
        "<jats:sec><jats:title>Background</jats:title><jats:p>Weirs rise.</jats:p></jats:sec>"
        "<jats:sec><jats:title>Results</jats:title><jats:p>They fall.</jats:p></jats:sec>"
    )

    assert one(a_work(abstract=abstract)).abstract == "Background: Weirs rise.\nResults: They fall."


@pytest.mark.parametrize(
    ("kind", "standing"),
    [("retraction", "retracted"), ("removal", "retracted"), ("withdrawal", "withdrawn"), ("correction", "active")],
)
def test_a_paper_that_an_update_took_back_is_taken_back(kind: str, standing: str) -> None:
    work = {**a_work(), "updated-by": [{"DOI": "10.5555/notice", "type": kind}]}

    assert one(work).standing == standing


def test_a_notice_of_retraction_is_not_itself_retracted() -> None:
    notice = {"title": ["Retraction: Weirs of river 7"], "update-to": [{"DOI": "10.5555/weir.7", "type": "retraction"}]}

    paper = one({**a_work(), **notice})

    assert (paper.standing, paper.title) == ("active", "Retraction: Weirs of river 7")


def test_a_paper_that_is_its_own_notice_is_retracted() -> None:
    work = {**a_work(), "update-to": [{"DOI": "10.5555/WEIR.1", "type": "retraction"}]}

    assert one(work).standing == "retracted"


@pytest.mark.parametrize(
    "other", [{"id-type": "arxiv", "id": "arXiv:2611.10007"}, {"id-type": "doi", "id": "10.48550/arXiv.2611.10007"}]
)
def test_the_preprint_of_a_paper_gives_it_its_arxiv_id(other: object) -> None:
    paper = one(a_work(relation={"has-preprint": [other], "cites": [{"id-type": "arxiv", "id": "2401.00001"}]}))

    assert (paper.arxiv_id, paper.doi, paper.id) == ("2611.10007", "10.5555/weir.1", "2611.10007")


def test_another_record_of_the_same_paper_is_kept_with_it() -> None:
    same = [{"id-type": "doi", "id": "10.5555/JOURNAL.1"}, {"id-type": "doi", "id": "10.5555/WEIR.1"}]
    relation = {"is-preprint-of": same, "has-review": [{"id-type": "doi", "id": "10.5555/review"}]}

    assert one(a_work(relation=relation)).also == ("10.5555/journal.1",)


# Saved answers


def test_a_page_a_reply_a_record_and_a_list_are_all_read() -> None:
    page = json.loads(str(a_page([a_work(1), a_work(2)]).body))
    reply = json.loads(str(a_reply(a_work(1)).body))

    for value, papers in ((page, 2), (reply, 1), (a_work(), 1), ([a_work(1), a_work(2), a_work(3)], 3)):
        assert fits(value)
        assert len(list(parse(json.dumps(value).encode(), "saved.json"))) == papers


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        {},
        [[]],
        {"message": {}},
        {"DOI": "10.1/x", "title": "a title as CSL-JSON has it"},
        {"message-type": "funder", "message": {}},
    ],
)
def test_other_json_is_no_answer_of_crossref(value: object) -> None:
    assert not fits(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Resource not found.",
        b"{}",
        b'{"message": []}',
        b'{"status": "ok", "message": {"items": {}}}',
        b'{"message": {"it',
    ],
)
def test_what_has_no_works_at_all_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        list(parse(body, "saved.json"))


def test_one_bad_record_costs_no_other() -> None:
    page = {
        "message-type": "work-list",
        "message": {"items": [a_work(1), None, {"DOI": "10.5555/x", "title": []}, a_work(2)]},
    }

    found = list(parse(json.dumps(page).encode(), "saved.json"))

    assert ids(found) == ["10.5555/weir.1", "10.5555/weir.2"]
    assert [problem.where for problem in problems(found)] == ["saved.json:record 2", "saved.json:record 3"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded replies are not here")
def test_the_four_recorded_replies_are_four_papers_one_with_an_abstract_two_with_a_day() -> None:
    found = [item for path in sorted(RECORDED.glob("*.json")) for item in parse(path.read_bytes(), path.name)]

    papers = [item for item in found if isinstance(item, Paper)]
    assert len(papers) == len(found) == 4
    assert sum(bool(paper.abstract) for paper in papers) == 1
    assert sum(paper.published is not None for paper in papers) == 2
    assert [len(paper.authors) for paper in papers] == [3, 2, 2, 15]
    assert all(paper.announced and paper.doi and paper.venue for paper in papers)
    assert all(fits(json.loads(path.read_bytes())) for path in RECORDED.glob("*.json"))


NAMES = st.sampled_from(
    [*a_work(), "relation", "update-to", "updated-by", "id", "id-type", "has-preprint", "date-parts", "name", "given"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["10.5555/\ud800", "10.5555/a\u2028b", "retraction", "doi"]),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    fits(value)
    with suppress(SourceError):
        assert all(isinstance(item, Paper | Problem) for item in parse(json.dumps(value).encode(), "f"))


@given(st.dictionaries(NAMES, VALUES))
def test_a_record_with_any_fields_is_a_paper_or_a_problem(fields: dict[str, object]) -> None:
    (found,) = parse(json.dumps({"message": {"items": [{**a_work(), **fields}]}}).encode(), "f")

    assert isinstance(found, Paper | Problem)


@given(st.binary())
def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    with suppress(SourceError):
        list(parse(body, "f"))


# Asking for a week


def test_it_is_a_source_that_covers_days_and_looks_up() -> None:
    source = Crossref(query="weirs")

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert isinstance(source, Lookup)
    assert (source.name, Crossref(label="Weirs").name) == ("Crossref: weirs", "Weirs")
    assert source.covers(WEEK) == "registered 16–22 November 2026"


def test_the_week_is_leafed_through_by_offset(host: Host) -> None:
    works = [a_work(n) for n in range(101)]
    host.routes["/works"] = [a_page(works[:100], 101), a_page(works[100:], 101)]
    source = Crossref(filter="prefix:10.5555", types=("posted-content",), base_url=f"{host.url}/", allow_private=True)

    found = list(source.papers(WEEK, a_reach(contact="me@example.org")))

    assert len(ids(found)) == 101
    assert not problems(found)
    first, second = host.asked
    assert (
        first.query["filter"]
        == "from-created-date:2026-11-16,until-created-date:2026-11-22,type:posted-content,prefix:10.5555"
    )
    assert (first.query["rows"], first.query["mailto"], first.query["sort"]) == ("100", "me@example.org", "created")
    assert {"DOI", "abstract", "updated-by"} <= set(first.query["select"].split(","))
    assert (first.query["offset"], second.query["offset"]) == ("0", "100")


def test_a_query_brings_the_best_matches_first(host: Host) -> None:
    host.routes["/works"] = a_page([a_work(1)])

    found = list(Crossref(query="weirs", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))

    assert ids(found) == ["10.5555/weir.1"]
    assert host.asked[0].query["query"] == "weirs"
    assert not {"sort", "mailto"} & set(host.asked[0].query)


def test_a_week_without_a_match_is_no_error(host: Host) -> None:
    host.routes["/works"] = a_page([])

    assert list(Crossref(query="weirs", base_url=host.url, allow_private=True).papers(WEEK, a_reach())) == []


def test_more_than_wanted_is_told(host: Host) -> None:
    host.routes["/works"] = a_page([a_work(n) for n in range(100)], 6_000)

    found = list(Crossref(query="weirs", most=30, base_url=host.url, allow_private=True).papers(WEEK, a_reach()))

    assert len(ids(found)) == 30
    assert [problem.what for problem in problems(found)] == ["has 5,970 more papers than the 30 that were read"]


def test_without_query_and_filter_nothing_is_asked() -> None:
    with pytest.raises(SourceError, match="neither a query nor a filter"):
        list(Crossref().papers(WEEK, a_reach()))


def test_a_refused_filter_is_told_in_crossrefs_words(host: Host) -> None:
    told = {
        "status": "failed",
        "message": [{"type": "validation-failure", "value": "athor", "message": "there is no filter athor"}],
    }
    host.routes["/works"] = Answer(json.dumps(told), 400, JSON)

    with pytest.raises(SourceError, match=r"refused \(HTTP 400\): there is no filter athor"):
        list(Crossref(filter="athor:1", base_url=host.url, allow_private=True).papers(WEEK, a_reach()))


def test_a_second_page_that_breaks_leaves_the_first(host: Host) -> None:
    host.routes["/works"] = [a_page([a_work(n) for n in range(100)], 200), Answer("", headers=JSON)]
    found = Crossref(query="weirs", base_url=host.url, allow_private=True).papers(WEEK, a_reach())

    assert len([next(found) for _ in range(100)]) == 100
    with pytest.raises(SourceError, match="is empty"):
        next(found)


@pytest.mark.parametrize("fields", [{"most": 10_001}, {"types": ["Journal Article"]}, {"base_url": "api.crossref.org"}])
def test_a_config_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Crossref.model_validate(fields)


# Looking up


def test_papers_are_looked_up_by_doi_one_by_one_but_for_arxivs(host: Host) -> None:
    host.routes["/works/10.5555%2Fweir.1"] = a_reply(a_work(1))
    known = [
        a_paper(1, doi="10.5555/weir.1"),
        a_paper(2, doi="10.48550/arxiv.2611.10007"),
        a_paper(3),
        a_paper(4, doi="10.5555/weir.1"),
    ]

    found = list(Crossref(base_url=host.url, allow_private=True).look_up(known, a_reach(contact="me@example.org")))

    assert ids(found) == ["10.5555/weir.1"]
    assert [(asked.path, asked.query["mailto"]) for asked in host.asked] == [
        ("/works/10.5555%2Fweir.1", "me@example.org")
    ]


def test_a_record_that_moved_to_another_doi_carries_the_one_it_was_asked_by(host: Host) -> None:
    host.routes["/works/10.5555%2Fold"] = a_reply(a_work(1))

    (paper,) = Crossref(base_url=host.url, allow_private=True).look_up([a_paper(doi="10.5555/old")], a_reach())

    assert isinstance(paper, Paper)
    assert (paper.doi, paper.also) == ("10.5555/old", ("10.5555/weir.1",))


def test_a_doi_that_crossref_does_not_have_is_no_problem(host: Host) -> None:
    host.routes["/works/10.5555%2Fx"] = Answer("Resource not found.", 404, {"Content-Type": "text/plain"})

    assert list(Crossref(base_url=host.url, allow_private=True).look_up([a_paper(doi="10.5555/x")], a_reach())) == []


def test_look_ups_are_bounded_and_the_rest_is_told(host: Host) -> None:
    def nothing(asked: Asked) -> Answer:
        return Answer("Resource not found.", 404)

    host.routes.update({f"/works/10.5555%2F{n}": nothing for n in range(5)})

    source = Crossref(most_lookups=2, base_url=host.url, allow_private=True)
    found = list(source.look_up([a_paper(n, doi=f"10.5555/{n}") for n in range(5)], a_reach()))

    assert len(host.asked) == 2
    assert [problem.what for problem in problems(found)] == ["3 papers were not looked up"]


def test_a_record_that_cannot_be_read_loses_no_paper_in_a_look_up(host: Host) -> None:
    host.routes["/works/10.5555%2Fweir.1"] = a_reply({"DOI": "10.5555/weir.1", "title": []})

    found = list(Crossref(base_url=host.url, allow_private=True).look_up([a_paper(doi="10.5555/weir.1")], a_reach()))

    assert [problem.lost for problem in problems(found)] == [0]


def test_the_fields_asked_for_are_those_that_are_read() -> None:
    asked = set(crossref.FIELDS.split(","))

    assert set(a_work()) | {"relation", "posted", "update-to", "updated-by", "group-title", "original-title"} <= asked
