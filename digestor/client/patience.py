"""How long a server that does not answer is waited for."""

from tenacity import RetryCallState, wait_random_exponential

from digestor.client.terms import Failure, Fatal, Limited, Lost, Unwell

PAUSE = wait_random_exponential(multiplier=0.25, max=30)
"""Seconds before an attempt: anywhere between 0 and .25, .5, 1, 2, ..., so that no two wake together."""
TRIES, TRIES_AGAIN = 8, 3
"""Attempts at a request while others succeed; and at one that is sent again because it failed so often before."""
NOBODY = 20.0
"""Seconds without any reply, ever, after which a server that takes no connection is given up; less where a reply may
take less than a fifth of it."""
SICK = 90.0
"""The same for a server that answers with errors; less where a reply may take less than a tenth of it."""
BUSY = 600.0
"""Seconds without a reply after which a server that only ever says "too fast" is given up."""


class Patience:
    """Of one run. Time in seconds, from any beginning."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._last = 0.0
        self._ever = False
        self._failure: Failure | None = None
        self._at = 0.0

    def start(self, now: float) -> None:
        """The first request is about to be sent."""
        self._last = self._at = now

    def success(self, now: float) -> None:
        """A whole reply came, good or bad."""
        self._last, self._ever, self._failure = now, True, None

    def failure(self, failure: Failure, now: float) -> None:
        """Nobody answered, or not with a reply."""
        self._failure, self._at = failure, now

    @property
    def over(self) -> bool:
        """Is there no use in going on?"""
        if self._failure is None:
            return False
        if isinstance(self._failure, Lost):
            bound = 2 * self._timeout + min(NOBODY, 5 * self._timeout)
        elif isinstance(self._failure, Limited):
            bound = BUSY
        else:
            there = self._ever or not isinstance(self._failure, Unwell) or self._failure.answered
            bound = min(SICK, 10 * self._timeout) if there else min(NOBODY, 5 * self._timeout)
        return self._at - self._last >= bound

    def enough(self, tries: int, before: int) -> bool:
        """Was a request tried often enough, while the server answers others? `before`: requests in vain."""
        return self._ever and tries >= (TRIES_AGAIN if before else TRIES)

    def fatal(self) -> Fatal:
        """What to say of it."""
        waited = f"{self._at - self._last:.0f} s"
        todo = "check that the server is up and base_url is right, and run it again; what was answered is kept"
        return Fatal(f"no reply for {waited}: {self._failure}", todo)


def failure_of(state: RetryCallState) -> BaseException | None:
    """What the last attempt ended with."""
    return state.outcome.exception() if state.outcome else None


def pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: what the gate or the server said, and for a failure a random while beside."""
    failure = failure_of(state)
    if isinstance(failure, Limited):
        return failure.pause
    return PAUSE(state) + (failure.pause if isinstance(failure, Unwell) else 0.0)
