"""One run in bulk: collect what has come back, hand in what is left, and say whether it has to be waited for.

Everything is noted before it is done, so a run that is cut off anywhere is mended by the next one: what was handed in
is found again, and what has come back is committed to the journal before its batch is forgotten.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from digestor.client.batches import lines
from digestor.client.batches.gathering import Gathering
from digestor.client.batches.handing import MOST, Terms
from digestor.client.batches.link import LATER, NOW
from digestor.client.batches.notes import Entry, Notes, Sheet, words
from digestor.client.batches.sending import Sending, Server
from digestor.client.batches.states import State
from digestor.client.budget import Budget
from digestor.client.dialect import Dialect
from digestor.client.ladder import Outcome
from digestor.client.terms import Failure, Fatal, Form, Item
from digestor.client.verdicts import may_be_dialect
from digestor.protocols import Journal

POLL = 30.0
"""Seconds between questions, for those who wait."""
FEW = 24
"""Papers without an answer that are not worth another day; nor is a tenth of what came back."""


class Waiting(NamedTuple):
    """Papers of this run are under way, so there is nothing to show yet."""

    batches: int
    papers: int
    """Of this run, without an answer."""
    done: int
    """Requests, of those in the batches."""
    requests: int
    said: str
    """For a user."""


class Brought(NamedTuple):
    """What a run in bulk comes to."""

    outcomes: list[Outcome]
    """Answered in this run, in the journal by now; and where nothing is waited for, what the budget did not bear."""
    left: list[Item]
    """To be asked directly, so that all is done today. Empty where something is waited for."""
    waiting: Waiting | None


class Bulk:
    """Asks a model about papers, many a request and many requests a batch. Made for one run."""

    def __init__(
        self,
        link: Callable[[], Server],
        form: Form,
        journal: Journal,
        asker: str,
        budget: Budget,
        most: int,
        room: int,
        dialect: Dialect,
        model: str,
        *,
        thinking: int = 0,
        again: Callable[[Item], Item | None] = lambda item: None,
        tell: Callable[[str], None] = lambda line: None,
        wait: float = 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        most_lines: int = lines.LINES,
        most_bytes: int = lines.SIZE,
    ) -> None:
        """`budget` is of halved prices. `again`: an item just answered -> the item to be asked once more, if it must.

        `thinking`: tokens a reply may think in. `wait`: seconds to stay and ask again how far it is.
        """
        self._make, self.form, self.journal, self.asker, self.budget = link, form, journal, asker, budget
        self._terms = Terms(form, model, most, room, thinking)
        self.dialect = dialect
        """As learnt so far: to be remembered."""
        self._again, self._tell, self._wait, self._sleep = again, tell, wait, sleep
        self._limits = (most_lines, most_bytes)
        self.answered = 0
        """Papers answered so far, those of other runs included."""
        self._collected = 0

    def run(self, items: Sequence[Item]) -> Brought:
        """Do what can be done now; no two items have the same words. Raises Fatal; what came before that is kept."""
        self._notes = Notes(self.journal, self.asker)
        self._gathering = Gathering(
            items, self.form, self.journal, self.asker, self.budget, self._notes.tries, self._again
        )
        with asyncio.Runner() as runner:
            return runner.run(self._run())

    async def _run(self) -> Brought:
        self._link = self._make()
        self._sending = Sending(
            self._link,
            self._terms,
            self._notes,
            self._gathering,
            self.journal,
            self.asker,
            self.budget,
            self._tell,
            self._limits,
        )
        try:
            waited = 0.0
            while True:
                brought = await self._round()
                pause = min(POLL, self._wait - waited)
                if brought.waiting is None or pause <= 0:
                    return brought
                await self._sleep(pause)
                waited += pause
        except Fatal:
            raise
        except Failure as failure:
            fatal = Fatal(str(failure), LATER)
        finally:
            self.answered = self._gathering.answered
            await self._link.close()
        raise fatal

    async def _round(self) -> Brought:
        """Ask after every batch, collect those that are over, hand in what is left."""
        done = 0
        for known in self._notes.index.entries:
            if known.file and known.place != self._link.place:
                todo = f"set base_url back to collect it, or {NOW}"
                raise Fatal(f"a batch is under way at {known.place}, and this is {self._link.place}", todo)
            entry = known if known.id else await self._found(known)
            if entry is None:
                continue
            sheet, state = self._notes.sheet(entry), await self._link.state(entry.id)
            if state.over:
                await self._collect(entry, sheet, state)
                continue
            done += max(0, min(state.done, entry.requests))
            for custom_id, request in sheet.requests.items():
                self._gathering.reserve(entry, custom_id, request)
        return await self._brought(done)

    async def _found(self, entry: Entry) -> Entry | None:
        """A batch of which an earlier run did not come to know whether it was made."""
        cut_off = "the last run was cut off while it handed in a batch"
        state = await self._link.find(entry.mark) if entry.file else None
        if state is None:
            if entry.file:
                self._tell(f"{cut_off}, and the server lists none: it is handed in again")
            self._notes.forget(entry)
            return None
        self._tell(f"{cut_off}: it was found at the server, and is not handed in twice")
        found = entry.model_copy(update={"id": state.id})
        self._notes.change(found)
        return found

    async def _collect(self, entry: Entry, sheet: Sheet, state: State) -> None:
        """Commit what a batch brought, then forget it."""
        files = [file for file in (state.output, state.rest) if file]
        if state.status == "failed" and not files:
            self._sending.refused(entry, state.faults)
            return
        contents = [content for file in files if (content := await self._link.content(file)) is not None]
        if len(contents) < len(files):
            self._tell(f"the server no longer has a file of the batch {entry.id}: what was in it is asked again")
        told = lines.told(contents, sheet.requests, self._link.keys)
        if told.lines and told.strange == told.lines:
            raise Fatal(f"no line in the files of the batch {entry.id} is an answer to it", LATER)
        tries = self._gathering.collect(entry, sheet, told.rows)
        failed = [] if any(row.reply for row in told.rows.values()) else list(told.rows.values())
        humbler = next(filter(None, map(self._humbler, failed)), None)
        self._notes.forget(entry, tries if humbler is None else {})
        self._collected += entry.papers
        self.dialect = humbler or self.dialect
        for row in failed:
            if isinstance(row.failure, Fatal) and humbler is None:
                raise row.failure

    def _humbler(self, row: lines.Row) -> Dialect | None:
        return self.dialect.after(row.refusal) if row.refusal and may_be_dialect(row.refusal) else None

    # what is handed in

    async def _brought(self, done: int) -> Brought:
        """Decide about the papers that have no answer and are not under way."""
        under = {
            words(one.paper)
            for entry in self._notes.index.entries
            for request in self._notes.sheet(entry).requests.values()
            for one in request.papers
        }
        outcomes, still = self._gathering.outcomes, self._gathering.open
        todo = [item for name, item in still.items() if name not in under]
        tries = {words(item.paper): self._notes.tries(item.paper, item.turn) for item in todo}
        spent = [item for item in todo if tries[words(item.paper)] >= MOST]
        back = [item for item in todo if 0 < tries[words(item.paper)] < MOST]
        fresh = [item for item in todo if not tries[words(item.paper)]]
        waits = len(todo) < len(still)
        if not waits and not fresh and len(back) <= max(FEW, self._collected // 10):
            self._notes.done()
            return Brought(outcomes, back + spent, None)
        unpaid, sent = await self._sending.send([*fresh, *back], self.dialect)
        if waits or sent:
            return Brought(outcomes, [], self._waiting(done))
        return Brought(
            [*outcomes, *(Outcome(one, None, "the budget was reached", True) for one in unpaid)], spent, None
        )

    def _waiting(self, done: int) -> Waiting:
        entries, papers = self._notes.index.entries, len(self._gathering.open)
        requests = sum(entry.requests for entry in entries)
        what = "a batch is" if len(entries) == 1 else f"{len(entries)} batches are"
        said = f"{what} under way: {done:,} of {requests:,} requests done, {papers:,} papers wait; come back later"
        return Waiting(len(entries), papers, done, requests, said)
