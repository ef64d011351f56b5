"""One edition and its rendered forms, and the accounts that go with it."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from digestor.models.papers import Annotation, Paper, Problem, Record


class Ledger(Record):
    """Where every paper that came in ended: `read` is the sum of the others."""

    read: int = 0
    duplicates: int = 0
    published: int = 0
    filtered: int = 0
    listed: int = 0
    """Named in the issue by title alone."""
    annotated: int = 0
    fallback: int = 0
    failed: int = 0


class Spent(Record):
    """What a chat model took, as its server counted it."""

    requests: int = 0
    """Sent, those that failed included."""
    papers: int = 0
    """Answered."""
    tokens_in: int = 0
    cached: int = 0
    """Of `tokens_in`, what the server had in its prompt cache."""
    tokens_out: int = 0
    reasoning: int = 0
    """Of `tokens_out`, what the model thought and did not say."""
    cost: float | None = None
    """US dollars; None where no price is known."""
    skipped: int = 0
    """Papers not asked about, because the budget would not bear it."""


class Plan(Record):
    """What annotating would take, before anything is sent."""

    annotator: str
    papers: int
    """To be asked about; those answered before are not among them."""
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    """Expected; what is reserved while a request is under way is more."""
    cost: float | None = None
    """US dollars; None where no price is known."""
    counted: str = ""
    """How tokens were counted, and where the price is from."""


class Entry(Record):
    """A paper in an issue, with what is said of it."""

    paper: Paper
    annotation: Annotation
    why: str = ""
    """Why it stands where it stands, where interests are set: "“tides” in the title; by A. One"."""
    score: float | None = None
    """What it was ranked by, where interests are set; only comparable within an issue."""


class Listed(Record):
    """A paper of the issue for which there was no room: nobody was asked about it."""

    paper: Paper
    """Without what `UNLISTED` names: a week of arXiv lists thousands."""
    why: str = ""


UNLISTED = frozenset(
    """abstract also announced updated project_url stars organisation venue comment licence flags seen_in
    revision""".split()
)
"""What is not kept of a paper that is only listed."""


class Trend(Record):
    """What is more, or less, or here again, beside the issues before."""

    kind: Literal["rising", "falling", "author", "organisation"]
    name: str
    """A tag's label, or a name."""
    now: int
    """Papers in this issue."""
    before: float
    """Papers in an issue before, on average; for names, papers in all of them."""
    issues: int
    """How many issues before were looked at."""


class Section(Record):
    """The entries that share a primary tag."""

    tag: str
    title: str
    area: str = ""
    """The label of the tag's area; sections of one area follow each other."""
    entries: tuple[Entry, ...]


class Pick(Record):
    """The one paper to read for whoever reads only one."""

    paper_id: str
    why: str
    """The reason in a few words, computed: "most votes (41), with code"."""


class Gathered(Record):
    """What one source gave, so that a reader can tell a quiet week from a broken source."""

    name: str
    papers: int = 0
    covers: str = ""
    """What the period means to it, in words: "announced 16–20 November 2026"; empty where it knows no dates."""
    state: Literal["read", "failed"] = "read"
    collected: int = 0
    """Of `papers`, those it gave on an earlier day and no more today."""


class Issue(Record):
    """One edition, complete; knows no format."""

    id: str
    """`2026-W47`, `2026-11-21` or `2026-11`."""
    title: str
    start: date
    end: date
    """The first and last day of the period, both included."""
    sections: tuple[Section, ...]
    ledger: Ledger
    problems: tuple[Problem, ...] = ()
    labels: Mapping[str, str] = Field(default_factory=dict)
    """Tag id -> label, for every tag in the issue."""
    pick: Pick | None = None
    carried: tuple[Entry, ...] = ()
    """Papers of earlier issues that came again and now have code; they are counted as published before."""
    updated: tuple[Entry, ...] = ()
    """Papers of earlier issues whose abstract has since been much rewritten; they are counted as published before."""
    sources: tuple[Gathered, ...] = ()
    listed: tuple[Listed, ...] = ()
    """The best first."""
    outside: Pick | None = None
    """The one paper that is not what the reader usually reads."""
    trends: tuple[Trend, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader should know of this issue: "No issue was made for 2026-W46; this one catches up"."""


UNSUBSCRIBE = "https://unsubscribe.invalid/"
"""Stands in a mail where each recipient's own address to unsubscribe goes (or a mailto: in its place)."""


class Mail(Record):
    """An issue as an email, the same for everybody but for UNSUBSCRIBE."""

    subject: str
    preheader: str
    html: str
    text: str


class Message(Record):
    """An issue rendered: format name (`md`, `html`, `txt`, `json`) -> text."""

    id: str
    subject: str
    formats: Mapping[str, str]
    mail: Mail | None = None
    day: date | None = None
    """The last day of the issue."""
