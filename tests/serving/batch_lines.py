"""The files of a batch: lines of JSON that go in, lines of JSON that come out."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.serving.questions import Question
from tests.serving.service import parsed
from tests.serving.wire import Request
from tests.serving.wording import RefusedError, error_reply

ENDPOINT = "/v1/chat/completions"


class Line(NamedTuple):
    """One request of a batch."""

    custom_id: str
    body: Mapping[str, Any]
    question: Question


def row(line: Line, number: int, response: Mapping[str, Any] | None, error: Mapping[str, str] | None = None) -> str:
    """A line of an output file or an error file."""
    whole = {"id": f"batch_req_{number}", "custom_id": line.custom_id, "response": response, "error": error}
    return json.dumps(whole) + "\n"


def fault(code: str, message: str, line: int | None = None) -> dict[str, Any]:
    """An error of a batch as a whole."""
    return {"code": code, "message": message, "param": None, "line": line}


def lines_of(rows: list[bytes]) -> tuple[list[Line], list[dict[str, Any]]]:
    """The requests of a file, and what is wrong with it."""
    lines: list[Line] = []
    errors = [] if rows else [fault("empty_file", "The input file is empty.")]
    known: set[str] = set()
    for number, raw in enumerate(rows, 1):
        try:
            given = json.loads(raw)
            custom_id, method, url = str(given["custom_id"]), given["method"], given["url"]
            body, question = parsed(json.dumps(given["body"]).encode())
        except (ValueError, KeyError, TypeError, RefusedError):
            errors.append(fault("invalid_json_line", "This line is no request.", number))
            continue
        if (method, url) != ("POST", ENDPOINT):
            errors.append(fault("invalid_url", f"The line is not for POST {ENDPOINT}.", number))
        if custom_id in known:
            errors.append(fault("duplicate_custom_id", f"The custom_id {custom_id} is used twice.", number))
        if lines and lines[0].body.get("model") != body.get("model"):
            errors.append(fault("mismatched_model", "All lines of a batch are for one model.", number))
        known.add(custom_id)
        lines.append(Line(custom_id, body, question))
    return lines, errors


def parts_of(request: Request) -> dict[str, bytes]:
    """The parts of a form, by name. Raises RefusedError for what is none."""
    kind = request.headers.get("content-type", "")
    found = re.search(r'boundary="?([^";]+)', kind)
    if not kind.startswith("multipart/form-data") or found is None:
        raise RefusedError(error_reply(400, "A file is sent as multipart/form-data."))
    parts: dict[str, bytes] = {}
    for piece in request.body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        if name := re.search(rb'[ ;]name="([^"]*)"', head):
            parts[name[1].decode("utf-8", "replace")] = content.removesuffix(b"\r\n")
    return parts
