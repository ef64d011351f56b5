"""Records: JSON, one paper a line or many in one value, and CSV or TSV with a header. The fields are those of `Paper`.

Names are taken as people write them (`summary`, `Author`, `link`, `eprint`). A value of an odd type is taken if its
meaning is plain and is unknown otherwise; nothing is guessed. One bad record is one Problem, and the rest goes on.
"""

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from digestor.errors import SourceError
from digestor.models import Paper, Problem
from digestor.sources.fields import FIELD, Doubts, normal, paper

LINE = 5_000_000
"""Characters a record may have."""
OPEN_LINES = 200
"""Lines that a cell in quotation marks may run over."""
TOLD = 20
"""Problems told one by one; what is more is told in one sum."""

COLLECTIONS = ("papers", "records", "items", "entries", "results", "data")


def parse_jsonl(lines: Iterable[str], where: str) -> Iterator[Paper | Problem]:
    """The papers of JSON lines, in order; a line may also hold a list of records or an object with `papers`."""
    return _told(_jsonl(lines, where), where)


def parse_json(text: str, where: str) -> Iterator[Paper | Problem]:
    """The papers of one JSON value: a record, a list of them, an object with `papers`, or an issue of ours.

    Raises SourceError where it is no JSON.
    """
    try:
        value = json.loads(text.strip("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise SourceError(where, f"is not JSON: {error}", "write one record a line, or a list of records") from error
    return _told(_values(value, where, where), where)


def parse_csv(lines: Iterable[str], where: str) -> Iterator[Paper | Problem]:
    """The papers of a table whose first line names the columns; commas, semicolons or tabs between them.

    Raises SourceError where that line cannot be read.
    """
    return _told(_csv(lines, where), where)


def columns(line: str) -> list[str]:
    """The names in a table's first line; empty where the line is no such thing."""
    names = next(csv.reader([line.strip("\ufeff \r\n")], delimiter=_delimiter(line)), [])
    plausible = len(names) > 1 and all(len(name) <= 60 for name in names)
    return names if plausible and any(FIELD.get(normal(name)) == "title" for name in names) else []


def _delimiter(line: str) -> str:
    return max("\t;,", key=line.count)


Found = Paper | Problem | Doubts


def _told(found: Iterator[Found], where: str) -> Iterator[Paper | Problem]:
    """The papers; the first problems one by one, the others in one sum, and what was doubtful once at the end."""
    problems, lost, dates, first_date, abstracts, papers, names = 0, 0, 0, "", 0, 0, ""
    for item in found:
        if isinstance(item, Paper):
            papers, abstracts = papers + 1, abstracts + bool(item.abstract)
            yield item
        elif isinstance(item, Doubts):
            dates, first_date, names = dates + bool(item.date), first_date or item.date, names or item.names
        else:
            problems += 1
            lost += item.lost
            if problems <= TOLD:
                lost -= item.lost
                yield item
    if problems > TOLD:
        yield Problem(where=where, what=f"has {problems - TOLD} more records that could not be read", lost=lost)
    if dates:
        yield Problem(where=where, what=f"{dates} without a date that makes sense, the first {first_date}")
    if papers > 2 and not abstracts:
        what = f"no record has an abstract; the fields are {names}"
        yield Problem(where=where, what=what, todo="call the field abstract, summary or description")


def _jsonl(lines: Iterable[str], where: str) -> Iterator[Found]:
    for number, line in enumerate(lines, start=1):
        place = f"{where}:line {number}"
        if len(line) > LINE:
            yield Problem(where=place, what=f"is longer than {LINE:,} characters", todo="is it one record?", lost=1)
            continue
        line = line.replace("\x00", "").strip("\ufeff \t\r\n")
        if not line:
            continue
        try:
            value = json.loads(line, strict=False)
        except (ValueError, RecursionError) as error:
            yield Problem(where=place, what=f"is not JSON: {error}", todo="write one record a line", lost=1)
        else:
            yield from _values(value, place, place)


def _values(value: object, where: str, place: str) -> Iterator[Found]:
    """The papers of a JSON value that stands at `place`; the records of a list are numbered."""
    if isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from paper(item, f"{where}:record {number}")
    elif isinstance(value, Mapping) and isinstance(value.get("sections"), list):
        parts = (part.get("entries") for part in value["sections"] if isinstance(part, Mapping))
        yield from _values(list(chain.from_iterable(part for part in parts if isinstance(part, list))), where, place)
    elif isinstance(value, Mapping) and "title" not in value and (found := _collection(value)) is not None:
        yield from _values(found, where, place)
    else:
        yield from paper(value, place)


def _collection(value: Mapping[str, object]) -> object:
    return next((value[key] for key in COLLECTIONS if isinstance(value.get(key), list)), None)


def _csv(lines: Iterable[str], where: str) -> Iterator[Found]:
    numbered = enumerate(lines, start=1)
    header = next((line for _, line in numbered if line.strip("\ufeff \t\r\n,;")), "")
    delimiter = _delimiter(header)
    try:
        names = next(csv.reader([header.strip("\ufeff \r\n")], delimiter=delimiter), [])
    except csv.Error as error:
        todo = "name the columns in the first line: title, abstract, ..."
        raise SourceError(where, f"has a first line that is not CSV: {error}", todo) from error
    for number, text in _rows(numbered):
        place = f"{where}:line {number}"
        if text is None:
            what = f"a quotation mark is never closed, or the row is longer than {LINE:,} characters"
            yield Problem(where=place, what=what, todo="close the mark, or double it", lost=1)
            continue
        try:
            cells = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error as error:
            yield Problem(where=place, what=f"is not CSV: {error}", todo="put the cell in quotation marks", lost=1)
            continue
        if any(cell.strip() for cell in cells):
            yield from paper(dict(zip(names, cells, strict=False)), place)


def _rows(numbered: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str | None]]:
    """Rows with the number of their first line, though a cell may run over several lines.

    None for a line that opens a quotation mark which nothing closes; reading goes on with the line after it, so that
    one bad mark costs one row and not the rest of the file.
    """
    waiting: deque[tuple[int, str]] = deque()
    while True:
        start = waiting.popleft() if waiting else next(numbered, None)
        if start is None:
            return
        taken = [start]
        marks, length = start[1].count('"'), len(start[1])
        while marks % 2 and len(taken) <= OPEN_LINES and length <= LINE:
            line = waiting.popleft() if waiting else next(numbered, None)
            if line is None:
                break
            taken.append(line)
            marks, length = marks + line[1].count('"'), length + len(line[1])
        if marks % 2 or length > LINE:
            waiting.extendleft(reversed(taken[1:]))
            yield start[0], None
        else:
            yield start[0], "\n".join(line.replace("\x00", "").rstrip("\r\n") for _, line in taken)
