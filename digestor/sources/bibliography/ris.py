"""RIS files: Zotero, EndNote, Mendeley, publishers, databases.

Read by their own grammar, a tag a line: rispy loses a record whose end is missing or has a blank too few, and the
second of two abstracts, fails on a record that begins with half a line, and takes the square of the length of an
abstract over many lines.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from digestor.models import Paper, Problem
from digestor.sources.bibliography.ids import noted, preprint
from digestor.sources.bibliography.people import turned
from digestor.sources.bibliography.telling import sound, told
from digestor.sources.facts import AUTHORS, CATEGORIES, Facts, paper_of, when
from digestor.text.identifiers import doi, safe_url

HEAD = 20_000
BEGINNING = re.compile(
    r"^[^\S\n]{0,8}TY[^\S\n]{0,8}-[^\S\n]{0,8}[A-Za-z]{2,12}[^\S\n]*\n\s*[A-Z][A-Z0-9][^\S\n]{0,8}-", re.M
)
START = re.compile(r"[^\S\n]{0,8}TY[^\S\n]{0,8}-[^\S\n]{0,8}([A-Za-z]{2,12})\s*")
TAG = re.compile(r"([A-Z][A-Z0-9])  -(.*)", re.DOTALL)
LOOSE = re.compile(r"[^\S\n]{0,8}([A-Z][A-Z0-9])[^\S\n]{0,8}-(?:[^\S\n](.*)|\Z)", re.DOTALL)
TAGS = frozenset(
    """A1 A2 A3 A4 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP ER ET ID IS J1 J2 JA JF
    JO KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OP PB PP PY RI RN RP SE SN SP ST T1 T2 T3 TA TI TT U1 U2 U3 U4 U5 UR
    VL VO Y1 Y2""".split()
)
"""Those that are taken for tags even where the blanks around them are odd."""
DAY = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:[/T ].{0,60})?")
MONTH_DAY = re.compile(r"[A-Za-z]{3,9}\.? \d{1,2}|\d{1,2} [A-Za-z]{3,9}")
DATABASE = re.compile(r"pubmed|medline", re.IGNORECASE)

Fields = Mapping[str, list[str]]
"""Tag -> its values in order, each with its lines."""


def fits_ris(head: str) -> bool:
    """Does the beginning of a file hold a `TY  - ` line with another tag on the line after it?"""
    return BEGINNING.search(head[:HEAD].lstrip("\ufeff")) is not None


def parse_ris(text: str, where: str) -> Iterator[Paper | Problem]:
    """The papers of an RIS file, in order, whether their records end or not. Raises SourceError where it has none."""
    return told(
        (paper_of(_facts(fields), f"{where}:line {line}") for line, fields in _records(sound(text))), where, "RIS"
    )


def _records(text: str) -> Iterator[tuple[int, Fields]]:
    """The line a record begins on, and its fields. What stands outside of records is no part of any."""
    fields: dict[str, list[list[str]]] | None = None
    value: list[str] = []
    begun = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if START.fullmatch(line.lstrip("\ufeff")):
            if fields is not None:
                yield begun, _joined(fields)
            fields, value, begun = {}, [], number
            continue
        if fields is None:
            continue
        tag = TAG.match(line) or LOOSE.match(line)
        if tag and (tag.re is TAG or tag[1] in TAGS):
            if tag[1] == "ER":
                yield begun, _joined(fields)
                fields = None
                continue
            value = [(tag[2] or "").strip()]
            fields.setdefault(tag[1], []).append(value)
        elif line.strip():
            value.append(line)
    if fields is not None:
        yield begun, _joined(fields)


def _joined(fields: Mapping[str, list[list[str]]]) -> Fields:
    joined = {tag: [text for value in values if (text := "\n".join(value).strip())] for tag, values in fields.items()}
    return {tag: values for tag, values in joined.items() if values}


def _facts(fields: Fields) -> Facts:
    ids = noted("\n".join(text for tag in ("N1", "AN", "M1", "C1", "DO", "M3") for text in fields.get(tag, ())))
    numbers = [*fields.get("DO", ()), *fields.get("L3", ()), *fields.get("M3", ()), *fields.get("UR", ())]
    accession = _first(fields, "AN")
    known = DATABASE.search(_first(fields, "DB") + _first(fields, "DP")) and accession.isdecimal()
    links = [link for text in fields.get("UR", ()) for link in re.split(r";(?=\s*http)|\s", text)]
    return Facts(
        source="ris",
        title=_first(fields, "TI", "T1", "CT", "BT"),
        abstract="\n".join(fields.get("AB") or fields.get("N2") or ()),
        url=next((link for link in links if safe_url(link)), ""),
        authors=[turned(_line(name)) for tag in ("AU", "A1") for name in fields.get(tag, ())[:AUTHORS]],
        published=_day(fields),
        arxiv_id=preprint((*numbers, *links, accession, *fields.get("M1", ()), ids.get("arxiv", ""), *_venues(fields))),
        doi=next((number for number in numbers if doi(number)), ids.get("doi", "")),
        pmid=ids.get("pmid", "") or (accession if known else ""),
        categories=[
            term for text in fields.get("KW", ())[:CATEGORIES] for term in re.split(r"[\n;]", text)[:CATEGORIES]
        ],
        venue=next(iter(_venues(fields)), ""),
    )


def _venues(fields: Fields) -> list[str]:
    return [_line(text) for tag in ("JF", "T2", "JO", "JA", "J2", "C3") for text in fields.get(tag, ())[:1]]


def _day(fields: Fields) -> date | str:
    """The first full date: `2026/11/17/`, or a month and day beside a year. A year alone is none."""
    for tag in ("DA", "PY", "Y1"):
        for text in fields.get(tag, ()):
            found = DAY.fullmatch(text)
            written = f"{found[1]}-{found[2]}-{found[3]}" if found else text
            if when(written):
                return written
    year, rest = _first(fields, "PY", "Y1")[:4], _first(fields, "DA")
    return f"{rest}, {year}" if MONTH_DAY.fullmatch(rest) and rest[:1].isalpha() else f"{rest} {year}"


def _first(fields: Fields, *tags: str) -> str:
    return next((_line(text) for tag in tags for text in fields.get(tag, ())), "")


def _line(text: str) -> str:
    return " ".join(text.split())
