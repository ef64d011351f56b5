"""What arXiv writes on one line and is several things: authors, DOIs, categories."""

import re
from collections.abc import Iterable, Iterator

from digestor.text.identifiers import doi

LONGEST = 400_000
"""Characters of a line of authors that are looked at: the largest collaborations need a tenth."""
SPACED = re.compile(r"\\[,;: ]|(?<!\\)~")
BETWEEN = re.compile(r"[,;:]|\s(?:and|&)\s")
SUFFIX = re.compile(r"(?:jr|sr)\.?|I{2,3}|IV", re.IGNORECASE)
NO_AUTHOR = re.compile(r"et\.? al\.?|others|[\W\d_]*", re.IGNORECASE)
NICKNAME = re.compile(r"\([A-Z][a-z-]{1,19}\)")
DOIS = re.compile(r"[,;\s]+(?=(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?10\.)|\s+", re.IGNORECASE)
CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z][A-Za-z-]+)?")


def authors_of(line: str) -> Iterator[str]:
    """The authors of a line that names them all, as listings and `arXivRaw` do; their affiliations are left out.

    The line is for people to read, so a name with a comma in it may come out as two; "Jr." stays with its name.

    >>> list(authors_of("The XY Collaboration: A. Beta (1), C. Delta, Jr. (2 and 3) and Ed (Eddy) Fox ((1) M, (2) N)"))
    ['The XY Collaboration', 'A. Beta', 'C. Delta Jr.', 'Ed Fox']
    """
    held = ""
    for part in BETWEEN.split(SPACED.sub(" ", _without_affiliations(" ".join(line[:LONGEST].split())))):
        name = " ".join(part.split()).removeprefix("and ")
        if SUFFIX.fullmatch(name) and held:
            held = f"{held} {name}"
        elif not NO_AUTHOR.fullmatch(name):
            if held:
                yield held
            held = name
    if held:
        yield held


def first_doi(text: str) -> str:
    """The first of the DOIs in a field that may hold several, divided by commas, semicolons or blanks; or nothing."""
    return next((found for part in DOIS.split(text.strip()[:2_000]) if (found := doi(part))), "")


def categories_of(names: Iterable[str]) -> list[str]:
    """Those that are categories: the API has MSC and ACM classes among them."""
    return [name for name in names if CATEGORY.fullmatch(name)]


def _without_affiliations(line: str) -> str:
    """The line without what stands in brackets that are closed; in their place a comma, but for nicknames.

    A bracket that nobody closes is no reason to lose the names behind it.
    """
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place in re.finditer(r"[()]", line):
        if place[0] == "(":
            opened.append(place.start())
        elif opened:
            pairs.append((opened.pop(), place.end()))
    kept, done = [], 0
    for start, end in sorted(pairs):
        if start >= done:
            kept += [line[done:start], " " if NICKNAME.fullmatch(line, start, end) else ","]
            done = end
    return "".join([*kept, line[done:]]).replace("(", " ").replace(")", " ")
