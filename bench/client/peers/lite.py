"""litellm: `acompletion` behind a semaphore, retries as they come."""

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
    litellm: Any = import_module("litellm")
    litellm.suppress_debug_info = True

    async def run(job: Job, results: Results) -> None:
        if job.resumes:
            litellm.cache = import_module("litellm.caching.caching").Cache(type="disk", disk_cache_dir=str(job.store))

        async def ask(record: Record) -> str:
            reply = await litellm.acompletion(
                model=f"openai/{MODEL}",
                api_base=job.url,
                api_key=KEY,
                messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": record.text}],
                response_format=Digest,
            )
            return Digest.model_validate_json(reply.choices[0].message.content or "").line

        await asked(job, results, ask)

    return lambda job, results: asyncio.run(run(job, results))
