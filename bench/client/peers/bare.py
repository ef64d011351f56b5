"""The floor: aiohttp posts, json reads. No retry, no check; what it costs is what nobody can go below."""

import asyncio
import json

from bench.client.peers.job import KEY, MODEL, SCHEMA, SYSTEM, Job, Results, Work, asked
from bench.client.records import Record


def load() -> Work:
    """Import it all."""
    import aiohttp

    form = {"type": "json_schema", "json_schema": {"name": "digest", "strict": True, "schema": SCHEMA}}

    async def run(job: Job, results: Results) -> None:
        connector = aiohttp.TCPConnector(limit=job.at_once)
        headers = {"Authorization": f"Bearer {KEY}"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def ask(record: Record) -> str:
                messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": record.text}]
                body = {"model": MODEL, "messages": messages, "response_format": form}
                async with session.post(f"{job.url}/chat/completions", json=body) as response:
                    response.raise_for_status()
                    reply = await response.json()
                return str(json.loads(reply["choices"][0]["message"]["content"])["line"])

            await asked(job, results, ask)

    return lambda job, results: asyncio.run(run(job, results))
