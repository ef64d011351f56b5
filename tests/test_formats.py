"""A saved reply, an export or a mail is known by what is in it, and goes through its source's own parser."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.files import read
from digestor.sources.formats import FORMATS, JSON_FORMATS, KNOWN, TEXT_FORMATS, FormatName, recognised
from digestor.sources.texts import CHUNK, WHOLE, Text
from tests import hosting

SEEDS = hosting.SHARED.parents[1] / "seeds"
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
ARXIV = 'xmlns:arxiv="http://arxiv.org/schemas/atom"'
OPENSEARCH = 'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
SAID = "We count moss in woods. It takes long, and it is worth it."
TAGS = f"<title>Counting Moss</title><link>https://moss.example/1</link><description>{SAID}</description>"
ANNOUNCED = (
    "<title>Counting Moss</title><link>https://arxiv.org/abs/2611.00001</link><description>arXiv:2611.00001v1 "
    f"Announce Type: new \nAbstract: {SAID}</description><guid isPermaLink='false'>oai:arXiv.org:2611.00001v1</guid>"
    "<pubDate>Tue, 17 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
)
ENTRY = (
    "<entry><id>http://arxiv.org/abs/2611.00001v1</id><title>Counting Moss</title>"
    f"<updated>2026-11-17T00:00:00Z</updated><summary>{SAID}</summary>"
    "<published>2026-11-17T00:00:00Z</published><author><name>Ann Moss</name></author></entry>"
)
RECORD = (
    "<record><header><identifier>oai:arXiv.org:2611.00001</identifier><datestamp>2026-11-17</datestamp></header>"
    '<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2611.00001</id><created>2026-11-16</created>'
    "<authors><author><keyname>Moss</keyname><forenames>Ann</forenames></author></authors>"
    f"<title>Counting Moss</title><categories>cs.CL</categories><abstract>{SAID}</abstract></arXiv></metadata></record>"
)
PUBMED = (
    "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>41234567</PMID><Article><ArticleTitle>Counting Moss"
    f"</ArticleTitle><Abstract><AbstractText>{SAID}</AbstractText></Abstract></Article></MedlineCitation>"
    "</PubmedArticle></PubmedArticleSet>"
)
DOCTYPE = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/pubmed.dtd">'
DAILY = {
    "paper": {"id": "2611.00001", "title": "Counting Moss", "summary": SAID, "publishedAt": "2026-11-16T00:00:00.000Z",
              "submittedOnDailyAt": "2026-11-17T00:00:00.000Z", "upvotes": 4, "authors": [{"name": "Ann Moss"}]},
    "title": "Counting Moss", "publishedAt": "2026-11-15T20:00:00.000Z",
}  # fmt: skip
PROPS = json.dumps({"dailyPapers": [DAILY], "dateString": "2026-11-17"}).replace('"', "&quot;")
WORK = {
    "id": "https://openalex.org/W4412345678", "doi": "https://doi.org/10.1000/moss.1", "title": "Counting Moss",
    "display_name": "Counting Moss", "publication_date": "2026-11-17",
    "abstract_inverted_index": {"We": [0], "count": [1], "moss.": [2]},
}  # fmt: skip
CROSSREF = {"DOI": "10.1000/moss.1", "title": ["Counting Moss"], "type": "journal-article",
            "author": [{"given": "Ann", "family": "Moss"}], "issued": {"date-parts": [[2026, 11, 17]]}}  # fmt: skip
SCHOLAR = {"paperId": "0123456789abcdef0123456789abcdef01234567", "title": "Counting Moss", "abstract": SAID,
           "externalIds": {"ArXiv": "2611.00001"}}  # fmt: skip
BIORXIV = {
    "messages": [{"status": "ok", "cursor": 0, "count": 1, "total": "1"}],
    "collection": [{"doi": "10.1101/2026.11.17.600001", "title": "Counting Moss", "authors": "Moss, A.; Fern, B.",
                    "date": "2026-11-17", "version": "1", "category": "ecology", "abstract": SAID}],
}  # fmt: skip
CSL = [{"id": "moss2026", "type": "article-journal", "title": "Counting Moss", "abstract": SAID,
        "author": [{"given": "Ann", "family": "Moss"}], "issued": {"date-parts": [[2026, 11, 17]]}}]  # fmt: skip
LINE = "-" * 78
MAILING = f"""{LINE}
Send any comments regarding submissions directly to submitter.
{LINE}
 received from  Mon 16 Nov 26 19:00:00 GMT  to  Tue 17 Nov 26 19:00:00 GMT
{LINE}
\\\\
arXiv:2611.00001
Date: Mon, 16 Nov 2026 20:00:02 GMT   (31kb)

Title: Counting Moss
Authors: Ann Moss
Categories: cs.CL
\\\\
  {SAID}
\\\\ ( https://arxiv.org/abs/2611.00001 ,  31kb)
%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---
"""
MAIL = f"""From: no-reply@arxiv.org
Date: Wed, 18 Nov 26 01:29:12 GMT
Subject: cs daily 1 new + 0 crosses received
Content-Type: text/plain; charset=us-ascii

{MAILING}"""

SAMPLES: list[tuple[FormatName, str]] = [
    ("feed", f'<?xml version="1.0"?><rss version="2.0"><channel><item>{TAGS}</item></channel></rss>'),
    ("feed", f'<!-- made by hand --><rss version="2.0"><channel><item>{TAGS}</item></channel></rss>'),
    ("feed", f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
             f"<channel/><item>{TAGS}</item></rdf:RDF>"),
    ("feed", f"<feed {ATOM}><title>Woods</title>{ENTRY}</feed>"),
    ("feed", f"<feed {ATOM} {OPENSEARCH}><opensearch:totalResults>1</opensearch:totalResults>{ENTRY}</feed>"),
    ("arxiv_feed", f"<rss {ARXIV} version='2.0'><channel><title>cs.CL updates on arXiv.org</title>"
                   f"<link>http://rss.arxiv.org/rss/cs.CL</link><item>{ANNOUNCED}</item></channel></rss>"),
    ("arxiv_api", f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {OPENSEARCH} {ARXIV} {ATOM}><id>https://arxiv.org/</id>"
                  f"<opensearch:totalResults>1</opensearch:totalResults>{ENTRY}</feed>"),
    ("arxiv_api", f'<feed {ATOM}><link href="http://arxiv.org/api/query?id_list=1" rel="self"/>{ENTRY}</feed>'),
    ("oai", f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{RECORD}</ListRecords></OAI-PMH>'),
    ("oai", RECORD),
    ("pubmed", f'<?xml version="1.0" ?>\n{DOCTYPE}\n{PUBMED}'),
    ("daily_papers", json.dumps([DAILY])),
    ("daily_papers", f'<!DOCTYPE html><html><body><div class="SVELTE_HYDRATER" data-target="DailyPapers" '
                     f'data-props="{PROPS}"></div></body></html>'),
    ("openalex", json.dumps({"meta": {"count": 1, "per_page": 25}, "results": [WORK]})),
    ("openalex", json.dumps(WORK, indent=1)),
    ("crossref", json.dumps({"status": "ok", "message-type": "work", "message": CROSSREF})),
    ("crossref", json.dumps({"status": "ok", "message-type": "work-list", "message": {"items": [CROSSREF]}}, indent=2)),
    ("semanticscholar", json.dumps({"total": 1, "offset": 0, "data": [SCHOLAR]})),
    ("semanticscholar", json.dumps([SCHOLAR])),
    ("biorxiv", json.dumps(BIORXIV)),
    ("csl", json.dumps(CSL)),
    ("json_feed", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "Counting Moss"}]})),
    ("bibtex", "% Encoding: UTF-8\n@article{moss2026,\n  title = {Counting {Moss}},\n  author = {Moss, Ann},\n}\n"),
    ("bibtex", "@article{moss2026, title = {Counting Moss}}"),
    ("ris", f"TY  - JOUR\r\nTI  - Counting Moss\r\nAU  - Moss, Ann\r\nAB  - {SAID}\r\nER  - \r\n"),
    ("nbib", f"PMID- 41234567\nOWN - NLM\nTI  - Counting Moss\nAB  - {SAID}\nFAU - Moss, Ann\n"),
    ("mail", MAIL),
    ("mail", MAILING),
    ("mail", f"From no-reply@arxiv.org Wed Nov 18 01:29:12 2026\n{MAIL}"),
    ("jsonl", '{"title": "Counting Moss"}\n'),
    ("jsonl", '{"title": "Counting Moss", "paperId": "0123456789abcdef0123456789abcdef01234567"}\n{"title": ""}\n'),
    ("jsonl", json.dumps({"results": [{"title": "Counting Moss"}]})),
    ("jsonl", json.dumps({"papers": [{"title": "Counting Moss", "doi": "10.1000/1", "type": "x"}]}, indent=1)),
    ("jsonl", json.dumps([{"title": "Counting Moss", "abstract": "We count.", "id": "2611.00001"}])),
    ("jsonl", json.dumps({"sections": [{"entries": [{"paper": {"title": "Counting Moss"}, "annotation": {}}]}]})),
    ("csv", "title,abstract\nCounting Moss,We count: @moss{a}.\n"),
    ("pages", f"Counting Moss\n\n{SAID}"),
]  # fmt: skip


def papers(content: bytes | str, format: FormatName = "auto") -> list[Paper]:
    body = content if isinstance(content, bytes) else content.encode()
    return [found for found in read(io.BytesIO(body), "f", format) if isinstance(found, Paper)]


def kind(content: bytes | str) -> FormatName:
    return recognised(Text(io.BytesIO(content if isinstance(content, bytes) else content.encode()), "f"))


def ids() -> Iterator[str]:
    return (f"{name}-{number}" for number, (name, _) in enumerate(SAMPLES))


@pytest.mark.parametrize(("name", "content"), SAMPLES, ids=ids())
def test_a_format_is_known_by_its_content_and_read_by_its_parser(name: FormatName, content: str) -> None:
    assert kind(content) == name
    assert [paper.title for paper in papers(content)] == ["Counting Moss"]


@pytest.mark.parametrize(("name", "content"), SAMPLES, ids=ids())
def test_what_stands_before_makes_no_difference(name: FormatName, content: str) -> None:
    assert kind(b"\xef\xbb\xbf\r\n\n" + content.encode()) == name
    assert [paper.title for paper in papers(b"\xef\xbb\xbf\r\n\n" + content.encode())] == ["Counting Moss"]


@pytest.mark.parametrize(("name", "content"), SAMPLES, ids=ids())
def test_the_format_can_be_said(name: FormatName, content: str) -> None:
    assert [paper.title for paper in papers(content, name)] == ["Counting Moss"]


def test_every_format_has_a_sample_and_a_parser_that_is_there() -> None:
    assert {name for name, _ in SAMPLES} == {*KNOWN, "pages", "jsonl", "csv"}
    assert len(KNOWN) == len(FORMATS) + len(JSON_FORMATS) + len(TEXT_FORMATS)


@pytest.mark.parametrize(
    "text",
    [
        f"@home: Counting Moss\n\n{SAID}",
        f"Counting Moss\n\n{SAID}\n@article is what BibTeX says. We cite @moss{{2026}} here. It is fine.",
        f"TY and Other Stars\n\n{SAID}",
        f"TY - A Star\n\n{SAID}",
        f"Counting Moss\n\n{SAID} Subject: moss. From: woods. Date: now.",
        f"Subject: Moss in Mail\n\n{SAID}",
        f"From Moss to Fern\n\n{SAID}",
        f"Date: A New Measure of Time\n\n{SAID}",
        f"PMID-Based Search of Moss\n\n{SAID}",
        f"<BOS> Tokens Matter\n\n{SAID}",
        f"[Re] Counting Moss\n\n{SAID}",
        f"{{Moss}}: A Title\n\n{SAID}",
        f"arXiv:2611.00001\n\nCounting Moss\n\n{SAID}",
    ],
    ids=lambda text: text[:25],
)
def test_a_page_that_mentions_the_signs_of_other_formats_stays_a_page(text: str) -> None:
    assert kind(text) == "pages"
    assert len(papers(text)) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "euc-kr", "iso-8859-15", "windows-1251"])
def test_xml_says_itself_how_it_is_encoded(encoding: str) -> None:
    word = {"euc-kr": "이끼", "windows-1251": "мох"}.get(encoding, "Möss")
    body = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss><channel><item><title>{word}</title></item></channel></rss>'
    )

    found = list(read(io.BytesIO(body.encode(encoding)), "f"))

    assert [thing.title for thing in found if isinstance(thing, Paper)] == [word]
    assert not [thing for thing in found if isinstance(thing, Problem)]  # nothing was taken for Windows-1252


def test_text_formats_and_json_may_be_utf_16() -> None:
    for content in (
        "@article{a, title = {Counting Moss}}",
        json.dumps(CSL),
        json.dumps(BIORXIV),
        '{"title": "Counting Moss"}',
    ):
        assert [paper.title for paper in papers(content.encode("utf-16"))] == ["Counting Moss"]


@pytest.mark.parametrize(
    "content",
    [
        "<rss><channel/></rss>",
        f"<feed {ATOM}/>",
        f"<rss {ARXIV}><channel><link>http://rss.arxiv.org/rss/cs.CL</link></channel></rss>",
        json.dumps({"meta": {"count": 0, "per_page": 25, "page": 1}, "results": []}),
        json.dumps({"total": 0, "offset": 0}),
    ],
)
def test_a_reply_without_papers_is_told_of_and_is_no_error(content: str) -> None:
    found = list(read(io.BytesIO(content.encode()), "f"))

    assert found == [Problem(where="f", what="holds no papers")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<?xml version='1.0'?><opml/>", "is XML of a kind that is not known, with a root <opml>"),
        ("<?xml version='1.0'?><!-- nothing -->", "is XML of a kind that is not known, without a root"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "is XML of a kind that is not known, with a root <svg>"),
        ("<?xml version='1.0'?><record><leader/></record>", "is XML of a kind that is not known, with a root <record>"),
        ("<!DOCTYPE html><html><body>Moss</body></html>", "is a saved web page"),
        ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "is a saved web page"),
        ('{"colour": "green"}', "no papers were found in it"),
        ('{"colour": ["green"],\n "size": 3}', "no papers were found in it"),
    ],
)
def test_what_is_of_no_known_kind_is_an_error_that_lists_what_can_be_read(content: str, what: str) -> None:
    with pytest.raises(SourceError) as error:
        papers(content)

    assert error.value.what.startswith(what)
    assert "OpenAlex" in error.value.todo or "save that as plain text" in error.value.todo


class Long(io.RawIOBase):
    """A beginning, and then the same for ever; counts what is read of it."""

    def __init__(self, start: bytes, more: bytes) -> None:
        self.start, self.more, self.taken = start, more, 0

    def read(self, size: int = -1) -> bytes:
        """The beginning first."""
        found = self.start or self.more * (size // len(self.more))
        self.start = b""
        self.taken += len(found)
        return found


@pytest.mark.parametrize(
    "start",
    [b"<rss><channel>", b'[{"title": "A"}', b"@article{a, title = {A}}\n", MAIL.encode(), b'{"results": [\n'],
    ids=["xml", "json", "bibtex", "mail", "json object"],
)
def test_what_has_to_be_seen_whole_is_refused_when_it_is_too_long(start: bytes) -> None:
    stream = Long(start, b"   moss \n")

    with pytest.raises(SourceError) as error:
        list(read(stream, "f"))  # type: ignore[arg-type]

    assert error.value.what.startswith(f"is longer than {WHOLE:,}")
    assert stream.taken < WHOLE + 3 * CHUNK


def test_a_line_without_an_end_costs_no_more_than_what_has_to_be_seen() -> None:
    stream = Long(b'{"title": "A", "abstract": "', b"x")
    text = Text(stream, "f")  # type: ignore[arg-type]

    assert recognised(text) == "jsonl"
    assert stream.taken < WHOLE + 3 * CHUNK


def test_a_reply_of_one_long_line_is_known_though_its_end_is_far() -> None:
    many = [
        {**WORK, "id": f"https://openalex.org/W{number}", "title": f"Moss {number} " + "x" * 900}
        for number in range(99)
    ]
    content = json.dumps({"meta": {"count": 99, "per_page": 100}, "results": many})

    assert len(content) > CHUNK
    assert kind(content) == "openalex"
    assert len(papers(content)) == 99


PIECES = [
    *("<", "<?xml", "?>", "<rss", "<feed ", ATOM, ">", "<!--", "<!DOCTYPE html [", "]", "<html>", "<record>", "@", "{"),
    *("TY  - ", "PMID- ", "From ", "Subject: x\n", "\\\\\n", "arXiv:2611.00001", "\n", '{"paperId": "', '"', "}", "["),
    *('"DOI"', '"collection": [', "\x00", "\ud800", "x. Y.", "title,abstract"),
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES)))
def test_any_text_is_recognised_or_refused(parts: list[str]) -> None:
    try:
        found = list(read(io.BytesIO("".join(parts).encode("utf-8", "surrogatepass")), "f"))
    except SourceError:
        return
    assert all(isinstance(thing, Paper | Problem) for thing in found)


@pytest.mark.parametrize(("name", "content"), SAMPLES, ids=ids())
def test_a_sample_that_breaks_off_gives_papers_problems_or_an_error(name: FormatName, content: str) -> None:
    body = content.encode()
    for end in range(1, len(body), max(1, len(body) // 25)):
        try:
            found = list(read(io.BytesIO(body[:end]), "f"))
        except SourceError:
            continue
        assert all(isinstance(thing, Paper | Problem) for thing in found)


RECORDED: dict[str, tuple[str, int | None]] = {
    "arxiv_atom_api/id_0000.0000_s0_m100.xml": ("arxiv_api", 0),
    "arxiv_atom_api/id_0808.05394_s0_m100.xml": ("arxiv_api", 0),
    "arxiv_atom_api/id_1707.08567_s0_m100.xml": ("arxiv_api", 1),
    "arxiv_atom_api/id_abc_s0_m100.xml": ("arxiv_api", None),
    "arxiv_atom_api/id_quant-ph_0201082v1_s0_m100.xml": ("arxiv_api", 1),
    "arxiv_atom_api/q_testing_s0_m100.xml": ("arxiv_api", 100),
    "arxiv_email/astro-ph_new.CO.txt": ("mail", 7),
    "arxiv_email/astro-ph_new.txt": ("mail", 57),
    "arxiv_email/math_new.OA.txt": ("mail", 1),
    "arxiv_email/q-fin_new.CP.txt": ("mail", 2),
    "arxiv_email/q-fin_new.txt": ("mail", 13),
    "arxiv_oai/ads_arxiv_0901_2443.xml": ("oai", 1),
    "arxiv_oai/ads_arxiv_1711_05739.xml": ("oai", 1),
    "arxiv_oai/ads_arxiv_multi_20230125.xml": ("oai", 3),
    **{f"arxiv_oai/hepcrawl_sample_arxiv_record{number}.xml": ("oai", 1) for number in (0, 10, 3, 5, 7, 9)},
    "arxiv_rss/allnews_weekend_empty.xml": ("arxiv_feed", 0),
    "arxiv_rss/distill_cs_ai_2026-04-27.xml": ("arxiv_feed", 3),
    "bibtex/manubot_bibliography.bib": ("bibtex", 2),
    "crossref/hepcrawl_2018.3804742.json": ("crossref", 1),
    "crossref/hepcrawl_PhysRevB.33.3547.2.json": ("crossref", 1),
    "crossref/hepcrawl_sample_crossref_record.json": ("crossref", 1),
    "crossref/hepcrawl_tasc.2017.2776938.json": ("crossref", 1),
    "csl_json/manubot_arxiv-joss-csl.json": ("csl", 1),
    "csl_json/manubot_crossref-deep-review-csl.json": ("csl", 1),
    "csl_json/manubot_datacite-thesis-csl.json": ("csl", 1),
    "csl_json/manubot_empty-date-parts-csl.json": ("csl", 1),
    "csl_json/manubot_greycite-meta-review-csl.json": ("csl", 1),
    "csl_json/manubot_pmc-scihub-study-csl.json": ("csl", 1),
    "hf_daily_papers/allnews_2026-07-31.json": ("daily_papers", 5),
    "ris/manubot_bibliography.ris": ("ris", 2),
    "rss_odd/encoding_demoronize-1.xml": ("feed", 1),
    "rss_odd/encoding_euc-kr-item.xml": ("feed", 1),
    "rss_odd/illformed_chardet_koi8r.xml": ("feed", 1),
    "rss_odd/illformed_http_high_bit_date.xml": ("feed", 0),
    "rss_odd/illformed_aaa_illformed.xml": ("feed", None),
    "semantic_scholar/Citation.json": ("semanticscholar", 1),
    "semantic_scholar/Reference.json": ("semanticscholar", 1),
}
"""Recorded replies, the format of each, and how many papers are in it; None where it holds nothing but an error."""


@pytest.mark.skipif(not hosting.SHARED.is_dir(), reason="the recorded replies are not here")
@pytest.mark.parametrize("file", RECORDED)
def test_a_recorded_reply_is_known_and_read(file: str) -> None:
    name, count = RECORDED[file]
    body = (hosting.SHARED / file).read_bytes()

    assert kind(body) == name
    if count is None:
        with pytest.raises(SourceError):
            papers(body)
    else:
        assert len(papers(body)) == count


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the recorded pages are not here")
@pytest.mark.parametrize(
    ("start", "count"), [("000", 79), ("001", 80), ("002", 78), ("003", 84), ("004", 63)], ids=lambda value: str(value)
)
def test_a_page_copied_from_the_browser_is_a_page(start: str, count: int) -> None:
    file = next(Path(SEEDS).glob(f"{start}_*.txt"))

    assert kind(file.read_bytes()) == "pages"
    assert len(papers(file.read_bytes())) == count


@pytest.mark.parametrize(("sign", "text"), [("bibtex", "@a{"), ("ris", "TY  - "), ("nbib", "PMID- ")])
def test_a_sign_is_looked_for_on_one_line_at_a_time(sign: FormatName, text: str) -> None:
    found = re.search(KNOWN[sign].sign, f"\n\n\n{text}", re.MULTILINE)

    assert found is not None
    assert found.start() == 3
