"""What the watch over the feed and over who is shown has seen: stretches, checks, closures and pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hotline.rules.staff_pages import WORDS, Page
from hotline.store import tasks
from hotline.store.models import ExclusionCheck, FeedStretch, SearchClosure, StaffPage, StaffTask, new_id

# ---- the feed

WATCHING = 0x77617463
"""PostgreSQL's advisory lock for the one who watches; SQLite has one writer anyway."""


def lock(session: Session) -> None:
    """Let nobody else watch until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(WATCHING)))


def open_stretch(session: Session) -> FeedStretch | None:
    """The time without a good import that is not over yet."""
    return session.scalar(select(FeedStretch).where(FeedStretch.ended_at.is_(None)).limit(1))


# ---- who is shown


def last_check(session: Session) -> datetime | None:
    """When the line last searched for its own hidden records."""
    return session.scalar(select(func.max(ExclusionCheck.at)))


_CLOSED = select(SearchClosure.id).where(SearchClosure.reopened_at.is_(None)).limit(1)


def search_closed(session: Session) -> bool:
    """Whether nobody is searched for now."""
    return session.scalar(_CLOSED) is not None


def close_search(session: Session, now: datetime) -> None:
    """Let nobody be searched for from here on."""
    session.add(SearchClosure(closed_at=now))


def reopen_search(session: Session, by: str, now: datetime) -> None:
    """Let people be searched for again."""
    session.execute(
        update(SearchClosure).where(SearchClosure.reopened_at.is_(None)).values(reopened_at=now, reopened_by=by)
    )
    close_page_task(session, Page.SEARCH_CLOSED, now)


# ---- pages


def page(session: Session, kind: Page, now: datetime) -> None:
    """Have a page of this kind go out, and open its staff task."""
    if WORDS[kind].task:
        tasks.open_once(session, kind, now)
    session.add(StaffPage(id=new_id(), kind=kind, at=now, next_at=now))


def last_page(session: Session, kind: Page) -> datetime | None:
    """When a page of this kind was last written."""
    return session.scalar(select(func.max(StaffPage.at)).where(StaffPage.kind == kind))


def close_page_task(session: Session, kind: Page, now: datetime) -> None:
    """What a page told of is over: its task is closed."""
    open_tasks = update(StaffTask).where(StaffTask.kind == kind, StaffTask.closed_at.is_(None))
    session.execute(open_tasks.values(closed_at=now))


def due_pages(session: Session, now: datetime) -> Sequence[StaffPage]:
    """Pages that have not gone out on every way, locked."""
    query = select(StaffPage).where(StaffPage.next_at <= now).order_by(StaffPage.at)
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def any_page_due(session: Session, now: datetime) -> bool:
    return session.scalar(select(StaffPage.id).where(StaffPage.next_at <= now).limit(1)) is not None
