"""How the newsletter of the made-up year is made: its config, a run of it, a run in a process of its own, a look-in."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from digestor.config import load
from digestor.gathering import Progress, gather
from digestor.models import Issue, Message
from digestor.period import weekly
from digestor.pipeline import Digestor, Run, quiet
from digestor.protocols import Covers, Office, Outside, Window
from digestor.store import Store
from digestor.wiring import build, parts, reaching
from tests.fakes import Clock
from tests.mailbox import ENVIRON
from tests.year.studies import DAY, UNWANTED

READERS = ("ann@example.org", "bob@example.org")
KILLED = "YEAR_KILLED_AT_THE_END"
"""In the environment: the run is killed when the issue is everywhere, and before it is remembered."""
CONFIG = """
name = "Harbour notes"
store = "digestor.db"
output = "digests"
formats = ["md", "json"]
[[sources]]
kind = "arxiv"
categories = ["cs.CL"]
via = "{via}"
replacements = true
rss_base = "{sites}"
oai_base = "{sites}/oai"
allow_private = true
[[sources]]
kind = "huggingface"
base_url = "{sites}"
allow_private = true
[[sources]]
kind = "feed"
label = "Harbour Letters"
url = "{sites}/journal.xml"
allow_private = true
[[enrich]]
kind = "huggingface"
lacking = "code"
base_url = "{sites}"
most_lookups = 14
allow_private = true
[annotator]
kind = "llm"
model = "scripted"
base_url = "{chat}"
papers_per_request = 3
concurrency = 1
[interests]
about = "Tides and harbours."
topics = ["tides", {{ words = "moss beds", weight = 2 }}]
authors = ["Flo Eta"]
exclude = ["{unwanted}"]
max_papers = 6
[[delivery]]
kind = "smtp"
host = "127.0.0.1"
port = {port}
ca_file = "ca.pem"
user = "digest"
password_env = "MAIL_PASSWORD"
sender = "Harbour notes <digest@example.org>"
recipients = ["{ann}", "{bob}"]
unsubscribe_url = "https://example.org/u/"
secret_env = "MAIL_SECRET"
[[delivery]]
kind = "tests.year.habit:End"
"""


class Addresses(NamedTuple):
    """Where everything is."""

    sites: str
    chat: str
    port: int


class PowerCut(BaseException):
    """The run is over, whatever it was doing."""


class End(BaseModel):
    """The last delivery: it delivers nothing, and may be where the run is killed."""

    kind: Literal["tests.year.habit:End"] = "tests.year.habit:End"

    def deliver(self, message: Message, office: Office) -> list[str]:
        """Nothing, or the end."""
        if office.environ.get(KILLED):
            os.kill(os.getpid(), signal.SIGKILL)
        return []


def write(folder: Path, at: Addresses, via: str = "oai") -> None:
    """The config, as the user has it now."""
    ann, bob = READERS
    text = CONFIG.format(**at._asdict(), via=via, unwanted=UNWANTED, ann=ann, bob=bob)
    (folder / "config.toml").write_text(text, encoding="utf-8")


def run(
    folder: Path,
    day: date,
    clock: Clock,
    progress: Progress = quiet,
    environ: Mapping[str, str] = ENVIRON,
    tell: Callable[[str], None] = lambda line: None,
    resend_unknown: bool = False,
    change: Callable[[Digestor], None] = lambda digestor: None,
) -> Run:
    """`digestor weekly --date DAY`, but for the clock and the words; `change` may put something else in its place."""
    config = load(folder / "config.toml")
    period = weekly(day)
    today = datetime.fromtimestamp(clock.now, UTC).date()
    world = Outside(environ, tell, clock.pause, resend_unknown, today, clock=clock)
    with Store.open(config.store) as store, reaching(config, store, world) as reach:
        problems = store.learn(config.output, but=period.id)
        digestor = build(config, store, problems=problems, outside=world, reach=reach)
        change(digestor)
        return digestor.run(period, progress)


def collect(folder: Path, clock: Clock) -> None:
    """`digestor collect`, but for the clock and the words."""
    config = load(folder / "config.toml")
    today = datetime.fromtimestamp(clock.now, UTC).date()
    world = Outside(ENVIRON, pause=clock.pause, today=today, clock=clock)
    with Store.open(config.store) as store, reaching(config, store, world) as reach:
        dated = [source for source in parts(config).sources if isinstance(source, Covers)]
        gather(dated, Window(today - DAY, today), reach, store.collection, quiet)


def apart(folder: Path, day: date, clock: Clock, **environ: str) -> "subprocess.Popen[bytes]":
    """The same run in a process of its own, which somebody may kill."""
    work = json.dumps({"folder": str(folder), "day": day.isoformat(), "now": clock.now})
    around = {**os.environ, **environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen([sys.executable, "-m", "tests.year", work], cwd=folder, env=around)


def main(work: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """What such a process does."""
    run(Path(work["folder"]), date.fromisoformat(work["day"]), Clock(work["now"]), environ={**ENVIRON, **environ})


def issues(folder: Path) -> dict[str, Issue]:
    """The issues that are on the disk."""
    found = sorted((folder / "digests").glob("????-W??.json"))
    return {file.stem: Issue.model_validate_json(file.read_bytes()) for file in found}


def issue(folder: Path, id: str) -> Issue | None:
    """One of them, if it is there."""
    file = folder / "digests" / f"{id}.json"
    return Issue.model_validate_json(file.read_bytes()) if file.exists() else None


def files(folder: Path, id: str) -> dict[str, bytes]:
    """The bytes of an issue, by format."""
    return {file.suffix: file.read_bytes() for file in (folder / "digests").glob(f"{id}.*")}
