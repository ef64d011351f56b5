"""Reading a body: unpacked bit by bit, so that what swells is stopped before it costs memory."""

import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Protocol

STEP = 2**17
"""Bytes that are unpacked at once."""
MEMBERS = 1_000
"""Packed pieces in a row that are read as one body; each costs time, even an empty one."""
GZIP = b"\x1f\x8b"


class TooMuchError(Exception):
    """A body that goes on beyond the bound."""


class GarbledError(Exception):
    """A body that cannot be unpacked, or that ends in the middle."""


class Part(Protocol):
    """What zlib unpacks with."""

    @property
    def eof(self) -> bool:
        """Has the end come?"""

    @property
    def unconsumed_tail(self) -> bytes:
        """What was given and is still to be unpacked."""

    @property
    def unused_data(self) -> bytes:
        """What was given and stands behind the end."""

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        """At most so many bytes; what they leave over stands in `unconsumed_tail`."""


def whole(chunks: Iterable[bytes], packed: str, most: int) -> bytes:
    """All of a body; `packed` is its Content-Encoding. Raises TooMuchError (packed or not), GarbledError."""
    bounded = within(chunks, most)
    match packed.strip().lower():
        case "" | "identity":
            pieces = bounded
        case "gzip" | "x-gzip":
            pieces = unzipped(bounded)
        case "deflate":
            pieces = inflated(bounded)
        case other:
            raise GarbledError(f"it is packed as {other[:20]!r}, which was not asked for")
    body = BytesIO()
    for piece in within(pieces, most):
        body.write(piece)
    return body.getvalue()


def within(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The chunks, as long as they are no more than `most` bytes in all. Raises TooMuchError."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise TooMuchError
        yield chunk


def unzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What gzip packed. Bytes behind its end that are no further piece of it are left out."""
    members = 1
    part: Part = zlib.decompressobj(16 + zlib.MAX_WBITS)
    begun, rest = False, b""
    for chunk in chunks:
        rest += chunk
        while rest:
            if part.eof:
                if len(rest) < len(GZIP):
                    break  # the next chunk says what this is
                if not rest.startswith(GZIP):
                    return
                members += 1
                if members > MEMBERS:
                    raise GarbledError("it is packed in more pieces than anybody needs")
                part = zlib.decompressobj(16 + zlib.MAX_WBITS)
            begun = True
            yield from stretched(part, rest)
            rest = part.unused_data
    if begun and not part.eof:
        raise GarbledError("it ends in the middle")


def inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What zlib packed, with its header as the standard has it or without as some servers do."""
    part: Part | None = None
    head = b""
    for chunk in chunks:
        head += chunk
        if part is None:
            if len(head) < 2:
                continue
            framed = head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
            part = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        yield from stretched(part, head)
        head = b""
        if part.eof:
            return
    if head or (part is not None and not part.eof):
        raise GarbledError("it ends in the middle")


def stretched(part: Part, packed: bytes) -> Iterator[bytes]:
    """What a chunk unpacks to, in small pieces. Raises GarbledError."""
    try:
        while True:
            piece = part.decompress(packed, STEP)
            yield piece
            packed = part.unconsumed_tail
            if part.eof or (not packed and len(piece) < STEP):
                return
    except zlib.error:
        raise GarbledError("it cannot be unpacked") from None
