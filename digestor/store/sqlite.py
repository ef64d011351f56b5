"""The SQLite file: its tables, how they grew, and what is said when it cannot be had.

A schema change is a new step at the end of MIGRATIONS; `PRAGMA user_version` counts how many a file has seen.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from digestor.errors import StoreError
from digestor.models import Paper

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
    (
        """CREATE TABLE answer (content TEXT, asker TEXT, turn INTEGER, body TEXT NOT NULL,
            PRIMARY KEY (content, asker, turn)) WITHOUT ROWID""",
        "CREATE TABLE attempt (number INTEGER PRIMARY KEY, asker TEXT NOT NULL, papers INTEGER NOT NULL)",
        "CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE send (way TEXT, issue TEXT, reader TEXT, state TEXT NOT NULL, reply TEXT NOT NULL,
            PRIMARY KEY (way, issue, reader)) WITHOUT ROWID""",
        "CREATE TABLE suppressed (reader TEXT PRIMARY KEY, why TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE reply (key TEXT PRIMARY KEY, at REAL NOT NULL, status INTEGER NOT NULL, kind TEXT NOT NULL,
            url TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL)""",
    ),
    (
        """CREATE TABLE collected (source TEXT, id TEXT, day TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (source, id)) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE issue ADD COLUMN made TEXT",
        "ALTER TABLE issue ADD COLUMN start TEXT",
        "ALTER TABLE issue ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE tally (issue TEXT REFERENCES issue, kind TEXT, name TEXT, papers INTEGER NOT NULL,
            PRIMARY KEY (issue, kind, name)) WITHOUT ROWID""",
        "CREATE TABLE opinion (paper INTEGER PRIMARY KEY REFERENCES paper, verdict TEXT NOT NULL, day TEXT NOT NULL)",
        "CREATE INDEX paper_id ON paper (json_extract(body, '$.id'))",
        "UPDATE issue SET hash = ''",  # so that the files of issues made before are read again, and counted
    ),
    ("ALTER TABLE published ADD COLUMN again INTEGER NOT NULL DEFAULT 0",),
)


def content_hash(paper: Paper) -> str:
    """What an annotation depends on: title, abstract, and the repository that the metadata names."""
    parts = "\x00".join((paper.title, paper.abstract, paper.code_url or ""))
    return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@contextmanager
def explained(where: str) -> Iterator[None]:
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


def prepare(db: sqlite3.Connection, where: str) -> None:
    """Make a connection ready: write-ahead log, and every migration that the file has not seen."""
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
