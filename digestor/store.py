"""What digestor remembers, in one SQLite file: papers published, annotations paid for, issues made.

A schema change is a new step at the end of MIGRATIONS; `PRAGMA user_version` counts how many a file has seen.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from digestor import dedupe
from digestor.errors import StoreError
from digestor.models import Annotation, Issue, Paper, Problem

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE annotation (content TEXT, annotator TEXT, body TEXT NOT NULL,
            PRIMARY KEY (content, annotator)) WITHOUT ROWID""",
        "CREATE TABLE paper (number INTEGER PRIMARY KEY, content TEXT NOT NULL UNIQUE, body TEXT NOT NULL)",
        "CREATE TABLE paper_key (key TEXT, paper INTEGER REFERENCES paper, PRIMARY KEY (key, paper)) WITHOUT ROWID",
        "CREATE TABLE issue (id TEXT PRIMARY KEY, hash TEXT NOT NULL, until TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE published (issue TEXT REFERENCES issue, paper INTEGER REFERENCES paper,
            PRIMARY KEY (issue, paper)) WITHOUT ROWID""",
        "CREATE INDEX published_paper ON published (paper)",
    ),
)


def content_hash(paper: Paper) -> str:
    """What an annotation depends on: title, abstract, and the repository that the metadata names."""
    parts = "\x00".join((paper.title, paper.abstract, paper.code_url or ""))
    return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Store:
    """The memory of one newsletter (or of several that must not repeat each other)."""

    def __init__(self, db: sqlite3.Connection, where: str, held: ExitStack) -> None:
        self._db, self.where, self._held = db, where, held

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Open or make the store, for this process alone.

        Raises StoreError when it cannot be had: another run holds it, it is no store, the folder cannot be written.
        """
        lock = FileLock(f"{path}.lock")
        with ExitStack() as held, _explained(str(path)):
            try:
                held.enter_context(lock.acquire(timeout=0))
            except Timeout:
                todo = "wait for it to end, or give this run a store of its own in its config"
                raise StoreError(str(path), "another digestor is at work on this store", todo) from None
            db = held.enter_context(closing(sqlite3.connect(path)))
            _prepare(db, str(path))
            return cls(db, str(path), held.pop_all())

    @classmethod
    def rehearsal(cls, path: Path | None = None) -> "Store":
        """A copy in memory, so that nothing is written; empty where there is no such file yet."""
        where = str(path or "memory")
        with ExitStack() as held, _explained(where):
            db = held.enter_context(closing(sqlite3.connect(":memory:")))
            if path and path.exists():
                with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as there:
                    there.backup(db)
            _prepare(db, where)
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
        with _explained(self.where):
            row = self._db.execute(
                "SELECT body FROM annotation WHERE content = ? AND annotator = ?", (content_hash(paper), annotator)
            ).fetchone()
        if row is None:
            return None
        return Annotation.model_validate_json(row[0]).model_copy(update={"paper_id": paper.id})

    def keep(self, paper: Paper, annotation: Annotation) -> None:
        """Commit an annotation before the next one is awaited."""
        row = (content_hash(paper), annotation.annotator, annotation.model_dump_json())
        with _explained(self.where), self._db:
            self._db.execute("INSERT OR REPLACE INTO annotation VALUES (?, ?, ?)", row)

    # papers and issues: nothing is published twice

    def published(self, paper: Paper, but: str) -> str | None:
        """The issue that had this paper, under any of its names, leaving out the issue `but`; None if none had."""
        keys = dedupe.keys(paper)
        marks = ", ".join("?" * len(keys))
        with _explained(self.where):
            rows = self._db.execute(
                f"""SELECT min(published.issue), paper.body FROM paper_key
                    JOIN paper ON paper.number = paper_key.paper JOIN published ON published.paper = paper.number
                    WHERE paper_key.key IN ({marks}) AND published.issue != ? GROUP BY paper.number ORDER BY 1""",
                (*keys, but),
            )
            for issue, body in rows:
                if dedupe.same(paper, Paper.model_validate_json(body)):
                    return str(issue)
        return None

    def leaving(self, issue: Issue) -> list[str]:
        """Titles in the edition of this issue made before that the new one has no more."""
        now = {key for section in issue.sections for entry in section.entries for key in dedupe.keys(entry.paper)}
        with _explained(self.where):
            before = [
                Paper.model_validate_json(body)
                for (body,) in self._db.execute(
                    "SELECT body FROM published JOIN paper ON number = paper WHERE issue = ? ORDER BY number",
                    (issue.id,),
                )
            ]
        return [paper.title for paper in before if now.isdisjoint(dedupe.keys(paper))]

    def remember(self, issue: Issue, text: str) -> None:
        """Note an issue and its papers, once it is delivered; `text` is its JSON. An edition before it is replaced."""
        with _explained(self.where), self._db:
            self._db.execute("DELETE FROM published WHERE issue = ?", (issue.id,))
            self._publish(issue, text.encode())

    def learn(self, folder: Path, but: str) -> list[Problem]:
        """Take the issue files of a folder as memory too, save the issue `but`; say which could not be read."""
        problems = []
        for file in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            try:
                text = file.read_bytes()
                if file.stem == but or b'"sections"' not in text or self._knows(text):
                    continue
                issue = Issue.model_validate_json(text)
            except (OSError, ValidationError) as error:
                fault = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
                todo = "restore it or move it away; until then its papers may come again"
                problems.append(Problem(where=str(file), what=f"is no issue that can be read: {fault}", todo=todo))
                continue
            with _explained(self.where), self._db:
                self._publish(issue, text)
        return problems

    def _knows(self, text: bytes) -> bool:
        with _explained(self.where):
            row = self._db.execute("SELECT 1 FROM issue WHERE hash = ?", (hashlib.sha256(text).hexdigest(),)).fetchone()
        return row is not None

    def _publish(self, issue: Issue, text: bytes) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO issue VALUES (?, ?, ?)",
            (issue.id, hashlib.sha256(text).hexdigest(), issue.end.isoformat()),
        )
        for paper in (entry.paper for section in issue.sections for entry in section.entries):
            number = self._number(paper)
            self._db.execute("INSERT OR IGNORE INTO published VALUES (?, ?)", (issue.id, number))

    def _number(self, paper: Paper) -> int:
        content = content_hash(paper)
        body = paper.model_dump_json(exclude_defaults=True)
        self._db.execute("INSERT OR IGNORE INTO paper (content, body) VALUES (?, ?)", (content, body))
        (number,) = self._db.execute("SELECT number FROM paper WHERE content = ?", (content,)).fetchone()
        rows = [(key, number) for key in dedupe.keys(paper)]
        self._db.executemany("INSERT OR IGNORE INTO paper_key VALUES (?, ?)", rows)
        return int(number)


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Turn what SQLite and the file system say into what a user can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            todo = "move it away; digestor rebuilds its memory from the issue files in the output folder"
            raise StoreError(where, f"is not a store that can be read ({error})", todo) from error
        todo = "check that its folder exists and can be written, and that the disk has room"
        raise StoreError(where, str(error), todo) from error
    except OSError as error:
        todo = "check that its folder exists and can be written, and that the disk has room"
        raise StoreError(where, error.strerror or str(error), todo) from error


def _prepare(db: sqlite3.Connection, where: str) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    _migrate(db, where)


def _migrate(db: sqlite3.Connection, where: str) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreError(where, f"was made by a newer digestor (schema {version})", "update digestor")
    for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
        with db:  # a step is taken whole or not at all
            db.execute("BEGIN IMMEDIATE")
            for statement in step:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
