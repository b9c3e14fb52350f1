"""Notices due to people who signed up for them, and a platform at the seam of the carrier that a test answers for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from threading import Thread

from sqlalchemy import select

from hotline.carrier.outbound import Answer, Request, Told
from hotline.errors import CarrierRefused
from hotline.rules.brakes import EventState
from hotline.rules.custody import EventKind
from hotline.rules.pace import Pace
from hotline.services.line import Line
from hotline.store import deliveries, enrolments
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Attempt,
    CustodyEvent,
    Delivery,
    Enrolment,
    StaffPage,
    StaffTask,
    Subject,
    key_ring,
    new_id,
)
from tests.services.told_notice import add_event


@dataclass
class Platform:
    """Takes whatever it is asked for, unless `says` says otherwise; answers come from another thread, in order."""

    says: Callable[[Request], Answer] = lambda request: Answer(request.key, sid=f"SID-{request.key}")
    asked: list[Request] = field(default_factory=list)

    def ask(self, requests: Iterable[Request], told: Told) -> None:
        queued = [*requests]
        self.asked += queued
        Thread(target=lambda: [told(self.says(request)) for request in queued]).start()

    def refuse_waiting(self) -> None:
        """Nothing waits here."""

    @property
    def called(self) -> list[str]:
        """The numbers that it was asked for, in order."""
        return [dict(request.form)["To"] for request in self.asked]


def refusing(status: int, code: int) -> Callable[[Request], Answer]:
    return lambda request: Answer(request.key, fault=CarrierRefused(status, code))


@dataclass
class Outbox:
    """A line whose platform a test answers for."""

    line: Line
    platform: Platform

    @staticmethod
    def of(line: Line, **pace: int) -> Outbox:
        """At full speed, unless `pace` sets rows of it."""
        platform, fast = Platform(), {"calls_per_second": 1000, "segments_per_second": 1000, **pace}
        settings = replace(line.settings, pace=Pace(**fast))
        return Outbox(replace(line, settings=settings, outbound=platform), platform)  # type: ignore[arg-type]

    def goes(self, **span: float) -> None:
        """Time goes by."""
        now = self.line.clock() + timedelta(**span)
        self.line = replace(self.line, clock=lambda: now)

    def sign_up(self, number: str, subject: int, **wishes: object) -> str:
        """An active enrolment by text, at any hour, unless its wishes are others; its id."""
        now = self.line.clock()
        with self.line.database.begin() as db:
            subscriber = enrolments.add_subscriber(db, number, now)
            made = Enrolment(
                **{
                    "id": new_id(),
                    "subscriber_id": subscriber.id,
                    "subject_ref": subject,
                    "status": EnrolmentStatus.ACTIVE,
                    "language": "en",
                    "calls": False,
                    "texts": True,
                    "voicemail": False,
                    "any_hour": True,
                    "confirmation_hash": key_ring(db).index("confirmation", new_id()),
                    "confirmed_at": now,
                    **wishes,
                }
            )
            db.add(made)
            return made.id

    def person(self) -> int:
        """Somebody in the records who may be shown."""
        with self.line.database.begin() as db:
            made = Subject(
                subject_id=new_id(),
                given_names="Ana",
                surnames="Prueba",
                birth_country="GT",
                disclosable=True,
                protected=False,
                adult_on=date(1999, 1, 1),
                updated_at=self.line.clock(),
            )
            db.add(made)
            db.flush()
            return made.id

    def person_of(self, number: str) -> int:
        """Whom the enrolment of this number is about."""
        with self.line.database.read() as db:
            subscriber = enrolments.subscriber_of(db, number)
            assert subscriber is not None
            return db.scalars(select(Enrolment.subject_ref).filter_by(subscriber_id=subscriber.id)).one() or 0

    def news(self, subject: int, urgency: str = "critical") -> int:
        """An event about somebody, let go now, and its notices; its id."""
        now = self.line.clock()
        with self.line.database.begin() as db:
            event = add_event(db, subject, new_id(), EventKind.TRANSFERRED, now)
            deliveries.plan_event(db, event, urgency, now)
            return event.id

    def doctored(self, delivery_id: str, **values: object) -> None:
        with self.line.database.begin() as db:
            delivery = db.get_one(Delivery, delivery_id)
            for name, value in values.items():
                setattr(delivery, name, value)

    def held(self, event_id: int) -> None:
        with self.line.database.begin() as db:
            db.get_one(CustodyEvent, event_id).state = EventState.HELD

    def deliveries(self, **where: object) -> Sequence[Delivery]:
        with self.line.database.read() as db:
            return db.scalars(select(Delivery).filter_by(**where).order_by(Delivery.created_at, Delivery.id)).all()

    def attempts(self) -> Sequence[Attempt]:
        with self.line.database.read() as db:
            return db.scalars(select(Attempt).order_by(Attempt.placed_at)).all()

    def tasks(self) -> list[str]:
        with self.line.database.read() as db:
            return list(db.scalars(select(StaffTask.kind)))

    def pages(self) -> list[str]:
        with self.line.database.read() as db:
            return list(db.scalars(select(StaffPage.kind)))
