"""News by mail: its words, and what became of it. Nothing in it tells what it is about."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier.mail import Mail
from hotline.errors import MailRefused
from hotline.rules.delivery import AttemptState, DeliveryState, advance
from hotline.rules.links import Purpose
from hotline.rules.mail_answers import GO_ON, UNCERTAIN_AGAIN, Step, again_after, uncertain_goes_again, verdict
from hotline.rules.occasions import Occasion, kind
from hotline.rules.platform_errors import Verdict
from hotline.rules.staff_pages import Page
from hotline.services import confirm
from hotline.services.line import Line
from hotline.services.links import make_link
from hotline.store import channels, deliveries, tasks, watching
from hotline.store.models import Attempt, Delivery, Enrolment, Subscriber, key_ring

log = structlog.get_logger()

SETUP_PAUSE = timedelta(seconds=30)
"""The mail is due again soon; the channel itself stands still as long as it must."""


# ---- its words


def compose(
    line: Line, db: Transaction, delivery: Delivery, enrolment: Enrolment, subscriber: Subscriber, attempt: Attempt
) -> Mail | None:
    """The mail of a delivery; None where no mail may go to this subscriber, or none is about this occasion."""
    to = confirmed_address(db, subscriber)
    of = kind(delivery.occasion)
    if to is None or of not in (Occasion.EVENT, Occasion.ENDED):
        return None
    language, now = enrolment.language, attempt.placed_at
    stop = make_link(line, db, enrolment.id, Purpose.UNSUBSCRIBE, now)
    if of is Occasion.EVENT:
        page = make_link(line, db, enrolment.id, Purpose.MANAGE, now)
        keys: Sequence[str] = ("mail_news", "mail_news_open", page, "mail_news_call")
        subject = line.show("mail_news_subject", language)
    else:
        keys = ("mail_ended", "call_us")
        subject = line.show("mail_ended_subject", language)
    word = subscriber.unseal("code_word", key_ring(db))
    parts = [_part(line, language, key) for key in (*keys, "danger", "mail_stop", stop)]
    unsubscribe = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return written(
        line,
        to,
        language,
        f"{word}: {subject}" if word else subject,
        [word, *parts] if word else parts,
        attempt.token,
        unsubscribe,
    )


def confirmed_address(db: Transaction, subscriber: Subscriber) -> str | None:
    """The address that mail may go to now, if any."""
    if subscriber.mail_confirmed_at is None or subscriber.mail_stopped_at is not None:
        return None
    return subscriber.unseal("mail", key_ring(db))


def address_question(line: Line, to: str, language: str, link: str, token: str) -> Mail | None:
    """The mail that asks whether an address is theirs; None where the line sends no mail."""
    keys = ("mail_address", link, "mail_address_not", "call_us", "danger")
    subject = line.show("mail_address_subject", language)
    return written(line, to, language, subject, [_part(line, language, key) for key in keys], token)


def _part(line: Line, language: str, key: str) -> str:
    """A paragraph by its key; an address stands for itself."""
    return key if _is_link(key) else line.show(key, language)


def written(
    line: Line,
    to: str,
    language: str,
    subject: str,
    parts: Sequence[str],
    token: str,
    headers: dict[str, str] | None = None,
) -> Mail | None:
    """A mail of these paragraphs, as plain text and as plain HTML; None where the line sends no mail.

    Its Message-ID holds the token and nothing else.
    """
    sender = line.settings.mail_from
    if sender is None or line.settings.smtp_url is None:
        return None
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join(parts) + "\n",
        html=_html(language, parts),
        message_id=f"{token}@{sender.rpartition('@')[2]}",
        headers={**(headers or {}), "Content-Language": language},
        envelope_from=sender,
    )


def _html(language: str, parts: Sequence[str]) -> str:
    """The same paragraphs for readers of HTML: no picture, no style, nothing to be fetched."""
    shown = "\n".join(f"<p>{_linked(html.escape(part)) if _is_link(part) else html.escape(part)}</p>" for part in parts)
    return f'<!doctype html>\n<html lang="{language}">\n<body>\n{shown}\n</body>\n</html>\n'


def _is_link(part: str) -> bool:
    return part.startswith(("https://", "http://"))


def _linked(address: str) -> str:
    return f'<a href="{address}">{address}</a>'


# ---- what became of it


def taken(attempt: Attempt, delivery: Delivery, now: datetime) -> None:
    """The server took it. No more is told of a mail, unless it comes back."""
    attempt.accepted_at = attempt.accepted_at or now
    attempt.status = advance(AttemptState(attempt.status), AttemptState.SENT)
    attempt.ended_at = attempt.ended_at or now
    if delivery.ended_at is None:
        delivery.next_at = None


def uncertain(db: Transaction, attempt: Attempt, delivery: Delivery, now: datetime) -> None:
    """It may have been taken, and nobody can be asked: rules.mail_answers says whether it goes out once more."""
    before = sum(one.error_code == GO_ON for one in deliveries.attempts_of(db, delivery.id))
    only = not any(one.channel != "mail" for one in deliveries.siblings(db, delivery))
    again = uncertain_goes_again(only, before)
    attempt.status = AttemptState.FAILED if again else AttemptState.UNCERTAIN  # what failed goes out again
    attempt.error_code, attempt.ended_at = GO_ON, now
    if delivery.ended_at is None:
        delivery.next_at = now + UNCERTAIN_AGAIN if again else None


def refused(db: Transaction, attempt: Attempt, delivery: Delivery, fault: MailRefused, now: datetime) -> None:
    """The server said no: what follows stands in the table of its answers."""
    meant = verdict(Step(fault.step), fault.code, fault.words)
    log.warning("mail_refused", attempt_id=attempt.id, channel="mail", code=fault.code)
    attempt.status = advance(AttemptState(attempt.status), AttemptState.FAILED)
    attempt.error_code, attempt.ended_at = fault.code, now
    match meant:
        case Verdict.OUR_SETUP:
            if channels.pause(db, "mail", fault.code, now):
                watching.page(db, Page.PLATFORM_SETUP, now)
            delivery.next_at = now + SETUP_PAUSE
        case Verdict.CHANNEL_DEAD:
            subscriber = db.get_one(Subscriber, delivery.subscriber_id)
            confirm.end_delivery(delivery, DeliveryState.DEAD, "mail_bounced", now)
            address_dead(db, subscriber, now, delivery.enrolment_id, delivery.event_id)
        case Verdict.LATER:
            failed = [a for a in deliveries.attempts_of(db, delivery.id) if a.status == AttemptState.FAILED]
            pause = again_after(len(failed))
            if pause is None:
                _given_up(db, delivery, "mail_bounced", now)
            else:
                delivery.next_at = now + pause
        case _:
            _given_up(db, delivery, "held_for_review", now)


def _given_up(db: Transaction, delivery: Delivery, task: str, now: datetime) -> None:
    confirm.end_delivery(delivery, DeliveryState.DEAD, task, now)
    tasks.open_about(db, task, now, delivery.enrolment_id, delivery.event_id)


def address_dead(
    db: Transaction, subscriber: Subscriber, now: datetime, enrolment_id: str | None = None, event_id: int | None = None
) -> None:
    """An address takes no mail: nothing more goes there, a person looks, and the other channels go on."""
    if subscriber.mail_stopped_at is None:
        tasks.open_task(db, "mail_bounced", now, enrolment_id=enrolment_id, event_id=event_id)
    confirm.stop_mails(db, subscriber, DeliveryState.DEAD, "mail_bounced", now)
