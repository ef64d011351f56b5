"""The issues that were made: what stood in them, what can be forgotten of them, and what readers said of it."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from digestor import dedupe
from digestor.dedupe.titles import folded
from digestor.feedback import Verdict
from digestor.models import Issue, Paper
from digestor.period import OVERLAP, shape
from digestor.store.sqlite import content_hash, explained
from digestor.text.identifiers import arxiv, doi
from digestor.trends import Tally, tally

FORMS = {"week": "[0-9][0-9][0-9][0-9]-W[0-9][0-9]", "month": "[0-9][0-9][0-9][0-9]-[0-9][0-9]"}
FORMS["day"] = f"{FORMS['month']}-[0-9][0-9]"
"""What the ids of each shape look like to SQLite's GLOB."""


FAILED = "failed"
"""The kind of a tally that names a source which failed."""
LONGEST = 8
"""Issues back to which a source that fails again and again is asked for what it missed."""


class Made(NamedTuple):
    """An issue that was made."""

    id: str
    end: date
    """Its last day."""
    made: date | None
    """When; None where only its file is known."""
    papers: int
    """In it, those carried over, updated and listed by title included."""
    start: date | None = None
    """Its first day; None where an older digestor made it and its file is gone."""


class Past:
    """Issues and papers that were published, and opinions on them."""

    def __init__(self, db: sqlite3.Connection, where: str) -> None:
        self._db, self.where = db, where

    # issues

    def issues(self) -> list[Made]:
        """Every issue that was made and not forgotten, the oldest first."""
        return self._made("1 ORDER BY until, id")

    def last(self, like: str, before: date) -> Made | None:
        """The latest issue whose id has the shape of `like` (a week, a day, a month) and that ended before a day."""
        where = "id GLOB ? AND until < ? ORDER BY until DESC, id DESC LIMIT 1"
        return next(iter(self._made(where, FORMS.get(shape(like), ""), before.isoformat())), None)

    def tallies(self, like: str, before: date, most: int) -> list[Tally]:
        """What the latest issues of a shape that ended before a day were about (`trends.tally`), the newest first."""
        with explained(self.where):
            ids = self._db.execute(
                """SELECT id FROM issue WHERE id GLOB ? AND until < ? AND NOT forgotten
                    AND EXISTS (SELECT 1 FROM tally WHERE tally.issue = issue.id)
                    ORDER BY until DESC, id DESC LIMIT ?""",
                (FORMS.get(shape(like), ""), before.isoformat(), most),
            ).fetchall()
            return [
                {
                    (kind, name): papers
                    for kind, name, papers in self._db.execute(
                        "SELECT kind, name, papers FROM tally WHERE issue = ?", (id,)
                    )
                }
                for (id,) in ids
            ]

    def failing(self, like: str, before: date) -> dict[str, date]:
        """The sources that failed in the latest issue of a shape, and from which day on they have been failing.

        That day is a week before the earliest of the issues, one after another, in which a source failed: the one
        before them may have been made before its own days were over.
        """
        since: dict[str, date] = {}
        still: set[str] | None = None
        with explained(self.where):
            rows = self._db.execute(
                """SELECT id, start FROM issue WHERE id GLOB ? AND until < ? AND NOT forgotten
                    ORDER BY until DESC, id DESC LIMIT ?""",
                (FORMS.get(shape(like), ""), before.isoformat(), LONGEST),
            ).fetchall()
            for id, start in rows:
                names = self._db.execute("SELECT name FROM tally WHERE issue = ? AND kind = ?", (id, FAILED))
                failed = {str(name) for (name,) in names}
                still = failed if still is None else still & failed
                if not still or not start:
                    break
                since |= dict.fromkeys(still, date.fromisoformat(start) - OVERLAP)
        return since

    def forget_issue(self, id: str) -> int:
        """Take it that an issue was not made; how many publications are forgotten with it.

        It stays forgotten while its file is where it was, until it is made again.
        """
        with explained(self.where), self._db:
            papers = self._db.execute("DELETE FROM published WHERE issue = ?", (id,)).rowcount
            self._db.execute("DELETE FROM tally WHERE issue = ?", (id,))
            self._db.execute("UPDATE issue SET forgotten = 1 WHERE id = ?", (id,))
        return papers

    # papers

    def recent(self, since: date, but: str = "") -> Iterator[tuple[str, Paper]]:
        """The papers of issues that ended on or after a day, newest issue first, each once: as it was last.

        What the issue `but` had of them is left out.
        """
        seen: dict[str, list[Paper]] = {}
        for id, paper, _ in self._published("issue.until >= ? AND issue.id != ?", since.isoformat(), but):
            names = [name for name in (paper.arxiv_id, paper.doi, " ".join(folded(paper.title).split())) if name]
            if not any(dedupe.same(paper, other) for name in names for other in seen.get(name, ())):
                yield id, paper
            for name in names:
                seen.setdefault(name, []).append(paper)

    def named(self, name: str) -> list[tuple[str, Paper]]:
        """The papers with this id, arXiv id in any form or DOI, each with its issue, newest issue first."""
        known = arxiv(name)
        keys = (f"arxiv:{known.id}" if known else "", f"doi:{doi(name) or ''}")
        where = "json_extract(paper.body, '$.id') = ? OR number IN (SELECT paper FROM paper_key WHERE key IN (?, ?))"
        return [(id, paper) for id, paper, _ in self._published(where, name, *keys)]

    def find(self, words: str) -> list[tuple[str, Paper]]:
        """The papers that are named so; else those with this title; else those with these words in their title."""
        return self.named(words.strip()) or self._titled(" ".join(folded(words).split()))

    def _titled(self, words: str) -> list[tuple[str, Paper]]:
        """The papers with this title, or else with these words in it."""
        if not words:
            return []
        whole, part = [], []
        with explained(self.where):
            titles = self._db.execute(
                """SELECT number, json_extract(body, '$.title'), json_extract(body, '$.also') FROM paper
                    WHERE number IN (SELECT paper FROM published)"""
            )
            for number, title, also in titles:
                text = " ".join(folded(title).split())
                if text == words or (also and words in map(str.casefold, json.loads(also))):
                    whole.append(number)
                elif words in text:
                    part.append(number)
        where = "number IN (SELECT value FROM json_each(?))"
        return [(id, paper) for id, paper, _ in self._published(where, json.dumps(whole or part))]

    def forget_paper(self, paper: Paper) -> int:
        """Take it that a paper was never published, under any of its names; how many publications are forgotten."""
        with explained(self.where), self._db:
            return sum(
                self._db.execute("DELETE FROM published WHERE paper = ?", (number,)).rowcount
                for number in alike(self._db, paper)
            )

    # opinions

    def opine(self, paper: Paper, verdict: Verdict, day: date) -> None:
        """Keep what a reader said of a paper on a day, unless they have said something else since."""
        with explained(self.where), self._db:
            for number in alike(self._db, paper):
                row = self._db.execute("SELECT day FROM opinion WHERE paper = ?", (number,)).fetchone()
                if row and row[0] > day.isoformat():
                    return
                self._db.execute("DELETE FROM opinion WHERE paper = ?", (number,))
            row = (numbered(self._db, paper), verdict, day.isoformat())
            self._db.execute("INSERT OR REPLACE INTO opinion VALUES (?, ?, ?)", row)

    def opinions(self) -> list[tuple[Paper, Verdict, date]]:
        """The last word on each paper that one was said of, the earliest first."""
        with explained(self.where):
            rows = self._db.execute(
                "SELECT body, verdict, day FROM opinion JOIN paper ON number = paper ORDER BY day, number"
            ).fetchall()
        return [(Paper.model_validate_json(body), verdict, date.fromisoformat(day)) for body, verdict, day in rows]

    def _made(self, where: str, *values: object) -> list[Made]:
        with explained(self.where):
            rows = self._db.execute(
                f"""SELECT id, until, made, (SELECT count(*) FROM published WHERE issue = id), start FROM issue
                    WHERE NOT forgotten AND {where}""",
                values,
            ).fetchall()
        return [
            Made(id, date.fromisoformat(end), _day(made), papers, _day(start)) for id, end, made, papers, start in rows
        ]

    def _published(self, where: str, *values: object) -> Iterator[tuple[str, Paper, int]]:
        """The published papers of which something holds, newest issue first: issue, paper, number."""
        with explained(self.where):
            rows = self._db.execute(
                f"""SELECT issue.id, body, number FROM paper JOIN published ON published.paper = number
                    JOIN issue ON issue.id = published.issue WHERE {where}
                    ORDER BY until DESC, issue.id DESC, number""",
                values,
            ).fetchall()
        for id, body, number in rows:
            yield str(id), Paper.model_validate_json(body), int(number)


def publish(db: sqlite3.Connection, issue: Issue, hash: str, made: date | None) -> None:
    """Note an issue, its papers and what they are about. The day it was made on stays where it is not told anew."""
    db.execute(
        """INSERT INTO issue (id, hash, until, start, made) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET hash = excluded.hash, until = excluded.until, start = excluded.start,
            made = coalesce(excluded.made, made), forgotten = 0""",
        (issue.id, hash, issue.end.isoformat(), issue.start.isoformat(), made.isoformat() if made else None),
    )
    entries = [entry for section in issue.sections for entry in section.entries]
    again = [entry.paper for entry in (*issue.carried, *issue.updated)]
    for paper in papers_of(issue):
        db.execute("INSERT OR IGNORE INTO published VALUES (?, ?, ?)", (issue.id, numbered(db, paper), paper in again))
    db.execute("DELETE FROM tally WHERE issue = ?", (issue.id,))
    counts = tally(entries) | {(FAILED, source.name): 1 for source in issue.sources if source.state == "failed"}
    rows = [(issue.id, kind, name, papers) for (kind, name), papers in counts.items()]
    db.executemany("INSERT INTO tally VALUES (?, ?, ?, ?)", rows)


def papers_of(issue: Issue) -> Iterator[Paper]:
    """Every paper that an issue names, wherever in it."""
    for section in issue.sections:
        yield from (entry.paper for entry in section.entries)
    yield from (entry.paper for entry in (*issue.carried, *issue.updated))
    yield from (one.paper for one in issue.listed)


def numbered(db: sqlite3.Connection, paper: Paper) -> int:
    """The number of a paper as it is now, kept and made findable by its keys."""
    content = content_hash(paper)
    if not paper.abstract:  # a title alone may be that of several papers
        content += f" {paper.arxiv_id} {paper.doi} {paper.id} {paper.url}"
    if paper.standing != "active":  # withdrawn since, it is the same words and yet another piece of news
        content += f" {paper.standing}"
    body = paper.model_dump_json(exclude_defaults=True)
    db.execute("INSERT OR IGNORE INTO paper (content, body) VALUES (?, ?)", (content, body))
    (number,) = db.execute("SELECT number FROM paper WHERE content = ?", (content,)).fetchone()
    rows = [(key, number) for key in dedupe.keys(paper)]
    db.executemany("INSERT OR IGNORE INTO paper_key VALUES (?, ?)", rows)
    return int(number)


def alike(db: sqlite3.Connection, paper: Paper) -> list[int]:
    """The numbers of everything that is kept of a paper, under any of its names."""
    keys = dedupe.keys(paper)
    marks = ", ".join("?" * len(keys))
    rows = db.execute(
        f"SELECT DISTINCT number, body FROM paper_key JOIN paper ON number = paper WHERE key IN ({marks})", keys
    ).fetchall()
    return [int(number) for number, body in rows if dedupe.same(paper, Paper.model_validate_json(body))]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
