"""The table of facilities: for staff screens alone. No call, text, notice or export reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hotline.rules import facilities
from hotline.store.models import Facility


def replace_all(session: Session, listed: Iterable[facilities.Facility]) -> int:
    """Put a whole list in the place of the one before; the last row of a code counts. Returns how many there are."""
    rows = {one.code: one for one in listed}
    session.execute(delete(Facility))
    session.add_all(
        Facility(
            code=one.code,
            name=one.name,
            state=one.state,
            public_number=one.public_number,
            source=one.source,
            as_of=one.as_of,
        )
        for one in rows.values()
    )
    return len(rows)


def listed(session: Session, words: str = "") -> Sequence[facilities.Facility]:
    """The facilities by code; only those whose code, name or state holds the words, where any are given."""
    rows = session.scalars(select(Facility).order_by(Facility.code))
    found = (
        facilities.Facility(row.code, row.name, row.state, row.public_number, row.source, row.as_of) for row in rows
    )
    wanted = words.casefold()
    return [one for one in found if wanted in f"{one.code} {one.name} {one.state or ''}".casefold()]
