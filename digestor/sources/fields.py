"""From one record, a mapping of odd names to odd values, to a Paper."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from digestor.models import Paper, Problem
from digestor.text import clean, clean_line
from digestor.text.identifiers import arxiv, content_id, doi, safe_url, url_of

AUTHORS = 5_000
"""Authors a paper may have."""
IDENTIFIER = 500
"""Characters an id may have."""

ALIASES = {
    "title": "title paper_title document_title name",
    "abstract": "abstract summary description abstract_text",
    "id": "id paper_id paperid key uid",
    "url": "url link links href landing_page_url",
    "authors": "authors author creators creator author_names",
    "published": """paper_publishedat published date publication_date published_at publishedat published_date
        publicationdate pubdate submitted created year publication_year""",
    "arxiv_id": "arxiv_id arxiv arxivid eprint",
    "version": "version",
    "doi": "doi",
    "categories": "categories category subjects subject keywords",
    "code_url": "code_url code github repository repo github_url githubrepo github_repo code_link",
    "upvotes": "upvotes votes likes",
    "source": "source",
    "also": "also",
}
"""The names of each field, best first: the first that has something in it counts."""
FIELD = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split()}

ERROR_ENTRY = re.compile(r"https?://(?:export\.)?arxiv\.org/api/errors\b")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
SPELLED = re.compile(r"(?:[A-Za-z]{3,9},? )?\d{1,2} [A-Za-z]{3,9}\.?,? \d{4}( \d.{1,20})?")
MONTH_FIRST = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})")
CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")


class Doubts(NamedTuple):
    """What is worth a word once a file: a date that makes no sense, and the names of a record's fields."""

    date: str
    names: str


def normal(name: str) -> str:
    """A column's name as `FIELD` has it: `Publication Date` is `publication_date`."""
    return re.sub(r"[\s_-]+", "_", name.strip("\ufeff \t\r\n\"'")).lower()


def paper(value: object, where: str) -> Iterator[Paper | Problem | Doubts]:
    """The paper of a record, or the Problem that it is none."""
    if isinstance(value, Mapping) and isinstance(value.get("paper"), Mapping):
        value = value["paper"]  # Hugging Face wraps a paper so, and so does an issue of ours
    if not isinstance(value, Mapping):
        todo = 'write {"title": "...", "abstract": "..."}'
        yield Problem(where=where, what=f"is no record but {_kind(value)}", todo=todo, lost=1)
        return
    given = _fields(value)
    name = CONTROL.sub("", _text(given.get("id"))).strip()[:IDENTIFIER]
    title, abstract = clean_line(_text(given.get("title"))), clean(_text(given.get("abstract")))
    if ERROR_ENTRY.match(name):
        yield Problem(where=where, what=f"is an error of arXiv's, no paper: {abstract[:200]}", todo="ask again", lost=1)
        return
    if not title and not abstract:
        yield Problem(where=where, what="has neither title nor abstract", todo="a record needs a title", lost=1)
        return
    known = next(filter(None, (arxiv(_text(given.get(key))) for key in ("arxiv_id", "id", "url", "doi"))), None)
    arxiv_id, version = known or (None, None)
    digital = doi(_text(given.get("doi"))) or doi(name)
    published = _moment(given.get("published"))
    yield Paper(
        id=name or arxiv_id or digital or content_id(title, abstract),
        title=title or "(untitled)",
        abstract=abstract,
        url=_address(given.get("url")) or url_of(arxiv_id, digital),
        authors=_people(given.get("authors")),
        published=published,
        arxiv_id=arxiv_id,
        version=version or _number(given.get("version")) or None,
        doi=digital,
        categories=_terms(given.get("categories")),
        code_url=_address(given.get("code_url")),
        upvotes=_number(given.get("upvotes")),
        source=clean_line(_text(given.get("source")))[:100] or "records",
        also=_terms(given.get("also")),
    )
    dated = clean_line(_text(given.get("published")))[:40]
    odd = f'{where}: "{dated}"' if dated and not published and not re.fullmatch(r"\d{4}(?:-\d\d)?", dated) else ""
    if odd or not abstract:
        yield Doubts(odd, ", ".join(clean_line(str(key))[:40] for key in list(value)[:20]))


def _kind(value: object) -> str:
    kinds = {
        type(None): "nothing",
        bool: "true or false",
        str: "a text",
        list: "a list",
        int: "a number",
        float: "a number",
    }
    return kinds.get(type(value), "something else")


def _fields(value: Mapping[object, object]) -> dict[str, object]:
    given: dict[str, object] = {}
    by_name = {normal(str(key)): found for key, found in value.items()}
    for field, aliases in ALIASES.items():
        found = next(
            (by_name[alias] for alias in aliases.split() if by_name.get(alias) not in (None, "", [], {})), None
        )
        if found is not None:
            given[field] = found
    return given


def _text(value: object) -> str:
    """What a value says: itself, or its parts one after another; a mapping says its text, value, term or name."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1e15 else ""
    if isinstance(value, list):
        return " ".join(filter(None, (_text(part) for part in value if not isinstance(part, list))))
    if isinstance(value, Mapping):
        return next(
            (found for key in ("text", "value", "term", "name") if isinstance(found := value.get(key), str)), ""
        )
    return ""


def _number(value: object) -> int | None:
    text = _text(value).strip().lstrip("vV").replace(",", "").removesuffix(".0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None


def _address(value: object) -> str | None:
    candidates = value if isinstance(value, list) else list(value.values()) if isinstance(value, Mapping) else [value]
    return next(filter(None, (safe_url(part) for part in candidates if isinstance(part, str))), None)


def _moment(value: object) -> datetime | None:
    """When, in UTC; a day without a time is its midnight. None for whatever is no full date: nothing is guessed."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        if day := DAY.fullmatch(text):
            moment = datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        elif DAY.match(text):
            moment = datetime.fromisoformat(text)
        else:
            spelled = MONTH_FIRST.sub(r"\2 \1 \3", text)
            named = SPELLED.fullmatch(spelled)
            if not named:
                return None
            moment = parsedate_to_datetime(spelled if named[1] else f"{spelled} 00:00:00")
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if 1900 <= moment.year <= 2100 else None


def _people(value: object) -> tuple[str, ...]:
    """Names, from a list or from "A; B", "A and B", "A B, C D"; hidden authors stay hidden."""
    if isinstance(value, str):
        value = _listed(value)
    parts = value if isinstance(value, list) else [value]
    names = (_name(part) for part in parts[:AUTHORS])
    return tuple(name for name in names if name)


def _name(value: object) -> str:
    if isinstance(value, Mapping):
        if value.get("hidden") is True:
            return ""
        whole = next(
            (found for key in ("name", "literal", "full_name") if isinstance(found := value.get(key), str)), ""
        )
        parts = [value.get(key) for key in ("given", "first_name", "forenames", "family", "last_name", "keyname")]
        return clean_line(whole or " ".join(part for part in parts if isinstance(part, str)))
    return clean_line(_text(value))


def _listed(text: str) -> list[object]:
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            return [part.strip(" '\"") for part in text.strip("[]").split(",")]
        return listed if isinstance(listed, list) else []
    if ";" in text or "\n" in text:
        return list(re.split(r"[;\n]", text))
    names: list[object] = []
    for piece in text.split(" and "):
        parts = [part.strip() for part in piece.strip(", ").split(",")]
        names.extend(parts if all(" " in part for part in parts) else [piece.strip(", ")])  # "Doe, Jane" is one person
    return names


def _terms(value: object) -> tuple[str, ...]:
    """Categories: a list, "A; B", "A, B", or codes with blanks between them ("cs.CL cs.LG")."""
    if isinstance(value, list):
        parts = [_text(part) for part in value]
    else:
        parts = [part.strip("[]'\" ") for part in re.split(r"[;,]", _text(value))]
        codes = parts[0].split()
        if len(parts) == 1 and all(CATEGORY.fullmatch(code) and "." in code for code in codes):
            parts = codes
    return tuple(dict.fromkeys(term for part in parts[:100] if (term := clean_line(part)[:200])))
