"""Batches on the scripted server: they end as they are told to, and no line is without an end."""

import json
from typing import Any

import pytest

from tests.serving import Batches, ChatServer, Step, Weather
from tests.serving.asking import Caller, a_request, calling, papers

FORM = {"Content-Type": "multipart/form-data; boundary=xyz"}


def a_file(*requests: tuple[str, dict[str, Any]]) -> bytes:
    rows = [
        {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body} for name, body in requests
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def lines(count: int) -> bytes:
    return a_file(*((f"r{number}", a_request(papers(number))) for number in range(count)))


def upload(caller: Caller, content: bytes, purpose: bytes = b"batch") -> Any:
    part = b'--xyz\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = part % (b"purpose", purpose) + part % (b'file"; filename="a.jsonl', content) + b"--xyz--\r\n"
    return caller.call("POST", "/v1/files", body, FORM)


def submit(caller: Caller, content: bytes, **fields: Any) -> Any:
    file = upload(caller, content).told["id"]
    asked = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h", **fields}
    return caller.call("POST", "/v1/batches", asked)


def poll(caller: Caller, batch: str, times: int = 1) -> Any:
    return [caller.call("GET", f"/v1/batches/{batch}").told for _ in range(times)][-1]


def rows(caller: Caller, file: str | None) -> dict[str, Any]:
    """The lines of a file by their custom_id, in its order."""
    if file is None:
        return {}
    content = caller.call("GET", f"/v1/files/{file}/content").body
    return {row["custom_id"]: row for row in map(json.loads, content.splitlines())}


def ended(settings: Batches, count: int = 10, weather: Weather | None = None) -> tuple[Any, Any, Any, Any]:
    """A batch that has ended, its output, its errors, and what was paid."""
    with ChatServer(weather, settings) as server, calling(server) as caller:
        made = submit(caller, lines(count)).told
        batch = poll(caller, made["id"], settings.polls + 1)
        return batch, rows(caller, batch["output_file_id"]), rows(caller, batch["error_file_id"]), server.paid


def test_a_batch_is_validated_worked_on_and_completed() -> None:
    with ChatServer(batches=Batches(polls=2)) as server, calling(server) as caller:
        made = submit(caller, lines(3), metadata={"run": "7"}).told
        states = [made["status"]] + [poll(caller, made["id"])["status"] for _ in range(4)]
        listed = caller.call("GET", "/v1/batches").told["data"]

    assert states == ["validating", "in_progress", "in_progress", "completed", "completed"]
    assert listed[0]["metadata"] == {"run": "7"}
    assert server.paid.total() == 3


def test_results_come_in_another_order_than_asked_and_each_is_right() -> None:
    batch, output, errors, paid = ended(Batches())

    assert list(output) != [f"r{number}" for number in range(10)]
    assert sorted(output) == [f"r{number}" for number in range(10)]
    for name, row in output.items():
        item = json.loads(row["response"]["body"]["choices"][0]["message"]["content"])["papers"][0]
        assert item["title"] == f"Study {name[1:]} of"
    assert (errors, batch["error_file_id"]) == ({}, None)
    assert batch["request_counts"] == {"total": 10, "completed": 10, "failed": 0}
    assert paid.total() == 10


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_even_two_results_come_in_another_order(names: str) -> None:
    with ChatServer(batches=Batches(polls=0)) as server, calling(server) as caller:
        made = submit(caller, a_file(*((name, a_request()) for name in names))).told["id"]

        assert list(rows(caller, poll(caller, made)["output_file_id"])) == list(reversed(names))


@pytest.mark.parametrize("outcome", ["expired", "cancelled"])
def test_what_was_done_before_a_batch_ended_early_is_in_its_output_and_paid(outcome: Any) -> None:
    batch, output, errors, paid = ended(Batches(outcome=outcome, done=0.6))

    assert batch["status"] == outcome
    assert (len(output), len(errors), paid.total()) == (6, 4, 6)
    assert all(row["error"]["code"] == f"batch_{outcome}" and row["response"] is None for row in errors.values())
    assert not output.keys() & errors.keys()


def test_broken_lines_are_in_the_error_file_and_some_are_counted_as_completed() -> None:
    batch, output, errors, paid = ended(Batches(broken=0.4))

    assert (len(output), len(errors), paid.total()) == (6, 4, 6)
    assert sorted(row["response"]["status_code"] for row in errors.values()) == [0, 0, 500, 500]
    assert batch["request_counts"] == {"total": 10, "completed": 8, "failed": 2}


def test_a_batch_of_which_everything_broke_has_no_output_file() -> None:
    batch, _, errors, paid = ended(Batches(broken=1.0))

    assert (batch["status"], batch["output_file_id"]) == ("completed", None)
    assert len(errors) == 10
    assert not paid


def test_a_failed_batch_says_why_and_has_no_files() -> None:
    batch, output, errors, paid = ended(Batches(outcome="failed"))

    assert (batch["status"], output, errors) == ("failed", {}, {})
    assert batch["errors"]["data"][0]["code"] == "token_limit_exceeded"
    assert not paid


def test_the_faults_of_the_weather_are_met_in_batches_too() -> None:
    assert len(ended(Batches(), weather=Weather(faults={"500": 1.0}))[2]) == 10
    assert len(ended(Batches(), weather=Weather(faults={"reset": 1.0}))[2]) == 10
    refused = ended(Batches(), weather=Weather(refuses=("messages",)))[2]
    assert {row["response"]["status_code"] for row in refused.values()} == {400}
    prose = ended(Batches(), weather=Weather(faults={"prose": 1.0}))[1]
    assert "{" not in prose["r1"]["response"]["body"]["choices"][0]["message"]["content"]


def test_a_batch_can_be_cancelled_until_it_is_over() -> None:
    with ChatServer(batches=Batches(polls=9, done=0.5)) as server, calling(server) as caller:
        name = submit(caller, lines(4)).told["id"]
        states = [poll(caller, name)["status"], caller.call("POST", f"/v1/batches/{name}/cancel").told["status"]]
        batch = poll(caller, name)
        again = caller.call("POST", f"/v1/batches/{name}/cancel")

        assert [*states, batch["status"], again.status] == ["in_progress", "cancelling", "cancelled", 409]
        assert len(rows(caller, batch["output_file_id"])) == len(rows(caller, batch["error_file_id"])) == 2
    assert server.paid.total() == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"{]\n", "invalid_json_line"),
        (b'{"custom_id": "a"}\n', "invalid_json_line"),
        (a_file(("a", a_request()), ("a", a_request())), "duplicate_custom_id"),
        (a_file(("a", a_request()), ("b", a_request(model="n"))), "mismatched_model"),
        (a_file(("a", a_request())).replace(b"completions", b"complaints"), "invalid_url"),
    ],
)
def test_a_file_with_a_bad_line_fails_as_a_whole(content: bytes, code: str) -> None:
    with ChatServer() as server, calling(server) as caller:
        batch = poll(caller, submit(caller, content).told["id"], 2)

    assert batch["status"] == "failed"
    assert batch["errors"]["data"][0]["code"] == code
    assert not server.paid


def test_files_and_batches_have_limits() -> None:
    with ChatServer(batches=Batches(lines=2)) as server, calling(server) as caller:
        assert submit(caller, lines(2)).status == 200
        assert submit(caller, lines(3)).status == 400
        server.batches = Batches(size=100)
        assert upload(caller, b"x" * 100).status == 200
        assert upload(caller, b"x" * 101).status == 400


def test_batches_beyond_the_enqueued_tokens_fail_until_others_are_over() -> None:
    with ChatServer(batches=Batches(polls=1, enqueued=80)) as server, calling(server) as caller:
        first = submit(caller, lines(2)).told["id"]
        second = submit(caller, lines(2)).told["id"]
        assert poll(caller, second, 2)["errors"]["data"][0]["code"] == "token_limit_exceeded"
        assert poll(caller, first, 2)["status"] == "completed"
        assert poll(caller, submit(caller, lines(2)).told["id"], 2)["status"] == "completed"


def test_what_is_no_upload_or_no_batch_is_refused() -> None:
    with ChatServer() as server, calling(server) as caller:
        assert upload(caller, lines(1), b"assistants").status == 400
        assert caller.call("POST", "/v1/files", b"{}").status == 400
        assert caller.call("POST", "/v1/batches", {"input_file_id": "file-1"}).status == 400
        assert caller.call("GET", "/v1/batches/nobody").status == 404
        assert caller.call("GET", "/v1/files/nothing/content").status == 404
        assert submit(caller, lines(1), completion_window="1h").status == 400


def test_a_file_can_be_deleted() -> None:
    with ChatServer() as server, calling(server) as caller:
        name = upload(caller, lines(1)).told["id"]

        assert caller.call("DELETE", f"/v1/files/{name}").told["deleted"] is True
        assert caller.call("GET", f"/v1/files/{name}").status == 404


def test_a_batch_can_be_made_though_the_client_never_hears_of_it() -> None:
    with ChatServer() as server:
        server.script(Step(fault="reset"), at="batches")
        with calling(server) as caller, pytest.raises((ConnectionError, OSError, ValueError)):
            submit(caller, lines(1))
        with calling(server) as caller:
            server.script(Step(500), at="files")
            assert upload(caller, lines(1)).status == 500
            assert [batch["id"] for batch in caller.call("GET", "/v1/batches").told["data"]] == ["batch_1"]
