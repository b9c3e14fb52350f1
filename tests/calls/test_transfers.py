"""Moves, corrections and returns, from the rows of a feed to what a subscriber hears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from hotline.services.sample_custody import closed
from hotline.simulator.telephone import LiveCall
from hotline.store.models import CustodyEvent, Delivery, Enrolment
from tests.calls.people import ASKS_FOR_JUAN, JUAN
from tests.calls.stage import Stage
from tests.calls.test_news import open_row

pytestmark = pytest.mark.server  # many calls, files or processes

HOUR = timedelta(hours=1)
MOVED = "was moved to another place"
MISSING = "The arrival is not yet confirmed"


@pytest.fixture
def told(stage: Stage) -> Stage:
    """A line with one subscriber by phone, day and night."""
    stage.signed_up(ASKS_FOR_JUAN)
    return stage


def leaves(stage: Stage, wording: str = "Transferred", hours_ago: int = 0) -> dict[str, str]:
    """Juan has left."""
    left = closed(open_row(JUAN), wording, stage.now - hours_ago * HOUR)
    stage.imports([left])
    stage.look()
    return left


def arrives(stage: Stage, left: Mapping[str, str], **changes: str) -> dict[str, str]:
    """Juan is booked in at the next place now."""
    now = stage.now.isoformat(timespec="seconds")
    nothing = {"book_out_at": "", "release_reason": ""}
    row = {**left, **nothing, "stint_id": "next-one", "book_in_at": now, "updated_at": now, **changes}
    stage.imports([row])
    stage.look()
    return row


def hears(stage: Stage, said: str) -> LiveCall:
    """The phone rings, and after the PIN this is said."""
    return stage.phone().answer().press("4827#").says(said).press("2")


def silent(stage: Stage) -> bool:
    return stage.phone().ringing() == []


def waits(stage: Stage, hours: float) -> None:
    """Time goes by, and the feed goes on with nothing new."""
    for _ in range(round(hours * 2)):
        stage.imports([])
        stage.pass_time(minutes=30, every=timedelta(minutes=30))


def notices(stage: Stage) -> list[tuple[str, str]]:
    """Notices as (kind of event, urgency)."""
    kinds = {event.id: event.kind for event in stage.rows(CustodyEvent)}
    found = [d for d in stage.rows(Delivery) if d.event_id is not None]
    return [(kinds[d.event_id], d.urgency) for d in sorted(found, key=lambda d: d.created_at)]


def test_an_arrival_within_8_hours_is_one_notice(told: Stage) -> None:
    left = leaves(told, hours_ago=4)  # nine in the morning in Washington
    waits(told, 3)
    assert silent(told)
    arrives(told, left)
    hears(told, MOVED).never_said(MISSING)
    waits(told, 30)
    assert silent(told)
    assert notices(told) == [("transferred", "routine")]


def test_a_move_without_arrival_is_told_after_8_hours_and_not_again_at_the_arrival(told: Stage) -> None:
    left = leaves(told, hours_ago=4)
    waits(told, 3.5)
    assert silent(told)
    waits(told, 0.5)
    hears(told, MOVED)
    waits(told, 2)
    arrives(told, left)
    waits(told, 30)
    assert silent(told)
    assert notices(told) == [("transferred", "routine")]


def test_a_missing_arrival_is_urgent_after_24_hours_and_the_arrival_is_told_once_it_comes(told: Stage) -> None:
    left = leaves(told, hours_ago=4)
    waits(told, 4)
    hears(told, MOVED)
    waits(told, 16)
    hears(told, MISSING)
    waits(told, 5)
    assert silent(told)
    arrives(told, left)
    hears(told, MOVED).never_said(MISSING)
    waits(told, 30)
    assert silent(told)
    assert notices(told) == [("transferred", "routine"), ("in_transit", "critical"), ("transferred", "routine")]


def test_a_release_that_was_a_transfer_is_taken_back_by_the_same_way_and_told_right(told: Stage) -> None:
    left = leaves(told, "Order of recognizance")
    hears(told, "was released in the United States")
    told.now += HOUR
    put_right = {**left, "release_reason": "Transferred", "updated_at": told.now.isoformat(timespec="seconds")}
    told.imports([put_right])
    told.look()
    hears(told, "was not right").never_said("transferred")
    told.now += HOUR
    arrives(told, put_right)
    hears(told, MOVED)
    assert notices(told) == [("released", "critical"), ("correction", "critical"), ("transferred", "routine")]


def test_a_release_that_nobody_heard_of_yet_is_never_told_once_it_is_taken_back(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, night=False))
    stage.now += 12 * HOUR  # one in the morning in Washington
    left = leaves(stage, "Order of recognizance")
    assert silent(stage)
    later = (stage.now + HOUR).isoformat(timespec="seconds")
    stage.imports([{**left, "book_out_at": "", "release_reason": "", "updated_at": later}])
    waits(stage, 12)
    assert silent(stage)
    assert {d.status for d in stage.rows(Delivery, urgency="critical")} == {"stopped"}


@pytest.mark.parametrize(
    ("wording", "left_as", "back_as"),
    [
        ("Bonded Out - IJ", "was released in the United States", "is in custody again"),
        ("Removed", "has been removed from the United States", "is in custody again"),
        ("Voluntary Return", "has left the United States", "is in custody again"),
        ("U.S. Marshals or other agency (explain in Comments)", "custody of another agency", "is in custody again"),
        ("Escaped", "has escaped", "has been found and is in custody again"),
    ],
)
def test_a_return_years_later_finds_the_same_enrolment(told: Stage, wording: str, left_as: str, back_as: str) -> None:
    left = leaves(told, wording)
    hears(told, left_as)
    [enrolment] = told.rows(Enrolment)
    told.now += timedelta(days=1500)
    arrives(told, left, stay_id="years-later", stint_id="years-later-1")
    hears(told, back_as)
    [same] = told.rows(Enrolment)
    assert (same.id, same.status) == (enrolment.id, "active")
