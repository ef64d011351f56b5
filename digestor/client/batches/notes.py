"""What is remembered of batches from run to run, in two kinds of notes: one list of batches, and a sheet for each.

A sheet has all that is needed to tie the replies of a batch to their papers, which may not be among those of a later
run. It is written once; the list is small and written at every step.
"""

import hashlib
import json

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from digestor.client.terms import Fatal, Item
from digestor.models import Paper
from digestor.protocols import Journal

Words = tuple[str, str, str | None]


class Kept(BaseModel):
    """What is kept as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(Kept):
    """A paper in a request."""

    paper: Paper
    """No more of it than an answer is kept by."""
    turn: int
    before: int
    """How many answers of it the journal had when it was asked."""


class Request(Kept):
    """A request of a batch, without its text."""

    tokens_in: int
    tokens_out: int
    """At the very most."""
    papers: tuple[Asked, ...]


class Sheet(Kept):
    """The requests of a batch by their custom_id."""

    requests: dict[str, Request]


class Entry(Kept):
    """A batch that was begun."""

    mark: str
    """What the server keeps with it, to find it again."""
    place: str
    """The server."""
    requests: int
    papers: int
    tokens: int
    """That went in, as we count them."""
    file: str = ""
    """Empty until the file has been handed in."""
    id: str = ""
    """Empty until the batch is known to have been made."""


class Index(Kept):
    """The list."""

    serial: int = 0
    """Batches begun so far."""
    fits: int | None = None
    """Tokens that may wait at the server at once, where it complained."""
    tries: dict[str, int] = Field(default_factory=dict)
    """Paper -> batches it was in that brought no answer of use."""
    entries: tuple[Entry, ...] = ()


def words(paper: Paper) -> Words:
    """What an answer is kept by."""
    return paper.title, paper.abstract, paper.code_url


def key(paper: Paper, turn: int) -> str:
    """Names a paper in a turn."""
    return hashlib.sha256(json.dumps([*words(paper), turn]).encode()).hexdigest()[:20]


def asked(item: Item, before: int) -> Asked:
    """What is kept of an item."""
    paper = Paper(id=item.paper.id, title=item.paper.title, abstract=item.paper.abstract, code_url=item.paper.code_url)
    return Asked(paper=paper, turn=item.turn, before=before)


class Notes:
    """The notes of one asker. A cut between two commits of a method leaves a sheet too many, and no harm."""

    def __init__(self, journal: Journal, asker: str) -> None:
        """Raises Fatal where the list cannot be read: to go on without it would pay twice."""
        self._journal, self._name = journal, f"batches {asker}"
        self._sheets: dict[str, Sheet] = {}
        text = journal.recall(self._name)
        try:
            self.index = Index.model_validate_json(text) if text else Index()
        except ValidationError:
            raise self._unreadable(self._name) from None

    def begin(self, entry: Entry, sheet: Sheet) -> None:
        """A batch is about to be handed in."""
        self._journal.note(_sheet_name(entry), sheet.model_dump_json(exclude_defaults=True))
        self._write(serial=self.index.serial + 1, entries=(*self.index.entries, entry))

    def change(self, entry: Entry) -> None:
        """More is known of a batch."""
        self._write(entries=tuple(entry if one.mark == entry.mark else one for one in self.index.entries))

    def forget(self, entry: Entry, tries: dict[str, int] | None = None, fits: int | None = None) -> None:
        """A batch is done with. `tries`: papers it did not answer -> batches they were in; 0 for those it did."""
        counted = {name: count for name, count in {**self.index.tries, **(tries or {})}.items() if count}
        self._write(
            entries=tuple(one for one in self.index.entries if one.mark != entry.mark),
            tries=counted,
            fits=self.index.fits if fits is None else fits,
        )
        self._journal.note(_sheet_name(entry), "")

    def done(self) -> None:
        """Nothing of this run is waited for: how much may wait is learnt anew the next time."""
        if self.index.fits is not None:
            self._write(fits=None)

    def tries(self, paper: Paper, turn: int) -> int:
        """Batches a paper was in that brought no answer of use."""
        return self.index.tries.get(key(paper, turn), 0)

    def sheet(self, entry: Entry) -> Sheet:
        """The requests of a batch. Raises Fatal where they cannot be read."""
        if entry.mark not in self._sheets:
            try:
                self._sheets[entry.mark] = Sheet.model_validate_json(self._journal.recall(_sheet_name(entry)))
            except ValidationError:
                raise self._unreadable(_sheet_name(entry)) from None
        return self._sheets[entry.mark]

    def _write(self, **fields: object) -> None:
        index = self.index.model_copy(update=fields)
        self._journal.note(self._name, index.model_dump_json(exclude_defaults=True))
        self.index = index

    def _unreadable(self, name: str) -> Fatal:
        quoted = name.replace("'", "''")
        return Fatal(
            f"what is remembered of the batches under way cannot be read (the note {name!r} in the store)",
            'nothing was sent; mode = "now" does without. To begin anew, and pay again for what is under way: '
            f'''sqlite3 STORE "DELETE FROM note WHERE name = '{quoted}'"''',
        )


def _sheet_name(entry: Entry) -> str:
    return f"batch {entry.mark}"


def under_way(journal: Journal, asker: str) -> int:
    """Papers in batches that were begun and not collected yet, as far as the list can be read."""
    try:
        return sum(entry.papers for entry in Index.model_validate_json(journal.recall(f"batches {asker}")).entries)
    except ValidationError:
        return 0
