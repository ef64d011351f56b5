"""The main job: collect papers, drop the ones known, annotate the rest, compose an issue, deliver it.

Open this first. Each step is a method, in the order in which it happens; what a step does is in the module that it
is named after.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from digestor.compose import compose
from digestor.dedupe import cluster, merge
from digestor.errors import AnnotatorError, SourceError
from digestor.models import Entry, Issue, Ledger, Message, Paper, Problem
from digestor.period import Period
from digestor.protocols import Annotator, Delivery, Source, Vocabulary
from digestor.store import Store

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much is done, and of how much (None: not known)."""


def quiet(doing: str, done: int, of: int | None) -> None:
    """Progress for nobody."""


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
        """Did every source answer, and was every paper read and annotated?"""
        return not self.ledger.failed and not self.sources_failed


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
    ) -> None:
        self.name, self.sources, self.annotator, self.vocabulary = name, sources, annotator, vocabulary
        self.store, self.render, self.deliveries = store, render, deliveries
        self.problems = tuple(problems)
        """What was already known to be wrong, and goes into the issue."""

    def run(self, period: Period, progress: Progress = quiet) -> Run:
        """Make and deliver the issue of a period. Delivered first, remembered second.

        Raises SourceError if no source could be read, and whatever keeps the issue from being delivered.
        """
        collected = self.collect(period, progress)
        distinct, renamed = self.distinct(collected.papers)
        new = self.new(distinct, period, progress)
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
        issue = compose(self.name, period, entries, ledger, tags.labels, problems, tags.areas)
        run = Run(period, issue, ledger, problems, usage, sources_failed=collected.sources_failed)
        if not entries:
            return run._replace(issue=None)
        leaving = tuple(self.store.leaving(issue))
        return run._replace(delivered=tuple(self.deliver(issue)), leaving=leaving)

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

    def new(self, papers: Sequence[Paper], period: Period, progress: Progress = quiet) -> list[Paper]:
        """Those that no other issue has published."""
        kept = []
        for done, paper in enumerate(papers, start=1):
            if self.store.published(paper, but=period.id) is None:
                kept.append(paper)
            progress("remembering", done, len(papers))
        return kept

    def annotate(self, papers: Sequence[Paper], progress: Progress = quiet) -> tuple[list[Entry], Usage, list[Problem]]:
        """Ask the store first, then the annotator; keep every answer before the next is awaited."""
        signature = self.annotator.signature(self.vocabulary)
        entries: list[Entry] = []
        asked: dict[str, Paper] = {}
        for paper in papers:
            known = self.store.annotation(paper, signature)
            if known:
                entries.append(Entry(paper=paper, annotation=known))
            else:
                asked[paper.id] = paper
        usage = Usage(signature, len(asked), len(entries))
        waiting = dict(asked)
        for annotation in self.annotator.annotate(list(asked.values()), self.vocabulary):
            if annotation.paper_id not in waiting:
                what = f"answered for {annotation.paper_id!r}, which it was not asked about or had answered for"
                raise AnnotatorError(f"annotator {annotation.annotator}", what, "this is a bug in that annotator")
            paper = waiting.pop(annotation.paper_id)
            self.store.keep(paper, annotation)
            entries.append(Entry(paper=paper, annotation=annotation))
            progress("annotating", len(entries), len(papers))
        unanswered = [
            Problem(where=paper.id, what=f"got no annotation: {paper.title}", todo="run it again")
            for paper in waiting.values()
        ]
        return entries, usage, unanswered

    def deliver(self, issue: Issue) -> list[str]:
        """Render once, bring it everywhere, and only then remember it."""
        message = self.render(issue)
        delivered = [place for delivery in self.deliveries for place in delivery.deliver(message)]
        self.store.remember(issue, message.formats.get("json", ""))
        return delivered


def _together(errors: Sequence[SourceError]) -> SourceError:
    lines = "\n  ".join(str(error).replace("\n", "\n  ") for error in errors)
    return SourceError(f"none of the {len(errors)} sources could be read", f"\n  {lines}")
