"""One run of the llm annotator: papers in, the journal and the model asked, annotations out."""

from collections.abc import Generator, Iterable, Iterator
from itertools import chain, islice

from digestor.annotators.judging import Again, fallback, judged
from digestor.annotators.means import Means
from digestor.annotators.settings import Settings
from digestor.client import Client, Fatal, Item, Outcome
from digestor.client.batches import Bulk, half, under_way
from digestor.client.budget import Budget
from digestor.client.chat import Chat
from digestor.errors import AnnotatorError, NotYetError
from digestor.models import Annotation, Paper, Plan, Spent
from digestor.protocols import Desk

AHEAD = 5_000
"""Papers that are read before the first request is filled, so that the requests come out even."""
UNASKED = "the model was not asked"
CUT = "only the beginning of the abstract was read, for it is too long"
COUNTS = ("requests", "tokens_in", "cached", "tokens_out", "reasoning")

Words = tuple[str, str, str | None]


def words(paper: Paper) -> Words:
    """What an answer depends on: papers that share it are asked about once."""
    return paper.title, paper.abstract, paper.code_url


def together(one: Spent, other: Spent) -> Spent:
    """The sum of two bills; the cost of one where that of the other is not known."""
    counts = {name: getattr(one, name) + getattr(other, name) for name in COUNTS}
    known = [spent.cost for spent in (one, other) if spent.cost is not None]
    return Spent(**counts, cost=sum(known) if known else None)


class Writing:
    """The state of one run: what was asked, what is known, what it took."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self.settings, self.desk = settings, desk
        self.means = Means(settings, desk)
        self.budget = Budget(self.means.price, settings.max_cost, settings.max_requests)
        self._known: list[Annotation] = []
        self._asked: dict[Words, list[Paper]] = {}
        self._cut: set[Words] = set()
        self._skipped = self._written = 0
        self._spent = Spent()
        """In bulk, before what is asked directly."""

    def annotations(self, papers: Iterable[Paper]) -> Iterator[Annotation]:
        """What is known from the journal at once, and the rest as replies come. Raises AnnotatorError, NotYetError."""
        self._warn_of_unsettled()
        items = self._items(papers)
        try:
            if self.settings.mode == "batch":
                left = yield from self._in_bulk(list(items))
                yield from self._directly(iter(left))
            else:
                yield from self._directly(items)
        except Fatal as failure:
            kept = f"; {self._written:,} papers were answered and are kept" if self._written else ""
            raise AnnotatorError(self.means.where, str(failure), failure.todo + kept) from None

    def _directly(self, items: Iterator[Item]) -> Iterator[Annotation]:
        """Ask about papers now."""
        head = list(islice(items, AHEAD))
        if not head:
            yield from self._told()
            return
        rest = next(items, None)
        chats: list[Chat] = []

        def chat() -> Chat:
            chats.append(self.means.chat())
            return chats[-1]

        client = Client(
            model=chat,
            form=self.means.form,
            packer=self.means.packer(head if rest is None else chain(head, [rest], items)),
            gate=self.means.gate,
            budget=self.budget,
            journal=self.desk.journal,
            asker=self.means.asker,
            count=self.means.count,
            shorter=lambda item, room: self._item(item.paper, room)._replace(turn=item.turn, tries=item.tries),
            thinking=self.settings.thinking,
            timeout=self.means.patience,
        )
        try:
            for outcome in client.run():
                yield from self._told()
                verdict = self._answered(outcome.item) if outcome.answer else None
                if isinstance(verdict, Again):
                    client.again(self.means.anew(outcome.item, verdict))
                else:
                    yield from self._judged(outcome, verdict)
                self._bill()
            yield from self._told()
        finally:
            self._bill()
            for used in chats:
                self.means.learnt(used.dialect)

    def _in_bulk(self, items: list[Item]) -> Generator[Annotation, None, list[Item]]:
        """Hand papers to the provider's Batch API and collect what is done; those that are left to be asked now."""
        yield from self._told()
        settings, means = self.settings, self.means
        self.budget = Budget(half(means.price) if means.price else None, settings.max_cost, settings.max_requests)
        bulk = Bulk(
            link=means.link,
            form=means.form,
            journal=self.desk.journal,
            asker=means.asker,
            budget=self.budget,
            most=settings.papers_per_request,
            room=means.room,
            dialect=means.dialect(),
            model=settings.model,
            thinking=settings.thinking,
            again=self._again,
            tell=self.desk.tell,
        )
        try:
            brought = bulk.run(items)
        finally:
            self._bill()
            means.learnt(bulk.dialect)
        for outcome in brought.outcomes:
            yield from self._judged(outcome, self._answered(outcome.item) if outcome.answer else None)
        self._bill()
        if brought.waiting:
            raise NotYetError(means.where, brought.waiting.said, "run the same command again later")
        self._spent = self.budget.spent
        cost, requests = settings.max_cost, settings.max_requests
        self.budget = Budget(
            means.price,
            None if cost is None else max(0.0, cost - (self._spent.cost or 0)),
            None if requests is None else max(0, requests - self._spent.requests),
        )
        return brought.left

    def plan(self, papers: Iterable[Paper]) -> Plan:
        """What is left to ask."""
        return self.means.plan(list(self._items(papers)))

    # papers in

    def _items(self, papers: Iterable[Paper]) -> Iterator[Item]:
        """The papers that a model must be asked about; what is known of the others is put aside."""
        for paper in papers:
            if not paper.abstract.strip():
                why = "there is no abstract to send to a model"
                self._known.append(fallback(paper, self.desk.vocabulary, self.means.signature, why))
                continue
            if twins := self._asked.get(words(paper)):
                twins.append(paper)
                continue
            answers = self.desk.journal.answers(paper, self.means.asker)
            verdict = self._verdict(paper, answers)
            if self.desk.ask_again and isinstance(verdict, Annotation) and verdict.origin == "fallback":
                self.desk.journal.forget(paper, self.means.asker)
                verdict = None
            if isinstance(verdict, Annotation):
                self._known.append(verdict)
                continue
            self._asked[words(paper)] = [paper]
            item = self._item(paper)
            yield self.means.anew(item, verdict) if verdict else item

    def _item(self, paper: Paper, *room: int) -> Item:
        item, cut = self.means.item(paper, *room)
        if cut:
            self._cut.add(words(paper))
        return item

    def _verdict(self, paper: Paper, answers: list[str]) -> Annotation | Again | None:
        if not answers:
            return None
        desk, language = self.desk, self.settings.language
        return judged(paper, answers, desk.vocabulary, language, self.means.signature, desk.reader)

    # annotations out

    def _told(self) -> Iterator[Annotation]:
        known, self._known = self._known, []
        yield from known

    def _answered(self, item: Item) -> Annotation | Again | None:
        """What comes of a paper whose answer has just been committed."""
        return self._verdict(item.paper, self.desk.journal.answers(item.paper, self.means.asker))

    def _again(self, item: Item) -> Item | None:
        """A paper just answered, as it is asked once more; None where its answer will do, or will never."""
        verdict = self._answered(item)
        return self.means.anew(item, verdict) if isinstance(verdict, Again) else None

    def _judged(self, outcome: Outcome, verdict: Annotation | Again | None) -> Iterator[Annotation]:
        """The annotation of a paper, and of those with the very same words."""
        paper = outcome.item.paper
        if outcome.answer is None:
            self._skipped += outcome.unpaid
            why = "the model did not answer"
            if outcome.unpaid:
                why = "the model was not asked again" if outcome.item.turn or outcome.item.tries else UNASKED
            found = fallback(paper, self.desk.vocabulary, self.means.signature, f"{why}: {outcome.why}")
        else:
            assert isinstance(verdict, Annotation), "an answer is committed before it is given out"
            found = verdict
            self._written += 1
        if words(paper) in self._cut:
            found = found.model_copy(update={"doubts": (*found.doubts, CUT)})
        for twin in self._asked.pop(words(paper)):
            yield found.model_copy(update={"paper_id": twin.id})

    def _bill(self) -> None:
        spent = together(self._spent, self.budget.spent)
        self.desk.bill(spent.model_copy(update={"papers": self._written, "skipped": self._skipped}))

    def _warn_of_unsettled(self) -> None:
        if self.settings.mode == "now" and (waiting := under_way(self.desk.journal, self.means.asker)):
            self.desk.tell(
                f'{waiting:,} papers are in a batch under way: mode = "batch" collects it, '
                "and asking now pays for them again"
            )
        requests, papers = self.desk.journal.unsettled(self.means.asker)
        if requests:
            self.desk.tell(
                f"the last run was cut off with {requests} requests ({papers} papers) under way: "
                "these may be paid for twice, no others"
            )
