"""OpenAI's own client as its guide shows it: `create` behind a semaphore, retries as they come."""

import asyncio
import json

from bench.client.peers.job import KEY, MODEL, SCHEMA, SYSTEM, Job, Results, Work, asked
from bench.client.records import Record


def load() -> Work:
    """Import it all."""
    import openai

    async def run(job: Job, results: Results) -> None:
        async with openai.AsyncOpenAI(base_url=job.url, api_key=KEY) as client:

            async def ask(record: Record) -> str:
                reply = await client.chat.completions.create(
                    model=MODEL,
                    messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": record.text}],
                    response_format={
                        "type": "json_schema",
                        "json_schema": {"name": "digest", "strict": True, "schema": SCHEMA},
                    },
                )
                return str(json.loads(reply.choices[0].message.content or "")["line"])

            await asked(job, results, ask)

    return lambda job, results: asyncio.run(run(job, results))
