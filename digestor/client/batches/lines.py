"""The files of a batch: lines of JSON that go in, lines of JSON that come out, in another order. Pure.

Whatever is in a line that comes back, it costs only itself.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from digestor.client.access import PATH
from digestor.client.batches.states import said
from digestor.client.dialect import Complaint
from digestor.client.envelope import opened
from digestor.client.terms import Failure, Reply, Unwell
from digestor.client.verdicts import complaint, verdict

LINES = 50_000
SIZE = 200_000_000
"""Lines and bytes that OpenAI takes in one file."""


class Row(NamedTuple):
    """What became of a request."""

    reply: Reply | None
    failure: Failure | None = None
    refusal: Complaint | None = None
    """The server's words, where it would not take the request."""


MISSING = Row(None)


class Told(NamedTuple):
    """What the files of a batch say."""

    rows: Mapping[str, Row]
    """By custom_id."""
    strange: int
    """Lines that are none, or that nobody asked for."""
    lines: int


def line(custom_id: str, body: Mapping[str, Any]) -> bytes:
    """One request. In ASCII: some readers end a line at characters that JSON does not mind."""
    whole = {"custom_id": custom_id, "method": "POST", "url": f"/v1{PATH}", "body": body}
    return json.dumps(whole, default=dict).encode() + b"\n"


def told(files: Iterable[bytes], asked: Collection[str], keys: Sequence[str]) -> Told:
    """What is in the files, output and errors alike; where a request comes twice, a reply goes before a failure."""
    rows: dict[str, Row] = {}
    strange = count = 0
    for found in _objects(files):
        count += 1
        custom_id = found.get("custom_id") if found else None
        if not found or not isinstance(custom_id, str) or custom_id not in asked:
            strange += 1
        elif custom_id not in rows or rows[custom_id].reply is None:
            row = _row(found, keys)
            if row.reply is not None or custom_id not in rows:
                rows[custom_id] = row
    return Told(rows, strange, count)


def _objects(files: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Each line as an object; an empty one where it is none."""
    for content in files:
        start = 0
        while start < len(content):
            end = content.find(b"\n", start)
            raw, start = content[start : end if end >= 0 else None], end + 1 if end >= 0 else len(content)
            if raw.strip():
                try:
                    value = json.loads(raw)
                except (ValueError, RecursionError):
                    value = None
                yield value if isinstance(value, dict) else {}


def _row(found: Mapping[str, Any], keys: Sequence[str]) -> Row:
    try:
        return _read(found, keys)
    except RecursionError:
        return Row(None, Unwell("the reply is nested beyond all bounds"))


def _read(found: Mapping[str, Any], keys: Sequence[str]) -> Row:
    response = found.get("response")
    if not isinstance(response, dict):
        error = found.get("error")
        why = said(error, keys) if isinstance(error, dict) else None
        return Row(None, Unwell(why.message or why.code if why else "the batch has no reply to it"))
    status, body = response.get("status_code"), json.dumps(response.get("body")).encode()
    if status == 200:
        try:
            inside = opened({}, body, keys)
        except Failure as failure:
            return Row(None, failure)
        if isinstance(inside, Reply):
            return Row(inside)
        return Row(None, verdict(inside, {}, keys), inside)
    if isinstance(status, int) and 300 <= status < 600:
        refusal = complaint(status, body)
        return Row(None, verdict(refusal, {}, keys), refusal)
    return Row(None, Unwell("the batch has an empty reply to it"))
