"""Sites on loopback that say what a test tells them to: a real HTTP server, one thread a connection."""

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

SHARED = Path(__file__).parents[2] / "shared" / "data" / "fixtures"
"""Recorded replies of real sites, where they are present; tests that want them skip elsewhere, saying so."""


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    """The last of each name."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    at: float
    """`time.monotonic()`."""


class Answer(NamedTuple):
    """What is answered to a request."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    """`Content-Type`, `ETag`, `Retry-After`, ..."""
    gzipped: bool = False
    delay: float = 0.0
    """Seconds before the first byte."""
    drip: float = 0.0
    """Seconds between one byte of the body and the next."""
    cut: int | None = None
    """Break the connection off after so many bytes of the body, though its length was promised."""
    etag: str = ""
    """Answer 304 to whoever has this one."""
    raw: bytes | None = None
    """Say these very bytes, HTTP or not, and hang up."""
    reset: bool = False
    """Hang up without a word, so that it cannot be taken for the end of one."""


Route = Answer | Sequence[Answer] | Callable[[Asked], Answer]
"""What a path answers: always the same; one after another, the last for ever; or what a function says."""


class Host:
    """A site at `url`: `host.routes["/rss/cs.CL"] = Answer(...)`; what was asked of it is in `host.asked`.

    With `tls`, the certificate of a server, it is asked by https.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        """How many there were."""
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                host.connections += 1

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                    time.monotonic(),
                )
                host.answer(asked, self)

            do_GET = do_POST = handle_any  # noqa: N815 (the names the library calls)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # a client that goes away is what some tests are about

        self._server = Server(("127.0.0.1", 0), Handler)
        self._lock = threading.Lock()
        self.port = int(self._server.server_address[1])
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        if tls:  # the handshake is left to the thread of the connection
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, asked: Asked, handler: BaseHTTPRequestHandler) -> None:
        """Say what the route says; 404 where there is none."""
        with self._lock:
            nth = sum(before.path == asked.path for before in self.asked)
            self.asked.append(asked)
        route = self.routes.get(asked.path, Answer("there is no such page", 404, {"Content-Type": "text/plain"}))
        if isinstance(route, Answer):
            found = route
        elif callable(route):
            found = route(asked)
        else:
            found = route[min(nth, len(route) - 1)]
        if found.etag and asked.headers.get("if-none-match") == found.etag:
            found = Answer(status=304, headers={"ETag": found.etag})
        self._write(found, handler)

    def _write(self, found: Answer, handler: BaseHTTPRequestHandler) -> None:
        body = found.body.encode() if isinstance(found.body, str) else found.body
        body = gzip.compress(body) if found.gzipped else body
        time.sleep(found.delay)
        if found.reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        if found.raw is not None:
            handler.wfile.write(found.raw)
            handler.close_connection = True
            return
        handler.send_response_only(found.status)
        headers = {"Content-Length": str(len(body)), **found.headers}
        if found.gzipped:
            headers["Content-Encoding"] = "gzip"
        if found.etag:
            headers["ETag"] = found.etag
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if found.cut is not None:
            handler.wfile.write(body[: found.cut])
            handler.wfile.flush()
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif found.drip:
            for byte in body:
                handler.wfile.write(bytes((byte,)))
                handler.wfile.flush()
                time.sleep(found.drip)
        elif found.status not in (204, 304):
            handler.wfile.write(body)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def hosted(tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    """A site for one test."""
    host = Host(tls)
    try:
        yield host
    finally:
        host.close()
