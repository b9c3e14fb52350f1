"""Deliveries and attempts: the outbox. The table is the truth about what is due and what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from hotline.rules.delivery import FINAL_ATTEMPTS, FINAL_DELIVERIES, AttemptState, DeliveryState
from hotline.store.database import PLANNED
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Attempt, CustodyEvent, Delivery, Enrolment, Subscriber, new_id

LEASE = timedelta(minutes=2)
"""How long a claimed delivery is left alone; a worker killed in the middle gives it back so."""

OPEN = tuple(state.value for state in DeliveryState if state not in FINAL_DELIVERIES)


def plan_event(session: Session, event: CustodyEvent, urgency: str, now: datetime) -> int:
    """One delivery for each enrolment and channel that is to hear of this event. Returns how many were made."""
    enrolments = session.scalars(
        select(Enrolment).where(
            Enrolment.subject_ref == event.subject_ref,
            Enrolment.status.in_((EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE)),
        )
    )
    made = [
        delivery
        for enrolment in enrolments
        for delivery in plan(session, enrolment, f"event:{event.id}", urgency, now, event_id=event.id)
    ]
    return len(made)


def plan(
    session: Session, enrolment: Enrolment, occasion: str, urgency: str, now: datetime, event_id: int | None = None
) -> list[Delivery]:
    """The deliveries of one occasion to one enrolment, due at once."""
    channels = [name for name, wanted in (("voice", enrolment.calls), ("text", enrolment.texts)) if wanted]
    made = [
        Delivery(
            id=new_id(),
            enrolment_id=enrolment.id,
            subscriber_id=enrolment.subscriber_id,
            occasion=occasion,
            event_id=event_id,
            channel=channel,
            urgency=urgency,
            status=DeliveryState.WAITING,
            created_at=now,
            next_at=now,
        )
        for channel in channels
    ]
    session.add_all(made)
    session.info[PLANNED] = True
    return made


MAY_HAVE_GOT = or_(Attempt.accepted_at.is_not(None), Attempt.status.in_((AttemptState.PLACING, AttemptState.UNCERTAIN)))
"""An attempt that the platform took, or may have taken."""


def told_of(session: Session, event_ids: Collection[int]) -> Sequence[Delivery]:
    """Deliveries of these events that reached somebody, or may have."""
    reached = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, MAY_HAVE_GOT).exists()
    query = select(Delivery).where(Delivery.event_id.in_(event_ids), reached).order_by(Delivery.event_id, Delivery.id)
    return session.scalars(query).all()


def planned_for(session: Session, event_ids: Collection[int]) -> set[tuple[int | None, str, str]]:
    """What is planned for these events already, as (event, enrolment, channel)."""
    query = select(Delivery.event_id, Delivery.enrolment_id, Delivery.channel).where(Delivery.event_id.in_(event_ids))
    return {(*row,) for row in session.execute(query)}


def repeat_for(session: Session, told: Delivery, event_id: int, now: datetime) -> Delivery:
    """Tell whoever was told by `told` of another event, by the same channel and as urgently."""
    made = Delivery(
        id=new_id(),
        enrolment_id=told.enrolment_id,
        subscriber_id=told.subscriber_id,
        occasion=f"event:{event_id}",
        event_id=event_id,
        channel=told.channel,
        urgency=told.urgency,
        status=DeliveryState.WAITING,
        created_at=now,
        next_at=now,
    )
    session.add(made)
    session.info[PLANNED] = True
    return made


def stop_events(session: Session, event_ids: Select[int] | Collection[int], reason: str, now: datetime) -> int:
    """Stop whatever is still to be sent about these events. Returns how many deliveries were stopped."""
    stopped = update(Delivery).where(Delivery.event_id.in_(event_ids), Delivery.status.in_(OPEN))
    values = {"status": DeliveryState.STOPPED, "reason": reason, "ended_at": now, "next_at": None, "lease_until": None}
    return session.connection().execute(stopped.values(values)).rowcount


def due_now(session: Session, now: datetime) -> Sequence[Delivery]:
    """Deliveries whose time has come and that nobody has claimed, the longest due first."""
    return session.scalars(_due(now)).all()


def claim_due(session: Session, now: datetime, most: int) -> Sequence[Delivery]:
    """The same, at most `most`, locked for this transaction."""
    return session.scalars(_due(now).limit(most).with_for_update(skip_locked=True)).all()


def _due(now: datetime) -> Select[Delivery]:
    unclaimed = or_(Delivery.lease_until.is_(None), Delivery.lease_until < now)
    return (
        select(Delivery).where(Delivery.status.in_(OPEN), Delivery.next_at <= now, unclaimed).order_by(Delivery.next_at)
    )


def attempts_of(session: Session, delivery_id: str) -> Sequence[Attempt]:
    """A delivery's attempts, oldest first."""
    return session.scalars(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.placed_at)).all()


def attempt_by_token(session: Session, token: str) -> Attempt | None:
    return session.scalar(select(Attempt).where(Attempt.token == token).with_for_update())


def attempt_by_sid(session: Session, sid: str) -> Attempt | None:
    return session.scalar(select(Attempt).where(Attempt.sid == sid).with_for_update())


def unsettled(session: Session, now: datetime, most: int) -> Sequence[Attempt]:
    """Attempts that have no final status and were placed some time ago, the longest unseen first."""
    ends = tuple(state.value for state in FINAL_ATTEMPTS)
    query = (
        select(Attempt)
        .where(Attempt.status.not_in(ends), Attempt.ended_at.is_(None), Attempt.placed_at < now - timedelta(minutes=1))
        .order_by(func.coalesce(Attempt.looked_up_at, Attempt.placed_at))
        .limit(most)
    )
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def siblings(session: Session, delivery: Delivery) -> Sequence[Delivery]:
    """Open deliveries of the same occasion to the same enrolment, this one included."""
    query = select(Delivery).where(
        Delivery.enrolment_id == delivery.enrolment_id,
        Delivery.occasion == delivery.occasion,
        Delivery.status.in_(OPEN),
    )
    return session.scalars(query.with_for_update()).all()


def calls_to_end(session: Session) -> Sequence[Attempt]:
    """Calls still on their way for deliveries that are over: no phone is to ring for what is known already."""
    query = (
        select(Attempt)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(
            Delivery.channel == "voice",
            Delivery.status.not_in(OPEN),
            Attempt.sid.is_not(None),
            Attempt.ended_at.is_(None),
            Attempt.status.in_((AttemptState.ACCEPTED, AttemptState.RINGING)),
        )
    )
    return session.scalars(query.limit(50)).all()


def open_deliveries(session: Session, enrolment_ids: Iterable[str]) -> Sequence[Delivery]:
    query = select(Delivery).where(Delivery.enrolment_id.in_(list(enrolment_ids)), Delivery.status.in_(OPEN))
    return session.scalars(query.with_for_update()).all()


def open_texts(session: Session, subscriber_id: str, since: datetime) -> Sequence[Delivery]:
    """Open occasions of this subscriber that a text went out for, so that a reply can answer them."""
    texted = (
        select(Attempt.delivery_id).join(Delivery, Delivery.id == Attempt.delivery_id).where(Delivery.channel == "text")
    )
    query = (
        select(Delivery)
        .join(Enrolment, Enrolment.id == Delivery.enrolment_id)
        .where(
            Enrolment.subscriber_id == subscriber_id,
            Delivery.created_at > since,
            Delivery.id.in_(texted),
            Delivery.status.in_((*OPEN, DeliveryState.TOLD)),
        )
    )
    return session.scalars(query).all()


def was_texted(session: Session, enrolment_id: str) -> bool:
    """Whether a text ever went out for this enrolment."""
    query = (
        select(Attempt.id)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(Delivery.enrolment_id == enrolment_id, Delivery.channel == "text")
    )
    return session.scalar(query.limit(1)) is not None


def requests_sent(
    session: Session, subscriber: Subscriber, number_since: datetime, block_since: datetime
) -> tuple[int, int]:
    """Requests to say yes that went to this number, and to its block of numbers, since the two times."""
    base = (
        select(func.count())
        .select_from(Attempt)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .join(Enrolment, Enrolment.id == Delivery.enrolment_id)
        .join(Subscriber, Subscriber.id == Enrolment.subscriber_id)
        .where(Delivery.event_id.is_(None))
    )
    to_number = base.where(Subscriber.id == subscriber.id, Attempt.placed_at > number_since)
    to_block = base.where(Subscriber.block_hash == subscriber.block_hash, Attempt.placed_at > block_since)
    return session.scalar(to_number) or 0, session.scalar(to_block) or 0


def placing(delivery: Delivery, now: datetime) -> Attempt:
    """A new attempt, written down before the platform is spoken to."""
    return Attempt(id=new_id(), delivery_id=delivery.id, token=new_id(), status=AttemptState.PLACING, placed_at=now)
