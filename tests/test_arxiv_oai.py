"""arXiv's OAI-PMH: what stands in its records, and how a set is read page by page."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask
from digestor.sources.arxiv import oai
from digestor.sources.arxiv.oai import harvest, parse_records, set_of
from digestor.sources.arxiv.parts import authors_of, first_doi
from tests import hosting
from tests.fakes import a_reach
from tests.hosting import Answer, Asked, Host

RECORDED = hosting.SHARED / "arxiv_oai"
recorded = pytest.mark.skipif(not hosting.SHARED.is_dir(), reason="the recorded replies are not here")
TAGS = st.sampled_from(
    "OAI-PMH ListRecords GetRecord record header identifier setSpec metadata arXiv arXivRaw id version date created "
    "authors author keyname forenames title abstract categories doi error resumptionToken dc creator".split()
)

RAW = """
<id>2611.10001</id><submitter>A. Person</submitter>
<version version="v2"><date>Thu, 19 Nov 2026 08:00:00 GMT</date><size>40kb</size><source_type>D</source_type></version>
<version version="v1"><date>Mon, 16 Nov 2026 18:30:05 GMT</date><size>39kb</size></version>
<title>Otters that
  count pebbles</title>
<authors>Ana B\\'ejar (1), Jo~Roe, Jr. and Kim Lee ((1) River Lab, (2) Sea Lab)</authors>
<categories>q-bio.NC cs.CL</categories><comments>9 pages,
  2 otters</comments><journal-ref>Otter Letters 4 (2026)</journal-ref>
<doi>none yet, 10.1000/Otter.4; 10.1000/otter.5</doi>
<license>http://creativecommons.org/licenses/by/4.0/</license>
<abstract>  We watch otters and they
count pebbles.
  They stop at seven.
</abstract>"""
PERSONS = """
<id>{id}</id><created>{created}</created>{updated}<authors>
<author><keyname>The Otter Collaboration</keyname></author><author><keyname>:</keyname></author>
<author><keyname>Roe</keyname><forenames>Jo</forenames><suffix>Jr.</suffix><affiliation>River Lab</affiliation></author>
<author><keyname>Mazur</keyname><keyname>Nowak</keyname><forenames>Ida</forenames></author>
<author><keyname>team</keyname><forenames>Max Fox for the Pebble</forenames></author></authors>
<title>Otters at rest</title><categories>q-bio.NC</categories><abstract>They sleep on their backs.</abstract>"""
DUBLIN = """
<dc:title>Otters of old</dc:title><dc:creator>Roe Jr, Jo</dc:creator><dc:creator>Homer</dc:creator>
<dc:subject>Neurons and Cognition</dc:subject><dc:description>  Old otters were
larger.</dc:description><dc:description>Comment: 3 pages</dc:description>
<dc:date>2009-02-03</dc:date><dc:date>2009-01-16</dc:date><dc:type>text</dc:type>
<dc:identifier>http://arxiv.org/abs/0901.0001</dc:identifier><dc:identifier>Otter Letters 1,
  pages 1-3</dc:identifier><dc:identifier>doi:10.1000/otter.1</dc:identifier>"""


def a_record(inner: str, kind: str = "arXivRaw", name: str = "oai:arXiv.org:2611.10001", sets: str = "") -> str:
    space = "http://www.openarchives.org/OAI/2.0/oai_dc/" if kind == "oai_dc:dc" else f"http://arxiv.org/OAI/{kind}/"
    bound = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return (
        f"<record><header><identifier>{name}</identifier><datestamp>2026-11-20</datestamp>{sets}</header>"
        f'<metadata><{kind} xmlns="{space}" {bound}>{inner}</{kind}></metadata></record>'
    )


def deleted(name: str) -> str:
    return f'<record><header status="deleted"><identifier>oai:arXiv.org:{name}</identifier></header></record>'


def numbered(*numbers: int) -> str:
    """Records of papers 2611.00001 and so on."""
    return "".join(
        a_record(
            f'<id>2611.{number:05}</id><version version="v1"><date>Mon, 16 Nov 2026 12:00:00 GMT</date></version>'
            f"<title>Otter {number}</title><authors>Jo Roe</authors><categories>cs.CL</categories>",
            name=f"oai:arXiv.org:2611.{number:05}",
        )
        for number in numbers
    )


def a_reply(inner: str, root: str = "OAI-PMH") -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<{root} xmlns="http://www.openarchives.org/OAI/2.0/">{inner}</{root}>'.encode()


def a_page(records: str, token: str | None = None) -> bytes:
    last = "" if token is None else f"<resumptionToken>{escape(token)}</resumptionToken>"
    return a_reply(f"<ListRecords>{records}{last}</ListRecords>")


def an_error(code: str, said: str = "It is so.") -> bytes:
    return a_reply(f"<error code='{code}'>{said}</error>")


def only(found: Iterator[Paper | Problem]) -> Paper:
    (paper,) = found
    assert isinstance(paper, Paper)
    return paper


def read(host: Host, *sets: str, start: date = date(2026, 11, 16)) -> tuple[list[str], list[Problem], str]:
    """The papers' ids, the problems, and what was raised in the end."""
    papers, problems = [], []
    ask = Ask("", family="arxiv", private=True)
    try:
        for found in harvest(f"{host.url}/oai", sets or ("cs:cs:CL",), start, a_reach().get, ask):
            if isinstance(found, Paper):
                papers.append(found.id)
            else:
                problems.append(found)
    except SourceError as error:
        return papers, problems, f"{error.where}: {error.what}"
    return papers, problems, ""


# Records.


def test_an_arxivraw_record_gives_the_moment_of_the_first_version_and_the_number_of_the_last() -> None:
    paper = only(parse_records(a_page(a_record(RAW)), "reply.xml"))

    assert paper == Paper(
        id="2611.10001",
        title="Otters that count pebbles",
        abstract="We watch otters and they count pebbles.\nThey stop at seven.",
        url="https://arxiv.org/abs/2611.10001",
        authors=("Ana Béjar", "Jo Roe Jr.", "Kim Lee"),
        published=datetime(2026, 11, 16, 18, 30, 5, tzinfo=UTC),
        updated=datetime(2026, 11, 19, 8, 0, tzinfo=UTC),
        arxiv_id="2611.10001",
        version=2,
        doi="10.1000/otter.4",
        categories=("q-bio.NC", "cs.CL"),
        comment="9 pages, 2 otters",
        venue="Otter Letters 4 (2026)",
        licence="http://creativecommons.org/licenses/by/4.0/",
        source="arxiv",
    )


def test_the_tenth_version_is_later_than_the_second() -> None:
    versions = "".join(
        f'<version version="v{n}"><date>Mon, {n} Nov 2026 00:00:00 GMT</date></version>' for n in (1, 10, 2)
    )

    paper = only(parse_records(a_page(a_record(f"<id>2611.10001</id>{versions}<title>Otters</title>")), "reply.xml"))

    assert paper.version == 10
    assert paper.published == datetime(2026, 11, 1, tzinfo=UTC)
    assert paper.updated == datetime(2026, 11, 10, tzinfo=UTC)


def test_without_a_first_version_nobody_knows_when_a_paper_came_out() -> None:
    version = '<version version="v3"><date>Mon, 2 Nov 2026 00:00:00 GMT</date></version>'

    paper = only(parse_records(a_page(a_record(f"<id>2611.10001</id>{version}<title>Otters</title>")), "reply.xml"))

    assert paper.published is None
    assert paper.version == 3


def test_a_last_version_without_text_is_a_withdrawn_paper() -> None:
    body = a_page(a_record(RAW.replace("<source_type>D</source_type>", "<source_type>I</source_type>")))

    assert only(parse_records(body, "reply.xml")).standing == "withdrawn"
    assert only(parse_records(a_page(a_record(RAW)), "reply.xml")).standing == "active"


def test_an_arxiv_record_gives_each_author_and_puts_collaborations_together_again() -> None:
    inner = PERSONS.format(id="hep-th/9901001", created="1999-01-04", updated="<updated>1999-05-06</updated>")

    paper = only(parse_records(a_page(a_record(inner, "arXiv")), "reply.xml"))

    assert paper.authors == ("The Otter Collaboration", "Jo Roe Jr.", "Ida Mazur Nowak", "Max Fox for the Pebble team")
    assert paper.arxiv_id == "hep-th/9901001"
    assert paper.published == datetime(1999, 1, 4, tzinfo=UTC)
    assert paper.updated == datetime(1999, 5, 6, tzinfo=UTC)
    assert paper.version is None


def test_a_paper_created_after_the_month_of_its_id_was_created_anew() -> None:
    inner = PERSONS.format(id="1601.04794", created="2026-08-30", updated="")

    paper = only(parse_records(a_page(a_record(inner, "arXiv")), "reply.xml"))

    assert paper.published is None
    assert paper.updated == datetime(2026, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sets", "categories"),
    [
        (["physics:hep-th"], ("hep-th",)),
        (["q-bio:q-bio:NC", "cs:cs:CL"], ("q-bio.NC", "cs.CL")),
        (["math", "physics:astro-ph:GA", "physics:physics:optics"], ("math", "astro-ph.GA", "physics.optics")),
    ],
)
def test_a_dublin_core_record_has_its_categories_from_its_sets(sets: list[str], categories: tuple[str, ...]) -> None:
    specs = "".join(f"<setSpec>{name}</setSpec>" for name in sets)
    record = a_record(DUBLIN, "oai_dc:dc", "oai:arXiv.org:0901.0001", specs)

    paper = only(parse_records(a_page(record), "reply.xml"))

    assert paper == Paper(
        id="0901.0001",
        title="Otters of old",
        abstract="Old otters were larger.",
        url="https://arxiv.org/abs/0901.0001",
        authors=("Jo Roe Jr", "Homer"),
        published=datetime(2009, 1, 16, tzinfo=UTC),
        updated=datetime(2009, 2, 3, tzinfo=UTC),
        arxiv_id="0901.0001",
        doi="10.1000/otter.1",
        categories=categories,
        comment="3 pages",
        venue="Otter Letters 1, pages 1-3",
        source="arxiv",
    )


@pytest.mark.parametrize("root", ["GetRecord", "ListRecords", "record", "wrapped"])
def test_a_record_is_read_with_whatever_is_left_around_it(root: str) -> None:
    record = a_record(RAW)
    bodies = {
        "GetRecord": a_reply(f"<GetRecord>{record}</GetRecord>"),
        "ListRecords": a_reply(record, "ListRecords"),
        "record": record.encode(),
        "wrapped": f"<OAI-PMH><ListRecords>{record}</ListRecords></OAI-PMH>".encode(),
    }

    assert only(parse_records(bodies[root], "reply.xml")).id == "2611.10001"


def test_deleted_records_are_left_out_and_counted_once() -> None:
    body = a_page(deleted("2611.00001") + numbered(2) + deleted("2611.00003"))

    paper, problem = parse_records(body, "reply.xml")

    assert isinstance(paper, Paper)
    assert isinstance(problem, Problem)
    assert problem.what == "2 deleted records were left out"
    assert problem.lost == 0


def test_a_record_that_cannot_be_read_is_a_problem_and_the_others_are_read() -> None:
    none = "<record><header><identifier>oai:arXiv.org:2611.00001</identifier></header></record>"
    odd = a_record("<x>1</x>", "marc21", "oai:arXiv.org:2611.00002")
    untitled = a_record("<id>2611.00003</id>", name="oai:arXiv.org:2611.00003")

    *problems, paper = parse_records(a_page(none + odd + untitled + numbered(4)), "reply.xml")

    assert isinstance(paper, Paper)
    assert [problem.model_dump(include={"where", "what", "lost"}) for problem in problems] == [
        {"where": f"reply.xml, record {number} (oai:arXiv.org:2611.0000{number})", "what": what, "lost": 1}
        for number, what in enumerate(
            (
                "has no metadata",
                "has nothing in a format that can be read",
                "has neither title nor abstract",
            ),
            1,
        )
    ]


def test_a_saved_page_says_that_there_are_more() -> None:
    paper, problem = parse_records(a_page(numbered(1), "more"), "reply.xml")

    assert isinstance(paper, Paper)
    assert isinstance(problem, Problem)
    assert "one page of several" in problem.what


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (an_error("badArgument", "Set does not exist"), "badArgument: Set does not exist"),
        (b"<rss/>", "its root is <rss>"),
        (a_reply("<Identify/>"), "without records"),
        (b"<html><body>Sorry</body></html>", "it is a web page"),
        (a_page(numbered(1))[:-30], "expected '>'"),
        (b"", "it is empty"),
    ],
)
def test_what_is_no_list_of_records_is_refused_and_the_reason_told(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as refused:
        list(parse_records(body, "reply.xml"))

    assert refused.value.where == "reply.xml"
    assert reason in refused.value.what


def test_a_saved_reply_that_nothing_matched_holds_no_papers() -> None:
    assert list(parse_records(an_error("noRecordsMatch"), "reply.xml")) == []


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Jo Roe", ["Jo Roe"]),
        ("Jo Roe and Kim Lee", ["Jo Roe", "Kim Lee"]),
        ("Jo Roe, Kim Lee, and Max Fox", ["Jo Roe", "Kim Lee", "Max Fox"]),
        ("Jo Roe & Kim Lee", ["Jo Roe", "Kim Lee"]),
        ("Jo Roe, Jr., Kim Lee III, Max Fox, Sr", ["Jo Roe Jr.", "Kim Lee III", "Max Fox Sr"]),
        ("The Otter Collaboration: Jo Roe, Kim Lee", ["The Otter Collaboration", "Jo Roe", "Kim Lee"]),
        ("Jo Roe (1,2), Kim Lee (2) ((1) Lab A, (2) Lab B and C)", ["Jo Roe", "Kim Lee"]),
        ("Jo Roe (MIT, Boston), Kim Lee", ["Jo Roe", "Kim Lee"]),
        ("Xia (Ray) Zhu, Kim Lee (NASA)", ["Xia Zhu", "Kim Lee"]),
        ("Jo Roe (1) Kim Lee (2)", ["Jo Roe", "Kim Lee"]),
        ("Jo Roe (MIT, Kim Lee", ["Jo Roe MIT", "Kim Lee"]),
        ("Jo Roe) and Kim Lee", ["Jo Roe", "Kim Lee"]),
        ("Jo Roe, Kim Lee, et al.", ["Jo Roe", "Kim Lee"]),
        ("Abrah\\~ao~Silva and A.\\,B. Roe", ["Abrah\\~ao Silva", "A. B. Roe"]),
        ("Jo\n  Roe\nand\n  Kim Lee", ["Jo Roe", "Kim Lee"]),
        ("Jr.", ["Jr."]),
        (" , ;:() 1, 2", []),
        ("", []),
    ],
)
def test_a_line_of_authors_is_taken_apart(line: str, authors: list[str]) -> None:
    assert list(authors_of(line)) == authors


@pytest.mark.parametrize("line", ["(" * 200_000, ")" * 200_000, "()" * 150_000, "(" * 90_000 + ")" * 90_000, ", " * 99])
def test_a_line_of_brackets_and_commas_has_no_authors(line: str) -> None:
    assert list(authors_of(line)) == []


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/A, 10.1000/b;10.1000/c", "10.1000/a"),
        ("10.1000/a 10.1000/b", "10.1000/a"),
        ("10.1000/(sici)1,2;3", "10.1000/(sici)1,2;3"),
        ("to appear; doi:10.1000/a", "10.1000/a"),
        ("https://doi.org/10.1000/a,https://doi.org/10.1000/b", "10.1000/a"),
        ("to appear", ""),
        ("", ""),
    ],
)
def test_the_first_doi_of_several_is_taken(text: str, doi: str) -> None:
    assert first_doi(text) == doi


@recorded
@pytest.mark.parametrize(
    ("name", "papers", "problems", "authors", "dois"),
    [
        ("ads_arxiv_0901_2443.xml", 1, 0, 9, 0),
        ("ads_arxiv_1711_05739.xml", 1, 0, 3, 0),
        ("ads_arxiv_multi_20230125.xml", 3, 1, 7, 2),
        ("hepcrawl_sample_arxiv_record0.xml", 1, 0, 5, 1),
        ("hepcrawl_sample_arxiv_record10.xml", 1, 0, 1, 0),
        ("hepcrawl_sample_arxiv_record3.xml", 1, 0, 2, 0),
        ("hepcrawl_sample_arxiv_record5.xml", 1, 0, 5, 0),
        ("hepcrawl_sample_arxiv_record7.xml", 1, 0, 3, 0),
        ("hepcrawl_sample_arxiv_record9.xml", 1, 0, 2, 0),
    ],
)
def test_recorded_replies_are_read_whole(name: str, papers: int, problems: int, authors: int, dois: int) -> None:
    found = list(parse_records((RECORDED / name).read_bytes(), name))

    read = [paper for paper in found if isinstance(paper, Paper)]
    assert (len(read), len(found) - len(read)) == (papers, problems)
    assert sum(len(paper.authors) for paper in read) == authors
    assert sum(paper.doi is not None for paper in read) == dois
    assert all(paper.arxiv_id and paper.published and paper.abstract and paper.categories for paper in read)


# Sets.


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("cs", "cs"),
        ("math.AG", "math:math:AG"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
        ("stat.ML", "stat:stat:ML"),
        ("eess.AS", "eess:eess:AS"),
        ("econ", "econ"),
        ("q-fin", "q-fin"),
        ("hep-th", "physics:hep-th"),
        ("quant-ph", "physics:quant-ph"),
        ("math-ph", "physics:math-ph"),
        ("astro-ph", "physics:astro-ph"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
        ("cond-mat.str-el", "physics:cond-mat:str-el"),
        ("nlin.CD", "physics:nlin:CD"),
        ("physics.optics", "physics:physics:optics"),
        ("physics", "physics:physics"),
        (" cs.LG ", "cs:cs:LG"),
    ],
)
def test_a_category_is_in_a_set_of_its_group(category: str, name: str) -> None:
    assert set_of(category) == name


@pytest.mark.parametrize("category", ["", "otter", "otter.CL", "cs.", ".CL", "hep-th.", "CS.CL", "cs:CL"])
def test_what_is_no_category_is_in_no_set(category: str) -> None:
    with pytest.raises(SourceError, match="has no category"):
        set_of(category)


# Harvests.


def test_a_set_is_asked_for_by_name_and_day_and_then_by_its_tokens_alone(host: Host) -> None:
    host.routes["/oai"] = [
        Answer(a_page(numbered(1, 2), "verb%3DListRecords%26skip=2")),
        Answer(a_page(numbered(3), "b&c 3")),
        Answer(a_page(numbered(4), "")),
    ]

    assert read(host) == (["2611.00001", "2611.00002", "2611.00003", "2611.00004"], [], "")
    assert [asked.query for asked in host.asked] == [
        {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs:cs:CL", "from": "2026-11-16"},
        {"verb": "ListRecords", "resumptionToken": "verb%3DListRecords%26skip=2"},
        {"verb": "ListRecords", "resumptionToken": "b&c 3"},
    ]


def test_a_paper_that_is_in_two_sets_or_on_two_pages_comes_once(host: Host) -> None:
    def answer(asked: Asked) -> Answer:
        if "resumptionToken" in asked.query:
            return Answer(a_page(numbered(2, 3)))
        return Answer(a_page(numbered(1, 2), "more") if asked.query["set"] == "cs:cs:CL" else a_page(numbered(3, 4)))

    host.routes["/oai"] = answer

    papers, problems, raised = read(host, "cs:cs:CL", "cs:cs:LG", "cs:cs:CL")

    assert papers == ["2611.00001", "2611.00002", "2611.00003", "2611.00004"]
    assert (problems, raised) == ([], "")
    assert len(host.asked) == 3


def test_a_set_in_which_nothing_changed_is_no_error(host: Host) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(an_error("noRecordsMatch") if asked.query["set"] == "cs:cs:CL" else a_page(numbered(1)))

    host.routes["/oai"] = answer

    assert read(host, "cs:cs:CL", "stat") == (["2611.00001"], [], "")


def test_nothing_is_asked_for_of_days_before_there_were_any_records(host: Host) -> None:
    host.routes["/oai"] = Answer(a_page(numbered(1)))

    read(host, start=date(1999, 1, 1))

    assert host.asked[0].query["from"] == "2005-09-16"


def test_deleted_records_of_all_pages_are_told_of_once(host: Host) -> None:
    host.routes["/oai"] = [
        Answer(a_page(numbered(1) + deleted("2611.00009"), "more")),
        Answer(a_page(deleted("2611.00008") + deleted("2611.00007"))),
    ]

    papers, problems, raised = read(host)

    assert (papers, raised) == (["2611.00001"], "")
    assert [(problem.what, problem.lost) for problem in problems] == [("3 deleted records were left out", 0)]


def test_a_set_whose_token_was_forgotten_is_read_again_from_the_start_and_not_from_what_was_kept(host: Host) -> None:
    host.routes["/oai"] = [
        Answer(a_page(numbered(1), "old")),
        Answer(an_error("badResumptionToken", "expired")),
        Answer(a_page(numbered(1), "new")),
        Answer(a_page(numbered(2))),
    ]

    assert read(host) == (["2611.00001", "2611.00002"], [], "")
    assert [asked.query.get("resumptionToken") for asked in host.asked] == [None, "old", None, "new"]


def test_a_token_forgotten_twice_is_an_error_after_what_was_read(host: Host) -> None:
    host.routes["/oai"] = [
        Answer(a_page(numbered(1), "old")),
        Answer(an_error("badResumptionToken", "expired")),
        Answer(a_page(numbered(1, 2), "new")),
        Answer(an_error("badResumptionToken", "expired again")),
    ]

    papers, _, raised = read(host)

    assert papers == ["2611.00001", "2611.00002"]
    assert raised == "arXiv OAI-PMH, set cs:cs:CL: badResumptionToken: expired again"
    assert len(host.asked) == 4


def test_a_token_that_comes_again_ends_the_reading(host: Host) -> None:
    host.routes["/oai"] = Answer(a_page(numbered(1), "round and round"))

    papers, _, raised = read(host)

    assert papers == ["2611.00001"]
    assert "the same page again" in raised
    assert len(host.asked) == 2


def test_pages_without_end_are_read_only_so_far(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai, "PAGES", 5)
    host.routes["/oai"] = lambda asked: Answer(a_page(numbered(len(host.asked)), str(len(host.asked))))

    papers, _, raised = read(host)

    assert len(papers) == 5
    assert "has more than 5 pages" in raised


BROKEN: dict[str, Callable[[], tuple[Answer, str]]] = {
    "a web page": lambda: (Answer("<!doctype html><title>Busy</title>", headers={"Content-Type": "text/html"}), "web"),
    "half a page": lambda: (Answer(a_page(numbered(2, 3))[:-200]), "is not XML that can be read"),
    "nothing": lambda: (Answer(b""), "it is empty"),
    "another error": lambda: (Answer(an_error("badArgument", "until date too late")), "until date too late"),
    "a status": lambda: (Answer("no", 404), "404"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_reading_that_breaks_off_gives_what_was_read_and_says_why(host: Host, name: str) -> None:
    broken, reason = BROKEN[name]()
    host.routes["/oai"] = [Answer(a_page(numbered(1), "more"), gzipped=True), broken]

    papers, _, raised = read(host)

    assert papers == ["2611.00001"]
    assert reason in raised


# Whatever comes.


@settings(max_examples=60)
@given(st.recursive(st.text(max_size=8), lambda inner: st.lists(st.tuples(TAGS, inner), max_size=4), max_leaves=12))
def test_whatever_stands_in_a_reply_nothing_but_a_source_error_is_raised(tree: object) -> None:
    def written(part: object) -> str:
        if isinstance(part, list):
            return "".join(f"<{tag} version='v1' code='x'>{written(inner)}</{tag}>" for tag, inner in part)
        return escape(str(part))

    for body in (a_reply(written(tree)), a_page(a_record(written(tree))), a_page(a_record(written(tree), "arXiv"))):
        with suppress(SourceError):
            assert all(isinstance(found, Paper | Problem) for found in parse_records(body, "reply.xml"))


@given(st.integers(0, 3_000))
def test_a_reply_cut_off_anywhere_is_never_taken_for_a_whole_one(length: int) -> None:
    body = a_page(a_record(RAW))

    with pytest.raises(SourceError):
        list(parse_records(body[: min(length, len(body) - 1)], "reply.xml"))


@given(st.text(max_size=200))
def test_a_line_of_anything_gives_names_without_commas(line: str) -> None:
    assert not any("," in name or name != name.strip() for name in authors_of(line))
