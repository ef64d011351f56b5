r"""TeX as bibliographies write it -> TeX as `text.clean` reads it: accents said, braces that only protect dropped.

BibTeX's own forms are dealt with here (`{\H o}`, `{\v{S}}`, `{BERT}`); everything else is left to `text.clean`.
"""

import re
import unicodedata

from digestor.text.cleaning import RAW
from digestor.text.latex import ESCAPED_QUOTE

ROUNDS = 3
"""Accents that a letter may carry, one on the other."""
MARKS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
LETTERS = dict(
    pair.split("=", 1)
    for pair in """th=þ TH=Þ dh=ð DH=Ð dj=đ DJ=Đ ng=ŋ NG=Ŋ i=ı j=ȷ ss=ß o=ø O=Ø l=ł L=Ł aa=å AA=Å ae=æ AE=Æ oe=œ
    OE=Œ textquoteright=’ textquoteleft=‘ textquotedblleft=“ textquotedblright=” textquotesingle=' textbar=|
    textdegree=° textmu=µ textregistered=® texttrademark=™ textcopyright=© copyright=© textbullet=• textperiodcentered=·
    textasciicircum=^ textexclamdown=¡ textquestiondown=¿ guillemotleft=« guillemotright=» textendash=–
    textemdash=— textellipsis=… textunderscore=_""".split()
)
ACCENTED = re.compile(
    r"""\\(?:
      (?P<sign>['`^"~=.])\s?(?:\{\s?(?P<in>\\[ij]|[^\W\d_])\s?\}|(?P<bare>\\[ij](?![A-Za-z])|[^\W\d_]))
    | (?P<name>[cvuHkrdb])(?:\s?\{\s?(?P<arg>\\[ij]|[^\W\d_])\s?\}|\s(?P<next>[A-Za-z])|(?P<dotless>\\[ij](?![A-Za-z])))
    )""",
    re.VERBOSE,
)
LETTER = re.compile(rf"\\({'|'.join(sorted(LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|\s(?=[a-z])|)")
TOKEN = re.compile(r"\\[A-Za-z]+\*?\s?|\\.|[{}$_^]", re.DOTALL)


def plain(text: str) -> str:
    r"""A field without what only BibTeX needs; what is more than `cleaning.RAW` characters is dropped.

    >>> plain(r"{BERT} and {\H o}, G{\"{o}}del, {\v{S}}koda, $x_{i}$")
    'BERT and ő, Gödel, Škoda, $x_{i}$'
    """
    text = text[:RAW]
    if "\\" in text:
        if ESCAPED_QUOTE.search(text):
            text = text.replace('\\"', '"')  # quotes escaped for some program, not umlauts
        for _ in range(ROUNDS):
            before, text = text, unicodedata.normalize("NFC", ACCENTED.sub(_accented, text))
            if text == before:
                break
            text = re.sub(r"\{([^\W\d_])\}", r"\1", text) if "\\" in text else text
        text = LETTER.sub(lambda found: LETTERS[found[1]], text)
    return _unprotected(text) if "{" in text or "}" in text else text


def _accented(found: re.Match[str]) -> str:
    letter = next(part for part in found.group("in", "bare", "arg", "next", "dotless") if part)
    return letter.removeprefix("\\") + MARKS[found["sign"] or found["name"]]


def _unprotected(text: str) -> str:
    """Braces are kept around a command's argument, an index, and in maths; all others say only how not to set it."""
    kept: list[str] = []
    opened: list[bool] = []
    last, maths, argument = 0, False, False
    for found in TOKEN.finditer(text):
        between, token = text[last : found.start()], found[0]
        last = found.end()
        kept.append(between)
        argument = argument and not between
        if token == "{":
            opened.append(argument or maths)
            token = token if opened[-1] else ""
            argument = False
        elif token == "}":
            stays = opened.pop() if opened else False
            token = "}" if stays else "{}" if argument else ""  # {\alpha}s must not become \alphas
            argument = stays
        else:
            maths ^= token == "$"
            argument = token != "$" and (token[0] != "\\" or token[1].isalpha())
        kept.append(token)
    kept.append(text[last:])
    return "".join(kept)
