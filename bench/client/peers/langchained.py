"""langchain-openai: a structured model, and `abatch` with as many at once as it is told."""

import asyncio
from importlib import import_module

from pydantic import BaseModel

from bench.client.peers.job import KEY, MODEL, SYSTEM, Job, Results, Work


class Digest(BaseModel):
    """The form of an answer."""

    title: str
    line: str
    tags: list[str]


def load() -> Work:
    """Import it all."""
    openai, core = map(import_module, ("langchain_openai", "langchain_core.globals"))

    def failure(answer: object) -> BaseException:
        return answer if isinstance(answer, BaseException) else TypeError("no answer")

    async def run(job: Job, results: Results) -> None:
        if job.resumes:
            cache = import_module("langchain_community.cache").SQLiteCache
            core.set_llm_cache(cache(database_path=str(job.store)))
        model = openai.ChatOpenAI(model=MODEL, base_url=job.url, api_key=KEY)
        chain = model.with_structured_output(Digest, method="json_schema")
        questions = [[("system", SYSTEM), ("human", record.text)] for record in job.records]
        answers = await chain.abatch(questions, config={"max_concurrency": job.at_once}, return_exceptions=True)
        results.take(job, [answer.line if isinstance(answer, Digest) else failure(answer) for answer in answers])

    return lambda job, results: asyncio.run(run(job, results))
