"""A later version of a paper that was published before: is there something new to read?

A bumped version alone is no news, and neither is the same text from another source, which may have lost its formulas
or its end. Measured on the pairs of `dedupe_dev.jsonl`, the longer text shares at least 0.95 of its word triples with
a copy that was only reformatted, 0.69 to 0.90 with one edited lightly (a sentence more or fewer, synonyms), 0.33 to
0.64 with a rewrite; 0.74 with itself where a source strips its LaTeX. `KEPT` finds 36 of 38 rewrites and nothing else.
"""

import re

from digestor.dedupe.marks import LEAST_WORDS, OPENING, marks, triples
from digestor.models import Paper

KEPT = 0.60
"""The share of the longer abstract's word triples that the other one has too; with less it was rewritten."""
SAME_OPENING = 0.90
"""The share of its triples that a shorter abstract has in the other's opening if it is no more than that opening."""
CUT = re.compile(r"(?:\.\.\.|…)\W{0,3}\Z")
ENDED = re.compile(r"[.!?。！？]\W{0,3}\Z")


def rewritten(now: Paper, before: Paper) -> bool:
    """Is the abstract much changed from what it was before? Additions count, and so does what was taken out.

    Not where either abstract is missing, nor where both versions are known and `now` is no later one. Of an abstract
    that is cut off only as much of the other is looked at.
    """
    versions = now.version and before.version
    if versions and (now.version or 0) <= (before.version or 0):
        return False
    new, old = marks(now.title, now.abstract).words, marks(before.title, before.abstract).words
    shorter, longer = sorted((new, old), key=len)
    if len(shorter) < LEAST_WORDS:
        return False
    text = now.abstract if shorter is new else before.abstract
    opening = longer[: len(shorter)]
    if _cut(text) or not (versions or _shared(shorter, opening) < SAME_OPENING):
        longer = opening
        if len(shorter) < OPENING:
            return False
    return _shared(shorter, longer) < KEPT


def _cut(abstract: str) -> bool:
    """Does it end in an ellipsis, or in the middle of a sentence?"""
    end = abstract[-9:].rstrip()
    return bool(CUT.search(end)) or not ENDED.search(end)


def _shared(a: list[str], b: list[str]) -> float:
    """The share of the triples of the one with more that the other has too."""
    first, second = triples(a), triples(b)
    return len(first & second) / max(len(first), len(second))
