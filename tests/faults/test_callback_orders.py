"""Whatever order the platform tells its statuses in, each of them twice, the end is the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from sqlalchemy import select

from hotline.rules.delivery import call_state, message_state
from hotline.services import outcomes
from hotline.services.line import Line
from hotline.services.notify import run_due
from hotline.store.models import Attempt, Delivery, StaffTask
from tests.services.outbox import Outbox

CALL = ("initiated", "ringing", "in-progress", "completed")
NOT_TAKEN = ("queued", "initiated", "ringing", "no-answer")
ARRIVED = ("queued", "sent", "undelivered", "delivered")
LOST = ("queued", "sending", "sent", "undelivered")


def sent(line: Line, many: int, by_call: bool) -> Sequence[str]:
    """So many notices of one event, each to somebody else and taken by the platform: their deliveries."""
    outbox = Outbox.of(line)
    subject = outbox.person()
    for n in range(many):
        outbox.sign_up(f"+1202555{100 + n:04}", subject, calls=by_call, texts=not by_call)
    event = outbox.news(subject)
    run_due(outbox.line)
    return [delivery.id for delivery in outbox.deliveries(event_id=event)]


def end_of(line: Line, delivery_id: str, statuses: Sequence[str]) -> tuple[object, ...]:
    """Where a notice stands after these statuses were told, and the tasks for staff that are open about it."""
    with line.database.begin() as db:
        delivery = db.get_one(Delivery, delivery_id)
        attempt = db.scalars(select(Attempt).filter_by(delivery_id=delivery_id)).one()
        for status in statuses:
            state = call_state(status) if delivery.channel == "voice" else message_state(status)
            outcomes.seen(line, db, attempt, state, 30005 if status == "undelivered" else None, status)
            db.flush()
        due = delivery.next_at is not None and delivery.next_at <= line.clock()
        tasks = db.scalars(select(StaffTask.kind).filter_by(enrolment_id=delivery.enrolment_id, closed_at=None))
        return attempt.status, delivery.status, delivery.reason, due, tuple(tasks)


@pytest.mark.parametrize("statuses", [CALL, NOT_TAKEN, ARRIVED, LOST], ids="-".join)
def test_every_order_of_statuses_ends_in_the_same_state(sqlite_line: Line, statuses: tuple[str, ...]) -> None:
    orders = [*permutations(statuses)]
    notices = sent(sqlite_line, len(orders), by_call=statuses in (CALL, NOT_TAKEN))
    ends = {end_of(sqlite_line, one, order * 2) for one, order in zip(notices, orders, strict=True)}
    assert len(orders) == 24
    assert len(ends) == 1, ends
