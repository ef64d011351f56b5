"""How much a paper says of a reader's topics, after BM25: rare words count more, and repeating them less and less.

A topic is worth its weight at most. Found as a phrase it earns a share of that for how often it is said (once in the
title is worth `TITLE` times in the abstract) and for how few papers of the run say it. A topic of several words of
which only some are found, or all but apart, earns `PARTLY` of what its words earn, the less the fewer they are.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from digestor.interests.phrases import Phrases, Text, stemmed, tokens
from digestor.interests.reasons import Reason
from digestor.interests.wishes import Topic
from digestor.text.words import STOPWORDS, stem

TITLE = 3
ENOUGH = 1.2
"""Mentions that earn half of what any number can (BM25's k1)."""
LENGTH = 0.5
"""How much a mention in a long abstract counts less than in a short one (BM25's b)."""
PARTLY = 0.5
HALF = 0.5
"""The share of a topic (rare words are more of it) from which on what was found is a reason; less only counts."""


class _Said(NamedTuple):
    """How often a paper says each phrase and each word of them, by number; and how long its abstract is."""

    title: Counter[int]
    abstract: Counter[int]
    length: int


class Topics:
    """A reader's topics, looked for in all papers of a run, which must be known before any is judged."""

    def __init__(self, topics: Sequence[Topic], texts: Sequence[Text]) -> None:
        by_key: dict[str, Topic] = {}
        for topic in topics:
            key = "".join(map(stem, tokens(topic.words))).removesuffix("e")
            if key and (key not in by_key or by_key[key].weight < topic.weight):
                by_key[key] = topic
        self.topics = list(by_key.values())
        parts = [list(dict.fromkeys(_telling(topic.words))) for topic in self.topics]
        names = [topic.words for topic in self.topics]
        self.parts: list[list[tuple[int, str]]] = []
        for words in parts:
            self.parts.append([(len(names) + k, word) for k, word in enumerate(words)] if len(words) > 1 else [])
            names += words if len(words) > 1 else []
        self._said = _read(stemmed(names), texts) if names else []
        having = Counter(number for said in self._said for number in {*said.title, *said.abstract})
        self._papers = len(texts)
        self._rarity = {number: self._rare(count) for number, count in having.items()}
        self._usual = sum(said.length for said in self._said) / max(1, len(self._said)) or 1.0

    def _rare(self, count: int) -> float:
        """How rare what so many papers say is, from 0 to 1, for what one paper says."""
        return math.log(1 + self._papers / count) / math.log(1 + self._papers)

    def of(self, place: int) -> list[Reason]:
        """What the paper at a place earns for each topic that it speaks of."""
        found = (self._whole(number, place) or self._partly(number, place) for number in range(len(self.topics)))
        return [one for one in found if one]

    def _earned(self, number: int, said: _Said) -> float:
        """For a phrase or word that is said: from 0 to 1."""
        slow = 1 - LENGTH + LENGTH * said.length / self._usual
        times = TITLE * said.title[number] + said.abstract[number] / slow
        return self._rarity[number] * times / (times + ENOUGH)

    def _whole(self, number: int, place: int) -> Reason | None:
        said, topic = self._said[place], self.topics[number]
        if not said.title[number] and not said.abstract[number]:
            return None
        where = "title" if said.title[number] else "abstract"
        worth = max(self._earned(number, said), self._scattered(number, said)[0])
        return Reason(topic.weight * worth, f"“{topic.words}” in the {where}")

    def _partly(self, number: int, place: int) -> Reason | None:
        said, topic = self._said[place], self.topics[number]
        worth, share = self._scattered(number, said)
        if not worth:
            return None
        words = [f"“{word}”" for part, word in self.parts[number] if said.title[part] or said.abstract[part]]
        enough = share >= HALF and 2 * len(words) >= len(self.parts[number])
        named = f"{', '.join(words[:-1])} and {words[-1]}" if words[1:] else words[0]
        return Reason(topic.weight * worth, f"{named} of “{topic.words}”" if enough else "")

    def _scattered(self, number: int, said: _Said) -> tuple[float, float]:
        """What the words of a topic earn one by one, and the share of it that was found."""
        parts = self.parts[number]
        found = [part for part, _ in parts if said.title[part] or said.abstract[part]]
        if not found:
            return 0.0, 0.0
        share = sum(self._rarity[part] for part in found) / sum(self._rarity.get(part, 1.0) for part, _ in parts)
        earned = sum(self._earned(part, said) for part in found) / len(found)
        return PARTLY * share * share * earned, share


def _telling(phrase: str) -> list[str]:
    """The words of a phrase that carry content."""
    return [word for word in tokens(phrase) if word not in STOPWORDS and len(word) > 1]


def _read(phrases: Phrases, texts: Sequence[Text]) -> list[_Said]:
    return [_Said(phrases.found(text.title), phrases.found(text.abstract), len(text.abstract)) for text in texts]
