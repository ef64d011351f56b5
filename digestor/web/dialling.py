"""Connecting: only to addresses that were looked at, and no step longer than the time there is."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

import httpcore2

from digestor.web.addresses import OURS, literal, public
from digestor.web.failures import FailedError

CONNECT = 10.0
"""Seconds for name and connection together."""
CANDIDATES = 4
"""Addresses of one name that are tried."""
PIECE = 2**16
"""Bytes that are sent at once."""

Resolve = Callable[[str, int], list[str]]
"""The addresses that a name stands for, at a port. Raises OSError."""


class Dialler(httpcore2.NetworkBackend):
    """Connects to what a name stands for, once that is known to be public; afterwards to no other address.

    The name is looked up once and all its addresses are checked; the connection goes to one of them and not to the
    name, which may stand for another by then. With a proxy the name is looked up by the proxy, not here: then only
    hosts that are numbers are checked, before (`addresses.checked`).
    """

    def __init__(self, resolve: Resolve, inner: httpcore2.NetworkBackend, private: bool, proxied: bool) -> None:
        self._resolve, self._inner, self._private, self._proxied = resolve, inner, private, proxied
        self._until = 0.0

    def begin(self, seconds: float) -> None:
        """From here on all reading and writing together may take so long."""
        self._until = time.monotonic() + seconds

    def left(self, late: type[Exception]) -> float:
        """Seconds that are left. Raises `late` where there are none."""
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise late("no time left")
        return seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to a host. Raises FailedError, httpcore2.ConnectError, httpcore2.ConnectTimeout."""
        end = time.monotonic() + min(CONNECT, self.left(httpcore2.ConnectTimeout))
        addresses = self._addresses(host, port, end)
        problem: Exception = httpcore2.ConnectError("no address")
        for number, address in enumerate(addresses):
            seconds = (end - time.monotonic()) / (len(addresses) - number)
            if seconds <= 0:
                raise httpcore2.ConnectTimeout("no time left")
            try:
                stream = self._inner.connect_tcp(address, port, seconds, local_address, socket_options or ())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
            else:
                return Timed(stream, self)
        raise problem

    def _addresses(self, host: str, port: int, end: float) -> list[str]:
        number = literal(host)
        found = [str(number) if number else host]
        if number is None and not self._proxied:
            found = looked_up(self._resolve, host, port, end - time.monotonic())
        if not (self._private or self._proxied):
            numbers = [literal(address) for address in found]
            if not all(number is not None and public(number) for number in numbers):
                raise FailedError("its name stands for an address of this machine or this network", OURS)
        return found[:CANDIDATES]


def looked_up(resolve: Resolve, host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name; in a thread, because nothing else ends a look-up in time. Raises FailedError."""
    found: list[str] = []
    problems: list[Exception] = []

    def look() -> None:
        try:
            found.extend(resolve(host, port))
        except (OSError, ValueError) as error:
            problems.append(error)

    thread = Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        return found
    if thread.is_alive():
        raise FailedError("its name could not be looked up in time", "is this machine online? Try again", again=True)
    unsure = bool(problems) and getattr(problems[0], "errno", None) == socket.EAI_AGAIN
    todo = "is the address right, and this machine online?"
    raise FailedError("there is no host of that name, or no way to ask", todo, again=unsure)


class Timed(httpcore2.NetworkStream):
    """A connection whose every step ends in time, however the other end doles out its bytes."""

    def __init__(self, inner: httpcore2.NetworkStream, dialler: Dialler) -> None:
        self._inner, self._dialler = inner, dialler

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come. Raises httpcore2.ReadTimeout."""
        return self._inner.read(max_bytes, self._dialler.left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send. Raises httpcore2.WriteTimeout."""
        for start in range(0, len(buffer), PIECE):
            self._inner.write(buffer[start : start + PIECE], self._dialler.left(httpcore2.WriteTimeout))

    def close(self) -> None:
        """End the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same connection, encrypted. Raises httpcore2.ConnectError, httpcore2.ConnectTimeout."""
        seconds = min(CONNECT, self._dialler.left(httpcore2.ConnectTimeout))
        return Timed(self._inner.start_tls(ssl_context, server_hostname, seconds), self._dialler)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._inner.get_extra_info(info)
