"""`digestor weekly`, `daily` and `monthly`: the main job."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import click

from digestor import period
from digestor.cli.money import in_words as spent_in_words
from digestor.cli.money import planned, took
from digestor.cli.terminal import (
    Meter,
    Writer,
    annotator_options,
    ask_again_option,
    config_option,
    configured,
    need_input,
    outside,
    tell,
    today,
)
from digestor.compose import in_words
from digestor.config import Config, Format
from digestor.models import Plan
from digestor.period import Period, span
from digestor.pipeline import Run
from digestor.protocols import Paid
from digestor.render.words import gave
from digestor.store import Store
from digestor.wiring import build, reaching

FORMATS = get_args(Format)
FIRST, LAST = 1990, 2199
"""Years of which issues are made."""


def formats(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """`md,html` as a tuple. Raises BadParameter on a name that is no format."""
    if value is None:
        return None
    names = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise click.BadParameter(f"{value!r}: name one or more of {', '.join(FORMATS)}, divided by commas")
    return names


def issue_command(name: str, of: Callable[[date], Period], help: str, example: str) -> click.Command:
    """A command that makes the issue of a week, a day or a month."""

    @click.command(name, help=help, epilog=f"Example: {example}", short_help=help.split("\n")[0])
    @click.argument("inputs", metavar="[INPUT]...", nargs=-1)
    @config_option
    @click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help=DAY_HELP)
    @click.option("--out", "-o", type=click.Path(path_type=Path), metavar="DIR", help=OUT_HELP)
    @click.option("--format", "-f", "formats", callback=formats, metavar="md,html,txt,json,csv", help=FORMAT_HELP)
    @annotator_options
    @ask_again_option
    @click.option("--dry-run", is_flag=True, help="Say what would be written, or what it would cost; write nothing.")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
    @click.option("--quiet", "-q", is_flag=True, help="Print only errors.")
    @click.option("--verbose", "-v", is_flag=True, help="Print each source's problems and where each number is from.")
    def command(
        inputs: tuple[str, ...],
        config_file: Path | None,
        day: datetime | None,
        out: Path | None,
        formats: tuple[Any, ...] | None,
        annotator: str | None,
        model: str | None,
        max_cost: float | None,
        ask_again: bool,
        dry_run: bool,
        as_json: bool,
        quiet: bool,
        verbose: bool,
    ) -> int:
        config = configured(config_file, Writer(annotator, model, max_cost), output=out, formats=formats)
        need_input(inputs, config)
        if day and not FIRST <= day.year <= LAST:
            raise click.BadParameter(f"{day:%Y-%m-%d} is no day of this newsletter", param_hint="--date")
        period = of(day.date() if day else today())
        if dry_run and (plan := rehearsed(config, period, inputs)):
            click.echo(json.dumps({"issue": period.id, "plan": plan.model_dump()}) if as_json else planned(plan))
            return 0
        run = make(config, period, inputs, dry_run, quiet or as_json, ask_again)
        if as_json:
            click.echo(as_object(run))
        else:
            tell(problem for problem in run.problems if verbose or problem.lost or run.sources_failed)
            if not quiet:
                speak(run, dry_run, verbose)
        return 0 if run.whole else 1

    return command


def rehearsed(config: Config, period: Period, inputs: tuple[str, ...]) -> Plan | None:
    """What an issue would cost, where annotating costs something: a rehearsal must not spend what it then forgets."""
    world = outside()
    with Store.rehearsal(config.store) as store, reaching(config, store, world) as reach:
        digestor = build(config, store, inputs, outside=world, reach=reach)
        return digestor.plan(period)[0] if isinstance(digestor.annotator, Paid) else None


def make(config: Config, period: Period, inputs: tuple[str, ...], dry_run: bool, quiet: bool, ask_again: bool) -> Run:
    """Put the newsletter together and run it once."""
    if dry_run:
        config = config.model_copy(update={"delivery": ()})
    store = Store.rehearsal(config.store) if dry_run else Store.open(config.store)
    world = outside(ask_again=ask_again)
    with store, Meter(quiet) as meter, reaching(config, store, world, meter) as reach:
        if store.is_new and (config.output / f"{period.id}.json").exists():
            store.sends.doubted.add(period.id)
        problems = store.learn(config.output, but=period.id)
        digestor = build(config, store, inputs, problems, world, reach)
        if dry_run:
            digestor.deliveries = []
        run = digestor.run(period, meter)
        took(store.journal, run.usage.spent)
        places = tuple(str(config.output / f"{period.id}.{format}") for format in config.formats)
        return run._replace(delivered=places) if dry_run and run.issue else run


def as_object(run: Run) -> str:
    """The run as one JSON object."""
    usage = run.usage
    return json.dumps(
        {
            "issue": run.period.id,
            "ledger": run.ledger.model_dump(),
            "files": list(run.delivered),
            "usage": {"annotator": usage.annotator, "asked": usage.asked, "from_store": usage.from_store}
            | ({"spent": usage.spent.model_dump()} if usage.spent.requests else {}),
            "sources": [source.model_dump() for source in run.sources],
            "notes": list(run.notes),
            "leaving": list(run.leaving),
            "problems": [problem.model_dump() for problem in run.problems],
        },
        ensure_ascii=False,
    )


def speak(run: Run, dry_run: bool, verbose: bool) -> None:
    """The run in words: what was written and the ledger on stdout, what leaves the issue on stderr."""
    if run.leaving:
        titles = "".join(f"\n  {title}" for title in (run.leaving if verbose else run.leaving[:3]))
        more = "" if verbose or len(run.leaving) < 4 else f"\n  and {len(run.leaving) - 3} more"
        click.echo(
            f"{run.period.id} was made before with {len(run.leaving)} papers that this run did not read; "
            f"they leave the issue and count as not published:{titles}{more}\n"
            "  to have them all in it, run it again with all the input",
            err=True,
        )
    if run.issue is None:
        click.echo(
            f"{run.period.id}: nothing new, so nothing was written. Of {span(run.period.window)}, this was read:"
        )
        for source in run.sources:
            click.echo(f"  {gave(source)}")
    else:
        click.echo("Would write:" if dry_run else "Written:")
        for place in run.delivered:
            click.echo(f"  {place}")
    for note in run.notes if run.issue else ():
        click.echo(f"{note}.")
    click.echo(f"{in_words(run.ledger)}.")
    if run.usage.spent.requests or run.usage.spent.skipped:
        click.echo(f"{run.usage.annotator}: {spent_in_words(run.usage.spent)}.")
    if verbose:
        click.echo(f"annotator {run.usage.annotator}: {run.usage.asked} asked, {run.usage.from_store} from the store")


DAY_HELP = "A day of the period.  [default: today, in UTC]"
OUT_HELP = "The folder of the issue files; those in it are memory too.  [default: digests]"
FORMAT_HELP = "Which files to write.  [default: all but csv]"
HELP = """Make the issue of a {0}{1}.

    INPUT are files, patterns or - for stdin, in place of the configured sources: page text, JSONL, CSV, BibTeX, RIS,
    CSL-JSON, arXiv mails, feeds, saved replies; each is known by its content. Papers that
    another issue had are left out; the same {0} made again is the same issue, byte for byte. Files are DIR/<issue
    id>.<format>. Prints what was written and where every paper went."""

weekly = issue_command(
    "weekly", period.weekly, HELP.format("week", ": the main job"), "digestor weekly pages/*.txt --date 2026-11-21"
)
daily = issue_command("daily", period.daily, HELP.format("day", ""), "digestor daily new.jsonl")
monthly = issue_command(
    "monthly",
    period.monthly,
    HELP.format("month", ""),
    "digestor monthly -o reports archive.csv",
)
