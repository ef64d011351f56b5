"""The code flag: does it say what a reader says?

Two sets, labelled released, promised or none by one reader: 255 papers of the seed pages, and the 619 abstracts of
SciTLDR's dev split (ICLR, often without a link). `mentioned` counts as none. The rules were written with the seed
pages in sight; on SciTLDR dev they stood at any-release F1 .877 before its misses were read.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.quality import gold
from bench.quality.gold import Text
from bench.quality.table import Row
from digestor.availability import flag
from digestor.evaluate import flags
from digestor.text import sentences

LABELS = ("released", "promised", "none")
HELD_OUT = "any F1 .877, accuracy .989 before its misses were read"

Detector = Callable[[str, str], str]
"""(title, abstract) -> label."""


class Labelled(NamedTuple):
    """A paper and what a reader found in it."""

    id: str
    title: str
    abstract: str
    label: str
    artefacts: frozenset[str]
    urls: frozenset[str]


KEYWORDS = re.compile(
    r"github|gitlab|source code|publicly available|code is available|open[- ]sourc|\bwe (?:\w+ )?release\b",
    re.IGNORECASE,
)
WILL = re.compile(r"\bwill\b|\bupon (?:acceptance|publication)", re.IGNORECASE)


def score(shared: Path, out: Path) -> list[Row]:
    """Score digestor and its baselines on both sets; write what digestor got wrong to `out/code-misses.txt`."""
    data = shared / "data"
    sets = {
        "seed pages": labelled(data / "code_gold_dev.jsonl", gold.seeds(shared)),
        "SciTLDR dev": labelled(data / "code_gold_scitldr_dev.jsonl", gold.scitldr(shared)),
    }
    out.mkdir(parents=True, exist_ok=True)
    lines = [line for name, papers in sets.items() for line in (f"== {name}", *misses(papers))]
    (out / "code-misses.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [
        row(name, method, papers, detector) for name, papers in sets.items() for method, detector in DETECTORS.items()
    ]


def digestor(title: str, abstract: str) -> str:
    """Our flag, with `mentioned` as none."""
    status = flag(title, abstract).status
    return status if status in LABELS else "none"


def matching(pattern: str | re.Pattern[str]) -> Detector:
    """Released wherever the pattern is found."""
    found = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
    return lambda _, abstract: "released" if found.search(abstract) else "none"


def keywords_and_will(_: str, abstract: str) -> str:
    """Keywords; promised where a sentence with one also speaks of the future."""
    said = [sentence for sentence in sentences.split(abstract) if KEYWORDS.search(sentence)]
    return "none" if not said else "promised" if any(WILL.search(sentence) for sentence in said) else "released"


DETECTORS: dict[str, Detector] = {
    "digestor": digestor,
    "a URL anywhere": matching(r"https?://|www\."),
    "the word github": matching("github"),
    "keywords": matching(KEYWORDS),
    "keywords and the future": keywords_and_will,
}


def row(name: str, method: str, papers: list[Labelled], detector: Detector) -> Row:
    """Released or promised against none: F1, P, R. All three labels: accuracy, macro F1. And milliseconds a paper."""
    start = time.process_time()
    given = [detector(paper.title, paper.abstract) for paper in papers]
    spent = time.process_time() - start
    measures = {**flags(zip(given, (paper.label for paper in papers), strict=True)), "ms": 1000 * spent / len(papers)}
    note = "seen" if name == "seed pages" else f"seen; {HELD_OUT}"
    return Row(f"code flag, {name}", method, measures, note if method == "digestor" else "")


def misses(papers: list[Labelled]) -> list[str]:
    """One line for each wrong label, artefact or link: what a reader said, what we said, and the evidence."""
    lines = []
    for paper in papers:
        code, said = flag(paper.title, paper.abstract), digestor(paper.title, paper.abstract)
        if said != paper.label:
            lines.append(f"{paper.id} {paper.label}, not {code.status}: {code.evidence or paper.abstract}")
        elif said != "none" and set(code.artefacts) != paper.artefacts:
            lines.append(f"{paper.id} {sorted(paper.artefacts)}, not {sorted(code.artefacts)}: {code.evidence}")
        elif said != "none" and paper.urls and code.url not in paper.urls:
            lines.append(f"{paper.id} {sorted(paper.urls)}, not {code.url}: {code.evidence}")
    return lines


def labelled(file: Path, texts: dict[str, Text]) -> list[Labelled]:
    """The labels of a file, each with its paper's text."""
    return [
        Labelled(
            *texts[row["id"]],
            row["label"],
            frozenset(row["artefacts"]) & {"code", "model", "data"},
            frozenset(row["urls"]),
        )
        for row in gold.rows(file)
    ]
