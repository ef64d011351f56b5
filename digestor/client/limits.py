"""The rate gate: when may the next request be sent? One gate serves all requests of a run.

Pure: time comes as `now`, in seconds that never go back. It minds, all at once, the number in flight
(`concurrency.py`), configured and learnt paces (`paces.py`), what the server says is left (`levels.py`), and
refusals: a 429 that names a limit, or a flood of them, closes the gate for all; a lone one keeps only its own
request away.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from digestor.client import headers as said
from digestor.client.concurrency import START, Slots
from digestor.client.levels import Flight, Level
from digestor.client.paces import Bucket, Pace

FLOOD = 3
"""Refusals within `WAVE` that are no accident..."""

WAVE = 0.5
"""...in seconds..."""

FEW = 0.05
"""...if they are not as few as this among all that came back meanwhile."""

BACKOFF = 0.25
"""Seconds: the longest pause after a first refusal that says nothing; it doubles with each wave of them."""

LONGEST_BACKOFF = 30.0

REOPENING = 4
"""Requests at first after the gate was closed; each that comes back lets two more."""

SOONEST = 0.001
"""Seconds: no shorter pause is worth asking for."""


class Ticket(NamedTuple):
    """One request in flight."""

    number: int
    at: float
    """When it was sent."""
    tokens: int
    """Reserved for it."""


class _Flight(NamedTuple):
    """What the gate keeps of a request in flight."""

    ticket: Ticket
    among: int
    parts: tuple[Flight, Flight]
    entries: tuple[list[float] | None, list[float] | None]


class Gate:
    """Lets requests through as fast as their server takes them. Every ticket must come back, in one of three ways.

    `concurrency`, `requests_per_minute`, `tokens_per_minute`: as configured; None where it is to be learnt.
    `dice` gives numbers of 0 to 1, for jitter. `first`: requests at once to begin with, where that is to be learnt.
    """

    def __init__(
        self,
        concurrency: int | None,
        requests_per_minute: float | None,
        tokens_per_minute: float | None,
        now: float,
        dice: Callable[[], float],
        first: int = START,
    ) -> None:
        self._dice = dice
        self._slots = Slots(concurrency, first)
        self._requests = Bucket(requests_per_minute, now) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute, now) if tokens_per_minute else None
        self._levels = (Level(), Level())
        self._pace = Pace(now)
        self._flying: dict[int, _Flight] = {}
        self._number = 0
        self._closed = now
        self._opening: float | None = None
        self._waves, self._wave = 0, now
        self._refusals: deque[float] = deque()
        self._returns: deque[float] = deque()

    @property
    def in_flight(self) -> int:
        """Requests sent that have not come back."""
        return len(self._flying)

    def wait(self, tokens: int, now: float) -> float:
        """0: a request that reserves so many tokens (input and most output) may be sent now.

        Else the seconds after which to ask again; `math.inf`: not before something comes back.
        """
        if len(self._flying) >= self._slots.limit or (self._opening is not None and self._opening < 1):
            return math.inf
        pause = max(self._closed - now, self._pace.wait(now))
        if self._requests:
            pause = max(pause, self._requests.wait(1, now))
        if self._tokens:
            pause = max(pause, self._tokens.wait(tokens, now))
        for level, cost in zip(self._levels, (1, tokens), strict=True):
            free = level.wait(cost, now)
            if free is None:
                return math.inf
            pause = max(pause, free)
        return max(pause, SOONEST) if pause > 0 else 0.0

    def sent(self, tokens: int, now: float) -> Ticket:
        """Note that a request is sent now."""
        self._number += 1
        ticket = Ticket(self._number, now, tokens)
        requests, amount = self._levels
        parts = (requests.sent(ticket.number, 1, now), amount.sent(ticket.number, tokens, now))
        entries = (
            self._requests.take(1, now) if self._requests else None,
            self._tokens.take(tokens, now) if self._tokens else None,
        )
        self._pace.sent(now)
        if self._opening is not None:
            self._opening -= 1
        self._flying[ticket.number] = _Flight(ticket, len(self._flying) + 1, parts, entries)
        return ticket

    def answered(self, ticket: Ticket, now: float, headers: Mapping[str, str], used: int | None, size: int = 1) -> None:
        """A reply came. `used`: tokens it really took, where known; `size`: output tokens that were expected of it."""
        flight = self._back(ticket, now)
        if flight is None:
            return
        if self._tokens and used is not None and (entry := flight.entries[1]):
            self._tokens.settle(entry, used)
        self._read(flight, now, headers, refused=False)
        self._pace.delivered(now)
        if ticket.at >= self._wave:
            self._waves = 0
        self._slots.succeeded(ticket.at, now, flight.among, size)
        if self._opening is not None and ticket.at >= self._closed:
            self._opening += 2
            if self._levels[0].known or self._opening >= self._slots.limit:
                self._opening = None

    def refused(self, ticket: Ticket, now: float, headers: Mapping[str, str]) -> float:
        """A 429 came: the seconds that this request should stay away, never fewer than `Retry-After`.

        A `Retry-After` of more than ten minutes is not believed: it counts as one minute.
        """
        flight = self._back(ticket, now)
        if flight is None:
            return BACKOFF
        asked, explained = said.away(headers), False
        readings = self._read(flight, now, headers, refused=True)
        named = asked is not None and any(readings)
        for level, reading, cost in zip(self._levels, readings, (1, ticket.tokens), strict=True):
            if reading and reading.remaining < cost:
                named, explained = True, explained or level.known
                level.overdrawn(ticket.at, now)
        self._refusals.append(now)
        flood = len(self._refusals) >= max(FLOOD, FEW * len(self._returns))
        if flood and not explained:
            self._pace.flooded(ticket.at, now)
        pause = self._pause(asked)
        if named or flood:
            self._close(ticket.at, now, pause)
        elif self._opening is not None and ticket.at >= self._closed:
            self._opening += 1
        return pause

    def failed(self, ticket: Ticket, now: float, headers: Mapping[str, str], slow: bool) -> None:
        """No answer: 5xx, a reset, or (`slow`) a time out or a 503. Also for a request that was given up."""
        flight = self._back(ticket, now)
        if flight is None:
            return
        for level, part in zip(self._levels, flight.parts, strict=True):
            level.lost(part)
        if slow:
            self._slots.struggled(ticket.at, now)
        if self._opening is not None and ticket.at >= self._closed:
            self._opening += 1

    def _back(self, ticket: Ticket, now: float) -> _Flight | None:
        self._returns.append(now)
        for log in (self._refusals, self._returns):
            while log and log[0] < now - WAVE:
                log.popleft()
        return self._flying.pop(ticket.number, None)

    def _read(
        self, flight: _Flight, now: float, headers: Mapping[str, str], refused: bool
    ) -> tuple[said.Reading | None, said.Reading | None]:
        readings = (said.reading(headers, said.REQUESTS), said.reading(headers, said.TOKENS))
        for index, level in enumerate(self._levels):
            others = (other.parts[index] for other in reversed(self._flying.values()))
            level.returned(flight.parts[index], now, readings[index], others, refused)
        return readings

    def _pause(self, asked: float | None) -> float:
        if asked is None:
            return max(SOONEST, self._dice() * min(LONGEST_BACKOFF, BACKOFF * 2.0 ** min(self._waves, 10)))
        return asked + SOONEST + self._dice() * (0.02 + 0.03 * asked)

    def _close(self, at: float, now: float, pause: float) -> None:
        if at >= self._wave:
            self._waves, self._wave = self._waves + 1, now
        self._closed = max(self._closed, now + pause)
        self._opening = REOPENING if self._waves < 2 else 1
