"""Which records are the same paper: pairs worth comparing, compared, become clusters."""

from collections.abc import Hashable, Sequence

from digestor.dedupe.candidates import Sets, candidates
from digestor.dedupe.same import Verdict, compare
from digestor.models import Paper

HEARD = 8
"""Members of each of two clusters that are asked before the clusters become one."""
TEXT = 100
"""Characters from which on an abstract is more than a note: then equal words are enough to be a copy."""


def cluster(papers: Sequence[Paper]) -> list[list[int]]:
    """The records of each paper, as ascending indices into `papers`, ordered by the first.

    Two clusters that a pair of records links become one, unless a member of the one and a member of the other are told
    apart: a record that says little, a bare title, cannot glue two papers that have nothing to do with each other.
    """
    clusters = Sets(len(papers))
    originals: dict[Hashable, int] = {}
    known: dict[str, int] = {}
    for index, paper in enumerate(papers):
        clusters.join(originals.setdefault(_copy_key(paper), index), index)
        for name in _identifiers(paper):
            clusters.join(known.setdefault(name, index), index)
    for i, j in candidates(papers, list(originals.values())):
        one, other = clusters.of(i), clusters.of(j)
        if one is not other and compare(papers[i], papers[j]) is Verdict.SAME:
            heard = ((papers[a], papers[b]) for a in one[:HEARD] for b in other[:HEARD])
            if not any(compare(a, b) is Verdict.APART for a, b in heard):
                clusters.join(i, j)
    return clusters.all()


def _copy_key(paper: Paper) -> Hashable:
    """Equal for records that say all the same, so that only one of them need be compared with others."""
    said = paper.title, paper.abstract, paper.arxiv_id, paper.doi
    return said if len(paper.abstract) >= TEXT else (*said, paper.id, paper.url, paper.authors)


def _identifiers(paper: Paper) -> list[str]:
    """What settles the matter where two records have it in common."""
    return [f"{kind}:{value}" for kind, value in (("arxiv", paper.arxiv_id), ("doi", paper.doi)) if value]
