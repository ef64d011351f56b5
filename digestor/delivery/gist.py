"""What a delivery says of an issue in a few words: its numbers, the pick, the largest sections."""

from typing import NamedTuple

from pydantic import ValidationError

from digestor.compose import in_words
from digestor.models import Entry, Issue, Message, Section


class Gist(NamedTuple):
    """An issue in brief. Everything but the title is empty where only a title is known."""

    id: str
    title: str
    numbers: str = ""
    """"24 papers, 8 with code"."""
    pick: Entry | None = None
    why: str = ""
    """The reason of the pick."""
    sections: tuple[Section, ...] = ()
    """The largest first."""
    ledger: str = ""
    issue: Issue | None = None


def gist(message: Message) -> Gist:
    """The gist of a message: from its JSON form, which is the issue; without one, only its subject."""
    try:
        issue = Issue.model_validate_json(message.formats.get("json", ""))
    except ValidationError:
        return Gist(message.id, message.subject)
    entries = [entry for section in issue.sections for entry in section.entries]
    with_code = sum(entry.annotation.code.status == "released" for entry in entries)
    wanted = issue.pick.paper_id if issue.pick else None
    chosen = next((entry for entry in entries if entry.paper.id == wanted), None)
    return Gist(
        issue.id,
        issue.title,
        f"{len(entries):,} paper{'' if len(entries) == 1 else 's'}, {with_code:,} with code",
        chosen,
        issue.pick.why if issue.pick and chosen else "",
        tuple(sorted(issue.sections, key=lambda section: (section.tag == "other", -len(section.entries)))),
        in_words(issue.ledger),
        issue,
    )
