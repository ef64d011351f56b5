"""What every source's text goes through, once: Unicode, entities, tags, LaTeX, white space.

The rules keep the words: `x<y<z` is never a tag, `50%` never a comment, and markup that means nothing here
(`<script>`, `![x](y)`, `{{x}}`) stays as the inert text it is: escaping belongs to the renderers.
Cleaning clean text changes nothing, because the rules run until none has anything left to do.

>>> clean("<p>Schr&ouml;dinger&#x2019;s p&lt;0.05  on\\u00a0CO<sub>2</sub></p>")
'Schrödinger’s p<0.05 on CO2'
"""

import html
import re
import unicodedata
from html.entities import html5

from digestor.text.latex import ABOUT, TIMES, readable

TITLE, ABSTRACT = 1_000, 20_000
"""Characters that a line and a text may have; the rest is cut at a word, with "…"."""
RAW = 40_000
"""Characters that are looked at in the first place."""
ROUNDS = 8
"""Markup that needs more rounds than this is hostile: its special characters are dropped."""

SPECIAL = "\\&<$~{}`"
SIGNS = (*SPECIAL, "  ", " .", " ,")


def clean(text: str) -> str:
    """A text of one or several paragraphs, each on a line of its own; at most `ABSTRACT` characters."""
    return _clean(text, ABSTRACT)


def clean_line(text: str) -> str:
    """A text on one line, for titles, names and ids; at most `TITLE` characters."""
    return _clean(text, TITLE)


def _clean(text: str, limit: int) -> str:
    if len(text) <= limit and _is_plain(text):
        return text.strip()
    text = _cut(text, RAW)
    for _ in range(ROUNDS):
        before = text
        text = _layout(readable(_markup(_characters(text))))
        text = _cut(text if limit == ABSTRACT else text.replace("\n", " "), limit)
        if text == before or _is_plain(text):
            return text
    return _clean(re.sub(f"[{re.escape(SPECIAL)}]+", " ", text), limit)


def _is_plain(text: str) -> bool:
    """Has no rule here anything to do? Most abstracts are plain, and this is all they cost."""
    return (
        text.isascii()
        and text.isprintable()
        and not any(sign in text for sign in SIGNS)
        and not ("times" in text and TIMES.search(text))
        and not ("sim" in text and ABOUT.search(text))
    )


# Characters: only those that are seen or that a script needs, and broken encodings mended.

MOJIBAKE = re.compile(r"[ÂÃÄÅÎÏÐÑâ][\x80-¿ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|ðŸ|ï¬|ï»¿")
SURROGATE = re.compile(r"[\ud800-\udfff]")
BREAK = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028]")
LAST_TWO = "".join(chr(plane + last) for plane in range(0x10000, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\xad\u061c\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    rf"\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff{LAST_TWO}]"
)
"""Controls, soft hyphen, bidi and zero-width characters, fillers, tags, noncharacters."""
JOINED = r"\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af"  # Arabic, Syriac, Indic, Myanmar, Khmer, Mongolian
JOINER = re.compile(rf"(?<![{JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{JOINED}])")
PILE = re.compile(r"[^\w\s\x00-\x7f]{4,}")
"""Where a pile of combining marks could be (they are no word characters)."""


def _characters(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if MOJIBAKE.search(text):
        import ftfy  # slow to import, seldom needed

        text = ftfy.fix_encoding(text)
    if SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = INVISIBLE.sub("", BREAK.sub("\n", text).replace("\u2029", "\n\n"))
    return unicodedata.normalize("NFC", PILE.sub(_without_piles, JOINER.sub("", text)))


def _without_piles(found: re.Match[str]) -> str:
    """At most three combining marks on a letter: no script needs more."""
    kept, marks = [], 0
    for character in found[0]:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= 3:
            kept.append(character)
    return "".join(kept)


# Markup: entities resolved, however often they were escaped; tags of known names dropped, a block's for a break.

ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
INLINE = (
    "i b u em strong small sub sup span a font tt code pre italic bold sc scp inf "
    "math mi mo mn mrow msub msup msubsup mfrac mtext mover munder msqrt mstyle semantics inline-formula tex-math"
)
BLOCKS = "p div li ul ol dl dt dd sec section title subtitle label abstract list list-item table tbody tr h[1-6]"
ATTRIBUTE = r"""\s+[\w:-]{1,40}\s?=\s?(?:"[^"<>]{0,2000}"|'[^'<>]{0,2000}'|[^\s"'<>]{1,2000})"""
NAMES = "|".join(f"{INLINE} br td th {BLOCKS}".split())
TAG = re.compile(rf"</?(?:(?:jats|mml):([a-z][a-z0-9-]*)|({NAMES}))(?:{ATTRIBUTE})*\s?/?>", re.IGNORECASE)
BLOCK = re.compile("|".join(BLOCKS.split()))
ANCHOR = re.compile(
    r"""<a\s[^<>]{0,300}?href=["'](https?://[^"'<>\s]{1,2000})["'][^<>]{0,300}>([^<>]{0,1000})</a>""", re.IGNORECASE
)
HEADING = re.compile(r"(\w)</(?:jats:)?title>\s*<(?:jats:)?p(?:\s[^<>]{0,300})?>")
POWER = re.compile(r"(?<=\w)<(?:jats:)?sup>([-+−]?\d+)</(?:jats:)?sup>")


def _markup(text: str) -> str:
    if "&" in text:
        text = ENTITY.sub(_entity, text)
    if "<" in text:
        text = ANCHOR.sub(lambda a: a[2] if a[1] in a[2] else f"{a[2]} ({a[1]})", text)
        text = TAG.sub(_break, POWER.sub(r"^\1", HEADING.sub(r"\1: ", text)))
    return text


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    return html.unescape(f"&{name};") if name.startswith("#") else html5.get(f"{name};", found[0])


def _break(found: re.Match[str]) -> str:
    name = (found[1] or found[2]).lower()
    return "\n" if name == "br" else " " if name in ("td", "th") else "\n\n" if BLOCK.fullmatch(name) else ""


# Layout: a paragraph on a line, single blanks, nothing longer than it may be.

PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*|\n(?:\t|[^\S\n]{2,})")
SPACED_STOP = re.compile(r"(?<=\S) (?=[.,](?:\s|$))")


def _layout(text: str) -> str:
    """Paragraphs on a line each.

    A line that ends in the middle of a sentence shows that the text is hard-wrapped, and then only blank lines and
    indented ones divide it; otherwise every newline does. A division is kept only where a sentence ends before it.
    """
    text = text.strip()
    lines = text.split("\n")
    blocks = [text]
    if len(lines) > 1:
        later = [line for line in lines[1:] if line.strip()]
        if len(later) > 1 and all(line[:2].isspace() for line in later):  # all indented alike: that says nothing
            text = "\n".join(line.strip() for line in lines)
        blocks = PARAGRAPH.split(text)
        if all(_is_ended(line) for block in blocks for line in block.split("\n")[:-1]):
            blocks = lines
    paragraphs: list[str] = []
    for block in blocks:
        paragraph = " ".join(block.split())
        if " ." in paragraph or " ," in paragraph:
            paragraph = SPACED_STOP.sub("", paragraph)
        if paragraph:
            if paragraphs and not _is_ended(paragraphs[-1]):
                paragraph = f"{paragraphs.pop()} {paragraph}"
            paragraphs.append(paragraph)
    return "\n".join(paragraphs)


def _is_ended(line: str) -> bool:
    """Does a sentence end where the line ends?"""
    return line.rstrip().rstrip("\"'”’»)]")[-1:] in tuple(".!?:;…。！？")


def _cut(text: str, limit: int) -> str:
    """At most so many characters, cut at a word where there is one near."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    word = kept.rfind(" ")
    return (kept[:word] if word > limit * 0.8 else kept).rstrip() + "…"
