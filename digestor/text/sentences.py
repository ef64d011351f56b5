"""Where one sentence ends and the next begins, in scientific English.

Every `.`, `!`, `?` that could end a sentence is looked at once, with the word before it and the word after it:
the same full stop ends "on vitamin C. We ..." and does not end "C. Elegans". No look goes further than a few dozen
characters, so the time is linear in the length of the text, whatever the text.
"""

import re

NEVER = frozenset("e.g eg i.e ie cf vs viz approx ca dr prof mr mrs ms st et".split())
"""Abbreviations that no sentence ends with."""
SELDOM = frozenset("al resp ph.d inc ltd corp co jr eds wrt".split())
"""Abbreviations that end a sentence only when a word follows that opens one."""
NUMBERED = frozenset(
    """fig figs eq eqs eqn eqns sec secs ref refs no nos vol vols ch chap app tab thm lem def prop cor alg pp p
    jan feb mar apr jun jul aug sep sept oct nov dec""".split()
)
"""Abbreviations before a number or a letter: "Fig. 3", "App. A", "Oct. 4"."""
OPENERS = frozenset(
    """a additionally all also although an and as at based because besides both building but by code compared
    consequently despite each even existing experiments extensive finally first for from furthermore given hence here
    how however if in indeed instead inspired it its many moreover most motivated nevertheless next on one other our
    overall previous recent recently results second similarly since some specifically such that the their then there
    therefore these they this those through thus to towards unfortunately unlike using we what when where whereas
    which while with yet you""".split()
)
"""Words that open a sentence rather than follow an abbreviation or an initial."""

END = re.compile(
    r"""(?P<mark>(?<![.!?])[.!?]++)["'”’»)\]}]*+(?:\s?\[[\d,;\s–-]{1,30}\])?+  # a citation may follow the full stop
        (?:\s++|(?=[A-Z])|\Z)
      | [。！？]++[”’」』）]*+\s*+""",
    re.VERBOSE,
)
WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘]*\Z")
WORD_AFTER = re.compile(r"[\"'“‘`(\[{$]*+(?P<word>[^\s,;:)\]\"'”’]*)")
INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
NUMBER = re.compile(r"\d|[A-Z]\d*(?:\.\d+)*$|[IVX]+$")
ENUMERATOR = re.compile(r"(?:\A\s*[(\[]?(?:\d{1,2}|[A-Za-z])|:\s+[(\[]?\d{1,2})\Z")
LATER_ENUMERATOR = re.compile(r"(?:[;,]|\b(?:and|or))\s+[(\[]?\d{1,2}\Z")
ITEM = re.compile(r"[(\[]?(?:[a-z]|[ivx]{1,4})[)\]]\s")
NAME = re.compile(r"[a-z]\w*?[A-Z0-9]|[a-z]-[A-Z]")
REACH = 48
"""Characters looked at on either side of a mark: more than any abbreviation, fewer than any attack needs."""


def split(text: str) -> list[str]:
    """The sentences of a text, each a verbatim slice of it, stripped, in order; none is empty.

    A newline divides (it is a paragraph's end). Abbreviations, initials, decimals, URLs and "et al." do not.

    >>> split("We follow Lee et al. (2019), cf. Fig. 3. kMaX gains 1.5 points.It is free.")
    ['We follow Lee et al. (2019), cf. Fig. 3.', 'kMaX gains 1.5 points.', 'It is free.']
    """
    sentences = []
    for paragraph in text.split("\n"):
        start = 0
        for end in END.finditer(paragraph):
            if _divides(paragraph, start, end):
                sentences.append(paragraph[start : end.end()].strip())
                start = end.end()
        sentences.append(paragraph[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _divides(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether a sentence that began at `start` is over at this mark."""
    mark = end["mark"]
    if mark is None or end.end() == len(text):
        return True
    before = _word_before(text, max(start, end.start() - REACH), end.start())
    after = WORD_AFTER.match(text, end.end(), end.end() + REACH)
    word = after["word"].rstrip(".!?") if after else ""
    if not text[end.end() - 1].isspace():
        return _lacks_a_space(before, word)
    bare = before if before.isupper() and before.isalpha() and len(before) > 1 else before.casefold()  # "on CF. We"
    opens = word.casefold() in OPENERS
    if mark == ".":
        if bare in NEVER or (bare in NUMBERED and NUMBER.match(word)):
            return False
        if bare in SELDOM or (INITIALS.fullmatch(before) and not (len(before) == 1 and before.islower())):
            return opens and word[:1].isupper()
        if len(bare) < 3:
            near = text[max(start, end.start() - 12) : end.start()]
            if ENUMERATOR.search(near) or (LATER_ENUMERATOR.search(near) and not opens):
                return False
    if word[:1].islower():
        item = ITEM.match(text, end.end())
        typo = opens and text[end.start() : end.end()].rstrip() == "." and len(before) > 2 and before.isalpha()
        return bool(item or NAME.match(word)) or (typo and bare != "etc")
    return True


def _word_before(text: str, low: int, high: int) -> str:
    found = WORD_BEFORE.search(text[low:high])
    return found[0] if found else ""


def _lacks_a_space(before: str, word: str) -> bool:
    """For "end.The next": a lower-case word, then a capitalised one; not `site.org/The` or `v1.Two`."""
    if not word.isalpha() or not (word[1:].islower() or word in ("A", "I")):
        return False
    plain = before.rstrip(")]").replace("-", "")
    if plain.casefold() in NEVER | SELDOM or len(plain) < 2:
        return False
    sure = word.casefold() in OPENERS and len(plain) > 2
    return plain.replace(".", "").isalnum() if sure else plain.isalpha() and plain[-1].islower()
