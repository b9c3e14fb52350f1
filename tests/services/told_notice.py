"""One notice that was told as it should be, on a clock that a test moves; and ways to doctor what is stored of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from hotline.rules.brakes import EventState
from hotline.rules.custody import EventKind
from hotline.rules.delivery import AttemptState, DeliveryState
from hotline.services.line import Line
from hotline.store import enrolments
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Attempt,
    CustodyEvent,
    CustodyImport,
    Delivery,
    Enrolment,
    EnrolmentChange,
    Subject,
    key_ring,
    new_id,
)

SIGNED = datetime(2026, 3, 1, 15, tzinfo=UTC)
RELEASED = datetime(2026, 3, 2, 15, tzinfo=UTC)
"""Ten in the morning in Washington, where the number is."""
LATER = datetime(2026, 3, 6, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CALLS = (0, 30, 60, 90)
"""Minutes after the release; the last call was taken, and the PIN was right."""


class Clock:
    """The time of a test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Told:
    """What stands in the tables, by id."""

    enrolment: str
    subscriber: str
    subject: int
    event: int
    voice: str
    text: str


def told_notice(line: Line, clock: Clock) -> Told:
    """A release told by call and text, confirmed in the fourth call; the clock stands days later then."""
    clock.now = SIGNED
    with line.database.begin() as db:
        subject = _subject(db, "S1")
        subscriber = enrolments.add_subscriber(db, "+12025550123", SIGNED)
        enrolment = Enrolment(
            id=new_id(),
            subscriber_id=subscriber.id,
            subject_ref=subject.id,
            status=EnrolmentStatus.ACTIVE,
            language="en",
            calls=True,
            texts=True,
            voicemail=False,
            any_hour=False,
            confirmation_hash=key_ring(db).index("confirmation", new_id()),
            pin_hash="-",
            confirmed_at=SIGNED,
        )
        db.add(enrolment)
        db.flush()
        event = add_event(db, subject.id, "a", EventKind.RELEASED, RELEASED)
        voice = add_delivery(db, enrolment, event, "voice", DeliveryState.CONFIRMED, "pin")
        voice.confirmed_at = voice.ended_at = RELEASED + 91 * MINUTE
        text = add_delivery(db, enrolment, event, "text", DeliveryState.STOPPED, "confirmed_elsewhere")
        text.ended_at = voice.ended_at
        db.flush()
        for minute in CALLS:
            taken = AttemptState.COMPLETED if minute == CALLS[-1] else AttemptState.NO_ANSWER
            add_attempt(db, voice.id, RELEASED + minute * MINUTE, taken)
        add_attempt(db, text.id, RELEASED, AttemptState.DELIVERED)
        told = Told(enrolment.id, subscriber.id, subject.id, event.id, voice.id, text.id)
    clock.now = LATER
    return told


def _subject(db: Session, subject_id: str) -> Subject:
    made = Subject(
        subject_id=subject_id,
        given_names="Ana",
        surnames="Prueba",
        birth_country="GT",
        disclosable=True,
        protected=False,
        adult_on=date(1999, 1, 1),
        updated_at=SIGNED,
    )
    db.add(made)
    db.flush()
    return made


def somebody_else(db: Session) -> int:
    """Another person in the records."""
    return _subject(db, "S2").id


def add_event(
    db: Session, ref: int, key: str, kind: EventKind, at: datetime, corrects: int | None = None
) -> CustodyEvent:
    """An event that was let go at a time."""
    imported = CustodyImport(kind="delta", started_at=at)
    db.add(imported)
    db.flush()
    made = CustodyEvent(
        subject_ref=ref,
        key=key,
        kind=kind,
        at=at,
        received_at=at,
        import_id=imported.id,
        state=EventState.RELEASED,
        released_at=at,
        corrects=corrects,
    )
    db.add(made)
    db.flush()
    return made


def add_delivery(
    db: Session, enrolment: Enrolment, event: CustodyEvent, channel: str, status: DeliveryState, reason: str | None
) -> Delivery:
    """A critical notice of this event."""
    made = Delivery(
        id=new_id(),
        enrolment_id=enrolment.id,
        subscriber_id=enrolment.subscriber_id,
        occasion=f"event:{event.id}",
        event_id=event.id,
        channel=channel,
        urgency="critical",
        status=status,
        reason=reason,
        created_at=event.released_at or RELEASED,
    )
    db.add(made)
    db.flush()
    return made


def add_attempt(db: Session, delivery_id: str, at: datetime, status: AttemptState) -> Attempt:
    """An attempt that the platform took at once, and that was over after half a minute."""
    made = Attempt(
        id=new_id(),
        delivery_id=delivery_id,
        sid=new_id(),
        status=status,
        placed_at=at,
        accepted_at=at,
        ended_at=at + MINUTE / 2,
    )
    db.add(made)
    db.flush()
    return made


def from_then_on(db: Session, told: Told, at: datetime, changed: Mapping[str, object]) -> None:
    """The enrolment's history, as if this had changed at a time."""
    before = db.query(EnrolmentChange).filter_by(enrolment_id=told.enrolment).order_by(EnrolmentChange.id).first()
    assert before is not None
    columns = [column.name for column in EnrolmentChange.__table__.columns if column.name not in ("id", "at")]
    db.add(EnrolmentChange(at=at, **{**{name: getattr(before, name) for name in columns}, **changed}))
