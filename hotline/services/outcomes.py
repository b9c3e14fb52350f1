"""What became of an attempt: taken, refused, uncertain, or told later by a callback. It only ever moves forward."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.rules.delivery import FINAL_ATTEMPTS, NOT_ARRIVED, AttemptState, DeliveryState, advance
from hotline.rules.platform_errors import CONSEQUENCES, Verdict, verdict
from hotline.rules.staff_pages import Page
from hotline.services import confirm
from hotline.services.line import Line
from hotline.store import channels, tasks, watching
from hotline.store.models import Attempt, Delivery, Enrolment, Subscriber

log = structlog.get_logger()

VERIFY = "verify"
"""The urgency that marks a delivery as a question to a new number."""
ENDED = "ended"
"""The occasion of a delivery that says, in neutral words, that nothing more will come."""

SHORT_PAUSE, LONG_PAUSE = timedelta(seconds=30), timedelta(minutes=2)
"""Bounds of the wait before what was not taken goes again; jitter makes up to twice as much of it."""
FAILED_WITHOUT_CODE = 30008


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
    if meant is Verdict.OPTED_OUT:
        _only_texts_blocked(db, delivery, now)
        confirm.texts_blocked(db, db.get_one(Subscriber, delivery.subscriber_id), now)
    elif delivery.ended_at is None:
        _follow(db, delivery, meant, code or status, now)
    return "refused"


def _only_texts_blocked(db: Transaction, delivery: Delivery, now: datetime) -> None:
    """Who told the platform alone to stop texts, and has nothing else, is reached by nothing now: a person looks."""
    if delivery.ended_at is None and delivery.event_id is not None and _is_only_channel(db, delivery):
        tasks.open_about(db, Verdict.CHANNEL_DEAD.value, now, delivery.enrolment_id, delivery.event_id)


def _follow(db: Transaction, delivery: Delivery, meant: Verdict, code: int, now: datetime) -> None:
    follows = CONSEQUENCES[meant]
    if follows.again or follows.pause:
        tried_for = now - (delivery.first_attempt_at or now)  # waits as long again, so that an outage stays cheap
        delivery.next_at = now + min(max(SHORT_PAUSE, tried_for), LONG_PAUSE) * random.uniform(1, 2)
    if follows.pause:
        if channels.pause(db, delivery.channel, code, now):
            watching.page(db, Page.PLATFORM_SETUP, now)
        if delivery.event_id is not None and _is_only_channel(db, delivery):
            tasks.open_about(db, "not_delivered", now, delivery.enrolment_id, delivery.event_id)
    elif not follows.again:
        confirm.end_delivery(delivery, DeliveryState.DEAD, meant.value, now)
        if follows.staff:
            tasks.open_about(db, meant.value, now, delivery.enrolment_id, delivery.event_id)


def seen(
    line: Line, db: Transaction, attempt: Attempt, state: AttemptState | None, code: int | None, raw: str = ""
) -> None:
    """The platform told a status of an attempt (`raw` in its own word), by callback or look-up. It only ever moves
    forward: of all that is told of one attempt, in whatever order, what ranks highest stands.
    """
    if state is None:
        log.warning("status_unknown", attempt_id=attempt.id, status=raw[:30])
        return
    now, before = line.clock(), AttemptState(attempt.status)
    attempt.accepted_at = attempt.accepted_at or now
    attempt.status = advance(before, state)
    if code and (attempt.status != before or attempt.error_code is None):
        attempt.error_code = code
    if attempt.status == before or attempt.status not in FINAL_ATTEMPTS:
        return
    attempt.ended_at = attempt.ended_at or now
    delivery = db.get_one(Delivery, attempt.delivery_id)
    if state not in NOT_ARRIVED and delivery.status == DeliveryState.DEAD:
        _taken_back(db, delivery, now)
    if delivery.channel == "text" and state is AttemptState.DELIVERED:
        _text_arrived(db, delivery, now)
    elif delivery.ended_at is not None:
        return
    elif state in NOT_ARRIVED and (code or delivery.channel == "text"):
        refused(line, db, attempt, delivery, 0, code or FAILED_WITHOUT_CODE)
    elif delivery.channel == "voice":
        delivery.next_at = now  # the cadence says when to call again


def never_told(db: Transaction, attempt: Attempt, now: datetime) -> None:
    """The platform knows no more of an attempt, and never told its end: nobody waits for that any longer."""
    log.warning("fate_unknown", attempt_id=attempt.id)
    attempt.ended_at = now
    delivery = db.get_one(Delivery, attempt.delivery_id)
    if delivery.ended_at is not None:
        return
    if delivery.channel == "voice":
        delivery.next_at = now
    elif delivery.event_id is not None and _is_only_channel(db, delivery):
        tasks.open_about(db, "not_delivered", now, delivery.enrolment_id, delivery.event_id)


def _taken_back(db: Transaction, delivery: Delivery, now: datetime) -> None:
    """A failure that was told first was one of a part, or of a try: the attempt arrived after all."""
    tasks.take_back(db, str(delivery.reason), delivery.enrolment_id, delivery.event_id, now)
    delivery.status, delivery.reason, delivery.ended_at = DeliveryState.TRYING, None, None


def _text_arrived(db: Transaction, delivery: Delivery, now: datetime) -> None:
    """A delivered text confirms only where text is the single channel; a question to a new number waits for its YES."""
    if delivery.urgency != VERIFY and _is_only_channel(db, delivery):
        confirm.end_delivery(delivery, DeliveryState.TOLD, "delivered", now)


def _is_only_channel(db: Transaction, delivery: Delivery) -> bool:
    """Whether a text is the one way to reach whom it is for: no calls, and no mail address that said yes."""
    enrolment, subscriber = db.get_one(Enrolment, delivery.enrolment_id), db.get_one(Subscriber, delivery.subscriber_id)
    calls = enrolment.calls and subscriber.calls_stopped_at is None
    mails = enrolment.mails and subscriber.mail_confirmed_at is not None and subscriber.mail_stopped_at is None
    return delivery.channel == "text" and not calls and not mails
