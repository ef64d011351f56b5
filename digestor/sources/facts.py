"""What a source found of a paper, as it stands there -> a Paper. Every source of digestor's makes its papers here.

So text is cleaned once and in one way, an identifier is one or is none, an address is safe to send a reader to, and
whatever a source gives in an odd form is unknown, not guessed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import NamedTuple

from digestor import notices
from digestor.models import Paper, Problem, Standing
from digestor.text import clean, clean_line
from digestor.text.dates import moment
from digestor.text.identifiers import arxiv, content_id, doi, safe_url, url_of

AUTHORS = 5_000
"""Authors a paper may have."""
CATEGORIES = 100
VERSIONS = 1_000
IDENTIFIER = 500
"""Characters an id may have."""
REMARK = 1_000
"""Characters of a comment, a venue, a licence."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
PMID = re.compile(r"(?:pmid:\s?|(?:https?://)?pubmed\.ncbi\.nlm\.nih\.gov/)?([1-9]\d{0,8})/?", re.IGNORECASE)


class Facts(NamedTuple):
    """The parts of a paper as found: raw text, not yet cleaned. All but `source` may be missing."""

    source: str
    """The kind: `arxiv`, `huggingface`, ..."""
    title: str = ""
    abstract: str = ""
    """May hold markup, entities, hard-wrapped lines."""
    id: str = ""
    """The source's own name for it, where it is to be kept; else the arXiv id, the DOI, or a hash of its words."""
    url: str = ""
    authors: Iterable[str] = ()
    published: str | date | datetime | None = None
    updated: str | date | datetime | None = None
    announced: date | None = None
    arxiv_id: str = ""
    """In any form that `identifiers.arxiv` knows, with or without version."""
    version: int | None = None
    doi: str = ""
    pmid: str = ""
    categories: Iterable[str] = ()
    code_url: str = ""
    project_url: str = ""
    upvotes: int | None = None
    stars: int | None = None
    organisation: str = ""
    venue: str = ""
    comment: str = ""
    licence: str = ""
    standing: Standing | None = None
    """Where the source says it by itself; else it is read from comment and abstract."""
    also: Sequence[str] = ()
    revision: bool = False
    """Announced as a new version of an old paper."""


def paper_of(facts: Facts, where: str) -> Paper | Problem:
    """The paper of some facts; a Problem in its place where they have neither title nor abstract."""
    title, abstract = clean_line(facts.title), clean(facts.abstract)
    if not title and not abstract:
        return Problem(where=where, what="has neither title nor abstract", todo="a record needs a title", lost=1)
    arxiv_id, version = arxiv(facts.arxiv_id) or (None, None)
    digital = doi(facts.doi)
    pmid = PMID.fullmatch(facts.pmid.strip())
    comment = clean_line(facts.comment[:REMARK])
    name = CONTROL.sub("", facts.id).strip()[:IDENTIFIER]
    return Paper(
        id=name or arxiv_id or digital or (f"pmid:{pmid[1]}" if pmid else "") or content_id(title, abstract),
        title=title or "(untitled)",
        abstract=abstract,
        url=safe_url(facts.url) or url_of(arxiv_id, digital),
        authors=tuple(islice(_lines(facts.authors), AUTHORS)),
        published=when(facts.published),
        arxiv_id=arxiv_id,
        version=version or (facts.version if facts.version and 0 < facts.version < VERSIONS else None),
        doi=digital,
        categories=_once(facts.categories),
        code_url=safe_url(facts.code_url),
        upvotes=facts.upvotes,
        source=facts.source,
        also=_once(facts.also),
        announced=facts.announced,
        updated=when(facts.updated),
        pmid=pmid[1] if pmid else None,
        project_url=safe_url(facts.project_url),
        stars=facts.stars,
        organisation=clean_line(facts.organisation[:REMARK]),
        venue=clean_line(facts.venue[:REMARK]),
        comment=comment,
        licence=clean_line(facts.licence[:REMARK]),
        standing=facts.standing or notices.standing(title, abstract, comment),
        flags=notices.flags(title, abstract),
        revision=facts.revision,
    )


def when(value: str | date | datetime | None) -> datetime | None:
    """A moment in UTC; a day is its midnight. None for whatever is no full date."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return moment(value) if value else None


def _lines(values: Iterable[str]) -> Iterator[str]:
    """Each on a line and cleaned, none empty; two people may have one name."""
    return filter(None, (clean_line(value[:REMARK]) for value in values))


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(islice(_lines(values), CATEGORIES)))
