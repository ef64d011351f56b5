"""arXiv's API: papers by their ids or by a query, as an Atom feed; and replies saved of it.

The root element is `feed`, of http://www.w3.org/2005/Atom. What tells it from the feeds that announce papers is
`totalResults`, of OpenSearch, right in the root (`is_api`), or an `id` of the feed under arxiv.org/api.

A request that arXiv does not understand is answered by HTTP 400 (before 2025: 200) and a feed whose one entry, titled
"Error", has an `id` under arxiv.org/api/errors and says why in its summary. It is never taken for a paper.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from lxml import etree

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Reply
from digestor.sources.arxiv.parts import categories_of, first_doi
from digestor.sources.facts import Facts, paper_of
from digestor.sources.markup import child_text, children, local, parse_xml
from digestor.text import clean_line
from digestor.text.identifiers import arxiv

KIND = "arxiv"
BATCH = 100
"""Ids asked about at once."""
SLICE = 200
"""Papers of a query asked for at once; arXiv allows 2,000, slowly."""
REACHABLE = 30_000
"""Papers of a query that arXiv gives out at all."""
NUMBER = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)
ERRORS = re.compile(r"https?://(?:export\.)?arxiv\.org/api/errors")
OWN = re.compile(r"https?://(?:export\.)?arxiv\.org/api/")
UNDERSTOOD = (200, 400)
LATER = "ask again later"


class Feed(NamedTuple):
    """A reply, read."""

    papers: Sequence[Paper | Problem]
    """A Problem in place of each entry that could not be read."""
    total: int | None
    """Papers there are, this slice and all others."""
    errors: Sequence[str] = ()
    """What arXiv says is wrong with the request."""


def is_api(root: etree._Element) -> bool:
    """Is this the root of a reply of arXiv's API, and not of another Atom feed?"""
    if local(root) != "feed":
        return False
    return next(children(root, "totalResults"), None) is not None or bool(OWN.match(child_text(root, "id")))


def parse(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """The papers of a saved reply. Raises SourceError where it is no Atom feed, or says nothing but an error."""
    feed = _feed(body, where)
    if feed.errors and not feed.papers:
        raise SourceError(where, f"arXiv did not understand the request: {feed.errors[0]}", "ask another way")
    yield from feed.papers
    for said in feed.errors:
        yield Problem(where=where, what=f"arXiv says: {said}", todo="ask another way")


def by_ids(base: str, ids: Sequence[str], get: Callable[[Ask], Reply], ask: Ask) -> Iterator[Paper | Problem]:
    """The newest versions of the papers with these ids. Those that arXiv does not know, or that are no ids, are absent.

    `ask` says how to ask, all but what for. Raises SourceError where arXiv cannot be read; what came before counts.
    """
    names = list(dict.fromkeys(known.id for name in ids if (known := arxiv(name))))
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        wanted = ask._replace(url=base, query=(("id_list", ",".join(batch)), ("max_results", str(BATCH))))
        for found in _asked(wanted, 0, "arXiv API, by id", get).papers:
            if isinstance(found, Problem) or found.arxiv_id in batch:
                yield found


def by_query(
    base: str, query: str, start: datetime, end: datetime, most: int, get: Callable[[Ask], Reply], ask: Ask
) -> Iterator[Paper | Problem]:
    """The papers first submitted between two moments (to the minute, both included) that fit a query, newest first.

    The query is in arXiv's grammar (`cat:cs.CL AND ti:"language model"`); an empty one fits all. Of more than `most`
    papers the oldest are left, and a Problem says how many. `ask` says how to ask, all but what for. Raises
    SourceError where arXiv cannot be read, or does not understand the query; what came before counts.
    """
    between = f"submittedDate:[{_minute(start)} TO {_minute(end)}]"
    search = f"({query.strip()}) AND {between}" if query.strip() else between
    wanted = ask._replace(
        url=base, query=(("search_query", search), ("sortBy", "submittedDate"), ("sortOrder", "descending"))
    )
    seen: set[str] = set()
    for found in _slices(wanted, min(most, REACHABLE), "arXiv API, by query", get):
        if isinstance(found, Problem):
            yield found
        elif found.id not in seen:  # what is submitted while slices are read moves papers to the next one
            seen.add(found.id)
            yield found


def _slices(wanted: Ask, most: int, where: str, get: Callable[[Ask], Reply]) -> Iterator[Paper | Problem]:
    """All that a query brings, up to so many; a slice may come shorter than it was asked for."""
    read = total = 0
    for number in range(2 * most // SLICE + 10):
        if number and read >= min(most, total):
            break
        slice_of = (("start", str(read)), ("max_results", str(min(SLICE, most - read))))
        feed = _asked(wanted._replace(query=(*wanted.query, *slice_of)), read, where, get)
        yield from feed.papers
        read, total = read + len(feed.papers), feed.total or 0
    if read < min(most, total):
        raise SourceError(where, f"sends too little at once: {total - read:,} papers are left", LATER)
    if read < total:
        what = f"{total - read:,} more papers fit and were not read"
        yield Problem(where=where, what=what, todo=f"raise `most` ({most:,}), or ask for less")


def _asked(wanted: Ask, start: int, where: str, get: Callable[[Ask], Reply]) -> Feed:
    """A slice; asked for once more where it is empty though there are papers, as happens under load."""
    feed = Feed((), 0)
    for again in (wanted, wanted._replace(fresh=0.0)):
        reply = get(again._replace(wanted=UNDERSTOOD))
        if reply.status != 200:
            raise _refused(where, f"HTTP {reply.status}, {_reason(reply.body, where)}")
        feed = _feed(reply.body, where)
        if feed.errors:
            raise _refused(where, feed.errors[0])
        if feed.total is None:
            raise SourceError(where, "is no reply of arXiv's API: it does not say how many papers there are", LATER)
        if feed.papers or start >= feed.total:
            return feed
    raise SourceError(where, f"sends nothing, though {(feed.total or 0) - start:,} papers are left", LATER)


def _refused(where: str, said: str) -> SourceError:
    return SourceError(where, f"did not understand the request: {said}", "is the query in arXiv's grammar?")


def _reason(body: bytes, where: str) -> str:
    """What arXiv says is wrong, if it says anything that can be read."""
    try:
        return "; ".join(_feed(body, where).errors) or "and no reason"
    except SourceError as error:
        return f"and what it sent {error.what}"


def _feed(body: bytes, where: str) -> Feed:
    root = parse_xml(body, where)
    if local(root) != "feed":
        raise SourceError(where, f"is no Atom feed: its root is <{local(root)[:60]}>", LATER)
    papers: list[Paper | Problem] = []
    errors = []
    for number, entry in enumerate(children(root, "entry"), 1):
        if ERRORS.match(child_text(entry, "id")):
            errors.append(clean_line(child_text(entry, "summary") or child_text(entry, "title"))[:300])
        else:
            papers.append(paper_of(_facts(entry), f"{where}, entry {number}"))
    total = NUMBER.fullmatch(child_text(root, "totalResults"))
    return Feed(papers, int(total[1]) if total else None, errors)


def _facts(entry: etree._Element) -> Facts:
    terms = [found.get("term", "").strip() for found in children(entry, "primary_category", "category")]
    primary = [found.get("term", "").strip() for found in children(entry, "primary_category")]
    return Facts(
        source=KIND,
        title=child_text(entry, "title"),
        abstract=child_text(entry, "summary"),
        arxiv_id=child_text(entry, "id"),
        authors=(child_text(author, "name") for author in children(entry, "author")),
        published=child_text(entry, "published"),
        updated=child_text(entry, "updated"),
        categories=categories_of([*primary, *terms]),
        comment=child_text(entry, "comment"),
        venue=child_text(entry, "journal_ref"),
        doi=first_doi(child_text(entry, "doi")),
    )


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC) if moment.tzinfo else moment:%Y%m%d%H%M}"
