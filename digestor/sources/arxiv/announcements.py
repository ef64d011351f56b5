"""arXiv's announcement feeds, RSS 2.0 and Atom 1.0: a day's new papers, cross-lists and replacements; or one saved.

A feed holds the announcements of one day, rebuilt at midnight in New York, and at weekends and on holidays nothing.
The root element is `rss` or `feed`; an entry is told by its `announce_type`, of http://arxiv.org/schemas/atom, and by
its `guid` (in Atom `id`), `oai:arXiv.org:2611.10000v1`, the one place with the version.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from lxml import etree

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.arxiv.calendar import day_in_new_york, is_recent
from digestor.sources.arxiv.parts import authors_of, categories_of, first_doi
from digestor.sources.facts import Facts, paper_of
from digestor.sources.markup import child_text, children, local, parse_xml, text_of
from digestor.text import clean_line
from digestor.text.dates import moment
from digestor.text.identifiers import arxiv

KIND = "arxiv"
REPLACED = ("replace", "replace-cross", "absonly")
"""The types of what was announced before; `absonly` is a new abstract to an old text."""
HEAD = re.compile(r"\s*arXiv:(\S{1,60})\s+Announce Type:\s*([\w-]{1,30})\s+(?:Abstract:)?\s*", re.IGNORECASE | re.ASCII)
FOR = re.compile(r"(?:\A| )(?:for|on behalf of) (?=the )", re.IGNORECASE)
GROUPS = ("collaboration", "collaborations", "consortium", "group", "team")


class Announced(NamedTuple):
    """An entry of a feed."""

    paper: Paper
    type: str
    """`new`, `cross`, `replace`, `replace-cross`; as it stands there."""
    day: date | None
    """Of the announcement, in New York; None where the feed does not say."""


def parse(body: bytes, where: str) -> Iterator[Announced | Problem]:
    """Every entry of a feed, and a Problem in place of each one that has no arXiv id; an empty feed yields nothing.

    Raises SourceError where it is no such feed, or one that says what was wrong with the request.
    """
    root = parse_xml(body, where)
    channel = next(children(root, "channel"), None) if local(root) == "rss" else root if local(root) == "feed" else None
    if channel is None:
        raise SourceError(where, f"is no RSS or Atom feed: its root is <{local(root)[:60]}>", "ask again later")
    if (title := child_text(channel, "title")).startswith("Feed error"):
        said = clean_line(child_text(channel, "description", "subtitle") or title)[:300]
        raise SourceError(where, f"arXiv refused the request: {said}", "are the categories right?")
    built = _day(child_text(channel, "pubDate", "updated"))
    for number, entry in enumerate(children(channel, "item", "entry"), 1):
        yield _announced(entry, built, f"{where}, item {number}")


def parse_feed(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """The new papers of a saved feed; at its end a Problem says how much that is not new was left out."""
    replaced = old = 0
    for found in parse(body, where):
        if isinstance(found, Problem):
            yield found
        elif is_new(found):
            yield found.paper
        elif found.type in REPLACED:
            replaced += 1
        else:
            old += 1
    counts = ((replaced, "replacement"), (old, "older cross-list"))
    if said := " and ".join(f"{many} {word}{'s' if many > 1 else ''}" for many, word in counts if many):
        verb = "was" if replaced + old == 1 else "were"
        yield Problem(where=where, what=f"{said} {verb} left out", todo="nothing: they were announced before")


def is_new(announced: Announced) -> bool:
    """Is a paper announced for the first time, here or, a cross-list, in another category not long ago?

    A cross-list may be years old: it counts in its first version, with an id of this month or the last.
    """
    paper, kind, day = announced
    if kind == "new" or kind in REPLACED:
        return kind == "new"
    return paper.version in (None, 1) and (day is None or is_recent(paper.arxiv_id or "", day))


def _announced(entry: etree._Element, built: date | None, where: str) -> Announced | Problem:
    text = child_text(entry, "description", "summary")
    head = HEAD.match(text)
    names = [child_text(entry, "guid", "id"), head[1] if head else "", child_text(entry, "link")]
    names += [link.get("href", "") for link in children(entry, "link")]
    known = [name for name in names if arxiv(name)]
    if not known:
        return Problem(where=where, what="has no arXiv id", todo="is it a feed of rss.arxiv.org?", lost=1)
    day = _day(child_text(entry, "pubDate", "published")) or built
    paper = paper_of(_facts(entry, known[0], text[head.end() :] if head else text, day), where)
    if isinstance(paper, Problem):
        return paper
    kind = child_text(entry, "announce_type") or (head[2] if head else "")
    return Announced(paper, kind.lower() or ("new" if paper.version in (None, 1) else "replace"), day)


def _facts(entry: etree._Element, name: str, abstract: str, day: date | None) -> Facts:
    creators = [text_of(child) for child in children(entry, "creator")]
    creators += [child_text(author, "name") for author in children(entry, "author")]
    categories = [child.get("term") or text_of(child) for child in children(entry, "category")]
    return Facts(
        source=KIND,
        title=child_text(entry, "title"),
        abstract=abstract,
        arxiv_id=name,
        authors=(person for line in creators for person in _persons(line)),
        announced=day,
        categories=categories_of(category.strip() for category in categories),
        licence=child_text(entry, "rights"),
        doi=first_doi(child_text(entry, "DOI", "doi")),
        venue=child_text(entry, "journal_reference", "journal_ref"),
    )


def _persons(line: str) -> Iterator[str]:
    """The authors of a line, and the group that the last one writes for as one more.

    >>> list(_persons("Ada Beta, Bo Gamma, Jr., Cy Delta (Somewhere, Far) for the XY Collaboration"))
    ['Ada Beta', 'Bo Gamma Jr.', 'Cy Delta', 'the XY Collaboration']
    """
    for name in authors_of(line):
        parts = FOR.split(name, maxsplit=1) if name.lower().endswith(GROUPS) else [name]
        yield from (part for part in parts if part)


def _day(text: str) -> date | None:
    found = moment(text)
    return day_in_new_york(found) if found else None
