"""The built-in annotator: a sentence of the abstract, tags by their names, a flag by evidence. No key, no network."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from digestor import availability, faithful, oneliner
from digestor.models import Annotation, Paper
from digestor.protocols import Desk, Vocabulary

VERSION = 1
"""Raised whenever the rules behind an answer change, so that the store never serves an old answer as new."""


class Extractive(BaseModel):
    """Chooses and shortens a sentence of the abstract; invents nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["extractive"] = "extractive"

    def signature(self, vocabulary: Vocabulary, reader: str = "") -> str:
        """`extractive/1@` and the fingerprint of the tags."""
        return f"extractive/{VERSION}@{vocabulary.fingerprint}"

    def annotate(self, papers: Iterable[Paper], desk: Desk) -> Iterator[Annotation]:
        """One annotation a paper, in order."""
        vocabulary = desk.vocabulary
        signature = self.signature(vocabulary)
        for paper in papers:
            yield extracted(paper, vocabulary, signature)


def extracted(paper: Paper, vocabulary: Vocabulary, signature: str) -> Annotation:
    """What the paper's own words give. A paper with no abstract gets tags and a flag, but no line."""
    summary = oneliner.summarise(paper.title, paper.abstract)
    faults = faithful.check(summary, paper.title, paper.abstract) if summary else []
    return Annotation(
        paper_id=paper.id,
        tags=vocabulary.tag(paper.title, paper.abstract),
        summary=summary,
        code=availability.flag(paper.title, paper.abstract, paper.code_url),
        origin="extractive",
        annotator=signature,
        doubts=tuple(fault.sentence for fault in faults),
    )
