"""bespokelabs-curator: a dataset in, a dataset out, with batching, retries and a cache of its own."""

import logging
import os
import tempfile
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from bench.client.peers.job import KEY, MODEL, SYSTEM, Job, Results, Work


class Digest(BaseModel):
    """The form of an answer."""

    title: str
    line: str
    tags: list[str]


def load() -> Work:
    """Import it all."""
    # It counts tokens with a vocabulary that it would download; litellm, which it needs, has the file.
    tokenizers = import_module("litellm.litellm_core_utils.default_encoding")
    os.environ["TIKTOKEN_CACHE_DIR"] = os.path.dirname(tokenizers.__file__ or "") + "/tokenizers"
    curator = import_module("bespokelabs.curator")
    datasets = import_module("datasets")
    logging.disable(logging.ERROR)
    base: Any = curator.LLM

    class Writer(base):  # type: ignore[misc]
        """Its cache goes by the code of these two, so they reach for nothing outside."""

        response_format = Digest

        def prompt(self, input: Any) -> Any:
            """One row as messages."""
            return [{"role": "system", "content": input["system"]}, {"role": "user", "content": input["text"]}]

        def parse(self, input: Any, response: Any) -> Any:
            """One answer as a row."""
            return {"id": input["id"], "line": response.line}

    def work(job: Job, results: Results) -> None:
        os.environ["OPENAI_API_KEY"] = KEY
        rows = [{"id": record.id, "system": SYSTEM, "text": record.text} for record in job.records]
        params = {"base_url": job.url, "max_concurrent_requests": job.at_once, "require_all_responses": False}
        if not job.limited:
            # Where a server does not say its limits, it keeps to some 200 requests a minute.
            params |= {"max_requests_per_minute": 10**6, "max_tokens_per_minute": 10**9}
        writer = Writer(model_name=MODEL, backend="openai", backend_params=params)
        with tempfile.TemporaryDirectory() as folder:
            done = writer(datasets.Dataset.from_list(rows), working_dir=str(job.store or folder))
        for row in done.dataset:
            if row["line"]:
                results.answers[row["id"]] = row["line"]

    return work
