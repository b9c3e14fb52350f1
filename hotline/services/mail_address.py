"""A subscriber's mail address: given behind the PIN, asked by a mail, and used once its owner has said yes."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier.mail import Mail, send_notice
from hotline.errors import CarrierError, MailUncertain
from hotline.rules.delivery import DeliveryState
from hotline.rules.limits import send_refused
from hotline.rules.links import Purpose
from hotline.rules.mail_addresses import mail_address
from hotline.services import confirm
from hotline.services.change_enrolment import set_wishes
from hotline.services.line import Line
from hotline.services.links import follow, make_link, used
from hotline.services.mail_notices import address_question
from hotline.services.show_messages import Visit, visited
from hotline.store import links
from hotline.store.models import Enrolment, Subscriber, key_ring, new_id

log = structlog.get_logger()


class Given(StrEnum):
    """What came of giving an address; each is the text of a page."""

    SENT = "address_sent"
    REFUSED = "address_refused"
    TOO_OFTEN = "address_too_often"
    NOT_NOW = "address_not_now"


def give_address(line: Line, visit: Visit, given: str) -> Given | None:
    """Keep an address for a subscriber and ask it by mail. Until it says yes, nothing else goes there.

    None where the visit is over.
    """
    address = mail_address(given)
    if address is None:
        return Given.REFUSED
    with line.database.begin() as db:
        enrolment = visited(db, visit)
        mail = None if enrolment is None else question(line, db, enrolment, address)
    if not isinstance(mail, Mail):
        return mail
    try:
        send_notice(line.settings.smtp_url or "", mail)
    except MailUncertain:
        return Given.SENT  # it may have come; if not, they ask once more
    except CarrierError:
        log.warning("address_not_asked", channel="mail")
        return Given.NOT_NOW
    return Given.SENT


def question(line: Line, db: Transaction, enrolment: Enrolment, address: str) -> Mail | Given:
    """The mail that asks an address whether it is theirs, or why none goes out."""
    now, ring = line.clock(), key_ring(db)
    subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
    made = links.links_made(db, subscriber, Purpose.ADDRESS_YES, now - timedelta(minutes=10), now - timedelta(hours=1))
    if send_refused(line.settings.limits, *made):
        return Given.TOO_OFTEN
    links.end_links(db, subscriber.id, [Purpose.ADDRESS_YES], now)
    hashed = ring.index("mail", address)
    if subscriber.mail_hash != hashed:
        links.end_links(db, subscriber.id, [Purpose.UNSUBSCRIBE], now)  # those stand in mails to another address
        subscriber.mail_hash, subscriber.mail_confirmed_at = hashed, None
        subscriber.seal(ring, "mail", address)
    link = make_link(line, db, enrolment.id, Purpose.ADDRESS_YES, now)
    return address_question(line, address, enrolment.language, link, new_id()) or Given.NOT_NOW


def address_says_yes(line: Line, token: str) -> bool:
    """The owner of an address wants mails there. False where the link does not open."""
    with line.database.begin() as db:
        now = line.clock()
        found = follow(db, token, now)
        if found is None or found[0].purpose != Purpose.ADDRESS_YES:
            return False
        link, enrolment = found
        used(db, link, now)
        subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
        subscriber.mail_confirmed_at, subscriber.mail_stopped_at = now, None
        set_wishes(db, enrolment, now, mails=True)
    return True


def unsubscribe(line: Line, token: str) -> bool:
    """No more mails, at once, however often it is said (RFC 8058). False for a link that never was one of ours."""
    with line.database.begin() as db:
        now = line.clock()
        link = links.link_of(db, token)
        if link is None or link.purpose != Purpose.UNSUBSCRIBE:
            return False
        if link.used_at is None:  # else it stands in a mail to an address that is not used any more
            _stop(db, link.enrolment_id, now)
    return True


def forget_address(db: Transaction, subscriber: Subscriber, now: datetime) -> None:
    """No more mails, and the address is not kept."""
    confirm.stop_mails(db, subscriber, DeliveryState.STOPPED, "opted_out", now)
    links.end_links(db, subscriber.id, [Purpose.ADDRESS_YES, Purpose.UNSUBSCRIBE], now)
    subscriber.mail_hash = subscriber.mail_sealed = subscriber.mail_confirmed_at = subscriber.mail_stopped_at = None


def _stop(db: Transaction, enrolment_id: str, now: datetime) -> None:
    enrolment = db.get_one(Enrolment, enrolment_id)
    subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
    confirm.stop_mails(db, subscriber, DeliveryState.STOPPED, "opted_out", now)
