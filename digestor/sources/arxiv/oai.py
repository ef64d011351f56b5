"""arXiv's OAI-PMH: every paper of a set that was added or changed since a day, page by page; and replies saved of it.

The root element is `OAI-PMH`, of http://www.openarchives.org/OAI/2.0/; somebody who took a record out may have left
`ListRecords`, `GetRecord` or `record` as the root. What tells a record is `header` and `metadata` in it.

`arXivRaw` is what is asked for. Only there stand the moment of the first version (in `arXiv`, `created` is the day of
the last one since 2025) and the number of the last; its authors are one line for people to read, which `parts` takes
apart. To ask for both formats would double what is asked of a site that wants three seconds between requests.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from lxml import etree

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Ask, Reply
from digestor.sources.arxiv.metadata import facts_of
from digestor.sources.facts import paper_of
from digestor.sources.markup import child_text, children, descendants, local, parse_xml, text_of
from digestor.text import clean_line

ROOTS = ("OAI-PMH", "ListRecords", "GetRecord", "record")
PREFIX = "arXivRaw"
PAGES = 400
"""Pages of a set that are read at most, of up to 2,500 records each."""
EARLIEST = date(2005, 9, 16)
"""No record was changed before; to ask for more is an error."""
PHYSICS = frozenset(
    "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph".split()
)
GROUPS = frozenset("cs econ eess math q-bio q-fin stat".split())
LATER = "ask again later"


class Page(NamedTuple):
    """A reply, read."""

    papers: Sequence[Paper | Problem]
    """A Problem in place of each record that could not be read."""
    token: str = ""
    """Of the next page; empty on the last one."""
    deleted: int = 0
    """Records of which the site says that they are no more."""


class BadTokenError(SourceError):
    """The site does not know the token that it gave: it forgets them every midnight."""


def set_of(category: str) -> str:
    """The set that holds a category, or a whole archive. Raises SourceError for what is neither.

    >>> set_of("cs.CL"), set_of("hep-th"), set_of("astro-ph.GA"), set_of("cs"), set_of("physics")
    ('cs:cs:CL', 'physics:hep-th', 'physics:astro-ph:GA', 'cs', 'physics:physics')
    """
    archive, dot, subject = category.strip().partition(".")
    if archive in GROUPS and bool(dot) == bool(subject):
        return f"{archive}:{archive}:{subject}" if dot else archive
    if archive in PHYSICS and bool(dot) == bool(subject):
        return f"physics:{archive}:{subject}" if dot else f"physics:{archive}"
    known = ", ".join(sorted(PHYSICS | GROUPS))
    raise SourceError(
        "arXiv", f"has no category {clean_line(category)[:80]!r}", f"it is one of these, or in one: {known}"
    )


def parse_records(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """The papers of a saved reply: a list of records, one record with or without what was around it; see `metadata`.

    Yields a Problem where the site had more pages than this one, and one that counts deleted records. Raises
    SourceError where it is no such reply, or one that says what was wrong with the request.
    """
    page = _page(body, where)
    yield from page.papers
    if page.token:
        yield Problem(where=where, what="is one page of several; the site has more", todo="save the next ones too")
    yield from _deleted(page.deleted, where)


def harvest(
    base: str, sets: Sequence[str], window_from: date, get: Callable[[Ask], Reply], ask: Ask
) -> Iterator[Paper | Problem]:
    """Every paper of the sets that was added or changed on that day or later; one that is in several comes once.

    Changed says nothing of new: papers of any age come, by a new version or a corrected record. `ask` says how to ask,
    all but what for. Raises SourceError where the site cannot be read, or breaks off: what came before counts.
    """
    seen: set[str] = set()
    deleted = 0
    for name in dict.fromkeys(sets):
        for page in _pages(base, name, max(window_from, EARLIEST), get, ask):
            deleted += page.deleted
            for found in page.papers:
                if isinstance(found, Problem):
                    yield found
                elif found.id not in seen:
                    seen.add(found.id)
                    yield found
    yield from _deleted(deleted, "arXiv OAI-PMH")


def _pages(base: str, name: str, start: date, get: Callable[[Ask], Reply], ask: Ask) -> Iterator[Page]:
    """The pages of a set; read anew from the first, once, where the site forgot in between where it was."""
    try:
        yield from _read(base, name, start, get, ask)
    except BadTokenError:
        yield from _read(base, name, start, get, ask._replace(fresh=0.0))  # a kept reply would give the same token


def _read(base: str, name: str, start: date, get: Callable[[Ask], Reply], ask: Ask) -> Iterator[Page]:
    where = f"arXiv OAI-PMH, set {name}"
    wanted = [("metadataPrefix", PREFIX), ("set", name), ("from", start.isoformat())]
    tokens: set[str] = set()
    for _ in range(PAGES):
        page = _page(get(ask._replace(url=base, query=(("verb", "ListRecords"), *wanted))).body, where)
        yield page
        if not page.token:
            return
        if page.token in tokens:
            raise SourceError(where, "sends the same page again and again", LATER)
        tokens.add(page.token)
        wanted = [("resumptionToken", page.token)]
    raise SourceError(where, f"has more than {PAGES} pages", "ask for a later day, or for a smaller set")


def _page(body: bytes, where: str) -> Page:
    root = parse_xml(body, where)
    if local(root) not in ROOTS:
        raise SourceError(where, f"is no OAI-PMH reply: its root is <{local(root)[:60]}>", LATER)
    lists = list(children(root, "ListRecords", "GetRecord")) if local(root) == "OAI-PMH" else [root]
    for error in children(root, "error"):
        if error.get("code") == "noRecordsMatch":
            return Page(())
        said = clean_line(f"{error.get('code', 'error')}: {text_of(error)}")[:300]
        raise (BadTokenError if error.get("code") == "badResumptionToken" else SourceError)(where, said, LATER)
    if not lists:
        raise SourceError(where, "is an OAI-PMH reply without records", "it takes a reply to ListRecords or GetRecord")
    records = [root] if local(root) == "record" else [record for part in lists for record in children(part, "record")]
    alive = [record for record in records if not _is_deleted(record)]
    papers = [_paper(record, f"{where}, record {number}") for number, record in enumerate(alive, 1)]
    tokens = [text_of(token).strip() for token in descendants(root, "resumptionToken")]
    return Page(papers, "".join(tokens[:1]), len(records) - len(alive))


def _is_deleted(record: etree._Element) -> bool:
    return any(header.get("status") == "deleted" for header in children(record, "header"))


def _paper(record: etree._Element, where: str) -> Paper | Problem:
    header = next(children(record, "header"), None)
    name = clean_line(child_text(header, "identifier"))[:80] if header is not None else ""
    where = f"{where} ({name})" if name else where
    metadata = next(children(record, "metadata"), None)
    facts = facts_of(metadata, header) if metadata is not None else None
    if facts is None:
        what = "has nothing in a format that can be read" if metadata is not None else "has no metadata"
        return Problem(where=where, what=what, todo="arXivRaw, arXiv and oai_dc can be read", lost=1)
    return paper_of(facts, where)


def _deleted(number: int, where: str) -> Iterator[Problem]:
    if number:
        what = f"{number} deleted {'record was' if number == 1 else 'records were'} left out"
        yield Problem(where=where, what=what, todo="nothing: the site says that they are no more")
