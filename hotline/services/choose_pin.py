"""Somebody brought in from a file follows the link of our text: agrees, chooses a PIN, and is signed up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session as Transaction

from hotline.rules.links import Purpose
from hotline.services.change_by_page import pin_refused
from hotline.services.enroll import keyed_pin, version_of
from hotline.services.line import Line
from hotline.services.links import follow, used
from hotline.services.take_up import Agreed, is_awaited, known, take_up
from hotline.store.models import Enrolment, Link, Subscriber, key_ring


@dataclass(frozen=True, slots=True)
class Chosen:
    """The key of the text that answers, and the new confirmation number once they are signed up."""

    says: str
    confirmation: str | None = None


def consent_of(line: Line, token: str, language: str) -> str | None:
    """What the subscriber is asked to agree to, in whole sentences; None where the link does not open."""
    with line.database.read() as db:
        found = _awaited(line, db, token)
        if found is None:
            return None
        answers = known(found[1], db.get_one(Subscriber, found[1].subscriber_id))
    return line.show(
        "choose_consent",
        language,
        how=line.write(f"how_{answers['channel']}", language),
        leave_message=line.write(f"leave_message_{answers['voicemail']}", language),
        at_night=line.write(f"at_night_{answers['night']}", language),
    )


def choose_pin(line: Line, token: str, language: str, pin: str, again: str, agreed: bool) -> Chosen | None:
    """Sign up with this PIN, or say why not yet; None where the link does not open."""
    with line.database.begin() as db:
        found = _awaited(line, db, token)
        if found is None:
            return None
        link, enrolment = found
        ring, now, texts = key_ring(db), line.clock(), line.pages.texts[language]
        number = db.get_one(Subscriber, enrolment.subscriber_id).unseal("number", ring)
        refused = pin_refused(pin, again, number) if agreed else "choose_both"
        if refused is not None:
            return Chosen(refused)
        what = Agreed(
            keyed_pin(ring, pin), version_of(texts["choose_eligible"]), now, version_of(texts["choose_consent"])
        )
        enrolment.language = language
        used(db, link, now)
        return Chosen("choose_done", take_up(db, line.settings.limits, enrolment, what, now))


def _awaited(line: Line, db: Transaction, token: str) -> tuple[Link, Enrolment] | None:
    found = follow(db, token, line.clock())
    if found is None or found[0].purpose != Purpose.CHOOSE_PIN or not is_awaited(found[1]):
        return None
    return found
