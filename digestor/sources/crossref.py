"""Crossref (api.crossref.org): what publishers registered in the window, and what Crossref knows of a DOI.

Most records have no abstract; where there is one, it is marked up in JATS and may be the publisher's property. Who
gives an address to write to (`mailto`) is served in a calmer queue. The limits stand in the replies' headers: in 2026
five requests a second, and fewer for lists.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field, StringConstraints

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record, Standing
from digestor.period import span
from digestor.protocols import Ask, Reach, Window
from digestor.sources import answers
from digestor.sources.answers import Fields, Page
from digestor.sources.facts import Facts, paper_of
from digestor.text.identifiers import arxiv, doi

SITE = "https://api.crossref.org"
FIELDS = (
    "DOI,URL,abstract,author,container-title,created,group-title,issued,license,original-title,posted,published,"
    "published-online,published-print,relation,subject,subtitle,title,type,update-to,updated-by"
)
PAGE = 100
"""Records on a page; Crossref would give a thousand, slowly."""
DATES = ("posted", "published-online", "published", "issued", "published-print")
"""Where the day of publication may stand, the best place first; the others often name a month or a year."""
SAME = ("has-preprint", "is-preprint-of", "is-same-as", "is-version-of", "has-version")
"""Relations to another record of the same paper."""
DATACITE = "10.48550/"
"""Whose DOIs arXiv's are: Crossref does not know them."""
GONE: dict[str, Standing] = {"retraction": "retracted", "removal": "retracted", "withdrawal": "withdrawn"}
"""What an update does to the paper that it is of."""
TODO = "look at `query`, `filter` and `types` in the config"

TypeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{1,40}$")]


class Crossref(Record):
    """Records that publishers made at Crossref in the window, for a query or a filter."""

    kind: Literal["crossref"] = "crossref"
    query: str = Field(default="", max_length=1_000)
    """Words anywhere in a record; the best matches come first."""
    filter: str = Field(default="", max_length=2_000)
    """In Crossref's own terms: `issn:2056-4538`, `prefix:10.1101,has-abstract:true`."""
    types: tuple[TypeName, ...] = ("posted-content", "journal-article", "proceedings-article")
    """The types of records that are read: preprints, articles, ...; empty for all."""
    most: int = Field(default=500, ge=1, le=10_000)
    """Papers read at most for a window."""
    most_lookups: int = Field(default=50, ge=0, le=1_000)
    """Papers looked up at most, one request each."""
    label: str = ""
    """How a reader is told of it."""
    base_url: str = Field(default=SITE, pattern=r"^https?://[^\s?#]+$")
    """The address of the API, or of a mirror."""
    allow_private: bool = False
    """May the address be of this machine or this network?"""

    @property
    def name(self) -> str:
        """Its label, or what it is asked for."""
        return self.label or f"Crossref: {self.query or self.filter or 'by DOI'}"

    def covers(self, window: Window) -> str:
        """The days on which publishers registered the papers, which is when Crossref first had them."""
        return f"registered {span(window)}"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """The papers registered in the window. Raises SourceError, also where neither query nor filter is set."""
        if not (self.query or self.filter):
            raise SourceError(self.name, "has neither a query nor a filter", "set `query` or `filter` in the config")
        filters = [f"from-created-date:{window.start}", f"until-created-date:{window.end}"]
        filters += [f"type:{type}" for type in self.types]
        query = [("filter", ",".join([*filters, self.filter] if self.filter else filters)), ("rows", str(PAGE))]
        # the oldest first, so that what is registered meanwhile moves nothing from one page to the next
        query += [("query", self.query)] if self.query else [("sort", "created"), ("order", "asc")]

        def page_at(mark: str) -> Page:
            value = self._answer("works", [*query, ("offset", mark), ("select", FIELDS)], reach)
            values, message = _values(value, self.name), answers.fields(answers.fields(value).get("message"))
            following = str(int(mark) + PAGE) if len(values) >= PAGE else ""
            return Page(values, answers.number(message.get("total-results")), following)

        # by offset and not by cursor: a cursor dies after minutes, so that pages kept from an earlier run lead nowhere
        yield from answers.leaf(page_at, "0", self.most, self.name, _paper)

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """What Crossref knows of the papers that have a DOI of a publisher's. Raises SourceError."""
        names = [
            name for name in dict.fromkeys(paper.doi for paper in papers) if name and not name.startswith(DATACITE)
        ]
        for name in names[: self.most_lookups]:
            value = self._answer(f"works/{quote(name, safe='')}", [], reach, fresh=86_400)
            values = _values(value, self.name) if value is not None else ()
            for found in answers.harmless(answers.each(values, self.name, _paper)):
                yield answers.asked_by(found, name) if isinstance(found, Paper) else found
        if len(names) > self.most_lookups:
            what = f"{len(names) - self.most_lookups:,} papers were not looked up"
            yield Problem(where=self.name, what=what, todo="raise `most_lookups`")

    def _answer(self, path: str, query: Sequence[tuple[str, str]], reach: Reach, fresh: float = 3_600) -> object:
        """What the API answers; None for a DOI that it does not have. Raises SourceError."""
        single = path != "works"
        reply = reach.get(
            Ask(
                f"{self.base_url.rstrip('/')}/{path}",
                [*query, ("mailto", reach.contact)] if reach.contact else query,
                spacing=0.25 if single else 1.0,
                within=120.0,
                fresh=fresh,
                private=self.allow_private,
                wanted=(200, 400, 404) if single else (200, 400),
            )
        )
        return None if reply.status == 404 else answers.accepted(reply, self.name, TODO)


def fits(value: object) -> bool:
    """Is it an answer of Crossref's: a record or a page of them, in its envelope or without?

    A record as CSL-JSON is none: its title is a text, here it is a list.
    """
    if isinstance(value, list):
        return bool(value) and "DOI" in answers.fields(value[0]) and fits(value[0])
    found = answers.fields(value)
    if isinstance(found.get("message"), dict):
        return found.get("message-type") in ("work", "work-list")
    return isinstance(found.get("DOI"), str) and isinstance(found.get("title"), list)


def parse(body: bytes, where: str) -> Iterator[Paper | Problem]:
    """The papers of an answer as it came, or as it was saved. Raises SourceError."""
    return answers.each(_values(answers.read_json(body, where), where), where, _paper)


def _values(value: object, where: str) -> Sequence[object]:
    if isinstance(value, list):
        return value
    found = answers.fields(value)
    inside = answers.fields(found.get("message", found))
    if isinstance(works := inside.get("items"), list):
        return works
    if "DOI" in inside or "title" in inside:
        return (inside,)
    raise SourceError(
        where, "is no answer of Crossref's: it has no works", "its `message` should have `items` or `DOI`"
    )


def _paper(work: Fields, where: str) -> Paper | Problem:
    digital = answers.identifier(work.get("DOI"))
    related = [name for name in _related(work) if doi(name) != doi(digital)]
    return paper_of(
        Facts(
            "crossref",
            title=_title(work),
            abstract=answers.without_heading(answers.text(work.get("abstract"))),
            url="" if doi(digital) else answers.text(work.get("URL")),
            authors=_authors(work.get("author")),
            published=next((day for key in DATES if (day := answers.day(work.get(key)))), None),
            announced=_created(work.get("created")),
            arxiv_id=next((name for name in (digital, *related) if arxiv(name)), ""),
            doi=digital,
            categories=_categories(work),
            venue=answers.first(work.get("container-title")) or _institution(work.get("institution")),
            licence=_licence(work.get("license")),
            standing=_standing(work, doi(digital)),
            also=[name for related_name in related if (name := doi(related_name) or "")],
        ),
        where,
    )


def _title(work: Fields) -> str:
    title, subtitle = answers.first(work.get("title")), answers.first(work.get("subtitle"))
    title = title or answers.first(work.get("original-title"))
    apart = title and subtitle and subtitle.casefold() not in title.casefold()
    return f"{title.rstrip(' :')}: {subtitle}" if apart else title or subtitle


def _authors(authors: object) -> Iterator[str]:
    """Names in the order of the record, the first author first wherever the record has them."""
    for author in sorted(answers.objects(authors), key=lambda author: author.get("sequence") != "first"):
        person = " ".join(part for key in ("given", "family", "suffix") if (part := answers.text(author.get(key))))
        yield person or answers.text(author.get("name")) or answers.text(author.get("literal"))


def _created(created: object) -> date | None:
    """The day of a moment that has parts, or only a text."""
    moment = answers.text(answers.fields(created).get("date-time"))[:10].split("-")
    return answers.day(created) or answers.day({"date-parts": [moment]})


def _categories(work: Fields) -> list[str]:
    group = answers.first(work.get("group-title"))
    return [*([group] if group else []), *(answers.text(subject) for subject in answers.items(work.get("subject")))]


def _institution(institutions: object) -> str:
    """The name of the server of a preprint."""
    return next((answers.text(found.get("name")) for found in answers.objects(institutions)), "")


def _licence(licences: object) -> str:
    """The address of the licence of the published version, or else of the first one."""
    found = sorted(answers.objects(licences), key=lambda one: one.get("content-version") not in ("vor", "unspecified"))
    return next((address for one in found if (address := answers.text(one.get("URL")))), "")


def _related(work: Fields) -> list[str]:
    """The ids of other records of the same paper: its preprint, its published version."""
    relation = answers.fields(work.get("relation"))
    return [answers.identifier(other.get("id")) for key in SAME for other in answers.objects(relation.get(key))]


def _standing(work: Fields, own: str | None) -> Standing | None:
    """Retracted or withdrawn, where an update says so; a notice of it is itself neither, whatever its title."""
    for update in answers.objects(work.get("updated-by")):
        if gone := GONE.get(answers.text(update.get("type"))):
            return gone
    for update in answers.objects(work.get("update-to")):
        if gone := GONE.get(answers.text(update.get("type"))):
            return gone if own and doi(answers.identifier(update.get("DOI"))) == own else "active"
    return None
