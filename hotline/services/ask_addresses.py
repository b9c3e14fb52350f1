"""Asks the mail addresses that came from a file whether they are theirs, once their subscribers have signed up."""

from __future__ import annotations

import structlog

from hotline.carrier.mail import Mail, send_notice
from hotline.errors import CarrierError, MailUncertain
from hotline.rules.links import Purpose
from hotline.services.line import Line
from hotline.services.mail_address import question
from hotline.store import batches, links
from hotline.store.models import Enrolment, Subscriber

log = structlog.get_logger()

MOST = 20
"""Addresses to one look, so that what else is due has its turn."""


def ask_addresses(line: Line) -> int:
    """Ask those that were not asked yet, each once; one that the mail server did not take is asked again later.

    Returns how many mails were taken.
    """
    if line.settings.smtp_url is None:
        return 0
    with line.database.read() as db:
        waiting = batches.addresses_to_ask(db, MOST)
    return sum(_ask(line, enrolment_id) for enrolment_id in waiting)


def _ask(line: Line, enrolment_id: str) -> bool:
    with line.database.begin() as db:
        enrolment = db.get_one(Enrolment, enrolment_id)
        address = db.get_one(Subscriber, enrolment.subscriber_id).unseal("mail")
        mail = question(line, db, enrolment, address) if address else None
        if not isinstance(mail, Mail):
            links.forget_links(db, enrolment_id, Purpose.ADDRESS_YES)
            return False
    try:
        send_notice(line.settings.smtp_url or "", mail)
    except MailUncertain:
        return True  # it may have come: not twice
    except CarrierError:
        log.warning("address_not_asked", channel="mail")
        with line.database.begin() as db:
            links.forget_links(db, enrolment_id, Purpose.ADDRESS_YES)
        return False
    return True
