"""What the scripted server counts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.serving.wording import Outcome, Seen


class Tally:
    """The counts, and the log. Written by the server's thread; may be read at any time."""

    def __init__(self) -> None:
        self.in_flight = 0
        """Requests that wait for their reply."""
        self.forget()

    def forget(self) -> None:
        """Begin at nought."""
        self.log: list[Seen] = []
        """Requests in the order in which they came."""
        self.paid: Counter[str] = Counter()
        """Title -> answers of it in whole replies that have content: what a client would have paid for."""
        self.right: Counter[str] = Counter()
        """Title -> those of them that were right."""
        self.statuses: Counter[int] = Counter()
        """What was answered; 0 where it was nothing, or half of something."""
        self.faults: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        """Tokens worked: `in`, `cached`, `out`, also those of replies that were cut off."""
        self.seen: set[str] = set()
        """All titles asked about."""
        self.times: list[float] = []
        """When requests came, in seconds of the monotonic clock."""
        self.peak = self.in_flight
        """The most requests that were in flight at once."""

    def count(self, status: int, now: float, titles: Sequence[str], outcome: Outcome) -> None:
        """A request came."""
        self.statuses[status] += 1
        self.times.append(now)
        self.worked(titles, outcome)

    def worked(self, titles: Sequence[str], outcome: Outcome) -> None:
        """A request, or a line of a batch, was worked on."""
        self.seen.update(titles)
        if outcome.fault:
            self.faults[outcome.fault] += 1
        if outcome.usage is not None:
            self.tokens["in"] += outcome.usage["prompt_tokens"]
            self.tokens["out"] += outcome.usage["completion_tokens"]
            self.tokens["cached"] += outcome.usage["prompt_tokens_details"]["cached_tokens"]

    def enter(self) -> None:
        """A request begins to wait."""
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)

    def leave(self) -> None:
        """It has its reply, or its client is gone."""
        self.in_flight -= 1

    def delivered(self, outcome: Outcome) -> None:
        """The work is done, and counts even where the client is gone."""
        self.paid.update(outcome.generated)
        self.right.update(outcome.right)

    def stats(self, admissions: Sequence[float], refused: int) -> dict[str, Any]:
        """All counts.

        `lost`: titles asked about that no reply with content had; `unanswered`: those that never had a right answer.
        `paid_twice`: answers beyond the first of a title; `right_twice`: of those that were right.
        """
        return {
            "requests": self.statuses.total(),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "faults": dict(self.faults),
            "admitted": len(admissions),
            "refused": refused,
            "titles": len(self.seen),
            "lost": len(self.seen - self.paid.keys()),
            "unanswered": len(self.seen - self.right.keys()),
            "paid": self.paid.total(),
            "paid_twice": self.paid.total() - len(self.paid),
            "right_twice": self.right.total() - len(self.right),
            "tokens": dict(self.tokens),
            "peak": self.peak,
            "in_flight": self.in_flight,
            "first": min(self.times, default=None),
            "last": max(self.times, default=None),
            "first_admitted": min(admissions, default=None),
            "last_admitted": max(admissions, default=None),
        }
