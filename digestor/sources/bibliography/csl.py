"""CSL-JSON: what Zotero, Mendeley, Pandoc, Crossref and DataCite write for citation processors."""

import json
from collections.abc import Iterator, Mapping

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.bibliography.ids import noted, preprint, without_ids
from digestor.sources.bibliography.people import from_parts
from digestor.sources.bibliography.telling import sound, told
from digestor.sources.facts import AUTHORS, CATEGORIES, Facts, paper_of, when

TYPES = frozenset(
    """article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset
    document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation
    manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical
    personal_communication post post-weblog regulation report review review-book software song speech standard thesis
    treaty webpage""".split()
)
SAMPLE = 5
"""Items of a list that are looked at."""
DATES = ("issued", "published-online", "posted", "published", "published-print")
DIGITS = 20
"""Digits of a number that means anything here."""


def fits_csl(value: object) -> bool:
    """Is a JSON value CSL-JSON: an item of a CSL type with something only CSL has, a list of such, or their `items`?"""
    return any(_is_item(item) for item in _items(value)[:SAMPLE])


def parse_csl(text: str, where: str) -> Iterator[Paper | Problem]:
    """The papers of CSL-JSON, in order. Raises SourceError where it is no JSON or holds no item."""
    try:
        value = json.loads(text.strip("\ufeff"), strict=False, parse_int=_number)
    except (ValueError, RecursionError) as error:
        raise SourceError(where, f"is not JSON: {error}", "export it anew") from error
    return read_csl(value, where)


def read_csl(value: object, where: str) -> Iterator[Paper | Problem]:
    """The papers of CSL-JSON that was read already. Raises SourceError where it holds no item."""
    return told(_papers(_items(value), where), where, "CSL-JSON")


def _number(digits: str) -> int:
    return int(digits) if len(digits) <= DIGITS else 0


def _items(value: object) -> list[object]:
    if isinstance(value, Mapping) and "title" not in value and isinstance(value.get("items"), list):
        value = value["items"]
    return value if isinstance(value, list) else [value]


def _is_item(item: object) -> bool:
    if not isinstance(item, Mapping) or _text(item.get("type")) not in TYPES or isinstance(item["type"], list):
        return False
    people = item.get("author")
    named = isinstance(people, list) and any(
        isinstance(p, Mapping) and ("family" in p or "literal" in p) for p in people[:3]
    )
    return named or isinstance(item.get("issued"), Mapping) or "container-title" in item or "DOI" in item


def _papers(items: list[object], where: str) -> Iterator[Paper | Problem]:
    for number, item in enumerate(items, start=1):
        place = f"{where}:record {number}"
        if isinstance(item, Mapping):
            yield paper_of(_facts(item), place)
        else:
            yield Problem(where=place, what="is no CSL-JSON item", todo="an item is an object with a title", lost=1)


def _facts(item: Mapping[str, object]) -> Facts:
    note = _text(item.get("note"))
    ids = noted(note)
    people = item.get("author")
    keywords = _text(item.get("keyword"))
    terms = item.get("categories")
    venue = _text(item.get("container-title"))
    place = " ".join(_text(item.get(key)) for key in ("archive", "publisher", "container-title")).lower()
    where = ("archive_location", "number", "version") if "arxiv" in place else ()
    written = (_text(item.get(key)) for key in ("URL", "DOI", "id", *where))
    named = (found for key in ("number", "archive_location") if "arxiv:" in (found := _text(item.get(key))).lower())
    return Facts(
        source="csl",
        title=_text(item.get("title")),
        abstract=_text(item.get("abstract")),
        url=_text(item.get("URL")),
        authors=[sound(from_parts(person)) for person in people[:AUTHORS]] if isinstance(people, list) else (),
        published=next(filter(None, (_day(item.get(key)) for key in DATES)), ""),
        arxiv_id=preprint((*written, *named, ids.get("arxiv", ""), venue)),
        doi=_text(item.get("DOI")) or ids.get("doi", ""),
        pmid=_text(item.get("PMID")) or ids.get("pmid", ""),
        categories=[_text(term) for term in terms[:CATEGORIES]]
        if isinstance(terms, list)
        else keywords.split(",", CATEGORIES),
        venue=venue,
        comment=without_ids(note),
    )


def _day(value: object) -> str:
    """The day of a CSL date, where it is a full one and no span of days."""
    if isinstance(value, str):
        return value if when(value) else ""
    if not isinstance(value, Mapping):
        return ""
    dates = value.get("date-parts")
    if isinstance(dates, list) and len(dates) == 1 and isinstance(dates[0], list) and len(dates[0]) >= 3:
        written = "-".join(_text(part) for part in dates[0][:3])
        return written if when(written) else ""
    return next((text for key in ("raw", "literal") if when(text := _text(value.get(key)))), "")


def _text(value: object) -> str:
    """A text or a number; of a list, its first text."""
    if isinstance(value, list):
        value = next((part for part in value if isinstance(part, str) and part), "")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return sound(str(value))
