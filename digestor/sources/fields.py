"""From one record, a mapping of odd names to odd values, to a Paper."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from digestor.models import Paper, Problem
from digestor.sources.bibliography.ids import noted
from digestor.sources.bibliography.people import turned
from digestor.sources.facts import AUTHORS, CONTROL, IDENTIFIER, Facts, paper_of
from digestor.text import clean, clean_line
from digestor.text.identifiers import arxiv, doi, safe_url

ALIASES = {
    "title": "title paper_title document_title name",
    "abstract": "abstract summary description abstract_text abstract_note abstractnote",
    "id": "id paper_id paperid key uid",
    "url": "url link links href landing_page_url",
    "authors": "authors author creators creator author_names",
    "published": """paper_publishedat published date publication_date published_at publishedat published_date
        publicationdate pubdate submitted created year publication_year""",
    "arxiv_id": "arxiv_id arxiv arxivid eprint",
    "version": "version",
    "doi": "doi",
    "categories": "categories category subjects subject keywords manual_tags automatic_tags",
    "code_url": "code_url code github repository repo github_url githubrepo github_repo code_link",
    "upvotes": "upvotes votes likes",
    "source": "source",
    "also": "also",
    "pmid": "pmid pubmed_id",
    "venue": "venue journal publication_title container_title booktitle",
    "comment": "comment comments extra",
}
"""The names of each field, best first: the first that has something in it counts."""
FIELD = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split()}

ERROR_ENTRY = re.compile(r"https?://(?:export\.)?arxiv\.org/api/errors\b")
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
    abstract = clean(_text(given.get("abstract")))
    if ERROR_ENTRY.match(name):
        yield Problem(where=where, what=f"is an error of arXiv's, no paper: {abstract[:200]}", todo="ask again", lost=1)
        return
    comment = _text(given.get("comment"))
    notes = noted(comment)
    arxiv_id = next((text for key in ("arxiv_id", "id", "url", "doi") if arxiv(text := _text(given.get(key)))), "")
    digital = _text(given.get("doi"))
    published = _text(given.get("published"))
    found = paper_of(
        Facts(
            source=clean_line(_text(given.get("source")))[:100] or "records",
            title=_text(given.get("title")),
            abstract=abstract,
            id=name,
            url=_address(given.get("url")) or "",
            authors=_people(given.get("authors")),
            published=published,
            arxiv_id=arxiv_id or notes.get("arxiv", ""),
            version=_number(given.get("version")),
            doi=digital if doi(digital) else name,
            categories=_terms(given.get("categories")),
            code_url=_address(given.get("code_url")) or "",
            upvotes=_number(given.get("upvotes")),
            also=_terms(given.get("also")),
            pmid=_text(given.get("pmid")) or notes.get("pmid", ""),
            venue=_text(given.get("venue")),
            comment=comment,
        ),
        where,
    )
    yield found
    if isinstance(found, Problem):
        return
    dated = clean_line(published)[:40]
    odd = f'{where}: "{dated}"' if dated and not found.published and not re.fullmatch(r"\d{4}(?:-\d\d)?", dated) else ""
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
    if "item_type" in by_name:  # a reference manager's table: its key is no name of the paper
        by_name.pop("key", None)
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
        return [turned(part.strip()) for part in re.split(r"[;\n]", text)]
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
