"""Issue -> Message: the same edition in every form that is delivered.

Everything from outside is escaped by the environment, not by the template: a template cannot forget it.
"""

from collections.abc import Callable, Iterable

from digestor.errors import DeliveryError
from digestor.models import Issue, Message
from digestor.render.issue import as_json, as_markdown, as_page, as_text
from digestor.render.lint import faults
from digestor.render.look import PLAIN, Look
from digestor.render.mail import as_mail
from digestor.render.markdown import anchor, link, markdown
from digestor.render.table import as_csv
from digestor.render.words import code_words, in_text

__all__ = ["Look", "anchor", "code_words", "in_text", "link", "markdown", "render"]

WRITERS: dict[str, Callable[[Issue, Look], str]] = {
    "md": as_markdown,
    "html": as_page,
    "txt": as_text,
    "json": as_json,
    "csv": as_csv,
}


def render(issue: Issue, formats: Iterable[str], look: Look = PLAIN, mail: bool = False) -> Message:
    """The issue in each of the formats, and as a mail where one is wanted; the same bytes for the same issue.

    Raises DeliveryError where the mail breaks a rule that every mail of ours keeps: then the fault is ours, or that
    of a template of the user's own.
    """
    letter = as_mail(issue, look) if mail else None
    if letter and (wrong := faults(letter)):
        todo = "mend the template" if look.templates else "this is a bug in digestor; nothing was sent"
        raise DeliveryError(f"the mail of {issue.id}", "\n  ".join(wrong), todo)
    return Message(
        id=issue.id,
        subject=letter.subject if letter else issue.title,
        formats={format: WRITERS[format](issue, look) for format in formats},
        mail=letter,
        day=issue.end,
    )
