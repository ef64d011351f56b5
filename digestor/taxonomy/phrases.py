"""Phrases in a text, found in one walk however many there are: a trie of words that spellings do not divide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

WORD = re.compile(r"[^\W_]+")
PREFIX = re.compile(
    r"\b(pre|multi|meta|hyper|auto|semi|cross|spatio|neuro|bi|non|inter|sub|poly|mono|un)[-‐‑ ](?=[^\W\d_])", re.I
)
SPELLINGS = {"isation": "ization", "ising": "izing", "ise": "ize", "lling": "ling", "lled": "led", "mour": "mor"}
LONGEST = 40
"""A longer word is in no phrase, and not worth keeping in a cache."""


@lru_cache(maxsize=65536)
def key(word: str) -> str:
    """What the spellings of a word have in common: small letters, no plural s, American endings.

    >>> [key(word) for word in ("Models", "modelling", "Policies", "summarisation", "news", "loss")]
    ['model', 'modeling', 'policy', 'summarization', 'news', 'loss']
    """
    word = word.casefold()
    if len(word) > 4 and word[-1] == "s" and word[-2] not in "aius":
        word = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    for british, american in SPELLINGS.items():
        word = word.replace(british, american)
    return word


def words_of(text: str) -> list[str]:
    """The words as written. Hyphens divide, save after a prefix: "pre-training" is "pretraining"."""
    return WORD.findall(PREFIX.sub(r"\1", text))


@dataclass(slots=True)
class Place:
    """A place in a trie: the words that may come next, and what the phrase that ends here says (None: none does)."""

    next: dict[str, "Place"] = field(default_factory=dict)
    says: dict[str, tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases and what each says: tag -> its worth in the title and in the abstract."""

    root: Place = field(default_factory=Place)
    acronyms: dict[str, Place] = field(default_factory=dict)
    """One short word whose capitals tell it from a common one, such as RAG, NER, MoE: it keeps them."""

    def end_of(self, phrase: str) -> Place:
        """Where a phrase ends; made if need be."""
        words = words_of(phrase)
        if len(words) == 1 and len(words[0]) <= 5 and sum(map(str.isupper, words[0])) >= 2:
            place = self.acronyms.setdefault(words[0], Place())
            self.acronyms[words[0] + "s"] = place
            return place
        place = self.root
        for word in words:
            place = place.next.setdefault(key(word), Place())
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
