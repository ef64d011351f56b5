"""The ledger of sends (`protocols.Sends`): claimed before anything is sent, settled after."""

import hashlib
import sqlite3
import unicodedata
from collections.abc import Mapping

from digestor.errors import LedgerError
from digestor.protocols import SendState
from digestor.store.sqlite import explained

SALT = "digestor"
LONGEST = 300
"""Characters kept of a server's reply, and of why nothing may be sent."""


class Sends:
    """Who was sent what, by the hash of the address."""

    def __init__(self, db: sqlite3.Connection, where: str) -> None:
        self._db, self.where = db, where
        self.doubted: set[str] = set()
        """Issues that were made before this ledger was: nobody can know who has them."""

    def claim(self, way: str, issue: str, to: str, again: bool = False) -> SendState | None:
        """Take it upon oneself to send, before anything is sent; None: it is ours to send now; else its state.

        One statement, so that of two at once only one gets it; on the disk when it returns, so that not even a power
        cut lets a restart send twice.
        """
        key = (way, issue, hashed(to))
        if issue in self.doubted and not again:
            with explained(self.where), self._db:
                self._db.execute("INSERT OR IGNORE INTO send VALUES (?, ?, ?, 'unknown', '')", key)
        free = "'retry', 'sending', 'unknown'" if again else "'retry'"
        with explained(self.where):
            self._db.execute("PRAGMA synchronous = FULL")
            with self._db:
                claimed = self._db.execute(
                    f"""INSERT INTO send VALUES (?, ?, ?, 'sending', '') ON CONFLICT DO UPDATE
                        SET state = 'sending', reply = '' WHERE state IN ({free})""",
                    key,
                ).rowcount
            if claimed:
                return None
            row = self._db.execute("SELECT state FROM send WHERE way = ? AND issue = ? AND reader = ?", key).fetchone()
            found: SendState = row[0]
            return found

    def settle(self, way: str, issue: str, to: str, state: SendState, reply: str = "") -> None:
        """What came of a claim. Raises LedgerError where there is none: what was sent stays sent.

        A power cut may take this back, and then the claim stands: nobody sends twice for that, so nobody waits.
        """
        row = (state, reply[:LONGEST], way, issue, hashed(to))
        with explained(self.where):
            self._db.execute("PRAGMA synchronous = NORMAL")
            with self._db:
                settled = self._db.execute(
                    """UPDATE send SET state = ?, reply = ?
                        WHERE way = ? AND issue = ? AND reader = ? AND state = 'sending'""",
                    row,
                ).rowcount
        if not settled:
            raise LedgerError(
                self.where, f"a send of {issue} by {way} was settled that nobody claimed", "a bug: tell us"
            )

    def count(self, way: str, issue: str) -> Mapping[SendState, int]:
        """How many of an issue are in which state."""
        with explained(self.where):
            rows = self._db.execute(
                "SELECT state, count(*) FROM send WHERE way = ? AND issue = ? GROUP BY state", (way, issue)
            )
            return {state: int(count) for state, count in rows}

    def suppress(self, to: str, why: str) -> None:
        """Never send to this address again. The first reason stays."""
        with explained(self.where), self._db:
            self._db.execute("INSERT OR IGNORE INTO suppressed VALUES (?, ?)", (hashed(to), why[:LONGEST]))

    def suppressed(self, to: str) -> str | None:
        """Why nothing may be sent to an address; None where it may."""
        with explained(self.where):
            row = self._db.execute("SELECT why FROM suppressed WHERE reader = ?", (hashed(to),)).fetchone()
        return str(row[0]) if row else None


def hashed(to: str) -> str:
    """What the store knows of an address: enough to find it again, not enough to write to it.

    Capitals and the forms of a letter make no difference. Whoever guesses an address can check the guess.
    """
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", to.strip()).casefold())
    return hashlib.blake2b(f"{SALT}\x00{name}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
