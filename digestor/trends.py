"""What is more, or less, or here again, beside the issues before. Counted, not written by anybody.

A tag rises or falls where chance does not explain it. Its papers in this issue and in up to eight before are drawn as
from one urn: how likely is it that so many (or so few) of them fall to this issue, whatever the issues' sizes
(the hypergeometric distribution: Fisher's exact test)? That has to be less than CHANCE shared out among all tags and
both directions. Real weeks vary more than an urn does (a conference, a holiday), so the tag's share must also be SPREAD
standard deviations from those before, and half as much again as (or two thirds of) their mean; and its count on the
same side of the mean count, so that the numbers shown never say the opposite of the word.

How often steady streams have a trend by chance is measured in `tests/test_trends.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import exp, lgamma
from statistics import mean, stdev
from typing import NamedTuple

from digestor.dedupe.titles import WORD, folded
from digestor.models import Entry, Trend

Tally = Mapping[tuple[str, str], int]
"""(kind, name) -> papers of an issue; the kinds are `tag`, `author`, `organisation`, and `papers` for all of them."""

PAPERS = ("papers", "")
ISSUES = 8
"""How many issues before are looked at."""
LEAST_ISSUES = 2
LEAST = 3
"""Papers in this issue (or on average before it) below which a tag is too rare to say anything of."""
CHANCE = 0.10
"""The chance that all tests of an issue together may have of finding something where nothing is."""
CHANGE = 1.5
"""How much more of the issue a rising tag has at least; a falling one, as much less."""
SPREAD = 3
"""Standard deviations, of a tag's shares in the issues before, by which its share of this one differs at least."""
MOST = 3
"""Trends shown in each direction."""
HERE, EARLIER = 2, 3
"""Papers that a name has at least in this issue, and in those before."""
MOST_NAMES = {"author": 3, "organisation": 2}
CROWD = 50
"""Authors of a paper from which on it says nothing of any of them."""
NOBODY = frozenset(("et al", "others", "and others", "anonymous", "unknown", "na"))


def tally(entries: Iterable[Entry]) -> dict[tuple[str, str], int]:
    """How many papers of an issue have each tag, author and organisation, and how many papers there are."""
    found: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        paper = entry.paper
        found[PAPERS] += 1
        found.update(("tag", tag) for tag in dict.fromkeys(entry.annotation.tags))
        if len(paper.authors) < CROWD:
            authors = {key_of(name): name for name in map(_forwards, paper.authors)}
            found.update(("author", name) for key, name in authors.items() if key and key not in NOBODY)
        if key_of(paper.organisation):
            found["organisation", " ".join(paper.organisation.split())] += 1
    return dict(found)


def trends(now: Tally, before: Sequence[Tally], labels: Mapping[str, str]) -> tuple[Trend, ...]:
    """What rises, what falls, who is here again. Nothing where there are fewer than two issues to compare with.

    `before` holds the tallies of issues of the same kind, the latest first; `labels` says how a tag is called.
    """
    before = [one for one in before[:ISSUES] if one.get(PAPERS)]
    if len(before) < LEAST_ISSUES:
        return ()
    return (*_moved(now, before, labels), *_again(now, before))


class _Count(NamedTuple):
    """A tag in this issue and in those before."""

    tag: str
    now: int
    each: tuple[int, ...]


def _moved(now: Tally, before: Sequence[Tally], labels: Mapping[str, str]) -> list[Trend]:
    """The tags that rise, then those that fall, the least likely first."""
    tags = sorted({name for one in (now, *before) for kind, name in one if kind == "tag" and name != "other"})
    sizes = [one.get(PAPERS, 0) for one in before]
    size = now.get(PAPERS, 0)
    if not (tags and size):
        return []
    chance = CHANCE / (2 * len(tags))
    found: dict[str, list[tuple[float, Trend]]] = {"rising": [], "falling": []}
    for tag in tags:
        count = _Count(tag, now.get(("tag", tag), 0), tuple(one.get(("tag", tag), 0) for one in before))
        kind = "rising" if count.now * sum(sizes) > sum(count.each) * size else "falling"
        wanted = _rises if kind == "rising" else _falls
        if not (wanted(count, size, sizes) and _beyond(count, size, sizes)):
            continue
        likely = _likelihood(count, size, sum(sizes), kind == "rising")
        if likely < chance:
            name = labels.get(tag, tag)
            trend = Trend(
                kind="rising" if kind == "rising" else "falling",
                name=name,
                now=count.now,
                before=round(sum(count.each) / len(before), 1),
                issues=len(before),
            )
            found[kind].append((likely, trend))
    return [trend for kind in found.values() for _, trend in sorted(kind, key=lambda one: (one[0], one[1].name))[:MOST]]


def _rises(count: _Count, size: int, sizes: Sequence[int]) -> bool:
    """Is there enough of it, and enough more than before?"""
    return (
        count.now >= LEAST
        and count.now * len(sizes) > sum(count.each)
        and count.now * sum(sizes) >= CHANGE * sum(count.each) * size
    )


def _falls(count: _Count, size: int, sizes: Sequence[int]) -> bool:
    """Was there enough of it, and is it enough less than before?"""
    return (
        sum(count.each) >= LEAST * len(sizes)
        and count.now * len(sizes) < sum(count.each)
        and count.now * sum(sizes) * CHANGE <= sum(count.each) * size
    )


def _beyond(count: _Count, size: int, sizes: Sequence[int]) -> bool:
    """Is the tag's share of the issue far from its shares of those before, as these differ among themselves?"""
    shares = [each / of for each, of in zip(count.each, sizes, strict=True)]
    return abs(count.now / size - mean(shares)) >= SPREAD * stdev(shares)


def _likelihood(count: _Count, size: int, sizes: int, rising: bool) -> float:
    """How likely an issue of this size gets by chance so many of the tag's papers or more (or so few, or fewer)."""
    whole, marked = size + sizes, count.now + sum(count.each)
    ways = _ways(whole, marked)
    least, most = max(0, marked - sizes), min(marked, size)
    numbers = range(count.now, most + 1) if rising else range(least, count.now + 1)
    return sum(exp(_ways(size, number) + _ways(sizes, marked - number) - ways) for number in numbers)


def _ways(of: int, some: int) -> float:
    """The logarithm of the number of ways to choose some of so many."""
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)


def _again(now: Tally, before: Sequence[Tally]) -> list[Trend]:
    """The authors, then the organisations, that had papers in the issues before and have several here."""
    found: list[Trend] = []
    for kind, most in MOST_NAMES.items():
        here, earlier = _by_key(kind, (now,)), _by_key(kind, before)
        known = [
            (-count, -sum(earlier[key].values()), name)
            for key, names in here.items()
            for name, count in ((min(names, key=lambda name: (-names[name], name)), sum(names.values())),)
            if count >= HERE and sum(earlier[key].values()) >= EARLIER
        ]
        for count, past, name in sorted(known)[:most]:
            found.append(
                Trend(
                    kind="author" if kind == "author" else "organisation",
                    name=name,
                    now=-count,
                    before=-past,
                    issues=len(before),
                )
            )
    return found


def _by_key(kind: str, tallies: Iterable[Tally]) -> Mapping[str, Counter[str]]:
    """The papers of each name, spelled in whatever way, by spelling."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in tallies:
        for (of, name), count in one.items():
            if of == kind:
                found[key_of(name)][name] += count
    return found


def key_of(name: str) -> str:
    """What the spellings of a name have in common: no capitals, accents, stops."""
    return " ".join(WORD.findall(folded(name[:200])))


def _forwards(name: str) -> str:
    """`Lovelace, Ada` as `Ada Lovelace`."""
    family, comma, given = name[:200].partition(",")
    forwards = f"{given} {family}" if comma and "," not in given else name[:200]
    return " ".join(forwards.split())
