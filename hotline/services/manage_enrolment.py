"""What a signed-up caller can do from any phone, once confirmation number and PIN agree."""

from __future__ import annotations

from hotline.ivr.session import Done
from hotline.rules import phones
from hotline.services.actions import Result, Turn, action
from hotline.services.enroll import pin_is_right
from hotline.services.news import standing
from hotline.services.tell_news import pin_verdict
from hotline.store import enrolments
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Enrolment, Subscriber, key_ring

# An argon2id hash that no PIN has: an unknown confirmation number costs the same time as a wrong PIN.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$BcYpQvVdFzTcJtQK6pPMTsjbpYPrnT6Bq3kFYGLbgTM"


@action("right", "wrong", "locked", gives=("enrolment",))
def check_entry(turn: Turn) -> Result:
    """Confirmation number and PIN together. Which of the two did not fit is never told."""
    pin = str(turn.answers["pin"])
    enrolment = enrolments.enrolment_by_confirmation(turn.db, str(turn.answers["confirmation"]))
    if enrolment is None:
        pin_is_right(key_ring(turn.db), _NOBODY, pin)
        return Done("wrong", {"pin": None})
    verdict = pin_verdict(turn, enrolment, pin)
    return Done(verdict, {"pin": None, "enrolment": enrolment.id if verdict == "right" else None})


@action("told", "by_a_person", gives=("standing",))
def where_things_stand(turn: Turn) -> Result:
    """Where the person stands now; what only a person may tell leads to one."""
    enrolment = turn.db.get_one(Enrolment, turn.answers["enrolment"])
    if enrolment.status != EnrolmentStatus.ACTIVE or enrolment.subject_ref is None:
        return Done("by_a_person")
    number = turn.db.get_one(Subscriber, enrolment.subscriber_id).unseal("number", key_ring(turn.db))
    zones = phones.zones(number) if number else ()
    text = standing(turn.line, turn.db, enrolment.subject_ref, turn.language, zones, turn.now)
    return Done("by_a_person") if text is None else Done("told", {"standing": text})


@action("deleted")
def stop_and_delete(turn: Turn) -> Result:
    """Stop at once, and delete everything but a keyed tombstone."""
    enrolment = turn.db.get(Enrolment, turn.answers["enrolment"])
    if enrolment is not None:
        enrolments.delete_enrolment(turn.db, enrolment, turn.now)
    return Done("deleted", {"enrolment": None})
