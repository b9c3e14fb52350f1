"""The tables. Private fields are sealed (`*_sealed`) and found by keyed hash (`*_hash`)."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, object_session
from sqlalchemy.types import TypeDecorator

from hotline.rules.brakes import EventState, ImportStatus
from hotline.store.seal import KeyRing


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def new_id() -> str:
    """A random, opaque row id."""
    return secrets.token_urlsafe(12)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime, date: Date, str: String, bytes: LargeBinary}  # noqa: RUF012


Id = Mapped[str]


def _id() -> Mapped[str]:
    return mapped_column(String(22), primary_key=True, default=new_id)


class Private:
    """Rows with sealed fields. The row's id is bound in, so it must be set before anything is sealed."""

    id: Mapped[str]
    __tablename__: str

    def seal(self, ring: KeyRing, column: str, text: str) -> None:
        setattr(self, f"{column}_sealed", ring.seal(f"{self.__tablename__}.{column}", self.id, text))

    def unseal(self, column: str, ring: KeyRing | None = None) -> str | None:
        """The text of a sealed field, None where it is empty. Raises SealBroken."""
        sealed: bytes | None = getattr(self, f"{column}_sealed")
        ring = ring or ring_of(self)
        return None if sealed is None else ring.open(f"{self.__tablename__}.{column}", self.id, sealed)


def ring_of(row: Any) -> KeyRing:
    """The key ring of the session that a row lives in."""
    session = object_session(row)
    if session is None:
        raise ValueError("a row outside of a session has no key ring")
    return key_ring(session)


def key_ring(session: Session) -> KeyRing:
    """The key ring of a session."""
    ring = session.info["ring"]
    assert isinstance(ring, KeyRing)
    return ring


# ---- calls


class Call(Private, Base):
    """One telephone call, in or out, and where it stands."""

    __tablename__ = "call"
    id: Id = _id()
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
    id: Id = _id()
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
    id: Id = _id()
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


# ---- custody


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
    id: Id = _id()
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
    that import, its own or an earlier one about the same person; one without it is decided by itself.
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
    __table_args__ = (
        UniqueConstraint("subject_ref", "key"),
        Index("ix_custody_event_state_import_id_id", "state", "import_id", "id"),
    )


class Decision(Base):
    """What one named person decided about a held import or event; the reason stands in the audit log."""

    __tablename__ = "decision"
    id: Id = _id()
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


# ---- watching over the feed and over who is shown


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
    id: Id = _id()
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


# ---- subscribers


class Subscriber(Private, Base):
    """A telephone number that asked for news, and what it has stopped."""

    __tablename__ = "subscriber"
    id: Id = _id()
    number_hash: Mapped[str] = mapped_column(String(64), unique=True)
    block_hash: Mapped[str] = mapped_column(String(64), index=True)
    number_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    calls_stopped_at: Mapped[datetime | None]
    texts_stopped_at: Mapped[datetime | None]


class Enrolment(Private, Base):
    """One subscriber's wish to hear about one subject, or to have us watch for one who is not in the records yet."""

    __tablename__ = "enrolment"
    id: Id = _id()
    subscriber_id: Mapped[str] = mapped_column(ForeignKey("subscriber.id"), index=True)
    subject_ref: Mapped[int | None] = mapped_column(ForeignKey("subject.id"), index=True)
    watch_sealed: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(String(10), index=True)
    language: Mapped[str] = mapped_column(String(3))
    calls: Mapped[bool]
    texts: Mapped[bool]
    voicemail: Mapped[bool]
    any_hour: Mapped[bool]
    confirmation_hash: Mapped[str] = mapped_column(String(64), unique=True)
    pin_hash: Mapped[str] = mapped_column(String(120))
    call_id: Mapped[str] = mapped_column(String(22), unique=True)
    eligible_text: Mapped[str] = mapped_column(String(12))
    eligible_at: Mapped[datetime]
    consent_text: Mapped[str] = mapped_column(String(12))
    consent_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Freeze(Base):
    """An enrolment that stands still because its person may no longer be shown, until two people have looked.

    `before` is the status that it had; `verdict` what the first of them decided, until the second agrees.
    """

    __tablename__ = "freeze"
    id: Id = _id()
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
    id: Id = _id()
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[str] = mapped_column(String(22))
    at: Mapped[datetime]


class Tombstone(Base):
    """What stays of a deleted enrolment: a keyed hash that tells nobody anything."""

    __tablename__ = "tombstone"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


# ---- notices


class Delivery(Base):
    """One occasion for one enrolment on one channel: an event, or the question whether the number is theirs."""

    __tablename__ = "delivery"
    id: Id = _id()
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    occasion: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("custody_event.id"), index=True)
    channel: Mapped[str] = mapped_column(String(5))
    urgency: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    first_attempt_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("enrolment_id", "occasion", "channel"),
        Index("ix_delivery_status_next_at", "status", "next_at"),
    )


class Attempt(Base):
    """One call placed or one text sent for a delivery. `token` stands in the addresses that the platform calls back."""

    __tablename__ = "attempt"
    id: Id = _id()
    delivery_id: Mapped[str] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(22), unique=True, default=new_id)
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(12), index=True)
    answered_by: Mapped[str | None] = mapped_column(String(14))
    error_code: Mapped[int | None]
    placed_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    looked_up_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class TextIn(Private, Base):
    """A text that came in, once however often it is delivered."""

    __tablename__ = "text_in"
    id: Id = _id()
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    sender_hash: Mapped[str | None] = mapped_column(String(64))
    meaning: Mapped[str] = mapped_column(String(10))
    answer_sealed: Mapped[bytes | None]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_text_in_sender_hash_at", "sender_hash", "at"),)


class StaffTask(Private, Base):
    """Something that only a person can settle."""

    __tablename__ = "staff_task"
    id: Id = _id()
    kind: Mapped[str] = mapped_column(String(24), index=True)
    enrolment_id: Mapped[str | None] = mapped_column(ForeignKey("enrolment.id", ondelete="SET NULL"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("custody_event.id", ondelete="SET NULL"))
    call_id: Mapped[str | None] = mapped_column(String(22))
    note_sealed: Mapped[bytes | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
