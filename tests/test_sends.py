"""The ledger of sends: nobody gets an issue twice."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from digestor.errors import LedgerError
from digestor.protocols import SendState
from digestor.store import Store
from digestor.store.sends import Sends, hashed
from tests.fakes import a_memory

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def sends() -> Sends:
    return a_memory().sends


def test_what_is_claimed_is_ours_once(sends: Sends) -> None:
    assert sends.claim("smtp", "2026-W47", ANN) is None
    assert sends.claim("smtp", "2026-W47", ANN) == "sending"


def test_another_reader_issue_or_way_is_another_send(sends: Sends) -> None:
    sends.claim("smtp", "2026-W47", ANN)

    assert sends.claim("smtp", "2026-W47", BOB) is None
    assert sends.claim("smtp", "2026-W48", ANN) is None
    assert sends.claim("hook", "2026-W47", ANN) is None


@pytest.mark.parametrize("written", ["ANN@example.org", " ann@EXAMPLE.org\n"])
def test_capitals_and_blanks_make_nobody_else_of_a_reader(sends: Sends, written: str) -> None:
    sends.claim("smtp", "2026-W47", ANN)
    sends.suppress(BOB, "unsubscribed")

    assert sends.claim("smtp", "2026-W47", written) == "sending"
    assert sends.suppressed(written.replace("ann", "bob").replace("ANN", "BOB")) == "unsubscribed"


def test_a_letter_written_in_two_ways_is_one_letter() -> None:
    assert hashed("\u00fcna@example.org") == hashed("u\u0308na@example.org") != hashed("una@example.org")


@pytest.mark.parametrize(
    ("state", "next_time", "asked"),
    [
        ("sent", "sent", "sent"),
        ("failed", "failed", "failed"),
        ("retry", None, None),
        ("unknown", "unknown", None),
    ],
)
def test_what_may_be_claimed_again(sends: Sends, state: SendState, next_time: str | None, asked: str | None) -> None:
    for again, found in ((False, next_time), (True, asked)):
        issue = f"2026-W{again}"
        sends.claim("smtp", issue, ANN)
        sends.settle("smtp", issue, ANN, state)
        assert sends.claim("smtp", issue, ANN, again) == found


def test_a_claim_of_a_run_that_died_is_claimed_again_only_when_asked(sends: Sends) -> None:
    sends.claim("smtp", "2026-W47", ANN)

    assert sends.claim("smtp", "2026-W47", ANN) == "sending"
    assert sends.claim("smtp", "2026-W47", ANN, again=True) is None


def test_what_nobody_claimed_cannot_be_settled_and_what_is_sent_stays_sent(sends: Sends) -> None:
    with pytest.raises(LedgerError, match="nobody claimed"):
        sends.settle("smtp", "2026-W47", ANN, "sent")
    sends.claim("smtp", "2026-W47", ANN)
    sends.settle("smtp", "2026-W47", ANN, "sent")

    with pytest.raises(LedgerError, match="nobody claimed"):
        sends.settle("smtp", "2026-W47", ANN, "retry")
    assert sends.count("smtp", "2026-W47") == {"sent": 1}


def test_the_states_of_an_issue_are_counted(sends: Sends) -> None:
    states: list[SendState] = ["sent", "sent", "failed", "retry", "unknown"]
    for number, state in enumerate(states):
        sends.claim("smtp", "2026-W47", f"r{number}@example.org")
        sends.settle("smtp", "2026-W47", f"r{number}@example.org", state)
    sends.claim("smtp", "2026-W47", ANN)
    sends.claim("smtp", "2026-W48", ANN)

    assert sends.count("smtp", "2026-W47") == {"sent": 2, "failed": 1, "retry": 1, "unknown": 1, "sending": 1}
    assert sends.count("smtp", "2026-W49") == {}


def test_the_first_reason_for_sending_nothing_stays(sends: Sends) -> None:
    sends.suppress(ANN, "550 no such user")
    sends.suppress(ANN, "unsubscribed")

    assert sends.suppressed(ANN) == "550 no such user"
    assert sends.suppressed(BOB) is None


def test_no_address_stands_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "digestor.db"
    with Store.open(file) as store:
        store.sends.claim("smtp", "2026-W47", "zaphod@example.org")
        store.sends.settle("smtp", "2026-W47", "zaphod@example.org", "failed", "550 no")
        store.sends.suppress("trillian@example.org", "550 no")

    content = b"".join(part.read_bytes() for part in tmp_path.glob("digestor.db*"))
    assert b"2026-W47" in content
    assert not any(name in content for name in (b"zaphod", b"trillian", b"example.org"))


def test_a_claim_is_on_the_disk_before_anything_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "digestor.db"
    with Store.open(file) as store:
        store.sends.claim("smtp", "2026-W47", ANN)

        with closing(sqlite3.connect(file)) as other:
            assert other.execute("SELECT state FROM send").fetchall() == [("sending",)]
        assert store.sends._db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert not store.sends._db.in_transaction


class Ledger(RuleBasedStateMachine):
    """Any order of claims, ends and deaths: what was sent is never ours again."""

    def __init__(self) -> None:
        super().__init__()
        self.store = a_memory()
        self.held: set[str] = set()
        self.state: dict[str, str] = {}

    @rule(to=st.sampled_from("abcd"), again=st.booleans())
    def claim(self, to: str, again: bool) -> None:
        free = {"retry", "sending", "unknown"} if again else {"retry"}
        before = self.state.get(to)

        found = self.store.sends.claim("smtp", "i", to, again)

        assert found == (None if before is None or before in free else before)
        if found is None:
            self.held.add(to)
            self.state[to] = "sending"

    @precondition(lambda self: self.held)
    @rule(data=st.data(), state=st.sampled_from(["sent", "failed", "retry", "unknown"]))
    def settle(self, data: st.DataObject, state: SendState) -> None:
        to = data.draw(st.sampled_from(sorted(self.held)))
        self.store.sends.settle("smtp", "i", to, state)
        self.held.discard(to)
        self.state[to] = state

    @rule()
    def die(self) -> None:
        self.held.clear()

    @rule()
    def count(self) -> None:
        assert sum(self.store.sends.count("smtp", "i").values()) == len(self.state)

    def teardown(self) -> None:
        self.store.close()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_an_issue_older_than_the_ledger_is_sent_to_nobody_unless_that_is_asked_for() -> None:
    store = a_memory()
    store.sends.doubted.add("2026-W47")

    assert store.sends.claim("smtp", "2026-W47", "ann@example.org") == "unknown"
    assert store.sends.claim("smtp", "2026-W48", "ann@example.org") is None
    assert store.sends.claim("smtp", "2026-W47", "ann@example.org", again=True) is None


def test_a_store_is_new_until_it_remembers_something() -> None:
    store = a_memory()
    assert store.is_new

    store.sends.claim("smtp", "2026-W47", "ann@example.org")

    assert not store.is_new
