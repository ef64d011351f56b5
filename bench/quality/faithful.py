"""How often the faithfulness checks cry wolf on lines that people wrote, and how many spoilt lines they catch.

False alarms: the gold lines of SciTLDR, authors' and peers'. Catches: clean author lines, each spoilt by one rule,
with a seed. Rules and checks come from the same hands, so take the catches as optimistic.
"""

import random
import time
from collections import Counter
from pathlib import Path

from bench.quality import gold as sets
from bench.quality.spoilers import SPOILERS, Gold, line_of
from bench.quality.table import Row
from digestor import faithful

SEED = 20261121
FACTS = frozenset("number name language link topic".split())
WRITTEN = FACTS | frozenset(("chat", "markup", "cut off", "title"))
"""The hard checks without the house rules on length and number of sentences, which authors were never given."""


def score(shared: Path, out: Path) -> list[Row]:
    """Rows for the dev half: false alarms of each check, then the catches of each spoiling."""
    texts = sets.scitldr(shared, "dev")
    gold = [Gold(*texts[row["id"]][1:], tuple(row["target"])) for row in sets.rows(sets.scitldr_file(shared, "dev"))]
    misses: list[str] = []
    rows = _false_alarms(gold, misses) + _catches(gold, misses)
    out.mkdir(parents=True, exist_ok=True)
    (out / "faithful-misses.txt").write_text("\n".join(misses) + "\n", encoding="utf-8")
    return rows


def _false_alarms(gold: list[Gold], misses: list[str]) -> list[Row]:
    rows = []
    for stage, mend in (("as written", str), ("repaired", faithful.repair)):
        counts = {"author": Counter[str](), "peer": Counter[str]()}
        total = Counter[str]()
        started = time.perf_counter()
        for paper in gold:
            for i, written in enumerate(paper.lines):
                who = "peer" if i else "author"
                faults = faithful.check(mend(written), paper.title, paper.abstract)
                total[who] += 1
                counts[who].update({fault.check for fault in faults})
                counts[who].update(_sums(faults))
                if faults and stage == "repaired" and who == "author":
                    misses.append(f"false alarm  {'; '.join(fault.sentence for fault in faults)}\n    {written}")
        took = 1000 * (time.perf_counter() - started) / total.total()
        for method in sorted(counts["author"] | counts["peer"]):
            if stage == "repaired" or method.startswith("all"):
                measures = {
                    f"false_alarm_{who}": round(100 * counts[who][method] / (total[who] or 1), 2) for who in counts
                }
                note = f"n={total['author']}+{total['peer']}" + (
                    f", {took:.2f} ms a line" if method == "all hard" else ""
                )
                rows.append(Row("faithful", f"{method}, {stage}", measures, note))
    return rows


def _sums(faults: list[faithful.Fault]) -> set[str]:
    hard = {fault.check for fault in faults if fault.hard}
    return (
        ({"all hard"} if hard else set())
        | ({"all hard but length and sentences"} if hard & WRITTEN else set())
        | ({"all hard on facts"} if hard & FACTS else set())
        | ({"all, hard and soft"} if faults else set())
    )


def _catches(gold: list[Gold], misses: list[str]) -> list[Row]:
    clean = [
        paper for paper in gold if not faithful.check(faithful.repair(paper.lines[0]), paper.title, paper.abstract)
    ]
    rows = []
    for name, spoil in SPOILERS.items():
        chance = random.Random(f"{SEED} {name}")
        caught = hard = after = count = 0
        for paper in clean:
            line = spoil(chance, paper, gold)
            if line is None:
                continue
            count += 1
            faults = faithful.check(line, paper.title, paper.abstract)
            caught += bool(faults)
            hard += any(fault.hard for fault in faults)
            mended = faithful.repair(line)
            after += mended == line_of(paper) or bool(faithful.check(mended, paper.title, paper.abstract))
            if not faults:
                misses.append(f"not caught  {name}\n    {line}\n    ({paper.title})")
        if count:
            rows.append(
                Row(
                    "faithful",
                    f"caught: {name}",
                    {
                        "caught": round(100 * caught / count, 1),
                        "caught_hard": round(100 * hard / count, 1),
                        "mended_or_caught": round(100 * after / count, 1),
                    },
                    f"n={count}",
                )
            )
    return rows
