"""Several records of one paper -> the paper, with the best that each of them says."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from digestor.dedupe.titles import folded, key_of, title_key
from digestor.models import Paper

CUT = re.compile(r"(?:\.\.\.|…)\s*$")
DAMAGE = re.compile(r"\d(?:times|sim|cdot|pm)\d|\\[a-zA-Z]{2,}|[{}]|\$|&[a-z]{2,6};|</?[a-z]{1,6}>|�")
"""What careless handling leaves of a formula or of markup: `384times384`, `\\eg`, stray braces, entities, tags."""


def merge(papers: Sequence[Paper]) -> Paper:
    """One paper of the records, at least one, of one paper. Their order decides the id and nothing else.

    Words are the latest version's, unless that abstract is cut off; the title may come from another record than the
    abstract. What only one record knows is kept; `also` has the ids of the others.
    """
    first = papers[0]
    if len(papers) == 1:
        return first
    ranked = _ranked(papers)
    ids = dict.fromkeys(chain.from_iterable((paper.id, *paper.also) for paper in papers))
    arxiv_id = next((paper.arxiv_id for paper in ranked if paper.arxiv_id), None)
    return Paper(
        id=first.id,
        title=_title(ranked),
        abstract=ranked[0].abstract,
        url=next((paper.url for paper in ranked if paper.url), None),
        authors=max((paper.authors for paper in ranked), key=lambda names: (len(names), names)),
        published=min((paper.published for paper in ranked if paper.published), default=None),
        arxiv_id=arxiv_id,
        version=max((paper.version for paper in ranked if paper.version and paper.arxiv_id == arxiv_id), default=None),
        doi=next((paper.doi for paper in ranked if paper.doi), None),
        categories=tuple(dict.fromkeys(chain.from_iterable(paper.categories for paper in ranked))),
        code_url=next((paper.code_url for paper in ranked if paper.code_url), None),
        upvotes=max((paper.upvotes for paper in ranked if paper.upvotes is not None), default=None),
        source="+".join(sorted({kind for paper in ranked for kind in paper.source.split("+") if kind})),
        also=tuple(other for other in ids if other != first.id),
    )


def _ranked(papers: Sequence[Paper]) -> list[Paper]:
    """The record with the best abstract first: whole, of the latest version, undamaged, long; then by what it says."""
    longest = max(len(paper.abstract) for paper in papers)

    def rank(paper: Paper) -> tuple[bool, int, bool, int, str]:
        whole = len(paper.abstract) >= 0.6 * longest and not CUT.search(paper.abstract[-9:])
        undamaged = not DAMAGE.search(paper.abstract)
        return whole, paper.version or 0, undamaged, len(paper.abstract), paper.model_dump_json(exclude={"id", "also"})

    return sorted(papers, key=rank, reverse=True)


def _title(papers: Sequence[Paper]) -> str:
    """The latest version's title, if possible unwrapped, undamaged, in mixed case and as most records have it."""
    votes = Counter(title_key(paper.title) for paper in papers)

    def rank(paper: Paper) -> tuple[int, bool, bool, bool, int, int, str]:
        title, key = paper.title, title_key(paper.title)
        mixed = title not in (title.upper(), title.lower())
        wrapped = key_of(" ".join(folded(title).split())) != key
        return paper.version or 0, not wrapped, not DAMAGE.search(title), mixed, votes[key], len(title), title

    return max(papers, key=rank).title
