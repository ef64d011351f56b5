"""What all tests share: nothing but loopback can be reached, and a test that hangs is ended."""

import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.fakes import OPENED, WEBS
from tests.hosting import Host, hosted

LOOPBACK = ("127.", "::1", "localhost")

settings.register_profile("untimed", deadline=None)  # how long an example takes is for bench/ to say
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting to anything but this machine fails, whatever the code under test thinks."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise OSError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close the stores and connections that a test has opened."""
    yield
    while OPENED:
        OPENED.pop().close()
    while WEBS:
        WEBS.pop().close()


@pytest.fixture
def host() -> Iterator[Host]:
    """A site on loopback that says what the test tells it to."""
    with hosted() as site:
        yield site


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[None]:
    """End a test that hangs, for example in a pattern that hostile text makes exponential; no measure of speed."""

    def bark(*_: object) -> None:
        raise TimeoutError("this test hangs")

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
