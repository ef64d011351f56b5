"""The announcement week is New York's: its hours, its clock changes, its holidays; and an id says more than a date."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.models import Paper
from digestor.protocols import Window
from digestor.sources.arxiv.calendar import announced_on, batches, is_recent, month_of, place, works
from digestor.text.dates import moment
from tests.fakes import a_paper
from tests.hosting import SHARED

W47 = Window(date(2026, 11, 16), date(2026, 11, 22))
LATER = date(2026, 11, 21)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moments(start: str, days: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, days * 86_400).map(lambda seconds: at(start) + timedelta(seconds=seconds))


def submitted(arxiv_id: str, when: str | None, version: int = 1) -> Paper:
    return a_paper(int(arxiv_id[-4:]), id=arxiv_id, arxiv_id=arxiv_id, version=version, published=when and at(when))


def test_a_week_is_five_batches_from_thursday_to_thursday() -> None:
    found = batches(W47)

    assert [batch.announced for batch in found] == [date(2026, 11, day) for day in (16, 17, 18, 19, 20)]
    assert found[0].start == at("2026-11-12T19:00")
    assert [batch.end for batch in found] == [at(f"2026-11-{day}T19:00") for day in (13, 16, 17, 18, 19)]


def test_a_day_is_one_batch_and_a_weekend_none() -> None:
    assert batches(Window(date(2026, 11, 17), date(2026, 11, 17))) == [batches(W47)[1]]
    assert batches(Window(date(2026, 11, 21), date(2026, 11, 22))) == []


def test_a_month_has_the_batches_of_its_working_days() -> None:
    found = batches(Window(date(2026, 9, 1), date(2026, 9, 30)))

    assert len(found) == 21  # 22 weekdays, and on Labor Day nothing is announced
    assert date(2026, 9, 8) not in [batch.announced for batch in found]


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        # summer time ends on 1 November 2026: the Monday batch of 2 November is closed before, Tuesday's after
        (Window(date(2026, 11, 2), date(2026, 11, 2)), "2026-10-29T18:00", "2026-10-30T18:00"),
        (Window(date(2026, 11, 3), date(2026, 11, 3)), "2026-10-30T18:00", "2026-11-02T19:00"),
        # and begins on 8 March
        (Window(date(2026, 3, 10), date(2026, 3, 10)), "2026-03-06T19:00", "2026-03-09T18:00"),
    ],
)
def test_the_hours_follow_the_clocks_of_new_york(window: Window, start: str, end: str) -> None:
    (batch,) = batches(window)

    assert (batch.start, batch.end) == (at(start), at(end))


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("2026-11-12T18:59:59", date(2026, 11, 13)),
        ("2026-11-12T19:00:00", date(2026, 11, 16)),
        ("2026-11-13T18:59:59", date(2026, 11, 16)),
        ("2026-11-13T19:00:00", date(2026, 11, 17)),
        ("2026-11-15T12:00:00", date(2026, 11, 17)),
        ("2026-11-16T19:00:00", date(2026, 11, 18)),
        ("2026-07-01T17:59:59", date(2026, 7, 2)),
        ("2026-07-01T18:00:00", date(2026, 7, 3)),
        ("2026-07-02T18:00:00", date(2026, 7, 7)),  # nothing is closed on Friday 3 July, a holiday
    ],
)
def test_a_submission_is_announced_after_the_next_closing(when: str, day: date) -> None:
    assert announced_on(at(when)) == day


def test_what_a_holiday_defers_goes_with_the_next_working_day() -> None:
    # Thanksgiving, 26 November 2026: nothing on Friday; Monday has what came from Wednesday to Friday
    weeks = batches(Window(date(2026, 11, 23), date(2026, 12, 6)))

    assert [batch.announced.day for batch in weeks] == [23, 24, 25, 26, 30, 1, 2, 3, 4]
    assert (weeks[4].start, weeks[4].end) == (at("2026-11-25T19:00"), at("2026-11-27T19:00"))
    assert announced_on(at("2026-11-26T10:00")) == date(2026, 11, 30)


def test_a_holiday_on_monday_moves_tuesday() -> None:
    week = batches(Window(date(2026, 1, 19), date(2026, 1, 25)))

    assert [batch.announced.day for batch in week] == [19, 21, 22, 23]
    assert announced_on(at("2026-01-17T12:00")) == date(2026, 1, 21)


@pytest.mark.parametrize(
    "day", ["2027-01-01", "2027-01-18", "2027-06-18", "2027-07-05", "2027-09-06", "2027-11-25", "2027-12-24"]
)
def test_years_without_a_list_have_the_usual_holidays(day: str) -> None:
    holiday = date.fromisoformat(day)

    assert not works(holiday)
    assert sum(not works(date(2027, 1, 1) + timedelta(days=n)) for n in range(365)) == 104 + 7


@given(moments("2017-01-03", 8_000))
def test_every_moment_is_in_the_batch_of_its_day_and_in_no_other(when: datetime) -> None:
    day = announced_on(when)

    around = batches(Window(day - timedelta(days=8), day + timedelta(days=8)))

    assert [batch.announced for batch in around if batch.start <= when < batch.end] == [day]


@given(st.dates(date(2017, 1, 10), date(2040, 1, 1)), st.integers(0, 40))
def test_batches_leave_no_gap_between_them(start: date, days: int) -> None:
    found = batches(Window(start, start + timedelta(days=days)))

    assert all(before.end == after.start for before, after in pairwise(found))


def test_an_id_tells_its_month() -> None:
    assert is_recent("2611.00001", date(2026, 11, 20))
    assert is_recent("2512.00001", date(2026, 1, 2))
    assert not is_recent("2609.00001", date(2026, 11, 20))
    assert not is_recent("hep-th/9901001", date(2026, 11, 20))
    assert month_of("math/0309136") is None


def test_papers_that_did_not_wait_are_announced_as_they_were_submitted() -> None:
    monday, friday = submitted("2611.08000", "2026-11-13T10:00"), submitted("2611.09000", "2026-11-19T10:00")

    assert [(paper.id, first, last) for paper, first, last in place([friday, monday], LATER)] == [
        ("2611.08000", date(2026, 11, 16), date(2026, 11, 16)),
        ("2611.09000", date(2026, 11, 20), date(2026, 11, 20)),
    ]


def test_a_paper_that_waited_comes_out_with_its_neighbours() -> None:
    before = submitted("2611.09100", "2026-11-18T20:00")
    held = submitted("2611.09200", "2026-10-05T10:00")
    after = submitted("2611.09300", "2026-11-19T15:00")

    placed = {paper.id: (first, last) for paper, first, last in place([held, after, before], LATER)}

    assert placed["2611.09200"] == (date(2026, 11, 20), date(2026, 11, 20))


def test_a_paper_that_waited_between_two_days_may_be_of_either() -> None:
    thursday = submitted("2611.09100", "2026-11-18T18:00")
    held = submitted("2611.09200", "2026-10-05T10:00")
    friday = submitted("2611.09300", "2026-11-19T15:00")

    placed = {paper.id: (first, last) for paper, first, last in place([held, friday, thursday], LATER)}

    assert placed["2611.09200"] == (date(2026, 11, 19), date(2026, 11, 20))


def test_a_paper_without_a_day_is_placed_by_its_id() -> None:
    known, unknown = submitted("2611.09100", "2026-11-18T20:00"), submitted("2611.09200", None)

    placed = {paper.id: first for paper, first, _ in place([known, unknown], LATER)}

    assert placed["2611.09200"] == date(2026, 11, 20)


def test_one_impossible_date_does_not_push_all_later_papers_out_of_their_days() -> None:
    wrong = submitted("2611.09000", "2027-03-01T10:00")
    good = submitted("2611.09100", "2026-11-18T20:00")

    placed = {paper.id: first for paper, first, _ in place([wrong, good], LATER)}

    assert placed["2611.09100"] == date(2026, 11, 20)


@given(st.lists(st.tuples(st.integers(1, 99_999), moments("2026-09-01", 80)), max_size=20))
def test_every_paper_is_placed_once_and_its_first_day_is_not_after_its_last(made: list[tuple[int, datetime]]) -> None:
    papers = [submitted(f"2611.{number:05}", when.isoformat()[:19]) for number, when in made]

    placed = list(place(papers, LATER))

    assert sorted(paper.id for paper, _, _ in placed) == sorted(paper.id for paper in papers)
    assert [paper.id for paper, _, _ in placed] == sorted(paper.id for paper in papers)
    assert all(first <= last for _, first, last in placed)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded replies are not here")
@pytest.mark.parametrize(
    ("mail", "day", "papers", "waited"),
    [("astro-ph_new.txt", date(2023, 3, 3), 57, 0), ("q-fin_new.txt", date(2023, 3, 17), 13, 7)],
)
def test_all_papers_of_a_recorded_mail_are_placed_on_its_day(mail: str, day: date, papers: int, waited: int) -> None:
    text = (SHARED / "arxiv_email" / mail).read_text(encoding="utf-8", errors="replace")
    listed = [
        submitted(name, str(moment(when))[:19])
        for name, when in re.findall(r"^arXiv:(\S+).*\nDate: (.+? GMT)", text, re.MULTILINE)
    ]

    placed = list(place(listed, day))

    assert (len(placed), sum(announced_on(paper.published or at("2000-01-03")) < day for paper in listed)) == (
        papers,
        waited,
    )
    assert {(first, last) for _, first, last in placed} == {(day, day)}
