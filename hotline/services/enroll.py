"""Signs a caller up: number, wishes, PIN, consent. Nothing is kept before the yes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.orm import Session as Transaction

from hotline.ivr.session import Done
from hotline.rules import phones, pins
from hotline.rules.limits import send_refused
from hotline.rules.occasions import Occasion
from hotline.services import protect
from hotline.services.actions import Result, Turn, action
from hotline.services.line import Line, spoken
from hotline.services.outcomes import VERIFY
from hotline.store import calls, deliveries, enrolments, tasks
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Enrolment, Subscriber, key_ring, new_id
from hotline.store.seal import KeyRing

# OWASP's second choice for argon2id: 19 MiB, two passes, one lane. The PIN is keyed first, so that a stolen
# database alone can't try all million of them.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

CONFIRMATION_DIGITS = 8


@action("noted", gives=("eligible_at", "eligible_text"))
def note_eligible(turn: Turn) -> Result:
    """The caller said to be a victim, a witness, or there for one: which words they said yes to, and when."""
    return Done(
        "noted",
        {"eligible_at": turn.now.isoformat(), "eligible_text": text_version(turn.line, "eligible", turn.language)},
    )


def text_version(line: Line, key: str, language: str) -> str:
    """The version of a prompt: what was said can be found by it in the repository's history."""
    return version_of(line.phrasebook.texts[language][key])


def version_of(text: str) -> str:
    """The version of a text, spoken or read."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@action("known", "withheld", gives=("number", "number_ending"))
def caller_number(turn: Turn) -> Result:
    """The number that the call comes from, if it shows one that may be called back."""
    number = calls.caller_number(turn.db, turn.call)
    if number is None or phones.refusal(number, turn.line.settings.own_numbers):
        return Done("withheld")
    return Done("known", {"number": number, "number_ending": spoken(phones.ending(number))})


@action("ok", "refused", gives=("number", "number_grouped"))
def check_number(turn: Turn) -> Result:
    """A number that was keyed or said: whole, and one that may be called."""
    return number_given(turn, str(turn.answers["number_said"]))


def number_given(turn: Turn, said: str) -> Done:
    number = phones.e164(said)
    if number is None or phones.refusal(number, turn.line.settings.own_numbers):
        return Done("refused")
    return Done(
        "ok", {"number": number, "number_grouped": "; ".join(spoken(group) for group in phones.grouped(number))}
    )


@action("ok", "common", "repeated", "run", "year", "own_number", gives=("chosen_pin",))
def check_pin_choice(turn: Turn) -> Result:
    """Refuse a PIN that is easily guessed; from here on only its keyed hash is known."""
    return pin_chosen(turn, turn.answers.get("number"))


def pin_chosen(turn: Turn, number: str | None) -> Done:
    """The PIN that was just entered, kept keyed, or the reason why it is refused; `number` is its owner's."""
    refusal = pins.refusal(str(turn.answers["pin"]), number)
    if refusal is not None:
        return Done(refusal.value, {"pin": None})
    return Done("ok", {"pin": None, "chosen_pin": keyed_pin(key_ring(turn.db), str(turn.answers["pin"]))})


@action("same", "different")
def compare_pins(turn: Turn) -> Result:
    """The PIN once more, against a slip of the finger."""
    again = keyed_pin(key_ring(turn.db), str(turn.answers["pin_again"]))
    same = secrets.compare_digest(again, str(turn.answers["chosen_pin"]))
    return Done("same" if same else "different", {"pin_again": None})


def keyed_pin(ring: KeyRing, pin: str) -> str:
    return ring.index("pin", pin)


def hash_pin(keyed: str) -> str:
    """What is kept of a keyed PIN."""
    return _HASHER.hash(keyed)


def pin_is_right(ring: KeyRing, pin_hash: str | None, pin: str) -> bool:
    """Whether a PIN is the one behind this hash; none is where none was chosen yet."""
    if pin_hash is None:
        return False
    try:
        return _HASHER.verify(pin_hash, keyed_pin(ring, pin))
    except VerifyMismatchError:
        return False


@action("ready", gives=("how", "leave_message", "at_night", "confirming"))
def sum_up(turn: Turn) -> Result:
    """What the caller is about to agree to, in whole sentences."""
    channel, answers = str(turn.answers["channel"]), turn.answers
    return Done(
        "ready",
        {
            "how": turn.say(f"how_{channel}"),
            "leave_message": turn.say(f"leave_message_{answers['voicemail']}"),
            "at_night": turn.say(f"at_night_{answers['night']}"),
            "confirming": turn.say(f"confirming_{channel}"),
        },
    )


@action("enrolled", "later", gives=("confirmation",))
def enroll(turn: Turn) -> Result:
    """Keep the enrolment and ask its number to confirm. A number that is signed up already sounds the same."""
    if enrolments.enrolment_of_call(turn.db, turn.call.id) is not None:
        return Done("later")
    subscriber = enrolments.add_subscriber(turn.db, str(turn.answers["number"]), turn.now)
    confirmation = confirmation_number(turn.db)
    enrolment = _enrolment(turn, subscriber, confirmation)
    turn.db.add(enrolment)
    turn.db.flush()
    enrolments.dig_up(turn.db, subscriber, enrolment.subject_ref)
    ask_number(turn, subscriber, enrolment)
    if enrolment.subject_ref is not None:  # protected since it was read back: it sounds the same
        protect.freeze_hidden(turn.db, [enrolment.subject_ref], turn.now)
    return Done("enrolled", {"confirmation": spoken(confirmation), "chosen_pin": None})


def _enrolment(turn: Turn, subscriber: Subscriber, confirmation: str) -> Enrolment:
    answers, ring = turn.answers, key_ring(turn.db)
    subject = answers.get("subject")
    enrolment = Enrolment(
        id=new_id(),
        subscriber_id=subscriber.id,
        subject_ref=subject,
        status=EnrolmentStatus.PENDING,
        language=turn.language,
        calls=answers["channel"] in ("call", "both"),
        texts=answers["channel"] in ("text", "both"),
        voicemail=answers["voicemail"] == "yes",
        any_hour=answers["night"] == "yes",
        confirmation_hash=ring.index("confirmation", confirmation),
        pin_hash=hash_pin(str(answers["chosen_pin"])),
        call_id=turn.call.id,
        eligible_text=answers["eligible_text"],
        eligible_at=datetime.fromisoformat(answers["eligible_at"]),
        consent_text=text_version(turn.line, "consent", turn.language),
        consent_at=turn.now,
    )
    if answers.get("watch") and subject is None:
        enrolment.seal(ring, "watch", str(answers["watch"]))
    return enrolment


def confirmation_number(db: Transaction) -> str:
    """A confirmation number that no enrolment has."""
    while True:
        number = f"{secrets.randbelow(10**CONFIRMATION_DIGITS):0{CONFIRMATION_DIGITS}}"
        if not enrolments.confirmation_taken(db, number):
            return number


def ask_number(turn: Turn, subscriber: Subscriber, enrolment: Enrolment) -> None:
    """Plan the call or text by which the number says yes, unless it, or its block, was asked too often already."""
    if may_be_asked(turn.line, turn.db, subscriber, enrolment, turn.now):
        deliveries.plan(turn.db, enrolment, Occasion.VERIFY, VERIFY, turn.now)


def may_be_asked(line: Line, db: Transaction, subscriber: Subscriber, enrolment: Enrolment, now: datetime) -> bool:
    """Whether one more question may go to this number; staff look where it, or its block, was asked too often."""
    sent = deliveries.requests_sent(db, subscriber, now - timedelta(minutes=10), now - timedelta(hours=1))
    if send_refused(line.settings.limits, *sent):
        tasks.open_task(db, "too_many_requests", now, enrolment_id=enrolment.id)
        return False
    return True
