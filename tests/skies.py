"""Model servers in virtual time, and many requests sent to them through a gate: what the weather is like for it.

A server says at a request's admission whether it is let in; the reply comes later. Requests reach it a few
milliseconds after they are sent, each with a delay of its own, so a little out of order.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from digestor.client.limits import Gate, Ticket

WAY = 0.002
"""Seconds to the server, on average."""

Headers = dict[str, str]


class Verdict(NamedTuple):
    """What a server does with a request: its headers, or None for `delay` where it is refused (429)."""

    delay: float | None
    headers: Headers
    fault: str = ""
    """`slow` or `quick`: it fails that way, after `delay`."""


class Server(Protocol):
    def admit(self, tokens: int, now: float) -> Verdict: ...


class Sent(NamedTuple):
    at: float
    tokens: int


class Weather(NamedTuple):
    """What a run came to."""

    makespan: float
    refused: int
    sent: list[Sent]
    most: int
    """In flight at once."""
    flying: list[tuple[float, int]]
    """In flight after each sending."""
    asked: int


def run(
    server: Server,
    gate: Callable[[Callable[[], float]], Gate],
    works: int = 1000,
    tokens: Callable[[int], int] = lambda number: 100,
    used: float = 0.5,
    seed: int = 1,
    until: float = 36000.0,
) -> Weather:
    """Send `works` requests, first come first served, each again when it was refused or failed.

    Ends with an AssertionError when the gate stops with work left, or when `until` is passed.
    """
    chance = random.Random(seed)
    the_gate = gate(chance.random)
    waiting = deque(range(works))
    events: list[tuple[float, int, Callable[[float], None]]] = []
    counter = iter(range(10**9))
    sent: list[Sent] = []
    flying: list[tuple[float, int]] = []
    state = {"done": 0, "refused": 0, "asked": 0, "last": 0.0, "alarm": math.inf}

    def later(at: float, do: Callable[[float], None]) -> None:
        heapq.heappush(events, (at, next(counter), do))

    def back(work: int, ticket: Ticket, verdict: Verdict) -> Callable[[float], None]:
        def do(now: float) -> None:
            if verdict.fault:
                the_gate.failed(ticket, now, verdict.headers, slow=verdict.fault == "slow")
                later(now + 0.1 * chance.random(), lambda _: waiting.appendleft(work))
            elif verdict.delay is None:
                pause = the_gate.refused(ticket, now, verdict.headers)
                assert pause > 0
                state["refused"] += 1
                later(now + pause, lambda _: waiting.appendleft(work))
            else:
                the_gate.answered(ticket, now, verdict.headers, int(ticket.tokens * used), size=1)
                state["done"] += 1
                state["last"] = now

        return do

    def arrive(work: int, ticket: Ticket) -> Callable[[float], None]:
        def do(now: float) -> None:
            verdict = server.admit(ticket.tokens, now)
            later(now + WAY + (0.003 if verdict.delay is None else verdict.delay), back(work, ticket, verdict))

        return do

    def pump(now: float) -> None:
        while waiting:
            state["asked"] += 1
            pause = the_gate.wait(tokens(waiting[0]), now)
            assert pause >= 0
            if pause > 0:
                assert pause < math.inf or the_gate.in_flight, "waits for what cannot come"
                if pause < math.inf and not now < state["alarm"] <= now + pause:
                    state["alarm"] = now + pause
                    later(now + pause, lambda _: None)
                return
            work = waiting.popleft()
            ticket = the_gate.sent(tokens(work), now)
            sent.append(Sent(now, ticket.tokens))
            flying.append((now, the_gate.in_flight))
            later(now + WAY * (0.5 + chance.random()), arrive(work, ticket))

    pump(0.0)
    while events:
        now, _, do = heapq.heappop(events)
        assert now < until, f"{state['done']} of {works} done"
        do(now)
        pump(now)
    assert state["done"] == works, f"stopped after {state['done']} of {works}"
    assert the_gate.in_flight == 0
    return Weather(state["last"], int(state["refused"]), sent, max(n for _, n in flying), flying, int(state["asked"]))


class Clear:
    """Takes everything, each in 0.2 seconds and a little."""

    def __init__(self, latency: float = 0.2, jitter: float = 0.02, seed: int = 2) -> None:
        self.latency, self.jitter, self.chance = latency, jitter, random.Random(seed)

    def delay(self) -> float:
        return self.latency + self.jitter * (self.chance.random() - 0.5)

    def headers(self, now: float) -> Headers:
        return {}

    def refusal(self, now: float) -> Headers:
        return {}

    def admits(self, tokens: int, now: float) -> bool:
        return True

    def admit(self, tokens: int, now: float) -> Verdict:
        if self.admits(tokens, now):
            return Verdict(self.delay(), self.headers(now))
        return Verdict(None, self.refusal(now))


def wanted(limit: float, remaining: float, reset: float, resource: str = "requests") -> Headers:
    return {
        f"x-ratelimit-limit-{resource}": f"{limit:.0f}",
        f"x-ratelimit-remaining-{resource}": f"{max(0, math.floor(remaining))}",
        f"x-ratelimit-reset-{resource}": f"{max(0.0, reset) * 1000:.0f}ms",
    }


class Smooth(Clear):
    """A token bucket of `burst` that refills at `rate` a second; says when the next single slot comes."""

    def __init__(self, rate: float, burst: float, limit: float | None = None, resource: str = "requests") -> None:
        super().__init__()
        self.rate, self.burst, self.level, self.seen = rate, burst, burst, 0.0
        self.limit, self.resource = limit or burst, resource
        self.missing = 0.0

    def admits(self, tokens: int, now: float) -> bool:
        self.level = min(self.burst, self.level + (now - self.seen) * self.rate)
        self.seen = now
        cost = 1 if self.resource == "requests" else tokens
        self.missing = max(0.0, cost - self.level)
        if not self.missing:
            self.level -= cost
        return not self.missing

    def headers(self, now: float) -> Headers:
        return wanted(self.limit, self.level, (self.burst - self.level) / self.rate, self.resource)

    def refusal(self, now: float) -> Headers:
        return {"retry-after-ms": f"{math.ceil(self.missing / self.rate * 1000)}", **self.headers(now)}


class Sliding(Clear):
    """At most `limit` in any `window` seconds."""

    def __init__(self, limit: int, window: float) -> None:
        super().__init__()
        self.limit, self.window = limit, window
        self.log: deque[float] = deque()

    def admits(self, tokens: int, now: float) -> bool:
        while self.log and self.log[0] <= now - self.window:
            self.log.popleft()
        if len(self.log) >= self.limit:
            return False
        self.log.append(now)
        return True

    def headers(self, now: float) -> Headers:
        return wanted(self.limit, self.limit - len(self.log), self.log[0] + self.window - now)

    def refusal(self, now: float) -> Headers:
        return {"retry-after": f"{self.log[0] + self.window - now:.3f}", **self.headers(now)}


class Fixed(Clear):
    """At most `limit` in each `window` seconds, counted from 0."""

    def __init__(self, limit: int, window: float) -> None:
        super().__init__()
        self.limit, self.window, self.index, self.count = limit, window, 0, 0

    def admits(self, tokens: int, now: float) -> bool:
        if now // self.window != self.index:
            self.index, self.count = int(now // self.window), 0
        if self.count >= self.limit:
            return False
        self.count += 1
        return True

    def headers(self, now: float) -> Headers:
        return wanted(self.limit, self.limit - self.count, (self.index + 1) * self.window - now)

    def refusal(self, now: float) -> Headers:
        return {"retry-after": f"{(self.index + 1) * self.window - now:.3f}", **self.headers(now)}


class Silent(Clear):
    """Another server, whose replies have no headers at all, or odd ones."""

    def __init__(self, server: Clear, headers: Headers | None = None) -> None:
        super().__init__()
        self.server, self.odd = server, headers or {}

    def admits(self, tokens: int, now: float) -> bool:
        return self.server.admits(tokens, now)

    def headers(self, now: float) -> Headers:
        return self.odd

    def refusal(self, now: float) -> Headers:
        return self.odd


class Spotted(Clear):
    """Now and then a request is refused, or fails, for no reason."""

    def __init__(self, server: Clear, share: float, fault: str = "", seed: int = 3) -> None:
        super().__init__()
        self.server, self.share, self.fault, self.luck = server, share, fault, random.Random(seed)

    def admit(self, tokens: int, now: float) -> Verdict:
        if self.luck.random() < self.share:
            return Verdict(self.delay() if self.fault else None, {}, self.fault)
        return self.server.admit(tokens, now)


class Counter(Clear):
    """Serves `slots` at once, `latency` seconds each; the others queue."""

    def __init__(self, slots: int, latency: float = 1.0, jitter: float = 0.1) -> None:
        super().__init__(latency, jitter)
        self.free = [0.0] * slots

    def admit(self, tokens: int, now: float) -> Verdict:
        done = max(now, heapq.heappop(self.free)) + self.delay()
        heapq.heappush(self.free, done)
        return Verdict(done - now, {})
