"""Issue -> Message: the same edition as Markdown, an HTML page, plain text and JSON.

Everything from outside is escaped by the environment, not by the template: a template cannot forget it.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import groupby
from textwrap import fill
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from digestor.compose import in_words
from digestor.models import Code, Issue, Message, Section

MD_SPECIAL = re.compile(r"([\\`*_{}\[\]<>~|$@#^])|(?<=[a-z])(:)(?=//)|(?<=www)(\.)|(&)(?=#?\w+;)", re.IGNORECASE)


class Safe(str):
    """Markdown made here, not to be escaped again."""

    __slots__ = ()


def markdown(value: object) -> str:
    """Text that shows as itself in Markdown: no emphasis, link, image, mention, maths, HTML or Liquid tag comes of it.

    >>> markdown("A* beats <b>D*</b>: see https://x.example")
    'A\\\\* beats \\\\<b\\\\>D\\\\*\\\\</b\\\\>: see https\\\\://x.example'
    """
    if isinstance(value, Safe):
        return value
    return MD_SPECIAL.sub(lambda match: "\\" + match.group(), str(value))


def link(text: str, url: str | None) -> Safe:
    """A Markdown link, or the text alone where there is no URL."""
    if not url:
        return Safe(markdown(text))
    return Safe(
        f"[{markdown(text)}](<{url.replace('<', '%3C').replace('>', '%3E')}>)"
        if _odd(url)
        else f"[{markdown(text)}]({url})"
    )


def anchor(heading: str, taken: Iterable[str] = ()) -> str:
    """The id that GitHub gives a heading: lower case, punctuation dropped, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")


def by_area(sections: Iterable[Section]) -> list[tuple[str, list[Section]]]:
    """Sections that follow each other in one area, under its label; one of no area stands under its own title."""
    return [(area, list(group)) for area, group in groupby(sections, key=lambda section: section.area or section.title)]


def code_words(code: Code) -> str:
    """What the flag says, in a few words: `code`, `model and data`, `code promised`, `code mentioned`, or nothing."""
    if code.status == "none":
        return ""
    what = " and ".join(code.artefacts) or "code"
    return what if code.status == "released" else f"{what} {code.status}"


def in_text(value: str, indent: int = 2, width: int = 76) -> str:
    """A paragraph of plain text, wrapped; a long word or URL is never broken."""
    spaces = " " * indent
    return fill(
        value, width, initial_indent=spaces, subsequent_indent=spaces, break_long_words=False, break_on_hyphens=False
    )


def render(issue: Issue, formats: Iterable[str]) -> Message:
    """The issue in each of the formats, the same bytes for the same issue."""
    writers: dict[str, Callable[[Issue], str]] = {"md": as_markdown, "html": as_page, "txt": as_text, "json": as_json}
    return Message(id=issue.id, subject=issue.title, formats={format: writers[format](issue) for format in formats})


def as_json(issue: Issue) -> str:
    """The issue itself; `Issue.model_validate_json` reads it back."""
    return issue.model_dump_json(indent=1, exclude_none=False) + "\n"


def as_markdown(issue: Issue) -> str:
    """A report for a repository: a table of contents, and one line a paper."""
    return _filled("issue.md.j2", issue)


def as_page(issue: Issue) -> str:
    """One self-contained HTML page, with no script and nothing loaded from outside."""
    return _filled("issue.html.j2", issue)


def as_text(issue: Issue) -> str:
    """Plain text, 76 columns."""
    return _filled("issue.txt.j2", issue)


def _filled(template: str, issue: Issue) -> str:
    entries = [entry for section in issue.sections for entry in section.entries]
    with_code = sum(entry.annotation.code.status == "released" for entry in entries)
    text = (
        _environment(template.split(".")[1])
        .get_template(template)
        .render(issue=issue, papers=len(entries), with_code=with_code, ledger=in_words(issue.ledger))
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@lru_cache
def _environment(format: str) -> Environment:
    """One environment a format; what is put into a template is escaped by `finalize` or autoescape."""
    environment = Environment(
        loader=PackageLoader("digestor", "templates"),
        undefined=StrictUndefined,
        autoescape=format == "html",
        finalize=markdown if format == "md" else None,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    filters: dict[str, Callable[..., Any]] = {
        "link": link,
        "anchor": anchor,
        "by_area": by_area,
        "code_words": code_words,
        "in_text": in_text,
        "safe_md": Safe,
        "papers": lambda sections: sum(len(section.entries) for section in sections),
        "released": lambda entries: sum(entry.annotation.code.status == "released" for entry in entries),
    }
    environment.filters.update(filters)
    return environment


def _odd(url: str) -> bool:
    return any(character in url for character in "()<> \t")
