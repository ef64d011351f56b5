"""The budget: what is set aside, what is given back, and that the caps hold."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestor.client.budget import Budget, Reservation
from digestor.client.prices import Price, cost
from digestor.client.terms import Usage

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

DOLLAR = Price(input=1.0, output=10.0, cached=0.1, source="a test")
"""A dollar for a million tokens read, ten for a million written."""


def test_there_is_room_up_to_the_cap_and_not_a_token_further() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_030, max_requests=None)

    assert budget.room(20, 1)
    assert not budget.room(21, 1)


def test_what_is_in_flight_is_not_there_to_be_spent_again() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_030, max_requests=None)

    budget.reserve(10, 1)

    assert budget.room(0, 1)
    assert not budget.room(1, 1)


def test_what_a_request_did_not_take_is_given_back() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_030, max_requests=None)
    held = budget.reserve(10, 2)

    budget.settle(held, Usage(tokens_in=10, tokens_out=1), billed=True)

    assert budget.room(10, 0)
    assert not budget.room(11, 0)
    assert budget.spent.cost == 0.000_020


def test_a_request_that_may_have_been_paid_for_stays_spent_at_its_worst() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_030, max_requests=None)

    budget.settle(budget.reserve(10, 2), None, billed=True)

    assert budget.spent.cost == 0.000_030
    assert budget.spent.tokens_in == 0
    assert not budget.room(1, 0)


def test_a_request_that_was_not_paid_for_costs_nothing_but_counts_as_sent() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_030, max_requests=2)

    budget.settle(budget.reserve(10, 2), None, billed=False)

    assert budget.spent.cost == 0
    assert budget.spent.requests == 1
    assert budget.room(10, 2)


def test_usage_is_counted_even_where_the_request_failed() -> None:
    budget = Budget(DOLLAR, None, None)

    budget.settle(budget.reserve(10, 2), Usage(10, 0, 2), billed=False)

    assert budget.spent.cost == 0.000_030


def test_only_the_first_settlement_of_a_request_counts() -> None:
    budget = Budget(DOLLAR, None, None)
    held = budget.reserve(10, 2)

    budget.settle(held, Usage(10, 0, 2), billed=True)
    budget.settle(held, Usage(10, 0, 2), billed=True)
    budget.settle(Reservation(7, 1, 1), None, billed=True)

    assert budget.spent.cost == 0.000_030


def test_cached_and_written_tokens_have_their_own_price_and_reasoning_is_in_the_output() -> None:
    price = Price(input=1.0, output=10.0, cached=0.1, source="a test", written=1.25)
    budget = Budget(price, None, None)

    budget.settle(budget.reserve(100, 10), Usage(100, cached=50, tokens_out=10, reasoning=9, written=40), billed=True)

    assert budget.spent.cost == pytest.approx((10 * 1.0 + 50 * 0.1 + 40 * 1.25 + 10 * 10.0) / 1e6, rel=1e-12)
    assert (budget.spent.cached, budget.spent.tokens_out, budget.spent.reasoning) == (50, 10, 9)


def test_the_dearest_kind_of_input_is_what_is_set_aside() -> None:
    price = Price(input=1.0, output=10.0, cached=0.1, source="a test", written=2.0)

    assert Budget(price, 0.000_020, None).room(10, 0)
    assert not Budget(price, 0.000_019, None).room(10, 0)


def test_requests_have_a_cap_of_their_own() -> None:
    budget = Budget(None, None, max_requests=2)

    budget.reserve(1, 1)
    assert budget.room(1, 1)
    budget.reserve(1, 1)

    assert not budget.room(1, 1)
    assert not budget.waits(1, 1)


def test_without_caps_there_is_always_room() -> None:
    budget = Budget(DOLLAR, None, None)

    budget.reserve(10**12, 10**12)

    assert budget.room(10**12, 10**12)


def test_a_cap_that_nobody_can_keep_for_want_of_a_price_leaves_room_for_nothing() -> None:
    assert not Budget(None, max_cost=100.0, max_requests=None).room(1, 1)


def test_without_a_price_tokens_are_counted_and_no_cost_is_made_up() -> None:
    budget = Budget(None, None, None)

    budget.settle(budget.reserve(10, 2), Usage(11, 0, 2), billed=True)

    assert (budget.spent.tokens_in, budget.spent.tokens_out, budget.spent.cost) == (11, 2, None)


def test_waiting_is_worth_it_only_while_what_is_in_flight_can_make_room() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_030, max_requests=None)
    assert not budget.waits(10, 2)
    assert not budget.waits(31, 0)

    held = budget.reserve(10, 2)

    assert budget.waits(10, 2)
    assert not budget.waits(31, 0)
    budget.settle(held, Usage(10, 0, 0), billed=True)
    assert not budget.waits(21, 0)


def test_a_server_that_counts_more_than_we_do_has_more_set_aside_in_flight_too() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_100, max_requests=None)
    probe = budget.reserve(10, 0)
    budget.reserve(20, 0)

    budget.settle(probe, Usage(15, 0, 0), billed=True)

    assert budget.ratio == 1.5
    assert budget.room(36, 0)
    assert not budget.room(37, 0)


def test_a_server_that_says_more_than_it_may_has_more_set_aside() -> None:
    budget = Budget(DOLLAR, max_cost=0.000_100, max_requests=None)

    budget.settle(budget.reserve(1, 2), Usage(1, 0, 4), billed=True)

    assert budget.room(0, 2)
    assert not budget.room(0, 3)


def test_a_server_that_counts_less_changes_nothing() -> None:
    budget = Budget(DOLLAR, None, None)

    budget.settle(budget.reserve(10, 2), Usage(1, 0, 1), billed=True)
    budget.settle(budget.reserve(0, 0), Usage(0, 0, 0), billed=True)

    assert budget.ratio == 1


def test_numbers_that_make_no_sense_do_not_break_the_sums() -> None:
    budget = Budget(DOLLAR, None, None)

    budget.settle(budget.reserve(10, 2), Usage(-5, 7, 10**400, -1, 3), billed=True)

    assert budget.spent.tokens_in == 0
    assert budget.spent.tokens_out == 10**12
    assert budget.spent.cost == 1e7


@pytest.mark.parametrize("odd", [float("nan"), float("-inf"), -1.0, 0.0])
def test_a_cap_that_is_no_amount_leaves_room_for_nothing_that_costs(odd: float) -> None:
    assert not Budget(DOLLAR, odd, None).room(1, 0)


def test_an_infinite_cap_is_none() -> None:
    assert Budget(DOLLAR, float("inf"), None).room(10**12, 10**12)


def test_a_price_smaller_than_can_be_counted_is_rounded_up() -> None:
    assert not Budget(Price(1e-300, 1.0, None, "a test"), 1e-15, None).room(2, 0)


def test_sums_do_not_drift() -> None:
    budget = Budget(Price(0.1, 0.1, None, "a test"), max_cost=0.1, max_requests=None)

    for _ in range(10_000):
        assert budget.room(100, 0)
        budget.settle(budget.reserve(100, 0), Usage(100), billed=True)

    assert budget.spent.cost == 0.1
    assert not budget.room(1, 0)


DOLLARS = st.floats(0, 100).map(lambda amount: round(amount, 9))
PRICES = st.builds(
    Price,
    input=DOLLARS,
    output=DOLLARS,
    cached=st.none() | DOLLARS,
    source=st.just("a test"),
    written=st.none() | DOLLARS,
)


@UNHURRIED
@given(
    price=PRICES,
    cap=st.floats(0, 2) | DOLLARS,
    most=st.none() | st.integers(0, 300),
    asks=st.lists(st.tuples(st.integers(1, 20_000), st.integers(1, 4_000)), min_size=1, max_size=150),
    data=st.data(),
)
def test_no_cap_is_ever_passed_with_64_in_flight_and_little_is_left_unused(
    price: Price, cap: float, most: int | None, asks: list[tuple[int, int]], data: st.DataObject
) -> None:
    budget = Budget(price, cap, most)
    random = data.draw(st.randoms(use_true_random=False))
    flying: list[Reservation] = []
    taken = Fraction(0)
    todo = list(asks)
    while todo or flying:
        if todo and len(flying) < 64 and budget.room(*todo[-1]):
            flying.append(budget.reserve(*todo.pop()))
        elif flying:
            held = flying.pop(random.randrange(len(flying)))
            tokens_in = random.choice((held.tokens_in, random.randint(0, held.tokens_in)))
            cached = random.randint(0, tokens_in)
            tokens_out = random.choice((held.tokens_out, random.randint(0, held.tokens_out)))
            usage = Usage(tokens_in, cached, tokens_out, 0, random.randint(0, tokens_in - cached))
            fate = random.choice(("answered", "answered", "lost", "limited"))
            taken += Fraction(cost(price, usage)) if fate == "answered" else 0
            budget.settle(held, usage if fate == "answered" else None, billed=fate == "lost")
        else:
            break
        spent = budget.spent
        assert spent.cost is not None
        assert spent.cost <= cap
        assert taken <= Fraction(cap) * (1 + Fraction(1, 10**12))
        assert most is None or spent.requests <= most
    if todo and (most is None or budget.spent.requests < most):
        tokens_in, tokens_out = todo[-1]
        dearest = max(price.input, price.cached or 0, price.written or 0)
        assert (budget.spent.cost or 0) + (tokens_in * dearest + tokens_out * price.output) / 1e6 >= cap * (1 - 1e-9)
        assert not budget.waits(tokens_in, tokens_out)


@UNHURRIED
@given(
    asks=st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 2_000)), min_size=1, max_size=100),
    ratio=st.integers(100, 300),
    cap=st.floats(0.001, 1),
)
def test_a_vocabulary_that_is_not_ours_cannot_pass_the_cap_once_it_was_seen(
    asks: list[tuple[int, int]], ratio: int, cap: float
) -> None:
    budget = Budget(DOLLAR, cap + 1, None)
    budget.settle(budget.reserve(100, 1), Usage(ratio, 0, 0), billed=True)
    flying = []
    for ask in asks:
        if budget.room(*ask):
            flying.append(budget.reserve(*ask))
    for held in flying:
        budget.settle(held, Usage(held.tokens_in * ratio // 100, 0, held.tokens_out), billed=True)

    assert (budget.spent.cost or 0) <= cap + 1
