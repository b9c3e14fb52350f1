"""What a delivery and an attempt come to, in whatever order the platform tells it."""

from __future__ import annotations

from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.cadence import CallOutcome
from hotline.rules.delivery import (
    ANSWERED_BY,
    CALL_STATUS,
    FINAL_ATTEMPTS,
    FINAL_DELIVERIES,
    MESSAGE_STATUS,
    Answerer,
    AttemptState,
    DeliveryState,
    advance,
    answerer,
    call_outcome,
    call_state,
    failure_shown,
    message_state,
    rank,
)

# Every status that the platform documents, and its meaning here.
CALLS = {
    "queued": AttemptState.ACCEPTED,
    "initiated": AttemptState.ACCEPTED,
    "ringing": AttemptState.RINGING,
    "in-progress": AttemptState.ANSWERED,
    "completed": AttemptState.COMPLETED,
    "busy": AttemptState.BUSY,
    "failed": AttemptState.FAILED,
    "no-answer": AttemptState.NO_ANSWER,
    "canceled": AttemptState.CANCELED,
}
TEXTS = {
    "accepted": AttemptState.ACCEPTED,
    "scheduled": AttemptState.ACCEPTED,
    "queued": AttemptState.QUEUED,
    "sending": AttemptState.QUEUED,
    "sent": AttemptState.SENT,
    "delivered": AttemptState.DELIVERED,
    "partially_delivered": AttemptState.UNDELIVERED,
    "read": AttemptState.DELIVERED,
    "undelivered": AttemptState.UNDELIVERED,
    "failed": AttemptState.FAILED,
    "canceled": AttemptState.CANCELED,
}
MACHINES = {
    "human": Answerer.PERSON,
    "unknown": Answerer.PERSON,
    "machine_start": Answerer.MACHINE_WAIT,
    "machine_end_beep": Answerer.MACHINE_READY,
    "machine_end_silence": Answerer.MACHINE_READY,
    "machine_end_other": Answerer.MACHINE_READY,
    "fax": Answerer.FAX,
}


def test_every_status_of_the_platform_has_its_meaning() -> None:
    assert dict(CALL_STATUS) == CALLS
    assert dict(MESSAGE_STATUS) == TEXTS
    assert dict(ANSWERED_BY) == MACHINES
    assert {status: call_state(status) for status in CALLS} == CALLS
    assert {status: message_state(status) for status in TEXTS} == TEXTS
    assert {word: answerer(word) for word in MACHINES} == MACHINES


@pytest.mark.parametrize("status", ["", "teleported", "COMPLETED", "receiving", "received"])
def test_a_status_nobody_knows_changes_nothing(status: str) -> None:
    assert call_state(status) is None
    assert message_state(status) is None


@pytest.mark.parametrize("said", [None, "", "unknown", "android"])
def test_whoever_cannot_be_told_from_a_person_is_treated_as_one(said: str | None) -> None:
    assert answerer(said) is Answerer.PERSON


@pytest.mark.parametrize("kind", [DeliveryState, AttemptState])
def test_every_state_has_a_rank_of_its_own(kind: type[DeliveryState] | type[AttemptState]) -> None:
    assert sorted(rank(state) for state in kind) == list(range(len(kind)))


def test_every_end_stands_above_everything_that_is_under_way() -> None:
    open_attempts = set(AttemptState) - FINAL_ATTEMPTS
    assert max(map(rank, open_attempts)) < min(map(rank, FINAL_ATTEMPTS))
    assert max(map(rank, set(DeliveryState) - FINAL_DELIVERIES)) < min(map(rank, FINAL_DELIVERIES))
    for status in ("completed", "busy", "failed", "no-answer", "canceled"):
        assert CALL_STATUS[status] in FINAL_ATTEMPTS
    for status in ("delivered", "read", "undelivered", "failed", "canceled"):
        assert MESSAGE_STATUS[status] in FINAL_ATTEMPTS


@pytest.mark.parametrize(
    ("statuses", "end"),
    [
        (["initiated", "ringing", "in-progress", "completed"], AttemptState.COMPLETED),
        (["initiated", "ringing", "no-answer"], AttemptState.NO_ANSWER),
        (["initiated", "ringing", "busy"], AttemptState.BUSY),
        (["queued", "failed"], AttemptState.FAILED),
        (["initiated", "ringing", "in-progress", "no-answer"], AttemptState.NO_ANSWER),
        (["initiated", "in-progress", "no-answer", "completed"], AttemptState.COMPLETED),
    ],
)
def test_a_call_ends_the_same_in_every_order_of_its_callbacks(statuses: list[str], end: AttemptState) -> None:
    for order in permutations(CALL_STATUS[status] for status in statuses):
        assert reduce(advance, order, AttemptState.PLACING) is end
        assert reduce(advance, order + order, AttemptState.UNCERTAIN) is end


@pytest.mark.parametrize(
    ("statuses", "end"),
    [
        (["queued", "sent", "delivered"], AttemptState.DELIVERED),
        (["queued", "sending", "sent", "delivered", "read"], AttemptState.DELIVERED),
        (["queued", "sent", "undelivered"], AttemptState.UNDELIVERED),
        (["sent", "failed", "delivered"], AttemptState.DELIVERED),
        (["sent", "undelivered", "delivered"], AttemptState.DELIVERED),
        (["accepted", "failed"], AttemptState.FAILED),
    ],
)
def test_a_text_ends_the_same_in_every_order_of_its_callbacks(statuses: list[str], end: AttemptState) -> None:
    for order in permutations(MESSAGE_STATUS[status] for status in statuses):
        assert reduce(advance, order, AttemptState.ACCEPTED) is end


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(AttemptState), min_size=1, max_size=8), st.data())
def test_no_order_and_no_repetition_changes_where_an_attempt_ends(
    seen: list[AttemptState], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(seen)) + data.draw(st.lists(st.sampled_from(seen), max_size=4))
    assert reduce(advance, seen, AttemptState.PLACING) is reduce(advance, other, AttemptState.PLACING)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["delivered", "read"]))
def test_a_text_that_arrived_has_arrived_whatever_else_is_told_of_it_and_when(data: st.DataObject, last: str) -> None:
    told = [last, *data.draw(st.lists(st.sampled_from(sorted(MESSAGE_STATUS)), max_size=8))]
    states = [MESSAGE_STATUS[word] for word in data.draw(st.permutations(told))]
    assert reduce(advance, states, AttemptState.PLACING) is AttemptState.DELIVERED


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(sorted(CALL_STATUS)), min_size=1, max_size=8), st.data())
def test_a_call_has_ended_as_soon_as_any_end_of_it_was_told(told: list[str], data: st.DataObject) -> None:
    states = [CALL_STATUS[word] for word in data.draw(st.permutations(told + told))]
    over = any(state in FINAL_ATTEMPTS for state in states)
    assert (reduce(advance, states, AttemptState.PLACING) in FINAL_ATTEMPTS) == over


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(DeliveryState), min_size=1, max_size=8), st.data())
def test_a_delivery_only_moves_forward(seen: list[DeliveryState], data: st.DataObject) -> None:
    state = DeliveryState.WAITING
    for following in seen:
        before, state = state, advance(state, following)
        assert rank(state) >= rank(before)
    shuffled = data.draw(st.permutations(seen))
    assert reduce(advance, shuffled, DeliveryState.WAITING) is state


def test_who_was_truly_told_stays_told_and_who_opted_out_is_left_alone() -> None:
    for state in DeliveryState:
        assert advance(DeliveryState.CONFIRMED, state) is DeliveryState.CONFIRMED
    assert advance(DeliveryState.TOLD, DeliveryState.STOPPED) is DeliveryState.TOLD
    assert advance(DeliveryState.UNCONFIRMED, DeliveryState.STOPPED) is DeliveryState.STOPPED
    assert advance(DeliveryState.DEAD, DeliveryState.STOPPED) is DeliveryState.STOPPED
    assert advance(DeliveryState.UNCONFIRMED, DeliveryState.CONFIRMED) is DeliveryState.CONFIRMED


OUTCOMES = {
    AttemptState.PLACING: CallOutcome.PENDING,
    AttemptState.UNCERTAIN: CallOutcome.PENDING,
    AttemptState.ACCEPTED: CallOutcome.PENDING,
    AttemptState.QUEUED: CallOutcome.PENDING,
    AttemptState.SENT: CallOutcome.PENDING,
    AttemptState.RINGING: CallOutcome.PENDING,
    AttemptState.ANSWERED: CallOutcome.ANSWERED,
    AttemptState.FAILED: CallOutcome.NO_ANSWER,
    AttemptState.CANCELED: CallOutcome.NO_ANSWER,
    AttemptState.BUSY: CallOutcome.NO_ANSWER,
    AttemptState.NO_ANSWER: CallOutcome.NO_ANSWER,
    AttemptState.COMPLETED: CallOutcome.ANSWERED,
    AttemptState.UNDELIVERED: CallOutcome.PENDING,
    AttemptState.DELIVERED: CallOutcome.PENDING,
}


@pytest.mark.parametrize("state", AttemptState)
def test_every_state_of_a_call_tells_the_cadence_what_it_came_to(state: AttemptState) -> None:
    assert call_outcome(state, Answerer.PERSON, right_pin=False) is OUTCOMES[state]
    assert call_outcome(state, None, right_pin=False) is OUTCOMES[state]


@pytest.mark.parametrize("machine", [Answerer.MACHINE_READY, Answerer.MACHINE_WAIT, Answerer.FAX])
def test_a_completed_call_to_a_machine_confirms_nothing(machine: Answerer) -> None:
    assert call_outcome(AttemptState.COMPLETED, machine, right_pin=False) is CallOutcome.VOICEMAIL
    assert call_outcome(AttemptState.NO_ANSWER, machine, right_pin=False) is CallOutcome.NO_ANSWER


@pytest.mark.parametrize("state", AttemptState)
def test_the_right_pin_wins_over_machine_detection_and_late_callbacks(state: AttemptState) -> None:
    for taken_by in (None, *Answerer):
        assert call_outcome(state, taken_by, right_pin=True) is CallOutcome.CONFIRMED


@pytest.mark.parametrize("state", AttemptState)
def test_a_supervisor_never_sees_success_and_an_error_side_by_side(state: AttemptState) -> None:
    failed = state in {
        AttemptState.FAILED,
        AttemptState.CANCELED,
        AttemptState.BUSY,
        AttemptState.NO_ANSWER,
        AttemptState.UNDELIVERED,
    }
    assert failure_shown(state, 30008) == (30008 if failed else None)
    assert failure_shown(state, None) is None
