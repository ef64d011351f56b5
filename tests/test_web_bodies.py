"""The web: bodies that swell, break off, drip, or are none."""

import gzip
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.errors import SourceError
from digestor.protocols import Ask
from digestor.web.unpacking import GarbledError, TooMuchError, whole
from tests.hosting import Answer, Host, hosted
from tests.internet import Told

TEXT = b"<entry>news of the week</entry>" * 200
BOMB = "packed = gzip.compress(bytes(300_000_000))"
MEASURE = f"""
import gzip, resource
{BOMB}
from digestor.errors import SourceError
from digestor.protocols import Ask
from tests.hosting import Answer, hosted
from tests.internet import Told
with hosted() as host, Told() as told:
    host.routes["/small"] = Answer("news", gzipped=True)
    host.routes["/bomb"] = Answer(packed, headers={{"Content-Encoding": "gzip"}})
    told.get(Ask(host.url + "/small", private=True))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        told.get(Ask(host.url + "/bomb", private=True, most=20_000_000))
    except SourceError as error:
        print(error.what)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def ask(host: Host, path: str = "/feed", **keys: Any) -> Ask:
    return Ask(host.url + path, private=True)._replace(**keys)


def failure(host: Host, **keys: Any) -> str:
    """What is said when the feed of a site is asked for in vain."""
    with Told() as told, pytest.raises(SourceError) as caught:
        told.get(ask(host, **keys))
    assert caught.value.todo
    return caught.value.what


def bare(packed: bytes) -> bytes:
    """Packed without a frame, as some servers understand `deflate`."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(packed) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "GZIP": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
    "x-gzip": gzip.compress(TEXT) + b"\x00\x00\x00",
    "deflate": zlib.compress(TEXT),
    " Deflate ": bare(TEXT),
    "identity": TEXT,
    "": TEXT,
}


@pytest.mark.parametrize("packed", PACKED)
def test_each_way_of_packing_that_is_asked_for_is_unpacked(host: Host, packed: str) -> None:
    host.routes["/feed"] = Answer(PACKED[packed], headers={"Content-Encoding": packed} if packed else {})
    with Told() as told:
        assert told.get(ask(host)).body == TEXT


@given(st.sampled_from(sorted(PACKED)), st.lists(st.integers(1, 400), max_size=30))
def test_however_a_body_is_cut_up_on_the_way_it_is_the_same(packed: str, sizes: list[int]) -> None:
    rest, chunks = PACKED[packed], []
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]

    assert whole([*chunks, rest], packed, len(TEXT)) == TEXT


@given(st.sampled_from(["gzip", "deflate"]), st.lists(st.binary(max_size=300), max_size=5))
def test_bytes_that_nobody_packed_are_an_error_or_a_body_and_nothing_else(packed: str, chunks: list[bytes]) -> None:
    with suppress(GarbledError, TooMuchError):
        assert len(whole(chunks, packed, 1000)) <= 1000


@pytest.mark.parametrize("packed", ["gzip", "x-gzip", "deflate", " Deflate "])
def test_a_packed_body_is_whole_or_an_error_wherever_it_is_cut_off(packed: str) -> None:
    data = PACKED[packed].rstrip(b"\x00")
    for end in range(1, len(data) - 2):
        with pytest.raises(GarbledError):
            whole([data[:end]], packed, len(TEXT))


def test_a_body_that_swells_costs_no_memory() -> None:
    house = Path(__file__).parents[1]

    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, cwd=house)

    said, megabytes = done.stdout.splitlines()
    assert said == "its reply is longer than what is read of one"
    assert int(megabytes) < 40


def test_packed_bytes_count_too() -> None:
    nothing = gzip.compress(b"") * 500

    assert whole([nothing], "gzip", len(nothing)) == b""
    with pytest.raises(TooMuchError):
        whole([nothing], "gzip", len(nothing) - 1)
    with pytest.raises(GarbledError, match="more pieces"):
        whole([nothing * 3], "gzip", 10**6)


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_reply_may_have_as_many_bytes_as_are_read_and_not_one_more(host: Host, gzipped: bool) -> None:
    host.routes["/feed"] = Answer(b"x" * 1000, gzipped=gzipped)
    with Told() as told:
        assert len(told.get(ask(host, most=1000)).body) == 1000

    assert failure(host, most=999) == "its reply is longer than what is read of one"
    assert len(host.asked) == 2  # not tried again


def test_a_kept_reply_that_is_longer_than_what_is_read_now_is_not_taken(host: Host) -> None:
    host.routes["/feed"] = Answer(b"x" * 1000)
    with Told() as told:
        told.get(ask(host))

        with pytest.raises(SourceError, match="longer than"):
            told.get(ask(host, most=999))


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer(TEXT, cut=100), "broke off before its reply was whole"),
        (Answer(TEXT, cut=0), "broke off before its reply was whole"),
        (Answer(TEXT, headers={"Content-Length": "9999"}, cut=len(TEXT)), "broke off before its reply was whole"),
        (Answer(TEXT, gzipped=True, cut=20), "broke off before its reply was whole"),
        (
            Answer(gzip.compress(TEXT)[:40], headers={"Content-Encoding": "gzip"}),
            "its reply is damaged: it ends in the middle",
        ),
        (Answer(TEXT, headers={"Content-Encoding": "gzip"}), "its reply is damaged: it cannot be unpacked"),
        (
            Answer(TEXT, headers={"Content-Encoding": "br"}),
            "its reply is damaged: it is packed as 'br', which was not asked for",
        ),
        (Answer(raw=b""), "broke off before its reply was whole"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Le"), "broke off before its reply was whole"),
        (
            Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnews\r\n"),
            "broke off before its reply was whole",
        ),
        (Answer(raw=b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "gave an answer that is no HTTP"),
        (Answer(raw=b"\x15\x03\x01\x00\x02\x02\x46" * 9 + b"\n\n"), "gave an answer that is no HTTP"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500_000 + b"\r\n\r\n"), "gave an answer that is no HTTP"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nnews"), "gave an answer that is no HTTP"),
        (Answer(raw=b"HTTP/1.1 abc OK\r\n\r\nnews"), "gave an answer that is no HTTP"),
    ],
)
def test_what_is_not_whole_is_tried_again_and_then_an_error(host: Host, answer: Answer, what: str) -> None:
    host.routes["/feed"] = answer

    assert failure(host) == what
    assert len(host.asked) == 3

    host.asked.clear()
    host.routes["/feed"] = [answer, Answer("news")]
    with Told() as told:
        assert told.get(ask(host)).body == b"news"


def test_a_reply_that_goes_on_behind_its_length_spoils_no_other(host: Host) -> None:
    host.routes["/feed"] = Answer("news and more", headers={"Content-Length": "4"})
    host.routes["/next"] = Answer("next")
    with Told() as told:
        assert told.get(ask(host)).body == b"news"
        assert told.get(ask(host, "/next")).body == b"next"


def test_a_reply_without_a_length_ends_with_its_connection(host: Host) -> None:
    host.routes["/feed"] = Answer(raw=b"HTTP/1.0 200 OK\r\n\r\nnews")
    with Told() as told:
        assert told.get(ask(host)).body == b"news"


def test_a_site_that_doles_out_its_bytes_is_given_up(host: Host) -> None:
    host.routes["/feed"] = Answer(TEXT, drip=0.02)

    assert failure(host, within=0.3) == "gave no whole answer within 0.3 s"


def test_a_site_that_says_nothing_is_given_up(host: Host) -> None:
    host.routes["/feed"] = Answer(TEXT, delay=2.0)

    assert failure(host, within=0.1) == "gave no whole answer within 0.1 s"


@given(st.binary(max_size=200), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 X\r\nLocation: "]))
@settings(max_examples=60)
def test_whatever_a_site_says_is_a_reply_or_a_source_error(said: bytes, begun: bytes) -> None:
    with hosted() as host, Told() as told, suppress(SourceError):
        host.routes["/feed"] = Answer(raw=begun + said)
        told.get(ask(host))


def test_a_connection_that_is_reset_broke_off(host: Host) -> None:
    host.routes["/feed"] = Answer(reset=True)

    assert failure(host) == "broke off before its reply was whole"


def test_an_error_page_is_read_a_little_and_no_more(host: Host) -> None:
    host.routes["/feed"] = Answer(gzip.compress(bytes(50_000_000)), 404, {"Content-Encoding": "gzip"})

    assert failure(host) == "has nothing at this address (HTTP 404)"


@pytest.mark.parametrize("answer", [Answer(TEXT, 404, cut=5), Answer(TEXT, 404, {"Content-Encoding": "gzip"})])
def test_an_error_page_that_is_damaged_is_still_the_error_it_is(host: Host, answer: Answer) -> None:
    host.routes["/feed"] = answer

    assert failure(host) == "has nothing at this address (HTTP 404)"
