"""Batches as OpenAI takes them: a file of requests is handed in, worked on in its own time, and fetched as files."""

import json
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.serving.batch_lines import ENDPOINT, Line, fault, lines_of, parts_of, row
from tests.serving.wire import Reply, Request
from tests.serving.wording import Outcome, RefusedError, error_reply, json_reply


@dataclass(frozen=True)
class Batches:
    """How batches go here."""

    polls: int = 1
    """How many questions about a batch are answered `in_progress` before it ends."""
    outcome: Literal["completed", "failed", "expired", "cancelled"] = "completed"
    done: float = 1.0
    """The share of lines worked on at once: all there is when a batch expires or is cancelled."""
    broken: float = 0.0
    """The share of the lines worked on that end in the error file."""
    reason: str = "token_limit_exceeded"
    """The code of the error where the outcome is `failed`."""
    lines: int = 50_000
    size: int = 200_000_000
    """Bytes of a file."""
    enqueued: int | None = None
    """Prompt tokens of all batches under way; a batch beyond them fails."""


@dataclass
class Batch:
    """One batch and how far it is."""

    id: str
    file: str
    lines: list[Line]
    """In the order in which they are worked on: not the one of the file."""
    status: str = "validating"
    metadata: Mapping[str, str] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    good: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    output: str | None = None
    rest: str | None = None
    polls: int = 0
    begun: int = 0

    @property
    def over(self) -> bool:
        """Will nothing more come of it?"""
        return self.status in ("completed", "failed", "expired", "cancelled")


class Desk:
    """Takes files and batches. `work` answers one line and notes what was paid for."""

    def __init__(self, settings: Batches, work: Callable[[Line], Outcome]) -> None:
        self.settings, self._work = settings, work
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Batch] = {}
        self._made = 0

    def answer(self, request: Request, path: str) -> Reply:
        """Whatever is asked below /v1/files and /v1/batches."""
        try:
            match request.method, path.removeprefix("/v1/").split("/"):
                case "POST", ["files"]:
                    return self._upload(request)
                case "GET", ["files", name]:
                    return json_reply(self._file(name))
                case "GET", ["files", name, "content"]:
                    self._file(name)
                    return Reply(200, self.files[name], {"content-type": "application/octet-stream"})
                case "DELETE", ["files", name]:
                    self._file(name)
                    del self.files[name]
                    return json_reply({"id": name, "object": "file", "deleted": True})
                case "POST", ["batches"]:
                    return self._make(request)
                case "GET", ["batches"]:
                    made = [told(batch) for batch in reversed(self.batches.values())]
                    return json_reply({"object": "list", "data": made, "has_more": False})
                case "GET", ["batches", name]:
                    return self._poll(self._batch(name))
                case "POST", ["batches", name, "cancel"]:
                    return self._cancel(self._batch(name))
        except RefusedError as refused:
            return refused.reply
        return error_reply(404, f"Invalid URL ({request.method} {path})")

    def _file(self, name: str) -> dict[str, Any]:
        if name not in self.files:
            raise RefusedError(error_reply(404, f"No such File object: {name}", None, "id"))
        size = len(self.files[name])
        return {"id": name, "object": "file", "bytes": size, "filename": f"{name}.jsonl", "purpose": "batch"}

    def _batch(self, name: str) -> Batch:
        if name not in self.batches:
            raise RefusedError(error_reply(404, f"No batch found with id '{name}'.", None, "id"))
        return self.batches[name]

    def _keep(self, content: bytes) -> str:
        self._made += 1
        name = f"file-{self._made}"
        self.files[name] = content
        return name

    def _upload(self, request: Request) -> Reply:
        parts = parts_of(request)
        if parts.get("purpose") != b"batch":
            raise RefusedError(error_reply(400, "'purpose' must be 'batch'.", None, "purpose"))
        if "file" not in parts:
            raise RefusedError(error_reply(400, "'file' is a required property.", None, "file"))
        if len(parts["file"]) > self.settings.size:
            raise RefusedError(error_reply(400, f"The file is larger than {self.settings.size} bytes.", None, "file"))
        return json_reply(self._file(self._keep(parts["file"])))

    def _make(self, request: Request) -> Reply:
        try:
            asked = json.loads(request.body)
            file, endpoint, window = asked["input_file_id"], asked["endpoint"], asked["completion_window"]
        except (ValueError, KeyError, TypeError):
            message = "input_file_id, endpoint and completion_window are required."
            raise RefusedError(error_reply(400, message)) from None
        self._file(file)
        if (endpoint, window) != (ENDPOINT, "24h"):
            message = f"endpoint must be {ENDPOINT}, completion_window 24h."
            raise RefusedError(error_reply(400, message, None, "endpoint"))
        rows = self.files[file].splitlines()
        if len(rows) > self.settings.lines:
            message = f"The file has {len(rows)} lines; a batch has {self.settings.lines} at most."
            raise RefusedError(error_reply(400, message, None, "input_file_id"))
        lines, errors = lines_of(rows)
        ordered = sorted(lines, key=lambda line: zlib.crc32(line.custom_id.encode()))
        batch = Batch(f"batch_{len(self.batches) + 1}", file, ordered, metadata=asked.get("metadata"), errors=errors)
        if ordered == lines:
            ordered.reverse()
        self._check(batch)
        self.batches[batch.id] = batch
        if not batch.errors:
            self._advance(batch, round(self.settings.done * len(batch.lines)))
        return json_reply(told(batch))

    def _check(self, batch: Batch) -> None:
        """Note the errors for which a batch fails as a whole."""
        waiting = [line for other in self.batches.values() if not other.over for line in other.lines]
        tokens = sum(line.question.tokens for line in (*waiting, *batch.lines))
        enqueued = self.settings.enqueued
        if enqueued is not None and tokens > enqueued:
            message = f"Enqueued token limit reached. Limit: {enqueued} enqueued tokens. Please try again later."
            batch.errors.append(fault("token_limit_exceeded", message))
        elif self.settings.outcome == "failed" and not batch.errors:
            batch.errors.append(fault(self.settings.reason, "The batch failed, as it was told to."))

    def _advance(self, batch: Batch, upto: int) -> None:
        """Work on the lines up to that one; those that break are spread evenly among them."""
        for number in range(batch.begun, upto):
            line = batch.lines[number]
            if int((number + 1) * self.settings.broken + 1e-9) > int(number * self.settings.broken + 1e-9):
                # Half of them as OpenAI sometimes has them: an empty response in the error file, counted as completed.
                error = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
                status, body = ((500, {"error": error}), (0, {}))[len(batch.bad) % 2]
                batch.bad.append(row(line, number, {"status_code": status, "request_id": "", "body": body}))
                continue
            outcome = self._work(line)
            whole = outcome.reply.status == 200 and outcome.reply.end == "whole" and outcome.fault != "html"
            status = 500 if outcome.reply.status == 200 and not whole else outcome.reply.status
            body = json.loads(outcome.reply.body) if whole or outcome.reply.status != 200 else {}
            response = {"status_code": status, "request_id": f"req_{number}", "body": body}
            (batch.good if whole else batch.bad).append(row(line, number, response))
        batch.begun = upto

    def _poll(self, batch: Batch) -> Reply:
        batch.polls += 1
        if batch.status == "cancelling":
            self._end(batch, "cancelled")
        elif not batch.over and batch.polls > self.settings.polls:
            self._end(batch, "failed" if batch.errors else self.settings.outcome)
        elif not batch.over and not batch.errors:
            batch.status = "in_progress"
        return json_reply(told(batch))

    def _cancel(self, batch: Batch) -> Reply:
        if batch.over:
            message = f"Cannot cancel a batch with status '{batch.status}'."
            raise RefusedError(error_reply(409, message))
        batch.status = "cancelling"
        return json_reply(told(batch))

    def _end(self, batch: Batch, status: str) -> None:
        batch.status = status
        if status == "failed":
            return
        if status == "completed":
            self._advance(batch, len(batch.lines))
        for number in range(batch.begun, len(batch.lines)):
            code = f"batch_{status}"
            error = {"code": code, "message": f"This request was not executed: the batch has {status}."}
            batch.bad.append(row(batch.lines[number], number, None, error))
        batch.output = self._keep("".join(batch.good).encode()) if batch.good else None
        batch.rest = self._keep("".join(batch.bad).encode()) if batch.bad else None


def told(batch: Batch) -> dict[str, Any]:
    """A batch as the client sees it."""
    empty = sum('"status_code": 0' in line for line in batch.bad)
    now = int(time.time())
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": ENDPOINT,
        "errors": {"object": "list", "data": batch.errors} if batch.status == "failed" else None,
        "input_file_id": batch.file,
        "completion_window": "24h",
        "status": batch.status,
        "output_file_id": batch.output,
        "error_file_id": batch.rest,
        "created_at": now,
        "expires_at": now + 86_400,
        "request_counts": {
            "total": len(batch.lines),
            "completed": len(batch.good) + empty,
            "failed": len(batch.bad) - empty,
        },
        "metadata": batch.metadata,
    }
