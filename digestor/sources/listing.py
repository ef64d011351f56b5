r"""The body of arXiv's alert mails: a list of entries, each from a line `arXiv:2303.00763` to the next one.

    \\
    arXiv:2303.00763 (*cross-listing*)
    Date: Wed, 1 Mar 2023 19:00:02 GMT   (3197kb,D)

    Title: ... and further fields, each continued on lines that are indented
    \\
      The abstract; an indented line begins a paragraph.
    \\ ( https://arxiv.org/abs/2303.00763 ,  3197kb)

A line of `%-%-` says that cross-lists follow, `%%--%%` replacements (without abstracts), `%%%---` that it ends. Copies
come quoted, indented, with other blanks, without the lines of `\\` or dashes; only the line of the id must be there.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from digestor.models import Paper, Problem
from digestor.sources.facts import Facts, paper_of
from digestor.sources.mailing import RULE, Mailing, moment_of, month_of
from digestor.text.identifiers import arxiv

CUT = 20_000
"""Characters of a line that are read."""
BLANKS = {ord(blank): " " for blank in "\t\xa0\u2002\u2003\u2007\u2009\u202f\u3000"} | dict.fromkeys(
    map(ord, "\ufeff\u200b")
)

ID = re.compile(
    r"(?P<quoted>(?:> ?){0,20})(?P<indent> {0,40})arXiv: ?(?P<id>[a-z.-]{0,20}/?\d[\d.]{3,12}(?:v\d{1,3})?)"
    r" *(?P<cross>\(\*? ?cross-listing ?\*?\))? *",
    re.IGNORECASE | re.ASCII,
)
STRAY = re.compile(r"arXiv: ?\S", re.IGNORECASE)
FIELD = re.compile(
    r"(Date|Title|Authors?|Categories|Comments?|Report-no|MSC-class|ACM-class|Journal-ref|DOI|License|Proxy|Submitter)"
    r"(?: \([^()]{1,30}\))?:(.*)"
)
REPLACED = re.compile(r"replaced with (?:a )?revised version\b", re.IGNORECASE)
DIVIDER = re.compile(r"\\{1,2}")
END = re.compile(r"\\{1,2} ?\( ?https?://")
BETWEEN_NAMES = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+")
COLLABORATION = re.compile(r"\b([Cc]ollaborations?|[Cc]onsortium):")
SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV)\.?")


def is_listing(text: str) -> bool:
    """Is there an entry in it, as arXiv's mails have them?"""
    return any(True for _ in _starts(_lines(text)))


def read(
    text: str, where: str, left: Counter[str], sent: datetime | None = None, relayed: bool = False
) -> Iterator[Paper | Problem]:
    """The papers of one or several mailings, one after another, that are new; `left` counts what was left out.

    `sent` is the moment of the mail they came in, which counts less than what the text says where it was `relayed`.
    Nothing is raised; an id without an entry behind it is a Problem.
    """
    lines = _lines(text)
    starts = list(_starts(lines))
    if not starts:
        return
    newest = max((month_of(found["id"]) for _, found in starts), default=0)
    first = starts[0][0]
    mailing = Mailing(sent, relayed, newest).after(lines[:first])
    lost = _strays(lines[:first], [])
    open_ends: list[str] = []
    for (start, found), stop in zip(starts, [*(start for start, _ in starts[1:]), len(lines)], strict=True):
        entry = _entry([_bare(line, found) for line in lines[start + 1 : stop]])
        if entry.replaced or (mailing.section == "replaced" and not entry.abstract):
            left["replaced"] += 1
        elif (found["cross"] or mailing.section == "cross") and month_of(found["id"]) < mailing.month - 1:
            left["cross"] += 1
        else:
            yield _paper(found["id"], entry, mailing.day, where)
        open_ends += [] if entry.ended else [found["id"]]
        lost += _strays(entry.rest, entry.abstract)
        mailing = mailing.after(entry.rest)
    if lost:
        what = f"{lost} {'entries have' if lost > 1 else 'entry has'} no id that can be read, or nothing behind it"
        yield Problem(where=where, what=what, todo="save the mail whole, as it came", lost=lost)
    if len(starts) > 1 and open_ends == [starts[-1][1]["id"]]:
        todo = "its abstract may be cut short: save the mail whole, as it came"
        yield Problem(where=where, what=f"breaks off in the entry of arXiv:{open_ends[0]}", todo=todo)


class Entry(NamedTuple):
    """One entry, taken apart."""

    fields: dict[str, str]
    abstract: list[str]
    replaced: bool
    rest: Sequence[str]
    """The lines behind it."""
    ended: bool
    """Was its last line there?"""


def _lines(text: str) -> list[str]:
    return [line[:CUT] for line in text.replace("\r\n", "\n").replace("\r", "\n").translate(BLANKS).split("\n")]


def _starts(lines: Sequence[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """Each line of an id with a field behind it: an abstract may mention an id on a line of its own."""
    before: tuple[int, re.Match[str]] | None = None
    for number, line in enumerate(lines):
        text = line[:200].strip("> ")
        if before and text and (FIELD.match(text) or REPLACED.match(text)):
            yield before
        if text:
            found = ID.fullmatch(line) if text[:6].lower() == "arxiv:" else None
            before = (number, found) if found else None


def _bare(line: str, found: re.Match[str]) -> str:
    """A line without the marks of quoting and the indent that the line of its entry's id has."""
    for _ in range(found["quoted"].count(">")):
        line = line.removeprefix(">").removeprefix(" ") if line.startswith(">") else line
    return line[min(len(found["indent"]), len(line) - len(line.lstrip(" "))) :]


def _entry(lines: Sequence[str]) -> Entry:
    end = next(
        (n for n, line in enumerate(lines) if END.match(line.strip()) or RULE.fullmatch(line.strip())), len(lines)
    )
    ended = end < len(lines) and lines[end].strip().startswith("\\")
    own, rest = lines[:end], lines[end:]
    fields, start = _fields(own)
    abstract = list(own[start:])
    cut = next((n for n, line in enumerate(abstract) if DIVIDER.fullmatch(line.strip())), None)
    if not ended and cut is not None:
        abstract, rest = abstract[:cut], [*abstract[cut:], *rest]
    replaced = any(REPLACED.match(line.strip()) for line in own[:start])
    return Entry(fields, [a for a in abstract if not DIVIDER.fullmatch(a.strip())], replaced, rest, ended)


def _fields(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """The fields of an entry, and the line at which its abstract begins: behind the divider, else behind a blank line.

    Only what is not indented begins a field, and only the fields there are: a title may go on with "Results: ...".
    """
    divided = next((n for n, line in enumerate(lines) if DIVIDER.fullmatch(line.strip())), None)
    parts: dict[str, list[str]] = {}
    name, gap = "", False
    for number, line in enumerate(lines[:divided]):
        text = line.strip()
        if found := FIELD.match(line):
            name, gap = found[1], False
            if name == "Date" and name in parts:  # that of a later version
                name = ""
            else:
                parts.setdefault(name, []).append(found[2])
        elif not text:
            gap = divided is None and "Title" in parts
        elif gap:
            return {name: " ".join(said) for name, said in parts.items()}, number
        elif name and not REPLACED.match(text):
            parts[name].append(text)
    return {name: " ".join(said) for name, said in parts.items()}, len(lines) if divided is None else divided + 1


def _paper(id: str, entry: Entry, announced: date | None, where: str) -> Paper | Problem:
    fields = entry.fields
    if not arxiv(id):
        todo = "an id looks like arXiv:2303.00763"
        return Problem(where=where, what=f"arXiv:{id[:40]} is no id of arXiv's", todo=todo, lost=1)
    day, _, size = fields.get("Date", "").partition("(")
    facts = Facts(
        source="mail",
        title=fields.get("Title", ""),
        abstract="\n\n".join(_paragraphs(entry.abstract)),
        authors=authors(fields.get("Authors") or fields.get("Author", "")),
        published=moment_of(day),
        announced=announced,
        arxiv_id=id,
        doi=next(iter(re.split(r"[\s,;]+", fields.get("DOI", "").strip())), ""),
        categories=fields.get("Categories", "").replace(",", " ").split(),
        venue=fields.get("Journal-ref", ""),
        comment=fields.get("Comments") or fields.get("Comment", ""),
        licence=fields.get("License", ""),
        standing="withdrawn" if size.replace(" ", "").startswith("0kb,I") else None,
    )
    return paper_of(facts, f"{where}, arXiv:{id}")


def authors(text: str) -> list[str]:
    """The names in a field of authors, divided by commas or "and"; affiliations in brackets are left out.

    >>> authors("A. Ng (1), Fr\\\\'ed\\\\'eric Bo, Jr. and C. de la Cruz ((1) Somewhere, Else)")
    ['A. Ng', "Fr\\\\'ed\\\\'eric Bo, Jr.", 'C. de la Cruz']
    """
    kept, depth = [], 0
    for part in re.split(r"([()])", text):
        if part == "(":
            depth += 1
        elif part == ")":
            depth -= 1
        elif depth == 0:
            kept.append(part)
        if depth < 0:
            break
    names: list[str] = []
    plain = COLLABORATION.sub(r"\1,", " ".join("".join(kept if depth == 0 else text).split()))
    for name in BETWEEN_NAMES.split(plain):
        if names and SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        elif name.removeprefix("and "):
            names.append(name.removeprefix("and "))
    return names


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """An indented line begins a paragraph, unless all of them are indented; so does one behind a blank line."""
    indented = [line.startswith(" ") for line in lines if line.strip()]
    marked = not all(indented)
    paragraphs: list[list[str]] = []
    blank = True
    for line in lines:
        if not line.strip():
            blank = True
            continue
        if blank or (marked and line.startswith(" ")):
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
        blank = False
    return [" ".join(paragraph) for paragraph in paragraphs]


def _strays(lines: Sequence[str], abstract: Sequence[str]) -> int:
    """How many entries are known by an id or a title alone: outside of abstracts, or in one behind a blank line."""
    texts = [line[:200].strip("> ") for line in lines]
    ids, titles = sum(1 for text in texts if STRAY.match(text)), sum(1 for text in texts if text.startswith("Title:"))
    return max(ids, titles) + sum(1 for before, line in pairwise(abstract) if not before.strip() and ID.fullmatch(line))
