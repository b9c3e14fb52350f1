"""Enrolments on their way to another number, or to channels that their number has not said yes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.store.models import NumberChange, new_id


def add_change(
    session: Session, enrolment_id: str, subscriber_id: str, calls: bool, texts: bool, now: datetime
) -> NumberChange:
    """The wish that this enrolment moves to this subscriber's number, by these channels."""
    change = NumberChange(
        id=new_id(), enrolment_id=enrolment_id, subscriber_id=subscriber_id, calls=calls, texts=texts, asked_at=now
    )
    session.add(change)
    session.flush()
    return change


def open_changes(session: Session, enrolment_id: str) -> Sequence[NumberChange]:
    """Changes of an enrolment that nobody has answered."""
    query = select(NumberChange).where(NumberChange.enrolment_id == enrolment_id, NumberChange.ended_at.is_(None))
    return session.scalars(query.with_for_update()).all()


def changes_to(session: Session, subscriber_id: str) -> Sequence[NumberChange]:
    """Changes to a number that it has not answered."""
    query = select(NumberChange).where(NumberChange.subscriber_id == subscriber_id, NumberChange.ended_at.is_(None))
    return session.scalars(query.with_for_update()).all()


def locked(session: Session, change_id: str) -> NumberChange | None:
    """A change by its id, locked."""
    return session.scalar(select(NumberChange).where(NumberChange.id == change_id).with_for_update())
