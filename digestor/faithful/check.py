"""Is this line supported by the abstract? What every one-line summary passes before a reader sees it.

`repair` mends silently what can be mended without reading the paper. `check` then names the faults: hard ones,
for which a line is asked for again or replaced, and soft ones, of which a reader is told. The checks compare words;
they do not understand. A fault is very likely one, a line without faults may still be wrong.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from digestor.faithful import agreement, claims, contradictions, language, names, numbers, phrasing
from digestor.faithful.source import Source, clauses_of, taken_apart, tells
from digestor.text import sentences, words

SHORTEST, LONGEST = 4, 35
"""Words in a line."""
COPIED = 0.85
"""Jaccard similarity of the content words of line and title from which on the line is the title again."""
UNRELATED, DOUBTFUL = 0.2, 0.3
"""Shares of the line's telling words that the source has: below the first it is of another paper."""
COMMONPLACE = frozenset(
    words.stem(word)
    for word in """paper work study article authors propose present introduce develop describe show demonstrate find
    provide explore investigate examine address analyze achieve improve apply consider enable allow obtain
    outperform perform performance method approach technique framework model algorithm system architecture
    network neural deep learning learn learned train training data dataset task problem result experiment
    evaluation evaluate empirical theoretical analysis state art new novel simple efficient effective better
    good well based different various several general baseline compare compared existing previous prior
    recent large small high low set number way type first""".split()
)
"""Words of every paper: sharing them says nothing about which paper a line is of."""

SAYS = {
    "empty": "there is no line",
    "short": "the line has fewer than {0} words",
    "long": "the line has more than {0} words",
    "sentences": "the line has more than one sentence",
    "chat": "the line says {0}, which is not about the paper",
    "markup": "the line has markup: {0}",
    "link": "the address {0} is not in the abstract",
    "language": "the line is in another language ({0}) than it should be",
    "cut off": "the line ends in the middle, at {0}",
    "title": "the line only repeats the title",
    "question": "the line asks instead of telling",
    "number": "the number {0} is not in the abstract",
    "name": "the name {0} is not in the abstract",
    "topic": "the line shares hardly a word with the abstract",
    "overlap": "the line shares few words with the abstract",
    "proper noun": "the word {0} is not in the abstract",
    "claim": "the abstract does not claim {0}",
    "hype": "the word {0} sells rather than tells",
    "negation": "line and abstract disagree on whether {0} is denied",
    "direction": "the abstract says the opposite of {0}",
}
SOFT = frozenset(("overlap", "proper noun", "claim", "hype", "negation", "direction"))


class Fault(NamedTuple):
    """What is wrong with a line: which check, the words it is about, and whether it may not pass."""

    check: str
    words: tuple[str, ...]
    hard: bool

    @property
    def sentence(self) -> str:
        """The fault in one short plain sentence, for a reader and for a model that is asked again."""
        return SAYS[self.check].format(", ".join(self.words))


def repair(line: str) -> str:
    """The line as one plain sentence, as far as that needs no reading of the paper.

    Takes away what a chat model wraps around it ("Here is a summary:", Markdown, quotes, line breaks) and sentences
    that follow without being needed: all where the first tells what the paper does ("We propose ..."), else talk to
    the user and such as only say more of what the first has named ("It also ..."). Where the first may be background,
    both stay, for `check` to name. Ends in a full stop, unless the line looks cut off: then nothing hides it.
    """
    text, before = line, None
    while text != before:
        text, before = _mended(text), text
    return text


def _mended(line: str) -> str:
    text = phrasing.tidy(line)
    if len(text) > phrasing.WHOLE_TEXT:
        return text
    first, *rest = sentences.split(text) or [""]
    if rest and (
        phrasing.OWN_WORK.search(first)
        or all(phrasing.CHATTER.match(one) or phrasing.POINTS_BACK.match(one) for one in rest)
    ):
        text = first
    if text and text[-1].isalnum() and not phrasing.cut_off(text):
        text += "."
    return text


def check(line: str, title: str, abstract: str, language: str = "en") -> list[Fault]:
    """All faults of a line, the hard ones first; none is best.

    A line may be in `language` or in the abstract's own. In a language other than the abstract's, only its form,
    numbers and names can be compared.
    """
    source = taken_apart(title, abstract)
    found = list(_form(line, source))
    if len(line) <= phrasing.WHOLE_TEXT:
        found += _substance(line, source, language)
    faults = [Fault(name, tuple(about), name not in SOFT) for name, about in found]
    return sorted(faults, key=lambda fault: not fault.hard)


Found = Iterator[tuple[str, list[str]]]


def _form(line: str, source: Source) -> Found:
    count = len(line.split())
    if not count:
        yield "empty", []
        return
    if len(line) > phrasing.WHOLE_TEXT:
        yield "long", [str(LONGEST)]
        return
    if count < SHORTEST:
        yield "short", [str(SHORTEST)]
    if count > LONGEST:
        yield "long", [str(LONGEST)]
    if len(sentences.split(line)) > 1:
        yield "sentences", []
    if line.rstrip().endswith("?"):
        yield "question", []
    if talk := phrasing.chat(line):
        yield "chat", [talk]
    if signs := phrasing.markup(line):
        yield "markup", [signs]
    if strange := [url for url in phrasing.urls(line) if url.casefold() not in source.lower]:
        yield "link", strange
    if where := phrasing.cut_off(line, () if source.says(line) else source.names.words):
        yield "cut off", [where]


def _substance(line: str, source: Source, wanted: str) -> Found:
    if source.says(line):  # nothing in it can be unsupported
        yield from _taste(line, source)
        return
    spoken = language.guess(line)
    if spoken and source.language and spoken not in (wanted, source.language):
        yield "language", [spoken]
    if strange := _strange_numbers(line, source):
        yield "number", strange
    if strange := list(dict.fromkeys(name for name in names.find(line) if not names.supported(name, source.names))):
        yield "name", strange
    if spoken and source.language and spoken != source.language:
        return
    yield from _taste(line, source)
    share = _share(words.content(line), source)
    if share < DOUBTFUL:
        yield ("topic" if share < UNRELATED else "overlap"), []
    if strange := _strange_proper_nouns(line, source):
        yield "proper noun", strange
    if unsupported := claims.unsupported(line, source.text):
        yield "claim", unsupported
    if len(line.split()) > LONGEST:
        return
    clauses = [clause for clause in clauses_of(line) if clause not in source.clauses]
    if word := contradictions.negated(clauses, source.clauses, tells):
        yield "negation", [word]
    if turned := contradictions.turned(clauses, source.clauses, tells):
        yield "direction", [" ".join(turned)]


def _taste(line: str, source: Source) -> Found:
    content = words.content(line)
    if source.heads(line) or (len(content) > 1 and _alike(content, source.title) >= COPIED):
        yield "title", []
    if loud := claims.hype(line):
        yield "hype", loud


def _strange_numbers(line: str, source: Source) -> list[str]:
    return [
        number.text
        for number in numbers.find(line)
        if agreement.telling(number)
        and not agreement.supported(number, source.numbers)
        and not (number.label and names.squeeze(number.label + number.text) in source.names.together)
    ]


def _strange_proper_nouns(line: str, source: Source) -> list[str]:
    """Capitalised words, not at a beginning, that the source lacks; none where the line is written like a title."""
    tokens = line.split()
    capitals = sum(token[:1].isupper() for token in tokens)
    if capitals > len(tokens) / 2:
        return []
    strange = []
    for before, token in pairwise(tokens):
        word = token.strip("()[]\"'“”‘’.,;:!?").removesuffix("'s").removesuffix("’s")
        if len(word) < 3 or not word[0].isupper() or before.endswith((".", ":", "!", "?")):
            continue
        for part in word.split("-"):
            if part[:1].isupper() and part.isalpha() and part[1:].islower() and not source.knows(part.casefold()):
                strange.append(part)
    return strange


def _share(content: frozenset[str], source: Source) -> float:
    """The share of a line's telling words that the source has; 1 where it has none that tell."""
    telling = [stem for stem in content if stem not in COMMONPLACE and not stem.isdigit()]
    known = sum(stem in source.stems or (len(stem) > 5 and stem[:6] in source.beginnings) for stem in telling)
    return known / len(telling) if len(telling) > 2 else 1.0


def _alike(these: frozenset[str], those: frozenset[str]) -> float:
    return len(these & those) / len(these | those) if these or those else 0.0
