"""Each fault of the scripted server does what it says, and the same to everybody."""

import http.client
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serving import ChatServer, Limit, Weather
from tests.serving.asking import a_request, calling, connected, papers
from tests.serving.weather import BUNDLES, KINDS, draw, weather_of


def faulty(kind: str, user: str = "", **fields: Any) -> Any:
    """The reply to a request that meets a fault, read as far as it can be."""
    with ChatServer(Weather(faults={kind: 1.0})) as server, calling(server) as caller:
        came = caller.ask(user or papers(1, 2, 3), **fields)
        assert server.log[0].fault == kind
    return came


# Faults before and on the way


@pytest.mark.parametrize(
    ("kind", "status", "after"),
    [("500", 500, None), ("503", 503, None), ("503-after", 503, "1"), ("429", 429, None), ("429-after", 429, "1")],
)
def test_a_fault_before_the_work_is_an_error_that_costs_nothing(kind: str, status: int, after: str | None) -> None:
    limit = Limit()
    with ChatServer(Weather(faults={kind: 1.0}, limit=limit)) as server, calling(server) as caller:
        came = caller.ask()

    assert (came.status, came.headers.get("retry-after")) == (status, after)
    assert came.error["message"]
    assert not any(name.startswith("x-ratelimit") for name in came.headers)
    assert not server.paid
    assert not server.tokens


def test_a_cut_reply_is_shorter_than_it_says() -> None:
    with ChatServer(Weather(faults={"cut": 1.0})) as server, calling(server) as caller:
        with pytest.raises(http.client.IncompleteRead):
            caller.ask()

        assert server.log[0].status == 0
        assert not server.paid
        assert server.tokens["out"] > 0


def test_a_reset_ends_the_connection_in_the_middle_of_the_reply() -> None:
    with ChatServer(Weather(faults={"reset": 1.0})) as server, calling(server) as caller:
        with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
            caller.ask()

        assert not server.paid


def test_a_hanging_request_ends_when_the_server_closes() -> None:
    with ChatServer(Weather(faults={"hang": 1.0})) as server:
        sock = connected(server)
        body = json.dumps(a_request()).encode()
        sock.sendall(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        with calling(server) as caller:
            while not caller.call("GET", "/stats").told["in_flight"]:
                continue
    with sock:
        try:
            rest = sock.recv(100)
        except ConnectionResetError:
            rest = b""
    assert rest == b""
    assert server.in_flight == 0


def test_a_page_of_html_comes_with_status_200() -> None:
    came = faulty("html")

    assert came.status == 200
    assert came.headers["content-type"].startswith("text/html")
    assert came.body.startswith(b"<!doctype html>")


def test_what_is_empty_null_refused_or_filtered_has_no_content_and_is_not_paid() -> None:
    assert faulty("empty").told["choices"] == []
    assert faulty("null").text is None
    assert faulty("refusal").text is None
    assert faulty("refusal").choice["message"]["refusal"]
    assert faulty("filter").choice["finish_reason"] == "content_filter"
    with ChatServer(Weather(faults={"refusal": 1.0})) as server, calling(server) as caller:
        caller.ask()
    assert not server.paid
    assert server.seen == {"Study 1 of bees at night"}


def test_a_reply_without_usage_is_right_all_the_same() -> None:
    came = faulty("nousage")

    assert "usage" not in came.told
    assert len(came.papers) == 3


# Faults in the text


def test_a_truncated_reply_is_cut_json_that_says_it_is_whole() -> None:
    came = faulty("truncated")

    assert came.choice["finish_reason"] == "stop"
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        json.loads(came.text)


def test_a_reply_at_its_length_says_so_and_pays_for_what_was_begun() -> None:
    with ChatServer(Weather(faults={"length": 1.0})) as server, calling(server) as caller:
        came = caller.ask(papers(1, 2, 3, 4))

    assert came.choice["finish_reason"] == "length"
    assert 1 <= len(server.paid) < 4
    assert not server.right


def test_prose_has_no_json_in_it_and_fences_have_the_right_answer() -> None:
    assert "{" not in faulty("prose").text
    before, inside, after = faulty("fenced").text.split("```")
    assert before.strip()
    assert after.strip()
    assert len(json.loads(inside.removeprefix("json"))["papers"]) == 3


def test_a_runaway_repeats_a_tag_until_it_is_stopped() -> None:
    came = faulty("runaway", max_tokens=300)

    assert came.choice["finish_reason"] == "length"
    assert came.text.count('"other"') > 100
    assert came.told["usage"]["completion_tokens"] == 300


# Faults in an item


def test_faults_in_an_item_leave_the_others_alone() -> None:
    right = {item["id"]: item for item in faulty("nousage").papers}

    missing, doubled = faulty("missing").papers, faulty("doubled").papers
    unknown, badtag = faulty("unknown").papers, faulty("badtag").papers

    assert len(missing) == 2
    assert all(item in right.values() for item in (*missing, *doubled))
    assert sorted(item["id"] for item in doubled) != [1, 2, 3]
    assert len(doubled) == 4
    assert [item for item in unknown if item["id"] in right] == list(right.values())
    assert len(unknown) == 4
    assert sum(item["tags"] == ["no-such-tag"] for item in badtag) == 1
    assert sum(item in right.values() for item in badtag) == 2


def test_swapped_numbers_leave_title_and_line_together() -> None:
    came = faulty("swapped").papers

    assert sorted(item["id"] for item in came) == [1, 2, 3]
    assert sum(item["title"] != f"Study {item['id']} of" for item in came) == 2
    assert all(item["line"] == f"We watch hive {item['title'].split()[1]}." for item in came)


def test_an_unfaithful_line_is_mended_when_asked_again_and_a_stubborn_one_is_not() -> None:
    def invented(kind: str, about: str) -> int:
        return sum("97.3" in item["line"] for item in faulty(kind, papers(1, 2, about=about)).papers)

    assert invented("unfaithful", "") == 1
    assert invented("unfaithful", "97.3 is not in the abstract.") == 0
    assert invented("stubborn", "97.3 is not in the abstract.") == 1


# The same for everybody


def test_the_same_papers_meet_the_same_faults_in_another_server_and_in_another_order_of_requests() -> None:
    weather = Weather(faults={"everything": 0.9}, seed=4)

    def met(order: list[int]) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        with ChatServer(weather) as server:
            for number in order:
                with calling(server) as caller:
                    try:
                        caller.ask(papers(number))
                    except (http.client.IncompleteRead, ConnectionResetError):
                        continue
            for seen in server.log:
                found.setdefault(seen.titles, []).append(seen.fault)
        return found

    first = met([1, 2, 3, 4, 1, 2])

    assert first == met([4, 2, 1, 3, 2, 1])
    assert len({fault for faults in first.values() for fault in faults}) > 1


@given(st.integers(), st.lists(st.text(), max_size=3), st.integers(0, 9), st.sampled_from(sorted(KINDS)))
def test_a_draw_is_certain_at_a_share_of_one_and_never_at_none(
    seed: int, titles: list[str], tries: int, kind: str
) -> None:
    assert draw(Weather(seed=seed, faults={kind: 1.0}), tuple(titles), tries).fault == kind
    assert draw(Weather(seed=seed, faults={kind: 0.0}), tuple(titles), tries).fault == ""


def test_a_share_is_a_share_and_a_bundle_divides_it_evenly() -> None:
    weather = Weather(faults={"mixed": 0.2})

    drawn = [draw(weather, (str(number),), 0).fault for number in range(8000)]

    assert 1400 < sum(map(bool, drawn)) < 1800
    assert all(300 < drawn.count(kind) < 500 for kind in BUNDLES["mixed"])


def test_a_fault_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no such faults: 502"):
        Weather(faults={"502": 0.1})
    with pytest.raises(ValueError, match="no part of a weather: wind"):
        weather_of({"wind": 3})
