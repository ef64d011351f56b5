"""What a title says once its wrappings are off: the key that its copies share, its numbers, whether it heads a notice.

Sources wrap titles (`[2310.06227] ...`, `... (ICLR 2024)`, `Preprint: ...`) and retype them: other case, other
hyphens, ligatures, look-alike letters, accents lost. The key undoes both and keeps the words.
"""

import re
import unicodedata

from digestor.text.words import STOPWORDS, stem

WORD = re.compile(r"[^\W_]+")
UNSEEN = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
ACCENT = re.compile(r"[\u0300-\u036f]+")
LINE_END_HYPHEN = re.compile(r"(?<=\w)[-\u2010][^\S\n]*\n[^\S\n]*(?=[a-z])")
APOSTROPHE = re.compile(r"(?<=\w)['\u2019\u02bc](?=\w)")
PLUS = re.compile(r"(?<=\w)\++")
LONE_GREEK = re.compile(r"(?<![^\W_])[\u03b1-\u03c9](?![^\W\d_])")
LOOKALIKES = str.maketrans(
    dict(zip("αβγειηκνορτυχω", "abyeinkvoptuxw", strict=True))
    | dict(zip("авгеіјкмнорстухѕԁһӏ", "abreijkmhopctyxsdhl", strict=True))
    | dict(zip("ıłøđħŧ", "ilodht", strict=True))
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
"""Lower-case Greek, Cyrillic and crossed letters -> the Latin ones they look like on a page."""

VENUE = r"""(?:aaai|accv|acl|aistats|asru|bmvc|chi|cikm|coling|collas|colm|colt|conll|corl|cvpr|eacl|eccv|ecir|ecml
    |emnlp|facct|icassp|iccv|icdm|icip|icml|icra|iclr|icpr|ijcai|ijcnn|ijcnlp|interspeech|iros|isbi|iswc|jair|jmlr|kdd
    |lrec|miccai|midl|mlsys|naacl|neurips|nips|recsys|sigir|sigmod|siggraph|slt|tacl|tmi|tmlr|tnnls|tpami|uai|vldb|wacv
    |wsdm)(?:\W{0,2}(?:19|20)?\d\d)?(?:\ (?:workshop|findings|oral|spotlight|poster|demo|main|track|conference)){0,2}"""
TAKEN = r"""(?:accepted|published|presented|to\ appear|submitted|under\ review)
    (?:\ as\ an?\ (?:conference\ |workshop\ )?paper)?\ (?:at|in|by|to|for)(?:\ the)?"""
STATE = r"""(?:(?:arxiv\ )?pre-?print|withdrawn|retracted|draft|work\ in\ progress|working\ paper|under\ review
    |in\ press|camera[\ -]ready|(?:extended|student|long|short|full|oral|poster|spotlight|technical)
    \ (?:abstract|paper|version|presentation|report))"""
ARXIV = r"""(?:arxiv\W{0,3}(?:\d{4,5}\.\d{4,6}|[a-z.-]{2,20}/\d{7})|\d{4}\.\d{4,5})(?:v\d{1,3})?
    (?:\ \[[a-z.-]{2,20}\])?"""
WRAPPINGS = tuple(
    re.compile(pattern, re.VERBOSE)
    for pattern in (
        rf"^(?:{ARXIV}|[\[(]{ARXIV}[\])])[:.,;|\u2013\u2014-]?\s",
        rf"\s(?:{ARXIV}|[\[(]{ARXIV}[\])])$",
        rf"^[\[(](?:{STATE}|oral|poster|spotlight|(?:{TAKEN}\ )?{VENUE})[\])][:\s]\s?",
        rf"\s?[\[(](?:{STATE}|oral|poster|spotlight|(?:{TAKEN}\ )?{VENUE})[\])]$",
        rf"^(?:title|(?:retracted|withdrawn)(?:\ article)?|{STATE}|{TAKEN}\ {VENUE})\s?:\s",
        rf"(?:\s[|\u2013\u2014-]{{1,3}}|[.,;:])\s(?:{STATE}|(?:{TAKEN}\ )?{VENUE})$",
        rf"\s?(?:{TAKEN}\ {VENUE}|work\ in\ progress)$",
    )
)
"""What sources put around a title, one pattern a form; anchored and bounded, so none can take long."""

NOTICE = re.compile(
    r"""^\W{0,3}(?:an?\ |the\ |some\ )?(?:
        (?P<reproduction>\[re\]|re\s?:|reproducing\b(?!\ kernel)|replicating\b|reproduction\ (?:of|study)
            |reproducibility\ (?:of|study|report)|replication\ (?:of|study))
        |(?P<comment>(?:comments?|commentary|critique|discussion|remarks?|notes?)\ (?:on|of|to)\b)
        |(?P<reply>(?:reply|response|rebuttal|rejoinder)\ to\b|authors?\W{0,2}\ (?:reply|response)\b)
        |(?P<erratum>(?:errat(?:um|a)|corrigend(?:um|a)|addend(?:um|a))\b|corrections?\ to\b|retraction\ (?:of|note)\b))
    |\b(?P<reproduction2>(?:reproducibility|replication|reproduction)\ study)\W{0,3}$
    |:\ (?:an?\ |the\ )?(?:(?P<comment2>comments?|commentary|critique)|(?P<reply2>reply|response|rebuttal)
        |(?P<erratum2>erratum|corrigendum|addendum))\W{0,3}$""",
    re.VERBOSE,
)
"""The kinds of notice by how a title begins, and (2) by how it ends."""
NUMBER = re.compile(
    r"""(?<![^\W_])[^\W\d_]*\d[^\W_]*           # 2, 4b, gpt4
    |\b(?:ii|iii|iv|vi|vii|viii|ix)\b
    |(?<=\s)[iv](?=\s?(?:[:.,;)\]]|$))          # one letter is a number only where a part of the title ends
    |(?<=\bpart\s)(?:[a-z]|one|two|three|four)\b""",
    re.VERBOSE,
)
DIGITS = {
    word: str(value)
    for words in ("i ii iii iv v vi vii viii ix", "one two three four")
    for value, word in enumerate(words.split(), start=1)
}
COUNTED = frozenset("part parts vol volume version edition".split())
COUNT = re.compile(r"v?\d+")
GENERIC = frozenset(
    stem(word)
    for word in """abstract approach artificial book comment committee conclusion conference correction data deep
    discussion editor editorial erratum foreword guest intelligence introduction introductory issue learning letter
    machine message method model network neural news note overview paper preface proceedings reinforcement remark
    reply report response review science special summary survey symposium system title untitled volume welcome
    workshop""".split()
)


def folded(text: str) -> str:
    """Lower case, with compatibility forms, accents, look-alikes, unseen characters and line-end hyphens undone."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", UNSEEN.sub("", text)).casefold()
        text = ACCENT.sub("", unicodedata.normalize("NFKD", text))
        text = LONE_GREEK.sub(_letter_name, text).translate(LOOKALIKES)
    else:
        text = text.casefold()
    if "\n" in text:
        text = LINE_END_HYPHEN.sub("", text)
    return APOSTROPHE.sub("", text)


def unwrapped(title: str) -> str:
    """A title folded, on one line, without what sources put around it; its punctuation is kept.

    >>> unwrapped("arXiv:2310.06227v2 Some  Title (NeurIPS 2023)")
    'some title'
    """
    text = " ".join(folded(title).split()).strip("\"'“”‘’` ")
    for _ in range(3):
        before = text
        for wrapping in WRAPPINGS:
            bare = wrapping.sub("", text)
            if bare != text and WORD.search(bare):
                text = bare
        if text == before:
            break
    return text


def title_key(title: str) -> str:
    """The words of a title, as all its copies have them, divided by single spaces; "" only for an empty title.

    >>> title_key("[2310.06227] Hélix-Net++: A “Fine” Title. (ICLR 2024)")
    'helix netplusplus a fine title'
    """
    return key_of(unwrapped(title))


def key_of(text: str) -> str:
    """The key of a title that is unwrapped already."""
    return " ".join(WORD.findall(PLUS.sub(lambda plus: "plus" * len(plus[0]), text))) or text


def numbers(title: str) -> frozenset[str]:
    """The numbers in an unwrapped title, Roman ones and the words after "part" as digits: `gpt-4, part ii` has 4, 2."""
    return frozenset(DIGITS.get(number, number) for number in NUMBER.findall(title))


def unnumbered(key: str) -> str:
    """A title's key without numbers and the words that go with them: what the parts of a series have in common."""
    words = (word for word in key.split() if word not in DIGITS and word not in COUNTED)
    return "".join(word for word in words if not COUNT.fullmatch(word))


def notice(title: str) -> str:
    """What an unwrapped title says it is to another paper: a `comment`, `reply`, `erratum`, `reproduction`, or ""."""
    found = NOTICE.search(title)
    return found.lastgroup.rstrip("2") if found and found.lastgroup else ""


def generic(key: str) -> bool:
    """Could many papers bear the title with this key? `introduction to the special issue`, `deep learning`, ..."""
    return all(stem(word) in GENERIC for word in key.split() if word not in STOPWORDS and not word.isdecimal())


def _letter_name(letter: re.Match[str]) -> str:
    return unicodedata.name(letter[0]).split()[-1].casefold()
