"""The line's own hidden records, in the table of people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.rules.feed_versions import latest
from hotline.rules.test_records import HIDDEN_RECORDS, rows
from hotline.store import custody
from hotline.store.models import NamePair, Subject

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def place(session: Session, now: datetime, today: date) -> None:
    """Write the hidden records anew, the very way that an import writes people."""
    there = set(session.scalars(select(Subject.id).where(Subject.id < 0)))
    session.add_all(
        Subject(
            id=record.ref,
            subject_id=record.subject_id,
            given_names=record.given_names,
            surnames=record.surnames,
            birth_country=record.birth_country,
            updated_at=NEVER,
        )
        for record in HIDDEN_RECORDS
        if record.ref not in there
    )
    session.flush()
    custody.take_rows(session, latest(rows(now, today)), None, today)
    custody.unmark_changed(session, [record.ref for record in HIDDEN_RECORDS])  # their stints tell nobody anything


def indexed(session: Session) -> Sequence[int]:
    """Those of them that stand in the index of names: there should be none."""
    return session.scalars(select(NamePair.subject_ref).where(NamePair.subject_ref < 0).distinct()).all()
