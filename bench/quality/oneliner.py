"""How close the built-in one-liner comes to the lines people wrote, beside other ways to pick a sentence.

SciTLDR dev (619 abstracts, author's and peers' lines): ROUGE with stemmer against the reference with the best R1, as
SciTLDR's authors score. ROUGE cannot tell a copied title from a summary, so the share of title copies stands beside it.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rouge_score.rouge_scorer import RougeScorer
from sumy.parsers.plaintext import PlaintextParser
from sumy.summarizers.lex_rank import LexRankSummarizer

from bench.quality.table import Row
from digestor.oneliner import COPY, summarise
from digestor.sentences import split
from digestor.words import content, stem, words

MISSES = 40
SCORER = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
OWN = r"\b(?:we|this (?:paper|work|article|study))\b[^.;]{0,40}?\b"
PROPOSES = re.compile(OWN + r"(?:propos|introduc|present)", re.IGNORECASE)


class Gold(NamedTuple):
    """An abstract and the lines that people wrote for it."""

    id: str
    title: str
    abstract: str
    lines: tuple[str, ...]


class Rouge(NamedTuple):
    """R1, R2, RL against the reference with the best R1, from 0 to 1."""

    r1: float
    r2: float
    rl: float
    reference: str


class Tokens:
    """What sumy wants of a tokenizer, without its downloads."""

    def to_sentences(self, text: str) -> list[str]:
        return split(text)

    def to_words(self, text: str) -> list[str]:
        return words(text)


def score(shared: Path, out: Path) -> list[Row]:
    """One row a method; the worst of our own lines go to `out`/oneliner-misses.txt."""
    papers = gold(shared / "data" / "scitldr_dev.jsonl")
    methods: dict[str, Callable[[Gold], str]] = {
        "digestor": lambda paper: summarise(paper.title, paper.abstract) or "",
        "first sentence": lambda paper: split(paper.abstract)[0],
        "cue rule": cue_rule,
        "the title (no summary)": lambda paper: paper.title,
        "lexrank (sumy)": lexrank,
        "oracle sentence": oracle,
    }
    rows = []
    for name, method in methods.items():
        start = time.process_time()
        lines = [method(paper) for paper in papers]
        seconds = time.process_time() - start
        rows.append(Row("one-liner", name, measures(papers, lines, seconds), f"SciTLDR dev, n={len(papers)}"))
        if name == "digestor":
            out.mkdir(parents=True, exist_ok=True)
            (out / "oneliner-misses.txt").write_text(misses(papers, lines), encoding="utf-8")
    return rows


def gold(path: Path) -> list[Gold]:
    """The papers of a SciTLDR file; the abstract's pieces are joined, since they are cut badly."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Gold(r["id"], r["title"], " ".join(" ".join(r["source"]).split()), tuple(r["target"])) for r in rows]


def measures(papers: Sequence[Gold], lines: Sequence[str], seconds: float) -> dict[str, float]:
    n = len(papers)
    scores = [rouge(line, paper.lines) for paper, line in zip(papers, lines, strict=True)]
    copies = sum(is_copy(line, paper.title) for paper, line in zip(papers, lines, strict=True))
    return {
        "R1": 100 * sum(s.r1 for s in scores) / n,
        "R2": 100 * sum(s.r2 for s in scores) / n,
        "RL": 100 * sum(s.rl for s in scores) / n,
        "words": sum(len(line.split()) for line in lines) / n,
        "over 35 words %": 100 * sum(len(line.split()) > 35 for line in lines) / n,
        "title copies %": 100 * copies / n,
        "ms per paper": 1000 * seconds / n,
    }


def rouge(line: str, references: Sequence[str]) -> Rouge:
    found = []
    for reference in references:
        s = SCORER.score(reference, line)
        found.append(Rouge(s["rouge1"].fmeasure, s["rouge2"].fmeasure, s["rougeL"].fmeasure, reference))
    return max(found, key=lambda one: one.r1)


def is_copy(line: str, title: str) -> bool:
    one, other = content(line), content(title)
    return len(one & other) >= COPY * len(one | other) > 0


def cue_rule(paper: Gold) -> str:
    """The first sentence in which the authors propose something, else the first of all."""
    sentences = split(paper.abstract)
    return next((sentence for sentence in sentences if PROPOSES.search(sentence)), sentences[0])


def lexrank(paper: Gold) -> str:
    parsed = PlaintextParser.from_string(paper.abstract, Tokens())
    return str(LexRankSummarizer(stem)(parsed.document, 1)[0])


def oracle(paper: Gold) -> str:
    """The sentence that the references themselves would pick: what no rule can beat without cutting."""
    return max(split(paper.abstract), key=lambda sentence: rouge(sentence, paper.lines).r1)


def misses(papers: Sequence[Gold], lines: Sequence[str]) -> str:
    """The papers where our line is furthest from what people wrote, worst first."""
    scored = sorted((rouge(line, paper.lines), k) for k, (paper, line) in enumerate(zip(papers, lines, strict=True)))
    blocks = []
    for found, k in scored[:MISSES]:
        paper = papers[k]
        blocks.append(
            f"{paper.id} R1 {100 * found.r1:.1f}: {paper.title}\n  line:      {lines[k]}\n"
            f"  reference: {found.reference}\n  oracle:    {oracle(paper)}\n"
        )
    return "\n".join(blocks)
