"""How the scripted server behaves: its speed, its limits, what it understands, what goes wrong with it."""

import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import accumulate
from typing import Any, Literal, NamedTuple

BEFORE = ("500", "503", "503-after", "429", "429-after")
"""Faults before any work is done: they cost no time and no tokens."""
ON_THE_WAY = ("reset", "cut", "hang", "slow", "html", "empty", "null", "refusal", "filter", "nousage")
IN_THE_TEXT = ("truncated", "length", "prose", "fenced", "runaway")
IN_AN_ITEM = ("missing", "doubled", "unknown", "swapped", "badtag", "unfaithful", "stubborn")
KINDS = (*BEFORE, *ON_THE_WAY, *IN_THE_TEXT, *IN_AN_ITEM)

BUNDLES: Mapping[str, tuple[str, ...]] = {
    "mixed": ("500", "429", "reset", "truncated"),
    "faults-all": ("500", "503", "reset", "cut", "html", "truncated", "length", "badtag"),
    "items": ("missing", "doubled", "unknown", "swapped", "badtag"),
    "everything": tuple(kind for kind in KINDS if kind not in ("hang", "slow", "stubborn")),
}
"""A share given for a bundle is divided evenly among its kinds."""


@dataclass(frozen=True)
class Limit:
    """So many requests (and tokens: prompt + max_tokens) in `per` seconds.

    `smooth`: a bucket of `burst` (a tenth of `requests` where None) filled evenly. `sliding`: any stretch of `per`
    seconds. `fixed`: windows one after another, the first from the first request.
    """

    kind: Literal["smooth", "sliding", "fixed"] = "smooth"
    requests: int = 600
    per: float = 6.0
    burst: int | None = None
    tokens: int | None = None
    headers: bool = True
    retry_after: Literal["ms", "s", "date"] | None = "ms"


@dataclass(frozen=True)
class Weather:
    """Everything about the server that may differ from a fast and faultless one."""

    latency: float = 0.0
    latency_per_token: float = 0.0
    slots: int | None = None
    """So many requests are worked on at once; others wait, as at a local server."""
    seed: int = 0
    limit: Limit | None = None
    faults: Mapping[str, float] = field(default_factory=dict)
    """Kind or bundle -> share of requests. The same papers meet the same faults whatever client sends them."""
    after: float = 1.0
    """What the `-after` faults tell the client to wait, in seconds."""
    formats: tuple[str, ...] = ("json_schema", "json_object", "text")
    bounded: bool = True
    """False: `maxItems` and `maxLength` in a schema are answered 400."""
    refuses: tuple[str, ...] = ()
    """Parameters that are answered 400."""
    key: str | None = None
    model: str | None = None
    context: int | None = None
    """Of prompts, in tokens (words x 1.3)."""
    dialect: Literal["llama", "openai"] = "llama"
    """In whose words a prompt is called too long."""
    credit: int | None = None
    """So many replies are paid for; then 429 insufficient_quota."""
    poison: tuple[str, ...] = ()
    """A request with a paper that has one of these words is refused whole."""
    gzip: bool = False
    usage: bool = True
    reasoning: int = 0
    """Tokens of reasoning in each reply: they count as output and against max_tokens."""
    cached_prefix: bool = False
    """Are the tokens of a system message seen before reported as cached?"""

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.faults if kind not in KINDS and kind not in BUNDLES]
        if unknown:
            raise ValueError(f"no such faults: {', '.join(unknown)}; there are {', '.join((*BUNDLES, *KINDS))}")

    def shares(self) -> list[tuple[str, float]]:
        """Each kind with its share, bundles taken apart."""
        pairs = [(BUNDLES.get(name, (name,)), share) for name, share in self.faults.items()]
        return [(kind, share / len(kinds)) for kinds, share in pairs for kind in kinds]


def weather_of(given: Mapping[str, Any]) -> Weather:
    """From JSON. Raises ValueError for what is no part of a weather."""
    known = {part.name for part in fields(Weather)}
    if strange := given.keys() - known:
        raise ValueError(f"no part of a weather: {', '.join(sorted(strange))}; there are {', '.join(sorted(known))}")
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    limit: Any = plain.pop("limit", None)
    make: Any = Weather
    weather: Weather = make(**plain)
    return weather if limit is None else replace(weather, limit=Limit(**limit))


class Lot(NamedTuple):
    """What was drawn for a request: a kind of fault (empty: none), and a number to pick an item by."""

    fault: str
    pick: int


def draw(weather: Weather, titles: tuple[str, ...], tries: int) -> Lot:
    """The lot of these papers at this try: the same at each call, in each process."""
    if not weather.faults:
        return Lot("", 0)
    seed = "\n".join((str(weather.seed), str(tries), *titles)).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(seed, digest_size=12).digest()
    point = int.from_bytes(digest[:8]) / 2**64
    shares = weather.shares()
    reached = accumulate(share for _, share in shares)
    fault = next((kind for (kind, _), upto in zip(shares, reached, strict=True) if point < upto), "")
    return Lot(fault, int.from_bytes(digest[8:]))


class Meter:
    """One resource under a limit. Times are seconds of any clock that does not go back."""

    def __init__(self, kind: str, amount: float, per: float, burst: float) -> None:
        self.kind, self.amount, self.per, self.burst = kind, amount, per, burst
        self._level, self._at = burst, 0.0
        self._taken: deque[tuple[float, float]] = deque()
        self._used = 0.0
        self._start: float | None = None

    def remaining(self, now: float) -> float:
        """What could be taken at once."""
        if self.kind == "smooth":
            self._level = min(self.burst, self._level + (now - self._at) * self.amount / self.per)
            self._at = now
            return max(0.0, self._level)
        if self.kind == "fixed":
            if self._start is None or now >= self._start + self.per:
                self._start, self._used = now, 0.0
        else:
            while self._taken and self._taken[0][0] <= now - self.per:
                self._used -= self._taken.popleft()[1]
        return self.amount - self._used

    def wait(self, now: float, cost: float) -> float:
        """Seconds until so much could be taken; 0.0 for now."""
        left = self.remaining(now)
        if self.kind == "smooth":
            # More than the bucket holds may be taken from a full one, which then is in debt.
            short = min(cost, self.burst) - self._level
            return max(0.0, short) * self.per / self.amount if short > 1e-6 else 0.0
        if cost <= left:
            return 0.0
        if self.kind == "fixed":
            return (now if self._start is None else self._start) + self.per - now
        for at, taken in self._taken:
            left += taken
            if cost <= left:
                return at + self.per - now
        return self.per

    def take(self, now: float, cost: float) -> None:
        """Take it, whether it is there or not."""
        self.remaining(now)
        self._level -= cost
        self._used += cost
        if self.kind == "sliding":
            self._taken.append((now, cost))

    def reset(self, now: float) -> float:
        """Seconds until nothing of it is in use."""
        if self.kind == "smooth":
            return (self.burst - self.remaining(now)) * self.per / self.amount
        self.remaining(now)
        if self.kind == "fixed":
            return (now if self._start is None else self._start) + self.per - now
        return self._taken[-1][0] + self.per - now if self._taken else 0.0


class Limiter:
    """The limits of a server, for requests and tokens together. Only what is let through is counted."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        burst = limit.burst or max(1, limit.requests // 10)
        self.requests = Meter(limit.kind, limit.requests, limit.per, burst)
        share = burst / limit.requests
        self.tokens: Meter | None = None
        if limit.tokens is not None:
            self.tokens = Meter(limit.kind, limit.tokens, limit.per, limit.tokens * share)

    def admit(self, now: float, tokens: int = 0) -> float:
        """0.0 where the request is let through, else the seconds after which it would be if nobody else came."""
        wait = self.requests.wait(now, 1)
        if self.tokens is not None:
            wait = max(wait, self.tokens.wait(now, tokens))
        if wait == 0.0:
            self.requests.take(now, 1)
            if self.tokens is not None:
                self.tokens.take(now, tokens)
        return wait

    def headers(self, now: float) -> dict[str, str]:
        """As the big server words them: amounts left, and the time until all of them is there again."""
        told: dict[str, str] = {}
        for name, meter in (("requests", self.requests), ("tokens", self.tokens)):
            if meter is not None:
                told[f"x-ratelimit-limit-{name}"] = str(int(meter.amount))
                told[f"x-ratelimit-remaining-{name}"] = str(max(0, int(meter.remaining(now) + 1e-6)))
                told[f"x-ratelimit-reset-{name}"] = duration(meter.reset(now))
        return told


def duration(seconds: float) -> str:
    """`12ms`, `1.5s`, `6m0s`."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    return f"{int(minutes)}m{rest:g}s" if minutes else f"{rest:g}s"
