"""The tables of `hotline bench notices`: people who signed up for texts, and a text due for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import MetaData, Table, func, select, text
from sqlalchemy.orm import Session

from hotline.errors import HotlineError
from hotline.rules import phones
from hotline.rules.brakes import EventState, ImportStatus
from hotline.rules.custody import EventKind
from hotline.rules.delivery import AttemptState, DeliveryState
from hotline.services.line import Line
from hotline.store import bulk, deliveries
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.migrate import migrate
from hotline.store.models import (
    Attempt,
    Base,
    CustodyEvent,
    CustodyImport,
    Delivery,
    Enrolment,
    Subject,
    Subscriber,
    key_ring,
    new_id,
)
from hotline.store.people import has_people

ENROLMENTS_EACH = 5
PEOPLE_EACH = 1000
"""Enrolments about one person."""
URGENCY = "critical"
BARE = "bare"

SUBSCRIBER, ENROLMENT, DELIVERY, ATTEMPT = (
    Base.metadata.tables[table.__tablename__] for table in (Subscriber, Enrolment, Delivery, Attempt)
)


def prepare(line: Line, texts: int) -> None:
    """An empty database with `texts` texts due. Raises HotlineError where it is not empty."""
    migrate(line.database.engine)
    now = datetime.now(UTC)
    with line.database.begin() as db:
        if has_people(db):
            raise HotlineError("the bench needs an empty database: give the address of one")
        events = _events(db, -(-texts // PEOPLE_EACH), now)
        subscribers = [new_id() for _ in range(-(-texts // ENROLMENTS_EACH))]
        _add(db, SUBSCRIBER, [_subscriber(db, one, n, now) for n, one in enumerate(subscribers)])
        enrolments = [
            _enrolment(subscribers[n // ENROLMENTS_EACH], events[n % len(events)].subject_ref, now)
            for n in range(texts)
        ]
        _add(db, ENROLMENT, enrolments)
        told = [_delivery(one, events[n % len(events)].id, n // len(events), now) for n, one in enumerate(enrolments)]
        _add(db, DELIVERY, told)
    if not line.database.is_sqlite:
        with line.database.begin() as db:
            db.execute(text(f"CREATE TABLE {BARE} (LIKE attempt INCLUDING INDEXES)"))
            db.execute(text("ANALYZE"))


def accepted(line: Line) -> tuple[int, int]:
    """Attempts that have the platform's id, and attempts in all."""
    with line.database.read() as db:
        return db.execute(select(func.count(Attempt.sid), func.count()).select_from(Attempt)).one()._tuple()


def tell(line: Line) -> datetime:
    """One more event about one person, and its notices. Returns when it was committed."""
    now = datetime.now(UTC)
    with line.database.begin() as db:
        event = _event(db.scalars(select(Subject.id)).first() or 0, 1, "again", now)
        db.add(event)
        db.flush()
        deliveries.plan_event(db, event, URGENCY, now)
    return datetime.now(UTC)


def delays(line: Line, committed: datetime) -> list[float]:
    """Seconds until each notice planned last was accepted, of those that are."""
    with line.database.read() as db:
        newest = select(func.max(CustodyEvent.id)).scalar_subquery()
        query = select(Attempt.accepted_at).join(Delivery, Delivery.id == Attempt.delivery_id)
        found = db.scalars(query.where(Delivery.event_id == newest, Attempt.accepted_at.is_not(None)))
        return [(at - committed).total_seconds() for at in found if at is not None]


def bare_rows(line: Line, count: int) -> list[str]:
    """Rows of attempts, written down as the line does it and for nobody. Returns their keys."""
    now, keys = datetime.now(UTC), [new_id() for _ in range(count)]
    bare = ATTEMPT.to_metadata(MetaData(), name=BARE)
    names = ("id", "delivery_id", "token", "status", "placed_at")
    with line.database.begin() as db:
        bulk.add(db, bare, names, [(key, key, key, AttemptState.PLACING.value, now) for key in keys])
    return keys


_ANSWERED = text(f"""
    UPDATE {BARE} SET sid = told.sid, status = 'accepted', accepted_at = now()
    FROM unnest(CAST(:ids AS varchar[]), CAST(:sids AS varchar[])) AS told (id, sid) WHERE {BARE}.id = told.id
""")


def bare_answers(line: Line, sids: Mapping[str, str]) -> None:
    """The platform's answers, written back."""
    with line.database.begin() as db:
        db.execute(_ANSWERED, {"ids": [*sids], "sids": [*sids.values()]})


def _add(db: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    bulk.add(db, table, tuple(rows[0]), [tuple(row.values()) for row in rows])


def _events(db: Session, people: int, now: datetime) -> list[CustodyEvent]:
    read = CustodyImport(kind="full", started_at=now, finished_at=now, status=ImportStatus.FINISHED)
    subjects = [
        Subject(
            subject_id=f"bench-{n}",
            given_names="Juan",
            surnames="Perez",
            birth_country="GT",
            disclosable=True,
            protected=False,
            adult_on=date(2000, 1, 1),
            updated_at=now,
        )
        for n in range(people)
    ]
    db.add_all([read, *subjects])
    db.flush()
    events = [_event(subject.id, read.id, "first", now) for subject in subjects]
    db.add_all(events)
    db.flush()
    return events


def _event(subject_ref: int, import_id: int, key: str, now: datetime) -> CustodyEvent:
    return CustodyEvent(
        subject_ref=subject_ref,
        key=key,
        kind=EventKind.TRANSFERRED,
        at=now,
        received_at=now,
        import_id=import_id,
        state=EventState.RELEASED,
    )


def _subscriber(db: Session, id_: str, n: int, now: datetime) -> dict[str, object]:
    number, ring = f"+1{201 + n // 100}55501{n % 100:02}", key_ring(db)
    return {
        "id": id_,
        "number_hash": ring.index("number", number),
        "block_hash": ring.index("block", phones.block(number)),
        "number_sealed": ring.seal("subscriber.number", id_, number),
        "zones": "America/New_York",
        "created_at": now,
    }


def _enrolment(subscriber_id: str, subject_ref: int, now: datetime) -> dict[str, object]:
    id_ = new_id()
    return {
        "id": id_,
        "subscriber_id": subscriber_id,
        "subject_ref": subject_ref,
        "status": EnrolmentStatus.ACTIVE.value,
        "language": "en",
        "calls": False,
        "texts": True,
        "voicemail": False,
        "any_hour": True,
        "mails": False,
        "fuller_texts": False,
        "confirmation_hash": id_,
        "confirmed_at": now,
    }


def _delivery(enrolment: Mapping[str, object], event_id: int, turn: int, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "enrolment_id": enrolment["id"],
        "subscriber_id": enrolment["subscriber_id"],
        "occasion": f"event:{event_id}",
        "event_id": event_id,
        "channel": "text",
        "urgency": URGENCY,
        "status": DeliveryState.WAITING.value,
        "created_at": now,
        "turn": turn,
        "next_at": now,
    }
