"""Ranking: does a library of a few papers bring up the others of their kind, and do the words of a topic?

A library of up to ten papers that bear one label, the rest mixed; right are the others with that label. Labels are a
reader's (120 seed papers: their tags, of which few papers have one and the same, and the areas they lie in), so
digestor's own phrases have no part in them; and for a full library of ten and 255 papers those of its own taxonomy,
which finds phrases itself and so favours whatever looks for words. Means over all labels and several draws.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench.quality import gold
from bench.quality.table import Row
from digestor.interests import Interests, Reader, choose, rank
from digestor.models import Paper
from digestor.taxonomy import OTHER, load
from digestor.text.words import STOPWORDS, content, stem, words

LIBRARY = 10
FEWEST = 6
"""Papers that have to bear a label; half of them are the library, at most `LIBRARY`."""
DRAWS = 6


class Labelled(NamedTuple):
    """A paper, the labels it bears, and those that count neither as right nor as wrong."""

    paper: Paper
    labels: frozenset[str]
    maybe: frozenset[str]


class Task(NamedTuple):
    """A library and what is to be ranked for its reader."""

    words: str
    """What the label is called."""
    library: list[Paper]
    papers: list[Paper]
    right: frozenset[str]
    """The ids of those that should come first."""


Method = Callable[[Task, Random], list[Paper]]


def score(shared: Path, out: Path) -> list[Row]:
    """Rows for each kind of label; the right papers that came last are written to `out/ranking-misses.txt`."""
    methods: dict[str, Method] = {
        "digestor, library": lambda task, _: ranked(task, library=True),
        "digestor, topic": lambda task, _: ranked(task, topic=True),
        "digestor, library and topic": lambda task, _: ranked(task, library=True, topic=True),
        "tf-idf, middle of the library": lambda task, _: centroid(task),
        "keyword match": keywords,
        "random": at_random,
    }
    rows, lines = [], []
    for kind, papers, names in kinds(shared):
        given = tasks(papers, names)
        for name, method in methods.items():
            orders = [(task, method(task, Random(number))) for number, task in enumerate(given)]
            labels = len({task.words for task in given})
            rows.append(Row(f"ranking: {kind}", name, measures(orders), f"{labels} labels, {len(given)} draws"))
            if name == "digestor, library":
                lines += [f"\n{kind}", *misses(orders)]
    rows.append(spread(shared))
    (out / "ranking-misses.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return rows


def kinds(shared: Path) -> list[tuple[str, list[Labelled], Mapping[str, str]]]:
    """What the labels are, the papers that bear them, and what the labels are called."""
    taxonomy, seeds = load(), {id_: gold.as_paper(text) for id_, text in gold.seeds(shared).items()}
    read = gold.rows(shared / "data" / "tags_gold_dev.jsonl")
    plan = json.loads((shared / "data" / "taxonomy.json").read_text(encoding="utf-8"))
    areas = {area["id"]: area["label"] for area in plan["areas"]}
    by_tag = [Labelled(seeds[row["id"]], frozenset(row["tags"]), frozenset(row["also_ok_tags"])) for row in read]
    by_area = [Labelled(seeds[row["id"]], frozenset(row["areas"]), frozenset(row["also_ok_areas"])) for row in read]
    own = [
        Labelled(paper, frozenset(taxonomy.tag(paper.title, paper.abstract)), frozenset()) for paper in seeds.values()
    ]
    return [
        ("a reader's tags", by_tag, taxonomy.labels),
        ("a reader's areas", by_area, areas),
        ("our own tags (circular)", own, taxonomy.labels),
    ]


def tasks(papers: Sequence[Labelled], names: Mapping[str, str]) -> list[Task]:
    """Every label that enough papers bear, drawn several times."""
    having = Counter(label for one in papers for label in one.labels if label != OTHER)
    found = []
    for label in sorted(label for label, count in having.items() if count >= FEWEST):
        for draw in range(DRAWS):
            bearing = [one.paper for one in papers if label in one.labels]
            Random(f"{label} {draw}").shuffle(bearing)
            size = min(LIBRARY, len(bearing) // 2)
            others = [one.paper for one in papers if label not in one.labels | one.maybe]
            right = frozenset(paper.id for paper in bearing[size:])
            found.append(Task(names[label], bearing[:size], [*bearing[size:], *others], right))
    return found


def ranked(task: Task, library: bool = False, topic: bool = False) -> list[Paper]:
    """digestor's order."""
    interests = Interests.model_validate({"topics": [task.words] if topic else []})
    reader = Reader(interests, task.library if library else ())
    return [one.paper for one in rank(task.papers, reader, lambda _: ())]


def keywords(task: Task, chance: Random) -> list[Paper]:
    """By how many of the label's words stand in title or abstract."""
    wanted = {stem(word) for word in words(task.words) if word not in STOPWORDS}
    papers = at_random(task, chance)
    return sorted(papers, key=lambda paper: -len(wanted & content(f"{paper.title} {paper.abstract}")))


def at_random(task: Task, chance: Random) -> list[Paper]:
    """In no order."""
    return chance.sample(task.papers, len(task.papers))


def centroid(task: Task) -> list[Paper]:
    """By the cosine to the sum of the library's tf-idf vectors: the textbook way."""
    counts = {paper.id: Counter(stems_of(paper)) for paper in (*task.library, *task.papers)}
    having = Counter(word for count in counts.values() for word in count)
    vectors = {
        id_: {word: times * math.log(len(counts) / having[word]) for word, times in count.items()}
        for id_, count in counts.items()
    }
    middle = Counter[str]()
    for paper in task.library:
        length = math.hypot(*vectors[paper.id].values())
        for word, weight in vectors[paper.id].items():
            middle[word] += weight / length  # type: ignore[assignment] # a Counter adds up any number

    def near(paper: Paper) -> float:
        of_paper = vectors[paper.id]
        return sum(weight * middle[word] for word, weight in of_paper.items()) / (math.hypot(*of_paper.values()) or 1.0)

    return sorted(task.papers, key=lambda paper: -near(paper))


def stems_of(paper: Paper) -> list[str]:
    return [stem(word) for word in words(f"{paper.title} {paper.abstract}") if word not in STOPWORDS]


def measures(orders: Sequence[tuple[Task, list[Paper]]]) -> dict[str, float]:
    """Means over the draws. Mean rank: where the right ones stand, 0 the first place, 1 the last (random: 0.5)."""
    found: dict[str, float] = defaultdict(float)
    for task, order in orders:
        places = [place for place, paper in enumerate(order) if paper.id in task.right]
        right, wrong = len(places), len(order) - len(places)
        before = sum(place - number for number, place in enumerate(places))  # pairs in the wrong order
        of_draw = {
            "mean rank": sum(places) / right / (len(order) - 1),
            "best possible": (right - 1) / 2 / (len(order) - 1),
            "reciprocal rank": 1 / (places[0] + 1),
            "precision@10": sum(place < 10 for place in places) / min(10, right),
            "AUC": 1 - before / (right * wrong),
        }
        for name, value in of_draw.items():
            found[name] += value / len(orders)
    return found


def spread(shared: Path) -> Row:
    """Of eleven near-copies of one paper, among the seeds: how many does a reader see in the first ten?"""
    papers = [gold.as_paper(text) for text in gold.seeds(shared).values()]
    first = papers[0]
    copies = [
        first.model_copy(update={"id": f"copy{k}", "title": f"{first.title} {k}", "abstract": f"{first.abstract} {k}"})
        for k in range(10)
    ]
    reader = Reader(Interests.model_validate({"topics": ["multi-task learning"]}))
    order = rank([*papers, *copies], reader, lambda _: ())
    shown = choose(order, 10, outside=False).shown
    alike = {paper.id for paper in (first, *copies)}
    counts = {
        "copies in the first ten": float(sum(one.paper.id in alike for one in shown)),
        "by score alone": float(sum(one.paper.id in alike for one in order[:10])),
    }
    return Row("ranking: ten near-copies", "digestor", counts)


def misses(orders: Sequence[tuple[Task, list[Paper]]]) -> list[str]:
    """The right papers that came last, for each label's first draw."""
    lines = []
    for label in dict.fromkeys(task.words for task, _ in orders):
        task, order = next(one for one in orders if one[0].words == label)
        lines.append(f"{label}: library of {len(task.library)}, {len(order)} papers")
        last = [(place, paper) for place, paper in enumerate(order, 1) if paper.id in task.right][-3:]
        lines += [f"  {place:4}  {paper.title}" for place, paper in last]
    return lines
