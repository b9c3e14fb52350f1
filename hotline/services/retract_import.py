"""Takes an import back: what was not sent is cancelled at once, and whoever was told hears that it was wrong.

A correction that the import itself made took back something true. Nobody is told that a correction was an error: that
confuses more than it helps. What is so is found out by a person, or comes with the agency's next rows, and is told
under its own name; until then the line does not say where these people are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.errors import HotlineError, NotFound
from hotline.rules.brakes import EventState, ImportStatus
from hotline.rules.custody import EventKind
from hotline.rules.custody_events import CORRECTION
from hotline.rules.decisions import given, named
from hotline.services import release_events
from hotline.services.decide_held import close_import_task
from hotline.services.line import Line
from hotline.services.release_events import CUSTODY_REVIEW, TAKEN_BACK, correct_all
from hotline.store import audit, custody, deliveries, events, tasks
from hotline.store.models import CustodyEvent, CustodyImport

BATCH = 250
"""Events to one transaction: callers wait for a transaction on SQLite, so it must be short."""


class NotRetractable(HotlineError):
    """An import that is still being read, or was taken back already."""


@dataclass(frozen=True, slots=True)
class Retracted:
    """`cancelled` deliveries had not gone out; `corrections` are on their way to those who were told.

    `to_review` events wait for a person: those of which the import itself sent corrections.
    """

    cancelled: int
    corrections: int
    to_review: int


def retract(line: Line, import_id: int, by: str, reason: str) -> Retracted:
    """Take an import back: nothing more of it is sent from this moment on, and its corrections are planned.

    What was imported is kept. Killed on the way, the clock goes on. Raises NotFound, NotRetractable.
    """
    now = line.clock()
    with line.database.begin() as db:
        custody.lock(db)
        wrong = db.get(CustodyImport, import_id, with_for_update=True)
        if wrong is None:
            raise NotFound(f"there is no import {import_id}")
        if wrong.status in (ImportStatus.READING, ImportStatus.DERIVING, ImportStatus.RETRACTED):
            raise NotRetractable(f"import {import_id} is {wrong.status}: it can't be taken back")
        audit.append(db, named(by), "import.retract", f"import {import_id}", given(reason), now)
        wrong.status = ImportStatus.RETRACTED
        db.flush()
        doubtful = events.corrections_told(db, import_id)
        cancelled = _stop(db, import_id, now)
        to_review = _review(db, doubtful, now)
    corrections = _correct(line, import_id)
    release_events.go_on(line)
    return Retracted(cancelled, corrections, to_review)


def retract_on(line: Line) -> int:
    """Go on with what was killed on its way. Returns how many corrections were planned."""
    with line.database.read() as db:
        left = [one for one in events.with_status(db, ImportStatus.RETRACTED) if events.any_to_take_back(db, one)]
    return sum(_correct(line, import_id) for import_id in left)


def _stop(db: Transaction, import_id: int, now: datetime) -> int:
    cancelled = deliveries.stop_events(db, events.ids_of(import_id), TAKEN_BACK, now)
    events.cancel_unsent(db, import_id)
    events.settle_held(db, import_id, EventState.CANCELLED)
    close_import_task(db, now)
    return cancelled


def _review(db: Transaction, doubtful: Sequence[CustodyEvent], now: datetime) -> int:
    """Have a person find out what is so where the import sent a correction."""
    db.add_all(
        CustodyEvent(
            subject_ref=correction.subject_ref,
            key=f"{CORRECTION}{correction.id}",
            kind=EventKind.UNDER_REVIEW,
            at=correction.at,
            received_at=now,
            import_id=corrected.import_id,
            state=EventState.HELD,
        )
        for correction in doubtful
        if (corrected := db.get(CustodyEvent, correction.corrects)) is not None
    )
    if doubtful:
        tasks.open_once(db, CUSTODY_REVIEW, now)
    return len(doubtful)


def _correct(line: Line, import_id: int) -> int:
    planned, wrong = 0, True
    while wrong:
        now = line.clock()
        with line.database.begin() as db:
            custody.lock(db)
            batch = events.to_take_back(db, import_id, BATCH)
            planned += correct_all(db, batch, now) if batch else 0
            wrong = bool(batch)
    return planned
