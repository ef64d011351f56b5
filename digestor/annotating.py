"""A stream of papers and what is said of each, with the store in between: nobody is asked twice."""

from collections.abc import Iterable, Iterator

from digestor.errors import AnnotatorError
from digestor.models import Annotation, Paper
from digestor.protocols import Annotator, Desk
from digestor.store import Store


class Annotating:
    """The store is asked first, then the annotator, and every answer is kept before the next is awaited.

    A fallback is not kept: next time the annotator may do better.
    """

    def __init__(self, papers: Iterable[Paper], annotator: Annotator, store: Store, desk: Desk) -> None:
        self.signature = annotator.signature(desk.vocabulary, desk.reader)
        self.from_store = 0
        self._papers, self._annotator, self._store, self._desk = papers, annotator, store, desk
        self._asked: dict[str, list[Paper]] = {}
        self._known: list[tuple[Paper, Annotation]] = []

    @property
    def waiting(self) -> list[Paper]:
        """Those the annotator was asked about and did not answer for."""
        return [paper for papers in self._asked.values() for paper in papers]

    def __iter__(self) -> Iterator[tuple[Paper, Annotation]]:
        for annotation in self._annotator.annotate(self._unknown(), self._desk):
            yield from self._found()
            if not self._asked.get(annotation.paper_id):
                what = f"answered for {annotation.paper_id!r}, which it was not asked about or had answered for"
                raise AnnotatorError(f"annotator {annotation.annotator}", what, "this is a bug in that annotator")
            paper = self._asked[annotation.paper_id].pop(0)
            if annotation.origin != "fallback":
                self._store.keep(paper, annotation)
            yield paper, annotation
        yield from self._found()

    def _unknown(self) -> Iterator[Paper]:
        for paper in self._papers:
            if known := self._store.annotation(paper, self.signature):
                self.from_store += 1
                self._known.append((paper, known))
            else:
                self._asked.setdefault(paper.id, []).append(paper)
                yield paper

    def _found(self) -> Iterator[tuple[Paper, Annotation]]:
        found, self._known = self._known, []
        yield from found
