"""Answers in JSON, as the sites of OpenAlex, Crossref and Semantic Scholar give them: read, doubted, leafed through.

Nothing of an answer is taken for granted: a value of an odd type is no value, and one odd record is one Problem.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.protocols import Reply
from digestor.text import clean_line
from digestor.text.identifiers import arxiv, doi

LONGEST = 20_000_000
"""Bytes that an answer may have; a site's page of a thousand papers has five million."""
PIECES = 3_000_000
"""Values that it may hold, counted by `,`, `[` and `{`: each takes up to 120 bytes of memory."""
TOLD = 20
"""Problems told one by one; what is more is told in one sum."""
RECORDS = 50_000
"""Records of one answer that are looked at; a site's page has a thousand."""
SAID = 200
"""Characters of a site's own words that are passed on."""
OPENING = 1_000
"""Characters of an abstract among which its heading stands."""
WHOLE = 10**18
"""What number is no identifier any more."""
NO_NAME = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
HEADING = re.compile(
    r"\A\s*(?:<jats:(?:sec|p)(?:\s[^<>]{0,300})?>\s*)?"
    r"(?:<jats:title(?:\s[^<>]{0,300})?>\s*(?:abstract|summary)\s*[:.]?\s*</jats:title>"
    r"|(?-i:ABSTRACT\b|Abstract(?=\s*[:.—–]|\s+(?!Interpretation|Algebra|Argumentation|Meaning)[A-Z0-9\"“(]))\s*[:.—–]?)\s*",
    re.IGNORECASE,
)
"""The word "Abstract" over an abstract; "Abstract machines are ..." begins a sentence and is none."""

Fields = Mapping[str, object]


def read_json(body: bytes, where: str, most: int = LONGEST) -> object:
    """The value that an answer is. Raises SourceError where it is no JSON, or too much of it."""
    if len(body) > most:
        raise SourceError(where, f"is longer than {most:,} bytes", "ask for less at once, or split the file")
    if sum(map(body.count, (b",", b"[", b"{"))) > PIECES:
        raise SourceError(where, "holds too many values", "ask for less at once, or split the file")
    try:
        value: object = json.loads(body.decode(json.detect_encoding(body), "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else clean_line(str(error)[:SAID])
        what = f"is not JSON that can be read: {reason}" if body.strip() else "is empty"
        raise SourceError(where, what, "ask again later, or save it anew: it has to be whole and unchanged") from error
    return value


def accepted(reply: Reply, where: str, todo: str, key: str = "") -> object:
    """The value of a reply that the site meant well; in the site's words what it did not like, as a SourceError.

    `key`: what was sent as a secret; words that repeat it are not passed on.
    """
    if reply.status == 200:
        return read_json(reply.body, where)
    words = said(reply.body)
    words = words if words and not (key and key in words) else "no reason given"
    raise SourceError(where, f"the request was refused (HTTP {reply.status}): {words}", todo)


def said(body: bytes) -> str:
    """What a site says of a refusal, on one short line; empty where it says nothing in JSON."""
    try:
        value = fields(read_json(body, ""))
    except SourceError:
        return ""
    told = value.get("message") or value.get("error") or value.get("msg")
    told = fields(items(told)[0]).get("message") if items(told) else told
    return clean_line(text(told))[:SAID]


def text(value: object) -> str:
    """A text, as it stands there; a whole number is one too. Empty for whatever is neither."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < WHOLE else ""


def identifier(value: object) -> str:
    """A text that may be an identifier: without blanks, breaks and halves of characters; empty for any other."""
    found = text(value).strip()
    return "" if NO_NAME.search(found) else found


def first(value: object) -> str:
    """A text, or the first one in a list that is not empty."""
    return text(value) or next((found for item in items(value) if (found := text(item))), "")


def items(value: object) -> Sequence[object]:
    """A list; an empty one for whatever is none."""
    return value if isinstance(value, list) else ()


def fields(value: object) -> Fields:
    """An object; an empty one for whatever is none."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> Iterator[Fields]:
    """The objects in a list."""
    return (item for item in items(value) if isinstance(item, dict))


def number(value: object) -> int | None:
    """A count; None for whatever is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < WHOLE else None


def day(value: object) -> date | None:
    """The day of an object with `date-parts`, `[[2026, 11, 16]]`; None where there is no day, or no such day."""
    found = items(next(iter(items(fields(value).get("date-parts"))), None))
    parts = [text(part) for part in found[:3]]
    if len(parts) < 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2])) if 1900 <= int(parts[0]) <= 2100 else None
    except ValueError:
        return None


def without_heading(abstract: str) -> str:
    """An abstract without the word "Abstract" over it, which is nobody's sentence.

    >>> without_heading("Abstract We count tides."), without_heading("Abstract machines count.")
    ('We count tides.', 'Abstract machines count.')
    """
    heading = HEADING.match(abstract[:OPENING])
    return abstract[heading.end() :] if heading else abstract


def each(
    values: Sequence[object], where: str, paper: Callable[[Fields, str], Paper | Problem], before: int = 0
) -> Iterator[Paper | Problem]:
    """The paper of each value, and a Problem for each that is none; the records are numbered after those before."""
    lost = 0
    for place, value in enumerate(values[:RECORDS], start=before + 1):
        found: Paper | Problem | None = paper(value, f"{where}:record {place}") if isinstance(value, dict) else None
        if isinstance(found, Paper):
            yield found
            continue
        lost += 1
        if lost <= TOLD:
            what = "is no object with the fields of a paper"
            yield found or Problem(where=f"{where}:record {place}", what=what, todo="was the file changed?", lost=1)
    if lost > TOLD:
        more = lost - TOLD
        yield Problem(where=where, what=f"has {more:,} more records that could not be read", lost=more)
    if len(values) > RECORDS:
        what = f"has {len(values):,} records; only {RECORDS:,} were read"
        yield Problem(where=where, what=what, todo="split the file", lost=len(values) - RECORDS)


class Page(NamedTuple):
    """One page of what a site found."""

    values: Sequence[object]
    total: int | None
    """How many papers there are on all pages, as the site has it."""
    following: str
    """What to ask for the next page with; empty after the last."""


def leaf(
    page_at: Callable[[str], Page],
    start: str,
    most: int,
    where: str,
    paper: Callable[[Fields, str], Paper | Problem],
    estimated: bool = False,
) -> Iterator[Paper | Problem]:
    """The papers of all pages, at most so many, and a Problem where that is not all.

    `estimated`: the site only guesses how many there are. Raises what `page_at` raises.
    """
    read, mark, total = 0, start, None
    while mark:
        page = page_at(mark)
        total = page.total
        taken = page.values[: most - read]
        yield from each(taken, where, paper, read)
        read += len(taken)
        over = len(page.values) - len(taken)
        more = bool(page.following) and (total is None or estimated or total > read)
        if read >= most and (over or more):
            left = max((total or 0) - read, over)
            what = f"has {left:,} more papers than the {most:,} that were read" if left else f"has more than {most:,}"
            yield Problem(where=where, what=what, todo="narrow the search, or raise `most`")
            return
        complete = total is not None and not estimated and read >= total
        mark = "" if complete or not page.values or page.following == mark else page.following
    if total is not None and not estimated and read < total:
        yield Problem(where=where, what=f"gave {read:,} of {total:,} papers and no more", todo="run it again later")


def asked_by(paper: Paper, asked: str) -> Paper:
    """A paper that a site gave for an identifier, with that identifier, whatever the site calls it now.

    `asked` is an arXiv id, a DOI, or `pmid:` and a number. A DOI that gives way to it is kept in `also`.
    """
    known, digital = arxiv(asked), doi(asked)
    update: dict[str, object] = {"arxiv_id": known.id} if known else {}
    if digital and digital != paper.doi:
        update |= {"doi": digital, "also": (*paper.also, *((paper.doi,) if paper.doi else ()))}
    if asked.startswith("pmid:"):
        update["pmid"] = asked.removeprefix("pmid:")
    named = (known.id if known else paper.arxiv_id) or digital or paper.doi
    return paper.model_copy(update={**update, "id": named or asked})


def harmless(found: Iterable[Paper | Problem]) -> Iterator[Paper | Problem]:
    """What was found of papers that are known already: where that cannot be read, no paper is lost."""
    for item in found:
        yield item if isinstance(item, Paper) else item.model_copy(update={"lost": 0})
