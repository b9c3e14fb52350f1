"""Deliveries and attempts: the outbox. The table is the truth about what is due and what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, not_, or_, select, update
from sqlalchemy.orm import Session

from hotline.rules.brakes import EventState
from hotline.rules.cadence import VERIFY
from hotline.rules.delivery import (
    DOUBT_LOOK,
    DOUBTFUL,
    FINAL_ATTEMPTS,
    FINAL_DELIVERIES,
    FIRST_LOOK,
    NEXT_LOOK,
    AttemptState,
    DeliveryState,
)
from hotline.store.database import PLANNED
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Attempt, CustodyEvent, Delivery, Enrolment, Subscriber, new_id

OPEN = tuple(state.value for state in DeliveryState if state not in FINAL_DELIVERIES)


def plan_event(session: Session, event: CustodyEvent, urgency: str, now: datetime) -> int:
    """One delivery for each enrolment and channel that is to hear of this event. Returns how many were made."""
    enrolments = session.scalars(
        select(Enrolment)
        .where(
            Enrolment.subject_ref == event.subject_ref,
            Enrolment.status.in_((EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE)),
        )
        .order_by(Enrolment.id)
    )
    made = [
        delivery
        for turn, enrolment in enumerate(enrolments)
        for delivery in plan(session, enrolment, f"event:{event.id}", urgency, now, event_id=event.id, turn=turn)
    ]
    return len(made)


def plan(
    session: Session,
    enrolment: Enrolment,
    occasion: str,
    urgency: str,
    now: datetime,
    event_id: int | None = None,
    *,
    subscriber_id: str | None = None,
    channels: Collection[str] | None = None,
    turn: int = 0,
) -> list[Delivery]:
    """The deliveries of one occasion to one enrolment, due at once: by the channels that it wishes, or by `channels`.

    `subscriber_id` is whom they reach where that is not the enrolment's own.
    """
    made = [
        Delivery(
            id=new_id(),
            enrolment_id=enrolment.id,
            subscriber_id=subscriber_id or enrolment.subscriber_id,
            occasion=occasion,
            event_id=event_id,
            channel=channel,
            urgency=urgency,
            status=DeliveryState.WAITING,
            created_at=now,
            turn=turn,
            next_at=now,
        )
        for channel in (wished(session, enrolment, urgency) if channels is None else channels)
    ]
    session.add_all(made)
    session.info[PLANNED] = True
    return made


def wished(session: Session, enrolment: Enrolment, urgency: str) -> list[str]:
    """The channels of an enrolment; a number is never asked by mail, nor is mail sent that nobody confirmed."""
    mails = enrolment.mails and urgency != VERIFY
    if mails:
        subscriber = session.get_one(Subscriber, enrolment.subscriber_id)
        mails = subscriber.mail_confirmed_at is not None and subscriber.mail_stopped_at is None
    wished = (("voice", enrolment.calls), ("text", enrolment.texts), ("mail", mails))
    return [channel for channel, wants in wished if wants]


MAY_HAVE_GOT = or_(Attempt.accepted_at.is_not(None), Attempt.status.in_((AttemptState.PLACING, AttemptState.UNCERTAIN)))
"""An attempt that the platform took, or may have taken."""


def told_of(session: Session, event_ids: Collection[int]) -> Sequence[Delivery]:
    """Deliveries of these events that reached somebody, or may have."""
    reached = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, MAY_HAVE_GOT).exists()
    query = select(Delivery).where(Delivery.event_id.in_(event_ids), reached).order_by(Delivery.event_id, Delivery.id)
    return session.scalars(query).all()


def last_told(session: Session, enrolment_id: str, most: int) -> Sequence[CustodyEvent]:
    """The last events that an enrolment was told of, or is being told, the newest first; none that was taken back."""
    taken_back = select(CustodyEvent.corrects).where(
        CustodyEvent.corrects.is_not(None), CustodyEvent.state == EventState.RELEASED
    )
    planned = select(Delivery.event_id).where(Delivery.enrolment_id == enrolment_id, Delivery.event_id.is_not(None))
    query = select(CustodyEvent).where(
        CustodyEvent.id.in_(planned),
        CustodyEvent.state == EventState.RELEASED,
        CustodyEvent.id.not_in(taken_back),
    )
    return session.scalars(query.order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc()).limit(most)).all()


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
        turn=told.turn,
        next_at=now,
    )
    session.add(made)
    session.info[PLANNED] = True
    return made


def stop_events(session: Session, event_ids: Select[int] | Collection[int], reason: str, now: datetime) -> int:
    """Stop whatever is still to be sent about these events. Returns how many deliveries were stopped."""
    stopped = update(Delivery).where(Delivery.event_id.in_(event_ids), Delivery.status.in_(OPEN))
    values = {"status": DeliveryState.STOPPED, "reason": reason, "ended_at": now, "next_at": None}
    return session.connection().execute(stopped.values(values)).rowcount


def due_now(session: Session, now: datetime) -> Sequence[Delivery]:
    """Deliveries whose time has come, the longest due first."""
    query = select(Delivery).where(Delivery.status.in_(OPEN), Delivery.next_at <= now).order_by(Delivery.next_at)
    return session.scalars(query).all()


def attempts_of(session: Session, delivery_id: str) -> Sequence[Attempt]:
    """A delivery's attempts, oldest first."""
    return session.scalars(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.placed_at)).all()


_BY_TOKEN = select(Attempt).where(Attempt.token == bindparam("token")).with_for_update()
_BY_SID = select(Attempt).where(Attempt.sid == bindparam("sid")).with_for_update()


def attempt_by_token(session: Session, token: str) -> Attempt | None:
    return session.scalar(_BY_TOKEN, {"token": token})


def attempt_by_sid(session: Session, sid: str) -> Attempt | None:
    return session.scalar(_BY_SID, {"sid": sid})


def take_sid(session: Session, attempt: Attempt, sid: str) -> None:
    """The platform named an attempt by our own token: this id is its own, whoever a look-up gave it to.

    That one is looked up again, as if nothing had been found.
    """
    if not sid or attempt.sid == sid:
        return
    other = attempt_by_sid(session, sid)
    if other is not None:
        other.sid, other.status = None, AttemptState.UNCERTAIN
        other.accepted_at = other.looked_up_at = other.ended_at = None
        session.flush()
    attempt.sid = sid


def unsettled(session: Session, now: datetime, most: int) -> Sequence[Attempt]:
    """Calls and texts whose look-up is due: first those that may not have been placed, then the longest unseen."""
    ends = tuple(state.value for state in FINAL_ATTEMPTS)
    last = func.coalesce(Attempt.looked_up_at, Attempt.placed_at)
    doubtful = Attempt.status.in_(DOUBTFUL)
    due = or_(
        and_(doubtful, last <= now - DOUBT_LOOK),
        and_(Attempt.looked_up_at.is_(None), Attempt.placed_at <= now - FIRST_LOOK),
        Attempt.looked_up_at <= now - NEXT_LOOK,
    )
    query = (
        select(Attempt)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(Attempt.status.not_in(ends), Attempt.ended_at.is_(None), Delivery.channel != "mail", due)
        .order_by(not_(doubtful), last)
        .limit(most)
    )
    return session.scalars(query.with_for_update(skip_locked=True, of=Attempt)).all()


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


def open_to(session: Session, subscriber_id: str, channel: str) -> Sequence[Delivery]:
    """Open deliveries to a subscriber on one channel, whatever they are for."""
    query = select(Delivery).where(
        Delivery.subscriber_id == subscriber_id, Delivery.channel == channel, Delivery.status.in_(OPEN)
    )
    return session.scalars(query.with_for_update()).all()


def open_texts(session: Session, subscriber_id: str, since: datetime) -> Sequence[Delivery]:
    """Open occasions of this subscriber that a text went out for, so that a reply can answer them.

    Of news it has to have left: a reply to an earlier text says nothing of one that was not there to be read.
    """
    left = Attempt.status.in_((AttemptState.SENT, AttemptState.DELIVERED))
    texted = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, or_(Delivery.urgency == VERIFY, left))
    query = select(Delivery).where(
        Delivery.subscriber_id == subscriber_id,
        Delivery.channel == "text",
        Delivery.created_at > since,
        texted.exists(),
        Delivery.status.in_((*OPEN, DeliveryState.TOLD)),
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
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.event_id.is_(None))
    )
    to_number = base.where(Subscriber.id == subscriber.id, Attempt.placed_at > number_since)
    to_block = base.where(Subscriber.block_hash == subscriber.block_hash, Attempt.placed_at > block_since)
    return session.scalar(to_number) or 0, session.scalar(to_block) or 0
