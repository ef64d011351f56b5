"""When arXiv announces what: its days, as New York has them.

On a working day submissions are closed at 14:00 and announced at 20:00, those of a Friday on Sunday evening. What was
announced is mailed, and stands in the feeds, the day after: Monday to Friday. That day is called the day announced.
On a holiday nothing is closed: its submissions go with those of the next working day. (arXiv's "Availability of
submissions"; the rule holds from 2017.)
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from digestor.models import Paper
from digestor.protocols import Window

EASTERN = ZoneInfo("America/New_York")
CUT = time(14)
DAY = timedelta(days=1)
MONDAY, FRIDAY, SATURDAY = 0, 4, 5

LISTED = frozenset(
    date.fromisoformat(f"{days[:4]}-{day}")
    for days in (
        "2023: 01-16 06-14 06-19 07-04 08-17 09-04 11-23 12-25 12-27",
        "2024: 01-15 05-22 06-19 07-04 09-02 10-08 11-28 12-25 12-26 12-31",
        "2025: 01-01 01-20 06-19 07-04 09-01 11-27 12-25 12-30",
        "2026: 01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31",
    )
    for day in days[6:].split()
)
"""The holidays that arXiv published for these years."""
FIRST_LISTED, LAST_LISTED = 2023, 2026


class Batch(NamedTuple):
    """The papers announced together, by when they were submitted."""

    announced: date
    """The day of the mail and of the feed, Monday to Friday."""
    start: datetime
    """UTC; belongs to it."""
    end: datetime
    """UTC; belongs to the next one."""


def batches(window: Window) -> list[Batch]:
    """What is announced in these days, the first day first; of an ISO week, five batches where it has no holiday.

    >>> week = batches(Window(date(2026, 11, 16), date(2026, 11, 22)))
    >>> len(week), week[0].start.isoformat(), week[-1].end.isoformat()
    (5, '2026-11-12T19:00:00+00:00', '2026-11-19T19:00:00+00:00')
    """
    found = []
    for number in range((window.end - window.start).days + 1):
        day = window.start + number * DAY
        closed = day - (3 * DAY if day.weekday() == MONDAY else DAY)
        if day.weekday() < SATURDAY and works(closed):
            before = closed - DAY
            while not works(before):
                before -= DAY
            found.append(Batch(day, _cut(before), _cut(closed)))
    return found


def announced_on(submitted: datetime) -> date:
    """The day on which a paper submitted then is announced, if nobody holds it back; never a later one.

    >>> announced_on(datetime(2026, 11, 19, 18, 59, tzinfo=UTC)), announced_on(datetime(2026, 11, 19, 19, tzinfo=UTC))
    (datetime.date(2026, 11, 20), datetime.date(2026, 11, 23))
    """
    there = submitted.astimezone(EASTERN)
    closed = there.date() + (DAY if there.time() >= CUT else 0 * DAY)
    while not works(closed):
        closed += DAY
    return closed + (3 * DAY if closed.weekday() == FRIDAY else DAY)


def works(day: date) -> bool:
    """Are submissions closed on this day: is it neither a weekend nor a holiday of arXiv's?

    For years of which arXiv's list is not known here, the holidays are those that stand in every list of late. A day
    taken for a holiday, or not, that is none, or one, moves papers by one announcement.
    """
    if day.weekday() >= SATURDAY:
        return False
    return day not in (LISTED if FIRST_LISTED <= day.year <= LAST_LISTED else _usual(day.year))


def day_in_new_york(moment: datetime) -> date:
    """The date there."""
    return moment.astimezone(EASTERN).date()


def month_of(arxiv_id: str) -> int | None:
    """The month in an id, counted from the year 0: that of its first announcement. None for ids before April 2007."""
    return (2000 + int(arxiv_id[:2])) * 12 + int(arxiv_id[2:4]) if arxiv_id[:4].isdigit() else None


def is_recent(arxiv_id: str, day: date) -> bool:
    """Was a paper first announced in the month of this day, or in the one before it?"""
    month = month_of(arxiv_id)
    return month is not None and 0 <= day.year * 12 + day.month - month <= 1


class Placed(NamedTuple):
    """A paper, and between which two days, both included, it was announced."""

    paper: Paper
    first: date
    last: date


def place(papers: Iterable[Paper], today: date) -> Iterator[Placed]:
    """The days on which papers were announced for the first time, in the order of their ids.

    Many papers wait for a moderator: of a day's mail, up to half were submitted days or weeks before the others. What
    tells when they came out is their id, since ids are given in the order of announcement: a paper is announced no
    sooner than any with a lower id, and none sooner than its submission allows. So papers that did not wait say the
    day of those between them. Nothing is said of papers with ids of the old form.
    """
    latest = date.min
    waiting: list[Placed] = []
    for month, _, paper in sorted(_by_id(papers), key=lambda entry: entry[:2]):
        due = announced_on(paper.published) if paper.published else None
        if due and latest <= due <= today and due.year * 12 + due.month <= month + 1:
            yield from (entry._replace(last=due) for entry in waiting)
            yield Placed(paper, due, due)
            latest, waiting = due, []
        else:
            waiting.append(Placed(paper, latest, max(latest, today)))
    yield from waiting


def _by_id(papers: Iterable[Paper]) -> Iterator[tuple[int, int, Paper]]:
    for paper in papers:
        month = month_of(paper.arxiv_id) if paper.arxiv_id else None
        if paper.arxiv_id and month is not None:
            yield month, int(paper.arxiv_id[5:]), paper


def _cut(day: date) -> datetime:
    return datetime.combine(day, CUT, EASTERN).astimezone(UTC)


def _usual(year: int) -> frozenset[date]:
    """New Year, Juneteenth, Independence Day and Christmas, or the weekday they are kept on; the movable ones."""
    fixed = (date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 12, 25))
    kept = {day + {SATURDAY: -DAY, SATURDAY + 1: DAY}.get(day.weekday(), 0 * DAY) for day in fixed}
    return frozenset(kept | {_monday(year, 1, 3), _monday(year, 9, 1), _thanksgiving(year)})


def _monday(year: int, month: int, which: int) -> date:
    return date(year, month, 1) + ((-date(year, month, 1).weekday()) % 7 + 7 * (which - 1)) * DAY


def _thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    return date(year, 11, 1) + ((3 - date(year, 11, 1).weekday()) % 7 + 21) * DAY
