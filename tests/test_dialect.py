"""What a server understands, and how it is asked more humbly."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.client.dialect import LIMITS, OPTIONAL, Complaint, Dialect, unbounded
from digestor.client.terms import Answer, Form

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "papers": {"type": "array", "maxItems": 40, "items": {"$ref": "#/$defs/answer"}},
        "maxLength": {"type": "integer"},
    },
    "$defs": {"answer": {"type": "object", "properties": {"line": {"type": "string", "maxLength": 400}}}},
    "required": ["papers"],
}
FORM = Form(system="Read the papers — all.", schema=SCHEMA, answer=Answer, tokens=10, expected=60, most=200)


def refused(message: str = "", param: str = "", code: str = "", status: int = 400) -> Complaint:
    return Complaint(status, code, param, message)


def steps(dialect: Dialect, *refusals: Complaint) -> Dialect:
    for refusal in refusals:
        humbler = dialect.after(refusal)
        assert humbler is not None, refusal
        dialect = humbler
    return dialect


def body_of(dialect: Dialect, user: str = "papers") -> dict[str, Any]:
    return dialect.request("m", FORM, user, 500)


def test_a_request_has_the_fixed_part_first_and_the_schema_enforced() -> None:
    body = body_of(Dialect())

    assert body["messages"] == [
        {"role": "system", "content": FORM.system},
        {"role": "user", "content": "papers"},
    ]
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "digest", "strict": True, "schema": SCHEMA},
    }
    assert body["max_tokens"] == 500
    assert body["temperature"] == 0
    assert not {"stream", "store", "seed", "prompt_cache_key", "max_completion_tokens"} & body.keys()


def test_openai_gets_its_own_name_of_the_limit_and_a_cache_key() -> None:
    body = body_of(Dialect.first(" https://api.openai.com/v1/ "))

    assert body["max_completion_tokens"] == 500
    assert "max_tokens" not in body
    assert body["prompt_cache_key"]
    assert Dialect.first("https://api.openai.com.evil.example/v1") == Dialect.first("http://[") == Dialect()


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "prompt"])
@pytest.mark.parametrize("bounded", [True, False])
def test_only_the_papers_and_the_limit_differ_from_request_to_request(structured: Any, bounded: bool) -> None:
    dialect = Dialect(structured=structured, bounded=bounded)

    first, second = dialect.request("m", FORM, "one", 1), dialect.request("m", FORM, "two", 2)

    assert json.dumps(first["messages"][0]) == json.dumps(second["messages"][0])
    assert first.get("response_format") == second.get("response_format")


@pytest.mark.parametrize("structured", ["json_object", "prompt"])
def test_where_no_schema_is_enforced_it_ends_the_system_message(structured: Any) -> None:
    body = body_of(Dialect(structured=structured))

    system = body["messages"][0]["content"]
    assert system.startswith(FORM.system)
    assert json.loads(system[system.index("\n{") :]) == SCHEMA
    assert "JSON" in system
    assert body.get("response_format") == ({"type": "json_object"} if structured == "json_object" else None)


def test_without_bounds_a_property_that_has_the_name_of_one_stays() -> None:
    free = unbounded(SCHEMA)

    assert "maxItems" not in json.dumps(free)
    assert free["properties"]["maxLength"] == {"type": "integer"}
    assert free["$defs"]["answer"]["properties"]["line"] == {"type": "string"}
    assert free["required"] == ["papers"]
    assert SCHEMA["properties"]["papers"]["maxItems"] == 40


@given(st.text(), st.integers(1, 10**6), st.sampled_from(["json_schema", "json_object", "prompt"]), st.text())
def test_a_body_made_from_its_frame_is_the_request(user: str, most: int, structured: Any, model: str) -> None:
    dialect = Dialect(structured=structured)

    body = dialect.frame(model, FORM).body(user, most)

    assert json.loads(body) == json.loads(json.dumps(dialect.request(model, FORM, user, most)))


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value.", ""),
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
        ("Extra inputs are not permitted", "body.temperature"),
        ("`temperature` is deprecated for this model.", ""),
    ],
)
def test_a_temperature_that_is_refused_is_dropped(message: str, param: str) -> None:
    humbler = steps(Dialect(), refused(message, param))

    assert humbler == Dialect(dropped=("prompt_cache_key", "temperature"))
    assert "temperature" not in body_of(humbler)


def test_a_cache_key_that_is_refused_is_dropped() -> None:
    humbler = steps(Dialect.first("https://api.openai.com/v1"), refused("Unknown parameter: 'prompt_cache_key'."))

    assert "prompt_cache_key" not in body_of(humbler)


def test_the_output_limit_gets_its_other_name_once_and_is_never_left_out() -> None:
    message = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )
    back = refused("Unknown field max_completion_tokens; use max_tokens")

    humbler = steps(Dialect(), refused(message))

    assert body_of(humbler)["max_completion_tokens"] == 500
    assert "max_tokens" not in body_of(humbler)
    assert steps(Dialect(), refused(message, "max_tokens")) == humbler
    assert humbler.after(back) is None
    assert steps(Dialect(most="max_completion_tokens"), back).most == "max_tokens"


@pytest.mark.parametrize(
    "message",
    [
        "Invalid schema for response_format 'digest': In context=('papers'), 'maxItems' is not permitted.",
        "Invalid schema for response_format 'digest': string bounds are not supported.",
        "failed to parse grammar",
        "The specified schema produces a constraint that has too many states for serving.",
    ],
)
def test_bounds_are_the_first_that_is_given_up_of_a_schema(message: str) -> None:
    humbler = steps(Dialect(), refused(message, "response_format"))

    assert humbler == Dialect(bounded=False)
    assert "maxItems" not in json.dumps(body_of(humbler))
    assert steps(humbler, refused(message, "response_format")).structured == "json_object"


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", ""),
        ("Invalid parameter", "response_format"),
        ("This response_format type is unavailable now", ""),
        ("'response_format.type' must be 'json_object' or 'text'", ""),
    ],
)
def test_a_format_that_is_refused_gives_way_to_plain_json_and_then_to_words(message: str, param: str) -> None:
    once = steps(Dialect(), refused(message, param))
    twice = steps(once, refused(message, param))

    assert (once.structured, twice.structured) == ("json_object", "prompt")
    assert twice.after(refused(message, param)) is None


@pytest.mark.parametrize(
    "message",
    ["", "Bad Request", "The temperature of the sea rises.", "Invalid 'messages[1].content': string too long."],
)
def test_a_refusal_that_names_nothing_of_ours_teaches_nothing(message: str) -> None:
    assert Dialect().after(refused(message)) is None


@given(st.lists(st.builds(refused, st.text() | st.sampled_from([*OPTIONAL, *LIMITS, "schema invalid", "unsupported"]))))
def test_whatever_is_refused_a_dialect_only_ever_gets_humbler_and_ends(refusals: list[Complaint]) -> None:
    dialect, seen = Dialect.first("https://api.openai.com"), set()
    for refusal in [*refusals, *(refused(f"unsupported: {name}", name) for name in (*OPTIONAL, *LIMITS, "schema") * 4)]:
        dialect = dialect.after(refusal) or dialect
        seen.add(dialect)

    assert len(seen) <= 7
    assert dialect.structured == "prompt"
    assert sum(limit in body_of(dialect) for limit in LIMITS) == 1


@pytest.mark.parametrize(
    "dialect", [Dialect(), Dialect("prompt", False, "max_completion_tokens", ("max_tokens", "temperature"))]
)
def test_a_dialect_is_remembered_as_it_was(dialect: Dialect) -> None:
    assert Dialect.read(dialect.text()) == dialect
    assert len({dialect, Dialect.read(dialect.text())}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        '{"structured": "yaml", "bounded": true, "most": "max_tokens", "dropped": []}',
        '{"structured": "prompt", "bounded": 7, "most": "max_tokens", "dropped": []}',
        '{"structured": "prompt", "bounded": true, "most": ["max_tokens"], "dropped": []}',
        '{"structured": "prompt", "bounded": true, "most": "max_tokens", "dropped": ["messages"]}',
        '{"structured": "prompt", "bounded": true, "most": "max_tokens", "dropped": "temperature"}',
    ],
)
def test_a_note_that_cannot_be_read_is_forgotten(text: str) -> None:
    assert Dialect.read(text) == Dialect()
    assert Dialect.read(text, "https://api.openai.com/v1").most == "max_completion_tokens"
