"""Which of a reader's words and phrases a text has, however they are divided: pre-training, pre training, pretraining.

A phrase is found by its words run together, from the beginning of one word of the text to the end of another. So one
pass over a text finds any number of phrases, in time linear in the text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from digestor.dedupe.titles import folded
from digestor.text.words import stem, words

LONGEST = 1_000
"""Letters of a phrase; no paper has a longer one."""


class Text(NamedTuple):
    """The words of a paper, folded."""

    title: Sequence[str]
    abstract: Sequence[str]

    def stems(self) -> "Text":
        """The same text without the commonest English endings."""
        return Text(tuple(map(stem, self.title)), tuple(map(stem, self.abstract)))


def tokens(text: str) -> list[str]:
    """The words of a text: lower case, without accents and apostrophes; hyphens divide; "C++" is a word.

    >>> tokens("Poincaré's self-attention in C++")
    ['poincares', 'self', 'attention', 'in', 'cplusplus']
    """
    return words(folded(text).replace("++", "plusplus"))


class Phrases:
    """Phrases by number, each in one or several spellings; a spelling is a row of words.

    `loose`: the text may divide a word of the phrase, and a last "e" does not count, as is right for stems. Without,
    it may only leave out divisions: "data set" is found in "dataset", but not "therapist" in "the rapist".
    """

    def __init__(self, spellings: Iterable[Iterable[Sequence[str]]], loose: bool) -> None:
        self._loose = loose
        self._ends: dict[str, list[tuple[int, frozenset[int]]]] = {}
        for number, of_one in enumerate(spellings):
            for spelling in of_one:
                key = "".join(spelling)
                key = key.removesuffix("e") if loose else key
                if 0 < len(key) <= LONGEST:
                    self._ends.setdefault(key, []).append((number, frozenset(accumulate(map(len, spelling)))))
        self._begins = {key[:length] for key in self._ends for length in range(1, len(key) + 1)}
        if loose:
            self._begins.update([f"{key}e" for key in self._ends])

    def found(self, text: Sequence[str]) -> Counter[int]:
        """How often each phrase stands in a text."""
        if not self._begins:
            return Counter()
        return Counter(
            number for start, word in enumerate(text) if word in self._begins for number in self._from(text, start)
        )

    def _from(self, text: Sequence[str], start: int) -> Iterator[int]:
        """The phrases that begin with a word of the text."""
        so_far, divided = "", list[int]()
        for at in range(start, len(text)):
            so_far += text[at]
            if so_far not in self._begins:
                return
            ends = self._ends.get(so_far.removesuffix("e") if self._loose else so_far, ())
            yield from {number for number, divisions in ends if self._loose or divisions.issuperset(divided)}
            divided.append(len(so_far))


def stemmed(phrases: Sequence[str]) -> Phrases:
    """Phrases to be found in stems, whatever their endings."""
    return Phrases([[[stem(word) for word in tokens(phrase)]] for phrase in phrases], loose=True)


def exact(phrases: Sequence[str]) -> Phrases:
    """Phrases to be found word for word; only the last may stand in the plural, or in the singular."""
    return Phrases([_numbers(phrase) for phrase in phrases], loose=False)


def _numbers(phrase: str) -> list[list[str]]:
    """A phrase in the singular and the plural, as far as spelling tells.

    No singular is made that might be another word: "news" is not the plural of "new", but "GANs" is of "GAN".
    """
    row = tokens(phrase)
    if not row:
        return []
    word = row[-1]
    forms = [word, f"{word}s", f"{word}es"]
    if word.endswith("y"):
        forms.append(f"{word[:-1]}ies")
    acronym = phrase.endswith("s") and phrase[:-1].split()[-1].rpartition("-")[2].isupper()
    if word.endswith("s") and not word.endswith(("ss", "ics")) and (acronym or len(word) > 4):
        forms.append(word[:-1])
        if word.endswith("ies"):
            forms.append(f"{word[:-3]}y")
        if word.endswith(("sses", "shes", "ches", "xes", "zes")):
            forms.append(word[:-2])
    return [[*row[:-1], form] for form in forms]
