"""What a record is known by: the marks that are compared, and the keys under which a memory finds it again.

Of an abstract that is the set of its word triples, as numbers: the share of them that another abstract has too
survives truncation, which Jaccard's measure does not, and revision, which equality does not.
"""

from collections import Counter
from functools import cached_property, lru_cache
from hashlib import blake2b
from heapq import nsmallest
from math import sqrt

from digestor.dedupe.titles import WORD, folded, generic, key_of, notice, numbers, unnumbered, unwrapped
from digestor.models import Paper
from digestor.text.words import STOPWORDS, stem

TITLE_LIMIT, TEXT_LIMIT = 1_000, 20_000
"""Characters of a title and of an abstract that are looked at, so that no length can slow us down."""
LEAST_WORDS = 8
"""An abstract with fewer words ("Abstract not available") is no text to compare."""
SKETCH = 8
"""How many of an abstract's triples are keys for a memory."""
OPENING = 24
"""Words at the start of an abstract, all that some feeds give; half of the sketch is taken from them."""
MASK = (1 << 60) - 1


class Marks:
    """What is compared of a record; what is needed only now and then is computed when it is asked for."""

    def __init__(self, title: str, abstract: str) -> None:
        self.title = unwrapped(title[:TITLE_LIMIT])
        self.key = key_of(self.title)
        self.tight = self.key.replace(" ", "")
        """The key without spaces, so that `fine-tuning` and `finetuning` are one."""
        self.words = WORD.findall(folded(abstract[:TEXT_LIMIT]))
        self.triples = triples(self.words) if len(self.words) >= LEAST_WORDS else frozenset()

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers in the title."""
        return numbers(self.title)

    @cached_property
    def unnumbered(self) -> str:
        """What the parts of a series have in common in their titles."""
        return unnumbered(self.key)

    @cached_property
    def notice(self) -> str:
        """What the title says it is to another paper."""
        return notice(self.title)

    @cached_property
    def generic(self) -> bool:
        """Could many papers bear this title?"""
        return generic(self.key)

    @cached_property
    def topic(self) -> tuple[str, ...]:
        """The stems in the title that carry content."""
        return tuple(stem(word) for word in self.key.split() if word not in STOPWORDS)

    @cached_property
    def content(self) -> Counter[str]:
        """How often each stem that carries content stands in the abstract."""
        return Counter(stem(word) for word in self.words if word not in STOPWORDS and len(word) > 1)

    @cached_property
    def length(self) -> float:
        """The length of `content` as a vector."""
        return sqrt(sum(count * count for count in self.content.values()))


@lru_cache(maxsize=2048)
def marks(title: str, abstract: str) -> Marks:
    """The marks of a record, kept for a while: a record is compared with several others."""
    return Marks(title, abstract)


@lru_cache(maxsize=1 << 16)
def _places(word: str) -> tuple[int, int, int]:
    """Three numbers below 2**60 for a word, one for each place in a triple: the same on every machine, in every run."""
    digest = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=24).digest())
    return digest & MASK, digest >> 64 & MASK, digest >> 128 & MASK


def number(text: str) -> int:
    """A number below 2**60 for a text: the same on every machine, in every run."""
    return _places(text)[0]


def triples(words: list[str]) -> frozenset[int]:
    """Every three words in a row, as numbers below 2**60."""
    if len(words) < 3:
        return frozenset()
    first, second, third = zip(*map(_places, words), strict=True)
    return frozenset([a ^ b ^ c for a, b, c in zip(first, second[1:], third[2:], strict=False)])


def containment(a: Marks, b: Marks) -> float:
    """The share of the shorter abstract's triples that the other one has too, from 0 to 1."""
    shorter = min(len(a.triples), len(b.triples))
    return len(a.triples & b.triples) / shorter if shorter else 0.0


def alike(a: Marks, b: Marks) -> bool:
    """Are two abstracts the same text, up to where one of them may be cut off?"""
    shorter = min(len(a.triples), len(b.triples))
    return shorter > 0 and shorter - len(a.triples & b.triples) <= max(1, shorter // 64)


def cosine(a: Marks, b: Marks) -> float:
    """The likeness of two abstracts as bags of stems that carry content, from 0 to 1."""
    shared = a.content.keys() & b.content.keys()
    return sum(a.content[word] * b.content[word] for word in shared) / (a.length * b.length) if shared else 0.0


def keys(paper: Paper) -> tuple[str, ...]:
    """What a memory can look a paper up by: two records of one paper share a key practically always.

    `arxiv:` and `doi:` identifiers; `title:` hashes of the title's key, of its content words in any order, and of what
    stands before and after a colon; and at most eight `text:` hashes, the four smallest triples of the abstract's
    opening and of all of it. A shared key is a hint, to be verified with `same`.
    """
    found = marks(paper.title, paper.abstract)
    titles = [found.tight] if found.tight else []
    if len(found.topic) >= 3:
        titles.append(" ".join(sorted(found.topic)))
    if 2 <= len(parts := found.title.split(": ")) <= 3:
        titles += [key_of(part).replace(" ", "") for part in parts if len(part.split()) >= 4]
    opening = triples(found.words[:OPENING]) if found.triples else frozenset()
    sketch = dict.fromkeys(nsmallest(SKETCH // 2, opening) + nsmallest(SKETCH // 2, found.triples))
    return (
        *([f"arxiv:{paper.arxiv_id}"] if paper.arxiv_id else []),
        *([f"doi:{paper.doi}"] if paper.doi else []),
        *(f"title:{number(title):015x}" for title in dict.fromkeys(titles)),
        *(f"text:{triple:015x}" for triple in sketch),
    )
