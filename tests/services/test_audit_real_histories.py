"""Small histories played by the real engine: the audit finds nothing in them, and finds whatever is then corrupted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hotline.bench.notice_people import Clock, Size
from hotline.bench.notice_year import Report, play_on, year_line
from hotline.rules.notice_faults import Fault
from hotline.services.audit_notices import audit_notices
from hotline.services.line import Line
from hotline.store import enrolments
from hotline.store.models import Attempt, CustodyEvent, Delivery, Enrolment, EnrolmentChange


@dataclass
class Played:
    """A line with the history of some days on it, as the engine left it."""

    line: Line
    report: Report
    kept: sqlite3.Connection

    @contextmanager
    def file(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.line.database.engine.url.database or "")) as opened:
            yield opened

    def restore(self) -> None:
        """As it was before anything was corrupted."""
        with self.file() as opened:
            self.kept.backup(opened)


@pytest.fixture(scope="module", params=[3, 8])
def history(request: pytest.FixtureRequest) -> Iterator[Played]:
    """Two days of news for a handful of people; each seed is another history."""
    clock = Clock()
    with year_line(clock) as line:
        report = play_on(line, clock, Size(subscribers=4, people=3, events=10, days=2, seed=request.param))
        played = Played(line, report, sqlite3.connect(":memory:"))
        with played.file() as opened:
            opened.backup(played.kept)
        yield played
        played.kept.close()


def told_attempts(db: Session) -> Sequence[str]:
    """Tries to tell of an event that the platform took, by id."""
    query = select(Attempt.id).join(Delivery, Attempt.delivery_id == Delivery.id)
    taken = query.where(Delivery.event_id.is_not(None), Attempt.accepted_at.is_not(None))
    return db.scalars(taken.order_by(Attempt.placed_at, Attempt.id)).all()


def _stopped(db: Session, delivery: Delivery, _: Attempt) -> None:
    column = "calls_stopped" if delivery.channel == "voice" else "texts_stopped"
    db.execute(
        update(EnrolmentChange).where(EnrolmentChange.enrolment_id == delivery.enrolment_id).values({column: True})
    )


def _over(db: Session, delivery: Delivery, _: Attempt) -> None:
    db.execute(
        update(EnrolmentChange).where(EnrolmentChange.enrolment_id == delivery.enrolment_id).values(status="stopped")
    )


def _not_let_go(db: Session, delivery: Delivery, attempt: Attempt) -> None:
    event = db.get_one(CustodyEvent, delivery.event_id)
    event.released_at = attempt.placed_at + timedelta(hours=1)


def _other_person(db: Session, delivery: Delivery, _: Attempt) -> None:
    db.get_one(Enrolment, delivery.enrolment_id).subject_ref = None


def _other_number(db: Session, delivery: Delivery, attempt: Attempt) -> None:
    delivery.subscriber_id = enrolments.add_subscriber(db, "+12025550199", attempt.placed_at).id


def _other_urgency(db: Session, delivery: Delivery, _: Attempt) -> None:
    delivery.urgency = "routine" if delivery.urgency != "routine" else "emergency"


CORRUPTIONS: dict[Fault, Callable[[Session, Delivery, Attempt], None]] = {
    Fault.AFTER_STOP: _stopped,
    Fault.ENROLMENT_OVER: _over,
    Fault.NOT_RELEASED: _not_let_go,
    Fault.WRONG_PERSON: _other_person,
    Fault.WRONG_NUMBER: _other_number,
    Fault.WRONG_URGENCY: _other_urgency,
}


@pytest.mark.server
def test_a_history_as_it_was_told_is_clean(history: Played) -> None:
    assert history.report.happened["attempts"] > 0
    assert history.report.differences == [], history.report.as_table()


@pytest.mark.server
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 10_000), fault=st.sampled_from(sorted(CORRUPTIONS)))
def test_whatever_is_corrupted_in_it_is_found(history: Played, which: int, fault: Fault) -> None:
    history.restore()
    with history.line.database.begin() as db:
        told = told_attempts(db)
        attempt = db.get_one(Attempt, told[which % len(told)])
        delivery = db.get_one(Delivery, attempt.delivery_id)
        CORRUPTIONS[fault](db, delivery, attempt)
        enrolment_id = delivery.enrolment_id
    assert fault in {one.fault for one in audit_notices(history.line) if one.enrolment_id == enrolment_id}
