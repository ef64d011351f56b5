"""What a newsletter says of itself: the `[newsletter]` table of the config."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Look(BaseModel):
    """Where it is read, and what its foot says. Everything may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    url: str | None = None
    """Where the output folder is published, such as `https://me.github.io/papers/`; pages and feed link there."""
    templates: Path | None = None
    """A folder of templates of your own; one that is not in it is ours."""
    reason: str = Field("You asked for this digest.", max_length=300)
    """Why its readers get it."""
    contact: str | None = None
    """An address that readers may write to."""
    address: str = Field("", max_length=300)
    """A postal address, where the law asks for one."""

    @field_validator("url")
    @classmethod
    def _https(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
            raise ValueError("an address begins with https://")
        return url.rstrip("/") + "/"


PLAIN = Look()
"""A newsletter that says nothing of itself."""
