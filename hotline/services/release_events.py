"""Lets go what an import brought, once the brakes have looked at the whole of it; takes single events back.

Events move from `derived` to `released` in short transactions that plan their deliveries too, so whatever is
killed on the way goes on where it was: nothing is told twice, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.rules.brakes import Counts, EventState, ImportStatus, Verdict, judge
from hotline.rules.custody import EventKind, class_of
from hotline.rules.custody_events import CORRECTION
from hotline.rules.disclosure import earliest_date
from hotline.rules.staff_pages import Page
from hotline.services.line import Line
from hotline.store import audit, custody, deliveries, enrolments, events, tasks, watching
from hotline.store.models import CustodyEvent, CustodyImport
from hotline.store.turns import Turns

log = structlog.get_logger()

BATCH = 2000
"""Events to one transaction: callers wait for a transaction on SQLite, so it must be short."""

DEATH_REVIEW, CUSTODY_REVIEW = "death_review", "custody_review"
TAKEN_BACK = "taken_back"
"""Why a delivery was stopped whose event was wrong."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an import: `deliveries` were planned; `reasons` tell staff why it is held."""

    status: ImportStatus
    deliveries: int
    reasons: tuple[str, ...] = ()


def release(line: Line, import_id: int) -> Outcome:
    """Judge an import once, and let its events go or hold them all. All of its events must stand."""
    judged = _judged(line, import_id)
    if judged.status == ImportStatus.HELD:
        return Outcome(ImportStatus.HELD, 0, tuple((judged.reasons or "").splitlines()))
    return _release(line, import_id)


def go_on(line: Line) -> int:
    """Go on with what was killed on its way. Returns how many deliveries were planned."""
    with line.database.read() as db:
        left = events.with_status(db, ImportStatus.RELEASING)
    return sum(release(line, import_id).deliveries for import_id in left)


def _judged(line: Line, import_id: int) -> CustodyImport:
    """The import once the brakes have looked at it, by this process or by another."""
    now, brakes = line.clock(), line.settings.brakes
    with line.database.begin() as db:
        custody.lock(db)
        judged = db.get_one(CustodyImport, import_id)
        if judged.judged_at is not None:
            return judged
        _to_people(db, import_id, now)
    with line.database.read() as db:  # outside of a turn as the writer: callers wait for that on SQLite
        counts = events.counts_of(db, import_id, earliest_date(now), brakes.usual_imports)
    verdict = judge(brakes, counts)
    with line.database.begin() as db:
        custody.lock(db)
        judged = db.get_one(CustodyImport, import_id, with_for_update=True)
        if judged.judged_at is None:
            _write_verdict(db, judged, counts, verdict, now)
        return judged


def _write_verdict(db: Transaction, judged: CustodyImport, counts: Counts, verdict: Verdict, now: datetime) -> None:
    judged.judged_at, judged.approvals = now, verdict.approvals
    judged.critical, judged.people, judged.protected = counts.critical, counts.people, counts.protected
    judged.status = ImportStatus.HELD if verdict.held else ImportStatus.RELEASING
    judged.reasons = "\n".join(verdict.reasons) or None
    db.flush()
    if verdict.held:
        events.hold_import(db, judged.id)
        watching.page(db, Page.IMPORT_HELD, now)
        if verdict.exposes:
            _close_search(db, judged.id, now)
        log.warning("import_held", import_id=judged.id, count=counts.people)
    db.refresh(judged)


def _close_search(db: Transaction, import_id: int, now: datetime) -> None:
    """What was imported is kept, so callers could find at once whom it shows by mistake."""
    watching.lock(db)
    if not watching.search_closed(db):
        watching.close_search(db, now)
        watching.page(db, Page.SEARCH_CLOSED, now)
        audit.append(db, "hotline", "search.close", "search", f"import {import_id} is held", now)


def _to_people(db: Transaction, import_id: int, now: datetime) -> None:
    """Hold deaths and doubts, whatever becomes of the rest, and let staff know."""
    for kind in events.hold_singly(db, import_id):
        tasks.open_once(db, DEATH_REVIEW if kind is EventKind.DIED else CUSTODY_REVIEW, now)


def _release(line: Line, import_id: int) -> Outcome:
    planned, last, turns = 0, 0, Turns(line.database)
    while True:
        now = line.clock()
        with turns.turn() as db:
            page = let_go(db, import_id, now, last, BATCH)
            if page is None:
                return Outcome(_ended(db, import_id, now), planned)
        planned, last = planned + page.planned, page.last


@dataclass(frozen=True, slots=True)
class LetGo:
    """Events that were let go together: the id of the last one, and the deliveries planned."""

    last: int
    planned: int


def let_go(db: Transaction, import_id: int, now: datetime, after: int, most: int) -> LetGo | None:
    """Let the next `most` derived events of an import go, those behind the id `after` first; None where it has none.

    What a person decides by itself must be held before.
    """
    # Before its end once more from the beginning: a decision may have let go what waited there.
    ids = events.page(db, import_id, after, most) or events.page(db, import_id, 0, most)
    if ids is None:
        return None
    events.hold_behind(db, import_id, ids)
    planned = send_corrections(db, events.corrections(db, import_id, ids), now)
    for event in events.awaited(db, import_id, ids, earliest_date(now)):
        planned += deliveries.plan_event(db, event, class_of(EventKind(event.kind)).value, now)
    db.flush()
    events.release_page(db, import_id, ids, now)
    return LetGo(ids[1], planned)


def _ended(db: Transaction, import_id: int, now: datetime) -> ImportStatus:
    ended = db.get_one(CustodyImport, import_id, with_for_update=True)
    if ended.status == ImportStatus.RELEASING:
        ended.status = ImportStatus.FAILED if ended.broke_off else ImportStatus.FINISHED
        # Held for two days and then let go, it is still as old as it is.
        as_of = ended.judged_at if ended.reasons else now
        ended.finished_at = None if ended.broke_off else ended.finished_at or as_of
    return ImportStatus(ended.status)


# ---- taking back


def correct(db: Transaction, event: CustodyEvent, now: datetime) -> int:
    """Take one event back: nothing more of it is sent, and whoever was told, or may have been, hears that, once.

    Returns how many deliveries of the correction were planned. Safe to call again.
    """
    return correct_all(db, [event], now)


def correct_all(db: Transaction, wrong: Sequence[CustodyEvent], now: datetime) -> int:
    """The same for many events."""
    ids = [event.id for event in wrong]
    told = {delivery.event_id for delivery in deliveries.told_of(db, ids)}
    there = events.correction_of(db, ids)
    fresh = [_correction(event, now) for event in wrong if event.id in told and event.id not in there]
    db.add_all(fresh)
    db.flush()
    deliveries.stop_events(db, ids, TAKEN_BACK, now)
    events.take_back(db, ids, now)
    return send_corrections(db, [*fresh, *there.values()], now)


def send_corrections(db: Transaction, corrections: Sequence[CustodyEvent], now: datetime) -> int:
    """Let corrections go to exactly those who were told what they take back, or may have been, by the same channels."""
    if not corrections:
        return 0
    of = {event.corrects: event for event in corrections if event.corrects is not None}
    told = deliveries.told_of(db, of)
    deliveries.stop_events(db, of, TAKEN_BACK, now)
    listening = enrolments.listening(db, {delivery.enrolment_id for delivery in told})
    known = deliveries.planned_for(db, [event.id for event in corrections])
    planned = 0
    for delivery in told:
        correction, to = of[delivery.event_id or 0], (delivery.enrolment_id, delivery.channel)
        if to in listening and (correction.id, *to) not in known:
            deliveries.repeat_for(db, delivery, correction.id, now)
            planned += 1
    for event in corrections:
        event.state, event.held_by, event.released_at = EventState.RELEASED, None, event.released_at or now
    db.flush()
    events.take_back(db, of, now)
    return planned


def _correction(event: CustodyEvent, now: datetime) -> CustodyEvent:
    return CustodyEvent(
        subject_ref=event.subject_ref,
        key=f"{CORRECTION}{event.id}",
        kind=EventKind.CORRECTION,
        at=event.at,
        received_at=now,
        import_id=event.import_id,
        corrects=event.id,
    )
