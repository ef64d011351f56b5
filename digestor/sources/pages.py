"""Page text: titles and abstracts in turn, as copied from a list of papers in the browser.

A page says nothing of its own structure, so paragraphs are told apart by how they read:

    chrome    a known line of the site: `Subscribe`, `Nov 16`, `·7 authors`, `42`
    title     short, one sentence, no full stop
    prose     long, or several sentences
    either    short, but with a full stop

and then by their neighbours: prose after a title is its abstract, prose after prose one more paragraph of it.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from digestor.models import Paper, Problem
from digestor.text import clean, clean_line
from digestor.text.identifiers import content_id
from digestor.text.sentences import split
from digestor.text.words import content

Kind = Literal["header", "chrome", "title", "prose", "either"]

TITLE_LENGTH = 300
"""Characters; the longest title in five real pages has 151."""
ABSTRACT_LENGTH = 2_500
"""Characters; arXiv takes 1,920. Two abstracts without a title between them are longer than this."""
WRAPPED = 120
"""Characters a hard-wrapped line may have."""
TITLE_LINES = 4
"""Lines a hard-wrapped title may have."""

MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
DATE = rf"(?:{MONTH} \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}} {MONTH}(?: \d{{4}})?|\d{{4}}-\d\d-\d\d)"


def _any_of(lines: str) -> re.Pattern[str]:
    return re.compile(
        "|".join(line.strip() for line in lines.strip().splitlines()).replace("DATE", DATE), re.IGNORECASE
    )


HEADER = _any_of(r"""
    DATE|new|trending(?: papers)?|(?:daily|weekly|monthly)(?: papers)?|papers|hugging face|subscribe
    get trending papers in your (?:email )?inbox!?|by ?\S.{0,60} research community
    search(?: (?:models|papers|datasets).{0,40})?(?:\.\.\.|…)?
    models|datasets|spaces|buckets|community|docs|enterprise|pricing|(?:log|sign) ?(?:in|up|out)
    (?:previous|next)(?: (?:page|day|week|month))?|load more|(?:page|week) \d+(?: of \d+)?
    \d[\d,]* (?:papers|results)(?: found)?|system theme|company|tos|terms of (?:use|service)|privacy(?: policy)?
    about(?: us)?|careers|jobs|website|contact|blog|inference (?:endpoints|providers)|©.{0,80}
""")
"""What stands at the head and the foot of a page; a paragraph before such a line is the page's own."""

CHROME = _any_of(r"""
    [+·•|#▲△★☆⭐↑-]{0,3} ?\d(?:[\d.,]*\d)? ?[km]?(?: ?[+·•▲★])?|[\W_]+|(?:arxiv: ?)?\d{4}\.\d{4,5}(?:v\d+)?
    (?:· ?)?\d+ (?:authors?|comments?|upvotes?|stars?|likes?|forks?)|upvotes?|comments?|submitted by:?(?: \S{1,40})?
    (?:submitted|posted|published|updated|featured)(?: on)?:? DATE|(?:an?|\d+) (?:minute|hour|day|week|month|year)s? ago
    (?:view|read|open|see) (?:arxiv page|pdf|paper|abstract|more|less|on .{1,40})|show (?:more|less)|add to collection
    arxiv(?: page)?|pdf|html|code|(?:paper|project) page|github(?: ?·?[ \d.,]{1,10}k?)?|ai-generated summary
    (?:models|datasets|spaces|collections) citing this paper ?\d*
""")
"""What a site puts beside a paper."""

SUBMITTER = re.compile(r"submitted by:?", re.IGNORECASE)
ADDRESS = re.compile(r"https?://\S+")
NEWLINE = re.compile(r"\r\n|[\r\n\f]")
INSTITUTION = re.compile(r"\b(?:university|institute|laborator(?:y|ies)|college|corporation|inc|ltd)\b", re.IGNORECASE)
ENDED = re.compile(r"[.!?…。！？][\"'”’)\]]{0,5}\Z")


class Part(NamedTuple):
    """A paragraph or a line of a page, and the number of the line it begins on."""

    line: int
    text: str
    kind: Kind


class Entry(NamedTuple):
    """A paper in the making."""

    title: Part
    abstract: list[Part]


def parse(text: str, where: str) -> Iterator[Paper | Problem]:
    """The papers of a page, in order, and a Problem for each paragraph that may be one but has no title.

    Known lines of the site are dropped without a word; unknown short ones are told of once, at the end.
    """
    parts = list(_parts(text))
    ignored: list[Part] = []
    entry: Entry | None = None
    titles: list[Part] = []  # those in a row, of which the next prose chooses one
    divided = True  # has anything stood between the last abstract and here?
    for number, part in enumerate(parts):
        kind = part.kind if part.kind != "either" else _settled(parts, number, bool(titles), divided)
        if kind in ("header", "chrome"):
            divided = True
        elif kind == "title":
            titles.append(part)
        elif titles:
            if entry:
                yield _paper(entry)
            chosen = _title_of(part, titles)
            for other in titles:
                if other is not chosen and not _is_full(other):
                    ignored.append(other)
                elif other is not chosen:
                    yield _paper(Entry(other, []))
            entry, titles, divided = Entry(chosen, [part]), [], False
        elif entry and not divided and sum(len(p.text) for p in entry.abstract) + len(part.text) <= ABSTRACT_LENGTH:
            entry.abstract.append(part)
        elif ADDRESS.fullmatch(part.text):
            ignored.append(part)
        elif number + 1 < len(parts) and parts[number + 1].kind == "header":
            divided = True  # the page's own words
        else:
            what = f"a paragraph without a title was skipped: {_start(part)}"
            yield Problem(where=f"{where}:line {part.line}", what=what, todo="put its title above it", lost=1)
            divided = True
    if entry:
        yield _paper(entry)
    for other in titles:
        if _is_full(other):
            yield _paper(Entry(other, []))
        else:
            ignored.append(other)
    yield from _remarks(parts, ignored, where)


def _settled(parts: list[Part], number: int, has_title: bool, divided: bool) -> Kind:
    """Short, with a full stop: an abstract after a title; a title before prose; else one more paragraph."""
    if has_title:
        return "prose"
    following = (parts[index].kind for index in range(number + 1, len(parts)))
    after = next((kind for kind in following if kind != "chrome"), "header")
    return "title" if after == "prose" or (divided and after == "either") else "prose"


def _title_of(prose: Part, titles: list[Part]) -> Part:
    """Which of several short lines in a row the prose belongs to: the last one whose words it takes up."""
    if len(titles) == 1:
        return titles[0]
    said = content(ADDRESS.sub("", prose.text))
    shares = [(len(content(title.text) & said) / (len(content(title.text)) or 1), title) for title in reversed(titles)]
    full = [title for share, title in shares if share >= 0.5] or [title for _, title in shares if _is_full(title)]
    return full[0] if full else titles[-1]


def _is_full(title: Part) -> bool:
    """Could this line be a paper's title even though no abstract follows?"""
    return (len(title.text.split()) > 4 or ":" in title.text) and not INSTITUTION.search(title.text)


def _paper(entry: Entry) -> Paper:
    title = clean_line(entry.title.text)
    abstract = clean("\n\n".join(part.text for part in entry.abstract))
    return Paper(id=content_id(title, abstract), title=title or "(untitled)", abstract=abstract, source="pages")


def _remarks(parts: list[Part], ignored: list[Part], where: str) -> Iterator[Problem]:
    if ignored:
        shown = ", ".join(f"{_start(part)} (line {part.line})" for part in ignored[:3])
        more = f" and {len(ignored) - 3} more" if len(ignored) > 3 else ""
        yield Problem(where=where, what=f"short lines that are no titles were skipped: {shown}{more}")
    last = parts[-1] if parts else None
    if (
        last
        and last.kind in ("prose", "either")
        and not (ENDED.search(last.text) or "://" in last.text[-200:].split()[-1])
    ):
        what = f"the last abstract breaks off: …{last.text[-40:]}"
        yield Problem(where=f"{where}:line {last.line}", what=what, todo="was the page copied whole?")


def _start(part: Part) -> str:
    line = clean_line(part.text[:120])
    return f'"{line[:60]}…"' if len(line) > 60 else f'"{line}"'


def _parts(text: str) -> Iterator[Part]:
    """The paragraphs of a page with their kinds; lines of the site stand alone, whatever stands beside them."""
    block: list[tuple[int, str]] = []
    after_submitter = False
    for number, line in enumerate([*NEWLINE.split(text), ""], start=1):
        line = " ".join(line.strip("\ufeff\u200b").split())
        kind = _kind_of_line(line)
        if block and line.isalpha() and 60 < len(block[-1][1]) <= WRAPPED:
            kind = None  # the last word of a wrapped title: "... Large Language / Models"
        if after_submitter and line and len(line) <= 40 and " " not in line:
            kind = "chrome"
        if line:
            after_submitter = SUBMITTER.fullmatch(line) is not None
        if line and not kind:
            block.append((number, line))
            continue
        yield from _paragraphs(block)
        block = []
        if kind:
            yield Part(number, line, kind)


def _kind_of_line(line: str) -> Literal["header", "chrome"] | None:
    if len(line) > 100 or not line:
        return None
    return "header" if HEADER.fullmatch(line) else "chrome" if CHROME.fullmatch(line) else None


def _paragraphs(block: list[tuple[int, str]]) -> Iterator[Part]:
    """Lines with no blank one between them: hard-wrapped text is joined, whole paragraphs and titles stand alone."""
    width = max((len(line) for _, line in block if " " in line), default=0)
    lines: list[str] = []
    for index, (number, line) in enumerate(block):
        lines.append(line)
        following = block[index + 1][1] if index + 1 < len(block) else ""
        if not following or width > WRAPPED or _is_broken(lines, following, width):
            joined = " ".join(lines)
            yield Part(number - len(lines) + 1, joined, _kind_of(joined))
            lines = []


def _is_broken(lines: list[str], following: str, width: int) -> bool:
    """Was a line of wrapped text ended on purpose? Its next word would have fitted, or a title begins or ends here."""
    if len(lines[-1]) + 1 + len(following.split()[0]) <= width:
        return True
    is_title = len(lines) <= TITLE_LINES and _capitals(" ".join(lines)) >= 0.7
    if is_title and following[0].isupper() and _capitals(following) <= 0.5:
        return True
    return ENDED.search(lines[-1]) is not None and _capitals(following) >= 0.7


def _capitals(text: str) -> float:
    """The share of the longer words that begin with a capital; 0.6, which says nothing, if they are few."""
    longer = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return sum(word[0].isupper() for word in longer) / len(longer) if len(longer) > 2 else 0.6


def _kind_of(text: str) -> Kind:
    if len(text) > TITLE_LENGTH:
        return "prose"
    sentences, ended = len(split(text)), text.rstrip("\"'”’)]").endswith((".", "。", "…"))
    if not ended and "://" not in text:
        return "title" if sentences < 4 else "prose"
    return "prose" if len(text) > 200 else "either"
