"""What sources gave day by day, for issues that come later.

Of a paper that a source gives again, the words it has now are kept, and the day it had first.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date

from digestor.models import Paper
from digestor.protocols import Window
from digestor.store.sqlite import explained


class Collection:
    """Papers by source and day: the day of their announcement, or else the day they were first collected on."""

    def __init__(self, db: sqlite3.Connection, where: str) -> None:
        self._db, self.where = db, where

    def add(self, source: str, today: date, papers: Iterable[Paper]) -> int:
        """Keep what a source gave today; how many of them it had not given before."""
        added = 0
        with explained(self.where), self._db:
            for paper in papers:
                day = (paper.announced or today).isoformat()
                body = paper.model_dump_json(exclude_defaults=True)
                # a new version is news of its own, on a day of its own
                name = f"{paper.id} v{paper.version or 0}" if paper.revision else paper.id
                known = self._db.execute(
                    "UPDATE collected SET body = ? WHERE source = ? AND id = ?", (body, source, name)
                ).rowcount
                if not known:
                    self._db.execute("INSERT INTO collected VALUES (?, ?, ?, ?)", (source, name, day, body))
                    added += 1
        return added

    def within(self, source: str, window: Window) -> Iterator[Paper]:
        """What a source gave for the days of a window, in the order of day and id."""
        with explained(self.where):
            rows = self._db.execute(
                "SELECT body FROM collected WHERE source = ? AND day BETWEEN ? AND ? ORDER BY day, id",
                (source, window.start.isoformat(), window.end.isoformat()),
            ).fetchall()
        for (body,) in rows:
            yield Paper.model_validate_json(body)

    def count(self) -> int:
        """How many papers are kept."""
        with explained(self.where):
            (count,) = self._db.execute("SELECT count(*) FROM collected").fetchone()
        return int(count)

    def prune(self, before: date) -> None:
        """Forget what is older than a day."""
        with explained(self.where), self._db:
            self._db.execute("DELETE FROM collected WHERE day < ?", (before.isoformat(),))
