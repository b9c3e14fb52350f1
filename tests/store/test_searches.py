from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from hotline.rules.limits import PastSearch
from hotline.services.line import Line
from hotline.store import searches, tasks
from hotline.store.models import Enrolment, Search, StaffTask, Subject, Subscriber
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def add_subject(db: Session, subject_ref: int) -> None:
    db.add(
        Subject(
            id=subject_ref,
            subject_id=f"S{subject_ref}",
            given_names="Wilner",
            surnames="Toussaint",
            birth_country="HT",
            updated_at=NOW,
        )
    )
    db.flush()


def ask(db: Session, caller: str, call: str, at: datetime, came_to: int | None = None, person: str = "p") -> None:
    searches.add_search(db, call, caller, person, None, at)
    if came_to is not None:
        searches.came_to(db, call, person, came_to)


def sign_up(db: Session, call: str, subject_ref: int) -> None:
    db.add(Subscriber(id=f"s-{call}", number_hash=call, block_hash=call, created_at=NOW))
    db.flush()
    db.add(
        Enrolment(
            subscriber_id=f"s-{call}",
            subject_ref=subject_ref,
            status="pending",
            language="en",
            calls=True,
            texts=False,
            voicemail=False,
            any_hour=False,
            confirmation_hash=call,
            pin_hash="",
            call_id=call,
            eligible_text="",
            eligible_at=NOW,
            consent_text="",
            consent_at=NOW,
        )
    )


def test_a_callers_searches_come_back_with_their_dates_and_records_and_nobody_elses(line: Line) -> None:
    with line.database.begin() as db:
        add_subject(db, 7)
        searches.add_search(db, "c1", "ana", "p", "d", NOW - HOUR)
        searches.add_search(db, "c1", "ana", "q", None, NOW)
        searches.came_to(db, "c1", "q", 7)
        searches.add_search(db, "c2", "ben", "p", "e", NOW)
        searches.add_search(db, "c0", "ana", "p", "f", NOW - searches.REMEMBERED)
    with line.database.read() as db:
        found = searches.past_searches(db, "ana", NOW)
        assert sorted(found, key=lambda search: search.at) == [
            PastSearch(NOW - HOUR, "p", "d", None),
            PastSearch(NOW, "q", None, 7),
        ]
        assert {search.at.tzinfo for search in found} == {UTC}


def test_only_the_search_by_that_name_in_that_call_came_to_a_record(line: Line) -> None:
    with line.database.begin() as db:
        add_subject(db, 7)
        ask(db, "ana", "c1", NOW, person="p")
        ask(db, "ana", "c2", NOW, person="q")
        ask(db, "ana", "c1", NOW, came_to=7, person="q")
    with line.database.read() as db:
        came = {(row.call_id, row.person_hash, row.subject_ref) for row in db.query(Search)}
    assert came == {("c1", "p", None), ("c2", "q", None), ("c1", "q", 7)}


def test_the_callers_of_a_record_are_counted_once_each_for_a_day(line: Line) -> None:
    with line.database.begin() as db:
        add_subject(db, 7)
        add_subject(db, 8)
        for caller, call, ago, subject in (
            ("ana", "c1", 1, 7), ("ana", "c2", 2, 7), ("ben", "c3", 23, 7), ("eva", "c4", 24, 7), ("leo", "c5", 1, 8),
            ("mia", "c6", 1, None),
        ):  # fmt: skip
            ask(db, caller, call, NOW - ago * HOUR, subject)
        assert searches.callers_of(db, 7, NOW) == 2
        assert searches.callers_of(db, 8, NOW) == 1
        assert searches.callers_of(db, 9, NOW) == 0


@pytest.mark.parametrize(
    ("ago", "asked", "about", "counts"),
    [(1, 7, 7, True), (24, 7, 7, False), (1, 8, 8, False), (1, 7, 8, False), (1, None, 7, False)],
    ids=["the record", "a day ago", "another record", "after all about another", "not by this search"],
)
def test_a_sign_up_about_the_record_by_one_who_came_to_it_counts(
    line: Line, ago: int, asked: int | None, about: int, counts: bool
) -> None:
    with line.database.begin() as db:
        add_subject(db, 7)
        add_subject(db, 8)
        ask(db, "ben", "c0", NOW, 7)
        ask(db, "ana", "c1", NOW - ago * HOUR, asked)
        sign_up(db, "c1", about)
        db.flush()
        assert searches.signed_up(db, 7, NOW) is counts


def test_a_record_that_leaves_the_database_leaves_the_searches_counted(line: Line) -> None:
    with line.database.begin() as db:
        add_subject(db, 7)
        ask(db, "ana", "c1", NOW, 7)
    with line.database.begin() as db:
        db.delete(db.get_one(Subject, 7))
    with line.database.read() as db:
        assert searches.past_searches(db, "ana", NOW + HOUR) == [PastSearch(NOW, "p", None, None)]


def test_staff_are_told_of_a_record_once_a_day_and_the_task_is_sealed(line: Line) -> None:
    with line.database.begin() as db:
        for record, hours in (("7", 0), ("7", 1), ("8", 2), ("7", 23), ("7", 24), ("7", 25)):
            tasks.open_daily(db, "record_asked_often", record, NOW + hours * HOUR)
    with line.database.read() as db:
        opened = list(db.query(StaffTask).order_by(StaffTask.opened_at))
        assert [(task.unseal("note"), task.opened_at) for task in opened] == [
            ("7", NOW),
            ("8", NOW + 2 * HOUR),
            ("7", NOW + 24 * HOUR),
        ]
