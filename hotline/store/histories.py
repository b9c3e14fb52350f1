"""What is stored of people's histories, as deriving reads and amends it; and who is awaited after a transfer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hotline.rules.brakes import EventState, ImportStatus
from hotline.rules.custody import EventKind
from hotline.rules.custody_events import FORMER, GONE, Moved, StoredEvent
from hotline.store import bulk
from hotline.store.models import ArrivalAwaited, Base, CustodyEvent, CustodyImport, StaffTask, StintsChanged, Subject

EVENT, AWAITED, CHANGED, TASK = (
    Base.metadata.tables[table.__tablename__] for table in (CustodyEvent, ArrivalAwaited, StintsChanged, StaffTask)
)
NEVER_TOLD = (EventState.DERIVED, EventState.HELD)


def stored_events(session: Session, refs: Collection[int]) -> dict[int, list[StoredEvent]]:
    """All that is stored of what happened to these subjects."""
    found: dict[int, list[StoredEvent]] = {ref: [] for ref in refs}
    query = select(EVENT.c.subject_ref, EVENT.c.id, EVENT.c.key, EVENT.c.kind, EVENT.c.at, EVENT.c.state)
    for ref, row, key, kind, at, state in session.execute(query.where(bulk.among(session, EVENT.c.subject_ref, refs))):
        found[ref].append(StoredEvent(row, key, EventKind(kind), at, EventState(state)))
    return found


def move(session: Session, moved: Sequence[Moved]) -> None:
    """Let events go on under another key and time. Nothing is corrected any more where that was on its way."""
    if not moved:
        return
    free_keys(session, [one.event.id for one in moved])  # one may take the key that another leaves
    bulk.change(session, EVENT, ("id", "key", "at"), [(one.event.id, one.to.key, one.to.at) for one in moved])
    back = [one.event.id for one in moved if one.event.key.startswith(FORMER)]
    if back:
        pending = select(EVENT.c.id).where(EVENT.c.corrects.in_(back), EVENT.c.state.in_(NEVER_TOLD))
        cancel(session, session.scalars(pending).all())


def free_keys(session: Session, event_ids: Collection[int]) -> None:
    """Let the keys of these events be told anew."""
    bulk.change(session, EVENT, ("id", "key"), [(one, f"{FORMER}{one}") for one in event_ids])


def cancel(session: Session, event_ids: Collection[int]) -> None:
    """Events that are never told, or no longer: what is unsent stays so, and nobody needs to read them any more."""
    if event_ids:
        session.execute(
            update(EVENT).where(EVENT.c.id.in_(event_ids)).values(state=EventState.CANCELLED.value, held_by=None)
        )


def newest_event(session: Session, subject_ref: int) -> CustodyEvent | None:
    """What last happened to a person, of all that may be told."""
    query = select(CustodyEvent).where(
        CustodyEvent.subject_ref == subject_ref,
        CustodyEvent.state == EventState.RELEASED,
        CustodyEvent.kind.not_in((EventKind.CORRECTION, EventKind.FEED_STALE)),
    )
    return session.scalar(query.order_by(CustodyEvent.at.desc(), CustodyEvent.id.desc()).limit(1))


def close_tasks(session: Session, event_ids: Collection[int], now: datetime) -> None:
    """Close what staff had to read of these events."""
    if event_ids:
        closed = update(TASK).where(bulk.among(session, TASK.c.event_id, event_ids), TASK.c.closed_at.is_(None))
        session.execute(closed.values(closed_at=now))


def renew(session: Session, event_ids: Collection[int], values: Mapping[str, Any]) -> None:
    """Set the same values in these events."""
    if event_ids:
        session.execute(update(EVENT).where(EVENT.c.id.in_(event_ids)).values(**values))


def seen_again(session: Session, snapshot: int) -> Sequence[int]:
    """Events that wait for a person because somebody was missing who stands in this snapshot again."""
    query = (
        select(EVENT.c.id)
        .join(Subject, Subject.id == EVENT.c.subject_ref)
        .where(EVENT.c.state.in_(NEVER_TOLD), EVENT.c.key.startswith(GONE), Subject.seen_import == snapshot)
    )
    return session.scalars(query).all()


# ---- arrivals that are awaited


def await_nobody(session: Session, refs: Collection[int]) -> None:
    """Forget that arrivals of these subjects are awaited; a clock that looks at them ends first."""
    session.execute(delete(AWAITED).where(bulk.among(session, AWAITED.c.subject_ref, refs)))


def await_arrivals(session: Session, due: Mapping[int, datetime]) -> None:
    """Let the clock look at each of these subjects when it is due."""
    bulk.add(session, AWAITED, ("subject_ref", "due_at"), [*due.items()])


def anybody_overdue(session: Session, now: datetime) -> bool:
    """Whether the clock has somebody to look at."""
    return session.scalar(select(AWAITED.c.subject_ref).where(AWAITED.c.due_at <= now).limit(1)) is not None


def overdue_people(session: Session, now: datetime, most: int) -> Sequence[int]:
    """Subjects whom the clock is to look at, the longest due first; not those whose rows are being read."""
    unread = select(CHANGED.c.subject_ref).where(CHANGED.c.subject_ref == AWAITED.c.subject_ref)
    query = select(AWAITED.c.subject_ref).where(AWAITED.c.due_at <= now, ~unread.exists()).order_by(AWAITED.c.due_at)
    return session.scalars(query.limit(most)).all()


def begin_look(session: Session, kind: str, now: datetime, events: int) -> int:
    """What the clock tells goes as an import of its own, that has no file and is ready to be judged; its id."""
    made = CustodyImport(kind=kind, started_at=now, events=events, status=ImportStatus.RELEASING)
    session.add(made)
    session.flush()
    return made.id
