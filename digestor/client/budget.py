"""What one run may spend: reserved before a request is sent, settled when it has ended.

Looking at what is spent, and then sending, lets every request in flight pass the cap. So the worst case of a request
is set aside first, and what it did not take is given back.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil, inf, isfinite
from typing import NamedTuple

from digestor.client.prices import Price, divided
from digestor.client.terms import Usage
from digestor.models import Spent

GRAINS = 10**15
"""Money is counted in whole grains, of which a dollar has so many: sums do not drift, and a cap is kept exactly."""
MOST = 10**12
"""Tokens that a server may claim for one reply; more is a broken server, and no number to reckon with."""


class Reservation(NamedTuple):
    """What was set aside for one request."""

    number: int
    tokens_in: int
    """As we counted them beforehand."""
    tokens_out: int
    """At the very most."""


class Budget:
    """The money and the requests of one run.

    Our count of input tokens is by a vocabulary that may not be the model's, and a server may not keep to the most
    that it was allowed to say. So the largest ratios seen of its counts to ours scale what is set aside, for later
    requests and for those in flight.
    """

    def __init__(self, price: Price | None, max_cost: float | None, max_requests: int | None) -> None:
        """`max_cost` in US dollars; None is no cap. Where there is a cap and no price, there is room for nothing."""
        self._price = None if price is None else _Grains.of(price)
        self._cap = None if max_cost is None or max_cost == inf else int(_grains(max_cost))
        self._most = max_requests
        self._held: dict[int, Reservation] = {}
        self._held_in = self._held_out = 0
        self._over_in = self._over_out = Fraction(1)
        self._spent = 0
        self._requests = 0
        self._took = Usage()

    def room(self, tokens_in: int, tokens_out_most: int) -> bool:
        """Whether a request of so many tokens, at its worst, stays within the caps beside all that is in flight."""
        return self._within(self._held_in + tokens_in, self._held_out + tokens_out_most)

    def waits(self, tokens_in: int, tokens_out_most: int) -> bool:
        """No room now, but there could be when what is in flight has ended. If this is False too, stop for good."""
        return self._within(tokens_in, tokens_out_most) and not self.room(tokens_in, tokens_out_most)

    def reserve(self, tokens_in: int, tokens_out_most: int) -> Reservation:
        """Set aside the worst case of a request that is about to be sent; whoever calls has asked for `room`."""
        self._requests += 1
        held = Reservation(self._requests, tokens_in, tokens_out_most)
        self._held[held.number] = held
        self._held_in += tokens_in
        self._held_out += tokens_out_most
        return held

    def settle(self, reservation: Reservation, usage: Usage | None, billed: bool) -> None:
        """Put what a request took in the place of what was set aside; only the first settlement counts.

        With `usage`, that. Without, and `billed` (it may have been paid for): the worst case stays spent. Otherwise
        nothing. A request that was sent counts as one whatever became of it.
        """
        held = self._held.pop(reservation.number, None)
        if held is None:
            return
        self._held_in -= held.tokens_in
        self._held_out -= held.tokens_out
        if usage is not None:
            usage = Usage(*(min(max(tokens, 0), MOST) for tokens in usage))
            self._over_in = max(self._over_in, Fraction(usage.tokens_in, max(held.tokens_in, 1)))
            self._over_out = max(self._over_out, Fraction(usage.tokens_out, max(held.tokens_out, 1)))
            self._spent += self._price.cost(usage) if self._price else 0
            self._took = Usage(*(before + now for before, now in zip(self._took, usage, strict=True)))
        elif billed:
            self._spent += self._worst(held.tokens_in, held.tokens_out)

    @property
    def ratio(self) -> float:
        """How many input tokens of the server's one of ours is, at worst so far; at least 1."""
        return float(self._over_in)

    @property
    def spent(self) -> Spent:
        """The totals so far. Tokens are as the server counted them; the cost has the worst case where it did not."""
        took = self._took
        return Spent(
            requests=self._requests,
            tokens_in=took.tokens_in,
            cached=took.cached,
            tokens_out=took.tokens_out,
            reasoning=took.reasoning,
            cost=self._spent / GRAINS if self._price is not None else None,
        )

    def _within(self, tokens_in: int, tokens_out: int) -> bool:
        """Whether one more request, with so many tokens in flight in all, is within both caps."""
        if self._most is not None and self._requests >= self._most:
            return False
        if self._cap is None:
            return True
        return self._price is not None and self._spent + self._worst(tokens_in, tokens_out) <= self._cap

    def _worst(self, tokens_in: int, tokens_out: int) -> int:
        """Grains that so many tokens, as we counted them, may cost at worst."""
        return (
            self._price.worst(ceil(tokens_in * self._over_in), ceil(tokens_out * self._over_out)) if self._price else 0
        )


class _Grains(NamedTuple):
    """A price in grains for one token, rounded up."""

    input: int
    cached: int
    written: int
    output: int

    @classmethod
    def of(cls, price: Price) -> "_Grains":
        cached = price.input if price.cached is None else price.cached
        written = price.input if price.written is None else price.written
        return cls(*(ceil(_grains(dollars) / 10**6) for dollars in (price.input, cached, written, price.output)))

    def cost(self, usage: Usage) -> int:
        fresh, cached, written = divided(usage)
        return fresh * self.input + cached * self.cached + written * self.written + usage.tokens_out * self.output

    def worst(self, tokens_in: int, tokens_out: int) -> int:
        return tokens_in * max(self.input, self.cached, self.written) + tokens_out * self.output


def _grains(dollars: float) -> Decimal:
    """Grains; what is no amount (negative, not finite) is none, and is judged where the config is read."""
    return Decimal(repr(float(dollars))) * GRAINS if isfinite(dollars) and dollars > 0 else Decimal(0)
