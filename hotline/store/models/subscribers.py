"""Subscribers and their enrolments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.models.base import Base, Id, Private, row_id


class Subscriber(Private, Base):
    """A telephone number that asked for news, perhaps with a mail address, and what it has stopped.

    `zones` are the names of the time zones that it may be in, separated by blanks; None: as the number tells. Mail goes
    out only once `mail_confirmed_at` is set. `code_word` stands first in its texts and mails.
    """

    __tablename__ = "subscriber"
    id: Id = row_id()
    number_hash: Mapped[str] = mapped_column(String(64), unique=True)
    block_hash: Mapped[str] = mapped_column(String(64), index=True)
    number_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    calls_stopped_at: Mapped[datetime | None]
    texts_stopped_at: Mapped[datetime | None]
    zones: Mapped[str | None] = mapped_column(String(1000))
    code_word_sealed: Mapped[bytes | None]
    mail_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    mail_sealed: Mapped[bytes | None]
    mail_confirmed_at: Mapped[datetime | None]
    mail_stopped_at: Mapped[datetime | None]


class EnrolmentBatch(Base):
    """People who got their news by hand before, brought in from one file and asked to confirm, each by itself."""

    __tablename__ = "enrolment_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(100))
    file_hash: Mapped[str] = mapped_column(String(64))


class Enrolment(Private, Base):
    """One subscriber's wish to hear about one subject, or to have us watch for one who is not in the records yet.

    It was made in a call, or by text, or stands in line `batch_line` of a file of `batch_id`; those have no PIN until
    their subscriber chose one. The number is asked anew at `reconfirm_at`, for numbers change hands.
    """

    __tablename__ = "enrolment"
    id: Id = row_id()
    subscriber_id: Mapped[str] = mapped_column(ForeignKey("subscriber.id"), index=True)
    subject_ref: Mapped[int | None] = mapped_column(ForeignKey("subject.id"), index=True)
    watch_sealed: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(String(10), index=True)
    language: Mapped[str] = mapped_column(String(3))
    calls: Mapped[bool]
    texts: Mapped[bool]
    voicemail: Mapped[bool]
    any_hour: Mapped[bool]
    mails: Mapped[bool] = mapped_column(default=False)
    fuller_texts: Mapped[bool] = mapped_column(default=False)
    confirmation_hash: Mapped[str] = mapped_column(String(64), unique=True)
    pin_hash: Mapped[str | None] = mapped_column(String(120))
    call_id: Mapped[str | None] = mapped_column(String(22), unique=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment_batch.id"), index=True)
    batch_line: Mapped[int | None]
    eligible_text: Mapped[str | None] = mapped_column(String(12))
    eligible_at: Mapped[datetime | None]
    consent_text: Mapped[str | None] = mapped_column(String(12))
    consent_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    reconfirm_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class EnrolmentChange(Base):
    """What an enrolment wished, and what its subscriber had stopped, from one moment on (store.notice_history)."""

    __tablename__ = "enrolment_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    subscriber_id: Mapped[str] = mapped_column(String(22))
    status: Mapped[str] = mapped_column(String(10))
    calls: Mapped[bool]
    texts: Mapped[bool]
    mails: Mapped[bool]
    any_hour: Mapped[bool]
    calls_stopped: Mapped[bool]
    texts_stopped: Mapped[bool]
    mails_stopped: Mapped[bool]
    zones: Mapped[str | None] = mapped_column(String(1000))


class NumberChange(Base):
    """An enrolment that is to move to another number, or other channels, once that number has said yes."""

    __tablename__ = "number_change"
    id: Id = row_id()
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    subscriber_id: Mapped[str] = mapped_column(ForeignKey("subscriber.id"), index=True)
    calls: Mapped[bool]
    texts: Mapped[bool]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Link(Base):
    """An address sent to a subscriber that opens one small page, kept by the hash of its token alone.

    `purpose` says which page (rules.links); one that may be used once has its `used_at`.
    """

    __tablename__ = "link"
    id: Id = row_id()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Freeze(Base):
    """An enrolment that stands still because its person may no longer be shown, until two people have looked.

    `before` is the status that it had; `verdict` what the first of them decided, until the second agrees.
    """

    __tablename__ = "freeze"
    id: Id = row_id()
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    before: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    verdict: Mapped[str | None] = mapped_column(String(10))
    first_by: Mapped[str | None] = mapped_column(String(100))
    second_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None]


class PinFailure(Base):
    """A wrong PIN for an enrolment, for the limits; a right one clears them."""

    __tablename__ = "pin_failure"
    id: Id = row_id()
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[str | None] = mapped_column(String(22))
    at: Mapped[datetime]


class Tombstone(Base):
    """What stays of a deleted enrolment: a keyed hash that tells nobody anything."""

    __tablename__ = "tombstone"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
