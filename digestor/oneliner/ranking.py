"""The built-in one-liner: the abstract's own best sentence, trimmed. No model, no network, nothing invented.

Every sentence is trimmed to a line that can stand alone (`trimming`), the lines are ranked by the table below, and the
best one that says more than the title is taken. All its words are the abstract's: it can be dull, it cannot be false.
"""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

from digestor.oneliner.trimming import FINITE, forced, line
from digestor.text.sentences import split
from digestor.text.words import STOPWORDS, content, stem, stems, words

COPY = 0.85
"""Two texts whose content words overlap by this much (Jaccard) say the same."""
ENGLISH = 0.15
"""The least share of stopwords in English prose; below it the cues mean nothing."""
MOST_SENTENCES, MOST_CHARACTERS = 60, 20_000
"""A longer text is no abstract; what it is about stands at its beginning."""

FITTED = {
    "title": 1.62,  # how much of the title its words cover, against the other sentences
    "recurs": 1.10,  # how often its words recur in the other sentences, against theirs
    "first own": 1.50,  # the first that speaks of the authors' own work
    "first we": 0.51,
    "opens with we": 0.52,  # once it is trimmed
    "this paper": 0.31,
    "proposes": 0.90,  # "we propose", "this paper presents", "is introduced"
    "first proposes": 1.13,
    "a proposal": 0.88,  # propose, introduce, present, whoever does
    "builds": 0.54,
    "studies": 0.20,
    "first shows": 0.25,
    "our": -0.64,  # more often how well it works than what it is
    "background": -0.39,
    "points back": -0.50,  # for every "it", "this", "such" in the line
}
"""Fitted by `python -m bench.fit_oneliner` on SciTLDR's training abstracts: the weights that earn the most ROUGE (half
R1, a quarter each R2 and RL, against the author's own line) when a line is drawn with the softmax of its score. Chosen
by backward elimination from 45 features; any 12 to 30 of them score the same within noise."""
BY_HAND = {
    "own": 3.0,  # it speaks of the authors' own work: we, our, this paper; the rest is no news (the fit says 1.3)
    "remarks": -2.5,  # "we believe", "we name": not what was done
    "points back early": -1.0,  # ROUGE hardly minds, a reader does
    "adds": -1.0,  # "in addition", "finally": not the main thing
    "result": -1.0,  # "experiments show": how well, not what
    "no verb": -2.0,
    "before": -1.5,  # it comes before the authors speak of their own work: what was known
}
"""Set after reading what was chosen from 255 abstracts of language and vision papers."""
WEIGHTS = FITTED | BY_HAND


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, text.split()))


ACTS = {
    "proposes": _stems("propose introduce present"),
    "builds": _stems(
        """build built construct contribute create derive describe design develop devise establish extend formulate
        offer outline provide release suggest"""
    ),
    "studies": _stems(
        """address aim analyse analyze benchmark characterize compare consider discuss evaluate examine explore focus
        investigate review revisit study survey tackle"""
    ),
    "remarks": _stems(
        """argue assume believe call conjecture contend expect hope hypothesise hypothesize name note notice plan posit
        refer think"""
    ),
    "shows": _stems("demonstrate discover find found identify observe prove report reveal show"),
}
ACT_OF = {verb: name for name, verbs in ACTS.items() for verb in verbs}
WORDS = {
    "our": frozenset(["our", "ours"]),
    "a proposal": frozenset("propose proposes proposed introduce introduces introduced present presents".split()),
    "background": frozenset(
        """although challenging commonly current currently despite difficult existing however lack lacks many most often
        popular previous prior recent recently remain remains require requires traditional typically unfortunately
        usually while widely""".split()
    ),
    "adds": frozenset("addition additionally also finally furthermore lastly moreover particular second third".split()),
    "result": frozenset("empirical evaluation experimental experiments extensive extensively results".split()),
}
WORK = frozenset(
    "article chapter letter manuscript overview paper report research review study survey thesis tutorial work".split()
)
FOLLOWED = WORK | {"as"}
"""After these words a pointer points at nothing: "this paper", "such as"."""
ARTICLES = frozenset("a an our the this".split())
POINTERS = frozenset("it its such their them these they this those".split())
"""Words that point at something said before."""
EARLY = 7
"""Among so many first words a pointer has nothing to point at in its own line."""


def summarise(title: str, abstract: str) -> str | None:
    """One sentence of at most 35 words that tells what the paper does or finds; None for an empty abstract.

    >>> summarise("Ants", "Maps are large. Sorting is slow. In this paper, we propose a sorter of maps (Lee, 2020).")
    'We propose a sorter of maps.'
    """
    sentences = [sentence for sentence in split(abstract[:MOST_CHARACTERS]) if any(map(str.isalnum, sentence))]
    sentences = sentences[:MOST_SENTENCES]
    lines = [line(sentence) for sentence in sentences]
    order = list(range(len(sentences)))
    if _is_english(abstract):
        totals = scores(title, sentences, lines)
        order.sort(key=lambda k: -totals[k])
    ranked = [found for k in order if (found := lines[k])]
    told = content(title)
    for found in ranked:
        if not _same(content(found), told):
            return found
    return ranked[0] if ranked else next(filter(None, (forced(sentences[k]) for k in order)), None)


def scores(title: str, sentences: Sequence[str], lines: Sequence[str | None]) -> list[float]:
    """What each sentence is worth: weight times feature, summed over the table."""
    return [sum(WEIGHTS[name] * value for name, value in row.items()) for row in features(title, sentences, lines)]


def features(title: str, sentences: Sequence[str], lines: Sequence[str | None]) -> list[dict[str, float]]:
    """For each sentence the features of the table that are not 0: cues are 1, pointers a count, the rest z-scores."""
    told = content(title)
    said = [words(sentence) for sentence in sentences]
    kept = [words(found) if found else whole for found, whole in zip(lines, said, strict=True)]
    carried = [stems(tokens) for tokens in kept]
    counts = Counter(stem for found in carried for stem in found)
    titles = _standardised([len(found & told) for found in carried])
    recurs = _standardised([sum(counts[stem] - 1 for stem in found) / max(len(found), 1) for found in carried])
    rows = []
    seen: set[str] = set()
    told_by = [_cues(tokens) for tokens in said]
    own = next((k for k, cues in enumerate(told_by) if "own" in cues), 0)
    name = words(title.partition(":")[0])  # "Ferry: Planning ..." names what the paper is about
    for k, cues in enumerate(told_by):
        row = {"title": titles[k], "recurs": recurs[k]} | _stance(kept[k], not FINITE.isdisjoint(kept[k]))
        row |= dict.fromkeys(cues, 1.0) | {"before": float(k < own and kept[k][: len(name)] != name)}
        if "remarks" not in cues:
            row |= {f"first {cue}": 1.0 for cue in cues - seen}
            seen |= cues
        rows.append({name: value for name, value in row.items() if value and name in WEIGHTS})
    return rows


def _cues(said: list[str]) -> set[str]:
    """What the words of a sentence tell of its part in the abstract."""
    cues = {name for name, group in WORDS.items() if not group.isdisjoint(said)}
    acts = set[str]()
    for i, word in enumerate(said):
        if word == "we" or (word in WORK and i and said[i - 1] in ("this", "present", "current", "our")):
            cues |= {"own", "we"} if word == "we" else {"own", "this paper"}
            acts.update(_act(said[i + 1 : i + 4]))
        elif word in ("is", "are") and i + 1 < len(said) and stem(said[i + 1]) in ACTS["proposes"]:
            acts.add("proposes")
    cues |= acts if len(acts) == 1 else acts - {"remarks"}  # "we propose what we call ..." is no mere remark
    if "our" in cues:
        cues.add("own")
    return cues - {"background"} if "own" in cues else cues


def _act(ahead: list[str]) -> list[str]:
    """What the authors do, going by the first verb after "we", if it comes before any noun."""
    for word in ahead:
        if word in ARTICLES:
            break
        if name := ACT_OF.get(stem(word)):
            return [name]
    return []


def _stance(kept: list[str], has_verb: bool) -> dict[str, float]:
    """Whether a line can stand alone: what it opens with, whether it points at something that is not in it."""
    pointers = [i for i, word in enumerate(kept) if word in POINTERS and not FOLLOWED.issuperset(kept[i + 1 : i + 2])]
    return {
        "opens with we": float(kept[:1] == ["we"]),
        "points back": float(len(pointers)),
        "points back early": float(pointers[:1] < [EARLY]) if pointers else 0.0,
        "no verb": float(not has_verb),
    }


def _standardised(values: list[float]) -> list[float]:
    """How many standard deviations each value lies above the mean."""
    mean = sum(values) / max(len(values), 1)
    spread = sqrt(sum((value - mean) ** 2 for value in values) / max(len(values), 1)) or 1.0
    return [(value - mean) / spread for value in values]


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= COPY * len(one | other) > 0


def _is_english(text: str) -> bool:
    said = words(text[:800])
    return sum(word in STOPWORDS for word in said) > ENGLISH * len(said)
