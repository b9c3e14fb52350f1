"""Takes an import back: what was not sent is cancelled at once, and whoever was told hears that it was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.errors import HotlineError, NotFound
from hotline.rules.brakes import EventState, ImportStatus
from hotline.services import release_events
from hotline.services.decide_held import close_import_task, given, named
from hotline.services.line import Line
from hotline.services.release_events import TAKEN_BACK, correct_all
from hotline.store import audit, custody, deliveries, events
from hotline.store.models import CustodyImport

BATCH = 250
"""Events to one transaction: callers wait for a transaction on SQLite, so it must be short."""


class NotRetractable(HotlineError):
    """An import that is still being read, or was taken back already."""


@dataclass(frozen=True, slots=True)
class Retracted:
    """`cancelled` deliveries had not gone out; `corrections` are on their way to those who were told."""

    cancelled: int
    corrections: int


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
        cancelled = _stop(db, import_id, now)
    corrections = _correct(line, import_id)
    release_events.go_on(line)
    return Retracted(cancelled, corrections)


def retract_on(line: Line) -> int:
    """Go on with what was killed on its way. Returns how many corrections were planned."""
    with line.database.read() as db:
        left = [one for one in events.with_status(db, ImportStatus.RETRACTED) if events.any_to_take_back(db, one)]
    return sum(_correct(line, import_id) for import_id in left)


def _stop(db: Transaction, import_id: int, now: datetime) -> int:
    cancelled = deliveries.stop_events(db, events.ids_to_take_back(import_id), TAKEN_BACK, now)
    events.cancel_unsent(db, import_id)
    events.settle_held(db, import_id, EventState.CANCELLED)
    close_import_task(db, now)
    return cancelled


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
