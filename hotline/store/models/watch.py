"""What watches over the feed and over who is shown, and the facilities for staff."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    ForeignKey,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.models.base import Base, Id, row_id


class FeedStretch(Base):
    """A time without a good import: who was told of it, and when it was over."""

    __tablename__ = "feed_stretch"
    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("custody_import.id"))
    """The last good import before it."""
    staff_told_at: Mapped[datetime]
    subscribers_told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ExclusionCheck(Base):
    """One search of the line for its own hidden records; `hits` of them came up, and each is one too many."""

    __tablename__ = "exclusion_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    hits: Mapped[int]


class SearchClosure(Base):
    """A time in which nobody is searched for, until a named person opens the search again."""

    __tablename__ = "search_closure"
    id: Mapped[int] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    reopened_at: Mapped[datetime | None] = mapped_column(index=True)
    reopened_by: Mapped[str | None] = mapped_column(String(100))


class StaffPage(Base):
    """A page to staff by mail and text. A way that is not set up, or that took it, has its time."""

    __tablename__ = "staff_page"
    id: Id = row_id()
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    mailed_at: Mapped[datetime | None]
    texted_at: Mapped[datetime | None]


class Facility(Base):
    """A place of detention and its public number: for staff, never spoken, texted or mailed."""

    __tablename__ = "facility"
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str | None] = mapped_column(String(64))
    public_number: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(200))
    as_of: Mapped[date]
