"""Tasks for staff."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hotline.rules.limits import DAY
from hotline.rules.staff_tasks import due_within
from hotline.store.models import StaffTask, key_ring, new_id


def open_task(
    session: Session,
    kind: str,
    now: datetime,
    *,
    enrolment_id: str | None = None,
    event_id: int | None = None,
    call_id: str | None = None,
    note: str | None = None,
) -> StaffTask:
    """Open a task; `note` is private and sealed."""
    task = StaffTask(
        id=new_id(),
        kind=kind,
        opened_at=now,
        due_at=now + due_within(kind),
        enrolment_id=enrolment_id,
        event_id=event_id,
        call_id=call_id,
    )
    if note is not None:
        task.seal(key_ring(session), "note", note)
    session.add(task)
    return task


def open_once(session: Session, kind: str, now: datetime) -> None:
    """Open a task of this kind unless one is open already: a condition is told once, not at every sight of it."""
    if (
        session.scalar(select(StaffTask.id).where(StaffTask.kind == kind, StaffTask.closed_at.is_(None)).limit(1))
        is None
    ):
        open_task(session, kind, now)


def close(session: Session, now: datetime, *, kind: str | None = None, event_id: int | None = None) -> None:
    """Close the open tasks of a kind, or about an event."""
    which = StaffTask.kind == kind if kind is not None else StaffTask.event_id == event_id
    session.execute(update(StaffTask).where(which, StaffTask.closed_at.is_(None)).values(closed_at=now))


def open_daily(session: Session, kind: str, note: str, now: datetime) -> None:
    """Open a task of this kind with this note, unless one was opened in the last 24 hours."""
    recent = session.scalars(select(StaffTask).where(StaffTask.kind == kind, StaffTask.opened_at > now - DAY))
    if all(task.unseal("note") != note for task in recent):
        open_task(session, kind, now, note=note)
