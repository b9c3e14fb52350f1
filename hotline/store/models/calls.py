"""Calls, their steps, and the searches made in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.models.base import Base, Id, Private, row_id


class Call(Private, Base):
    """One telephone call, in or out, and where it stands."""

    __tablename__ = "call"
    id: Id = row_id()
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    direction: Mapped[str] = mapped_column(String(3))
    attempt_id: Mapped[str | None] = mapped_column(String(22))
    flow: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(12))
    node: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(3))
    caller_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    caller_sealed: Mapped[bytes | None]
    session_sealed: Mapped[bytes | None]
    waiting_token: Mapped[str | None] = mapped_column(String(22))
    steps: Mapped[int] = mapped_column(default=0)
    read_backs: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(index=True)
    touched_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str | None] = mapped_column(String(20))
    __table_args__ = (Index("ix_call_ended_at_touched_at", "ended_at", "touched_at"),)


class CallStep(Private, Base):
    """One webhook of a call and the answer it got, to be repeated byte for byte."""

    __tablename__ = "call_step"
    id: Id = row_id()
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    n: Mapped[int]
    token: Mapped[str] = mapped_column(String(22))
    at: Mapped[datetime]
    milliseconds: Mapped[float]
    flow: Mapped[str] = mapped_column(String(40))
    node: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(10))
    confidence: Mapped[float | None]
    heard_sealed: Mapped[bytes | None]
    language: Mapped[str] = mapped_column(String(3))
    misses: Mapped[int]
    state: Mapped[str] = mapped_column(String(81))
    answer_sealed: Mapped[bytes]
    __table_args__ = (UniqueConstraint("call_id", "token"),)


class Search(Base):
    """One search by a caller, for the limits: hashes of what was asked, and the record that was read back, if any."""

    __tablename__ = "search"
    id: Id = row_id()
    call_id: Mapped[str] = mapped_column(String(22), index=True)
    caller_hash: Mapped[str] = mapped_column(String(64))
    person_hash: Mapped[str] = mapped_column(String(64))
    birth_hash: Mapped[str | None] = mapped_column(String(64))
    subject_ref: Mapped[int | None] = mapped_column(ForeignKey("subject.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (
        Index("ix_search_caller_hash_at", "caller_hash", "at"),
        Index("ix_search_subject_ref_at", "subject_ref", "at"),
    )
