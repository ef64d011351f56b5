"""`digestor dedupe` and `digestor annotate`: the stages as filters, so that they pipe."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from digestor import dedupe as rules
from digestor.annotating import Annotating
from digestor.cli.money import in_words
from digestor.cli.terminal import (
    Meter,
    Writer,
    annotator_options,
    ask_again_option,
    config_option,
    configured,
    environment,
    need_input,
    outside,
    say,
    tell,
    today,
)
from digestor.config import Config
from digestor.errors import SourceError
from digestor.interests import in_words as wishes
from digestor.models import Paper, Problem, Spent
from digestor.period import daily
from digestor.protocols import Desk, Paid, Reach, Source
from digestor.store import Store
from digestor.wiring import parts, reaching


def kept(config: Config, needed: bool) -> Store:
    """The store, where answers are paid for or sites are asked; else one in memory."""
    return Store.open(config.store) if needed else Store.rehearsal()


class Reading:
    """The papers of some sources as a stream; what went wrong is told on stderr and remembered for the exit code."""

    def __init__(self, sources: list[Source], reach: Reach) -> None:
        self.sources, self.reach, self.whole = sources, reach, True

    def __iter__(self) -> Iterator[Paper]:
        for source in self.sources:
            try:
                for found in source.papers(daily(today()).window, self.reach):
                    if isinstance(found, Problem):
                        tell([found] if found.lost else [])
                        self.whole = self.whole and not found.lost
                    else:
                        yield found
            except SourceError as error:
                if len(self.sources) == 1:
                    raise
                self.whole = False
                tell([Problem(where=error.where, what=error.what, todo=error.todo)])


@click.command(
    epilog="Example: digestor dedupe pages/*.txt > papers.jsonl",
    short_help="Print each paper once, as JSON lines.",
)
@click.argument("inputs", metavar="[INPUT]...", nargs=-1)
@config_option
@click.option("--clusters", is_flag=True, help='Print {"id","cluster"} for every record instead, in input order.')
def dedupe(inputs: tuple[str, ...], config_file: Path | None, clusters: bool) -> int:
    """Print each paper once, as JSON lines.

    INPUT are files, patterns or - for stdin; docs/sources.md names the kinds. Records of one paper are merged: the best
    text, every id in `also`. With --clusters, records with the same cluster are one paper.
    """
    config = configured(config_file)
    need_input(inputs, config)
    with kept(config, bool(config.sources) and not inputs) as store, reaching(config, store, outside()) as reach:
        reading = Reading(parts(config, inputs).sources, reach)
        papers = list(reading)
    groups = rules.cluster(papers)
    if clusters:
        cluster_of = {index: number for number, group in enumerate(groups) for index in group}
        for index, paper in enumerate(papers):
            click.echo(json.dumps({"id": paper.id, "cluster": f"c{cluster_of[index]:05}"}, ensure_ascii=False))
    else:
        for group in groups:
            click.echo(rules.merge([papers[index] for index in group]).model_dump_json(exclude_defaults=True))
    return 0 if reading.whole else 1


@click.command(
    epilog="Example: digestor dedupe pages/*.txt | digestor annotate - | head",
    short_help="Print one line, tags and code flag for each paper, as JSON lines.",
)
@click.argument("inputs", metavar="[INPUT]...", nargs=-1)
@config_option
@annotator_options
@ask_again_option
def annotate(
    inputs: tuple[str, ...],
    config_file: Path | None,
    annotator: str | None,
    model: str | None,
    max_cost: float | None,
    ask_again: bool,
) -> int:
    """Print one line, tags and code flag for each paper, as JSON lines, each as it is done.

    INPUT are files, patterns or - for stdin; docs/sources.md names the kinds. An id in a record is kept. What a
    chat model answered is kept in the store, and never paid for twice.
    """
    config = configured(config_file, Writer(annotator, model, max_cost))
    need_input(inputs, config)
    sources, writer, vocabulary, *_ = parts(config, inputs, environment())
    bills = [Spent()]
    paid = isinstance(writer, Paid)
    with (
        kept(config, paid or (bool(config.sources) and not inputs)) as store,
        reaching(config, store, outside()) as reach,
        Meter() as meter,
    ):
        reading = Reading(sources, reach)
        told = wishes(config.interests)
        desk = Desk(vocabulary, store.journal, environment(), say, bills.append, ask_again, told)
        work = Annotating(reading, writer, store, desk)
        said = (annotation for _, annotation in work) if paid else writer.annotate(reading, desk)
        for done, annotation in enumerate(said, start=1):
            click.echo(annotation.model_dump_json())
            meter("annotating", done, None)
    if paid:
        say(f"{in_words(bills[-1])}, {work.from_store} from the store")
    return 0 if reading.whole and not bills[-1].skipped else 1
