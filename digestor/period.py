"""The stretch of days one issue covers, and its id."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from digestor.protocols import Window


class Period(NamedTuple):
    """One edition's place in the calendar: `2026-W47`, its days, and how a reader is told of them."""

    id: str
    window: Window
    spoken: str


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


def span(window: Window) -> str:
    """`16–22 November 2026`, saying month and year once where they are the same.

    >>> span(Window(date(2026, 11, 30), date(2026, 12, 6)))
    '30 November – 6 December 2026'
    """
    start, end = window
    tail = f"{end.day} {end:%B %Y}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{tail}"
    year = f" {start.year}" if start.year != end.year else ""
    return f"{start.day} {start:%B}{year} – {tail}"
