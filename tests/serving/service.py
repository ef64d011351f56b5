"""The chat-completions service without its sockets: what is answered to a request, and after how long."""

import heapq
import json
import math
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from tests.serving.answers import Said, refusal, say
from tests.serving.questions import Question, question_of, tokens
from tests.serving.weather import BEFORE, Limiter, Lot, Weather, draw
from tests.serving.wire import Reply
from tests.serving.wording import (
    JSON,
    Outcome,
    RefusedError,
    Step,
    completion,
    ended,
    error_reply,
    limited,
    too_long,
    usual,
)

PAGE = b"<!doctype html><html><head><title>Welcome</title></head><body>Please log in.</body></html>"


class Service:
    """One server's state under one weather. `now` is seconds of the monotonic clock."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.admissions: list[float] = []
        self.refused = 0
        self._limiter = None if weather.limit is None else Limiter(weather.limit)
        self._tries: Counter[tuple[str, ...]] = Counter()
        self._replies = 0
        self._prefixes: set[str] = set()
        self._busy_until = [0.0] * (weather.slots or 0)

    def chat(self, body: Mapping[str, Any], question: Question, now: float, steps: deque[Step]) -> Outcome:
        """Answer a request for a chat completion: by the script while there is one."""
        if steps:
            return self._scripted(steps.popleft(), body, question, now)
        headers: dict[str, str] = {}
        try:
            self._understand(body, question)
            self._let_in(question, now, headers)
        except RefusedError as refused:
            return Outcome(refused.reply)
        return self._work(self._lot(question), body, question, now, headers)

    def line(self, body: Mapping[str, Any], question: Question, now: float) -> Outcome:
        """Answer a line of a batch: no limit, no script, no waiting."""
        try:
            self._understand(body, question)
        except RefusedError as refused:
            return Outcome(refused.reply)
        return self._work(self._lot(question), body, question, now, {})

    def gate(self, headers: Mapping[str, str]) -> Reply | None:
        """What is answered to a wrong key."""
        if self.weather.key is None or headers.get("authorization") == f"Bearer {self.weather.key}":
            return None
        message = "Incorrect API key provided. You can find your API key in your account settings."
        return error_reply(401, message, "invalid_api_key")

    def _lot(self, question: Question) -> Lot:
        lot = draw(self.weather, question.titles, self._tries[question.titles])
        self._tries[question.titles] += 1
        return lot

    def _understand(self, body: Mapping[str, Any], question: Question) -> None:
        """Raises RefusedError for what this server does not take."""
        weather = self.weather
        if weather.model is not None and body.get("model") != weather.model:
            message = f"The model `{body.get('model')}` does not exist or you do not have access to it."
            raise RefusedError(error_reply(404, message, "model_not_found"))
        for name in weather.refuses:
            if name in body:
                message = f"Unsupported parameter: '{name}' is not supported with this model."
                raise RefusedError(error_reply(400, message, "unsupported_parameter", name))
        if body.get("stream"):
            raise RefusedError(error_reply(400, "This server does not stream.", "unsupported_value", "stream"))
        if question.format not in weather.formats and body.get("response_format") is not None:
            message = f"Invalid parameter: 'response_format' of type '{question.format}' is not supported."
            raise RefusedError(error_reply(400, message, None, "response_format"))
        if not weather.bounded and question.schema is not None:
            dumped = json.dumps(question.schema)
            if word := next((word for word in ("maxItems", "maxLength") if f'"{word}"' in dumped), None):
                message = f"Invalid schema for response_format 'digest': In context=(), '{word}' is not permitted."
                raise RefusedError(error_reply(400, message, None, "response_format"))
        if weather.context is not None and (size := measured(question)) > weather.context:
            raise RefusedError(too_long(weather.dialect, size, weather.context))

    def _let_in(self, question: Question, now: float, headers: dict[str, str]) -> None:
        """Raises RefusedError where a limit or the credit is used up; notes what the headers are to say."""
        weather, limit = self.weather, self.weather.limit
        if weather.credit is not None and self._replies >= weather.credit:
            message = "You exceeded your current quota, please check your plan and billing details."
            raise RefusedError(error_reply(429, message, "insufficient_quota", kind="insufficient_quota"))
        if self._limiter is not None and limit is not None:
            wait = self._limiter.admit(now, question.tokens + (question.most or 0))
            if limit.headers:
                headers |= self._limiter.headers(now)
            if wait > 0:
                self.refused += 1
                raise RefusedError(limited(limit.retry_after, wait, headers))
        self.admissions.append(now)

    def _scripted(self, step: Step, body: Mapping[str, Any], question: Question, now: float) -> Outcome:
        if step.plain:
            outcome = self._work(Lot(step.fault or "", 0), body, question, now, {})
            return outcome._replace(reply=step.finished(outcome.reply), delay=outcome.delay + step.delay)
        reply = step.reply()
        paid = question.titles if reply.end == "whole" and step.status == 200 and says_something(step.body) else ()
        return Outcome(reply, step.delay, step.fault or "", generated=paid)

    def _work(
        self, lot: Lot, body: Mapping[str, Any], question: Question, now: float, headers: Mapping[str, str]
    ) -> Outcome:
        """Do what the request asks, or fail at it as the lot says."""
        weather, fault = self.weather, lot.fault
        if fault in BEFORE:
            status, _, after = fault.partition("-")
            told = {"retry-after": f"{weather.after:g}"} if after else {}
            reply = usual(int(status))
            return Outcome(reply._replace(headers={**reply.headers, **told}), fault=fault)
        said = self._said(lot, question)
        usage = self._usage(question, said)
        delay = self._queued(now, usage["completion_tokens"], 10 if fault == "slow" else 1)
        self._replies += 1
        if fault == "html":
            return Outcome(Reply(200, PAGE, {"content-type": "text/html; charset=utf-8"}), delay, fault)
        choices = [] if fault == "empty" else [choice(said, question.shape.tool)]
        whole = completion(str(self._replies), str(body.get("model", "")), choices)
        if weather.usage and fault != "nousage":
            whole["usage"] = usage
        reply = ended(Reply(200, json.dumps(whole).encode(), {**JSON, **headers}), fault)
        if reply.end != "whole" or fault == "empty":
            return Outcome(reply, delay, fault, usage=None if fault == "hang" else usage)
        return Outcome(reply, delay, fault, said.generated, said.right, usage)

    def _said(self, lot: Lot, question: Question) -> Said:
        """What the model says, in the room it has."""
        weather = self.weather
        for paper in question.papers:
            if any(word in paper.title or word in paper.abstract for word in weather.poison):
                return refusal()
        bounds = [] if question.most is None else [question.most - weather.reasoning]
        bounds += [] if weather.context is None else [weather.context - measured(question)]
        room = max(0, min(bounds)) if bounds else None
        return Said("", "length") if room == 0 else say(question, lot, room)

    def _usage(self, question: Question, said: Said) -> dict[str, Any]:
        prompt, output = question.tokens, tokens(said.text or said.refusal or "") + self.weather.reasoning
        if question.most is not None:
            output = min(output, question.most)
        cached = tokens(question.system) if question.system in self._prefixes else 0
        if self.weather.cached_prefix:
            self._prefixes.add(question.system)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": min(self.weather.reasoning, output)},
        }

    def _queued(self, now: float, written: int, slowness: int) -> float:
        """Seconds until the reply is done, with the wait for a slot."""
        work = (self.weather.latency + self.weather.latency_per_token * written) * slowness
        if not self._busy_until:
            return work
        end = max(now, self._busy_until[0]) + work
        heapq.heapreplace(self._busy_until, end)
        return end - now


def choice(said: Said, tool: str | None) -> dict[str, Any]:
    """The one choice of a reply."""
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": said.refusal}
    finish = said.finish
    if tool is not None and said.text:
        call = {"name": tool, "arguments": said.text}
        message |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": call}]}
        finish = "tool_calls" if finish == "stop" else finish
    return {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}


def measured(question: Question) -> int:
    """Tokens of a prompt, as far as the context is concerned."""
    return math.ceil(1.3 * sum(len(text.split()) for text in question.texts))


def says_something(body: object) -> bool:
    """Has a scripted body content that would be paid for?"""
    choices = body.get("choices") if isinstance(body, Mapping) else None
    return bool(choices and choices[0].get("message", {}).get("content"))


def parsed(raw: bytes) -> tuple[Mapping[str, Any], Question]:
    """The body of a request for a chat completion. Raises RefusedError."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise RefusedError(error_reply(400, "We could not parse the JSON body of your request.")) from None
    try:
        if not isinstance(body, dict):
            raise ValueError("body")
        return body, question_of(body)
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise RefusedError(error_reply(400, f"Invalid value: {error}", None, str(error))) from None
