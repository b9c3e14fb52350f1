"""What a signed-up caller can do from any phone, once confirmation number and PIN agree. Settings: manage_settings."""

from __future__ import annotations

from hotline.ivr.session import Done
from hotline.rules import phones
from hotline.rules.occasions import Occasion, kind
from hotline.services import change_enrolment, confirm
from hotline.services.actions import Result, Turn, action
from hotline.services.enroll import pin_chosen, pin_is_right
from hotline.services.line import spoken
from hotline.services.news import standing
from hotline.services.tell_news import pin_verdict
from hotline.store import deliveries, enrolments
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Enrolment, Subscriber, key_ring

# An argon2id hash that no PIN has: an unknown confirmation number costs the same time as a wrong PIN.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$BcYpQvVdFzTcJtQK6pPMTsjbpYPrnT6Bq3kFYGLbgTM"

LOOKED_AT = (EnrolmentStatus.REVIEW, EnrolmentStatus.FROZEN)
"""A person looks at these, and tells the caller what there is to tell."""

CALLED_IN = "called_in"
"""How a notice was heard by somebody who called: it says who they are, but not that the number is still theirs."""


@action("right", "news_waits", "wrong", "locked", gives=("enrolment",))
def check_entry(turn: Turn) -> Result:
    """Confirmation number and PIN together. Which of the two did not fit is never told."""
    pin = str(turn.answers["pin"])
    enrolment = enrolments.enrolment_by_confirmation(turn.db, str(turn.answers["confirmation"]))
    if enrolment is None:
        pin_is_right(key_ring(turn.db), NOBODY, pin)
        return Done("wrong", {"pin": None})
    verdict = pin_verdict(turn.db, enrolment, pin, turn.now, turn.call.id)
    if verdict != "right":
        return Done(verdict, {"pin": None, "enrolment": None})
    told = {event_id for event_id, _ in _last_events(turn, enrolment)}
    waiting = {delivery.event_id for delivery in deliveries.open_deliveries(turn.db, [enrolment.id])}
    return Done("news_waits" if told & waiting else "right", {"pin": None, "enrolment": enrolment.id})


def managed(turn: Turn) -> Enrolment:
    """The enrolment whose door the caller opened, locked."""
    return enrolments.locked(turn.db, str(turn.answers["enrolment"]))


def subscriber_of(turn: Turn, enrolment: Enrolment) -> Subscriber:
    """Whose it is."""
    return turn.db.get_one(Subscriber, enrolment.subscriber_id)


@action("told", "watching", "not_confirmed", "by_a_person", gives=("standing",))
def where_things_stand(turn: Turn) -> Result:
    """Where the person stands now; what only a person may tell leads to one."""
    enrolment = managed(turn)
    if enrolment.status == EnrolmentStatus.PENDING:
        return Done("not_confirmed")
    if enrolment.status in LOOKED_AT:
        return Done("by_a_person")
    if enrolment.subject_ref is None:
        return Done("watching")
    zones = enrolments.zones_of(subscriber_of(turn, enrolment))
    text = standing(turn.line, turn.db, enrolment.subject_ref, turn.language, zones, turn.now)
    return Done("by_a_person") if text is None else Done("told", {"standing": text})


@action("told", "nothing", "by_a_person", gives=("notices",))
def hear_last_notices(turn: Turn) -> Result:
    """The last notices again; what was not heard before is now, and nothing more goes out about it."""
    enrolment = managed(turn)
    if enrolment.status in LOOKED_AT:
        return Done("by_a_person")
    told = _last_events(turn, enrolment)
    if not told:
        return Done("nothing")
    confirm.heard_events(turn.db, enrolment, [event_id for event_id, _ in told], CALLED_IN, turn.now)
    return Done("told", {"notices": " ".join(text for _, text in told)})


def _last_events(turn: Turn, enrolment: Enrolment) -> list[tuple[int, str]]:
    zones = enrolments.zones_of(subscriber_of(turn, enrolment))
    return change_enrolment.last_events(turn.line, turn.db, enrolment, turn.language, zones, turn.now)


@action("yes", "by_a_person", gives=("number", "number_ending"))
def may_change_number(turn: Turn) -> Result:
    """The number that the news goes to now, for a change of it; under review, a person changes it."""
    enrolment = managed(turn)
    number = subscriber_of(turn, enrolment).unseal("number")
    if enrolment.status in LOOKED_AT or number is None:
        return Done("by_a_person")
    return Done("yes", {"number": number, "number_ending": spoken(phones.ending(number))})


@action("asked", "kept", "refused", gives=("confirming",))
def change_number(turn: Turn) -> Result:
    """Ask the number for its yes to what is new; what is only left out is left out at once."""
    enrolment, channel = managed(turn), turn.answers["channel"]
    number, calls, texts = str(turn.answers["number"]), channel in ("call", "both"), channel in ("text", "both")
    if not change_enrolment.ask_new_number(turn.line, turn.db, enrolment, number, calls, texts, turn.now):
        return Done("refused")
    turn.db.flush()
    open_now = deliveries.open_deliveries(turn.db, [enrolment.id])
    ways = {delivery.channel for delivery in open_now if kind(delivery.occasion) is Occasion.CHANGE}
    if not ways:
        return Done("kept")
    by = "both" if len(ways) > 1 else "call" if "voice" in ways else "text"
    return Done("asked", {"confirming": turn.say(f"confirming_{by}")})


@action("ok", "common", "repeated", "run", "year", "own_number", gives=("chosen_pin",))
def check_new_pin(turn: Turn) -> Result:
    """Refuse a new PIN as at sign-up."""
    return pin_chosen(turn, subscriber_of(turn, managed(turn)).unseal("number"))


@action("kept")
def set_pin(turn: Turn) -> Result:
    """The new PIN holds from here on."""
    change_enrolment.set_pin(key_ring(turn.db), managed(turn), str(turn.answers["chosen_pin"]))
    return Done("kept", {"chosen_pin": None})


@action("deleted")
def stop_and_delete(turn: Turn) -> Result:
    """Stop at once, and delete everything but a keyed tombstone."""
    enrolment = turn.db.get(Enrolment, turn.answers["enrolment"])
    if enrolment is not None:
        change_enrolment.stop_and_delete(turn.db, enrolment, turn.now)
    return Done("deleted", {"enrolment": None})
