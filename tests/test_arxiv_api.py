"""arXiv's API: what stands in its feeds, and how papers are asked for by id and by query."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask
from digestor.sources.arxiv.api import by_ids, by_query, is_api, parse
from digestor.sources.markup import parse_xml
from tests import hosting
from tests.fakes import a_reach
from tests.hosting import Answer, Asked, Host

RECORDED = hosting.SHARED / "arxiv_atom_api"
recorded = pytest.mark.skipif(not hosting.SHARED.is_dir(), reason="the recorded replies are not here")
TAGS = st.sampled_from(
    "feed entry id title summary published updated author name comment doi journal_ref totalResults category".split()
)
START, END = datetime(2026, 11, 12, 19, 0, tzinfo=UTC), datetime(2026, 11, 19, 19, 0, tzinfo=UTC)

ENTRY = """<entry>
<id>http://arxiv.org/abs/2611.10001v3</id><title>Otters that count pebbles</title>
<updated>2026-11-19T08:00:00Z</updated>
<link href="https://arxiv.org/abs/2611.10001v3" rel="alternate" type="text/html"/>
<link href="https://arxiv.org/pdf/2611.10001v3" rel="related" type="application/pdf" title="pdf"/>
<summary>We watch otters, and they count pebbles.</summary>
<category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
<category term="q-bio.NC" scheme="http://arxiv.org/schemas/atom"/>
<category term="68T50" scheme="http://arxiv.org/schemas/atom"/>
<category term="I.2.7; H.3.3" scheme="http://arxiv.org/schemas/atom"/>
<published>2026-11-16T18:30:05Z</published><arxiv:comment>9 pages</arxiv:comment>
<arxiv:primary_category term="q-bio.NC"/><arxiv:journal_ref>Otter Letters 4</arxiv:journal_ref>
<author><name>Jo Roe</name><arxiv:affiliation>River Lab</arxiv:affiliation></author>
<author><name>Kim Lee</name></author><arxiv:doi>10.1000/Otter.4 10.1000/otter.5</arxiv:doi>
<link rel="related" href="https://doi.org/10.1000/Otter.4" title="doi"/>
</entry>"""
OLD = """<entry xmlns="http://www.w3.org/2005/Atom">
<id>http://arxiv.org/abs/hep-ex/9901001</id><published>1999-01-04T00:00:00-05:00</published>
<updated>1999-01-04T00:00:00-05:00</updated><title>Otters near
  colliders</title><summary>  Otters do not care
about colliders, and
colliders do not care about otters.
</summary><author><name>Jo Roe</name></author>
<arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">3 pages,
  1 otter</arxiv:comment>
<arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="hep-ex" scheme="x"/>
<category term="hep-ex" scheme="http://arxiv.org/schemas/atom"/></entry>"""
BAD = """<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_otter</id><title>Error</title>
<summary>incorrect id format for otter</summary><author><name>arXiv api core</name></author></entry>"""


def a_feed(*entries: str, total: int | None = None) -> bytes:
    of = f"<opensearch:totalResults>{len(entries) if total is None else total}</opensearch:totalResults>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
        f"<id>https://arxiv.org/api/abc</id><title>arXiv Query</title>{of}{''.join(entries)}</feed>"
    ).encode()


def an_entry(number: int) -> str:
    return f"<entry><id>http://arxiv.org/abs/{named(number)}v1</id><title>Otter {number}</title></entry>"


def named(number: int) -> str:
    return f"2611.{number:05}"


def slices(of: int) -> hosting.Route:
    """A site with so many papers that fit any query."""

    def answer(asked: Asked) -> Answer:
        start = int(asked.query["start"])
        numbers = range(start + 1, min(start + int(asked.query["max_results"]), of) + 1)
        return Answer(a_feed(*map(an_entry, numbers), total=of))

    return answer


class Read:
    """What came of reading: ids, problems, and what was raised in the end."""

    def __init__(self, found: Iterator[Paper | Problem]) -> None:
        self.papers: list[str] = []
        self.problems: list[str] = []
        self.raised = ""
        try:
            for one in found:
                if isinstance(one, Paper):
                    self.papers.append(one.id)
                else:
                    self.problems.append(one.what)
        except SourceError as error:
            self.raised = f"{error.where}: {error.what}"


def asked_by_ids(host: Host, *ids: str) -> Read:
    return Read(by_ids(f"{host.url}/api/query", ids, a_reach().get, Ask("", private=True)))


def asked_by_query(host: Host, query: str = "cat:cs.CL", most: int = 1_000) -> Read:
    ask = Ask("", private=True)
    return Read(by_query(f"{host.url}/api/query", query, START, END, most, a_reach().get, ask))


# Feeds.


def test_an_entry_gives_all_that_is_known_of_a_paper_its_primary_category_first() -> None:
    (paper,) = parse(a_feed(ENTRY), "reply.xml")

    assert paper == Paper(
        id="2611.10001",
        title="Otters that count pebbles",
        abstract="We watch otters, and they count pebbles.",
        url="https://arxiv.org/abs/2611.10001",
        authors=("Jo Roe", "Kim Lee"),
        published=datetime(2026, 11, 16, 18, 30, 5, tzinfo=UTC),
        updated=datetime(2026, 11, 19, 8, 0, tzinfo=UTC),
        arxiv_id="2611.10001",
        version=3,
        doi="10.1000/otter.4",
        categories=("q-bio.NC", "cs.CL"),
        comment="9 pages",
        venue="Otter Letters 4",
        source="arxiv",
    )


def test_an_entry_of_the_old_form_is_unwrapped_and_its_moments_are_in_utc() -> None:
    (paper,) = parse(a_feed(OLD), "reply.xml")

    assert paper == Paper(
        id="hep-ex/9901001",
        title="Otters near colliders",
        abstract="Otters do not care about colliders, and colliders do not care about otters.",
        url="https://arxiv.org/abs/hep-ex/9901001",
        authors=("Jo Roe",),
        published=datetime(1999, 1, 4, 5, 0, tzinfo=UTC),
        updated=datetime(1999, 1, 4, 5, 0, tzinfo=UTC),
        arxiv_id="hep-ex/9901001",
        categories=("hep-ex",),
        comment="3 pages, 1 otter",
        source="arxiv",
    )


def test_a_title_may_be_zero() -> None:
    (paper,) = parse(a_feed(an_entry(1).replace("Otter 1", "0")), "reply.xml")

    assert isinstance(paper, Paper)
    assert paper.title == "0"


def test_an_entry_without_title_and_summary_is_a_problem_and_the_others_are_read() -> None:
    paper, problem = parse(a_feed(an_entry(1), an_entry(2).replace("Otter 2", "")), "reply.xml")

    assert isinstance(paper, Paper)
    assert isinstance(problem, Problem)
    assert (problem.where, problem.lost) == ("reply.xml, entry 2", 1)


def test_an_error_is_no_paper() -> None:
    with pytest.raises(SourceError, match="did not understand the request: incorrect id format for otter"):
        list(parse(a_feed(BAD), "reply.xml"))

    paper, problem = parse(a_feed(BAD, an_entry(1)), "reply.xml")
    assert isinstance(paper, Paper)
    assert isinstance(problem, Problem)
    assert problem.what == "arXiv says: incorrect id format for otter"


def test_a_feed_without_entries_holds_no_papers() -> None:
    assert list(parse(a_feed(), "reply.xml")) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<rss/>", "its root is <rss>"),
        (b"<!DOCTYPE html><title>Busy</title>", "it is a web page"),
        (a_feed(ENTRY)[:-20], "is not XML that can be read"),
        (b"Rate exceeded.", "it is text: 'Rate exceeded.'"),
        (b"", "it is empty"),
    ],
)
def test_what_is_no_feed_is_refused_and_the_reason_told(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as refused:
        list(parse(body, "reply.xml"))

    assert refused.value.where == "reply.xml"
    assert reason in refused.value.what


@pytest.mark.parametrize(
    ("body", "is_it"),
    [
        (a_feed(), True),
        (a_feed(ENTRY), True),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><id>http://arxiv.org/api/x</id></feed>', True),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><id>http://rss.arxiv.org/atom/cs.CL</id></feed>', False),
        (b"<rss><totalResults>1</totalResults></rss>", False),
    ],
)
def test_a_reply_of_the_api_is_told_from_other_feeds(body: bytes, is_it: bool) -> None:
    assert is_api(parse_xml(body, "reply.xml")) is is_it


@recorded
@pytest.mark.parametrize(
    ("name", "papers", "authors", "dois", "comments", "venues"),
    [
        ("id_0000.0000_s0_m100.xml", 0, 0, 0, 0, 0),
        ("id_0808.05394_s0_m100.xml", 0, 0, 0, 0, 0),
        ("id_1707.08567_s0_m100.xml", 1, 34, 0, 1, 0),
        ("id_quant-ph_0201082v1_s0_m100.xml", 1, 1, 0, 1, 0),
        ("q_testing_s0_m100.xml", 100, 366, 32, 97, 18),
    ],
)
def test_recorded_replies_are_read_whole(
    name: str, papers: int, authors: int, dois: int, comments: int, venues: int
) -> None:
    body = (RECORDED / name).read_bytes()

    found = [paper for paper in parse(body, name) if isinstance(paper, Paper)]

    assert is_api(parse_xml(body, name))
    assert len(found) == len({paper.arxiv_id for paper in found}) == papers
    assert sum(len(paper.authors) for paper in found) == authors
    assert sum(paper.doi is not None for paper in found) == dois
    assert sum(bool(paper.comment) for paper in found) == comments
    assert sum(bool(paper.venue) for paper in found) == venues
    assert all(paper.abstract and paper.version and paper.published and paper.categories for paper in found)


@recorded
def test_a_recorded_error_is_told_in_arxivs_words() -> None:
    with pytest.raises(SourceError, match="incorrect id format for abc"):
        list(parse((RECORDED / "id_abc_s0_m100.xml").read_bytes(), "id_abc_s0_m100.xml"))


# By id.


def test_papers_are_asked_for_by_their_bare_ids_once_and_the_unknown_is_no_problem(host: Host) -> None:
    host.routes["/api/query"] = Answer(a_feed(an_entry(1)))

    read = asked_by_ids(host, named(1), f"arXiv:{named(1)}v2", "hep-th/9901001", "no id at all")

    assert (read.papers, read.problems, read.raised) == ([named(1)], [], "")
    assert [asked.query for asked in host.asked] == [
        {"id_list": f"{named(1)},hep-th/9901001", "max_results": "100"},
    ]


def test_ids_are_asked_about_a_hundred_at_a_time(host: Host) -> None:
    host.routes["/api/query"] = lambda asked: Answer(
        a_feed(*(an_entry(int(name.partition(".")[2])) for name in asked.query["id_list"].split(",")))
    )

    read = asked_by_ids(host, *map(named, range(1, 252)))

    assert read.papers == [named(number) for number in range(1, 252)]
    assert [asked.query["id_list"].count(",") + 1 for asked in host.asked] == [100, 100, 51]


def test_nothing_is_asked_where_there_are_no_ids(host: Host) -> None:
    read = asked_by_ids(host, "no id", "10.1000/otter.4")

    assert (read.papers, read.raised, host.asked) == ([], "", [])


def test_a_paper_that_nobody_asked_for_is_left_out(host: Host) -> None:
    host.routes["/api/query"] = Answer(a_feed(an_entry(1), an_entry(2)))

    assert asked_by_ids(host, named(2)).papers == [named(2)]


def test_ids_that_are_all_unknown_are_no_error(host: Host) -> None:
    host.routes["/api/query"] = Answer(a_feed())

    read = asked_by_ids(host, named(1))

    assert (read.papers, read.problems, read.raised, len(host.asked)) == ([], [], "", 1)


def test_a_batch_that_fails_comes_after_those_that_were_read(host: Host) -> None:
    host.routes["/api/query"] = [Answer(a_feed(an_entry(1))), Answer(a_feed(BAD), 400)]

    read = asked_by_ids(host, *map(named, range(1, 102)))

    assert read.papers == [named(1)]
    assert "HTTP 400, incorrect id format for otter" in read.raised


# By query.


def test_a_query_is_bounded_by_the_minutes_of_submission_in_utc_and_sorted(host: Host) -> None:
    host.routes["/api/query"] = slices(1)
    eastern = timezone(timedelta(hours=-5))
    ask = Ask("", private=True)

    found = list(
        by_query(
            f"{host.url}/api/query",
            " cat:cs.CL OR cat:cs.LG ",
            datetime(2026, 11, 12, 14, 0, tzinfo=eastern),
            datetime(2026, 11, 19, 13, 59, 59, tzinfo=eastern),
            50,
            a_reach().get,
            ask,
        )
    )

    assert len(found) == 1
    assert host.asked[0].query == {
        "search_query": "(cat:cs.CL OR cat:cs.LG) AND submittedDate:[202611121900 TO 202611191859]",
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "start": "0",
        "max_results": "50",
    }


def test_an_empty_query_fits_all_papers_of_the_time(host: Host) -> None:
    host.routes["/api/query"] = slices(0)

    read = asked_by_query(host, " ")

    assert (read.papers, read.problems, read.raised) == ([], [], "")
    assert host.asked[0].query["search_query"] == "submittedDate:[202611121900 TO 202611191900]"


def test_a_query_is_read_slice_by_slice(host: Host) -> None:
    host.routes["/api/query"] = slices(450)

    read = asked_by_query(host)

    assert read.papers == [named(number) for number in range(1, 451)]
    assert (read.problems, read.raised) == ([], "")
    assert [(asked.query["start"], asked.query["max_results"]) for asked in host.asked] == [
        ("0", "200"),
        ("200", "200"),
        ("400", "200"),
    ]


def test_a_slice_that_is_shorter_than_asked_for_is_followed_by_what_it_lacks(host: Host) -> None:
    host.routes["/api/query"] = [
        Answer(a_feed(an_entry(1), total=3)),
        Answer(a_feed(an_entry(2), an_entry(3), total=3)),
    ]

    read = asked_by_query(host)

    assert read.papers == [named(1), named(2), named(3)]
    assert [asked.query["start"] for asked in host.asked] == ["0", "1"]


def test_more_papers_than_wanted_are_left_and_counted(host: Host) -> None:
    host.routes["/api/query"] = slices(1_450)

    read = asked_by_query(host, most=250)

    assert len(read.papers) == 250
    assert read.problems == ["1,200 more papers fit and were not read"]
    assert [asked.query["max_results"] for asked in host.asked] == ["200", "50"]


def test_a_paper_that_moved_to_the_next_slice_comes_once(host: Host) -> None:
    host.routes["/api/query"] = [
        Answer(a_feed(an_entry(1), an_entry(2), total=4)),
        Answer(a_feed(an_entry(2), an_entry(3), total=4)),
    ]

    read = asked_by_query(host)

    assert read.papers == [named(1), named(2), named(3)]


def test_a_slice_that_is_empty_for_no_reason_is_asked_for_again(host: Host) -> None:
    host.routes["/api/query"] = [
        Answer(a_feed(an_entry(1), total=2)),
        Answer(a_feed(total=2)),
        Answer(a_feed(an_entry(2), total=2)),
    ]

    read = asked_by_query(host)

    assert (read.papers, read.raised) == ([named(1), named(2)], "")
    assert [asked.query["start"] for asked in host.asked] == ["0", "1", "1"]


def test_a_slice_that_stays_empty_is_an_error_after_what_was_read(host: Host) -> None:
    host.routes["/api/query"] = [Answer(a_feed(an_entry(1), total=8)), Answer(a_feed(total=8))]

    read = asked_by_query(host)

    assert read.papers == [named(1)]
    assert read.raised == "arXiv API, by query: sends nothing, though 7 papers are left"
    assert len(host.asked) == 3


def test_slices_of_one_paper_are_not_read_for_ever(host: Host) -> None:
    host.routes["/api/query"] = lambda asked: Answer(a_feed(an_entry(int(asked.query["start"]) + 1), total=99))

    read = asked_by_query(host)

    assert len(read.papers) == len(host.asked) == 20
    assert "sends too little at once: 79 papers are left" in read.raised


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(a_feed(BAD), 400), "HTTP 400, incorrect id format for otter"),
        (Answer(a_feed(BAD)), "did not understand the request: incorrect id format for otter"),
        (Answer("Bad Request", 400), "HTTP 400, and what it sent is not XML"),
        (Answer(a_feed(), 400), "HTTP 400, and no reason"),
        (Answer("<!DOCTYPE html><p>Busy", headers={"Content-Type": "text/html"}), "it is a web page"),
        (Answer(a_feed(an_entry(2))[:-9]), "is not XML that can be read"),
        (Answer(b'<feed xmlns="http://www.w3.org/2005/Atom"/>'), "does not say how many papers there are"),
        (Answer("no", 404), "404"),
    ],
)
def test_a_query_that_breaks_off_gives_what_was_read_and_says_why(host: Host, answer: Answer, reason: str) -> None:
    host.routes["/api/query"] = [Answer(a_feed(an_entry(1), total=2), gzipped=True), answer]

    read = asked_by_query(host)

    assert read.papers == [named(1)]
    assert reason in read.raised


# Whatever comes.


@settings(max_examples=60)
@given(st.recursive(st.text(max_size=8), lambda inner: st.lists(st.tuples(TAGS, inner), max_size=4), max_leaves=12))
def test_whatever_stands_in_a_feed_nothing_but_a_source_error_is_raised(tree: object) -> None:
    def written(part: object) -> str:
        if isinstance(part, list):
            return "".join(f"<{tag} term='x.y'>{written(inner)}</{tag}>" for tag, inner in part)
        return escape(str(part))

    for body in (a_feed(written(tree)), a_feed(f"<entry>{written(tree)}</entry>")):
        with suppress(SourceError):
            assert all(isinstance(found, Paper | Problem) for found in parse(body, "reply.xml"))


@given(st.integers(0, 3_000))
def test_a_feed_cut_off_anywhere_is_never_taken_for_a_whole_one(length: int) -> None:
    body = a_feed(ENTRY, OLD)

    with pytest.raises(SourceError):
        list(parse(body[: min(length, len(body) - 1)], "reply.xml"))
