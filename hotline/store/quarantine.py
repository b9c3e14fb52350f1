"""Rows of a feed that can't be used: sealed, with the reason, until staff have them read again or drop them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from hotline.store import bulk
from hotline.store.models import Base, Quarantine, key_ring, new_id

TABLE = Base.metadata.tables[Quarantine.__tablename__]

MOST_RAW = 64 * 1024
"""Characters kept of a refused row; no row that could be read comes near it."""


def keep(session: Session, import_id: int, refused: Sequence[tuple[int, str, str | None]]) -> None:
    """Keep refused rows: the line in the file, what is wrong with it, and what stood there.

    A row that waits already from the same line, of a file that is given again, is not kept twice: it passes to this
    import.
    """
    ring = key_ring(session)
    known = _waiting_at(session, [line for line, *_ in refused])
    rows = []
    for line, reason, raw in refused:
        row_id = new_id()
        text = None if raw is None else raw[:MOST_RAW].encode("utf-8", "backslashreplace").decode()
        if (there := known.get((line, reason[:200], text))) is not None:
            there.import_id = import_id
            continue
        sealed = None if text is None else ring.seal(f"{TABLE.name}.row", row_id, text)
        rows.append({"id": row_id, "import_id": import_id, "line": line, "reason": reason[:200], "row_sealed": sealed})
    if rows:
        session.execute(insert(TABLE), rows)


def _waiting_at(session: Session, lines: Collection[int]) -> dict[tuple[int, str, str | None], Quarantine]:
    if not lines:
        return {}
    query = select(Quarantine).where(Quarantine.settled_at.is_(None), bulk.among(session, TABLE.c.line, lines))
    return {(row.line, row.reason, row.unseal("row")): row for row in session.scalars(query)}


def waiting(session: Session, import_id: int | None = None, most: int | None = 1000) -> Sequence[Quarantine]:
    """Rows that nobody has settled, by import and line; of one import where it is given."""
    query = select(Quarantine).where(Quarantine.settled_at.is_(None))
    query = query if import_id is None else query.where(Quarantine.import_id == import_id)
    return session.scalars(query.order_by(Quarantine.import_id, Quarantine.line).limit(most)).all()


def settle(session: Session, row_ids: Sequence[str], how: str, now: datetime) -> None:
    """Mark rows as read again or dropped; of a row that is settled, what stood there goes."""
    settled = {"settled_at": now, "settled": how, "row_sealed": None}
    if row_ids:
        session.execute(update(Quarantine), [{"id": row_id, **settled} for row_id in row_ids])
