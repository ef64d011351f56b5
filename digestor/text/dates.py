"""Dates as sources write them. What is no full date is unknown: nothing is guessed, least of all a year."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
SPELLED = re.compile(r"(?:[A-Za-z]{3,9},? )?\d{1,2} [A-Za-z]{3,9}\.?,? \d{4}( \d.{1,20})?")
MONTH_FIRST = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})")
LONGEST = 60


def moment(text: str) -> datetime | None:
    """When, in UTC; a day without a time is its midnight, a time without a zone is UTC. None for no full date.

    >>> moment("Tue, 17 Nov 2026 00:00:00 -0500"), moment("17 Nov"), moment("2026-02-30")
    (datetime.datetime(2026, 11, 17, 5, 0, tzinfo=datetime.timezone.utc), None, None)
    """
    text = " ".join(text.split()) if len(text) <= LONGEST else ""
    try:
        if day := DAY.fullmatch(text):
            found = datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        elif DAY.match(text):
            found = datetime.fromisoformat(text)
        else:
            spelled = MONTH_FIRST.sub(r"\2 \1 \3", text)
            named = SPELLED.fullmatch(spelled)
            if not named:
                return None
            found = parsedate_to_datetime(spelled if named[1] else f"{spelled} 00:00:00")
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return found if 1900 <= found.year <= 2100 else None
