"""The scripted server: right answers, scripts, counts, and what it does not take."""

import gzip
import json
from collections import deque
from typing import Any

import pytest

from tests.serving import ChatServer, Step, Weather, chat_reply
from tests.serving.asking import SCHEMA, TAGS, a_request, calling, fenced, papers
from tests.serving.questions import question_of
from tests.serving.service import Service

# Right answers


def test_an_answer_has_the_number_the_echo_the_first_sentence_a_tag_of_the_schema_and_no_code() -> None:
    with ChatServer() as server, calling(server) as caller:
        came = caller.ask(papers(7, 8))

    assert [item["id"] for item in came.papers] == [1, 2]
    assert [item["title"] for item in came.papers] == ["Study 7 of", "Study 8 of"]
    assert came.papers[1]["line"] == "We watch hive 8."
    assert came.papers[0]["code"] == "none"
    assert set(came.papers[0]["tags"]) <= set(TAGS)
    assert came.choice["finish_reason"] == "stop"


def test_a_paper_without_an_abstract_is_answered_by_its_title() -> None:
    with ChatServer() as server, calling(server) as caller:
        came = caller.ask(fenced(1, "Rivers as walks"))

    assert came.papers[0]["line"] == "Rivers as walks."


def test_a_line_is_no_longer_than_thirty_words_and_does_not_end_at_an_abbreviation() -> None:
    with ChatServer() as server, calling(server) as caller:
        long = caller.ask(
            fenced(1, "Bees", "Many insects that can be seen, bees among them, " + "fly " * 40 + "far.")
        ).papers[0]
        short = caller.ask(fenced(1, "Bees", "Some insects, e.g. bees, fly. Others do not.")).papers[0]

    assert long["line"] == "Many insects that can be seen, bees among them."
    assert short["line"] == "Some insects, e.g. bees, fly."


def test_the_same_paper_has_the_same_answer_in_any_company() -> None:
    with ChatServer() as server, calling(server) as caller:
        alone = caller.ask(papers(5)).papers[0]
        among = caller.ask(papers(3, 5)).papers[1]

    assert among == {**alone, "id": 2}


def test_a_schema_for_one_paper_is_answered_by_one_flat_object_with_its_fields() -> None:
    flat = {"properties": {"title": {}, "tags": {"$ref": "#/$defs/T"}, "score": {"type": "integer"}}}
    schema = {
        **flat,
        "$defs": {
            "T": {"$ref": "#/$defs/L"},
            "L": {"type": "array", "items": {"$ref": "#/$defs/E"}},
            "E": {"enum": ["x"]},
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "one", "schema": schema}}
    with ChatServer() as server, calling(server) as caller:
        came = caller.ask("Title: Bees at night fly\nThey do.", response_format=wanted)

    assert json.loads(came.text) == {"title": "Bees at night", "tags": ["x"], "score": 0}
    assert server.paid == {"Bees at night fly": 1}


def test_a_schema_that_refers_to_itself_does_not_hang_the_server() -> None:
    schema = {"properties": {"line": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$ref": "#/$defs/A"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "one", "schema": schema}}
    with ChatServer() as server, calling(server) as caller:
        assert json.loads(caller.ask(response_format=wanted).text) == {"line": "We watch hive 1."}


def test_a_tool_is_answered_by_a_call_of_it() -> None:
    tool = {"type": "function", "function": {"name": "note", "parameters": SCHEMA}}
    with ChatServer() as server, calling(server) as caller:
        came = caller.ask(papers(1, 2), response_format=None, tools=[tool])

    call = came.choice["message"]["tool_calls"][0]["function"]
    assert call["name"] == "note"
    assert len(json.loads(call["arguments"])["papers"]) == 2
    assert came.choice["finish_reason"] == "tool_calls"


def test_a_schema_written_into_the_prompt_is_followed_where_there_is_no_other() -> None:
    system = f"Answer in JSON by this schema: {json.dumps(SCHEMA)} and no other."
    messages = [{"role": "system", "content": system}, {"role": "user", "content": papers(1)}]
    with ChatServer() as server, calling(server) as caller:
        came = caller.ask(messages=messages, response_format={"type": "json_object"})

    assert set(came.papers[0]["tags"]) <= set(TAGS)


# What a server does not take


@pytest.mark.parametrize(
    ("weather", "fields", "status", "code", "param"),
    [
        (Weather(model="big"), {}, 404, "model_not_found", None),
        (Weather(refuses=("seed",)), {"seed": 1}, 400, "unsupported_parameter", "seed"),
        (Weather(formats=("json_object", "text")), {}, 400, None, "response_format"),
        (Weather(bounded=False), {}, 400, None, "response_format"),
        (Weather(dialect="openai", context=5), {}, 400, "context_length_exceeded", "messages"),
        (Weather(credit=0), {}, 429, "insufficient_quota", None),
        (Weather(), {"stream": True}, 400, "unsupported_value", "stream"),
        (Weather(), {"messages": []}, 400, None, "messages"),
    ],
)
def test_what_a_server_does_not_take_is_named(
    weather: Weather, fields: Any, status: int, code: str | None, param: str | None
) -> None:
    with ChatServer(weather) as server, calling(server) as caller:
        came = caller.ask(**fields)

    assert (came.status, came.error["code"], came.error["param"]) == (status, code, param)
    assert not server.paid


def test_a_prompt_beyond_the_context_is_told_its_size() -> None:
    with ChatServer(Weather(context=50)) as server, calling(server) as caller:
        came = caller.ask("word " * 100)

    assert came.status == 400
    assert came.error["type"] == "exceed_context_size_error"
    assert (came.error["n_prompt_tokens"], came.error["n_ctx"]) == (133, 50)


def test_only_the_right_key_opens() -> None:
    with ChatServer(Weather(key="sesame")) as server, calling(server) as caller:
        wrong = caller.ask(headers={"Authorization": "Bearer open"})
        right = caller.ask(headers={"Authorization": "Bearer sesame"})

    assert (wrong.status, wrong.error["code"], right.status) == (401, "invalid_api_key", 200)


def test_credit_is_used_up_by_replies() -> None:
    with ChatServer(Weather(credit=2)) as server, calling(server) as caller:
        assert [caller.ask().status for _ in range(3)] == [200, 200, 429]


def test_one_poisoned_paper_has_the_whole_request_refused() -> None:
    with ChatServer(Weather(poison=("hive 2",))) as server, calling(server) as caller:
        assert caller.ask(papers(1, 2, 3)).choice["message"]["refusal"]
        assert len(caller.ask(papers(1, 3)).papers) == 2


# How it counts


def test_reasoning_counts_as_output_and_against_the_bound() -> None:
    with ChatServer(Weather(reasoning=90)) as server, calling(server) as caller:
        free = caller.ask().told["usage"]
        short = caller.ask(max_completion_tokens=100)
        none = caller.ask(max_tokens=50)

    assert free["completion_tokens_details"]["reasoning_tokens"] == 90
    assert free["completion_tokens"] > 90
    assert (len(short.text), short.choice["finish_reason"]) == (40, "length")
    assert short.told["usage"]["completion_tokens"] == 100
    assert (none.text, none.told["usage"]["completion_tokens"]) == ("", 50)


def test_a_system_message_seen_before_is_cached() -> None:
    with ChatServer(Weather(cached_prefix=True)) as server, calling(server) as caller:
        cached = [caller.ask(papers(n)).told["usage"]["prompt_tokens_details"]["cached_tokens"] for n in (1, 2)]

    assert cached == [0, 3]


def test_gzip_comes_to_those_who_take_it() -> None:
    with ChatServer(Weather(gzip=True)) as server, calling(server) as caller:
        came = caller.ask(headers={"Accept-Encoding": "gzip"})

    assert came.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(came.body))["object"] == "chat.completion"


def test_answers_are_counted_by_title_and_twice_if_asked_twice() -> None:
    with ChatServer() as server, calling(server) as caller:
        caller.ask(papers(1, 2))
        caller.ask(papers(2))
        stats = caller.call("GET", "/stats").told

    assert server.paid == {"Study 1 of bees at night": 1, "Study 2 of bees at night": 2}
    assert (stats["paid"], stats["paid_twice"], stats["right_twice"], stats["lost"]) == (3, 1, 1, 0)
    assert stats["statuses"] == {"200": 2}


def test_the_work_of_a_slot_is_done_one_after_another() -> None:
    body = a_request()
    service = Service(Weather(latency=2.0, slots=2))

    delays = [service.chat(body, question_of(body), 10.0, deque()).delay for _ in range(5)]

    assert delays == [2.0, 2.0, 4.0, 4.0, 6.0]


def test_a_slow_reply_takes_ten_times_as_long_and_tokens_take_time() -> None:
    body = a_request()
    slow = Service(Weather(latency=2.0, faults={"slow": 1.0})).chat(body, question_of(body), 0.0, deque())
    long = Service(Weather(latency=2.0, latency_per_token=1.0)).chat(body, question_of(body), 0.0, deque())

    assert slow.delay == 20.0
    assert slow.right
    assert long.usage is not None
    assert long.delay == 2.0 + long.usage["completion_tokens"]


# Scripts


def test_a_script_is_played_once_and_in_order() -> None:
    with ChatServer() as server, calling(server) as caller:
        server.script(
            Step(503, {"Retry-After": "7"}), Step(body=chat_reply("hello")), Step(fault="missing"), Step(body=b"\xff")
        )
        first, second, third, fourth, last = (caller.ask(papers(1, 2)) for _ in range(5))

    assert (first.status, first.headers["retry-after"]) == (503, "7")
    assert second.text == "hello"
    assert len(third.papers) == 1
    assert fourth.body == b"\xff"
    assert len(last.papers) == 2
    assert server.paid.total() == 2 + 1 + 2


def test_a_status_without_a_name_can_be_scripted() -> None:
    with ChatServer() as server, calling(server) as caller:
        server.script(Step(529))

        assert caller.ask().status == 529


def test_a_step_with_a_fault_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no such fault: explode"):
        Step(fault="explode")


def test_the_log_has_headers_body_titles_and_usage() -> None:
    with ChatServer() as server, calling(server) as caller:
        caller.ask(papers(4), headers={"X-Mark": "here"}, temperature=0)
        caller.call("GET", "/v1/models")

    seen, models = server.log
    assert (seen.path, seen.status, seen.fault) == ("/v1/chat/completions", 200, "")
    assert seen.headers["x-mark"] == "here"
    assert seen.body["temperature"] == 0
    assert seen.titles == ("Study 4 of bees at night",)
    assert seen.usage is not None
    assert models.path == "/v1/models"
