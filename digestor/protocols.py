"""The seams, on one page. An implementation is a frozen pydantic model whose fields are its config keys.

Objects hold configuration; capabilities come in as arguments. So an implementation can be made, compared and
printed without touching anything, and a test hands in what it likes.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple, Protocol, runtime_checkable

from digestor.models import Annotation, Message, Paper, Problem


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
    def areas(self) -> Mapping[str, str]:
        """Tag id -> the label of its area, for the tags that have one."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever an answer could."""

    def tag(self, title: str, abstract: str) -> tuple[str, ...]:
        """One to three tag ids, the first the primary one; `("other",)` where none fits."""


@runtime_checkable
class Annotator(Protocol):
    """Who writes the line, the tags and the flag."""

    def signature(self, vocabulary: Vocabulary) -> str:
        """Name and version of whatever changes an answer: the store keeps annotations by it."""

    def annotate(self, papers: Iterable[Paper], vocabulary: Vocabulary) -> Iterator[Annotation]:
        """One annotation for each paper, as each is done, in any order; `paper_id` ties it to its paper.

        Raises AnnotatorError when it cannot work at all.
        """


@runtime_checkable
class Delivery(Protocol):
    """Where an issue goes."""

    def deliver(self, message: Message) -> list[str]:
        """Bring the message there, whole or not at all; say where it now is. Raises DeliveryError."""
