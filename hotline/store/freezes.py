"""Enrolments about people who may no longer be shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import not_, or_, select, update
from sqlalchemy.orm import Session

from hotline.rules.brakes import EventState
from hotline.store import bulk
from hotline.store.enrolments import LIVE, EnrolmentStatus
from hotline.store.models import Base, CustodyEvent, Delivery, Enrolment, Freeze, StaffTask, Subject
from hotline.store.people import showable

SUBJECT = Base.metadata.tables[Subject.__tablename__]

STILL_MOVING = tuple(status for status in LIVE if status is not EnrolmentStatus.FROZEN)


def about_hidden(session: Session, today: date, refs: Collection[int] | None = None) -> Sequence[Enrolment]:
    """Live enrolments, not frozen yet, about people who may not be shown, locked; about some people, or all."""
    query = (
        select(Enrolment)
        .join(Subject, Subject.id == Enrolment.subject_ref)
        .where(Enrolment.status.in_(STILL_MOVING), or_(not_(showable(today)), Subject.adult_on.is_(None)))
        .with_for_update(of=Enrolment)
    )
    return session.scalars(query if refs is None else query.where(bulk.among(session, SUBJECT.c.id, refs))).all()


def freezes(session: Session) -> Sequence[tuple[Freeze, Enrolment]]:
    """Freezes that are not decided, the longest standing first."""
    query = (
        select(Freeze, Enrolment)
        .join(Enrolment, Enrolment.id == Freeze.enrolment_id)
        .where(Freeze.decided_at.is_(None), Enrolment.status == EnrolmentStatus.FROZEN)
        .order_by(Freeze.at)
    )
    return [(freeze, enrolment) for freeze, enrolment in session.execute(query)]


def freeze_of(session: Session, enrolment_id: str) -> tuple[Freeze, Enrolment] | None:
    """The freeze of this enrolment that is not decided, locked."""
    query = (
        select(Freeze, Enrolment)
        .join(Enrolment, Enrolment.id == Freeze.enrolment_id)
        .where(Enrolment.id == enrolment_id, Freeze.decided_at.is_(None), Enrolment.status == EnrolmentStatus.FROZEN)
        .with_for_update()
    )
    found = session.execute(query).first()
    return None if found is None else (found[0], found[1])


def untold(session: Session, enrolment: Enrolment, since: datetime, reason: str) -> Sequence[CustodyEvent]:
    """Events that an enrolment was not told because it was frozen: what came since, and what was stopped by it."""
    stopped = select(Delivery.event_id).where(Delivery.enrolment_id == enrolment.id, Delivery.reason == reason)
    query = select(CustodyEvent).where(
        CustodyEvent.subject_ref == enrolment.subject_ref,
        CustodyEvent.state == EventState.RELEASED,
        or_(CustodyEvent.received_at >= since, CustodyEvent.id.in_(stopped)),
    )
    return session.scalars(query.order_by(CustodyEvent.at, CustodyEvent.id)).all()


def close_tasks(session: Session, kind: str, enrolment_id: str, now: datetime) -> None:
    """Close the open tasks of a kind about an enrolment."""
    session.execute(
        update(StaffTask)
        .where(StaffTask.kind == kind, StaffTask.enrolment_id == enrolment_id, StaffTask.closed_at.is_(None))
        .values(closed_at=now)
    )
