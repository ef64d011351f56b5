"""Whom to ask when: requests of a family spaced, and a family that refuses left alone; kept from run to run."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from digestor.errors import SourceError
from digestor.protocols import Pantry

FIRST = 60.0
"""Seconds to wait after a refusal that does not say how long; twice that after the next."""
PATIENCE = 300.0
"""Seconds that are waited in one go at most; what is longer is an error."""
REFUSALS = 3
"""Refusals in a row after which a family is left alone."""
REST = 6 * 3600.0
"""Seconds for which it is left alone then: the rest of the working day, but not the next day's run."""
LONGEST = 24 * 3600.0
"""Seconds that anybody is left alone at most, whatever they say: a slip of theirs must not shut them out for ever."""
NOTICED = 5.0
"""Seconds of waiting from which on it is said that we wait."""
SLOWEST = 60.0
"""Seconds of spacing at most that a site's own headers can ask for."""


class Manners:
    """What is owed to each family."""

    def __init__(
        self,
        pantry: Pantry,
        clock: Callable[[], float],
        pause: Callable[[float], None],
        tell: Callable[[str], None],
    ) -> None:
        self._pantry, self._clock, self._pause, self._tell = pantry, clock, pause, tell
        self._refusals = Counter[str]()
        self._paces: dict[str, float] = {}
        self._told = set[str]()

    def turn(self, family: str, spacing: float, host: str) -> None:
        """Wait until the family may be asked. Raises SourceError where it is left alone."""
        self.check(family, host)
        spacing = max(spacing, self._paces.get(family, 0.0))
        left = self._noted(f"asked {family}") + spacing - self._clock()
        if left > 0:
            if spacing > NOTICED and family not in self._told:
                self._told.add(family)
                self._tell(f"{host} is asked once in {spacing:g} s, as it wishes: this takes a while")
            self._pause(min(left, spacing))
        self.asked(family)

    def check(self, family: str, host: str) -> None:
        """Raises SourceError where a family is left alone, and says until when."""
        until = self.left_alone(family)
        if until:
            todo = "run again after that; and ask less of it, if this happens often"
            raise SourceError(host, f"asked for less and is left alone until {until}", todo)

    def left_alone(self, family: str) -> str:
        """Until when a family is left alone; empty where it is not."""
        until = self._noted(f"leave {family}")
        if not 0 < until - self._clock() <= LONGEST:
            return ""
        return datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M UTC")

    def asked(self, family: str) -> None:
        """Note that a request begins or ends now: it counts even when this run is killed in between."""
        self._pantry.note(f"asked {family}", repr(self._clock()))

    def answered(self, family: str, pace: float) -> None:
        """Note that it answered and refused nothing; `pace` is the seconds between requests that it says it allows."""
        del self._refusals[family]
        self._paces[family] = min(pace, SLOWEST)

    def refused(self, family: str, asked: float | None) -> float | None:
        """Seconds to wait after a refusal, `asked` being what it said; None: it is left alone from now on."""
        self._refusals[family] += 1
        count = self._refusals[family]
        wait = max(asked, 1.0) if asked is not None else FIRST * 2.0 ** (count - 1)
        if count < REFUSALS and wait <= PATIENCE:
            return wait
        rest = max(wait, REST) if count >= REFUSALS else wait
        self._pantry.note(f"leave {family}", repr(self._clock() + min(rest, LONGEST)))
        del self._refusals[family]
        return None

    def wait(self, seconds: float, why: str) -> None:
        """Wait, and say so where it is long enough to be noticed."""
        if seconds > NOTICED:
            self._tell(why)
        self._pause(seconds)

    def _noted(self, name: str) -> float:
        try:
            return float(self._pantry.recall(name) or 0)
        except ValueError:
            return 0.0
