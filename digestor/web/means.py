"""What the web is given to work with, on a page of its own: `polite` makes it and `trips` uses it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from digestor.protocols import Pantry

if TYPE_CHECKING:
    import ssl

    import httpcore2


class Means(NamedTuple):
    """What the web is given to work with."""

    pantry: Pantry
    contact: str
    clock: Callable[[], float]
    pause: Callable[[float], None]
    tell: Callable[[str], None]
    progress: Callable[[str, int, int | None], None]
    """What is done, how far, of how much."""
    proxies: Callable[[str], str | None] | None
    """The proxy for an address; None: what the machine is set to."""
    tls: "ssl.SSLContext | None"
    resolve: Callable[[str, int], list[str]]
    dial: "httpcore2.NetworkBackend | None"
