"""Asks numbers that were not heard of for long whether they still want what they asked for (rules.reconfirm)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules import hours
from hotline.rules.cadence import VERIFY
from hotline.rules.occasions import Occasion
from hotline.rules.reconfirm import next_question
from hotline.services.line import Line
from hotline.store import deliveries, enrolments
from hotline.store.models import Enrolment, Subscriber

MOST = 100


def reconfirm(line: Line) -> int:
    """Plan the questions that are due, at most MOST, by day where their numbers are. Returns how many were planned."""
    now = line.clock()
    with line.database.read() as db:
        if not enrolments.any_to_reconfirm(db, now):
            return 0
    with line.database.begin() as db:
        return sum(_asked(db, enrolment, now) for enrolment in enrolments.to_reconfirm(db, now, MOST))


def _asked(db: Transaction, enrolment: Enrolment, now: datetime) -> bool:
    """Whether the question goes out now: it would go out at any hour, like a new number's, so it waits for the day."""
    subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
    by_day = hours.next_allowed(now, enrolments.zones_of(subscriber), any_hour=False)
    if by_day > now:
        enrolment.reconfirm_at = by_day
        return False
    enrolment.reconfirm_at = next_question(now)
    deliveries.plan(db, enrolment, Occasion.RECONFIRM.about(now.date()), VERIFY, now)
    return True
