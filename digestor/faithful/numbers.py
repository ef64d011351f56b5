"""Numbers in a text, comparable: does the source say this number, in whatever notation?

A number has a value, a kind (plain, percent, times) and the step of its last digit, so that "about 1.3 million",
"1.3M" and "1,282,167" can be told to agree, and "87 %" and "85 %" to differ.
"""

import re
from typing import Literal, NamedTuple

Kind = Literal["plain", "percent", "times"]


class Number(NamedTuple):
    """A number as written (`text`) and what it means; a percent keeps its value: 87 for "87 %"."""

    text: str
    value: float
    kind: Kind
    step: float
    """What one unit of its last written digit is worth: 0.1 for "3.4", 100,000 for "1.3M"."""
    hedge: str = ""
    """The word before it that makes it a bound or an estimate: "over", "nearly", "about"."""
    label: str = ""
    """A capitalised word right before it, as in "CIFAR 10": then it may be part of a name."""
    start: int = 0
    end: int = 0


UNITS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split(),
        range(20),
        strict=False,
    )
)
TENS = {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
LETTERS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}
PARTS = dict.fromkeys("half halves halved halving".split(), 1 / 2)
PARTS |= {"third": 1 / 3, "thirds": 1 / 3, "quarter": 1 / 4, "quarters": 1 / 4, "fifths": 1 / 5, "tenth": 1 / 10}
MULTIPLES = dict.fromkeys("twice double doubles doubled doubling twofold".split(), 2.0)
MULTIPLES |= dict.fromkeys("thrice triple triples tripled tripling threefold".split(), 3.0)
MULTIPLES |= {
    "quadruple": 4.0,
    "quadruples": 4.0,
    "fourfold": 4.0,
    "fivefold": 5.0,
    "tenfold": 10.0,
    "hundredfold": 100.0,
}
ORDINALS = {
    word: float(n) for n, word in enumerate("third fourth fifth sixth seventh eighth ninth tenth".split(), start=3)
}
SPELLED = frozenset((*UNITS, *TENS, *SCALES))
JOINS = frozenset((" ", "-", " and "))
ROMAN = {"iii": 3.0, "iv": 4.0, "v": 5.0, "vi": 6.0, "vii": 7.0}

DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
POWER = re.compile(r"\s?\^\s?\{?\s?([+-]?\d{1,2})\b\}?")
SCIENTIFIC = re.compile(r"[eE]([+-]?\d{1,2})\b")
SCALED = re.compile(r"(?:(?:[kKBT]|M|bn)\b)|[\s-]?(hundred|thousand|million|billion|trillion|dozen)s?\b")
PERCENT = re.compile(r"[\s-]?(?:\\?%|percent|per cent|(?:absolute |relative )?(?:percentage )?points?\b|pp\b|pts?\b)")
TIMES = re.compile(r"[\s-]?(?:(?:x|X|×|\\times|times|fold)(?![\w-]{0,20}\d)(?!\s{0,3}\d)(?![A-Za-z])|times faster)")
WORD = re.compile(r"[a-z]+")
SHARES = ("thirds", "quarters", "fifths")
FRACTION = re.compile(r"[\s-](thirds|quarters|fifths)\b")
MAGNITUDE = re.compile(r"\borders?[\s-]of[\s-]magnitude\b")
LISTED = re.compile(r"\((iii|iv|v|vi|vii)\)")
JOINED = re.compile(r"\s*(?:,|-|–|—|/|~|to|and|or|vs\.?|versus|,\s?and|,\s?or)\s*")
HEDGE = re.compile(
    r"(?:\b(?:(over|above|exceeding|exceeds|least|beyond|nearly|almost|under|below|about|around|roughly|approximately|approx|some|"
    r"circa)|(more|greater|higher|larger) than|(?:less|fewer|lower|smaller) (than))\.?|([~≈∼<>]))\s?\$?$",
    re.IGNORECASE,
)
LABEL = re.compile(r"\b([A-Z][^\W_]*)[\s]$")

MAGNITUDES = "orders of magnitude"


def find(text: str) -> list[Number]:
    """Every number in a text, in order of notation: digits first, then words.

    Digits inside a name ("GPT-4", "word2vec", "3D", "x^2") are no numbers.
    """
    read: list[Number] = []
    for match in DIGITS.finditer(text):
        if not read or match.start() >= read[-1].end:  # not the exponent of the one before
            read += _read(text, match)
    digits = _lists_share_units(text, read)
    return digits + _written(text, frozenset(n.end for n in digits))


def _read(text: str, match: re.Match[str]) -> list[Number]:
    """The number (or, for "10,20,30", numbers) that a run of digits stands for; none where it belongs to a name."""
    start, end = match.span()
    if _in_a_name(text, start):
        return []
    written = match.group()
    grouped = "," not in written or GROUPED.fullmatch(written)
    pieces = [written.replace(",", "")] if grouped else written.split(",")
    if any(piece.count(".") > 1 for piece in pieces) or len(written) > 40:
        return []  # a version or a date, not a quantity
    plain = [_plain(piece, start > 0 and text[start - 1] == "." and piece is pieces[0], start, end) for piece in pieces]
    last = plain[-1]
    kind: Kind = "plain"
    value, step = last.value, last.step
    if suffix := POWER.match(text, end) or SCIENTIFIC.match(text, end):
        exponent, end = int(suffix.group(1)), suffix.end()
        if suffix.re is SCIENTIFIC:
            value, step = value * 10.0**exponent, step * 10.0**exponent
        elif 0 < value <= 1000:  # the power of anything else is no quantity of a paper
            value, step = value**exponent, 0.0
    elif suffix := SCALED.match(text, end):
        scale = SCALES[suffix.group(1)] if suffix.group(1) else LETTERS[suffix.group()]
        value, step, end = value * scale, step * scale, suffix.end()
    elif end < len(text) and text[end].isupper() and not text[end + 1 : end + 2].isalnum() and text[end] != "X":
        return []  # "3D", "5G": a name
    if suffix := PERCENT.match(text, end):
        kind, end = "percent", suffix.end()
    elif suffix := TIMES.match(text, end):
        kind, end = "times", suffix.end()
    label = LABEL.search(text[max(0, start - 30) : start])
    name = label.group(1) if label else ""
    plain[-1] = Number(text[start:end].strip(), value, kind, step, _hedge(text, start), name, start, end)
    return plain


def _plain(written: str, after_point: bool, start: int, end: int) -> Number:
    written = f"0.{written}" if after_point and written.isdigit() else written
    decimals = len(written.partition(".")[2])
    return Number(written, float(written), "plain", 10.0**-decimals, start=start, end=end)


def _in_a_name(text: str, start: int) -> bool:
    """Do the digits at `start` continue a word ("word2vec", "x^2"), or a name with a hyphen ("GPT-4")?"""
    if not start:
        return False
    before = text[start - 1]
    if before in "xX×" and start > 1 and text[start - 2].isdigit():
        return False  # 28x28
    if before.isalpha() or before in "_^":
        return True
    if before not in "-‐‑–{" or start < 2 or not (text[start - 2].isalpha() or text[start - 2] in "^_"):
        return before == "." and start > 1 and text[start - 2].isalnum() and not text[start - 2].isdigit()
    word = start - 2
    while word >= 0 and word > start - 30 and text[word].isalnum():
        if text[word].isupper():
            return True
        word -= 1
    return text[start - 2] in "^_"


def _lists_share_units(text: str, found: list[Number]) -> list[Number]:
    """In "10, 20 and 30 %" or "5-10x" the unit belongs to every member."""
    shared = list(found)
    for i in range(len(shared) - 2, -1, -1):
        this, following = shared[i], shared[i + 1]
        if this.kind == "plain" and following.kind != "plain" and JOINED.fullmatch(text, this.end, following.start):
            shared[i] = this._replace(kind=following.kind)
    return shared


def _written(text: str, ends: frozenset[int]) -> list[Number]:
    """Numbers in words: "twenty-five", "three million", "twice", "two thirds", "an order of magnitude", "(iii)"."""
    low = text.lower()
    if len(low) != len(text):
        text = low  # a rare letter that grows: keep the positions right
    found: list[Number] = []
    row: list[re.Match[str]] = []
    for match in WORD.finditer(low):
        word = match.group()
        if word in SPELLED:
            if row and low[row[-1].end() : match.start()] not in JOINS:
                found += _spelled(text, low, row, ends)
                row = []
            row.append(match)
        elif word in MULTIPLES:
            found.append(Number(word, MULTIPLES[word], "times", 1.0))
        elif word in PARTS or word in ORDINALS:
            if word in ORDINALS:
                found.append(Number(word, ORDINALS[word], "plain", 1.0))
            if word in PARTS and word not in SHARES:
                found.append(Number(word, PARTS[word], "times", 0.02))
    found += _spelled(text, low, row, ends)
    found += [Number(match.group(), 10.0, "times", 1.0, MAGNITUDES) for match in MAGNITUDE.finditer(low)]
    found += [Number(match.group(), ROMAN[match.group(1)], "plain", 1.0) for match in LISTED.finditer(low)]
    return found


def _spelled(text: str, low: str, row: list[re.Match[str]], ends: frozenset[int]) -> list[Number]:
    """The number that a row of number words makes."""
    if not row:
        return []
    start, end = row[0].start(), row[-1].end()
    if start - 1 in ends or end in ends or low[start:end] in SCALES:
        return []  # the "million" of "10 million" has been read; a bare "hundred" is vague
    value, step = _value([match.group() for match in row]), 0.0
    kind: Kind = "plain"
    if suffix := PERCENT.match(low, end):
        kind, end = "percent", suffix.end()
    elif suffix := TIMES.match(low, end):
        kind, end = "times", suffix.end()
    elif part := FRACTION.match(low, end):
        value, kind, step, end = value * PARTS[part.group(1)], "times", 0.02, part.end()
    return [
        Number(text[start:end], value, kind, step or max(1.0, value / 100), _hedge(low, start), start=start, end=end)
    ]


def _hedge(text: str, start: int) -> str:
    found = HEDGE.search(text[max(0, start - 16) : start])
    return next(filter(None, found.groups())).casefold() if found else ""


def _value(names: list[str]) -> float:
    """What a row of number words is worth: ["two", "hundred", "and", "five"] is 205."""
    total = current = 0.0
    for name in names:
        if name in SCALES:
            scale = SCALES[name]
            current = (current or 1.0) * scale
            if scale >= 1000:
                total, current = total + current, 0.0
        else:
            current += UNITS.get(name, 0) + TENS.get(name, 0)
    return total + current
