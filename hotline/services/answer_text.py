"""Answers a text that came in: yes, stop, start, help, or the way to a person. Once, however often it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier import twiml
from hotline.carrier.webhooks import TextHook
from hotline.rules.links import Purpose
from hotline.rules.texts_in import Meaning, meaning, platform_replies, wrong_person
from hotline.services import confirm, number_questions, outcomes, take_up
from hotline.services.line import Line
from hotline.services.links import send_link
from hotline.services.outcomes import VERIFY
from hotline.store import deliveries, enrolments, texts
from hotline.store.models import Delivery, Enrolment, Subscriber, TextIn, key_ring, new_id

log = structlog.get_logger()

ANSWERABLE = timedelta(days=7)
"""How long after a text its YES or OK still counts."""

MOST_ANSWERS = 5
ANSWER_SPAN = timedelta(minutes=10)
"""More answers than that in that span go to a machine that answers us, not to a person."""


def answer_text(line: Line, hook: TextHook) -> str:
    """The TwiML answer to a text. Senders without a number of their own get none."""
    if not hook.sid or hook.sender is None:
        log.info("text_passed_over", message_sid=hook.sid)
        return twiml.EMPTY
    with line.database.begin() as db:
        row, is_new = texts.add_text(db, _row(line, db, hook))
        if is_new:
            reply = _reply(line, db, hook, row)
            if reply:
                row.seal(key_ring(db), "answer", reply)
        return twiml.text_reply(row.unseal("answer", key_ring(db)))


def _row(line: Line, db: Transaction, hook: TextHook) -> TextIn:
    return TextIn(
        id=new_id(),
        sid=hook.sid,
        sender_hash=key_ring(db).index("number", hook.sender or ""),
        meaning=meaning(hook.body, hook.opt_out_type),
        at=line.clock(),
    )


def _reply(line: Line, db: Transaction, hook: TextHook, row: TextIn) -> str | None:
    now, meant = row.at, Meaning(row.meaning)
    subscriber = enrolments.subscriber_of(db, hook.sender or "")
    language = _language(line, db, subscriber)
    key = _act(line, db, subscriber, meant, now)
    if subscriber is not None and wrong_person(hook.body):
        confirm.wrong_person(db, subscriber, now)
    if platform_replies(hook.body, hook.opt_out_type):
        return None
    if row.sender_hash and texts.texts_from(db, row.sender_hash, now - ANSWER_SPAN) > MOST_ANSWERS:
        return None
    return line.write(key, language)


def _language(line: Line, db: Transaction, subscriber: Subscriber | None) -> str:
    live = enrolments.live_enrolments(db, subscriber.id) if subscriber else ()
    return live[-1].language if live else line.settings.languages[0]


def _act(line: Line, db: Transaction, subscriber: Subscriber | None, meant: Meaning, now: datetime) -> str:
    """Do what a text asks; returns the prompt that answers it. Strangers and subscribers get the same words."""
    match meant:
        case Meaning.STOP:
            if subscriber is not None:
                confirm.stop_texts(db, subscriber, now)
            return "text_stopped"
        case Meaning.START:
            if subscriber is not None:
                confirm.start_texts(db, subscriber, now)
            return "text_other"
        case Meaning.HELP:
            return "text_help"
        case Meaning.YES | Meaning.OK if subscriber is not None:
            return _yes(line, db, subscriber, meant, now)
    return "text_other"


def _yes(line: Line, db: Transaction, subscriber: Subscriber, meant: Meaning, now: datetime) -> str:
    asked = deliveries.open_texts(db, subscriber.id, now - ANSWERABLE)
    questions = [delivery for delivery in asked if delivery.urgency == VERIFY]
    if questions and meant is Meaning.YES:
        return _number_says_yes(line, db, questions, now)
    told = [delivery for delivery in asked if delivery.urgency != VERIFY]
    for delivery in told:
        confirm.heard(db, delivery, "reply", now)
    return "text_noted" if told else "text_other"


def _number_says_yes(line: Line, db: Transaction, questions: Sequence[Delivery], now: datetime) -> str:
    """The number wants our news; who was brought in from a file gets the link to agree and to choose a PIN first."""
    awaited = [one for q in questions if take_up.is_awaited(one := db.get_one(Enrolment, q.enrolment_id))]
    for question in questions:
        number_questions.said_yes(db, line.settings.limits, question, now)
    sent = [send_link(line, db, enrolment, Purpose.CHOOSE_PIN, now) for enrolment in awaited]
    return "text_one_more_step" if any(sent) else "text_other" if awaited else "text_verified"


def text_status(line: Line, hook: TextHook, token: str | None) -> None:
    """A status of a text that we sent: it moves its attempt forward."""
    with line.database.begin() as db:
        attempt = deliveries.attempt_by_token(db, token) if token else deliveries.attempt_by_sid(db, hook.sid)
        if attempt is None:
            log.warning("text_status_unknown", message_sid=hook.sid)
            return
        if token:
            deliveries.take_sid(db, attempt, hook.sid)
        outcomes.seen(line, db, attempt, hook.status, hook.error_code, hook.raw_status)
