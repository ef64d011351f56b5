"""digestor's client room alone, put together as its annotator does: a small form, and every answer committed."""

import json
import random
from functools import partial
from pathlib import Path

from bench.client.peers.job import KEY, MODEL, SCHEMA, SYSTEM, Job, Results, Work

EXPECTED = 60
ROOM = 30_000
FENCED = (
    " Each paper stands between <paper id=N> and </paper>; id is its number. Reply with one object for every paper."
)


def load() -> Work:
    """Import it all, with what is otherwise imported at the first request, and the vocabulary."""
    import aiohttp  # noqa: F401
    import httpx2  # noqa: F401
    import openai  # noqa: F401

    from digestor import tokens
    from digestor.client import Answer, Client, Form
    from digestor.client.budget import Budget
    from digestor.client.chat import Chat
    from digestor.client.dialect import Dialect
    from digestor.client.limits import Gate
    from digestor.client.packing import Packer, fitted
    from digestor.client.terms import NUMBER
    from digestor.models import Paper
    from digestor.store import Store

    tokens.counter(MODEL)

    class Digest(Answer):
        """The form of an answer."""

        line: str
        tags: list[str]

    def rendered(paper: Paper) -> str:
        return f'<paper id="{NUMBER}">\n{paper.title}\n{paper.abstract}\n</paper>'

    def work(job: Job, results: Results) -> None:
        most = 24 if job.name.endswith("-24") else 1
        at_once = None if job.name.endswith("-unset") else job.at_once
        count = tokens.counter(MODEL)
        answer = {**SCHEMA, "properties": {"id": {"type": "integer"}, **SCHEMA["properties"]}}
        answer["required"] = list(answer["properties"])
        papers = {"type": "array", "items": answer, "maxItems": most}
        schema = {"type": "object", "properties": {"papers": papers}, "required": ["papers"]}
        size = count(SYSTEM + FENCED) + count(json.dumps(schema))
        form = Form(SYSTEM + FENCED, schema | {"additionalProperties": False}, Digest, size, EXPECTED, 2 * EXPECTED)
        papers_of = [Paper(id=record.id, title=record.title, abstract=record.abstract) for record in job.records]
        with Store.open(job.store or Path("bench.db")) as store:
            known = {paper.id: store.journal.answers(paper, "bench") for paper in papers_of} if job.resumes else {}
            results.answers |= {id: json.loads(bodies[0])["line"] for id, bodies in known.items() if bodies}
            left = [paper for paper in papers_of if paper.id not in results.answers]
            items = [fitted(paper, rendered, count, ROOM)[0] for paper in left]
            client = Client(
                model=partial(Chat, job.url, KEY, MODEL, form, Dialect.first(job.url), 120.0, at_once or 64),
                form=form,
                packer=Packer(items, most, ROOM, EXPECTED),
                gate=lambda now: Gate(at_once, None, None, now, random.random),
                budget=Budget(None, None, None),
                journal=store.journal,
                asker="bench",
                count=count,
                shorter=lambda item, room: fitted(item.paper, rendered, count, room)[0],
            )
            for outcome in client.run():
                if isinstance(outcome.answer, Digest):
                    results.answers[outcome.item.paper.id] = outcome.answer.line
                else:
                    results.errors[outcome.why] += 1

    return work
