"""What the built-in annotator costs, part by part, on one core.

    python -m bench.annotate

On the seed pages where they are present, else on the example pages; processor time, the best of five passes. Reading
and cleaning the pages is the measure beside it.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from digestor import availability, faithful, oneliner, taxonomy
from digestor.annotators.extractive import Extractive
from digestor.models import Paper
from digestor.sources.files import Files
from tests.fakes import a_desk

HOUSE = Path(__file__).parents[1]
PAGES = sorted((HOUSE.parent / "shared" / "seeds").glob("*.txt")) or sorted((HOUSE / "examples").glob("*.txt"))
Part = Callable[[Paper], object]


def read() -> list[Paper]:
    """Every different paper of the pages."""
    found = (paper for page in PAGES for paper in Files(path=str(page)).papers(None))  # type: ignore[arg-type]
    return list({paper.id: paper for paper in found if isinstance(paper, Paper)}.values())


def best(job: Callable[[], object], times: int = 5) -> float:
    """Seconds of processor time."""
    took = []
    for _ in range(times):
        started = time.process_time()
        job()
        took.append(time.process_time() - started)
    return min(took)


def each(part: Part, papers: Sequence[Paper]) -> Callable[[], object]:
    """One part, for every paper."""
    return lambda: [part(paper) for paper in papers]


def main() -> None:
    """A line a part."""
    papers, tags = read(), taxonomy.load()
    lines = {paper.id: oneliner.summarise(paper.title, paper.abstract) or "" for paper in papers}
    parts: dict[str, Callable[[], object]] = {
        "read and clean the pages": read,
        "one-liner": each(lambda paper: oneliner.summarise(paper.title, paper.abstract), papers),
        "tags": each(lambda paper: tags.tag(paper.title, paper.abstract), papers),
        "code flag": each(lambda paper: availability.flag(paper.title, paper.abstract), papers),
        "checks": each(lambda paper: faithful.check(lines[paper.id], paper.title, paper.abstract), papers),
        "all: the annotator": lambda: list(Extractive().annotate(papers, a_desk(tags))),
    }
    took = {name: best(job) for name, job in parts.items()}
    beside = took["read and clean the pages"]
    characters = sum(len(paper.abstract) for paper in papers) // len(papers)
    print(f"{len(papers)} papers, abstracts of {characters:,} characters on average")
    for name, seconds in took.items():
        print(f"  {name:<26}{1000 * seconds / len(papers):7.3f} ms a paper{seconds / beside:7.2f} x reading", end="")
        print(f"{len(papers) / seconds:9,.0f} papers/s" if name.startswith("all") else "")


if __name__ == "__main__":
    main()
