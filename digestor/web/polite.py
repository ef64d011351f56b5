"""The web as sources have it: `Web.get`. What it takes to ask is loaded when something is asked."""

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from digestor.protocols import Ask, Pantry, Reply
from digestor.web.means import Means

if TYPE_CHECKING:
    import ssl

    import httpcore2

    from digestor.web.trips import Trips


def resolved(host: str, port: int) -> list[str]:
    """What the machine says a name stands for. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Web:
    """Gets what sources ask for: spaced, bounded, conditional, and nothing of this machine or network.

    `clock` and `pause` are all that it knows of time between requests; `pantry` is its memory from run to run.
    With a proxy set for this machine it is the proxy that looks names up: then only hosts that are numbers are
    kept from being of this network. `tls`, `resolve` and `dial` are what it trusts, how it finds and how it connects.
    """

    def __init__(
        self,
        pantry: Pantry,
        contact: str = "",
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = lambda seconds: None,
        tell: Callable[[str], None] = lambda line: None,
        progress: Callable[[str, int, int | None], None] = lambda doing, done, of: None,
        proxies: Callable[[str], str | None] | None = None,
        tls: "ssl.SSLContext | None" = None,
        resolve: Callable[[str, int], list[str]] = resolved,
        dial: "httpcore2.NetworkBackend | None" = None,
    ) -> None:
        self._means = Means(pantry, contact, clock, pause, tell, progress, proxies, tls, resolve, dial)
        self._trips: Trips | None = None

    def get(self, ask: Ask) -> Reply:
        """The reply to an ask. Raises SourceError, in the words of the host, with what to do."""
        if self._trips is None:
            from digestor.web.trips import Trips

            self._trips = Trips(self._means)
        return self._trips.get(ask)

    def close(self) -> None:
        """End all connections."""
        if self._trips is not None:
            self._trips.close()
