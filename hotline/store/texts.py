"""Texts that came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline.store.models import TextIn


def add_text(session: Session, text: TextIn) -> tuple[TextIn, bool]:
    """Add a text, or find the row of one that was delivered before; True if it is new."""
    query = select(TextIn).where(TextIn.sid == text.sid)
    found = session.scalar(query)
    if found is not None:
        return found, False
    try:
        with session.begin_nested():
            session.add(text)
    except IntegrityError:
        return session.scalars(query).one(), False
    return text, True


def texts_from(session: Session, sender_hash: str, since: datetime) -> int:
    """How many texts came from this sender since then."""
    return session.scalar(select(func.count()).where(TextIn.sender_hash == sender_hash, TextIn.at > since)) or 0
