"""What is handed in: papers into requests, requests into files. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from digestor.client.batches.notes import Request
from digestor.client.budget import Reservation
from digestor.client.dialect import Dialect
from digestor.client.packing import packs
from digestor.client.prices import Price
from digestor.client.terms import Form, Item
from digestor.client.work import SLACK

MOST = 3
"""Batches a paper is put into; after that it is for the ordinary client."""
SMALLER = 4
"""Requests with papers that a batch did not answer are so many times smaller, each time."""


class Terms(NamedTuple):
    """How requests are made."""

    form: Form
    model: str
    most: int
    """Papers a request."""
    room: int
    """Tokens of a request's papers and their answers."""
    thinking: int
    """Tokens a reply may think in."""


class Ready(NamedTuple):
    """A request to be handed in."""

    custom_id: str
    line: bytes
    request: Request
    pack: list[Item]
    held: Reservation
    """What is set aside for it."""


def half(price: Price) -> Price:
    """What a token costs in a batch: half, as OpenAI and others have it."""
    cached = None if price.cached is None else price.cached / 2
    written = None if price.written is None else price.written / 2
    return Price(price.input / 2, price.output / 2, cached, f"{price.source}, half of it in a batch", written)


def packed(items: Sequence[Item], tries: Callable[[Item], int], terms: Terms) -> Iterator[tuple[list[Item], int]]:
    """The papers of each request, and the batches they were in before, in vain.

    Those that were in one are by themselves, in ever smaller requests: what one of them does to the others ends there.
    """
    for count in range(MOST):
        some = [item for item in items if tries(item) == count]
        for pack in packs(some, max(1, terms.most // SMALLER**count), terms.room, terms.form.expected):
            yield pack, count


def size(pack: Sequence[Item], count: int, terms: Terms) -> tuple[int, int]:
    """Tokens of a request, and of its reply at the very most; `count` batches in vain give it more room."""
    tokens_in = terms.form.tokens + sum(item.tokens for item in pack) + SLACK
    return tokens_in, len(pack) * terms.form.most * (1 + count) + SLACK + terms.thinking


def body(pack: Sequence[Item], count: int, most: int, terms: Terms, dialect: Dialect) -> dict[str, Any]:
    """A request about these papers, its reply of `most` tokens at most."""
    form = terms.form
    numbered = [item.numbered(number) for number, item in enumerate(pack, start=1)]
    user = "\n".join([*numbered, form.reminder] if count and form.reminder else numbered)
    return dialect.request(terms.model, form, user, most)


def files(ready: Sequence[Ready], most_lines: int, most_bytes: int) -> Iterator[list[Ready]]:
    """The requests of each file; one that is too large for any is alone in its own."""
    file: list[Ready] = []
    size = 0
    for one in ready:
        if file and (len(file) >= most_lines or size + len(one.line) > most_bytes):
            yield file
            file, size = [], 0
        file.append(one)
        size += len(one.line)
    if file:
        yield file
