"""What an issue says first: subject, preheader, headline and lead. Every number is counted here, none is written."""

import re
from collections import Counter
from typing import NamedTuple

from digestor.models import Entry, Issue
from digestor.render.items import cut, listed, named, plain
from digestor.render.reasons import amount, named_by

SUBJECT = 78
"""Characters of a subject; what a phone shows (about 40) has the numbers."""
PREHEADER = (60, 110)
"""Characters: as many as clients show, and never so few that they fill up with what follows."""
THIN = 5
"""A week with fewer papers is a quiet one."""
OPENING = re.compile(
    r"(?:in this (?:paper|work|study|article),? )?(?:(?:we|this (?:paper|work|study)|the authors) "
    r"(?:(?:propose|present|introduce|describe|study|investigate)s? |studies |"
    r"(?:show|find|demonstrate|prove|observe|argue|report)s? that ))",
    re.IGNORECASE,
)
"""How an abstract clears its throat."""


class Headline(NamedTuple):
    """The words at the head of a mail, without markup."""

    subject: str
    preheader: str
    title: str
    lead: str


def headline(issue: Issue) -> Headline:
    """Subject and preheader for the inbox, title and lead for the top of the mail."""
    return Headline(_subject(issue), _preheader(issue), _title(issue), _lead(issue))


def entries(issue: Issue) -> list[Entry]:
    """Every paper of an issue, in its order."""
    return [entry for section in issue.sections for entry in section.entries]


def picked(issue: Issue) -> Entry | None:
    """The paper to read for whoever reads only one, if it is in the issue."""
    return named_by(issue.pick, entries(issue))


def themes(issue: Issue) -> list[tuple[str, int]]:
    """The areas (a section of none counts as one) with their papers, the largest first; `other` is no theme."""
    counts = Counter[str]()
    for section in issue.sections:
        if section.tag != "other":
            counts[named(section.area or section.title, 60)] += len(section.entries)
    return counts.most_common()


def counted(number: int, noun: str) -> str:
    """`1 paper`, `1,024 papers`"""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def with_code(issue: Issue) -> int:
    """The papers that have released code, a model or data."""
    return _flagged(issue, "released")


def _flagged(issue: Issue, status: str) -> int:
    return sum(entry.annotation.code.status == status for entry in entries(issue))


def _span(issue: Issue) -> str:
    days = (issue.end - issue.start).days + 1
    return "day" if days == 1 else "week" if days == 7 else "month" if 28 <= days <= 31 else "issue"


def _subject(issue: Issue) -> str:
    papers, tail = len(entries(issue)), f" · {plain(issue.id, 20)}"
    if not papers and not issue.listed:
        return f"Quiet {_span(issue)}: no new papers{tail}"
    facts = f"{amount(issue)}, {with_code(issue):,} with code"
    if papers + len(issue.listed) < THIN:
        return f"Quiet {_span(issue)}: {facts}{tail}"
    claim = cut(_claim(issue), SUBJECT - len(facts) - len(tail) - 2)
    return f"{facts}: {claim}{tail}" if claim else facts + tail


def _claim(issue: Issue) -> str:
    """What the picked paper claims, its throat cleared; without a pick, what the papers are about."""
    entry = picked(issue)
    if entry is None:
        return listed([name for name, _ in themes(issue)[:2]] or [""])
    said = plain(entry.annotation.summary or entry.paper.title, 300)
    claim = OPENING.sub("", said, count=1).rstrip(".") if OPENING.match(said) else said.rstrip(".")
    return claim[:1].upper() + claim[1:]


def _preheader(issue: Issue) -> str:
    least, most = PREHEADER
    entry = picked(issue)
    parts = []
    if entry:
        parts.append(f"Top pick: {cut(_name(entry), 60)}.")
    if issue.sections:
        parts.append(", ".join(f"{cut(name, 30)} {count:,}" for name, count in themes(issue)[:3]) + ".")
    parts += [
        f"{counted(issue.ledger.read, 'paper')} read, {counted(issue.ledger.duplicates, 'duplicate')}.",
        "What was read, and where each paper ended, is at the foot.",
    ]
    said = ""
    for part in parts:
        if len(said) < least and part != ".":
            said = f"{said} {part}".strip()
    return cut(" ".join(said.split()), most)  # something unseen may have stood between two spaces


def _name(entry: Entry) -> str:
    """The short title: what stands before the colon, where that is a name."""
    title = plain(entry.paper.title, 300)
    name, colon, _ = title.partition(": ")
    return name if colon and len(name) >= 3 else title.rstrip(".")


def _title(issue: Issue) -> str:
    papers, span = len(entries(issue)), _span(issue)
    when = {"day": "today", "issue": "in this issue"}.get(span, f"this {span}")
    if not papers and not issue.listed:
        return f"No new papers {when}"
    return f"{amount(issue)} {when}, {with_code(issue):,} with code"


def _lead(issue: Issue) -> str:
    if not entries(issue):
        if issue.listed:
            return "There was no room for any of them; their titles are in the full issue."
        return "Nothing that came in was new. What was read, and where each paper ended, is at the foot."
    return " ".join(part for part in (_about(issue), _open(issue), _appeared(issue)) if part)


def _about(issue: Issue) -> str:
    largest = [(name, count) for name, count in themes(issue)[:3] if count]
    if len(largest) < 2:
        return f"The theme is {largest[0][0]}." if largest else ""
    return f"The largest themes are {listed(f'{name} ({count:,})' for name, count in largest)}."


def _open(issue: Issue) -> str:
    released, promised = with_code(issue), _flagged(issue, "promised")
    said = []
    if released:
        said.append(f"{released:,} {'releases' if released == 1 else 'release'} code, a model or data")
    if promised:
        said.append(f"{promised:,} {'promises' if promised == 1 else 'promise'} {'it' if released else 'code'}")
    return f"{'; '.join(said)}." if said else "None has code that could be found."


def _appeared(issue: Issue) -> str:
    appeared = len(issue.carried)
    if not appeared:
        return ""
    return f"{counted(appeared, 'paper')} of earlier issues now {'has' if appeared == 1 else 'have'} code."
