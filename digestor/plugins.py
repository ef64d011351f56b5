"""A name -> a class. Only the class asked for is imported.

`kind` names a built-in, an entry point of the group `digestor.source`, `digestor.annotator` or `digestor.delivery`,
or `"my_module:MyClass"`. How to write one: docs/plugins.md.
"""

from difflib import get_close_matches
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Literal

from pydantic import BaseModel

from digestor.errors import ConfigError

Seam = Literal["source", "annotator", "delivery"]

BUILT_IN: dict[Seam, dict[str, str]] = {
    "source": {
        "files": "digestor.sources.files:Files",
        "arxiv": "digestor.sources.arxiv.source:Arxiv",
        "huggingface": "digestor.sources.huggingface:HuggingFace",
        "feed": "digestor.sources.feed:Feed",
        "biorxiv": "digestor.sources.biorxiv:Biorxiv",
        "pubmed": "digestor.sources.pubmed:Pubmed",
        "openalex": "digestor.sources.openalex:OpenAlex",
        "crossref": "digestor.sources.crossref:Crossref",
        "semanticscholar": "digestor.sources.semanticscholar:SemanticScholar",
    },
    "annotator": {
        "extractive": "digestor.annotators.extractive:Extractive",
        "llm": "digestor.annotators.llm:Llm",
    },
    "delivery": {
        "files": "digestor.delivery.files:Files",
        "smtp": "digestor.delivery.smtp:Smtp",
        "git": "digestor.delivery.git:Git",
        "webhook": "digestor.delivery.webhook:Webhook",
    },
}


def known(seam: Seam) -> list[str]:
    """The names that can be used for a seam, built-in first."""
    return [*BUILT_IN[seam], *sorted(point.name for point in entry_points(group=f"digestor.{seam}"))]


def find(seam: Seam, kind: str, where: str) -> type[BaseModel]:
    """The class behind a kind. Raises ConfigError, which lists the kinds there are, in `where`'s name."""
    address = BUILT_IN[seam].get(kind) or next(
        (point.value for point in entry_points(group=f"digestor.{seam}", name=kind)), kind if ":" in kind else None
    )
    if address is None:
        close = get_close_matches(kind, known(seam), n=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        todo = f'{meant}there are: {", ".join(known(seam))}, or "my_module:MyClass"'
        raise ConfigError(where, f"there is no {seam} {kind!r}", todo)
    try:
        found = resolve_name(address)
    except (ImportError, AttributeError, ValueError) as error:
        todo = f"is the package of this {seam} installed, and spelled module:Class?"
        raise ConfigError(where, f"{seam} {kind!r} cannot be imported: {error}", todo) from error
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        raise ConfigError(where, f"{address} is no pydantic model", f"see docs/plugins.md for what a {seam} looks like")
    return found
