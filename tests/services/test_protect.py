"""Late protection on both databases: with the import, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from hotline.rules.custody import EventKind
from hotline.services.guard_exclusion import check_exclusion
from hotline.services.line import Line
from hotline.services.protect import Verdict, decide, freeze_hidden, list_frozen
from hotline.services.watch_feed import watch_feed
from hotline.store.models import CustodyEvent, Delivery, Enrolment, FeedStretch, NamePair, StaffTask, Subject
from tests.conftest import NOW
from tests.services.enrolled import enrolled, feed

PROTECTED = {"subject_id": "S1", "protected": "true", "updated_at": "2026-02-02T11:00:00Z"}
REMOVED = {
    "subject_id": "S1",
    "book_out_at": "2026-03-01T09:00:00Z",
    "release_reason": "Removed",
    "updated_at": "2026-03-01T10:00:00Z",
}


def status(line: Line, enrolment_id: str) -> str:
    with line.database.read() as db:
        return db.get_one(Enrolment, enrolment_id).status


def counted(line: Line, query: object) -> int:
    with line.database.read() as db:
        return db.scalar(select(func.count()).select_from(query)) or 0  # type: ignore[arg-type]


def test_protection_freezes_hides_and_cancels_at_once(line: Line) -> None:
    it = enrolled(line, "S1")
    feed(line, REMOVED)
    with line.database.read() as db:
        assert [d.status for d in db.scalars(select(Delivery))] == ["waiting"]
    feed(line, {**REMOVED, **PROTECTED, "updated_at": "2026-03-02T10:00:00Z"})
    assert status(line, it) == "frozen"
    assert counted(line, NamePair) == 0
    with line.database.read() as db:
        assert [(d.status, d.reason) for d in db.scalars(select(Delivery))] == [("stopped", "frozen")]


def test_an_import_that_fails_in_that_very_transaction_changes_nothing(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = enrolled(line, "S1")
    with monkeypatch.context() as patch:
        patch.setattr("hotline.store.tasks.open_task", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            feed(line, PROTECTED)
    assert status(line, it) == "active"
    assert counted(line, NamePair) > 0
    with line.database.read() as db:
        assert db.scalar(select(Subject.protected).where(Subject.subject_id == "S1")) is False


def test_an_enrolment_that_an_import_missed_is_frozen_with_the_next_check(line: Line) -> None:
    it = enrolled(line, "S1")
    with line.database.begin() as db:
        db.execute(text("UPDATE subject SET adult_on = NULL WHERE id > 0"))
    check_exclusion(line)
    assert status(line, it) == "frozen"
    assert len(list_frozen(line)) == 1
    check_exclusion(line)
    assert counted(line, StaffTask) >= 1
    assert len(list_frozen(line)) == 1


def test_enrolments_about_others_go_on(line: Line) -> None:
    enrolled(line, "S1")
    other = enrolled(line, "S2", "+12025550124")
    feed(line, PROTECTED)
    assert status(line, other) == "active"
    with line.database.begin() as db:
        assert freeze_hidden(db, (), NOW) == freeze_hidden(db, None, NOW) == 0


def test_a_restored_enrolment_hears_of_the_next_event(line: Line) -> None:
    it = enrolled(replace(line, clock=lambda: NOW - timedelta(days=1)), "S1")
    feed(line, PROTECTED)
    feed(line, {**PROTECTED, "protected": "false", "updated_at": "2026-02-03T11:00:00Z"})
    for by in ("A. Ortiz", "B. Chen"):
        decide(line, it, Verdict.RESTORE, by, "flag set by mistake")
    assert status(line, it) == "active"
    feed(line, REMOVED)
    with line.database.read() as db:
        assert [d.status for d in db.scalars(select(Delivery))] == ["waiting"]


def test_the_clock_tells_of_a_stale_feed_once_on_every_database(line: Line) -> None:
    enrolled(line, "S1")
    enrolled(line, "S2", "+12025550124")
    later = replace(line, clock=lambda: NOW + timedelta(hours=12))
    assert watch_feed(later) == 2
    assert watch_feed(later) == 0
    with line.database.read() as db:
        assert len(db.scalars(select(CustodyEvent).where(CustodyEvent.kind == EventKind.FEED_STALE)).all()) == 2
        [stretch] = db.scalars(select(FeedStretch))
    assert stretch.subscribers_told_at == NOW + timedelta(hours=12)
    feed(later, {"subject_id": "S3"})
    assert watch_feed(later) == 2
    with line.database.read() as db:
        assert {d.reason for d in db.scalars(select(Delivery))} == {"feed_is_back"}
        assert db.scalars(select(FeedStretch.ended_at)).one() is not None
