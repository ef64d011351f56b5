"""The papers of a made-up year: when each is announced, featured, revised, given code and printed by a journal."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from digestor.period import Period, weekly
from digestor.sources.arxiv.calendar import Batch, announced_on, batches

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 1, 5), date(2027, 1, 3)
"""Fifty-two weeks: 2026-W02 to 2026-W53."""
QUIET = 40
"""The week in which nobody announces anything."""
QUICK = (date(2026, 5, 12), date(2026, 5, 20))
"""What is announced on these days has a second version before the week is over."""
UNWANTED = "basalt"
"""Who has this word in the title is filtered out."""
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
TOPICS = ("Moss beds", "Tides", "Tides", "Lanterns", "Kites", "Glaciers")
AUTHORS = ("Ada Beta", "Bo Gamma", "Cy Delta", "Di Epsilon", "Ed Zeta", "Flo Eta", "Gus Theta")
PROMISE = "The code will be released upon publication."
SHOWN = timedelta(days=30)
"""How long the journal's feed shows an entry."""


@dataclass(frozen=True)
class Later:
    """A second version."""

    moment: datetime
    title: str
    abstract: str
    news: bool
    """Is its abstract another one?"""

    @property
    def day(self) -> date:
        """On which it is announced."""
        return announced_on(self.moment)


@dataclass(frozen=True)
class Study:
    """A paper, and all that will ever be told of it."""

    number: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    arxiv: str = ""
    category: str = "cs.CL"
    submitted: datetime = datetime(2025, 9, 9, 12, tzinfo=UTC)
    announced: date | None = None
    """By arXiv, in the category that is read; None where it is announced elsewhere."""
    featured: date | None = None
    repository: date | None = None
    """Since when its repository is known to the site that features papers."""
    later: Later | None = None
    printed: date | None = None
    """When the journal's feed begins to show it."""
    dated: bool = True
    """Says the feed when?"""
    old: bool = False
    """Announced long before the year."""

    @property
    def doi(self) -> str:
        """The journal's."""
        return f"10.5555/harbour.{self.number}"

    @property
    def unwanted(self) -> bool:
        """Has it the word that filters it out?"""
        return UNWANTED in self.title

    @property
    def titles(self) -> tuple[str, ...]:
        """Under which it may be told of."""
        return (self.title, self.later.title) if self.later else (self.title,)

    def told(self) -> list[tuple[str, date]]:
        """By which source on which day it is told of for the first time."""
        days = (("arxiv", self.announced), ("huggingface", self.featured), ("feed", self.printed))
        return [(source, day) for source, day in days if day is not None and day <= LAST]


@dataclass
class Author:
    """Who makes the papers up; the same papers at each call."""

    dice: random.Random = field(default_factory=lambda: random.Random(20260105))
    made: list[Study] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    def year(self) -> list[Study]:
        """All of them, in the order of their announcement."""
        for number in range(10):
            self._old(number)
        for period in weeks():
            if period.id.endswith(f"W{QUIET}"):
                continue
            for batch in batches(period.window):
                self._batch(batch)
            self._journal(period)
        return self.made

    def _batch(self, batch: Batch) -> None:
        """What is announced on a day, in the order of submission; some have waited long for a moderator."""
        length = (batch.end - batch.start).total_seconds()
        moments = sorted(self.dice.random() * length for _ in range(self.dice.choice((1, 1, 1, 2))))
        for seconds in moments:
            held = timedelta(days=self.dice.randint(9, 20)) if self.dice.random() < 0.05 else timedelta()
            elsewhere = self.dice.random() < 0.12
            submitted = (batch.start + timedelta(seconds=seconds) - held).replace(microsecond=0)
            self._preprint(batch.announced, submitted, elsewhere)

    def _preprint(self, day: date, submitted: datetime, elsewhere: bool) -> None:
        chance = self.dice.random
        title, abstract = self._title(), self._abstract()
        featured = day + self.dice.randint(1, 10) * DAY if elsewhere or chance() < 0.35 else None
        if elsewhere and featured and weekly(featured).id.endswith(f"W{QUIET}"):
            featured += 7 * DAY
        repository = None
        lot = chance()
        if lot < 0.15:
            repository = day
        elif lot < 0.35:
            abstract, repository = f"{abstract} {PROMISE}", day + self.dice.randint(8, 20) * DAY
        later = self._later(title, abstract, day) if not elsewhere and (chance() < 0.2 or day in QUICK) else None
        printed = day + self.dice.randint(20, 120) * DAY if not elsewhere and chance() < 0.15 else None
        self._add(
            title,
            abstract,
            arxiv=self._number(day),
            category="cs.CV" if elsewhere else "cs.CL",
            submitted=submitted,
            announced=None if elsewhere else day,
            featured=featured,
            repository=repository,
            later=later,
            printed=printed,
            dated=chance() < 0.5,
        )

    def _later(self, title: str, abstract: str, day: date) -> Later:
        soon = day in QUICK or self.dice.random() < 0.3
        wait = self.dice.randint(0, 2) if soon else self.dice.randint(3, 50)
        moment = datetime.combine(day + wait * DAY, time(9, 30), UTC)
        if self.dice.random() < 0.5:
            return Later(moment, title, f"{abstract} {self._sentence()}", news=False)
        return Later(moment, f"{title} {self._word()}", self._abstract(), news=True)

    def _journal(self, period: Period) -> None:
        """What only the journal prints."""
        day = period.window.start + self.dice.randint(0, 6) * DAY
        self._add(self._title(), self._abstract(), printed=day, dated=self.dice.random() < 0.5)

    def _old(self, number: int) -> None:
        """A paper of last autumn with a second version this year: nobody here has read the first."""
        title, abstract = self._title(), self._abstract()
        later = self._later(title, abstract, FIRST + 30 * number * DAY)
        self._add(title, abstract, arxiv=f"2509.{10001 + number}", later=later, old=True)

    def _add(self, title: str, abstract: str, **told: object) -> None:
        authors = tuple(self.dice.sample(AUTHORS, 2))
        self.made.append(Study(len(self.made), title, abstract, authors, **told))  # type: ignore[arg-type]

    def _number(self, day: date) -> str:
        month = f"{day:%y%m}"
        self.counted[month] = self.counted.get(month, 0) + 1
        return f"{month}.{10000 + self.counted[month]}"

    def _word(self) -> str:
        return "".join(self.dice.choices(SYLLABLES, k=3))

    def _title(self) -> str:
        topic = self.dice.choice(TOPICS)
        rock = f" {UNWANTED}" if self.dice.random() < 0.05 else ""
        return f"{topic} and {self._word()} {self._word()} of{rock} {self._word()} {self._word()}"

    def _sentence(self) -> str:
        one, two, three, four, five = (self._word() for _ in range(5))
        return f"We follow the {one} of {two} in the {three} and find that it is a {four} for all {five}."

    def _abstract(self) -> str:
        return " ".join(self._sentence() for _ in range(4))


def weeks() -> Iterator[Period]:
    """The weeks of the year."""
    day = FIRST
    while day < LAST:
        yield weekly(day)
        day += 7 * DAY
