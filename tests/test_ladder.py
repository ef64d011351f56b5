"""What is asked again, in which company, and what is given up."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.client.ladder import HOPELESS, LEAST, TRIES, TRIES_OF_A_GOOD_MODEL, Ladder
from digestor.client.packing import Packer
from digestor.client.replies import Tied
from digestor.client.terms import Answer, Declined, Form, Garbled, Item, TooLong, Unpaid, Unwell
from tests.fakes import a_paper

FORM = Form(system="", schema={}, answer=Answer, tokens=100, expected=50, most=100)


def items(count: int) -> list[Item]:
    return [Item(a_paper(number), f"text {number}", 200) for number in range(count)]


def a_ladder(papers: list[Item] | None = None, most: int = 8) -> tuple[Ladder, list[tuple[str, str]]]:
    verdicts: list[tuple[str, str]] = []
    packer = Packer(papers or [], most, 100_000, FORM.expected)

    def shorter(item: Item, room: int) -> Item:
        return item._replace(tokens=min(item.tokens, max(room, 50)))

    return Ladder(FORM, packer, lambda item, why: verdicts.append((item.paper.id, why)), shorter), verdicts


def answered(*good: Item) -> list[tuple[Item, Answer]]:
    return [(item, Answer(id=1, title="")) for item in good]


def ids(pack: list[Item]) -> list[str]:
    return [item.paper.id for item in pack]


def test_what_is_good_is_kept_and_only_the_rest_is_asked_again_once_nothing_else_is_left() -> None:
    one, two, three = items(3)
    ladder, _ = a_ladder()

    ladder.came(Tied(answered(one, three), [two], ("paper 2 is missing",)), cut_off=False)

    assert [outcome.item for outcome in ladder.outcomes] == [one, three]
    assert ladder.next(idle=False) == []
    assert ladder.next(idle=True) == [two._replace(tries=1)]


def test_a_request_without_an_answer_is_sent_once_more_and_then_halved() -> None:
    pack = items(4)
    ladder, _ = a_ladder()
    nothing = Tied([], pack, ("no JSON",))

    ladder.came(nothing, cut_off=False)
    again = ladder.next(idle=False)
    ladder.came(Tied([], again, ("no JSON",)), cut_off=False)

    assert ids(again) == ids(pack)
    assert [ids(ladder.next(idle=False)) for _ in range(3)] == [["p0", "p1"], ["p2", "p3"], []]


def test_a_reply_cut_off_is_halved_at_once() -> None:
    pack = items(3)
    ladder, _ = a_ladder()

    ladder.came(Tied([], pack, ()), cut_off=True)

    assert [ids(ladder.next(idle=False)) for _ in range(2)] == [["p0", "p1"], ["p2"]]


def test_a_refused_request_is_halved_down_to_the_paper_it_is_about() -> None:
    pack = items(8)
    ladder, verdicts = a_ladder()
    ladder.answered = 1
    ladder.failed(pack, Declined("refused"))
    asked = 0

    while pack := ladder.next(idle=True):
        asked += 1
        if any(item.paper.id == "p5" for item in pack):
            ladder.failed(pack, Declined("refused"))
        else:
            ladder.came(Tied(answered(*pack), [], ()), cut_off=False)

    assert Counter(outcome.answer is None for outcome in ladder.outcomes) == {False: 7, True: 1}
    assert verdicts == [("p5", "refused")]
    assert asked == 6, "two requests a level of halves"


def test_a_paper_given_up_because_the_server_failed_leaves_no_verdict() -> None:
    (one,) = items(1)
    ladder, verdicts = a_ladder()
    ladder.answered = 1

    ladder.failed([one], Unwell("status 500"))

    assert [outcome.why for outcome in ladder.outcomes] == ["status 500"]
    assert verdicts == []


@pytest.mark.parametrize(("answers", "most"), [(0, TRIES), (9, TRIES_OF_A_GOOD_MODEL)])
def test_a_paper_alone_is_given_up_after_some_requests_more_where_the_model_is_good(answers: int, most: int) -> None:
    pack = items(1)
    ladder, _ = a_ladder()
    ladder.answered = answers
    asked = 0

    while pack:
        asked += 1
        ladder.came(Tied([], pack, ("no JSON",)), cut_off=False)
        pack = ladder.next(idle=True)

    assert asked == most


def test_nobody_is_told_of_a_paper_given_up_before_another_is_answered() -> None:
    one, two = items(2)
    ladder, verdicts = a_ladder()

    ladder.failed([one], Declined("refused"))
    assert (ladder.outcomes, verdicts) == ([], [])
    ladder.came(Tied(answered(two), [], ()), cut_off=False)

    assert [outcome.item.paper.id for outcome in ladder.outcomes] == ["p1", "p0"]
    assert verdicts == [("p0", "refused")]


def test_a_model_of_no_use_stops_the_run() -> None:
    ladder, verdicts = a_ladder()

    for item in items(HOPELESS):
        assert ladder.fatal is None
        ladder.failed([item], Declined("I cannot help"))

    assert "I cannot help" in str(ladder.fatal)
    assert verdicts == []


def test_replies_that_cannot_be_read_stop_the_run_even_for_one_paper() -> None:
    pack = items(1)
    ladder, _ = a_ladder()

    while pack:
        ladder.failed(pack, Garbled("an HTML page"))
        pack = ladder.next(idle=True)
    ladder.end()

    assert "an HTML page" in str(ladder.fatal)
    assert ladder.outcomes == []


def test_a_single_refused_paper_is_told_at_the_end() -> None:
    (one,) = items(1)
    ladder, verdicts = a_ladder()

    ladder.failed([one], Declined("refused"))
    ladder.end()

    assert [outcome.why for outcome in ladder.outcomes] == ["refused"]
    assert verdicts == [("p0", "refused")]


def test_a_context_that_is_smaller_than_thought_makes_all_later_requests_smaller() -> None:
    papers = items(12)
    ladder, _ = a_ladder(papers)

    ladder.failed(ladder.next(idle=False), TooLong("too long", context=1_000))

    sizes = []
    while pack := ladder.next(idle=True):
        sizes.append(sum(item.tokens + FORM.expected for item in pack))
        ladder.came(Tied(answered(*pack), [], ()), cut_off=False)
    assert ladder.answered == 12
    assert max(sizes[2:]) <= 900 - FORM.tokens


def test_a_single_paper_too_long_is_cut_until_it_fits() -> None:
    (one,) = items(1)
    ladder, _ = a_ladder()
    ladder.answered = 1

    ladder.failed([one], TooLong("too long", context=320))
    (shorter,) = ladder.next(idle=True)

    assert shorter.tokens < one.tokens
    ladder.failed([shorter._replace(tokens=50)], TooLong("too long", context=320))
    assert [outcome.why for outcome in ladder.outcomes] == ["too long"]


def test_what_the_budget_does_not_bear_is_told_as_unpaid() -> None:
    pack = items(2)
    ladder, verdicts = a_ladder()

    ladder.failed(pack, Unpaid("the budget was reached"))

    assert [outcome.unpaid for outcome in ladder.outcomes] == [True, True]
    assert verdicts == []


@given(st.integers(1, 40), st.integers(1, 9), st.randoms(use_true_random=False))
def test_every_paper_ends_exactly_once_whatever_happens(count: int, most: int, dice: random.Random) -> None:
    ladder, _ = a_ladder(items(count), most)
    told: Counter[str] = Counter()

    for _ in range(10_000):
        pack = ladder.next(idle=True)
        if not pack or ladder.fatal:
            break
        assert len(pack) <= most
        fate = dice.random()
        if fate < 0.15:
            kinds = (Declined("no"), Garbled("no"), Unwell("no"), TooLong("no", dice.choice((None, 400, 5_000))))
            ladder.failed(pack, dice.choice(kinds))
        else:
            good = [item for item in pack if dice.random() < 0.7]
            ladder.came(Tied(answered(*good), [item for item in pack if item not in good], ()), fate < 0.3)
    ladder.end()
    told.update(outcome.item.paper.id for outcome in ladder.outcomes)

    if ladder.fatal is None:
        assert told == Counter({f"p{number}": 1 for number in range(count)})
    else:
        assert ladder.answered == 0


def test_a_reply_that_fills_the_context_makes_a_paper_shorter_and_never_a_letter() -> None:
    (one,) = items(1)
    ladder, _ = a_ladder()
    ladder.answered = 1

    ladder.came(Tied([], [one], ()), cut_off=True, full=400)
    (shorter,) = ladder.next(idle=True)
    ladder.came(Tied([], [shorter], ()), cut_off=True, full=210)

    assert LEAST <= shorter.tokens < one.tokens
    assert [outcome.why for outcome in ladder.outcomes] == ["the model's context is too small for it"]


def test_what_the_server_counted_says_how_much_of_a_context_is_left() -> None:
    ladder, _ = a_ladder()

    ladder.failed(items(2), TooLong("too long", context=1_000, prompt=900))

    assert ladder.packer.room == 1_000 * 19 // 20 - (900 - 400)
