import math
import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digestor.client import headers as said
from digestor.client.limits import Gate, Ticket
from tests.skies import Clear, Counter, Fixed, Headers, Sent, Server, Silent, Sliding, Smooth, Spotted, run, wanted

AT_ONCE = pytest.mark.parametrize("concurrency", [64, None])
SEEDS = (1, 2, 15)
NEITHER = 0.0


def a_gate(
    concurrency: int | None = 64, requests: float | None = None, tokens: float | None = None, luck: float = 0.5
) -> Gate:
    return Gate(concurrency, requests, tokens, 0.0, lambda: luck)


def gates(
    concurrency: int | None, requests: float | None = None, tokens: float | None = None
) -> Callable[[Callable[[], float]], Gate]:
    return lambda dice: Gate(concurrency, requests, tokens, 0.0, dice)


def in_any_minute(sent: list[Sent]) -> list[tuple[int, int]]:
    """Requests and tokens in each minute that begins with a request."""
    minutes = []
    for first in range(len(sent)):
        within = [one for one in sent[first:] if one.at < sent[first].at + 60 - 1e-6]
        minutes.append((len(within), sum(one.tokens for one in within)))
    return minutes


# the weather: 1,000 requests of 0.2 s, nothing configured


@AT_ONCE
@pytest.mark.parametrize("burst", [100, 60])
@pytest.mark.parametrize("limit", [None, 600])
def test_a_smooth_limit_costs_next_to_no_time_and_few_refusals(
    concurrency: int | None, burst: int, limit: int | None
) -> None:
    for seed in SEEDS:
        weather = run(Smooth(100, burst, limit), gates(concurrency), seed=seed)

        assert weather.makespan <= 1.05 * ((1000 - burst) / 100 + 0.2)
        assert weather.refused <= 10


@AT_ONCE
@pytest.mark.parametrize("window", [Sliding, Fixed])
def test_a_window_that_refills_in_steps_is_found_by_one_probe(
    concurrency: int | None, window: Callable[[int, float], Clear]
) -> None:
    for seed in SEEDS:
        weather = run(window(600, 6.0), gates(concurrency), seed=seed)

        assert weather.makespan <= 1.12 * (6 + 7 * 0.2)
        assert weather.refused <= 15


@AT_ONCE
def test_a_burst_is_used_up_and_then_the_rate_kept(concurrency: int | None) -> None:
    for seed in SEEDS:
        weather = run(Smooth(100, 600), gates(concurrency), seed=seed)

        assert weather.makespan <= 1.06 * (4 + 0.2)
        assert weather.refused <= 10


@AT_ONCE
def test_a_limit_of_tokens_is_learnt_like_one_of_requests(concurrency: int | None) -> None:
    for seed in SEEDS:
        weather = run(Smooth(10_000, 6_000, resource="tokens"), gates(concurrency), seed=seed)

        assert weather.makespan <= 1.07 * (94_000 / 10_000 + 0.2)
        assert weather.refused <= 15


def test_a_given_concurrency_is_used_from_the_first_moment() -> None:
    rounds = math.ceil(1000 / 64)

    weather = run(Clear(jitter=NEITHER), gates(64))

    assert weather.most == 64
    assert [at for at, _ in weather.flying[:64]] == [0.0] * 64
    assert weather.makespan <= rounds * (0.2 + 0.005)


def test_a_learnt_concurrency_doubles_from_8_to_64() -> None:
    weather = run(Clear(), gates(None))

    assert len([at for at, _ in weather.flying if at == 0]) == 8
    assert weather.most == 64
    assert weather.makespan <= 1.25 * 3.2


@AT_ONCE
def test_lone_spurious_refusals_hold_up_nobody_else(concurrency: int | None) -> None:
    for seed in SEEDS:
        clear = run(Clear(), gates(concurrency), seed=seed)

        spotted = run(Spotted(Clear(), 0.0125), gates(concurrency), seed=seed)

        assert 5 < spotted.refused < 30
        assert spotted.makespan <= 1.15 * clear.makespan


@pytest.mark.parametrize(("slots", "most"), [(1, 4), (2, 24), (16, 48)])
def test_a_server_that_only_queues_is_not_given_more_than_it_can_use(slots: int, most: int) -> None:
    weather = run(Counter(slots), gates(None), works=400)

    assert max(flying for _, flying in weather.flying[200:]) <= most
    assert weather.makespan <= 1.1 * 400 / slots


@AT_ONCE
@pytest.mark.parametrize(
    "server", [Smooth(100, 60), Fixed(600, 6.0), Sliding(600, 6.0)], ids=["smooth", "fixed", "sliding"]
)
@pytest.mark.parametrize("lie", [{}, wanted(10_000, 5_000, 5), wanted(100, 0, 5)], ids=["none", "plenty", "nothing"])
def test_limits_without_true_headers_are_learnt_from_refusals(
    concurrency: int | None, server: Clear, lie: Headers
) -> None:
    weather = run(
        Silent(type(server)(*((100, 60) if isinstance(server, Smooth) else (600, 6.0))), lie), gates(concurrency)
    )

    assert weather.makespan <= 3 * 9.6
    assert weather.refused <= 150


@AT_ONCE
def test_a_bucket_of_one_does_not_take_ten_times_as_long(concurrency: int | None) -> None:
    for server in (Smooth(100, 1), Silent(Smooth(100, 1))):
        assert run(server, gates(concurrency)).makespan <= 5 * 10.2


@AT_ONCE
def test_headers_that_always_say_nothing_is_left_do_not_slow_a_willing_server(concurrency: int | None) -> None:
    weather = run(Silent(Clear(), wanted(100, 0, 5)), gates(concurrency))

    assert weather.makespan <= 1.3 * 3.2


def test_a_few_503s_among_many_leave_the_concurrency_alone() -> None:
    weather = run(Spotted(Clear(), 0.006, fault="slow"), gates(64))

    assert weather.makespan <= 1.15 * 3.2


def test_big_requests_get_their_turn_among_small_ones() -> None:
    sizes = random.Random(5).choices([10, 9_000], k=200)

    weather = run(Smooth(10_000, 9_000, resource="tokens"), gates(None), works=200, tokens=sizes.__getitem__)

    assert weather.makespan <= 1.5 * sum(sizes) / 10_000


# what always holds


servers = st.one_of(
    st.builds(Clear, latency=st.floats(0.001, 5), jitter=st.floats(0, 0.001)),
    st.builds(Smooth, rate=st.floats(0.2, 500), burst=st.floats(1, 700), limit=st.sampled_from([None, 1, 60, 10_000])),
    st.builds(Sliding, st.integers(1, 100), st.floats(0.1, 60)),
    st.builds(Fixed, st.integers(1, 100), st.floats(0.1, 60)),
    st.builds(Counter, st.integers(1, 70)),
    st.builds(Smooth, rate=st.floats(100, 9_000), burst=st.floats(900, 9_000), resource=st.just("tokens")),
)
odd = st.dictionaries(
    st.sampled_from([name for spelling in (*said.REQUESTS, *said.TOKENS) for name in spelling]
                    + ["retry-after", "retry-after-ms", "date"]),
    st.one_of(
        st.sampled_from(["nan", "-5", "abc", "1e99", "", "inf", "0", "1", "6m0s", "12ms", "9" * 400, "²", "0x1"]),
        st.text(max_size=12),
    ),
)  # fmt: skip
skies = st.one_of(
    servers,
    st.builds(Silent, servers, odd),
    st.builds(Spotted, servers, st.floats(0, 0.6), st.sampled_from(["", "slow", "quick"])),
)


@settings(max_examples=150, deadline=None)
@given(
    server=skies,
    concurrency=st.one_of(st.none(), st.integers(1, 100)),
    requests=st.one_of(st.none(), st.floats(0.5, 10_000)),
    tokens=st.one_of(st.none(), st.floats(50, 1_000_000)),
    works=st.integers(1, 90),
    seed=st.integers(0, 9),
)
def test_every_run_ends_and_is_never_over_what_was_configured(
    server: Server, concurrency: int | None, requests: float | None, tokens: float | None, works: int, seed: int
) -> None:
    sizes = random.Random(seed).choices([1, 50, 100, 800], k=works)

    weather = run(
        server, gates(concurrency, requests, tokens), works, sizes.__getitem__, used=1.0, seed=seed, until=1e9
    )

    assert 1 <= weather.most <= (concurrency or 64)
    assert weather.asked <= 40 * (works + weather.refused) + 400
    for count, amount in in_any_minute(weather.sent):
        assert requests is None or count <= max(1, requests)
        assert tokens is None or amount <= max(tokens, 800)


@settings(max_examples=200)
@given(headers=odd, used=st.one_of(st.none(), st.integers(0, 10**9)))
@example(headers={"x-ratelimit-remaining-requests": "nan", "retry-after": "nan"}, used=None)
def test_odd_headers_never_crash_and_never_lock_the_gate(headers: Headers, used: int | None) -> None:
    gate = a_gate(tokens=60_000)
    tickets = [gate.sent(100, 0.0) for _ in range(4)]

    gate.answered(tickets[0], 0.1, headers, used)
    gate.failed(tickets[1], 0.1, headers, slow=True)
    pause = gate.refused(tickets[2], 0.1, headers)
    gate.answered(tickets[3], 0.2, headers, used)

    assert 0 < pause <= 620
    assert gate.in_flight == 0
    assert gate.wait(100, 0.2) < math.inf


# refusals


def test_a_refusal_that_names_its_limit_closes_the_gate_for_all() -> None:
    gate = a_gate(luck=0.0)
    ticket = gate.sent(10, 0.0)

    pause = gate.refused(ticket, 0.1, {**wanted(60, 0, 1), "retry-after": "2.5"})

    assert 2.5 < pause < 2.6
    assert gate.wait(10, 0.2) == pytest.approx(2.4, abs=0.01)
    assert gate.wait(10, 2.599) > 0
    assert gate.wait(10, 2.61) == 0


def test_a_lone_refusal_keeps_only_its_own_request_away() -> None:
    gate = a_gate()
    ticket = gate.sent(10, 0.0)

    pause = gate.refused(ticket, 0.1, {"retry-after": "2.5"})

    assert pause >= 2.5
    assert gate.wait(10, 0.1) == 0


def test_three_refusals_within_half_a_second_close_the_gate() -> None:
    gate = a_gate()
    tickets = [gate.sent(10, 0.0) for _ in range(3)]

    for ticket, at in zip(tickets, (0.1, 0.2, 0.3), strict=True):
        gate.refused(ticket, at, {"retry-after": "2"})

    assert gate.wait(10, 0.3) >= 2


def test_refusals_further_apart_do_not_close_the_gate() -> None:
    gate = a_gate()
    tickets = [gate.sent(10, 0.0) for _ in range(3)]

    for ticket, at in zip(tickets, (0.1, 0.5, 0.9), strict=True):
        gate.refused(ticket, at, {})

    assert gate.wait(10, 0.9) == 0


def test_after_it_was_closed_the_gate_opens_by_degrees() -> None:
    gate = a_gate()
    for ticket in [gate.sent(10, 0.0) for _ in range(3)]:
        gate.refused(ticket, 0.1, {"retry-after": "1"})
    now, let = 2.0, []

    for _ in range(3):
        tickets = []
        while gate.wait(10, now) == 0:
            tickets.append(gate.sent(10, now))
        let.append(len(tickets))
        now += 0.2
        for ticket in tickets:
            gate.answered(ticket, now, {}, None)

    assert let == [4, 8, 16]


@given(luck=st.floats(0, 1), asked=st.floats(0, 600))
def test_nobody_comes_back_before_retry_after_and_not_all_together(luck: float, asked: float) -> None:
    headers = {"retry-after": f"{asked:.4f}"}
    early, late = a_gate(luck=luck), a_gate(luck=luck / 2)

    pause = early.refused(early.sent(1, 0.0), 0.1, headers)
    other = late.refused(late.sent(1, 0.0), 0.1, headers)

    assert pause > float(headers["retry-after"])
    assert luck < 1e-9 or pause > other


def test_pauses_without_retry_after_double_with_each_wave_up_to_a_bound() -> None:
    gate, now, pauses = a_gate(luck=1.0), 0.0, []
    for _ in range(12):
        tickets = [gate.sent(1, now) for _ in range(3)]
        pauses.append([gate.refused(ticket, now + 0.01, {}) for ticket in tickets][-1])
        now += 100

    assert pauses[:4] == [0.25, 0.5, 1.0, 2.0]
    assert pauses[-1] == 30.0


def test_a_ticket_comes_back_only_once() -> None:
    gate = a_gate()
    ticket = gate.sent(10, 0.0)

    gate.answered(ticket, 0.1, {}, None)
    gate.answered(ticket, 0.2, {}, None)
    gate.failed(ticket, 0.2, {}, slow=True)
    gate.refused(Ticket(99, 0.0, 10), 0.2, {})

    assert gate.in_flight == 0


# what the server says is left


def test_what_is_left_is_counted_from_the_sending_of_the_newest_reply() -> None:
    gate = a_gate()
    first, *others = [gate.sent(10, 0.0), gate.sent(10, 0.5), gate.sent(10, 0.5)]

    gate.answered(first, 1.0, wanted(60, 5, 60), None)

    assert len(fill(gate, 1.0)) == 5 - len(others) + 1, "three are left, and one more goes to see"


def test_when_nothing_is_left_one_request_at_a_time_goes_to_see() -> None:
    gate = a_gate()
    gate.answered(gate.sent(10, 0.0), 0.2, wanted(60, 1, 60), None)
    gate.answered(gate.sent(10, 0.3), 0.5, wanted(60, 0, 60), None)

    (probe,) = fill(gate, 1.0)
    assert gate.wait(10, 1.0) == math.inf

    gate.failed(probe, 1.5, {}, slow=False)
    assert len(fill(gate, 1.5)) == 1


def test_what_was_left_is_forgotten_when_the_server_says_it_no_more() -> None:
    gate = a_gate()
    gate.answered(gate.sent(10, 0.0), 0.2, wanted(60, 1, 60), None)
    gate.answered(gate.sent(10, 0.3), 0.5, {}, None)

    assert len(fill(gate, 0.5)) == 64


def test_the_gate_waits_for_tokens_as_for_requests() -> None:
    gate = a_gate()
    headers = {**wanted(60, 50, 60), **wanted(10_000, 2_500, 60, "tokens")}
    gate.answered(gate.sent(1_000, 0.0), 0.2, headers, None)

    assert len([gate.sent(1_000, 0.2) for _ in range(2) if gate.wait(1_000, 0.2) == 0]) == 2
    assert gate.wait(500, 0.2) == 0
    gate.sent(1_000, 0.2)
    assert gate.wait(500, 0.2) == math.inf


# concurrency


def test_time_outs_halve_the_concurrency_once_a_round_trip_and_successes_bring_it_back_slowly() -> None:
    gate = a_gate(concurrency=16)
    tickets = [gate.sent(1, 0.0) for _ in range(16)]
    for ticket in tickets:
        gate.failed(ticket, 1.0, {}, slow=True)
    assert room(gate, 1.0) == 8

    for ticket in fill(gate, 1.0):
        gate.answered(ticket, 1.2, {}, None)

    assert room(gate, 1.2) in (8, 9)


def test_other_failures_leave_the_concurrency_alone() -> None:
    gate = a_gate(concurrency=16)

    for ticket in fill(gate, 0.0):
        gate.failed(ticket, 1.0, {}, slow=False)

    assert room(gate, 1.0) == 16


def test_the_concurrency_is_never_less_than_one() -> None:
    gate = a_gate(concurrency=3)
    for now in range(20):
        for ticket in fill(gate, float(now)):
            gate.failed(ticket, now + 0.5, {}, slow=True)

    assert room(gate, 30.0) == 1


def fill(gate: Gate, now: float) -> list[Ticket]:
    tickets = []
    while gate.wait(1, now) == 0:
        tickets.append(gate.sent(1, now))
    return tickets


def room(gate: Gate, now: float) -> int:
    """How many the gate lets through at once; it is left as it was but for their numbers."""
    tickets = fill(gate, now)
    for ticket in tickets:
        gate.failed(ticket, now, {}, slow=False)
    return len(tickets)


# what is configured


def test_a_configured_pace_is_even_after_one_seconds_worth() -> None:
    weather = run(Clear(), gates(64, requests=600), works=200)

    assert sum(one.at < 0.05 for one in weather.sent) == 10
    assert weather.makespan == pytest.approx(19 + 0.2, abs=0.1)


def test_a_request_larger_than_the_burst_or_the_whole_limit_gets_through() -> None:
    for size in (900, 5_000):
        weather = run(Clear(), gates(64, tokens=1_000), works=4, tokens=([size] * 4).__getitem__, used=1.0)

        assert weather.refused == 0
        assert len(weather.sent) == 4


def test_tokens_that_were_reserved_and_not_used_are_given_back() -> None:
    spent = run(Clear(), gates(64, tokens=60_000), works=400, tokens=lambda _: 1_000, used=1.0)
    saved = run(Clear(), gates(64, tokens=60_000), works=400, tokens=lambda _: 1_000, used=0.25)

    assert saved.makespan < 0.45 * spent.makespan


# headers


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12ms", 0.012), ("1.2s", 1.2), ("6m0s", 360), ("1h2m3.5s", 3723.5), ("1d", 86400), ("7", 7), (" 0.5 ", 0.5),
        ("0", 0), ("60;w=60", 60), ("nan", None), ("-5", None), ("abc", None), ("1e99", None), ("", None), ("5x", None),
        ("inf", None), ("9" * 300, None), ("1s junk", None), ("s", None), ("٣", None),
    ],
)  # fmt: skip
def test_a_length_of_time_is_read_or_ignored(text: str, seconds: float | None) -> None:
    assert said.seconds(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT", "date": "Sat, 21 Nov 2026 12:00:00 GMT"}, 30),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT", "date": "Sat, 21 Nov 2026 12:00:00 GMT"}, 0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, None),
        ({"retry-after": "Sat, 99 Nov 2026 12:00:30 GMT", "date": "Sat, 21 Nov 2026 12:00:00 GMT"}, None),
        ({"retry-after": "600"}, 600),
        ({"retry-after": "601"}, 60),
        ({"retry-after": "999999999999"}, 60),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_when_to_come_back_is_read_in_all_its_forms(headers: Headers, seconds: float | None) -> None:
    assert said.away(headers) == seconds


@pytest.mark.parametrize(
    ("headers", "reading"),
    [
        (wanted(600, 30, 1.5), (30, 600)),
        ({"ratelimit-limit": "100, 100;window=60", "ratelimit-remaining": "9"}, (9, 100)),
        ({"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "49"}, (49, 50)),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-limit-requests": "nan"}, (3, None)),
        ({"x-ratelimit-remaining-requests": "-3", "x-ratelimit-limit-requests": "10"}, None),
        ({"x-ratelimit-limit-requests": "10"}, None),
    ],
)
def test_what_remains_is_read_in_three_spellings(headers: Headers, reading: tuple[float, ...] | None) -> None:
    assert said.reading(headers, said.REQUESTS) == reading
