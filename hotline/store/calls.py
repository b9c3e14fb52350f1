"""Calls and their steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline.store.models import Call, CallStep, key_ring


def locked_call(session: Session, sid: str) -> Call | None:
    """The call with this platform id, locked until the transaction ends."""
    return session.scalar(select(Call).where(Call.sid == sid).with_for_update())


def add_call(session: Session, call: Call) -> Call:
    """Add a call, or lock the one that another request added first."""
    try:
        with session.begin_nested():
            session.add(call)
    except IntegrityError:
        other = locked_call(session, call.sid)
        if other is None:
            raise
        return other
    return call


def answered_before(session: Session, call: Call, token: str) -> CallStep | None:
    """The step that already answered a request with this token."""
    return session.scalar(select(CallStep).where(CallStep.call_id == call.id, CallStep.token == token))


def has_keyed(session: Session, sid: str) -> bool:
    """Whether somebody pressed a key in the call with this platform id."""
    query = select(CallStep.id).join(Call).where(Call.sid == sid, CallStep.event == "keys")
    return session.scalar(query.limit(1)) is not None


def forgotten_calls(session: Session, before: datetime, most: int) -> Sequence[Call]:
    """Calls that have no end and were not heard of since `before`."""
    query = select(Call).where(Call.ended_at.is_(None), Call.touched_at < before).order_by(Call.touched_at)
    return session.scalars(query.limit(most).with_for_update(skip_locked=True)).all()


def caller_number(session: Session, call: Call) -> str | None:
    """The number that called, E.164; None where it was withheld."""
    return call.unseal("caller", key_ring(session))
