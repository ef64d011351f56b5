"""arXiv: what it announced in the days of an issue, in some categories or to a query."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field, model_validator

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.period import span
from digestor.protocols import Ask, Reach, Window
from digestor.sources.arxiv.calendar import announced_on, batches, month_of, place
from digestor.text import clean_line

FEED_HOLDS = 2_000
"""Entries that arXiv puts into a feed at most."""
BEFORE = timedelta(days=4)
"""Changed so long before the first day is what the back-fill reads: what shows where that day begins."""
HELD = timedelta(days=14)
"""What waited so long for a moderator is found by the API still."""
FEED = "arXiv's feed of the day"
SPLIT = ("astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat")
WHOLE = ("gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nucl-ex", "nucl-th", "quant-ph")
SUBJECT = re.compile(r"[A-Z]{2}|[a-z]+(?:-[a-z]+)*", re.ASCII)
AGAIN = "run it again later; a `digestor collect` each weekday keeps what the feed shows for one day only"


def category(text: str) -> str:
    """A category as arXiv writes it, or a whole archive. Raises ValueError.

    >>> category("cs.cl"), category("Cond-Mat.mes-hall"), category("math")
    ('cs.CL', 'cond-mat.mes-hall', 'math')
    """
    archive, dot, subject = text.strip().partition(".")
    archive, subject = archive.lower(), subject.upper() if len(subject) == 2 else subject.lower()
    if archive in SPLIT + WHOLE and not dot:
        return archive
    if archive in SPLIT and SUBJECT.fullmatch(subject):
        return f"{archive}.{subject}"
    raise ValueError(
        f"{text!r} is no category of arXiv's: cs.CL, math.CO, astro-ph.GA, hep-th; or an archive: cs, math"
    )


class Read(NamedTuple):
    """What one interface gave."""

    papers: Sequence[Paper] = ()
    problems: Sequence[Problem] = ()
    fault: SourceError | None = None
    """Why there is no more of it."""
    days: frozenset[date] = frozenset()
    """The days whose announcements it had, all of them."""


class Arxiv(Record):
    """What arXiv announced. The days of an issue are days of its announcements, in New York: see `calendar`."""

    kind: Literal["arxiv"] = "arxiv"
    categories: tuple[Annotated[str, AfterValidator(category)], ...] = Field((), max_length=60)
    """`["cs.CL", "cs.LG"]`; a whole archive is `cs`. At least one, if there is no query."""
    via: Literal["auto", "rss", "oai", "api"] = "auto"
    """`rss`: the feed of the day alone. `oai`: any days, from the record of changes. `api`: any days, by the search.
    `auto`: the feed, and for days it does not show the record of changes; with a query, the search."""
    cross: bool = True
    """Papers of other categories too that are cross-listed in these, if they are new?"""
    replacements: bool = False
    """New versions of older papers too, for readers who had the old ones? The search does not know them."""
    query: str = Field("", max_length=1_000)
    """In the grammar of arXiv's API: `ti:"language model" AND abs:retrieval`."""
    most: int = Field(20_000, ge=1, le=30_000)
    """Records read, replacements of older papers included."""
    rss_base: str = "https://rss.arxiv.org"
    oai_base: str = "https://oaipmh.arxiv.org/oai"
    api_base: str = "https://export.arxiv.org/api/query"
    label: str = Field("", max_length=200)
    """How readers are told of this source, in place of "arXiv cs.CL, cs.LG"."""
    allow_private: bool = False
    """May the addresses be of this network?"""

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Arxiv":
        if not self.categories and not self.query.strip():
            raise ValueError('names neither categories nor a query: categories = ["cs.CL"]')
        if self.query.strip() and self.via in ("rss", "oai"):
            raise ValueError(f'a query goes through the API, not through "{self.via}": leave `via` out')
        return self

    @property
    def name(self) -> str:
        """How a reader is told of this source."""
        asked = [", ".join(self.categories), f"“{self.query.strip()}”" if self.query.strip() else ""]
        return clean_line(self.label) or clean_line(f"arXiv {' '.join(part for part in asked if part)}")

    def covers(self, window: Window) -> str:
        """The days of the announcements, and of the submissions among them that nobody held back."""
        found = batches(window)
        if not found:
            return f"nothing: arXiv announces nothing on {_days(window)}"
        start, end = found[0].start, found[-1].end
        year = f" {start.year}" if start.year != end.year else ""
        said = f"announced {_days(Window(found[0].announced, found[-1].announced))}"
        said += f" (submitted {start.day} {start:%B}{year} {start:%H:%M} – {end.day} {end:%B %Y %H:%M} UTC)"
        return f"{said}, as far as the feed of the day shows it" if self.via == "rss" else said

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """The papers announced in the window, for the first time unless `replacements` are wanted too.

        Raises SourceError where nothing could be read, or where what was read breaks off and nothing stands in for it.
        """
        if not batches(window):
            return
        way = "api" if self.query.strip() else self.via
        if way == "auto":
            yield from self._feed_and_changes(window, reach)
            return
        read = {"rss": self._feed, "oai": self._changes, "api": self._search}[way](window, reach)
        yield from read.problems
        yield from read.papers
        if read.fault:
            raise read.fault

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """What arXiv's API says of the papers with an arXiv id."""
        from digestor.sources.arxiv import api

        if ids := [paper.arxiv_id for paper in papers if paper.arxiv_id]:
            yield from api.by_ids(self.api_base, ids, reach.get, self._ask(self.api_base, fresh=86_400.0))

    def _feed_and_changes(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """Today's feed, and the record of changes where it does not show every day; one may fail."""
        today = reach.today or window.end
        due = [batch.announced for batch in batches(window) if batch.announced <= today]
        near = window.start <= today + timedelta(days=1) and window.end >= today - timedelta(days=1)
        feed = self._feed(window, reach) if near else Read()
        missing = [day for day in due if day not in feed.days]
        changes = self._changes(window, reach) if missing else Read()
        faults = [fault for fault in (feed.fault, changes.fault) if fault]
        known = {paper.id: paper for paper in changes.papers}
        shown = {paper.id: paper for paper in feed.papers}
        for paper in shown.values():  # the feed knows the day, the record of changes the rest
            fuller = known.get(paper.id, paper)
            yield fuller.model_copy(update={"announced": paper.announced})
        yield from (paper for paper in changes.papers if paper.id not in shown)
        yield from (*feed.problems, *changes.problems)
        if faults and not shown and not known and (changes.fault or not missing):
            raise SourceError(self.name, "; ".join(f"{fault.where}: {fault.what}" for fault in faults), faults[-1].todo)
        if feed.fault:
            what = f"today's feed could not be read ({feed.fault.where}: {feed.fault.what})"
            yield Problem(where=self.name, what=what, todo=feed.fault.todo)
        if changes.fault:
            why = f"{changes.fault.where}: {changes.fault.what}"
            what = f"not all announcements of {_listed(missing)} could be read ({why})"
            raise SourceError(self.name, what, AGAIN)

    def _feed(self, window: Window, reach: Reach) -> Read:
        """What the feed of the day has of these days: other days are left to their own issues."""
        from digestor.sources.arxiv import announcements

        url = f"{self.rss_base.rstrip('/')}/rss/{'+'.join(self.categories)}"
        try:
            reply = reach.get(self._ask(url)._replace(wanted=(200, 400)))
            if reply.status == 400:
                said = clean_line(re.sub(r"<[^<>]{0,200}>", " ", reply.body[:4_000].decode("utf-8", "replace")))[:300]
                raise SourceError(FEED, f"arXiv refused the request: {said}", "are the categories right?")
            found = list(announcements.parse(reply.body, FEED))
        except SourceError as fault:
            return Read(fault=fault)
        problems = [entry for entry in found if isinstance(entry, Problem)]
        entries = [entry for entry in found if isinstance(entry, announcements.Announced)]
        papers = [
            entry.paper.model_copy(update={"revision": entry.type in announcements.REPLACED})
            for entry in entries
            if (entry.day is None or window.start <= entry.day <= window.end)
            and (announcements.is_new(entry) or (self.replacements and entry.type in announcements.REPLACED))
            and (self.cross or "cross" not in entry.type)
        ]
        days = frozenset(entry.day for entry in entries if entry.day)
        if len(found) >= FEED_HOLDS:
            what, days = f"the feed is full: it holds {FEED_HOLDS:,} papers, and there may be more", frozenset()
            problems.append(Problem(where=self.name, what=what, todo="make several sources of the categories"))
        return Read(papers, problems, None, days)

    def _changes(self, window: Window, reach: Reach) -> Read:
        """What of all that was added or changed since then is new in these days."""
        from digestor.sources.arxiv import oai

        sets = [oai.set_of(name) for name in self.categories]
        start = batches(window)[0].announced - BEFORE
        ask = self._ask(self.oai_base, within=120.0)
        found = self._bounded(oai.harvest(self.oai_base, sets, start, reach.get, ask))
        return self._of_window(found, window, reach)

    def _search(self, window: Window, reach: Reach) -> Read:
        """What of all that was submitted until then, and not long before, is new in these days."""
        from digestor.sources.arxiv import api

        found = batches(window)
        named = " OR ".join(f"cat:{name}.*" if name in SPLIT else f"cat:{name}" for name in self.categories)
        query = " AND ".join(f"({part})" for part in (self.query.strip(), named) if part)
        start, end = found[0].start - HELD, found[-1].end - timedelta(minutes=1)
        ask = self._ask(self.api_base, fresh=43_200.0)
        return self._of_window(api.by_query(self.api_base, query, start, end, self.most, reach.get, ask), window, reach)

    def _of_window(self, records: Iterator[Paper | Problem], window: Window, reach: Reach) -> Read:
        papers: list[Paper] = []
        problems: list[Problem] = []
        fault = None
        try:
            for record in records:
                if isinstance(record, Problem):
                    problems.append(record)
                elif self.replacements or _is_of(record, window):
                    papers.append(record)
        except SourceError as error:
            fault = error
        today = (reach.today or window.end) + timedelta(days=1)  # it is tomorrow elsewhere
        return Read(list(self._announced(papers, window, today)), problems, fault)

    def _bounded(self, records: Iterator[Paper | Problem]) -> Iterator[Paper | Problem]:
        """So many records at most; nothing of those that were deleted."""
        for number, record in enumerate(records):
            if number == self.most:
                what = f"more than {self.most:,} records were changed; the others were not read"
                yield Problem(where=self.name, what=what, todo="raise `most`, or name fewer categories")
                return
            if isinstance(record, Paper) or record.lost:
                yield record

    def _announced(self, papers: Sequence[Paper], window: Window, today: date) -> Iterator[Paper]:
        """The papers of the window, with the day; one that may be of it and may be of the days before is of it."""
        new = set()
        for paper, first, last in place(papers, today):
            if not self._is_wanted(paper):
                continue
            if window.start <= first <= window.end:
                new.add(paper.id)
                yield paper.model_copy(update={"announced": first})
            elif first < window.start <= last and paper.version in (None, 1) and _is_of(paper, window):
                new.add(paper.id)
                yield paper.model_copy(update={"announced": batches(window)[0].announced})
        for paper in papers if self.replacements else ():
            day = announced_on(paper.updated) if paper.updated and (paper.version or 1) > 1 else None
            if day and paper.id not in new and window.start <= day <= window.end and self._is_wanted(paper):
                yield paper.model_copy(update={"announced": day, "revision": True})

    def _is_wanted(self, paper: Paper) -> bool:
        listed = paper.categories if self.cross else paper.categories[:1]
        wanted = self.categories
        return not wanted or any(name in wanted or name.partition(".")[0] in wanted for name in listed)

    def _ask(self, url: str, within: float = 60.0, fresh: float = 3_600.0) -> Ask:
        """One request in three seconds, over all of arXiv's interfaces: its terms of use."""
        return Ask(url, family="arxiv", spacing=3.0, within=within, fresh=fresh, private=self.allow_private)


def _is_of(paper: Paper, window: Window) -> bool:
    """Is the month in its id one of the window's, or the one before?"""
    month = month_of(paper.arxiv_id or "")
    first, last = (day.year * 12 + day.month for day in window)
    return month is not None and first - 1 <= month <= last


def _days(window: Window) -> str:
    return f"{window.end.day} {window.end:%B %Y}" if window.start == window.end else span(window)


def _listed(days: Sequence[date]) -> str:
    """`16, 17 and 18 November 2026`, or where they are of several months or many, from the first to the last."""
    if len(days) > 5 or (days[0].year, days[0].month) != (days[-1].year, days[-1].month):
        return _days(Window(days[0], days[-1]))
    *numbers, last = (str(day.day) for day in days)
    return f"{', '.join(numbers)}{' and ' if numbers else ''}{last} {days[-1]:%B %Y}"
