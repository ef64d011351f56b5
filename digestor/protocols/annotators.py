"""What an annotator is given, and what it must do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol, runtime_checkable

from digestor.models import Annotation, Paper, Plan, Spent


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
    reader: str = ""
    """What the newsletter's reader works on and looks for, in plain words; empty where no interests are set."""


@runtime_checkable
class Annotator(Protocol):
    """Who writes the line, the tags and the flag."""

    def signature(self, vocabulary: Vocabulary, reader: str = "") -> str:
        """Name and version of whatever changes an answer: the store keeps annotations by it.

        `reader` is what `Desk.reader` will be; only an annotator that is told of the reader minds it.
        """

    def annotate(self, papers: Iterable[Paper], desk: Desk) -> Iterator[Annotation]:
        """One annotation for each paper, as each is done, in any order; `paper_id` ties it to its paper.

        Raises AnnotatorError when it cannot work at all.
        """


@runtime_checkable
class Paid(Protocol):
    """An annotator that costs something, and can say beforehand what."""

    def secrets(self, environ: Mapping[str, str]) -> list[str]:
        """The environment variables that it cannot do without."""

    def check(self, vocabulary: Vocabulary, environ: Mapping[str, str], reader: str = "") -> list[tuple[str, str]]:
        """What it will use, as pairs of a word and what was found. Nothing is sent. Raises ConfigError."""

    def plan(self, papers: Iterable[Paper], desk: Desk) -> Plan:
        """What annotating these papers would take; nothing is sent."""
