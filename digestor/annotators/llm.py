"""The annotator that asks a chat model: any server that speaks the OpenAI format, many papers a request."""

from collections.abc import Iterable, Iterator

from digestor.annotators.settings import Settings
from digestor.annotators.writing import Writing
from digestor.models import Annotation, Paper, Plan
from digestor.protocols import Desk


class Llm(Settings):
    """Its settings are its config keys; see `settings`."""

    def annotate(self, papers: Iterable[Paper], desk: Desk) -> Iterator[Annotation]:
        """One annotation for each paper, as replies come. Raises AnnotatorError when the model cannot be asked."""
        yield from Writing(self, desk).annotations(papers)

    def plan(self, papers: Iterable[Paper], desk: Desk) -> Plan:
        """What annotating these papers would take; nothing is sent."""
        return Writing(self, desk).plan(papers)
