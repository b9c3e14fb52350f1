"""What the question to a number comes to, whatever it was asked for: a new sign-up, a change of number, or whether it
is still the same person's.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules.delivery import DeliveryState
from hotline.rules.limits import Limits
from hotline.rules.occasions import Occasion, kind, subject
from hotline.services import confirm
from hotline.services.change_enrolment import number_moved
from hotline.store import deliveries, number_changes, tasks
from hotline.store.enrolments import LIVE, EnrolmentStatus
from hotline.store.models import Delivery, Enrolment, Subscriber


def said_yes(db: Transaction, limits: Limits, delivery: Delivery, now: datetime) -> bool:
    """The number wants our calls and texts. False where nobody waits for its yes any more."""
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    if enrolment.status not in LIVE:
        return False
    match kind(delivery.occasion):
        case Occasion.CHANGE:
            change = number_changes.locked(db, subject(delivery.occasion))
            return change is not None and number_moved(db, limits, change, now)
        case Occasion.RECONFIRM:
            confirm.still_theirs(db, enrolment, now)
            return True
    return confirm.number_confirmed(db, limits, enrolment, now) or enrolment.status == EnrolmentStatus.ACTIVE


def said_no(db: Transaction, delivery: Delivery, now: datetime) -> None:
    """It is not theirs, or they want nothing: it is not asked again, and where it got news before, it gets no more."""
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    match kind(delivery.occasion):
        case Occasion.RECONFIRM:
            confirm.wrong_person(db, db.get_one(Subscriber, delivery.subscriber_id), now)
        case Occasion.CHANGE:
            _refused(db, delivery, EnrolmentStatus.STOPPED, now)
        case _ if enrolment.status == EnrolmentStatus.PENDING:
            confirm.end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)


def never_said(db: Transaction, delivery: Delivery, now: datetime) -> None:
    """Nobody answered. A new number is dropped; one that said yes before keeps its news, and a person looks."""
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    match kind(delivery.occasion):
        case Occasion.RECONFIRM:
            for sibling in deliveries.siblings(db, delivery):
                confirm.end_delivery(sibling, DeliveryState.UNCONFIRMED, "end_reached", now)
            tasks.open_task(db, "not_reconfirmed", now, enrolment_id=enrolment.id)
        case Occasion.CHANGE:
            _refused(db, delivery, EnrolmentStatus.LAPSED, now)
        case _ if enrolment.status == EnrolmentStatus.PENDING:
            confirm.end_enrolment(db, enrolment, EnrolmentStatus.LAPSED, now)


def _refused(db: Transaction, delivery: Delivery, status: EnrolmentStatus, now: datetime) -> None:
    change = number_changes.locked(db, subject(delivery.occasion))
    if change is not None and change.ended_at is None:
        confirm.change_refused(db, change, status, now)
