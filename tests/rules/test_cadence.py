"""When a subscriber is called, how often, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.cadence import (
    CADENCE,
    CallOutcome,
    Night,
    PastCall,
    Urgency,
    next_call,
    next_verification,
    text_at,
    told_with_date,
    verification_lapses,
)
from hotline.rules.hours import UNITED_STATES, allowed, next_allowed

NOON = datetime(2027, 2, 1, 17, tzinfo=UTC)  # 12:00 in New York
LATE = datetime(2027, 2, 2, 4, tzinfo=UTC)  # 23:00 in New York
MORNING = datetime(2027, 2, 2, 13, tzinfo=UTC)  # 08:00 in New York
HOME = ["America/New_York"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)
SILENT = (CallOutcome.NO_ANSWER, CallOutcome.PENDING)
TAKEN = (CallOutcome.ANSWERED, CallOutcome.VOICEMAIL)


def calls(
    urgency: Urgency,
    outcomes: Iterator[CallOutcome] | None = None,
    due: datetime = NOON,
    zones: list[str] = HOME,
    any_hour: bool = False,
    lag: timedelta = timedelta(0),
) -> list[datetime]:
    """Every call of one notice, each placed `lag` after its moment, until the end."""
    made: list[PastCall] = []
    now = due
    while (at := next_call(urgency, due, made, zones, any_hour, now)) is not None:
        now = at + lag
        made.append(PastCall(now, next(outcomes) if outcomes else CallOutcome.NO_ANSWER))
        assert len(made) < 200
    return [call.at for call in made]


def after(made: list[datetime]) -> list[float]:
    return [(at - made[0]) / MINUTE for at in made]


def test_an_unanswered_emergency_rings_every_15_minutes_then_every_30_until_the_cap() -> None:
    expected = [*range(0, 121, 15), *range(150, 571, 30), 24 * 60]
    assert after(calls(Urgency.EMERGENCY)) == expected


def test_an_unanswered_critical_notice_rings_every_30_minutes_then_every_two_hours() -> None:
    expected = [*range(0, 241, 30), *range(360, 601, 120), *range(24 * 60, 48 * 60 + 1, 120)]
    made = after(calls(Urgency.CRITICAL, any_hour=True))
    assert made[:12] == expected[:12]
    assert made == expected


def test_an_unanswered_routine_notice_rings_three_times_two_hours_apart() -> None:
    assert after(calls(Urgency.ROUTINE)) == [0, 120, 240]


@pytest.mark.parametrize("urgency", Urgency)
@pytest.mark.parametrize("outcome", TAKEN)
def test_once_somebody_or_a_machine_answered_it_rings_every_two_hours_to_the_same_end(
    urgency: Urgency, outcome: CallOutcome
) -> None:
    outcomes = iter([outcome] + [CallOutcome.NO_ANSWER] * 40)
    made = after(calls(urgency, outcomes, any_hour=True))
    last = {Urgency.EMERGENCY: 24 * 60, Urgency.CRITICAL: 48 * 60, Urgency.ROUTINE: 4 * 60}[urgency]
    assert made == list(range(0, last + 1, 120))


@pytest.mark.parametrize("urgency", Urgency)
def test_the_right_pin_ends_the_calls(urgency: Urgency) -> None:
    made = [PastCall(NOON, CallOutcome.CONFIRMED), PastCall(NOON + HOUR, CallOutcome.NO_ANSWER)]
    assert next_call(urgency, NOON, made, HOME, True, NOON + 2 * HOUR) is None


def test_only_an_emergency_or_a_wish_wakes_anybody() -> None:
    assert next_call(Urgency.EMERGENCY, LATE, [], HOME, False, LATE) == LATE
    assert next_call(Urgency.CRITICAL, LATE, [], HOME, True, LATE) == LATE
    assert next_call(Urgency.CRITICAL, LATE, [], HOME, False, LATE) == MORNING
    assert next_call(Urgency.ROUTINE, LATE, [], HOME, True, LATE) == MORNING


@pytest.mark.parametrize("urgency", Urgency)
def test_the_text_goes_at_once_within_the_same_hours_as_the_call(urgency: Urgency) -> None:
    for wish in (True, False):
        for now in (NOON, LATE):
            assert text_at(urgency, now, HOME, wish) == next_call(urgency, now, [], HOME, wish, now)


@pytest.mark.parametrize("urgency", Urgency)
def test_a_notice_that_a_stopped_machine_delayed_for_a_week_is_still_called(urgency: Urgency) -> None:
    assert next_call(urgency, NOON, [], HOME, False, NOON + 7 * DAY) == NOON + 7 * DAY


def test_calls_made_above_the_cap_are_waited_out_until_there_is_room_again() -> None:
    made = [PastCall(NOON + n * MINUTE, CallOutcome.NO_ANSWER) for n in range(15)]
    assert next_call(Urgency.CRITICAL, NOON, made, HOME, True, NOON + HOUR) == NOON + DAY + 3 * MINUTE


def test_a_call_is_not_made_before_it_is_due() -> None:
    assert next_call(Urgency.EMERGENCY, NOON + HOUR, [], HOME, False, NOON) == NOON + HOUR


def test_an_emergency_whose_end_passed_while_the_machine_stood_still_is_left_to_staff() -> None:
    made = [PastCall(NOON, CallOutcome.NO_ANSWER)]
    assert next_call(Urgency.EMERGENCY, NOON, made, HOME, False, NOON + DAY) == NOON + DAY
    assert next_call(Urgency.EMERGENCY, NOON, made, HOME, False, NOON + DAY + MINUTE) is None


def test_the_night_shortens_no_critical_notice() -> None:
    made = calls(Urgency.CRITICAL, due=LATE)
    assert made[0] == MORNING
    assert made[-1] > MORNING + 36 * HOUR


@pytest.mark.parametrize("urgency", Urgency)
def test_every_row_of_the_table_can_be_followed(urgency: Urgency) -> None:
    row = CADENCE[urgency]
    assert set(CADENCE) == set(Urgency)
    assert row.night in Night
    assert row.stretches[-1].until is None
    bounds = [stretch.until for stretch in row.stretches[:-1]]
    assert all(bound is not None for bound in bounds)
    assert row.end is not None or row.calls is not None
    assert row.after_contact == 2 * HOUR
    assert row.calls_a_day == {"emergency": 24, "critical": 12, "routine": 3}[urgency]


urgencies = st.sampled_from(Urgency)
dues = st.integers(0, 365 * 24 * 60).map(lambda n: datetime(2027, 1, 1, tzinfo=UTC) + n * MINUTE)
homes = st.lists(st.sampled_from(UNITED_STATES), min_size=1, max_size=3, unique=True)


@settings(max_examples=60, deadline=None)
@given(urgencies, dues, homes, st.booleans(), st.integers(0, 40), st.data())
def test_calls_keep_the_hours_the_cap_and_the_interval_and_come_to_an_end(
    urgency: Urgency, due: datetime, zones: list[str], wish: bool, lag: int, data: st.DataObject
) -> None:
    row = CADENCE[urgency]
    night = row.night is Night.ALWAYS or (row.night is Night.IF_WISHED and wish)
    made: list[PastCall] = []
    now = due
    while (at := next_call(urgency, due, made, zones, wish, now)) is not None:
        assert at >= now
        assert at >= due
        assert allowed(at, zones, night)
        assert sum(call.at > at - DAY for call in made) < row.calls_a_day
        if made:
            assert at - made[-1].at >= row.stretches[0].every
            if any(call.outcome in TAKEN for call in made):
                assert at - made[-1].at >= 2 * HOUR
            assert row.end is None or at <= made[0].at + row.end
        assert next_call(urgency, due, made[::-1], zones, wish, now) == at
        now = at + lag * MINUTE
        made.append(PastCall(now, data.draw(st.sampled_from(SILENT + TAKEN))))
        assert len(made) <= 60
    assert made
    assert row.calls is None or len(made) == row.calls


@settings(max_examples=60, deadline=None)
@given(urgencies, dues, homes, st.lists(st.integers(0, 47 * 60), max_size=40), st.integers(0, 60 * 60))
def test_whatever_was_called_before_the_next_call_is_in_the_future_and_under_the_cap(
    urgency: Urgency, due: datetime, zones: list[str], past: list[int], later: int
) -> None:
    made = [PastCall(due + n * MINUTE, CallOutcome.NO_ANSWER) for n in past]
    now = due + later * MINUTE
    at = next_call(urgency, due, made, zones, False, now)
    if at is not None:
        assert at >= now
        assert sum(call.at > at - DAY for call in made) < CADENCE[urgency].calls_a_day


def test_news_older_than_two_days_is_told_with_its_date() -> None:
    assert not told_with_date(NOON, NOON + 48 * HOUR)
    assert told_with_date(NOON, NOON + 48 * HOUR + MINUTE)


def test_a_new_number_is_asked_at_once_even_at_night_because_its_owner_just_called() -> None:
    assert next_verification(LATE, [], HOME, LATE) == LATE
    assert next_verification(LATE, [], HOME, LATE + 30 * MINUTE) == LATE + 30 * MINUTE


def test_a_number_that_nobody_waits_at_is_asked_by_day() -> None:
    assert next_verification(None, [], HOME, LATE) == next_allowed(LATE, HOME, any_hour=False) > LATE


def test_a_first_request_that_was_held_up_waits_for_the_morning() -> None:
    assert next_verification(LATE, [], HOME, LATE + 31 * MINUTE) == MORNING


def test_a_number_that_does_not_answer_is_asked_once_more_a_day_later_within_the_hours() -> None:
    assert next_verification(NOON, [NOON], HOME, NOON) == NOON + DAY
    assert next_verification(LATE, [LATE], HOME, LATE + HOUR) == MORNING + DAY
    assert next_verification(NOON, [NOON, NOON + DAY], HOME, NOON + DAY) is None


def test_a_number_that_never_answered_is_dropped_after_three_days() -> None:
    assert verification_lapses([]) is None
    assert verification_lapses([NOON + DAY, NOON]) == NOON + 3 * DAY
    assert next_verification(NOON, [NOON], HOME, NOON + 3 * DAY) is None


@settings(max_examples=60, deadline=None)
@given(dues, homes, st.lists(st.integers(0, 80 * 60), max_size=3), st.integers(0, 100 * 60))
def test_a_number_is_never_asked_in_the_past_at_night_or_after_it_was_dropped(
    asked: datetime, zones: list[str], past: list[int], later: int
) -> None:
    sent = [asked + n * MINUTE for n in past]
    now = asked + later * MINUTE
    at = next_verification(asked, sent, zones, now)
    if at is None:
        assert sent
        return
    assert at >= now
    assert allowed(at, zones, any_hour=False) or (not sent and now - asked <= 30 * MINUTE)
    lapses = verification_lapses(sent)
    assert lapses is None or at < lapses
    assert all(at >= before + DAY for before in sent)


@pytest.mark.parametrize("zone", UNITED_STATES)
def test_across_the_change_of_the_clocks_no_routine_call_comes_outside_the_day(zone: str) -> None:
    for day in ((2027, 3, 13), (2027, 11, 6)):
        due = datetime(*day, 20, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        local = [at.astimezone(ZoneInfo(zone)) for at in calls(Urgency.ROUTINE, due=due, zones=[zone])]
        assert [(at.day - day[2], at.hour, at.minute) for at in local] == [(0, 20, 30), (1, 8, 0), (1, 10, 0)]
