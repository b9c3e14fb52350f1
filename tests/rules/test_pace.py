"""How fast calls, texts and mails go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.pace import PACE, Bucket, Pace, fitting, refilled, seconds_until

NOW = datetime(2027, 2, 1, 17, tzinfo=UTC)
costs = st.lists(st.integers(1, 3), max_size=30)
rates = st.integers(1, 50)


def test_out_of_the_box_one_call_and_one_segment_go_out_a_second() -> None:
    assert (Pace().of("voice"), Pace().of("text"), Pace().of("mail")) == (1, 1, 10)


def test_every_row_can_be_set_by_its_name() -> None:
    assert Pace.from_names(dict.fromkeys(PACE, "7")) == Pace(7, 7, 7, 7)
    with pytest.raises(ValueError, match="CALLS_A_DAY: no such limit"):
        Pace.from_names({"CALLS_A_DAY": "7"})


def test_a_bucket_holds_what_goes_out_in_one_second_however_long_nothing_did() -> None:
    assert refilled(Bucket(0, NOW - timedelta(days=1)), 5, NOW).tokens == 5
    assert refilled(Bucket(0, NOW - timedelta(seconds=0.5)), 4, NOW).tokens == 2


def test_a_text_of_two_segments_goes_from_a_full_bucket_of_one_and_the_next_waits_twice_as_long() -> None:
    full = Bucket(1, NOW)
    assert fitting(full, [2, 1], 1) == 1
    assert seconds_until(Bucket(-1, NOW), 1, 1) == 2


def test_a_clock_that_was_a_day_ahead_stops_nobody_for_a_day() -> None:
    ahead = Bucket(0, NOW + timedelta(days=1))
    assert refilled(ahead, 10, NOW) == Bucket(0, NOW)
    assert refilled(refilled(ahead, 10, NOW), 10, NOW + timedelta(seconds=1)).tokens == 10


def test_a_clock_that_lags_behind_another_machines_gains_nothing() -> None:
    ahead = Bucket(0, NOW + timedelta(seconds=3))
    assert refilled(ahead, 10, NOW) == ahead


@given(rates, st.lists(st.tuples(st.floats(0, 2), costs), max_size=30))
def test_in_no_stretch_of_time_goes_out_more_than_the_rate_allows(
    rate: int, asked: list[tuple[float, list[int]]]
) -> None:
    now, bucket, sent = NOW, Bucket(rate, NOW), 0
    for passed, wanted in asked:
        now += timedelta(seconds=passed)
        bucket = refilled(bucket, rate, now)
        going = wanted[: fitting(bucket, wanted, rate)]
        bucket = Bucket(bucket.tokens - sum(going), bucket.at)
        sent += sum(going)
    # A second's worth from the full bucket, and what the last one took beyond it.
    assert sent <= rate * (now - NOW).total_seconds() + rate + 3


@given(rates, st.floats(-5, 1), st.integers(1, 3))
def test_who_waits_as_long_as_told_may_go(rate: int, tokens: float, cost: int) -> None:
    bucket = Bucket(min(tokens, rate), NOW)
    wait = timedelta(seconds=seconds_until(bucket, cost, rate) + 0.001)
    assert fitting(refilled(bucket, rate, NOW + wait), [cost], rate) == 1
