"""What a mail says of a paper, worked out once so that HTML and plain text say the same."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from html.entities import html5
from textwrap import wrap
from typing import NamedTuple
from urllib.parse import urlsplit

from digestor.models import Code, Entry, Paper
from digestor.render.asking import Asks
from digestor.render.reasons import why
from digestor.render.words import code_words, warning
from digestor.text.identifiers import safe_url

TITLE = 1_000
"""Characters shown of a title or a line; cleaned ones are never longer."""
ADDRESS = 900
"""Characters of an address that may stand alone on a line of a mail, which has at most 998."""
WIDTH = 72
AUTHORS = 3
EVIDENCE, WHY = 140, 120

UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
"""Controls, and marks that turn text around or hide in it."""
MERGE = re.compile(r"(?<=\{)(?=[{%])|(?<=\$)(?=\{)|(?<=\*)(?=\|)|(?<=<)(?=%)|(?<==)(?=\?)")
"""Inside what a relay would fill in or a header decode: `{{name}}`, `{%`, `${name}`, `*|NAME|*`, `<%`, `=?`."""
NAMES = "a abbr b blockquote body br center code div em font footer form h[1-6] head header hr html i iframe img input li link main meta ol p pre s script section small span strong style sub sup svg table tbody td th thead title tr u ul"  # noqa: E501
TAG = re.compile(rf"(?<=<)(?=/?(?:{'|'.join(NAMES.split())})(?:\s[^<>]*)?/?>|!--|!doctype)", re.IGNORECASE)
ENTITY = re.compile(r"(?<=&)(?=#\d{1,7};|#x[0-9a-f]{1,6};|(\w{2,31};))", re.IGNORECASE)


class Item(NamedTuple):
    """A paper as a mail shows it; an empty string where there is nothing to say."""

    title: str
    url: str
    """Only what a mail may link to: https, and short enough for a line."""
    address: str
    """Another address, to be shown as words: http."""
    aside: str
    """What follows the title where there is no more: `arXiv:2611.10000 · code`."""
    by: str
    """`A. Author, B. Author, C. Author et al. · cs.CL · 18 November 2026 · 41 votes`"""
    line: str
    warning: str
    """`withdrawn`, ..."""
    fallback: bool
    """Is the line the abstract's own, because the annotator gave none?"""
    code: str
    """`Code`, `Model and data`, `Code promised`, `No code found`"""
    code_url: str
    evidence: str
    """What the flag rests on, where there is no address to show."""
    tags: str
    """The tags but for the first, which is the section's."""
    why: str = ""
    """Why it is for this reader."""
    asks: Asks | None = None
    """The links that say "more like this" and "less"."""


def item(entry: Entry, labels: Mapping[str, str], asks: Asks | None = None) -> Item:
    """What is said of an entry."""
    paper, said = entry.paper, entry.annotation
    url = linked(paper.url)
    address = "" if url or not _whole(paper.url) else safe_url(paper.url or "") or ""
    return Item(
        title=named(paper.title, TITLE),
        url=url,
        address=address,
        aside=" · ".join(part for part in (_known(paper), code_words(said.code)) if part),
        by=_by(entry),
        line=plain(said.summary or "", TITLE),
        warning=plain(warning(paper), 100),
        fallback=said.origin == "fallback",
        tags=plain(", ".join(labels.get(tag, tag) for tag in said.tags[1:]), 200),
        why=_why(entry),
        asks=asks,
        **_code(said.code),
    )


def titled(paper: Paper) -> Item:
    """What is said of a paper that is listed by title alone."""
    url = linked(paper.url)
    address = "" if url or not _whole(paper.url) else safe_url(paper.url or "") or ""
    return Item(named(paper.title, TITLE), url, address, _known(paper), "", "", "", False, "", "", "", "")


def _code(code: Code) -> dict[str, str]:
    words = code_words(code).capitalize() or "No code found"
    url = linked(code.url)
    return {
        "code": words,
        "code_url": url,
        "evidence": "" if url else plain(code.evidence or safe_url(code.url or "") or "", EVIDENCE),
    }


def _why(entry: Entry) -> str:
    """Why a paper is shown: as many of its reasons as have room."""
    said = plain(why(entry), TITLE)
    while len(said) > WHY and "; " in said:
        said = said.rpartition("; ")[0]
    return cut(said, WHY)


def _known(paper: Paper) -> str:
    known = f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else f"doi:{paper.doi}" if paper.doi else ""
    return plain(known, 100)


def _by(entry: Entry) -> str:
    paper = entry.paper
    authors = ", ".join(plain(author, 60) for author in paper.authors[:AUTHORS])
    if len(paper.authors) > AUTHORS:
        authors += " et al."
    day = paper.published.date() if paper.published else None
    votes = f"{paper.upvotes:,} vote{'' if paper.upvotes == 1 else 's'}" if paper.upvotes else ""
    parts = (
        authors,
        *(plain(name, 30) for name in paper.categories[:1]),
        f"{day.day} {day:%B %Y}" if day else "",
        votes,
    )
    return " · ".join(part for part in parts if part)


def linked(url: str | None) -> str:
    """An address that a mail may link to, or nothing."""
    address = safe_url(url) if url and _whole(url) else None
    return address if address and urlsplit(address).scheme == "https" else ""


def _whole(url: str | None) -> bool:
    """Does it fit on a line, with no template left unfilled in it?"""
    return url is not None and len(url.encode()) <= ADDRESS and "%7b%7b" not in url.lower()


def short(url: str) -> str:
    """An address as the words of its own link: `github.com/example/sparrow`."""
    parts = urlsplit(url)
    return cut((parts.netloc.removeprefix("www.") + parts.path).rstrip("/"), 60)


def plain(text: str, limit: int) -> str:
    """Text from outside on one line: nothing unseen in it, nothing a mail merge would fill, at most so long.

    >>> plain("Dear *|FNAME|*,\\n{{x}}", 100)
    'Dear * |FNAME|*, { {x}}'
    """
    seen = UNSEEN.sub("", " ".join(text.split())).replace("\ufffd", "?")
    return cut(MERGE.sub(" ", seen), limit)


def named(text: str, limit: int) -> str:
    """The same for what must not be empty: a title, a heading."""
    return plain(text, limit) or "(untitled)"


def cut(text: str, limit: int) -> str:
    """At most so many characters, cut after a word where there is one, with "…"."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    head, _, _ = kept.rpartition(" ")
    return (head if len(head) > limit // 2 else kept).rstrip(" ,;:–-") + "…"


def direction(text: str) -> str:
    """`dir="auto"` for text whose first letter with a direction runs right to left, else nothing."""
    strong = next((found for found in map(unicodedata.bidirectional, text) if found in ("L", "R", "AL")), "L")
    return "" if strong == "L" else ' dir="auto"'


def wrapped(text: str, indent: int = 0, bullet: str = "") -> str:
    """A paragraph for the plain part, 72 columns wide; what looks like a tag or an entity there is held apart."""
    words = " ".join(_broken(word) for word in ENTITY.sub(_apart, TAG.sub(" ", text)).split())
    lead = " " * indent
    first = lead[: indent - len(bullet)] + bullet
    lines = wrap(
        words, WIDTH, initial_indent=first, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def _apart(found: re.Match[str]) -> str:
    name = found[1]
    return "" if name and name not in html5 else " "


def _broken(word: str) -> str:
    """A word that is longer than a line in pieces; an address stays whole if a mail can carry it."""
    if len(word) <= 60 or ("://" in word and len(word.encode()) <= ADDRESS):
        return word
    step = 60 if word.isascii() else 30
    return " ".join(word[start : start + step] for start in range(0, len(word), step))


def listed(names: Iterable[str], last: str = "and") -> str:
    """`a, b and c`"""
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end
