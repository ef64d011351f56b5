"""Why a paper is shown, what is new beside the issues before, how many papers there are: said the same everywhere."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from digestor.interests.choosing import APPEAL
from digestor.models import Entry, Issue, Pick, Trend

OUTSIDE = "Outside your usual"
"""What a reader is told of `Issue.outside`."""
MOVED, LINES = 6, 8
"""Tags that are named as rising, or as falling; lines of trends."""


class Said(NamedTuple):
    """A line of a list: `Rising`, and what does."""

    label: str
    words: str


def why(entry: Entry) -> str:
    """Why a paper is in the issue: what the model says, named as the model's, then what it was ranked by; or nothing.

    `fits your tidal gauges (says the model); “tides” in the title; by A. One`
    """
    model = _line(entry.annotation.why).rstrip(" .;")
    ranked = _line(entry.why).removeprefix(APPEAL)
    return "; ".join(part for part in (f"{model} (says the model)" if model else "", ranked) if part)


def why_picked(pick: Pick, entry: Entry) -> str:
    """Why it is the one to read, or the one from outside: as its paper says it, where the reason is the paper's."""
    own = pick.why in (entry.why, entry.annotation.why)
    return (why(entry) if own else "") or _line(pick.why).removeprefix(APPEAL)


def named_by(pick: Pick | None, entries: Iterable[Entry]) -> Entry | None:
    """The entry that a pick names; None where it names none."""
    return next((entry for entry in entries if entry.paper.id == pick.paper_id), None) if pick else None


def amount(issue: Issue) -> str:
    """`24 papers`; where there was not room for all, `60 of 5,912 papers`."""
    papers = sum(len(section.entries) for section in issue.sections)
    whole = papers + len(issue.listed)
    return f"{f'{papers:,} of ' if issue.listed else ''}{whole:,} paper{'' if whole == 1 else 's'}"


def trends(found: Sequence[Trend]) -> list[Said]:
    """What rises, what falls, and who is here again, a line each; few lines, the most telling first."""
    said = []
    for kind, label in (("rising", "Rising"), ("falling", "Falling")):
        moved = [trend for trend in found if trend.kind == kind][:MOVED]
        words = [f"{_line(trend.name)} {trend.now:,} ({_number(trend.before)} on average)" for trend in moved]
        if words:
            said.append(Said(label, ", ".join(words)))
    again = [trend for trend in found if trend.kind in ("author", "organisation")]
    return [*said, *(Said("Here again", _again(trend)) for trend in again)][:LINES]


def _again(trend: Trend) -> str:
    papers = f"{trend.now:,} paper{'' if trend.now == 1 else 's'}"
    before = "the issue" if trend.issues == 1 else f"the {trend.issues:,} issues"
    return f"{_line(trend.name)}, {papers}, {_number(trend.before)} in {before} before"


def _number(number: float) -> str:
    return f"{number:,.1f}".removesuffix(".0")


def _line(text: str) -> str:
    return " ".join(text.split())
