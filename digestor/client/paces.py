"""How fast: a pace that was configured, and one that is learnt from refusals of a server that names no limit."""

import math
from collections import deque

MINUTE = 60.0

SPAN = 10.0
"""Seconds of deliveries that a pace is learnt from."""

SHORTEST = 0.5
"""Seconds: what was delivered in less says nothing of a pace."""

LEARNT = 0.9
"""Of what was delivered: where a learnt pace begins."""

SLOWEST = 1 / 30
"""Requests a second: no learnt pace is slower."""

RAISE = 0.03
"""The growth a second after a flood; it doubles each second without one."""

FASTEST = 1.0
"""The growth a second at most."""


class Bucket:
    """An amount a minute, spread evenly: one second's worth (at least one unit) at once, the rest as it refills.

    It also keeps account of the last minute, so that no 60 seconds ever hold more than the amount. What is larger
    than one second's worth is let through when the bucket is full and paid off after; what is larger than the
    whole amount, when the minute before it was empty.
    """

    def __init__(self, per_minute: float, now: float) -> None:
        self._most = per_minute
        self._rate = per_minute / MINUTE
        self._size = max(1.0, self._rate)
        self._level, self._seen = self._size, now
        self._log: deque[list[float]] = deque()
        self._sum = 0.0

    def wait(self, cost: float, now: float) -> float:
        """Seconds until `cost` may be taken; 0 is now."""
        self._refill(now)
        missing = min(cost, self._size) - self._level
        pause = missing / self._rate if missing > 1e-9 else 0.0
        over = min(self._sum, self._sum + cost - self._most)
        if over > 1e-9:
            for at, amount in self._log:
                over -= amount
                if over <= 1e-9:
                    return max(pause, at + MINUTE - now)
        return pause

    def take(self, cost: float, now: float) -> list[float]:
        """Take it, allowed or not; the entry is for `settle`."""
        self._refill(now)
        entry = [now, cost]
        self._log.append(entry)
        self._level -= cost
        self._sum += cost
        return entry

    def settle(self, entry: list[float], used: float) -> None:
        """What was taken turned out to be another amount: the difference goes back."""
        change = used - entry[1]
        entry[1] = used
        self._level -= change
        if not self._log or entry[0] >= self._log[0][0]:
            self._sum += change

    def _refill(self, now: float) -> None:
        self._level = min(self._size, self._level + (now - self._seen) * self._rate)
        self._seen = now
        while self._log and self._log[0][0] + MINUTE <= now:
            self._sum -= self._log.popleft()[1]
        if not self._log:
            self._sum = 0.0


class Pace:
    """Requests a second, learnt from what was delivered before a flood of refusals; none before the first."""

    def __init__(self, now: float) -> None:
        self._rate: float | None = None
        self._level, self._seen, self._start, self._raise = 1.0, now, now, RAISE
        self._cut = now
        self._deliveries: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the next request fits the pace."""
        if self._rate is None:
            return 0.0
        self._refill(now)
        return (1 - self._level) / self._rate if self._level < 1 - 1e-9 else 0.0

    def sent(self, now: float) -> None:
        """A request was sent."""
        if self._rate is not None:
            self._refill(now)
            self._level -= 1

    def delivered(self, now: float) -> None:
        """A reply came."""
        self._deliveries.append(now)
        self._forget(now)

    def flooded(self, at: float, now: float) -> None:
        """A request sent at `at` was too fast: go on with nine tenths of what was delivered lately. Once a wave."""
        if at < self._cut:
            return
        self._cut = now
        self._forget(now)
        span = min(SPAN, now - self._start)
        if span >= SHORTEST and self._deliveries:
            found = LEARNT * len(self._deliveries) / span
            self._rate = found if self._rate is None else max(SLOWEST, min(found, LEARNT * self._rate))
            self._level, self._seen, self._raise = min(self._level, 1.0), now, RAISE

    def _forget(self, now: float) -> None:
        while self._deliveries and self._deliveries[0] <= now - SPAN:
            self._deliveries.popleft()

    def _refill(self, now: float) -> None:
        assert self._rate is not None
        since = now - self._seen
        self._level = min(max(1.0, self._rate / 50), self._level + since * self._rate)
        self._rate *= math.exp(self._raise * min(since, 1.0))
        self._raise = min(FASTEST, self._raise * 2 ** min(since, 10.0))
        self._seen = now
