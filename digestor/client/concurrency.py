"""How many requests may be in flight: as told, or as many as the server answers without making them queue."""

START = 8
"""At first, where nobody said how many."""

MOST = 64
"""What learning stops at."""

QUEUEING = 2.0
"""A request among many that takes so many times as long as one among few has waited in a queue."""

CALM = 1.25
"""Below this many times, it has not."""

SAMPLES = 4
"""Replies, before their mean says anything."""

FIRST = 6
"""Replies that are looked at before the number grows."""

SPREAD = 3.0
"""If the middle one of them took so many times as long as the quickest, they seem to have come one by one."""

SHARE = 0.04
"""Of the requests of one round trip: so many may fail slowly before that is taken as load."""


class Slots:
    """The number of requests at once, `limit`.

    Given: that many from the start; only time outs and 503s take from it. Learnt: from `first` up, one more for each
    success (doubling each round trip) until 64, until something fails slowly, or until a reply takes twice as long,
    per token of output, as with few in flight; then it shrinks by a quarter, and grows by one a round trip at most.
    """

    def __init__(self, given: int | None, first: int = START) -> None:
        self._given = given is not None
        self._most = max(1, given) if given is not None else MOST
        self._size = float(self._most if given is not None else first)
        self._quick = True
        self._cut = -1.0
        self._strain = 0.0
        self._delays = _Delays()
        self._first: list[float] = []

    @property
    def limit(self) -> int:
        """Requests at once, at least 1."""
        return int(self._size)

    def succeeded(self, at: float, now: float, among: int, size: int) -> None:
        """A reply to a request sent at `at` as one of `among` in flight, with `size` expected output tokens."""
        self._strain *= 1 - 1 / max(2.0, self._size)
        if self._given:
            self._grow()
            return
        delay = max(0.0, now - at) / max(1, size)
        if len(self._first) < FIRST:
            self._begin(delay, now)
            return
        if at < self._cut:
            return
        self._delays.note(among, delay)
        if self._delays.queueing(among):
            self._shrink(0.75, now)
        elif among * 2 > self._size and not self._delays.queueing(self.limit + 1):
            self._grow()
        elif among >= self.limit and self._delays.calm(among):
            self._delays.forget(self.limit + 1)

    def struggled(self, at: float, now: float) -> None:
        """A time out or a 503. A few among many say nothing; more halve the number, once a round trip."""
        self._strain += 1
        if self._strain >= max(1.0, SHARE * self._size) and at >= self._cut:
            self._shrink(0.5, now)

    def _begin(self, delay: float, now: float) -> None:
        """Look at the first replies. If they came as if one by one, find out by sending one by one."""
        self._first.append(delay)
        if len(self._first) == FIRST:
            if sorted(self._first)[FIRST // 2] > SPREAD * min(self._first):
                self._size, self._cut = 1.0, now
            else:
                self._size += FIRST

    def _grow(self) -> None:
        self._size = min(float(self._most), self._size + (1.0 if self._quick else 1 / self._size))

    def _shrink(self, factor: float, now: float) -> None:
        self._size = max(1.0, self._size * factor)
        self._cut, self._quick, self._strain = now, False, 0.0


class _Delays:
    """Mean delay per token, by how many were in flight: 1, 2, 3-4, 5-8, ..., each a row."""

    def __init__(self) -> None:
        self._means: list[tuple[int, float]] = [(0, 0.0)] * 8

    def note(self, among: int, delay: float) -> None:
        row = _row(among)
        count, mean = self._means[row]
        self._means[row] = (count + 1, mean + (delay - mean) / min(count + 1, 16))

    def _excess(self, among: int) -> float | None:
        """How many times longer than with the fewest in flight; None while either is unknown."""
        row = _row(among)
        count, mean = self._means[row]
        missing, base = SAMPLES, 0.0
        for samples, delay in self._means[:row] if count >= SAMPLES else []:
            taken = min(samples, missing)
            missing, base = missing - taken, base + taken * delay / SAMPLES
            if not missing:
                return mean / base if base else None
        return None

    def queueing(self, among: int) -> bool:
        excess = self._excess(among)
        return excess is not None and excess > QUEUEING

    def calm(self, among: int) -> bool:
        excess = self._excess(among)
        return among == 1 or (excess is not None and excess < CALM)

    def forget(self, among: int) -> None:
        """The server may have become faster since: let it be tried again."""
        self._means[_row(among)] = (0, 0.0)


def _row(among: int) -> int:
    return min(7, max(0, among - 1).bit_length())
