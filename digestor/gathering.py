"""What the sources give for a period: fetched now, and collected on earlier days of it.

Some sources show one day at a time, and any may be out of reach on the day of the issue. So what a source that knows
days has given is kept (`store.Collection`), and counts in every issue whose days it falls into.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel

from digestor.errors import SourceError
from digestor.models import Gathered, Paper, Problem
from digestor.protocols import Covers, Reach, Source, Window
from digestor.store import Collection

NOTHING: Mapping[str, date] = MappingProxyType({})
Progress = Callable[[str, int, int | None], None]


class Collected(NamedTuple):
    """What the sources gave."""

    papers: list[Paper]
    problems: list[Problem]
    sources: tuple[Gathered, ...] = ()
    failed: tuple[SourceError, ...] = ()


def gather(
    sources: Sequence[Source],
    window: Window,
    reach: Reach,
    collection: Collection,
    progress: Progress,
    failing: Mapping[str, date] = NOTHING,
) -> Collected:
    """Read every source, one after another. One that fails is a Problem, and what it gave before that counts.

    `failing` says of sources by their name from which day on they have failed: they are asked from that day on.
    """
    days = window
    papers: list[Paper] = []
    problems: list[Problem] = []
    gathered: list[Gathered] = []
    failed: list[SourceError] = []
    for source in sources:
        fresh: list[Paper] = []
        state = "read"
        window = Window(min(days.start, failing.get(source.name, days.start)), days.end)
        try:
            for found in source.papers(window, reach):
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    fresh.append(found if found.seen_in else found.model_copy(update={"seen_in": (source.name,)}))
                progress("reading", len(papers) + len(fresh), None)
        except SourceError as error:
            state = "failed"
            failed.append(error)
            problems.append(Problem(where=told(source.name, error), what=error.what, todo=error.todo))
        earlier: list[Paper] = []
        if isinstance(source, Covers):
            earlier = _earlier(known_by(source), fresh, window, reach, collection)
        papers += [*fresh, *earlier]
        gathered.append(
            Gathered(
                name=source.name,
                papers=len(fresh) + len(earlier),
                covers=source.covers(window) if isinstance(source, Covers) else "",
                state="failed" if state == "failed" else "read",
                collected=len(earlier),
            )
        )
    return Collected(papers, problems, tuple(gathered), tuple(failed))


def _earlier(key: str, fresh: Sequence[Paper], window: Window, reach: Reach, collection: Collection) -> list[Paper]:
    """What this source gave on earlier days of the window and does not give now; what it gives now is collected."""
    if reach.today is not None:
        collection.add(key, reach.today, fresh)
    now = {(paper.id, paper.revision) for paper in fresh}
    return [paper for paper in collection.within(key, window) if (paper.id, paper.revision) not in now]


def known_by(source: Source) -> str:
    """What a source's papers are collected under: its name, and all that decides which papers it gives."""
    if not isinstance(source, BaseModel):
        return source.name
    keys = source.model_dump_json(exclude={"label"}).encode("utf-8", "replace")
    return f"{source.name} {blake2b(keys, digest_size=8).hexdigest()}"


def told(name: str, error: SourceError) -> str:
    """Where an error is, in the words of a reader who knows the source by its name."""
    return name if error.where in ("", name) else f"{name} ({error.where})"
