"""Runs -> one table a weather."""

import statistics
from collections.abc import Callable, Iterable, Sequence

from bench.client.running import Run
from bench.client.weathers import SKIES

Column = Callable[[Sequence[Run]], str]


def middle(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    """The median."""
    return statistics.median(value(run) for run in runs)


def most(value: Callable[[Run], int]) -> Column:
    """The worst run; for counts of what should be none."""
    return lambda runs: f"{max(value(run) for run in runs):,}"


def spread(value: Callable[[Run], int]) -> Column:
    """The least and the most."""

    def shown(runs: Sequence[Run]) -> str:
        values = sorted(value(run) for run in runs)
        return f"{values[0]:,}" if values[0] == values[-1] else f"{values[0]:,}-{values[-1]:,}"

    return shown


COLUMNS: dict[str, Column] = {
    "runs": lambda runs: str(len(runs)),
    "work s": lambda runs: f"{min(run.work for run in runs):.2f} ({middle(runs, lambda run: run.work):.2f})",
    "x least": lambda runs: f"{min(run.work / run.least for run in runs):.2f}",
    "wall s": lambda runs: f"{middle(runs, lambda run: run.wall):.2f}",
    "CPU s*": lambda runs: f"{middle(runs, lambda run: run.processor - run.imported):.2f}",
    "ms/req": lambda runs: (
        f"{middle(runs, lambda run: 1e3 * (run.processor - run.imported) / max(1, run.requests)):.2f}"
    ),
    "import s": lambda runs: f"{middle(runs, lambda run: run.imported):.1f}",
    "MB": lambda runs: f"{middle(runs, lambda run: run.memory):.0f}",
    "requests": spread(lambda run: run.requests),
    "tokens": lambda runs: f"{middle(runs, lambda run: run.prompt):.0f}",
    "x text": lambda runs: f"{middle(runs, lambda run: run.prompt / run.text):.2f}",
    "429s": spread(lambda run: run.refused),
    "paid": spread(lambda run: run.paid),
    "LOST": most(lambda run: run.lost),
    "wrong": most(lambda run: run.wrong),
    "twice": most(lambda run: run.twice),
    "noise": lambda runs: f"{middle(runs, lambda run: run.noise):.1f}",
}
LEGEND = """\
work s: from the first request to the last answer, the least (the median); x least: over the time that latency and
limits leave at the very best; wall s: the process, import included; CPU s*: less import; tokens: of prompt a paper as
the server counts them, x text: over title and abstract alone; paid: answers in replies that came whole; LOST: papers
without an answer; wrong: lines of another paper; twice: right answers paid for again; noise: cores that others kept
busy. Times are medians, LOST, wrong and twice those of the worst run."""


def tables(runs: Iterable[Run], absent: dict[str, str]) -> str:
    """All weathers that were run, one after the other."""
    found = list(runs)
    parts = [table(sky.said, sky.name, [run for run in found if run.sky == sky.name]) for sky in SKIES]
    missing = [f"absent: {name} ({why})" for name, why in absent.items()]
    return "\n\n".join([part for part in parts if part] + missing + [LEGEND])


def table(said: str, name: str, runs: Sequence[Run]) -> str:
    """The peers under one weather; empty where none was run."""
    if not runs:
        return ""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.peer, []).append(run)
    rows = [["", *COLUMNS]]
    notes = []
    for peer, group in groups.items():
        rows.append([peer, *(column(group) for column in COLUMNS.values())])
        notes += [f"  {peer}: {remark}" for remark in dict.fromkeys(filter(None, map(remarks, group)))]
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join([row[0].ljust(wide[0]), *map(str.rjust, row[1:], wide[1:])]) for row in rows]
    return "\n".join([f"{name}: {said}", *lines, *notes])


def remarks(run: Run) -> str:
    """What a run has to say beside its numbers."""
    errors = ", ".join(f"{count} {kind}" for kind, count in sorted(run.errors.items()))
    return "; ".join(filter(None, (run.note, errors)))
