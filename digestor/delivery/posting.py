"""One HTTP post: bounded in time and size, followed nowhere, and its address said to nobody."""

import json
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx2

CONNECT = 10.0
"""Seconds for a connection."""
CAP = 2**16
"""Bytes that are read of a reply; only a refusal's is read at all."""
PERHAPS = (502, 504, 520, 524)
"""Said by a server in between, which cannot know what became of the post."""


class RefusedError(Exception):
    """It was not posted; the words have no secret in them."""


class BusyError(RefusedError):
    """It was not posted, and may be the next time."""

    def __init__(self, what: str, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after
        """Seconds that the server asks us to wait."""


class PerhapsError(Exception):
    """Nobody can know whether it was posted."""


class Letter(NamedTuple):
    """One post: where, what, and under which key a program can tell a second try from a second post."""

    address: str
    body: dict[str, Any]
    key: str
    timeout: float

    def post(self) -> str:
        """Post once; what came back, in words. Raises RefusedError or PerhapsError.

        The client's transport is used without the client: it follows no redirect, keeps no cookie, and logs no address.
        """
        import httpx2

        from digestor.client.wire import way

        data = json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json", "User-Agent": "digestor", "Idempotency-Key": self.key}
        limits = {"connect": min(CONNECT, self.timeout), "read": self.timeout, "write": self.timeout, "pool": None}
        with Deadline(self.timeout) as deadline:
            extensions = {"timeout": limits, "trace": deadline.trace}
            try:
                request = httpx2.Request("POST", self.address, headers=headers, content=data, extensions=extensions)
                with httpx2.HTTPTransport(proxy=way(urlsplit(self.address), 1).proxy) as transport:
                    response = transport.handle_request(request)
                    try:
                        return judged(response, self.address)
                    finally:
                        response.close()
            except httpx2.InvalidURL:
                raise RefusedError("the address is none") from None
            except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError):
                raise BusyError("no secure connection could be made to its server") from None
            except (httpx2.TransportError, OSError):
                late = f"no answer within {self.timeout:g} s" if deadline.over else "the connection broke off"
                raise PerhapsError(late) from None


def judged(response: "httpx2.Response", address: str) -> str:
    """What a reply means. Raises RefusedError or PerhapsError."""
    status = response.status_code
    if 200 <= status < 300:
        return f"HTTP {status}"
    if status in PERHAPS:
        raise PerhapsError(f"HTTP {status}")
    body = beginning(response)
    if status == 429 or status >= 500:
        raise BusyError(f"HTTP {status}{said(body, address)}", retry_after(response.headers, body))
    moved = "; it has moved, and redirects are not followed" if 300 <= status < 400 else ""
    raise RefusedError(f"HTTP {status}{moved}{said(body, address)}")


def beginning(response: "httpx2.Response") -> bytes:
    """The first CAP bytes of a reply, or as much as came."""
    import httpx2

    body = b""
    with suppress(httpx2.TransportError):
        for chunk in response.iter_raw():
            body += chunk
            if len(body) >= CAP:
                break
    return body[:CAP]


def retry_after(headers: Mapping[str, str], body: bytes) -> float | None:
    """Seconds that a server asks us to wait: by its header, or as Discord says it."""
    found: list[object] = [headers.get("retry-after")]
    with suppress(ValueError, AttributeError, RecursionError):
        found.insert(0, json.loads(body).get("retry_after"))
    for value in found:
        with suppress(TypeError, ValueError, OverflowError):
            seconds = float(str(value))
            if 0 <= seconds < float("inf"):
                return seconds
    return None


def said(body: bytes, address: str) -> str:
    """A refusal's own words, where they are short and plain and give nothing away of the address."""
    text = body.decode("utf-8", "replace").strip()
    with suppress(ValueError, AttributeError, RecursionError):
        text = str(json.loads(text).get("message") or "")
    parts = urlsplit(address)
    secrets = [part for part in re.split(r"[/&=?]", f"{parts.path}&{parts.query}") if len(part) > 3]
    plain = re.fullmatch(r"[\w ,.'()-]{1,120}", text) and not any(secret in text for secret in secrets)
    return f" ({text})" if plain else ""


class Deadline:
    """An end to one post, whatever the server does: the library bounds each read, and a server may dole out bytes."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def trace(self, event: str, given: Mapping[str, Any]) -> None:
        """Told by the transport what it does: take hold of the connection."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = given["return_value"].get_extra_info("socket")

    def _end(self) -> None:
        self.over = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
