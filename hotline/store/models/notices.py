"""The outbox: deliveries and attempts; texts that came in; tasks for staff."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Float,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.models.base import Base, Id, Private, new_id, row_id

DUE = "next_at IS NOT NULL"
"""Deliveries that the outbox looks at."""
OPEN_ATTEMPT = "ended_at IS NULL"
"""Attempts whose end is not known."""


class Delivery(Base):
    """One occasion for one enrolment on one channel: an event, or the question whether the number is theirs.

    `subscriber_id` is whom it reaches: the enrolment's own, or the new number that is asked. `turn` counts the
    deliveries of one occasion from 0, so that everybody's first goes before anybody's second. Nothing is due without
    `next_at`. Attempts from before `retried_at` count no more: staff began anew.
    """

    __tablename__ = "delivery"
    id: Id = row_id()
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    subscriber_id: Mapped[str] = mapped_column(ForeignKey("subscriber.id"), index=True)
    occasion: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("custody_event.id"), index=True)
    channel: Mapped[str] = mapped_column(String(5))
    urgency: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    turn: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    retried_at: Mapped[datetime | None]
    first_attempt_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("enrolment_id", "occasion", "channel"),
        Index(
            "ix_delivery_due",
            "channel",
            "urgency",
            "turn",
            "next_at",
            sqlite_where=text(DUE),
            postgresql_where=text(DUE),
        ),
    )


class Attempt(Base):
    """One call, text or mail for a delivery. `token` stands in the addresses that the platform calls back."""

    __tablename__ = "attempt"
    id: Id = row_id()
    delivery_id: Mapped[str] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(22), unique=True, default=new_id)
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(12))
    answered_by: Mapped[str | None] = mapped_column(String(14))
    error_code: Mapped[int | None]
    placed_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    looked_up_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_attempt_open", "placed_at", sqlite_where=text(OPEN_ATTEMPT), postgresql_where=text(OPEN_ATTEMPT)),
    )


class PaceBucket(Base):
    """How much of a channel may go out at this moment, shared by all processes that send."""

    __tablename__ = "pace_bucket"
    channel: Mapped[str] = mapped_column(String(5), primary_key=True)
    tokens: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime]


class ChannelPause(Base):
    """A channel that stands still because our own set-up is broken: since when, for which code, until when."""

    __tablename__ = "channel_pause"
    channel: Mapped[str] = mapped_column(String(5), primary_key=True)
    code: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime]


class TextIn(Private, Base):
    """A text that came in, once however often it is delivered."""

    __tablename__ = "text_in"
    id: Id = row_id()
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    sender_hash: Mapped[str | None] = mapped_column(String(64))
    meaning: Mapped[str] = mapped_column(String(10))
    answer_sealed: Mapped[bytes | None]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_text_in_sender_hash_at", "sender_hash", "at"),)


class StaffTask(Private, Base):
    """Something that only a person can settle: who has it, and by when (rules.staff_tasks)."""

    __tablename__ = "staff_task"
    id: Id = row_id()
    kind: Mapped[str] = mapped_column(String(24), index=True)
    enrolment_id: Mapped[str | None] = mapped_column(ForeignKey("enrolment.id", ondelete="SET NULL"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("custody_event.id", ondelete="SET NULL"))
    call_id: Mapped[str | None] = mapped_column(String(22))
    note_sealed: Mapped[bytes | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(100))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(100))
