"""What became of an attempt: taken, refused, uncertain, or told later by a callback. It only ever moves forward."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.rules.delivery import FINAL_ATTEMPTS, AttemptState, DeliveryState, advance
from hotline.rules.platform_errors import CONSEQUENCES, Verdict, verdict
from hotline.services import confirm
from hotline.services.line import Line
from hotline.store import tasks
from hotline.store.models import Attempt, Delivery, Enrolment, Subscriber

log = structlog.get_logger()

VERIFY = "verify"
"""The urgency that marks a delivery as a question to a new number."""
ENDED = "ended"
"""The occasion of a delivery that says, in neutral words, that nothing more will come."""

SHORT_PAUSE = timedelta(seconds=30)
SETUP_PAUSE = timedelta(minutes=15)
FAILED_WITHOUT_CODE = 30008


def accepted(line: Line, attempt: Attempt, sid: str) -> str:
    """The platform took it under this id."""
    attempt.sid = attempt.sid or sid
    attempt.accepted_at = attempt.accepted_at or line.clock()
    attempt.status = advance(AttemptState(attempt.status), AttemptState.ACCEPTED)
    return "placed"


def uncertain(attempt: Attempt) -> str:
    """It may or may not have been placed: it is looked up before anything is sent again."""
    attempt.status = advance(AttemptState(attempt.status), AttemptState.UNCERTAIN)
    return "uncertain"


def refused(line: Line, db: Transaction, attempt: Attempt, delivery: Delivery, status: int, code: int) -> str:
    """The platform said no, at once or by a callback: what follows stands in the table of its codes."""
    now = line.clock()
    meant = verdict(status, code)
    if meant is Verdict.UNCERTAIN:
        return uncertain(attempt)
    attempt.status = advance(AttemptState(attempt.status), AttemptState.FAILED)
    attempt.error_code, attempt.ended_at = code or status, now
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    if meant is Verdict.OPTED_OUT:
        confirm.stop_texts(db, db.get_one(Subscriber, enrolment.subscriber_id), now)
        return "refused"
    follows = CONSEQUENCES[meant]
    if follows.again:
        delivery.next_at = now + SHORT_PAUSE * random.uniform(1, 2)
    elif follows.pause:
        tasks.open_once(db, "platform_setup", now)
        delivery.next_at = now + SETUP_PAUSE
    else:
        confirm.end_delivery(delivery, DeliveryState.DEAD, meant.value, now)
        if follows.staff:
            tasks.open_task(db, meant.value, now, enrolment_id=enrolment.id, event_id=delivery.event_id)
    return "refused"


def seen(line: Line, db: Transaction, attempt: Attempt, state: AttemptState | None, code: int | None) -> None:
    """The platform told a status of an attempt, by callback or look-up. It only ever moves forward."""
    now = line.clock()
    delivery = db.get_one(Delivery, attempt.delivery_id)
    if state is None:
        log.warning("status_unknown", attempt_id=attempt.id)
        return
    before = AttemptState(attempt.status)
    attempt.accepted_at = attempt.accepted_at or now
    attempt.status = advance(before, state)
    if code:
        attempt.error_code = code
    if attempt.status == before or attempt.status not in FINAL_ATTEMPTS:
        return
    attempt.ended_at = attempt.ended_at or now
    if delivery.ended_at is not None:
        return
    if state is AttemptState.DELIVERED:
        _text_arrived(db, delivery, now)
    elif state in (AttemptState.UNDELIVERED, AttemptState.FAILED) and (code or delivery.channel == "text"):
        refused(line, db, attempt, delivery, 0, code or FAILED_WITHOUT_CODE)
    elif delivery.channel == "voice":
        delivery.next_at = now  # the cadence says when to call again


def _text_arrived(db: Transaction, delivery: Delivery, now: datetime) -> None:
    """A delivered text confirms only where text is the single channel; a question to a new number waits for its YES."""
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    if delivery.urgency != VERIFY and not enrolment.calls:
        confirm.end_delivery(delivery, DeliveryState.TOLD, "delivered", now)
