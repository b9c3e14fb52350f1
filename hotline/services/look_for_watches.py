"""Searches for those whom subscribers wait to see in the records, after each import, as a call does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.errors import SearchClosed
from hotline.rules.disclosure import earliest_date
from hotline.rules.matching import Kind
from hotline.services.find_person import watched
from hotline.services.line import Line
from hotline.services.search import search
from hotline.store import custody, enrolments, tasks
from hotline.store.models import Enrolment, key_ring

WATCH_MATCH = "watch_match"


def look_for_watches(line: Line) -> int:
    """Search for those whom subscribers wait to see in the records, as a call does. Returns the tasks opened.

    One person found opens one task for each enrolment, ever, and another person another: staff look, and nobody is
    told by itself.
    """
    now = line.clock()
    with line.database.read() as db:
        seen = ((enrolment.id, _seen(db, enrolment, now)) for enrolment in enrolments.watches(db))
        found = {enrolment_id: ref for enrolment_id, ref in seen if ref is not None}
    if not found:
        return 0
    with line.database.begin() as db:
        custody.lock(db)
        notes = {(enrolment_id, f"subject {ref}") for enrolment_id, ref in found.items()}
        fresh = notes - tasks.notes(db, WATCH_MATCH, found)
        for enrolment_id, note in fresh:
            tasks.open_task(db, WATCH_MATCH, now, enrolment_id=enrolment_id, note=note)
    return len(fresh)


def _seen(db: Transaction, enrolment: Enrolment, now: datetime) -> int | None:
    text = enrolment.unseal("watch", key_ring(db))
    if text is None:
        return None
    try:
        decision = search(db, watched(text), earliest_date(now))
    except SearchClosed:
        return None
    return decision.subject if decision.kind is Kind.CONFIRM else None
