"""Imports of the custody feed: how each stands, and how fresh what we know is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select, update
from sqlalchemy.orm import Session

from hotline.rules.brakes import EventState, ImportStatus
from hotline.rules.custody import EventKind
from hotline.store.models import CustodyEvent, CustodyImport, Delivery


def begin_import(
    session: Session, kind: str, now: datetime, file_name: str | None = None, file_hash: str | None = None
) -> int:
    """A new import that is being read; its id."""
    made = CustodyImport(kind=kind, started_at=now, file_name=file_name, file_hash=file_hash)
    session.add(made)
    session.flush()
    return made.id


def give_up_reading(session: Session) -> None:
    """Imports that were killed while they were read come to no end of their own any more."""
    being_read = update(CustodyImport).where(CustodyImport.status == ImportStatus.READING)
    session.execute(being_read.values(status=ImportStatus.FAILED, broke_off=True))


def was_taken(session: Session, file_hash: str) -> bool:
    """Whether a file with this hash was taken whole before, whatever became of what it told."""
    taken = CustodyImport.status.not_in((ImportStatus.READING, ImportStatus.FAILED))
    query = select(CustodyImport.id).where(CustodyImport.file_hash == file_hash, taken)
    return session.scalar(query.limit(1)) is not None


def unfinished(session: Session) -> Sequence[CustodyImport]:
    """Imports whose rows all stand and that were killed on their further way, the oldest first."""
    on_their_way = (ImportStatus.DERIVING, ImportStatus.RELEASING)
    query = select(CustodyImport).where(CustodyImport.status.in_(on_their_way)).order_by(CustodyImport.id)
    return session.scalars(query).all()


def note_import(session: Session, import_id: int, **counts: int | datetime | str) -> None:
    """Set counts of an import so far, or `finished_at`."""
    session.execute(update(CustodyImport).where(CustodyImport.id == import_id).values(**counts))


def get(session: Session, import_id: int) -> CustodyImport:
    """One import. Raises NoResultFound."""
    return session.get_one(CustodyImport, import_id)


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import brought: events by kind; how many of them wait for a person, each by itself; deliveries."""

    events: Mapping[str, int]
    held: int
    deliveries: int


def brought(session: Session, import_id: int) -> Brought:
    """What an import has brought so far; that the feed was stale after it is not of its bringing."""
    # All states are named for the index, which begins with them.
    own = and_(CustodyEvent.import_id == import_id, CustodyEvent.state.in_(EventState))
    own = and_(own, CustodyEvent.kind != EventKind.FEED_STALE)
    waits = case((and_(CustodyEvent.state == EventState.HELD, CustodyEvent.held_by.is_(None)), 1), else_=0)
    kinds = select(CustodyEvent.kind, func.count(), func.sum(waits)).where(own).group_by(CustodyEvent.kind)
    found = session.execute(kinds.order_by(CustodyEvent.kind)).all()
    planned = select(func.count()).select_from(Delivery).join(CustodyEvent, CustodyEvent.id == Delivery.event_id)
    return Brought(
        {kind: count for kind, count, _ in found},
        sum(held for *_, held in found),
        session.scalar(planned.where(own)) or 0,
    )


_LAST_GOOD = (
    select(CustodyImport)
    .where(
        CustodyImport.finished_at.is_not(None),
        CustodyImport.status != ImportStatus.RETRACTED,
        CustodyImport.kind.in_(("full", "delta")),
    )
    .order_by(CustodyImport.finished_at.desc())
    .limit(1)
)


def last_good(session: Session) -> CustodyImport | None:
    """The last import that came to its end and was not taken back; what the clock derived is none."""
    return session.scalar(_LAST_GOOD)


def last_good_import(session: Session) -> datetime | None:
    """When the last good import finished."""
    last = last_good(session)
    return None if last is None else last.finished_at
