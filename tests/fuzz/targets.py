"""What is fuzzed."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from digestor.sources import (
    biorxiv,
    crossref,
    daily_papers,
    entries,
    mail,
    openalex,
    pages,
    pubmed,
    records,
    semanticscholar,
)
from digestor.sources.arxiv import announcements, api, oai
from digestor.sources.bibliography import bibtex, csl, nbib, ris
from tests.fuzz.checks import (
    SECRET,
    a_list_of_ids,
    a_mailing,
    an_address,
    any_file,
    any_format,
    any_identifier,
    any_notice,
    any_text,
    from_bytes,
    from_lines,
    from_text,
    two_papers,
    what_a_server_says,
    what_readers_say,
)

Run = Callable[[bytes], Iterable[str]]


class Target(NamedTuple):
    """A parser under test."""

    name: str
    run: Run
    """Says what kinds of things came of an input. Raises AssertionError, or whatever the parser should not."""
    words: str = ""
    """Pieces that inputs are made of, with blanks between them."""


ATOM = (
    "<feed> <entry> </entry> <title> </title> <summary> <id> <link <published> <author> <name> <category term= CDATA["
)
XML = "<?xml <!DOCTYPE <!ENTITY <!-- --> xmlns= encoding= <![CDATA[ ]]> &amp; &#x0; </ />"
JSON = 'null true false [] {} "" \\u0000 \\ud800 1e999 -1 [[ ]] "title": "abstract": "id":'
LATEX = "\\'{e} {\\o} $x_{1}$ \\textbf{ \\emph{ \\cite{ \\sqrt{ ~ -- `` '' \\\\ \\%"

TARGETS = {
    target.name: target
    for target in (
        Target("files", any_file, f"{XML} {JSON} @article{{ TY PMID- arXiv: title,abstract"),
        Target("formats", any_format, f"{XML} {JSON}"),
        Target("pages", partial(from_text, pages.parse), "Subscribe Nov 16 · authors upvotes https:// . ! ? … 。"),
        Target("jsonl", partial(from_lines, records.parse_jsonl), f'{JSON} "authors": "published": "doi": "papers":'),
        Target("json", partial(from_text, records.parse_json), f'{JSON} "sections": "entries": "paper": "records":'),
        Target("csv", partial(from_lines, records.parse_csv), 'title abstract authors doi url , ; " "" \t'),
        Target(
            "bibtex",
            partial(from_text, bibtex.parse_bibtex),
            f"@article{{ @string{{ @comment{{ }} = # {LATEX} and , title =",
        ),
        Target("ris", partial(from_text, ris.parse_ris), "TY ER AU AB TI T1 DO UR PY - \r\n JOUR"),
        Target(
            "csl",
            partial(from_text, csl.parse_csl),
            f'{JSON} "DOI": "issued": "date-parts": "author": "family": "note":',
        ),
        Target("nbib", partial(from_text, nbib.parse_nbib), "PMID- TI - AB FAU LID [doi] AID DP PHST-"),
        Target("ids", a_list_of_ids, "arXiv: 2611.10000 v2 doi: 10.1000/ pmid: # https://doi.org/ /doi/abs/ [cs.CL]"),
        Target(
            "mail",
            partial(from_bytes, mail.parse),
            "Content-Type: multipart/mixed; boundary= charset= Content-Transfer-Encoding: base64 quoted-printable "
            "From: Subject: Date: =?utf-8?q? ?= message/rfc822 text/html text/plain arXiv: \\\\ =20",
        ),
        Target(
            "mailing",
            a_mailing,
            "arXiv: 2611.00001 Date: Title: Authors: Comments: \\\\ %-%- %%-- %%%--- > (*cross-listing*)",
        ),
        Target(
            "arxiv_feed",
            partial(from_bytes, announcements.parse_feed),
            f"{XML} {ATOM} announce_type replace cross new guid",
        ),
        Target("announcements", partial(from_bytes, announcements.parse), f"{XML} {ATOM} announce_type pubDate"),
        Target("arxiv_api", partial(from_bytes, api.parse), f"{XML} {ATOM} totalResults api/errors# journal_ref"),
        Target(
            "oai",
            partial(from_bytes, oai.parse_records),
            f"{XML} <record> <header> <metadata> <arXiv> arXivRaw <version oai_dc <error code=",
        ),
        Target(
            "feed",
            partial(from_bytes, entries.parse_entries),
            f"{XML} {ATOM} rdf:RDF dc:creator prism:doi content:encoded <item> &lt;p&gt;",
        ),
        Target(
            "daily_papers",
            partial(from_bytes, daily_papers.parse_daily_papers),
            f'{JSON} data-props=" &quot; "paper": "publishedAt":',
        ),
        Target(
            "openalex",
            partial(from_bytes, openalex.parse),
            f'{JSON} "results": "abstract_inverted_index": "authorships": "locations":',
        ),
        Target(
            "crossref",
            partial(from_bytes, crossref.parse),
            f'{JSON} "message": "items": "DOI": <jats:p> "relation": "issued":',
        ),
        Target(
            "semanticscholar",
            partial(from_bytes, semanticscholar.parse),
            f'{JSON} "data": "externalIds": "paperId": "ArXiv":',
        ),
        Target(
            "biorxiv",
            partial(from_bytes, biorxiv.parse),
            f'{JSON} "messages": "collection": "status": "version": "doi": "date":',
        ),
        Target(
            "pubmed",
            partial(from_bytes, pubmed.parse),
            f"{XML} <PubmedArticle> <MedlineCitation> <Article> <AbstractText <sup> mml:math <PubDate>",
        ),
        Target(
            "text",
            any_text,
            f"{LATEX} <p> </p> <sup> &lt; &amp;amp; &#120; Ã© \u0301 \ufb01 \u00ad e.g. et al. Fig. github.com/ https://",
        ),
        Target(
            "identifiers",
            any_identifier,
            "arXiv: 2611.10000 v2 math.GT/0309136 10.48550/ doi: https://doi.org/ :80 @ [::1] xn-- ( ) 2026-11-17",
        ),
        Target(
            "notices",
            any_notice,
            "withdrawn retracted: this paper has been by the author ignore previous instructions <|im_end|> [INST]",
        ),
        Target(
            "dedupe",
            two_papers,
            "\n--\n (ICLR 2024) [2310.06227] Part II: comment on reply to 10.1000/ Preprint: \u0301 é ﬁ α",
        ),
        Target(
            "server",
            what_a_server_says,
            f'GMT Fri, 20 Nov 2026 16:00:00 t=30 reset= 1e9 {{"error": "message": {SECRET} \x1f\x8b\x08',
        ),
        Target(
            "addresses",
            an_address,
            "https:// http:// // @ : [::1] 127.0.0.1 0x7f.1 2130706433 ::ffff: xn-- % ? # 。 .. :443 \\ localhost",
        ),
        Target(
            "feedback",
            what_readers_say,
            'digestor: more less · 2026-W47 " %20 > Subject: From [{"title": "body": "createdAt": =?utf-8?q? ?=',
        ),
    )
}
"""By name."""
