"""How things are said in every format: the code flag, the areas, days, plain text wrapped."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from textwrap import fill

from digestor.models import Code, Section, Status

FLAGS: dict[Status, str] = {
    "released": "With code",
    "promised": "Code promised",
    "mentioned": "Code mentioned",
    "none": "No code found",
}
"""What a reader is told of each status, the best first."""


def by_area(sections: Iterable[Section]) -> list[tuple[str, list[Section]]]:
    """Sections that follow each other in one area, under its label; one of no area stands under its own title."""
    return [(area, list(group)) for area, group in groupby(sections, key=lambda section: section.area or section.title)]


def code_words(code: Code) -> str:
    """What the flag says, in a few words: `code`, `model and data`, `code promised`, `code mentioned`, or nothing."""
    if code.status == "none":
        return ""
    what = " and ".join(code.artefacts) or "code"
    return what if code.status == "released" else f"{what} {code.status}"


def spoken(day: date) -> str:
    """A day as one says it: `7 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def in_text(value: str, indent: int = 2, width: int = 76) -> str:
    """A paragraph of plain text, wrapped; a long word or URL is never broken."""
    spaces = " " * indent
    return fill(
        value, width, initial_indent=spaces, subsequent_indent=spaces, break_long_words=False, break_on_hyphens=False
    )
