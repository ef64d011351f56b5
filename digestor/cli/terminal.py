"""What every command shares: where its config comes from, and how it tells of progress."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from digestor.config import Config, Part, load
from digestor.errors import InputError
from digestor.models import Problem
from digestor.protocols import Outside

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

CONFIG = Path("config.toml")

config_option = click.option(
    "--config",
    "-c",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The config file.  [default: config.toml, if there is one]",
)
annotator_option = click.option(
    "--annotator",
    "-a",
    metavar="KIND",
    help="Who writes the lines: extractive, llm, or a plugin's name.  [default: the config's, or extractive]",
)
model_option = click.option("--model", metavar="NAME", help="The chat model; with it the annotator is llm.")
max_cost_option = click.option(
    "--max-cost", type=click.FloatRange(min=0), metavar="USD", help="What the model may cost in this run at most."
)


ask_again_option = click.option(
    "--ask-again", is_flag=True, help="Ask the model anew about papers that fell back to the abstract's words."
)


def annotator_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--annotator, --model and --max-cost, for every command that annotates."""
    return annotator_option(model_option(max_cost_option(command)))


class Writer(NamedTuple):
    """What the command line says of the annotator."""

    annotator: str | None = None
    model: str | None = None
    max_cost: float | None = None

    def part(self, before: Part) -> Part:
        """The annotator of the config as the command line has it."""
        kind = self.annotator or ("llm" if self.model else before.kind)
        keys = before.keys if kind == before.kind else {}
        said = {"model": self.model, "max_cost": self.max_cost}
        return Part.model_validate(
            {**keys, **{key: value for key, value in said.items() if value is not None}, "kind": kind}
        )


def configured(file: Path | None, writer: Writer | None = None, **changes: Any) -> Config:
    """The config of a command: the file named, else ./config.toml, else defaults; then what the command line says."""
    config = load(file or CONFIG) if file or CONFIG.exists() else Config()
    if writer and any(value is not None for value in writer):
        changes["annotator"] = writer.part(config.annotator)
    given = {key: value for key, value in changes.items() if value is not None}
    return config.model_copy(update=given) if given else config


def today() -> date:
    """The day, in UTC: the same everywhere."""
    return datetime.now(UTC).date()


def outside(resend_unknown: bool = False, ask_again: bool = False) -> Outside:
    """What a run is given of the world."""
    return Outside(os.environ, say, time.sleep, resend_unknown, today(), ask_again, time.time)


def environment() -> Mapping[str, str]:
    """The environment, for whoever needs a secret from it."""
    return os.environ


def say(line: str) -> None:
    """What a user should know at once, on stderr."""
    click.echo(line, err=True)


def need_input(inputs: Iterable[str], config: Config) -> None:
    """Without input and without sources there is nothing to do: say what the two ways on are."""
    if not inputs and not config.sources:
        todo = "name files (digestor weekly pages/*.txt), or run `digestor init` and list your sources in config.toml"
        raise InputError("digestor", "nothing to read: no input and no configured source", todo)


def tell(problems: Iterable[Problem]) -> None:
    """Problems, on stderr."""
    for problem in problems:
        todo = f"\n  {problem.todo}" if problem.todo else ""
        click.echo(f"{problem.where}: {problem.what}{todo}", err=True)


class Meter:
    """Progress on stderr: a bar on a terminal once a second has passed, nothing elsewhere."""

    def __init__(self, quiet: bool = False) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._started = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._doing = ""
        self._next = 0.0

    def __call__(self, doing: str, done: int, of: int | None) -> None:
        """Note that `done` (of `of`) is done."""
        if not self._shown:
            return
        now = time.monotonic()
        if now < self._next and done != of:
            return
        self._next = now + 0.1
        if now - self._started > 1:
            self._draw(doing, done, of)

    def _draw(self, doing: str, done: int, of: int | None) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        if doing != self._doing or self._task is None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task, self._doing = self._bar.add_task(doing, total=of), doing
        self._bar.update(self._task, completed=done, total=of)

    def __enter__(self) -> "Meter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
