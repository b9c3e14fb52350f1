"""Calls and their steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline.store.models import Call, CallStep, key_ring

_BY_SID = select(Call).where(Call.sid == bindparam("sid")).with_for_update()


def locked_call(session: Session, sid: str) -> Call | None:
    """The call with this platform id, locked until the transaction ends."""
    return session.scalar(_BY_SID, {"sid": sid})


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


def another_is_on(session: Session, call: Call, since: datetime) -> bool:
    """Whether the number of this call has another one open that was heard of since then."""
    query = select(Call.id).where(*_others_from(call), Call.ended_at.is_(None), Call.touched_at >= since)
    return session.scalar(query.limit(1)) is not None


def taken_from(session: Session, call: Call, since: datetime, not_taken: Collection[str]) -> int:
    """How many other calls came from the number of this one since then, and did not end in one of these nodes."""
    others = (*_others_from(call), Call.started_at > since, Call.node.not_in(not_taken))
    return session.scalar(select(func.count()).select_from(Call).where(*others)) or 0


def _others_from(call: Call) -> tuple[ColumnElement[bool], ...]:
    return Call.caller_hash == call.caller_hash, Call.direction == "in", Call.id != call.id


def came_in(session: Session, spans: Collection[tuple[datetime, datetime]]) -> int:
    """How many calls came in within these spans, each without its begin and with its end."""
    within = or_(*(and_(Call.started_at > since, Call.started_at <= until) for since, until in spans))
    return session.scalar(select(func.count()).select_from(Call).where(Call.direction == "in", within)) or 0


def caller_number(session: Session, call: Call) -> str | None:
    """The number that called, E.164; None where it was withheld."""
    return call.unseal("caller", key_ring(session))
