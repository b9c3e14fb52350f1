"""Settles what the platform left open: calls and texts of which no answer, or no end, ever came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier.twilio_rest import Seen
from hotline.errors import CarrierError
from hotline.rules.delivery import AttemptState, look_up_at
from hotline.services import outcomes
from hotline.services.line import Line
from hotline.store import deliveries
from hotline.store.models import Attempt, Delivery, Enrolment, Subscriber, key_ring

log = structlog.get_logger()

CLOCKS_APART = timedelta(seconds=10)
"""How far the platform's clock may be from ours."""

UNCERTAIN_FOR = timedelta(minutes=3)
"""After so long without a trace at the platform, a call or text of unknown fate was never placed."""

NOT_PLACED = (AttemptState.PLACING, AttemptState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Open:
    """An attempt to look up."""

    attempt_id: str
    token: str
    sid: str | None
    channel: str
    number: str
    placed_at: datetime


def settle(line: Line, most: int = 20) -> int:
    """Look up attempts whose fate is open, and end calls that nobody needs any more. Returns how many it looked up."""
    now = line.clock()
    with line.database.begin() as db:
        waiting = [_open(db, attempt) for attempt in deliveries.unsettled(db, now, most) if _is_time(attempt, now)]
        to_end = [attempt.sid for attempt in deliveries.calls_to_end(db) if attempt.sid]
    for one in waiting:
        try:
            found = _found(line, one)
        except CarrierError as fault:
            log.warning("look_up_failed", attempt_id=one.attempt_id, fault=str(fault))
            continue
        with line.database.begin() as db:
            _write(line, db, one, found)
    for sid in to_end:
        _end(line, sid)
    return len(waiting)


def _is_time(attempt: Attempt, now: datetime) -> bool:
    if attempt.status in NOT_PLACED:
        return (attempt.looked_up_at or attempt.placed_at) <= now - timedelta(minutes=1)
    return look_up_at(attempt.placed_at, attempt.looked_up_at) <= now


def _open(db: Transaction, attempt: Attempt) -> Open:
    delivery = db.get_one(Delivery, attempt.delivery_id)
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    number = db.get_one(Subscriber, enrolment.subscriber_id).unseal("number", key_ring(db)) or ""
    return Open(attempt.id, attempt.token, attempt.sid, delivery.channel, number, attempt.placed_at)


def _found(line: Line, one: Open) -> list[Seen]:
    """What the platform has: the attempt itself where its id is known, else what went to the number since."""
    carrier, since = line.carrier, one.placed_at - CLOCKS_APART
    if one.channel == "voice":
        return [carrier.look_up_call(one.sid)] if one.sid else list(carrier.calls_to(one.number, since))
    return [carrier.look_up_text(one.sid)] if one.sid else list(carrier.texts_to(one.number, since))


def _write(line: Line, db: Transaction, one: Open, found: list[Seen]) -> None:
    attempt = deliveries.attempt_by_token(db, one.token)
    if attempt is None:
        return
    now = line.clock()
    attempt.looked_up_at = now
    unclaimed = [seen for seen in found if seen.sid == attempt.sid or deliveries.attempt_by_sid(db, seen.sid) is None]
    if unclaimed:
        seen = min(unclaimed, key=lambda s: s.created_at or now)
        attempt.sid = attempt.sid or seen.sid
        attempt.accepted_at = attempt.accepted_at or now
        outcomes.seen(line, db, attempt, seen.state, seen.error_code)
    elif attempt.status in NOT_PLACED and now - attempt.placed_at > UNCERTAIN_FOR:
        attempt.status, attempt.ended_at = AttemptState.FAILED, now  # there is no trace of it: it goes out again
        delivery = db.get_one(Delivery, attempt.delivery_id)
        if delivery.ended_at is None:
            delivery.next_at = now


def _end(line: Line, sid: str) -> None:
    try:
        line.carrier.hang_up(sid)
    except CarrierError as fault:  # it may be over already: its callback tells
        log.info("hang_up_refused", call_sid=sid, fault=str(fault))
