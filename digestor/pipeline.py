"""The main job: collect papers, drop the ones known, annotate the rest, compose an issue, deliver it.

Open this first. Each step is a method, in the order in which it happens; what a step does is in the module that it
is named after.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from digestor import availability
from digestor.annotating import Annotating
from digestor.annotators.extractive import extracted
from digestor.compose import compose
from digestor.dedupe import cluster, merge
from digestor.errors import DeliveryError, DigestorError, SourceError
from digestor.models import Entry, Issue, Ledger, Message, Paper, Plan, Problem, Spent
from digestor.period import Period
from digestor.protocols import Annotator, Delivery, Desk, Office, Outside, Paid, Source, Vocabulary
from digestor.store import Store

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much is done, and of how much (None: not known)."""


def quiet(doing: str, done: int, of: int | None) -> None:
    """Progress for nobody."""


ALONE = Outside()


class Collected(NamedTuple):
    """What the sources gave."""

    papers: list[Paper]
    problems: list[Problem]
    sources_failed: int = 0


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
    sources_failed: int = 0

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
    ) -> None:
        self.name, self.sources, self.annotator, self.vocabulary = name, sources, annotator, vocabulary
        self.store, self.render, self.deliveries = store, render, deliveries
        self.desk = Desk(vocabulary, store.journal, outside.environ, outside.tell, ask_again=outside.ask_again)
        self.today = outside.today
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
        collected = self.collect(period, progress)
        distinct, renamed = self.distinct(collected.papers)
        new, carried = self.new(distinct, period, progress)
        entries, usage, unanswered = self.annotate(new, progress)
        problems = (*self.problems, *collected.problems, *renamed, *unanswered)
        fallback = sum(entry.annotation.origin == "fallback" for entry in entries)
        unreadable = sum(problem.lost for problem in collected.problems)
        ledger = Ledger(
            read=len(collected.papers) + unreadable,
            duplicates=len(collected.papers) - len(distinct),
            published=len(distinct) - len(new),
            annotated=len(entries) - fallback,
            fallback=fallback,
            failed=unreadable + len(new) - len(entries),
        )
        tags = self.vocabulary
        issue = compose(self.name, period, entries, ledger, tags.labels, problems, tags.areas, carried)
        run = Run(period, issue, ledger, problems, usage, sources_failed=collected.sources_failed)
        if not entries:
            return run._replace(issue=None)
        leaving = tuple(self.store.leaving(issue))
        return run._replace(delivered=tuple(self.deliver(issue, progress)), leaving=leaving)

    def collect(self, period: Period, progress: Progress = quiet) -> Collected:
        """Read every source. One that fails is a problem in the issue; all failing is an error."""
        papers: list[Paper] = []
        problems: list[Problem] = []
        failed: list[SourceError] = []
        for source in self.sources:
            try:
                for found in source.papers(period.window):
                    if isinstance(found, Problem):
                        problems.append(found)
                    else:
                        papers.append(found)
                    progress("reading", len(papers), None)
            except SourceError as error:
                failed.append(error)
                problems.append(Problem(where=error.where, what=error.what, todo=error.todo))
        if failed and len(failed) == len(self.sources):
            raise failed[0] if len(failed) == 1 else _together(failed)
        return Collected(papers, problems, len(failed))

    def distinct(self, papers: Sequence[Paper]) -> tuple[list[Paper], list[Problem]]:
        """One paper for each cluster of records, with the best of each; ids made unique where a source repeats one."""
        merged = [merge([papers[index] for index in group]) for group in cluster(papers)]
        problems: list[Problem] = []
        taken: set[str] = set()
        for index, paper in enumerate(merged):
            unique, number = paper.id, 1
            while unique in taken:
                number += 1
                unique = f"{paper.id}~{number}"
            taken.add(unique)
            if unique != paper.id:
                merged[index] = paper.model_copy(update={"id": unique})
                what = f"two different papers have this id; the second is {unique} here: {paper.title}"
                problems.append(Problem(where=f"id {paper.id}", what=what, todo="give each paper an id of its own"))
        return merged, problems

    def new(
        self, papers: Sequence[Paper], period: Period, progress: Progress = quiet
    ) -> tuple[list[Paper], list[Entry]]:
        """Those that no other issue has published; and of the others, those whose code has appeared since."""
        kept: list[Paper] = []
        carried: list[Entry] = []
        for done, paper in enumerate(papers, start=1):
            editions = list(self.store.editions(paper, but=period.id))
            if not editions:
                kept.append(paper)
            elif _released(paper) and not any(_released(before) for _, before in editions):
                carried.append(Entry(paper=paper, annotation=extracted(paper, self.vocabulary, "carried over")))
            progress("remembering", done, len(papers))
        return kept, carried

    def annotate(self, papers: Sequence[Paper], progress: Progress = quiet) -> tuple[list[Entry], Usage, list[Problem]]:
        """Ask the store first, then the annotator; keep every answer before the next is awaited."""
        bills = [Spent()]
        desk = self.desk._replace(bill=bills.append)
        work = Annotating(papers, self.annotator, self.store, desk)
        entries: list[Entry] = []
        for paper, annotation in work:
            entries.append(Entry(paper=paper, annotation=annotation))
            progress("annotating", len(entries), len(papers))
        unanswered = [
            Problem(where=paper.id, what=f"got no annotation: {paper.title}", todo="run it again")
            for paper in work.waiting
        ]
        asked = len(papers) - work.from_store
        return entries, Usage(work.signature, asked, work.from_store, bills[-1]), unanswered

    def plan(self, period: Period, progress: Progress = quiet) -> tuple[Plan, Collected]:
        """What annotating the issue of a period would take. Nothing is sent, written or remembered."""
        collected = self.collect(period, progress)
        distinct, _ = self.distinct(collected.papers)
        signature = self.annotator.signature(self.vocabulary)
        new, _ = self.new(distinct, period, progress)
        unknown = [paper for paper in new if self.store.annotation(paper, signature) is None]
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
            self.store.remember(issue, message.formats.get("json", ""))
        if failed:
            raise failed[0] if len(failed) == 1 else _together(failed)
        return delivered


def _released(paper: Paper) -> bool:
    return availability.flag(paper.title, paper.abstract, paper.code_url).status == "released"


def _together(errors: Sequence[SourceError] | Sequence[DeliveryError]) -> DigestorError:
    lines = "\n  ".join(str(error).replace("\n", "\n  ") for error in errors)
    if isinstance(errors[0], SourceError):
        return SourceError(f"none of the {len(errors)} sources could be read", f"\n  {lines}")
    return DeliveryError(f"{len(errors)} deliveries failed", f"\n  {lines}")
