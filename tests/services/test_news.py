"""Where a person stands is told once it may be told, and by a person before that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hotline.rules.brakes import EventState
from hotline.services import news
from hotline.services.line import Line
from hotline.store.models import CustodyEvent, StintsChanged, Subject
from tests.conftest import NOW
from tests.services.enrolled import feed

REMOVED = {
    "subject_id": "S1",
    "book_out_at": "2026-03-01T09:00:00Z",
    "release_reason": "Removed",
    "updated_at": "2026-03-01T10:00:00Z",
}


def standing(line: Line) -> str | None:
    with line.database.read() as db:
        ref = db.scalars(select(Subject.id).where(Subject.subject_id == "S1")).one()
        return news.standing(line, db, ref, "en", (), line.clock())


@pytest.fixture
def removed(line: Line) -> Line:
    feed(line, {"subject_id": "S1"})
    feed(line, REMOVED)
    return line


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (EventState.RELEASED, True),
        (EventState.DERIVED, False),
        (EventState.HELD, False),
    ],
)
def test_what_a_brake_or_a_person_still_holds_is_not_told_as_where_things_stand(
    removed: Line, state: EventState, told: bool
) -> None:
    with removed.database.begin() as db:
        db.execute(update(CustodyEvent).where(CustodyEvent.kind == "removed").values(state=state))
    text = standing(removed)
    assert ("has been removed" in (text or "")) is told


def test_what_is_not_derived_yet_is_not_told(removed: Line) -> None:
    with removed.database.begin() as db:
        ref = db.scalars(select(Subject.id).where(Subject.subject_id == "S1")).one()
        db.add(StintsChanged(subject_ref=ref))
    assert standing(removed) is None


@pytest.mark.parametrize(("minutes", "old"), [(0, False), (239, False), (240, True), (1800, True)])
def test_where_things_stand_is_told_as_of_the_last_import_and_as_old_after_four_hours(
    removed: Line, minutes: int, old: bool
) -> None:
    text = standing(replace(removed, clock=lambda: NOW + timedelta(minutes=minutes))) or ""
    assert text.startswith("As of March 2, 2026, 10:00 AM")
    assert text.endswith("this may have changed.") is old


@pytest.mark.parametrize(("minutes", "old"), [(239, False), (240, True)])
def test_news_that_is_told_late_tells_that_it_may_have_changed(removed: Line, minutes: int, old: bool) -> None:
    now = NOW + timedelta(minutes=minutes)
    with removed.database.read() as db:
        event = db.scalars(select(CustodyEvent).where(CustodyEvent.kind == "removed")).one()
        text = news.news(removed, db, event, "en", (), now) or ""
    assert "As of March 2, 2026, 10:00 AM" in text
    assert text.endswith("this may have changed.") is old


def test_a_stale_feed_is_told_since_its_last_import_whatever_came_in_the_meantime(removed: Line) -> None:
    later = replace(removed, clock=lambda: NOW + timedelta(hours=20))
    feed(later, {"subject_id": "S2"})
    with later.database.read() as db:
        event = CustodyEvent(subject_ref=1, kind="feed_stale", key="stale:1", at=NOW, received_at=NOW, import_id=1)
        text = news.news(later, db, event, "en", (), later.clock())
    assert "since March 2, 2026, 10:00 AM" in (text or "")
