"""The run of a client, with a model that is a function: order, journal, budget, failures. Nothing here waits long."""

import json
from collections import Counter
from collections.abc import Callable, Generator, Sequence

import pytest

from digestor.client import Client, Fatal, Item
from digestor.client.budget import Budget
from digestor.client.limits import Gate
from digestor.client.packing import Packer
from digestor.client.prices import Price
from digestor.client.terms import NUMBER, Answer, Declined, Failure, Form, Limited, Lost, Reply, Unwell, Usage
from digestor.errors import StoreError
from digestor.models import Paper
from tests.fakes import a_memory, a_paper

FORM = Form(system="s", schema={}, answer=Answer, tokens=100, expected=10, most=20, reminder="Once more.")


def an_item(number: int) -> Item:
    paper = a_paper(number, title=f"Title{number} of study")
    return Item(paper, f"[{NUMBER}] {paper.title}", 50)


def reply_to(user: str) -> Reply:
    """The right answer to `[1] Title one` lines."""
    lines = [line for line in user.splitlines() if line.startswith("[")]
    answers = [{"id": index, "title": line.partition("] ")[2]} for index, line in enumerate(lines, start=1)]
    return Reply(json.dumps({"papers": answers}), "stop", Usage(100, 0, 10, 0), {})


class Oracle:
    """A model that answers, or fails, as the function says that it is given; remembers what it was asked."""

    def __init__(self, say: Callable[[str, int], Reply | Failure] = lambda user, number: reply_to(user)) -> None:
        self.say, self.asked, self.closed = say, list[str](), False

    async def ask(self, user: str, most: int) -> Reply:
        self.asked.append(user)
        said = self.say(user, len(self.asked))
        if isinstance(said, Failure):
            raise said
        return said

    async def close(self) -> None:
        self.closed = True


class Diary:
    """A journal that notes the order of things."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.kept: Counter[str] = Counter()
        self.open: set[int] = set()

    def answers(self, paper: Paper, asker: str) -> list[str]:
        return []

    def begin(self, asker: str, papers: int) -> int:
        self.lines.append(f"begin {papers}")
        self.open.add(len(self.lines))
        return len(self.lines)

    def settle(self, attempt: int, asker: str, answers: Sequence[tuple[Paper, str]] = ()) -> None:
        self.lines.append(f"settle {len(answers)}")
        self.open.discard(attempt)
        self.kept.update(paper.id for paper, _ in answers)

    def forget(self, paper: Paper, asker: str) -> None:
        raise AssertionError("a client forgets nothing")

    def unsettled(self, asker: str) -> tuple[int, int]:
        return len(self.open), 0

    def recall(self, name: str) -> str:
        return ""

    def note(self, name: str, text: str) -> None:
        raise AssertionError("a client notes nothing")


def a_client(oracle: Oracle, items: list[Item], diary: Diary | None = None, most: int = 4, **more: object) -> Client:
    given: dict[str, object] = {
        "model": lambda: oracle,
        "form": FORM,
        "packer": Packer(items, most, 10_000, FORM.expected),
        "gate": lambda now: Gate(4, None, None, now, lambda: 0.5),
        "budget": Budget(None, None, None),
        "journal": diary or Diary(),
        "asker": "m",
        "count": len,
        "shorter": lambda item, room: item,
        "timeout": 1.0,
    }
    return Client(**{**given, **more})  # type: ignore[arg-type]


def test_every_attempt_is_noted_before_it_is_sent_and_settled_with_its_answers() -> None:
    oracle, diary = Oracle(), Diary()

    outcomes = list(a_client(oracle, [an_item(number) for number in range(6)], diary, most=3).run())

    assert sorted(outcome.item.paper.id for outcome in outcomes) == [f"p{number}" for number in range(6)]
    assert all(outcome.answer and outcome.answer.title == outcome.item.paper.title for outcome in outcomes)
    assert Counter(diary.lines) == {"begin 3": 2, "settle 3": 2}
    assert diary.lines[0] == "begin 3"
    assert oracle.closed


def test_nothing_to_ask_is_nothing_done() -> None:
    oracle = Oracle()

    assert list(a_client(oracle, []).run()) == []
    assert oracle.asked == []


def test_a_paper_asked_again_while_the_run_goes_on_is_answered_too() -> None:
    oracle = Oracle()
    client = a_client(oracle, [an_item(1), an_item(2)])

    told = []
    for outcome in client.run():
        told.append(outcome.item.turn)
        if outcome.item.turn == 0:
            client.again(outcome.item._replace(turn=1))

    assert Counter(told) == {0: 2, 1: 2}
    assert len(oracle.asked) == 2, "those asked again share a request"


def test_too_fast_is_no_attempt_and_loses_nothing() -> None:
    def busy(user: str, number: int) -> Reply | Failure:
        return Limited("429", {"retry-after-ms": "1"}) if number <= 12 else reply_to(user)

    diary = Diary()
    outcomes = list(a_client(Oracle(busy), [an_item(1)], diary).run())

    assert [outcome.answer is not None for outcome in outcomes] == [True]
    assert diary.open == set()


@pytest.mark.parametrize("failure", [Unwell("500"), Lost("reset")])
def test_a_failure_is_tried_again_and_what_may_be_paid_for_is_counted(failure: Failure) -> None:
    price = Price(1.0, 1.0, None, "test")
    budget = Budget(price, 1.0, None)
    oracle = Oracle(lambda user, number: failure if number == 1 else reply_to(user))

    outcomes = list(a_client(oracle, [an_item(1)], budget=budget).run())

    assert outcomes[0].answer is not None
    assert len(oracle.asked) == 2
    assert budget.spent.cost is not None
    assert (budget.spent.cost > 110e-6) is failure.billed, "one reply costs 110 millionths"


def test_a_reply_that_cannot_be_read_is_followed_by_a_reminder() -> None:
    empty = Reply("what?", "stop", None, {})
    oracle = Oracle(lambda user, number: empty if number == 1 else reply_to(user))

    outcomes = list(a_client(oracle, [an_item(1), an_item(2)]).run())

    assert all(outcome.answer for outcome in outcomes)
    assert oracle.asked[1] == f"{oracle.asked[0]}\nOnce more."


def test_one_fatal_reply_stops_the_run_and_the_others_come_home_first() -> None:
    diary = Diary()
    oracle = Oracle(lambda user, number: Fatal("no credit", "pay") if number == 3 else reply_to(user))
    client = a_client(oracle, [an_item(number) for number in range(40)], diary, most=2)

    with pytest.raises(Fatal, match="no credit"):
        list(client.run())

    assert len(oracle.asked) < 20
    assert sum(diary.kept.values()) == client.answered > 0
    assert diary.open == set()
    assert oracle.closed


def test_a_reader_that_stops_reading_closes_everything_and_leaves_what_is_under_way_noted() -> None:
    oracle, diary = Oracle(), Diary()
    running = a_client(oracle, [an_item(number) for number in range(400)], diary, most=1).run()

    next(running)
    assert isinstance(running, Generator)
    running.close()

    assert oracle.closed
    assert len(oracle.asked) < 400


def test_a_journal_that_fails_is_an_error_at_once() -> None:
    store = a_memory()
    store.close()

    with pytest.raises(StoreError):
        list(a_client(Oracle(), [an_item(1)], journal=store.journal).run())


def test_a_declined_paper_leaves_a_verdict_in_the_journal() -> None:
    def refuses(user: str, number: int) -> Reply | Failure:
        return Declined("not this one") if "Title3" in user else reply_to(user)

    diary = Diary()
    outcomes = list(a_client(Oracle(refuses), [an_item(number) for number in range(4)], diary).run())

    assert [outcome.why for outcome in outcomes if outcome.answer is None] == ["not this one"]
    assert diary.kept == Counter({f"p{number}": 1 for number in range(4)})


def test_a_budget_halves_a_request_that_it_cannot_bear_and_skips_the_rest() -> None:
    worst_of_one = (100 + 50 + 64) + (20 + 64)
    budget = Budget(Price(1.0, 1.0, None, "test"), worst_of_one * 1e-6, None)
    oracle = Oracle()

    outcomes = list(a_client(oracle, [an_item(number) for number in range(4)], budget=budget).run())

    assert Counter(outcome.unpaid for outcome in outcomes) == {False: 1, True: 3}
    assert len(oracle.asked) == 1


def test_a_server_that_counts_nothing_is_counted_for() -> None:
    budget = Budget(None, None, None)
    oracle = Oracle(lambda user, number: reply_to(user)._replace(usage=None))

    list(a_client(oracle, [an_item(1)], budget=budget).run())

    assert budget.spent.tokens_in > 100
    assert budget.spent.tokens_out > 0
