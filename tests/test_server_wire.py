"""The scripted server on its sockets, and as a program."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serving import ChatServer
from tests.serving.asking import Caller, a_request, calling, connected

# The wire


def raw(server: ChatServer, *pieces: bytes) -> bytes:
    """Everything that comes back until the server closes."""
    got = b""
    with connected(server) as sock:
        for piece in pieces:
            sock.sendall(piece)
        while data := sock.recv(65536):
            got += data
    return got


def test_chunked_requests_and_many_on_one_connection_are_read() -> None:
    with ChatServer() as server, calling(server) as caller:
        chunked = caller.call(
            "POST", "/v1/chat/completions", a_request(), {"Transfer-Encoding": "chunked"}, chunked=True
        )
        after = caller.ask()

    assert chunked.papers == after.papers


def test_requests_sent_without_waiting_are_answered_in_their_order() -> None:
    get = b"GET /v1/%s HTTP/1.1\r\nhost: x\r\n%s\r\n"
    with ChatServer() as server:
        got = raw(
            server, get % (b"models", b"") + get % (b"nothing", b"") + get % (b"models", b"connection: close\r\n")
        )

    assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"200", b"404", b"200"]


def test_a_client_that_asks_leave_to_send_its_body_gets_it() -> None:
    body = json.dumps(a_request()).encode()
    head = b"POST /v1/chat/completions HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(body)
    with ChatServer() as server:
        got = raw(server, head, body)

    assert got.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ncontent-length: 999999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", b"400"),
        (b"GET /" + b"a" * 70_000, b"431"),
    ],
)
def test_bytes_that_are_no_request_are_answered_and_the_connection_closed(sent: bytes, status: bytes) -> None:
    with ChatServer() as server:
        assert raw(server, sent).startswith(b"HTTP/1.1 " + status)


def test_any_json_is_answered() -> None:
    some = st.none() | st.booleans() | st.integers() | st.text()
    anything = st.recursive(some, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
    fields = st.sampled_from(["messages", "response_format", "tools", "model", "max_tokens", "schema", "stream"])

    @given(anything, st.dictionaries(fields, anything))
    def answered(body: Any, changes: dict[str, Any]) -> None:
        for sent in (body, a_request() | changes):
            came = caller.call("POST", "/v1/chat/completions", json.dumps(sent).encode())
            assert came.status in (200, 400)

    with ChatServer() as server, calling(server) as caller:
        answered()


def test_a_port_in_use_is_an_error_and_leaves_nothing_behind() -> None:
    with ChatServer() as server:
        port = int(server.url.split(":")[2].removesuffix("/v1"))

        with pytest.raises(OSError, match=r"[Aa]ddress already in use"), ChatServer(port=port):
            pass


# As a program


def control(caller: Caller, path: str, body: Any) -> int:
    return caller.call("POST", path, body).status


def test_weather_batches_and_counts_can_be_set_from_outside() -> None:
    with ChatServer() as server, calling(server) as caller:
        assert control(caller, "/weather", {"faults": {"500": 1.0}, "limit": {"requests": 3}}) == 200
        assert caller.ask().status == 500
        assert control(caller, "/reset", None) == 200
        assert caller.call("GET", "/stats").told["requests"] == 0
        assert control(caller, "/batches", {"polls": 5}) == 200
        assert server.batches.polls == 5
        assert control(caller, "/weather", {"wind": 1}) == 400
        assert control(caller, "/batches", {"wind": 1}) == 400
        assert control(caller, "/nowhere", None) == 404


@pytest.mark.parametrize("end", ["its input ends", "it is told to"])
def test_the_program_prints_its_address_and_serves_until(end: str) -> None:
    command = [sys.executable, "-m", "tests.serving", "--weather", '{"faults": {"503": 1.0}}']
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=30)
        came = Caller(connection).ask()
        connection.close()
        if end == "its input ends":
            program.stdin.close()
        else:
            os.kill(program.pid, signal.SIGTERM)
        code = program.wait(timeout=30)

    assert (came.status, code) == (503, 0)
