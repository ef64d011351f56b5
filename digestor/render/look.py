"""What a newsletter says of itself: the `[newsletter]` table of the config."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

FEEDBACK = re.compile(
    r"mailto:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
    r"|github:[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}"
)


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
    feedback: str = ""
    """Where readers say what they want more or less of: `mailto:me@example.org` or `github:owner/repository`."""

    @field_validator("url")
    @classmethod
    def _https(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
            raise ValueError("an address begins with https://")
        return url.rstrip("/") + "/"

    @field_validator("feedback")
    @classmethod
    def _answerable(cls, feedback: str) -> str:
        if feedback and not FEEDBACK.fullmatch(feedback):
            raise ValueError("feedback goes to `mailto:me@example.org` or to `github:owner/repository`")
        return feedback


PLAIN = Look()
"""A newsletter that says nothing of itself."""
