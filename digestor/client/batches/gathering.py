"""What comes back from a batch is tied to its papers and committed, whether this run asked about them or an earlier."""

from collections.abc import Callable, Mapping, Sequence

from digestor.client import replies
from digestor.client.batches import notes
from digestor.client.batches.lines import MISSING, Row
from digestor.client.batches.notes import Asked, Entry, Request, Sheet, words
from digestor.client.budget import Budget, Reservation
from digestor.client.ladder import Outcome
from digestor.client.terms import Answer, Form, Item
from digestor.models import Paper
from digestor.protocols import Journal


class Gathering:
    """The papers of one run: which are open still, and what came of the others."""

    def __init__(
        self,
        items: Sequence[Item],
        form: Form,
        journal: Journal,
        asker: str,
        budget: Budget,
        tries: Callable[[Paper, int], int],
        again: Callable[[Item], Item | None],
    ) -> None:
        """`tries`: the batches a paper was in before; `again`: an item answered -> the item to be asked once more."""
        self.open = {words(item.paper): item for item in items}
        """Of this run, without an answer."""
        self.outcomes: list[Outcome] = []
        self.answered = 0
        """Papers, those of other runs included."""
        self._form, self._journal, self._asker, self._budget = form, journal, asker, budget
        self._tries, self._again = tries, again
        self._held: dict[tuple[str, str], Reservation] = {}

    def reserve(self, entry: Entry, custom_id: str, request: Request) -> None:
        """Set aside what a request that is under way may cost, once."""
        if (entry.mark, custom_id) not in self._held:
            self._held[entry.mark, custom_id] = self._budget.reserve(request.tokens_in, request.tokens_out)

    def hold(self, entry: Entry, custom_id: str, held: Reservation) -> None:
        """What was set aside for a request that was handed in."""
        self._held[entry.mark, custom_id] = held

    def release(self, entry: Entry) -> None:
        """A batch was not taken, so it costs nothing."""
        for name in [name for name in self._held if name[0] == entry.mark]:
            self._budget.settle(self._held.pop(name), None, billed=False)

    def collect(self, entry: Entry, sheet: Sheet, rows: Mapping[str, Row]) -> dict[str, int]:
        """Commit the answers of a batch; each of its papers -> batches it was in, in vain; 0 where it is answered."""
        tries: dict[str, int] = {}
        for custom_id, request in sheet.requests.items():
            row = rows.get(custom_id, MISSING)
            self.reserve(entry, custom_id, request)
            self._settle(self._held.pop((entry.mark, custom_id)), row)
            good = self._read(request, row)
            # A run that was cut off may have committed some: again, they would count as answers to another turn.
            new = [one for one in request.papers if len(self._journal.answers(one.paper, self._asker)) <= one.before]
            found = [(one.paper, good[words(one.paper)]) for one in new if words(one.paper) in good]
            if found:
                bodies = [(paper, answer.model_dump_json()) for paper, answer in found]
                self._journal.settle(0, self._asker, bodies)
            for one in request.papers:
                tries |= self._ended(one, good.get(words(one.paper)), one in new)
        return tries

    def _settle(self, held: Reservation, row: Row) -> None:
        if row.reply is not None:
            self._budget.settle(held, row.reply.usage, billed=True)
        elif row.failure is not None:
            self._budget.settle(held, row.failure.usage, billed=row.failure.billed)
        else:
            self._budget.settle(held, None, billed=False)

    def _read(self, request: Request, row: Row) -> dict[notes.Words, Answer]:
        if row.reply is None:
            return {}
        items = [Item(one.paper, "", 0) for one in request.papers]
        tied = replies.read(row.reply.text, items, self._form.answer, whole=row.reply.finish != "length")
        return {words(item.paper): answer for item, answer in tied.good}

    def _ended(self, asked: Asked, answer: Answer | None, new: bool) -> dict[str, int]:
        """What a paper's time in a batch came to."""
        name, used = notes.key(asked.paper, asked.turn), self._tries(asked.paper, asked.turn) + 1
        item = self.open.get(words(asked.paper))
        if answer is None:
            return {name: used}
        self.answered += new
        if item is None:
            return {name: 0}
        once_more = item
        if new:
            del self.open[words(asked.paper)]
            found = self._again(item)
            if found is None:
                self.outcomes.append(Outcome(item, answer))
                return {name: 0}
            once_more = self.open[words(asked.paper)] = found
        # The batches of all its turns count, so that no line keeps a paper going round for ever.
        return {name: 0, notes.key(once_more.paper, once_more.turn): used}
