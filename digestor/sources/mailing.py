"""When a mailing of arXiv's was announced: what its head says, and the calendar in New York that it follows.

Papers received until 14:00 of a working day are announced at 20:00, those of a Friday on Sunday; the day of an
announcement is the next one, as in arXiv's feeds.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from digestor.text.dates import moment

NEW_YORK = ZoneInfo("America/New_York")
LATE = timedelta(days=4)
"""How long a mail may be held up, for holidays."""
RULE = re.compile(r"[-%]{10,}")
"""What divides entries and, with per cents, sections."""
RECEIVED = re.compile(r"received from +(.{5,40}?) +to +(.{5,40})", re.IGNORECASE)
SHORT_YEAR = re.compile(r"(\d{1,2} [A-Za-z]{3}) (\d\d) (?=\d\d:)")
NUMBERED = re.compile(r"(?:[a-z-]+(?:\.[a-z]{2})?/)?(\d\d)(\d\d)", re.IGNORECASE | re.ASCII)


class Mailing(NamedTuple):
    """What is known of the mailing that is being read."""

    sent: datetime | None
    relayed: bool
    newest: int
    """The latest month among the ids, for a mailing without any date."""
    until: datetime | None = None
    """Up to when papers were received for it."""
    section: str = ""

    @property
    def day(self) -> date | None:
        """The day of the announcement in New York: that of its evening mail is the next one, as in arXiv's feeds."""
        expected = _batch(self.until) if self.until else None
        mailed = _announced(self.sent) if self.sent else None
        if expected and (not mailed or self.relayed or not timedelta(0) <= mailed - expected <= LATE):
            return expected
        return mailed

    @property
    def month(self) -> int:
        """Counted from year 0; only ids of this one or the one before are new."""
        return self.day.year * 12 + self.day.month if self.day else self.newest

    def after(self, lines: Sequence[str]) -> "Mailing":
        """The mailing after lines that belong to no entry: a rule begins a section, a head another mailing."""
        mailing = self
        for line in lines:
            text = line[:200].strip("> ")
            if text.startswith("%"):
                section = "" if text.startswith("%%%-") else "replaced" if text.startswith("%%-") else "cross"
                mailing = mailing._replace(section=section) if RULE.fullmatch(text) else mailing
            elif text.startswith("Date:") and (sent := moment_of(text[5:])):
                mailing = mailing._replace(sent=sent, relayed=False, until=None, section="")
            elif found := RECEIVED.match(text):
                mailing = mailing._replace(until=moment_of(found[2]), section="")
        return mailing


def moment_of(text: str) -> datetime | None:
    """A date of arXiv's: in the heads of mailings the year has two digits."""
    text = " ".join(text[:80].split())
    return moment(SHORT_YEAR.sub(lambda d: f"{d[1]} {'19' if d[2] >= '91' else '20'}{d[2]} ", text))


def _announced(sent: datetime) -> date:
    """Mails go out at 20:00 New York time, Sunday to Thursday, and belong to the next day."""
    day = (sent.astimezone(NEW_YORK).replace(tzinfo=None) + timedelta(hours=4)).date()
    return day - timedelta(days=max(0, day.weekday() - 4))


def _batch(until: datetime) -> date:
    """The weekday after the one at whose 14:00 New York time a batch was closed."""
    day = until.astimezone(NEW_YORK).date()
    return day + timedelta(days=max(1, 7 - day.weekday()) if day.weekday() >= 4 else 1)


def month_of(id: str) -> int:
    """The month in an id, counted from year 0."""
    found = NUMBERED.match(id)
    if not found:
        return 0
    year = int(found[1])
    return (year + (1900 if year >= 91 else 2000)) * 12 + int(found[2])
