"""What a subscriber changes on their page: each form is one act, and comes to the key of a text that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules import phones, pins
from hotline.rules.hours import UNITED_STATES
from hotline.rules.pins import PinRefusal
from hotline.services import change_enrolment as change
from hotline.services import confirm
from hotline.services.enroll import keyed_pin
from hotline.services.line import Line
from hotline.services.mail_address import forget_address
from hotline.services.show_messages import WISHES, Visit, marked, visited
from hotline.store.models import Enrolment, Subscriber, key_ring

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """One act: whose page it is, and when."""

    line: Line
    db: Transaction
    enrolment: Enrolment
    subscriber: Subscriber
    now: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: the key of its answer, and the visit that goes on; None where there is nothing left."""

    says: str
    visit: Visit | None


def act(line: Line, visit: Visit, name: str, form: Form) -> Done | None:
    """Do one of ACTS. None where the visit is over. Raises KeyError for an act that there is not."""
    do = ACTS[name]
    with line.database.begin() as db:
        enrolment = visited(db, visit)
        if enrolment is None:
            return None
        case = Case(line, db, enrolment, db.get_one(Subscriber, enrolment.subscriber_id), line.clock())
        says = do(case, form)
        return Done(says, None if do is _delete else marked(db, enrolment))


def _read(case: Case, form: Form) -> str:
    shown = {int(event) for event in form.get("events", "").split(",") if event.isascii() and event.isdecimal()}
    confirm.heard_events(case.db, case.enrolment, shown, "page", case.now)
    return "noted"


def _wishes(case: Case, form: Form) -> str:
    language = form.get("language", "")
    wishes = {wish: wish in form for wish in WISHES}
    known = language if language in case.line.settings.languages else None
    change.set_wishes(case.db, case.enrolment, case.now, language=known, **wishes)
    return "kept"


def _number(case: Case, form: Form) -> str:
    given, channel = form.get("number", "").strip(), form.get("channel", "")
    calls, texts = channel in ("call", "both"), channel in ("text", "both")
    number = phones.e164(given) if given else case.subscriber.unseal("number", key_ring(case.db))
    if number is None or not (calls or texts) or phones.refusal(number, case.line.settings.own_numbers):
        return "number_refused"
    asked = change.ask_new_number(case.line, case.db, case.enrolment, number, calls, texts, case.now)
    if not asked:
        return "number_not_now"
    return "kept" if not given and (case.enrolment.calls, case.enrolment.texts) == (calls, texts) else "number_asked"


def _zone(case: Case, form: Form) -> str:
    zone = form.get("zone", "")
    change.set_zone(case.db, case.subscriber, zone if zone in UNITED_STATES else None, case.now)
    return "kept"


def _word(case: Case, form: Form) -> str:
    word = form.get("word", "").strip()
    try:
        change.set_code_word(case.db, case.subscriber, word or None)
    except ValueError:
        return "word_refused"
    return "kept"


def _pin(case: Case, form: Form) -> str:
    pin, ring = form.get("pin", "").strip(), key_ring(case.db)
    refused = pin_refused(pin, form.get("again", "").strip(), case.subscriber.unseal("number", ring))
    if refused is None:
        change.set_pin(ring, case.enrolment, keyed_pin(ring, pin))
    return refused or "new_pin_done"


def pin_refused(pin: str, again: str, number: str | None) -> str | None:
    """The key of the text that says why a new PIN can't be taken; None where it can."""
    refusal = pins.refusal(pin, number)
    if refusal is PinRefusal.LENGTH or refusal is None:
        return "pin_length" if refusal else None if pin == again else "pins_differ"
    return f"pin_{refusal}"


def _forget_address(case: Case, form: Form) -> str:
    forget_address(case.db, case.subscriber, case.now)
    return "kept"


def _delete(case: Case, form: Form) -> str:
    change.stop_and_delete(case.db, case.enrolment, case.now)
    return "deleted"


ACTS: Mapping[str, Callable[[Case, Form], str]] = {
    "read": _read,
    "wishes": _wishes,
    "number": _number,
    "zone": _zone,
    "word": _word,
    "pin": _pin,
    "forget-address": _forget_address,
    "delete": _delete,
}
"""What a form of the page may ask for, as the end of its address."""
