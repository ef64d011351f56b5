"""What a refusal means: the status and the words of a server become one of the failures of `terms`. Pure.

Servers word the same thing in many ways; where their code or type says it, that counts more than their words.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard
from urllib.parse import quote

from digestor.client.dialect import Complaint
from digestor.client.headers import away
from digestor.client.terms import Declined, Failure, Fatal, Garbled, Limited, TooLong, Unwell

SHOWN = 200
"""Characters of a server's words that are shown."""
READ = 4_000
"""Characters of them that are looked at."""
HIDDEN = "[key]"
PIECE = 6
"""So many characters of a key in a row are a part of it."""

LOOKS_SECRET = re.compile(
    r"\bBearer\s+\S+|\b(?:sk|pk|rk|gsk|xai|hf)[-_][\w*.\-]{6,}|\bAIza[\w\-]{10,}|[\w\-.]*\*{3,}[\w\-.*]*", re.I
)
TAGS = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<[^<>]*>", re.I | re.S)

TOO_MUCH = (
    r"completion tokens|output tokens|max_(?:completion_)?tokens\b.{0,80}?(?:too (?:large|high|big)|less than or equal"
    r"|<=|>|above maximum|exceed|valid range|maximum allowed|at most|greater than)"
)
"""More output than the model can give."""
TOO_LONG = re.compile(
    r"context[_ ](?:length|size|window)|maximum (?:context|prompt|input|number of (?:input )?tokens)"
    r"|max_model_len|(?:prompt|input|request|message)s? (?:is|are|was|too) (?:too )?(?:long|large)"
    r"|too many (?:input )?tokens|input length exceeds|exceeds? (?:the )?(?:maximum|model'?s?|available) \w*\s?"
    r"(?:context|tokens|number of tokens)|reduce the length|max_new_tokens`? must be <=|string_above_max_length"
    rf"|{TOO_MUCH}",
    re.I | re.S,
)
SIZES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"context (?:length|size|window)\D{0,40}?\b([\d,]+)",
        r"\b([\d,]+)[- ]token (?:context|limit)|model with ([\d,]+) maximum context",
        r"> ([\d,]+) maximum|maximum number of (?:input )?tokens\D{0,20}([\d,]+)",
        r"must be <= ([\d,]+)|tokens per min\D{0,20}limit:? ([\d,]+)",
    )
)
OUTPUT = re.compile(TOO_MUCH, re.I | re.S)
NO_CREDIT = re.compile(
    r"insufficient[_ ](?:quota|balance|credit|funds)|billing[_ ](?:hard|not|issue|limit)|credit balance|out of credit"
    r"|(?:no|not enough|more) credits?\b|payment[_ ]required|exceeded your current quota",
    re.I,
)
COMES_BACK = re.compile(r"retry|try again|resource_exhausted|rate[_ ]limit|per (?:minute|min|day|second)", re.I)
NO_MODEL = re.compile(
    r"model_not_found|invalid_model|no models? (?:is |are )?loaded|not a valid model"
    r"|(?:invalid|unknown|unsupported) model\b"
    r"|\bmodel\b.{0,120}?(?:not (?:exist|found)|does ?n.t exist|decommissioned)",
    re.I | re.S,
)
CONTENT = re.compile(
    r"content[_ ](?:filter|policy|management)|invalid_prompt|moderation|flagged|responsibleai|safety"
    r"|usage polic",
    re.I,
)
BROKEN_JSON = re.compile(r"json_validate_failed|failed to (?:generate|validate) json", re.I)
FORMAT_UNKNOWN = re.compile(r"response_?format|json_?schema|grammar", re.I)
OVERBURDENED = (408, 503, 504, 524, 529)
MODEL_TODO = "see which models the server has, and write the name just as it does"


def complaint(status: int, body: bytes) -> Complaint:
    """What a server says in the body of a refusal, in any of the forms that servers have."""
    text = body[: 16 * READ].decode("utf-8", "replace")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return Complaint(status, message=html.unescape(TAGS.sub(" ", text))[:READ])
    return in_fields(status, told)


def in_fields(status: int, told: object) -> Complaint:
    """The same, where the body was JSON: what is innermost says most."""
    levels = list(_levels(told))
    codes = (level.get(name) for level in levels[::-1] for name in ("code", "type", "status", "error_type"))
    said = [level.get(name) for level in levels[::-1] for name in ("message", "msg", "error", "detail", "raw")]
    where = next((level[name] for level in levels[::-1] for name in ("param", "loc") if level.get(name)), "")
    prompt = next((level["n_prompt_tokens"] for level in levels if _is_size(level.get("n_prompt_tokens"))), None)
    context = next((level["n_ctx"] for level in levels if _is_size(level.get("n_ctx"))), None)
    return Complaint(
        status,
        code=" ".join(dict.fromkeys(str(code)[:80].lower() for code in codes if isinstance(code, str | int) and code)),
        param=".".join(str(part) for part in where[:9])[:200] if isinstance(where, list) else str(where)[:200],
        message=" ".join(dict.fromkeys(text[:READ] for text in said if isinstance(text, str)))[:READ],
        context=context,
        prompt=prompt,
    )


def _levels(told: object) -> Iterator[Mapping[str, Any]]:
    """The objects that hold the complaint, the outermost first."""
    for _ in range(6):
        if isinstance(told, list) and told:
            told = told[0]
        if isinstance(told, str):
            told = {"message": told}
        if not isinstance(told, dict):
            return
        yield told
        inner = (told.get(name) for name in ("error", "detail", "errors", "message", "metadata", "innererror"))
        told = next((value for value in inner if value and isinstance(value, dict | list)), None)


def verdict(said: Complaint, headers: Mapping[str, str], keys: Sequence[str]) -> Failure:
    """The failure that a refusal is; `headers` go with it, the keys are taken out of the words."""
    failure = _verdict(said, headers, keys)
    failure.headers = headers
    if isinstance(failure, Unwell):
        failure.pause, failure.slow = away(headers) or 0.0, said.status in OVERBURDENED
    return failure


def _verdict(said: Complaint, headers: Mapping[str, str], keys: Sequence[str]) -> Failure:
    status, words = said.status, f"{said.code} {said.message}"
    shown = plain(said.message or said.code, keys)
    what = f"{status}: {shown}" if shown else f"{status}, without a word"
    if 300 <= status < 400:
        where = plain(headers.get("moved-to", ""), keys)
        todo = "write the new address into the config; requests are not sent on, for the key would go along"
        return Fatal(f"the address has moved{f' to {where}' if where else ''} ({status})", todo)
    if status in (401, 403) and not (status == 403 and (CONTENT.search(words) or _no_credit(said, headers))):
        return Fatal(f"the key was refused ({what})", "check that the key is right, and may use this model")
    if status == 402 or (status in (400, 403, 429) and _no_credit(said, headers)):
        return Fatal(
            f"there is no credit left ({what})", "see to the account, then run it again: nothing is paid twice"
        )
    if status in (404, 405, 410) or (status in (400, 422) and NO_MODEL.search(words)):
        return _missing(said, what)
    if status == 429 and not re.search(r"request too large", words, re.I):
        return Limited(f"too fast ({what})")
    if status in (408, 409, 425) or (status >= 500 and not (status == 500 and TOO_LONG.search(words))):
        return Unwell(f"the server is not well ({what})")
    if status in (413, 429) or TOO_LONG.search(words):
        return TooLong(f"the request is too long ({what})", context(said), said.prompt)
    if BROKEN_JSON.search(words):
        return Garbled(f"the model wrote no JSON ({what})")
    return Declined(f"the server declined ({what})")


def is_missing_address(said: Complaint) -> bool:
    """Is there nothing at this address, rather than no such model?"""
    return said.status in (404, 405) and not re.search(r"\bmodels?\b|no endpoints", f"{said.code} {said.message}", re.I)


def may_be_dialect(said: Complaint) -> bool:
    """Could this refusal be about how we ask, rather than about what?"""
    words = f"{said.code} {said.message}"
    if said.status in (500, 501):
        return bool(FORMAT_UNKNOWN.search(words))
    others = (TOO_LONG, NO_MODEL, BROKEN_JSON, CONTENT)
    return said.status in (400, 404, 415, 422) and not any(other.search(words) for other in others)


def context(said: Complaint) -> int | None:
    """The size of the model's context in tokens, where the refusal tells it."""
    if said.context is not None or (OUTPUT.search(said.message) and "context" not in said.message):
        return said.context
    for pattern in SIZES:
        found = pattern.search(said.message)
        number = next((group for group in found.groups() if group), "") if found else ""
        digits = number.replace(",", "")
        if digits and len(digits) < 10 and _is_size(int(digits)):
            return int(digits)
    return None


def plain(text: str, keys: Sequence[str]) -> str:
    """Words of a server, fit to be shown: one short line, no control characters, no part of a key."""
    text = text[:READ]
    for key in keys:
        text = _without_key(text, key)
    text = "".join(char if char.isprintable() else " " for char in text)
    text = LOOKS_SECRET.sub(HIDDEN, " ".join(text.split()))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _without_key(text: str, key: str) -> str:
    """Every stretch of the text that has six characters in a row of the key (or all of a short one) is hidden."""
    size = PIECE if len(key) >= 2 * PIECE else len(key)
    if size < 4:
        return text
    forms = {key, quote(key, safe=""), json.dumps(key)[1:-1], html.escape(key)}
    pieces = {form[at : at + size].lower() for form in forms for at in range(len(form) - size + 1)}
    lowered, parts, kept, at = text.lower(), [], 0, 0
    if len(lowered) != len(text):
        text = lowered
    while at <= len(text) - size:
        if lowered[at : at + size] not in pieces:
            at += 1
            continue
        parts.append(text[kept:at])
        end = at + size
        while lowered[end - size + 1 : end + 1] in pieces and end < len(text):
            end += 1
        parts.append(HIDDEN)
        kept = at = end
    return "".join((*parts, text[kept:]))


def _no_credit(said: Complaint, headers: Mapping[str, str]) -> bool:
    """Is the money gone? Some servers say that of a limit that comes back by itself: their code or a wait tells."""
    if NO_CREDIT.search(said.code):
        return True
    waits = any(name.startswith("retry-after") for name in headers) or COMES_BACK.search(f"{said.code} {said.message}")
    return bool(NO_CREDIT.search(said.message)) and not waits


def _missing(said: Complaint, what: str) -> Fatal:
    if is_missing_address(said):
        todo = "check the address: it is the part before /chat/completions, and mostly ends in /v1"
        return Fatal(f"there is nothing at this address ({what})", todo)
    return Fatal(f"there is no such model ({what})", MODEL_TODO)


def _is_size(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9
