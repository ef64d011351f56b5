"""What a paper earns by likeness to what the reader knows: their library, what they liked or not, their own words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from digestor.interests.likeness import Shelf, joined, rarities, single, vector
from digestor.interests.phrases import Text, tokens
from digestor.interests.reasons import ABOUT, Reason
from digestor.models import Paper

NEAR = 0.06
"""The likeness from which on it is a reason: of 120 papers one in 25 has it by chance, two in three of one kind."""
NAMED = 3
"""Of the words that a paper shares with what the reader says of their work."""
SHOWN = 80
"""Letters of a title in a reason."""


class Pile(NamedTuple):
    """Papers that the reader knows."""

    papers: Sequence[Paper]
    worth: float
    """Points for a paper that is in every word like them."""
    words: str
    """What is said of a paper that is like one of them; `{}` is the title of that."""


class _Shelved(NamedTuple):
    pile: Pile
    papers: Sequence[Paper]
    shelf: Shelf
    places: Mapping[object, list[int]]
    """The names of papers -> where they stand."""


class Known:
    """What the reader knows, ready to be compared with the papers of a run."""

    def __init__(self, piles: Sequence[Pile], about: str, texts: Sequence[Text]) -> None:
        sorted_piles = [(pile, sorted(pile.papers, key=by_title)) for pile in piles if pile.papers]
        read = [[text_of(paper).stems() for paper in papers] for _, papers in sorted_piles]
        said = tokens(about)
        own = Text((), said).stems()
        familiar = [own, *(text for some in read for text in some)]
        self._any = bool(said or sorted_piles)
        self._rarity = rarities([*texts, *familiar], familiar) if self._any else {}
        self._about = vector(own, self._rarity)
        self._said = {term: word for word, root in zip(said, own.abstract, strict=True) for term in single([root])}
        for words, roots in zip(pairwise(said), pairwise(own.abstract), strict=True):
            self._said.update(dict.fromkeys(joined(roots), " ".join(words)))
        self._shelves = [
            _Shelved(pile, papers, Shelf(vector(text, self._rarity) for text in some), _places(papers, some))
            for (pile, papers), some in zip(sorted_piles, read, strict=True)
        ]

    def of(self, paper: Paper, text: Text) -> Iterator[Reason]:
        """What a paper earns, its text being of stems. The paper itself, where the reader has it, is left out."""
        if not self._any:
            return
        words = vector(text, self._rarity)
        for pile, papers, shelf, places in self._shelves:
            own = {place for name in _names(paper, text) for place in places.get(name, ())}
            likeness, nearest = shelf.near(words, own)
            title = _short(papers[nearest].title) if likeness >= NEAR else ""
            yield Reason(pile.worth * likeness, pile.words.format(title) if title else "", pile.worth > 0)
        shared = {word: weight * words[word] for word, weight in self._about.items() if word in words}
        likeness = sum(shared.values())
        named = [f"“{self._said[word]}”" for word in sorted(shared, key=lambda word: (-shared[word], word))[:NAMED]]
        enough = likeness >= NEAR and len(named) > 1
        yield Reason(ABOUT * likeness, f"{', '.join(named)}, as in what you work on" if enough else "")


def by_title(paper: Paper) -> tuple[str, str, str]:
    """An order of papers that does not depend on where they came from."""
    return paper.title.casefold(), paper.id, paper.abstract


def text_of(paper: Paper) -> Text:
    """The words of a paper."""
    return Text(tokens(paper.title), tokens(paper.abstract))


def _places(papers: Sequence[Paper], texts: Sequence[Text]) -> Mapping[object, list[int]]:
    places: dict[object, list[int]] = defaultdict(list)
    for place, (paper, text) in enumerate(zip(papers, texts, strict=True)):
        for name in _names(paper, text):
            places[name].append(place)
    return places


def _names(paper: Paper, text: Text) -> list[object]:
    """What a paper is known by: its arXiv id, its DOI, the words of its title."""
    named = (("arxiv", paper.arxiv_id), ("doi", paper.doi), ("title", tuple(text.title)))
    return [name for name in named if name[1]]


def _short(title: str) -> str:
    """A title that fits into a reason, cut at a word."""
    if len(title) <= SHOWN:
        return title
    return f"{title[:SHOWN].rsplit(' ', 1)[0].rstrip(',;:.- ')}…"
