"""What a server has left of one resource, requests or tokens, followed by what its headers say.

A header is old when it is read: it counts what was left when *its* request was let in, and since then others were
sent and the server's bucket refilled. So the level now is what the newest one said, less what was sent after it,
plus what flowed in since: as much as was *seen* to flow in lately. A window that refills in steps flows not at all
until it jumps, so nothing is reckoned with; of a smooth bucket nearly all is.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from digestor.client.headers import Reading

BLUR = 0.03
"""Seconds: requests sent closer together may arrive in any order."""

SLICE = 0.25
"""Seconds between two readings, before their difference says how fast it flows."""

SLICES = 3
"""So many are looked at, once there are two, and the least flow counts."""

CREDIT = 0.9
"""Of the flow seen, how much is reckoned with at most."""

LEAST_CREDIT = 0.3
"""And at least, however often that was too much."""

REGAINED = 0.002
"""Of credit with each reply."""

TRUST = 0.05
"""With each reply that finds the bucket more than half full: by up to twice the flow seen."""

TRIED = 8
"""Replies. If by then no header left room for one more request, it says nothing, and is not heeded."""

PATIENCE = 10.0
"""Round trips to wait for the flow; where that would take longer, one request is sent to see."""


class Flight(NamedTuple):
    """A request in flight as one resource sees it."""

    number: int
    at: float
    cost: float
    position: float
    """All that was sent up to and with it."""


class _Anchor(NamedTuple):
    flight: Flight
    reading: Reading


class Level:
    """One resource of one server."""

    def __init__(self) -> None:
        self._anchor: _Anchor | None = None
        self._group = 0.0
        self._since = 0.0
        self._sent = 0.0
        self._credit, self._cut = CREDIT, 0.0
        self._trip = 0.0
        self._probe: int | None = None
        self._slice: _Anchor | None = None
        self._flows: deque[float] = deque(maxlen=SLICES)
        self._refused: list[tuple[int, float]] = []
        self._highest, self._boost, self._tried = 0.0, 0.0, 0

    def wait(self, cost: float, now: float) -> float | None:
        """Seconds until `cost` may be sent; None: not before a reply."""
        if not self.known:
            return 0.0
        flow = self._flow()
        missing = self._missing(cost, now, flow)
        if missing <= 0:
            return 0.0
        pause = missing / flow if flow * PATIENCE * self._trip > missing else None
        return 0.0 if pause is None and self._probe is None else pause

    def sent(self, number: int, cost: float, now: float) -> Flight:
        """Note what is sent. What the level does not cover is a probe: the only one at a time."""
        if self.known and self._missing(cost, now, self._flow()) > 0:
            self._probe = number
        self._sent += cost
        self._since += cost
        return Flight(number, now, cost, self._sent)

    def returned(
        self, flight: Flight, now: float, said: Reading | None, flying: Iterable[Flight], refused: bool
    ) -> None:
        """A request came back with a reading or without; `flying`: the others in flight, the newest first."""
        if flight.number == self._probe:
            self._probe = None
        counted = self._anchor is not None and flight.at >= self._group - BLUR
        if refused:
            if self._slice is not None:
                self._refused.append((flight.number, flight.cost))
            self._since -= flight.cost if counted else 0.0
        if said is None:
            if not refused and counted:
                self._anchor = self._slice = None
            return
        if not refused:
            self._trip += (now - flight.at - self._trip) / 8
            self._compare(said.remaining, flight.cost)
        self._measure(_Anchor(flight, said))
        anchor = self._anchor
        if anchor is None or flight.at > self._group + BLUR:
            self._anchor, self._group = _Anchor(flight, said), flight.at
            self._since = self._after(flying)
        elif counted:
            self._since -= 0.0 if refused else flight.cost
            if said.remaining <= anchor.reading.remaining:
                self._anchor = _Anchor(flight, said)
        if not refused:
            self._credit = min(CREDIT, self._credit + REGAINED)

    def lost(self, flight: Flight) -> None:
        """A request came back with no word of whether it was let in: it counts as if it was."""
        if flight.number == self._probe:
            self._probe = None

    def overdrawn(self, at: float, now: float) -> None:
        """A refusal of a request sent at `at` named this limit: reckon with less, once for each wave."""
        if at >= self._cut:
            self._credit, self._cut = max(LEAST_CREDIT, self._credit / 2), now
            self._boost = 0.0

    @property
    def known(self) -> bool:
        """Whether the server says what is left, and means it."""
        return self._anchor is not None and (self._highest > 0 or self._tried < TRIED)

    def _after(self, flying: Iterable[Flight]) -> float:
        total = 0.0
        for flight in flying:
            if flight.at < self._group - BLUR:
                break
            total += flight.cost
        return total

    def _missing(self, cost: float, now: float, flow: float) -> float:
        assert self._anchor is not None
        (flight, said), most = self._anchor, float("inf")
        if said.limit is not None and said.limit >= said.remaining:
            most = said.limit
        level = min(most, said.remaining + flow * (now - flight.at) - self._since)
        return min(cost, most) - level

    def _flow(self) -> float:
        if len(self._flows) < 2:
            return 0.0
        return min(self._flows) * (self._credit + (2 - self._credit) * self._boost)

    def _compare(self, remaining: float, cost: float) -> None:
        """A bucket that stays nearly full may take in more than was seen: try, by degrees."""
        self._tried += 1
        self._highest = max(self._highest, remaining if remaining >= cost else 0.0)
        idle = remaining >= cost and remaining * 2 > self._highest
        self._boost = min(1.0, self._boost + TRUST) if idle else 0.0

    def _measure(self, here: _Anchor) -> None:
        if self._slice is None:
            self._slice = here
            return
        there, passed = self._slice.flight, here.flight.at - self._slice.flight.at
        if passed < SLICE:
            return
        taken = here.flight.position - there.position
        taken -= sum(cost for number, cost in self._refused if there.number < number <= here.flight.number)
        self._refused = [entry for entry in self._refused if entry[0] > here.flight.number]
        self._flows.append(max(0.0, here.reading.remaining - self._slice.reading.remaining + taken) / passed)
        self._slice = here
