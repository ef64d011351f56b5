"""Bulk over as many runs as it takes: nothing handed in twice, nothing lost, whatever happens on the way."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestor.client.batches import Brought, Bulk, Link, half
from digestor.client.batches.handing import Ready, files
from digestor.client.batches.lines import told
from digestor.client.batches.notes import Request
from digestor.client.batches.sending import Server
from digestor.client.batches.states import State, state
from digestor.client.budget import Budget, Reservation
from digestor.client.dialect import Dialect
from digestor.client.prices import Price
from digestor.client.terms import NUMBER, Answer, Fatal, Form, Item
from digestor.models import Paper
from digestor.protocols import Journal
from tests.fakes import a_memory, a_paper
from tests.serving import Batches, ChatServer, Step, Weather

ASKER = "model prompt@hash"
KEY = "sk-not-a-real-key-at-all-0123456789"
PRICE = Price(2.0, 8.0, None, "the config")


class Said(Answer):
    line: str
    tags: list[str]
    code: str


FIELDS = {
    "id": {"type": "integer"},
    "title": {"type": "string"},
    "line": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string", "enum": ["survey", "theory"]}},
    "code": {"type": "string", "enum": ["released", "none"]},
}
SCHEMA = {"properties": {"papers": {"type": "array", "items": {"type": "object", "properties": FIELDS}}}}
FORM = Form("Write a line for each.", {"type": "object", **SCHEMA}, Said, 60, 60, 120, reminder="Answer in JSON.")


def an_item(paper: Paper, turn: int = 0) -> Item:
    text = f'<paper id="{NUMBER}">\n{paper.title}\n{paper.abstract}\n</paper>\n'
    return Item(paper, text, len(text) // 4, turn)


def some(count: int, start: int = 0) -> list[Item]:
    return [an_item(a_paper(number)) for number in range(start, start + count)]


class Office:
    """A journal that stays, a server, and a run whenever one is asked for."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.journal: Journal = a_memory().journal
        self.told: list[str] = []
        self.slept: list[float] = []
        self.budget = Budget(None, None, None)
        self.dialect = Dialect()
        self.link: Callable[[], Server] = lambda: Link(server.url, KEY, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def bulk(self, most: int = 5, budget: Budget | None = None, **options: Any) -> Bulk:
        self.budget = budget or Budget(half(PRICE), None, None)
        return Bulk(
            self.link,
            FORM,
            options.pop("journal", self.journal),
            ASKER,
            self.budget,
            most,
            30_000,
            self.dialect,
            "scripted",
            tell=self.told.append,
            sleep=self.sleep,
            **options,
        )

    def run(self, items: Sequence[Item], **options: Any) -> Brought:
        bulk = self.bulk(**options)
        brought = bulk.run(self.open(items))
        self.dialect = bulk.dialect
        return brought

    def open(self, items: Sequence[Item]) -> list[Item]:
        """Those without an answer, as the annotator would find them."""
        return [item for item in items if not self.answers(item)]

    def finish(self, items: Sequence[Item], **options: Any) -> Brought:
        """Run until nothing is waited for."""
        for _ in range(12):
            brought = self.run(items, **options)
            if brought.waiting is None:
                return brought
        raise AssertionError("it never comes to an end")

    def answers(self, item: Item) -> list[str]:
        return self.journal.answers(item.paper, ASKER)

    @property
    def handed_in(self) -> list[list[dict[str, Any]]]:
        """The requests of each batch, in the order of the file."""
        desk = self.server.desk
        return [[json.loads(row) for row in desk.files[one.file].splitlines()] for one in desk.batches.values()]

    @property
    def papers_handed_in(self) -> list[int]:
        return [sum(len(one.question.papers) for one in batch.lines) for batch in self.server.desk.batches.values()]

    def paid(self, times: int, items: Sequence[Item]) -> bool:
        return dict(self.server.paid) == {item.paper.title: times for item in items}


@pytest.fixture(scope="module")
def running() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def server(running: ChatServer) -> ChatServer:
    running.weather, running.batches = Weather(), Batches()
    running.clear()
    running._steps.clear()
    return running


@pytest.fixture
def office(server: ChatServer) -> Office:
    return Office(server)


# the ordinary way


def test_papers_are_handed_in_waited_for_and_collected_over_three_runs(office: Office) -> None:
    items = some(23)

    first, second, third = office.run(items), office.run(items), office.run(items)

    assert first.waiting
    assert first.waiting[:4] == (1, 23, 0, 5)
    assert first.outcomes == second.outcomes == []
    assert first.left == second.left == []
    assert second.waiting
    assert "a batch is under way" in second.waiting.said
    assert third.waiting is None
    assert third.left == []
    assert {outcome.item.paper.id for outcome in third.outcomes} == {item.paper.id for item in items}
    assert all(len(office.answers(item)) == 1 for item in items)
    assert office.paid(1, items)
    assert office.papers_handed_in == [23]


def test_each_answer_is_kept_under_its_own_paper_though_lines_come_in_another_order(office: Office) -> None:
    items = some(30)

    outcomes = office.finish(items).outcomes

    for outcome in outcomes:
        assert outcome.answer
        assert outcome.item.paper.title.startswith(outcome.answer.title)
        assert outcome.item.paper.title.split()[0] in json.loads(office.answers(outcome.item)[0])["title"]


def test_a_file_is_what_the_batch_api_takes_and_like_an_ordinary_request(office: Office) -> None:
    office.run(some(7))

    [requests] = office.handed_in
    [batch] = office.server.desk.batches.values()
    assert [sorted(one) for one in requests] == [["body", "custom_id", "method", "url"]] * 2
    assert {(one["method"], one["url"]) for one in requests} == {("POST", "/v1/chat/completions")}
    assert len({one["custom_id"] for one in requests}) == 2
    assert requests[0]["body"]["messages"][0] == {"role": "system", "content": FORM.system}
    assert '<paper id="1">' in requests[0]["body"]["messages"][1]["content"]
    assert batch.metadata
    assert len(batch.metadata["digestor"]) == 32


def test_tokens_are_billed_at_half_the_price_in_the_run_that_collects(office: Office) -> None:
    items = some(10)

    office.run(items)
    before = office.budget.spent
    office.finish(items)

    usage = office.server.tokens
    assert before.cost == 0
    assert before.requests == 2
    assert office.budget.spent.tokens_in == usage["in"]
    assert office.budget.spent.tokens_out == usage["out"]
    assert office.budget.spent.cost == pytest.approx((usage["in"] * 1.0 + usage["out"] * 4.0) / 1e6)


def test_whoever_waits_is_given_it_in_the_same_run(office: Office) -> None:
    office.server.batches = Batches(polls=3)

    brought = office.run(some(6), wait=3600.0)

    assert brought.waiting is None
    assert len(brought.outcomes) == 6
    assert office.slept == [30.0] * 4
    assert office.budget.spent.requests == 2


def test_whoever_waits_too_short_is_told_so(office: Office) -> None:
    office.server.batches = Batches(polls=9)

    brought = office.run(some(6), wait=75.0)

    assert brought.waiting
    assert office.slept == [30.0, 30.0, 15.0]


def test_nothing_to_ask_and_nothing_under_way_asks_nobody(office: Office) -> None:
    assert office.run([]) == Brought([], [], None)
    assert office.server.log == []


# the input changes meanwhile


def test_a_paper_added_meanwhile_is_the_only_one_handed_in(office: Office) -> None:
    items = some(10)
    office.run(items)

    again = office.run([*items, *some(1, 10)])

    assert again.waiting
    assert again.waiting.batches == 2
    assert again.waiting.papers == 11
    assert office.papers_handed_in == [10, 1]
    office.finish([*items, *some(1, 10)])
    assert office.paid(1, [*items, *some(1, 10)])


def test_answers_for_papers_that_left_the_input_are_kept_all_the_same(office: Office) -> None:
    items = some(10)
    office.run(items)
    office.run(items[:3])

    brought = office.run(items[:3])

    assert len(brought.outcomes) == 3
    assert brought.waiting is None
    assert all(len(office.answers(item)) == 1 for item in items)


def test_a_batch_for_others_only_is_not_waited_for(office: Office) -> None:
    office.server.batches = Batches(polls=50)
    office.run(some(10))

    assert office.run([]).waiting is None


def test_a_paper_that_changed_its_id_is_known_by_its_words(office: Office) -> None:
    office.run(some(4))
    renamed = [item._replace(paper=item.paper.model_copy(update={"id": "x" + item.paper.id})) for item in some(4)]

    outcomes = office.finish(renamed).outcomes

    assert sorted(outcome.item.paper.id for outcome in outcomes) == ["xp0", "xp1", "xp2", "xp3"]


# a run that is cut off


class KilledError(BaseException):
    pass


class Fuse:
    def __init__(self, steps: int) -> None:
        self.left = steps

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise KilledError


class FusedJournal:
    """Cuts the run off before or after it writes."""

    def __init__(self, journal: Journal, fuse: Fuse) -> None:
        self._journal, self._fuse = journal, fuse
        self.answers, self.recall, self.unsettled, self.begin = (
            journal.answers,
            journal.recall,
            journal.unsettled,
            journal.begin,
        )

    def settle(self, attempt: int, asker: str, answers: Sequence[tuple[Paper, str]] = ()) -> None:
        self._fuse.burn()
        self._journal.settle(attempt, asker, answers)
        self._fuse.burn()

    def note(self, name: str, text: str) -> None:
        self._fuse.burn()
        self._journal.note(name, text)
        self._fuse.burn()


class FusedLink:
    """Cuts the run off before or after it speaks to the server."""

    def __init__(self, link: Link, fuse: Fuse) -> None:
        self._link, self._fuse = link, fuse
        self.place, self.keys, self.close = link.place, link.keys, link.close

    async def upload(self, content: bytes) -> str:
        self._fuse.burn()
        name = await self._link.upload(content)
        self._fuse.burn()
        return name

    async def create(self, file: str, mark: str) -> State:
        self._fuse.burn()
        state = await self._link.create(file, mark)
        self._fuse.burn()
        return state

    async def state(self, name: str) -> State:
        self._fuse.burn()
        return await self._link.state(name)

    async def find(self, mark: str) -> State | None:
        self._fuse.burn()
        return await self._link.find(mark)

    async def content(self, file: str) -> bytes | None:
        self._fuse.burn()
        return await self._link.content(file)


def steps_until_done(office: Office, items: Sequence[Item], step: int, **options: Any) -> tuple[bool, Brought]:
    """Cut off at one step, then run to the end: was it cut off at all?"""
    fuse, plain = Fuse(step), office.link
    office.link = lambda: FusedLink(Link(office.server.url, KEY, sleep=office.sleep), fuse)
    journal = FusedJournal(office.journal, fuse)
    try:
        done = office.finish(items, journal=journal, **options)
    except KilledError:
        office.link = plain
        return True, office.finish(items, **options)
    return False, done


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        (Batches(polls=1), {}),
        (Batches(polls=0, outcome="expired", done=0.5), {}),
        (Batches(polls=0, broken=0.4), {"most_lines": 2}),
    ],
    ids=["completed", "expired", "two batches"],
)
def test_a_run_cut_off_at_any_step_hands_nothing_in_twice_and_loses_nothing(
    server: ChatServer, settings: Batches, options: dict[str, Any]
) -> None:
    items = some(6)
    for step in range(1, 100):
        server.batches = settings
        server.clear()
        office = Office(server)

        cut_off, brought = steps_until_done(office, items, step, most=2, **options)

        answered = [item for item in items if office.answers(item)]
        assert all(len(office.answers(item)) == 1 for item in answered), step
        assert office.paid(1, answered), step
        assert len(server.desk.batches) == 1 + bool(options), step
        assert {item.paper.id for item in (*answered, *brought.left)} == {item.paper.id for item in items}, step
        if not cut_off:
            break
    assert 15 < step < 99  # as many places were tried


def test_a_batch_made_without_our_knowing_is_found_again_and_the_user_is_told(office: Office) -> None:
    made = False

    class Deaf(Link):
        async def create(self, file: str, mark: str) -> State:
            nonlocal made
            await super().create(file, mark)
            made = True
            raise KilledError

    plain, office.link = office.link, lambda: Deaf(office.server.url, KEY)
    with pytest.raises(KilledError):
        office.run(some(5))
    office.link = plain

    brought = office.finish(some(5))

    assert made
    assert len(office.server.desk.batches) == 1
    assert len(brought.outcomes) == 5
    assert "found at the server" in office.told[0]


def test_a_batch_whose_reply_is_lost_is_looked_for_before_it_is_made_again(office: Office) -> None:
    office.server.script(Step(fault="cut"), at="batches")

    office.finish(some(5))

    assert len(office.server.desk.batches) == 1
    assert office.paid(1, some(5))


def test_all_pages_of_the_list_of_batches_are_looked_through(office: Office) -> None:
    others = {"data": [{"id": "batch_x", "metadata": None}, {"id": "batch_y"}, 7], "has_more": True}
    office.server.script(Step(fault="reset"), Step(200, body=others), at="batches")

    office.finish(some(5))

    assert len(office.server.desk.batches) == 1
    assert [seen.path for seen in office.server.log].count("/v1/batches") == 3  # made, first page, second page


def test_where_it_cannot_be_known_whether_a_batch_was_made_it_is_not_made_again(office: Office) -> None:
    office.server.script(Step(fault="cut"), Step(404), at="batches")

    with pytest.raises(Fatal, match="not known whether"):
        office.run(some(5))

    assert len(office.finish(some(5)).outcomes) == 5
    assert len(office.server.desk.batches) == 1


def test_a_file_handed_in_of_which_no_batch_was_made_is_handed_in_again_and_told(office: Office) -> None:
    office.server.script(*[Step(503)] * 40, at="batches")

    with pytest.raises(Fatal, match="503"):
        office.run(some(5))
    office.server._steps.clear()

    assert len(office.finish(some(5)).outcomes) == 5
    assert len(office.server.desk.batches) == 1
    assert "handed in again" in office.told[0]


# what comes back is not all of it


@pytest.mark.parametrize("outcome", ["expired", "cancelled"])
def test_a_batch_that_ends_early_is_collected_and_the_few_papers_left_are_asked_directly(
    office: Office, outcome: Any
) -> None:
    office.server.batches = Batches(outcome=outcome, done=0.5)
    items = some(20)

    brought = office.finish(items)

    assert len(brought.outcomes) == len(brought.left) == 10
    assert brought.waiting is None
    assert {one.item for one in brought.outcomes} | set(brought.left) == set(items)
    assert len(office.server.desk.batches) == 1


def test_many_papers_without_an_answer_go_into_another_batch_in_smaller_requests(office: Office) -> None:
    office.server.batches = Batches(polls=0, outcome="expired", done=0.5)
    items = some(80)
    office.run(items, most=8)

    brought = office.run(items, most=8)

    office.server.desk.settings = Batches()

    assert brought.waiting
    assert brought.waiting.papers == 40
    assert len(brought.outcomes) == 40
    assert office.papers_handed_in == [80, 40]
    assert [len(requests) for requests in office.handed_in] == [10, 20]
    assert len(office.finish(items, most=8).outcomes) == 40
    assert office.paid(1, items)


def test_a_paper_is_in_three_batches_at_most(office: Office) -> None:
    office.server.batches = Batches(polls=0, broken=1.0)
    items = some(40)

    brought = office.finish(items)

    assert office.papers_handed_in == [40, 40, 40]
    assert brought.left == items
    assert brought.outcomes == []
    assert office.run(items).left == items
    assert len(office.server.desk.batches) == 3


def test_while_a_new_paper_is_waited_for_none_is_left_to_be_asked_directly(office: Office) -> None:
    office.server.batches = Batches(polls=0, broken=1.0)
    office.finish(some(40))

    brought = office.run(some(41))

    assert brought.waiting
    assert brought.left == []
    assert office.papers_handed_in == [40, 40, 40, 1]


@pytest.mark.parametrize("broken", [0.3, 1.0])
def test_rows_with_errors_and_with_nothing_in_them_cost_nothing_and_are_asked_again(
    office: Office, broken: float
) -> None:
    office.server.batches = Batches(broken=broken)
    items = some(20)

    brought = office.finish(items, most=2)

    assert len(brought.left) == int(20 * broken)
    assert office.budget.spent.tokens_in == office.server.tokens["in"]
    assert {one.item for one in brought.outcomes} | set(brought.left) == set(items)


def test_faulty_answers_are_left_over_and_good_ones_beside_them_kept(office: Office) -> None:
    office.server.weather = Weather(faults={"missing": 0.4, "truncated": 0.2, "swapped": 0.2})
    items = some(60)

    brought = office.finish(items)

    for outcome in brought.outcomes:
        assert outcome.answer
        assert outcome.item.paper.title.startswith(outcome.answer.title)
    assert {one.item.paper.id for one in brought.outcomes} | {one.paper.id for one in brought.left} <= {
        item.paper.id for item in items
    }
    assert brought.left or len(office.server.desk.batches) > 1


def test_a_paper_that_is_refused_keeps_only_the_few_beside_it_from_an_answer(office: Office) -> None:
    items = [*some(40), an_item(a_paper(90, abstract="A forbidden thing."))]
    office.server.weather = Weather(poison=("forbidden",))

    brought = office.finish(items, most=50)

    assert items[-1] in brought.left
    assert len(brought.left) <= 12
    assert office.papers_handed_in == [41, 41]
    assert all(office.answers(item) for item in items if item not in brought.left)


def test_a_line_that_has_to_be_asked_once_more_is_left_over_as_it_was_given(office: Office) -> None:
    items = some(6)
    bulk = office.bulk(again=lambda item: item._replace(turn=1) if item.paper.id == "p2" else None)
    bulk.run(items)
    bulk.run(items)

    brought = bulk.run(items)

    assert [(item.paper.id, item.turn) for item in brought.left] == [("p2", 1)]
    assert len(brought.outcomes) == 5
    assert bulk.answered == 6


def test_many_lines_to_be_asked_once_more_go_into_another_batch(office: Office) -> None:
    items = some(30)
    office.run(items)
    office.run(items)

    brought = office.run(items, again=lambda item: item._replace(turn=item.turn + 1))

    assert brought.waiting
    assert brought.waiting.papers == 30
    assert office.papers_handed_in == [30, 30]
    turned = [item._replace(turn=1) for item in items]
    bulk = office.bulk()
    while (last := bulk.run(turned)).waiting:
        pass
    assert len(last.outcomes) == 30
    assert all(len(office.answers(item)) == 2 for item in items)


# what servers do


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_server_without_batches_says_so_and_what_to_do(office: Office, status: int) -> None:
    office.server.script(Step(status), at="files")

    with pytest.raises(Fatal, match="takes no batches") as caught:
        office.run(some(3))

    assert 'mode = "now"' in caught.value.todo
    assert len(office.finish(some(3)).outcomes) == 3


def test_a_wrong_key_is_told_without_the_key(office: Office) -> None:
    office.server.weather = Weather(key="another")

    with pytest.raises(Fatal, match="key was refused") as caught:
        office.run(some(3))

    assert KEY not in f"{caught.value} {caught.value.todo} {caught.value.__context__!r}"


@pytest.mark.parametrize("at", ["files", "batches"])
@pytest.mark.parametrize("fault", ["500", "429-after", "reset", "cut", "html"])
def test_trouble_on_the_way_is_gone_through(office: Office, at: str, fault: str) -> None:
    step = Step(int(fault[:3]), {"retry-after": "7"}) if fault[0].isdigit() else Step(fault=fault)
    office.server.script(*[step if fault != "html" else Step(200, body="<html>")] * 2, at=at)

    office.finish(some(5))

    assert office.paid(1, some(5))
    assert len(office.server.desk.batches) == 1
    assert fault != "429-after" or max(office.slept) >= 7


def test_a_server_that_stays_unwell_is_given_up_and_nothing_is_forgotten(office: Office) -> None:
    office.run(some(5))
    office.server.script(*[Step(503)] * 5, at="batches")

    with pytest.raises(Fatal, match="503") as caught:
        office.run(some(5))

    assert "remembered" in caught.value.todo
    assert len(office.finish(some(5)).outcomes) == 5
    assert len(office.server.desk.batches) == 1


def test_a_batch_refused_for_what_it_is_stops_the_run_with_the_words_of_the_server(office: Office) -> None:
    office.server.batches = Batches(outcome="failed", reason="model_not_found", polls=0)
    office.run(some(5))

    with pytest.raises(Fatal, match="as it was told to"):
        office.run(some(5))

    office.server.batches = Batches()
    assert len(office.finish(some(5)).outcomes) == 5


def test_too_many_tokens_at_once_become_smaller_batches_one_after_the_other(office: Office) -> None:
    items = some(60)
    office.run(items, most=4)
    whole = sum(one.question.tokens for one in office.server.desk.batches["batch_1"].lines)
    office.server.batches = Batches(polls=0, enqueued=whole // 3)
    office.server.clear()
    office.journal = a_memory().journal

    brought = office.finish(items, most=4)

    assert all(office.answers(item) for item in items)
    assert brought.left == []
    assert office.paid(1, items)
    assert len(office.server.desk.batches) > 3
    assert any("smaller batches" in line for line in office.told)


def test_too_much_at_once_is_understood_where_it_is_said_at_once(office: Office) -> None:
    error = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached. Please try again later."}
    office.server.script(Step(429, body={"error": error}), at="batches")
    items = some(20)

    first = office.run(items, most=2)

    assert first.waiting
    assert 0 < office.papers_handed_in[0] <= 10
    office.finish(items, most=2)
    assert office.paid(1, items)


def test_a_single_request_that_is_too_much_stops_the_run(office: Office) -> None:
    office.server.batches = Batches(polls=0, enqueued=5)

    with pytest.raises(Fatal, match="Enqueued token limit"):
        office.finish(some(30), most=4)


def test_a_server_that_takes_other_words_is_asked_in_those_the_next_time(office: Office) -> None:
    office.server.weather = Weather(refuses=("temperature",))

    brought = office.finish(some(40))

    assert len(brought.outcomes) == 40
    assert "temperature" in office.dialect.dropped
    assert len(office.server.desk.batches) == 2


def test_a_file_that_the_server_has_no_more_is_told_and_its_papers_asked_again(office: Office) -> None:
    office.server.batches = Batches(polls=0)
    office.run(some(5))
    office.server.script(Step(404), Step(404), at="files")

    brought = office.run(some(5))

    assert brought.left == some(5)
    assert "no longer has a file" in office.told[0]


def test_a_file_of_which_no_line_is_an_answer_is_not_believed(office: Office) -> None:
    office.server.batches = Batches(polls=0)
    office.run(some(5))
    office.server.script(Step(200, body='{"custom_id": "r9"}\nnonsense\n'), at="files")

    with pytest.raises(Fatal, match="no line"):
        office.run(some(5))

    assert len(office.run(some(5)).outcomes) == 5


def test_lines_that_are_cut_or_unknown_cost_only_themselves(office: Office) -> None:
    office.server.batches = Batches(polls=0)
    office.run(some(20))
    desk = office.server.desk
    office.run([])
    office.journal = a_memory().journal
    desk.batches.clear()
    office.run(some(20))
    [batch] = desk.batches.values()
    good = batch.good
    batch.good = ["{}\n", "\n", "[1]\n", good[0].replace('"r', '"x'), good[1][: len(good[1]) // 2] + "\n", *good[2:]]

    brought = office.run(some(20))

    assert len(brought.outcomes) == len(brought.left) == 10
    assert {one.item for one in brought.outcomes} | set(brought.left) == set(some(20))


def test_an_address_without_its_v1_is_understood(office: Office) -> None:
    office.link = lambda: Link(office.server.url.removesuffix("/v1"), KEY)

    assert len(office.finish(some(3)).outcomes) == 3


def test_without_a_key_none_is_sent_and_one_behind_the_address_goes_along_and_is_never_shown(office: Office) -> None:
    url = f"{office.server.url}?key={KEY}"
    office.link = lambda: Link(url, "")

    office.run(some(3))
    office.server.script(Step(400, body={"error": {"message": f"bad {KEY}"}}), at="batches")
    with pytest.raises(Fatal) as caught:
        office.run(some(3))

    assert all("authorization" not in seen.headers for seen in office.server.log)
    assert KEY[:12] not in f"{caught.value} {caught.value.todo}"
    assert KEY not in office.journal.recall(f"batches {ASKER}")


def test_nothing_of_this_machine_is_told(office: Office) -> None:
    office.finish(some(3))

    told = {name for seen in office.server.log for name in seen.headers}
    assert not {name for name in told if name.startswith("x-stainless")}


def test_another_server_than_the_one_with_the_batch_is_noticed(office: Office) -> None:
    office.run(some(3))
    office.link = lambda: Link("http://127.0.0.1:9/v1", KEY)

    with pytest.raises(Fatal, match="is under way at") as caught:
        office.run(some(3))

    assert "base_url" in caught.value.todo


def test_a_batch_that_the_server_does_not_know_is_not_handed_in_again_unasked(office: Office) -> None:
    office.run(some(3))
    office.server.desk.batches.clear()

    with pytest.raises(Fatal, match="does not know the batch") as caught:
        office.run(some(3))

    assert "project" in caught.value.todo
    assert not office.server.desk.batches


# what is remembered


@pytest.mark.parametrize("text", ["", "{", "[]", '{"requests": {"r1": 7}}', '{"unknown": 1}'])
@pytest.mark.parametrize("which", ["list", "sheet"])
def test_a_note_that_cannot_be_read_stops_the_run_before_anything_is_sent(
    office: Office, which: str, text: str
) -> None:
    office.run(some(3))
    [batch] = office.server.desk.batches.values()
    assert batch.metadata
    name = f"batches {ASKER}" if which == "list" else f"batch {batch.metadata['digestor']}"
    if which == "list" and not text:
        text = "null"
    office.journal.note(name, text)
    before = len(office.server.desk.batches), len(office.server.desk.files)

    with pytest.raises(Fatal, match="cannot be read") as caught:
        office.run(some(3))

    assert name in caught.value.todo
    assert 'mode = "now"' in caught.value.todo
    assert (len(office.server.desk.batches), len(office.server.desk.files)) == before


def test_after_the_end_no_papers_are_kept_in_notes(office: Office) -> None:
    office.finish(some(3))
    [batch] = office.server.desk.batches.values()
    assert batch.metadata

    assert office.journal.recall(f"batch {batch.metadata['digestor']}") == ""
    assert json.loads(office.journal.recall(f"batches {ASKER}")) == {"serial": 1}


def test_answers_that_the_ordinary_client_brought_meanwhile_are_not_doubled(office: Office) -> None:
    items = some(4)
    office.run(items)
    office.journal.settle(0, ASKER, [(items[0].paper, '{"id": 1}')])

    office.run(items)
    office.run(items)

    assert office.answers(items[0]) == ['{"id": 1}']
    assert len(office.answers(items[1])) == 1


# limits and money


def test_lines_and_bytes_of_a_file_are_kept_to(office: Office) -> None:
    items = some(20)

    office.run(items, most=2, most_lines=3)
    office.run(some(20, 100), most=2, most_bytes=6_000)

    assert [len(requests) for requests in office.handed_in[:4]] == [3, 3, 3, 1]
    sizes = [len(office.server.desk.files[one.file]) for one in office.server.desk.batches.values()]
    assert max(sizes[4:]) <= 6_000
    assert len(sizes) > 5
    both = [*items, *some(20, 100)]
    office.finish(both)
    assert office.paid(1, both)


@given(st.lists(st.integers(1, 50)), st.integers(1, 5), st.integers(1, 100))
@settings(max_examples=60)
def test_files_hold_every_request_once_in_order_within_the_limits(sizes: list[int], lines: int, size: int) -> None:
    empty, held = Request(tokens_in=0, tokens_out=0, papers=()), Reservation(1, 0, 0)
    ready = [Ready(str(number), b"x" * length, empty, [], held) for number, length in enumerate(sizes)]

    made = list(files(ready, lines, size))

    assert [one for file in made for one in file] == ready
    assert all(0 < len(file) <= lines for file in made)
    assert all(len(file) == 1 or sum(len(one.line) for one in file) <= size for file in made)


def test_a_budget_hands_in_only_what_it_bears_at_half_the_price(office: Office) -> None:
    items = some(20)
    one = office.bulk()
    one.run(items[:5])
    [(request,)] = [json.loads(office.journal.recall(f"batch {self_mark(office)}"))["requests"].values()]
    worst = (request["tokens_in"] * 1.0 + request["tokens_out"] * 4.0) / 1e6
    office.server.desk.batches.clear()
    office.journal = a_memory().journal

    brought = office.run(items, budget=Budget(half(PRICE), 2.3 * worst, None))

    assert brought.waiting
    assert office.papers_handed_in == [10]


def self_mark(office: Office) -> str:
    [batch] = office.server.desk.batches.values()
    assert batch.metadata
    return batch.metadata["digestor"]


def test_a_budget_that_bears_nothing_hands_in_nothing_and_says_why(office: Office) -> None:
    brought = office.run(some(5), budget=Budget(half(PRICE), 0.0, None))

    assert brought.waiting is None
    assert all(one.unpaid and "budget" in one.why for one in brought.outcomes)
    assert len(brought.outcomes) == 5
    assert office.server.log == []


def test_most_requests_hold_over_the_runs_of_a_batch(office: Office) -> None:
    items = some(20)

    brought = office.finish(items, budget=Budget(half(PRICE), None, 2))

    assert office.papers_handed_in == [10]
    assert sum(one.unpaid for one in brought.outcomes) == 10


# lines


def test_a_reply_goes_before_an_error_for_the_same_request() -> None:
    body = {"choices": [{"message": {"content": "{}"}, "finish_reason": "stop"}]}
    good = {"custom_id": "r1", "response": {"status_code": 200, "body": body}, "error": None}
    bad = {"custom_id": "r1", "response": None, "error": {"code": "batch_expired", "message": "Too late."}}

    for order in ([good, bad], [bad, good]):
        rows = told([json.dumps(one).encode() for one in order], ["r1"], (KEY,)).rows
        assert rows["r1"].reply is not None


JUNK = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: (
    st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["custom_id", "response", "status_code", "body", "error", "choices", "message"])
                      | st.text(max_size=5), inner, max_size=4)
))  # fmt: skip


@given(st.lists(st.binary(max_size=60) | JUNK.map(lambda value: json.dumps(value).encode()), max_size=6))
def test_no_line_makes_reading_fail(raw: list[bytes]) -> None:
    found = told([b"\n".join(raw), b"\n".join(raw[::-1])], ["r1"], (KEY,))

    assert set(found.rows) <= {"r1"}
    assert found.strange <= found.lines


@given(st.fixed_dictionaries({}, optional={"response": JUNK, "error": JUNK}))
def test_whatever_is_said_of_a_request_is_a_reply_a_failure_or_nothing(said: dict[str, Any]) -> None:
    rows = told([json.dumps({"custom_id": "r1", **said}).encode()], ["r1"], (KEY,)).rows

    assert (rows["r1"].reply is None) != (rows["r1"].failure is None)


def test_a_reply_nested_beyond_all_bounds_is_a_failure_like_any_other() -> None:
    for depth in (100, 900, 990, 100_000):
        raw = b'{"custom_id": "r1", "response": {"status_code": 200, "body": ' + b"[" * depth + b"]" * depth + b"}}"

        found = told([raw], ["r1"], (KEY,))

        assert found.strange == 1 or found.rows["r1"].failure is not None


@given(st.dictionaries(st.sampled_from(["id", "status", "errors", "request_counts", "output_file_id"]), JUNK))
def test_whatever_a_server_says_of_a_batch_can_be_read(said: dict[str, Any]) -> None:
    found = state(said, (KEY,))

    assert found.over == (said.get("status") in ("completed", "failed", "expired", "cancelled"))
