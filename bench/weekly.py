"""How long the main job takes, beside what nobody can do without: starting Python, its imports, reading the files.

    python -m bench.weekly                 the pages, and 1,000 / 10,000 / 100,000 generated records
    python -m bench.weekly --most 10000    fewer records

Every time is the median of five whole processes (one for the generated records); every ratio is within this run.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

HOUSE = Path(__file__).parents[1]
SEEDS = sorted((HOUSE.parent / "shared" / "seeds").glob("*.txt"))
PAGES = SEEDS or sorted((HOUSE / "examples").glob("*.txt"))

NOUNS = """attention retrieval protein glacier compiler kernel lattice grammar reward diffusion segmentation transcript
orbit polymer auction parser sensor river ribosome galaxy tensor memory cache policy graph token spectrum enzyme market
theorem schedule robot citation cortex climate melody keyboard contract survey dialogue crystal antenna""".split()
VERBS = "estimates compresses aligns predicts repairs searches ranks samples verifies explains groups simulates".split()
QUALITIES = "sparse robust causal latent noisy dense shallow quantum modular ancient parallel bilingual tidal".split()


class Took(NamedTuple):
    """A process: seconds of wall time, and the most memory it held, in MB."""

    seconds: float
    megabytes: float
    out: bytes


def process(arguments: Sequence[str], folder: str) -> Took:
    """Run a command to its end."""
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        child = subprocess.Popen(arguments, cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(arguments)} ended with {child.returncode}")
        out.seek(0)
        return Took(seconds, usage.ru_maxrss / 1024, out.read())


def typical(arguments: Sequence[str], times: int = 5) -> Took:
    """The median of a few runs, each in an empty folder."""
    runs = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(process(arguments, folder))
    return Took(median(run.seconds for run in runs), median(run.megabytes for run in runs), runs[0].out)


def records(number: int) -> Iterator[str]:
    """JSON lines of made-up papers of about 1,200 characters; every tenth is a copy of an earlier one."""
    random = Random(20261121)
    kept: list[str] = []
    for index in range(number):
        if kept and index % 10 == 9:
            yield random.choice(kept)
            continue

        def phrase() -> str:
            return f"{random.choice(QUALITIES)} {random.choice(NOUNS)} {random.choice(NOUNS)}"

        subject = f"{phrase()} {index}"
        sentences = [f"The {phrase()} {random.choice(VERBS)} the {phrase()} in setting {random.randrange(9999)}."]
        sentences.append(f"In this paper, we propose {subject}, which {random.choice(VERBS)} a {phrase()}.")
        while sum(map(len, sentences)) < 1100:
            sentences.append(f"Our {phrase()} {random.choice(VERBS)} {random.randrange(99)}% of every {phrase()}.")
        if index % 4 == 0:
            sentences.append(f"Code is available at https://git.example/{index}.")
        line = json.dumps({"id": f"r{index}", "title": subject.capitalize(), "abstract": " ".join(sentences)})
        if len(kept) < 5000:
            kept.append(line)
        yield line


def pages() -> None:
    """The real job, beside reading its files and starting Python."""
    names = [str(page.resolve()) for page in PAGES]
    read = f"for name in {names!r}: open(name, encoding='utf-8').read()"
    imports = "import digestor.wiring, digestor.cli.issue, digestor.annotators.extractive, digestor.sources.files"
    python = typical([sys.executable, "-c", "pass"])
    rows = [
        ("python -c pass", python),
        ("read the files alone", typical([sys.executable, "-c", read])),
        ("python with the imports", typical([sys.executable, "-c", imports])),
        (
            "digestor weekly",
            typical([sys.executable, "-m", "digestor", "weekly", *names, "--date", "2026-11-21", "--json"]),
        ),
    ]
    print(f"{len(PAGES)} {'seed' if SEEDS else 'example'} pages: {json.loads(rows[-1][1].out)['ledger']}")
    for what, took in rows:
        print(f"  {what:<26}{took.seconds:7.3f} s {took.seconds / python.seconds:6.1f} x {took.megabytes:7.0f} MB")
    click = typical([sys.executable, "-c", "import click"], times=11)
    help = typical([sys.executable, "-m", "digestor", "--help"], times=11)
    print(f"  digestor --help {help.seconds:.3f} s, {help.seconds / click.seconds:.2f} x `python -c 'import click'`")


def growth(most: int) -> None:
    """Throughput and memory from 1,000 records on, and the exponent at which each grows."""
    before: tuple[int, Took] | None = None
    print("generated records through `weekly --annotator extractive`")
    size = 1000
    while size <= most:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "records.jsonl")
            file.write_text("\n".join(records(size)) + "\n", encoding="utf-8")
            command = [sys.executable, "-m", "digestor", "weekly", file.name, "--date", "2026-11-21", "--json"]
            took = process(command, folder)
            ledger = json.loads(took.out)["ledger"]
        line = f"  {size:>7,}: {took.seconds:8.2f} s, {size / took.seconds:7.0f} records/s, {took.megabytes:6.0f} MB"
        if before:
            steps = math.log(size / before[0])
            line += f", time grows as n^{math.log(took.seconds / before[1].seconds) / steps:.2f}"
            line += f", memory as n^{math.log(took.megabytes / before[1].megabytes) / steps:.2f}"
        print(f"{line}; {ledger['annotated']:,} annotated, {ledger['duplicates']:,} duplicates", flush=True)
        before = (size, took)
        size *= 10


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--most", type=int, default=100_000, help="the largest number of generated records")
    pages()
    growth(arguments.parse_args().most)
