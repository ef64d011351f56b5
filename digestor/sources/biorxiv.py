"""bioRxiv and medRxiv: every preprint posted on the days of a window, by their common API (api.biorxiv.org)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import quote

from pydantic import Field

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.period import span
from digestor.protocols import Ask, Reach, Window
from digestor.sources.facts import Facts, paper_of, when

KIND = "biorxiv"
NAMES = {"biorxiv": "bioRxiv", "medrxiv": "medRxiv"}
PREFIXES = ("10.1101/", "10.64898/")
"""Of the DOIs that the two servers give; the second since December 2025."""
NONE = re.compile(r"\bno (?:posts?|articles?|papers?|results?|records?)\b.{0,20}\bfound\b|\bnot found\b", re.IGNORECASE)
WITHDRAWN = re.compile(
    r"\W{0,3}(?:the|these|this)\b.{0,80}?\b(?:ha(?:ve|s)|is being) (?:been )?withdrawn\b", re.IGNORECASE
)
BUSY = "the site is often slow: try again later"


class Biorxiv(Record):
    """Preprints of bioRxiv or medRxiv, new in the days of the issue."""

    kind: Literal["biorxiv"] = "biorxiv"
    server: Literal["biorxiv", "medrxiv"] = "biorxiv"
    """Which of the two."""
    categories: tuple[str, ...] = ()
    """Only papers of these subjects: `neuroscience`, `cell biology`; all where none is named."""
    revisions: bool = False
    """Take later versions of older preprints too."""
    most: int = Field(5_000, ge=1, le=20_000)
    """Records to read at most, of all subjects: a week has about 2,000."""
    label: str = ""
    """How readers are told of it; else the server's name and the categories."""
    base_url: str = Field("https://api.biorxiv.org", pattern=r"^https?://")
    """Where the API is."""
    allow_private: bool = False
    """May it be an address of this machine or network?"""

    @property
    def name(self) -> str:
        """`bioRxiv neuroscience, genomics`."""
        return self.label or " ".join((NAMES[self.server], ", ".join(self.categories))).strip()

    def covers(self, window: Window) -> str:
        """In words: "posted on bioRxiv 16–22 November 2026"."""
        return f"posted on {NAMES[self.server]} {span(window)}"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """Those whose first version was posted in the window, in their highest version. Raises SourceError."""
        held: dict[str, Version] = {}
        broken: SourceError | None = None
        notes: list[Problem] = []
        try:
            for found in self._records(window, reach):
                if isinstance(found, Problem):
                    notes.append(found)
                elif self._wanted(found):
                    held[found.key] = found.over(held.get(found.key))
        except SourceError as error:
            broken = error
        old = 0
        for version in held.values():
            if version.first == 1 or self.revisions:
                yield version.paper(self.name)
            else:
                old += 1
        if old:
            what = f"{old} later version{'s' if old > 1 else ''} of older preprints left out"
            notes.append(Problem(where=self.name, what=what, todo="revisions = true takes them"))
        yield from notes
        if broken:
            raise broken

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """What the server has under the DOIs of its own; others are not asked about. Raises SourceError."""
        for doi in dict.fromkeys(paper.doi for paper in papers if paper.doi and paper.doi.startswith(PREFIXES)):
            held: Version | None = None
            for found in _page(self._get(f"{quote(doi, safe='/')}/na", reach), self.name).versions:
                if isinstance(found, Version) and found.key == doi:
                    held = found.over(held)
            if held:
                yield held.paper(self.name)

    def _records(self, window: Window, reach: Reach) -> Iterator["Version | Problem"]:
        """Page after page, by as much as each page had: how much that is has changed before."""
        days, cursor, promised = f"{window.start}/{window.end}", 0, 0
        while True:
            page = _page(self._get(f"{days}/{cursor}", reach), self.name)
            yield from page.versions
            cursor += len(page.versions)
            promised = max(promised, page.total or 0)
            if not page.versions or cursor == page.total:
                break
            if cursor >= self.most:
                what = f"stopped after {cursor:,}{f' of {promised:,}' if promised > cursor else ''} records"
                yield Problem(where=self.name, what=what, todo="raise `most`, or make the window shorter")
                return
        if cursor < promised:
            what, missing = f"sent {cursor:,} of the {promised:,} records it promised", promised - cursor
            yield Problem(where=self.name, what=what, todo=BUSY, lost=0 if self.categories else missing)

    def _get(self, path: str, reach: Reach) -> bytes:
        url = f"{self.base_url.rstrip('/')}/details/{self.server}/{path}/json"
        return reach.get(Ask(url, family=KIND, spacing=1.0, within=120.0, private=self.allow_private)).body

    def _wanted(self, version: "Version") -> bool:
        subjects = {_subject(name) for name in self.categories}
        return not subjects or _subject(version.text("category")) in subjects


def fits(value: object) -> bool:
    """Is it a reply of this API, as parsed from JSON?"""
    if not isinstance(value, dict):
        return False
    messages, records = value.get("messages"), value.get("collection")
    if not isinstance(messages, list) or not isinstance(records, list):
        return False
    first = records[0] if records else None
    return all(isinstance(message, dict) and "status" in message for message in messages[:1]) and (
        (isinstance(first, dict) and "doi" in first and ("server" in first or "version" in first))
        or (not records and bool(messages))
    )


def parse(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """Each preprint of a saved reply in its highest version. Raises SourceError where it is no reply of the API."""
    held: dict[str, Version] = {}
    for found in _page(body, where).versions:
        if isinstance(found, Problem):
            yield found
        else:
            held[found.key] = found.over(held.get(found.key))
    for version in held.values():
        yield version.paper(where)


class Version(NamedTuple):
    """One version of a preprint, as the API has it, and what is known of the versions below it."""

    record: Mapping[str, object]
    key: str
    """Its DOI; where that is missing, its title."""
    number: int
    first: int
    """The lowest version that was seen."""
    posted: str
    """The day of that one."""

    def text(self, name: str) -> str:
        """A field, where it is text; the API says `NA` for nothing."""
        value = self.record.get(name)
        return value if isinstance(value, str) and value.strip().upper() not in ("NA", "N/A") else ""

    def over(self, other: "Version | None") -> "Version":
        """The higher version of the two, which remembers the lower one."""
        if other is None:
            return self
        upper = max(other, self, key=lambda version: version.number)
        lower = min(other, self, key=lambda version: version.first)
        return upper._replace(first=lower.first, posted=lower.posted)

    def paper(self, where: str) -> Paper | Problem:
        """It as a paper; one of which only a later version was seen was announced with that one."""
        server = next((key for key in NAMES if key in self.text("server").lower()), "")
        doi, posted, abstract = self.text("doi").strip(), when(self.posted), self.text("abstract")
        withdrawn = "withdraw" in self.text("type").lower() or WITHDRAWN.match(abstract[:200])
        facts = Facts(
            source=KIND,
            title=self.text("title"),
            abstract=abstract,
            url=f"https://www.{server}.org/content/{doi}v{self.number}" if server and doi else "",
            authors=_authors(self.text("authors")),
            published=posted if self.first == 1 else None,
            updated=self.text("date") if self.number > 1 else None,
            announced=posted.date() if posted else None,
            version=self.number,
            doi=doi,
            categories=(self.text("category").replace("_", " "),),
            venue=NAMES.get(server, ""),
            licence=self.text("license"),
            standing="withdrawn" if withdrawn else None,
        )
        return paper_of(facts, f"{where}, {doi[:100] or self.key[:100]}")


class Page(NamedTuple):
    """A reply, taken apart."""

    versions: Sequence[Version | Problem]
    total: int | None
    """Records there are on all pages; None where that is not said."""


def _page(body: bytes, where: str) -> Page:
    """Raises SourceError for what is no reply, or one that says that something went wrong."""
    if not body.strip():
        raise SourceError(where, "the reply is empty", BUSY)
    try:
        value = json.loads(body, strict=False)
    except (ValueError, RecursionError) as error:
        raise SourceError(where, "the reply is not JSON, or breaks off", BUSY) from error
    messages = value.get("messages") if isinstance(value, dict) else None
    said = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
    records = value.get("collection") if isinstance(value, dict) else None
    status = said.get("status")
    status = status[:200] if isinstance(status, str) else ""
    if NONE.search(status):
        return Page((), 0)
    if status.lower() != "ok" or not isinstance(records, list):
        what = (
            f"the API says {_plain(status)!r}" if status and status.lower() != "ok" else "the reply has no collection"
        )
        raise SourceError(where, what, BUSY)
    return Page([_version(record, where) for record in records], _number(said.get("total")))


def _version(record: object, where: str) -> Version | Problem:
    if not isinstance(record, dict):
        return Problem(where=where, what="a record is no object", todo="save the reply anew", lost=1)
    record = {name: _plain(value) if isinstance(value, str) else value for name, value in record.items()}
    number = _number(record.get("version")) or 1
    version = Version(record, "", min(number, 999), min(number, 999), "")
    key = version.text("doi").strip().lower() or version.text("title") or version.text("abstract")
    if not key:
        what = "a record has neither DOI, title nor abstract"
        return Problem(where=where, what=what, todo="save the reply anew", lost=1)
    return version._replace(key=key, posted=version.text("date"))


def _plain(text: str) -> str:
    """Without halves of characters, which JSON can hold and nothing else."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _number(value: object) -> int | None:
    """A number that the API writes now as a number, now as text; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _authors(text: str) -> list[str]:
    """`Doe, J. A.; Roe, R.` -> `J. A. Doe`, `R. Roe`; whoever has no comma is a group."""
    names = (name.strip().split(",") for name in text.split(";"))
    return [" ".join((parts[1].strip(), parts[0].strip())) if len(parts) == 2 else ",".join(parts) for parts in names]


def _subject(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
