"""Calls that the line places: who answers, is the number theirs, is the PIN right, and what is told then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.ivr.session import Done
from hotline.rules.brakes import EventState
from hotline.rules.delivery import Answerer
from hotline.services import confirm, number_questions, take_up
from hotline.services.actions import Result, Turn, action
from hotline.services.enroll import pin_is_right
from hotline.services.news import news
from hotline.store import enrolments, tasks
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Attempt, CustodyEvent, Delivery, Enrolment, Subscriber, key_ring


@dataclass(frozen=True, slots=True)
class Told:
    """The delivery that a call was placed for, and whom it is for."""

    delivery: Delivery
    enrolment: Enrolment
    subscriber: Subscriber


def _told(turn: Turn) -> Told:
    attempt = turn.db.get_one(Attempt, turn.call.attempt_id)
    delivery = turn.db.get_one(Delivery, attempt.delivery_id)
    enrolment = turn.db.get_one(Enrolment, delivery.enrolment_id)
    return Told(delivery, enrolment, turn.db.get_one(Subscriber, delivery.subscriber_id))


@action("person", "voicemail", "machine")
def who_answers(turn: Turn) -> Result:
    """A person hears the call; a machine gets the neutral voicemail where that is allowed and its greeting is over."""
    if turn.answered_by is Answerer.PERSON:
        return Done("person")
    ready = turn.answered_by is Answerer.MACHINE_READY and _told(turn).enrolment.voicemail
    return Done("voicemail" if ready else "machine")


@action("confirmed", "brought_in", "over", gives=take_up.KNOWN)
def number_says_yes(turn: Turn) -> Result:
    """The new number asked for our calls; who was brought in from a file chooses a PIN and consents first."""
    told = _told(turn)
    if take_up.is_awaited(told.enrolment):
        return Done("brought_in", take_up.known(told.enrolment, told.subscriber))
    done = number_questions.said_yes(turn.db, turn.line.settings.limits, told.delivery, turn.now)
    return Done("confirmed" if done else "over")


@action("noted")
def number_still_theirs(turn: Turn) -> Result:
    """A number that said yes long ago says so again."""
    number_questions.said_yes(turn.db, turn.line.settings.limits, _told(turn).delivery, turn.now)
    return Done("noted")


@action("stopped")
def number_says_no(turn: Turn) -> Result:
    """Somebody gave a number that is not theirs: it is not asked again."""
    number_questions.said_no(turn.db, _told(turn).delivery, turn.now)
    return Done("stopped")


@action("right", "wrong", "locked", "over", gives=("news",))
def check_pin(turn: Turn) -> Result:
    """The right PIN hears the news and ends every other attempt to tell it, whatever the machine detection said."""
    told, pin = _told(turn), str(turn.answers["pin"])
    verdict = pin_verdict(turn.db, told.enrolment, pin, turn.now, turn.call.id)
    if verdict != "right":
        return Done(verdict, {"pin": None})
    text = _news(turn, told)
    if text is None:
        return Done("over", {"pin": None})
    confirm.heard(turn.db, told.delivery, "pin", turn.now)
    return Done("right", {"pin": None, "news": text})


def _news(turn: Turn, told: Told) -> str | None:
    if told.enrolment.status != EnrolmentStatus.ACTIVE or told.delivery.event_id is None:
        return None
    event = turn.db.get_one(CustodyEvent, told.delivery.event_id)
    if event.state != EventState.RELEASED:  # taken back while the phone rang
        return None
    zones = enrolments.zones_of(told.subscriber)
    return news(turn.line, turn.db, event, turn.language, zones, turn.now)


def pin_verdict(db: Transaction, enrolment: Enrolment, pin: str, now: datetime, call_id: str | None = None) -> str:
    """`right`, `wrong`, or `locked` after too many tries; a wrong one is counted, a right one clears the count.

    Tries in calls and on pages (`call_id` None) count together.
    """
    if enrolments.pin_locked(db, enrolment.id, now):
        return "locked"
    if pin_is_right(key_ring(db), enrolment.pin_hash, pin):
        enrolments.forget_wrong_pins(db, enrolment.id)
        return "right"
    enrolments.note_wrong_pin(db, enrolment.id, call_id, now)
    db.flush()
    if enrolments.pin_locked(db, enrolment.id, now):
        tasks.open_task(db, "pin_locked", now, enrolment_id=enrolment.id)
        return "locked"
    return "wrong"


@action("stopped")
def stop_number(turn: Turn) -> Result:
    """Wrong person: nothing more goes to this number, and a person looks at what was signed up with it."""
    confirm.wrong_person(turn.db, _told(turn).subscriber, turn.now)
    return Done("stopped")


@action("noted")
def note_end_told(turn: Turn) -> Result:
    """Somebody hears that nothing more will come: it need not be said again."""
    confirm.heard(turn.db, _told(turn).delivery, "heard", turn.now)
    return Done("noted")


@action("opened")
def open_review(turn: Turn) -> Result:
    """The subscriber says that something looks wrong: a person looks into it."""
    told = _told(turn)
    tasks.open_task(
        turn.db,
        "looks_wrong",
        turn.now,
        enrolment_id=told.enrolment.id,
        event_id=told.delivery.event_id,
        call_id=turn.call.id,
    )
    return Done("opened")


@action("stopped")
def stop_calls(turn: Turn) -> Result:
    """No more calls for this enrolment; texts go on where they were chosen."""
    confirm.stop_calls(turn.db, _told(turn).enrolment, turn.now)
    return Done("stopped")
