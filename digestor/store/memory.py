"""What digestor remembers, in one SQLite file: papers published, annotations made, issues made."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from digestor import dedupe
from digestor.errors import StoreError
from digestor.models import Annotation, Issue, Paper, Problem
from digestor.period import last_day, shape
from digestor.store.collection import Collection
from digestor.store.journal import Journal
from digestor.store.past import Past, papers_of, publish
from digestor.store.replies import Replies
from digestor.store.sends import Sends
from digestor.store.sqlite import content_hash, explained, prepare


class Store:
    """The memory of one newsletter (or of several that must not repeat each other)."""

    def __init__(self, db: sqlite3.Connection, where: str, held: ExitStack) -> None:
        self._db, self.where, self._held = db, where, held
        self.sends = Sends(db, where)
        """Who was sent what."""
        self.journal = Journal(db, where)
        """What was asked of a model, and what it answered."""
        self.replies = Replies(db, where)
        """What sites answered, and when they were last asked."""
        self.collection = Collection(db, where)
        """What sources gave day by day."""
        self.past = Past(db, where)
        """The issues that were made, and what readers said of their papers."""

    @property
    def is_new(self) -> bool:
        """Does it remember nothing yet, neither an issue nor a send?"""
        with explained(self.where):
            query = "SELECT EXISTS (SELECT 1 FROM issue) OR EXISTS (SELECT 1 FROM send)"
            (known,) = self._db.execute(query).fetchone()
        return not known

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Open or make the store, for this process alone.

        Raises StoreError when it cannot be had: another run holds it, it is no store, the folder cannot be written.
        """
        lock = FileLock(f"{path}.lock")
        with ExitStack() as held, explained(str(path)):
            try:
                held.enter_context(lock.acquire(timeout=0))
            except Timeout:
                todo = "wait for it to end, or give this run a store of its own in its config"
                raise StoreError(str(path), "another digestor is at work on this store", todo) from None
            db = held.enter_context(closing(sqlite3.connect(path)))
            prepare(db, str(path))
            return cls(db, str(path), held.pop_all())

    @classmethod
    def rehearsal(cls, path: Path | None = None) -> "Store":
        """A copy in memory, so that nothing is written; empty where there is no such file yet."""
        where = str(path or "memory")
        with ExitStack() as held, explained(where):
            db = held.enter_context(closing(sqlite3.connect(":memory:")))
            if path and path.exists():
                with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as there:
                    there.backup(db)
            prepare(db, where)
            return cls(db, where, held.pop_all())

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # annotations: nothing is paid for twice

    def annotation(self, paper: Paper, annotator: str) -> Annotation | None:
        """What this annotator said before of a paper with the very same words."""
        with explained(self.where):
            row = self._db.execute(
                "SELECT body FROM annotation WHERE content = ? AND annotator = ?", (content_hash(paper), annotator)
            ).fetchone()
        if row is None:
            return None
        return Annotation.model_validate_json(row[0]).model_copy(update={"paper_id": paper.id})

    def keep(self, paper: Paper, annotation: Annotation) -> None:
        """Commit an annotation before the next one is awaited."""
        row = (content_hash(paper), annotation.annotator, annotation.model_dump_json())
        with explained(self.where), self._db:
            self._db.execute("INSERT OR REPLACE INTO annotation VALUES (?, ?, ?)", row)

    # papers and issues: nothing is published twice

    def published(self, paper: Paper, but: str) -> str | None:
        """The issue that had this paper, under any of its names, leaving out the issue `but`; None if none had."""
        return next((issue for issue, _ in self.editions(paper, but)), None)

    def editions(self, paper: Paper, but: str) -> Iterator[tuple[str, Paper]]:
        """Each issue that had this paper, the first one first, and the paper as it was then.

        What an issue after `but` said of it once more (code appeared, rewritten) is of no account: `but` made again
        is as it was.
        """
        keys = dedupe.keys(paper)
        marks = ", ".join("?" * len(keys))
        with explained(self.where):
            rows = self._db.execute(
                f"""SELECT min(published.issue), paper.body FROM paper_key
                    JOIN paper ON paper.number = paper_key.paper JOIN published ON published.paper = paper.number
                    JOIN issue ON issue.id = published.issue
                    WHERE paper_key.key IN ({marks}) AND published.issue != ? AND NOT (again AND until > ?)
                    GROUP BY paper.number ORDER BY 1""",
                (*keys, but, (last_day(but) or date.max).isoformat()),
            ).fetchall()
            for issue, body in rows:
                before = Paper.model_validate_json(body)
                if dedupe.same(paper, before):
                    yield str(issue), before

    def leaving(self, issue: Issue) -> list[str]:
        """Titles in the edition of this issue made before that the new one has no more."""
        now = {key for paper in papers_of(issue) for key in dedupe.keys(paper)}
        with explained(self.where):
            before = [
                Paper.model_validate_json(body)
                for (body,) in self._db.execute(
                    "SELECT body FROM published JOIN paper ON number = paper WHERE issue = ? ORDER BY number",
                    (issue.id,),
                )
            ]
        return [paper.title for paper in before if now.isdisjoint(dedupe.keys(paper))]

    def remember(self, issue: Issue, text: str, made: date | None = None) -> None:
        """Note an issue and its papers, once it is delivered; `text` is its JSON. An edition before it is replaced.

        `made` is the day; where it is not given, that of the edition before stays.
        """
        with explained(self.where), self._db:
            self._db.execute("DELETE FROM published WHERE issue = ?", (issue.id,))
            publish(self._db, issue, _hash(text.encode()), made)

    def learn(self, folder: Path, but: str) -> list[Problem]:
        """Take the issue files of a folder as memory too, save the issue `but`; say which could not be read."""
        problems = []
        for file in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            try:
                text = file.read_bytes()
                named = shape(file.stem) != ""  # another file is no business of ours
                if file.stem == but or not (named or b'"sections"' in text) or self._knows("hash = ?", _hash(text)):
                    continue
                issue = Issue.model_validate_json(text)
            except (OSError, ValidationError) as error:
                fault = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
                todo = "restore it or move it away; until then its papers may come again"
                problems.append(Problem(where=str(file), what=f"is no issue that can be read: {fault}", todo=todo))
                continue
            if not self._knows("id = ? AND forgotten", issue.id):
                with explained(self.where), self._db:
                    publish(self._db, issue, _hash(text), None)
        return problems

    def _knows(self, what: str, value: str) -> bool:
        with explained(self.where):
            return self._db.execute(f"SELECT 1 FROM issue WHERE {what}", (value,)).fetchone() is not None


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
