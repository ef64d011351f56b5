"""The issue as Markdown, an HTML page, plain text and JSON."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from digestor.compose import in_words
from digestor.models import Entry, Issue
from digestor.render.environment import filled
from digestor.render.look import PLAIN, Look
from digestor.render.words import FLAGS, by_area


class Choice(NamedTuple):
    """What a filter of the page offers."""

    value: str
    label: str
    papers: int


def as_json(issue: Issue, look: Look = PLAIN) -> str:
    """The issue itself; `Issue.model_validate_json` reads it back."""
    return issue.model_dump_json(indent=1, exclude_none=False) + "\n"


def as_markdown(issue: Issue, look: Look = PLAIN) -> str:
    """A report for a repository: a table of contents, and one line a paper."""
    return _issue("issue.md.j2", issue, look)


def as_page(issue: Issue, look: Look = PLAIN) -> str:
    """One self-contained HTML page, with nothing loaded from outside and no script but its own."""
    return _issue("issue.html.j2", issue, look)


def as_text(issue: Issue, look: Look = PLAIN) -> str:
    """Plain text, 76 columns."""
    return _issue("issue.txt.j2", issue, look)


def chosen(issue: Issue) -> Entry | None:
    """The entry that `issue.pick` names; None where it names none."""
    entries = (entry for section in issue.sections for entry in section.entries)
    return next((entry for entry in entries if issue.pick and entry.paper.id == issue.pick.paper_id), None)


def topics(issue: Issue) -> list[tuple[str, list[Choice]]]:
    """What the page can be narrowed to: for each area the area itself and its tags, then tags that lead no section."""
    entries = [*(entry for section in issue.sections for entry in section.entries), *issue.carried]
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
    entries = [*(entry for section in issue.sections for entry in section.entries), *issue.carried]
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


def _issue(template: str, issue: Issue, look: Look) -> str:
    entries = [entry for section in issue.sections for entry in section.entries]
    return filled(
        template,
        look.templates,
        issue=issue,
        look=look,
        papers=len(entries),
        with_code=sum(entry.annotation.code.status == "released" for entry in entries),
        picked=chosen(issue),
        topics=topics(issue),
        statuses=statuses(issue),
        ledger=in_words(issue.ledger),
        credits=credits([*entries, *issue.carried]),
    )
