"""The words of the scripted server: what it is told to do, what it notes, what it replies."""

import gzip
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, NamedTuple

from tests.serving.weather import KINDS
from tests.serving.wire import Reply, Request

JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain; charset=utf-8"}


@dataclass(frozen=True)
class Step:
    """What the next request gets instead. No body: the right answer (status 200), or an error's usual body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes | Mapping[str, Any] | None = None
    """Of the HTTP reply, whole; `chat_reply` makes one from what the model is to say."""
    fault: str | None = None
    delay: float = 0.0
    """Seconds, on top of the weather's."""

    def __post_init__(self) -> None:
        if self.fault is not None and self.fault not in KINDS:
            raise ValueError(f"no such fault: {self.fault}; there are {', '.join(KINDS)}")

    @property
    def plain(self) -> bool:
        """Is the request to be worked on as usual?"""
        return self.body is None and self.status == 200

    def reply(self) -> Reply:
        """What is sent where the step is not plain."""
        if self.body is None:
            reply = usual(self.status)
        elif isinstance(self.body, bytes):
            reply = Reply(self.status, self.body, JSON)
        else:
            text = self.body if isinstance(self.body, str) else json.dumps(self.body)
            reply = Reply(self.status, text.encode(), JSON)
        return self.finished(reply)

    def finished(self, reply: Reply) -> Reply:
        """A reply with the headers of the step, ended as the step's fault says."""
        own = {name.lower(): value for name, value in self.headers.items()}
        return ended(reply._replace(headers={**reply.headers, **own}), self.fault or "")


class Seen(NamedTuple):
    """A request as the server saw it."""

    at: float
    """Seconds of the monotonic clock."""
    path: str
    headers: Mapping[str, str]
    """In lower case."""
    body: Mapping[str, Any]
    """Of a request for a chat completion; else empty."""
    titles: tuple[str, ...]
    status: int
    """What it was answered; 0: nothing, or half of something."""
    fault: str
    usage: Mapping[str, Any] | None
    """Tokens worked, whether the client was told of them or not."""


class Outcome(NamedTuple):
    """What becomes of a request: the reply, when, and what was worked for it."""

    reply: Reply
    delay: float = 0.0
    fault: str = ""
    generated: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    usage: Mapping[str, Any] | None = None


class RefusedError(Exception):
    """The request is not worked on; `reply` says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def chat_reply(text: str | None, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """The body of a reply that says this; for scripts."""
    said = {"role": "assistant", "content": text, "refusal": None, **message}
    return completion(
        "scripted", "scripted", [{"index": 0, "message": said, "logprobs": None, "finish_reason": finish}]
    )


def completion(number: str, model: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    """The frame of a reply with status 200."""
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": choices,
    }


def json_reply(body: Mapping[str, Any]) -> Reply:
    """Status 200."""
    return Reply(200, json.dumps(body).encode(), JSON)


def error_reply(
    status: int, message: str, code: str | None = None, param: str | None = None, kind: str = "invalid_request_error"
) -> Reply:
    """An error in OpenAI's words."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    return Reply(status, json.dumps({"error": error}).encode(), JSON)


def usual(status: int) -> Reply:
    """The error that a server gives with this status and no particular reason."""
    if status == 429:
        return error_reply(429, "Rate limit reached. Please slow down.", "rate_limit_exceeded", kind="requests")
    if status >= 500:
        return error_reply(status, "The server had an error while processing your request.", kind="server_error")
    return error_reply(status, f"Your request was answered with status {status}.")


def too_long(dialect: str, size: int, context: int) -> Reply:
    """A prompt of `size` tokens does not fit."""
    if dialect == "openai":
        message = (
            f"This model's maximum context length is {context} tokens. However, your messages resulted in {size} "
            "tokens. Please reduce the length of the messages."
        )
        return error_reply(400, message, "context_length_exceeded", "messages")
    message = f"request ({size} tokens) exceeds the available context size ({context} tokens), try increasing it"
    error = {"code": 400, "message": message, "type": "exceed_context_size_error"}
    return Reply(400, json.dumps({"error": error | {"n_prompt_tokens": size, "n_ctx": context}}).encode(), JSON)


def limited(how: str | None, wait: float, headers: Mapping[str, str]) -> Reply:
    """Too fast; `how` the client is told to wait so many seconds: in `ms`, `s`, as a `date`, or not at all."""
    message = f"Rate limit reached. Please try again in {math.ceil(wait * 1000)}ms."
    reply = error_reply(429, message, "rate_limit_exceeded", kind="requests")
    told = {
        "ms": {"retry-after-ms": str(math.ceil(wait * 1000))},
        "s": {"retry-after": str(math.ceil(wait))},
        "date": {"retry-after": formatdate(math.ceil(time.time() + wait), usegmt=True)},
    }
    return reply._replace(headers={**JSON, **headers, **told.get(how or "", {})})


def ended(reply: Reply, fault: str) -> Reply:
    """The reply with the end that a fault of the wire gives it."""
    match fault:
        case "reset" | "cut" | "hang":
            return reply._replace(end=fault)
        case _:
            return reply


def zipped(reply: Reply, request: Request) -> Reply:
    """The reply in gzip, if the client takes that."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return reply
    headers = {**reply.headers, "content-encoding": "gzip"}
    return reply._replace(body=gzip.compress(reply.body, 1), headers=headers)
