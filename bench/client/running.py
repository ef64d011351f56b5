"""One run of one peer in a process of its own: timed from outside, killed if so wished, and what came of it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench.client.peers import Peer
from bench.client.records import Record, records
from bench.client.serving import HOUSE, Server, machine
from bench.client.weathers import Sky

PATIENCE = 240.0
"""Seconds after which a run is ended and counted as it is."""
QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "TELEMETRY_ENABLED": "0",
    "CURATOR_DISABLE_RICH_DISPLAY": "1",
    "LANGSMITH_TRACING": "false",
    "DO_NOT_TRACK": "1",
    "PYTHONWARNINGS": "ignore",
}
"""No peer is to call home, nor to paint progress."""


class Run(NamedTuple):
    """What one run of one peer was like; times in seconds."""

    peer: str
    sky: str
    least: float
    """The time that its requests take at the very least."""
    work: float
    wall: float
    processor: float
    """Of the whole process."""
    imported: float
    """Of that, until all was imported."""
    memory: float
    """MB at the peak."""
    requests: int
    refused: int
    """429s."""
    lost: int
    wrong: int
    """Lines under a wrong title."""
    paid: int
    """Answers in replies that came whole."""
    twice: int
    """Right answers paid for again."""
    prompt: float
    """Tokens of prompt a paper, as the server counts: four characters each."""
    text: float
    """Of title and abstract alone."""
    noise: float
    """Cores that others kept busy meanwhile."""
    errors: dict[str, int]
    note: str = ""


class Ended(NamedTuple):
    """A process that is no more."""

    told: dict[str, Any]
    """What it wrote before it ended; empty where it was killed."""
    wall: float
    processor: float
    noise: float
    late: bool


def run(peer: Peer, sky: Sky, count: int, server: Server) -> Run:
    """Run a peer under a weather, from the first paper to the last."""
    shelf = records(count)
    server.begin(sky.weather())
    note = ""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "job.json"
        out = Path(folder) / "out.json"
        stored = str(Path(folder) / "store") if sky.kill or peer.stores else ""
        job.write_text(
            json.dumps(
                {
                    "url": server.url,
                    "at_once": sky.at_once,
                    "records": shelf,
                    "out": str(out),
                    "store": stored,
                    "resumes": sky.kill,
                    "limited": bool(sky.limit),
                }
            )
        )
        if sky.kill:
            process(peer, job, out, server, until=lambda: server.stats()["paid"] >= count // 2)
            flying = sky.at_once * peer.papers
            note = f"{server.settle()['paid']} answers paid at the kill, of them up to {flying:,} under way"
            if out.exists():
                note = "done before it could be killed"
        ended = process(peer, job, out, server)
    counts = server.settle()
    answers: dict[str, str] = ended.told.get("answers", {})
    texts = sum(-(-len(record.text) // 4) for record in shelf)
    requests = counts["requests"]
    if ended.late:
        note = f"ended after {PATIENCE:.0f} s"
    return Run(
        peer=peer.name,
        sky=sky.name,
        least=sky.least(-(-count // peer.papers)),
        work=ended.told.get("work", ended.wall),
        wall=ended.wall,
        processor=ended.processor,
        imported=ended.told.get("imported", 0.0),
        memory=ended.told.get("memory", 0.0),
        requests=requests,
        refused=counts["statuses"].get("429", 0),
        lost=count - len(answers),
        wrong=wrong(shelf, answers),
        paid=counts["paid"],
        twice=counts["right_twice"],
        prompt=counts["tokens"].get("in", 0) / count,
        text=texts / count,
        noise=ended.noise,
        errors=ended.told.get("errors", {}),
        note=note or ended.told.get("note", ""),
    )


def process(peer: Peer, job: Path, out: Path, server: Server, until: Callable[[], bool] | None = None) -> Ended:
    """Start it, and wait for its end, or kill it as soon as `until` says so."""
    python = peer.python if peer.pins else Path(sys.executable)
    before, served, began = machine(), server.processor(), time.monotonic()
    child = subprocess.Popen(
        [python, "-m", "bench.client.peers", peer.name, job],
        cwd=HOUSE,
        env={**os.environ, **QUIET},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert child.stderr is not None
    late = threading.Timer(PATIENCE, child.kill)
    late.start()
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.append(child.stderr.read()))  # type: ignore[union-attr]
    reader.start()
    if until is not None:
        alive = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while not until() and os.waitid(os.P_PID, child.pid, alive) is None:
            time.sleep(0.01)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    over = not late.is_alive()
    late.cancel()
    reader.join()
    child.stderr.close()
    told = json.loads(out.read_text()) if out.exists() else {}
    if not told and until is None and not over:
        lines = b"".join(said).decode("utf-8", "replace").strip().splitlines() or ["nothing said"]
        told = {"note": f"ended with {child.returncode}: {lines[-1][:120]}"}
    spent = usage.ru_utime + usage.ru_stime
    noise = (machine() - before - spent - (server.processor() - served)) / wall
    return Ended(told, wall, spent, max(0.0, noise), over)


def wrong(shelf: list[Record], answers: dict[str, str]) -> int:
    """Lines that are those of another paper."""
    return sum(answers.get(record.id, record.line) != record.line for record in shelf)
