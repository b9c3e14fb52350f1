"""Mails that came back, by webhook or in a mailbox: an address that takes none gets none; a complaint is a stop."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.rules.bounces import LONGEST, Kind, Report, read_report
from hotline.rules.delivery import AttemptState, DeliveryState, advance
from hotline.services import confirm
from hotline.services.line import Line
from hotline.services.mail_notices import address_dead
from hotline.store import deliveries, enrolments
from hotline.store.models import Delivery, Subscriber

log = structlog.get_logger()


def take_report(line: Line, body: bytes, trusted: bool) -> bool:
    """Do what a report asks. False where it is none, or tells of no mail of ours.

    One that anybody could have sent (not `trusted`) counts only where it names a mail: its id is a secret that only
    whoever had the mail can know.
    """
    report = read_report(body)
    if report is None:
        return False
    with line.database.begin() as db:
        return _of_mail(line, db, report) or (trusted and _of_address(line, db, report))


def _of_mail(line: Line, db: Transaction, report: Report) -> bool:
    token, _, host = report.message_id.partition("@")
    if not token or host != (line.settings.mail_from or "").rpartition("@")[2]:
        return False
    attempt = deliveries.attempt_by_token(db, token)
    if attempt is None:
        return False
    delivery, now = db.get_one(Delivery, attempt.delivery_id), line.clock()
    subscriber = db.get_one(Subscriber, delivery.subscriber_id)
    if report.kind is Kind.PERMANENT:
        attempt.status = advance(AttemptState(attempt.status), AttemptState.FAILED)
        attempt.ended_at = attempt.ended_at or now
        confirm.end_delivery(delivery, DeliveryState.DEAD, "mail_bounced", now)
    if subscriber.mail_confirmed_at is not None and subscriber.mail_confirmed_at <= attempt.placed_at:
        _hold_to(db, subscriber, report.kind, now, delivery)  # else it went to an address of before
    return True


def _of_address(line: Line, db: Transaction, report: Report) -> bool:
    subscribers = enrolments.subscribers_of_mail(db, report.recipient)
    for subscriber in subscribers:
        _hold_to(db, subscriber, report.kind, line.clock())
    return bool(subscribers)


def _hold_to(
    db: Transaction, subscriber: Subscriber, kind: Kind, now: datetime, delivery: Delivery | None = None
) -> None:
    if kind is Kind.PERMANENT:
        of = (delivery.enrolment_id, delivery.event_id) if delivery else (None, None)
        address_dead(db, subscriber, now, *of)
    elif kind is Kind.COMPLAINT:
        confirm.stop_mails(db, subscriber, DeliveryState.STOPPED, "opted_out", now)


def read_mailbox(line: Line) -> int:
    """Take the reports that arrived in the mailbox. Returns how many; what is none is left there, marked as seen."""
    folder = line.settings.bounce_mailbox
    if folder is None or not (folder / "new").is_dir():
        return 0
    return sum(_take_file(line, path) for path in sorted((folder / "new").iterdir()) if path.name[0] != ".")


def _take_file(line: Line, path: Path) -> bool:
    try:
        with path.open("rb") as file:
            ours = take_report(line, file.read(LONGEST), trusted=False)
        if ours:
            path.unlink()
        else:  # a mail that was seen stands so in its folder (the Maildir format)
            path.rename(path.parents[1] / "cur" / f"{path.name}:2,S")
    except OSError:
        log.warning("mailbox_unreadable")
        return False
    return ours
