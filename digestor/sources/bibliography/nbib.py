"""PubMed's export (.nbib, the MEDLINE format): `PMID- 1234`, a tag a line, what goes on is indented by six blanks."""

import re
from collections.abc import Iterator, Mapping

from digestor.models import Paper, Problem
from digestor.sources.bibliography.ids import preprint
from digestor.sources.bibliography.people import from_initials, turned
from digestor.sources.bibliography.telling import sound, told
from digestor.sources.facts import AUTHORS, CATEGORIES, Facts, paper_of, when

HEAD = 20_000
BEGINNING = re.compile(r"^PMID ?- {0,3}\d{1,9}\s*\n\s*[A-Z]{2,4} {0,2}- ", re.MULTILINE)
TAG = re.compile(r"([A-Z][A-Z0-9 ]{3})- ?(.*)")
NUMBER = re.compile(r"(\S{1,500})\s\[doi\]", re.IGNORECASE)
PRINTED = re.compile(r"(\d{4}) ([A-Z][a-z]{2}) (\d{1,2})")
ONLINE = re.compile(r"(\d{4})(\d\d)(\d\d)")
RETRACTED = "retracted publication"

Fields = Mapping[str, list[str]]


def fits_nbib(head: str) -> bool:
    """Does the beginning of a file hold a `PMID- ` line with another tag on the line after it?"""
    return BEGINNING.search(head[:HEAD].lstrip("\ufeff")) is not None


def parse_nbib(text: str, where: str) -> Iterator[Paper | Problem]:
    """The papers of a PubMed export, in order. Raises SourceError where it has none."""
    return told((paper_of(_facts(fields), f"{where}:line {n}") for n, fields in _records(sound(text))), where, "PubMed")


def _records(text: str) -> Iterator[tuple[int, Fields]]:
    fields: dict[str, list[list[str]]] | None = None
    value: list[str] = []
    begun = 0
    for number, line in enumerate(text.split("\n"), start=1):
        tag = TAG.match(line.lstrip("\ufeff"))
        name = tag[1].strip() if tag else ""
        if tag and name == "PMID":
            if fields is not None:
                yield begun, _joined(fields)
            fields, begun = {}, number
        if fields is None:
            continue
        if tag:
            value = [tag[2].strip()]
            fields.setdefault(name, []).append(value)
        elif line.strip():
            value.append(line.strip())
    if fields is not None:
        yield begun, _joined(fields)


def _joined(fields: Mapping[str, list[list[str]]]) -> Fields:
    return {tag: [" ".join(value) for value in values] for tag, values in fields.items()}


def _facts(fields: Fields) -> Facts:
    pmid = _first(fields, "PMID")
    numbers = [found[1] for tag in ("LID", "AID") for text in fields.get(tag, ()) if (found := NUMBER.fullmatch(text))]
    page = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() and not numbers else ""
    people = [turned(name) for name in fields.get("FAU", ())[:AUTHORS]]
    retracted = any(kind.lower() == RETRACTED for kind in fields.get("PT", ()))
    return Facts(
        source="nbib",
        title=_first(fields, "TI", "BTI", "TT"),
        abstract="\n".join(fields.get("AB") or fields.get("OAB") or ()),
        url=page,
        authors=(people or [from_initials(name) for name in fields.get("AU", ())[:AUTHORS]])
        + fields.get("CN", [])[:100],
        published=_day(fields),
        arxiv_id=preprint(numbers),
        doi=next(iter(numbers), ""),
        pmid=pmid,
        categories=[term.replace("*", "") for tag in ("OT", "MH") for term in fields.get(tag, ())[:CATEGORIES]],
        venue=_first(fields, "JT", "TA"),
        licence=_first(fields, "CI"),
        standing="retracted" if retracted else None,
    )


def _day(fields: Fields) -> str:
    """The day it came out on line, or else in print where that is a full date."""
    online, printed = ONLINE.fullmatch(_first(fields, "DEP")), PRINTED.fullmatch(_first(fields, "DP"))
    if online and when(day := f"{online[1]}-{online[2]}-{online[3]}"):
        return day
    return f"{printed[3]} {printed[2]} {printed[1]}" if printed else ""


def _first(fields: Fields, *tags: str) -> str:
    return next((text for tag in tags for text in fields.get(tag, ()) if text), "")
