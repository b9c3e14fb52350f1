"""Subscribers, their enrolments, and the PINs that open them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hotline.rules.phones import block
from hotline.store.models import Attempt, Delivery, Enrolment, PinFailure, Subscriber, Tombstone, key_ring, new_id


class EnrolmentStatus(StrEnum):
    """Where an enrolment stands. Only PENDING and ACTIVE ones are ever contacted."""

    PENDING = "pending"  # the number has not said yes
    ACTIVE = "active"
    REVIEW = "review"  # the number said yes, or will; a person looks first
    FROZEN = "frozen"  # its person may no longer be shown; two people look
    STOPPED = "stopped"
    LAPSED = "lapsed"  # the number never said yes
    REPLACED = "replaced"  # signed up anew on the same number


LIVE = (EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE, EnrolmentStatus.REVIEW, EnrolmentStatus.FROZEN)


def subscriber_of(session: Session, number: str) -> Subscriber | None:
    """The subscriber with this E.164 number."""
    hashed = key_ring(session).index("number", number)
    return session.scalar(select(Subscriber).where(Subscriber.number_hash == hashed).with_for_update())


def add_subscriber(session: Session, number: str, now: datetime) -> Subscriber:
    """The subscriber with this E.164 number, made if there is none."""
    found = subscriber_of(session, number)
    if found is not None:
        if found.number_sealed is None:
            found.seal(key_ring(session), "number", number)
        return found
    ring = key_ring(session)
    made = Subscriber(
        id=new_id(),
        number_hash=ring.index("number", number),
        block_hash=ring.index("block", block(number)),
        created_at=now,
    )
    made.seal(ring, "number", number)
    session.add(made)
    session.flush()
    return made


def enrolment_by_confirmation(session: Session, confirmation: str) -> Enrolment | None:
    """The live enrolment with this confirmation number, locked."""
    hashed = key_ring(session).index("confirmation", confirmation)
    query = select(Enrolment).where(Enrolment.confirmation_hash == hashed, Enrolment.status.in_(LIVE))
    return session.scalar(query.with_for_update())


def confirmation_taken(session: Session, confirmation: str) -> bool:
    hashed = key_ring(session).index("confirmation", confirmation)
    return session.scalar(select(Enrolment.id).where(Enrolment.confirmation_hash == hashed)) is not None


def live_enrolments(session: Session, subscriber_id: str) -> Sequence[Enrolment]:
    """Enrolments of one subscriber that are not over, oldest first."""
    query = select(Enrolment).where(Enrolment.subscriber_id == subscriber_id, Enrolment.status.in_(LIVE))
    return session.scalars(query.order_by(Enrolment.consent_at)).all()


def enrolment_of_call(session: Session, call_id: str) -> Enrolment | None:
    """The enrolment that this call made."""
    return session.scalar(select(Enrolment).where(Enrolment.call_id == call_id))


def other_phones(session: Session, subject_ref: int, subscriber_id: str) -> int:
    """On how many other phones somebody is signed up about this subject."""
    query = select(func.count(func.distinct(Enrolment.subscriber_id))).where(
        Enrolment.subject_ref == subject_ref, Enrolment.subscriber_id != subscriber_id, Enrolment.status.in_(LIVE)
    )
    return session.scalar(query) or 0


def listening(session: Session, enrolment_ids: Collection[str]) -> set[tuple[str, str]]:
    """Those of these enrolments that are active, each with the channels that it wants."""
    query = select(Enrolment.id, Enrolment.calls, Enrolment.texts).where(
        Enrolment.id.in_(enrolment_ids), Enrolment.status == EnrolmentStatus.ACTIVE
    )
    wanted = [(found, (("voice", calls), ("text", texts))) for found, calls, texts in session.execute(query)]
    return {(found, channel) for found, channels in wanted for channel, wants in channels if wants}


def watches(session: Session) -> Sequence[Enrolment]:
    """Live enrolments that wait for their person to appear in the records."""
    query = select(Enrolment).where(Enrolment.subject_ref.is_(None), Enrolment.status == EnrolmentStatus.ACTIVE)
    return session.scalars(query).all()


def wrong_pins(session: Session, enrolment_id: str, since: datetime | None = None) -> int:
    """Wrong PINs since the last right one, or since a time."""
    query = select(func.count()).where(PinFailure.enrolment_id == enrolment_id)
    return session.scalar(query if since is None else query.where(PinFailure.at > since)) or 0


def note_wrong_pin(session: Session, enrolment_id: str, call_id: str, now: datetime) -> None:
    session.add(PinFailure(enrolment_id=enrolment_id, call_id=call_id, at=now))


def forget_wrong_pins(session: Session, enrolment_id: str) -> None:
    session.execute(delete(PinFailure).where(PinFailure.enrolment_id == enrolment_id))


def delete_enrolment(session: Session, enrolment: Enrolment, now: datetime) -> None:
    """Delete an enrolment and everything of it but a keyed tombstone; the number goes with its last one."""
    subscriber = session.get_one(Subscriber, enrolment.subscriber_id)
    bury(session, subscriber, enrolment, now)
    deliveries = select(Delivery.id).where(Delivery.enrolment_id == enrolment.id)
    session.execute(delete(Attempt).where(Attempt.delivery_id.in_(deliveries)))
    session.execute(delete(Delivery).where(Delivery.enrolment_id == enrolment.id))
    session.delete(enrolment)
    session.flush()
    if session.scalar(select(Enrolment.id).where(Enrolment.subscriber_id == subscriber.id).limit(1)) is None:
        if subscriber.calls_stopped_at or subscriber.texts_stopped_at:
            subscriber.number_sealed = None  # what was stopped stays stopped, by hash alone
        else:
            session.delete(subscriber)


def tombstone_of(session: Session, subscriber: Subscriber, subject_ref: int | None) -> str:
    return key_ring(session).index("tombstone", f"{subscriber.number_hash}:{subject_ref}")


def bury(session: Session, subscriber: Subscriber, enrolment: Enrolment, now: datetime) -> None:
    session.merge(Tombstone(hash=tombstone_of(session, subscriber, enrolment.subject_ref), at=now))


def dig_up(session: Session, subscriber: Subscriber, subject_ref: int | None) -> None:
    """Somebody signed up anew after deleting: the tombstone has no more to say."""
    session.execute(delete(Tombstone).where(Tombstone.hash == tombstone_of(session, subscriber, subject_ref)))


def end_enrolments(session: Session, subscriber_id: str, status: EnrolmentStatus, now: datetime) -> None:
    """End every live enrolment of a subscriber."""
    session.execute(
        update(Enrolment)
        .where(Enrolment.subscriber_id == subscriber_id, Enrolment.status.in_(LIVE))
        .values(status=status, ended_at=now)
    )


PIN_TRIES = 5
PIN_SPAN = timedelta(minutes=15)
PIN_TRIES_IN_ALL = 10


def pin_locked(session: Session, enrolment_id: str, now: datetime) -> bool:
    """Whether PINs are refused now: 5 wrong in 15 minutes, or 10 in all, which only staff unlock."""
    return (
        wrong_pins(session, enrolment_id, now - PIN_SPAN) >= PIN_TRIES
        or wrong_pins(session, enrolment_id) >= PIN_TRIES_IN_ALL
    )
