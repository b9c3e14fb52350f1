"""Whether a notice goes out now, later or never, decided anew each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.cadence import CADENCE, VERIFICATION, VERIFY, Night, Urgency
from hotline.rules.delivery import Answerer, AttemptState, DeliveryState
from hotline.rules.hours import UNITED_STATES, allowed
from hotline.rules.phones import zones
from hotline.rules.sending import (
    CHANNELS,
    CONSENT_AWAITED,
    LONGEST_PAUSE,
    MENDED_WITHIN,
    MOST_SENT,
    SHORTEST_PAUSE,
    URGENCIES,
    Decision,
    End,
    Facts,
    PastAttempt,
    PutOff,
    Send,
    Unanswered,
    decide,
    paused_until,
)

NOON = datetime(2027, 2, 1, 17, tzinfo=UTC)  # 12:00 in New York
LATE = datetime(2027, 2, 2, 4, tzinfo=UTC)  # 23:00 in New York
MORNING = datetime(2027, 2, 2, 13, tzinfo=UTC)  # 08:00 in New York
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NEWS = Facts(
    occasion="event:1",
    channel="voice",
    urgency="critical",
    created_at=NOON,
    ended_as=None,
    active=True,
    any_hour=False,
    wanted=True,
    reachable=True,
    stopped_at=None,
    zones=("America/New_York",),
    event_released=True,
    shown=True,
)
TEXT, MAIL = replace(NEWS, channel="text"), replace(NEWS, channel="mail")
QUESTION = replace(
    NEWS, occasion="verify", urgency=VERIFY, channel="text", active=False, event_released=None, shown=None
)


def placed(at: datetime, status: AttemptState = AttemptState.NO_ANSWER, **more: object) -> PastAttempt:
    over = status not in (AttemptState.PLACING, AttemptState.UNCERTAIN, AttemptState.ACCEPTED, AttemptState.SENT)
    known = {"taken": status is not AttemptState.PLACING, "ended": over}
    return PastAttempt(at, status, **{**known, **more})  # type: ignore[arg-type]


STOPS: dict[str, tuple[Facts, str]] = {
    "the enrolment was ended": (replace(NEWS, ended_as="stopped"), "stopped"),
    "the enrolment stands still": (replace(NEWS, ended_as="frozen"), "frozen"),
    "there is no number any more": (replace(NEWS, reachable=False), "opted_out"),
    "the number said STOP": (replace(TEXT, stopped_at=NOON), "opted_out"),
    "the number wants no calls": (replace(NEWS, stopped_at=NOON), "opted_out"),
    "the address unsubscribed": (replace(MAIL, stopped_at=NOON), "opted_out"),
    "the enrolment gave this channel up": (replace(NEWS, wanted=False), "opted_out"),
    "the event waits for a person": (replace(NEWS, event_released=False), "held"),
    "the person may not be shown": (replace(NEWS, shown=False), "not_disclosable"),
}


@pytest.mark.parametrize(("facts", "reason"), STOPS.values(), ids=STOPS)
def test_nothing_goes_out_once(facts: Facts, reason: str) -> None:
    assert decide(facts, NOON) == End(DeliveryState.STOPPED, reason)


def test_a_neutral_word_that_it_has_ended_goes_out_although_it_has() -> None:
    ended = replace(NEWS, occasion="ended", urgency="routine", ended_as="stopped", event_released=None, shown=None)
    assert isinstance(decide(ended, NOON), Send)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("urgency", Urgency)
def test_news_goes_at_once_by_day_on_every_channel(channel: str, urgency: Urgency) -> None:
    assert isinstance(decide(replace(NEWS, channel=channel, urgency=urgency.value), NOON), Send)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("urgency", Urgency)
@pytest.mark.parametrize("any_hour", [True, False])
def test_at_night_an_emergency_goes_and_what_was_asked_for(channel: str, urgency: Urgency, any_hour: bool) -> None:
    decided = decide(replace(NEWS, channel=channel, urgency=urgency.value, any_hour=any_hour), LATE)
    night = CADENCE[urgency].night
    wakes = night is Night.ALWAYS or (night is Night.IF_WISHED and any_hour)
    assert isinstance(decided, Send) if wakes else decided == PutOff(MORNING)


def test_news_waits_for_the_yes_of_its_number() -> None:
    assert decide(replace(NEWS, active=False), NOON) == PutOff(NOON + CONSENT_AWAITED)


def test_a_call_that_may_still_ring_is_not_doubled() -> None:
    rings = replace(NEWS, attempts=[placed(NOON, AttemptState.RINGING, ended=False)])
    assert decide(rings, NOON + 5 * MINUTE) == PutOff(NOON + 6 * MINUTE)


@pytest.mark.parametrize("facts", [NEWS, TEXT], ids=["a call", "a text"])
@pytest.mark.parametrize("state", [AttemptState.PLACING, AttemptState.UNCERTAIN])
@pytest.mark.parametrize("since", [2 * MINUTE, 5 * HOUR])
def test_what_may_have_left_is_looked_up_before_anything_goes_again(
    facts: Facts, state: AttemptState, since: timedelta
) -> None:
    assert isinstance(decide(replace(facts, attempts=[placed(NOON, state)]), NOON + since), PutOff)


def test_a_call_that_rang_out_comes_again_after_half_an_hour() -> None:
    rang = replace(NEWS, attempts=[placed(NOON)])
    assert decide(rang, NOON + MINUTE) == PutOff(NOON + 30 * MINUTE)
    assert isinstance(decide(rang, NOON + 30 * MINUTE), Send)


def test_a_call_that_the_platform_refused_was_none() -> None:
    refused = replace(NEWS, attempts=[placed(NOON, AttemptState.FAILED, taken=False)])
    assert isinstance(decide(refused, NOON + MINUTE), Send)


def test_a_machine_is_called_again_after_two_hours() -> None:
    met = placed(NOON, AttemptState.COMPLETED, answered_by=Answerer.MACHINE_READY)
    assert decide(replace(NEWS, attempts=[met]), NOON + MINUTE) == PutOff(NOON + 2 * HOUR)


@pytest.mark.parametrize(
    ("urgency", "task"), [("emergency", "unconfirmed"), ("critical", "unconfirmed"), ("routine", None)]
)
def test_at_the_end_staff_hear_of_what_was_urgent_and_it_is_written_once_more(urgency: str, task: str | None) -> None:
    tried = replace(NEWS, urgency=urgency, any_hour=True, attempts=[placed(NOON + n * HOUR) for n in range(3)])
    end = End(DeliveryState.UNCONFIRMED, "end_reached", task, last_word=task is not None)
    assert decide(tried, NOON + timedelta(days=3)) == end


@pytest.mark.parametrize("state", [AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.DELIVERED])
def test_a_text_goes_once(state: AttemptState) -> None:
    assert decide(replace(TEXT, attempts=[placed(NOON, state)]), NOON + HOUR) == PutOff(None)


def test_a_text_that_failed_in_passing_goes_again_but_not_for_ever() -> None:
    failed = placed(NOON, AttemptState.UNDELIVERED, error_code=30008)
    assert isinstance(decide(replace(TEXT, attempts=[failed] * (MOST_SENT - 1)), NOON + HOUR), Send)
    dead = End(DeliveryState.DEAD, "not_delivered", "not_delivered")
    assert decide(replace(TEXT, attempts=[failed] * MOST_SENT), NOON + HOUR) == dead


@pytest.mark.parametrize("news", [TEXT, MAIL], ids=["text", "mail"])
@pytest.mark.parametrize("taken", [True, False])
def test_what_failed_by_our_own_fault_goes_again_for_two_days_and_then_a_person_tells_it(
    news: Facts, taken: bool
) -> None:
    ours = placed(NOON + 5 * HOUR, AttemptState.FAILED, error_code=30032, taken=taken)
    failed = replace(news, any_hour=True, attempts=[ours] * 20)
    assert isinstance(decide(failed, NOON + 5 * HOUR + MENDED_WITHIN - MINUTE), Send)
    dead = End(DeliveryState.DEAD, "not_delivered", "not_delivered")
    assert decide(failed, NOON + 5 * HOUR + MENDED_WITHIN) == dead
    assert isinstance(decide(replace(failed, attempts=[]), NOON + timedelta(days=9)), Send)


def test_a_mail_that_a_server_did_not_take_goes_again_and_one_that_it_took_does_not() -> None:
    cut = placed(NOON, AttemptState.PLACING, ended=False)
    assert isinstance(decide(replace(MAIL, attempts=[cut]), NOON + HOUR), Send)
    assert decide(replace(MAIL, attempts=[placed(NOON, AttemptState.SENT)]), NOON + HOUR) == PutOff(None)


def test_a_new_number_is_asked_at_once_in_the_night_once_more_a_day_later_and_then_no_more() -> None:
    asked = replace(QUESTION, created_at=LATE)
    assert decide(asked, LATE + MINUTE) == Send(LATE + 16 * MINUTE, again=False)
    once = replace(asked, attempts=[placed(LATE, AttemptState.SENT)])
    assert decide(once, LATE + HOUR) == PutOff(MORNING + timedelta(days=1))
    twice = replace(
        asked, attempts=[placed(LATE, AttemptState.SENT), placed(LATE + timedelta(days=1), AttemptState.SENT)]
    )
    assert decide(twice, LATE + timedelta(days=2)) == PutOff(LATE + VERIFICATION.lapses)
    assert decide(twice, LATE + VERIFICATION.lapses) == Unanswered()


def test_a_number_that_once_said_stop_waits_some_days_for_its_start() -> None:
    stopped = replace(QUESTION, stopped_at=NOON - timedelta(days=90))
    assert isinstance(decide(stopped, NOON), PutOff)
    assert decide(stopped, NOON + VERIFICATION.lapses) == End(DeliveryState.STOPPED, "opted_out")


@pytest.mark.parametrize("urgency", URGENCIES)
def test_every_urgency_can_be_decided_on(urgency: str) -> None:
    for channel in CHANNELS:
        assert isinstance(decide(replace(NEWS, urgency=urgency, channel=channel), NOON), Send)


# ---- the whole country, all the year


CHANGES = [datetime(2027, 3, 14, tzinfo=UTC), datetime(2027, 11, 7, tzinfo=UTC)]
moments = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(lambda day, minutes: day + minutes * MINUTE, st.sampled_from(CHANGES), st.integers(-1440, 2880)),
)
places = st.one_of(
    st.sampled_from(UNITED_STATES).map(lambda zone: (zone,)),
    st.just(zones("+18005550199")),
    st.lists(st.sampled_from(UNITED_STATES), min_size=2, max_size=3).map(tuple),
)
urgencies = st.sampled_from([urgency.value for urgency in Urgency])


@given(moments, places, urgencies, st.sampled_from(CHANNELS), st.booleans())
def test_nobody_is_disturbed_outside_their_hours_and_nobody_waits_past_the_first_of_them(
    now: datetime, zones: tuple[str, ...], urgency: str, channel: str, any_hour: bool
) -> None:
    facts = replace(NEWS, created_at=now, zones=zones, urgency=urgency, channel=channel, any_hour=any_hour)
    wakes = urgency == "emergency" or (urgency == "critical" and any_hour)
    match decide(facts, now):
        case Send():
            assert wakes or allowed(now, zones, any_hour=False)
        case PutOff(at):
            assert at is not None
            assert not wakes
            assert now < at <= now + timedelta(days=2)
            assert isinstance(decide(facts, at), Send)
            assert not allowed(at - timedelta(microseconds=1), zones, any_hour=False)
        case decided:
            pytest.fail(f"news that is due came to {decided}")


states = st.sampled_from(AttemptState)
pasts = st.lists(
    st.builds(
        lambda minutes, state, answered_by: placed(NOON + minutes * MINUTE, state, answered_by=answered_by),
        st.integers(0, 72 * 60),
        states,
        st.sampled_from([None, *Answerer]),
    ),
    max_size=30,
).map(lambda attempts: sorted(attempts, key=lambda attempt: attempt.placed_at))
flags = st.booleans()


@given(
    pasts,
    st.sampled_from(list(product(CHANNELS, URGENCIES))),
    flags,
    flags,
    st.sampled_from([None, NOON]),
    st.integers(0, 5 * 24 * 60),
)
def test_whatever_went_before_the_decision_never_lies_in_the_past_and_a_stop_is_a_stop(
    attempts: list[PastAttempt],
    what: tuple[str, str],
    active: bool,
    shown: bool,
    stopped_at: datetime | None,
    minutes: int,
) -> None:
    channel, urgency = what
    occasion = "verify" if urgency == VERIFY else "event:1"
    is_event = urgency != VERIFY
    facts = replace(
        NEWS,
        occasion=occasion,
        channel=channel,
        urgency=urgency,
        active=active,
        event_released=True if is_event else None,
        shown=shown if is_event else None,
        stopped_at=stopped_at,
        attempts=attempts,
    )
    now = NOON + minutes * MINUTE
    decided: Decision = decide(facts, now)
    if isinstance(decided, PutOff) and decided.at is not None:
        assert decided.at > now
    if isinstance(decided, Send):
        assert stopped_at is None
        assert not is_event or (active and shown)


# ---- a channel that stands still


def test_a_channel_whose_set_up_is_broken_is_tried_ever_more_rarely() -> None:
    assert paused_until(NOON, NOON) == NOON + SHORTEST_PAUSE
    assert paused_until(NOON, NOON + HOUR) == NOON + 2 * HOUR
    assert paused_until(NOON, NOON + timedelta(days=3)) == NOON + timedelta(days=3) + LONGEST_PAUSE
