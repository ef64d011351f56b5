"""A week of arXiv's computer science, for one reader: 6,000 new papers, 60 of them shown and sent to a model.

    python -m bench.habit [--papers 6000] [--most 60]

Whole processes: every paper annotated by the built-in annotator, 60 chosen for it, 60 chosen and sent to a scripted
chat server on loopback. The server counts the papers it was asked about.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from bench.weekly import process, records
from tests.serving import ChatServer

INTERESTS = """
[interests]
about = "I build parsers that learn from tidal sensors."
topics = ["sparse attention", { words = "protein grammar", weight = 2 }, "bilingual retrieval", "river sensor"]
exclude = ["ancient auction ledger"]
library = ["liked.jsonl"]
max_papers = %d
"""
MODEL = '[annotator]\nkind = "llm"\nmodel = "scripted"\n'


def main() -> None:
    """Run the three and print a row each."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--papers", type=int, default=6_000)
    arguments.add_argument("--most", type=int, default=60)
    given = arguments.parse_args()
    lines = [json.loads(line) for line in records(given.papers * 10 // 9 + 600)]
    new = list({line["id"]: line for line in lines}.values())[: given.papers]
    liked = list({line["id"]: line for line in lines}.values())[given.papers :][:500]
    every = row("every paper, built in", new, liked, "")
    with ChatServer() as server:
        interests = INTERESTS % given.most
        chosen = row(f"{given.most} chosen, built in", new, liked, interests)
        asked = row(f"{given.most} chosen, a model", new, liked, MODEL + interests, server.url)
    print(f"chosen is {chosen / every:.2f} of every, the model {asked / chosen:.2f} of that")


def row(name: str, new: list[dict[str, str]], liked: list[dict[str, str]], config: str, url: str = "") -> float:
    """One run in a folder of its own, its row printed; the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        for file, papers in (("week.jsonl", new), ("liked.jsonl", liked)):
            text = "".join(json.dumps(paper) + "\n" for paper in papers)
            Path(folder, file).write_text(text, encoding="utf-8")
        Path(folder, "config.toml").write_text(config, encoding="utf-8")
        os.environ["OPENAI_BASE_URL"] = url
        command = [sys.executable, "-m", "digestor", "weekly", "week.jsonl", "--date", "2026-11-21", "--json"]
        took = process(command, folder)
        size = sum(file.stat().st_size for file in Path(folder, "digests").iterdir()) / 1e6
    told = json.loads(took.out)
    ledger, spent = told["ledger"], told["usage"].get("spent") or {}
    print(
        f"{name:<24}{took.seconds:7.1f} s {took.megabytes:6.0f} MB  read {ledger['read']:,}, "
        f"annotated {ledger['annotated'] + ledger['fallback']:,}, listed {ledger['listed']:,}, "
        f"filtered {ledger['filtered']:,}, sent to a model {spent.get('papers', 0):,} in {spent.get('requests', 0)} "
        f"requests, files {size:.1f} MB",
        flush=True,
    )
    return took.seconds


if __name__ == "__main__":
    main()
