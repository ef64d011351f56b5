"""arXiv as a source: the feed of the day, the record of changes for the other days, the search; each may fail."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain

import pytest
from pydantic import ValidationError

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Covers, Lookup, Reach, Reply, Source, Window
from digestor.sources.arxiv.source import Arxiv
from tests.fakes import a_paper, a_reach
from tests.hosting import Answer, Asked, Host
from tests.test_arxiv_announcements import feed, item

W47 = Window(date(2026, 11, 16), date(2026, 11, 22))
FRIDAY = Window(date(2026, 11, 20), date(2026, 11, 20))
XML = {"Content-Type": "text/xml; charset=utf-8"}
FEED = "/rss/cs.CL"
NOTHING = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch">none</error></OAI-PMH>'


def record(name: str, *versions: str, categories: str = "cs.CL q-bio.PE") -> str:
    dates = "".join(
        f'<version version="v{n}"><date>{day} GMT</date><size>9kb</size></version>' for n, day in enumerate(versions, 1)
    )
    return f"""<record><header><identifier>oai:arXiv.org:{name}</identifier><datestamp>2026-11-20</datestamp></header>
<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{name}</id><submitter>A</submitter>{dates}
<title>Moss of {name}</title><authors>Ada Beta and Bo Gamma</authors><categories>{categories}</categories>
<comments>9 pages</comments><abstract>We count moss in {name}.</abstract></arXivRaw></metadata></record>"""


def changes(*records: str, token: str = "") -> Answer:
    more = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    body = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{"".join(records)}{more}</ListRecords>'
    return Answer(f"{body}</OAI-PMH>", headers=XML)


def entry(name: str, published: str) -> str:
    return f"""<entry><id>http://arxiv.org/abs/{name}v1</id><title>Moss of {name}</title><updated>{published}</updated>
<summary>We count moss in {name}.</summary><category term="cs.CL"/><published>{published}</published>
<arxiv:primary_category term="cs.CL"/><author><name>Ada Beta</name></author></entry>"""


def found_by_search(*entries: str) -> Answer:
    names = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    total = f"<opensearch:totalResults>{len(entries)}</opensearch:totalResults>"
    return Answer(f'<feed xmlns="http://www.w3.org/2005/Atom" {names}>{total}{"".join(entries)}</feed>', headers=XML)


THURSDAY_BEFORE = record("2611.07000", "Wed, 11 Nov 2026 12:00:00")
FRIDAY_BEFORE = record("2611.08000", "Thu, 12 Nov 2026 12:00:00")
MONDAY = record("2611.09000", "Fri, 13 Nov 2026 12:00:00")
HELD = record("2611.09500", "Thu, 1 Oct 2026 12:00:00")
TUESDAY = record("2611.10000", "Mon, 16 Nov 2026 12:00:00")
ON_FRIDAY = record("2611.12000", "Thu, 19 Nov 2026 12:00:00", "Thu, 19 Nov 2026 13:00:00")
OLD_REPLACED = record("2403.00001", "Fri, 1 Mar 2024 12:00:00", "Mon, 16 Nov 2026 12:00:00")
RECENT_REPLACED = record("2611.00500", "Sun, 1 Nov 2026 12:00:00", "Tue, 17 Nov 2026 12:00:00")
WEEK = (OLD_REPLACED, RECENT_REPLACED, THURSDAY_BEFORE, FRIDAY_BEFORE, MONDAY, HELD, TUESDAY, ON_FRIDAY)


def arxiv(host: Host, **keys: object) -> Arxiv:
    given: dict[str, object] = {
        "categories": ["cs.CL"],
        "rss_base": host.url,
        "oai_base": f"{host.url}/oai",
        "api_base": f"{host.url}/api/query",
        "allow_private": True,
    }
    return Arxiv.model_validate({**given, **keys})


def read(source: Arxiv, window: Window = W47) -> tuple[dict[str, date | None], list[Problem]]:
    """The papers by id with the days they were announced on, and the problems."""
    found = list(source.papers(window, a_reach()))
    papers = [paper for paper in found if isinstance(paper, Paper)]
    assert len({paper.id for paper in papers}) == len(papers)
    return {paper.id: paper.announced for paper in papers}, [thing for thing in found if isinstance(thing, Problem)]


def day(number: int) -> date:
    return date(2026, 11, number)


def test_it_is_a_source_that_says_what_it_covers_and_can_be_asked() -> None:
    source = Arxiv(categories=("cs.CL",))

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert isinstance(source, Lookup)


def test_a_day_is_read_from_its_feed_alone(host: Host) -> None:
    host.routes["/rss/cs.CL+q-bio.PE"] = Answer(feed(item(1), item(2, "cross"), item(3, "replace", 2)), headers=XML)

    papers, problems = read(arxiv(host, categories=["cs.cl", "q-bio.PE"]), FRIDAY)

    assert papers == {"2611.00001": day(20), "2611.00002": day(20)}
    assert problems == []
    assert [asked.path for asked in host.asked] == ["/rss/cs.CL+q-bio.PE"]


def test_a_week_is_the_feed_of_the_day_and_the_record_of_changes_before_it(host: Host) -> None:
    host.routes[FEED] = Answer(feed(item(name="2611.12000"), item(name="2611.12001")), headers=XML)
    host.routes["/oai"] = changes(*WEEK)

    papers, problems = read(arxiv(host))

    assert papers == {
        "2611.12000": day(20),
        "2611.12001": day(20),
        "2611.09000": day(16),
        "2611.09500": day(16),
        "2611.10000": day(17),
    }
    assert problems == []
    assert {name: host.asked[1].query[name] for name in ("set", "from")} == {"set": "cs:cs:CL", "from": "2026-11-12"}


def test_what_both_know_is_one_paper_with_the_facts_of_both(host: Host) -> None:
    host.routes[FEED] = Answer(feed(item(name="2611.12000")), headers=XML)
    host.routes["/oai"] = changes(*WEEK)

    (paper,) = (
        found for found in arxiv(host).papers(W47, a_reach()) if isinstance(found, Paper) and found.id == "2611.12000"
    )

    assert (paper.announced, paper.comment, paper.version) == (day(20), "9 pages", 2)


def test_the_empty_feed_of_a_weekend_is_made_up_for(host: Host) -> None:
    host.routes[FEED] = Answer(feed(), headers=XML)
    host.routes["/oai"] = changes(*WEEK)

    papers, problems = read(arxiv(host))

    assert sorted(papers) == ["2611.09000", "2611.09500", "2611.10000", "2611.12000"]
    assert problems == []


def test_a_paper_that_waited_is_of_the_day_its_id_tells_and_not_of_the_week_before(host: Host) -> None:
    host.routes["/oai"] = changes(*WEEK)
    before = Window(date(2026, 11, 9), date(2026, 11, 15))

    assert read(arxiv(host, via="oai"))[0]["2611.09500"] == day(16)
    assert sorted(read(arxiv(host, via="oai"), before)[0]) == ["2611.07000", "2611.08000"]


def test_a_paper_that_waited_and_may_be_of_the_last_day_before_is_not_lost(host: Host) -> None:
    between = record("2611.08500", "Thu, 1 Oct 2026 12:00:00")
    host.routes["/oai"] = changes(THURSDAY_BEFORE, FRIDAY_BEFORE, between, MONDAY)

    papers, _ = read(arxiv(host, via="oai"))

    assert papers == {"2611.08500": day(16), "2611.09000": day(16)}


def test_replacements_come_if_they_are_wanted(host: Host) -> None:
    host.routes[FEED] = Answer(feed(item(name="2405.00007", type="replace", version=3)), headers=XML)
    host.routes["/oai"] = changes(*WEEK)

    papers, _ = read(arxiv(host, replacements=True))

    assert papers["2405.00007"] == day(20)
    assert (papers["2403.00001"], papers["2611.00500"]) == (day(17), day(18))
    assert "2611.08000" not in papers


def test_cross_lists_are_left_out_if_they_are_not_wanted(host: Host) -> None:
    crossed = record("2611.10001", "Mon, 16 Nov 2026 12:00:00", categories="math.CO cs.CL")
    host.routes[FEED] = Answer(feed(item(1), item(2, "cross")), headers=XML)
    host.routes["/oai"] = changes(MONDAY, TUESDAY, crossed)

    assert "2611.10001" in read(arxiv(host))[0]
    assert sorted(read(arxiv(host, cross=False))[0]) == ["2611.00001", "2611.09000", "2611.10000"]


def test_without_the_record_of_changes_the_days_that_miss_are_named(host: Host) -> None:
    host.routes[FEED] = Answer(feed(item(1)), headers=XML)
    host.routes["/oai"] = Answer("Retry after a while", 404)

    reading = arxiv(host).papers(W47, a_reach())

    paper = next(reading)  # what was read counts, and the days that were not are asked for again
    assert isinstance(paper, Paper)
    assert (paper.id, paper.announced) == ("2611.00001", day(20))
    with pytest.raises(SourceError) as raised:
        list(reading)
    assert "16, 17, 18 and 19 November 2026" in raised.value.what
    assert "digestor collect" in raised.value.todo


def test_without_the_feed_the_record_of_changes_stands_in(host: Host) -> None:
    host.routes[FEED] = Answer("gone", 404)
    host.routes["/oai"] = changes(*WEEK)

    papers, problems = read(arxiv(host))

    assert len(papers) == 4
    assert len(problems) == 1
    assert "feed could not be read" in problems[0].what


def test_where_nothing_can_be_read_it_says_so_of_both(host: Host) -> None:
    host.routes[FEED] = Answer("<html><body>Down</body></html>", headers=XML)
    host.routes["/oai"] = Answer("Rate exceeded.", headers=XML)

    with pytest.raises(SourceError, match=r"feed of the day.*OAI"):
        read(arxiv(host))


def test_a_week_without_papers_is_no_error(host: Host) -> None:
    host.routes[FEED] = Answer(feed(), headers=XML)
    host.routes["/oai"] = Answer(NOTHING, headers=XML)

    assert read(arxiv(host)) == ({}, [])


def test_on_days_without_announcements_nothing_is_asked(host: Host) -> None:
    assert read(arxiv(host), Window(day(21), day(22))) == ({}, [])
    assert host.asked == []


def test_without_a_clock_the_last_day_of_the_window_is_today(host: Host) -> None:
    host.routes[FEED] = Answer(feed(item(1)), headers=XML)

    found = list(arxiv(host).papers(FRIDAY, a_reach()._replace(today=None)))

    assert [paper.id for paper in found if isinstance(paper, Paper)] == ["2611.00001"]
    assert [asked.path for asked in host.asked] == [FEED]


def test_a_holiday_that_was_none_after_all_loses_nothing(host: Host) -> None:
    # arXiv's list has Thanksgiving; had it announced on that Thursday all the same, the papers would come as they are
    week, saturday = Window(date(2026, 11, 23), date(2026, 11, 29)), date(2026, 11, 28)
    host.routes["/oai"] = changes(
        record("2611.15000", "Tue, 24 Nov 2026 22:00:00"), record("2611.16000", "Wed, 25 Nov 2026 22:00:00")
    )

    found = list(arxiv(host, via="oai").papers(week, a_reach()._replace(today=saturday)))

    assert [paper.id for paper in found if isinstance(paper, Paper)] == ["2611.15000", "2611.16000"]


def test_long_past_days_are_not_looked_for_in_the_feed(host: Host) -> None:
    host.routes["/oai"] = changes(record("2609.01000", "Tue, 8 Sep 2026 12:00:00"))

    papers, _ = read(arxiv(host), Window(date(2026, 9, 7), date(2026, 9, 13)))

    assert papers == {"2609.01000": date(2026, 9, 9)}
    assert [asked.path for asked in host.asked] == ["/oai"]


def pages(*answers: Answer) -> Callable[[Asked], Answer]:
    """The pages of the record of changes, by their tokens: `1`, `2`, ..."""
    return lambda asked: answers[int(asked.query.get("resumptionToken", "0"))]


def test_what_was_read_before_it_broke_off_counts(host: Host) -> None:
    host.routes[FEED] = Answer(feed(), headers=XML)
    host.routes["/oai"] = pages(changes(FRIDAY_BEFORE, MONDAY, token="1"), Answer("gone", 404))

    reading = arxiv(host).papers(W47, a_reach())

    paper = next(reading)
    assert isinstance(paper, Paper)
    assert (paper.id, paper.announced) == ("2611.09000", day(16))
    with pytest.raises(SourceError, match="not all announcements of 16, 17, 18, 19 and 20 November"):
        list(reading)


def test_alone_the_record_of_changes_raises_when_it_breaks_off(host: Host) -> None:
    host.routes["/oai"] = pages(changes(FRIDAY_BEFORE, MONDAY, token="1"), Answer("gone", 404))
    found = arxiv(host, via="oai").papers(W47, a_reach())

    first = next(found)

    assert isinstance(first, Paper)
    assert first.id == "2611.09000"
    with pytest.raises(SourceError):
        next(found)


def test_all_pages_and_all_categories_are_read(host: Host) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.query.get("set") == "stat:stat:AP":
            return changes(TUESDAY)
        return changes(ON_FRIDAY) if "resumptionToken" in asked.query else changes(MONDAY, token="1")

    host.routes["/oai"] = answer

    papers, _ = read(arxiv(host, via="oai", categories=["cs.CL", "stat.AP"]))

    assert sorted(papers) == ["2611.09000", "2611.10000", "2611.12000"]


def test_a_bound_that_is_reached_is_told(host: Host) -> None:
    host.routes["/oai"] = changes(MONDAY, TUESDAY, ON_FRIDAY)

    papers, problems = read(arxiv(host, via="oai", most=2))

    assert sorted(papers) == ["2611.09000", "2611.10000"]
    assert ["more than 2 records" in problem.what for problem in problems] == [True]


def test_a_record_that_cannot_be_read_is_counted_and_deleted_ones_are_not_spoken_of(host: Host) -> None:
    broken = "<record><header><identifier>oai:arXiv.org:2611.10002</identifier></header></record>"
    deleted = '<record><header status="deleted"><identifier>oai:arXiv.org:2611.10003</identifier></header></record>'
    host.routes["/oai"] = changes(MONDAY, broken, deleted)

    papers, problems = read(arxiv(host, via="oai"))

    assert sorted(papers) == ["2611.09000"]
    assert [problem.lost for problem in problems] == [1]


def test_the_feed_alone_has_what_is_of_the_days(host: Host) -> None:
    host.routes[FEED] = Answer(feed(item(1)), headers=XML)

    assert read(arxiv(host, via="rss")) == ({"2611.00001": day(20)}, [])
    assert read(arxiv(host, via="rss"), Window(day(9), day(15))) == ({}, [])


def test_a_full_feed_is_told_and_made_up_for(host: Host) -> None:
    host.routes[FEED] = Answer(feed(*(item(number) for number in range(1, 2_001))), headers=XML)
    host.routes["/oai"] = changes(ON_FRIDAY)

    papers, problems = read(arxiv(host), FRIDAY)

    assert len(papers) == 2_001
    assert "the feed is full" in problems[0].what


def test_a_refused_category_is_told_in_arxivs_words(host: Host) -> None:
    host.routes["/rss/cs.XX"] = Answer("<p>Bad subject class 'XX'.</p>", 400, {"Content-Type": "text/html"})

    with pytest.raises(SourceError, match="refused the request: Bad subject class 'XX'"):
        read(arxiv(host, via="rss", categories=["cs.XX"]), FRIDAY)


@pytest.mark.parametrize("damage", ["gzip", "cut", "empty"])
def test_the_feed_arrives_whole_or_not_at_all(host: Host, damage: str) -> None:
    host.routes[FEED] = Answer(
        b"" if damage == "empty" else feed(item(1)),
        headers=XML,
        gzipped=damage == "gzip",
        cut=500 if damage == "cut" else None,
    )

    if damage == "gzip":
        assert read(arxiv(host, via="rss"), FRIDAY)[0] == {"2611.00001": day(20)}
    else:
        with pytest.raises(SourceError):
            read(arxiv(host, via="rss"), FRIDAY)


def test_a_query_goes_through_the_search(host: Host) -> None:
    host.routes["/api/query"] = found_by_search(
        entry("2611.12000", "2026-11-19T12:00:00Z"),
        entry("2611.09000", "2026-11-13T12:00:00Z"),
        entry("2611.08000", "2026-11-12T12:00:00Z"),
    )

    papers, problems = read(arxiv(host, query="abs:moss", categories=["cs.CL", "math"]))

    assert papers == {"2611.09000": day(16), "2611.12000": day(20)}
    assert problems == []
    search = host.asked[0].query["search_query"]
    assert "(abs:moss) AND (cat:cs.CL OR cat:math.*)" in search
    assert "submittedDate:[202610291900 TO 202611191859]" in search


def test_papers_that_are_known_are_looked_up_by_their_ids(host: Host) -> None:
    host.routes["/api/query"] = found_by_search(entry("2611.12000", "2026-11-19T12:00:00Z"))
    papers = [a_paper(1, arxiv_id="2611.12000"), a_paper(2)]

    found = list(arxiv(host).look_up(papers, a_reach()))

    assert [paper.arxiv_id for paper in found if isinstance(paper, Paper)] == ["2611.12000"]
    assert host.asked[0].query["id_list"] == "2611.12000"
    assert list(arxiv(host).look_up([a_paper(2)], a_reach())) == []
    assert len(host.asked) == 1


@pytest.mark.parametrize("via", ["rss", "oai", "api"])
def test_each_request_keeps_to_arxivs_terms(via: str) -> None:
    asked: list[Ask] = []

    def get(ask: Ask) -> Reply:
        asked.append(ask)
        raise SourceError("arXiv", "is away")

    source = Arxiv.model_validate({"categories": ["cs.CL"], "via": via})
    with pytest.raises(SourceError):
        list(source.papers(W47, Reach(get, today=day(20))))

    assert [(ask.family, ask.spacing, ask.private) for ask in asked] == [("arxiv", 3.0, False)]
    assert asked[0].url.startswith("https://")
    assert asked[0].fresh >= 3_600


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (W47, "announced 16–20 November 2026 (submitted 12 November 19:00 – 19 November 2026 19:00 UTC)"),
        (FRIDAY, "announced 20 November 2026 (submitted 18 November 19:00 – 19 November 2026 19:00 UTC)"),
        (Window(day(21), day(22)), "nothing: arXiv announces nothing on 21–22 November 2026"),
        (Window(date(2026, 1, 2), date(2026, 1, 4)), "nothing: arXiv announces nothing on 2–4 January 2026"),
        (
            Window(date(2026, 1, 5), date(2026, 1, 5)),
            "announced 5 January 2026 (submitted 31 December 2025 19:00 – 2 January 2026 19:00 UTC)",
        ),
    ],
)
def test_it_says_what_the_days_mean(window: Window, said: str) -> None:
    assert Arxiv(categories=("cs.CL",)).covers(window) == said


def test_readers_are_told_of_it_by_its_categories_its_query_or_its_label() -> None:
    assert Arxiv(categories=("cs.CL", "cs.LG")).name == "arXiv cs.CL, cs.LG"
    assert Arxiv(query="abs:moss").name == "arXiv “abs:moss”"
    assert Arxiv(categories=("cs.CL",), label="Language").name == "Language"


def test_categories_are_written_as_arxiv_does() -> None:
    source = Arxiv(categories=("CS.cl", "cond-mat.Mes-Hall", "hep-TH", "math", "astro-ph.ga"))

    assert source.categories == ("cs.CL", "cond-mat.mes-hall", "hep-th", "math", "astro-ph.GA")


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"categories": []},
        {"categories": ["cs.CL+cs.LG"]},
        {"categories": ["CL"]},
        {"categories": ["cs."]},
        {"categories": ["cs.../x"]},
        {"categories": ["hep-th.XY"]},
        {"categories": ["cs.CL"], "query": "abs:moss", "via": "rss"},
        {"categories": ["cs.CL"], "via": "mail"},
        {"categories": ["cs.CL"], "most": 0},
        {"categories": ["cs.CL"], "base_url": "https://example.org"},
    ],
)
def test_keys_that_make_no_sense_are_refused(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Arxiv.model_validate(keys)


def test_no_day_is_read_twice_or_lost_between_two_weeks(host: Host) -> None:
    names: Iterator[str] = (f"2611.{number:05}" for number in range(7_000, 13_000, 100))
    days = ("Wed, 11 Nov", "Thu, 12 Nov", "Fri, 13 Nov", "Mon, 16 Nov", "Tue, 17 Nov", "Wed, 18 Nov", "Thu, 19 Nov")
    records = [record(next(names), f"{text} 2026 {hour}:00:00") for text in days for hour in ("09", "17", "19", "23")]
    host.routes["/oai"] = changes(*records)
    source = arxiv(host, via="oai")

    found = [list(read(source, Window(day(n), day(n + 6)))[0]) for n in (9, 16, 23)]

    assert sorted(chain.from_iterable(found)) == sorted(re.findall(r"<id>(.*?)</id>", "".join(records)))
