"""The tags: a closed vocabulary, and which one to three of them a paper gets.

The vocabulary is a TOML file (`taxonomy.toml` beside this module, or a user's own): ids, labels, definitions and the
phrases that speak for each tag. All phrases sit in one trie of words, so a text is walked once however many there are.
A phrase in the title is worth `TITLE`; n in the abstract are worth 1 + log2(n). The best tag comes first, and those
with at least `SHARE` of its score stand beside it. A paper that hardly speaks of the field at all, or for which no
tag gathers `LEAST`, is "other": no tag is better than a wrong one.
"""

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from digestor.errors import ConfigError
from digestor.models import Line, Record

OTHER = "other"
TITLE = 3.0
"""What a phrase in the title is worth, against 1 for one in the abstract."""
HINT = 1 / 3
"""What a hint is worth, against 1 for an alias."""
SHARE = 0.45
"""How much of the best tag's score another needs to stand beside it."""
LEAST = 1.5
"""The score without which no tag is given: more than one mention in the abstract."""
ENTRY = 1.0
"""What lets a paper in: one alias of the field as a whole, or two different hints."""

WORD = re.compile(r"[^\W_]+")
PREFIX = re.compile(
    r"\b(pre|multi|meta|hyper|auto|semi|cross|spatio|neuro|bi|non|inter|sub|poly|mono|un)[-‐‑ ](?=[^\W\d_])", re.I
)
SPELLINGS = {"isation": "ization", "ising": "izing", "ise": "ize", "lling": "ling", "lled": "led", "mour": "mor"}
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
LONGEST = 40
"""A longer word is in no phrase, and not worth keeping in a cache."""


@lru_cache(maxsize=65536)
def _key(word: str) -> str:
    """What the spellings of a word have in common: small letters, no plural s, American endings.

    >>> [_key(word) for word in ("Models", "modelling", "Policies", "summarisation", "news", "loss")]
    ['model', 'modeling', 'policy', 'summarization', 'news', 'loss']
    """
    word = word.casefold()
    if len(word) > 4 and word[-1] == "s" and word[-2] not in "aius":
        word = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    for british, american in SPELLINGS.items():
        word = word.replace(british, american)
    return word


def _worth(mentions: float) -> float:
    return 1 + math.log2(mentions) if mentions > 1 else mentions


def _words(text: str) -> list[str]:
    """The words as written. Hyphens divide, save after a prefix: "pre-training" is "pretraining"."""
    return WORD.findall(PREFIX.sub(r"\1", text))


@dataclass(slots=True)
class _Place:
    """A place in a trie: the words that may come next, and what the phrase that ends here says (None: none does)."""

    next: dict[str, "_Place"] = field(default_factory=dict)
    says: dict[str, tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases and what each says: tag -> its worth in the title and in the abstract."""

    root: _Place = field(default_factory=_Place)
    acronyms: dict[str, _Place] = field(default_factory=dict)
    """One short word whose capitals tell it from a common one, such as RAG, NER, MoE: it keeps them."""

    def end_of(self, phrase: str) -> _Place:
        """Where a phrase ends; made if need be."""
        words = _words(phrase)
        if len(words) == 1 and len(words[0]) <= 5 and sum(map(str.isupper, words[0])) >= 2:
            place = self.acronyms.setdefault(words[0], _Place())
            self.acronyms[words[0] + "s"] = place
            return place
        place = self.root
        for word in words:
            place = place.next.setdefault(_key(word), _Place())
        return place

    def said_in(self, words: list[str], keys: list[str]) -> Iterator[dict[str, tuple[float, float]]]:
        """What each phrase in a text says; one inside a longer one is not heard: "graph transformer" is no "graph"."""
        heard = 0
        for start, word in enumerate(words):
            if keys[start] not in self.root.next and word not in self.acronyms:
                continue
            says, end = None, start
            for first in (self.acronyms.get(word), self.root.next.get(keys[start])):
                place, here = first, start
                while place is not None:
                    here += 1
                    if place.says is not None:
                        says, end = place.says, here
                    place = place.next.get(keys[here]) if here < len(keys) else None
            if says is not None and end > heard:
                heard = end
                yield says


@dataclass(frozen=True)
class Taxonomy:
    """A closed vocabulary and its matcher. Made by `load`."""

    labels: Mapping[str, str]
    """Tag id -> what the reader sees, in the file's order, "other" last."""
    definitions: Mapping[str, str]
    """Tag id -> what belongs there, for whoever chooses tags by reading."""
    fingerprint: str
    """Eight hex digits; other ones after any change that may change an answer, in the file or in the weights above."""
    _tags: _Phrases
    _field: _Phrases

    def tag(self, title: str, abstract: str) -> tuple[str, ...]:
        """One to three tag ids, the primary one first; `("other",)` where nothing fits well enough."""
        named: dict[str, float] = {}
        used: dict[str, float] = {}
        entry: dict[str, float] = {}
        for text, scores, part in ((title, named, 0), (abstract, used, 1)):
            words = _words(text.lower() if text.isupper() and " " in text else text)  # all capitals tell no acronyms
            keys = [_key(word) if len(word) <= LONGEST else word for word in words]
            for says in self._field.said_in(words, keys):
                entry.update({phrase: worth for phrase, (worth, _) in says.items()})
            for says in self._tags.said_in(words, keys):
                for tag, worth in says.items():
                    scores[tag] = max(scores.get(tag, 0), worth[0]) if part == 0 else scores.get(tag, 0) + worth[1]
        if (self._field.root.next or self._field.acronyms) and sum(entry.values()) < ENTRY:
            return (OTHER,)
        total = {tag: TITLE * named.get(tag, 0) + _worth(used.get(tag, 0)) for tag in self.labels}
        enough = max(LEAST, SHARE * max(total.values()))
        best = sorted((tag for tag in total if total[tag] >= enough), key=lambda tag: -total[tag])
        return tuple(best[:3]) or (OTHER,)


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


def load(path: Path | None = None) -> Taxonomy:
    """The taxonomy in a TOML file, or the built-in one. Raises ConfigError, with every fault of the file at once."""
    return _built_in() if path is None else _taxonomy(_read(str(path), path))


@lru_cache(maxsize=1)
def _built_in() -> Taxonomy:
    return _taxonomy(_read("the built-in taxonomy", resources.files("digestor") / "taxonomy.toml"))


def _taxonomy(vocabulary: Vocabulary) -> Taxonomy:
    phrases, of_the_field = _Phrases(), _Phrases()
    for id_, tag in vocabulary.tags.items():
        for texts, worth in ((tag.aliases, (1.0, 1.0)), (tag.hints, (HINT, HINT)), (tag.title, (1.0, 0.0))):
            for text in texts:
                place = phrases.end_of(text)
                place.says = place.says or {}
                before = place.says.get(id_, (0.0, 0.0))
                place.says[id_] = max(worth[0], before[0]), max(worth[1], before[1])
    for text in vocabulary.ignore:
        phrases.end_of(text).says = {}
    for texts, share in ((vocabulary.field.hints, ENTRY / 2), (vocabulary.field.aliases, ENTRY)):
        for text in texts:
            of_the_field.end_of(text).says = {text: (share, share)}
    answers = [TITLE, HINT, SHARE, LEAST, ENTRY, vocabulary.model_dump(mode="json", exclude={"areas"})]
    tags = vocabulary.tags.items()
    return Taxonomy(
        labels=MappingProxyType({id_: tag.label for id_, tag in tags} | {OTHER: "Other"}),
        definitions=MappingProxyType({id_: tag.definition for id_, tag in tags} | {OTHER: "None of the others fits"}),
        fingerprint=hashlib.sha256(json.dumps(answers).encode()).hexdigest()[:8],
        _tags=phrases,
        _field=of_the_field,
    )


def _read(where: str, file: Traversable) -> Vocabulary:
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
