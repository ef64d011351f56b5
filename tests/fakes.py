"""Stand-ins for what a run is given: a shelf of papers, an annotator that counts, an outbox."""

from collections.abc import Iterable, Iterator
from datetime import date

from digestor import taxonomy
from digestor.errors import DeliveryError, SourceError
from digestor.models import Annotation, Code, Message, Paper, Problem
from digestor.protocols import Desk, Journal, Kept, Office, Reach, Sends, Vocabulary, Window
from digestor.store import Store
from digestor.web import Web

TOPICS = (
    "Bees navigate by polarised light",
    "Sorting networks for slow memory",
    "Rivers as random walks",
    "Typed holes in spreadsheets",
    "Glacier sounds from fibre cables",
    "Proofs by colouring games",
)


def a_paper(number: int = 0, **fields: object) -> Paper:
    """A paper of its own, with words no other number has."""
    topic = TOPICS[number % len(TOPICS)]
    own = " ".join(f"{topic.split()[0].lower()}{number}word{i}" for i in range(40))
    given: dict[str, object] = {
        "id": f"p{number}",
        "title": f"{topic}, study {number}",
        "abstract": f"We study {topic.lower()} in setting {number}. {own}.",
        "source": "shelf",
    }
    return Paper.model_validate({**given, **fields})


class Shelf:
    """A source that holds what it was given; an error in it is raised when it is reached."""

    def __init__(self, *found: Paper | Problem | SourceError, name: str = "shelf") -> None:
        self.found, self.name = found, name

    def papers(self, window: Window, reach: Reach) -> Iterator[Paper | Problem]:
        for thing in self.found:
            if isinstance(thing, SourceError):
                raise thing
            yield thing


class Scribe:
    """An annotator that says the same of every paper, remembers whom it was asked about, and can stop half-way."""

    def __init__(self, tag: str = "survey", silent: Iterable[str] = (), stop_after: int | None = None) -> None:
        self.tag, self.silent, self.stop_after = tag, set(silent), stop_after
        self.asked: list[str] = []

    def signature(self, vocabulary: Vocabulary, reader: str = "") -> str:
        return "scribe/1"

    def annotate(self, papers: Iterable[Paper], desk: Desk) -> Iterator[Annotation]:
        for paper in papers:
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                raise KeyboardInterrupt
            self.asked.append(paper.id)
            if paper.id not in self.silent:
                yield an_annotation(paper, tag=self.tag)


def an_annotation(paper: Paper, tag: str = "survey", code: Code | None = None, **fields: object) -> Annotation:
    """What the scribe says."""
    given: dict[str, object] = {
        "paper_id": paper.id,
        "tags": (tag,),
        "summary": f"It is about {paper.title}.",
        "code": code or Code(),
        "origin": "extractive",
        "annotator": "scribe/1",
    }
    return Annotation.model_validate({**given, **fields})


class Outbox:
    """A delivery that keeps what it was given, or refuses it."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses, self.messages = refuses, list[Message]()

    def deliver(self, message: Message, office: Office) -> list[str]:
        if self.refuses:
            raise DeliveryError("outbox", "is full", "empty it")
        self.messages.append(message)
        return [f"outbox/{message.id}"]


OPENED: list[Store] = []


def a_memory() -> Store:
    """A store in memory; `conftest` closes it after the test."""
    OPENED.append(Store.rehearsal())
    return OPENED[-1]


def a_desk(vocabulary: Vocabulary | None = None, journal: Journal | None = None) -> Desk:
    """What an annotator is given: the built-in tags, a journal in memory."""
    return Desk(vocabulary or taxonomy.load(), journal or a_memory().journal)


def an_office(sends: Sends | None = None) -> Office:
    """What a delivery is given: a ledger of sends in memory."""
    return Office(sends or a_memory().sends)


class Cupboard:
    """Replies kept in memory."""

    def __init__(self) -> None:
        self.replies: dict[str, Kept] = {}
        self.notes: dict[str, str] = {}

    def kept(self, key: str) -> Kept | None:
        return self.replies.get(key)

    def keep(self, key: str, kept: Kept) -> None:
        self.replies[key] = kept

    def recall(self, name: str) -> str:
        return self.notes.get(name, "")

    def note(self, name: str, text: str) -> None:
        self.notes[name] = text


class Clock:
    """A clock that stands still but for the pauses it is asked for, which take no time."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.paused: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.now += seconds


WEBS: list[Web] = []


def a_reach(clock: Clock | None = None, cupboard: Cupboard | None = None, contact: str = "", **environ: str) -> Reach:
    """What a source is given: a real web, a cupboard in memory, a clock whose pauses take no time.

    `conftest` closes it after the test. Sources that are to reach a `hosting.Host` need `private`.
    """
    clock = clock or Clock()
    WEBS.append(Web(cupboard or Cupboard(), contact, clock, clock.pause))
    return Reach(WEBS[-1].get, environ, contact, today=date(2026, 11, 20))
