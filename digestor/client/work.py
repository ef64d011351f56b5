"""Run the requests: send each when it may go, read what comes back, go on until nothing is left.

`Client.run` is a plain generator; the event loop turns only while it is asked for more. A request goes when the gate
and the budget let it, its attempt is noted before it is sent, and its answers are committed to the journal before
they are given out.
"""

import asyncio
import contextlib
import json
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from digestor.client import replies
from digestor.client.budget import Budget, Reservation
from digestor.client.ladder import Came, Ladder, Outcome
from digestor.client.limits import Gate, Ticket
from digestor.client.packing import Packer
from digestor.client.patience import Patience, failure_of, pause
from digestor.client.terms import Failure, Fatal, Form, Item, Limited, Model, Unpaid, Unwell, Usage
from digestor.protocols import Journal

SLACK = 64
"""Tokens of a request and of a reply beside the papers."""
AT_ONCE = 32
"""Outcomes given out before the loop turns again: whoever judges them must not keep replies waiting for long."""
DRAIN = 10.0
"""Seconds that requests under way get to come back when the run has to stop: they may be paid for."""


class Place(NamedTuple):
    """Leave to send a request now."""

    ticket: Ticket
    held: Reservation


class Client:
    """Asks a model about papers, many a request. Made for one run."""

    def __init__(
        self,
        model: Callable[[], Model],
        form: Form,
        packer: Packer,
        gate: Callable[[float], Gate],
        budget: Budget,
        journal: Journal,
        asker: str,
        count: Callable[[str], int],
        shorter: Callable[[Item, int], Item],
        thinking: int = 0,
        timeout: float = 120.0,
    ) -> None:
        self._make, self._gate_at = model, gate
        self.form, self.packer, self.budget, self.journal, self.asker = form, packer, budget, journal, asker
        self._count = count
        self._thinking = thinking
        """Tokens a reply that the model may think before it answers; learnt from what it uses."""
        self._patience = Patience(timeout)
        self._ladder = Ladder(form, packer, self._refused, shorter)
        self._next: list[Item] = []
        self._line: deque[tuple[list[Item], asyncio.Future[Place]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fatal: BaseException | None = None
        self._broke = self._closing = False

    @property
    def answered(self) -> int:
        """Papers answered so far."""
        return self._ladder.answered

    def run(self) -> Iterator[Outcome]:
        """What comes of each paper, as it comes, in any order. More may be asked meanwhile with `again`.

        Raises Fatal when no request can succeed; what was answered until then is in the journal.
        """
        with asyncio.Runner() as runner:
            try:
                runner.run(self._open())
                while some := runner.run(self._some()):
                    yield from some
            finally:
                runner.run(self._close())

    def again(self, item: Item) -> None:
        """Ask about a paper once more, when a request's worth has gathered or nothing else is left to do."""
        self.packer.back([item], now=False)

    async def _open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._change = asyncio.Event()
        self.model = self._make()
        self.gate = self._gate_at(self._loop.time())
        self._patience.start(self._loop.time())

    async def _close(self) -> None:
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.model.close()

    async def _some(self) -> list[Outcome]:
        """The next outcomes; none when all is done."""
        while True:
            self._change.clear()
            delay = self._launch()
            if fatal := self._fatal or self._ladder.fatal:
                if self._tasks and not self._patience.over:
                    await asyncio.wait(self._tasks, timeout=DRAIN)
                if not self._ladder.outcomes:
                    raise fatal
            if not self._ladder.outcomes and not self._tasks and not self._next:
                self._ladder.end()
                if not self._ladder.outcomes and not self._ladder.fatal:
                    return []
            if self._ladder.outcomes:
                await asyncio.sleep(0)  # what was just launched is sent, and what came in meanwhile is committed
                found, self._ladder.outcomes = self._ladder.outcomes[:AT_ONCE], self._ladder.outcomes[AT_ONCE:]
                return found
            if not self._ladder.fatal:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if delay == math.inf else delay):
                        await self._change.wait()

    # what is sent, and when

    def _launch(self) -> float:
        """Send all that may go now; the seconds until more may, if nothing comes back before."""
        while not self._fatal and not self._ladder.fatal:
            if self._line:  # those that go again come first: a place in the queue was theirs already
                pack, turn = self._line[0]
                place = self._place(pack)
                if isinstance(place, float):
                    return place
                self._line.popleft()
                if place:
                    turn.set_result(place)
                else:
                    turn.set_exception(Unpaid("the budget was reached"))
                continue
            pack = self._next or self._ladder.next(idle=not self._tasks)
            self._next = []
            if not pack:
                break
            place = self._place(pack)
            if isinstance(place, float):
                self._next = pack
                return place
            if place:
                task = self._loop.create_task(self._ask(pack, place))
                self._tasks.add(task)
                task.add_done_callback(self._ended)
            elif len(pack) > 1 and not self._broke:
                self._ladder.halve(pack)  # a smaller request may still be paid for
            else:
                self._broke = True
                self._ladder.unpaid(pack)
        return math.inf

    def _place(self, pack: Sequence[Item]) -> Place | float | None:
        """Leave to send now; or the seconds to wait; or None, where the budget will never bear it."""
        worst = self._worst(pack)
        if not self.budget.room(*worst):
            return math.inf if self.budget.waits(*worst) and not self._broke else None
        now = self._loop.time()
        if delay := self.gate.wait(sum(worst), now):
            return delay
        return Place(self.gate.sent(sum(worst), now), self.budget.reserve(*worst))

    def _worst(self, pack: Sequence[Item]) -> tuple[int, int]:
        """Tokens of a request, and of its reply at the very most; one that was cut off gets more room."""
        tokens_in = self.form.tokens + sum(item.tokens for item in pack) + SLACK
        room = len(pack) * self.form.most * (1 + max(item.cuts for item in pack))
        return tokens_in, room + SLACK + self._thinking

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._change.set()
        if not task.cancelled() and (error := task.exception()):
            self._fatal = self._fatal or error
        if not self._closing:
            self._launch()  # at once, not when the run wakes: the server is idle by one

    # one request

    async def _ask(self, pack: list[Item], place: Place) -> None:
        """A request until a reply comes, with as many attempts as patience allows."""
        try:
            try:
                came = await self._once(pack, place)
            except (Limited, Unwell) as failure:
                came = await self._repeatedly(pack, failure)
        except Fatal as failure:
            self._fatal = self._fatal or failure
        except Failure as failure:
            if not self._fatal:
                self._ladder.failed(pack, failure)
        else:
            self._ladder.came(*came)

    async def _repeatedly(self, pack: list[Item], failure: Failure) -> Came:
        """The attempts after the first, which failed. (Only now, for a retrying object costs as much as a commit.)"""
        first = [failure]
        tries = 0

        async def attempt() -> Came:
            if first:
                raise first.pop()
            return await self._once(pack, await self._turn(pack))

        def enough(state: RetryCallState) -> bool:
            nonlocal tries
            tries += isinstance(failure_of(state), Unwell)
            if self._patience.over:
                self._fatal = self._fatal or self._patience.fatal()
            return self._fatal is not None or self._patience.enough(tries, pack[0].tries)

        kinds = retry_if_exception_type((Limited, Unwell))
        came: Came = await AsyncRetrying(retry=kinds, stop=enough, wait=pause, reraise=True)(attempt)
        return came

    async def _turn(self, pack: list[Item]) -> Place:
        """Wait in the line of those that go again."""
        turn: asyncio.Future[Place] = self._loop.create_future()
        self._line.append((pack, turn))
        self._change.set()
        return await turn

    async def _once(self, pack: list[Item], place: Place) -> Came:
        """One attempt, noted before and settled after. One that is cancelled stays noted as unsettled."""
        most = self._worst(pack)[1]
        attempt = self.journal.begin(self.asker, len(pack))
        try:
            reply = await self.model.ask(self._user(pack), most)
        except Failure as failure:
            self._settle(place, failure)
            self.journal.settle(attempt, self.asker)
            raise
        cut_off = reply.finish == "length"
        tied = replies.read(reply.text, pack, self.form.answer, whole=not cut_off)
        bodies = [(item.paper, answer.model_dump_json()) for item, answer in tied.good]
        self.journal.settle(attempt, self.asker, bodies)
        usage = reply.usage or Usage(self._worst(pack)[0], 0, self._count(reply.text), 0)
        self.budget.settle(place.held, usage, billed=True)
        now = self._loop.time()
        used = usage.tokens_in + usage.tokens_out
        self.gate.answered(place.ticket, now, reply.headers, used, len(pack) * self.form.expected)
        self._patience.success(now)
        if usage.reasoning:
            self._thinking = max(self._thinking, (4 if cut_off else 2) * usage.reasoning)
        # Cut off below its own limit, and that again: then it is the context that is full.
        short = cut_off and any(item.cuts for item in pack) and bool(reply.usage) and usage.tokens_out < most * 9 // 10
        return Came(tied, cut_off, usage.tokens_in + usage.tokens_out if short else None)

    def _user(self, pack: list[Item]) -> str:
        papers = [item.numbered(number) for number, item in enumerate(pack, start=1)]
        return "\n".join([*papers, self.form.reminder] if any(item.tries for item in pack) else papers)

    def _settle(self, place: Place, failure: Failure) -> None:
        now = self._loop.time()
        self.budget.settle(place.held, failure.usage, billed=failure.billed)
        if isinstance(failure, Limited):
            failure.pause = self.gate.refused(place.ticket, now, failure.headers)
        elif isinstance(failure, Unwell):
            self.gate.failed(place.ticket, now, failure.headers, failure.slow)
        else:
            self.gate.answered(place.ticket, now, failure.headers, None)
            return
        self._patience.failure(failure, now)

    def _refused(self, item: Item, why: str) -> None:
        """A verdict is an answer too: it was paid for, and asking again would bring the same."""
        self.journal.settle(0, self.asker, [(item.paper, json.dumps({"refused": why}))])
