"""Identifiers in notes, in the names of journals, and in plain lists of ids."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from digestor.models import Problem
from digestor.sources.facts import PMID
from digestor.text.identifiers import arxiv, doi

Kind = Literal["arxiv", "doi", "pmid"]


class Identifier(NamedTuple):
    """What a paper is known by, without version or resolver: `("arxiv", "2611.10000")`."""

    kind: Kind
    id: str


LINE = 2_000
"""Characters of a line of which an id is looked for."""
LINES = 100
"""Lines of a note that are looked at."""
TOLD = 20
COMMENT = re.compile(r"(?:^|\s)#.*")
NAMED = re.compile(r"(arxiv|doi|pmid)(?: id)?\s?:\s?(\S+)(?:\s\[[^\[\]]{1,80}\])?", re.IGNORECASE)
"""A line of a note that is an id and nothing else: `arXiv:2611.10000 [cs.CL]`, `PMID: 123`."""
PREPRINT = re.compile(r"\barxiv:\s?([\w./-]{9,40})", re.IGNORECASE)
PUBLISHER = re.compile(r"https?://[^\s/]{1,200}/doi/(?:abs/|full/|pdf/|epdf/)?(10\.[^\s?#]+)", re.IGNORECASE)


def identifier(text: str) -> Identifier | None:
    """The id that a text is, in any of its forms; the address of a paper's page at a publisher may hold a DOI."""
    text = text.strip()
    if found := arxiv(text):
        return Identifier("arxiv", found.id)
    page = PUBLISHER.match(text) if len(text) <= LINE else None
    if digital := doi(page[1] if page else text):
        return Identifier("doi", digital)
    if len(text) <= LINE and (number := PMID.fullmatch(text)):
        return Identifier("pmid", number[1])
    return None


def read_ids(text: str, where: str = "ids") -> tuple[list[Identifier], list[Problem]]:
    """The ids of a list, one a line, each once and in order; `#` begins a comment. A Problem for lines that are none.

    >>> read_ids("arXiv:2611.10000v2  # moss\\nhttps://doi.org/10.1000/182")[0]
    [Identifier(kind='arxiv', id='2611.10000'), Identifier(kind='doi', id='10.1000/182')]
    """
    found: dict[Identifier, None] = {}
    problems: list[Problem] = []
    bad = 0
    for number, line in enumerate(text.replace("\r", "\n" if "\n" not in text else "").split("\n"), start=1):
        written = COMMENT.sub("", line[:LINE].lstrip("\ufeff")).strip(" \t\v\f,;")
        if not written:
            continue
        if known := identifier(written):
            found[known] = None
        elif (bad := bad + 1) <= TOLD:
            what = f'is no arXiv id, DOI or PubMed number: "{written[:60]}"'
            problems.append(Problem(where=f"{where}:line {number}", what=what, todo="write one id a line"))
    if bad > TOLD:
        problems.append(Problem(where=where, what=f"has {bad - TOLD} more lines that are no id"))
    return list(found), problems


def noted(text: str) -> dict[Kind, str]:
    """The ids that lines of a note are: reference managers keep there what they have no field for.

    >>> noted("arXiv:2611.10000 [cs]\\nPMID: 123\\nread on a train")
    {'arxiv': '2611.10000', 'pmid': '123'}
    """
    ids: dict[Kind, str] = {}
    for line in text[: LINES * LINE].split("\n", LINES)[:LINES]:
        if len(line) <= LINE and (named := NAMED.fullmatch(line.strip(" \t\r.;,"))):
            known = identifier(f"{named[1]}:{named[2]}")
            if known:
                ids.setdefault(known.kind, f"{named[2]}" if known.kind == "arxiv" else known.id)
    return ids


def without_ids(text: str) -> str:
    """A note without the lines that are ids."""
    return "\n".join(line for line in text.split("\n") if not NAMED.fullmatch(line[:LINE].strip(" \t\r.;,")))


def preprint(values: Iterable[str]) -> str:
    """The arXiv id that one of some fields is, or names as its place: "arXiv preprint arXiv:2611.10000"; or nothing."""
    for value in values:
        text = value[:LINE].strip().removeprefix("abs/")
        if arxiv(text):
            return text
        if (named := PREPRINT.search(text)) and arxiv(written := named[1].rstrip("./-")):
            return written
    return ""
