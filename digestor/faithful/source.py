"""Title and abstract as the checks compare a line with them."""

import re
from functools import cached_property, lru_cache

from digestor.faithful import language, names, numbers
from digestor.text import words

ENOUGH = 1000
"""Characters of an abstract that tell its language."""
STOPS = frozenset(map(words.stem, words.STOPWORDS))
PAUSE = re.compile(r"[.;:!?]+\s|\n")


class Source:
    """Title and abstract, taken apart once for all checks, each part when a check first asks for it."""

    def __init__(self, title: str, abstract: str) -> None:
        self.text = f"{title}.\n{abstract}"
        self.lower = self.text.casefold()
        self.title = words.content(title)
        self.heading = title.casefold()
        self.language = language.guess((abstract or title)[:ENOUGH])

    def says(self, line: str) -> bool:
        """Is a line made of its very words, from one word's beginning to another's end?"""
        found = self.lower.find(line.rstrip(".").casefold())
        after = found + len(line.rstrip("."))
        return found >= 0 and not self.lower[after : after + 1].isalnum()

    def heads(self, line: str) -> bool:
        """Is a line a part of the title, word for word?"""
        bare = line.strip().rstrip(".?!:").casefold()
        return len(bare.split()) > 1 and bare in self.heading

    def knows(self, word: str) -> bool:
        """Does a word in lower case stand in it, in this or another form?"""
        stem = words.stem(word)
        return word in words.STOPWORDS or stem in self.stems or word in self.names.tokens or stem[:6] in self.beginnings

    @cached_property
    def numbers(self) -> tuple[numbers.Number, ...]:
        """Every number in it."""
        return tuple(numbers.find(self.text))

    @cached_property
    def names(self) -> names.Vocabulary:
        """Its words as names are compared."""
        return names.vocabulary(self.text)

    @cached_property
    def clauses(self) -> tuple[tuple[str, ...], ...]:
        """The stems of each clause."""
        return clauses_of(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems that carry content."""
        return frozenset(stem for clause in self.clauses for stem in clause if stem not in STOPS and len(stem) > 1)

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first letters of its longer stems, by which "generalise" knows "generalisation"."""
        return frozenset(stem[:6] for stem in self.stems if len(stem) > 5)


taken_apart = lru_cache(maxsize=64)(Source)
"""A source, kept for the next line that is checked against it."""


def clauses_of(text: str) -> tuple[tuple[str, ...], ...]:
    """The stems of a text, divided where it pauses for longer than a comma; "doesn't" reads "does not"."""
    text = text.replace("n't", " not").replace("n’t", " not")
    return tuple(tuple(map(words.stem, words.words(clause))) for clause in PAUSE.split(text))


def tells(stem: str) -> bool:
    """Does a stem carry content?"""
    return len(stem) > 2 and stem not in STOPS
