"""A feed -> its entries as they stand there: RSS 0.9 to 2.0, RSS 1.0 (RDF), Atom, JSON Feed.

What is well-formed is read with lxml, element by element; what is not goes through feedparser, which makes the best
of it, and is told of. Nothing is fetched: only bytes are ever handed on.
"""

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax import SAXException

from lxml import etree

from digestor.errors import SourceError
from digestor.models import Problem
from digestor.sources.markup import local, parse_xml, text_of
from digestor.text import clean_line

ENTRIES = 20_000
"""Entries that are read of a feed."""
LOOSE = 5_000_000
"""Bytes that an ill-formed feed may have."""
MARKS = 100_000
"""Tags that an ill-formed feed may have: each costs feedparser up to 0.1 ms, however deep they stand."""
ENTITIES = 1_000_000
"""Ampersands that it may have."""
DEFINED = re.compile(rb"<!entity\b", re.IGNORECASE)
"""Entities of its own stand for text of any length, or of other files: what has them is not read on."""
ROOTS = ("rss", "RDF", "feed")
BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    SAXException,
)
"""What feedparser has been seen to raise on ill-formed feeds."""
TODO = "is this the address, or the file, of an RSS or Atom feed?"

NAMESPACES = (
    ("http://purl.org/dc/", "dc:"),
    ("http://prismstandard.org/", "prism:"),
    ("http://purl.org/rss/1.0/modules/", "content:"),
    ("http://purl.org/rss/", ""),
    ("http://my.netscape.com/", ""),
    ("http://channel.netscape.com/", ""),
    ("http://www.w3.org/2005/Atom", ""),
    ("http://purl.org/atom/", ""),
    ("http://backend.userland.com/", ""),
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns", ""),
)
"""How the addresses of namespaces begin, and what is put before a name; names of others are not read."""
TEXTS = ("content:encoded", "content", "description", "summary", "dc:abstract", "dc:description")
IDS = ("prism:doi", "dc:identifier", "id", "guid", "prism:url")
PUBLISHED = ("published", "pubDate", "issued", "created", "dc:issued", "dc:date", "dc:created", "prism:publicationDate")
UPDATED = ("updated", "modified", "dc:modified")


class Entry(NamedTuple):
    """An entry as it stands in a feed: nothing is cleaned or chosen yet."""

    title: str
    texts: Sequence[str]
    authors: Sequence[str]
    links: Sequence[str]
    ids: Sequence[str]
    """Whatever may be a DOI, an arXiv id, a PMID; the likeliest first."""
    sayings: Sequence[str]
    """Where a DOI may be mentioned."""
    published: Sequence[str]
    """The likeliest first."""
    updated: Sequence[str]
    subjects: Sequence[str]
    venue: str
    """The journal, as the entry has it; else the feed's title."""


def fits_json(value: object) -> bool:
    """Is a JSON value a feed (jsonfeed.org)?"""
    version = value.get("version") if isinstance(value, Mapping) else None
    return isinstance(version, str) and version.lower().startswith(("https://jsonfeed.org/", "http://jsonfeed.org/"))


def entries(body: bytes, where: str) -> Iterator[Entry | Problem]:
    """The entries of a feed in their order, and a Problem where it is not well-formed. Raises SourceError."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json(body, where)
    try:
        root = parse_xml(body, where)
    except SourceError as error:
        return _loose(body, error)
    if local(root) not in ROOTS:
        raise SourceError(where, f"is XML, but no feed: its root is <{clean_line(local(root))[:60]}>", TODO)
    return _strict(root, where)


def _strict(root: etree._Element, where: str) -> Iterator[Entry | Problem]:
    heading = next((node for node in root.iterchildren("{*}channel")), root)
    named = _parts(heading)
    venue = _first(named, "prism:publicationName") or _first(named, "title")
    for number, node in enumerate(_items(root)):
        if number == ENTRIES:
            rest = sum(1 for _ in _items(root)) - ENTRIES
            what = f"has {rest:,} more entries than the {ENTRIES:,} that were read"
            yield Problem(where=where, what=what, todo="split it", lost=rest)
            return
        parts = _parts(node)
        about = [value for name, value in node.attrib.items() if str(name).endswith("}about")]
        links = [link for part in parts["link"] if (link := _link(part))]
        guids = [
            text for part in parts["guid"] if part.get("isPermaLink") != "false" and (text := text_of(part).strip())
        ]
        yield Entry(
            title=_first(parts, "title", "dc:title"),
            texts=[_markup(part) for name in TEXTS for part in parts[name]],
            authors=[_person(part) for name in ("author", "dc:creator") for part in parts[name]],
            links=[*links, *guids, *about],
            ids=[*(text_of(part) for name in IDS for part in parts[name]), *links, *about],
            sayings=[text_of(part) for name in ("dc:source", "dc:identifier") for part in parts[name]],
            published=[text_of(part) for name in PUBLISHED for part in parts[name]],
            updated=[text_of(part) for name in UPDATED for part in parts[name]],
            subjects=[
                part.get("label") or part.get("term") or text_of(part)
                for name in ("category", "dc:subject")
                for part in parts[name]
            ],
            venue=_first(parts, "prism:publicationName") or venue,
        )


def _items(root: etree._Element) -> Iterator[etree._Element]:
    """The entries: in the channel (RSS), or beside it (RDF), or right in the root (Atom)."""
    for node in root.iterchildren("{*}channel", "{*}item", "{*}entry"):
        if _name(node) == "channel":
            yield from node.iterchildren("{*}item", "{*}entry")
        elif _name(node):
            yield node


def _parts(node: etree._Element) -> Mapping[str, list[etree._Element]]:
    """The elements right in one, by name; those of namespaces that mean nothing here are left out."""
    parts: defaultdict[str, list[etree._Element]] = defaultdict(list)
    for child in node.iterchildren("{*}*"):
        if name := _name(child):
            parts[name].append(child)
    return parts


def _name(element: etree._Element) -> str:
    """`title`, `dc:creator`, `prism:doi`, whatever prefix the feed has for it."""
    name = etree.QName(element)
    space = str(name.namespace or "")
    before = "" if not space else next((short for start, short in NAMESPACES if space.startswith(start)), None)
    return f"{before}{name.localname}" if before is not None else ""


def _first(parts: Mapping[str, list[etree._Element]], *names: str) -> str:
    return next((text for name in names for part in parts[name] if (text := _markup(part).strip())), "")


def _markup(element: etree._Element) -> str:
    """The text of an element; where it has elements of its own (XHTML), with their tags, so that breaks are seen."""
    if not len(element):
        return element.text or ""
    for node in element.iterdescendants("{*}*"):
        node.tag = local(node)
    etree.cleanup_namespaces(element)
    parts = [element.text or "", *(etree.tostring(child, encoding="unicode") for child in element)]
    return "".join(parts)


def _link(element: etree._Element) -> str:
    """Where an entry's page is; empty for links to anything else."""
    if element.get("rel", "alternate") != "alternate":
        return ""
    return str(element.get("href") or text_of(element)).strip()


def _person(element: etree._Element) -> str:
    names = [text_of(name) for name in element.iterchildren("{*}name")]
    return "; ".join(names) if names else text_of(element)


def _loose(body: bytes, error: SourceError) -> Iterator[Entry | Problem]:
    """What feedparser makes of an ill-formed feed. Raises the error, in whose words it is, where that is nothing."""
    import feedparser  # slow to import, and seldom needed

    if len(body) > LOOSE or body.count(b"<") > MARKS or body.count(b"&") > ENTITIES or DEFINED.search(body):
        raise error
    try:
        found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        about = found.feed
        venue = _said(about, "prism_publicationname") or _said(about, "title")
        read = [_loosely(entry, venue) for entry in found.entries]
    except BROKEN:
        read = []
    if not read:
        raise error
    what = f"{error.what.replace('is not XML that can be read', 'is not well-formed')}; read as far as it could be"
    yield Problem(where=error.where, what=what, todo="entries may be missing or cut: see the feed itself")
    yield from read


def _loosely(entry: Mapping[str, object], venue: str) -> Entry:
    links = [_said(entry, "link"), *_each(entry, "links", "href")]
    return Entry(
        title=_said(entry, "title"),
        texts=[*_each(entry, "content", "value"), _said(entry, "summary")],
        authors=_each(entry, "authors", "name") or [_said(entry, "author")],
        links=links,
        ids=[*(_said(entry, name) for name in ("prism_doi", "dc_identifier", "id", "prism_url")), *links],
        sayings=[_said(entry, "dc_source"), _said(entry, "dc_identifier")],
        published=[_said(entry, name) for name in ("published", "created", "prism_publicationdate")],
        updated=[_said(entry, "updated")],
        subjects=_each(entry, "tags", "term"),
        venue=_said(entry, "prism_publicationname") or venue,
    )


def _json(body: bytes, where: str) -> Iterator[Entry]:
    try:
        value = json.loads(body.lstrip(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise SourceError(where, f"is not JSON: {error}", TODO) from error
    items = value.get("items") if fits_json(value) else None
    if not isinstance(items, list):
        raise SourceError(where, "is JSON, but no feed", TODO)
    for item in items:
        entry = item if isinstance(item, Mapping) else {}
        subjects = entry.get("tags")
        yield Entry(
            title=_said(entry, "title"),
            texts=[_said(entry, name) for name in ("content_html", "content_text", "summary")],
            authors=_each(entry, "authors", "name") or _each({"author": [entry.get("author")]}, "author", "name"),
            links=[_said(entry, "url"), _said(entry, "external_url"), _said(entry, "id")],
            ids=[_said(entry, name) for name in ("id", "url", "external_url")],
            sayings=(),
            published=[_said(entry, "date_published")],
            updated=[_said(entry, "date_modified")],
            subjects=[part for part in subjects if isinstance(part, str)] if isinstance(subjects, list) else (),
            venue=_said(value, "title"),
        )


def _said(entry: Mapping[str, object], name: str) -> str:
    value = dict.get(entry, name) if isinstance(entry, dict) else None  # feedparser's own `get` answers for other names
    return value if isinstance(value, str) else ""


def _each(entry: Mapping[str, object], name: str, part: str) -> list[str]:
    values = dict.get(entry, name) if isinstance(entry, dict) else None
    return [text for value in values if (text := _said(value, part))] if isinstance(values, list) else []
