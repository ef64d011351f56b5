"""Several records of one paper -> the paper, with the best that each of them says."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar

from digestor.dedupe.titles import folded, key_of, title_key
from digestor.models import Paper, Standing

CUT = re.compile(r"(?:\.\.\.|…)[\])]?\s*$")
ENDED = re.compile(r"[.!?。！？][\"'”’»)\]]{0,2}\s*$")
LOST = re.compile(r"\d(?:times|sim|cdot|pm)\d|&[a-z]{2,6};|</?[a-z]{1,6}>|�")
"""What careless handling leaves of a formula or of markup: `384times384`, entities, tags."""
RAW = re.compile(r"\\[a-zA-Z]{2,}|[{}]|\$")
"""What is left of a formula that nobody made readable: `\\eg`, stray braces. arXiv's own copy has it as it was."""
BEST_FIRST = (
    "arxiv mail",
    "pubmed crossref biorxiv medrxiv feed",
    "openalex semanticscholar",
    "huggingface",
)
"""Kinds of sources by how well they keep an abstract; those not named come last."""
KINDS = {kind: len(BEST_FIRST) - place for place, kinds in enumerate(BEST_FIRST) for kind in kinds.split()}
ARXIV = KINDS["arxiv"]
WORST_FIRST: tuple[Standing, ...] = ("retracted", "withdrawn", "active")

Value = TypeVar("Value")


def merge(papers: Sequence[Paper]) -> Paper:
    """One paper of the records, at least one, of one paper. Their order decides the id and nothing else.

    Words are the latest version's, unless that abstract is cut off or damaged, and of one version those of the source
    that keeps them best; the title may come from another record than the abstract. What only one record knows is kept;
    `also` has the ids of the others.
    """
    first = papers[0]
    if len(papers) == 1:
        return first
    ranked = _ranked(papers)
    arxiv_id = _first(paper.arxiv_id for paper in ranked)
    version = max((paper.version for paper in ranked if paper.version and paper.arxiv_id == arxiv_id), default=None)
    ids = _union((paper.id, *paper.also) for paper in papers)
    return Paper(
        id=first.id,
        title=_title(ranked),
        abstract=ranked[0].abstract,
        url=_first(paper.url for paper in ranked),
        authors=max((paper.authors for paper in ranked), key=lambda names: (len(names), names)),
        published=min((paper.published for paper in ranked if paper.published), default=None),
        arxiv_id=arxiv_id,
        version=version,
        doi=_first(paper.doi for paper in ranked),
        categories=_union(paper.categories for paper in ranked),
        code_url=_first(paper.code_url for paper in ranked),
        upvotes=max((paper.upvotes for paper in ranked if paper.upvotes is not None), default=None),
        source="+".join(sorted({kind for paper in ranked for kind in paper.source.split("+") if kind})),
        also=tuple(other for other in ids if other != first.id),
        announced=min((paper.announced for paper in ranked if paper.announced), default=None),
        updated=_updated(ranked, arxiv_id, version),
        pmid=_first(paper.pmid for paper in ranked),
        project_url=_first(paper.project_url for paper in ranked),
        stars=max((paper.stars for paper in ranked if paper.stars is not None), default=None),
        organisation=_first(paper.organisation for paper in ranked) or "",
        venue=_first(paper.venue for paper in ranked) or "",
        comment=_first(paper.comment for paper in ranked) or "",
        licence=_first(paper.licence for paper in ranked) or "",
        standing=next(worst for worst in WORST_FIRST if any(paper.standing == worst for paper in ranked)),
        flags=_union(paper.flags for paper in ranked),
        seen_in=_union(paper.seen_in for paper in ranked),
        revision=all(paper.revision for paper in ranked),
    )


def _first(values: Iterable[Value | None]) -> Value | None:
    """The first that says something."""
    return next((value for value in values if value), None)


def _union(values: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(values)))


def _updated(papers: Sequence[Paper], arxiv_id: str | None, version: int | None) -> datetime | None:
    """When the version that is the paper's now came out: what is said of an earlier one does not count."""
    known = (paper for paper in papers if version is None or (paper.version, paper.arxiv_id) == (version, arxiv_id))
    return max((paper.updated for paper in known if paper.updated), default=None)


def _ranked(papers: Sequence[Paper]) -> list[Paper]:
    """The record with the best abstract first: whole, of the latest version, undamaged, from the best kind of source,
    long; then by what it says.
    """
    longest = max(len(paper.abstract) for paper in papers)

    def rank(paper: Paper) -> tuple[bool, bool, int, bool, int, int, str]:
        kind, text = _kind(paper), paper.abstract
        return (
            _whole(paper, longest),
            not LOST.search(text),
            paper.version or 0,
            kind == ARXIV or not RAW.search(text),
            kind,
            len(text),
            paper.model_dump_json(exclude={"id", "also"}),
        )

    return sorted(papers, key=rank, reverse=True)


def _kind(paper: Paper) -> int:
    """How well the best of its sources keeps an abstract."""
    return max(KINDS.get(kind, 0) for kind in paper.source.split("+"))


def _whole(paper: Paper, longest: int) -> bool:
    """Is an abstract all there? One that is much shorter than another is not, but arXiv never gives half a text."""
    text = paper.abstract
    if not text or CUT.search(text[-9:]):
        return False
    stands = _kind(paper) == ARXIV and paper.standing == "active" and ENDED.search(text[-9:])
    return bool(stands) or len(text) >= 0.6 * longest


def _title(papers: Sequence[Paper]) -> str:
    """The latest version's title, if possible unwrapped, undamaged, in mixed case and as most records have it."""
    votes = Counter(title_key(paper.title) for paper in papers)

    def rank(paper: Paper) -> tuple[int, bool, bool, bool, int, int, int, str]:
        title, key = paper.title, title_key(paper.title)
        mixed = title not in (title.upper(), title.lower())
        wrapped = key_of(" ".join(folded(title).split())) != key
        undamaged = not (LOST.search(title) or RAW.search(title))
        return paper.version or 0, not wrapped, undamaged, mixed, votes[key], _kind(paper), len(title), title

    return max(papers, key=rank).title
