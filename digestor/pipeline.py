"""The main job: collect papers, drop the ones known, annotate the rest, compose an issue, deliver it.

Open this first. Each step is a method, in the order in which it happens; what a step does is in the module that it
is named after.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from digestor.annotating import Annotating
from digestor.compose import Beside, compose
from digestor.enriching import Asked, enriched
from digestor.errors import DeliveryError, DigestorError, SourceError
from digestor.gathering import Collected, Progress, gather
from digestor.interests import Interests, Reader, in_words
from digestor.library import library
from digestor.models import Entry, Gathered, Issue, Ledger, Message, Paper, Plan, Problem, Spent
from digestor.period import Period, caught_up
from digestor.protocols import (
    NOWHERE,
    Annotator,
    Delivery,
    Desk,
    Office,
    Outside,
    Paid,
    Reach,
    Source,
    Vocabulary,
    Window,
)
from digestor.remembering import News, asked_again, distinct, sorted_out
from digestor.selecting import Selected, Shown, selected
from digestor.store import Store
from digestor.trends import ISSUES, tally, trends


def quiet(doing: str, done: int, of: int | None) -> None:
    """Progress for nobody."""


ALONE = Outside()
ANYTHING = Interests()


class Usage(NamedTuple):
    """What the annotations of a run took."""

    annotator: str
    asked: int
    from_store: int
    spent: Spent = Spent()


class Run(NamedTuple):
    """What came of a run. `issue` is None where there was nothing new; then nothing was delivered."""

    period: Period
    issue: Issue | None
    ledger: Ledger
    problems: tuple[Problem, ...]
    usage: Usage
    delivered: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    """Titles that an earlier edition of this very issue had and this one has not."""
    sources: tuple[Gathered, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sources_failed(self) -> int:
        """How many sources could not be read to their end."""
        return sum(source.state == "failed" for source in self.sources)

    @property
    def whole(self) -> bool:
        """Did every source answer, and was every paper read, and annotated as far as that was asked for?"""
        return not self.ledger.failed and not self.sources_failed and not self.usage.spent.skipped


class Digestor:
    """One newsletter: its sources, its annotator, its memory, its deliveries."""

    def __init__(
        self,
        name: str,
        sources: Sequence[Source],
        annotator: Annotator,
        vocabulary: Vocabulary,
        store: Store,
        render: Callable[[Issue], Message],
        deliveries: Sequence[Delivery],
        problems: Iterable[Problem] = (),
        outside: Outside = ALONE,
        shelf: Callable[[Path], Mapping[str, str]] | None = None,
        reach: Reach = NOWHERE,
        lookups: Sequence[Asked] = (),
        interests: Interests = ANYTHING,
    ) -> None:
        self.name, self.sources, self.annotator, self.vocabulary = name, sources, annotator, vocabulary
        self.store, self.render, self.deliveries = store, render, deliveries
        self.desk = Desk(
            vocabulary,
            store.journal,
            outside.environ,
            outside.tell,
            ask_again=outside.ask_again,
            reader=in_words(interests),
        )
        self.today = outside.today
        self.reach, self.lookups, self.interests = reach, lookups, interests
        self.office = Office(
            store.sends,
            outside.environ,
            outside.tell,
            pause=outside.pause,
            resend_unknown=outside.resend_unknown,
            shelf=shelf,
        )
        self.problems = tuple(problems)
        """What was already known to be wrong, and goes into the issue."""

    def run(self, period: Period, progress: Progress = quiet) -> Run:
        """Make and deliver the issue of a period. Delivered first, remembered second.

        Raises SourceError if no source could be read, and whatever keeps the issue from being delivered.
        """
        period, note = self.catch_up(period)
        collected = self.collect(period, progress)
        found, renamed, different = self.sort(collected, period, progress)
        chosen, unliked = self.select(found.new, period)
        shown, unknown = self.enrich(chosen.shown, progress)
        entries, usage, unanswered = self.annotate(shown, progress)
        found, silent = self.ask_again(found, period, progress) if entries else (found, [])
        unreadable = sum(problem.lost for problem in collected.problems)
        fallback = sum(entry.annotation.origin == "fallback" for entry in entries)
        ledger = Ledger(
            read=len(collected.papers) + unreadable,
            duplicates=len(collected.papers) - different,
            published=different - len(found.new) - found.passed,
            filtered=found.passed + chosen.filtered,
            listed=len(chosen.listed),
            annotated=len(entries) - fallback,
            fallback=fallback,
            failed=unreadable + len(shown) - len(entries),
        )
        tags = self.vocabulary
        beside = Beside(
            carried=found.carried,
            updated=found.updated,
            sources=collected.sources,
            listed=chosen.listed,
            outside=chosen.outside,
            trends=trends(tally(entries), self.store.past.tallies(period.id, period.window.start, ISSUES), tags.labels),
            notes=[line for line in (note, chosen.note) if line],
        )
        problems = (*self.problems, *collected.problems, *renamed, *unliked, *unknown, *unanswered, *silent)
        issue = compose(self.name, period, entries, ledger, tags.labels, problems, tags.areas, beside)
        run = Run(period, issue, ledger, problems, usage, sources=collected.sources, notes=tuple(beside.notes))
        if not entries:
            return run._replace(issue=None)
        leaving = tuple(self.store.leaving(issue))
        return run._replace(delivered=tuple(self.deliver(issue, progress)), leaving=leaving)

    def catch_up(self, period: Period) -> tuple[Period, str]:
        """The period from where the issue before it ended, and a note where one was missed."""
        last = self.store.past.last(period.id, period.window.start)
        return caught_up(period, (last.end, last.made) if last else None)

    def collect(self, period: Period, progress: Progress = quiet) -> Collected:
        """Read every source, for the days since the issue before, or since it failed. One that fails is a problem."""
        window = Window(period.since, period.window.end)
        failing = self.store.past.failing(period.id, period.window.start)
        return gather(self.sources, window, self.reach, self.store.collection, progress, failing)

    def sort(self, collected: Collected, period: Period, progress: Progress = quiet) -> tuple[News, list[Problem], int]:
        """What is news of what was collected, problems with names, and how many different papers came in.

        Raises SourceError where no source could be read and nothing that is kept of them is new.
        """
        papers, renamed = distinct(collected.papers)
        found = sorted_out(papers, period, self.store, self.vocabulary, progress)
        failed = collected.failed
        if failed and len(failed) == len(self.sources) and not found.new:
            raise failed[0] if len(failed) == 1 else _together(failed)
        return found, renamed, len(papers)

    def select(self, papers: Sequence[Paper], period: Period) -> tuple[Selected, list[Problem]]:
        """Those that are shown, those that are only listed, those that are filtered out: what the reader wants."""
        liked, problems = library(self.interests.library, self.store, self.reach, but=period.id)
        opinions = self.store.past.opinions()
        more = [paper for paper, verdict, _ in opinions if verdict == "more"]
        less = [paper for paper, verdict, _ in opinions if verdict == "less"]
        return selected(papers, Reader(self.interests, liked, more, less), self.vocabulary), problems

    def enrich(self, shown: Sequence[Shown], progress: Progress = quiet) -> tuple[list[Shown], list[Problem]]:
        """What other sites know of the papers that are shown, where they lack something."""
        papers, problems = enriched([one.paper for one in shown], self.lookups, self.reach, progress)
        return [one._replace(paper=paper) for one, paper in zip(shown, papers, strict=True)], problems

    def annotate(self, shown: Sequence[Shown], progress: Progress = quiet) -> tuple[list[Entry], Usage, list[Problem]]:
        """Ask the store first, then the annotator; keep every answer before the next is awaited."""
        bills = [Spent()]
        desk = self.desk._replace(bill=bills.append)
        places = {one.paper.id: one for one in shown}
        work = Annotating([one.paper for one in shown], self.annotator, self.store, desk)
        entries: list[Entry] = []
        for paper, annotation in work:
            place = places[paper.id]
            entries.append(Entry(paper=paper, annotation=annotation, why=place.why, score=place.score))
            progress("annotating", len(entries), len(shown))
        unanswered = [
            Problem(where=paper.id, what=f"got no annotation: {paper.title}", todo="run it again")
            for paper in work.waiting
        ]
        asked = len(shown) - work.from_store
        return entries, Usage(work.signature, asked, work.from_store, bills[-1]), unanswered

    def ask_again(self, found: News, period: Period, progress: Progress = quiet) -> tuple[News, list[Problem]]:
        """What sites know by now of papers of past weeks whose code was not there."""
        return asked_again(found, period, self.store, self.vocabulary, self.lookups, self.reach, progress)

    def plan(self, period: Period, progress: Progress = quiet) -> tuple[Plan, Collected]:
        """What annotating the issue of a period would take. Nothing is sent, written or remembered."""
        period, _ = self.catch_up(period)
        collected = self.collect(period, progress)
        signature = self.annotator.signature(self.vocabulary, self.desk.reader)
        found, *_ = self.sort(collected, period, progress)
        shown, _ = self.enrich(self.select(found.new, period)[0].shown, progress)
        unknown = [one.paper for one in shown if self.store.annotation(one.paper, signature) is None]
        if isinstance(self.annotator, Paid):
            return self.annotator.plan(unknown, self.desk), collected
        return Plan(
            annotator=signature, papers=len(unknown), cost=0.0, counted="the built-in annotator asks nobody"
        ), collected

    def deliver(self, issue: Issue, progress: Progress = quiet) -> list[str]:
        """Render once, bring it everywhere, and remember it once it has been brought anywhere.

        What fails after that is told at the end: an issue that some readers have is published, and a rerun of it
        goes on with the others.
        """
        message = self.render(issue)
        if self.today and message.day:  # a letter from the future looks like spam
            message = message.model_copy(update={"day": min(message.day, self.today)})
        delivered: list[str] = []
        failed: list[DeliveryError] = []
        for delivery in self.deliveries:
            try:
                delivered += delivery.deliver(message, self.office._replace(progress=progress))
            except DeliveryError as error:
                failed.append(error)
                if not delivered:
                    break
        if delivered or not failed:
            self.store.remember(issue, message.formats.get("json", ""), self.today)
        if failed:
            raise failed[0] if len(failed) == 1 else _together(failed)
        return delivered


def _together(errors: Sequence[SourceError] | Sequence[DeliveryError]) -> DigestorError:
    lines = "\n  ".join(str(error).replace("\n", "\n  ") for error in errors)
    if isinstance(errors[0], SourceError):
        return SourceError(f"none of the {len(errors)} sources could be read", f"\n  {lines}")
    return DeliveryError(f"{len(errors)} deliveries failed", f"\n  {lines}")
