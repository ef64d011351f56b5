"""Which of the ranked papers are shown: the best, not ten of one kind, and one from outside the reader's usual.

Papers are taken one by one. One that is like a paper already taken loses part of its score: for likeness 1 (the same
words) `ALIKE` of it, for less the square of that, so that papers of one field hardly suffer and near-copies do.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from digestor.interests.known import text_of
from digestor.interests.likeness import Shelf, rarities, vector
from digestor.interests.phrases import Text, tokens
from digestor.interests.ranking import LESS, Ranked

ALIKE = 0.8
"""What a paper loses that says the same as one before it."""
WIDE = 4
"""How many times as many papers as there is room for are looked at."""
FIRST = 200
"""Places that are filled so; after them the order is the score's."""
COPY = 0.5
"""The likeness from which on a paper that found no room is said to be much like the one that did."""
APPEAL = "outside your usual: "


class Chosen(NamedTuple):
    """Every paper, in one of three lists, the best first."""

    shown: list[Ranked]
    listed: list[Ranked]
    """For which there was no room."""
    excluded: list[Ranked]
    outside: Ranked | None
    """The one of `shown`, its last, that is not what the reader asks for; its `why` says so."""


def choose(ranked: Sequence[Ranked], most: int | None, outside: bool) -> Chosen:
    """The best `most` papers (None: all), one of which is from outside the reader's usual, if `outside` and if any is.

    There is no outside where nothing speaks for any paper, nor where there is room for one paper only.
    """
    excluded = [one for one in ranked if one.excluded]
    able = sorted((one for one in ranked if not one.excluded), key=_place)
    room = len(able) if most is None else min(most, len(able))
    stranger = _stranger(able) if outside and room > 1 else None
    rest = [one for one in able if stranger is None or one.paper.id != stranger.paper.id]
    shown, listed = _spread(rest, room - 1 if stranger else room)
    return Chosen([*shown, stranger] if stranger else shown, listed, excluded, stranger)


def _place(one: Ranked) -> tuple[float, str, str]:
    return -one.score, one.paper.title.casefold(), one.paper.id


def _spread(ranked: list[Ranked], room: int) -> tuple[list[Ranked], list[Ranked]]:
    """Fill the room with the best that are not alike."""
    places = min(room, FIRST)
    pool = ranked[: WIDE * places]
    texts = [text_of(one.paper).stems() for one in pool]
    rarity = rarities(texts, texts, alone=1.0)  # a copy has all words, rare or not
    vectors = [vector(text, rarity) for text in texts]
    shelf = Shelf(vectors, max(map(len, vectors), default=0))
    low = min([0.0, *(one.score for one in pool)])
    least = (max((one.score for one in pool), default=0.0) - low) / 10 or 1.0  # so that even the last can lose
    worth = [one.score - low + least for one in pool]
    nearest = [(0.0, -1)] * len(pool)
    left = dict.fromkeys(range(len(pool)))
    taken: list[int] = []
    while left and len(taken) < places:
        best = max(left, key=lambda at: worth[at] * (1 - ALIKE * nearest[at][0] ** 2))  # the first of equals
        del left[best]
        taken.append(best)
        for at, likeness in shelf.likenesses(vectors[best]).items():
            if likeness > nearest[at][0]:
                nearest[at] = (likeness, best)
    after = [*(pool[at] for at in left), *ranked[len(pool) :]]
    shown = [*(pool[at] for at in taken), *after[: room - len(taken)]]
    lowest = min((one.score for one in shown), default=0.0)
    alike = {
        pool[at].paper.id: pool[other].paper.title
        for at, (likeness, other) in enumerate(nearest)
        if at in left and likeness >= COPY and pool[at].score > lowest
    }
    listed = [
        one._replace(why=(*one.why, f"much like “{alike[one.paper.id]}”")) if one.paper.id in alike else one
        for one in after[room - len(taken) :]
    ]
    return shown, listed


def _stranger(able: Sequence[Ranked]) -> Ranked | None:
    """Of the papers that nothing speaks for, the one most people care for: by votes, by code, else the most typical."""
    others = [one for one in able if not one.wanted and not any(word.endswith(LESS) for word in one.why)]
    if not others or len(others) == len(able):
        return None

    def appeal(one: Ranked) -> tuple[int, bool]:
        return max(0, one.paper.upvotes or 0), bool(one.paper.code_url)

    most = max(map(appeal, others))
    best = [one for one in others if appeal(one) == most]
    found = min(best, key=_place) if len(best) == 1 or most[0] else best[_typical(best)]
    return found._replace(why=(f"{APPEAL}{', '.join(found.why) or 'typical of the others'}",))


def _typical(papers: Sequence[Ranked]) -> int:
    """The paper whose title is nearest to all the titles together."""
    texts = [Text(tokens(one.paper.title), ()).stems() for one in papers]
    rarity = rarities(texts, texts)
    vectors = [vector(text, rarity) for text in texts]
    middle: dict[str, float] = {}
    for of_paper in vectors:
        for word, weight in of_paper.items():
            middle[word] = middle.get(word, 0.0) + weight
    near = [math.fsum(weight * middle[word] for word, weight in of_paper.items()) for of_paper in vectors]
    return max(range(len(papers)), key=near.__getitem__)
