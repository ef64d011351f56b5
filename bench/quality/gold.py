"""The development sets, read once for every part of the bench. They are not part of this repository."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from digestor.models import Paper
from digestor.sources.files import Files
from digestor.text import clean, clean_line
from digestor.text.identifiers import content_id


class Text(NamedTuple):
    """A paper's id in the sets, its title and its abstract, as the sets have them."""

    id: str
    title: str
    abstract: str


def rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@lru_cache
def seeds(shared: Path) -> dict[str, Text]:
    """The different papers of the five seed pages, in order of first appearance: s000, s001, ..."""
    found: dict[str, tuple[str, str]] = {}
    for page in sorted((shared / "seeds").glob("*.txt")):
        for paper in Files(path=str(page)).papers(None):  # type: ignore[arg-type] # a file knows no dates
            if isinstance(paper, Paper):
                found.setdefault(paper.id, (paper.title, paper.abstract))
    return {f"s{number:03}": Text(f"s{number:03}", *text) for number, text in enumerate(found.values())}


@lru_cache
def scitldr(shared: Path, split: str = "dev") -> dict[str, Text]:
    """SciTLDR's abstracts, their pieces joined, since they are cut badly."""
    papers = (Text(row["id"], row["title"], joined(row["source"])) for row in rows(scitldr_file(shared, split)))
    return {paper.id: paper for paper in papers}


def scitldr_file(shared: Path, split: str) -> Path:
    """Where a split is."""
    return shared / "data" / f"scitldr_{split}.jsonl"


def joined(pieces: list[str]) -> str:
    """The pieces of an abstract as one text."""
    return " ".join(" ".join(pieces).split())


def as_paper(text: Text) -> Paper:
    """A record as a source would give it: its words cleaned."""
    title, abstract = clean_line(text.title), clean(text.abstract)
    return Paper(id=text.id or content_id(title, abstract), title=title or "-", abstract=abstract)
