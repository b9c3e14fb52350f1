"""Who is there in a year of notices: people in the records, and the numbers that are signed up about some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from random import Random

from sqlalchemy import Table
from sqlalchemy.orm import Session as Transaction

from hotline.rules import hours, phones
from hotline.services.line import Line
from hotline.store import bulk, enrolments
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Base, Enrolment, Subject, Subscriber, key_ring, new_id

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ADULT_ON = date(1999, 1, 1)
TOGETHER = 500
"""Sign-ups to one transaction, of those who are there from the first day."""

SUBJECT: Table = Base.metadata.tables[Subject.__tablename__]
RECORDED = (
    "id",
    "subject_id",
    "given_names",
    "surnames",
    "birth_date",
    "birth_country",
    "disclosable",
    "protected",
    "adult_on",
    "updated_at",
    "findable",
)


@dataclass(slots=True)
class Clock:
    """The time of a year, for the line and for whoever plays with it."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Size:
    """How large a year: `events` happen to all the `people` alike, of whom the subscribers watch some."""

    subscribers: int = 10_000
    people: int = 160_000
    events: int = 200_000
    days: int = 365
    seed: int = 1


@cache
def areas() -> tuple[int, ...]:
    """The area codes that tell a place in the United States."""
    return tuple(area for area in range(201, 990) if phones.zones(f"+1{area}5550100") != hours.UNITED_STATES)


def number(place: int) -> str:
    """A number that belongs to nobody (555-01xx), one for each place in the order."""
    return f"+1{areas()[place // 100 % len(areas())]}55501{place % 100:02}"


class People:
    """The people in the records by id, those `watched`, and the numbers that are free."""

    def __init__(self, line: Line, size: Size, chance: Random) -> None:
        self.line, self.size, self.chance = line, size, chance
        self.recorded: Sequence[int] = ()
        self.watched: list[int] = []
        self._free = iter(range(size.subscribers, 100 * len(areas())))

    def settle_in(self) -> None:
        """People in the records, and numbers that said yes long ago."""
        with self.line.database.begin() as db:
            self.recorded = bulk.new_ids(db, SUBJECT, self.size.people)
            bulk.add(db, SUBJECT, RECORDED, [self._record(ref) for ref in self.recorded])
        for start in range(0, self.size.subscribers, TOGETHER):
            places = range(start, min(start + TOGETHER, self.size.subscribers))
            with self.line.database.begin() as db:
                ring, now = key_ring(db), self.line.clock()
                there = [enrolments.new_subscriber(ring, number(place), now) for place in places]
                db.add_all(there)
                db.flush()
                for subscriber in there:
                    self._enrol(db, subscriber, EnrolmentStatus.ACTIVE)

    def _record(self, ref: int) -> tuple[object, ...]:
        return (ref, f"Y{ref}", "Ana", f"Prueba {ref}", "1980", "GT", True, False, ADULT_ON, BEGIN, False)

    def sign_up(self, db: Transaction, to: str) -> Enrolment:
        """A number that is new here asks about one of the people, and has yet to say yes."""
        made = self._enrol(db, enrolments.add_subscriber(db, to, self.line.clock()), EnrolmentStatus.PENDING)
        db.flush()
        return made

    def _enrol(self, db: Transaction, subscriber: Subscriber, status: EnrolmentStatus) -> Enrolment:
        choose = self.chance.choice
        calls, texts = choose([(True, True), (True, True), (True, False), (False, True)])
        about = choose(self.recorded)
        made = Enrolment(
            id=new_id(),
            subscriber_id=subscriber.id,
            subject_ref=about,
            status=status,
            language=choose(["en", "es"]),
            calls=calls,
            texts=texts,
            voicemail=False,
            any_hour=self.chance.random() < 0.3,
            confirmation_hash=key_ring(db).index("confirmation", new_id()),
            pin_hash="-",
            confirmed_at=self.line.clock() if status is EnrolmentStatus.ACTIVE else None,
        )
        db.add(made)
        self.watched.append(about)
        return made

    def free_number(self) -> str | None:
        """A number that nobody here has had; None when there is none left."""
        place = next(self._free, None)
        return None if place is None else number(place)

    def anyone(self, db: Transaction) -> Enrolment | None:
        """The enrolment of somebody who has been there from the first day; None where it is not active."""
        subscriber = enrolments.subscriber_of(db, number(self.chance.randrange(self.size.subscribers)))
        live = enrolments.live_enrolments(db, subscriber.id) if subscriber else ()
        return live[0] if live and live[0].status == EnrolmentStatus.ACTIVE else None
