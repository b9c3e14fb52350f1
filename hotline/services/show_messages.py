"""The subscriber's page: the door that confirmation number or link open with the PIN, and what stands behind it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session as Transaction

from hotline.rules import phones
from hotline.rules.links import Purpose
from hotline.services.change_enrolment import last_events
from hotline.services.enroll import CONFIRMATION_DIGITS, pin_is_right
from hotline.services.line import Line
from hotline.services.links import follow, send_link, used
from hotline.services.manage_enrolment import NOBODY
from hotline.services.news import standing
from hotline.services.tell_news import pin_verdict
from hotline.store import enrolments
from hotline.store.enrolments import LIVE, EnrolmentStatus
from hotline.store.models import Enrolment, Subscriber, key_ring
from hotline.store.seal import KeyRing

LONGEST_PIN = 12


@dataclass(frozen=True, slots=True)
class Visit:
    """Who a page was opened for: nothing in it tells of anybody. `mark` holds until the PIN is changed."""

    enrolment_id: str
    mark: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What the door said: `right`, `wrong` or `locked`; with the visit and its language where it opened."""

    verdict: str
    visit: Visit | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Messages:
    """What a subscriber's page shows. `standing` is None where only a person may tell.

    `news` has the last events, the newest first, each with its row; `address` is none, waits, set or stopped.
    """

    standing: str | None
    news: Sequence[tuple[int, str]]
    ending: str
    channel: str
    wishes: Mapping[str, bool]
    language: str
    zone: str
    has_code_word: bool
    address: str


def enter(line: Line, confirmation: str, pin: str) -> Opened:
    """Confirmation number and PIN together. Which of the two did not fit is never told, nor by the time it takes."""
    digits = "".join(digit for digit in confirmation if digit.isascii() and digit.isdecimal())
    with line.database.begin() as db:
        enrolment = enrolments.enrolment_by_confirmation(db, digits) if len(digits) == CONFIRMATION_DIGITS else None
        if enrolment is None:
            pin_is_right(key_ring(db), NOBODY, pin[:LONGEST_PIN])
            return Opened("wrong")
        return _opened(line, db, enrolment, pin)


def enter_by_link(line: Line, token: str, pin: str) -> Opened | None:
    """A link and the PIN together; None where the link does not open."""
    with line.database.begin() as db:
        found = follow(db, token, line.clock())
        if found is None or found[0].purpose not in (Purpose.MANAGE, Purpose.ADDRESS):
            return None
        opened = _opened(line, db, found[1], pin)
        if opened.visit is not None:
            used(db, found[0], line.clock())
        return opened


def _opened(line: Line, db: Transaction, enrolment: Enrolment, pin: str) -> Opened:
    verdict = pin_verdict(db, enrolment, pin[:LONGEST_PIN], line.clock())
    if verdict != "right":
        return Opened(verdict)
    return Opened(verdict, Visit(enrolment.id, _mark(key_ring(db), enrolment)), enrolment.language)


def _mark(ring: KeyRing, enrolment: Enrolment) -> str:
    return ring.index("visit", f"{enrolment.id}\0{enrolment.pin_hash}")[:22]


def visited(db: Transaction, visit: Visit) -> Enrolment | None:
    """The enrolment of a visit, locked; None where it is over, or another PIN holds by now."""
    enrolment = db.get(Enrolment, visit.enrolment_id, with_for_update=True)
    if enrolment is None or enrolment.status not in LIVE:
        return None
    return enrolment if secrets.compare_digest(_mark(key_ring(db), enrolment), visit.mark) else None


def marked(db: Transaction, enrolment: Enrolment) -> Visit:
    """The visit that goes on once the PIN was changed in it."""
    return Visit(enrolment.id, _mark(key_ring(db), enrolment))


def text_link(line: Line, confirmation: str) -> None:
    """Text a link to whom this confirmation number belongs, where they chose texts. Whether it does is never told."""
    with line.database.begin() as db:
        enrolment = enrolments.enrolment_by_confirmation(db, confirmation)
        if enrolment is not None and enrolment.texts and enrolment.status != EnrolmentStatus.PENDING:
            send_link(line, db, enrolment, Purpose.MANAGE, line.clock())


def messages(line: Line, visit: Visit, language: str) -> Messages | None:
    """What the page shows in this language; None where the visit is over."""
    with line.database.begin() as db:
        enrolment = visited(db, visit)
        return None if enrolment is None else _messages(line, db, enrolment, language, line.clock())


def _messages(line: Line, db: Transaction, enrolment: Enrolment, language: str, now: datetime) -> Messages:
    subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
    number = subscriber.unseal("number", key_ring(db))
    zones = enrolments.zones_of(subscriber)
    subject = enrolment.subject_ref if enrolment.status == EnrolmentStatus.ACTIVE else None
    return Messages(
        standing=None if subject is None else standing(line, db, subject, language, zones, now),
        news=last_events(line, db, enrolment, language, zones, now),
        ending=phones.ending(number) if number else "",
        channel="both" if enrolment.calls and enrolment.texts else "call" if enrolment.calls else "text",
        wishes=MappingProxyType({wish: bool(getattr(enrolment, wish)) for wish in WISHES}),
        language=enrolment.language,
        zone=zones[0] if len(zones) == 1 else "",
        has_code_word=subscriber.code_word_sealed is not None,
        address=_address(subscriber),
    )


WISHES = ("voicemail", "any_hour", "fuller_texts", "mails")
"""What a subscriber says yes or no to, by the enrolment's fields and the pages' texts."""


def _address(subscriber: Subscriber) -> str:
    if subscriber.mail_sealed is None:
        return "none"
    if subscriber.mail_stopped_at is not None:
        return "stopped"
    return "waits" if subscriber.mail_confirmed_at is None else "set"
