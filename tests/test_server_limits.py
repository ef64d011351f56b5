"""The limits of the scripted server let through what they should, by a clock of our own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serving import ChatServer, Limit, Weather
from tests.serving.asking import calling
from tests.serving.weather import Limiter, duration

# Limits, by a clock of our own


def test_a_smooth_limit_lets_its_burst_through_and_then_one_at_a_time() -> None:
    limiter = Limiter(Limit("smooth", requests=60, per=6.0, burst=5))

    assert [limiter.admit(1.0) for _ in range(6)] == [0, 0, 0, 0, 0, pytest.approx(0.1)]
    assert [limiter.admit(1.1), limiter.admit(1.1)] == [0, pytest.approx(0.1)]
    assert sum(limiter.admit(1.1 + step / 1000) == 0 for step in range(1, 6001)) == 60


def test_a_sliding_window_never_has_more_than_its_limit() -> None:
    limiter = Limiter(Limit("sliding", requests=3, per=2.0))

    waits = [limiter.admit(now) for now in (0.0, 0.5, 1.0, 1.5, 2.0, 2.1, 2.5)]

    assert waits == [0, 0, 0, pytest.approx(0.5), 0, pytest.approx(0.4), 0]


def test_a_fixed_window_starts_with_a_request_and_is_full_again_when_it_ends() -> None:
    limiter = Limiter(Limit("fixed", requests=2, per=1.0))

    assert [limiter.admit(now) for now in (5.0, 5.9, 5.95)] == [0, 0, pytest.approx(0.05)]
    assert [limiter.admit(6.0), limiter.admit(6.1), limiter.admit(6.5)] == [0, 0, pytest.approx(0.5)]


@pytest.mark.parametrize("kind", ["smooth", "sliding", "fixed"])
def test_tokens_are_limited_beside_requests_and_a_refused_request_takes_nothing(kind: Any) -> None:
    limiter = Limiter(Limit(kind, requests=10, per=1.0, burst=10, tokens=100))

    assert limiter.admit(0.0, 60) == 0
    assert limiter.admit(0.0, 60) > 0
    assert limiter.admit(0.0, 40) == 0
    assert limiter.headers(0.0)["x-ratelimit-remaining-requests"] == "8"
    assert limiter.headers(0.0)["x-ratelimit-remaining-tokens"] == "0"


@given(
    st.sampled_from(["smooth", "sliding", "fixed"]),
    st.lists(st.floats(0.0, 0.5), min_size=1, max_size=60),
)
def test_who_waits_as_long_as_told_is_let_in(kind: Any, gaps: list[float]) -> None:
    limiter, now = Limiter(Limit(kind, requests=5, per=1.0, burst=2)), 0.0
    for gap in gaps:
        now += gap
        if wait := limiter.admit(now):
            now += wait + 1e-9
            assert limiter.admit(now) == 0


def test_a_limited_server_says_what_is_left_and_how_long_to_wait() -> None:
    limit = Limit("sliding", requests=2, per=3600.0)
    with ChatServer(Weather(limit=limit)) as server, calling(server) as caller:
        first, _, third = caller.ask(), caller.ask(), caller.ask()

    assert first.headers["x-ratelimit-limit-requests"] == "2"
    assert first.headers["x-ratelimit-remaining-requests"] == "1"
    assert first.headers["x-ratelimit-reset-requests"] == "60m0s"
    assert (third.status, third.error["code"]) == (429, "rate_limit_exceeded")
    assert 3_500_000 < int(third.headers["retry-after-ms"]) <= 3_600_000
    assert (server.admitted, server.refused, len(server.admissions)) == (2, 1, 2)


@pytest.mark.parametrize(
    ("told", "name", "form"), [("s", "retry-after", "3600"), ("date", "retry-after", "GMT"), (None, "", "")]
)
def test_a_wait_is_told_in_seconds_as_a_date_or_not_at_all(told: Any, name: str, form: str) -> None:
    limit = Limit("fixed", requests=1, per=3600.0, headers=False, retry_after=told)
    with ChatServer(Weather(limit=limit)) as server, calling(server) as caller:
        caller.ask()
        came = caller.ask()

    assert came.headers.get(name, "").endswith(form)
    assert any(key.startswith(("retry", "x-rate")) for key in came.headers) == bool(name)


@pytest.mark.parametrize(("seconds", "written"), [(0.012, "12ms"), (1.5, "1.5s"), (360, "6m0s"), (0.0, "0ms")])
def test_durations_are_written_as_the_big_server_does(seconds: float, written: str) -> None:
    assert duration(seconds) == written
