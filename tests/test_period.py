"""Where an issue lies in the calendar."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestor.period import daily, monthly, weekly


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


@given(st.dates(min_value=date(1, 1, 8), max_value=date(9999, 12, 20)), st.sampled_from([weekly, daily, monthly]))
def test_every_day_lies_in_its_own_period(day: date, period: object) -> None:
    assert callable(period)
    made = period(day)

    assert made.window.start <= day <= made.window.end
    assert all(period(inside).id == made.id for inside in made.window)
