"""Hugging Face daily papers: what is taken from a reply, which lists are asked for, and what is said when it fails."""

import html
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Covers, Lookup, Reach, Reply, Source, Window
from digestor.sources.daily_papers import is_daily_papers, parse_daily_papers
from digestor.sources.huggingface import HuggingFace, Listing, listings
from tests.fakes import a_paper, a_reach
from tests.hosting import SHARED, Answer, Asked, Host

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
FIXTURE = SHARED / "hf_daily_papers" / "allnews_2026-07-31.json"


def an_inner(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A paper as the site has it."""
    return {
        "id": f"2611.{number:05}",
        "authors": [
            {"_id": "a1", "name": "Tess Tor", "hidden": False},
            {"_id": "a2", "name": "Wrong Person", "hidden": True},
            {"_id": "a3", "name": "Ray Ven", "user": {"fullname": "Somebody"}},
        ],
        "publishedAt": "2026-11-16T00:00:00.000Z",
        "submittedOnDailyAt": "2026-11-18T00:00:00.000Z",
        "title": f"Kites that count, part {number}",
        "summary": f"We let kite number {number}\ncount the gusts it meets. It needs 40times less string.",
        "upvotes": 7,
        "discussionId": "d1",
        "ai_summary": "MACHINE WORDS",
        "ai_keywords": ["MACHINE WORDS"],
        "githubRepo": "https://github.com/kites/count",
        "githubStars": 12,
        "projectPage": "https://kites.example/count",
        "organization": {"_id": "o1", "name": "kite-lab", "fullname": "The Kite Lab"},
        **fields,
    }


def an_entry(number: int = 1, **fields: Any) -> dict[str, Any]:
    """The paper in its wrapping, whose own date is off by five hours."""
    inner = an_inner(number, **fields)
    return {
        "paper": inner,
        "publishedAt": "2026-11-15T19:00:00.000Z",
        "title": inner["title"],
        "summary": inner["summary"],
        "thumbnail": "https://kites.example/thumbnail.png",
        "numComments": 2,
    }


def a_page(*entries: dict[str, Any]) -> str:
    """A page of the site with the list in it."""
    props = html.escape(json.dumps({"dateString": "2026-11-18", "periodType": "day", "dailyPapers": entries}))
    return (
        '<!doctype html>\n<html class=""><head><meta charset="utf-8"><title>Daily Papers</title></head><body>'
        '<div class="SVELTE_HYDRATER contents" data-target="MainHeader" data-props="{&quot;a&quot;:1}"></div>'
        f'<div class="SVELTE_HYDRATER contents" data-target="DailyPapers" data-props="{props}"><p>x</p></div></html>'
    )


def listing(*pages: list[dict[str, Any]]) -> Callable[[Asked], Answer]:
    """The pages of a list, by `p`; behind the last one there is nothing."""

    def answer(asked: Asked) -> Answer:
        page = int(asked.query["p"])
        return Answer(
            json.dumps(pages[page] if page < len(pages) else []), headers={"Content-Type": "application/json"}
        )

    return answer


def a_source(host: Host, **keys: Any) -> HuggingFace:
    return HuggingFace(base_url=host.url, allow_private=True, **keys)


def papers(found: list[Paper | Problem]) -> list[Paper]:
    return [item for item in found if isinstance(item, Paper)]


def problems(found: list[Paper | Problem]) -> list[Problem]:
    return [item for item in found if isinstance(item, Problem)]


# The parser


def test_every_field_is_carried_and_the_site_s_own_summary_is_not() -> None:
    (found,) = parse_daily_papers(json.dumps([an_entry()]), "daily.json")

    assert found == Paper(
        id="2611.00001",
        title="Kites that count, part 1",
        abstract="We let kite number 1 count the gusts it meets. It needs 40× less string.",
        url="https://arxiv.org/abs/2611.00001",
        authors=("Tess Tor", "Ray Ven"),
        published=datetime(2026, 11, 16, tzinfo=UTC),
        arxiv_id="2611.00001",
        code_url="https://github.com/kites/count",
        upvotes=7,
        source="huggingface",
        announced=date(2026, 11, 18),
        project_url="https://kites.example/count",
        stars=12,
        organisation="The Kite Lab",
    )
    assert "MACHINE" not in found.model_dump_json()


def test_without_an_abstract_there_is_none_though_the_site_has_a_summary_of_its_own() -> None:
    (found,) = parse_daily_papers(json.dumps([{"paper": an_inner(summary="")}]), "daily.json")

    assert isinstance(found, Paper)
    assert found.abstract == ""


def test_the_outer_date_is_never_taken() -> None:
    (found,) = parse_daily_papers(json.dumps([an_entry(publishedAt=None)]), "daily.json")

    assert isinstance(found, Paper)
    assert found.published is None


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("kites/count", "https://github.com/kites/count"),
        ("github.com/kites/count/", "https://github.com/kites/count"),
        ("https://gitlab.example/kites/count", "https://gitlab.example/kites/count"),
        ("javascript:alert(1)", None),
        ("", None),
        (["kites/count"], None),
    ],
)
def test_a_repository_may_be_an_address_or_a_name(written: object, address: str | None) -> None:
    (found,) = parse_daily_papers(json.dumps(an_inner(githubRepo=written)), "paper.json")

    assert isinstance(found, Paper)
    assert found.code_url == address


@pytest.mark.parametrize("number", ["12", -1, 1.5, True, None, 10**30, [3]])
def test_votes_that_are_no_number_of_votes_are_unknown(number: object) -> None:
    (found,) = parse_daily_papers(json.dumps([an_entry(upvotes=number, githubStars=number)]), "daily.json")

    assert isinstance(found, Paper)
    assert (found.upvotes, found.stars) == (None, None)


def test_the_organisation_may_stand_outside_and_may_have_a_short_name_only() -> None:
    entry = an_entry(organization=None) | {"organization": {"name": "kite-lab"}}

    (found,) = parse_daily_papers(json.dumps([entry]), "daily.json")

    assert isinstance(found, Paper)
    assert found.organisation == "kite-lab"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([an_entry(1), an_entry(2)]),
        "\ufeff" + json.dumps([an_inner(1), an_inner(2)]),
        json.dumps(an_inner(1)) + "\n" + json.dumps(an_entry(2)) + "\n",
        json.dumps([an_entry(1)]) + json.dumps([an_entry(2)], indent=2),
        json.dumps({"dailyPapers": [an_entry(1), an_entry(2)], "periodType": "week"}),
        a_page(an_entry(1), an_entry(2)),
    ],
    ids=["daily list", "bare papers", "one a line", "pages in one file", "properties", "web page"],
)
def test_each_form_gives_the_same_papers_and_is_recognised(text: str) -> None:
    found = list(parse_daily_papers(text, "saved"))

    assert found == list(parse_daily_papers(text.encode(), "saved"))
    assert [paper.arxiv_id for paper in papers(found)] == ["2611.00001", "2611.00002"]
    assert {paper.announced for paper in papers(found)} == {date(2026, 11, 18)}
    assert is_daily_papers(text)


def test_the_properties_of_a_page_are_found_before_the_name_of_the_tag_too() -> None:
    props = html.escape(json.dumps({"dailyPapers": [an_entry()]}))

    (found,) = parse_daily_papers(f"<html><div data-props='{props}' data-target='DailyPapers' hidden></div>", "page")

    assert isinstance(found, Paper)


def test_one_bad_entry_costs_one_entry() -> None:
    found = list(parse_daily_papers(json.dumps([an_entry(1), "odd", {"paper": {"id": "x"}}, an_entry(4)]), "daily"))

    assert len(papers(found)) == 2
    assert [(problem.where, problem.lost) for problem in problems(found)] == [
        ("daily:record 2", 1),
        ("daily:record 3", 1),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("Rate exceeded.", "is not JSON"),
        (json.dumps([an_entry()])[:-9], "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("3", "no list of papers"),
        ('{"error": "Invalid date"}', "Invalid date"),
        ("<html><body>Sign in</body></html>", "without the list of papers"),
        ('<div data-target="DailyPapers" class="x">', "without the list of papers"),
        (f'<div data-target="DailyPapers" data-props="&#{"9" * 5_000};">', "is damaged"),
    ],
)
def test_what_is_no_list_of_papers_is_said_to_be_none(text: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as raised:
        list(parse_daily_papers(text, "daily.json"))

    assert raised.value.where == "daily.json"
    assert raised.value.todo


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*an_inner(), "paper", "dailyPapers", "name", "error"]), inner, max_size=8)
    ),
    max_leaves=25,
)


@given(ODD)
def test_whatever_the_fields_hold_the_parser_gives_papers_or_problems_or_says_why_not(value: object) -> None:
    text = json.dumps([value, an_entry(), {"paper": value}])
    is_daily_papers(text)

    found = list(parse_daily_papers(text, "odd"))

    assert len(papers(found)) + sum(problem.lost for problem in problems(found)) == 3


@given(st.binary() | st.text() | st.sampled_from([json.dumps([an_entry()]), a_page(an_entry())]), st.integers(0, 900))
def test_no_bytes_and_no_cut_give_another_error(body: bytes | str, cut: int) -> None:
    is_daily_papers(str(body[:cut]))

    with suppress(SourceError):
        list(parse_daily_papers(body[:cut], "odd"))


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        ('[{"paper":{"id":"26', True),
        ('[\n  {\n    "publishedAt": "x", "title": "a \\"paper\\": {", "paper" : {', True),
        (json.dumps(an_inner())[:700], True),
        ('<!DOCTYPE html><head><meta property="og:url" content="https://huggingface.co/papers/week/2026-W47">', True),
        ('<!DOCTYPE html><head><meta property="og:url" content="https://huggingface.co/papers/2611.00001">', False),
        ("<html><head><title>Daily Papers</title>", False),
        ('[{"paper": "Kites"}]', False),
        ('[{"title": "\\"paper\\": {", "abstract": "x"}]', False),
        ('{"title": "Kites", "abstract": "x", "upvotes": 3}', False),
        ('[{"paper": {"id": "p", "title": "Kites", "abstract": "x"}, "annotation": {}}]', False),
        ('{"papers": [{"paper": {"id": "p"}}]}', False),
        ("[]", False),
        ("", False),
        ("Kites that count\n\nWe let a kite count.", False),
        ('[{"paper', False),
        ("{" * 70_000, False),
    ],
)
def test_a_beginning_is_recognised_by_its_structure(head: str, is_one: bool) -> None:
    assert is_daily_papers(head) is is_one


def test_an_issue_of_ours_is_not_taken_for_it() -> None:
    entry = {"paper": a_paper().model_dump(mode="json"), "annotation": {"paper_id": "p0"}}
    issue = {"id": "2026-W47", "title": "Kites", "sections": [{"tag": "survey", "entries": [entry]}], "problems": []}

    assert not is_daily_papers(json.dumps(issue))
    assert not is_daily_papers(json.dumps(issue["sections"]))
    assert not is_daily_papers(json.dumps(entry))


# The lists that are asked for


def test_a_week_and_a_month_are_one_list_and_other_days_one_each() -> None:
    month = Window(date(2026, 2, 1), date(2026, 2, 28))
    days = Window(date(2026, 11, 29), date(2026, 12, 1))

    assert listings(WEEK, None) == [Listing("week", "2026-W47", WEEK.start)]
    assert listings(month, None) == [Listing("month", "2026-02", month.start)]
    assert [name.value for name in listings(days, None)] == ["2026-11-29", "2026-11-30", "2026-12-01"]
    assert {name.name for name in listings(days, None)} == {"date"}


def test_the_53rd_week_that_the_site_refuses_is_asked_for_by_its_days() -> None:
    window = Window(date(2026, 12, 28), date(2027, 1, 3))

    assert [listing.name for listing in listings(window, None)] == ["date"] * 7


def test_days_to_come_are_not_asked_for() -> None:
    today = date(2026, 11, 20)

    assert listings(Window(date(2026, 11, 23), date(2026, 11, 29)), today) == []
    assert [day.value for day in listings(Window(date(2026, 11, 19), date(2026, 11, 24)), today)] == [
        "2026-11-19",
        "2026-11-20",
    ]


@pytest.mark.parametrize(
    ("keys", "window", "words"),
    [
        ({}, WEEK, "featured 16–22 November 2026"),
        ({}, Window(WEEK.start, WEEK.start), "featured 16 November 2026"),
        ({"search": "kites"}, WEEK, "featured or published 16–22 November 2026"),
        ({"sort": "trending"}, WEEK, "trending, and featured 16–22 November 2026"),
    ],
)
def test_what_the_days_mean_is_said(keys: dict[str, Any], window: Window, words: str) -> None:
    assert HuggingFace(**keys).covers(window) == words


def test_it_is_a_source_that_can_be_looked_up_in_and_has_a_name() -> None:
    source = HuggingFace()

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert isinstance(source, Lookup)
    assert source.name == "Hugging Face daily papers"
    assert HuggingFace(search="kites").name == "Hugging Face: kites"
    assert HuggingFace(search="kites", label="Kites").name == "Kites"


# The papers of a window


def test_all_pages_of_the_week_are_read_and_each_paper_comes_once(host: Host) -> None:
    pages = [an_entry(n) for n in range(100)], [an_entry(n) for n in range(98, 160)]  # two came in between
    host.routes["/api/daily_papers"] = listing(*pages)

    found = list(a_source(host).papers(WEEK, a_reach()))

    assert [paper.id for paper in papers(found)] == [f"2611.{n:05}" for n in range(160)]
    assert problems(found) == []
    assert [asked.query for asked in host.asked] == [
        {"week": "2026-W47", "sort": "publishedAt", "limit": "100", "p": str(page)} for page in range(3)
    ]


def test_a_page_that_holds_fewer_than_were_asked_for_is_not_taken_for_the_last(host: Host) -> None:
    host.routes["/api/daily_papers"] = listing([an_entry(1)], [an_entry(2)])

    assert len(list(a_source(host).papers(WEEK, a_reach()))) == 2


@pytest.mark.parametrize("entries", [[an_entry(1)], ["odd"], [an_entry(1), "odd"]])
def test_a_server_that_gives_the_same_page_for_ever_is_asked_twice(host: Host, entries: list[Any]) -> None:
    host.routes["/api/daily_papers"] = Answer(json.dumps(entries))

    found = list(a_source(host).papers(WEEK, a_reach()))

    assert len(found) == len(entries)
    assert len(host.asked) == 2


def test_a_server_that_goes_round_in_circles_is_left(host: Host) -> None:
    host.routes["/api/daily_papers"] = lambda asked: Answer(json.dumps([an_entry(int(asked.query["p"]) % 2)]))

    found = list(a_source(host).papers(WEEK, a_reach()))

    assert len(papers(found)) == 2
    assert len(host.asked) == 3


def test_a_day_without_papers_is_no_error(host: Host) -> None:
    host.routes["/api/daily_papers"] = Answer("[]")

    assert list(a_source(host).papers(Window(date(2026, 11, 14), date(2026, 11, 15)), a_reach())) == []
    assert [asked.query["date"] for asked in host.asked] == ["2026-11-14", "2026-11-15"]


def test_what_was_featured_on_other_days_is_left_out_and_counted(host: Host) -> None:
    days = ("2026-11-15T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z")
    host.routes["/api/daily_papers"] = listing([an_entry(n, submittedOnDailyAt=day) for n, day in enumerate(days)])

    found = list(a_source(host).papers(WEEK, a_reach()))

    assert [paper.id for paper in papers(found)] == ["2611.00001", "2611.00002"]
    assert [problem.what for problem in problems(found)] == ["left out 2 that were not featured on the days asked for"]
    assert [problem.lost for problem in problems(found)] == [0]


def test_few_votes_are_left_out_and_counted_and_unknown_votes_are_not(host: Host) -> None:
    votes = [0, 4, 5, None]
    host.routes["/api/daily_papers"] = listing([an_entry(n, upvotes=count) for n, count in enumerate(votes)])

    found = list(a_source(host, min_upvotes=5).papers(WEEK, a_reach()))

    assert [paper.upvotes for paper in papers(found)] == [5, None]
    assert [(problem.what, problem.lost) for problem in problems(found)] == [("left out 2 with fewer than 5 votes", 0)]


def test_more_papers_than_wanted_are_left_out_and_said_to_be(host: Host) -> None:
    host.routes["/api/daily_papers"] = listing([an_entry(n) for n in range(5)])

    exactly = list(a_source(host, most=5).papers(WEEK, a_reach()))
    fewer = list(a_source(host, most=3).papers(WEEK, a_reach()))

    assert len(papers(exactly)) == 5
    assert problems(exactly) == []
    assert len(papers(fewer)) == 3
    assert [problem.todo for problem in problems(fewer)] == ["raise `most`, or make an issue of fewer days"]


def test_trending_is_asked_for_and_only_what_is_of_these_days_is_taken(host: Host) -> None:
    old = an_entry(2, submittedOnDailyAt="2026-10-01T00:00:00Z")
    host.routes["/api/daily_papers"] = listing([an_entry(1), old])

    found = list(a_source(host, sort="trending").papers(WEEK, a_reach()))

    assert [paper.id for paper in papers(found)] == ["2611.00001"]
    assert problems(found) == []
    assert host.asked[0].query["sort"] == "trending"


def test_a_search_takes_the_place_of_the_list(host: Host) -> None:
    never = an_entry(2, submittedOnDailyAt=None)
    old = an_entry(3, submittedOnDailyAt=None, publishedAt="2024-01-01T00:00:00Z")
    host.routes["/api/papers/search"] = Answer(json.dumps([an_entry(1), never, old]))

    found = list(a_source(host, search="kites & gusts").papers(WEEK, a_reach()))

    assert [paper.id for paper in papers(found)] == ["2611.00001", "2611.00002"]
    assert problems(found) == []
    assert [asked.query for asked in host.asked] == [{"q": "kites & gusts", "limit": "100"}]


@pytest.mark.parametrize("keys", [{}, {"search": "kites"}])
def test_a_refusal_is_told_in_the_words_of_the_site(host: Host, keys: dict[str, str]) -> None:
    refusal = Answer('{"error": "Invalid\\n date"}', 400)
    host.routes |= {"/api/daily_papers": refusal, "/api/papers/search": refusal}
    source = a_source(host, **keys)

    with pytest.raises(SourceError, match=r"refused .*: Invalid date") as raised:
        list(source.papers(WEEK, a_reach()))

    assert raised.value.where == source.name


@pytest.mark.parametrize(
    "body", ["<html>Bad request</html>", '{"error": ["x"]}', "[1]", "", '{"error": ' + "[" * 9_000]
)
def test_a_refusal_without_a_reason_is_one_too(host: Host, body: str) -> None:
    host.routes["/api/daily_papers"] = Answer(body, 400)

    with pytest.raises(SourceError, match="refused week 2026-W47"):
        list(a_source(host).papers(WEEK, a_reach()))


def test_today_may_not_have_come_yet_where_the_site_is(host: Host) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.query["date"] == "2026-11-20":  # today, says a_reach
            return Answer('{"error": "date is in the future"}', 400)
        return listing([an_entry(1, submittedOnDailyAt="2026-11-19T00:00:00Z")])(asked)

    host.routes["/api/daily_papers"] = answer

    found = list(a_source(host).papers(Window(date(2026, 11, 19), date(2026, 11, 20)), a_reach()))

    assert [type(item) for item in found] == [Paper]


def test_a_refusal_behind_the_last_page_ends_the_list(host: Host) -> None:
    host.routes["/api/daily_papers"] = [Answer(json.dumps([an_entry(1)])), Answer('{"error": "p is too large"}', 400)]

    assert len(list(a_source(host).papers(WEEK, a_reach()))) == 1


def test_what_was_read_before_the_list_breaks_off_is_kept(host: Host) -> None:
    host.routes["/api/daily_papers"] = [Answer(json.dumps([an_entry(1), an_entry(2)])), Answer("<html>oops</html>")]
    found = a_source(host).papers(WEEK, a_reach())

    assert len(papers([next(found), next(found)])) == 2
    with pytest.raises(SourceError, match="Hugging Face daily papers"):
        next(found)


@pytest.mark.parametrize(
    "answer",
    [Answer("Not found", 404), Answer("<html>503</html>", 500), Answer("Forbidden", 403), Answer("[{", 200)],
)
def test_any_other_reply_is_an_error(host: Host, answer: Answer) -> None:
    host.routes["/api/daily_papers"] = answer

    with pytest.raises(SourceError):
        list(a_source(host).papers(WEEK, a_reach()))


def test_a_packed_reply_is_read(host: Host) -> None:
    host.routes["/api/daily_papers"] = [Answer(json.dumps([an_entry(1)]), gzipped=True), Answer("[]", gzipped=True)]

    assert len(list(a_source(host).papers(WEEK, a_reach()))) == 1


def test_the_token_is_sent_where_there_is_one_and_is_a_secret(host: Host) -> None:
    host.routes["/api/daily_papers"] = Answer("[]")
    source = a_source(host, token_env="KITE_TOKEN")
    window = Window(WEEK.start, WEEK.start)

    list(source.papers(window, a_reach()))
    list(source.papers(window, a_reach(KITE_TOKEN="kite-string\n")))

    assert [asked.headers.get("authorization") for asked in host.asked] == [None, "Bearer kite-string"]
    with pytest.raises(SourceError, match="KITE_TOKEN holds no access token") as raised:
        list(source.papers(window, a_reach(KITE_TOKEN="kite\nstring")))
    assert "string" not in str(raised.value)


def test_the_site_is_asked_politely_and_the_token_is_named_as_a_secret() -> None:
    asked: list[Ask] = []

    def get(ask: Ask) -> Reply:
        asked.append(ask)
        return Reply(200, b"[]")

    list(HuggingFace(token_env="KITE_TOKEN").papers(WEEK, Reach(get, {"KITE_TOKEN": "kite-string"})))

    (ask,) = asked
    assert ask.url == "https://huggingface.co/api/daily_papers"
    assert ask.spacing >= 0.6  # 500 requests in five minutes
    assert "Authorization" in ask.secret
    assert "kite-string" not in str((ask.url, ask.query))
    assert not ask.private


# Looking papers up


def test_papers_are_looked_up_by_their_arxiv_id(host: Host) -> None:
    host.routes["/api/papers/2611.00001"] = Answer(json.dumps(an_inner(1)))
    host.routes["/api/papers/2611.00003"] = Answer(json.dumps(an_inner(4)))
    asked_about = [
        a_paper(1, arxiv_id="2611.00001"),
        a_paper(2, arxiv_id="2611.00002"),
        a_paper(3, doi="10.1000/182"),
        a_paper(4, arxiv_id="2611.00001"),
        a_paper(5, arxiv_id="2611.00003"),
    ]

    found = list(a_source(host).look_up(asked_about, a_reach()))

    (paper,) = papers(found)
    assert (paper.arxiv_id, paper.upvotes, paper.stars) == ("2611.00001", 7, 12)
    assert (paper.code_url, paper.project_url) == ("https://github.com/kites/count", "https://kites.example/count")
    assert [asked.path for asked in host.asked] == [f"/api/papers/2611.0000{n}" for n in (1, 2, 3)]


def test_no_more_papers_are_looked_up_than_allowed(host: Host) -> None:
    wanted = [a_paper(n, arxiv_id=f"2611.{n:05}") for n in range(1, 6)]

    found = list(a_source(host, most_lookups=2).look_up(wanted, a_reach()))

    assert len(host.asked) == 2
    assert [problem.what for problem in problems(found)] == ["was not asked about 3 of 5 papers"]


def test_a_paper_that_cannot_be_read_when_it_is_looked_up_is_not_lost(host: Host) -> None:
    host.routes["/api/papers/2611.00001"] = Answer(json.dumps({"title": "", "id": "2611.00001"}))

    (problem,) = a_source(host).look_up([a_paper(1, arxiv_id="2611.00001")], a_reach())

    assert isinstance(problem, Problem)
    assert problem.lost == 0


def test_a_reply_that_is_no_paper_ends_the_looking_up(host: Host) -> None:
    host.routes["/api/papers/2611.00001"] = Answer("<html>Sign in</html>")

    with pytest.raises(SourceError, match=r"2611\.00001"):
        list(a_source(host).look_up([a_paper(1, arxiv_id="2611.00001")], a_reach()))


# A recorded reply


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded replies are not here")
def test_a_recorded_day_has_five_papers_two_with_a_repository() -> None:
    body = FIXTURE.read_bytes()

    found = list(parse_daily_papers(body, FIXTURE.name))

    assert problems(found) == []
    assert len(papers(found)) == 5
    assert sum(paper.code_url is not None for paper in papers(found)) == 2
    assert sum(paper.project_url is not None for paper in papers(found)) == 1
    assert sum(bool(paper.organisation) for paper in papers(found)) == 2
    assert [paper.upvotes for paper in papers(found)] == [3, 11, 17, 2, 0]
    assert {paper.announced for paper in papers(found)} == {date(2026, 7, 31)}
    assert all(paper.published and paper.published.hour == 0 and paper.authors for paper in papers(found))
    assert all(len(paper.abstract) > 800 and paper.arxiv_id for paper in papers(found))
    assert is_daily_papers(body.decode()[:500])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded replies are not here")
def test_a_recorded_day_is_served_and_read_whole(host: Host) -> None:
    pages = [Answer(FIXTURE.read_bytes(), gzipped=True), Answer("[]")]
    host.routes["/api/daily_papers"] = pages
    day = Window(date(2026, 7, 31), date(2026, 7, 31))

    found = list(a_source(host, min_upvotes=3).papers(day, a_reach()))

    assert len(papers(found)) == 3
    assert [problem.what for problem in problems(found)] == ["left out 2 with fewer than 3 votes"]
