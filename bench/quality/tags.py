"""Tags: do the built-in taxonomy's tags agree with a reader's?

120 papers of the seed pages have one to three tags each, by one reader, and tags that count neither right nor wrong.
The aliases were written with every title and label of this set in sight, so these figures are on seen papers.
"""

import dataclasses
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.quality import gold
from bench.quality.table import Row
from digestor.evaluate import tags as tags_measured
from digestor.taxonomy import OTHER, Taxonomy, load

Tagger = Callable[[str, str], tuple[str, ...]]
TASK = "tags"


@dataclasses.dataclass(frozen=True)
class Labelled:
    """A paper and the tags a reader gave it."""

    id: str
    title: str
    abstract: str
    tags: frozenset[str]
    also_ok: frozenset[str]


def score(shared: Path, out: Path) -> list[Row]:
    """Score digestor and its baselines; write what digestor got wrong to `out/tags-misses.txt`."""
    papers, taxonomy = labelled(shared), load()
    often = tuple(tag for tag, _ in Counter(tag for paper in papers for tag in sorted(paper.tags)).most_common(3))
    (out / "tags-misses.txt").write_text("\n".join(misses(papers, taxonomy.tag)) + "\n", encoding="utf-8")
    first, second = papers[::2], papers[1::2]
    return [
        row("digestor", papers, taxonomy.tag, "seen"),
        row("digestor, first half", first, taxonomy.tag, "aliases mended on it first"),
        row("digestor, second half", second, taxonomy.tag, "strict .727, first right .917 before it was read"),
        row("title alone", papers, lambda title, _: taxonomy.tag(title, "")),
        row("abstract alone", papers, lambda _, abstract: taxonomy.tag("", abstract)),
        row("aliases counted, title like the rest", papers, counted(taxonomy)),
        row("the three most frequent tags", papers, lambda *_: often),
        *(elsewhere(shared, taxonomy)),
    ]


def counted(taxonomy: Taxonomy) -> Tagger:
    """The plain rule: title and abstract are one text, the tags with the best scores win."""
    return lambda title, abstract: taxonomy.tag("", f"{title}. {abstract}")


def row(method: str, papers: list[Labelled], tagger: Tagger, note: str = "") -> Row:
    """Micro F1 over tags. Strict: an also-ok tag is wrong. Lenient: it is not counted. Hit: the first tag is right."""
    start = time.process_time()
    given = [tagger(paper.title, paper.abstract) for paper in papers]
    spent = time.process_time() - start
    pairs = list(zip(papers, given, strict=True))
    measures = {
        **tags_measured((tags, sorted(paper.tags), sorted(paper.also_ok)) for paper, tags in pairs),
        "first right or also ok": sum(tags[0] in paper.tags | paper.also_ok for paper, tags in pairs) / len(papers),
        "other": sum(tags == (OTHER,) for tags in given) / len(papers),
        "ms a paper": 1000 * spent / len(papers),
    }
    return Row(TASK, method, measures, note)


def elsewhere(shared: Path, taxonomy: Taxonomy) -> list[Row]:
    """How many get "other": papers of other fields should, papers of a machine-learning conference should not."""
    conference = [(title, abstract) for _, title, abstract in gold.scitldr(shared).values()]
    mails = shared / "data" / "fixtures" / "arxiv_email"
    sky = [paper for name in ("astro-ph_new.txt", "astro-ph_new.CO.txt") for paper in mailed(mails / name)]
    money = [paper for name in ("q-fin_new.txt", "q-fin_new.CP.txt") for paper in mailed(mails / name)]
    return [
        Row(TASK, f"digestor, {what}", {"other": sum(taxonomy.tag(*p) == (OTHER,) for p in papers) / len(papers)}, note)
        for what, papers, note in (
            ("astro-ph mails", sky, f"{len(sky)} papers; more is better"),
            ("q-fin mails", money, f"{len(money)} papers, some of them machine learning"),
            ("SciTLDR dev", conference, f"{len(conference)} ICLR papers; less is better"),
        )
    ]


def labelled(shared: Path) -> list[Labelled]:
    """The gold set with its texts."""
    texts = gold.seeds(shared)
    return [
        Labelled(*texts[row["id"]], frozenset(row["tags"]), frozenset(row["also_ok_tags"]))
        for row in gold.rows(shared / "data" / "tags_gold_dev.jsonl")
    ]


def mailed(mail: Path) -> list[tuple[str, str]]:
    """Title and abstract of the papers in an arXiv mail that have an abstract."""
    papers = []
    for entry in mail.read_text(encoding="utf-8").split("\n----------"):
        _, title, rest = entry.partition("\nTitle:")
        parts = rest.split("\\\\\n")
        if title and len(parts) > 1:
            papers.append((parts[0].split("\nAuthors:")[0], parts[1].split("\\\\ (")[0]))
    return papers


def misses(papers: list[Labelled], tagger: Tagger) -> list[str]:
    """One line for each paper with a tag wrong or missing: + right, ~ also ok, - wrong, ? missing."""
    lines = []
    for paper in papers:
        given = tagger(paper.title, paper.abstract)
        marks = [("+" if t in paper.tags else "~" if t in paper.also_ok else "-") + t for t in given]
        marks += ["?" + tag for tag in sorted(paper.tags - set(given))]
        if any(mark[0] in "-?" for mark in marks):
            lines.append(f"{paper.id}  {paper.title}\n      {'  '.join(marks)}")
    return lines
