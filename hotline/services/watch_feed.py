"""Watches how old the last good import is: staff hear of it first, subscribers after half a day, each once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules.brakes import EventState
from hotline.rules.custody import EventKind, class_of
from hotline.rules.custody_events import STALE
from hotline.rules.delivery import DeliveryState
from hotline.rules.disclosure import earliest_date
from hotline.rules.freshness import Step, reached
from hotline.rules.staff_pages import Page
from hotline.services import confirm
from hotline.services.line import Line
from hotline.store import deliveries, imports, stale, watching
from hotline.store.models import CustodyEvent, CustodyImport, FeedStretch

BATCH = 100
"""People, or notices, to one transaction."""


def watch_feed(line: Line) -> int:
    """One look at the feed's age. Returns the notices planned or taken back."""
    now = line.clock()
    with line.database.read() as db:
        if not _anything_to_do(db, now):
            return 0
    done = 0
    while True:
        with line.database.begin() as db:
            watching.lock(db)
            more, count = _step(db, now)
        done += count
        if not more:
            return done


def _anything_to_do(db: Transaction, now: datetime) -> bool:
    last, stretch = imports.last_good(db), watching.open_stretch(db)
    if last is None:
        return False  # nothing was ever imported: `hotline doctor` says so
    late = _is_late(last, now)
    if stretch is None or not late:
        return late or stretch is not None
    return stretch.subscribers_told_at is None and _is_stale(last, now)


def _step(db: Transaction, now: datetime) -> tuple[bool, int]:
    """One transaction's share of the work: whether there is more, and the notices touched."""
    last, stretch = imports.last_good(db), watching.open_stretch(db)
    if last is None:
        return False, 0
    if not _is_late(last, now):
        return (False, 0) if stretch is None else _end(db, stretch, now)
    if stretch is None:
        db.add(FeedStretch(import_id=last.id, staff_told_at=now))
        watching.page(db, Page.FEED_LATE, now)
        return True, 0
    if stretch.subscribers_told_at is None and _is_stale(last, now):
        return _tell_subscribers(db, last, stretch, now)
    return False, 0


def _is_late(last: CustodyImport, now: datetime) -> bool:
    return last.finished_at is not None and reached(Step.PAGE_STAFF, now - last.finished_at)


def _is_stale(last: CustodyImport, now: datetime) -> bool:
    return last.finished_at is not None and reached(Step.TELL_SUBSCRIBERS, now - last.finished_at)


def _tell_subscribers(db: Transaction, last: CustodyImport, stretch: FeedStretch, now: datetime) -> tuple[bool, int]:
    """One event of each person whom somebody waits to hear about, so that each is told once a stretch."""
    key, kind = f"{STALE}{stretch.id}", EventKind.FEED_STALE
    refs = stale.not_told(db, key, earliest_date(now), BATCH)
    if not refs:
        stretch.subscribers_told_at = now
        return False, 0
    events = [
        CustodyEvent(
            subject_ref=ref,
            key=key,
            kind=kind,
            at=last.finished_at,
            received_at=now,
            import_id=last.id,
            state=EventState.RELEASED,
            released_at=now,
        )
        for ref in refs
    ]
    db.add_all(events)
    db.flush()
    return True, sum(deliveries.plan_event(db, event, class_of(kind).value, now) for event in events)


def _end(db: Transaction, stretch: FeedStretch, now: datetime) -> tuple[bool, int]:
    """The feed is back: staff hear so once, and what subscribers were not told yet is not told any more."""
    notices = stale.open_notices(db, BATCH)
    for notice in notices:
        confirm.end_delivery(notice, DeliveryState.STOPPED, "feed_is_back", now)
    if len(notices) == BATCH:
        return True, len(notices)
    stretch.ended_at = now
    watching.close_page_task(db, Page.FEED_LATE, now)
    watching.page(db, Page.FEED_FRESH, now)
    return False, len(notices)
