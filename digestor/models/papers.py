"""Papers and what is said of them: facts, and judgements that are signed."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Status = Literal["released", "promised", "mentioned", "none"]
Artefact = Literal["code", "model", "data"]
Standing = Literal["active", "withdrawn", "retracted"]
Origin = Literal["extractive", "llm", "fallback"]
Line = Annotated[str, StringConstraints(pattern=r"\A[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\z")]
"""Text that is not empty and stays on one line."""


Words = Annotated[str, AfterValidator(lambda text: text.encode("utf-8", "replace").decode())]
"""Text that can be written, whatever it was made of: half a surrogate pair in it becomes a question mark."""


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
    """The kind of source it came from: `pages`, `records`, ...; several of a merged paper, with `+` between them."""
    also: tuple[str, ...] = ()
    """Ids of the other records that turned out to be this same paper."""
    announced: date | None = None
    """The day its source announced it, which may be long after `published`; None where the source announces nothing."""
    updated: AwareDatetime | None = None
    """When this version came out, in UTC."""
    pmid: str | None = None
    project_url: str | None = None
    """A page of the project that the source's metadata names; may hold code, or not."""
    stars: int | None = None
    """Of the repository."""
    organisation: str = ""
    venue: str = ""
    """The journal or conference, as the source has it."""
    comment: str = ""
    """What the authors say beside the abstract: "12 pages; accepted at ..."."""
    licence: str = ""
    """Of the text, as the source has it: an address or a name."""
    standing: Standing = "active"
    flags: tuple[str, ...] = ()
    """What a reader should be wary of: `prompt_injection?`."""
    seen_in: tuple[str, ...] = ()
    """The names of the sources that had it."""
    revision: bool = False
    """Was it announced as a new version of an old paper? Then it is news only to who has read the old one."""


class Problem(Record):
    """Something a reader should know: where, what, what to do. A source yields it in place of a paper."""

    where: Words
    what: Words
    todo: Words = ""
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
    relevance: Annotated[int, Field(ge=0, le=3)] | None = None
    """To this newsletter's reader, as a chat model judges it: 0 not at all, 3 must be read. None where nobody asked."""
    why: str = ""
    """For `relevance`: half a line, the model's own."""
