"""Are these two records one paper?

Three answers are possible, since a record without an abstract may say too little: the same, apart, or neither can be
said. Only the first makes `same` true; only the second keeps two members of a cluster apart. In order: identifiers;
what speaks against it (comments, other numbers, a content word swapped); titles and texts; other witnesses.
"""

from collections import Counter
from collections.abc import Iterator
from enum import Enum

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from digestor.dedupe.marks import Marks, alike, containment, cosine, marks
from digestor.dedupe.titles import folded
from digestor.models import Paper
from digestor.text.words import STOPWORDS, stem

SYNONYMS = """approach method technique algorithm framework model system scheme procedure / efficient effective fast
    quick rapid accelerated / large big huge massive / novel new / learning training / network net / improve enhance
    boost increase better / study analysis investigation exploration examination / various several multiple diverse /
    propose present introduce / robust reliable stable / use employ utilize leverage / simple easy / powerful strong /
    show demonstrate / task problem / generate create produce / generation synthesis creation / survey review overview /
    building constructing / understand interpret / image picture photo / evaluation assessment / dataset data corpus"""
MEANING = {stem(word): group for group, words in enumerate(SYNONYMS.split("/")) for word in words.split()}
"""The stem of a word that authors freely exchange when they rename a paper -> the number of its group."""


PROSE = 20
"""Word triples from which on an abstract is more than a sentence that many a paper could begin with."""


class Verdict(Enum):
    """What can be said of two records."""

    SAME = "same"
    APART = "apart"
    UNKNOWN = "unknown"


def same(a: Paper, b: Paper) -> bool:
    """Are these two records one paper? Versions of a paper are one paper; what is written about it is another."""
    return compare(a, b) is Verdict.SAME


def compare(a: Paper, b: Paper) -> Verdict:
    """The whole rule; symmetric."""
    if (b.title, b.abstract) < (a.title, a.abstract):  # some measures of likeness mind who comes first
        a, b = b, a
    if (a.arxiv_id and a.arxiv_id == b.arxiv_id) or (a.doi and a.doi == b.doi):
        return Verdict.SAME
    left, right = marks(a.title, a.abstract), marks(b.title, b.abstract)
    titled = bool(left.tight) and left.tight == right.tight
    if a.arxiv_id and b.arxiv_id:  # arXiv gives a paper one id; the odd one that was sent in twice has the same words
        return Verdict.SAME if titled and alike(left, right) else Verdict.APART
    share = containment(left, right)
    ratio = fuzz.ratio(left.key, right.key) / 100
    if titled:
        verdict = _titled(left, right, share)
    elif left.notice != right.notice or (ratio >= 0.70 and _numbered(left, right)) or _swapped(left, right):
        return Verdict.APART
    else:
        verdict = _renamed(left, right, share, ratio)
    if verdict is Verdict.UNKNOWN and (ratio >= 0.88 or share >= 0.20 or _shortened(left, right)) and _witness(a, b):
        return Verdict.SAME
    return verdict


def _titled(a: Marks, b: Marks, share: float) -> Verdict:
    """Of two records with one title. The more it says the less must the abstracts; they may be wholly rewritten."""
    compared = bool(a.triples and b.triples)
    if a.generic:
        return Verdict.SAME if share >= 0.40 else Verdict.APART if compared else Verdict.UNKNOWN
    if not compared or len(a.topic) >= 5 or share >= 0.05 or cosine(a, b) >= 0.30:
        return Verdict.SAME
    return Verdict.APART


def _renamed(a: Marks, b: Marks, share: float, ratio: float) -> Verdict:
    """Of two records with different titles. The texts decide; in the middle they need like titles or words beside."""
    if a.triples and b.triples:
        text = share >= 0.60 or (share >= 0.30 and cosine(a, b) >= 0.60)
        text = text and min(len(a.triples), len(b.triples)) >= PROSE
        if (text and (_speaks_of(a, b) or _speaks_of(b, a))) or (share >= 0.10 and ratio >= 0.80):
            return Verdict.SAME
        close = ratio >= 0.88 and cosine(a, b) >= 0.45
    else:
        close = ratio >= 0.88
    return Verdict.SAME if close and min(len(a.topic), len(b.topic)) >= 4 else Verdict.UNKNOWN


def _shortened(a: Marks, b: Marks) -> bool:
    """Are all words of one title, at least three, in the other one?"""
    fewer, more = sorted((set(a.topic), set(b.topic)), key=len)
    return len(fewer) >= 3 and fewer <= more


def _speaks_of(a: Marks, b: Marks) -> bool:
    """Does a record use at least a quarter of the other title's words? A boilerplate abstract speaks of no title."""
    return 4 * sum(word in a.content or word in a.topic for word in b.topic) >= len(b.topic)


def _numbered(a: Marks, b: Marks) -> bool:
    """Do like titles have other numbers: two parts, editions, sizes? One dropped with other words may not count."""
    lost, won = a.numbers - b.numbers, b.numbers - a.numbers
    if (lost and won) or (a.numbers != b.numbers and a.unnumbered == b.unnumbered):
        return True
    return any(map(str.isdecimal, lost | won)) and not alike(a, b)


def _swapped(a: Marks, b: Marks) -> bool:
    """Is one title the other with content words put in the place of others, and does the abstract follow it?

    "Parsing for German" and "Parsing for Korean" are two papers, however alike the rest. An author who renames a
    paper changes the title but not each mention in the abstract, or takes a word of much the same meaning. Where
    neither abstract uses any of the words nothing tells the two cases apart, and to show a paper twice is the lesser
    harm.
    """
    if a.key > b.key:  # where a title can be aligned in two ways, take the same way whichever comes first
        a, b = b, a
    for old, new in _replaced(a.key.split(), b.key.split()):
        fewer = sum(a.content[word] - b.content[word] for word in old)
        more = sum(b.content[word] - a.content[word] for word in new)
        if (fewer > 0 and more > 0) or not any(a.content[word] or b.content[word] for word in old | new):
            return True
    return False


def _replaced(a: list[str], b: list[str]) -> Iterator[tuple[set[str], set[str]]]:
    """The stems that stand in each other's place in two titles that agree in at least half of the shorter one."""
    a, b = _joined(a, b), _joined(b, a)
    left, right = [stem(word) for word in a], [stem(word) for word in b]
    blocks: list[tuple[list[str], list[str]]] = [([], [])]
    kept = 0
    for step in Levenshtein.opcodes(left, right):
        if step.tag == "equal":
            kept += step.src_end - step.src_start
            blocks.append(([], []))
        else:
            blocks[-1][0].extend(a[step.src_start : step.src_end])
            blocks[-1][1].extend(b[step.dest_start : step.dest_end])
    if 2 * kept < min(len(left), len(right)):
        return
    lost, won = Counter(left) - Counter(right), Counter(right) - Counter(left)
    for old, new in blocks:
        gone = {stem(word) for word in old if word not in STOPWORDS} & lost.keys()
        come = {stem(word) for word in new if word not in STOPWORDS} & won.keys()
        meant = {MEANING.get(word, word) for word in gone}, {MEANING.get(word, word) for word in come}
        if not (meant[0] <= meant[1] or meant[1] <= meant[0] or _slip("".join(old), "".join(new))):
            yield gone, come


def _joined(words: list[str], others: list[str]) -> list[str]:
    """The words of a title, two as one where the other title writes them so (`fine tuning`, `finetuning`)."""
    theirs = {stem(word) for word in others}
    joined: list[str] = []
    for word in words:
        if joined and stem(joined[-1] + word) in theirs:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _slip(a: str, b: str) -> bool:
    """Can one be a slip of the pen for the other? Not if only a beginning is added (`supervised`, `unsupervised`)."""
    return not (a.endswith(b) or b.endswith(a)) and OSA.distance(a, b) <= (min(len(a), len(b)) - 1) // 4


def _witness(a: Paper, b: Paper) -> bool:
    """Does something beside title and abstract say that two records are one: id, address, an author's name?"""
    return a.id == b.id or (a.url is not None and a.url == b.url) or bool(_families(a) & _families(b))


def _families(paper: Paper) -> frozenset[str]:
    """The family names of a paper's authors, as far as they can be told."""
    names = (folded(author.split(",")[0]).split() for author in paper.authors)
    return frozenset(name[-1] for name in names if name)
