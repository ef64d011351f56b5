"""What a paper earns, or is left out for, by what its source says (authors, categories, venue), and by its tags."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from digestor.interests.names import Followed
from digestor.interests.phrases import Text, exact, tokens
from digestor.interests.reasons import AUTHOR, CATEGORY, TAG, VENUE, Reason
from digestor.interests.wishes import Interests
from digestor.models import Paper

WORTH = {"category": CATEGORY, "venue": VENUE, "tag": TAG}


class Exclusion:
    """What a reader never wants to see: words and phrases of title or abstract, and categories.

    Words are taken exactly, but for case, accents, hyphens and the plural: "covid" is not in "postcovid". What is
    excluded may also be a category, `cs.CV`, or a whole archive, `math`. Tags are not looked at: they are a guess.
    """

    def __init__(self, unwanted: Sequence[str]) -> None:
        self._unwanted = unwanted
        self._phrases = exact(unwanted)

    def of(self, paper: Paper, text: Text) -> str:
        """The first of the unwanted that a paper has, as the reader wrote it; "" for none. The text is not of stems."""
        if not self._unwanted:
            return ""
        found = {*self._phrases.found(text.title), *self._phrases.found(text.abstract)}
        found.update(number for number, wish in enumerate(self._unwanted) if _within(paper.categories, [wish]))
        return self._unwanted[min(found)] if found else ""


def earned(papers: Sequence[Paper], wishes: Interests, tags: Callable[[Paper], Sequence[str]]) -> list[list[Reason]]:
    """What each paper of a run earns so. The tags of a paper are asked for only if the reader named some."""
    followed, venues = Followed(wishes.authors), exact(wishes.venues)
    some = {tag.strip().casefold() for tag in wishes.tags}
    having: dict[str, dict[int, str]] = defaultdict(dict)
    """What is worth the same -> the papers that have it, each with words for it."""
    for place, paper in enumerate(papers):
        if wishes.categories and (inside := _within(paper.categories, wishes.categories)):
            having["category"][place] = f"in {inside[0]}"
        if wishes.venues and (at := venues.found(tokens(paper.venue))):
            having["venue"][place] = f"in {wishes.venues[min(at)]}"
        elif wishes.venues and (at := venues.found(tokens(paper.comment))):
            having["venue"][place] = f"“{wishes.venues[min(at)]}” in the authors' comment"
        if some and (fitting := [tag for tag in tags(paper) if tag.casefold() in some]):
            having["tag"][place] = f"tagged {fitting[0]}"
    found = [[Reason(AUTHOR, f"by {name}") for name in followed.among(paper.authors)] for paper in papers]
    for what, places in having.items():
        points = WORTH[what] * math.log(1 + len(papers) / len(places)) / math.log(1 + len(papers))
        for place, words in places.items():
            found[place].append(Reason(points, words, counts=what != "category"))
    return found


def _within(categories: Iterable[str], wishes: Sequence[str]) -> list[str]:
    """The categories that are wished for: by name, or with their archive."""
    names = [wish.strip().casefold() for wish in wishes]
    return [
        category
        for category in categories
        if any((known := category.casefold()) == name or known.startswith(f"{name}.") for name in names)
    ]
