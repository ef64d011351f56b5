"""The words of this room: what is asked, what comes back, and every way in which a request can fail."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel

from digestor.models import Paper


class Item(NamedTuple):
    """One paper, ready to be put into a request."""

    paper: Paper
    text: str
    """As the model reads it, `{number}` standing where the request numbers it; see `numbered`."""
    tokens: int
    """Of `text`."""
    turn: int = 0
    """How many answers of this paper were refused before."""
    tries: int = 0
    """How many requests it was in that brought no answer for it, in this turn."""
    cuts: int = 0
    """How many of these were cut off at their own limit: it needs more room."""

    def numbered(self, number: int) -> str:
        """The text with its number in the request. (Not `format`: abstracts have braces.)"""
        return self.text.replace(NUMBER, str(number))


NUMBER = "\x00"
"""Stands in an item's text for its number; no clean text has one."""


class Answer(BaseModel):
    """One item of a reply: what ties it to its paper. What else it says is for a subclass to name."""

    id: int
    """The number that the request gave the paper."""
    title: str
    """The first words of the paper's title, said again: an answer under a wrong number is found by it."""


class Form(NamedTuple):
    """What is the same in every request, byte for byte."""

    system: str
    """The instructions: the fixed part, first in each request, so that servers cache it."""
    schema: Mapping[str, Any]
    """JSON schema of the whole reply, in the strict subset: an object whose `papers` is a list of answers; lists and
    strings are bounded (`maxItems`, `maxLength`); `chat` takes the bounds away for a server that refuses them."""
    answer: type[Answer]
    tokens: int
    """Of system and schema, at the most that a server may count."""
    expected: int
    """Tokens of an answer as they usually are."""
    most: int
    """Tokens of an answer at the very most: what is reserved."""
    prefix: int = 0
    """Tokens of the system message alone: what surely stands in the model's context. 0: as `tokens`."""
    parameters: Mapping[str, Any] = MappingProxyType({})
    """Whatever else the user has the server told: temperature, reasoning_effort, ..."""
    reminder: str = ""
    """Ends a request that is sent again after a reply that could not be read."""


class Usage(NamedTuple):
    """What one reply took, as the server counted it (or, where it does not, as we did)."""

    tokens_in: int = 0
    cached: int = 0
    tokens_out: int = 0
    reasoning: int = 0
    written: int = 0
    """Of `tokens_in`, what the server put into its prompt cache: some charge more for it."""


class Reply(NamedTuple):
    """What came back, whole or cut off."""

    text: str
    finish: str
    """`stop`, `length`, or whatever else the server says."""
    usage: Usage | None
    """None where the server does not count."""
    headers: Mapping[str, str]
    """In lower case."""


class Model(Protocol):
    """Who is asked. `chat.Chat` is the one there is."""

    async def ask(self, user: str, most: int) -> Reply:
        """The reply to one request, of at most so many tokens. Raises one of the Failures."""

    async def close(self) -> None:
        """Let go of the connections."""


class Failure(Exception):  # noqa: N818 - what becomes of a request, and mostly no error
    """A request that brought no answer. `str()` of it is a few plain words, with no secret in them."""

    billed = False
    """May it have been paid for, where `usage` does not say?"""

    def __init__(self, what: str, headers: Mapping[str, str] | None = None, usage: Usage | None = None) -> None:
        super().__init__(what)
        self.headers: Mapping[str, str] = headers or {}
        self.usage = usage


class Limited(Failure):
    """429: too fast. Not the request's fault, so no attempt."""

    pause = 0.0
    """Seconds to stay away; the gate says how many."""


class Unwell(Failure):
    """The server or the way to it failed: 5xx, 408, 409, no connection. May work later."""

    pause = 0.0
    """Seconds that the server asked to wait (Retry-After)."""
    slow = False
    """Is there too much to do for it? (503, a time out)"""
    answered = True
    """Was there a server at all that took the connection?"""


class Lost(Unwell):
    """Sent, and no whole reply came back: reset, time out, a cut body. It may have been paid for."""

    billed = True


class Garbled(Failure):
    """A reply with status 200 that is none: HTML, no choices, an empty message. Paid for, perhaps."""

    billed = True


class Unpaid(Failure):
    """Never sent: the budget would not bear it."""


class TooLong(Failure):
    """The request does not fit the model's context."""

    def __init__(self, what: str, context: int | None = None, prompt: int | None = None) -> None:
        super().__init__(what)
        self.context = context
        """Its size in tokens, where the server says it."""
        self.prompt = prompt
        """Tokens of the request as the server counted them, where it says so."""


class Declined(Failure):
    """The model or its filter will not answer for what is in this request: a refusal, a content filter, a 400."""


class Fatal(Failure):
    """No request of this run can succeed: wrong key, wrong model, no credit, no such address, nobody there."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.todo = todo
