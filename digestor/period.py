"""The stretch of days one issue covers, and its id; and how an issue catches up on those that were not made."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple, Self

from digestor.protocols import Window

DAY = timedelta(days=1)
FARTHEST = timedelta(weeks=8)
"""How far before its own days an issue goes back at most."""
OVERLAP = timedelta(weeks=1)
"""How far before its days sources are asked where nobody knows when the issue before was made."""
NAMED = 3
"""Issues that were not made and are named one by one; of more, the first and the last."""


class _Days(NamedTuple):
    id: str
    window: Window
    spoken: str
    since: date


class Period(_Days):
    """One edition's place in the calendar: `2026-W47`, its days, and how a reader is told of them.

    `since` is the day from which sources are asked, the first day of the window or before; where it is not given, that
    first day.
    """

    __slots__ = ()

    def __new__(cls, id: str, window: Window, spoken: str, since: date | None = None) -> Self:
        """A period whose sources are asked for the days of its window, or from an earlier day on."""
        return super().__new__(cls, id, window, spoken, window.start if since is None else since)


def weekly(day: date) -> Period:
    """The ISO week of a day, Monday to Sunday."""
    year, week, weekday = day.isocalendar()
    start = day - timedelta(days=weekday - 1)
    window = Window(start, start + timedelta(days=6))
    return Period(f"{year}-W{week:02}", window, span(window))


def daily(day: date) -> Period:
    """The day itself."""
    return Period(day.isoformat(), Window(day, day), f"{day.day} {day:%B %Y}")


def monthly(day: date) -> Period:
    """The calendar month of a day."""
    window = Window(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
    return Period(f"{day:%Y-%m}", window, f"{day:%B %Y}")


SHAPES: dict[str, tuple[re.Pattern[str], Callable[[date], Period]]] = {
    "week": (re.compile(r"\d{4}-W\d\d", re.ASCII), weekly),
    "day": (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), daily),
    "month": (re.compile(r"\d{4}-\d\d", re.ASCII), monthly),
}
"""What the ids of each kind of issue look like, and how its periods are made."""


def shape(id: str) -> str:
    """Is an id that of a `week`, a `day` or a `month`? Empty where it is of no form that is made here."""
    return next((name for name, (form, _) in SHAPES.items() if form.fullmatch(id)), "")


def last_day(id: str) -> date | None:
    """The last day of the issue that an id names; None where it names none."""
    try:
        match shape(id):
            case "week":
                return date.fromisocalendar(int(id[:4]), int(id[6:]), 7)
            case "day":
                return date.fromisoformat(id)
            case "month":
                return monthly(date(int(id[:4]), int(id[5:]), 1)).window.end
    except ValueError:
        pass
    return None


def caught_up(period: Period, last: tuple[date, date | None] | None) -> tuple[Period, str]:
    """The period as it is to be made after the last issue of its kind, and a note on what it catches up on.

    `last` is the last day of that issue and the day it was made on, None where that is not known. Where issues were
    left out in between, the window starts the day after it, eight weeks before its own days at most, and the note says
    so. Where it was made before its last day was over, sources are asked from that day on (`since`); where nobody
    knows when it was made, from a week earlier: the memory drops what comes again. Nothing ever gets shorter.
    """
    if last is None or last[0] >= period.window.start:
        return period, ""
    end, made = last
    earliest = period.window.start - FARTHEST
    start = max(end + DAY, earliest)
    since = max(earliest, min(start, end + DAY - OVERLAP if made is None else made))
    window = Window(start, period.window.end)
    missed = Window(end + DAY, period.window.start - DAY)
    spoken = span(window) if start < period.window.start else period.spoken
    caught = Period(period.id, window, spoken, min(since, period.since))
    if missed.start > missed.end or (shape(period.id) == "day" and _weekend(missed)):
        return caught, ""
    day = f"{start.day} {start:%B}" + (f" {start.year}" if start.year != window.end.year else "")
    rest = ", and what came before is not asked for" if start > missed.start else ""
    return caught, f"No issue was made for {_named(missed, period.id)}: this one catches up from {day}{rest}"


def _named(missed: Window, id: str) -> str:
    """The ids of the issues that were not made."""
    kind = shape(id)
    if not kind:
        return span(missed)
    of = SHAPES[kind][1]
    ids: list[str] = []
    day = missed.start
    while day <= missed.end and len(ids) <= NAMED:
        found = of(day)
        ids.append(found.id)
        day = found.window.end + DAY
    if len(ids) > NAMED:
        return f"{ids[0]} to {of(missed.end).id}"
    return " and ".join([", ".join(ids[:-1]), ids[-1]] if len(ids) > 1 else ids)


def _weekend(days: Window) -> bool:
    """Are there only Saturdays and Sundays in it? Whoever makes an issue each working day has not missed any."""
    return (days.end - days.start).days < 2 and days.start.weekday() > 4 and days.end.weekday() > 4


def span(window: Window) -> str:
    """`16–22 November 2026`, saying day, month and year once where they are the same.

    >>> span(Window(date(2026, 11, 30), date(2026, 12, 6)))
    '30 November – 6 December 2026'
    """
    start, end = window
    tail = f"{end.day} {end:%B %Y}"
    if start == end:
        return tail
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{tail}"
    year = f" {start.year}" if start.year != end.year else ""
    return f"{start.day} {start:%B}{year} – {tail}"
