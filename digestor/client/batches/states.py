"""How far a batch is, as a server tells it. Pure; whatever is told, nothing here raises."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from digestor.client.verdicts import plain

ENDED = frozenset(("completed", "failed", "expired", "cancelled"))
ENQUEUED = re.compile(r"token_limit|enqueued[ _]token", re.IGNORECASE)
"""How OpenAI says that too much waits already."""
LIMIT = re.compile(r"limit:?\s*([\d,]{1,15})", re.IGNORECASE)
MARK = "digestor"
"""The name under which a batch of ours has its mark."""


class Said(NamedTuple):
    """Why a server would not have a batch, in its own words, fit to be shown."""

    code: str
    message: str

    @property
    def too_much_waits(self) -> bool:
        """Is it only that there are too many tokens in the queue?"""
        return bool(ENQUEUED.search(f"{self.code} {self.message}"))

    @property
    def limit(self) -> int | None:
        """Tokens that may wait at once, where the words have it."""
        found = LIMIT.search(self.message)
        digits = found[1].replace(",", "") if found else ""
        return int(digits) if digits else None


class State(NamedTuple):
    """How far a batch is."""

    id: str
    status: str
    output: str = ""
    """The file with the replies; empty where there is none."""
    rest: str = ""
    """The file with the errors; empty where there is none."""
    done: int = 0
    """Requests, those that failed included."""
    faults: tuple[Said, ...] = ()

    @property
    def over(self) -> bool:
        """Will nothing more come of it?"""
        return self.status in ENDED


def state(told: Mapping[str, Any], keys: Sequence[str]) -> State:
    """A batch as the server tells of it."""
    counts = told.get("request_counts")
    counts = counts if isinstance(counts, dict) else {}
    errors = told.get("errors")
    faults = errors.get("data") if isinstance(errors, dict) else None
    return State(
        name(told),
        str(told.get("status"))[:40],
        _text(told.get("output_file_id")),
        _text(told.get("error_file_id")),
        sum(count for key in ("completed", "failed") if isinstance(count := counts.get(key), int)),
        tuple(said(one, keys) for one in faults if isinstance(one, dict)) if isinstance(faults, list) else (),
    )


def name(told: Mapping[str, Any]) -> str:
    """The id of a file or a batch; empty where it has none."""
    return _text(told.get("id"))


def mark(told: Mapping[str, Any]) -> str:
    """The mark that a batch of ours has; empty where it is not ours."""
    metadata = told.get("metadata")
    return _text(metadata.get(MARK)) if isinstance(metadata, dict) else ""


def said(told: Mapping[str, Any], keys: Sequence[str]) -> Said:
    """An error of a batch, or of one of its requests."""
    return Said(plain(str(told.get("code") or ""), keys)[:80], plain(str(told.get("message") or ""), keys))


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""
