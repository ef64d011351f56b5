"""What every peer is given and what it gives back. Imports nothing that is not in the standard library."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.client.records import Record

MODEL = "bench-1"
KEY = "sk-not-a-key"
SYSTEM = (
    "You write one entry of a research digest. The user gives you the title and the abstract of a paper. Reply with "
    "JSON: title, the first three words of its title; line, one sentence of at most 30 words that says what the paper "
    "does; tags, one to three words for what it is about."
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "line": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["title", "line", "tags"],
    "additionalProperties": False,
}


class Job(NamedTuple):
    """One run."""

    name: str
    url: str
    at_once: int
    records: list[Record]
    store: Path | None
    """Where what was paid for may be kept."""
    resumes: bool
    """May what is there be used, and what is paid for be kept for another run?"""
    limited: bool
    """Has the server a limit, and says so in its headers?"""
    out: Path


class Results:
    """What a peer found."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        """Id -> line."""
        self.errors: Counter[str] = Counter()
        self.note = ""

    def take(self, job: Job, found: Sequence[str | BaseException]) -> None:
        """A line for each paper of the job, or what was raised in its place."""
        for record, line in zip(job.records, found, strict=True):
            if isinstance(line, str):
                self.answers[record.id] = line
            else:
                self.errors[type(line).__name__] += 1


async def asked(job: Job, results: Results, ask: Callable[[Record], Awaitable[str]]) -> None:
    """Ask about all papers, so many at once; `ask` gives a line. What goes wrong with one is noted, whatever it is."""
    turn = asyncio.Semaphore(job.at_once)

    async def one(record: Record) -> str:
        async with turn:
            return await ask(record)

    found = await asyncio.gather(*map(one, job.records), return_exceptions=True)
    results.take(job, found)


Work = Callable[[Job, Results], None]
"""Ask about all papers of a job; what `load` of a peer's module returns, once all is imported."""


def read(name: str, path: Path) -> Job:
    """The job in a file."""
    told = json.loads(path.read_text())
    return Job(
        name=name,
        url=told["url"],
        at_once=told["at_once"],
        records=[Record(*fields) for fields in told["records"]],
        store=Path(told["store"]) if told["store"] else None,
        resumes=told["resumes"],
        limited=told["limited"],
        out=Path(told["out"]),
    )


def do(job: Job, load: Callable[[], Work]) -> None:
    """Run a job and write down what came of it, whole or not at all."""
    work = load()
    imported = time.process_time()
    results = Results()
    began = time.monotonic()
    work(job, results)
    took = time.monotonic() - began
    told = {
        "work": took,
        "imported": imported,
        "memory": memory(),
        "answers": results.answers,
        "errors": results.errors,
        "note": results.note,
    }
    part = job.out.with_suffix(".part")
    part.write_text(json.dumps(told))
    part.replace(job.out)


def memory() -> float:
    """The most that this process had, in MB. (Not `getrusage`: that counts what the parent had when it forked.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
