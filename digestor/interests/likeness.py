"""How like two papers are in their words: the cosine of their tf-idf vectors, from 0 to 1.

Two words that follow each other are one more word ("data set" and "dataset" are the same one). A word counts the more
the fewer papers have it, in the title like `TITLE` times in the abstract. What many papers have is left out: it says
next to nothing, and would cost most of the time.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nsmallest
from itertools import chain, pairwise
from typing import NamedTuple

from digestor.interests.phrases import Text
from digestor.text.words import STOPWORDS, stem

TITLE = 2
"""Mentions in the abstract that one in the title is worth."""
COMMON = 0.1
"""The share of all papers from which on a word is left out ..."""
FEW = 40
"""... unless there are so few papers that shares mean little."""
ALONE = 0.3
"""What a word counts for that one paper has alone: it can make it like no other, and is often just a name."""
HEAVIEST = 64
"""Words under which a paper of a library is filed; its others are not rare enough to matter."""
NEAREST = 5
"""How many of the nearest papers are asked how like a paper is to a library."""

SILENT = STOPWORDS | frozenset(map(stem, STOPWORDS))

Vector = Mapping[str, float]


def rarities(texts: Sequence[Text], known: Sequence[Text], alone: float = ALONE) -> dict[str, float]:
    """The weight of every word worth comparing: the logarithm of how many times more texts there are than have it.

    Texts are of stems. Pairs of words are taken from the known ones, which are among `texts`: others would not be
    found again.
    """
    pairs = {pair for text in known for words in text for pair in joined(words)}
    having = Counter[str]()
    for text in texts:
        having.update({word for words in text for word in single(words)})
        having.update({pair for words in text for pair in joined(words) if pair in pairs})
    most = max(COMMON * len(texts), FEW)
    return {
        word: math.log(1 + len(texts) / count) * (alone if count == 1 else 1.0)
        for word, count in having.items()
        if count <= most
    }


def vector(text: Text, rarity: Mapping[str, float]) -> Vector:
    """A paper's words with their weights, of length 1; a word said often counts more, but less and less so."""
    said = Counter(chain(single(text.abstract), joined(text.abstract)))
    for word in chain(single(text.title), joined(text.title)):
        said[word] += TITLE
    raw = {word: (1 + math.log(count)) * rarity[word] for word, count in said.items() if word in rarity}
    length = math.sqrt(sum(weight * weight for weight in raw.values()))
    return {word: weight / length for word, weight in raw.items()}


def single(words: Iterable[str]) -> Iterable[str]:
    """The words that carry content; without a last "e", as "tides" has none as a stem and "tide" has."""
    return (word.removesuffix("e") for word in words if word not in SILENT and len(word) > 1)


def joined(words: Iterable[str]) -> Iterable[str]:
    """Every two such words that follow each other, as one."""
    return (f"{one}{two}".removesuffix("e") for one, two in pairwise(words) if one not in SILENT and two not in SILENT)


class Near(NamedTuple):
    """How like a paper is to a shelf, and to which paper on it the most; -1 for none."""

    likeness: float
    place: int


class Shelf:
    """Papers that others are compared with, each filed under its heaviest words."""

    def __init__(self, vectors: Iterable[Vector], heaviest: int = HEAVIEST) -> None:
        self._under: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._size = 0
        for place, of_paper in enumerate(vectors):
            for word, weight in nsmallest(heaviest, of_paper.items(), key=lambda one: (-one[1], one[0])):
                self._under[word].append((place, weight))
            self._size = place + 1

    def likenesses(self, of_paper: Vector) -> dict[int, float]:
        """How like a paper is to each that has a word in common with it."""
        found: dict[int, float] = defaultdict(float)
        for word, weight in of_paper.items():
            for place, its in self._under.get(word, ()):
                found[place] += weight * its
        return found

    def near(self, of_paper: Vector, but: Collection[int] = ()) -> Near:
        """The mean of the `NEAREST` likenesses, or of all on a smaller shelf, but for some places: the paper's own.

        A paper that is like one by chance is not like three; and who likes two fields need not like what lies between.
        """
        found = self.likenesses(of_paper)
        for place in but:
            found.pop(place, None)
        best = nsmallest(NEAREST, ((-likeness, place) for place, likeness in found.items()))
        asked = min(NEAREST, self._size - len(set(but)))
        return Near(-sum(likeness for likeness, _ in best) / asked, best[0][1]) if best else Near(0.0, -1)
