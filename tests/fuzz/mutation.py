"""Inputs made of other inputs, without looking at the code; the same numbers make the same inputs."""

from collections.abc import Sequence
from random import Random

from tests.fuzz.structure import rebuilt

LONG = 1 << 18
"""Bytes of an input in which a piece is repeated: where time grows with their square, it takes minutes."""
ODD = (
    b"\0", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xa8", b"\xcc\x81", b"\r", b"\x85",
    b"&#", b"\\",
)  # fmt: skip
"""Bytes that mean something to somebody: halves of characters, marks of an encoding, ends of lines."""
NUMBERS = (b"0", b"-1", b"9" * 20, b"1e999", b"NaN", b"9" * 5_000, b"99999-99-99", b"0000-00-00", b"2026-02-30")
DEEP = (
    b"[", b"{", b'{"a":', b"<a>", b"(", b"\\", b"$", b"> ", b"&amp;", b"{\\'", b"\n", b" ", b"<", b"://", b"%",
    b"v1",
)  # fmt: skip


def mutated(random: Random, corpus: Sequence[bytes], words: Sequence[bytes], most: int = 1 << 14) -> bytes:
    """One of the inputs, changed in one to six places; where it has a structure, that is mostly kept."""
    data = random.choice(corpus)
    if random.random() < 0.6 and (whole := rebuilt(random, data)):
        return whole[:most]
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        start, stop = slice_of(random, data)
        piece = data[start:stop]
        match random.randrange(8):
            case 0:
                piece = b""
            case 1:
                piece = random.choice(words)
            case 2:
                piece = piece + random.choice(words)
            case 3:
                piece = random.choice(ODD + NUMBERS)
            case 4:
                piece = piece * random.choice((2, 3, 20))
            case 5:
                other = random.choice(corpus)
                begin, end = slice_of(random, other)
                piece = other[begin:end]
            case 6:
                piece = bytes(random.choice((random.randrange(256), byte, byte ^ 32)) for byte in piece[:64])
            case _:
                data, piece = data[:stop], b""
        data = (data[:start] + piece + data[stop:])[:most]
    return data


def pumped(random: Random, corpus: Sequence[bytes], words: Sequence[bytes], length: int = LONG) -> bytes:
    """One of the inputs with a piece in it repeated until it is long."""
    data = random.choice(corpus)
    start, stop = slice_of(random, data)
    piece = random.choice((data[start:stop] or b" ", random.choice(words), random.choice(DEEP + ODD)))
    if random.random() < 0.3:
        piece += random.choice((*DEEP, *words))
    end = data[stop:] if random.random() < 0.7 else b""
    return data[:start] + piece * max(1, length // max(1, len(piece))) + end


def slice_of(random: Random, data: bytes) -> tuple[int, int]:
    """Where a piece begins and ends: short ones mostly."""
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((0, 1, 1, 2, 4, 8, 30, 100, 1_000)))
