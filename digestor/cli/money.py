"""`digestor plan`: what a chat model would cost, before it costs; and what it took, in words."""

import json
from datetime import datetime
from pathlib import Path

import click
from pydantic import ValidationError

from digestor import period
from digestor.cli.terminal import (
    Meter,
    Writer,
    annotator_options,
    config_option,
    configured,
    need_input,
    outside,
    tell,
    today,
)
from digestor.models import Plan, Spent
from digestor.protocols import Journal
from digestor.store import Store
from digestor.wiring import build, reaching

PLANNED, TOOK = "the last plan", "what the last plan took"
"""Names of notes in the journal."""


@click.command(
    epilog="Example: digestor plan pages/*.txt --model gpt-5-mini",
    short_help="Say what annotating would cost, before it costs.",
)
@click.argument("inputs", metavar="[INPUT]...", nargs=-1)
@config_option
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="A day of the week.")
@annotator_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
def plan(
    inputs: tuple[str, ...],
    config_file: Path | None,
    day: datetime | None,
    annotator: str | None,
    model: str | None,
    max_cost: float | None,
    as_json: bool,
) -> int:
    """Say what annotating would cost, before it costs.

    Reads the input as `digestor weekly` does, leaves out what was published or answered before, and says how many
    papers are left, in how many requests, how many tokens these have, and what they cost. Nothing is sent. Once the
    issue is made, the next plan says how far off this one was.
    """
    config = configured(config_file, Writer(annotator, model, max_cost))
    need_input(inputs, config)
    week = period.weekly(day.date() if day else today())
    world = outside()
    with Store.open(config.store) as store, Meter(as_json) as meter, reaching(config, store, world, meter) as reach:
        problems = store.learn(config.output, but=week.id)
        found, collected = build(config, store, inputs, problems, world, reach).plan(week, meter)
        before = last(store.journal)
        store.journal.note(PLANNED, found.model_dump_json())
        store.journal.note(TOOK, "")
    if as_json:
        click.echo(json.dumps({"plan": found.model_dump(), "last": before and [one.model_dump() for one in before]}))
    else:
        tell(problem for problem in collected.problems if problem.lost or collected.failed)
        click.echo(planned(found))
        if before:
            click.echo(how_far_off(*before))
    return 1 if collected.failed else 0


def took(journal: Journal, spent: Spent) -> None:
    """Remember what a run took, for the plan before it."""
    if spent.requests:
        journal.note(TOOK, spent.model_dump_json())


def last(journal: Journal) -> tuple[Plan, Spent] | None:
    """The last plan, and what it took; None where there was none or nothing was done about it."""
    try:
        found = Plan.model_validate_json(journal.recall(PLANNED))
        return found, Spent.model_validate_json(journal.recall(TOOK))
    except ValidationError:
        return None


def planned(plan: Plan) -> str:
    """A plan in words."""
    if not plan.requests:
        return f"{plan.annotator}: {plan.papers:,} papers to annotate, nothing to be paid for"
    return (
        f"{plan.annotator}: {plan.papers:,} papers in {plan.requests:,} requests, about {plan.tokens_in:,} tokens in "
        f"and {plan.tokens_out:,} out: {dollars(plan.cost)}\n({plan.counted})"
    )


def in_words(spent: Spent) -> str:
    """What was spent, in words."""
    parts = [f"{spent.papers:,} papers answered in {spent.requests:,} requests", f"{spent.tokens_in:,} tokens in"]
    parts += [f"{spent.cached:,} of them cached"] if spent.cached else []
    parts += [f"{spent.tokens_out:,} out"]
    parts += [f"{spent.reasoning:,} of them thought"] if spent.reasoning else []
    parts += [dollars(spent.cost)]
    parts += [f"{spent.skipped:,} papers not asked about, for the budget was reached"] if spent.skipped else []
    return ", ".join(parts)


def dollars(cost: float | None) -> str:
    """An amount, exact enough for cents and for thousandths of a cent."""
    if cost is None:
        return "no price known"
    return f"${cost:.2f}" if cost >= 1 or cost == 0 else f"${cost:.4f}"


def how_far_off(plan: Plan, spent: Spent) -> str:
    """The last plan beside what it took."""
    rows: list[tuple[str, str, float, float]] = [
        (f"{plan.requests:,}", f"{spent.requests:,} requests", plan.requests, spent.requests),
        (f"{plan.tokens_in:,}", f"{spent.tokens_in:,} tokens in", plan.tokens_in, spent.tokens_in),
        (f"{plan.tokens_out:,}", f"{spent.tokens_out:,} tokens out", plan.tokens_out, spent.tokens_out),
    ]
    if plan.cost is not None and spent.cost is not None:
        rows.append((dollars(plan.cost), dollars(spent.cost), plan.cost, spent.cost))
    said = (f"{was} planned, {is_} taken{_off(a, b)}" for was, is_, a, b in rows)
    return "The last plan: " + "; ".join(said)


def _off(planned: float, taken: float) -> str:
    return f" ({(taken - planned) / planned:+.0%})" if planned else ""
