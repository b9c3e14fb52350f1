"""What waits for staff: who sees it, who takes it, what it shows and to whom, how it ends."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from hotline.errors import HotlineError, NotFound
from hotline.rules.decisions import WrongDecision
from hotline.rules.staff_pages import Page
from hotline.rules.staff_tasks import DECIDED_BY, ENDS, KINDS, URGENT
from hotline.services import settle_tasks, staff_tasks
from hotline.services.line import Line
from hotline.services.page_staff import page_overdue
from hotline.services.staff_tasks import Shown
from hotline.store import deliveries, enrolments, tasks
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import AuditEntry, CustodyEvent, Delivery, Enrolment, StaffPage, StaffTask, Subject
from tests.conftest import NOW
from tests.services.enrolled import enrolled, feed

BY, WHY = "Ana Ortiz", "the agency said so"
WATCH = {"given": ["Juan", None, None], "surnames": ["Pérez", None, None], "country": "GT", "birth": [1985, None, None]}


def opened(line: Line, kind: str, at: datetime = NOW, **about: str | None) -> str:
    with line.database.begin() as db:
        return tasks.open_task(db, kind, at, **about).id  # type: ignore[arg-type]


def row(line: Line, task_id: str) -> StaffTask:
    with line.database.read() as db:
        return db.get_one(StaffTask, task_id)


def enrolment(line: Line, enrolment_id: str) -> Enrolment:
    with line.database.read() as db:
        return db.get_one(Enrolment, enrolment_id)


def audited(line: Line) -> list[tuple[str, str, str]]:
    with line.database.read() as db:
        return [(one.actor, one.action, one.reason) for one in db.scalars(select(AuditEntry))]


def planned(line: Line, enrolment_id: str) -> list[str]:
    with line.database.read() as db:
        return list(db.scalars(select(Delivery.occasion).where(Delivery.enrolment_id == enrolment_id)))


def becomes(line: Line, enrolment_id: str, status: EnrolmentStatus) -> None:
    with line.database.begin() as db:
        db.get_one(Enrolment, enrolment_id).status = status


def waiting(line: Line) -> tuple[str, str]:
    """An enrolment that waits for Juan, who is in the records by now, and the task about both."""
    who = enrolled(line, "S1")
    with line.database.begin() as db:
        made = db.get_one(Enrolment, who)
        ref, made.subject_ref = made.subject_ref, None
        made.seal(line.database.ring, "watch", json.dumps(WATCH))
    return who, opened(line, "watch_match", enrolment_id=who, note=f"subject {ref}")


# ---- the list


def test_the_longest_overdue_comes_first_and_what_is_done_last(line: Line) -> None:
    done = opened(line, "call_back", NOW - timedelta(days=9))
    late = opened(line, "unconfirmed", NOW - timedelta(hours=2))
    later = opened(line, "call_back", NOW - timedelta(days=3))
    due = opened(line, "unconfirmed")
    staff_tasks.close(line, done, BY, WHY)
    assert [(one.id, one.overdue) for one in staff_tasks.list_tasks(line)] == [
        (later, True),
        (late, True),
        (due, False),
    ]
    assert [one.id for one in staff_tasks.list_tasks(line, closed=True)] == [later, late, due, done]
    assert [one.id for one in staff_tasks.list_tasks(line, "unconfirmed")] == [late, due]


def test_a_task_is_one_persons_at_a_time(line: Line) -> None:
    task = opened(line, "call_back")
    staff_tasks.take(line, task, BY)
    staff_tasks.take(line, task, "ana  ORTIZ")
    with pytest.raises(WrongDecision, match="sees to this task already"):
        staff_tasks.take(line, task, "Ben Soto")


def test_how_a_task_was_settled_stands_in_the_audit_log(line: Line) -> None:
    task = opened(line, "not_delivered")
    staff_tasks.close(line, task, BY, WHY)
    assert (row(line, task).closed_at, row(line, task).closed_by) == (NOW, BY)
    assert audited(line) == [(BY, "task.close", WHY)]
    with pytest.raises(NotFound):
        staff_tasks.close(line, task, BY, WHY)


@pytest.mark.parametrize("kind", sorted(DECIDED_BY))
def test_what_wants_a_decision_is_not_simply_closed(sqlite_line: Line, kind: str) -> None:
    with pytest.raises(WrongDecision, match=DECIDED_BY[kind]):
        staff_tasks.close(sqlite_line, opened(sqlite_line, kind), BY, WHY)


def test_every_kind_that_is_ruled_on_is_one_that_is_explained() -> None:
    assert (DECIDED_BY.keys() | ENDS | URGENT) - KINDS.keys() == set()


@pytest.mark.parametrize(("by", "why"), [("", WHY), (BY, " ")])
def test_nothing_is_shown_or_closed_without_a_name_and_a_reason(sqlite_line: Line, by: str, why: str) -> None:
    task = opened(sqlite_line, "call_back", note="+12025550123")
    for deed in (staff_tasks.show, staff_tasks.close, settle_tasks.unlock):
        with pytest.raises(HotlineError):
            deed(sqlite_line, task, by, why)
    assert audited(sqlite_line) == []


# ---- what is sealed


def test_the_number_to_call_back_is_shown_to_a_named_person_and_that_is_logged(line: Line) -> None:
    task = opened(line, "call_back", note="+12025550123")
    assert staff_tasks.show(line, task, BY, WHY) == Shown(None, "+12025550123", None, None)
    assert audited(line) == [(BY, "task.show", WHY)]


def test_an_enrolments_task_shows_its_number_and_its_note(line: Line) -> None:
    task = opened(line, "looks_wrong", enrolment_id=enrolled(line, "S1"), note="said so in a call")
    assert staff_tasks.show(line, task, BY, WHY) == Shown("said so in a call", "+12025550123", None, None)


def test_a_match_shows_whom_the_subscriber_waits_for_beside_the_record(line: Line) -> None:
    _, task = waiting(line)
    shown = staff_tasks.show(line, task, BY, WHY)
    assert shown.waits_for == {
        "given_names": "Juan", "surnames": "Pérez", "birth_country": "GT", "birth_date": "1985",
    }  # fmt: skip
    assert shown.record == {
        "subject_id": "S1", "given_names": "Juan Carlos", "surnames": "Pérez Morales", "birth_country": "GT",
        "birth_date": "1985-03-05",
    }  # fmt: skip


def test_a_record_that_may_not_be_shown_any_more_is_not_shown_to_staff_either(line: Line) -> None:
    _, task = waiting(line)
    feed(line, {"subject_id": "S1", "protected": "true", "updated_at": "2026-02-02T11:00:00Z"})
    assert staff_tasks.show(line, task, BY, WHY).record is None
    with pytest.raises(WrongDecision, match="dismiss"):
        settle_tasks.connect(line, task, BY, WHY)


# ---- decisions


def test_a_match_that_staff_confirm_is_told_to_whoever_waited(line: Line) -> None:
    who, task = waiting(line)
    assert settle_tasks.connect(line, task, BY, WHY) == 1
    connected = enrolment(line, who)
    with line.database.read() as db:
        assert connected.subject_ref == db.scalar(select(Subject.id).where(Subject.subject_id == "S1"))
        event = db.scalar(select(CustodyEvent.id).where(CustodyEvent.kind == "booked_in"))
    assert connected.watch_sealed is None
    assert planned(line, who) == [f"event:{event}"]
    assert row(line, task).closed_by == BY
    assert audited(line) == [(BY, "watch.connect", WHY)]


def test_a_match_that_staff_dismiss_is_told_to_nobody(line: Line) -> None:
    who, task = waiting(line)
    assert settle_tasks.dismiss(line, task, BY, WHY) == 0
    assert enrolment(line, who).watch_sealed is not None
    assert planned(line, who) == []
    assert row(line, task).closed_by == BY


def test_a_watch_that_is_over_can_only_be_dismissed(line: Line) -> None:
    who, task = waiting(line)
    becomes(line, who, EnrolmentStatus.STOPPED)
    with pytest.raises(WrongDecision, match="waits for nobody"):
        settle_tasks.connect(line, task, BY, WHY)
    assert audited(line) == []
    settle_tasks.dismiss(line, task, BY, WHY)


def test_unlocking_forgets_the_wrong_pins_and_closes_every_task_of_it(line: Line) -> None:
    who = enrolled(line, "S1")
    with line.database.begin() as db:
        for _ in range(10):
            enrolments.note_wrong_pin(db, who, None, NOW)  # type: ignore[arg-type]
    first, second = (opened(line, "pin_locked", enrolment_id=who) for _ in range(2))
    settle_tasks.unlock(line, first, BY, WHY)
    with line.database.read() as db:
        assert not enrolments.pin_locked(db, who, NOW)
    assert row(line, second).closed_by == BY


def test_an_enrolment_that_is_approved_hears_what_it_missed_once(line: Line) -> None:
    who = enrolled(line, "S1")
    task = opened(line, "enrolment_review", NOW - timedelta(hours=1), enrolment_id=who)
    becomes(line, who, EnrolmentStatus.REVIEW)
    feed(line, {"subject_id": "S1", "book_out_at": "2026-03-01T10:00:00Z", "release_reason": "Paroled",
                "updated_at": "2026-03-01T11:00:00Z"})  # fmt: skip
    assert planned(line, who) == []
    assert settle_tasks.approve(line, task, BY, WHY) >= 1
    assert enrolment(line, who).status == EnrolmentStatus.ACTIVE
    told = planned(line, who)
    assert len(told) == len(set(told))


def test_an_enrolment_that_is_approved_hears_at_once_what_waited_for_it(line: Line) -> None:
    who = enrolled(line, "S1")
    with line.database.begin() as db:
        event = db.scalars(select(CustodyEvent)).first()
        assert event is not None
        [waits] = deliveries.plan(db, db.get_one(Enrolment, who), f"event:{event.id}", "routine", NOW, event.id)
        waits.next_at = NOW + timedelta(hours=1)
    task = opened(line, "enrolment_review", NOW - timedelta(hours=1), enrolment_id=who)
    becomes(line, who, EnrolmentStatus.REVIEW)
    assert settle_tasks.approve(line, task, BY, WHY) == 0
    with line.database.read() as db:
        assert db.scalars(select(Delivery.next_at)).all() == [NOW]


@pytest.mark.parametrize("kind", sorted(ENDS))
def test_an_enrolment_ends_with_its_task(sqlite_line: Line, kind: str) -> None:
    line, who = sqlite_line, enrolled(sqlite_line, "S1")
    settle_tasks.end(line, opened(line, kind, enrolment_id=who), BY, WHY)
    assert enrolment(line, who).status == EnrolmentStatus.STOPPED
    assert audited(line) == [(BY, "enrolment.end", WHY)]


def test_a_frozen_enrolment_is_two_peoples_affair(line: Line) -> None:
    who = enrolled(line, "S1")
    becomes(line, who, EnrolmentStatus.FROZEN)
    task = opened(line, "enrolment_review", enrolment_id=who)
    for decide in (settle_tasks.approve, settle_tasks.end):
        with pytest.raises(WrongDecision):
            decide(line, task, BY, WHY)
    assert enrolment(line, who).status == EnrolmentStatus.FROZEN


def test_a_decision_is_for_its_own_kind_of_task_alone(line: Line) -> None:
    task = opened(line, "call_back")
    for decide in (
        settle_tasks.connect,
        settle_tasks.dismiss,
        settle_tasks.unlock,
        settle_tasks.approve,
        settle_tasks.end,
    ):
        with pytest.raises(WrongDecision, match="call_back"):
            decide(line, task, BY, WHY)


def test_the_task_of_an_enrolment_that_was_deleted_can_still_be_closed(line: Line) -> None:
    task = opened(line, "watch_match", note="subject 1")
    assert settle_tasks.connect(line, task, BY, WHY) == 0
    assert row(line, task).closed_by == BY


# ---- overdue


def pages(line: Line) -> int:
    with line.database.read() as db:
        return len(db.scalars(select(StaffPage).where(StaffPage.kind == Page.TASK_OVERDUE)).all())


def test_staff_are_paged_once_of_an_urgent_task_that_is_overdue(line: Line) -> None:
    opened(line, "unconfirmed", NOW - timedelta(hours=2))
    assert [page_overdue(line), page_overdue(line)] == [1, 0]
    assert pages(line) == 1


@pytest.mark.parametrize(("kind", "age"), [("unconfirmed", 0.9), ("call_back", 100)])
def test_nobody_is_paged_of_what_is_not_overdue_or_not_urgent(sqlite_line: Line, kind: str, age: float) -> None:
    opened(sqlite_line, kind, NOW - timedelta(hours=age))
    assert page_overdue(sqlite_line) == 0


def test_nobody_is_paged_of_what_is_done(line: Line) -> None:
    staff_tasks.close(line, opened(line, "unconfirmed", NOW - timedelta(hours=2)), BY, WHY)
    assert page_overdue(line) == 0
