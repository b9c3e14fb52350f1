"""Counts over whole tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.store.imports import last_good_import
from hotline.store.models import Call, Delivery, StaffTask
from hotline.store.watching import search_closed


@dataclass(frozen=True, slots=True)
class Figures:
    calls: Mapping[str, int]
    deliveries: Mapping[str, int]
    tasks: Mapping[str, int]
    feed_at: datetime | None
    search_closed: bool


def figures(session: Session, now: datetime) -> Figures:
    """How many there are of each kind now."""
    endings = session.execute(select(func.coalesce(Call.ending, "open"), func.count()).group_by(Call.ending))
    states = session.execute(select(Delivery.status, func.count()).group_by(Delivery.status))
    tasks = session.execute(
        select(StaffTask.kind, func.count()).where(StaffTask.closed_at.is_(None)).group_by(StaffTask.kind)
    )
    return Figures(
        dict(endings.all()),
        dict(states.all()),
        dict(tasks.all()),
        last_good_import(session),
        search_closed(session),
    )
