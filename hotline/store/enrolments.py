"""Subscribers, their enrolments, and the PINs that open them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hotline.rules import phones
from hotline.store.models import (
    Attempt,
    Delivery,
    Enrolment,
    NumberChange,
    PinFailure,
    Subscriber,
    Tombstone,
    key_ring,
    new_id,
)
from hotline.store.seal import KeyRing


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


def subscribers_of_mail(session: Session, address: str) -> Sequence[Subscriber]:
    """The subscribers whose mail goes to this address."""
    hashed = key_ring(session).index("mail", address)
    return session.scalars(select(Subscriber).where(Subscriber.mail_hash == hashed).with_for_update()).all()


def add_subscriber(session: Session, number: str, now: datetime) -> Subscriber:
    """The subscriber with this E.164 number, made if there is none."""
    found = subscriber_of(session, number)
    if found is not None:
        if found.number_sealed is None:
            found.seal(key_ring(session), "number", number)
        return found
    made = new_subscriber(key_ring(session), number, now)
    session.add(made)
    session.flush()
    return made


def new_subscriber(ring: KeyRing, number: str, now: datetime) -> Subscriber:
    """A subscriber with this E.164 number, in no database yet."""
    made = Subscriber(
        id=new_id(),
        number_hash=ring.index("number", number),
        block_hash=ring.index("block", phones.block(number)),
        created_at=now,
        zones=" ".join(phones.zones(number)),
    )
    made.seal(ring, "number", number)
    return made


def zones_of(subscriber: Subscriber) -> tuple[str, ...]:
    """The time zones that a subscriber may be in: as they said, or as their number tells; none where it is gone."""
    if subscriber.zones:
        return tuple(subscriber.zones.split())
    number = subscriber.unseal("number")
    return phones.zones(number) if number else ()


def locked(session: Session, enrolment_id: str) -> Enrolment:
    """An enrolment that is about to change, locked. Raises NoResultFound where it is gone."""
    return session.scalars(select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()).one()


def to_reconfirm(session: Session, now: datetime, most: int) -> Sequence[Enrolment]:
    """Active enrolments whose number was not heard of for long, locked, the longest silent first."""
    query = _silent_for_long(now).order_by(Enrolment.reconfirm_at).limit(most)
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def any_to_reconfirm(session: Session, now: datetime) -> bool:
    """Whether there is one."""
    return session.scalar(_silent_for_long(now).with_only_columns(Enrolment.id).limit(1)) is not None


def _silent_for_long(now: datetime) -> Select[Enrolment]:
    """Those whom news is on its way to are not among them: the PIN that opens it answers the question too."""
    news = exists().where(
        Delivery.enrolment_id == Enrolment.id, Delivery.event_id.is_not(None), Delivery.next_at.is_not(None)
    )
    return select(Enrolment).where(
        Enrolment.reconfirm_at <= now,
        Enrolment.status == EnrolmentStatus.ACTIVE,
        or_(Enrolment.calls, Enrolment.texts),
        ~news,
    )


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
    query = select(Enrolment.id, Enrolment.calls, Enrolment.texts, Enrolment.mails).where(
        Enrolment.id.in_(enrolment_ids), Enrolment.status == EnrolmentStatus.ACTIVE
    )
    wanted = [
        (found, (("voice", calls), ("text", texts), ("mail", mails)))
        for found, calls, texts, mails in session.execute(query)
    ]
    return {(found, channel) for found, channels in wanted for channel, wants in channels if wants}


def watches(session: Session) -> Sequence[Enrolment]:
    """Live enrolments that wait for their person to appear in the records."""
    query = select(Enrolment).where(Enrolment.subject_ref.is_(None), Enrolment.status == EnrolmentStatus.ACTIVE)
    return session.scalars(query).all()


def wrong_pins(session: Session, enrolment_id: str, since: datetime | None = None) -> int:
    """Wrong PINs since the last right one, or since a time."""
    query = select(func.count()).where(PinFailure.enrolment_id == enrolment_id)
    return session.scalar(query if since is None else query.where(PinFailure.at > since)) or 0


def note_wrong_pin(session: Session, enrolment_id: str, call_id: str | None, now: datetime) -> None:
    session.add(PinFailure(enrolment_id=enrolment_id, call_id=call_id, at=now))


def forget_wrong_pins(session: Session, enrolment_id: str) -> None:
    session.execute(delete(PinFailure).where(PinFailure.enrolment_id == enrolment_id))


def delete_enrolment(session: Session, enrolment: Enrolment, now: datetime) -> None:
    """Delete an enrolment and everything of it but a keyed tombstone; the number goes with its last one."""
    bury(session, session.get_one(Subscriber, enrolment.subscriber_id), enrolment, now)
    reached = select(Delivery.subscriber_id).where(Delivery.enrolment_id == enrolment.id)
    moved_to = select(NumberChange.subscriber_id).where(NumberChange.enrolment_id == enrolment.id)
    numbers = {enrolment.subscriber_id, *session.scalars(reached.union(moved_to))}
    deliveries = select(Delivery.id).where(Delivery.enrolment_id == enrolment.id)
    session.execute(delete(Attempt).where(Attempt.delivery_id.in_(deliveries)))
    session.execute(delete(Delivery).where(Delivery.enrolment_id == enrolment.id))
    session.execute(delete(NumberChange).where(NumberChange.enrolment_id == enrolment.id))
    session.delete(enrolment)
    session.flush()
    for number in sorted(numbers):
        _forget_unused(session, number)


def _forget_unused(session: Session, subscriber_id: str) -> None:
    """Delete a number that no enrolment has, is asked to move to, or reached."""
    for table in (Enrolment, NumberChange, Delivery):
        if session.scalar(select(table.id).where(table.subscriber_id == subscriber_id).limit(1)) is not None:
            return
    subscriber = session.get_one(Subscriber, subscriber_id)
    if subscriber.calls_stopped_at or subscriber.texts_stopped_at or subscriber.mail_stopped_at:
        # what was stopped stays stopped, by hash alone
        subscriber.number_sealed = subscriber.mail_sealed = subscriber.code_word_sealed = None
    else:
        session.delete(subscriber)


def tombstone_of(session: Session, number_hash: str, subject_ref: int | None) -> str:
    return key_ring(session).index("tombstone", f"{number_hash}:{subject_ref}")


def bury(session: Session, subscriber: Subscriber, enrolment: Enrolment, now: datetime) -> None:
    session.merge(Tombstone(hash=tombstone_of(session, subscriber.number_hash, enrolment.subject_ref), at=now))


def dig_up(session: Session, subscriber: Subscriber, subject_ref: int | None) -> None:
    """Somebody signed up anew after deleting: the tombstone has no more to say."""
    stone = tombstone_of(session, subscriber.number_hash, subject_ref)
    session.execute(delete(Tombstone).where(Tombstone.hash == stone))


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
