"""HTTP/1.1 for the scripted server: requests out of a byte stream, replies into it, whole or spoilt on purpose."""

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http.client import responses
from types import MappingProxyType
from typing import Literal, NamedTuple

HEAD_MOST = 65_536
BODY_MOST = 300_000_000

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Request(NamedTuple):
    """One request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """What is sent back, and how it ends.

    `cut`: half of the body, then an orderly close. `reset`: half of it, then RST. `hang`: nothing, ever.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = NO_HEADERS
    end: Literal["whole", "cut", "reset", "hang"] = "whole"


class MalformedError(Exception):
    """Bytes that are no request; `status` is what the client is told."""

    def __init__(self, status: int) -> None:
        super().__init__(responses[status])
        self.status = status


class Head(NamedTuple):
    """The first lines of a request."""

    method: str
    path: str
    headers: Mapping[str, str]
    keep: bool
    length: int
    chunked: bool


def read_head(lines: bytes) -> Head:
    """Raises MalformedError."""
    first, *rest = lines.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise MalformedError(400)
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedError(400)
        headers[name.lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal()):
        raise MalformedError(400)
    if int(length) > BODY_MOST:
        raise MalformedError(413)
    connection = headers.get("connection", "").lower()
    keep = "close" not in connection and (words[2] != "HTTP/1.0" or "keep-alive" in connection)
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    return Head(words[0], words[1], headers, keep, int(length), chunked)


class Connection(asyncio.Protocol):
    """One client. Requests are answered one after another: the next is read when the one before has its reply."""

    def __init__(self, answer: "Answer", living: "set[Connection]") -> None:
        self._answer, self._living = answer, living
        self._buffer = bytearray()
        self._head: Head | None = None
        self._chunks = bytearray()
        self._busy = self._reading = False
        self._transport: asyncio.Transport | None = None
        self.when_gone: Callable[[], None] | None = None
        """Called once when the client leaves before its reply."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._living.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._living.discard(self)
        self._transport = None
        if self.when_gone is not None:
            self.when_gone()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._read()

    def abort(self) -> None:
        """End it without a word."""
        if self._transport is not None:
            self._transport.abort()

    def reply(self, reply: Reply) -> None:
        """Send it, unless the client is gone."""
        transport, head = self._transport, self._head
        if transport is None or reply.end == "hang":
            return
        keep = head is not None and head.keep and reply.end == "whole"
        data = packed(reply, keep)
        if reply.end != "whole":
            data = data[: len(data) - (len(reply.body) + 1) // 2]
        if not transport.is_closing():
            transport.write(data)
        if reply.end == "reset":
            # Closing with no time to linger makes the kernel send RST in place of FIN.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        elif not keep:
            transport.close()
        else:
            self._head, self._busy, self.when_gone = None, False, None
            self._read()

    def _read(self) -> None:
        """Take requests from the buffer for as long as there are whole ones. (A loop: a reply may come at once.)"""
        if self._reading:
            return
        self._reading = True
        try:
            while not self._busy and (request := self._take()) is not None:
                self._busy = True
                self._answer(request, self)
        except MalformedError as error:
            self._busy, self._head = True, None
            self.reply(Reply(error.status, str(error).encode(), {"content-type": "text/plain"}))
        finally:
            self._reading = False

    def _take(self) -> Request | None:
        head = self._head
        if head is None:
            end = self._buffer.find(b"\r\n\r\n", 0, HEAD_MOST)
            if end < 0:
                if len(self._buffer) > HEAD_MOST:
                    raise MalformedError(431)
                return None
            head = self._head = read_head(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
            if "expect" in head.headers and self._transport is not None:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if head.chunked:
            if not self._unchunk():
                return None
            body, self._chunks = bytes(self._chunks), bytearray()
        elif len(self._buffer) < head.length:
            return None
        else:
            body = bytes(self._buffer[: head.length])
            del self._buffer[: head.length]
        return Request(head.method, head.path, head.headers, body)

    def _unchunk(self) -> bool:
        """Move whole chunks out of the buffer; True at the last one. Raises MalformedError."""
        while (line := self._buffer.find(b"\r\n", 0, 1024)) >= 0:
            try:
                size = int(self._buffer[:line].split(b";")[0], 16)
            except ValueError:
                raise MalformedError(400) from None
            if size < 0 or size + len(self._chunks) > BODY_MOST:
                raise MalformedError(413)
            if len(self._buffer) < line + 2 + size + 2:
                return False
            self._chunks += self._buffer[line + 2 : line + 2 + size]
            del self._buffer[: line + 2 + size + 2]
            if size == 0:
                return True
        if len(self._buffer) > 1024:
            raise MalformedError(400)
        return False


Answer = Callable[[Request, Connection], None]
"""Is given each request; calls `reply` of the connection, now or later."""


def packed(reply: Reply, keep: bool) -> bytes:
    """The reply as bytes."""
    lines = [
        f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}",
        f"date: {formatdate(int(time.time()), usegmt=True)}",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
        f"content-length: {len(reply.body)}",
    ]
    if not keep:
        lines.append("connection: close")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + reply.body
