"""instructor in its JSON_SCHEMA mode: it validates, and asks again with what was wrong."""

import asyncio
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from bench.client.peers.job import KEY, MODEL, SYSTEM, Job, Results, Work, asked
from bench.client.records import Record


class Digest(BaseModel):
    """The form of an answer."""

    title: str
    line: str
    tags: list[str]


def load() -> Work:
    """Import it all."""
    instructor, caches, openai = map(import_module, ("instructor", "instructor.cache", "openai"))

    async def run(job: Job, results: Results) -> None:
        kept: dict[str, Any] = {}
        if job.resumes:
            # Without a namespace its keys differ from process to process.
            kept = {"cache": caches.DiskCache(directory=str(job.store)), "cache_namespace": "bench"}
        made = openai.AsyncOpenAI(base_url=job.url, api_key=KEY)
        client = instructor.from_openai(made, mode=instructor.Mode.JSON_SCHEMA, **kept)

        async def ask(record: Record) -> str:
            answer = await client.chat.completions.create(
                model=MODEL,
                response_model=Digest,
                messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": record.text}],
            )
            return str(answer.line)

        await asked(job, results, ask)
        await made.close()

    return lambda job, results: asyncio.run(run(job, results))
