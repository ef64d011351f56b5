"""What the headers of a reply say about limits: how much is left, and when to come back. Odd values say nothing.

Three spellings are read: OpenAI's (`x-ratelimit-remaining-requests`), Anthropic's
(`anthropic-ratelimit-requests-remaining`) and the IETF draft's (`ratelimit-remaining`, taken as requests). When
a limit resets is not: to one server that is when its bucket is full, to another when its window ends or its next
slot comes, so the gate measures instead.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

LONGEST = 600.0
"""Seconds: a server that asks for more is not believed."""

DOUBTED = 60.0
"""Seconds to stay away instead."""

MOST = 1e12
"""No limit is larger; what is, says nothing."""

REQUESTS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-limit-requests"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-limit"),
    ("ratelimit-remaining", "ratelimit-limit"),
    ("x-ratelimit-remaining", "x-ratelimit-limit"),
)
TOKENS = (
    ("x-ratelimit-remaining-tokens", "x-ratelimit-limit-tokens"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-limit"),
)

_NUMBER = re.compile(r"\s*(\d{1,15}(?:\.\d{0,9})?)\s*(?:[,;].*)?", re.ASCII)
_PART = re.compile(r"(\d{1,12}(?:\.\d{0,9})?)(ms|us|µs|ns|d|h|m|s)", re.ASCII)
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_LENGTH = 64
_DIGITS = 12


class Reading(NamedTuple):
    """What a reply says of one resource, as it was when its request was let in."""

    remaining: float
    limit: float | None


def reading(headers: Mapping[str, str], spellings: tuple[tuple[str, str], ...]) -> Reading | None:
    """The reading of one resource; None where the headers do not say what remains."""
    for remaining, limit in spellings:
        if remaining in headers and (left := number(headers[remaining])) is not None:
            return Reading(left, number(headers.get(limit)) or None)
    return None


def number(value: str | None) -> float | None:
    """A plain number of 0 to 1e12, or the first of a list (`100, 100;w=60`)."""
    if value is None or len(value) > _LENGTH:
        return None
    if len(value) <= _DIGITS and value.isdecimal() and value.isascii():
        return float(value)
    if not (found := _NUMBER.fullmatch(value)):
        return None
    amount = float(found[1])
    return amount if amount <= MOST else None


def seconds(value: str | None) -> float | None:
    """A length of time: `12ms`, `1.2s`, `6m0s`, or plain seconds."""
    if value is None or len(value) > _LENGTH:
        return None
    text = value.strip()
    parts = _PART.findall(text)
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return number(text)
    return sum(float(amount) * _SECONDS[unit] for amount, unit in parts)


def away(headers: Mapping[str, str]) -> float | None:
    """Seconds that a refusal asks us to stay away (`retry-after-ms`, `retry-after`); None where it does not say.

    More than ten minutes is not believed: it counts as one minute, after which the server may say it again.
    A date counts from the reply's own `date`, never from our clock.
    """
    pause = number(headers.get("retry-after-ms"))
    if pause is not None:
        pause /= 1000
    else:
        pause = _until(headers)
    return DOUBTED if pause is not None and pause > LONGEST else pause


def _until(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after")
    pause = seconds(value)
    if pause is not None or value is None:
        return pause
    then, sent = _moment(value), _moment(headers.get("date"))
    return max(0.0, (then - sent).total_seconds()) if then and sent else None


def _moment(value: str | None) -> datetime | None:
    if value is None or len(value) > _LENGTH:
        return None
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
