"""What is done about a reply: what to ask again, in which company, and when to give a paper up. Pure.

    nothing in it could be used     the same request once more, then its halves, down to single papers
    some answers in it are good     those are kept; the others are asked again with other leftovers, then each alone
    cut off at its limit            halves at once; a single paper gets more room
    too long for the model          halves, and smaller requests from now on
    refused, or failing for ever    halves, down to the paper that it is about

A paper is given up after three requests in vain, six where the model answers for most. Nobody is told before some
paper has been answered: where none is, it is not the papers that are at fault.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from digestor.client.packing import Packer
from digestor.client.replies import Tied
from digestor.client.terms import Answer, Declined, Failure, Fatal, Form, Garbled, Item, TooLong, Unpaid

HOPELESS = 4
"""Papers asked about in vain, with no answer to any, after which the run stops."""
LEAST = 100
"""Tokens of a paper's text; with fewer, a line about it would be made up."""
TRIES, TRIES_OF_A_GOOD_MODEL = 3, 6
"""Requests in vain after which a paper is given up."""


class Outcome(NamedTuple):
    """What came of a paper."""

    item: Item
    answer: Answer | None
    why: str = ""
    """Why there is no answer."""
    unpaid: bool = False
    """Not asked about, because the budget would not bear it."""


class Came(NamedTuple):
    """What a reply held."""

    tied: Tied
    cut_off: bool
    full: int | None
    """The size of the model's context in tokens, where the reply ended because that was full."""


class Given(NamedTuple):
    """A paper given up."""

    item: Item
    why: str
    for_good: bool
    """Would asking again be of no use?"""
    unread: bool
    """Was it because the replies could not be read? Then it is the model or its server."""


class Ladder:
    """Decides after each request. What is to be sent again at once is taken from it with `next`."""

    def __init__(
        self,
        form: Form,
        packer: Packer,
        verdict: Callable[[Item, str], None],
        shorter: Callable[[Item, int], Item],
    ) -> None:
        self.form, self.packer = form, packer
        self._shorter = shorter
        """Cuts a paper's text to at most so many tokens."""
        self._verdict = verdict
        """Called with a paper that is given up for good, and why: to be kept, so that it is not paid for again."""
        self._packs: deque[list[Item]] = deque()
        self._held: list[Given] = []
        self.outcomes: list[Outcome] = []
        self.fatal: Fatal | None = None
        self.answered = self.given_up = 0

    def next(self, idle: bool) -> list[Item]:
        """The next request's papers; none when there is nothing to ask now. `idle`: nothing is under way."""
        return self._packs.popleft() if self._packs else self.packer.take(idle=idle)

    def halve(self, pack: list[Item]) -> None:
        """Ask about both halves, one after the other, before anything else."""
        middle = (len(pack) + 1) // 2
        self._packs.extendleft((pack[middle:], pack[:middle]))

    def unpaid(self, pack: list[Item]) -> None:
        """The budget does not bear these."""
        self.outcomes += [Outcome(item, None, "the budget was reached", unpaid=True) for item in pack]

    def came(self, tied: Tied, cut_off: bool, full: int | None = None) -> None:
        """A reply came, with these answers in it.

        `cut_off`: it ended at a limit: the request's own, or, where `full` says so, that of a context of this size.
        """
        if full is not None:
            self._smaller(full, None, [item for item, _ in tied.good] + tied.again)
        self.outcomes += [Outcome(item, answer) for item, answer in tied.good]
        self.answered += len(tied.good)
        if tied.good:
            self._tell()
        own = cut_off and full is None
        again = [item._replace(tries=item.tries + 1, cuts=item.cuts + own) for item in tied.again]
        if full is not None and len(again) == 1 and not tied.good:
            self._shortened(again[0], "the model's context is too small for it")
            return
        why = "the reply was cut off at its limit" if cut_off else "; ".join(tied.faults) or "the reply has no answer"
        if tied.good:
            self.packer.back([item for item in again if item.tries < 2], now=False)
            for item in again:
                if item.tries >= 2:
                    self._alone(item, why)
        elif again:
            self._in_vain(again, why, halve=cut_off)

    def failed(self, pack: list[Item], failure: Failure) -> None:
        """A request failed for good: no further attempt would help."""
        pack = [item._replace(tries=item.tries + 1) for item in pack]
        if isinstance(failure, Unpaid):
            self.unpaid(pack)
        elif isinstance(failure, Garbled):
            self._in_vain(pack, str(failure), halve=False)
        elif isinstance(failure, TooLong):
            self._too_long(pack, failure)
        elif len(pack) > 1:
            self.halve(pack)
        else:
            self._give_up(pack[0], str(failure), for_good=isinstance(failure, Declined))

    def end(self) -> None:
        """Nothing is left: tell of the papers given up, or say that no reply was of any use."""
        if not self.answered and any(given.unread for given in self._held):
            self._stop()
        else:
            self._tell()

    def _too_long(self, pack: list[Item], failure: TooLong) -> None:
        """The model's context is smaller than was thought: smaller requests from now on, a single paper cut."""
        texts = sum(item.tokens for item in pack)
        known = failure.context or (self.form.prefix or self.form.tokens) + texts + len(pack) * self.form.expected
        self._smaller(known, failure.prompt, pack)
        if len(pack) > 1:
            self.halve(pack)
        else:
            self._shortened(pack[0], str(failure))

    def _smaller(self, context: int, prompt: int | None, pack: list[Item]) -> None:
        """From now on requests fit a context: less what is fixed, as the server counted it or else as we do."""
        texts = sum(item.tokens for item in pack)
        fixed = max(0, prompt - texts) if prompt else self.form.prefix or self.form.tokens
        self.packer.room = min(self.packer.room, max(1, context * 19 // 20 - fixed))

    def _shortened(self, item: Item, why: str) -> None:
        """A paper that is too long by itself, cut; one of which too little would be left is given up."""
        shorter = self._shorter(item, self.packer.room - self.form.most)
        if LEAST <= shorter.tokens < item.tokens:
            self._packs.append([shorter])
        else:
            self._give_up(item, why, for_good=True)

    def _in_vain(self, pack: list[Item], why: str, halve: bool) -> None:
        if len(pack) == 1:
            self._alone(pack[0], why)
        elif halve or max(item.tries for item in pack) > 1:
            self.halve(pack)
        else:
            self._packs.append(pack)

    def _alone(self, item: Item, why: str) -> None:
        most = TRIES_OF_A_GOOD_MODEL if self.answered > self.given_up else TRIES
        if item.tries >= most:
            self._give_up(item, why, for_good=True, unread=True)
        else:
            self._packs.append([item])

    def _give_up(self, item: Item, why: str, for_good: bool, unread: bool = False) -> None:
        self._held.append(Given(item, why, for_good, unread))
        self.given_up += 1
        if self.answered:
            self._tell()
        elif len(self._held) >= HOPELESS:
            self._stop()

    def _tell(self) -> None:
        for given in self._held:
            self.outcomes.append(Outcome(given.item, None, given.why))
            if given.for_good:
                self._verdict(given.item, given.why)
        self._held = []

    def _stop(self) -> None:
        what = f"no paper was answered; the last time, {self._held[-1].why}"
        self.fatal = self.fatal or Fatal(what, "check base_url, or try another model or another value of `structured`")
