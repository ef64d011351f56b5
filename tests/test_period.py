"""Where an issue lies in the calendar, and how it catches up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.period import Period, caught_up, daily, monthly, shape, weekly
from digestor.protocols import Window

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))
KINDS = st.sampled_from([weekly, daily, monthly])


def test_a_week_runs_from_monday_to_sunday() -> None:
    week = weekly(date(2026, 11, 21))

    assert week.id == "2026-W47"
    assert week.window == (date(2026, 11, 16), date(2026, 11, 22))
    assert week.spoken == "16–22 November 2026"


@pytest.mark.parametrize(
    ("day", "id", "spoken"),
    [
        (date(2027, 1, 1), "2026-W53", "28 December 2026 – 3 January 2027"),
        (date(2024, 12, 30), "2025-W01", "30 December 2024 – 5 January 2025"),
        (date(2026, 12, 1), "2026-W49", "30 November – 6 December 2026"),
    ],
)
def test_a_week_across_months_and_years_belongs_to_its_iso_year(day: date, id: str, spoken: str) -> None:
    assert weekly(day).id == id
    assert weekly(day).spoken == spoken


def test_a_day_and_a_month_have_ids_of_their_own() -> None:
    assert daily(date(2026, 11, 21)).id == "2026-11-21"
    assert monthly(date(2026, 11, 21)).id == "2026-11"
    assert monthly(date(2028, 2, 3)).window == (date(2028, 2, 1), date(2028, 2, 29))


@given(st.dates(min_value=date(1, 1, 8), max_value=date(9999, 12, 20)), KINDS)
def test_every_day_lies_in_its_own_period(day: date, period: object) -> None:
    assert callable(period)
    made = period(day)

    assert made.window.start <= day <= made.window.end
    assert all(period(inside).id == made.id for inside in made.window)


def test_sources_are_asked_from_the_first_day_unless_another_is_given() -> None:
    window = Window(date(2026, 11, 16), date(2026, 11, 22))

    assert Period("2026-W47", window, "a week").since == date(2026, 11, 16)
    assert Period("2026-W47", window, "a week", date(2026, 11, 13)).since == date(2026, 11, 13)


@pytest.mark.parametrize(
    ("id", "kind"),
    [
        ("2026-W47", "week"),
        ("2026-11-21", "day"),
        ("2026-11", "month"),
        ("special", ""),
        ("2026-W4", ""),
        ("12026-11", ""),
    ],
)
def test_the_shape_of_an_id_tells_a_week_from_a_day_and_a_month(id: str, kind: str) -> None:
    assert shape(id) == kind


WEEK = weekly(date(2026, 11, 21))


def test_the_first_issue_ever_is_as_it_is() -> None:
    assert caught_up(WEEK, None) == (WEEK, "")


def test_an_issue_whose_forerunner_was_made_after_its_last_day_is_as_it_is() -> None:
    assert caught_up(WEEK, (date(2026, 11, 15), date(2026, 11, 16))) == (WEEK, "")


def test_weeks_that_were_missed_are_caught_up_and_said() -> None:
    period, note = caught_up(WEEK, (date(2026, 11, 1), date(2026, 11, 2)))

    assert period.id == "2026-W47"
    assert period.window == (date(2026, 11, 2), date(2026, 11, 22))
    assert period.since == date(2026, 11, 2)
    assert period.spoken == "2–22 November 2026"
    assert note == "No issue was made for 2026-W45 and 2026-W46: this one catches up from 2 November"


def test_one_missed_week_is_named_alone_and_three_one_by_one() -> None:
    assert "for 2026-W46: " in caught_up(WEEK, (date(2026, 11, 8), None))[1]
    assert "for 2026-W44, 2026-W45 and 2026-W46: " in caught_up(WEEK, (date(2026, 10, 25), None))[1]


def test_no_issue_goes_back_farther_than_eight_weeks_and_it_says_what_it_leaves() -> None:
    period, note = caught_up(WEEK, (date(2026, 6, 28), date(2026, 6, 26)))

    assert period.window.start == period.since == WEEK.window.start - timedelta(weeks=8)
    assert note == (
        "No issue was made for 2026-W27 to 2026-W46: this one catches up from 21 September, "
        "and what came before is not asked for"
    )


def test_the_year_is_said_where_it_is_another() -> None:
    note = caught_up(weekly(date(2027, 1, 13)), (date(2026, 12, 27), None))[1]

    assert note == "No issue was made for 2026-W53 and 2027-W01: this one catches up from 28 December 2026"


@pytest.mark.parametrize("made", [date(2026, 11, 13), date(2026, 11, 15)])
def test_an_issue_made_before_its_last_day_was_over_leaves_the_rest_to_the_next(made: date) -> None:
    period, note = caught_up(WEEK, (date(2026, 11, 15), made))

    assert (period.window, period.spoken, note) == (WEEK.window, WEEK.spoken, "")
    assert period.since == made


def test_after_an_issue_made_nobody_knows_when_a_week_more_is_asked_for() -> None:
    period, note = caught_up(WEEK, (date(2026, 11, 15), None))

    assert (period.window, note) == (WEEK.window, "")
    assert period.since == date(2026, 11, 9)


def test_a_missed_week_after_an_issue_made_early_is_asked_for_from_the_day_that_was_made() -> None:
    period, _ = caught_up(WEEK, (date(2026, 11, 8), date(2026, 11, 6)))

    assert period.window.start == date(2026, 11, 9)
    assert period.since == date(2026, 11, 6)


def test_a_weekend_without_daily_issues_is_caught_up_without_a_word() -> None:
    monday = daily(date(2026, 11, 23))

    period, note = caught_up(monday, (date(2026, 11, 20), date(2026, 11, 21)))

    assert period.window == (date(2026, 11, 21), date(2026, 11, 23))
    assert period.spoken == "21–23 November 2026"
    assert note == ""


def test_a_working_day_without_a_daily_issue_is_said() -> None:
    note = caught_up(daily(date(2026, 11, 24)), (date(2026, 11, 20), None))[1]

    assert note.startswith("No issue was made for 2026-11-21, 2026-11-22 and 2026-11-23: ")


def test_a_missed_month_is_caught_up() -> None:
    period, note = caught_up(monthly(date(2026, 11, 3)), (date(2026, 9, 30), date(2026, 10, 1)))

    assert period.spoken == "1 October – 30 November 2026"
    assert note == "No issue was made for 2026-10: this one catches up from 1 October"


def test_a_period_that_has_no_usual_id_names_the_days_that_were_missed() -> None:
    special = Period("special", Window(date(2026, 11, 20), date(2026, 11, 22)), "the weekend")

    note = caught_up(special, (date(2026, 11, 17), None))[1]

    assert note == "No issue was made for 18–19 November 2026: this one catches up from 18 November"


@given(DAYS, KINDS, st.integers(-400, 400), st.none() | st.integers(-100, 100))
def test_catching_up_never_shrinks_a_period_and_leaves_no_day_out(
    day: date, kind: object, gap: int, late: int | None
) -> None:
    assert callable(kind)
    period: Period = kind(day)
    end = period.window.start - timedelta(days=gap)
    made = None if late is None else end + timedelta(days=late)

    found, note = caught_up(period, (end, made))

    assert found.id == period.id
    assert found.window.end == period.window.end
    assert found.since <= found.window.start <= period.window.start
    assert found.since >= period.window.start - timedelta(weeks=8)
    assert found.window.start <= max(end + timedelta(days=1), period.window.start - timedelta(weeks=8)) or gap < 1
    assert bool(note) <= (found.window.start < period.window.start)
