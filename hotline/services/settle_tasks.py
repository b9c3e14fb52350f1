"""Tasks that end in a decision about an enrolment, by name and with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules.decisions import WrongDecision, given, named
from hotline.rules.disclosure import earliest_date
from hotline.rules.staff_tasks import ENDS
from hotline.services import confirm, protect
from hotline.services.line import Line
from hotline.services.staff_tasks import open_task, record_of
from hotline.store import audit, deliveries, enrolments, freezes, histories, people, tasks
from hotline.store.enrolments import LIVE, EnrolmentStatus
from hotline.store.models import CustodyEvent, Enrolment, StaffTask

Settle = Callable[[Transaction, StaffTask, Enrolment, datetime], int]


def connect(line: Line, task_id: str, by: str, reason: str) -> int:
    """The record is the person waited for: the subscriber hears where they stand. Returns the notices planned.

    Raises NotFound, WrongDecision, as all decisions here do.
    """
    return _settled(line, task_id, by, reason, "watch.connect", ("watch_match",), _connect)


def dismiss(line: Line, task_id: str, by: str, reason: str) -> int:
    """The record is somebody else: nobody is told of it."""
    return _settled(line, task_id, by, reason, "watch.dismiss", ("watch_match",), lambda *_: 0)


def unlock(line: Line, task_id: str, by: str, reason: str) -> int:
    """Who called is the subscriber: the wrong PINs are forgotten."""
    return _settled(line, task_id, by, reason, "pin.unlock", ("pin_locked",), _unlock)


def approve(line: Line, task_id: str, by: str, reason: str) -> int:
    """An enrolment that stood out may go on. Returns the notices planned of what happened in the meantime."""
    return _settled(line, task_id, by, reason, "enrolment.approve", ("enrolment_review",), _approve)


def end(line: Line, task_id: str, by: str, reason: str) -> int:
    """The enrolment that a task is about ends: nothing more goes out for it."""
    return _settled(line, task_id, by, reason, "enrolment.end", tuple(sorted(ENDS)), _end)


def _settled(
    line: Line, task_id: str, by: str, reason: str, action: str, kinds: tuple[str, ...], settle: Settle
) -> int:
    """Decide, write it down, and close the task, in one transaction; of an enrolment that was deleted, close alone."""
    now, by, reason = line.clock(), named(by), given(reason)
    with line.database.begin() as db:
        task = open_task(db, task_id)
        if task.kind not in kinds:
            raise WrongDecision(f"this is for {' and '.join(kinds)} alone, and the task is {task.kind}")
        enrolment = db.get(Enrolment, task.enrolment_id, with_for_update=True) if task.enrolment_id else None
        audit.append(db, by, action, f"task {task.id} enrolment {task.enrolment_id or 'deleted'}", reason, now)
        planned = 0 if enrolment is None else settle(db, task, enrolment, now)
        db.flush()
        tasks.close_by(db, task, by, now)
        return planned


def _connect(db: Transaction, task: StaffTask, enrolment: Enrolment, now: datetime) -> int:
    ref = record_of(task)
    if ref is None or people.shown_person(db, ref, earliest_date(now)) is None:
        raise WrongDecision("nothing of this record may be told now: dismiss the task")
    if enrolment.status != EnrolmentStatus.ACTIVE or enrolment.subject_ref is not None:
        raise WrongDecision("this enrolment waits for nobody any more: dismiss the task")
    enrolment.subject_ref, enrolment.watch_sealed = ref, None
    db.flush()
    protect.freeze_hidden(db, [ref], now)
    event = histories.newest_event(db, ref)
    if event is None:
        return 0
    return _tell(db, enrolment, event, now)


def _tell(db: Transaction, enrolment: Enrolment, event: CustodyEvent, now: datetime) -> int:
    urgency = protect.urgency_of(db, event)
    return len(deliveries.plan(db, enrolment, f"event:{event.id}", urgency, now, event_id=event.id))


def _unlock(db: Transaction, task: StaffTask, enrolment: Enrolment, now: datetime) -> int:
    enrolments.forget_wrong_pins(db, enrolment.id)
    return 0


def _approve(db: Transaction, task: StaffTask, enrolment: Enrolment, now: datetime) -> int:
    if enrolment.status != EnrolmentStatus.REVIEW:
        raise WrongDecision(f"this enrolment is {enrolment.status}, not under review: end it, or leave the task")
    enrolment.status = EnrolmentStatus.ACTIVE
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        delivery.next_at = now
    missed = freezes.untold(db, enrolment, task.opened_at, EnrolmentStatus.REVIEW)
    planned = {
        event_id for event_id, whose, _ in deliveries.planned_for(db, [e.id for e in missed]) if whose == enrolment.id
    }
    return sum(_tell(db, enrolment, event, now) for event in missed if event.id not in planned)


def _end(db: Transaction, task: StaffTask, enrolment: Enrolment, now: datetime) -> int:
    if enrolment.status == EnrolmentStatus.FROZEN:
        raise WrongDecision("this enrolment is frozen, and two people decide on it: hotline custody frozen")
    if enrolment.status in LIVE:
        confirm.end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)
    return 0
