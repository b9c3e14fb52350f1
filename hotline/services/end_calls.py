"""Ends calls that nobody needs any more: what they would tell is known already, or may not be told."""

from __future__ import annotations

import structlog

from hotline.errors import CarrierError
from hotline.services.line import Line
from hotline.store import deliveries

log = structlog.get_logger()


def end_calls(line: Line) -> int:
    """Hang up calls on their way for deliveries that are over. Returns how many.

    Looked for every two seconds by whoever sends, bell or not: confirmed by one channel, the others stop within five.
    """
    with line.database.read() as db:
        sids = [attempt.sid for attempt in deliveries.calls_to_end(db) if attempt.sid]
    for sid in sids:
        try:
            line.carrier.hang_up(sid)
        except CarrierError as fault:  # it may be over already: its callback tells
            log.info("hang_up_refused", call_sid=sid, fault=str(fault))
    return len(sids)
