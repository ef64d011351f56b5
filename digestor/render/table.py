"""The issue as a table for spreadsheets: CSV, a paper a row."""

import csv
import io

from digestor.models import Annotation, Entry, Issue, Paper
from digestor.render.look import PLAIN, Look

COLUMNS = "id title line tags code code_url url authors published votes venue origin note".split()
CHOSEN = "place relevance model_why why score".split()
"""What follows where papers were chosen for a reader; `place`: shown, outside (the reader's usual), or listed."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def as_csv(issue: Issue, look: Look = PLAIN) -> str:
    """One row a paper, in the order of the issue; a cell that would be a formula has a `'` before it."""
    entries = [entry for section in issue.sections for entry in section.entries]
    judged = any(entry.why or entry.score is not None or entry.annotation.relevance is not None for entry in entries)
    chosen = judged or bool(issue.listed or issue.outside)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *CHOSEN] if chosen else COLUMNS)
    for entry in entries:
        cells = _cells(entry.paper, entry.annotation) + (_reasons(entry, issue) if chosen else [])
        writer.writerow([inert(cell) for cell in cells])
    for one in issue.listed:
        writer.writerow([inert(cell) for cell in (*_cells(one.paper, None), "listed", "", "", one.why, "")])
    return out.getvalue()


def inert(cell: str) -> str:
    """A cell that no spreadsheet runs.

    >>> inert('=HYPERLINK("https://example.org")')
    '\\'=HYPERLINK("https://example.org")'
    """
    return f"'{cell}" if cell.lstrip(" \n").startswith(FORMULA) else cell


def _cells(paper: Paper, said: Annotation | None) -> list[str]:
    return [
        paper.id,
        paper.title,
        *((said.summary or "", " ".join(said.tags), said.code.status, said.code.url or "") if said else [""] * 4),
        paper.url or "",
        "; ".join(paper.authors),
        paper.published.date().isoformat() if paper.published else "",
        "" if paper.upvotes is None else str(paper.upvotes),
        paper.venue,
        *((said.origin, said.note) if said else ("", "")),
    ]


def _reasons(entry: Entry, issue: Issue) -> list[str]:
    said = entry.annotation
    outside = issue.outside is not None and entry.paper.id == issue.outside.paper_id
    return [
        "outside" if outside else "shown",
        "" if said.relevance is None else str(said.relevance),
        said.why,
        entry.why,
        "" if entry.score is None else f"{entry.score:.4g}",
    ]
