"""Settles what the platform left open: calls and texts of which no answer, or no end, ever came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier.twilio_rest import Seen
from hotline.errors import CarrierError, CarrierRefused
from hotline.rules.delivery import DOUBTFUL, FINAL_ATTEMPTS, LAST_LOOK, AttemptState
from hotline.rules.staff_pages import WORDS
from hotline.services import outcomes
from hotline.services.line import Line
from hotline.store import deliveries
from hotline.store.models import Attempt, Delivery, Subscriber, key_ring

log = structlog.get_logger()

CLOCKS_APART = timedelta(seconds=10)
"""How far the platform's clock may be from ours."""

ASKED_WITHIN = timedelta(minutes=1)
"""How long after an attempt was written down the platform may still be asked for it."""

UNCERTAIN_FOR = timedelta(minutes=3)
"""After so long without a trace at the platform, a call or text of unknown fate was never placed."""

PAGES = frozenset(words.text for words in WORDS.values())
"""Texts to staff, whose number may be a subscriber's too."""


@dataclass(frozen=True, slots=True)
class Open:
    """An attempt to look up."""

    attempt_id: str
    token: str
    sid: str | None
    channel: str
    number: str = field(repr=False)
    placed_at: datetime


def settle(line: Line, most: int = 20) -> int:
    """Look up attempts whose fate is open. Returns how many."""
    now = line.clock()
    with line.database.begin() as db:
        waiting = [_open(db, attempt, now) for attempt in deliveries.unsettled(db, now, most)]
    for one in waiting:
        try:
            found = _found(line, one)
        except CarrierError as fault:
            log.warning("look_up_failed", attempt_id=one.attempt_id, fault=str(fault))
            if isinstance(fault, CarrierRefused) and fault.status in (400, 403):
                continue  # this one alone
            break  # the others would wait for the same platform: their turn comes again
        with line.database.begin() as db:
            _write(line, db, one, found)
    return len(waiting)


def _open(db: Transaction, attempt: Attempt, now: datetime) -> Open:
    attempt.looked_up_at = now  # whatever comes of it, the next look is not at once
    delivery = db.get_one(Delivery, attempt.delivery_id)
    number = db.get_one(Subscriber, delivery.subscriber_id).unseal("number", key_ring(db)) or ""
    return Open(attempt.id, attempt.token, attempt.sid, delivery.channel, number, attempt.placed_at)


def _found(line: Line, one: Open) -> Sequence[Seen]:
    """What the platform has: the attempt itself where its id is known, else what may be it."""
    carrier, since = line.carrier, one.placed_at - CLOCKS_APART
    is_call = one.channel == "voice"
    if one.sid is not None:
        try:
            return [carrier.look_up_call(one.sid) if is_call else carrier.look_up_text(one.sid)]
        except CarrierRefused as refused:
            if refused.status != 404:
                raise
            return []
    seen = carrier.calls_to(one.number, since) if is_call else carrier.texts_to(one.number, since)
    until = one.placed_at + ASKED_WITHIN + CLOCKS_APART
    return [it for it in seen if (it.created_at is None or it.created_at <= until) and it.body not in PAGES]


def _write(line: Line, db: Transaction, one: Open, found: Sequence[Seen]) -> None:
    attempt = deliveries.attempt_by_token(db, one.token)
    if attempt is None or attempt.ended_at is not None:
        return
    now = line.clock()
    unclaimed = [seen for seen in found if seen.sid == attempt.sid or deliveries.attempt_by_sid(db, seen.sid) is None]
    if unclaimed:
        seen = min(unclaimed, key=lambda it: it.created_at or now)
        attempt.sid = attempt.sid or seen.sid
        outcomes.seen(line, db, attempt, seen.state, seen.error_code, seen.raw_status)
    elif attempt.status in DOUBTFUL and attempt.sid is None and now - attempt.placed_at > UNCERTAIN_FOR:
        attempt.status, attempt.ended_at = AttemptState.FAILED, now  # there is no trace of it: it goes out again
        delivery = db.get_one(Delivery, attempt.delivery_id)
        if delivery.ended_at is None:
            delivery.next_at = now
    is_gone = one.sid is not None and not found
    if attempt.status not in FINAL_ATTEMPTS and (is_gone or now - attempt.placed_at > LAST_LOOK):
        outcomes.never_told(db, attempt, now)
