"""Tasks for staff."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select, update
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


def open_about(session: Session, kind: str, now: datetime, enrolment_id: str, event_id: int | None) -> None:
    """Open a task of this kind about one notice, unless one is open already."""
    if session.scalar(_about(kind, enrolment_id, event_id).limit(1)) is None:
        open_task(session, kind, now, enrolment_id=enrolment_id, event_id=event_id)


def take_back(session: Session, kind: str, enrolment_id: str, event_id: int | None, now: datetime) -> None:
    """Close the open tasks of this kind about one notice: what they told of did not happen."""
    for task in session.scalars(_about(kind, enrolment_id, event_id)):
        task.closed_at = now


def _about(kind: str, enrolment_id: str, event_id: int | None) -> Select[StaffTask]:
    return select(StaffTask).where(
        StaffTask.kind == kind,
        StaffTask.enrolment_id == enrolment_id,
        StaffTask.event_id.is_not_distinct_from(event_id),
        StaffTask.closed_at.is_(None),
    )


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


def listed(session: Session, kind: str | None = None, closed: bool = False) -> Sequence[StaffTask]:
    """Tasks of a kind, or all: the open ones, the longest due first, and behind them those closed where asked for."""
    query = select(StaffTask).order_by(StaffTask.closed_at.is_not(None), StaffTask.due_at, StaffTask.id)
    if kind is not None:
        query = query.where(StaffTask.kind == kind)
    return session.scalars(query if closed else query.where(StaffTask.closed_at.is_(None))).all()


def notes(session: Session, kind: str, enrolment_ids: Collection[str]) -> set[tuple[str | None, str | None]]:
    """What tasks of this kind, open or closed, say of these enrolments, as (enrolment, note)."""
    query = select(StaffTask).where(StaffTask.kind == kind, StaffTask.enrolment_id.in_(enrolment_ids))
    return {(task.enrolment_id, task.unseal("note")) for task in session.scalars(query)}


def open_one(session: Session, task_id: str) -> StaffTask | None:
    """An open task by its id, locked."""
    query = select(StaffTask).where(StaffTask.id == task_id, StaffTask.closed_at.is_(None))
    return session.scalar(query.with_for_update())


def close_by(session: Session, task: StaffTask, by: str, now: datetime) -> None:
    """Somebody settled this task, and with it every other open one of its kind about the same enrolment."""
    alike = (StaffTask.kind == task.kind) & (StaffTask.enrolment_id == task.enrolment_id)
    session.execute(
        update(StaffTask)
        .where(or_(StaffTask.id == task.id, alike), StaffTask.closed_at.is_(None))
        .values(closed_at=now, closed_by=by)
    )


def any_overdue(session: Session, kinds: Collection[str], since: datetime | None, now: datetime) -> bool:
    """Whether an open task of these kinds became overdue after `since`, or ever."""
    query = select(StaffTask.id).where(
        StaffTask.kind.in_(kinds), StaffTask.closed_at.is_(None), StaffTask.due_at <= now
    )
    return session.scalar((query if since is None else query.where(StaffTask.due_at > since)).limit(1)) is not None


def open_daily(session: Session, kind: str, note: str, now: datetime) -> None:
    """Open a task of this kind with this note, unless one was opened in the last 24 hours."""
    recent = session.scalars(select(StaffTask).where(StaffTask.kind == kind, StaffTask.opened_at > now - DAY))
    if all(task.unseal("note") != note for task in recent):
        open_task(session, kind, now, note=note)
