"""Links that were sent to subscribers, each kept by the keyed hash of its token."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hotline.rules.links import Purpose, expires
from hotline.store.models import Enrolment, Link, Subscriber, key_ring, new_id


def add_link(session: Session, enrolment_id: str, purpose: Purpose, token: str, now: datetime) -> Link:
    """A new link, good from now on."""
    link = Link(
        id=new_id(),
        token_hash=key_ring(session).index("link", token),
        enrolment_id=enrolment_id,
        purpose=purpose,
        created_at=now,
        expires_at=expires(purpose, now),
    )
    session.add(link)
    return link


def link_of(session: Session, token: str) -> Link | None:
    """The link with this token, locked, whether or not it still opens."""
    hashed = key_ring(session).index("link", token)
    return session.scalar(select(Link).where(Link.token_hash == hashed).with_for_update())


def end_links(session: Session, subscriber_id: str, purposes: Collection[Purpose], now: datetime) -> None:
    """Links of a subscriber for these purposes count as used."""
    own = select(Enrolment.id).where(Enrolment.subscriber_id == subscriber_id)
    unused = (Link.enrolment_id.in_(own), Link.purpose.in_(purposes), Link.used_at.is_(None))
    session.execute(update(Link).where(*unused).values(used_at=now))


def forget_links(session: Session, enrolment_id: str, purpose: Purpose) -> None:
    """Links that never went out were never made."""
    session.execute(delete(Link).where(Link.enrolment_id == enrolment_id, Link.purpose == purpose))


def links_made(
    session: Session, subscriber: Subscriber, purpose: Purpose, number_since: datetime, block_since: datetime
) -> tuple[int, int]:
    """Links for this purpose made for this number, and for its block of numbers, since the two times."""
    base = (
        select(func.count())
        .select_from(Link)
        .join(Enrolment, Enrolment.id == Link.enrolment_id)
        .join(Subscriber, Subscriber.id == Enrolment.subscriber_id)
        .where(Link.purpose == purpose)
    )
    to_number = base.where(Subscriber.id == subscriber.id, Link.created_at > number_since)
    to_block = base.where(Subscriber.block_hash == subscriber.block_hash, Link.created_at > block_since)
    return session.scalar(to_number) or 0, session.scalar(to_block) or 0
