"""The entries of a feed -> papers: what is an identifier, what an abstract, who wrote it, when it came out.

What a feed does not say is unknown: no date is guessed, no DOI made up. Entries that are no papers ("Corrections",
"Issue Information") stay: which they are, nobody can tell for certain.
"""

import re
from collections.abc import Iterator

from digestor.models import Paper, Problem
from digestor.sources.blurbs import abstract_of, doi_said
from digestor.sources.facts import Facts, paper_of, when
from digestor.sources.landing import arxiv_at, doi_at
from digestor.sources.syndication import Entry, entries
from digestor.text import clean_line
from digestor.text.identifiers import safe_url

PEOPLE = 200_000
"""Characters that a list of authors may have."""
MAILED = re.compile(r"[^\s()]*@[^\s()]*\s*\(([^()]*)\)")
"""`someone@somewhere.example (Her Name)`, as RSS has it."""
AND = re.compile(r",? (?:and|&) ", re.IGNORECASE)
INITIALS = re.compile(r"(?:[A-Z]\.?[ -]?){1,4}")
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|phd|md|ph\.d|m\.d)\.?", re.IGNORECASE)
PMID = re.compile(r"(?:pubmed:|pmid:\s?|https?://pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})/?(?:[?#].*)?", re.IGNORECASE)
AROUND = re.compile(
    r"\A(?:sciencedirect publication|wiley|tandf) ?: *| *[:|–-] *(?:table of contents|current issue|advance articles"
    r"|(?:most recent|recent|latest|new) (?:articles|results|papers)|rss(?: feed)?|ahead of print|early ?view"
    r"|(?:online|first) first|first view)\W{0,3}\Z",
    re.IGNORECASE,
)
"""What a publisher puts around a journal's name to make a feed's title."""


def parse_entries(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """Every entry of a feed as a paper, in its order, and a Problem where it is not well-formed.

    Entries with neither title nor text are told of in one Problem. Raises SourceError where it is no feed.
    """
    bare = 0
    for found in entries(body, where):
        if isinstance(found, Problem):
            yield found
            continue
        paper = _paper(found, where) if found.title.strip() or any(map(str.strip, found.texts)) else None
        if isinstance(paper, Paper):
            yield paper
        else:
            bare += 1
    if bare:
        what = f"{bare} {'entry has' if bare == 1 else 'entries have'} neither title nor text"
        yield Problem(where=where, what=what, todo="see the feed itself", lost=bare)


def people(text: str) -> list[str]:
    """The names in what a feed has for an author, which may be one or all of them.

    >>> people("Moss, A., Fern, B."), people("Ann Moss and Bob Fern"), people("ann@moss.example (Ann Moss)")
    (['A. Moss', 'B. Fern'], ['Ann Moss', 'Bob Fern'], ['Ann Moss'])
    """
    text = text.strip()[:PEOPLE]
    mailed = MAILED.fullmatch(text)
    listed = re.split(r"[;\n]", mailed[1] if mailed else text)
    names = [name for piece in listed for name in _divided(piece.strip(" ,\t\r")) if "@" not in name]
    return [re.sub(r"\A(?:by|and) ", "", name, flags=re.IGNORECASE) for name in names]


def _divided(text: str) -> list[str]:
    """Names with commas or "and" between them: "Moss, Ann" is one person, "Ann Moss, Bob Fern" are two."""
    names: list[str] = []
    for piece in AND.split(text):
        parts = [part for part in (part.strip() for part in piece.split(",")) if part]
        turned = list(zip(parts[::2], parts[1::2], strict=False))
        if all(" " in part for part in parts):
            names.extend(parts)
        elif len(parts) % 2 == 0 and all(INITIALS.fullmatch(first) for _, first in turned):
            names.extend(f"{first} {last}" for last, first in turned)
        elif len(parts) == 2 and " " not in parts[0] and not SUFFIX.fullmatch(parts[1]):
            names.append(f"{parts[1]} {parts[0]}")
        else:
            names.append(piece.strip(" ,"))
    return names


def _paper(entry: Entry, where: str) -> Paper | Problem:
    authors = [name for author in entry.authors for name in people(author)]
    venue = AROUND.sub("", clean_line(entry.venue))
    abstract = abstract_of(entry.texts, clean_line(entry.title), [venue, entry.venue, *authors])
    said = doi_said([*entry.sayings, *entry.texts])
    return paper_of(
        Facts(
            source="feed",
            title=entry.title,
            abstract=abstract,
            url=next((link for link in entry.links if safe_url(link)), ""),
            authors=authors,
            published=next(filter(None, map(when, entry.published)), None),
            updated=next(filter(None, map(when, entry.updated)), None),
            arxiv_id=next(filter(None, map(arxiv_at, entry.ids)), ""),
            doi=next(filter(None, map(doi_at, entry.ids)), "") or (said if said not in abstract else ""),
            pmid=next((found[1] for text in entry.ids if (found := PMID.fullmatch(text.strip()))), ""),
            categories=entry.subjects,
            venue=venue,
        ),
        where,
    )
