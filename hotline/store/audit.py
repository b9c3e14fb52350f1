"""The audit log: one line for each thing that a named person did, written in the transaction that does it.

The database refuses to change or delete a line (triggers, see the migration); the chain of keyed hashes tells of
whoever took the triggers away first (rules.audit).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.rules import audit
from hotline.rules.audit import EMPTY, Fault, Head, Line, Wrong
from hotline.store.models import AuditEntry, AuditHead, key_ring

WRITING = 0x61756474
"""PostgreSQL's advisory lock for those who write the log: its sequence has no gaps. SQLite has one writer anyway."""
HEAD = 1
"""The id of the only row of the head."""
PAGE = 1000


def append(session: Session, actor: str, action: str, object: str, reason: str, now: datetime) -> int:
    """Write one line, in the transaction of the action itself. Returns its sequence.

    `object` names what it was done to by id, such as `import 12`, never a person by name. A log whose tail was cut
    goes on behind the lines that are missing, so that the gap stays.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(WRITING)))
    kept = session.get(AuditHead, HEAD, with_for_update=True)
    if kept is None:
        kept = AuditHead(id=HEAD, sequence=0, hash=audit.FIRST, seal="")
        session.add(kept)
    before = max(Head(kept.sequence, kept.hash), _last(session), key=lambda head: head.sequence)
    key = _key(session)
    line = Line(before.sequence + 1, now, actor, action, object, reason, before.hash)
    head = Head(line.sequence, audit.seal(key, line))
    session.add(
        AuditEntry(
            sequence=line.sequence,
            at=now,
            actor=actor,
            action=action,
            object=object,
            reason=reason,
            previous=line.previous,
            hash=head.hash,
        )
    )
    kept.sequence, kept.hash, kept.seal = head.sequence, head.hash, audit.seal_head(key, head)
    session.flush()
    return line.sequence


def _last(session: Session) -> Head:
    query = select(AuditEntry.sequence, AuditEntry.hash).order_by(AuditEntry.sequence.desc()).limit(1)
    found = session.execute(query).one_or_none()
    return EMPTY if found is None else Head(*found)


def _key(session: Session) -> bytes:
    return key_ring(session).derive("audit")


def lines(session: Session, after: int = 0) -> Iterator[Line]:
    """The log from the line behind `after`, in order."""
    query = select(AuditEntry).where(AuditEntry.sequence > after).order_by(AuditEntry.sequence)
    for row in session.scalars(query.execution_options(yield_per=PAGE)):
        yield Line(row.sequence, row.at, row.actor, row.action, row.object, row.reason, row.previous, row.hash)


def head(session: Session) -> Head:
    """The head as it stands in the database, whether its seal is good or not."""
    kept = session.get(AuditHead, HEAD)
    return EMPTY if kept is None else Head(kept.sequence, kept.hash)


def verify(session: Session, witnessed: Collection[Head] = ()) -> tuple[Fault, ...]:
    """Everything that is wrong with the log; `witnessed` are heads that were kept elsewhere."""
    key, kept = _key(session), session.get(AuditHead, HEAD)
    heads, wrong = [*witnessed], list[Fault]()
    if kept is not None and audit.seal_head(key, Head(kept.sequence, kept.hash)) == kept.seal:
        heads.append(Head(kept.sequence, kept.hash))
    elif kept is not None or _last(session) != EMPTY:
        wrong.append(Fault(Wrong.HEAD, 0, 0))
    return (*audit.faults(key, lines(session), heads), *wrong)
