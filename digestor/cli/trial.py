"""What came of trying something that a config names, and the table of it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

State = Literal["ok", "FAILED", "not tried"]
WIDEST = 36
"""Columns of a name; one that is longer takes what it needs."""


class Trial(NamedTuple):
    """One row of the table."""

    what: str
    """`source`, `enrich`, `annotator` or `delivery`."""
    name: str
    state: State
    found: str
    """What came back, what is wrong, or why it was not tried."""
    todo: str = ""


def table(trials: Sequence[Trial]) -> str:
    """What, its name, the state and what was found; below a row that failed, what to do."""
    wide = min(max(len(trial.name) for trial in trials), WIDEST)
    lines = []
    for what, name, state, found, todo in trials:
        lines.append(f"{what:<10} {name:<{wide}}  {state:<9}  {found}")
        lines += [f"{'':<{wide + 13}}{'':<11}{line.strip()}" for line in todo.splitlines()]
    return "\n".join(lines)


def shortened(text: str, most: int = 60) -> str:
    """The beginning of a text, on one line.

    >>> shortened("one two three four", 12)
    'one two…'
    """
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0]}…"
