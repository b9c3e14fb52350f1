"""How often a caller may ask before the line sends them to a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.limits import (
    LIMITS,
    USUAL_AT_LEAST,
    Limits,
    PastSearch,
    alert_raised,
    call_refused,
    flooded,
    name_locked,
    phone_reviewed,
    search_refused,
    send_refused,
    slow_mode,
    usual_calls,
)

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
PROMISED = {
    "SEARCHES_PER_CALL": 3,
    "SEARCHES_PER_DAY": 5,
    "SEARCHES_PER_30_DAYS": 10,
    "PEOPLE_PER_WEEK": 3,
    "DATES_PER_NAME": 2,
    "CALLERS_PER_RECORD": 5,
    "SEARCHES_PER_MINUTE": 20,
    "PHONES_PER_PERSON": 5,
    "SENDS_PER_NUMBER_10_MINUTES": 3,
    "SENDS_PER_BLOCK_HOUR": 30,
    "CALLS_PER_NUMBER_10_MINUTES": 10,
    "FLOOD_FACTOR": 3,
}


def searches(*ago: timedelta, person: str = "a") -> list[PastSearch]:
    return [PastSearch(NOW - passed, person) for passed in ago]


def test_the_table_holds_exactly_the_promised_limits() -> None:
    assert {name: limit.default for name, limit in LIMITS.items()} == PROMISED


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_has_a_meaning_and_can_be_set_by_its_name(name: str) -> None:
    assert LIMITS[name].what
    assert getattr(Limits(), name.lower()) == LIMITS[name].default
    changed = Limits.from_names({name: " 77 "})
    assert getattr(changed, name.lower()) == 77
    others = [other for other in LIMITS if other != name]
    assert all(getattr(changed, other.lower()) == LIMITS[other].default for other in others)


@pytest.mark.parametrize("value", ["", "0", "00", "-1", "1.5", "three", "٣", "1_000", "9" * 10, "9" * 5000])
@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_that_is_not_a_whole_number_above_zero_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Limits.from_names({name: value})


def test_every_fault_of_the_environment_is_named_at_once() -> None:
    with pytest.raises(ValueError) as caught:
        Limits.from_names({"SEARCHES_PER_DAY": "no", "SEARCHS": "4", "searches_per_day": "4", "FLOOD_FACTOR": "2"})
    said = str(caught.value)
    assert said.count(";") == 2
    for name in ("SEARCHES_PER_DAY: not a whole number", "SEARCHS: no such", "searches_per_day: no such"):
        assert name in said
    assert "FLOOD_FACTOR" not in said


def test_the_fourth_search_of_one_call_goes_to_a_person() -> None:
    assert not search_refused(Limits(), [], 2, "a", NOW)
    assert search_refused(Limits(), [], 3, "a", NOW)


def test_the_sixth_search_of_a_number_within_a_day_goes_to_a_person() -> None:
    four = searches(*[timedelta(hours=n) for n in range(1, 5)])
    assert not search_refused(Limits(), four, 0, "a", NOW)
    assert search_refused(Limits(), four + searches(timedelta(hours=23, minutes=59)), 0, "a", NOW)
    assert not search_refused(Limits(), four + searches(timedelta(hours=24)), 0, "a", NOW)


def test_the_eleventh_search_of_a_number_within_thirty_days_goes_to_a_person() -> None:
    nine = searches(*[timedelta(days=2 * n) for n in range(1, 10)])
    assert not search_refused(Limits(), nine, 0, "a", NOW)
    assert search_refused(Limits(), nine + searches(timedelta(days=29, hours=23)), 0, "a", NOW)
    assert not search_refused(Limits(), nine + searches(timedelta(days=30)), 0, "a", NOW)


def test_a_number_asks_for_three_people_a_week_and_no_fourth_but_again_for_the_three() -> None:
    three = [PastSearch(NOW - timedelta(days=2), person) for person in "abc"]
    assert search_refused(Limits(), three, 0, "d", NOW)
    assert not search_refused(Limits(), three, 0, "c", NOW)
    week_old = [PastSearch(NOW - timedelta(days=7), "a"), *three[1:]]
    assert not search_refused(Limits(), week_old, 0, "d", NOW)


def test_one_record_asked_for_under_many_spellings_is_one_person() -> None:
    spelled = [PastSearch(NOW - timedelta(days=2), person, None, 7) for person in "abc"]
    assert not search_refused(Limits(), spelled, 0, "d", NOW, 7)
    assert not search_refused(Limits(), spelled, 0, "a", NOW)
    two_more = [PastSearch(NOW - timedelta(days=1), person) for person in "de"]
    assert not search_refused(Limits(), spelled + two_more, 0, "a", NOW)
    assert search_refused(Limits(), spelled + two_more, 0, "f", NOW)
    assert search_refused(Limits(), spelled + two_more, 0, "a", NOW, 8)


def test_namesakes_are_people_of_their_own() -> None:
    three = [PastSearch(NOW - timedelta(days=2), "a", None, subject) for subject in (7, 8, 9)]
    assert search_refused(Limits(), three, 0, "a", NOW, 10)
    assert not search_refused(Limits(), three, 0, "a", NOW, 9)


HOUR = timedelta(hours=1)
# Keys of dates as they are given one after the other: a year is one letter, a whole date in it begins with it.
SWEEPS: list[tuple[list[str | None], bool]] = [
    ([None, None, None, None], False),
    (["a", "b", None], False),
    (["a", "b", "c"], True),
    (["a1", "a2", "a3"], True),
    (["a", "a1", "b"], False),
    (["a1", "a", "b2", "b"], False),
    (["a", "a1", "a2"], False),
    (["a", "a1", "a2", "b"], True),
    (["a", "b", "c", "a"], True),
    (["a", "b", "c", None], True),
]


@pytest.mark.parametrize(("dates", "locked"), SWEEPS)
def test_a_name_is_locked_for_whoever_gives_a_third_date_with_it(dates: list[str | None], locked: bool) -> None:
    past = [PastSearch(NOW - HOUR, "a", date) for date in dates[:-1]]
    assert name_locked(Limits(), past, "a", dates[-1], NOW) is locked
    others = [PastSearch(NOW - HOUR, "another", date) for date in dates[:-1]]
    assert not name_locked(Limits(), others, "a", dates[-1], NOW)


def test_a_locked_name_is_free_after_a_day() -> None:
    past = [PastSearch(NOW - timedelta(hours=23, minutes=59), "a", date) for date in "abc"]
    assert name_locked(Limits(), past, "a", "a", NOW)
    assert not name_locked(Limits(), past, "a", "a", NOW + timedelta(minutes=1))


def test_the_fifth_caller_who_comes_to_a_record_alerts_staff_unless_one_of_them_signed_up() -> None:
    assert not alert_raised(Limits(), 4, signed_up=False)
    assert alert_raised(Limits(), 5, signed_up=False)
    assert alert_raised(Limits(), 6, signed_up=False)
    assert not alert_raised(Limits(), 6, signed_up=True)


def test_the_twenty_first_search_in_a_minute_is_slowed_down() -> None:
    assert not slow_mode(Limits(), 19)
    assert slow_mode(Limits(), 20)


def test_codes_stop_after_three_to_a_number_or_thirty_to_its_block() -> None:
    assert not send_refused(Limits(), 2, 29)
    assert send_refused(Limits(), 3, 0)
    assert send_refused(Limits(), 0, 30)


def test_the_eleventh_call_in_ten_minutes_cools_off() -> None:
    assert not call_refused(Limits(), 9)
    assert call_refused(Limits(), 10)


def test_the_sixth_phone_for_one_person_waits_for_review() -> None:
    assert not phone_reviewed(Limits(), 4)
    assert phone_reviewed(Limits(), 5)


def test_over_three_times_the_usual_calls_the_line_goes_short() -> None:
    assert not flooded(Limits(), 30, 10.0)
    assert flooded(Limits(), 31, 10.0)


def test_the_usual_is_the_mean_of_the_days_before_and_never_less_than_on_any_line() -> None:
    assert usual_calls(4200, 42) == 100.0
    assert usual_calls(0, 42) == USUAL_AT_LEAST


def test_limits_set_by_the_operator_are_the_ones_that_hold() -> None:
    limits = Limits.from_names(dict.fromkeys(LIMITS, "1"))
    assert search_refused(limits, [], 1, "a", NOW)
    assert search_refused(limits, searches(timedelta(days=20)), 0, "a", NOW)
    assert name_locked(limits, [PastSearch(NOW - HOUR, "a", "a")], "a", "b", NOW)
    assert alert_raised(limits, 1, signed_up=False)
    assert slow_mode(limits, 1)
    assert send_refused(limits, 1, 0)
    assert call_refused(limits, 1)
    assert phone_reviewed(limits, 1)
    assert flooded(limits, 2, 1.0)


past_searches = st.lists(
    st.builds(
        PastSearch,
        st.integers(0, 60 * 24).map(lambda hours: NOW - timedelta(hours=hours)),
        st.sampled_from("abcdef"),
        st.sampled_from([None, "x", "x1", "x2", "y", "z1"]),
        st.sampled_from([None, 1, 2, 3]),
    ),
    max_size=14,
)


@settings(max_examples=100, deadline=None)
@given(past_searches, st.integers(0, 4), st.sampled_from("abcdef"))
def test_more_searches_never_make_a_refusal_go_away_and_their_order_does_not_matter(
    past: list[PastSearch], in_call: int, person: str
) -> None:
    refused = search_refused(Limits(), past, in_call, person, NOW)
    assert search_refused(Limits(), past[::-1], in_call, person, NOW) is refused
    assert not refused or search_refused(Limits(), [*past, PastSearch(NOW, person)], in_call, person, NOW)


@settings(max_examples=100, deadline=None)
@given(past_searches, st.sampled_from("abcdef"), st.sampled_from([None, "x", "x1", "y"]))
def test_a_lock_lasts_whatever_is_asked_next_and_in_whatever_order_it_was_asked(
    past: list[PastSearch], person: str, date_key: str | None
) -> None:
    locked = name_locked(Limits(), past, person, date_key, NOW)
    assert name_locked(Limits(), past[::-1], person, date_key, NOW) is locked
    now_past = [*past, PastSearch(NOW, person, date_key)]
    assert name_locked(Limits(), now_past, person, None, NOW) is locked
