"""What a feed says of a paper -> its abstract.

Journals put into one field what they please: the abstract, the line of the contents page ("Moss Letters, Volume 3,
Issue 2, November 2026"), the authors, the title once more. A passage whose words are nothing but such data is no
abstract, whatever the journal is called.
"""

import re
from collections.abc import Iterable
from itertools import islice

from digestor.text import clean, clean_line

LOOKED_AT = 40_000
"""Characters of a field."""
PASSAGES = 400
SENTENCES = 6
"""Of citation data, that a passage may begin with."""
SHORT = 400
"""Characters that a passage of citation data may have; lists of authors have more."""
LEFT_OVER = 2
"""Words that such a passage may have beside."""

BREAK = re.compile(
    r"</?(?:p|div|br|h[1-6]|ul|ol|li|table|tr|td|section|title|hr)\b[^<>]{0,500}>|\n\s*\n", re.IGNORECASE
)
LABEL = re.compile(
    r"(?:authors?(?:\(s\))?|by|publication date|(?:published|available)(?: online)?|source|doi|pmid|issn|citation"
    r"|(?:author )?keywords?|journal|article type|received|accepted)\s?:.*",
    re.IGNORECASE | re.DOTALL,
)
PEOPLE = re.compile(r"(?:authors?(?:\(s\))?|by|(?:author )?keywords?)\s?:", re.IGNORECASE)
HEADING = re.compile(r"(?:graphical )?abstract|summary", re.IGNORECASE)
FOOTING = re.compile(
    r"\[[^\[\]]{4,120}\] published \w+ .{4,40}|the post .{1,600} (?:appeared first|first appeared) on .{1,200}"
    r"|(?:(?:continue|keep) reading|read (?:more|on|the full \w+)|full text|view (?:article|on .{1,60}))\W*.{0,120}",
    re.IGNORECASE,
)
"""What stands below a text, and is none of it."""
ADDRESS = re.compile(r"https?://\S+|\bdoi\s?:\s?\S+|\b10\.\d{4,9}/\S+", re.IGNORECASE)
DOI = re.compile(r"\bdoi\s?:|\b10\.\d{4,9}/\S", re.IGNORECASE)
OFFERED = frozenset("code software data dataset datasets model models weights demo project github".split())
"""What a line of its own may offer, beside the abstract; it belongs to the text."""
CITING = re.compile(
    r"\b(?:volumes?|vol|issues?|pages?|pp|published|publication|(?:published|available) online|ahead of (?:print|issue)"
    r"|early ?view|epub|in press|articles? in press|latest articles|pmid|pmcid|issn|doi|just accepted|first view"
    r"|online now|accepted|received)\b",
    re.IGNORECASE,
)
"""Words that citations are made of; one of them there must be, and a number or one of `PHRASE`."""
PHRASE = re.compile(
    r"\d|ahead of|early ?view|in press|just accepted|first view|online now|latest articles", re.IGNORECASE
)
MONTH = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec mon tue wed thu fri sat sun spring summer autumn winter"
)
BESIDE = frozenset(f"{MONTH} no number article articles early view online first print by of the and in on v e".split())
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LETTER = re.compile(r"\w")
STOP = re.compile(r"(?<=[.;])(?<![Vv]ol\.)(?<![Nn]o\.)(?<!pp\.)(?<!Iss\.)\s+")
DOI_SAID = re.compile(r"\bdoi\s?:\s?(10\.\d{4,9}/[^\s\"<>;]+)", re.IGNORECASE)


def abstract_of(texts: Iterable[str], title: str, beside: Iterable[str]) -> str:
    """The longest of several texts once all that is no abstract is taken out; empty where nothing is left.

    `beside` is what else is known of the paper: the journal's name, the feed's title, the authors.

    >>> abstract_of(["<p>Moss, Volume 3, May 2026</p><p>We count moss.</p>"], "On Moss", ["Moss"])
    'We count moss.'
    """
    known = BESIDE.union(*(_words(text) for text in beside))
    return max((clean(_kept(text, title, known)) for text in texts), key=len, default="")


def doi_said(texts: Iterable[str]) -> str:
    """The DOI after "doi:" in a line of citation data; empty where there is none."""
    return next((found[1] for text in texts if (found := DOI_SAID.search(text[:LOOKED_AT]))), "")


def _kept(text: str, title: str, known: frozenset[str]) -> str:
    """The passages of a text that say something, in its own markup."""
    passages = [part for part in BREAK.split(text[:LOOKED_AT], maxsplit=PASSAGES) if part.strip()]
    kept: list[str] = []
    for passage in passages:
        line = clean_line(passage)
        if not LETTER.search(line) or FOOTING.fullmatch(line) or (not kept and HEADING.fullmatch(line.rstrip(" .:"))):
            continue
        if _is_citation(line, known) or _is_repeated(line, title, known):
            continue
        kept.append(passage if kept else _without_start(passage, known))
    return "\n\n".join(kept)


def _without_start(passage: str, known: frozenset[str]) -> str:
    """A passage without the sentences of citation data it begins with."""
    at = 0
    for stop in islice(STOP.finditer(passage), SENTENCES):
        part = passage[at : stop.start()]
        if not _is_citation(clean_line(part), known) and not (at and not WORD.search(part)):
            break
        at = stop.end()
    return passage[at:]


def _is_citation(line: str, known: frozenset[str]) -> bool:
    if LABEL.fullmatch(line) and (len(line) <= SHORT or PEOPLE.match(line)):
        return not line.endswith(".") or len(line) <= SHORT // 2
    if len(line) > SHORT or not (DOI.search(line) or (CITING.search(line) and PHRASE.search(line))):
        return False
    left = _words(CITING.sub(" ", ADDRESS.sub(" ", line))) - known
    return len(left) <= LEFT_OVER and not left & OFFERED


def _is_repeated(line: str, title: str, known: frozenset[str]) -> bool:
    """Does a line say the title, and nothing but journal and authors beside it?"""
    if len(line) > len(title) + SHORT:
        return False
    said = _words(line)
    return bool(said) and said <= _words(title) | known


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(text[:LOOKED_AT]))
