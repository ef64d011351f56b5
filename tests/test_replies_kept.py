"""The replies of sites, in the store."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.errors import StoreError
from digestor.protocols import Kept, Pantry, Reply
from digestor.store import MIGRATIONS, Store
from tests.fakes import a_memory

REPLY = Reply(200, b"\x00news\xff" * 1000, "text/xml", "https://example.org/feed?q=1", {"etag": 'W/"ü"'})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "digestor.db"


def test_a_reply_is_had_again_after_the_store_is_opened_again(file: Path) -> None:
    with Store.open(file) as store:
        pantry: Pantry = store.replies
        pantry.keep("k", Kept(REPLY, 1_800_000_000.25))

    with Store.open(file) as store:
        assert store.replies.kept("k") == Kept(REPLY, 1_800_000_000.25)
        assert store.replies.kept("another") is None


def test_the_last_reply_under_a_key_is_the_one(file: Path) -> None:
    with Store.open(file) as store:
        store.replies.keep("k", Kept(REPLY, 1.0))
        store.replies.keep("k", Kept(REPLY._replace(body=b""), 2.0))

        assert store.replies.kept("k") == Kept(REPLY._replace(body=b""), 2.0)


@given(st.binary(max_size=2000), st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=4))
def test_any_reply_comes_back_as_it_was(body: bytes, headers: dict[str, str]) -> None:
    with Store.rehearsal() as store:
        kept = Kept(Reply(200, body, "", "", headers), 1.0)
        store.replies.keep("k", kept)

        assert store.replies.kept("k") == kept


def test_a_body_is_packed(file: Path) -> None:
    with Store.open(file) as store:
        store.replies.keep("k", Kept(REPLY._replace(body=b"<entry>news</entry>" * 100_000), 1.0))

    assert file.stat().st_size < 200_000


def test_what_is_older_is_dropped_and_what_was_confirmed_since_is_not(file: Path) -> None:
    with Store.open(file) as store:
        for key, at in (("old", 1.0), ("new", 3.0)):
            store.replies.keep(key, Kept(REPLY, at))
        store.replies.keep("confirmed", Kept(REPLY, 1.0))
        store.replies.keep("confirmed", Kept(REPLY, 3.0))

        assert store.replies.prune(before=2.0) == 1
        assert store.replies.kept("old") is None
        assert store.replies.kept("new") is not None
        assert store.replies.kept("confirmed") is not None


def test_a_note_is_kept_and_is_none_of_the_journals(file: Path) -> None:
    with Store.open(file) as store:
        store.replies.note("asked arxiv", "1.0")
        store.journal.note("asked arxiv", "the journal's")
        store.replies.note("asked arxiv", "2.0")

    with Store.open(file) as store:
        assert store.replies.recall("asked arxiv") == "2.0"
        assert store.journal.recall("asked arxiv") == "the journal's"
        assert store.replies.recall("asked pubmed") == ""


@pytest.mark.parametrize("change", ["headers = '{'", "headers = x'ff'", "body = x'0102'"])
def test_what_cannot_be_read_any_more_is_as_if_it_had_not_been_kept(file: Path, change: str) -> None:
    with Store.open(file) as store:
        store.replies.keep("k", Kept(REPLY, 1.0))
    db = sqlite3.connect(file)
    db.execute(f"UPDATE reply SET {change}")
    db.commit()
    db.close()

    with Store.open(file) as store:
        assert store.replies.kept("k") is None


def test_a_store_from_before_there_were_replies_gets_room_for_them(file: Path) -> None:
    db = sqlite3.connect(file)
    for step in MIGRATIONS[:3]:
        for statement in step:
            db.execute(statement)
    db.execute("INSERT INTO note VALUES ('how', 'so')")
    db.execute("PRAGMA user_version = 3")
    db.commit()
    db.close()

    with Store.open(file) as store:
        store.replies.keep("k", Kept(REPLY, 1.0))

        assert store.replies.kept("k") == Kept(REPLY, 1.0)
        assert store.journal.recall("how") == "so"


def test_a_reply_survives_the_process_that_kept_it(file: Path) -> None:
    script = f"""
import os, signal
from pathlib import Path
from digestor.protocols import Kept, Reply
from digestor.store import Store
store = Store.open(Path({str(file)!r}))
store.replies.keep("k", Kept(Reply(200, b"news"), 1.0))
store.replies.note("leave arxiv", "2.0")
os.kill(os.getpid(), signal.SIGKILL)
"""
    died = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(Path.cwd())}, check=False
    )

    assert died.returncode == -signal.SIGKILL
    with Store.open(file) as store:
        assert store.replies.kept("k") == Kept(Reply(200, b"news"), 1.0)
        assert store.replies.recall("leave arxiv") == "2.0"


def test_a_store_that_fails_says_what_and_where() -> None:
    replies = a_memory().replies
    replies._db.execute("DROP TABLE reply")

    with pytest.raises(StoreError, match="memory"):
        replies.kept("k")
    with pytest.raises(StoreError, match="memory"):
        replies.keep("k", Kept(REPLY, 1.0))
