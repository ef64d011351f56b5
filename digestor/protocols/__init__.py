"""The seams: what a source, an annotator and a delivery must do, and what they are given; a module each.

An implementation is a frozen pydantic model whose fields are its config keys. Objects hold configuration; capabilities
come in as arguments. So an implementation can be made, compared and printed without touching anything, and a test hands
in what it likes.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from digestor.protocols.annotators import Annotator, Desk, Journal, Paid, Vocabulary
from digestor.protocols.deliveries import Delivery, Office, Sends, SendState
from digestor.protocols.sources import (
    NOWHERE,
    Ask,
    Covers,
    Kept,
    Lookup,
    Pantry,
    Reach,
    Reply,
    Source,
    Window,
)

__all__ = [
    "NOWHERE",
    "Annotator",
    "Ask",
    "Covers",
    "Delivery",
    "Desk",
    "Journal",
    "Kept",
    "Lookup",
    "Office",
    "Outside",
    "Paid",
    "Pantry",
    "Reach",
    "Reply",
    "SendState",
    "Sends",
    "Source",
    "Vocabulary",
    "Window",
]


class Outside(NamedTuple):
    """What only the command line has: the environment, the user's eyes, a clock to wait by."""

    environ: Mapping[str, str] = MappingProxyType({})
    tell: Callable[[str], None] = lambda line: None
    """Called with what a user should know at once: a line of plain words, no secret and no reader's address in it."""
    pause: Callable[[float], None] = lambda seconds: None
    """Waits so many seconds."""
    resend_unknown: bool = False
    """Did the user ask to send again where nobody can know whether it arrived?"""
    today: date | None = None
    ask_again: bool = False
    """Did the user ask for another try at papers that fell back?"""
    clock: Callable[[], float] = lambda: 0.0
    """Seconds since 1970, for how old a kept reply is and when a site was last asked."""
