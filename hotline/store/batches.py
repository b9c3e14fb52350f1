"""Batches: people who were brought in from a file, and what became of each line of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.rules.links import Purpose
from hotline.store.enrolments import EnrolmentStatus, tombstone_of
from hotline.store.models import Enrolment, EnrolmentBatch, Link, Subscriber, Tombstone, key_ring

BRINGING_IN = 0x62726E67
"""PostgreSQL's advisory lock for the one who brings people in; SQLite has one writer anyway."""


def lock(session: Session) -> None:
    """Let nobody else bring people in until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(BRINGING_IN)))


def batch_of_file(session: Session, file_hash: str) -> EnrolmentBatch | None:
    """The batch that this very file was given as."""
    return session.scalar(select(EnrolmentBatch).where(EnrolmentBatch.file_hash == file_hash))


def last_batch(session: Session) -> EnrolmentBatch | None:
    return session.scalar(select(EnrolmentBatch).order_by(EnrolmentBatch.id.desc()).limit(1))


def enrolments_of(session: Session, batch_id: int) -> Sequence[Enrolment]:
    """What a batch brought in and is not deleted, by line of its file."""
    return session.scalars(select(Enrolment).where(Enrolment.batch_id == batch_id).order_by(Enrolment.batch_line)).all()


def brought_in(session: Session, number: str, subject_ref: int) -> Sequence[Enrolment]:
    """The enrolments of this E.164 number about this person that came from files, the newest batch first."""
    query = (
        select(Enrolment)
        .join(Subscriber, Subscriber.id == Enrolment.subscriber_id)
        .where(
            Subscriber.number_hash == key_ring(session).index("number", number),
            Enrolment.subject_ref == subject_ref,
            Enrolment.batch_id.is_not(None),
        )
        .order_by(Enrolment.batch_id.desc(), Enrolment.batch_line.desc())
    )
    return session.scalars(query).all()


def addresses_to_ask(session: Session, most: int) -> Sequence[str]:
    """Enrolments from files that go on, with a mail address that was never asked whether it is theirs."""
    asked = select(Link.id).where(Link.enrolment_id == Enrolment.id, Link.purpose == Purpose.ADDRESS_YES).exists()
    query = (
        select(Enrolment.id)
        .join(Subscriber, Subscriber.id == Enrolment.subscriber_id)
        .where(
            Enrolment.batch_id.is_not(None),
            Enrolment.status == EnrolmentStatus.ACTIVE,
            Enrolment.mails,
            Subscriber.mail_sealed.is_not(None),
            Subscriber.mail_confirmed_at.is_(None),
            Subscriber.mail_stopped_at.is_(None),
            ~asked,
        )
    )
    return session.scalars(query.order_by(Enrolment.id).limit(most)).all()


def is_buried(session: Session, number: str, subject_ref: int) -> bool:
    """Whether this E.164 number had all that it asked about this person deleted."""
    number_hash = key_ring(session).index("number", number)
    return session.get(Tombstone, tombstone_of(session, number_hash, subject_ref)) is not None


def add_batch(session: Session, file_hash: str, by: str, now: datetime) -> EnrolmentBatch:
    made = EnrolmentBatch(at=now, by=by, file_hash=file_hash)
    session.add(made)
    session.flush()
    return made
