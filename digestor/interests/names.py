"""Is this author the one that a reader follows? Names as sources write them.

"Ada Lovelace" is "A. Lovelace", "Lovelace, Ada", "Lovelace AK" and "Ada King Lovelace", but not "B. Lovelace". Where
two people have one name nothing here tells them apart.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from digestor.dedupe.titles import folded

WORD = re.compile(r"[^\W_]+")
AFTER = frozenset("jr sr ii iii iv phd md".split())
"""What may stand behind a name and is no part of it."""
GLUED = 3
"""Initials that are written as one word: "Lovelace AK"."""


class Name(NamedTuple):
    """A name, folded; given names may be initials, and are empty where only a family is named."""

    family: str
    given: tuple[str, ...]


def readings(text: str) -> set[Name]:
    """How a name may be understood: which of its words is the family's, which are initials."""
    first, _, rest = text.partition(",")
    family, given = _words(first), _words(rest.partition(",")[0])
    both = [*given, *family] if given else family
    found = {_name([folded(word) for word in both])}
    shouts = [word.isupper() and word.isascii() and 1 < len(word) <= GLUED for word in both]
    if any(shouts) and not all(word.isupper() for word in both):
        if shouts[-1] and not given:  # Lovelace AK
            both, shouts = [both[-1], *both[:-1]], [shouts[-1], *shouts[:-1]]
        spelt = [part for word, shout in zip(both, shouts, strict=True) for part in (word if shout else [word])]
        found.add(_name([folded(word) for word in spelt]))
    return {name for name in found if name.family}


def _words(text: str) -> list[str]:
    found = WORD.findall(re.sub(r"(?<=\w)['’ʼ](?=\w)", "", text))
    while len(found) > 1 and found[-1].casefold() in AFTER:
        found.pop()
    return [] if [word.casefold() for word in found[:1]] and found[0].casefold() in AFTER else found


def _name(folded_words: list[str]) -> Name:
    return Name(folded_words[-1], tuple(folded_words[:-1])) if folded_words else Name("", ())


def same_name(followed: Name, author: Name) -> bool:
    """May an author's name be that of the one followed? A family name alone stands for everyone who bears it."""
    if followed.family != author.family:
        return False
    if not followed.given or not author.given:
        return not followed.given
    if "".join(followed.given) == "".join(author.given):
        return True
    return all(
        one == other or (1 in (len(one), len(other)) and one[0] == other[0])
        for one, other in zip(followed.given, author.given, strict=False)
    )


class Followed:
    """The authors that a reader follows."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_family: dict[str, set[tuple[Name, Name]]] = defaultdict(set)
        for text in names:
            read = readings(text)
            for name in read:
                self._by_family[name.family].add((min(read), name))

    def among(self, authors: Iterable[str]) -> list[str]:
        """Which of a paper's authors they are, as the paper writes them; each followed name counts once."""
        found: dict[Name, str] = {}
        for author in authors if self._by_family else ():
            for name in readings(author):
                for who, followed in sorted(self._by_family.get(name.family, ())):
                    if same_name(followed, name):
                        found.setdefault(who, author)
        return list(dict.fromkeys(found.values()))
