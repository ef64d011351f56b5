"""Hugging Face daily papers: what its readers put forward, with their votes, the repository and the project's page."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple
from urllib.parse import quote

from pydantic import Field

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.period import daily, monthly, span, weekly
from digestor.protocols import Ask, Reach, Reply, Window
from digestor.sources.daily_papers import parse_daily_papers
from digestor.text import clean_line

LIMIT = 100
"""Papers of a page, the most that the site gives."""
PAGES = 500
"""Pages of one list; more is a server that goes round in circles."""
SPACING = 0.7
"""Seconds: without a token the site bears 500 requests in five minutes."""
BYTES = 10_000_000
"""Of a reply; a full page has less than one million."""
LAST_WEEK = 52
"""The site refuses `2026-W53`, so its days are asked for one by one."""


class Listing(NamedTuple):
    """A list that the site keeps: `week=2026-W47`, and the day on which it begins."""

    name: str
    value: str
    start: date


class HuggingFace(Record):
    """The daily papers of Hugging Face, or what its search finds."""

    kind: Literal["huggingface"] = "huggingface"
    label: str = ""
    """How a reader is told of it, in place of the name it has by itself."""
    search: str = Field(default="", max_length=250)
    """Words to search the site's papers for, in place of its daily list."""
    min_upvotes: int = Field(default=0, ge=0)
    """Leave out papers with fewer votes; how many those were is said in the issue."""
    sort: Literal["publishedAt", "trending"] = "publishedAt"
    """`trending` is what the site shows as trending now, whatever the days: only what was featured on them is taken."""
    most: int = Field(default=2_000, ge=1, le=20_000)
    """Papers that are read at most, those left out for their votes included."""
    most_lookups: int = Field(default=100, ge=0, le=1_000)
    """Papers of other sources that are looked up at most, one request each."""
    token_env: str = ""
    """The environment variable with an access token; not needed, but the site then bears twice as many requests."""
    base_url: str = Field(default="https://huggingface.co", pattern=r"^https?://[^\s?#]+$")
    """Where the site is, or a mirror of it."""
    allow_private: bool = False
    """May that be on this machine or this network?"""

    @property
    def name(self) -> str:
        """How a reader is told of it."""
        return self.label or (f"Hugging Face: {self.search}" if self.search else "Hugging Face daily papers")

    def covers(self, window: Window) -> str:
        """What the days of an issue mean to it."""
        days = daily(window.start).spoken if window.start == window.end else span(window)
        if self.search:
            return f"featured or published {days}"
        return f"trending, and featured {days}" if self.sort == "trending" else f"featured {days}"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """The papers that were featured in the window; those that a search finds may only be published in it.

        Raises SourceError; what it yielded before counts. A weekend has few papers or none.
        """
        read = few = outside = 0
        for found in self._searched(reach) if self.search else self._listed(window, reach):
            if isinstance(found, Problem):
                yield found
                continue
            if read == self.most:
                what = f"has more than {self.most:,} papers; the others were not read"
                yield Problem(where=self.name, what=what, todo="raise `most`, or make an issue of fewer days")
                break
            read += 1
            if not _is_in(found, window):
                outside += 1
            elif found.upvotes is not None and found.upvotes < self.min_upvotes:
                few += 1
            else:
                yield found
        if few:
            what = f"left out {few:,} with fewer than {self.min_upvotes:,} votes"
            yield Problem(where=self.name, what=what, todo="lower `min_upvotes` to see them")
        if outside and not self.search and self.sort != "trending":
            yield Problem(where=self.name, what=f"left out {outside:,} that were not featured on the days asked for")

    def look_up(self, papers: Sequence[Paper], reach: Reach) -> Iterator[Paper | Problem]:
        """Votes, repository, stars and project page of papers with an arXiv id. Raises SourceError."""
        wanted = list(dict.fromkeys(paper.arxiv_id for paper in papers if paper.arxiv_id))
        for arxiv_id in wanted[: self.most_lookups]:
            reply = self._got(f"/api/papers/{quote(arxiv_id)}", (), reach, (200, 404))
            if reply.status == 404:
                continue
            for found in parse_daily_papers(reply.body, f"{self.name}:{arxiv_id}"):
                if isinstance(found, Problem):
                    yield found.model_copy(update={"lost": 0})
                elif found.arxiv_id == arxiv_id:
                    yield found
        if len(wanted) > self.most_lookups:
            what = f"was not asked about {len(wanted) - self.most_lookups:,} of {len(wanted):,} papers"
            yield Problem(where=self.name, what=what, todo="raise `most_lookups`")

    def _searched(self, reach: Reach) -> Iterator[Paper | Problem]:
        query = (("q", self.search), ("limit", str(LIMIT)))
        reply = self._got("/api/papers/search", query, reach, (200, 400))
        if reply.status == 400:
            raise self._refusal(f"search {self.search!r}", reply)
        yield from parse_daily_papers(reply.body, self.name)

    def _listed(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """Each paper once, though one may be on two pages because others came in between."""
        seen = set[str]()
        for listing in listings(window, reach.today):
            for found in self._pages(listing, reach):
                if isinstance(found, Problem):
                    yield found
                elif found.id not in seen:
                    seen.add(found.id)
                    yield found

    def _pages(self, listing: Listing, reach: Reach) -> Iterator[Paper | Problem]:
        """The pages of a list until one has nothing new: a page may hold fewer than were asked for."""
        seen = set[str]()
        last = b""
        for page in range(PAGES):
            query = ((listing.name, listing.value), ("sort", self.sort), ("limit", str(LIMIT)), ("p", str(page)))
            reply = self._got("/api/daily_papers", query, reach, (200, 400))
            if reply.status == 400:
                begun = reach.today is None or listing.start < reach.today
                if page or not begun:  # behind the last page, or a day that has not come yet where the site is
                    return
                raise self._refusal(f"{listing.name} {listing.value}", reply)
            found = list(parse_daily_papers(reply.body, self.name)) if reply.body != last else []
            new = {paper.id for paper in found if isinstance(paper, Paper)} - seen
            if not new and not any(isinstance(problem, Problem) for problem in found):
                return
            yield from found
            seen |= new
            last = reply.body
        what = f"did not come to an end after {PAGES} pages of {listing.name} {listing.value}"
        yield Problem(where=self.name, what=what, todo="ask for fewer days")

    def _got(self, path: str, query: Sequence[tuple[str, str]], reach: Reach, wanted: tuple[int, ...]) -> Reply:
        token = reach.environ.get(self.token_env, "").strip() if self.token_env else ""
        if not (token.isascii() and token.isprintable()):
            raise SourceError(self.name, f"{self.token_env} holds no access token", "copy it anew, or leave it out")
        return reach.get(
            Ask(
                url=f"{self.base_url.rstrip('/')}{path}",
                query=query,
                headers={"Authorization": f"Bearer {token}"} if token else {},
                secret=("Authorization",),
                spacing=SPACING,
                most=BYTES,
                private=self.allow_private,
                wanted=wanted,
            )
        )

    def _refusal(self, what: str, reply: Reply) -> SourceError:
        """Why the site did not answer, in its own words where it says so."""
        try:
            body = json.loads(reply.body[:10_000])
        except (ValueError, RecursionError):
            body = None
        said = body.get("error") if isinstance(body, dict) else None
        why = f": {clean_line(said[:200])}" if isinstance(said, str) else ""
        return SourceError(self.name, f"refused {what}{why}", "are the days and the keys of this source right?")


def listings(window: Window, today: date | None) -> list[Listing]:
    """The lists that hold the papers of a window: a week's, a month's, or one for each day until today."""
    start, end = window
    if today and start > today:  # the site refuses days to come
        return []
    week = weekly(start)
    if window == week.window and start.isocalendar().week <= LAST_WEEK:
        return [Listing("week", week.id, start)]
    month = monthly(start)
    if window == month.window:
        return [Listing("month", month.id, start)]
    days = ((min(end, today) if today else end) - start).days + 1
    return [Listing("date", day.isoformat(), day) for day in (start + timedelta(days=n) for n in range(days))]


def _is_in(paper: Paper, window: Window) -> bool:
    """Was it featured, or else published, in the window? What has no date is there because the site put it there."""
    day = paper.announced or (paper.published.date() if paper.published else None)
    return day is None or window.start <= day <= window.end
