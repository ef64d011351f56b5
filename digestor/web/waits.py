"""How long a site asks us to wait, as its headers say it."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

EPOCH = 1e9
"""A number beyond it is a time, below it a length."""
LEFT = re.compile(r"(?:^|[;,\s])(?:t|reset)\s*=\s*(\d{1,12})(?![\d.])")
"""In `RateLimit: "api";r=0;t=30` and `RateLimit: limit=5, remaining=0, reset=30`."""
RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
SECONDS = re.compile(r"\s*(\d{1,4})\s*s?\s*")


def wait_asked(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds from `now` (since 1970) that a site wants to be left alone; None where it does not say."""
    asked = headers.get("retry-after")
    if asked is not None:
        found = number(asked)
        return found if found is not None else date(asked, now)
    for name in RESETS:
        found = number(headers.get(name, ""))
        if found is not None:
            return max(0.0, found - now) if found > EPOCH else found
    left = LEFT.search(headers.get("ratelimit", ""))
    return float(left[1]) if left else None


def number(text: str) -> float | None:
    """Seconds, not negative and not endless."""
    return float(text) if re.fullmatch(r"\s*\d{1,12}(\.\d{1,9})?\s*", text, re.ASCII) else None


def date(text: str, now: float) -> float | None:
    """Seconds until a date as HTTP writes it: `Fri, 20 Nov 2026 16:00:00 GMT`."""
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    try:
        return max(0.0, when.timestamp() - now)
    except (OverflowError, ValueError):
        return None


def pace(headers: Mapping[str, str]) -> float:
    """Seconds from one request to the next that a site says it allows (Crossref does); 0 where it does not say."""
    limit = number(headers.get("x-rate-limit-limit", ""))
    interval = SECONDS.fullmatch(headers.get("x-rate-limit-interval", ""))
    return int(interval[1]) / limit if limit and interval else 0.0
