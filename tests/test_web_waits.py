"""The web: whom it asks when. No test waits: the clock stands still but for the pauses."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from digestor.errors import SourceError
from digestor.protocols import Ask
from digestor.store import Store
from digestor.web.waits import pace, wait_asked
from tests.fakes import Clock, Cupboard
from tests.hosting import Answer, Asked, Host, hosted
from tests.internet import Told

NOW = 1_800_000_000.0
OK = Answer("news")


def ask(host: Host, path: str = "/feed", **keys: Any) -> Ask:
    return Ask(host.url + path, private=True, fresh=0)._replace(**keys)


def in_http(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds), usegmt=True)


def test_requests_of_a_family_are_spaced_whatever_their_host(host: Host) -> None:
    with hosted() as other, Told() as told:
        host.routes["/feed"] = other.routes["/feed"] = OK
        told.get(ask(host, family="arxiv", spacing=3.0))
        told.get(ask(other, family="arxiv", spacing=3.0))
        told.get(ask(host, family="pubmed", spacing=3.0))
        told.clock.now += 2.0
        told.get(ask(host, family="arxiv", spacing=3.0))

    assert told.clock.paused == [3.0, 1.0]
    assert told.lines == []


def test_requests_are_spaced_across_runs(host: Host, tmp_path: Path) -> None:
    host.routes["/feed"] = OK
    clock = Clock(NOW)
    for _ in range(2):
        with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies, clock=clock) as told:
            told.get(ask(host, spacing=3.0))
        clock.now += 1.0

    assert clock.paused == [2.0]


def test_a_request_counts_when_the_run_is_killed_in_the_middle_of_it(host: Host, tmp_path: Path) -> None:
    clock = Clock(NOW)
    with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies, clock=clock) as told:
        on_disk = list[bool]()

        def answer(asked: Asked) -> Answer:
            on_disk.append(b"asked 127.0.0.1" in (tmp_path / "d.db-wal").read_bytes())
            return OK

        host.routes["/feed"] = answer
        told.get(ask(host))

    assert on_disk == [True]


def test_a_note_from_the_future_holds_nobody_up_for_longer_than_the_spacing(host: Host) -> None:
    host.routes["/feed"] = OK
    cupboard = Cupboard()
    cupboard.notes = {"asked 127.0.0.1": repr(NOW * 2), "leave 127.0.0.1": repr(NOW * 2)}
    with Told(pantry=cupboard) as told:
        told.get(ask(host, spacing=3.0))
        cupboard.notes["asked 127.0.0.1"] = "no number"
        told.get(ask(host, spacing=3.0))

    assert told.clock.paused == [3.0]


def test_a_long_spacing_is_said_once(host: Host) -> None:
    host.routes["/feed"] = OK
    with Told() as told:
        for _ in range(3):
            told.get(ask(host, spacing=15.0))

    assert told.clock.paused == [15.0, 15.0]
    assert told.lines == ["127.0.0.1 is asked once in 15 s, as it wishes: this takes a while"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": in_http(90)}, 90.0),
        ({"Retry-After": in_http(-90)}, 1.0),
        ({"Retry-After": "soon"}, 60.0),
        ({"X-RateLimit-Reset": "12"}, 12.0),
        ({"X-Rate-Limit-Reset": str(int(NOW) + 30)}, 30.0),
        ({"RateLimit": '"api";r=0;t=45'}, 45.0),
        ({}, 60.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_is_waited_out_as_long_as_the_site_asks(
    host: Host, status: int, headers: dict[str, str], seconds: float
) -> None:
    host.routes["/feed"] = [Answer("Rate exceeded.", status, headers), OK]
    with Told() as told:
        assert told.get(ask(host)).body == b"news"

    assert told.clock.paused == [seconds]


def test_a_wait_that_is_noticed_is_told(host: Host) -> None:
    host.routes["/feed"] = [Answer("", 503, {"Retry-After": "5"}), Answer("", 503, {"Retry-After": "60"}), OK]
    host.routes["/else"] = [Answer("Rate exceeded.", 429), OK]
    with Told() as told:
        told.get(ask(host))
        told.get(ask(host, "/else"))

    assert told.lines == [
        "127.0.0.1 asks us to wait 60 s",
        "127.0.0.1 says that it is asked too much (HTTP 429): “Rate exceeded.”: waiting 60 s",
    ]


def test_after_three_refusals_a_family_is_left_alone_in_this_run_and_the_next(host: Host, tmp_path: Path) -> None:
    host.routes["/feed"] = Answer("Rate exceeded.", 429)
    host.routes["/else"] = OK
    clock = Clock(NOW)
    with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies, clock=clock) as told:
        with pytest.raises(SourceError) as first:
            told.get(ask(host, family="arxiv"))
        with pytest.raises(SourceError) as second:
            told.get(ask(host, "/else", family="arxiv"))
        told.get(ask(host, "/else"))
    with Store.open(tmp_path / "d.db") as store, Told(pantry=store.replies, clock=clock) as told:
        with pytest.raises(SourceError) as third:
            told.get(ask(host, family="arxiv"))
        clock.now += 6 * 3600
        told.get(ask(host, "/else", family="arxiv"))

    assert [asked.path for asked in host.asked] == ["/feed"] * 3 + ["/else"] * 2
    assert [seconds for seconds in clock.paused if seconds > 5] == [60.0, 120.0]
    assert "HTTP 429" in first.value.what
    assert "it is left alone until 2027-01-15 14:0" in first.value.what
    assert second.value.what == third.value.what == "asked for less and is left alone until 2027-01-15 14:03 UTC"
    assert "run again after that" in third.value.todo


def test_what_is_fresh_is_had_of_a_family_that_is_left_alone(host: Host) -> None:
    host.routes["/feed"] = OK
    host.routes["/busy"] = Answer("", 429, {"Retry-After": "4000"})
    with Told() as told:
        told.get(ask(host))
        with pytest.raises(SourceError):
            told.get(ask(host, "/busy"))

        assert told.get(ask(host, fresh=60)).kept


def test_an_answer_in_between_forgives_a_refusal(host: Host) -> None:
    busy = Answer("", 503, {"Retry-After": "2"})
    host.routes["/feed"] = [busy, busy, OK, busy, busy, OK]
    with Told() as told:
        told.get(ask(host))
        told.get(ask(host))

    assert len(host.asked) == 6


@pytest.mark.parametrize(
    ("asked", "until"),
    [("301", "08:05"), ("40000", "19:06"), ("99999999999", "08:00"), (in_http(7200), "10:00")],
)
def test_a_wait_that_is_too_long_is_an_error_that_later_runs_know(host: Host, asked: str, until: str) -> None:
    host.routes["/feed"] = Answer("", 503, {"Retry-After": asked})
    cupboard = Cupboard()
    for _ in range(2):
        with Told(pantry=cupboard) as told, pytest.raises(SourceError) as caught:
            told.get(ask(host))

        assert f"{until} UTC" in caught.value.what
        assert told.clock.paused == []

    assert len(host.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_trouble_is_tried_again_after_a_few_seconds_and_then_told(host: Host, status: int) -> None:
    host.routes["/feed"] = Answer("", status)
    host.routes["/mended"] = [Answer("", status), OK]
    with Told() as told:
        told.get(ask(host, "/mended"))
        with pytest.raises(SourceError, match=rf"has trouble of its own \(HTTP {status}\)\n  try again later"):
            told.get(ask(host))

    assert told.clock.paused == [2.0, 1.0, 2.0, 4.0]
    assert len(host.asked) == 5


def test_the_waiting_of_one_ask_is_bounded(host: Host) -> None:
    host.routes["/feed"] = Answer("", 500, {"Retry-After": "299"})
    host.routes["/else"] = Answer("", 500, {"Retry-After": "301"})
    with Told() as told:
        with pytest.raises(SourceError):
            told.get(ask(host))
        with pytest.raises(SourceError):
            told.get(ask(host, "/else"))

    assert [seconds for seconds in told.clock.paused if seconds > 5] == [299.0, 299.0]


def test_a_connection_that_cannot_be_made_is_tried_again() -> None:
    with hosted() as gone:
        pass
    with Told() as told, pytest.raises(SourceError, match="cannot be reached: connection refused"):
        told.get(ask(gone))

    assert told.clock.paused == [2.0, 4.0]


def test_a_site_that_says_how_often_it_may_be_asked_is_asked_no_oftener(host: Host) -> None:
    host.routes["/feed"] = Answer("{}", headers={"X-Rate-Limit-Limit": "2", "X-Rate-Limit-Interval": "10s"})
    with Told() as told:
        told.get(ask(host, spacing=1.0))
        told.get(ask(host, spacing=1.0))

    assert told.clock.paused == [5.0]


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "-5"},
        {"retry-after": "1e9"},
        {"retry-after": "nan"},
        {"retry-after": "Fri, 99 Nov 99999 00:00:00 GMT"},
        {"retry-after": "\x00"},
        {"x-ratelimit-reset": "never"},
        {"ratelimit": "t=" + "9" * 50},
        {"ratelimit": "x" * 50_000},
    ],
)
def test_what_is_no_length_of_time_is_none(headers: dict[str, str]) -> None:
    assert wait_asked(headers, NOW) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"x-rate-limit-limit": "0", "x-rate-limit-interval": "1s"},
        {"x-rate-limit-limit": "50"},
        {"x-rate-limit-limit": "fifty", "x-rate-limit-interval": "1s"},
        {"x-rate-limit-limit": "50", "x-rate-limit-interval": "1 day"},
    ],
)
def test_what_is_no_pace_is_none(headers: dict[str, str]) -> None:
    assert pace(headers) == 0.0
