"""Which pairs of records are worth comparing? Those that share something rare; found in near-linear time.

A record is filed under its names (id, address, title, title without any one word) and under the smallest of its
abstract's hashed word triples, which two like abstracts have in common whatever else there is. What many records
share tells none of them from the others, so it says nothing: a boilerplate abstract, the words "in this paper we".
The files are flat arrays of numbers, sorted part by part: a million records need half a gigabyte, not ten.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import combinations, pairwise
from operator import xor

from digestor.dedupe.marks import Marks, marks, number
from digestor.models import Paper

SAMPLE = 64
"""Triples of an abstract under which it is filed."""
MANY = 50
"""Records that share a triple, from which on it says nothing."""
FEW = 8
"""Records that share something, up to which each is paired with each; above, with the first and with the next."""
SHARE = 16
"""At least one in so many triples of the smaller sample has to be common, and at least two."""
PART = 1 << 20
"""About how many numbers are sorted at a time."""


class Sets:
    """The numbers below a size, each in one of several sets."""

    def __init__(self, size: int) -> None:
        self._of = [[index] for index in range(size)]

    def of(self, index: int) -> list[int]:
        """The set that a number is in; two numbers are together if this is the same list."""
        return self._of[index]

    def join(self, i: int, j: int) -> None:
        """Make one set of the two that `i` and `j` are in."""
        one, other = self._of[i], self._of[j]
        if one is other:
            return
        if len(one) < len(other):
            one, other = other, one
        one.extend(other)
        for index in other:
            self._of[index] = one

    def all(self) -> list[list[int]]:
        """Every set, ascending, in the order of their first numbers."""
        return sorted(sorted(members) for members in {id(members): members for members in self._of}.values())


class Files:
    """Numbers of up to 64 bits, of which the upper ones are a key and the lower `bits` an index."""

    def __init__(self, bits: int, expected: int) -> None:
        self.bits = bits
        self.mask = (1 << (64 - bits)) - 1
        self.parts = [array("Q") for _ in range(1 + expected // PART)]

    def put(self, keys: Iterable[int], index: int) -> None:
        """File an index under some keys, of which only as many bits are kept as fit."""
        if len(self.parts) == 1:
            self.parts[0].extend([(key & self.mask) << self.bits | index for key in keys])
        else:
            for key in keys:
                self.parts[key % len(self.parts)].append((key & self.mask) << self.bits | index)

    def runs(self) -> Iterator[tuple[int, list[int]]]:
        """Every key with more than one index, and these, ascending; the files are empty afterwards."""
        lower = (1 << self.bits) - 1
        for part in self.parts:
            entries = sorted(part)
            del part[:]
            run: list[int] = []
            for entry, following in pairwise([*entries, -1]):
                if 0 <= entry ^ following <= lower:
                    run.append(entry & lower)
                elif run:
                    yield entry >> self.bits, [*run, entry & lower]
                    run = []


def candidates(papers: Sequence[Paper], chosen: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs (lower, higher) of the chosen indices worth comparing: linked ones together, the likeliest first."""
    bits = max(1, len(papers).bit_length())
    by_text, by_name = Files(bits, len(chosen) * SAMPLE), Files(bits, len(chosen) * FEW)
    sampled = array("B", bytes(len(papers)))
    for index in chosen:
        found = marks(papers[index].title, papers[index].abstract)
        sample = sorted(found.triples)[:SAMPLE]
        sampled[index] = len(sample)
        by_text.put(sample, index)
        by_name.put(_names(papers[index], found), index)
    pairs = Files(bits, len(chosen) * FEW)
    for _, run in by_text.runs():
        if len(run) < MANY:
            for low, high in _linked(run):
                pairs.put((low,), high)
    likely: dict[tuple[int, int], int] = {}
    for low, highs in pairs.runs():
        for high, common in Counter(highs).items():
            if common >= max(2, min(sampled[low], sampled[high]) // SHARE):
                likely[low, high] = common
    for _, run in by_name.runs():
        for pair in _linked(run):
            likely.setdefault(pair, 0)
    linked = Sets(len(papers))
    for low, high in likely:
        linked.join(low, high)
    return sorted(likely, key=lambda pair: (linked.of(pair[0])[0], -likely[pair], pair))


def _names(paper: Paper, found: Marks) -> set[int]:
    """Under what else than its abstract a record is filed, as numbers."""
    words = [number(word) for word in found.topic]
    whole = reduce(xor, words, 0)
    names = {number(f"id:{paper.id}"), number(f"title:{found.tight}"), whole}
    if paper.url:
        names.add(number(f"url:{paper.url}"))
    if len(words) >= 4:
        names.update(whole ^ word for word in words)
    return names


def _linked(run: list[int]) -> Iterator[tuple[int, int]]:
    """The pairs of what shares a key, not more than twice as many as there are members if those are many."""
    if len(run) <= FEW:
        yield from combinations(run, 2)
        return
    for before, index in pairwise(run):
        yield before, index
        if before != run[0]:
            yield run[0], index
