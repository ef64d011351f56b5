"""Which one to three tags a paper gets.

The vocabulary is a TOML file (`tags.toml` beside this module, or a user's own): ids, labels, definitions and the
phrases that speak for each tag. A phrase in the title is worth `TITLE`; n in the abstract are worth 1 + log2(n). The
best tag comes first, and those with at least `SHARE` of its score stand beside it. A paper that hardly speaks of the
field at all, or for which no tag gathers `LEAST`, is "other": no tag is better than a wrong one.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from digestor.taxonomy.phrases import LONGEST, Phrases, key, words_of
from digestor.taxonomy.vocabulary import OTHER, Vocabulary, read

TITLE = 3.0
"""What a phrase in the title is worth, against 1 for one in the abstract."""
HINT = 1 / 3
"""What a hint is worth, against 1 for an alias."""
SHARE = 0.45
"""How much of the best tag's score another needs to stand beside it."""
LEAST = 1.5
"""The score without which no tag is given: more than one mention in the abstract."""
ENTRY = 1.0
"""What lets a paper in: one alias of the field as a whole, two different hints, or a hint and a tag in the title."""


def _worth(mentions: float) -> float:
    return 1 + math.log2(mentions) if mentions > 1 else mentions


@dataclass(frozen=True)
class Taxonomy:
    """A closed vocabulary and its matcher. Made by `load`."""

    labels: Mapping[str, str]
    """Tag id -> what the reader sees, in the file's order, "other" last."""
    definitions: Mapping[str, str]
    """Tag id -> what belongs there, for whoever chooses tags by reading."""
    areas: Mapping[str, str]
    """Tag id -> the label of its area, for the tags that have one."""
    fingerprint: str
    """Eight hex digits; other ones after any change that may change an answer, in the file or in the weights above."""
    _tags: Phrases
    _field: Phrases

    def tag(self, title: str, abstract: str) -> tuple[str, ...]:
        """One to three tag ids, the primary one first; `("other",)` where nothing fits well enough."""
        named: dict[str, float] = {}
        used: dict[str, float] = {}
        entry: dict[str, float] = {}
        titled = (
            False  # does an alias of a tag stand in the title, one that means the tag anywhere ("survey" does not)?
        )
        for text, scores, part in ((title, named, 0), (abstract, used, 1)):
            words = words_of(text.lower() if text.isupper() and " " in text else text)  # all capitals tell no acronyms
            keys = [key(word) if len(word) <= LONGEST else word for word in words]
            for says in self._field.said_in(words, keys):
                entry.update({phrase: worth for phrase, (worth, _) in says.items()})
            for says in self._tags.said_in(words, keys):
                for tag, worth in says.items():
                    titled = titled or (part == 0 and worth == (1.0, 1.0))
                    scores[tag] = max(scores.get(tag, 0), worth[0]) if part == 0 else scores.get(tag, 0) + worth[1]
        if (self._field.root.next or self._field.acronyms) and sum(entry.values()) < (ENTRY / 2 if titled else ENTRY):
            return (OTHER,)
        total = {tag: TITLE * named.get(tag, 0) + _worth(used.get(tag, 0)) for tag in self.labels}
        enough = max(LEAST, SHARE * max(total.values()))
        best = sorted((tag for tag in total if total[tag] >= enough), key=lambda tag: -total[tag])
        return tuple(best[:3]) or (OTHER,)


def load(path: Path | None = None) -> Taxonomy:
    """The taxonomy in a TOML file, or the built-in one. Raises ConfigError, with every fault of the file at once."""
    return _built_in() if path is None else _taxonomy(read(str(path), path))


@lru_cache(maxsize=1)
def _built_in() -> Taxonomy:
    return _taxonomy(read("the built-in taxonomy", resources.files("digestor.taxonomy") / "tags.toml"))


def _taxonomy(vocabulary: Vocabulary) -> Taxonomy:
    phrases, of_the_field = Phrases(), Phrases()
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
        areas=MappingProxyType({id_: vocabulary.area_of(tag) for id_, tag in tags if tag.area}),
        fingerprint=hashlib.sha256(json.dumps(answers).encode()).hexdigest()[:8],
        _tags=phrases,
        _field=of_the_field,
    )
