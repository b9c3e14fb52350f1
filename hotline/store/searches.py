"""What was searched, as hashes, for the limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.rules.limits import PastSearch
from hotline.store.models import Search

REMEMBERED = timedelta(days=30)


def past_searches(session: Session, caller_hash: str, now: datetime) -> Sequence[PastSearch]:
    """This caller's searches of the last 30 days."""
    query = select(Search.at, Search.person_hash).where(Search.caller_hash == caller_hash, Search.at > now - REMEMBERED)
    return [PastSearch(at, person) for at, person in session.execute(query)]


def searches_in_call(session: Session, call_id: str) -> int:
    return session.scalar(select(func.count()).where(Search.call_id == call_id)) or 0


def searches_since(session: Session, since: datetime) -> int:
    """Searches by everybody since then."""
    return session.scalar(select(func.count()).where(Search.at > since)) or 0


def add_search(session: Session, call_id: str, caller_hash: str, person_hash: str, now: datetime) -> None:
    session.add(Search(call_id=call_id, caller_hash=caller_hash, person_hash=person_hash, at=now))
