"""How things are said in every format: the code flag, the areas, days, plain text wrapped."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from textwrap import fill

from digestor.models import Code, Gathered, Paper, Section, Status

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


STANDINGS = {"withdrawn": "withdrawn", "retracted": "retracted"}
WARNINGS = {"prompt_injection?": "its text seems to speak to software"}


def warning(paper: Paper) -> str:
    """What a reader should be wary of: `withdrawn`, `its text seems to speak to software`; empty for most."""
    said = [STANDINGS.get(paper.standing, ""), *(WARNINGS.get(flag, flag) for flag in paper.flags)]
    return "; ".join(words for words in said if words)


def gave(source: Gathered) -> str:
    """What a source gave: `arXiv cs.CL: 132 papers, announced 16–20 November 2026; 90 of them collected before`."""
    papers = f"{source.papers:,} paper{'' if source.papers == 1 else 's'}"
    parts = ["could not be read", papers] if source.state == "failed" and source.papers else [papers]
    if source.state == "failed" and not source.papers:
        parts = ["could not be read"]
    elif source.covers:
        parts.append(source.covers)
    earlier = f"; {source.collected:,} of them collected before" if source.collected else ""
    return f"{source.name}: {', '.join(parts)}{earlier}"


def spoken(day: date) -> str:
    """A day as one says it: `7 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def in_text(value: str, indent: int = 2, width: int = 76) -> str:
    """A paragraph of plain text, wrapped; a long word or URL is never broken."""
    spaces = " " * indent
    return fill(
        value, width, initial_indent=spaces, subsequent_indent=spaces, break_long_words=False, break_on_hyphens=False
    )
