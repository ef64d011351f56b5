"""The journal of whoever asks a chat model (`protocols.Journal`): every answer is committed before it counts."""

import sqlite3
from collections.abc import Sequence

from digestor.models import Paper
from digestor.store.sqlite import content_hash, explained


class Journal:
    """Answers by the words of their paper, attempts under way, and notes. A commit takes about 50 microseconds."""

    def __init__(self, db: sqlite3.Connection, where: str) -> None:
        self._db, self.where = db, where

    def answers(self, paper: Paper, asker: str) -> list[str]:
        """What was answered of a paper with the very same words, the first answer first."""
        with explained(self.where):
            rows = self._db.execute(
                "SELECT body FROM answer WHERE content = ? AND asker = ? ORDER BY turn", (_asked(paper), asker)
            )
            return [body for (body,) in rows]

    def begin(self, asker: str, papers: int) -> int:
        """Note that a request for so many papers is about to be sent; the number of the attempt."""
        with explained(self.where), self._db:
            made = self._db.execute("INSERT INTO attempt (asker, papers) VALUES (?, ?)", (asker, papers))
        assert made.lastrowid is not None
        return made.lastrowid

    def settle(self, attempt: int, asker: str, answers: Sequence[tuple[Paper, str]] = ()) -> None:
        """Commit what an attempt brought, in one step with its end. An answer is added to those before it."""
        with explained(self.where), self._db:
            self._db.execute("DELETE FROM attempt WHERE number = ?", (attempt,))
            for paper, body in answers:
                self._db.execute(
                    """INSERT INTO answer SELECT :content, :asker, count(*), :body FROM answer
                        WHERE content = :content AND asker = :asker""",
                    {"content": _asked(paper), "asker": asker, "body": body},
                )

    def forget(self, paper: Paper, asker: str) -> None:
        """Drop what was answered of a paper, so that it is asked about anew."""
        with explained(self.where), self._db:
            self._db.execute("DELETE FROM answer WHERE content = ? AND asker = ?", (_asked(paper), asker))

    def unsettled(self, asker: str) -> tuple[int, int]:
        """The requests, and the papers in them, that an earlier run began and did not settle; then forgotten."""
        with explained(self.where), self._db:
            (requests, papers) = self._db.execute(
                "SELECT count(*), coalesce(sum(papers), 0) FROM attempt WHERE asker = ?", (asker,)
            ).fetchone()
            self._db.execute("DELETE FROM attempt WHERE asker = ?", (asker,))
        return int(requests), int(papers)

    def recall(self, name: str) -> str:
        """A note made before under this name; empty where there is none."""
        with explained(self.where):
            row = self._db.execute("SELECT text FROM note WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def note(self, name: str, text: str) -> None:
        """Keep a note, in place of one of the same name."""
        with explained(self.where), self._db:
            self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, text))


def _asked(paper: Paper) -> str:
    """What a model is told of a paper: its title and abstract; of its repository a model is told nothing."""
    return content_hash(paper.model_copy(update={"code_url": None}))
