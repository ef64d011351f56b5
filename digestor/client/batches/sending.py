"""Handing in: requests within the caps, files within the limits, a batch of each file; every step noted first."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Protocol

from digestor.client.batches import lines, notes
from digestor.client.batches.gathering import Gathering
from digestor.client.batches.handing import Ready, Terms, body, files, packed, size
from digestor.client.batches.link import LATER, NOW, Full
from digestor.client.batches.notes import Entry, Notes, Request, Sheet
from digestor.client.batches.states import Said, State
from digestor.client.budget import Budget
from digestor.client.dialect import Dialect
from digestor.client.terms import Fatal, Item
from digestor.protocols import Journal


class Server(Protocol):
    """Who takes batches. `link.Link` is the one there is, and says what these raise."""

    place: str
    keys: tuple[str, ...]

    async def upload(self, content: bytes) -> str:
        """Hand in a file of requests; its id."""

    async def create(self, file: str, mark: str) -> State:
        """Make a batch of a file, or find the one that was made with this mark."""

    async def state(self, name: str) -> State:
        """How far a batch is."""

    async def find(self, mark: str) -> State | None:
        """The batch with this mark."""

    async def content(self, file: str) -> bytes | None:
        """What is in a file; None where the server does not have it any more."""

    async def close(self) -> None:
        """End all connections."""


class Sending:
    """Hands in what one run has left."""

    def __init__(
        self,
        server: Server,
        terms: Terms,
        notes: Notes,
        gathering: Gathering,
        journal: Journal,
        asker: str,
        budget: Budget,
        tell: Callable[[str], None],
        limits: tuple[int, int],
    ) -> None:
        """`limits`: lines and bytes of a file."""
        self._server, self._terms, self._notes, self._gathering = server, terms, notes, gathering
        self._journal, self._asker, self._budget, self._tell, self._limits = journal, asker, budget, tell, limits

    async def send(self, items: Sequence[Item], dialect: Dialect) -> tuple[list[Item], bool]:
        """Hand in what fits. Back come the papers that the budget does not bear, and whether to wait for others."""
        unpaid, ready, waits = self._chosen(items, dialect)
        rest = list(files(ready, *self._limits))
        while rest:
            if await self._hand_in(rest[0]):
                del rest[0]
                continue
            left = list(chain.from_iterable(rest))
            for one in left:
                self._budget.settle(one.held, None, billed=False)
            others, more = await self.send([item for one in left for item in one.pack], dialect)
            return unpaid + others, more or len(left) < len(ready)
        return unpaid, waits or bool(ready)

    def refused(self, entry: Entry, faults: Sequence[Said]) -> None:
        """The server would not begin with a batch. Too much at once: smaller ones from now on; else raises Fatal."""
        self._gathering.release(entry)
        full = next((fault for fault in faults if fault.too_much_waits), None)
        entries = self._notes.index.entries
        if full is None or (entry.requests == 1 and len(entries) == 1):
            self._notes.forget(entry)
            words = "; ".join(dict.fromkeys(fault.message or fault.code for fault in faults[:3])) or "without a word"
            todo = f"{LATER}, or {NOW}" if full else f"see to what it says, or {NOW}"
            raise Fatal(f"the server refused the batch: {words}", todo)
        busy = sum(one.tokens for one in entries)
        fits = busy if full.limit is None else full.limit * 9 // 10  # its count of tokens is not quite ours
        if busy <= fits:
            fits = entry.tokens // 2
        self._notes.forget(entry, fits=min(fits, self._notes.index.fits or fits))
        self._tell(f"too much at once for the server ({full.message}): smaller batches, one after the other")

    def _chosen(self, items: Sequence[Item], dialect: Dialect) -> tuple[list[Item], list[Ready], bool]:
        """Papers that the budget does not bear, the requests to be handed in now, and whether some have to wait."""
        unpaid: list[Item] = []
        ready: list[Ready] = []
        waits = False
        taken = sum(entry.tokens for entry in self._notes.index.entries)
        fits = self._notes.index.fits
        for pack, count in packed(items, lambda item: self._notes.tries(item.paper, item.turn), self._terms):
            tokens_in, tokens_out = size(pack, count, self._terms)
            if fits is not None and taken and taken + tokens_in > fits:
                waits = True
            elif not self._budget.room(tokens_in, tokens_out):
                unpaid += pack
            else:
                papers = tuple(notes.asked(item, self._answers(item)) for item in pack)
                request = Request(tokens_in=tokens_in, tokens_out=tokens_out, papers=papers)
                custom_id = f"r{len(ready) + 1}"
                line = lines.line(custom_id, body(pack, count, tokens_out, self._terms, dialect))
                held = self._budget.reserve(tokens_in, tokens_out)
                ready.append(Ready(custom_id, line, request, pack, held))
                taken += tokens_in
        return unpaid, ready, waits

    def _answers(self, item: Item) -> int:
        return len(self._journal.answers(item.paper, self._asker))

    async def _hand_in(self, ready: Sequence[Ready]) -> bool:
        """Make a batch of these requests; False where the server has too much waiting already."""
        content = b"".join(one.line for one in ready)
        serial = self._notes.index.serial
        entry = Entry(
            mark=hashlib.sha256(f"{self._asker}\0{serial}\0".encode() + content).hexdigest()[:32],
            place=self._server.place,
            requests=len(ready),
            papers=sum(len(one.pack) for one in ready),
            tokens=sum(one.request.tokens_in for one in ready),
        )
        self._notes.begin(entry, Sheet(requests={one.custom_id: one.request for one in ready}))
        try:
            entry = entry.model_copy(update={"file": await self._server.upload(content)})
            self._notes.change(entry)
            state = await self._server.create(entry.file, entry.mark)
        except Full as full:
            self.refused(entry, [full.said])
            return False
        except Fatal:
            self._notes.forget(entry)
            raise
        self._notes.change(entry.model_copy(update={"id": state.id}))
        for one in ready:
            self._gathering.hold(entry, one.custom_id, one.held)
        return True
