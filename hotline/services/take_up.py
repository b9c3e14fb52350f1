"""People brought in from a file take their enrolment up themselves: a PIN of their own, who they are, consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.ivr.session import Done
from hotline.rules.limits import Limits
from hotline.services import confirm
from hotline.services.actions import Result, Turn, action
from hotline.services.enroll import confirmation_number, hash_pin, text_version
from hotline.services.line import spoken
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Attempt, Delivery, Enrolment, Subscriber, key_ring

KNOWN = ("number", "channel", "voicemail", "night")
"""Answers that a sign-up by phone asks for, and that stand in the file."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a subscriber said: the keyed PIN, and which words they said yes to, and when."""

    keyed_pin: str
    eligible_text: str
    eligible_at: datetime
    consent_text: str


def is_awaited(enrolment: Enrolment) -> bool:
    """Whether this enrolment waits for its subscriber's PIN and consent."""
    return enrolment.status == EnrolmentStatus.PENDING and enrolment.pin_hash is None


def known(enrolment: Enrolment, subscriber: Subscriber) -> Mapping[str, str | None]:
    """The answers of KNOWN, as a sign-up by phone has them."""
    return {
        "number": subscriber.unseal("number"),
        "channel": "both" if enrolment.calls and enrolment.texts else "call" if enrolment.calls else "text",
        "voicemail": "yes" if enrolment.voicemail else "no",
        "night": "yes" if enrolment.any_hour else "no",
    }


def take_up(db: Transaction, limits: Limits, enrolment: Enrolment, agreed: Agreed, now: datetime) -> str | None:
    """Keep what was agreed, and confirm the number. Returns the confirmation number, None if none is awaited."""
    if not is_awaited(enrolment):
        return None
    confirmation = confirmation_number(db)
    enrolment.confirmation_hash = key_ring(db).index("confirmation", confirmation)
    enrolment.pin_hash = hash_pin(agreed.keyed_pin)
    enrolment.eligible_text, enrolment.eligible_at = agreed.eligible_text, agreed.eligible_at
    enrolment.consent_text, enrolment.consent_at = agreed.consent_text, now
    confirm.number_confirmed(db, limits, enrolment, now)
    return confirmation


@action("taken_up", "over", gives=("confirmation",))
def take_up_enrolment(turn: Turn) -> Result:
    """The subscriber agreed: from here on the news comes, and a number opens it."""
    delivery = turn.db.get_one(Delivery, turn.db.get_one(Attempt, turn.call.attempt_id).delivery_id)
    answers = turn.answers
    agreed = Agreed(
        str(answers["chosen_pin"]),
        answers["eligible_text"],
        datetime.fromisoformat(answers["eligible_at"]),
        text_version(turn.line, "consent", turn.language),
    )
    enrolment = turn.db.get_one(Enrolment, delivery.enrolment_id)
    confirmation = take_up(turn.db, turn.line.settings.limits, enrolment, agreed, turn.now)
    if confirmation is None:
        return Done("over", {"chosen_pin": None})
    return Done("taken_up", {"confirmation": spoken(confirmation), "chosen_pin": None})
