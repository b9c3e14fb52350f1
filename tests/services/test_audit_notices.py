"""The audit of the notices: silent over what was done well, and plain about every single thing that was not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hotline.rules import cadence
from hotline.rules.brakes import EventState
from hotline.rules.cadence import CallOutcome, PastCall, Urgency
from hotline.rules.custody import EventKind
from hotline.rules.delivery import AttemptState, DeliveryState
from hotline.rules.notice_faults import WORDINGS, Fault
from hotline.services.audit_notices import audit_notices
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store import enrolments, tasks
from hotline.store.models import (
    Attempt,
    CustodyEvent,
    Delivery,
    Enrolment,
    EnrolmentChange,
    StaffTask,
    Subject,
    Subscriber,
)
from tests.services.told_notice import (
    LATER,
    MINUTE,
    RELEASED,
    SIGNED,
    Clock,
    Told,
    add_attempt,
    add_delivery,
    add_event,
    from_then_on,
    somebody_else,
    told_notice,
)

Doctor = Callable[[Session, Told], None]
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(SIGNED)


@pytest.fixture
def line(environ: Mapping[str, str], clock: Clock) -> Iterator[Line]:
    opened = open_line(read_settings(environ), clock)
    yield opened
    opened.database.close()


def _delivery(db: Session, told: str, **values: object) -> None:
    db.execute(update(Delivery).where(Delivery.id == told).values(**values))


def _event(db: Session, told: Told, **values: object) -> None:
    db.execute(update(CustodyEvent).where(CustodyEvent.id == told.event).values(**values))


def _history(db: Session, told: Told, **values: object) -> None:
    db.execute(update(EnrolmentChange).where(EnrolmentChange.enrolment_id == told.enrolment).values(**values))


def _text(db: Session, told: Told, **values: object) -> None:
    db.execute(update(Attempt).where(Attempt.delivery_id == told.text).values(**values))


def no_notice(db: Session, told: Told) -> None:
    db.execute(delete(Delivery).where(Delivery.id == told.text))


def no_try(db: Session, told: Told) -> None:
    db.execute(delete(Attempt).where(Attempt.delivery_id == told.text))


def a_late_text(db: Session, told: Told) -> None:
    _text(db, told, placed_at=RELEASED + 80 * MINUTE, accepted_at=RELEASED + 80 * MINUTE)


def no_second_call(db: Session, told: Told) -> None:
    db.execute(delete(Attempt).where(Attempt.delivery_id == told.voice, Attempt.placed_at > RELEASED))
    _delivery(db, told.voice, status=DeliveryState.TRYING, reason=None, confirmed_at=None, ended_at=None)


def no_patience(db: Session, told: Told) -> None:
    db.execute(update(Attempt).where(Attempt.delivery_id == told.voice).values(status=AttemptState.NO_ANSWER))
    _delivery(db, told.voice, status=DeliveryState.UNCONFIRMED, reason="end_reached", confirmed_at=None)
    tasks.open_task(db, "unconfirmed", LATER, enrolment_id=told.enrolment, event_id=told.event)


def a_held_event(db: Session, told: Told) -> None:
    _event(db, told, state=EventState.HELD, released_at=None)


def calls_about_what_was_taken_back(db: Session, told: Told) -> None:
    _event(db, told, state=EventState.CANCELLED, taken_back_at=RELEASED + 45 * MINUTE)
    correction = add_event(db, told.subject, "c", EventKind.CORRECTION, RELEASED + 45 * MINUTE, told.event)
    correction.state, correction.released_at = EventState.HELD, None


def no_correction(db: Session, told: Told) -> None:
    _event(db, told, state=EventState.CANCELLED, taken_back_at=RELEASED + 3 * HOUR)


def a_correction_that_went_to_nobody(db: Session, told: Told) -> None:
    no_correction(db, told)
    add_event(db, told.subject, "c", EventKind.CORRECTION, RELEASED + 3 * HOUR, told.event)
    add_attempts_of_correction(db, told, ["text"])


def add_attempts_of_correction(db: Session, told: Told, channels: list[str]) -> None:
    correction = db.scalars(select(CustodyEvent).where(CustodyEvent.corrects == told.event)).one()
    for channel in channels:
        made = add_delivery(db, db.get_one(Enrolment, told.enrolment), correction, channel, DeliveryState.STOPPED, "-")
        add_attempt(db, made.id, RELEASED + 3 * HOUR, AttemptState.COMPLETED)


def a_correction_of_what_was_not_told(db: Session, told: Told) -> None:
    other = add_event(db, told.subject, "b", EventKind.REMOVED, RELEASED)
    other.state, other.taken_back_at = EventState.CANCELLED, RELEASED + HOUR
    correction = add_event(db, told.subject, "c", EventKind.CORRECTION, RELEASED + HOUR, other.id)
    made = add_delivery(db, db.get_one(Enrolment, told.enrolment), correction, "text", DeliveryState.STOPPED, "-")
    add_attempt(db, made.id, RELEASED + HOUR, AttemptState.DELIVERED)


def somebody_elses_event(db: Session, told: Told) -> None:
    _event(db, told, subject_ref=somebody_else(db))


def no_yes_yet(db: Session, told: Told) -> None:
    _history(db, told, status="pending")
    from_then_on(db, told, RELEASED + 2 * HOUR, {"status": "active"})


def an_enrolment_that_was_over(db: Session, told: Told) -> None:
    from_then_on(db, told, RELEASED + 45 * MINUTE, {"status": "stopped"})


def an_enrolment_that_stood_still(db: Session, told: Told) -> None:
    from_then_on(db, told, RELEASED + 45 * MINUTE, {"status": "frozen"})


def a_hidden_person(db: Session, told: Told) -> None:
    db.execute(update(Subject).where(Subject.id == told.subject).values(protected=True))


def a_stop(db: Session, told: Told) -> None:
    from_then_on(db, told, RELEASED + 45 * MINUTE, {"calls_stopped": True})


def no_wish_for_calls(db: Session, told: Told) -> None:
    _history(db, told, calls=False)


def another_number(db: Session, told: Told) -> None:
    other = enrolments.add_subscriber(db, "+12025550177", SIGNED)
    _delivery(db, told.text, subscriber_id=other.id)


def another_urgency(db: Session, told: Told) -> None:
    _delivery(db, told.text, urgency="routine")


def a_number_where_it_is_night(db: Session, told: Told) -> None:
    _history(db, told, zones="Pacific/Honolulu")


def a_call_after_the_pin(db: Session, told: Told) -> None:
    add_attempt(db, told.voice, RELEASED + 215 * MINUTE, AttemptState.NO_ANSWER)


def two_texts(db: Session, told: Told) -> None:
    add_attempt(db, told.text, RELEASED + 10 * MINUTE, AttemptState.DELIVERED)


def four_texts_that_failed(db: Session, told: Told) -> None:
    _text(db, told, status=AttemptState.FAILED, error_code=30003)
    for minute in (1, 2, 3):
        add_attempt(db, told.text, RELEASED + minute * MINUTE, AttemptState.FAILED)


def two_calls_in_five_minutes(db: Session, told: Told) -> None:
    add_attempt(db, told.voice, RELEASED + 35 * MINUTE, AttemptState.NO_ANSWER)


def a_call_after_two_days(db: Session, told: Told) -> None:
    _delivery(db, told.voice, status=DeliveryState.STOPPED, reason="-", confirmed_at=None)
    add_attempt(db, told.voice, RELEASED + 50 * HOUR, AttemptState.NO_ANSWER)


def a_dead_number_that_nobody_hears_of(db: Session, told: Told) -> None:
    _delivery(db, told.text, status=DeliveryState.DEAD, reason="channel_dead")


def a_text_without_an_end(db: Session, told: Told) -> None:
    _text(db, told, status=AttemptState.SENT, ended_at=None)


PLANTED: list[tuple[Fault, Doctor]] = [
    (Fault.MISSING, no_notice),
    (Fault.NEVER_TRIED, no_try),
    (Fault.LATE, a_late_text),
    (Fault.CALL_OVERDUE, no_second_call),
    (Fault.GAVE_UP, no_patience),
    (Fault.NOT_RELEASED, a_held_event),
    (Fault.AFTER_TAKEN_BACK, calls_about_what_was_taken_back),
    (Fault.UNCORRECTED, no_correction),
    (Fault.MISSING, a_correction_that_went_to_nobody),
    (Fault.CORRECTED_UNTOLD, a_correction_of_what_was_not_told),
    (Fault.WRONG_PERSON, somebody_elses_event),
    (Fault.NOT_CONSENTED, no_yes_yet),
    (Fault.ENROLMENT_OVER, an_enrolment_that_was_over),
    (Fault.HIDDEN, an_enrolment_that_stood_still),
    (Fault.NOT_FROZEN, a_hidden_person),
    (Fault.AFTER_STOP, a_stop),
    (Fault.WRONG_CHANNEL, no_wish_for_calls),
    (Fault.WRONG_NUMBER, another_number),
    (Fault.WRONG_URGENCY, another_urgency),
    (Fault.OUTSIDE_HOURS, a_number_where_it_is_night),
    (Fault.AFTER_CONFIRMED, a_call_after_the_pin),
    (Fault.DOUBLED, two_texts),
    (Fault.TOO_MANY, four_texts_that_failed),
    (Fault.TOO_CLOSE, two_calls_in_five_minutes),
    (Fault.PAST_THE_END, a_call_after_two_days),
    (Fault.NO_TASK, a_dead_number_that_nobody_hears_of),
    (Fault.NO_END, a_text_without_an_end),
]


def test_nothing_is_said_of_a_notice_that_was_told_well(line: Line, clock: Clock) -> None:
    told_notice(line, clock)
    assert list(audit_notices(line)) == []


def test_every_kind_of_difference_is_planted() -> None:
    assert {fault for fault, _ in PLANTED} == set(Fault) == set(WORDINGS)


@pytest.mark.parametrize(("fault", "doctor"), PLANTED, ids=lambda value: getattr(value, "__name__", value))
def test_one_planted_fault_is_found_and_no_other(line: Line, clock: Clock, fault: Fault, doctor: Doctor) -> None:
    told = told_notice(line, clock)
    with line.database.begin() as db:
        doctor(db, told)
    found = list(audit_notices(line))
    assert {one.fault for one in found} == {fault}, "\n".join(map(str, found))
    assert {one.enrolment_id for one in found} == {told.enrolment}
    assert all(WORDINGS[fault].wrong in str(one) and "\n" not in str(one) for one in found)


def test_an_urgent_notice_that_ends_untold_must_leave_a_task(line: Line, clock: Clock) -> None:
    told = told_notice(line, clock)
    with line.database.begin() as db:
        calls_to_the_end(db, told)
        task = tasks.open_task(db, "unconfirmed", LATER, enrolment_id=told.enrolment, event_id=told.event).id
    assert list(audit_notices(line)) == []
    with line.database.begin() as db:
        db.execute(delete(StaffTask).where(StaffTask.id == task))
    assert [one.fault for one in audit_notices(line)] == [Fault.NO_TASK]


def calls_to_the_end(db: Session, told: Told) -> None:
    """Nobody takes any of the calls that the cadence allows."""
    db.execute(delete(Attempt).where(Attempt.delivery_id == told.voice))
    past, now = [], RELEASED
    while (at := cadence.next_call(Urgency.CRITICAL, RELEASED, past, ["America/New_York"], False, now)) is not None:
        add_attempt(db, told.voice, at, AttemptState.NO_ANSWER)
        past.append(PastCall(at, CallOutcome.NO_ANSWER))
        now = at + MINUTE
    _delivery(db, told.voice, status=DeliveryState.UNCONFIRMED, reason="end_reached", confirmed_at=None, ended_at=now)


def test_what_was_stopped_before_its_hours_began_is_owed_nothing(line: Line, clock: Clock) -> None:
    told = told_notice(line, clock)
    with line.database.begin() as db:
        db.execute(delete(Delivery).where(Delivery.enrolment_id == told.enrolment))
        _history(db, told, zones="Pacific/Honolulu")
        from_then_on(db, told, RELEASED + HOUR, {"status": "stopped"})
    assert list(audit_notices(line)) == []


def test_while_our_own_set_up_was_broken_and_staff_knew_nothing_counts_as_late(line: Line, clock: Clock) -> None:
    told = told_notice(line, clock)
    with line.database.begin() as db:
        a_late_text(db, told)
        broken = tasks.open_task(db, "platform_setup", RELEASED - HOUR)
        broken.closed_at = RELEASED + 70 * MINUTE
    assert list(audit_notices(line)) == []


def test_only_what_went_wrong_since_a_time_is_listed(line: Line, clock: Clock) -> None:
    told = told_notice(line, clock)
    with line.database.begin() as db:
        two_texts(db, told)
    assert len(list(audit_notices(line, RELEASED))) == 1
    assert list(audit_notices(line, RELEASED + HOUR)) == []


def test_every_change_that_decides_about_notices_leaves_a_trace(line: Line, clock: Clock) -> None:
    told = told_notice(line, clock)
    with line.database.begin() as db:
        db.get_one(Enrolment, told.enrolment).any_hour = True
    clock.now += HOUR
    with line.database.begin() as db:
        db.get_one(Subscriber, told.subscriber).texts_stopped_at = clock.now
        db.get_one(Enrolment, told.enrolment).language = "es"
    with line.database.read() as db:
        kept = db.query(EnrolmentChange).order_by(EnrolmentChange.id).all()
    assert [(one.at, one.any_hour, one.texts_stopped) for one in kept] == [
        (SIGNED, False, False),
        (LATER, True, False),
        (LATER + HOUR, True, True),
    ]
