"""What a bad reply means, and what is in a good one."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestor.client.dialect import Complaint
from digestor.client.envelope import opened
from digestor.client.terms import Declined, Failure, Fatal, Garbled, Limited, Reply, TooLong, Unwell, Usage
from digestor.client.verdicts import SHOWN, complaint, is_missing_address, may_be_dialect, plain, verdict
from tests.serving import chat_reply

KEY = "sk-proj-Zq81TtWm/4+vbN07xLk2pRsY"
JSON = {"content-type": "application/json"}


def judged(status: int, body: Any, headers: dict[str, str] | None = None) -> Failure:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return verdict(complaint(status, written), headers or {}, [KEY])


def error(message: str, code: Any = None, param: str | None = None, kind: str = "invalid_request_error") -> Any:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def read(body: Any, headers: dict[str, str] | None = None) -> Reply:
    came = opened(JSON if headers is None else headers, json.dumps(body).encode(), [KEY])
    assert isinstance(came, Reply)
    return came


def test_a_wrong_key_is_fatal_and_not_shown() -> None:
    message = f"Incorrect API key provided: {KEY[:8]}*****{KEY[-4:]}. You can find your API key at https://x.example."

    failure = judged(401, error(message, "invalid_api_key"))

    assert isinstance(failure, Fatal)
    assert str(failure).startswith("the key was refused (401: Incorrect API key provided: [key]")
    assert KEY[-4:] not in str(failure)
    assert failure.todo


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, error("The model `gpt-x` does not exist or you do not have access to it.", "model_not_found")),
        (404, {"error": {"message": 'model "llama9" not found, try pulling it first', "type": "not_found_error"}}),
        (404, {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}),
        (400, {"error": {"message": "x/y is not a valid model ID", "code": 400}}),
        (400, error("Model Not Exist")),
        (400, {"object": "error", "message": "Invalid model: x", "code": "1500"}),
    ],
)
def test_a_wrong_model_is_fatal_and_called_so(status: int, body: Any) -> None:
    failure = judged(status, body)

    assert isinstance(failure, Fatal)
    assert "no such model" in str(failure)
    assert not may_be_dialect(complaint(status, json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"404 page not found"),
        (404, {"detail": "Not Found"}),
        (404, error("Invalid URL (POST /chat/completions)")),
        (405, b"<html><title>405 Not Allowed</title></html>"),
        (404, b""),
    ],
)
def test_a_wrong_address_is_fatal_and_called_so(status: int, body: Any) -> None:
    failure = judged(status, body)

    assert isinstance(failure, Fatal)
    assert "nothing at this address" in str(failure)
    assert "/v1" in failure.todo


def test_an_address_that_has_moved_is_fatal_and_says_where() -> None:
    failure = judged(308, b"", {"moved-to": "https://new.example/v1"})

    assert isinstance(failure, Fatal)
    assert "https://new.example/v1" in str(failure)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, error("You exceeded your current quota, please check.", "insufficient_quota", kind="insufficient_quota")),
        (402, error("Insufficient Balance")),
        (402, b""),
        (400, error("Your credit balance is too low to access the API.")),
        (429, error("Billing hard limit has been reached", "billing_hard_limit_reached")),
        (403, error("Insufficient balance on this account", "insufficient_balance")),
    ],
)
def test_no_credit_is_fatal(status: int, body: Any) -> None:
    failure = judged(status, body)

    assert isinstance(failure, Fatal)
    assert "no credit left" in str(failure)


@pytest.mark.parametrize(
    "body",
    [
        error("Rate limit reached for gpt on requests per min (RPM). Please try again in 12ms.", "rate_limit_exceeded"),
        [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "You exceeded your current quota, wait"}}],
        b"Too Many Requests",
        b"",
    ],
)
def test_too_fast_is_no_fault_even_where_it_is_called_a_quota(body: Any) -> None:
    failure = judged(429, body, {"retry-after": "2"})

    assert isinstance(failure, Limited)
    assert failure.headers == {"retry-after": "2"}


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504, 520, 529, 599])
def test_a_server_that_is_not_well_may_be_later(status: int) -> None:
    failure = judged(status, b"<html><h1>Sorry</h1></html>", {"retry-after": "3"})

    assert isinstance(failure, Unwell)
    assert not failure.billed
    assert failure.pause == 3
    assert failure.slow == (status in (408, 503, 504, 529))
    assert str(failure) == f"the server is not well ({status}: Sorry)"


LONG = [
    (
        400,
        error("This model's maximum context length is 128,000 tokens. However, ...", "context_length_exceeded"),
        128000,
    ),
    (
        400,
        error("maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the messages"),
        4096,
    ),
    (400, {"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 8192}}, 8192),
    (500, {"error": {"code": 400, "message": "exceeds the available context size (4096 tokens)"}}, 4096),
    (400, {"error": "prompt is too long: 213462 tokens > 200000 maximum"}, 200000),
    (400, {"error": {"message": "the input length exceeds the context length"}}, None),
    (
        422,
        {"error": "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000", "error_type": "validation"},
        4096,
    ),
    (400, error("Prompt contains 40000 tokens, too large for model with 32768 maximum context length"), 32768),
    (400, error("The input token count (120) exceeds the maximum number of tokens allowed (100)."), 100),
    (400, {"error": "the model is loaded with context length of only 4096 tokens, which is not enough"}, 4096),
    (413, b"<html>Request Entity Too Large</html>", None),
    (400, error("max_tokens is too large: 99999. This model supports at most 16384 completion tokens", None), None),
    (400, error("`max_tokens` must be less than or equal to `8192`", None, "max_tokens"), None),
    (400, error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"), None),
    (429, error("Request too large for m on tokens per min (TPM): Limit 30000, Requested 40000.", "rate_limit"), 30000),
    (400, {"error": {"type": "exceed_context_size_error", "n_ctx": -5, "message": "context size"}}, None),
    (400, {"error": {"type": "exceed_context_size_error", "n_ctx": True, "message": "context size 99999999999"}}, None),
]


@pytest.mark.parametrize(("status", "body", "size"), LONG)
def test_a_request_that_is_too_long_is_called_so_with_the_size_that_fits(status: int, body: Any, size: int) -> None:
    failure = judged(status, body)

    assert isinstance(failure, TooLong)
    assert failure.context == size
    assert not may_be_dialect(complaint(status, body if isinstance(body, bytes) else json.dumps(body).encode()))


@pytest.mark.parametrize(
    "body",
    [
        error("The response was filtered", "content_filter"),
        error("Invalid prompt: your prompt was flagged as potentially violating our usage policy.", "invalid_prompt"),
        error("Something else is wrong with these papers"),
        b"Bad Request",
        b"",
        b"null",
        b"[[[[[[[[]]]]]]]]",
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_request_that_is_declined_keeps_the_words_of_the_server(status: int, body: Any) -> None:
    failure = judged(status, body)

    assert isinstance(failure, Declined)
    if isinstance(body, dict):
        assert body["error"]["message"] in str(failure)


def test_a_filter_is_no_matter_of_dialect_or_key() -> None:
    flagged = error("Your input was flagged by moderation; schema invalid")

    assert not may_be_dialect(complaint(400, json.dumps(flagged).encode()))
    assert isinstance(judged(403, flagged), Declined)


def test_json_that_the_model_failed_to_write_is_garbled_and_may_be_asked_again() -> None:
    failure = judged(400, error("Failed to generate JSON. Please adjust your prompt.", "json_validate_failed"))

    assert isinstance(failure, Garbled)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (error("m", "c", "p", "t"), Complaint(400, "c t", "p", "m")),
        ({"error": "said"}, Complaint(400, "", "", "said")),
        ("said", Complaint(400, "", "", "said")),
        ({"detail": [{"loc": ["body", "temperature"], "msg": "Extra", "type": "extra_forbidden"}]},
         Complaint(400, "extra_forbidden", "body.temperature", "Extra")),
        ({"object": "error", "message": {"detail": [{"type": "x", "loc": ["body", "seed"], "msg": "No"}]}},
         Complaint(400, "x", "body.seed", "No")),
        ({"error": {"code": 400, "message": "Provider returned error", "metadata": {"raw": "why"}}},
         Complaint(400, "400", "", "why Provider returned error")),
        ({"error": {"code": "content_filter", "message": "m", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
         Complaint(400, "responsibleaipolicyviolation content_filter", "", "m")),
    ],
)  # fmt: skip
def test_a_complaint_is_read_in_whichever_form_it_comes(body: Any, expected: Complaint) -> None:
    assert complaint(400, json.dumps(body).encode()) == expected


def test_a_page_in_place_of_a_complaint_is_shown_without_its_tags() -> None:
    page = b"<html><head><title>x</title><style>p{}</style></head><body><h1>502 Bad &amp; ugly</h1><p>gateway</p>"

    assert plain(complaint(502, page).message, []) == "502 Bad & ugly gateway"


# what is shown


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        KEY.upper(),
        "sk-proj-Zq81TtWm%2F4%2BvbN07xLk2pRsY",
        "sk-proj-Zq81TtWm%2f4%2bvbN07xLk2pRsY",
        f"Bearer {KEY}",
        f"x{KEY}x",
        KEY[:12],
        KEY[-9:],
        KEY[5:20],
        f"{KEY[:6]}******{KEY[-4:]}",
        "sk-another0ne",
        "Bearer abc.def",
    ],
)
def test_no_part_of_a_key_is_ever_shown(echo: str) -> None:
    shown = plain(f"before {echo} after", [KEY])

    assert shown.removeprefix("before ").lstrip("x").startswith("[key]")
    assert shown.endswith("after")
    pieces = {KEY[at : at + 6].lower() for at in range(len(KEY) - 5)}
    assert not any(piece in shown.lower() for piece in pieces)
    assert KEY[-4:] not in shown


@given(st.text(), st.text(min_size=12, max_size=60), st.text(), st.integers(0, 50), st.integers(6, 60))
def test_no_six_characters_of_a_key_in_a_row_get_through(before: str, key: str, after: str, at: int, size: int) -> None:
    shown = plain(before + key[at : at + size] + after, [key]).replace("[key]", "\n")

    pieces = {key[at : at + 6].lower() for at in range(len(key) - 5)}
    assert not any(shown.lower()[at : at + 6] in pieces for at in range(len(shown) - 5))


def test_a_short_key_is_hidden_whole_and_none_hides_nothing() -> None:
    assert plain("the key ollama is wrong", ["ollama"]) == "the key [key] is wrong"
    assert plain("no key here", [""]) == "no key here"


def test_words_of_a_server_are_one_short_line_without_control_characters() -> None:
    shown = plain("\x1b[31mred\r\n\u202eevil\u2028line\x00 " + "long " * 100_000, [])

    assert shown.startswith("[31mred evil line long")
    assert len(shown) == SHOWN
    assert shown.isprintable()


# what is in a reply


def test_a_reply_is_read_with_what_it_took() -> None:
    body = chat_reply('{"papers": []}') | {
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 30,
            "prompt_tokens_details": {"cached_tokens": 64},
            "completion_tokens_details": {"reasoning_tokens": 20},
        }
    }

    assert read(body) == Reply('{"papers": []}', "stop", Usage(100, 64, 30, 20), JSON)


@pytest.mark.parametrize("kind", ["text/plain", "application/problem+json", "APPLICATION/JSON", ""])
def test_a_reply_under_a_wrong_name_is_read_all_the_same(kind: str) -> None:
    assert read(chat_reply("{}"), {"content-type": kind}).text == "{}"


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        "many",
        {},
        {"prompt_tokens": "100", "completion_tokens": 3},
        {"prompt_tokens": -1, "completion_tokens": 3},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": 1.5, "completion_tokens": True},
        {"prompt_tokens": 10**30, "completion_tokens": 1},
    ],
)
def test_a_count_that_cannot_be_believed_is_none(usage: Any) -> None:
    assert read(chat_reply("{}") | {"usage": usage}).usage is None


def test_odd_details_do_not_spoil_a_count() -> None:
    odd = {"prompt_tokens_details": "?", "completion_tokens_details": {"reasoning_tokens": 99}}

    assert read(chat_reply("{}") | {"usage": {"prompt_tokens": 5, "completion_tokens": 7, **odd}}).usage == Usage(
        5, 0, 7, 7
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<think>Is it {1}?\n</think>\n\n{}", "{}"),
        ("<THINK>a</THINK><think>b</think>{}", "{}"),
        ("it is {1}</think>{}", "{}"),
        ('{"line": "of </think> tags"}', '{"line": "of </think> tags"}'),
        ("\ufeff {} ", "{}"),
        ([{"type": "text", "text": "{"}, {"type": "text", "text": "}"}], "{}"),
        ([{"type": "thinking", "text": "hm"}, {"type": "text", "text": "{}"}, {"type": "image"}, 7], "{}"),
        ("words", "words"),
    ],
)
def test_thoughts_are_dropped_and_parts_are_joined(content: Any, text: str) -> None:
    assert read(chat_reply(content, reasoning_content="I think")).text == text


@pytest.mark.parametrize("content", [None, "", "   ", [], 7, {"a": 1}, "<think>and on", "<think>all</think>"])
def test_an_empty_reply_is_garbled_unless_it_was_cut_off(content: Any) -> None:
    counted = {"usage": {"prompt_tokens": 5, "completion_tokens": 7}}

    with pytest.raises(Garbled, match="empty") as caught:
        read(chat_reply(content) | counted)

    assert caught.value.usage == Usage(5, 0, 7, 0)
    assert read(chat_reply(content, "length") | counted) == Reply("", "length", Usage(5, 0, 7, 0), JSON)


def test_a_reply_cut_off_in_its_middle_is_a_reply() -> None:
    assert read(chat_reply('{"papers": [{"id"', "max_tokens")) == Reply('{"papers": [{"id"', "length", None, JSON)


@pytest.mark.parametrize(
    "body", [chat_reply(None, refusal="I will not."), chat_reply("{}", "content_filter"), chat_reply("", "SAFETY")]
)
def test_a_refusal_of_the_model_is_declined_and_was_paid_for(body: dict[str, Any]) -> None:
    with pytest.raises(Declined) as caught:
        read(body)

    assert caught.value.billed


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/html"}, b"<html>Log in</html>"),
        ({"content-type": "text/event-stream"}, b"data: {}"),
        (JSON, b""),
        (JSON, b"{"),
        (JSON, b'{"choices": [{"message": {"content": "cut of'),
        (JSON, b"[" * 100_000),
        (JSON, b"\xff\xfe"),
        (JSON, b"[]"),
        (JSON, b"{}"),
        (JSON, b'{"choices": []}'),
        (JSON, b'{"choices": {}}'),
        (JSON, b'{"choices": [null]}'),
        (JSON, b'{"choices": [{}]}'),
        (JSON, b'{"choices": [{"message": []}]}'),
        ({}, b"nothing"),
    ],
)
def test_what_is_no_reply_is_garbled(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Garbled):
        opened(headers, body, [KEY])


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ({"code": 429, "message": "slow down"}, Limited),
        ({"code": 502, "message": "upstream"}, Unwell),
        ({"code": "rate_limit_exceeded", "message": "x"}, Limited),
        ({"type": "insufficient_quota", "message": "x"}, Fatal),
        ({"code": 401, "message": "x"}, Fatal),
        ({"code": "context_length_exceeded", "message": "x"}, TooLong),
        ({"type": "invalid_request_error", "message": "x"}, Declined),
        ("overloaded", Unwell),
    ],
)
def test_an_error_inside_a_reply_counts_as_what_it_says(inside: Any, kind: type[Failure]) -> None:
    for body in ({"error": inside}, {"choices": [{"finish_reason": "error", "error": inside}]}):
        came = opened(JSON, json.dumps(body).encode(), [KEY])

        assert isinstance(came, Complaint)
        assert type(verdict(came, {}, [KEY])) is kind


# anything at all

NAMES = (
    "error choices message content code type param loc detail usage finish_reason refusal text n_ctx metadata raw "
    "prompt_tokens innererror prompt_tokens_details"
).split()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=25,
)
bodies = st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())


@given(st.integers(200, 999), bodies, st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=3))
@example(400, b'{"error": {"message": "\\ud800"}}', {})
@example(400, b'"' + b"\xc4\xb0" * 10_000 + b'"', {})
def test_whatever_a_server_says_it_is_a_reply_or_a_failure(status: int, body: bytes, headers: dict[str, str]) -> None:
    said = complaint(status, body)
    failure = verdict(said, headers, [KEY])

    assert isinstance(failure, Failure)
    assert str(failure).isprintable()
    assert len(str(failure)) < 2 * SHOWN
    assert isinstance(may_be_dialect(said), bool)
    assert isinstance(is_missing_address(said), bool)
    with contextlib.suppress(Garbled, Declined):
        assert isinstance(opened({**JSON, **headers}, body, [KEY]), Reply | Complaint)
