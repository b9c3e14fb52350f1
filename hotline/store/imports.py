"""Imports of the custody feed, and how fresh what we know is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.store.models import CustodyImport


def last_good_import(session: Session) -> datetime | None:
    """When the last import finished."""
    return session.scalar(select(func.max(CustodyImport.finished_at)))
