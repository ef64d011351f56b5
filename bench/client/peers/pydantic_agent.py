"""pydantic-ai: an agent with native structured output, behind a semaphore."""

import asyncio
from importlib import import_module

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
    ai = import_module("pydantic_ai")
    models, providers = map(import_module, ("pydantic_ai.models.openai", "pydantic_ai.providers.openai"))

    async def run(job: Job, results: Results) -> None:
        model = models.OpenAIChatModel(MODEL, provider=providers.OpenAIProvider(base_url=job.url, api_key=KEY))
        agent = ai.Agent(model, output_type=ai.NativeOutput(Digest), instructions=SYSTEM)

        async def ask(record: Record) -> str:
            return str((await agent.run(record.text)).output.line)

        await asked(job, results, ask)

    return lambda job, results: asyncio.run(run(job, results))
