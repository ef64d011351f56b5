"""The TOML file as frozen types. Every key is explained in config.example.toml.

Paths are taken from the file's own folder, written or not; those of the command line from the current one.
"""

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from digestor.errors import ConfigError
from digestor.interests import Interests
from digestor.render.look import Look

Format = Literal["md", "html", "txt", "json", "csv"]
FORMATS: tuple[Format, ...] = ("md", "html", "txt", "json")
"""Those that are written where nothing else is said."""


class Part(BaseModel):
    """A source, annotator or delivery as written: its kind, and keys that only its own class can judge."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str

    @property
    def keys(self) -> dict[str, Any]:
        """All keys but the kind."""
        return dict(self.model_extra or {})


class Manners(BaseModel):
    """How digestor behaves towards the sites it reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contact: str = Field("", max_length=200, pattern=r"^(?:[^\s<>()@]+@[^\s<>()@]+)?$")
    """An email address that sites may write to; it goes with every request."""


class Config(BaseModel):
    """What is configured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("Papers of the week", min_length=1, max_length=100)
    store: Path = Path("digestor.db")
    output: Path = Path("digests")
    formats: tuple[Format, ...] = Field(FORMATS, min_length=1)
    taxonomy: Path | None = None
    sources: tuple[Part, ...] = ()
    enrich: tuple[Part, ...] = ()
    web: Manners = Manners()
    annotator: Part = Part(kind="extractive")
    delivery: tuple[Part, ...] = ()
    interests: Interests = Interests()
    newsletter: Look = Look()
    file: Path | None = Field(None, exclude=True)
    """Where all this was read from, if anywhere; not a key."""

    @property
    def where(self) -> str:
        """How errors name the config."""
        return str(self.file) if self.file else "the command line"

    def located(self, path: Path) -> Path:
        """A path that was written in the file, seen from the current folder."""
        return self.file.parent / path if self.file else path


def load(file: Path) -> Config:
    """Read a config file. Raises ConfigError with all faults at once."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(str(file), "there is no such file", "`digestor init` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(file), f"is not TOML: {error}", "compare with config.example.toml") from error
    if "file" in table:
        raise ConfigError(str(file), "file: there is no such key", "see config.example.toml for all keys")
    try:
        config = Config.model_validate({**table, "file": file})
    except ValidationError as error:
        faults = explain(error.errors(), Config.model_fields)
        raise ConfigError(str(file), "\n  ".join(faults), "see config.example.toml for all keys") from None
    paths = [key for key in ("store", "output", "taxonomy") if getattr(config, key) is not None]
    written: dict[str, Any] = {key: config.located(getattr(config, key)) for key in paths}
    if config.interests.library:
        files = tuple(config.located(file) for file in config.interests.library)
        written["interests"] = config.interests.model_copy(update={"library": files})
    if config.newsletter.templates:
        templates = config.located(config.newsletter.templates)
        written["newsletter"] = config.newsletter.model_copy(update={"templates": templates})
    return config.model_copy(update=written)


WORDS = {
    "tuple_type": "is a list: [...], or for a table [[...]]",
    "list_type": "is a list: [...], or for a table [[...]]",
}
"""What a kind of fault is called here, where pydantic's own words say too little to who writes TOML."""


def explain(errors: Iterable[ErrorDetails], keys: Iterable[str]) -> list[str]:
    """Each fault of a validation on a line: the key, what is wrong with it, and the key that was perhaps meant."""
    lines = []
    for error in errors:
        *path, last = error["loc"] or ("",)
        key = ".".join(str(part) for part in (*path, last))
        if error["type"] == "extra_forbidden":
            close = get_close_matches(str(last), [k for k in keys if k != "file"], n=1)
            lines.append(f"{key}: there is no such key" + (f"; did you mean {close[0]!r}?" if close else ""))
        else:
            message = WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
            message = message[:1].lower() + message[1:]
            told = error["type"] in ("missing", "private")  # what is private is not said again
            place = f"{key}: " if key else ""
            lines.append(f"{place}{message}" + ("" if told or not key else f", got {error['input']!r:.60}"))
    return lines
