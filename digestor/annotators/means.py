"""What one run of the llm annotator is made of, from the settings: the form, the chat, the gate, the packer."""

import json
import random
from collections.abc import Iterable, Sequence
from functools import partial

from digestor import tokens
from digestor.annotators import asking
from digestor.annotators.judging import Again
from digestor.annotators.settings import Settings
from digestor.client import Item
from digestor.client.batches import Link
from digestor.client.chat import Chat
from digestor.client.dialect import Dialect
from digestor.client.limits import Gate
from digestor.client.packing import Packer, fitted, packs
from digestor.client.prices import cost
from digestor.client.terms import Form, Usage
from digestor.models import Paper, Plan
from digestor.protocols import Desk

EXPECTED = 75
"""Tokens of an answer in English; measured on lines of 12 to 30 words."""
RATED = 30
"""Tokens more where it says what the paper is to the reader: its fields, and half a line of 12 words."""
WIDE = {"en": 1.0, "de": 1.3, "fr": 1.2, "es": 1.2, "it": 1.2, "pt": 1.2, "nl": 1.2}
"""How many times more tokens a language takes; 1.8 for those not named."""
ROOM = 30_000
"""Tokens of a request's papers and answers, where the model's context is not known to be smaller."""
LONGEST = 4_000
"""Tokens of one paper; an abstract that is longer is none, and is cut."""
LEAST = 300
"""Tokens of a request's papers and answers without which nothing can be asked."""
SLACK = 128
"""Tokens of a request that are neither papers nor the fixed part: what a chat template adds."""
AHEAD = 5_000
"""Papers that are read before the first request is filled, so that the requests come out even."""


class Means:
    """Made once for a run."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        loaded = tokens.start(settings.model)
        self.settings, self.desk = settings, desk
        self.prompt = settings.loaded(desk.reader)
        self.asker = settings.asker(desk.vocabulary, desk.reader)
        self.signature = settings.signature(desk.vocabulary, desk.reader)
        self.price = settings.price(desk.environ)
        self.patience = settings.patience(desk.environ)
        self.count = loaded()
        said = asking.answer(self.prompt, desk.reader)
        usual = EXPECTED + RATED if said is asking.Rated else EXPECTED
        expected = int(usual * WIDE.get(settings.language, 1.8))
        fixed = asking.system(self.prompt, desk.vocabulary, settings.spoken, desk.reader)
        schema = asking.schema(desk.vocabulary, settings.papers_per_request, said)
        prefix = self.count(fixed) + SLACK
        self.form = Form(
            system=fixed,
            schema=schema,
            answer=said,
            tokens=prefix + self.count(json.dumps(schema, separators=(",", ":"))),
            prefix=prefix,
            expected=expected,
            most=expected * 2,
            parameters=settings.parameters,
            reminder=self.prompt.block("reminder"),
        )
        context = settings.context or ROOM + prefix + settings.thinking
        self.room = max(LEAST, context - prefix - settings.thinking)
        """Tokens of a request's papers and answers."""

    @property
    def where(self) -> str:
        """Who is asked, for messages."""
        return f"{self.settings.model} at {self.settings.host(self.desk.environ)}"

    def item(self, paper: Paper, room: int = LONGEST) -> tuple[Item, bool]:
        """A paper ready to be asked about, and whether its abstract had to be cut."""
        return fitted(paper, partial(asking.paper_text, self.prompt), self.count, min(room, self.room))

    def anew(self, item: Item, verdict: Again) -> Item:
        """The same with what was wrong with its line."""
        text = asking.asked_again(self.prompt, item.text, verdict.line, verdict.faults)
        return Item(item.paper, text, self.count(text), turn=item.turn + 1)

    def packer(self, items: Iterable[Item]) -> Packer:
        """What fills the requests."""
        return Packer(items, self.settings.papers_per_request, self.room, self.form.expected)

    def gate(self, now: float) -> Gate:
        """What says when a request may go."""
        limits = self.settings
        first = 2 if limits.here(self.desk.environ) else 8
        return Gate(limits.concurrency, limits.requests_per_minute, limits.tokens_per_minute, now, random.random, first)

    def chat(self) -> Chat:
        """The model, for the loop that runs now."""
        settings = self.settings
        most = settings.concurrency or 64
        return Chat(self._url, self._key, settings.model, self.form, self.dialect(), self.patience, most)

    def link(self) -> Link:
        """The provider's Batch API."""
        return Link(self._url, self._key, self.patience)

    def dialect(self) -> Dialect:
        """How the server is spoken to, as learnt before."""
        known = Dialect.read(self.desk.journal.recall(self._server), self._url)
        if self.settings.structured == "auto":
            return known
        return known._replace(structured=self.settings.structured)

    def learnt(self, dialect: Dialect) -> None:
        """Remember how it is spoken to."""
        self.desk.journal.note(self._server, dialect.text())

    def plan(self, items: Sequence[Item]) -> Plan:
        """What asking about these would take, packed as it would be sent."""
        requests = packs(items, self.settings.papers_per_request, self.room, self.form.expected)
        tokens_in = sum(item.tokens for item in items) + len(requests) * self.form.tokens
        tokens_out = len(items) * self.form.expected
        half = self.settings.mode == "batch"
        usd = cost(self.price, Usage(tokens_in, 0, tokens_out, 0)) * (0.5 if half else 1) if self.price else None
        price = f"{self.price.source}{', half of it for a batch' if half else ''}" if self.price else "not known"
        return Plan(
            annotator=self.signature,
            papers=len(items),
            requests=len(requests),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=usd,
            counted=f"{self.count.said}; price: {price}",
        )

    @property
    def _url(self) -> str:
        return self.settings.url(self.desk.environ)

    @property
    def _key(self) -> str:
        return self.desk.environ.get(self.settings.api_key_env, "")

    @property
    def _server(self) -> str:
        return f"dialect {self._url} {self.settings.model}"
