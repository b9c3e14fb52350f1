"""Imports of the custody feed, and how fresh what we know is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.rules.brakes import ImportStatus
from hotline.store.models import CustodyImport

_LAST_GOOD = (
    select(CustodyImport)
    .where(
        CustodyImport.finished_at.is_not(None),
        CustodyImport.status != ImportStatus.RETRACTED,
        CustodyImport.kind.in_(("full", "delta")),
    )
    .order_by(CustodyImport.finished_at.desc())
    .limit(1)
)


def last_good(session: Session) -> CustodyImport | None:
    """The last import that came to its end and was not taken back; what the clock derived is none."""
    return session.scalar(_LAST_GOOD)


def last_good_import(session: Session) -> datetime | None:
    """When the last good import finished."""
    last = last_good(session)
    return None if last is None else last.finished_at
