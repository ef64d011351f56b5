"""The links by which readers say what they want more or less of. They begin a mail or a GitHub issue, and send nothing.

No address of ours is between a link and where it leads, and none of them tells readers apart.
"""

import re
from typing import NamedTuple

from digestor.feedback import Verdict, github_link, mail_link
from digestor.render.look import Look

LONGEST = 900
"""Characters of such a link; some mail programs cut longer ones."""


class Asks(NamedTuple):
    """The two links of a paper."""

    more: str
    less: str


def asks(look: Look, paper_id: str, issue_id: str) -> Asks | None:
    """The links of a paper of an issue; None where no feedback is wanted, or where the paper's id fits into no link."""
    made = Asks(_link(look, "more", paper_id, issue_id), _link(look, "less", paper_id, issue_id))
    # `{{` would be taken for a placeholder that nobody filled
    return None if any(not link or len(link) > LONGEST or "%7b%7b" in link.lower() for link in made) else made


def where(look: Look) -> tuple[str, str]:
    """Where readers may say it by themselves, and as a link: an address of mail, or a repository's issues."""
    kind, _, place = look.feedback.partition(":")
    if kind == "mailto":
        return place, look.feedback
    return f"github.com/{place}/issues", f"https://github.com/{place}/issues/new"


def is_ask(url: str) -> bool:
    """Is it such a link to a GitHub issue? In a mail's plain text a sentence stands for all of them."""
    return re.match(r"https://github\.com/[\w./-]+/issues/new\?title=digestor%3A%20(more|less)%20", url) is not None


def _link(look: Look, verdict: Verdict, paper_id: str, issue_id: str) -> str:
    kind, _, place = look.feedback.partition(":")
    if not place:
        return ""
    return (mail_link if kind == "mailto" else github_link)(place, verdict, paper_id, issue_id)
