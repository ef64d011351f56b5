"""The issue as Markdown, an HTML page, plain text and JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from digestor.compose import in_words
from digestor.models import UNLISTED, Entry, Issue, Listed
from digestor.render import reasons
from digestor.render.asking import asks, where
from digestor.render.environment import filled
from digestor.render.look import PLAIN, Look
from digestor.render.words import FLAGS, by_area, gave

FOLDED = 250_000
"""Characters of abstracts up to which a Markdown report has them, folded; GitHub shows files of up to 512 kB."""
TITLES: Mapping[str, tuple[int, int]] = {"md": (300, 80_000), "txt": (500, 160_000)}
"""Format -> papers that are listed in it by title alone, at most, and characters that they take; the page has all."""
AT_ONCE = 40
"""Titles that stand open on the page; the others are folded, and found by searching."""
ASKED = 250
"""Papers up to which a Markdown report has links for feedback; they take 300 characters a paper."""


class Choice(NamedTuple):
    """What a filter of the page offers."""

    value: str
    label: str
    papers: int


def as_json(issue: Issue, look: Look = PLAIN) -> str:
    """The issue itself; `Issue.model_validate_json` reads it back."""
    without: Any = {"listed": {"__all__": {"paper": set(UNLISTED)}}}
    return issue.model_dump_json(indent=1, exclude=without) + "\n"


def as_markdown(issue: Issue, look: Look = PLAIN) -> str:
    """A report for a repository: a table of contents, and one line a paper."""
    return _issue("md", issue, look)


def as_page(issue: Issue, look: Look = PLAIN) -> str:
    """One self-contained HTML page, with nothing loaded from outside and no script but its own."""
    return _issue("html", issue, look)


def as_text(issue: Issue, look: Look = PLAIN) -> str:
    """Plain text, 76 columns."""
    return _issue("txt", issue, look)


def everything(issue: Issue) -> list[Entry]:
    """The entries of an issue, those of earlier issues that have news last."""
    return [*(entry for section in issue.sections for entry in section.entries), *issue.carried, *issue.updated]


def topics(issue: Issue) -> list[tuple[str, list[Choice]]]:
    """What the page can be narrowed to: for each area the area itself and its tags, then tags that lead no section."""
    entries = everything(issue)
    tagged = Counter(tag for entry in entries for tag in dict.fromkeys(entry.annotation.tags))
    offered: list[tuple[str, list[Choice]]] = []
    for area, sections in by_area(issue.sections):
        whole = Choice(f"area:{area}", f"All of {area}", sum(len(section.entries) for section in sections))
        choices = [Choice(section.tag, section.title, tagged.pop(section.tag, 0)) for section in sections]
        offered.append((area, [whole, *choices] if len(sections) > 1 else choices))
    rest = sorted((issue.labels.get(tag, tag), tag) for tag in tagged)
    return [*offered, ("Further topics", [Choice(tag, label, tagged[tag]) for label, tag in rest])] if rest else offered


def statuses(issue: Issue) -> list[Choice]:
    """The code flags that occur, with what they are called and how often."""
    entries = everything(issue)
    found = Counter(entry.annotation.code.status for entry in entries)
    return [Choice(status, words, found[status]) for status, words in FLAGS.items() if found[status]]


def credits(entries: Sequence[Entry]) -> str:
    """Who wrote the lines, as a sentence; empty where there are none.

    A model's are named and were checked; the others are the abstracts' own words.
    """
    written = [entry.annotation for entry in entries if entry.annotation.summary]
    models = sorted({said.annotator for said in written if said.origin == "llm"})
    own = sum(said.origin != "llm" for said in written)
    if not models:
        return "Lines are in the abstracts' own words." if own else ""
    return f"Lines by {', '.join(models)}, checked against the abstracts" + (
        f"; {own:,} in the abstracts' own words." if own else "."
    )


def by_title(issue: Issue, format: str) -> Sequence[Listed]:
    """The papers that a format lists by title: all on the page, elsewhere as many as it bears, the best first."""
    if format not in TITLES:
        return issue.listed
    most, room = TITLES[format]
    for number, listed in enumerate(issue.listed[:most]):
        room -= len(listed.paper.title) + len(listed.paper.url or "")
        if room < 0:
            return issue.listed[:number]
    return issue.listed[:most]


def _issue(format: str, issue: Issue, look: Look) -> str:
    entries = [entry for section in issue.sections for entry in section.entries]
    picked, outside = reasons.named_by(issue.pick, entries), reasons.named_by(issue.outside, entries)
    listed = by_title(issue, format)
    told = any(map(reasons.why, entries))
    asked = look.feedback and (format != "md" or len(entries) <= ASKED)
    return filled(
        f"issue.{format}.j2",
        look.templates,
        issue=issue,
        look=look,
        papers=len(entries),
        amount=reasons.amount(issue),
        with_code=sum(entry.annotation.code.status == "released" for entry in entries),
        picked=picked,
        picked_why=reasons.why_picked(issue.pick, picked) if issue.pick and picked else "",
        outside=outside,
        outside_why=reasons.why_picked(issue.outside, outside) if issue.outside and outside else "",
        outside_label=reasons.OUTSIDE,
        why=reasons.why,
        asks=(lambda entry: asks(look, entry.paper.id, issue.id)) if asked else (lambda entry: None),
        ask=where(look) if look.feedback and entries else None,
        trends=reasons.trends(issue.trends),
        personal=bool(told or look.feedback or outside or issue.notes or issue.trends or issue.listed),
        listed=listed,
        unlisted=len(issue.listed) - len(listed),
        at_once=AT_ONCE if len(listed) > 2 * AT_ONCE else len(listed),
        topics=topics(issue),
        statuses=statuses(issue),
        ledger=in_words(issue.ledger),
        credits=credits([*entries, *issue.carried, *issue.updated]),
        sources=[gave(source) for source in issue.sources],
        earlier=len(issue.carried) + len(issue.updated),
        folded=sum(len(entry.paper.abstract) for entry in entries) <= FOLDED,
    )
