"""What is inside a reply with status 200: the model's words, how they ended, what they took. Pure."""

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from digestor.client.dialect import Complaint
from digestor.client.terms import Declined, Garbled, Reply, Usage
from digestor.client.verdicts import in_fields, plain

THOUGHT = re.compile(r"\s*<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
THOUGHT_ENDS = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
CUT = ("length", "max_tokens", "model_length", "max_output_tokens")
WITHHELD = ("content_filter", "safety", "recitation", "prohibited_content", "blocklist", "refusal", "sensitive")
UNREAD = object()
STATUSES = (
    (re.compile(r"quota|billing|credit|balance"), 402),
    (re.compile(r"rate.?limit|too many requests|resource_exhausted"), 429),
    (re.compile(r"auth|api.?key|permission"), 401),
    (re.compile(r"not.?found"), 404),
    (re.compile(r"invalid|context|unsupported|content|bad.?request"), 400),
)
"""What an error inside a 200 means whose code is a word."""


def opened(headers: Mapping[str, str], body: bytes, keys: Sequence[str]) -> Reply | Complaint:
    """The reply in a body that came with status 200; a Complaint where an error is in it.

    Raises Garbled for what is no reply, and Declined where the model refused or its words were withheld.
    """
    kind = headers.get("content-type", "application/json").lower()
    if "json" not in kind and not body.lstrip().startswith(b"{"):
        start = plain(body[:400].decode("utf-8", "replace"), keys)
        raise Garbled(f"the reply is {plain(kind, keys) or 'of no kind'}, not JSON: {start}", headers)
    told: object = UNREAD
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(body)
    # Raised here and not where it was found: that error has the whole reply in it.
    if told is UNREAD:
        raise Garbled(f"the reply is no JSON, or was cut off ({len(body)} bytes)", headers)
    if not isinstance(told, dict):
        raise Garbled("the reply is JSON, but no object", headers)
    usage = usage_of(told.get("usage"))
    choices = told.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None
    if told.get("error") and choice is None:
        return _complaint(told)
    if choice is None:
        raise Garbled("the reply has no choices", headers, usage)
    message = choice.get("message")
    if choice.get("error") and not (isinstance(message, dict) and message.get("content")):
        return _complaint(choice)
    return _read(choice, message if isinstance(message, dict) else {}, headers, usage, keys)


def _read(
    choice: Mapping[str, Any],
    message: Mapping[str, Any],
    headers: Mapping[str, str],
    usage: Usage | None,
    keys: Sequence[str],
) -> Reply:
    reason = choice.get("finish_reason")
    finish = reason.lower()[:40] if isinstance(reason, str) else ""
    refusal = message.get("refusal")
    if refusal:
        shown = plain(refusal, keys) if isinstance(refusal, str) else ""
        raise _declined(f"the model refused: {shown}", headers, usage)
    if finish in WITHHELD:
        raise _declined(f"the answer was withheld ({finish})", headers, usage)
    text = said(message.get("content"))
    if finish in CUT:
        finish = "length"
    if not text and finish != "length":
        raise Garbled("the reply is empty", headers, usage)
    return Reply(text, finish, usage, headers)


def _declined(what: str, headers: Mapping[str, str], usage: Usage | None) -> Declined:
    failure = Declined(what, headers, usage)
    failure.billed = True
    return failure


def said(content: object) -> str:
    """The text of a message without the thoughts before it; empty where there is none."""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") != "thinking")
        content = "".join(part for part in parts if isinstance(part, str))
    if not isinstance(content, str):
        return ""
    text = content.lstrip("\ufeff")
    while found := THOUGHT.match(text):
        text = text[found.end() :]
    # Some templates put the beginning of the thought into the prompt, so that only its end is here.
    if not text.lstrip().startswith(("{", "[", "`")) and (end := THOUGHT_ENDS.search(text)):
        text = text[end.end() :]
    return text.strip()


def usage_of(told: object) -> Usage | None:
    """The server's count; None where there is none, or none that can be believed."""
    if not isinstance(told, dict):
        return None
    counts = (_count(told.get("prompt_tokens")), _count(told.get("completion_tokens")))
    if counts[0] is None or counts[1] is None:
        return None
    cached = _count(_part(told, "prompt_tokens_details").get("cached_tokens"))
    reasoning = _count(_part(told, "completion_tokens_details").get("reasoning_tokens"))
    written = _count(_part(told, "prompt_tokens_details").get("cache_write_tokens"))
    known = min(cached or 0, counts[0])
    return Usage(
        counts[0], known, counts[1], min(reasoning or 0, counts[1]), written=min(written or 0, counts[0] - known)
    )


def _complaint(told: Mapping[str, Any]) -> Complaint:
    found = in_fields(200, told)
    number = re.search(r"\b([45]\d\d)\b", found.code)
    if number:
        return found._replace(status=int(number[1]))
    words = f"{found.code} {found.message}".lower()
    return found._replace(status=next((status for pattern, status in STATUSES if pattern.search(words)), 500))


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**12:
        return None
    return value
