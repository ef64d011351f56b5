"""A simulated year: 52 weeks with all that befalls, and what the outside sees of them in the end."""

from collections.abc import Iterator

import pytest
import trustme

from tests.fakes import Clock
from tests.hosting import hosted
from tests.mailbox import Mailbox
from tests.serving import ChatServer
from tests.year import checks
from tests.year.life import NO_ISSUE, Life, Seen
from tests.year.world import World


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """The year, lived once."""
    folder = tmp_path_factory.mktemp("year")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    clock = Clock(0.0)
    with hosted() as host, Mailbox(authority) as box, ChatServer() as chat:
        yield Life(folder, World(host, clock), clock, box, chat).lived()


def test_no_paper_is_published_twice(seen: Seen) -> None:
    assert not list(checks.twice(seen))


def test_no_paper_is_lost_without_a_line(seen: Seen) -> None:
    assert not list(checks.lost(seen))
    assert not list(checks.unfiltered(seen))


def test_every_ledger_adds_up(seen: Seen) -> None:
    assert not list(checks.unbalanced(seen))


def test_every_reader_gets_every_issue_once(seen: Seen) -> None:
    assert not list(checks.mail(seen))


def test_nothing_is_paid_for_twice(seen: Seen) -> None:
    assert not list(checks.payments(seen))


def test_no_day_is_left_out_and_what_was_missed_is_caught_up_on_and_said(seen: Seen) -> None:
    assert not list(checks.gaps(seen))


def test_news_of_papers_that_were_read_is_told_once(seen: Seen) -> None:
    assert not list(checks.unnoticed(seen))


def test_an_issue_made_again_of_the_same_is_the_same_and_of_more_has_more(seen: Seen) -> None:
    assert not list(checks.changed(seen))


def test_the_year_was_as_eventful_as_it_should_be(seen: Seen) -> None:
    assert not seen.surprises
    assert len(seen.issues) == 52 - len(NO_ISSUE)
    assert checks.eventful(seen)
    assert checks.excused(seen) == []  # not even where a source failed on the day
