"""One request to one server: over real connections, to servers good and bad."""

import asyncio
import contextlib
import gc
import gzip
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import traceback
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestor.client import wire
from digestor.client.chat import Chat
from digestor.client.dialect import Dialect
from digestor.client.terms import (
    Answer,
    Declined,
    Failure,
    Fatal,
    Form,
    Garbled,
    Limited,
    Lost,
    Reply,
    TooLong,
    Unwell,
)
from tests.serving import ChatServer, Step, Weather, chat_reply

KEY = "sk-proj-Zq81TtWm4vbN07xLk2pRsY"
ONE = {"type": "object", "properties": {"id": {"type": "integer"}, "title": {"type": "string"}}}
SCHEMA = {"type": "object", "properties": {"papers": {"type": "array", "maxItems": 40, "items": ONE}}}
FORM = Form(system="Read.", schema=SCHEMA, answer=Answer, tokens=10, expected=60, most=200)
USER = '<paper id="1">\nBees sleep\nBees sleep at night. We watched.\n</paper>\n'


def a_chat(url: str, dialect: Dialect | None = None, **given: Any) -> Chat:
    fields: dict[str, Any] = {"key": KEY, "model": "m", "form": FORM, "timeout": 30.0, **given}
    return Chat(url=url, dialect=dialect or Dialect(), **fields)


def asked(url: str, times: int = 1, **given: Any) -> list[Reply | Failure]:
    """What comes of so many requests at once."""

    async def run() -> list[Reply | Failure]:
        chat = a_chat(url, **given)
        try:
            came = await asyncio.gather(*(chat.ask(USER, 500) for _ in range(times)), return_exceptions=True)
        finally:
            await chat.close()
        return [one for one in came if isinstance(one, Reply | Failure)]

    came = asyncio.run(run())
    assert len(came) == times
    return came


def failed(url: str, **given: Any) -> Failure:
    (came,) = asked(url, **given)
    assert isinstance(came, Failure)
    return came


def replied(url: str, **given: Any) -> Reply:
    (came,) = asked(url, **given)
    assert isinstance(came, Reply), came
    return came


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def raw_server(answer: bytes | Handler) -> AsyncIterator[str]:
    """A server that says these bytes to whoever comes, or does what it is told."""

    visits: dict[asyncio.StreamWriter, asyncio.Task[Any] | None] = {}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits[writer] = asyncio.current_task()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if isinstance(answer, bytes):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(answer)
                await writer.drain()
            else:
                await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for writer in visits:
            writer.transport.abort()
        await asyncio.gather(*filter(None, visits.values()))


def said_by(answer: bytes | Handler, deadline: float = 20.0, behind: str = "", **given: Any) -> Reply | Failure:
    """What a chat makes of a raw server's answer. `deadline`: seconds from now."""

    async def run() -> Reply | Failure:
        async with raw_server(answer) as url:
            chat = a_chat(url + behind, **given)
            try:
                return await chat.ask(USER, 500, asyncio.get_running_loop().time() + deadline)
            except Failure as failure:
                return failure
            finally:
                await chat.close()

    return asyncio.run(run())


def http(status: int, body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d Said" % status, b"content-type: application/json", *headers, b"connection: close"]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", body])


# what is sent, and what comes back


def test_a_reply_comes_back_with_the_count_and_the_headers_about_limits() -> None:
    with ChatServer(Weather()) as server:
        server.script(Step(headers={"X-RateLimit-Remaining-Requests": "7", "Set-Cookie": "a=b", "X-Other": KEY}))
        reply = replied(server.url)

    assert json.loads(reply.text)["papers"][0]["title"] == "Bees sleep"
    assert reply.finish == "stop"
    assert reply.usage
    assert reply.usage.tokens_in > 0
    assert reply.headers["x-ratelimit-remaining-requests"] == "7"
    assert not {"set-cookie", "x-other"} & reply.headers.keys()


def test_a_request_tells_no_more_than_it_must() -> None:
    with ChatServer(Weather()) as server:
        replied(server.url)
        (seen,) = server.log

    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["accept-encoding"] == "identity"
    assert not [name for name in seen.headers if "stainless" in name or "cookie" in name or "openai-" in name]
    assert seen.body["messages"][1]["content"] == USER
    assert seen.body["max_tokens"] == 500


def test_without_a_key_none_is_sent_whatever_the_environment_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-environment")
    with ChatServer(Weather()) as server:
        replied(server.url, key=" ")
        (seen,) = server.log

    assert "from-the-environment" not in json.dumps(dict(seen.headers))
    assert "authorization" not in seen.headers


def test_no_proxy_is_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ChatServer(Weather()) as server:
        replied(server.url)
        replied(server.url.replace("127.0.0.1", "localhost"))

    assert wire.way(urlsplit("http://model.example/v1"), 1).proxy == "http://127.0.0.1:1"
    assert wire.way(urlsplit("http://[::1]:80/v1"), 1).proxy is None


def test_cookies_are_not_kept() -> None:
    async def run(server: ChatServer) -> None:
        chat = a_chat(server.url)
        await chat.ask(USER, 500)
        await chat.ask(USER, 500)
        await chat.close()

    with ChatServer(Weather()) as server:
        server.script(Step(headers={"Set-Cookie": "a=b; Path=/"}))
        asyncio.run(run(server))

        assert not [seen for seen in server.log if "cookie" in seen.headers]


def test_half_a_character_in_a_paper_does_not_keep_the_others_from_being_asked() -> None:
    async def run(server: ChatServer) -> Reply:
        chat = a_chat(server.url)
        try:
            return await chat.ask(f"{USER}\ud800 ü 🐝", 500)
        finally:
            await chat.close()

    with ChatServer(Weather()) as server:
        assert asyncio.run(run(server)).text
        assert server.log[0].body["messages"][1]["content"] == f"{USER}? ü 🐝"


def test_no_more_connections_are_open_than_allowed() -> None:
    with ChatServer(Weather(latency=0.01)) as server:
        came = asked(server.url, times=12, connections=3)

        assert all(isinstance(one, Reply) for one in came)
        assert server.peak == 3


def test_connections_are_kept_alive() -> None:
    with wire.lasting((socket.AF_INET, socket.SOCK_STREAM, 0, "", ())) as sock:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_why_there_is_no_connection_is_said_in_plain_words() -> None:
    key: Any = None
    mistrusted = ssl.SSLCertVerificationError(1, "verify failed")
    mistrusted.verify_message = "self-signed certificate"

    assert wire.why(aiohttp.ClientConnectorDNSError(key, OSError(-2, "x"))) == "there is no host of that name"
    assert "(self-signed certificate)" in wire.why(aiohttp.ClientConnectorCertificateError(key, mistrusted))
    assert "no secure" in wire.why(aiohttp.ClientConnectorSSLError(key, OSError(1, "x")))
    assert "within 5 s" in wire.why(aiohttp.ConnectionTimeoutError())
    assert "proxy" in wire.why(aiohttp.ClientProxyConnectionError(key, OSError(111, "x")))
    assert wire.why(aiohttp.ClientConnectorError(key, OSError(113, "x"))) == os.strerror(113).lower()
    assert wire.why(aiohttp.ClientConnectorError(key, OSError())) == "no connection could be made"


# addresses


@pytest.mark.parametrize("form", ["{}", "{}/", " {}\n", "{}//", "{}/chat/completions", "{}?v=2", "{}#x"])
def test_an_address_may_be_written_in_many_ways(form: str) -> None:
    with ChatServer(Weather()) as server:
        replied(form.format(server.url))

        assert server.log[0].path == "/v1/chat/completions"


def test_an_address_without_v1_is_looked_for_there_once() -> None:
    with ChatServer(Weather()) as server:
        came = asked(server.url.removesuffix("/v1"), times=3)

        assert all(isinstance(one, Reply) for one in came)
        assert [seen.path for seen in server.log] == ["/v1/chat/completions"] * 3


def test_an_address_where_nothing_is_is_fatal() -> None:
    with ChatServer(Weather()) as server:
        failure = failed(server.url + "/nowhere")

    assert isinstance(failure, Fatal)
    assert "nothing at this address" in str(failure)


def test_a_wrong_model_is_not_looked_for_elsewhere() -> None:
    with ChatServer(Weather(model="other")) as server:
        failure = failed(server.url)

        assert "no such model" in str(failure)
        assert len(server.log) == 1


BAD = ["", " ", "localhost:11434/v1", "ftp://x.example", "http://", "http://[::1", "http://x.example:99999/v1"]
BAD += ["http://x y/v1", "http://x.example:0", "file:///etc/passwd", "http:/x", "//x.example", "http://xn--/\x00", "🐝"]


@pytest.mark.parametrize("url", BAD)
def test_an_address_that_is_none_is_fatal_and_says_what_to_write(url: str) -> None:
    with pytest.raises(Fatal, match="no http") as caught:
        a_chat(url)

    assert "https://host/v1" in caught.value.todo


@given(st.text(max_size=20), st.sampled_from(["http://", "https://", ""]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_address_is_taken_or_fatal(text: str, scheme: str) -> None:
    with contextlib.suppress(Fatal):
        a_chat(scheme + text)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(Fatal) as caught:
        a_chat("https://me:secret@x.example/v1")

    assert "secret" not in f"{caught.value} {caught.value.todo}"


@pytest.mark.parametrize("key", ["with\nbreak", "schlüssel", "a\x00b"])
def test_a_key_that_is_none_is_fatal_and_not_shown(key: str) -> None:
    with pytest.raises(Fatal) as caught:
        a_chat("http://localhost/v1", key=key)

    assert key not in str(caught.value)


# failures


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Step(401), Fatal),
        (Step(402), Fatal),
        (Step(403), Fatal),
        (Step(400), Declined),
        (Step(422), Declined),
        (Step(413), TooLong),
        (Step(429), Limited),
        (Step(500), Unwell),
        (Step(503), Unwell),
        (Step(529), Unwell),
        (Step(408), Unwell),
        (Step(301, {"Location": "https://elsewhere.example/v1"}), Fatal),
        (Step(307, {"Location": "http://[bad"}), Fatal),
        (Step(204, body=""), Garbled),
        (Step(200, body=b"<html>", headers={"content-type": "text/html"}), Garbled),
        (Step(200, body="{"), Garbled),
        (Step(200, body={"choices": []}), Garbled),
        (Step(200, body={"error": {"code": 503, "message": "x"}}), Unwell),
        (Step(200, body=chat_reply(None, refusal="No.")), Declined),
        (Step(fault="cut"), Lost),
        (Step(fault="reset"), Lost),
    ],
)
def test_what_a_server_does_is_one_of_the_failures(step: Step, kind: type[Failure]) -> None:
    with ChatServer(Weather()) as server:
        server.script(step)
        failure = failed(server.url)

        assert type(failure) is kind
        assert len(server.log) == 1
        assert str(failure).isprintable()


def test_a_refusal_carries_the_headers_about_limits() -> None:
    with ChatServer(Weather()) as server:
        server.script(Step(429, {"Retry-After": "7"}))
        failure = failed(server.url)

    assert failure.headers["retry-after"] == "7"


def test_a_prompt_too_long_says_how_much_fits() -> None:
    with ChatServer(Weather(context=1, dialect="llama")) as server:
        failure = failed(server.url)

    assert isinstance(failure, TooLong)
    assert failure.context == 1


def test_where_nobody_answers_it_is_said_who_was_asked() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        failure = failed(f"http://127.0.0.1:{port}/v1")

    assert type(failure) is Unwell
    assert str(failure).startswith(f"nobody answers at 127.0.0.1:{port}: ")
    assert "refused" in str(failure)
    assert not failure.answered
    assert not failure.billed


def test_a_server_without_tls_is_not_talked_to_as_if_it_had() -> None:
    async def plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async def run() -> Failure | None:
        async with raw_server(plainly) as url:
            chat = a_chat(url.replace("http:", "https:"))
            try:
                await chat.ask(USER, 500)
            except Failure as failure:
                return failure
            finally:
                await chat.close()
        return None

    failure = asyncio.run(run())
    assert type(failure) is Unwell
    assert "no secure connection" in str(failure)


def test_a_reply_that_never_comes_is_given_up_at_the_deadline_and_may_be_paid_for() -> None:
    with ChatServer(Weather()) as server:
        server.script(Step(fault="hang"))
        failure = failed(server.url, timeout=0.05)

    assert isinstance(failure, Lost)
    assert failure.billed
    assert failure.slow


def test_a_reply_that_trickles_for_ever_is_cut_at_the_deadline() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\n \r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    assert isinstance(said_by(trickle, deadline=0.1), Lost)


def test_after_the_deadline_nothing_is_sent() -> None:
    with ChatServer(Weather()) as server:
        failure = failed(server.url, timeout=-1.0)

        assert type(failure) is Unwell
        assert not server.log


@pytest.mark.parametrize("transport", [wire.Swift, wire.Plain])
@pytest.mark.parametrize("packed", [True, False])
def test_a_reply_without_end_is_given_up_before_it_fills_the_memory(transport: Any, packed: bool) -> None:
    bomb = http(200, gzip.compress(b" " * (64 * 2**20), 1), b"content-encoding: gzip")

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" " * 2**16)
            await writer.drain()

    async def run() -> int:
        async with raw_server(bomb if packed else flood) as url:
            tracemalloc.start()
            async with httpx2.AsyncClient(transport=transport(wire.Way()), trust_env=False) as client:
                with pytest.raises(wire.TooMuchError):
                    await client.post(url, content=b"{}")
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return peak

    assert asyncio.run(run()) < 3 * wire.CAP


def test_a_reply_without_end_is_garbled() -> None:
    failure = said_by(http(200, b" " * (wire.CAP + 1)))

    assert isinstance(failure, Garbled)
    assert "beyond 8 MiB" in str(failure)


@pytest.mark.parametrize("transport", [wire.Swift, wire.Plain])
def test_a_packed_reply_is_unpacked_though_none_was_asked_for(transport: Any) -> None:
    async def run() -> httpx2.Response:
        async with (
            raw_server(http(200, gzip.compress(b'{"a": 1}'), b"content-encoding: gzip")) as url,
            httpx2.AsyncClient(transport=transport(wire.Way("?k=v")), trust_env=False) as client,
        ):
            return await client.post(url, content=b"{}")

    assert asyncio.run(run()).json() == {"a": 1}


@pytest.mark.parametrize("transport", [wire.Swift, wire.Plain])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", httpx2.ReadError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", httpx2.ReadError),
        (b"\x15\x03\x01\x00\x02\x02", httpx2.ReadError),
        (http(200, b"no gzip", b"content-encoding: gzip"), httpx2.ReadError),
        (b"HTTP/9 what\r\n\r\n", httpx2.ReadError),
        (None, httpx2.ConnectError),
    ],
)
def test_it_is_known_whether_a_request_was_sent(transport: Any, answer: bytes | None, kind: type[Exception]) -> None:
    async def run() -> None:
        async with raw_server(answer or b"") as url:
            there = url if answer is not None else "http://127.0.0.1:1/v1"
            async with httpx2.AsyncClient(transport=transport(wire.Way()), trust_env=False) as client:
                with pytest.raises(kind):
                    await client.post(there, content=b"{}")

    asyncio.run(run())


WITHOUT = """
import asyncio, sys
sys.modules["aiohttp"] = None
from digestor.client.chat import Chat
from digestor.client.dialect import Dialect
from digestor.client.terms import Answer, Form

async def main():
    chat = Chat(sys.argv[1], "key", "m", Form("s", {}, Answer, 1, 1, 1), Dialect(), 30.0)
    print((await chat.ask("papers", 5)).text)
    await chat.close()

asyncio.run(main())
"""


def test_without_the_quick_transport_the_slower_one_is_used() -> None:
    with ChatServer(Weather()) as server:
        server.script(Step(200, body=chat_reply("it came")))
        ran = subprocess.run([sys.executable, "-c", WITHOUT, server.url], capture_output=True, text=True, check=False)

    assert (ran.stdout, ran.stderr) == ("it came\n", "")


@pytest.mark.parametrize("charset", ["hex", "zlib", "rot13", "idna", "no-such", "utf-16", "\xff"])
@pytest.mark.parametrize("status", [200, 400])
def test_no_charset_of_a_reply_does_any_harm(charset: str, status: int) -> None:
    body = json.dumps(chat_reply("{}")).encode()
    kind = f"application/json; charset={charset}".encode("latin-1")
    answer = b"HTTP/1.1 %d OK\r\nconnection: close\r\ncontent-type: %s\r\n\r\n%s" % (status, kind, body)

    assert isinstance(said_by(answer), Reply if status == 200 else Declined)


@given(
    st.binary(max_size=200)
    | st.binary(max_size=100).map(lambda body: b"HTTP/1.1 200 OK\r\n" + body)
    | st.tuples(st.integers(100, 999), st.binary(max_size=60), st.binary(max_size=60)).map(
        lambda said: http(said[0], said[2], b"x-odd: " + said[1], b"location: " + said[1])
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_bytes_come_back_it_is_a_reply_or_a_failure(answer: bytes) -> None:
    assert isinstance(said_by(answer, deadline=1.0), Reply | Failure)


# the dialect


def test_a_refused_way_of_asking_is_no_failure_and_is_learnt() -> None:
    weather = Weather(refuses=("temperature", "max_tokens"), bounded=False, formats=("json_object", "text"))

    async def run(server: ChatServer) -> Dialect:
        chat = a_chat(server.url)
        await chat.ask(USER, 500)
        await chat.ask(USER, 500)
        await chat.close()
        return chat.dialect

    with ChatServer(weather) as server:
        dialect = asyncio.run(run(server))

        assert dialect.structured == "json_object"
        assert dialect.most == "max_completion_tokens"
        assert "temperature" in dialect.dropped
        assert [seen.status for seen in server.log[-2:]] == [200, 200]
        assert 4 <= len(server.log) <= 7


def test_many_refused_at_once_for_the_same_reason_step_down_once() -> None:
    async def run(server: ChatServer) -> tuple[Chat, list[Reply]]:
        chat = a_chat(server.url)
        replies = await asyncio.gather(*(chat.ask(USER, 500) for _ in range(20)))
        await chat.close()
        return chat, replies

    with ChatServer(Weather(formats=("json_object", "text"), latency=0.02)) as server:
        chat, replies = asyncio.run(run(server))

        assert len(replies) == 20
        assert chat.dialect == Dialect(structured="json_object")
        assert len(server.log) == 40


def test_a_dialect_that_works_is_not_given_up_for_one_odd_request() -> None:
    async def run(server: ChatServer) -> Chat:
        chat = a_chat(server.url)
        await chat.ask(USER, 500)
        server.script(Step(400, body={"error": {"message": "Invalid schema: 'maxItems' is not permitted"}}))
        await chat.ask(USER, 500)
        await chat.close()
        return chat

    with ChatServer(Weather()) as server:
        assert asyncio.run(run(server)).dialect == Dialect()
        assert "maxItems" not in json.dumps(server.log[-1].body)


def test_a_server_that_refuses_everything_ends_in_its_own_words() -> None:
    with ChatServer(Weather()) as server:
        server.script(*[Step(400, body={"error": {"message": "response_format is not supported"}})] * 50)
        failure = failed(server.url)

        assert isinstance(failure, Declined)
        assert "response_format is not supported" in str(failure)
        assert len(server.log) == 3


# secrets


def test_the_key_is_in_no_message_no_chain_of_errors_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"message": f"wrong: {KEY} Bearer {KEY} {KEY[:9]}...{KEY[-9:]}", "code": KEY, "type": KEY}}
    replies = [
        http(401, json.dumps(echo).encode(), b"x-request-id: 1", b"www-authenticate: " + KEY.encode()),
        http(200, json.dumps(echo).encode()),
        http(400, json.dumps(echo).encode()),
        http(302, b"", b"location: https://x.example/?key=" + KEY.encode()),
        http(200, KEY.encode()),
        b"HTTP/1.1 200 OK\r\ncontent-type: " + KEY.encode() + b"\r\nconnection: close\r\n\r\n" + KEY.encode(),
        b"HTTP/1.1 abc " + KEY.encode() + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + KEY.encode() + b"\r\n\r\n",
        b"",
    ]
    for answer in replies:
        failure = said_by(answer)

        assert isinstance(failure, Failure)
        chain: list[BaseException] = [failure]
        while linked := chain[-1].__cause__ or chain[-1].__context__:
            chain.append(linked)
        told = "".join(traceback.format_exception(failure)) + "".join(map(repr, chain))
        told += getattr(failure, "todo", "") + str(failure.headers)
        assert KEY not in told, answer
        assert KEY[:9] not in told, answer
        assert chain == [failure], answer
    assert caplog.records
    assert KEY not in caplog.text


def test_a_key_behind_the_address_is_in_no_log_and_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = b'{"error": {"message": "no such key: hidden-in-the-address"}}'
    lines: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(await reader.readuntil(b"\r\n"))
        writer.write(http(401, told))
        await writer.drain()

    failure = said_by(answer, behind="?key=hidden-in-the-address&v=2")

    assert lines == [b"POST /v1/chat/completions?key=hidden-in-the-address&v=2 HTTP/1.1\r\n"]
    assert isinstance(failure, Fatal)
    assert "hidden-in" not in f"{failure}{caplog.text}"


# the end


@pytest.mark.parametrize("times", [0, 1, 5])
def test_closing_leaves_nothing_open(times: int, recwarn: pytest.WarningsRecorder) -> None:
    with ChatServer(Weather()) as server:
        asked(server.url, times=times)
    gc.collect()

    assert not recwarn.list


def test_a_request_given_up_half_way_leaves_nothing_open(recwarn: pytest.WarningsRecorder) -> None:
    async def run(server: ChatServer) -> None:
        chat = a_chat(server.url)
        task = asyncio.create_task(chat.ask(USER, 500))
        while not server.log:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await chat.close()

    with ChatServer(Weather()) as server:
        server.script(Step(fault="hang"))
        asyncio.run(run(server))
    gc.collect()

    assert not recwarn.list
