"""The file of tags: its shape, and what is said of a file that has another."""

import re
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from digestor.errors import ConfigError
from digestor.models import Line, Record
from digestor.taxonomy.phrases import WORD

OTHER = "other"
FAULTS = {
    "missing": " is missing",
    "extra_forbidden": " is not a key here",
    "too_short": " is empty",
    "string_pattern_mismatch": " must be one line, and not empty",
    "string_type": " must be text",
    "tuple_type": " must be a list of texts",
    "dict_type": " must be a table",
    "model_type": " must be a table",
}
"""What pydantic calls a fault -> what a reader is told."""


def _phrase(text: str) -> str:
    if len("".join(WORD.findall(text))) < 2:
        raise ValueError("needs two letters or digits at least, or it matches nothing or everything")
    return text


def _some(texts: tuple[str, ...]) -> tuple[str, ...]:
    if not texts:
        raise ValueError("needs one at least")
    return texts


def _id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+", text):
        raise ValueError("an id is made of a-z, 0-9 and hyphens")
    if text == OTHER:
        raise ValueError('"other" is always there; take it out')
    return text


Id = Annotated[str, AfterValidator(_id)]
Texts = tuple[Annotated[str, AfterValidator(_phrase)], ...]


class Tag(Record):
    """One tag, as the file has it."""

    label: Line
    definition: str = ""
    area: str | None = None
    aliases: Annotated[Texts, AfterValidator(_some)]
    """Phrases that mean this tag wherever they stand."""
    hints: Texts = ()
    """Phrases that speak for it, and for other things too."""
    title: Texts = ()
    """Phrases that mean it only in a title."""


class FieldAtLarge(Record):
    """What the field as a whole is known by: one alias or two hints let a paper in; where there are none, all are."""

    aliases: Texts = ()
    hints: Texts = ()


class Vocabulary(Record):
    """The whole file."""

    tags: Annotated[dict[Id, Tag], Field(min_length=1)]
    areas: dict[Id, dict[str, str]] = Field(default_factory=dict)
    """Groups of tags, for people who read the file."""
    field: FieldAtLarge = FieldAtLarge()
    ignore: Texts = ()
    """Phrases that say nothing, and hide the aliases inside them."""

    def area_of(self, tag: Tag) -> str:
        """The label of a tag's area; its id where the file has no such area."""
        return self.areas.get(tag.area or "", {}).get("label", tag.area or "")


def read(where: str, file: Path | Traversable) -> Vocabulary:
    """A file of tags. Raises ConfigError with every fault of it at once."""
    try:
        raw = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(where, f"cannot be read: {error.strerror}", "Check the path, or leave it out.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(where, f"byte {error.start} is not UTF-8", "Save the file as UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(
            where, f"is not TOML: {error}", "Mend that line; each tag is one table, [tags.its-id]."
        ) from None
    try:
        return Vocabulary.model_validate(raw)
    except ValidationError as error:
        faults = "; ".join(map(_in_words, error.errors()))
        todo = "Mend these; a tag is a table [tags.its-id] with label and aliases, the rest may be left out."
        raise ConfigError(where, faults, todo) from None


def _in_words(fault: ErrorDetails) -> str:
    where = ".".join(str(part) for part in fault["loc"] if part != "[key]")
    what = FAULTS.get(fault["type"]) or ": " + fault["msg"].removeprefix("Value error, ")
    return where + what
