"""Fits the table of digestor/oneliner.py: `python -m bench.fit_oneliner [path/to/shared]` prints it.

Every line that a training abstract offers is scored with ROUGE against the author's own summary. The weights maximise
what the softmax over the sentences' scores earns on average, less a small ridge; the weights set by hand take part
but stay as they are. Ten seconds; needs the `bench` dependencies and scipy. Look at dev, never fit on it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rouge_score.rouge_scorer import RougeScorer
from scipy.optimize import minimize

from digestor.oneliner.ranking import BY_HAND, FITTED, features
from digestor.oneliner.trimming import line
from digestor.text.sentences import split

RIDGE = 3e-4
SHARES = {"rouge1": 0.5, "rouge2": 0.25, "rougeL": 0.25}
"""What is maximised."""
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Paper(NamedTuple):
    """The lines one abstract offers."""

    table: Floats
    """Lines by features."""
    fixed: Floats
    """The part of each line's score that is set by hand."""
    rouge: Floats
    """Lines by R1, R2, RL against the reference with the best R1, as shares of 1."""


def papers(path: Path) -> list[Paper]:
    scorer = RougeScorer(list(SHARES), use_stemmer=True)
    found = []
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        sentences = split(" ".join(" ".join(row["source"]).split()))
        lines = [line(sentence) for sentence in sentences]
        looks = [f for f, kept in zip(features(row["title"], sentences, lines), lines, strict=True) if kept]
        rouge = [best_rouge(scorer, kept, row["target"]) for kept in lines if kept]
        if rouge:
            table = np.array([[look.get(name, 0.0) for name in FITTED] for look in looks])
            fixed = np.array([sum(look.get(name, 0.0) * w for name, w in BY_HAND.items()) for look in looks])
            found.append(Paper(table, fixed, np.array(rouge)))
    return found


def best_rouge(scorer: RougeScorer, text: str, references: Sequence[str]) -> list[float]:
    scores = [scorer.score(reference, text) for reference in references]
    best = max(scores, key=lambda score: score["rouge1"].fmeasure)
    return [best[name].fmeasure for name in SHARES]


def fit(train: Sequence[Paper]) -> Floats:
    shares = np.array(list(SHARES.values()))

    def loss(weights: Floats) -> tuple[float, Floats]:
        earned, slope = 0.0, np.zeros_like(weights)
        for paper in train:
            chance = np.exp((score := paper.table @ weights + paper.fixed) - score.max())
            chance /= chance.sum()
            worth = paper.rouge @ shares
            expected = float(chance @ worth)
            earned += expected
            slope += paper.table.T @ (chance * (worth - expected))
        return RIDGE * float(weights @ weights) - earned / len(train), 2 * RIDGE * weights - slope / len(train)

    fitted: Floats = minimize(loss, np.zeros(len(FITTED)), jac=True, method="L-BFGS-B").x
    return fitted


def picked(papers: Sequence[Paper], weights: Floats) -> Floats:
    """R1, R2, RL (x 100) of the lines with the highest scores."""
    rouge = [paper.rouge[int(np.argmax(paper.table @ weights + paper.fixed))] for paper in papers]
    means: Floats = 100 * np.mean(rouge, axis=0)
    return means


def main(shared: Path) -> None:
    train, dev = (papers(shared / "data" / f"scitldr_{part}.jsonl") for part in ("train", "dev"))
    weights = fit(train)
    for name, weight in zip(FITTED, weights, strict=True):
        print(f'    "{name}": {weight:.2f},')
    thirds = [[paper for k, paper in enumerate(train) if k % 3 == third] for third in range(3)]
    others = [[paper for k, paper in enumerate(train) if k % 3 != third] for third in range(3)]
    unseen = np.mean([picked(third, fit(other)) for third, other in zip(thirds, others, strict=True)], axis=0)
    for part, rouge in (("train", picked(train, weights)), ("train, by thirds", unseen), ("dev", picked(dev, weights))):
        print(f"{part:>16}: " + "  ".join(f"{n} {r:.2f}" for n, r in zip(SHARES, rouge, strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared"))
