"""Words as the checks and rankings see them: tokens, stems, and which words carry content."""

import re
from collections.abc import Iterable
from functools import lru_cache

STOPWORDS = frozenset(
    """a about above after again against all almost along already also although always am among an and another any
    are as at be because been before being below between both but by can cannot could did do does doing done down
    due during each either else et etc even ever every few for from further furthermore had has have having he hence
    her here hers him his how however i if in into is it its itself just least less like made make makes many may me
    might more moreover most much must my namely neither no nor not now of off often on once one only onto or other
    others our ours out over own per rather same she should since so some such than that the their theirs them then
    there thereby therefore these they this those though through thus to together too toward towards two under until
    up upon us use used uses using very via was we well were what when where whereas whether which while who whom
    whose why will with within without would yet you your""".split()
)

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text in lower case; hyphens divide, apostrophes do not."""
    return WORD.findall(text.casefold())


ENDINGS = (("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its commonest English endings, good enough to tell that two words are the same.

    >>> [stem(w) for w in ("models", "modelling", "studies", "learned", "class")]
    ['model', 'model', 'study', 'learn', 'class']
    """
    if len(word) < 5 or not word.isascii():
        return word[:-1] if len(word) == 4 and word.endswith("s") and word[-2] not in "su" else word
    for ending, instead in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            if ending == "s" and word[-2] in "su":
                return word
            root = word[: len(word) - len(ending)] + instead
            if ending in ("ing", "ed") and root[-1] == root[-2] and root[-1] not in "sz":
                root = root[:-1]
            return root.removesuffix("e")
    return word.removesuffix("e")


def stems(words: Iterable[str]) -> frozenset[str]:
    """The stems of those words that carry content: no stopwords, no single letters."""
    return frozenset(stem(word) for word in words if word not in STOPWORDS and len(word) > 1)


def content(text: str) -> frozenset[str]:
    """The stems of the words of a text that carry content."""
    return stems(words(text))
