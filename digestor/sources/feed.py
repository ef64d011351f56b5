"""Feeds: what a journal, a preprint server or anybody else shows of late, as RSS, RDF, Atom or JSON Feed."""

import re
from collections.abc import Iterator
from datetime import UTC, date
from typing import Literal
from urllib.parse import urljoin, urlsplit

from pydantic import Field, model_validator

from digestor.errors import SourceError
from digestor.models import Paper, Problem, Record
from digestor.period import span
from digestor.protocols import Ask, Reach, Reply, Window
from digestor.sources.formats import parse_feed
from digestor.text.identifiers import safe_url

ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, */*;q=0.5"
LOOKED_AT = 200_000
"""Bytes of a web page in which the address of its feed is looked for."""
PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,999}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
LINK = re.compile(rb"<link\b([^<>]{0,2000})>", re.IGNORECASE)
FEED = re.compile(rb"application/(?:rss|atom|rdf)\+xml", re.IGNORECASE)
HREF = re.compile(rb"""\bhref\s?=\s?["']?([^"'\s<>]{1,1000})""", re.IGNORECASE)


class Feed(Record):
    """Any RSS, RDF, Atom or JSON feed."""

    kind: Literal["feed"] = "feed"
    url: str = Field(pattern=r"^https?://[^\s/?#@]+(?:[/?#]\S*)?$", max_length=2_000)
    """The feed's address; http only where `allow_private` is set."""
    label: str = Field("", max_length=100)
    """How a reader is told of it; else its host: "www.nature.com"."""
    days: Literal["window", "all"] = "window"
    """`window`: of the entries that have a date, those of the issue's days; `all`: whatever the feed shows."""
    allow_private: bool = False
    """May the address be of this machine or network, or be http?"""

    @model_validator(mode="after")
    def _can_be_asked(self) -> "Feed":
        parts = urlsplit(self.url)  # raises ValueError for brackets without an address in them, and
        if parts.port == 0:  # for a port that is none
            raise ValueError("url: there is no port 0")
        if parts.scheme == "http" and not self.allow_private:
            raise ValueError("url: is not https; allow_private = true takes http, for a server of your own")
        return self

    @property
    def name(self) -> str:
        """The label, or the host."""
        return self.label or (urlsplit(self.url).hostname or self.url)[:100]

    def covers(self, window: Window) -> str:
        """Which entries are taken: those of the days and those without a date, or all."""
        if self.days == "all":
            return "all that it shows"
        return f"dated {_spoken(window)}, and undated"

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        """The entries of the window, by their dates in UTC, and those that have none. Raises SourceError.

        One dated after today is out already, for the feed shows it (journals date by the issue to come): it is kept.
        """
        past, coming = 0, 0
        today = reach.today or window.end
        for found in self._parsed(reach.get(self._ask())):
            dated = _day(found) if isinstance(found, Paper) else None
            if dated and self.days == "window" and not window.start <= dated <= window.end and dated <= today:
                past += 1
                continue
            coming += dated is not None and dated > max(today, window.end)
            yield found
        if past:
            what = f"{past} {'entry is' if past == 1 else 'entries are'} of other days"
            yield Problem(where=self.name, what=what, todo='days = "all" takes them too')
        if coming:
            what = f"{coming} {'entry is' if coming == 1 else 'entries are'} dated in the future"
            yield Problem(where=self.name, what=what, todo="they are in the issue: the feed shows them already")

    def _ask(self) -> Ask:
        host = (urlsplit(self.url).hostname or "").lower()
        arxiv = host == "arxiv.org" or host.endswith(".arxiv.org")
        return Ask(
            self.url.partition("#")[0],
            headers={"Accept": ACCEPT},
            family="arxiv" if arxiv else "",
            spacing=3.0 if arxiv else 1.0,
            private=self.allow_private,
        )

    def _parsed(self, reply: Reply) -> Iterator[Paper | Problem]:
        if PAGE.match(reply.body):
            raise SourceError(self.name, "is a web page and no feed", _advice(reply))
        if not reply.body.strip():
            raise SourceError(self.name, "answered with nothing", "try again later")
        return parse_feed(reply.body, self.name)


def _day(paper: Paper) -> date | None:
    """The day that an entry is of: announced, else come out, else brought up to date; in UTC."""
    moment = paper.published or paper.updated
    return paper.announced or (moment.astimezone(UTC).date() if moment else None)


def _spoken(window: Window) -> str:
    if window.start == window.end:
        return f"{window.start.day} {window.start:%B %Y}"
    return span(window)


def _advice(reply: Reply) -> str:
    """Which feed a page names, if it does."""
    for link in LINK.findall(reply.body[:LOOKED_AT]):
        if FEED.search(link) and (found := HREF.search(link)):
            try:
                address = safe_url(urljoin(reply.url, found[1].decode("utf-8", "replace").replace("&amp;", "&")))
            except ValueError:  # brackets without an IPv6 address
                continue
            if address:
                return f"its feed seems to be at {address}"
    return "look for the word RSS or Feed on it, and take the address of that link"
