"""The llm annotator against a real model on this machine: what comes of every paper, what it takes, and why not more.

    DIGESTOR_LLAMA_PYTHON=... python -m bench.live [--papers-per-request 2] [PAGE ...]

Starts llama.cpp's server with SmolLM2-135M (tests/llama.py), or asks the server of --base-url. On the seed pages where
they are present, else on the example pages. Nothing is kept: the store is in memory.
"""

import argparse
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from bench.annotate import PAGES
from digestor import taxonomy
from digestor.annotators.llm import Llm
from digestor.errors import AnnotatorError
from digestor.models import Annotation, Paper, Spent
from digestor.protocols import Desk, Window
from digestor.sources.files import Files
from digestor.store import Store
from tests.llama import CONTEXT, MODEL, SLOTS, Llama, NotInstalledError

ALWAYS = Window(date.min, date.max)


def read(pages: list[Path], most: int | None) -> list[Paper]:
    """Every different paper of the pages."""
    found = (paper for page in pages for paper in Files(path=str(page)).papers(ALWAYS))
    return list({paper.id: paper for paper in found if isinstance(paper, Paper)}.values())[:most]


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description="Annotate pages with a real model.")
    parser.add_argument("pages", nargs="*", type=Path, default=PAGES)
    parser.add_argument("--base-url", help="a server that is up, in place of one started here")
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--slots", type=int, default=SLOTS)
    parser.add_argument("--context", type=int, default=CONTEXT, help="tokens a slot")
    parser.add_argument("--papers-per-request", type=int, default=4)
    parser.add_argument("--concurrency", type=int, help="requests at once; learnt if not given")
    parser.add_argument("--structured", default="auto")
    parser.add_argument("--timeout", type=float)
    parser.add_argument("--max-requests", type=int, help="papers beyond so many are not asked about")
    parser.add_argument("--papers", type=int, help="of so many papers at most")
    parser.add_argument("--show", type=int, default=6, help="so many of the lines that were accepted")
    return parser.parse_args()


def main() -> None:
    """Annotate, count, print."""
    options = arguments()
    papers = read(options.pages, options.papers)
    with ExitStack() as held:
        if options.base_url is None:
            try:
                server = held.enter_context(Llama(slots=options.slots, context=options.context))
            except NotInstalledError as error:
                raise SystemExit(str(error)) from None
            options.base_url = server.url
            print(f"{server.model} on {server.versions}: {server.slots} slots of {server.context:,} tokens")
        llm = Llm(
            model=options.model,
            base_url=options.base_url,
            papers_per_request=options.papers_per_request,
            concurrency=options.concurrency,
            structured=options.structured,
            timeout=options.timeout,
            max_requests=options.max_requests,
        )
        store = held.enter_context(Store.rehearsal())
        bills: list[Spent] = []
        desk = Desk(taxonomy.load(), store.journal, {}, print, bills.append)
        annotations: list[Annotation] = []
        began, processor = time.perf_counter(), time.process_time()
        try:
            for annotation in llm.annotate(papers, desk):
                annotations.append(annotation)
                print(f"\r{len(annotations)} of {len(papers)}", end="", flush=True)
        except AnnotatorError as error:
            print(f"\nstopped: {error}")
        took = time.perf_counter() - began, time.process_time() - processor
    told(papers, annotations, bills, took, options.show)


def told(
    papers: list[Paper], annotations: list[Annotation], bills: list[Spent], took: tuple[float, float], show: int
) -> None:
    """What came of it."""
    by = Counter(annotation.origin for annotation in annotations)
    missing = {paper.id for paper in papers} - {annotation.paper_id for annotation in annotations}
    twice = len(annotations) - len({annotation.paper_id for annotation in annotations})
    print(f"\n{len(papers)} papers: {dict(by)}, {len(missing)} missing, {twice} twice")
    print(f"{took[0]:.0f} s, {took[1]:.1f} s of them ours; {bills[-1] if bills else 'nothing asked'}")
    for what, notes in (
        ("fallback", (a.note for a in annotations)),
        ("doubt", (d for a in annotations for d in a.doubts)),
    ):
        for note, times in Counter(note for note in notes if note).most_common(25):
            print(f"  {times:4} {what}: {note[:160]}")
    titles = {paper.id: paper.title for paper in papers}
    for annotation in [found for found in annotations if found.origin == "llm"][:show]:
        print(f"  {titles[annotation.paper_id][:70]}\n      {annotation.summary}  {annotation.tags} {annotation.code}")


if __name__ == "__main__":
    main()
