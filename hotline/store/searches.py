"""What was searched, as hashes, for the limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from hotline.rules.limits import DAY, PastSearch
from hotline.store.models import Enrolment, Search

REMEMBERED = timedelta(days=30)


def past_searches(session: Session, caller_hash: str, now: datetime) -> Sequence[PastSearch]:
    """This caller's searches of the last 30 days."""
    query = select(Search.at, Search.person_hash, Search.birth_hash, Search.subject_ref).where(
        Search.caller_hash == caller_hash, Search.at > now - REMEMBERED
    )
    return [PastSearch(*row) for row in session.execute(query)]


def searches_in_call(session: Session, call_id: str) -> int:
    return session.scalar(select(func.count()).where(Search.call_id == call_id)) or 0


def searches_since(session: Session, since: datetime) -> int:
    """Searches by everybody since then."""
    return session.scalar(select(func.count()).where(Search.at > since)) or 0


def add_search(
    session: Session, call_id: str, caller_hash: str, person_hash: str, birth_hash: str | None, now: datetime
) -> None:
    session.add(
        Search(call_id=call_id, caller_hash=caller_hash, person_hash=person_hash, birth_hash=birth_hash, at=now)
    )


def came_to(session: Session, call_id: str, person_hash: str, subject_ref: int) -> None:
    """What this call asked by this name came to this record: it was read back."""
    asked = (Search.call_id == call_id, Search.person_hash == person_hash)
    session.execute(update(Search).where(*asked).values(subject_ref=subject_ref))


def callers_of(session: Session, subject_ref: int, now: datetime) -> int:
    """How many different callers this record was read back to in the last 24 hours."""
    callers = func.count(func.distinct(Search.caller_hash))
    return session.scalar(select(callers).where(*_read_back(subject_ref, now))) or 0


def signed_up(session: Session, subject_ref: int, now: datetime) -> bool:
    """Whether any of those callers signed up about this record in the same call."""
    calls = select(Search.call_id).where(*_read_back(subject_ref, now))
    query = select(Enrolment.id).where(Enrolment.subject_ref == subject_ref, Enrolment.call_id.in_(calls))
    return session.scalar(query.limit(1)) is not None


def _read_back(subject_ref: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Search.subject_ref == subject_ref, Search.at > now - DAY
