"""A small internet on loopback: names, public addresses behind which a `hosting.Host` sits, and certificates."""

import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import httpcore2
import trustme

from digestor.protocols import Pantry
from digestor.web import Web
from tests.fakes import Clock, Cupboard
from tests.hosting import Host, hosted

AUTHORITY = trustme.CA()


class Wires(httpcore2.NetworkBackend):
    """Connects where it says: `(address, port) -> port on loopback`; who else is called has refused."""

    def __init__(self, ends: Mapping[tuple[str, int], int]) -> None:
        self.ends, self.called = ends, list[tuple[str, int]]()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        self.called.append((host, port))
        if (host, port) not in self.ends:
            raise httpcore2.ConnectError(ConnectionRefusedError(111, "refused"))
        return httpcore2.SyncBackend().connect_tcp("127.0.0.1", self.ends[host, port], timeout)


class Names:
    """What names stand for; each look-up is noted."""

    def __init__(self, **stand: list[str]) -> None:
        self.stand = {name.replace("_", "."): addresses for name, addresses in stand.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host not in self.stand:
            raise OSError(-2, "Name or service not known")
        return self.stand[host]


@contextmanager
def secure(*names: str) -> Iterator[Host]:
    """A site with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(context)
    with hosted(context) as host:
        yield host


@contextmanager
def tunnel(port: int) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy whose every tunnel ends at a port on loopback: its address, and what it was asked."""
    asked: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b"".join(iter(self.rfile.readline, b"\r\n"))
            asked.append(head)
            with socket.create_connection(("127.0.0.1", port)) as inner:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                ends = {self.connection: inner, inner: self.connection}
                while True:
                    for ready in select.select([*ends], [], [])[0]:
                        data = ready.recv(2**16)
                        if not data:
                            return
                        ends[ready].sendall(data)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://me:tiger77@127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()


def trusting() -> ssl.SSLContext:
    """What a client trusts that knows the authority of these sites."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


class Told:
    """A web with a clock of its own, and all it told."""

    def __init__(
        self,
        names: Names | None = None,
        wires: Wires | None = None,
        pantry: Pantry | None = None,
        clock: Clock | None = None,
        contact: str = "",
    ) -> None:
        self.clock, self.lines, self.steps = clock or Clock(), list[str](), list[tuple[str, int, int | None]]()
        self.cupboard = pantry if pantry is not None else Cupboard()
        self.names = names or Names()
        self.web = Web(
            self.cupboard,
            contact,
            self.clock,
            self.clock.pause,
            self.lines.append,
            progress=lambda doing, done, of: self.steps.append((doing, done, of)),
            proxies=lambda url: None,
            tls=trusting() if wires else None,
            resolve=self.names,
            dial=wires,
        )
        self.get = self.web.get

    def __enter__(self) -> "Told":
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()
