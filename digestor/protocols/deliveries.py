"""What a delivery is given, and what it must do."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from digestor.models import Message

SendState = Literal["sending", "sent", "retry", "failed", "unknown"]
"""Claimed and not settled; delivered; to be tried again (nothing was delivered); refused for good; nobody can know."""


class Sends(Protocol):
    """The ledger of sends: nobody gets an issue twice, not even after `kill -9`. `store.Store.sends` is the one.

    `to` is an address as written or a webhook's name; the ledger keeps only a hash of it. `way` names the delivery.
    """

    def claim(self, way: str, issue: str, to: str, again: bool = False) -> SendState | None:
        """Take it upon oneself to send, in one committed step BEFORE anything is sent; None: it is ours to send now.

        Otherwise the state it is in: it was sent, or failed for good, or was claimed by a run that died (`sending`,
        `unknown`: only `again` claims those), so it must not be sent. A `retry` is claimed like a first one.
        """

    def settle(self, way: str, issue: str, to: str, state: SendState, reply: str = "") -> None:
        """What came of a claim; `reply` is the server's line, without addresses."""

    def count(self, way: str, issue: str) -> Mapping[SendState, int]:
        """How many of an issue are in which state."""

    def suppress(self, to: str, why: str) -> None:
        """Never send to this address again: it unsubscribed, or does not exist."""

    def suppressed(self, to: str) -> str | None:
        """Why nothing may be sent to an address; None where it may."""


class Office(NamedTuple):
    """What a delivery is given to work with, beside the message."""

    sends: Sends
    environ: Mapping[str, str] = MappingProxyType({})
    tell: Callable[[str], None] = lambda line: None
    """Called with what a user should know at once: a line of plain words, no secret and no reader's address in it."""
    progress: Callable[[str, int, int | None], None] = lambda doing, done, of: None
    pause: Callable[[float], None] = lambda seconds: None
    """Waits so many seconds."""
    resend_unknown: bool = False
    """Did the user ask to send again where nobody can know whether it arrived?"""
    shelf: Callable[[Path], Mapping[str, str]] | None = None
    """What stands beside the issues of a folder (index, feed): file name -> text, made from the issue files in it."""


@runtime_checkable
class Delivery(Protocol):
    """Where an issue goes."""

    def deliver(self, message: Message, office: Office) -> list[str]:
        """Bring the message there; say where it now is. Files: whole or not at all. Raises DeliveryError."""
