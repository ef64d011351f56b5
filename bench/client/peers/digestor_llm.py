"""digestor's whole annotator: prompt with all tags, packing, every answer committed, every line checked."""

from pathlib import Path

from bench.client.peers.job import KEY, MODEL, Job, Results, Work


def load() -> Work:
    """Import it all, with what is otherwise imported at the first request, and the vocabulary."""
    import aiohttp  # noqa: F401
    import httpx2  # noqa: F401
    import openai  # noqa: F401

    from digestor import taxonomy, tokens
    from digestor.annotators.llm import Llm
    from digestor.models import Paper
    from digestor.protocols import Desk
    from digestor.store import Store

    tokens.counter(MODEL)
    vocabulary = taxonomy.load()

    def work(job: Job, results: Results) -> None:
        annotator = Llm(
            model=MODEL,
            base_url=job.url,
            papers_per_request=1 if job.name.endswith("-1") else 24,
            concurrency=None if job.name.endswith("-unset") else job.at_once,
        )
        papers = [Paper(id=record.id, title=record.title, abstract=record.abstract) for record in job.records]
        with Store.open(job.store or Path("bench.db")) as store:
            told: list[str] = []
            desk = Desk(vocabulary, store.journal, {"OPENAI_API_KEY": KEY}, told.append)
            for annotation in annotator.annotate(papers, desk):
                if annotation.origin == "llm" and annotation.summary:
                    results.answers[annotation.paper_id] = annotation.summary
                else:
                    results.errors[annotation.note] += 1
        results.note = "; ".join(told)

    return work
