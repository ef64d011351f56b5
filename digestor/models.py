"""The data, on one page: Paper -> Annotation -> Issue -> Message.

Facts (`Paper`), judgements (`Annotation`), one edition (`Issue`) and its rendered forms (`Message`).
All are frozen and do nothing; whatever acts on them lives in the module named after the action.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Status = Literal["released", "promised", "mentioned", "none"]
Artefact = Literal["code", "model", "data"]
Origin = Literal["extractive", "llm", "fallback"]
Line = Annotated[str, StringConstraints(pattern=r"\A[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\z")]
"""Text that is not empty and stays on one line."""


class Record(BaseModel):
    """What every piece of data here is: frozen, with no fields but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paper(Record):
    """What a source says of a paper. Text fields have been through `text.clean` once, at the source."""

    id: Line
    """Given by the source, or made from the paper's own words; unique among the papers of one run."""
    title: Line
    abstract: str = ""
    """Paragraphs divided by a newline; empty where the source had none."""
    url: str | None = None
    authors: tuple[str, ...] = ()
    published: AwareDatetime | None = None
    """When the paper came out, in UTC; None where the source does not say (never guessed)."""
    arxiv_id: str | None = None
    """Without version: `2303.00763`, `math/0309136`."""
    version: int | None = None
    doi: str | None = None
    """Lower case, without resolver: `10.1000/182`."""
    categories: tuple[str, ...] = ()
    code_url: str | None = None
    """A repository that the source's metadata names."""
    upvotes: int | None = None
    source: str = ""
    """The kind of source it came from: `pages`, `records`, ..."""
    also: tuple[str, ...] = ()
    """Ids of the other records that turned out to be this same paper."""


class Problem(Record):
    """Something a reader should know: where, what, what to do. A source yields it in place of a paper."""

    where: str
    what: str
    todo: str = ""
    lost: int = 0
    """How many papers could not be read because of it; they are counted as failed."""


class Code(Record):
    """Is there code, a model, data? Never without evidence."""

    status: Status = "none"
    url: str | None = None
    """Cleaned; stands in the evidence or in the source's metadata."""
    evidence: str = ""
    """Verbatim from where it was found; empty for `none`."""
    artefacts: tuple[Artefact, ...] = ()
    """What is released or promised."""
    found_in: Literal["title", "abstract", "metadata"] | None = None


class Annotation(Record):
    """What an annotator says of a paper: a judgement, signed."""

    paper_id: str
    tags: Annotated[tuple[str, ...], Field(min_length=1, max_length=3)]
    """Ids of the taxonomy; the first is the primary one; `other` where none fits."""
    summary: Line | None = None
    """One sentence that the abstract supports; None where there is no abstract to draw on."""
    code: Code = Code()
    origin: Origin
    annotator: str
    """Who signs: name and version, or model and prompt@hash."""
    note: str = ""
    """For a fallback, why."""
    doubts: tuple[str, ...] = ()
    """What the soft checks of `faithful` found."""


class Ledger(Record):
    """Where every paper that came in ended: `read` is the sum of the others."""

    read: int = 0
    duplicates: int = 0
    published: int = 0
    filtered: int = 0
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
