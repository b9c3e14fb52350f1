"""The feed's people and their stays, the index of names, events, decisions, and the audit log."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.rules.brakes import EventState, ImportStatus
from hotline.store.models.base import Base, Id, Private, row_id


class CustodyImport(Base):
    """One reading of a feed file."""

    __tablename__ = "custody_import"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(5))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    rows: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    events: Mapped[int] = mapped_column(default=0)
    file_name: Mapped[str | None] = mapped_column(String(200))
    file_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    """SHA-256 of a file from the drop folder: one is never taken twice."""
    status: Mapped[str] = mapped_column(String(10), default=ImportStatus.READING, index=True)
    judged_at: Mapped[datetime | None]
    """When the brakes looked at the whole of it; the figures below are what they saw."""
    critical: Mapped[int | None]
    """Critical notices that it sends, or would send."""
    people: Mapped[int | None]
    """People whom its events are about."""
    protected: Mapped[int | None]
    """People in the records who are protected."""
    reasons: Mapped[str | None] = mapped_column(Text)
    """Why it is held, one reason a line, in words for staff."""
    approvals: Mapped[int] = mapped_column(default=1)
    """How many people must agree before it is let go."""
    broke_off: Mapped[bool] = mapped_column(default=False)
    """Whether the file ended before its end: what stood before the break is told, and it is no good import."""


class Quarantine(Private, Base):
    """A row of a feed that can't be used, with its reason; the row itself is sealed."""

    __tablename__ = "quarantine"
    id: Id = row_id()
    import_id: Mapped[int] = mapped_column(ForeignKey("custody_import.id"), index=True)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    row_sealed: Mapped[bytes | None]
    settled: Mapped[str | None] = mapped_column(String(10))
    """`retried` or `dropped`; then what stood there is gone."""
    settled_at: Mapped[datetime | None] = mapped_column(index=True)


TO_INDEX = "disclosable AND NOT protected AND NOT findable"
"""People whom the index of names lacks, once they are of age: the words of a partial index, so always the same."""


class Subject(Base):
    """A person in the custody records. `adult_on` is the first day on which 18 years are proved."""

    __tablename__ = "subject"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(32), unique=True)
    given_names: Mapped[str] = mapped_column(Text)
    surnames: Mapped[str] = mapped_column(Text)
    other_names: Mapped[str | None] = mapped_column(Text)
    sex: Mapped[str | None] = mapped_column(String(32))
    birth_date: Mapped[str | None] = mapped_column(String(10))
    birth_country: Mapped[str] = mapped_column(String(4))
    disclosable: Mapped[bool | None]
    protected: Mapped[bool | None]
    adult_on: Mapped[date | None]
    updated_at: Mapped[datetime]
    seen_import: Mapped[int | None]
    """The last full snapshot that this person stood in."""
    findable: Mapped[bool] = mapped_column(default=False)
    """Whether this person's names are in the index of names."""
    __table_args__ = (
        Index("ix_subject_to_index", "adult_on", sqlite_where=text(TO_INDEX), postgresql_where=text(TO_INDEX)),
    )


UNUSED = "given_count = 0 AND surname_count = 0"
"""Words that nobody carries any more: the words of a partial index, so always the same."""


class NameCountry(Base):
    """How many of the people born in a country can be found, and how many words their names have in all."""

    __tablename__ = "name_country"
    country: Mapped[str] = mapped_column(String(4), primary_key=True)
    people: Mapped[int] = mapped_column(default=0)
    given_words: Mapped[int] = mapped_column(default=0)
    surname_words: Mapped[int] = mapped_column(default=0)


class NameWord(Base):
    """One folded word of the recorded names of a country, and how many of its people carry it as what.

    A country's rows only grow: a word that nobody carries any more keeps its row and its id.
    """

    __tablename__ = "name_word"
    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(String(4))
    token: Mapped[str] = mapped_column(String(100), index=True)
    given_count: Mapped[int] = mapped_column(default=0)
    surname_count: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        UniqueConstraint("country", "token"),
        Index("ix_name_word_country_id", "country", "id"),
        Index("ix_name_word_unused", "country", sqlite_where=text(UNUSED), postgresql_where=text(UNUSED)),
    )


class NamePair(Base):
    """Who carries two words, or one (then `pair` is that word's id): the way from words to people.

    Only people who may be shown are here. `born` is the year of birth, 0 where it is not known.
    """

    __tablename__ = "name_pair"
    pair: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    born: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    subject_ref: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012


class Stint(Base):
    """One person at one place for one time."""

    __tablename__ = "stint"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject_ref: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    stay_id: Mapped[str] = mapped_column(String(64))
    stint_id: Mapped[str] = mapped_column(String(64))
    facility_code: Mapped[str | None] = mapped_column(String(64))
    facility_name: Mapped[str | None] = mapped_column(String(200))
    facility_state: Mapped[str | None] = mapped_column(String(64))
    book_in_at: Mapped[datetime]
    book_out_at: Mapped[datetime | None]
    release_reason: Mapped[str | None] = mapped_column(String(500))
    updated_at: Mapped[datetime]
    fingerprint: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """By which the stint is known again under another subject number (store.moved_stints)."""
    __table_args__ = (UniqueConstraint("subject_ref", "stint_id"),)


class StintsChanged(Base):
    """A person whose stints changed and whose events have not been derived since."""

    __tablename__ = "stints_changed"
    subject_ref: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ArrivalAwaited(Base):
    """A person who left by transfer and whose arrival is not known; `due_at` is when the clock looks at them next."""

    __tablename__ = "arrival_awaited"
    subject_ref: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)


class CustodyEvent(Base):
    """What happened to a subject, and whether it may be told: only what is `released` ever is (see EventState).

    `corrects` is the event that a correction takes back. A held event with `held_by` waits for the decision about
    that import, its own or an earlier one about the same person; one without it is decided by itself. It was let go at
    `released_at`; since `taken_back_at` whoever was told of it is owed a correction.
    """

    __tablename__ = "custody_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject_ref: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20), index=True)
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    import_id: Mapped[int] = mapped_column(ForeignKey("custody_import.id"))
    state: Mapped[str] = mapped_column(String(10), default=EventState.DERIVED)
    corrects: Mapped[int | None] = mapped_column(ForeignKey("custody_event.id", ondelete="SET NULL"), index=True)
    held_by: Mapped[int | None] = mapped_column(ForeignKey("custody_import.id"))
    released_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("subject_ref", "key"),
        Index("ix_custody_event_state_import_id_id", "state", "import_id", "id"),
    )


class Decision(Base):
    """What one named person decided about a held import or event; the reason stands in the audit log."""

    __tablename__ = "decision"
    id: Id = row_id()
    import_id: Mapped[int | None] = mapped_column(ForeignKey("custody_import.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("custody_event.id", ondelete="CASCADE"))
    verdict: Mapped[str] = mapped_column(String(10))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("import_id", "verdict", "by"),)


class AuditEntry(Base):
    """One line of the audit log: the database refuses to change or delete it (store.audit)."""

    __tablename__ = "audit"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(40))
    object: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last line that the audit log has: one row, sealed by keyed hash."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
