"""Papers in the order in which a reader wants them, each with the reasons. No model, no network, no chance.

What a paper says of the reader's topics (`topics`), who wrote it and where (`facts`), what it is like (`known`): each
earns points, and a score is their sum (`reasons` has the table). Votes and code only part equals.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from digestor.interests import facts
from digestor.interests.known import Known, Pile, by_title, text_of
from digestor.interests.phrases import Text
from digestor.interests.reasons import DISLIKED, LIBRARY, LIKED, LITTLE, VOTES, Reason
from digestor.interests.topics import Topics
from digestor.interests.wishes import Interests
from digestor.models import Paper

REASONS = 4
"""That are named."""
LESS = ", of which you wanted less"


class Reader(NamedTuple):
    """Whoever the papers are ranked for."""

    interests: Interests
    library: Sequence[Paper] = ()
    liked: Sequence[Paper] = ()
    """Of earlier issues: what the reader wanted more of ..."""
    disliked: Sequence[Paper] = ()
    """... and less of."""


class Ranked(NamedTuple):
    """A paper in its place."""

    paper: Paper
    score: float
    why: tuple[str, ...]
    """Reasons in words, the strongest first: `“sparse attention” in the title`, `by Ada Lovelace`, `41 votes`."""
    excluded: str = ""
    """The word or category, as the reader wrote it, for which it is left out."""
    wanted: bool = False
    """Is anything that the reader asked for a reason for it? Votes and code are not; a category is too wide to be."""


def rank(papers: Sequence[Paper], reader: Reader, tags: Callable[[Paper], Sequence[str]]) -> list[Ranked]:
    """All papers, the best first, those with an excluded word or category last; equals by title.

    The order in which papers come in changes nothing. `tags` is asked only if the reader named tags. A paper that is
    in the library itself, or was liked, rises no more than its neighbours there let it: the reader knows it.
    """
    papers = sorted(papers, key=by_title)
    wishes = reader.interests
    exclusion = facts.Exclusion(wishes.exclude)
    texts, excluded = list[Text](), list[str]()
    for paper in papers:
        text = text_of(paper)
        excluded.append(exclusion.of(paper, text))
        texts.append(text.stems())
    piles = (
        Pile(reader.library, LIBRARY, "like “{}” of your library"),
        Pile(reader.liked, LIKED, "like “{}”, which you liked"),
        Pile(reader.disliked, DISLIKED, f"like “{{}}”{LESS}"),
    )
    topics, known = Topics(wishes.topics, texts), Known(piles, wishes.about, texts)
    topical = [list(topics.of(place)) for place in range(len(papers))]
    least = min([LITTLE, *(reason.points / 2 for some in topical for reason in some)])
    ranked = []
    for paper, text, word, some, others in zip(
        papers, texts, excluded, topical, facts.earned(papers, wishes, tags), strict=True
    ):
        found = [*some, *others, *known.of(paper, text)]
        appeal = list(_appeal(paper, least))
        strongest = sorted(found, key=lambda reason: (-abs(reason.points), reason.words))
        why = tuple(dict.fromkeys(reason.words for reason in (*strongest, *appeal) if reason.words))[:REASONS]
        score = sum(reason.points for reason in (*found, *appeal))
        wanted = any(reason.words and reason.counts for reason in found)
        ranked.append(Ranked(paper, score, why, word, wanted))
    return sorted(ranked, key=lambda one: (bool(one.excluded), -one.score))


def _appeal(paper: Paper, most: float) -> Iterator[Reason]:
    """What votes and code add: less than `most` together, the votes by their order of magnitude."""
    if votes := max(0, paper.upvotes or 0):
        share = min(1.0, math.log1p(votes) / math.log1p(VOTES))
        yield Reason(most * 0.7 * share, f"{votes:,} vote{'' if votes == 1 else 's'}", counts=False)
    if paper.code_url:
        yield Reason(most * 0.2, "with code", counts=False)
