"""arXiv's announcement feeds, as they are sent and as they should not be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.arxiv.announcements import Announced, is_new, parse, parse_feed
from tests.hosting import SHARED

RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>
<pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate><skipDays><day>Sunday</day><day>Saturday</day></skipDays>
{items}
</channel></rss>"""
ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<id>http://rss.arxiv.org/atom/cs.CL</id><title>cs.CL updates on arXiv.org</title>
<updated>2026-11-20T05:00:13.1+00:00</updated>
<entry><id>oai:arXiv.org:2611.09001v2</id><title>Moss, counted twice</title><updated>2026-11-20T05:00:13+00:00</updated>
<link href="https://arxiv.org/abs/2611.09001" rel="alternate" type="text/html"/>
<summary>arXiv:2611.09001v2 Announce Type: new
Abstract: We count moss again.</summary><category term="q-bio.PE"/><category term="stat.AP"/>
<published>2026-11-20T00:00:00-05:00</published><arxiv:announce_type>new</arxiv:announce_type>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
<arxiv:journal_reference>Bryologist 1 (2026) 2</arxiv:journal_reference><arxiv:DOI>10.1000/Moss.2</arxiv:DOI>
<dc:creator>Ada Beta, Bo Gamma</dc:creator></entry></feed>"""


def item(number: int = 1, type: str = "new", version: int = 1, name: str = "", more: str = "", title: str = "") -> str:
    name = name or f"2611.{number:05}"
    return f"""<item><title>{title or f"Moss, part {number}"}</title><link>https://arxiv.org/abs/{name}</link>
<description>arXiv:{name}v{version} Announce Type: {type} \nAbstract: We count moss in forest {number}.</description>
<guid isPermaLink="false">oai:arXiv.org:{name}v{version}</guid><category>q-bio.PE</category><category>cs.CL</category>
<pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>{type}</arxiv:announce_type>
<dc:rights>http://arxiv.org/licenses/nonexclusive-distrib/1.0/</dc:rights>{more}
<dc:creator>Ada Beta, Bo Gamma, Jr.</dc:creator></item>"""


def feed(*items: str) -> bytes:
    return RSS.format(items="".join(items)).encode()


def entries(*items: str) -> list[Announced]:
    return [found for found in parse(feed(*items), "f") if isinstance(found, Announced)]


def one(body: bytes) -> Paper:
    (found,) = parse_feed(body, "f")
    assert isinstance(found, Paper)
    return found


def test_an_item_says_all_there_is() -> None:
    paper = one(feed(item(more="<arxiv:DOI>10.1000/Moss.1</arxiv:DOI>")))

    assert paper.model_dump(exclude_defaults=True) == {
        "id": "2611.00001",
        "title": "Moss, part 1",
        "abstract": "We count moss in forest 1.",
        "url": "https://arxiv.org/abs/2611.00001",
        "authors": ("Ada Beta", "Bo Gamma Jr."),
        "arxiv_id": "2611.00001",
        "version": 1,
        "doi": "10.1000/moss.1",
        "categories": ("q-bio.PE", "cs.CL"),
        "source": "arxiv",
        "announced": date(2026, 11, 20),
        "licence": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    }


def test_the_atom_form_says_the_same() -> None:
    paper = one(ATOM.encode())

    assert (paper.id, paper.version, paper.title) == ("2611.09001", 2, "Moss, counted twice")
    assert paper.abstract == "We count moss again."
    assert paper.authors == ("Ada Beta", "Bo Gamma")
    assert paper.categories == ("q-bio.PE", "stat.AP")
    assert (paper.doi, paper.venue) == ("10.1000/moss.2", "Bryologist 1 (2026) 2")
    assert (paper.announced, paper.published) == (date(2026, 11, 20), None)


def test_the_day_is_new_yorks_in_summer_too() -> None:
    summer = item().replace("20 Nov 2026 00:00:00 -0500", "20 Jul 2026 00:00:00 -0400")

    assert entries(summer)[0].day == date(2026, 7, 20)


def test_an_item_without_a_day_has_that_of_the_feed() -> None:
    assert entries(item().replace("<pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate>", ""))[0].day == date(
        2026, 11, 20
    )


def test_an_empty_feed_is_no_error() -> None:
    assert list(parse_feed(feed(), "f")) == []


def test_a_title_may_be_a_nought() -> None:
    assert one(feed(item(title="0"))).title == "0"


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Ada Beta, Bo Gamma, Jr., Cy Delta, III", ("Ada Beta", "Bo Gamma Jr.", "Cy Delta III")),
        ("Ada Beta (Here, There), Bo Gamma (Nowhere)", ("Ada Beta", "Bo Gamma")),
        ("Ada Beta for the XY Collaboration", ("Ada Beta", "the XY Collaboration")),
        ("Ada Beta, on behalf of the Moss Group", ("Ada Beta", "the Moss Group")),
        (" XY Collaboration, Ada Beta", ("XY Collaboration", "Ada Beta")),
        ("", ()),
    ],
)
def test_the_one_line_of_authors_is_taken_apart(line: str, authors: tuple[str, ...]) -> None:
    assert one(feed(item().replace("Ada Beta, Bo Gamma, Jr.", line))).authors == authors


@pytest.mark.parametrize(
    ("type", "version", "name", "new"),
    [
        ("new", 1, "2611.00001", True),
        ("new", 2, "2611.00001", True),
        ("cross", 1, "2611.00001", True),
        ("cross", 1, "2610.00001", True),
        ("cross", 1, "2609.00001", False),
        ("cross", 2, "2611.00001", False),
        ("cross", 3, "2402.10149", False),
        ("cross", 1, "hep-th/9901001", False),
        ("replace", 2, "2611.00001", False),
        ("replace-cross", 2, "2611.00001", False),
        ("absonly", 1, "2611.00001", False),
        ("something", 1, "2611.00001", True),
    ],
)
def test_what_counts_as_new(type: str, version: int, name: str, new: bool) -> None:
    (found,) = entries(item(type=type, version=version, name=name))

    assert is_new(found) is new


def test_what_is_left_out_of_a_file_is_said_once() -> None:
    found = list(
        parse_feed(
            feed(item(1), item(2, "replace", 2), item(3, "replace-cross", 4), item(4, "cross", 2), item(5, "cross")),
            "f",
        )
    )

    assert [paper.id for paper in found if isinstance(paper, Paper)] == ["2611.00001", "2611.00005"]
    (problem,) = (problem for problem in found if isinstance(problem, Problem))
    assert (problem.lost, problem.what) == (0, "2 replacements and 1 older cross-list were left out")


def test_a_single_replacement_is_spoken_of_as_one() -> None:
    (problem,) = parse_feed(feed(item(2, "replace", 2)), "f")

    assert isinstance(problem, Problem)
    assert problem.what == "1 replacement was left out"


def test_an_item_without_an_arxiv_id_is_lost_and_the_others_are_not() -> None:
    odd = "<item><title>Away</title><link>https://example.org/1</link><description>Gone fishing.</description></item>"

    found = list(parse_feed(feed(item(1), odd, item(2)), "f"))

    assert [paper.id for paper in found if isinstance(paper, Paper)] == ["2611.00001", "2611.00002"]
    assert [(p.where, p.lost) for p in found if isinstance(p, Problem)] == [("f, item 2", 1)]


def test_the_type_is_read_from_the_text_where_it_stands_nowhere_else() -> None:
    plain = item(1, "replace", 2).replace("<arxiv:announce_type>replace</arxiv:announce_type>", "")

    assert entries(plain)[0].type == "replace"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<html><body>Rate exceeded.</body></html>", "web page"),
        (b"Rate exceeded.", "text"),
        (b"<OAI-PMH/>", "no RSS or Atom feed"),
        (feed(item())[:-40], "not XML"),
        (
            b"<rss><channel><title>Feed error for query: cs.XX</title><description>Bad subject class 'XX'</description>"
            b"</channel></rss>",
            "Bad subject class",
        ),
    ],
)
def test_what_is_no_feed_is_refused_in_plain_words(body: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        list(parse(body, "f"))


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: RSS.format(items=f"<item>{text}</item>").encode("utf-8", "surrogatepass"))
)
def test_no_bytes_raise_anything_but_source_errors(body: bytes) -> None:
    try:
        found = list(parse_feed(body, "f"))
    except SourceError:
        return
    assert all(isinstance(entry, Paper | Problem) for entry in found)


@given(st.integers(0, 2_000), st.binary(max_size=6))
def test_no_damage_to_a_feed_raises_anything_but_source_errors(place: int, damage: bytes) -> None:
    whole = feed(item(1), item(2, "cross"))
    try:
        found = list(parse_feed(whole[:place] + damage + whole[place + len(damage) :], "f"))
    except SourceError:
        return
    assert len(found) <= 3


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded replies are not here")
def test_the_recorded_feed_of_a_weekend_is_empty() -> None:
    assert list(parse_feed((SHARED / "arxiv_rss/allnews_weekend_empty.xml").read_bytes(), "f")) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded replies are not here")
def test_the_recorded_feed_of_a_monday_has_three_new_papers() -> None:
    found = list(parse_feed((SHARED / "arxiv_rss/distill_cs_ai_2026-04-27.xml").read_bytes(), "f"))

    papers = [paper for paper in found if isinstance(paper, Paper)]
    assert len(found) == len(papers) == 3
    assert [paper.arxiv_id for paper in papers] == ["2604.21935", "2604.21936", "2604.21937"]
    assert {(paper.announced, paper.version) for paper in papers} == {(date(2026, 4, 27), 1)}
    assert [len(paper.authors) for paper in papers] == [2, 18, 17]
    assert not any("Announce Type" in paper.abstract or "textbf" in paper.abstract for paper in papers)
