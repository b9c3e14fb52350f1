"""What waits for staff: listed, taken by somebody, shown with a reason, closed with a note. What a task decides
about an enrolment is in `settle_tasks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Transaction

from hotline.errors import NotFound
from hotline.rules.decisions import WrongDecision, given, named, same_person
from hotline.rules.disclosure import earliest_date
from hotline.rules.staff_tasks import DECIDED_BY, KINDS
from hotline.services.find_person import watched
from hotline.services.line import Line
from hotline.store import audit, people, tasks
from hotline.store.models import Enrolment, StaffTask, Subscriber

ABOUT_A_RECORD = ("watch_match", "record_asked_often")
"""Kinds whose note says which record they are about."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A task as the list shows it: ids alone, nothing about anybody."""

    id: str
    kind: str
    title: str
    to_do: str
    due_at: datetime
    overdue: bool
    owner: str | None
    enrolment: str | None
    event: int | None
    closed_at: datetime | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What is sealed behind a task: its note, the number to call back, whom a subscriber waits for, the record."""

    note: str | None
    number: str | None
    waits_for: dict[str, Any] | None
    record: dict[str, Any] | None


def list_tasks(line: Line, kind: str | None = None, closed: bool = False) -> Sequence[Listed]:
    """The open tasks, the longest overdue first; with `closed`, those that are done behind them."""
    now = line.clock()
    with line.database.read() as db:
        return [
            Listed(
                task.id,
                task.kind,
                KINDS[task.kind].title,
                KINDS[task.kind].to_do,
                task.due_at,
                task.closed_at is None and task.due_at <= now,
                task.owner,
                task.enrolment_id,
                task.event_id,
                task.closed_at,
                task.closed_by,
            )
            for task in tasks.listed(db, kind, closed)
        ]


def take(line: Line, task_id: str, by: str) -> None:
    """Somebody sees to a task. Raises NotFound, WrongDecision where somebody else does already."""
    by = named(by)
    with line.database.begin() as db:
        task = open_task(db, task_id)
        if task.owner is not None and not same_person(task.owner, by):
            raise WrongDecision(f"{task.owner} sees to this task already")
        task.owner = by


def close(line: Line, task_id: str, by: str, note: str) -> None:
    """A task is done; how, stands in the audit log. Raises NotFound, WrongDecision for one that a decision closes."""
    now, by, note = line.clock(), named(by), given(note)
    with line.database.begin() as db:
        task = open_task(db, task_id)
        if task.kind in DECIDED_BY:
            raise WrongDecision(f"this task wants a decision: {DECIDED_BY[task.kind]}")
        audit.append(db, by, "task.close", f"task {task.id}", note, now)
        task.closed_at, task.closed_by = now, by


def show(line: Line, task_id: str, by: str, reason: str) -> Shown:
    """What is sealed behind a task; that it was shown, to whom and why, stands in the audit log. Raises NotFound."""
    now, by, reason = line.clock(), named(by), given(reason)
    with line.database.begin() as db:
        task = open_task(db, task_id)
        audit.append(db, by, "task.show", f"task {task.id}", reason, now)
        note, ref = task.unseal("note"), record_of(task)
        enrolment = db.get(Enrolment, task.enrolment_id) if task.enrolment_id else None
        return Shown(
            note if ref is None and task.kind != "call_back" else None,
            note if task.kind == "call_back" else _number(db, enrolment),
            _waits_for(enrolment),
            None if ref is None else _record(db, ref, now),
        )


def open_task(db: Transaction, task_id: str) -> StaffTask:
    """An open task, locked. Raises NotFound."""
    task = tasks.open_one(db, task_id)
    if task is None:
        raise NotFound("no such task is open: see `hotline tasks list`")
    return task


def record_of(task: StaffTask) -> int | None:
    """The record that a task is about, None for other kinds."""
    if task.kind not in ABOUT_A_RECORD:
        return None
    return int((task.unseal("note") or "").removeprefix("subject "))


def _number(db: Transaction, enrolment: Enrolment | None) -> str | None:
    return None if enrolment is None else db.get_one(Subscriber, enrolment.subscriber_id).unseal("number")


def _waits_for(enrolment: Enrolment | None) -> dict[str, Any] | None:
    text = enrolment.unseal("watch") if enrolment is not None else None
    if text is None:
        return None
    query = watched(text)
    return {
        "given_names": query.given.text or query.given.keys,
        "surnames": query.surnames.text or query.surnames.keys,
        "birth_country": query.country,
        "birth_date": str(query.birth) if query.birth else None,
    }


def _record(db: Transaction, ref: int, now: datetime) -> dict[str, Any] | None:
    """A record as far as it may be shown: nothing of one that may not."""
    today = earliest_date(now)
    found = people.candidates(db, [ref], today)
    if not found:
        return None
    [record] = found
    return {
        "subject_id": people.subject_ids(db, [ref], today)[ref],
        "given_names": record.given,
        "surnames": record.surnames,
        "birth_country": record.country,
        "birth_date": str(record.birth) if record.birth else None,
    }
