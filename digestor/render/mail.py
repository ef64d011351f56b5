"""The issue as an email that no client clips: HTML and plain text from the same words.

Styles stand inline in the template, by hand: there are a dozen, and what is measured is then what is sent.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import quote

from digestor.compose import BY_CODE, UNJUDGED, in_words
from digestor.models import UNSUBSCRIBE, Entry, Issue, Mail, Section
from digestor.render import items, reasons
from digestor.render.asking import asks, where
from digestor.render.environment import filled
from digestor.render.headline import Headline, counted, entries, headline, picked
from digestor.render.items import Item, item, named, plain, titled
from digestor.render.look import PLAIN, Look
from digestor.render.words import by_area, gave

FULL = 60
"""Papers shown with byline and line; a longer mail is not read to its end."""
CARRIED, UPDATED = 10, 5
TITLES, NOTES = 10, 5
"""Papers without a line that are named, of which the web copy has all; notes at the top."""
CONTENTS, MOST = 12, 24
"""Sections that the contents name one by one; where there are more, they name areas, but no more than so many."""
PROBLEMS, SOURCES = 8, 12
FRAME, FILLED, LIMIT = 45_000, 90_000, 98_000
"""Bytes of HTML up to which papers that now have code, full papers and mere titles are let in.

Gmail clips at about 102,000; every reader's own address to unsubscribe comes on top.
"""


class Room(NamedTuple):
    """How many papers are shown in which way."""

    full: int = 0
    listed: int = 0
    carried: int = 0
    titles: int = 0


class Part(NamedTuple):
    """Papers under a heading; `area` is empty where it is the heading's own words."""

    area: str
    begins: bool
    """Is it the first section of its area?"""
    title: str
    items: list[Item]


class Place(NamedTuple):
    """A line of the contents: a section or an area, its papers, its place in the web copy."""

    title: str
    papers: int
    url: str


def as_mail(issue: Issue, look: Look = PLAIN) -> Mail:
    """The issue as subject, preheader, HTML and text; UNSUBSCRIBE stands where each reader's own address goes."""
    head = headline(issue)
    write = _writer(issue, look, head)

    def size(room: Room) -> int:
        return len(write("html", room).encode())

    papers = len(entries(issue))
    carried = most(min(CARRIED, len(issue.carried)), lambda n: size(Room(carried=n)) <= FRAME)
    full = most(min(FULL, papers), lambda n: size(Room(n, 0, carried)) <= FILLED)
    listed = most(papers - full, lambda n: size(Room(full, n, carried)) <= LIMIT)
    titles = most(min(TITLES, len(issue.listed)), lambda n: size(Room(full, listed, carried, n)) <= LIMIT)
    room = Room(full, listed, carried, titles)
    return Mail(subject=head.subject, preheader=head.preheader, html=write("html", room), text=write("txt", room))


def most(top: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `top` that fits, where fewer always fit better; 0 without asking."""
    if top <= 0 or fits(top):
        return max(top, 0)
    low = 0
    while top - low > 1:
        middle = (low + top) // 2
        low, top = (middle, top) if fits(middle) else (low, middle)
    return low


def ranked(issue: Issue) -> list[Entry]:
    """The order in which papers are let in: the pick, the one from outside the reader's usual, then the others.

    These by what the reader wants, where that is known; by code, by votes, and each section in proportion to its size.
    """
    pick, outside = picked(issue), reasons.named_by(issue.outside, entries(issue))

    def key(place: tuple[int, int]) -> tuple[bool, bool, float, float, int, int, float, int]:
        section, number = issue.sections[place[0]], place[1]
        entry = section.entries[number]
        votes = entry.paper.upvotes or 0
        share = (number + 1) / len(section.entries)
        judged = entry.annotation.relevance
        wanted = (UNJUDGED if judged is None else judged, entry.score or 0.0)
        code = BY_CODE[entry.annotation.code.status]
        return (entry is not pick, entry is not outside, -wanted[0], -wanted[1], code, -votes, share, place[0])

    places = [(of, number) for of, section in enumerate(issue.sections) for number in range(len(section.entries))]
    return [issue.sections[of].entries[number] for of, number in sorted(places, key=key)]


def _writer(issue: Issue, look: Look, head: Headline) -> Callable[[str, Room], str]:
    """Writes the mail in a format, with so much room."""
    order = [id(entry) for entry in ranked(issue)]
    said = {id(entry): item(entry, issue.labels) for entry in (*issue.carried, *issue.updated)}
    said |= {id(entry): item(entry, issue.labels, asks(look, entry.paper.id, issue.id)) for entry in entries(issue)}
    pick, outside = picked(issue), reasons.named_by(issue.outside, entries(issue))
    outside = outside if outside is not pick else None
    web = f"{look.url}{quote(issue.id)}.html" if look.url else ""
    fixed: dict[str, Any] = {
        "issue": named(issue.title, 120),
        "id": plain(issue.id, 20),
        "head": head,
        "look": look,
        "web": web,
        "contents": _contents(issue.sections, web),
        "pick": said[id(pick)] if pick else None,
        "why": plain(reasons.why_picked(issue.pick, pick), 200) if issue.pick and pick else "",
        "outside_label": reasons.OUTSIDE,
        "outside_why": plain(reasons.why_picked(issue.outside, outside), 200) if issue.outside and outside else "",
        "notes": [plain(note, 300) for note in issue.notes[:NOTES]],
        "trends": [(line.label, plain(line.words, 200)) for line in reasons.trends(issue.trends)],
        "ask": where(look) if look.feedback and order else None,
        "updated": [said[id(entry)] for entry in issue.updated[:UPDATED]],
        "updated_more": max(0, len(issue.updated) - UPDATED),
        "ledger": in_words(issue.ledger),
        "sources": _sources(issue),
        "writers": _writers(issue),
        "problems": [_problem(*given) for given in _problems(issue)],
        "problems_more": max(0, len(issue.problems) - PROBLEMS),
        "arxiv": any(entry.paper.arxiv_id for entry in entries(issue)),
        "unsubscribe": UNSUBSCRIBE,
        "counted": counted,
        "wrapped": items.wrapped,
        "direction": items.direction,
        "short": items.short,
    }

    def write(format: str, room: Room) -> str:
        full, listed = set(order[: room.full]), set(order[room.full : room.full + room.listed])
        apart = outside if id(outside) in full else None
        shown = full - {id(pick), id(apart)}
        return filled(
            f"mail.{format}.j2",
            look.templates,
            **fixed,
            sections=_parts(issue.sections, shown, said),
            outside=said[id(apart)] if apart else None,
            also=_areas(issue.sections, listed, said),
            titles=[titled(one.paper) for one in issue.listed[: room.titles]],
            titles_more=len(issue.listed) - room.titles,
            carried=[said[id(entry)] for entry in issue.carried[: room.carried]],
            carried_more=len(issue.carried) - room.carried,
            full=len(full),
            listed=len(listed),
            more=len(order) - len(full) - len(listed),
        )

    return write


def _parts(sections: Iterable[Section], shown: set[int], said: dict[int, Item]) -> list[Part]:
    """The sections with those of their papers that are shown; an area is named at the first of its sections."""
    parts, last = list[Part](), ""
    for section in sections:
        papers = [said[id(entry)] for entry in section.entries if id(entry) in shown]
        if papers:
            area = section.area or section.title
            eyebrow = plain(area, 60) if area != section.title else ""
            parts.append(Part(eyebrow, area != last, named(section.title, 60), papers))
            last = area
    return parts


def _areas(sections: Iterable[Section], shown: set[int], said: dict[int, Item]) -> list[Part]:
    """The papers that are shown by title alone, an area at a time."""
    parts = []
    for area, group in by_area(sections):
        papers = [said[id(entry)] for section in group for entry in section.entries if id(entry) in shown]
        if papers:
            parts.append(Part("", True, named(area, 60), papers))
    return parts


def _contents(sections: tuple[Section, ...], web: str) -> list[Place]:
    """The sections where they are few, else their areas; where those are many too, the first of them."""
    groups = [(section.title, [section]) for section in sections]
    if len(groups) > CONTENTS:
        groups = by_area(sections)
    if len(groups) > MOST:
        groups = [*groups[:MOST], ("Others", [section for _, group in groups[MOST:] for section in group])]
    return [
        Place(
            named(name, 60),
            sum(len(section.entries) for section in group),
            f"{web}#{quote(group[0].tag)}" if web else "",
        )
        for name, group in groups
    ]


def _sources(issue: Issue) -> str:
    """What was read: each source where they are few, and those that failed in any case."""
    failed = [source for source in issue.sources if source.state == "failed"]
    shown = list(issue.sources) if len(issue.sources) <= SOURCES else failed[:SOURCES]
    said = [plain(gave(source), 160) for source in shown]
    rest = len(issue.sources) - len(shown)
    if rest:
        said.append(f"{counted(rest, 'further source' if said else 'source')}")
    return "; ".join(said)


def _writers(issue: Issue) -> str:
    """Who wrote the lines: the annotators' names without the hashes that tell their versions apart."""
    names = sorted({plain(entry.annotation.annotator.partition("@")[0], 60) for entry in entries(issue)})
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} others"]
    return items.listed(names) if names else ""


def _problems(issue: Issue) -> list[tuple[str, str, str]]:
    return [(problem.where, problem.what, problem.todo) for problem in issue.problems[:PROBLEMS]]


def _problem(where: str, what: str, todo: str) -> str:
    return plain(f"{where}: {what}" + (f"; {todo}" if todo else ""), 300)
