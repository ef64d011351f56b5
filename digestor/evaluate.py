"""How good are annotations, measured against labels? Pure: answers and gold in, numbers out.

Behind `digestor eval` and `bench/quality`, so that a user's own labels are scored as ours are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from digestor.errors import ConfigError
from digestor.text.words import content

RELEASES = frozenset({"released", "promised"})
TITLE_COPY = 0.85
"""Jaccard of content words from which on a line says no more than the title."""

Scores = dict[str, float]


def lines(answers: Iterable[tuple[str | None, Sequence[str], str]]) -> Scores:
    """ROUGE x 100 of one-liners: (line, references, title) each.

    As in the SciTLDR paper: the reference with the best ROUGE-1 F counts, and its ROUGE-1, -2 and -L are reported.
    """
    scorer = rouge()
    totals: defaultdict[str, float] = defaultdict(float)
    count = 0
    for line, references, title in answers:
        count += 1
        for name, value in best_reference(scorer, line or "", references).items():
            totals[name] += value
        totals["words"] += len((line or "").split())
        totals["title copies %"] += 100 * copies(line or "", title)
    return {name: totals[name] / max(count, 1) for name in ("R1", "R2", "RL", "words", "title copies %")}


def best_reference(scorer: Any, line: str, references: Sequence[str]) -> Scores:
    """ROUGE-1, -2, -L x 100 against the reference that ROUGE-1 likes best."""
    scores = [scorer.score(reference, line) for reference in references]
    best = max(scores, key=lambda score: score["rouge1"].fmeasure)
    return {
        "R1": 100 * best["rouge1"].fmeasure,
        "R2": 100 * best["rouge2"].fmeasure,
        "RL": 100 * best["rougeL"].fmeasure,
    }


def rouge() -> Any:
    """The scorer of the rouge-score library, with stemmer. Raises ConfigError where it is not installed."""
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise ConfigError("eval", "lines are scored with rouge-score", "pip install 'digestor[eval]'") from None
    return RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)


def copies(line: str, title: str) -> bool:
    """Does a line say the title again?"""
    ours, theirs = content(line), content(title)
    return bool(ours and theirs) and len(ours & theirs) / len(ours | theirs) >= TITLE_COPY


def tags(answers: Iterable[tuple[Sequence[str], Sequence[str], Sequence[str]]]) -> Scores:
    """(found, gold, also right) each: micro F1 strict, and lenient (also right counts neither way); first tag right."""
    right = found = wanted = found_lenient = first = count = 0
    for guess, gold, also in answers:
        guess = [tag for tag in guess if tag != "other"]
        count += 1
        right += len(set(guess) & set(gold))
        found += len(guess)
        found_lenient += len(set(guess) - (set(also) - set(gold)))
        wanted += len(set(gold))
        first += bool(guess) and guess[0] in gold
    return {
        "strict F1": f1(right, found, wanted),
        "lenient F1": f1(right, found_lenient, wanted),
        "first right": first / max(count, 1),
        "tags a paper": found / max(count, 1),
    }


def flags(answers: Iterable[tuple[str, str]]) -> Scores:
    """(found, gold) statuses: any release (released or promised) P, R, F1; accuracy and macro F1 of the three.

    Gold knows released, promised and none; `mentioned` is no release, so it counts as none.
    """
    pairs = [("none" if guess == "mentioned" else guess, gold) for guess, gold in answers]
    right = sum(guess in RELEASES and gold in RELEASES for guess, gold in pairs)
    found = sum(guess in RELEASES for guess, _ in pairs)
    wanted = sum(gold in RELEASES for _, gold in pairs)
    macro = [
        f1(pairs.count((label, label)), sum(g == label for g, _ in pairs), sum(g == label for _, g in pairs))
        for label in ("released", "promised", "none")
    ]
    return {
        "any F1": f1(right, found, wanted),
        "P": right / found if found else 0.0,
        "R": right / wanted if wanted else 0.0,
        "accuracy": sum(guess == gold for guess, gold in pairs) / max(len(pairs), 1),
        "macro F1": sum(macro) / 3,
    }


def clusters(found: Sequence[object], gold: Sequence[object]) -> Scores:
    """Two clusterings of the same records, as a label each: P, R, F1 over pairs of records."""
    return of_pairs(pairs_of(found), pairs_of(gold))


def of_pairs(ours: set[tuple[int, int]], theirs: set[tuple[int, int]]) -> Scores:
    """P, R and F1 of pairs that were found, given those that are right."""
    right = len(ours & theirs)
    return {
        "P": right / len(ours) if ours else 1.0,
        "R": right / len(theirs) if theirs else 1.0,
        "F1": f1(right, len(ours), len(theirs)) if ours or theirs else 1.0,
    }


def pairs_of(labels: Sequence[object]) -> set[tuple[int, int]]:
    """All pairs of positions that share a label."""
    members: dict[object, list[int]] = {}
    for position, label in enumerate(labels):
        members.setdefault(label, []).append(position)
    return {pair for group in members.values() for pair in combinations(group, 2)}


def f1(right: int, found: int, wanted: int) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * right / (found + wanted) if found + wanted else 0.0
