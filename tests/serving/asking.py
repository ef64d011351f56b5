"""A plain client for the tests of the scripted server: http.client, and the requests that our prompt makes."""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.serving.server import ChatServer

TAGS = ["bees", "rivers", "glaciers"]
ITEM = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string", "maxLength": 80},
        "line": {"type": "string", "maxLength": 300},
        "tags": {"type": "array", "maxItems": 3, "items": {"type": "string", "enum": TAGS}},
        "code": {"type": "string", "enum": ["released", "promised", "mentioned", "none"]},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"papers": {"type": "array", "maxItems": 50, "items": ITEM}},
}


class Came(NamedTuple):
    """A reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def choice(self) -> Any:
        return self.told["choices"][0]

    @property
    def text(self) -> Any:
        return self.choice["message"]["content"]

    @property
    def papers(self) -> list[dict[str, Any]]:
        """The items of the answer."""
        found: list[dict[str, Any]] = json.loads(self.text)["papers"]
        return found

    @property
    def error(self) -> Any:
        return self.told["error"]


def fenced(number: int, title: str, abstract: str = "", about: str = "") -> str:
    remark = f"About paper {number}: {about}\n" if about else ""
    return f'<paper id="{number}">\n{title}\n{abstract}\n</paper>\n{remark}'


def papers(*numbers: int, about: str = "") -> str:
    """Papers with words of their own, numbered from 1."""
    return "".join(
        fenced(place, f"Study {number} of bees at night", f"We watch hive {number}. More follows.", about)
        for place, number in enumerate(numbers, 1)
    )


def a_request(user: str = "", **fields: Any) -> dict[str, Any]:
    """What our own client sends: a schema in strict mode, papers in one message."""
    schema = {"name": "digest", "strict": True, "schema": SCHEMA}
    return {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": user or papers(1)}],
        "response_format": {"type": "json_schema", "json_schema": schema},
        **fields,
    }


class Caller:
    """One connection, kept alive."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, chunked: bool = False
    ) -> Came:
        """Raises what http.client raises where the reply is spoilt."""
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        pieces = iter([sent[:1], sent[1:]]) if chunked and sent else sent
        self._connection.request(method, path, pieces, dict(headers or {}), encode_chunked=chunked)
        with self._connection.getresponse() as reply:
            return Came(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())

    def ask(self, user: str = "", headers: Mapping[str, str] | None = None, **fields: Any) -> Came:
        """Ask for a chat completion."""
        return self.call("POST", "/v1/chat/completions", a_request(user, **fields), headers)


@contextmanager
def calling(server: ChatServer) -> Iterator[Caller]:
    """A connection to the server, closed afterwards."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0, timeout=30)
    try:
        yield Caller(connection)
    finally:
        connection.close()


def connected(server: ChatServer) -> socket.socket:
    """A bare socket to the server; to be closed."""
    return socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=30)
