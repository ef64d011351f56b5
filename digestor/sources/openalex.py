"""OpenAlex (api.openalex.org): works by search or filter for the window, and what it knows of a DOI. CC0.

A key is free and wanted: with one there is a dollar's worth of requests a day, without one a few cents' worth at most.
A page of a search costs $0.001, a page of a filter $0.0001, a work by its id nothing. Its dates are coarse (many are
the first of January), so it serves a weekly window badly and a look-up well.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal
from urllib.parse import quote

from pydantic import Field

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.period import span
from digestor.protocols import Ask, Reach, Window
from digestor.sources import answers
from digestor.sources.answers import Fields, Page
from digestor.sources.facts import Facts, paper_of
from digestor.text.identifiers import arxiv, doi

SITE = "https://api.openalex.org"
WORK = re.compile(r"https://openalex\.org/(W\d{1,15})", re.IGNORECASE | re.ASCII)
FIELDS = (
    "id,doi,ids,title,publication_date,authorships,primary_location,locations,abstract_inverted_index,is_retracted,"
    "topics,keywords"
)
PAGE = 100
"""Works on a page: as many as OpenAlex gives."""
ALTERNATIVES = 50
"""DOIs in one request."""
ADDRESS = 2_500
"""Characters that those DOIs may take, escaped: the whole address may have 4,094."""
ABSTRACT = 40_000
"""Characters of an abstract that are put together; more are not looked at when text is cleaned."""
CATEGORIES = 5
LISTED = re.compile(r"[^,|!<>\"\s]+")
"""A DOI that means only itself in a filter."""
TODO = "look at `search` and `filter` in the config"


class OpenAlex(Record):
    """Works that OpenAlex has for a search or a filter, by the day they were published."""

    kind: Literal["openalex"] = "openalex"
    search: str = Field(default="", max_length=1_000)
    """Words in title, abstract or full text: `tides AND (moon OR sun)`. $0.001 a page of 100."""
    filter: str = Field(default="", max_length=2_000)
    """In OpenAlex's own terms: `primary_topic.subfield.id:1702,type:preprint`. $0.0001 a page of 100."""
    api_key_env: str = "OPENALEX_API_KEY"
    """The environment variable with the key, which is free; without one there are few requests a day."""
    most: int = Field(default=500, ge=1, le=10_000)
    """Papers read at most for a window."""
    most_lookups: int = Field(default=50, ge=0, le=1_000)
    """Papers looked up one by one at most (by PubMed id, or a DOI with a comma); those by DOI go 50 at once."""
    label: str = ""
    """How a reader is told of it."""
    base_url: str = Field(default=SITE, pattern=r"^https?://[^\s?#]+$")
    """The address of the API, or of a mirror."""
    allow_private: bool = False
    """May the address be of this machine or this network?"""

    @property
    def name(self) -> str:
        """Its label, or what it is asked for."""
        return self.label or f"OpenAlex: {self.search or self.filter or 'by id'}"

    def covers(self, window: Window) -> str:
        """The days of publication, which OpenAlex often does not know exactly."""
        return f"published {span(window)}, as far as OpenAlex knows the day"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """The works published in the window. Raises SourceError, also where neither search nor filter is set."""
        if not (self.search or self.filter):
            raise SourceError(self.name, "has neither a search nor a filter", "set `search` or `filter` in the config")
        keyed = bool(self._key(reach))
        days = f"from_publication_date:{window.start},to_publication_date:{window.end}"
        query = [("filter", f"{days},{self.filter}" if self.filter else days)]
        query += [("search", self.search)] if self.search else []

        def page_at(mark: str) -> Page:
            paging = [("per_page", str(PAGE)), ("cursor" if keyed else "page", mark)]
            value = self._answer("works", query + paging, reach)
            meta, values = answers.fields(answers.fields(value).get("meta")), _values(value, self.name)
            following = answers.text(meta.get("next_cursor")) if keyed else str(int(mark) + 1)
            return Page(values, answers.number(meta.get("count")), following if keyed or len(values) == PAGE else "")

        # without a key, OpenAlex has refused to page by cursor since October 2026
        yield from answers.leaf(page_at, "*" if keyed else "1", self.most, self.name, _paper)

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """What OpenAlex knows of papers with a DOI, an arXiv id or a PubMed id. Raises SourceError."""
        names = list(dict.fromkeys(asked for paper in papers if (asked := _asked(paper))))
        for some in _batches(name for name in names if LISTED.fullmatch(name) and not name.startswith("pmid:")):
            query = [("filter", f"doi:{'|'.join(some)}"), ("per_page", str(PAGE))]
            values = _values(self._answer("works", query, reach, fresh=86_400), self.name)
            yield from answers.harmless(answers.each(values, self.name, _paper))
        single = [name for name in names if not LISTED.fullmatch(name) or name.startswith("pmid:")]
        for name in single[: self.most_lookups]:
            path = name if name.startswith("pmid:") else f"doi:{quote(name, safe='')}"
            value = self._answer(f"works/{path}", [], reach, fresh=86_400, missing=True)
            for found in answers.harmless(answers.each([value] if value else [], self.name, _paper)):
                yield answers.asked_by(found, name) if isinstance(found, Paper) else found
        if len(single) > self.most_lookups:
            what = f"{len(single) - self.most_lookups:,} papers were not looked up"
            yield Problem(where=self.name, what=what, todo="raise `most_lookups`")

    def _answer(
        self, path: str, query: Sequence[tuple[str, str]], reach: Reach, fresh: float = 3_600, missing: bool = False
    ) -> object:
        """What the API answers; None for what it does not have, where it may be missing. Raises SourceError."""
        key = self._key(reach)
        asked = [*query, ("select", FIELDS)]
        asked += [("mailto", reach.contact)] if reach.contact else []
        asked += [("api_key", key)] if key else []
        reply = reach.get(
            Ask(
                f"{self.base_url.rstrip('/')}/{path}",
                asked,
                secret=("api_key",) if key else (),
                spacing=0.2,
                fresh=fresh,
                private=self.allow_private,
                wanted=(200, 400, 404) if missing else (200, 400),
            )
        )
        return None if reply.status == 404 else answers.accepted(reply, self.name, TODO, key)

    def _key(self, reach: Reach) -> str:
        return reach.environ.get(self.api_key_env, "").strip()


def fits(value: object) -> bool:
    """Is it an answer of OpenAlex's: a work, a list of works, a page of them?"""
    if isinstance(value, list):
        return bool(value) and fits(value[0]) and "results" not in answers.fields(value[0])
    found = answers.fields(value)
    if isinstance(found.get("meta"), dict) and isinstance(found.get("results"), list):
        meta, works = answers.fields(found["meta"]), answers.items(found["results"])
        return fits(works[0]) if works else "count" in meta and "per_page" in meta
    return WORK.fullmatch(answers.text(found.get("id"))) is not None


def parse(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """The papers of an answer as it came, or as it was saved. Raises SourceError."""
    return answers.each(_values(answers.read_json(body, where), where), where, _paper)


def _values(value: object, where: str) -> Sequence[object]:
    if isinstance(value, list):
        return value
    found = answers.fields(value)
    if isinstance(works := found.get("results"), list):
        return works
    if "id" in found or "title" in found:
        return (found,)
    raise SourceError(where, "is no answer of OpenAlex's: it has no works", "it should have `results`, or be one work")


def _paper(work: Fields, where: str) -> Paper | Problem:
    ids, place = answers.fields(work.get("ids")), answers.fields(work.get("primary_location"))
    digital = answers.identifier(work.get("doi")) or answers.identifier(ids.get("doi"))
    arxiv_id = _arxiv(digital, work)
    named = WORK.fullmatch(answers.identifier(work.get("id")) or answers.identifier(ids.get("openalex")))
    pmid = answers.identifier(ids.get("pmid"))
    known = bool(arxiv_id or doi(digital))
    return paper_of(
        Facts(
            "openalex",
            title=answers.text(work.get("title")) or answers.text(work.get("display_name")),
            abstract=answers.without_heading(abstract(work.get("abstract_inverted_index"))),
            id=f"openalex:{named[1].upper()}" if named and not known and not pmid else "",
            url="" if known else answers.text(place.get("landing_page_url")) or (named[0] if named else ""),
            authors=_authors(work.get("authorships")),
            published=_day(answers.text(work.get("publication_date"))),
            arxiv_id=arxiv_id,
            doi=digital,
            pmid=pmid,
            categories=_categories(work),
            venue=answers.text(answers.fields(place.get("source")).get("display_name")),
            licence=answers.text(place.get("license")),
            standing="retracted" if work.get("is_retracted") is True else None,
        ),
        where,
    )


def abstract(index: object) -> str:
    """The text of an inverted index, `{"tides": [1, 4], "Some": [0]}`, as far as anything is looked at.

    Places may be missing, doubled or wildly wrong: only their order counts, and what is no place is left out.
    """
    places = [
        (place, word)
        for word, found in answers.fields(index).items()
        for place in answers.items(found)
        if isinstance(place, int) and not isinstance(place, bool) and place >= 0
    ]
    places.sort(key=lambda pair: pair[0])
    words, length = [], 0
    for _, word in places:
        words.append(word[:ABSTRACT])
        length += len(word) + 1
        if length > ABSTRACT:
            break
    return " ".join(words)


def _day(day: str) -> str:
    """A day of publication; the first of January stands for any day of the year, so it is none."""
    return "" if day.endswith("-01-01") else day


def _arxiv(digital: str, work: Fields) -> str:
    """An arXiv id that a work's DOI is, or that one of its places is the page of."""
    addresses = [
        answers.identifier(place.get(key))
        for place in islice(answers.objects(work.get("locations")), PAGE)
        for key in ("landing_page_url", "pdf_url")
    ]
    return next((known for known in (digital, *addresses) if arxiv(known)), "")


def _authors(authorships: object) -> Iterator[str]:
    for authorship in answers.objects(authorships):
        person = answers.text(answers.fields(authorship.get("author")).get("display_name"))
        yield person or answers.text(authorship.get("raw_author_name"))


def _categories(work: Fields) -> list[str]:
    """The names of the topics; where there are none, of the older concepts."""
    kinds = ("topics", "concepts", "keywords")
    named = next((found for kind in kinds if (found := list(islice(answers.objects(work.get(kind)), CATEGORIES)))), [])
    return [answers.text(subject.get("display_name")) for subject in named]


def _asked(paper: Paper) -> str:
    """The name to ask for a paper by: its DOI, that of its arXiv id, or its PubMed id; empty where it has none."""
    if paper.doi or paper.arxiv_id:
        return paper.doi or f"10.48550/arxiv.{paper.arxiv_id}"
    return f"pmid:{paper.pmid}" if paper.pmid else ""


def _batches(names: Iterator[str]) -> Iterator[list[str]]:
    """As many at once as the address has room for."""
    batch, length = list[str](), 0
    for name in names:
        takes = len(quote(name, safe="")) + 3
        if batch and (len(batch) == ALTERNATIVES or length + takes > ADDRESS):
            yield batch
            batch, length = [], 0
        batch.append(name)
        length += takes
    if batch:
        yield batch
