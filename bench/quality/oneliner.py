"""How close the built-in one-liner comes to the lines people wrote, beside other ways to pick a sentence.

SciTLDR dev (619 abstracts, author's and peers' lines): ROUGE with stemmer against the reference with the best R1, as
SciTLDR's authors score. ROUGE cannot tell a copied title from a summary, so the share of title copies stands beside it.
"""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from sumy.parsers.plaintext import PlaintextParser
from sumy.summarizers.lex_rank import LexRankSummarizer

from bench.quality import gold
from bench.quality.table import Row
from digestor import evaluate
from digestor.oneliner import summarise
from digestor.text.sentences import split
from digestor.text.words import stem, words

MISSES = 40
SCORER = evaluate.rouge()
OWN = r"\b(?:we|this (?:paper|work|article|study))\b[^.;]{0,40}?\b"
PROPOSES = re.compile(OWN + r"(?:propos|introduc|present)", re.IGNORECASE)


class Gold(NamedTuple):
    """An abstract and the lines that people wrote for it."""

    id: str
    title: str
    abstract: str
    lines: tuple[str, ...]


class Tokens:
    """What sumy wants of a tokenizer, without its downloads."""

    def to_sentences(self, text: str) -> list[str]:
        return split(text)

    def to_words(self, text: str) -> list[str]:
        return words(text)


def score(shared: Path, out: Path) -> list[Row]:
    """One row a method; the worst of our own lines go to `out`/oneliner-misses.txt."""
    papers = labelled(shared, "dev")
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


def labelled(shared: Path, split: str) -> list[Gold]:
    """The papers of a split, each with the lines that people wrote for it."""
    texts = gold.scitldr(shared, split)
    return [Gold(*texts[row["id"]], tuple(row["target"])) for row in gold.rows(gold.scitldr_file(shared, split))]


def measures(papers: Sequence[Gold], lines: Sequence[str], seconds: float) -> dict[str, float]:
    answers = zip(lines, (paper.lines for paper in papers), (paper.title for paper in papers), strict=True)
    return {
        **evaluate.lines(answers),
        "over 35 words %": 100 * sum(len(line.split()) > 35 for line in lines) / len(papers),
        "ms per paper": 1000 * seconds / len(papers),
    }


def r1(line: str, references: Sequence[str]) -> tuple[float, str]:
    """ROUGE-1 against the reference that it likes best, from 0 to 1, and that reference."""
    return max((SCORER.score(reference, line)["rouge1"].fmeasure, reference) for reference in references)


def cue_rule(paper: Gold) -> str:
    """The first sentence in which the authors propose something, else the first of all."""
    sentences = split(paper.abstract)
    return next((sentence for sentence in sentences if PROPOSES.search(sentence)), sentences[0])


def lexrank(paper: Gold) -> str:
    parsed = PlaintextParser.from_string(paper.abstract, Tokens())
    return str(LexRankSummarizer(stem)(parsed.document, 1)[0])


def oracle(paper: Gold) -> str:
    """The sentence that the references themselves would pick: what no rule can beat without cutting."""
    return max(split(paper.abstract), key=lambda sentence: r1(sentence, paper.lines)[0])


def misses(papers: Sequence[Gold], lines: Sequence[str]) -> str:
    """The papers where our line is furthest from what people wrote, worst first."""
    scored = sorted((*r1(line, paper.lines), k) for k, (paper, line) in enumerate(zip(papers, lines, strict=True)))
    blocks = []
    for found, reference, k in scored[:MISSES]:
        paper = papers[k]
        blocks.append(
            f"{paper.id} R1 {100 * found:.1f}: {paper.title}\n  line:      {lines[k]}\n"
            f"  reference: {reference}\n  oracle:    {oracle(paper)}\n"
        )
    return "\n".join(blocks)
