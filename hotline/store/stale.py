"""Who is to hear that the feed could not be checked, and who need not hear it any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hotline.rules.custody import EventKind
from hotline.store.deliveries import OPEN
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import CustodyEvent, Delivery, Enrolment, Subject
from hotline.store.people import showable


def not_told(session: Session, key: str, today: date, most: int) -> Sequence[int]:
    """People whom somebody waits to hear about and that have no event of this key, at most `most`, locked."""
    told = exists().where(CustodyEvent.subject_ref == Subject.id, CustodyEvent.key == key)
    awaited = exists().where(Enrolment.subject_ref == Subject.id, Enrolment.status == EnrolmentStatus.ACTIVE)
    query = select(Subject.id).where(awaited, ~told, showable(today)).order_by(Subject.id).limit(most)
    return session.scalars(query.with_for_update()).all()


def open_notices(session: Session, most: int) -> Sequence[Delivery]:
    """Notices of a stale feed that are not over, at most `most`, locked."""
    query = (
        select(Delivery)
        .join(CustodyEvent, CustodyEvent.id == Delivery.event_id)
        .where(CustodyEvent.kind == EventKind.FEED_STALE, Delivery.status.in_(OPEN))
        .limit(most)
    )
    return session.scalars(query.with_for_update(of=Delivery)).all()
