"""Feeds: what is read of an entry, what is left out, and what an ill-formed feed may do."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Covers, Reach, Reply, Source, Window
from digestor.sources.blurbs import abstract_of
from digestor.sources.entries import parse_entries, people
from digestor.sources.feed import Feed
from digestor.sources.landing import doi_at
from digestor.sources.syndication import ENTRIES, entries
from tests import hosting
from tests.fakes import a_reach
from tests.hosting import Answer, Host

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))

RDF = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<channel rdf:about="https://www.nature.com/moss.rss"><title>Moss Research</title>
 <items><rdf:Seq><rdf:li rdf:resource="https://www.nature.com/articles/s41999-026-00007-x"/></rdf:Seq></items></channel>
<item rdf:about="https://www.nature.com/articles/s41999-026-00007-x">
 <title><![CDATA[Moss grows where x<y in CO<sub>2</sub>]]></title>
 <link>https://www.nature.com/articles/s41999-026-00007-x</link>
 <content:encoded><![CDATA[<p>Moss Research, Published online: 17 November 2026; <a
  href="https://www.nature.com/articles/s41999-026-00007-x">doi:10.1038/s41999-026-00007-x</a></p>We weighed moss.]]>
 </content:encoded>
 <dc:creator>Ann Moss</dc:creator><dc:creator>Bob Fern</dc:creator>
 <dc:identifier>urn:nothing</dc:identifier><dc:identifier>doi:10.1038/s41999-026-00007-x</dc:identifier>
 <dc:date>2026-11-17</dc:date><dc:subject>Botany</dc:subject>
 <prism:publicationName>Moss Research</prism:publicationName>
</item></rdf:RDF>"""

RSS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Fern Letters: Table of Contents</title>
<item><title>Möss and ferns</title><link>https://onlinelibrary.wiley.example/doi/10.1002/fern.12?af=R</link>
 <description>Fern Letters, Volume 3, Issue 2, November 2026. &lt;br/&gt;We count möss &amp;amp; ferns.</description>
 <pubDate>Tue, 17 Nov 2026 23:30:00 -0500</pubDate><author>ann@fern.example (Ann Moss)</author>
 <category>ecology</category><guid isPermaLink="false">10.1002/fern.12</guid></item>
<item><title>Issue Information</title><link>https://fern.example/toc</link></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Bark</title><updated>2026-11-20T00:00:00Z</updated>
<entry><title type="html">Bark &lt;i&gt;in vivo&lt;/i&gt;</title><id>https://arxiv.org/abs/2611.01234v2</id>
 <link rel="alternate" href="https://bark.example/1"/><link rel="enclosure" href="https://bark.example/1.pdf"/>
 <author><name>Cleo Bark</name></author><author><name>Dan Root</name></author>
 <published>2026-11-18T10:00:00+02:00</published><updated>2026-11-19T10:00:00Z</updated>
 <summary>Short.</summary>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Bark is peeled.</p>
 <p>It <b>grows</b> again.</p></div></content><category term="cs.BK" label="Bark science"/></entry>
<entry><title>Only brought up to date</title><id>urn:1</id><updated>2026-11-20T10:00:00Z</updated></entry></feed>"""

OLD = """<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">
<rss version="0.91"><channel><title>Lichen</title><item><title>Caf&eacute; lichens</title>
<link>https://lichen.example/1</link><description>We scrape lichens off chairs.</description></item></channel></rss>"""

FEED_JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Reed",
        "items": [
            {
                "id": "https://doi.org/10.1000/reed.1",
                "url": "https://reed.example/1",
                "title": "Reeds",
                "content_html": "<p>Reeds bend.</p>",
                "date_published": "2026-11-18T00:00:00Z",
                "authors": [{"name": "Eve Reed"}],
                "tags": ["plants"],
            },
            {"id": 7, "title": ["odd"]},
            "odd",
        ],
    }
)


def read(body: bytes | str) -> list[Paper | Problem]:
    return list(parse_entries(body if isinstance(body, bytes) else body.encode(), "f"))


def papers(body: bytes | str) -> list[Paper]:
    return [found for found in read(body) if isinstance(found, Paper)]


def rss(*items: str, title: str = "Twigs") -> str:
    return f'<rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'


def item(title: str, *more: str) -> str:
    return f"<item><title>{title}</title>{''.join(more)}</item>"


def test_an_rdf_feed_of_a_journal_gives_all_there_is() -> None:
    (paper,) = papers(RDF)

    assert paper.title == "Moss grows where x<y in CO2"
    assert paper.abstract == "We weighed moss."
    assert (paper.id, paper.doi) == ("10.1038/s41999-026-00007-x",) * 2
    assert paper.url == "https://www.nature.com/articles/s41999-026-00007-x"
    assert paper.authors == ("Ann Moss", "Bob Fern")
    assert paper.published == datetime(2026, 11, 17, tzinfo=UTC)
    assert (paper.categories, paper.venue, paper.source) == (("Botany",), "Moss Research", "feed")


def test_an_rss_feed_is_read_in_the_encoding_it_names() -> None:
    paper, other = papers(RSS.encode("latin-1"))

    assert (paper.title, paper.abstract) == ("Möss and ferns", "We count möss & ferns.")
    assert (paper.doi, paper.authors) == ("10.1002/fern.12", ("Ann Moss",))
    assert paper.published == datetime(2026, 11, 18, 4, 30, tzinfo=UTC)
    assert (paper.venue, paper.categories) == ("Fern Letters", ("ecology",))
    assert (other.title, other.abstract, other.published) == ("Issue Information", "", None)


def test_an_atom_feed_gives_the_longer_text_and_both_dates() -> None:
    paper, other = papers(ATOM)

    assert (paper.title, paper.abstract) == ("Bark in vivo", "Bark is peeled.\nIt grows again.")
    assert (paper.arxiv_id, paper.version, paper.url) == ("2611.01234", 2, "https://bark.example/1")
    assert paper.authors == ("Cleo Bark", "Dan Root")
    assert paper.published == datetime(2026, 11, 18, 8, tzinfo=UTC)
    assert paper.updated == datetime(2026, 11, 19, 10, tzinfo=UTC)
    assert paper.categories == ("Bark science",)
    assert (other.published, other.updated) == (None, datetime(2026, 11, 20, 10, tzinfo=UTC))


def test_an_rss_feed_of_1999_is_read_though_its_definition_is_not_fetched() -> None:
    (paper,) = papers(OLD)

    assert (paper.title, paper.url) == ("Café lichens", "https://lichen.example/1")


def test_a_json_feed_is_read_and_what_is_odd_in_it_is_told_of() -> None:
    paper, bare = read(FEED_JSON)

    assert isinstance(paper, Paper)
    assert (paper.title, paper.abstract, paper.doi) == ("Reeds", "Reeds bend.", "10.1000/reed.1")
    assert (paper.authors, paper.categories, paper.venue) == (("Eve Reed",), ("plants",), "Reed")
    assert bare == Problem(where="f", what="2 entries have neither title nor text", todo="see the feed itself", lost=2)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "euc-kr", "koi8-r", "windows-1252"])
def test_a_feed_may_be_in_any_encoding_that_it_says(encoding: str) -> None:
    word = {"euc-kr": "이끼", "koi8-r": "мох", "windows-1252": "“möss”"}.get(encoding, "möss")
    name = "utf-16" if encoding == "utf-16-le" else encoding.removesuffix("-sig")
    mark = "\ufeff" if encoding == "utf-16-le" else ""

    body = f'{mark}<?xml version="1.0" encoding="{name}"?>{rss(item(word))}'.encode(encoding)

    assert [found.title for found in read(body) if isinstance(found, Paper)] == [word]
    assert len(read(body)) == 1


def test_an_empty_feed_holds_no_papers_and_is_no_error() -> None:
    assert read(rss()) == []
    assert read('<feed xmlns="http://www.w3.org/2005/Atom"/>') == []


@pytest.mark.parametrize(
    "date",
    ["17 Nov 2026", "Tue, 17 Nov 2026 00:00:00 GMT", "2026-11-17T00:00:00Z", "2026-11-17", "Tue, 17 Nov 2026 0:00 EST"],
)
def test_a_date_is_read_as_feeds_write_it(date: str) -> None:
    (paper,) = papers(rss(item("Twig", f"<pubDate>{date}</pubDate>")))

    assert paper.published
    assert paper.published.date().isoformat() == "2026-11-17"


@pytest.mark.parametrize("date", ["November 2026", "2026", "2026-11", "Tue", "17 Nov", "32 Nov 2026", "", "soon"])
def test_a_date_that_is_none_is_not_guessed(date: str) -> None:
    (paper,) = papers(rss(item("Twig", f"<pubDate>{date}</pubDate>")))

    assert paper.published is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Moss", ["Ann Moss"]),
        ("Ann Moss, Bob Fern and Cleo Bark", ["Ann Moss", "Bob Fern", "Cleo Bark"]),
        ("Ann Moss, Bob Fern, and Cleo Bark", ["Ann Moss", "Bob Fern", "Cleo Bark"]),
        ("\nAnn Moss, \nBob Fern\n", ["Ann Moss", "Bob Fern"]),
        ("Moss, A. B., Fern, C.", ["A. B. Moss", "C. Fern"]),
        ("Moss, Ann; Fern, Bob", ["Ann Moss", "Bob Fern"]),
        ("Moss, Ann", ["Ann Moss"]),
        ("by Ann Moss", ["Ann Moss"]),
        ("The Moss Group", ["The Moss Group"]),
        ("Sammy Moss, Jr.", ["Sammy Moss, Jr."]),
        ("ann@moss.example (Ann Moss)", ["Ann Moss"]),
        ("ann@moss.example", []),
        ("", []),
    ],
)
def test_authors_are_told_apart(text: str, names: list[str]) -> None:
    assert people(text) == names


@pytest.mark.parametrize(
    ("text", "abstract"),
    [
        ("<p>Twigs, Published online: 12 November 2026; <a href='https://x.example'>doi:10.1038/s4</a></p>", ""),
        ("<p>Twigs, Published online: 12 November 2026; doi:10.1038/s4</p>Twigs are bent.", "Twigs are bent."),
        ("Twigs, Volume 3, Issue 2, November 2026. <br/>Twigs are bent.", "Twigs are bent."),
        ("Twigs, Volume 3, Issue 2, November 2026. Twigs are bent. All of them.", "Twigs are bent. All of them."),
        ("Vol. 3, No. 2, pp. 1-9. Twigs are bent by wind and snow.", "Twigs are bent by wind and snow."),
        ("Twigs, EarlyView.", ""),
        ("Twigs, Ahead of Print.<br/>Twigs are bent.", "Twigs are bent."),
        ("Volume 3, Issue 2, November 2026, Page 1-10<br/>. ", ""),
        ("<p>Publication date: May 2027</p><p><b>Source:</b> Twigs, Volume 3</p><p>Author(s): Ann Moss</p>", ""),
        ("Author(s): Ann Moss<br/><p>Twigs are bent.</p><br/>[Twigs 7, 201] Published Tue Nov 17, 2026",
         "Twigs are bent."),
        ("<div><p>Twigs. 2026 Nov 12. doi: 10.1038/x. Online ahead of print.</p><p><b>ABSTRACT</b></p>"
         "<p>Twigs are bent.</p><p>PMID:<a href='https://p.example/1'>1</a> | DOI:<a href='https://d.example/1'>10.1038/x</a></p></div>",
         "Twigs are bent."),
        ("On bent twigs", ""),
        ("On Bent Twigs. By Ann Moss. Twigs", ""),
        ("Twigs are bent. <a href='https://t.example'>Read more</a>", "Twigs are bent. Read more (https://t.example)"),
        ("<p>Twigs are bent.</p><p>The post On bent twigs appeared first on Twigs.</p>", "Twigs are bent."),
        ("Abstract<br>Twigs are bent.", "Twigs are bent."),
        ("In November 2026 we bent twigs. It went well.", "In November 2026 we bent twigs. It went well."),
        ("Accepted theory fails.", "Accepted theory fails."),
        ("BACKGROUND: Twigs bend. METHODS: We bend 7.", "BACKGROUND: Twigs bend. METHODS: We bend 7."),
        ("<p>Twigs bend.</p><p>Code: https://github.com/twigs/bend</p>", "Twigs bend.\nCode: https://github.com/twigs/bend"),
        ("<p>Twigs bend.</p><p>Data: doi:10.5281/zenodo.1</p>", "Twigs bend.\nData: doi:10.5281/zenodo.1"),
        ("We find p<0.05 where x<y.", "We find p<0.05 where x<y."),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_citation_data_or_the_title_once_more_is_no_abstract(text: str, abstract: str) -> None:
    assert abstract_of([text], "On bent twigs", ["Twigs", "Ann Moss"]) == abstract


def test_a_journal_that_is_called_data_is_no_data_on_offer() -> None:
    text = (
        "<p>Scientific Data, Published online: 12 November 2026; doi:10.1038/s41597-026-00001-1</p>Twigs are bent here."
    )

    assert abstract_of([text], "On twigs", ["Scientific Data"]) == "Twigs are bent here."


def test_of_several_texts_the_longest_that_says_something_counts() -> None:
    texts = ["Twigs, Volume 300000, Issue 200000, November 2026.", "Bent.", "Twigs are bent here."]

    assert abstract_of(texts, "Title", ["Twigs"]) == "Twigs are bent here."


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("https://doi.org/10.1000/A.1?rss=1", "10.1000/a.1"),
        ("http://dx.doi.org/10.1000%2Fa.1", "10.1000/a.1"),
        ("info:doi/10.1000/a.1", "10.1000/a.1"),
        ("doi:10.1000/a.1", "10.1000/a.1"),
        ("https://www.nature.com/articles/s41999-026-00007-x", "10.1038/s41999-026-00007-x"),
        ("https://www.nature.com/articles/d41586-026-03912-1", "10.1038/d41586-026-03912-1"),
        ("https://www.nature.com/articles/moss2026", ""),
        ("https://link.springer.com/article/10.1007/s00101-026-1", "10.1007/s00101-026-1"),
        ("https://pubs.acs.org/doi/10.1021/acs.moss.6c1", "10.1021/acs.moss.6c1"),
        ("https://www.science.org/doi/abs/10.1126/moss.1?af=R", "10.1126/moss.1"),
        ("https://academic.oup.com/moss/article/doi/10.1093/moss/mxyz123/7654321?rss=1", "10.1093/moss/mxyz123"),
        ("https://www.biorxiv.org/content/10.1101/2026.11.12.600001v2?rss=1", "10.1101/2026.11.12.600001"),
        ("https://iopscience.iop.org/article/10.1088/1-2/meta", "10.1088/1-2"),
        ("https://www.frontiersin.org/articles/10.3389/fmoss.2026.1/full", "10.3389/fmoss.2026.1"),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0300001", "10.1371/journal.pone.0300001"),
        ("https://blog.example/10.1000/a.1", ""),
        ("https://blog.example/on-doi-and-10.1000", ""),
        ("http://[blog/doi/10.1000/a.1", ""),
        ("x" * 5_000, ""),
        ("", ""),
    ],
)
def test_a_doi_is_taken_from_an_address_only_where_that_is_certain(address: str, doi: str) -> None:
    assert doi_at(address) == doi


def test_entries_beyond_what_is_read_are_counted() -> None:
    found = list(entries(rss("<item/>" * (ENTRIES + 3)).encode(), "f"))

    assert len(found) == ENTRIES + 1
    assert isinstance(found[-1], Problem)
    assert (found[-1].what, found[-1].lost) == ("has 3 more entries than the 20,000 that were read", 3)


def test_a_doi_that_the_abstract_mentions_is_not_the_papers_own() -> None:
    (paper,) = papers(rss(item("Twig", "<description>The data are at doi:10.5281/zenodo.1 since May.</description>")))

    assert paper.doi is None


def test_a_pubmed_feed_gives_the_pmid() -> None:
    (paper,) = papers(rss(item("Twig", '<guid isPermaLink="false">pubmed:41234567</guid>')))

    assert (paper.pmid, paper.id) == ("41234567", "pmid:41234567")


def test_an_ill_formed_feed_is_read_as_far_as_it_goes_and_told_of_once() -> None:
    body = rss(item("Twigs & leaves", "<description>They &bogus; fall.</description>"), item("Two")).replace(
        "</rss>", ""
    )

    found = read(body)

    assert [paper.title for paper in found if isinstance(paper, Paper)] == ["Twigs & leaves", "Two"]
    (problem,) = [problem for problem in found if isinstance(problem, Problem)]
    assert (problem.where, problem.lost) == ("f", 0)
    assert problem.what.startswith("is not well-formed")


def test_an_ill_formed_feed_keeps_identifiers_authors_dates_and_journal() -> None:
    strict, loose = papers(RDF)[0], papers(RDF.replace("</rdf:RDF>", "&"))[0]

    kept = {"id", "title", "abstract", "doi", "url", "authors", "categories", "venue"}
    assert loose.model_dump(include=kept) == strict.model_dump(include=kept)
    assert strict.published in (loose.published, loose.updated)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("", "is not XML that can be read: it is empty"),
        ("hello", "is not XML that can be read"),
        ("<rss><channel>", "is not XML that can be read"),
        ("<opml><body/></opml>", "is XML, but no feed: its root is <opml>"),
        ("<!DOCTYPE html><html><body><p>Hello</p></body></html>", "is not XML that can be read: it is a web page"),
        ('{"version": "https://jsonfeed.org/version/1"}', "is JSON, but no feed"),
        ("{", "is not JSON"),
    ],
)
def test_what_is_no_feed_is_an_error_that_says_so(body: str, what: str) -> None:
    with pytest.raises(SourceError) as error:
        read(body)

    assert error.value.what.startswith(what)
    assert error.value.todo


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel><item>" + b"<a>" * 200_000,
        b"<rss><channel>" + b"<item><title>x" * 60_000,
        b"<rss><channel><item><description>" + b"&" * 2_000_000,
        b"<rss>" * 100_000 + b"</rss>" * 100_000,
    ],
    ids=["deep", "nested items", "ampersands", "deep and closed"],
)
def test_an_ill_formed_feed_that_would_take_long_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        read(body)


@pytest.mark.parametrize("end", ["", "&"], ids=["well-formed", "ill-formed"])
def test_a_feed_that_defines_entities_is_refused(end: str) -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "moss"}">' for n in range(9))
    outside = '<!ENTITY secret SYSTEM "file:///etc/passwd">'

    with pytest.raises(SourceError) as error:
        read(f'<?xml version="1.0"?><!DOCTYPE rss [{bomb}{outside}]>{rss(item("A &a8; &secret; twig"))}{end}')

    assert "root:" not in str(error.value)


@settings(max_examples=300)
@given(
    st.binary(max_size=80)
    | st.lists(
        st.sampled_from(
            "<rss> <channel> <item> </item> <title> </title> <![CDATA[ ]]> & &amp; < > <!-- --> <?xml <!DOCTYPE [ "
            "\x00 x \ud800 <entry> <content type='xhtml'> <link href= <pubDate> 2026-11-17 <author> "
            "<dc:creator> </rss> { "
            '"'.split()
        )
    ).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))
)
def test_any_bytes_give_papers_problems_or_an_error(body: bytes) -> None:
    try:
        found = read(body)
    except SourceError:
        return
    assert all(isinstance(thing, Paper | Problem) for thing in found)


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["title", "id", "url", "authors", "name", "tags", "date_published"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_gives_papers_problems_or_an_error(items: object) -> None:
    try:
        found = read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}))
    except SourceError:
        return
    assert all(isinstance(thing, Paper | Problem) for thing in found)


@pytest.mark.parametrize("end", range(0, len(RDF), 97))
def test_a_feed_that_breaks_off_anywhere_gives_what_was_there(end: int) -> None:
    try:
        found = read(RDF[:end])
    except SourceError:
        return
    assert any(isinstance(thing, Problem) for thing in found)


# The source


DATED = rss(
    item("Before", "<pubDate>Sun, 15 Nov 2026 23:59:59 GMT</pubDate>"),
    item("First", "<pubDate>Mon, 16 Nov 2026 00:00:00 GMT</pubDate>"),
    item("Last", "<pubDate>Sun, 22 Nov 2026 23:59:59 GMT</pubDate>"),
    item("Eastern", "<pubDate>Sun, 15 Nov 2026 22:00:00 -0500</pubDate>"),
    item("Undated"),
    item("Of the next issue", "<pubDate>Fri, 01 Jan 2027 00:00:00 GMT</pubDate>"),
)


def serving(host: Host, answer: Answer | Callable[[hosting.Asked], Answer]) -> Feed:
    host.routes["/feed"] = answer
    return Feed(url=f"{host.url}/feed", allow_private=True)


def test_entries_of_other_days_are_left_out_and_counted(host: Host) -> None:
    source = serving(host, Answer(DATED, headers={"Content-Type": "application/rss+xml"}, gzipped=True))

    found = list(source.papers(WEEK, a_reach()))

    titles = [paper.title for paper in found if isinstance(paper, Paper)]
    assert titles == ["First", "Last", "Eastern", "Undated", "Of the next issue"]
    past, coming = [problem for problem in found if isinstance(problem, Problem)]
    assert (past.where, past.what, past.lost) == ("127.0.0.1", "1 entry is of other days", 0)
    assert (coming.what, coming.lost) == ("1 entry is dated in the future", 0)


def test_a_window_long_past_leaves_out_what_came_after_it(host: Host) -> None:
    source = serving(host, Answer(DATED))

    found = list(source.papers(Window(date(2026, 11, 9), date(2026, 11, 15)), a_reach()))

    titles = [paper.title for paper in found if isinstance(paper, Paper)]
    assert titles == ["Before", "Last", "Undated", "Of the next issue"]  # today is the 20th: "Last" is yet to come


def test_all_days_can_be_asked_for(host: Host) -> None:
    host.routes["/feed"] = Answer(DATED)
    source = Feed(url=f"{host.url}/feed", allow_private=True, days="all")

    found = list(source.papers(WEEK, a_reach()))

    assert sum(isinstance(thing, Paper) for thing in found) == 6
    assert source.covers(WEEK) == "all that it shows"


def test_a_window_of_a_day_and_of_a_week_are_told_of_in_words() -> None:
    source = Feed(url="https://twigs.example/rss")

    assert source.covers(WEEK) == "dated 16–22 November 2026, and undated"
    assert source.covers(Window(date(2026, 11, 16), date(2026, 11, 16))) == "dated 16 November 2026, and undated"


def test_a_feed_is_a_source_named_by_its_label_or_host() -> None:
    source = Feed(url="https://user-content.twigs.example/rss?token=1")

    assert isinstance(source, Source)
    assert isinstance(source, Covers)
    assert source.name == "user-content.twigs.example"
    assert Feed(url="https://twigs.example/rss", label="Twigs").name == "Twigs"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "twigs.example",
        "file:///etc/passwd",
        "ftp://x.example",
        "https://",
        "https://me:secret@x.example/",
        "https://x y",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(ValidationError):
        Feed(url=url)


def test_a_feed_of_arxivs_waits_its_turn_with_all_else_of_arxivs() -> None:
    asks: list[Ask] = []

    def get(ask: Ask) -> Reply:
        asks.append(ask)
        return Reply(200, b'<rss version="2.0"><channel/></rss>')

    for url in ("https://rss.arxiv.org/rss/cs.CL#top", "https://notarxiv.org/rss"):
        list(Feed(url=url).papers(WEEK, Reach(get)))

    assert [(ask.url, ask.family, ask.spacing) for ask in asks] == [
        ("https://rss.arxiv.org/rss/cs.CL", "arxiv", 3.0),
        ("https://notarxiv.org/rss", "", 1.0),
    ]


def test_an_announcement_feed_of_arxivs_is_read_as_one(host: Host) -> None:
    entry = (
        "<item><title>Moss nets</title><link>https://arxiv.org/abs/{id}</link><description>arXiv:{id}{v} "
        "Announce Type: {kind} \nAbstract: We net moss.</description>"
        "<guid isPermaLink='false'>oai:arXiv.org:{id}{v}</guid><pubDate>Tue, 17 Nov 2026 00:00:00 -0500</pubDate>"
        "<arxiv:announce_type>{kind}"
        "</arxiv:announce_type></item>"
    )
    body = (
        '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" version="2.0"><channel>'
        "<title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>"
        "<pubDate>Tue, 17 Nov 2026 00:00:00 -0500</pubDate>"
        f"{entry.format(id='2611.00001', v='v1', kind='new')}{entry.format(id='2411.00002', v='v3', kind='replace')}"
        "</channel></rss>"
    )
    source = serving(host, Answer(body))

    found = list(source.papers(WEEK, a_reach()))

    (paper,) = [paper for paper in found if isinstance(paper, Paper)]
    assert (paper.arxiv_id, paper.abstract, paper.announced) == ("2611.00001", "We net moss.", date(2026, 11, 17))
    assert [problem.what for problem in found if isinstance(problem, Problem)] == ["1 replacement was left out"]


def test_a_web_page_in_place_of_a_feed_is_an_error_that_names_the_feed(host: Host) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="https://twigs.example/rss.xml?a=1&amp;b=2">'
    source = serving(host, Answer(f"<!DOCTYPE html><html><head>{link}</head></html>"))

    with pytest.raises(SourceError) as error:
        list(source.papers(WEEK, a_reach()))

    assert error.value.what == "is a web page and no feed"
    assert error.value.todo == "its feed seems to be at https://twigs.example/rss.xml?a=1&b=2"


@pytest.mark.parametrize(
    "answer",
    [
        Answer("no feed here", 404),
        Answer("Rate exceeded.", 429),
        Answer("", 200),
        Answer("Rate exceeded.", 200),
        Answer(RDF, cut=300),
        Answer(b"\x1f\x8b\x08\x00broken", headers={"Content-Encoding": "gzip"}),
        Answer('{"error": "no"}'),
        Answer("<html><body>Sorry</body></html>"),
        Answer("<?xml version='1.0'?><opml xmlns='x'/>"),
    ],
    ids=["404", "429", "nothing", "text", "cut", "broken gzip", "json", "page", "other XML"],
)
def test_what_cannot_be_read_is_an_error_in_words(host: Host, answer: Answer) -> None:
    with pytest.raises(SourceError) as error:
        list(serving(host, answer).papers(WEEK, a_reach()))

    assert error.value.todo


def test_an_empty_feed_is_no_error(host: Host) -> None:
    assert list(serving(host, Answer(rss())).papers(WEEK, a_reach())) == []


@pytest.mark.skipif(not hosting.SHARED.is_dir(), reason="the recorded replies are not here")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("encoding_demoronize-1", 1),
        ("encoding_euc-kr-item", 1),
        ("illformed_chardet_koi8r", 1),
        ("illformed_http_high_bit_date", 0),
        ("illformed_rss_incomplete_cdata", 0),
        ("encoding_bozo_bogus_encoding", None),
        ("encoding_bozo_invalid-bytes-with-bom", None),
        ("encoding_utf-32be-bom", 0),
        ("illformed_aaa_illformed", None),
    ],
)
def test_odd_feeds_of_feedparsers_own_tests(name: str, count: int | None) -> None:
    body = (hosting.SHARED / "rss_odd" / f"{name}.xml").read_bytes()

    if count is None:
        with pytest.raises(SourceError):
            read(body)
    else:
        assert len(papers(body)) == count
