"""Semantic Scholar (api.semanticscholar.org): papers of a search in bulk, and what it knows of an id.

Anything may be null: the abstract (publishers' rights), the day, the venue. Without a key everybody shares one pool,
which is mostly used up; with one, which is free, there is one request a second.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.period import span
from digestor.protocols import Ask, Reach, Window
from digestor.sources import answers
from digestor.sources.answers import Fields, Page
from digestor.sources.facts import Facts, paper_of
from digestor.text.identifiers import arxiv, doi

SITE = "https://api.semanticscholar.org"
FIELDS = "title,abstract,externalIds,publicationDate,authors,venue,journal,url,fieldsOfStudy,openAccessPdf"
BATCH = 500
"""Ids in one request: as many as it takes."""
PAPER_ID = re.compile(r"[0-9a-f]{40}", re.ASCII)
WRAPPED = ("citingPaper", "citedPaper")
"""What holds the paper in an answer about citations or references."""
LISTED = ("data", "recommendedPapers")
EMPTY = {"total", "offset", "next", "token", "data"}
"""The only names in a search without a match, which may lack `data`."""
TODO = "look at `query` and `fields_of_study` in the config"

FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z ]{2,40}$")]


class SemanticScholar(Record):
    """Papers that Semantic Scholar finds for a query, by the day they were published."""

    kind: Literal["semanticscholar"] = "semanticscholar"
    query: str = Field(default="", max_length=1_000)
    """Words in title and abstract: all of them, `a | b` either, `-a` without, `"a b"` a phrase, `a*` a beginning."""
    fields_of_study: tuple[FieldName, ...] = ()
    """Only papers of these: `Computer Science`, `Medicine`, ..."""
    api_key_env: str = "SEMANTIC_SCHOLAR_API_KEY"
    """The environment variable with the key; without one, requests are often refused."""
    most: int = Field(default=500, ge=1, le=10_000)
    """Papers read at most for a window."""
    label: str = ""
    """How a reader is told of it."""
    base_url: str = Field(default=SITE, pattern=r"^https?://[^\s?#]+$")
    """The address of the API, or of a mirror."""
    allow_private: bool = False
    """May the address be of this machine or this network?"""

    @property
    def name(self) -> str:
        """Its label, or what it is asked for."""
        return self.label or f"Semantic Scholar: {self.query or 'by id'}"

    def covers(self, window: Window) -> str:
        """The days of publication."""
        return f"published {span(window)}"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """The papers published in the window. Raises SourceError, also where no query is set."""
        if not self.query:
            raise SourceError(self.name, "has no query", "set `query` in the config")
        query = [("query", self.query), ("publicationDateOrYear", f"{window.start}:{window.end}"), ("fields", FIELDS)]
        query += [("fieldsOfStudy", ",".join(self.fields_of_study))] if self.fields_of_study else []

        def page_at(mark: str) -> Page:
            token = [("token", mark)] if mark != "*" else []
            ask = self._ask("paper/search/bulk", [*query, *token], reach)
            value = answers.accepted(reach.get(ask), self.name, TODO, self._key(reach))
            found = answers.fields(value)
            return Page(_values(value, self.name), answers.number(found.get("total")), answers.text(found.get("token")))

        yield from answers.leaf(page_at, "*", self.most, self.name, _paper, estimated=True)

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """What Semantic Scholar knows of papers with an arXiv id, a DOI or a PubMed id. Raises SourceError."""
        names = list(dict.fromkeys(asked for paper in papers if (asked := _asked(paper))))
        for start in range(0, len(names), BATCH):
            some = names[start : start + BATCH]
            ask = self._ask("paper/batch", [("fields", FIELDS)], reach, fresh=86_400)
            reply = reach.get(ask._replace(json=json.dumps({"ids": [_named(name) for name in some]})))
            if reply.status != 200 and "paper id" in answers.said(reply.body).casefold():
                continue  # it refuses a batch of which it knows nothing: "No valid paper ids given"
            values = answers.items(answers.accepted(reply, self.name, "run it again later", self._key(reach)))
            yield from self._known(values, some)

    def _known(self, values: Sequence[object], asked: Sequence[str]) -> Iterator[Paper | Problem]:
        """The papers of a batch, which has a value for each id in turn, null for one that is not known."""
        if len(values) != len(asked):
            what = f"answered {len(values):,} times to {len(asked):,} ids"
            raise SourceError(self.name, what, "run it again later; look whether the base_url is right")
        for name, value in zip(asked, values, strict=True):
            if value is not None:
                for found in answers.harmless(answers.each([value], self.name, _paper)):
                    yield answers.asked_by(found, name) if isinstance(found, Paper) else found

    def _ask(self, path: str, query: Sequence[tuple[str, str]], reach: Reach, fresh: float = 3_600) -> Ask:
        key = self._key(reach)
        return Ask(
            f"{self.base_url.rstrip('/')}/graph/v1/{path}",
            query,
            headers={"x-api-key": key} if key else {},
            secret=("x-api-key",) if key else (),
            spacing=1.0 if key else 3.0,
            fresh=fresh,
            private=self.allow_private,
            wanted=(200, 400, 404),
        )

    def _key(self, reach: Reach) -> str:
        return reach.environ.get(self.api_key_env, "").strip()


def fits(value: object) -> bool:
    """Is it an answer of Semantic Scholar's: a paper, a citation, a batch, a page of a search?"""
    if isinstance(value, list):
        return any(_is_paper(item) for item in value[:BATCH])
    found = answers.fields(value)
    listed = next((found[key] for key in LISTED if isinstance(found.get(key), list)), None)
    if listed:
        return any(_is_paper(item) for item in answers.items(listed)[:BATCH])
    return _is_paper(value) or ("total" in found and set(found) <= EMPTY)


def parse(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """The papers of an answer as it came, or as it was saved. Raises SourceError."""
    values = _values(answers.read_json(body, where), where)
    return answers.each([value for value in values if value is not None], where, _paper)


def _is_paper(value: object) -> bool:
    found = _inside(answers.fields(value))
    return PAPER_ID.fullmatch(answers.text(found.get("paperId"))) is not None


def _inside(value: Fields) -> Fields:
    """The paper itself, where a citation is wrapped around it."""
    return next((answers.fields(value[key]) for key in WRAPPED if isinstance(value.get(key), dict)), value)


def _values(value: object, where: str) -> Sequence[object]:
    if isinstance(value, list):
        return value
    found = answers.fields(value)
    for key in LISTED:
        if isinstance(found.get(key), list):
            return answers.items(found[key])
    if any(key in found for key in ("paperId", "title", *WRAPPED)):
        return (found,)
    if "total" in found and "data" not in found:  # a search without a match
        return ()
    what = "is no answer of Semantic Scholar's: it has no papers"
    raise SourceError(where, what, "it should have `data`, or be one paper or a list of them")


def _paper(value: Fields, where: str) -> Paper | Problem:
    found = _inside(value)
    ids = {key.casefold(): answers.identifier(named) for key, named in answers.fields(found.get("externalIds")).items()}
    digital, pmid, own = ids.get("doi", ""), ids.get("pubmed", ""), answers.identifier(found.get("paperId"))
    arxiv_id = ids.get("arxiv", "") or (digital if arxiv(digital) else "")
    known = bool(arxiv(arxiv_id) or doi(digital))
    return paper_of(
        Facts(
            "semanticscholar",
            title=answers.text(found.get("title")),
            abstract=answers.without_heading(answers.text(found.get("abstract"))),
            id=f"s2:{own}" if own and not known and not pmid else "",
            url="" if known else answers.text(found.get("url")),
            authors=(answers.text(author.get("name")) for author in answers.objects(found.get("authors"))),
            published=answers.text(found.get("publicationDate")),
            arxiv_id=arxiv_id,
            doi=digital,
            pmid=pmid,
            categories=(answers.text(field) for field in answers.items(found.get("fieldsOfStudy"))),
            venue=answers.text(found.get("venue")) or answers.text(answers.fields(found.get("journal")).get("name")),
            licence=answers.text(answers.fields(found.get("openAccessPdf")).get("license")),
        ),
        where,
    )


def _asked(paper: Paper) -> str:
    """The name to ask for a paper by; empty where it has none."""
    return paper.arxiv_id or paper.doi or (f"pmid:{paper.pmid}" if paper.pmid else "")


def _named(name: str) -> str:
    """A name in Semantic Scholar's form: `ARXIV:2611.10000`, `DOI:10.1000/182`, `PMID:30000000`."""
    if known := arxiv(name):
        return f"ARXIV:{known.id}"
    return name.upper() if name.startswith("pmid:") else f"DOI:{name}"
