"""How time and memory grow with the number of records: `python -m bench.dedupe_scale [--million]`.

Each size runs in a process of its own, so that its peak memory is its own. One record in ten repeats an earlier one:
copied, retyped, cut short, without abstract, or revised.
"""

import argparse
import json
import math
import random
import resource
import subprocess
import sys
import time
from itertools import accumulate, pairwise

from digestor.dedupe import cluster
from digestor.models import Paper

SIZES = (1_000, 10_000, 100_000)
SYLLABLES = (
    "ba cor de fin gra hel ista jo kem lu mon nar ope pri quo ral sed tum ulo ver wen xi yor zam tion ment".split()
)
STOCK = [
    phrase.split()
    for phrase in (
        "in this paper we propose a",
        "we show that the",
        "extensive experiments on several benchmarks demonstrate that our",
        "to the best of our knowledge this is the first",
        "the code is available at",
        "outperforms the state of the art by a large margin on",
        "however it is still not clear how to",
        "has attracted a lot of attention in recent years",
    )
]


def vocabulary(draw: random.Random, size: int = 20_000) -> tuple[list[str], list[float]]:
    """Made-up words, and their cumulative frequencies: the n-th is used about 1/n as often as the first."""
    words = list(dict.fromkeys("".join(draw.choices(SYLLABLES, k=draw.choice((2, 2, 3, 4)))) for _ in range(size)))
    return words, list(accumulate(1 / rank for rank in range(5, len(words) + 5)))


def records(count: int, seed: int = 7) -> list[Paper]:
    """Papers of title and abstract length, a tenth of them repeating another."""
    draw = random.Random(seed)
    words, frequencies = vocabulary(draw)

    def prose(length: int) -> str:
        return " ".join(draw.choices(words, cum_weights=frequencies, k=length))

    papers: list[Paper] = []
    for index in range(count):
        if papers and index % 10 == 9:
            paper = papers[draw.randrange(len(papers))]
            papers.append(paper.model_copy(update={"id": f"r{index}", **repeated(paper, draw)}))
            continue
        sentences = [
            " ".join((*draw.choice(STOCK), prose(draw.randint(8, 24)))).capitalize() + "."
            for _ in range(draw.randint(5, 9))
        ]
        title = " ".join(draw.sample(words, k=draw.randint(5, 10))).capitalize()
        papers.append(Paper(id=f"r{index}", title=title, abstract=" ".join(sentences)))
    return papers


def repeated(paper: Paper, draw: random.Random) -> dict[str, str]:
    """What another source might have made of a paper."""
    kind = draw.randrange(5)
    if kind == 0:
        return {}
    if kind == 1:
        return {"title": paper.title.upper().replace(" ", "  ", 1) + "."}
    if kind == 2:
        return {"title": f"Towards {paper.title}", "abstract": paper.abstract[:300]}
    if kind == 3:
        return {"abstract": ""}
    sentences = paper.abstract.split(". ")
    return {"abstract": ". ".join(sentences[:1] + sentences[2:]).replace("several", "many")}


def measure(count: int) -> dict[str, float]:
    """Cluster so many records in this process."""
    papers = records(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    groups = cluster(papers)
    seconds = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "records": count,
        "papers": len(groups),
        "seconds": seconds,
        "peak_mb": after / 1024,
        "records_mb": before / 1024,
    }


def main() -> None:
    """Print a line for each size, and how fast the time grows from each to the next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="a million records as well (some ten minutes)")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one)))
        return
    rows = []
    print(f"{'records':>9} {'papers':>9} {'seconds':>9} {'records/s':>10} {'peak MB':>9} {'of which records':>17}")
    for size in SIZES + (1_000_000,) * options.million:
        command = [sys.executable, "-m", "bench.dedupe_scale", "--one", str(size)]
        row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rows.append(row)
        print(
            f"{row['records']:>9,} {row['papers']:>9,} {row['seconds']:>9.2f} {row['records'] / row['seconds']:>10,.0f}"
            f" {row['peak_mb']:>9,.0f} {row['records_mb']:>17,.0f}",
            flush=True,
        )
    for small, large in pairwise(rows):
        growth = math.log(large["seconds"] / small["seconds"]) / math.log(large["records"] / small["records"])
        print(f"from {small['records']:,} to {large['records']:,}: time grows as n^{growth:.2f}")


if __name__ == "__main__":
    main()
