from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import birth_dates
from hotline.rules.disclosure import may_be_shown

TODAY = date(2026, 3, 1)
FLAGS = (True, False, None)
PROVED = (None, date.min, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1), date.max)


@pytest.mark.parametrize(("disclosable", "protected", "adult_on"), list(product(FLAGS, FLAGS, PROVED)))
def test_nobody_is_shown_unless_all_three_are_there_and_say_yes(
    disclosable: bool | None, protected: bool | None, adult_on: date | None
) -> None:
    allowed = {(True, False, date.min), (True, False, TODAY - timedelta(days=1)), (True, False, TODAY)}
    shown = may_be_shown(disclosable, protected, adult_on, TODAY)
    assert shown is ((disclosable, protected, adult_on) in allowed)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(FLAGS), st.sampled_from(FLAGS), st.none() | st.dates(), st.dates())
def test_a_yes_never_rests_on_something_absent(
    disclosable: bool | None, protected: bool | None, adult_on: date | None, today: date
) -> None:
    if may_be_shown(disclosable, protected, adult_on, today):
        assert disclosable
        assert protected is False
        assert adult_on is not None
        assert adult_on <= today
    assert not may_be_shown(None, protected, adult_on, today)
    assert not may_be_shown(disclosable, None, adult_on, today)
    assert not may_be_shown(disclosable, protected, None, today)


@pytest.mark.parametrize(
    ("recorded", "shown_from"),
    [
        ("2008-03-01", date(2026, 3, 1)),
        ("2008-03-02", date(2026, 3, 2)),
        ("2008-02-29", date(2026, 3, 1)),
        ("2007", date(2025, 12, 31)),
        ("2008", date(2026, 12, 31)),
    ],
)
def test_a_person_is_shown_from_the_day_that_the_record_proves_18(recorded: str, shown_from: date) -> None:
    adult_on = birth_dates.adult_on(birth_dates.from_feed(recorded))
    assert may_be_shown(True, False, adult_on, shown_from)
    assert not may_be_shown(True, False, adult_on, shown_from - timedelta(days=1))
