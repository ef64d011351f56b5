"""Which records are one paper? The rule beside what is commonly used for it, on the development half of the gold set.

Pairwise: a pair of records is found if some cluster has both. Where two methods need clusters made of pairs, they are
joined transitively. SciTLDR has natural duplicates of its own (a workshop paper and its later version): every merge in
it is listed to be read, with no gold beside it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from time import process_time
from typing import NamedTuple

from datasketch import MinHash, MinHashLSH
from rapidfuzz import fuzz, process

from bench.quality import gold as sets
from bench.quality.gold import Text
from bench.quality.table import Row
from digestor.dedupe import cluster, keys, same, title_key
from digestor.dedupe.candidates import Sets
from digestor.dedupe.marks import containment, marks
from digestor.evaluate import of_pairs, pairs_of
from digestor.models import Paper

TASK = "dedupe"
Method = Callable[[Sequence[Paper]], list[list[int]]]
Pairs = set[tuple[int, int]]


class Gold(NamedTuple):
    """Records, the cluster of each, how each was made, and the group (a base and all made of it) that it is in."""

    papers: list[Paper]
    clusters: list[str]
    kinds: list[str]
    groups: list[str]


def score(shared: Path, out: Path) -> list[Row]:
    """A row for each method, for each half of the set and for the keys; the pairs that were got wrong go to `out`."""
    gold = read(shared / "data" / "dedupe_dev.jsonl")
    methods: list[tuple[str, Method]] = [
        ("digestor", cluster),
        ("same title", lambda papers: by_key(papers, lambda paper: paper.title)),
        ("same title key", lambda papers: by_key(papers, lambda paper: title_key(paper.title))),
        ("title key, ratio >= 90", fuzzy_titles),
        ("MinHash, Jaccard >= .5", minhash),
        ("containment >= .5", contained),
    ]
    rows, misses = [], list[str]()
    for name, method in methods:
        marks.cache_clear()
        start = process_time()
        found = pairs(method(gold.papers))
        seconds = process_time() - start
        rows.append(
            Row(TASK, name, {**of_pairs(found, expected(gold)), "s_per_1000": seconds / len(gold.papers) * 1000})
        )
        if method is cluster:
            misses = told(gold, found)
    rows += [*halves(gold), key_row(gold)]
    papers = natural(shared)
    merged = [members for members in cluster(papers) if len(members) > 1]
    rows.append(
        Row(TASK, "digestor on SciTLDR", {"records": len(papers), "merges": len(merged)}, "to be read, no gold")
    )
    misses += ["", "Every merge in SciTLDR (train and dev):"]
    misses += [" | ".join(papers[index].title for index in members) for members in merged]
    (out / "dedupe-misses.txt").write_text("\n".join(misses) + "\n", encoding="utf-8")
    return rows


def read(file: Path) -> Gold:
    """The gold set, its texts cleaned as a source would clean them."""
    records = sets.rows(file)
    papers = [sets.as_paper(Text(record["id"], record["title"], record["abstract"])) for record in records]
    return Gold(papers, *([record[field] for record in records] for field in ("cluster", "kind", "group")))


def natural(shared: Path) -> list[Paper]:
    """The papers of SciTLDR's train and dev splits."""
    return [sets.as_paper(text) for split in ("train", "dev") for text in sets.scitldr(shared, split).values()]


def pairs(clusters: Iterable[Iterable[int]]) -> Pairs:
    """Every pair (lower, higher) that is in one cluster."""
    return {pair for members in clusters for pair in combinations(sorted(members), 2)}


def expected(gold: Gold) -> Pairs:
    """The pairs that are one paper."""
    return pairs_of(gold.clusters)


def told(gold: Gold, found: Pairs) -> list[str]:
    """What was got wrong, and the recall of each kind of variant."""
    right = expected(gold)
    lines = []
    for title, wrong in (("Merged wrongly:", found - right), ("Not found:", right - found)):
        lines.append(title)
        for i, j in sorted(wrong):
            shown = " || ".join(f"{gold.kinds[index]}: {gold.papers[index].title}" for index in (i, j))
            lines.append(
                f"  {containment(*(marks(p.title, p.abstract) for p in (gold.papers[i], gold.papers[j]))):.3f} {shown}"
            )
    lines += ["", "Recall of the pairs that a kind of variant is in:"]
    for kind in sorted(set(gold.kinds)):
        of_kind = {pair for pair in right if kind in (gold.kinds[pair[0]], gold.kinds[pair[1]])}
        if of_kind:
            lines.append(f"  {kind:20} {len(of_kind & found):4} of {len(of_kind):4}")
    return lines


def halves(gold: Gold) -> list[Row]:
    """The rule on either half of the groups alone."""
    rows = []
    for half in (0, 1):
        chosen = [index for index, group in enumerate(gold.groups) if int(group[1:]) % 2 == half]
        papers, clusters, kinds, groups = gold
        part = Gold(
            [papers[index] for index in chosen],
            *([column[index] for index in chosen] for column in (clusters, kinds, groups)),
        )
        rows.append(Row(TASK, f"digestor, half {half + 1}", of_pairs(pairs(cluster(part.papers)), expected(part))))
    return rows


def key_row(gold: Gold) -> Row:
    """How many of the pairs that the rule accepts share a key, by which a memory would find them."""
    known = [set(keys(paper)) for paper in gold.papers]
    accepted = [(i, j) for i, j in expected(gold) if same(gold.papers[i], gold.papers[j])]
    found = sum(not known[i].isdisjoint(known[j]) for i, j in accepted)
    return Row(TASK, "digestor's keys for a memory", {"R": found / len(accepted), "pairs": len(accepted)})


def by_key(papers: Sequence[Paper], key: Callable[[Paper], str]) -> list[list[int]]:
    """Records with an equal key."""
    members = defaultdict(list)
    for index, paper in enumerate(papers):
        members[key(paper)].append(index)
    return list(members.values())


def joined(count: int, linked: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Clusters made of pairs."""
    sets = Sets(count)
    for i, j in linked:
        sets.join(i, j)
    return sets.all()


def fuzzy_titles(papers: Sequence[Paper]) -> list[list[int]]:
    """Title keys with a normalised edit similarity of 90 or more."""
    titles = [title_key(paper.title) for paper in papers]
    near = process.cdist(titles, titles, scorer=fuzz.ratio, score_cutoff=90)
    return joined(len(titles), ((i, j) for i, j in combinations(range(len(titles)), 2) if near[i][j] >= 90))


def shingles(paper: Paper) -> set[str]:
    """The word triples of an abstract, as strings."""
    words = re.findall(r"\w+", paper.abstract.casefold())
    return {" ".join(words[index : index + 3]) for index in range(len(words) - 2)}


def minhash(papers: Sequence[Paper]) -> list[list[int]]:
    """datasketch: 128 permutations of word triples, pairs from its index, estimated Jaccard of .5 or more."""
    index = MinHashLSH(threshold=0.5, num_perm=128)
    sketches = {}
    for number, paper in enumerate(papers):
        if triples := shingles(paper):
            sketches[number] = MinHash(num_perm=128)
            sketches[number].update_batch([triple.encode() for triple in triples])
            index.insert(number, sketches[number])
    near = ((i, j) for i, sketch in sketches.items() for j in index.query(sketch) if i < j)
    return joined(len(papers), ((i, j) for i, j in near if sketches[i].jaccard(sketches[j]) >= 0.5))


def contained(papers: Sequence[Paper]) -> list[list[int]]:
    """Half of the word triples of the shorter abstract in the other one, exactly."""
    return joined(len(papers), _overlapping([shingles(paper) for paper in papers], 0.5))


def _overlapping(sets: Sequence[set[str]], least: float) -> Iterator[tuple[int, int]]:
    where = defaultdict(list)
    for index, members in enumerate(sets):
        for member in members:
            where[member].append(index)
    near = {pair for indices in where.values() for pair in combinations(indices, 2)}
    return ((i, j) for i, j in near if len(sets[i] & sets[j]) >= least * min(len(sets[i]), len(sets[j])))
