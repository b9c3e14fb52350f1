"""What follows when a phone says yes, says no, or says that it heard: here alone enrolments, changes of number and
deliveries end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules import reconfirm
from hotline.rules.cadence import VERIFY
from hotline.rules.delivery import DeliveryState, advance
from hotline.rules.limits import Limits, phone_reviewed
from hotline.rules.occasions import Occasion, kind
from hotline.store import deliveries, enrolments, number_changes, tasks
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Delivery, Enrolment, NumberChange, Subscriber


def number_confirmed(db: Transaction, limits: Limits, enrolment: Enrolment, now: datetime) -> bool:
    """The number asked for our news: from here on it gets them. False where there is nothing more to confirm, or not
    yet, as nobody chose a PIN.
    """
    if enrolment.status != EnrolmentStatus.PENDING or enrolment.pin_hash is None:
        return False
    activate(db, limits, enrolment, now)
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if delivery.event_id is None:
            end_delivery(delivery, DeliveryState.CONFIRMED, "said_yes", now)
        else:
            delivery.next_at = now  # what happened while the number was asked
    return True


def activate(db: Transaction, limits: Limits, enrolment: Enrolment, now: datetime) -> None:
    """An enrolment begins on a number that said yes: in place of an older one about the same person, or a person looks
    at it first.
    """
    others = [
        e for e in enrolments.live_enrolments(db, enrolment.subscriber_id) if e.id != enrolment.id and e.confirmed_at
    ]
    again = [e for e in others if e.subject_ref == enrolment.subject_ref and e.subject_ref is not None]
    frozen = any(e.status == EnrolmentStatus.FROZEN for e in again)  # nobody signs up past a review
    for same in (e for e in again if e.status != EnrolmentStatus.FROZEN):
        end_enrolment(db, same, EnrolmentStatus.REPLACED, now)
    enrolment.confirmed_at = enrolment.confirmed_at or now
    enrolment.reconfirm_at = reconfirm.next_question(now)
    enrolment.status = EnrolmentStatus.ACTIVE
    if frozen or _to_be_reviewed(db, limits, enrolment, others):
        enrolment.status = EnrolmentStatus.REVIEW
        tasks.open_task(db, "enrolment_review", now, enrolment_id=enrolment.id)


def still_theirs(db: Transaction, enrolment: Enrolment, now: datetime) -> None:
    """A sign that the number still belongs to who signed up: it need not be asked for a long time."""
    enrolment.reconfirm_at = reconfirm.next_question(now)
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if kind(delivery.occasion) is Occasion.RECONFIRM:
            end_delivery(delivery, DeliveryState.CONFIRMED, "said_yes", now)


def _to_be_reviewed(db: Transaction, limits: Limits, enrolment: Enrolment, others: Iterable[Enrolment]) -> bool:
    if enrolment.subject_ref is None:
        return False
    about_another = any(other.subject_ref != enrolment.subject_ref for other in others)
    phones = enrolments.other_phones(db, enrolment.subject_ref, enrolment.subscriber_id)
    return about_another or phone_reviewed(limits, phones)


def heard(db: Transaction, delivery: Delivery, how: str, now: datetime) -> None:
    """The subscriber knows: this delivery is confirmed, and every other channel for the same event stops.

    `how` they said so may also be a sign that the number is still theirs (rules.reconfirm).
    """
    for sibling in deliveries.siblings(db, delivery):
        if sibling.id != delivery.id:
            end_delivery(sibling, DeliveryState.STOPPED, "confirmed_elsewhere", now)
    end_delivery(delivery, DeliveryState.CONFIRMED, how, now)
    if how in reconfirm.SIGNS:
        still_theirs(db, db.get_one(Enrolment, delivery.enrolment_id), now)


def heard_events(db: Transaction, enrolment: Enrolment, event_ids: Iterable[int], how: str, now: datetime) -> None:
    """The subscriber came and heard these events: nothing more goes out about them."""
    told = set(event_ids)
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if delivery.event_id in told:
            told.discard(delivery.event_id)
            heard(db, delivery, how, now)


def end_delivery(delivery: Delivery, state: DeliveryState, reason: str, now: datetime) -> None:
    """End a delivery, unless it already ended better."""
    before = DeliveryState(delivery.status)
    if advance(before, state) is before:
        return
    delivery.status, delivery.reason, delivery.ended_at = state, reason, now
    delivery.next_at = None
    if state is DeliveryState.CONFIRMED:
        delivery.confirmed_at = now


def end_enrolment(db: Transaction, enrolment: Enrolment, status: EnrolmentStatus, now: datetime) -> None:
    """End an enrolment; nothing more goes out for it."""
    enrolment.status, enrolment.ended_at = status, now
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        end_delivery(delivery, DeliveryState.STOPPED, status.value, now)


def end_change(db: Transaction, change: NumberChange, reason: str, now: datetime) -> None:
    """A change of number comes to nothing; what the enrolment was before, it stays."""
    change.ended_at = now
    for delivery in deliveries.open_deliveries(db, [change.enrolment_id]):
        if delivery.occasion == Occasion.CHANGE.about(change.id):
            end_delivery(delivery, DeliveryState.STOPPED, reason, now)


def change_refused(db: Transaction, change: NumberChange, status: EnrolmentStatus, now: datetime) -> None:
    """A number does not want what it was asked for; an enrolment without another that does is over with this status."""
    end_change(db, change, status.value, now)
    enrolment = db.get_one(Enrolment, change.enrolment_id)
    if enrolment.status == EnrolmentStatus.PENDING:
        end_enrolment(db, enrolment, status, now)


def wrong_person(db: Transaction, subscriber: Subscriber, now: datetime) -> None:
    """Nothing more goes to this number, and a person looks at what was signed up with it."""
    subscriber.calls_stopped_at = subscriber.texts_stopped_at = now
    for enrolment in enrolments.live_enrolments(db, subscriber.id):
        if enrolment.status != EnrolmentStatus.FROZEN:  # two people look at that one anyway
            enrolment.status = EnrolmentStatus.REVIEW
        for delivery in deliveries.open_deliveries(db, [enrolment.id]):
            end_delivery(delivery, DeliveryState.STOPPED, "wrong_person", now)
        tasks.open_task(db, "wrong_person", now, enrolment_id=enrolment.id)


def stop_texts(db: Transaction, subscriber: Subscriber, now: datetime) -> None:
    """No more texts to this number until it says START; a number that was only asked by text said no.

    Enrolments stay, as START must bring back all that STOP took.
    """
    subscriber.texts_stopped_at = subscriber.texts_stopped_at or now
    for change in number_changes.changes_to(db, subscriber.id):
        if change.texts:
            change_refused(db, change, EnrolmentStatus.STOPPED, now)
    for enrolment in enrolments.live_enrolments(db, subscriber.id):
        asked_by_text = enrolment.status == EnrolmentStatus.PENDING and enrolment.texts
        if asked_by_text and deliveries.was_texted(db, enrolment.id):
            end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)
            continue
        for delivery in deliveries.open_deliveries(db, [enrolment.id]):
            if delivery.channel == "text" and delivery.event_id is not None:
                end_delivery(delivery, DeliveryState.STOPPED, "opted_out", now)


def texts_blocked(db: Transaction, subscriber: Subscriber, now: datetime) -> None:
    """The platform sends this number no texts of ours until it says START; questions to it wait for that."""
    subscriber.texts_stopped_at = subscriber.texts_stopped_at or now
    for delivery in deliveries.open_to(db, subscriber.id, "text"):
        if delivery.urgency != VERIFY:
            end_delivery(delivery, DeliveryState.STOPPED, "opted_out", now)


def start_texts(db: Transaction, subscriber: Subscriber, now: datetime) -> None:
    """The number takes texts again, and is asked what waited for that."""
    subscriber.texts_stopped_at = None
    asked = [change.enrolment_id for change in number_changes.changes_to(db, subscriber.id)]
    own = [enrolment.id for enrolment in enrolments.live_enrolments(db, subscriber.id)]
    for delivery in deliveries.open_deliveries(db, {*own, *asked}):
        if delivery.channel == "text" and delivery.subscriber_id == subscriber.id:
            delivery.next_at = now


def stop_mails(db: Transaction, subscriber: Subscriber, state: DeliveryState, reason: str, now: datetime) -> None:
    """No more mails to this subscriber until an address says yes: its wish (STOPPED), or an address that takes none
    (DEAD). An enrolment ends by that wish where it had nothing else.
    """
    subscriber.mail_stopped_at = subscriber.mail_stopped_at or now
    for enrolment in enrolments.live_enrolments(db, subscriber.id):
        for delivery in deliveries.open_deliveries(db, [enrolment.id]):
            if delivery.channel == "mail":
                end_delivery(delivery, state, reason, now)
        if state is DeliveryState.STOPPED and not (enrolment.calls or enrolment.texts):
            end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)


def stop_calls(db: Transaction, enrolment: Enrolment, now: datetime) -> None:
    """One enrolment goes on without calls, or ends where it had nothing else."""
    enrolment.calls = False
    if not (enrolment.texts or enrolment.mails):
        end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)
        return
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if delivery.channel == "voice":
            end_delivery(delivery, DeliveryState.STOPPED, "opted_out", now)
