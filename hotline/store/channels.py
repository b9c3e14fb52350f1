"""How fast each channel may send at this moment, and whether it stands still; one row a channel, for all processes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hotline.rules.pace import Bucket
from hotline.rules.sending import LONGEST_PAUSE, paused_until
from hotline.store.models import ChannelPause, PaceBucket


def bucket(session: Session, channel: str, *, lock: bool = False) -> Bucket:
    """How much of a channel may go out, as it was last written; with `lock` for this transaction alone."""
    query = select(PaceBucket.tokens, PaceBucket.at).where(PaceBucket.channel == channel)
    return Bucket(*session.execute(query.with_for_update() if lock else query).one())


def keep_bucket(session: Session, channel: str, left: Bucket) -> None:
    """What is left of it."""
    session.execute(update(PaceBucket).where(PaceBucket.channel == channel).values(tokens=left.tokens, at=left.at))


def pause(session: Session, channel: str, code: int, now: datetime) -> bool:
    """Let nothing go out on a channel for a while: our own set-up is broken. True where that is news."""
    found = session.get(ChannelPause, channel, with_for_update=True)
    if found is None:
        session.add(ChannelPause(channel=channel, code=code, since=now, until=paused_until(now, now)))
        return True
    is_news = now > found.until + LONGEST_PAUSE
    if is_news:
        found.since = now
    found.code, found.until = code, paused_until(found.since, now)
    return is_news


def lift_pauses(session: Session) -> None:
    """Staff mended it: every channel goes on."""
    for found in session.scalars(select(ChannelPause)):
        session.delete(found)
