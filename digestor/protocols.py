"""The seams, on one page. An implementation is a frozen pydantic model whose fields are its config keys.

Objects hold configuration; capabilities come in as arguments. So an implementation can be made, compared and
printed without touching anything, and a test hands in what it likes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from digestor.models import Annotation, Message, Paper, Plan, Problem, Spent


class Window(NamedTuple):
    """The days an issue covers, both included."""

    start: date
    end: date


@runtime_checkable
class Source(Protocol):
    """Where papers come from."""

    @property
    def name(self) -> str:
        """How a reader is told of this source: a file's name, a feed's title."""

    def papers(self, window: Window) -> Iterator[Paper | Problem]:
        """Every paper the source has for the window, and a Problem in place of each one it could not read.

        A file knows no dates, so it may ignore the window. Raises SourceError when nothing can be read at all.
        """


class Vocabulary(Protocol):
    """The tags there are. `taxonomy.Taxonomy` is the one there is; here so that annotators can name it."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Tag id -> label; `other` is always among them."""

    @property
    def definitions(self) -> Mapping[str, str]:
        """Tag id -> what belongs there, for whoever chooses tags by reading; may be empty."""

    @property
    def areas(self) -> Mapping[str, str]:
        """Tag id -> the label of its area, for the tags that have one."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever an answer could."""

    def tag(self, title: str, abstract: str) -> tuple[str, ...]:
        """One to three tag ids, the first the primary one; `("other",)` where none fits."""


class Journal(Protocol):
    """What was asked and answered, kept from run to run. `store.Store` is the one there is.

    An answer is text (JSON) that was paid for. It is kept by the words of its paper and by `asker`, the name of
    whatever else it depends on (model, prompt, parameters); never by the request that brought it.
    """

    def answers(self, paper: Paper, asker: str) -> list[str]:
        """What was answered of a paper with the very same words, the first answer first."""

    def begin(self, asker: str, papers: int) -> int:
        """Note that a request for so many papers is about to be sent; the number of the attempt."""

    def settle(self, attempt: int, asker: str, answers: Sequence[tuple[Paper, str]] = ()) -> None:
        """Commit what an attempt brought, in one step with its end. An answer is added to those before it."""

    def forget(self, paper: Paper, asker: str) -> None:
        """Drop what was answered of a paper, so that it is asked about anew."""

    def unsettled(self, asker: str) -> tuple[int, int]:
        """The requests, and the papers in them, that an earlier run began and did not settle; then forgotten."""

    def recall(self, name: str) -> str:
        """A note made before under this name; empty where there is none."""

    def note(self, name: str, text: str) -> None:
        """Keep a note: what a server was found to understand, a batch under way."""


class Outside(NamedTuple):
    """What only the command line has: the environment, the user's eyes, a clock to wait by."""

    environ: Mapping[str, str] = MappingProxyType({})
    tell: Callable[[str], None] = lambda line: None
    """Called with what a user should know at once: a line of plain words, no secret and no reader's address in it."""
    pause: Callable[[float], None] = lambda seconds: None
    """Waits so many seconds."""
    resend_unknown: bool = False
    """Did the user ask to send again where nobody can know whether it arrived?"""
    today: date | None = None
    ask_again: bool = False
    """Did the user ask for another try at papers that fell back?"""


class Desk(NamedTuple):
    """What an annotator is given to work with, beside the papers."""

    vocabulary: Vocabulary
    journal: Journal
    environ: Mapping[str, str] = MappingProxyType({})
    """The environment: secrets are taken from here, by the names in the config."""
    tell: Callable[[str], None] = lambda line: None
    """Called with what a user should know at once: a line of plain words, no secret in it."""
    bill: Callable[[Spent], None] = lambda spent: None
    """Called with what was spent so far, whenever that changes."""
    ask_again: bool = False
    """Did the user ask for another try at papers that fell back?"""


@runtime_checkable
class Annotator(Protocol):
    """Who writes the line, the tags and the flag."""

    def signature(self, vocabulary: Vocabulary) -> str:
        """Name and version of whatever changes an answer: the store keeps annotations by it."""

    def annotate(self, papers: Iterable[Paper], desk: Desk) -> Iterator[Annotation]:
        """One annotation for each paper, as each is done, in any order; `paper_id` ties it to its paper.

        Raises AnnotatorError when it cannot work at all.
        """


@runtime_checkable
class Paid(Protocol):
    """An annotator that costs something, and can say beforehand what."""

    def secrets(self, environ: Mapping[str, str]) -> list[str]:
        """The environment variables that it cannot do without."""

    def check(self, vocabulary: Vocabulary, environ: Mapping[str, str]) -> list[tuple[str, str]]:
        """What it will use, as pairs of a word and what was found. Nothing is sent. Raises ConfigError."""

    def plan(self, papers: Iterable[Paper], desk: Desk) -> Plan:
        """What annotating these papers would take; nothing is sent."""


SendState = Literal["sending", "sent", "retry", "failed", "unknown"]
"""Claimed and not settled; delivered; to be tried again (nothing was delivered); refused for good; nobody can know."""


class Sends(Protocol):
    """The ledger of sends: nobody gets an issue twice, not even after `kill -9`. `store.Store.sends` is the one.

    `to` is an address as written or a webhook's name; the ledger keeps only a hash of it. `way` names the delivery.
    """

    def claim(self, way: str, issue: str, to: str, again: bool = False) -> SendState | None:
        """Take it upon oneself to send, in one committed step BEFORE anything is sent; None: it is ours to send now.

        Otherwise the state it is in: it was sent, or failed for good, or was claimed by a run that died (`sending`,
        `unknown`: only `again` claims those), so it must not be sent. A `retry` is claimed like a first one.
        """

    def settle(self, way: str, issue: str, to: str, state: SendState, reply: str = "") -> None:
        """What came of a claim; `reply` is the server's line, without addresses."""

    def count(self, way: str, issue: str) -> Mapping[SendState, int]:
        """How many of an issue are in which state."""

    def suppress(self, to: str, why: str) -> None:
        """Never send to this address again: it unsubscribed, or does not exist."""

    def suppressed(self, to: str) -> str | None:
        """Why nothing may be sent to an address; None where it may."""


class Office(NamedTuple):
    """What a delivery is given to work with, beside the message."""

    sends: Sends
    environ: Mapping[str, str] = MappingProxyType({})
    tell: Callable[[str], None] = lambda line: None
    """Called with what a user should know at once: a line of plain words, no secret and no reader's address in it."""
    progress: Callable[[str, int, int | None], None] = lambda doing, done, of: None
    pause: Callable[[float], None] = lambda seconds: None
    """Waits so many seconds."""
    resend_unknown: bool = False
    """Did the user ask to send again where nobody can know whether it arrived?"""
    shelf: Callable[[Path], Mapping[str, str]] | None = None
    """What stands beside the issues of a folder (index, feed): file name -> text, made from the issue files in it."""


@runtime_checkable
class Delivery(Protocol):
    """Where an issue goes."""

    def deliver(self, message: Message, office: Office) -> list[str]:
        """Bring the message there; say where it now is. Files: whole or not at all. Raises DeliveryError."""
