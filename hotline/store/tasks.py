"""Tasks for staff."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

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
        id=new_id(), kind=kind, opened_at=now, enrolment_id=enrolment_id, event_id=event_id, call_id=call_id
    )
    if note is not None:
        task.seal(key_ring(session), "note", note)
    session.add(task)
    return task
