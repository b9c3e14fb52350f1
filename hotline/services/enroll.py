"""Signs a caller up: number, wishes, PIN, consent. Nothing is kept before the yes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from hotline.ivr.session import Done
from hotline.rules import phones, pins
from hotline.rules.limits import send_refused
from hotline.services import protect
from hotline.services.actions import Result, Turn, action
from hotline.services.line import spoken
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
    return Done("noted", {"eligible_at": turn.now.isoformat(), "eligible_text": _version(turn, "eligible")})


def _version(turn: Turn, key: str) -> str:
    """The version of a text: what was said can be found by it in the repository's history."""
    return hashlib.sha256(turn.line.phrasebook.texts[turn.language][key].encode()).hexdigest()[:12]


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
    refusal = pins.refusal(str(turn.answers["pin"]), turn.answers.get("number"))
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
    confirmation = _confirmation_number(turn)
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
        pin_hash=_HASHER.hash(str(answers["chosen_pin"])),
        call_id=turn.call.id,
        eligible_text=answers["eligible_text"],
        eligible_at=datetime.fromisoformat(answers["eligible_at"]),
        consent_text=_version(turn, "consent"),
        consent_at=turn.now,
    )
    if answers.get("watch") and subject is None:
        enrolment.seal(ring, "watch", str(answers["watch"]))
    return enrolment


def _confirmation_number(turn: Turn) -> str:
    while True:
        number = f"{secrets.randbelow(10**CONFIRMATION_DIGITS):0{CONFIRMATION_DIGITS}}"
        if not enrolments.confirmation_taken(turn.db, number):
            return number


def ask_number(turn: Turn, subscriber: Subscriber, enrolment: Enrolment) -> None:
    """Plan the call or text by which the number says yes, unless it, or its block, was asked too often already."""
    now = turn.now
    sent = deliveries.requests_sent(turn.db, subscriber, now - timedelta(minutes=10), now - timedelta(hours=1))
    if send_refused(turn.line.settings.limits, *sent):
        tasks.open_task(turn.db, "too_many_requests", now, enrolment_id=enrolment.id)
        return
    deliveries.plan(turn.db, enrolment, "verify", VERIFY, now)
