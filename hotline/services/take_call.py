"""Whether a call that comes in is taken as always: a flood from one number, or of everybody, keeps nobody else out."""

from __future__ import annotations

from datetime import datetime

import structlog

from hotline.ivr.session import Done
from hotline.rules.limits import CALLS_SPAN, DAY, ON_THE_LINE, call_refused, flooded, usual_calls
from hotline.services.actions import Turn, action
from hotline.store import calls

log = structlog.get_logger()

NOT_TAKEN = ("busy", "too_often")
"""The nodes of calls that were turned away: they don't count, so that who tries on gets in once it has cooled off."""

DAYS_BEFORE = 7


@action("taken", *NOT_TAKEN)
def take_call(turn: Turn) -> Done:
    """One call at once from a number, and no more than its limit. Withheld numbers are not one number."""
    if turn.call.caller_hash is None:
        return Done("taken")
    if calls.another_is_on(turn.db, turn.call, turn.now - ON_THE_LINE):
        return Done("busy")
    before = calls.taken_from(turn.db, turn.call, turn.now - CALLS_SPAN, NOT_TAKEN)
    return Done("too_often" if call_refused(turn.line.settings.limits, before) else "taken")


@action("calm", "flood")
def how_busy(turn: Turn) -> Done:
    """Whether far more people call than at this hour of the last days: then a person, or a call back, and no more."""
    limits = turn.line.settings.limits
    now = calls.came_in(turn.db, [(turn.now - CALLS_SPAN, turn.now)])
    if not flooded(limits, now, usual_calls(0, 1)):  # most of the time the days before need not be counted
        return Done("calm")
    hours = [_hour_around(turn.now - days * DAY) for days in range(1, DAYS_BEFORE + 1)]
    spans = round(sum((until - since) / CALLS_SPAN for since, until in hours))
    if not flooded(limits, now, usual_calls(calls.came_in(turn.db, hours), spans)):
        return Done("calm")
    log.warning("line_flooded", count=now)
    return Done("flood")


def _hour_around(at: datetime) -> tuple[datetime, datetime]:
    return at - 3 * CALLS_SPAN, at + 3 * CALLS_SPAN
