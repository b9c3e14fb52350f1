"""Machine detection that tells after the first word: a machine's call is turned to the voicemail, or ended."""

from __future__ import annotations

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier.webhooks import CallHook
from hotline.errors import CarrierError
from hotline.rules.delivery import FINAL_ATTEMPTS, Answerer, AttemptState, DeliveryState
from hotline.services.line import Line
from hotline.store import calls, deliveries
from hotline.store.models import Delivery

log = structlog.get_logger()


def meet_machine(line: Line, hook: CallHook, attempt_token: str) -> None:
    """The platform tells who took a call that goes on. People are left alone: whoever pressed a key is one."""
    with line.database.begin() as db:
        is_met = _met(db, hook, attempt_token)
    if not is_met:
        return
    try:  # outside of any transaction
        if hook.answered_by is Answerer.MACHINE_READY:
            line.carrier.turn_call(hook.sid, f"{line.settings.public_url}/voice/voicemail/{attempt_token}")
        else:
            line.carrier.hang_up(hook.sid)
    except CarrierError as fault:  # it may be over already: its status tells
        log.info("machine_not_met", call_sid=hook.sid, fault=str(fault))


def _met(db: Transaction, hook: CallHook, attempt_token: str) -> bool:
    """Write down that a machine took the call; False where there is nothing to do about it, or not any more."""
    attempt = deliveries.attempt_by_token(db, attempt_token)
    if attempt is None or hook.answered_by is Answerer.PERSON or attempt.answered_by not in (None, Answerer.PERSON):
        return False
    if calls.has_keyed(db, hook.sid) or db.get_one(Delivery, attempt.delivery_id).status == DeliveryState.CONFIRMED:
        return False
    attempt.answered_by = hook.answered_by
    return bool(hook.sid) and AttemptState(attempt.status) not in FINAL_ATTEMPTS
