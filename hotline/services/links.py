"""Links to a subscriber's small pages: asked for, made at the moment of sending, and followed."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules.cadence import Urgency
from hotline.rules.delivery import DeliveryState
from hotline.rules.links import BY_TEXT, TOKEN_BYTES, Purpose, is_open
from hotline.rules.occasions import Occasion, kind, subject
from hotline.rules.texts_out import with_code_word
from hotline.services import confirm
from hotline.services.enroll import may_be_asked
from hotline.services.line import Line
from hotline.store import deliveries, links
from hotline.store.enrolments import LIVE
from hotline.store.models import Enrolment, Link, Subscriber, new_id


def send_link(line: Line, db: Transaction, enrolment: Enrolment, purpose: str, now: datetime) -> bool:
    """Plan a text with a link. False where the number takes no texts, or got too many.

    `purpose` is one of rules.links.BY_TEXT; raises ValueError for another.
    """
    if Purpose(purpose) not in BY_TEXT:
        raise ValueError(f"{purpose}: no link that goes by text")
    subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
    if subscriber.texts_stopped_at is not None or not may_be_asked(line, db, subscriber, enrolment, now):
        return False
    occasion = Occasion.LINK.about(f"{purpose}:{new_id()}")
    # As an emergency goes: whoever asked holds the phone and waits.
    deliveries.plan(db, enrolment, occasion, Urgency.EMERGENCY, now, channels=["text"])
    return True


def link_text(
    line: Line, db: Transaction, enrolment_id: str, occasion: str, language: str, code_word: str | None, now: datetime
) -> str:
    """The text of a link that is due: its token is made here and never kept."""
    purpose = Purpose(subject(occasion).partition(":")[0])
    address = make_link(line, db, enrolment_id, purpose, now)
    key = "text_link_pin" if purpose is Purpose.CHOOSE_PIN else "text_link"
    return with_code_word(line.write(key, language, link=address), code_word)


def make_link(line: Line, db: Transaction, enrolment_id: str, purpose: Purpose, now: datetime) -> str:
    """The address of a new link."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    links.add_link(db, enrolment_id, purpose, token, now)
    return f"{line.settings.public_url}/l/{token}"


def follow(db: Transaction, token: str, now: datetime) -> tuple[Link, Enrolment] | None:
    """A link that still opens, and its enrolment; None for every other."""
    link = links.link_of(db, token)
    if link is None or not is_open(Purpose(link.purpose), link.expires_at, link.used_at, now):
        return None
    enrolment = db.get_one(Enrolment, link.enrolment_id)
    return (link, enrolment) if enrolment.status in LIVE else None


def purpose_of(line: Line, token: str) -> tuple[Purpose, str] | None:
    """What a link is for, and the language of whom it was sent to; None where it does not open."""
    with line.database.read() as db:
        found = follow(db, token, line.clock())
        return None if found is None else (Purpose(found[0].purpose), found[1].language)


def used(db: Transaction, link: Link, now: datetime) -> None:
    """A link did what it was sent for: its text need not go out any more."""
    link.used_at = link.used_at or now
    for delivery in deliveries.open_deliveries(db, [link.enrolment_id]):
        if kind(delivery.occasion) is Occasion.LINK:
            confirm.end_delivery(delivery, DeliveryState.CONFIRMED, "link_used", now)
