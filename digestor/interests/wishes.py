"""The `[interests]` table of the config: what a reader wants, in their own words."""

from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from digestor.models import Line, Record


class Topic(Record):
    """Words or a phrase that a reader looks for."""

    words: Line
    weight: float = Field(1.0, gt=0, le=10, allow_inf_nan=False)


class Interests(Record):
    """What a reader wants to see first, what never, and how much."""

    about: str = Field("", max_length=2_000)
    """What the reader works on, in a sentence or two; a chat model is told."""
    topics: tuple[Topic, ...] = ()
    """Words and phrases; each a text, or `{ words = "...", weight = 2 }`."""
    authors: tuple[Line, ...] = ()
    categories: tuple[Line, ...] = ()
    """Such as `cs.CL`, or a whole archive: `cs`."""
    tags: tuple[Line, ...] = ()
    """Ids of the taxonomy."""
    venues: tuple[Line, ...] = ()
    exclude: tuple[Line, ...] = ()
    """Words and phrases: a paper that has one in its title or abstract is filtered out."""
    library: tuple[Path, ...] = ()
    """Files of papers the reader likes: BibTeX, RIS, CSL-JSON, any that `digestor weekly` reads, or a list of ids."""
    max_papers: int | None = Field(None, ge=1)
    """How many papers are annotated and shown; the others are listed by title."""
    outside: bool = True
    """Show one paper from outside the reader's usual as well?"""

    @field_validator("topics", mode="before")
    @classmethod
    def _words_alone(cls, given: Any) -> Any:
        """A topic may be written as its words alone."""
        return [{"words": one} if isinstance(one, str) else one for one in given] if isinstance(given, list) else given

    @property
    def any(self) -> bool:
        """Is there anything to rank by?"""
        return bool(
            self.topics or self.authors or self.categories or self.tags or self.venues or self.library or self.about
        )
