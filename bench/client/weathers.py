"""The weathers of the benchmark: how the server behaves, how many at once, and the least time that leaves."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RATE, PER = 600, 6.0
"""Requests in so many seconds, where there is a limit."""


@dataclass(frozen=True, eq=False)
class Sky:
    """One weather, and what is asked under it."""

    name: str
    said: str
    server: Mapping[str, Any]
    """The fields of `tests.serving.weather.Weather`."""
    at_once: int = 64
    latency: float = 0.2
    limit: str = ""
    """`smooth` (a bucket of `burst`) or `sliding`; empty for none."""
    burst: int = 0
    kill: bool = False
    """kill -9 when half is paid, then run again."""
    papers: tuple[int, int] = (1, 1000)
    """Papers a request of those who are measured, from and to: some weathers only mean something to who packs."""

    def weather(self) -> dict[str, Any]:
        """For the server."""
        made = {"latency": self.latency, **self.server}
        if self.limit:
            made["limit"] = {"kind": self.limit, "requests": RATE, "per": PER, "burst": self.burst or None}
        return made

    def least(self, requests: int) -> float:
        """Seconds that so many requests take at the very least, when every one is sent as soon as it may be."""
        rounds = math.ceil(requests / self.at_once) * self.latency
        if self.limit == "smooth":
            return max(rounds, max(0, requests - self.burst) * PER / RATE + self.latency)
        if self.limit == "sliding":
            full = (requests - 1) // RATE
            return full * PER + math.ceil((requests - full * RATE) / self.at_once) * self.latency
        return rounds


SKIES = (
    Sky("clear", "200 ms, 64 at once, no limit, no faults", {}),
    Sky("smooth", "600 requests per 6 s, evenly, bucket of 60", {}, limit="smooth", burst=60, papers=(1, 1)),
    Sky("smooth-100", "600 requests per 6 s, evenly, bucket of 100", {}, limit="smooth", burst=100, papers=(1, 1)),
    Sky("sliding", "600 requests in any 6 s", {}, limit="sliding", papers=(1, 1)),
    Sky("burst", "600 at once, then 100 a second", {}, limit="smooth", burst=600, papers=(1, 1)),
    Sky("faults", "5 %: 429, 500, reset, truncated JSON", {"faults": {"mixed": 0.05}}),
    Sky("faults-all", "5 %: eight kinds, from 503 to invalid tags", {"faults": {"faults-all": 0.05}}),
    Sky("kill", "kill -9 when half is paid, then run again", {}, kill=True, papers=(1, 1)),
    Sky("kill-packed", "the same with 8 requests at once", {}, at_once=8, kill=True, papers=(2, 1000)),
    Sky("packed", "50 ms, 16 at once", {}, at_once=16, latency=0.05),
    Sky(
        "mixed",
        "50 ms, 16 at once; an item missing, doubled, unknown, or two swapped in 5 % of replies each",
        {"faults": {"missing": 0.05, "doubled": 0.05, "unknown": 0.05, "swapped": 0.05}},
        at_once=16,
        latency=0.05,
        papers=(2, 1000),
    ),
)
