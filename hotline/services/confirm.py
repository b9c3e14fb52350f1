"""What follows when a phone says yes, says no, or says that it heard: here alone enrolments and deliveries end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules.delivery import DeliveryState, advance
from hotline.rules.limits import Limits, phone_reviewed
from hotline.store import deliveries, enrolments, tasks
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Delivery, Enrolment, Subscriber


def number_confirmed(db: Transaction, limits: Limits, enrolment: Enrolment, now: datetime) -> bool:
    """The number asked for our news: from here on it gets them. False where there is nothing more to confirm."""
    if enrolment.status != EnrolmentStatus.PENDING:
        return False
    others = [
        e for e in enrolments.live_enrolments(db, enrolment.subscriber_id) if e.id != enrolment.id and e.confirmed_at
    ]
    again = [e for e in others if e.subject_ref == enrolment.subject_ref and e.subject_ref is not None]
    frozen = any(e.status == EnrolmentStatus.FROZEN for e in again)  # nobody signs up past a review
    for same in (e for e in again if e.status != EnrolmentStatus.FROZEN):
        end_enrolment(db, same, EnrolmentStatus.REPLACED, now)
    enrolment.confirmed_at = now
    enrolment.status = EnrolmentStatus.ACTIVE
    if frozen or _to_be_reviewed(db, limits, enrolment, others):
        enrolment.status = EnrolmentStatus.REVIEW
        tasks.open_task(db, "enrolment_review", now, enrolment_id=enrolment.id)
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if delivery.event_id is None:
            end_delivery(delivery, DeliveryState.CONFIRMED, "said_yes", now)
        else:
            delivery.next_at = now  # what happened while the number was asked
    return True


def _to_be_reviewed(db: Transaction, limits: Limits, enrolment: Enrolment, others: Iterable[Enrolment]) -> bool:
    if enrolment.subject_ref is None:
        return False
    about_another = any(other.subject_ref != enrolment.subject_ref for other in others)
    phones = enrolments.other_phones(db, enrolment.subject_ref, enrolment.subscriber_id)
    return about_another or phone_reviewed(limits, phones)


def heard(db: Transaction, delivery: Delivery, how: str, now: datetime) -> None:
    """The subscriber knows: this delivery is confirmed, and every other channel for the same event stops."""
    for sibling in deliveries.siblings(db, delivery):
        if sibling.id != delivery.id:
            end_delivery(sibling, DeliveryState.STOPPED, "confirmed_elsewhere", now)
    end_delivery(delivery, DeliveryState.CONFIRMED, how, now)


def end_delivery(delivery: Delivery, state: DeliveryState, reason: str, now: datetime) -> None:
    """End a delivery, unless it already ended better."""
    before = DeliveryState(delivery.status)
    if advance(before, state) is before:
        return
    delivery.status, delivery.reason, delivery.ended_at = state, reason, now
    delivery.next_at = delivery.lease_until = None
    if state is DeliveryState.CONFIRMED:
        delivery.confirmed_at = now


def end_enrolment(db: Transaction, enrolment: Enrolment, status: EnrolmentStatus, now: datetime) -> None:
    """End an enrolment; nothing more goes out for it."""
    enrolment.status, enrolment.ended_at = status, now
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        end_delivery(delivery, DeliveryState.STOPPED, status.value, now)


def stop_texts(db: Transaction, subscriber: Subscriber, now: datetime) -> None:
    """No more texts to this number until it says START; a number that was only asked by text said no.

    Enrolments stay, as START must bring back all that STOP took.
    """
    subscriber.texts_stopped_at = subscriber.texts_stopped_at or now
    for enrolment in enrolments.live_enrolments(db, subscriber.id):
        asked_by_text = enrolment.status == EnrolmentStatus.PENDING and enrolment.texts
        if asked_by_text and deliveries.was_texted(db, enrolment.id):
            end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)
            continue
        for delivery in deliveries.open_deliveries(db, [enrolment.id]):
            if delivery.channel == "text" and delivery.event_id is not None:
                end_delivery(delivery, DeliveryState.STOPPED, "opted_out", now)


def start_texts(db: Transaction, subscriber: Subscriber, now: datetime) -> None:
    """The number takes texts again, and is asked what waited for that."""
    subscriber.texts_stopped_at = None
    for delivery in deliveries.open_deliveries(db, [e.id for e in enrolments.live_enrolments(db, subscriber.id)]):
        if delivery.channel == "text":
            delivery.next_at = now


def stop_calls(db: Transaction, enrolment: Enrolment, now: datetime) -> None:
    """One enrolment goes on without calls, or ends where it had nothing else."""
    enrolment.calls = False
    if not enrolment.texts:
        end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)
        return
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if delivery.channel == "voice":
            end_delivery(delivery, DeliveryState.STOPPED, "opted_out", now)
