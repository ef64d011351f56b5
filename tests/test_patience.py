"""How long a server that does not answer is waited for."""

import pytest

from digestor.client.patience import BUSY, NOBODY, SICK, TRIES, TRIES_AGAIN, Patience
from digestor.client.terms import Failure, Limited, Lost, Unwell


def absent() -> Unwell:
    failure = Unwell("nobody answers")
    failure.answered = False
    return failure


@pytest.mark.parametrize(
    ("failure", "bound"),
    [(absent(), NOBODY), (Unwell("500"), SICK), (Lost("time out"), 2 * 120 + NOBODY), (Limited("429"), BUSY)],
    ids=["nobody", "sick", "silent", "busy"],
)
def test_a_server_that_never_replied_is_given_up_after_a_while(failure: Failure, bound: float) -> None:
    patience = Patience(timeout=120)
    patience.start(1_000)

    patience.failure(failure, 1_000 + bound - 0.1)
    before = patience.over
    patience.failure(failure, 1_000 + bound)

    assert (before, patience.over) == (False, True)
    assert str(failure) in str(patience.fatal())
    assert "what was answered is kept" in patience.fatal().todo


def test_every_reply_begins_the_waiting_anew() -> None:
    patience = Patience(timeout=120)
    patience.start(0)

    patience.failure(Unwell("500"), SICK - 1)
    patience.success(SICK)
    patience.failure(Unwell("500"), 2 * SICK - 1)

    assert not patience.over


def test_a_server_that_once_replied_may_be_away_for_longer() -> None:
    patience = Patience(timeout=120)
    patience.start(0)
    patience.success(1)

    patience.failure(absent(), NOBODY + 2)

    assert not patience.over


def test_who_waits_shortly_for_a_reply_waits_shortly_for_a_server() -> None:
    patience = Patience(timeout=0.1)
    patience.start(0)

    patience.failure(absent(), 0.5)

    assert patience.over


def test_a_request_is_tried_without_end_until_the_server_has_ever_replied() -> None:
    patience = Patience(timeout=120)
    patience.start(0)
    assert not patience.enough(100, before=0)

    patience.success(1)

    assert patience.enough(TRIES, before=0)
    assert not patience.enough(TRIES - 1, before=0)
    assert patience.enough(TRIES_AGAIN, before=1)
