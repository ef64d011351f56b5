"""The formats that papers come in, each known by what is in it, and read by the parser of the source it is from.

A format is one entry of `FORMATS`: a name, a sign that is quickly looked for, what decides, and what reads. A parser is
imported when it is its turn, so that a plain list costs nothing but itself.
"""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Literal, NamedTuple

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.pages import parse as parse_page
from digestor.sources.records import columns, parse_csv, parse_json, parse_jsonl
from digestor.sources.texts import CHUNK, LISTS, WHOLE, Text, start_of

FormatName = Literal[
    "auto", "pages", "jsonl", "csv", "feed", "arxiv_feed", "arxiv_api", "oai", "pubmed", "daily_papers", "openalex",
    "crossref", "semanticscholar", "biorxiv", "csl", "json_feed", "mail", "bibtex", "ris", "nbib",
]  # fmt: skip
Papers = Iterator[Paper | Problem]

JSON = re.compile(r"""(?:\[\s*[\[\]{"]|\{\s*["}])""")
JSON_LINE = re.compile(r"""\n\{"[\w ]{1,60}": ?["\[{\d]""")
PAGE = re.compile(r"(?:<!--.{0,999}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
SAVE = "open it in a browser, select all, copy, and save that as plain text"
PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)\s*", re.IGNORECASE | re.DOTALL)
ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})((?:\s[^<>]*)?)/?>")
ENTRY = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)\b")
FROM_ARXIV = re.compile(r"""=["']http://arxiv\.org/schemas/atom["']""")
ANNOUNCED = re.compile(r"""(?:<(?:link|id)>\s*|href=["'])https?://(?:rss|export)\.arxiv\.org/(?:rss|atom)/""")
ASKED = re.compile(r"""(?:<id>\s*|href=["'])https?://(?:export\.)?arxiv\.org/api/""")
COUNTED = re.compile(r"<(?:\w{1,20}:)?totalResults\b")
XML: Mapping[str, FormatName] = {
    **dict.fromkeys(("OAI-PMH", "ListRecords", "GetRecord", "record"), "oai"),
    **dict.fromkeys(("PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet", "PubmedBookArticle"), "pubmed"),
    **dict.fromkeys(("rss", "RDF", "feed"), "feed"),
}
"""Root elements, and the formats they are of."""


class Format(NamedTuple):
    """A way to write papers down. A new one is one more of these in `FORMATS`, and its name in `FormatName`."""

    name: FormatName
    parser: str
    """`module:function`, in digestor.sources."""
    takes: Literal["raw", "encoded", "whole"]
    """What of a `Text` the parser is given: its bytes, its text as UTF-8, its text."""
    may_be_empty: bool = False
    """Is it what a site answered? Then that it holds no papers is no mistake."""
    sign: str = ""
    """A pattern without which it cannot be this format; of texts and JSON only."""
    fits: str = ""
    """`module:function` that decides by the beginning of the text, or by the JSON value."""


FORMATS = (
    Format("feed", "entries:parse_entries", "raw", True),
    Format("arxiv_feed", "arxiv.announcements:parse_feed", "raw", True),
    Format("arxiv_api", "arxiv.api:parse", "raw", True),
    Format("oai", "arxiv.oai:parse_records", "raw", True),
    Format("pubmed", "pubmed:parse", "raw", True),
    Format("daily_papers", "daily_papers:parse_daily_papers", "encoded", True),
)
JSON_FORMATS = (
    Format("openalex", "openalex:parse", "encoded", True, r'"results"|openalex\.org', "openalex:fits"),
    Format("semanticscholar", "semanticscholar:parse", "encoded", True, '"paperId"|"total"', "semanticscholar:fits"),
    Format("biorxiv", "biorxiv:parse", "encoded", True, '"collection"', "biorxiv:fits"),
    Format("json_feed", "entries:parse_entries", "encoded", True, r"jsonfeed\.org", "syndication:fits_json"),
    Format("crossref", "crossref:parse", "encoded", True, '"DOI"|"message"', "crossref:fits"),
    Format("csl", "bibliography:parse_csl", "whole", False, '"type"|"DOI"|"issued"|"id"', "bibliography:fits_csl"),
)
"""In the order in which they are tried; their signs are looked for in the whole text."""
BLANK = r"^[^\S\n]*"
"""Blanks at the beginning of one line: what runs over lines takes long where many are blank."""
BIBTEX = rf"{BLANK}@\s*\w+\s*[{{(]"
MAIL = r"^[> \t\xa0]*(?:>?From |[A-Za-z][\w-]{0,40}:\s|\\{1,2}\s*$)"
"""A header, a separator of arXiv's mailings, or either quoted."""
TEXT_FORMATS = (
    Format("bibtex", "bibliography:parse_bibtex", "whole", False, BIBTEX, "bibliography:fits_bibtex"),
    Format("ris", "bibliography:parse_ris", "whole", False, rf"{BLANK}TY\s{{0,4}}-", "bibliography:fits_ris"),
    Format("nbib", "bibliography:parse_nbib", "whole", False, rf"{BLANK}PMID\s{{0,2}}-", "bibliography:fits_nbib"),
    Format("mail", "mail:parse", "raw", False, MAIL, "mail:fits"),
)
"""In the order in which they are tried; their signs are looked for at the beginnings of the first lines."""
KNOWN = {known.name: known for known in (*FORMATS, *JSON_FORMATS, *TEXT_FORMATS)}


def papers_of(text: Text, format: FormatName) -> Papers:
    """The papers of a text in this format. Raises SourceError."""
    if format == "jsonl":
        return _json_lines(text)
    if format == "csv":
        return parse_csv(text.lines(), text.name)
    if format == "pages":
        return _page(text)
    known = KNOWN[format]
    given = {"raw": text.raw, "encoded": text.encoded, "whole": text.whole}[known.takes]()
    papers: Papers = _call(known.parser, given, text.name)
    return papers


def recognised(text: Text) -> FormatName:
    """The format of a text, by what is in it. Raises SourceError for a web page and for XML that is unknown."""
    head = text.head
    if JSON.match(head):
        return _json_format(text)
    if PAGE.match(head) or (head.startswith("<") and xml_root(head)[0].lower() == "html"):
        if _call("daily_papers:is_daily_papers", head):
            return "daily_papers"
        raise SourceError(text.name, "is a saved web page", SAVE)
    if head.startswith("<") and (xml := xml_format(head, text.name)):
        return xml
    for known in TEXT_FORMATS:
        if re.search(known.sign, head[:CHUNK], re.MULTILINE) and _call(known.fits, head):
            return known.name
    if JSON_LINE.search(head[:CHUNK]):
        return "jsonl"
    return "csv" if columns(head[:5_000].partition("\n")[0]) else "pages"


def xml_format(head: str, name: str) -> FormatName | None:
    """The format of XML that begins so; None where it is no XML. Raises SourceError where it is of no known kind."""
    root, attributes, rest = xml_root(head)
    found = XML.get(root)
    if found == "feed":
        entry = ENTRY.search(rest)
        channel = rest[: entry.start()] if entry else rest
        from_arxiv = FROM_ARXIV.search(attributes)
        if root == "feed" and (ASKED.search(channel) or (from_arxiv and COUNTED.search(channel))):
            return "arxiv_api"
        return "arxiv_feed" if from_arxiv and root != "RDF" and ANNOUNCED.search(channel) else "feed"
    if found == "oai" and root == "record" and not re.search(r"OAI|<(?:\w+:)?header\b", head[:5_000]):
        found = None
    if found:
        return found
    if head.startswith("<?xml") or "xmlns" in attributes:
        kind = f"with a root <{root}>" if root else "without a root"
        raise SourceError(name, f"is XML of a kind that is not known, {kind}", LISTS)
    return None


def xml_root(head: str) -> tuple[str, str, str]:
    """The name of the first element without its prefix, its attributes, and what comes after; empty where none is."""
    at = 0
    while found := PROLOGUE.match(head, at):
        at = found.end()
    root = ROOT.match(head, at)
    return (root[1], root[2], head[root.end() :]) if root else ("", "", "")


def parse_feed(body: bytes, where: str) -> Papers:
    """The papers of a feed that was fetched: an announcement or reply of arXiv's, or any other. Raises SourceError."""
    head = start_of(body)
    chosen = xml_format(head, where) if XML.get(xml_root(head)[0]) == "feed" else None
    papers: Papers = _call(KNOWN[chosen or "feed"].parser, body, where)
    return papers


def _json_format(text: Text) -> FormatName:
    """Which of the formats that are JSON; `jsonl` for records of ours, one a line or all in one value."""
    if _call("daily_papers:is_daily_papers", text.head):
        return "daily_papers"
    line = text.first_line() if text.head.startswith("{") else None
    if line is not None and _is_json(line):
        return "jsonl"
    if text.head.startswith("{") and len(text.head) > WHOLE:  # one endless line: the rest may still be read
        return "jsonl"
    whole = text.whole()
    try:
        value = json.loads(whole, strict=False)
    except (ValueError, RecursionError):
        return "jsonl"
    found = (f for f in JSON_FORMATS if re.search(f.sign, whole) and _call(f.fits, value))
    return next((known.name for known in found), "jsonl")


def _json_lines(text: Text) -> Papers:
    """JSON lines as a stream; what is one value over several lines, or a list, as a whole."""
    first, newline, _ = text.head.partition("\n")
    if text.head.startswith("{") and (not newline or _is_json(first)):
        return parse_jsonl(text.lines(), text.name)
    whole = text.whole()
    try:
        return parse_json(whole, text.name)
    except SourceError:
        if any(_is_json(line) for line in whole.split("\n", 20)[:20] if line.strip().startswith("{")):
            return parse_jsonl(whole.split("\n"), text.name)
        raise


def _page(text: Text) -> Papers:
    """A page, if it is one: any text has short lines, so without a single abstract they are no titles."""
    if PAGE.match(text.head):
        raise SourceError(text.name, "is a saved web page", SAVE)
    found = list(parse_page(text.whole(), text.name))
    if not any(isinstance(item, Paper) and item.abstract for item in found):
        raise SourceError(text.name, "no papers were found in it", LISTS)
    return iter(found)


def _call(name: str, *given: object) -> Any:
    """What `module:function` says. The module is imported now."""
    module, _, function = name.partition(":")
    return getattr(import_module(f"digestor.sources.{module}"), function)(*given)


def _is_json(line: str) -> bool:
    try:
        json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return False
    return True
