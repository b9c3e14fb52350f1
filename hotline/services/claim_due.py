"""Claims what is due on a channel: decides on each delivery, puts it into words, and writes its attempt down.

All of it happens in one transaction, at the moment of sending; nothing is said to anybody before its commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier.forms import call_form, text_form
from hotline.carrier.mail import Mail
from hotline.carrier.outbound import Request
from hotline.errors import HotlineError
from hotline.rules import pace
from hotline.rules.delivery import AttemptState, DeliveryState, detection
from hotline.rules.occasions import Occasion, kind
from hotline.rules.segments import segments
from hotline.rules.sending import LOOK_AGAIN, End, PutOff, Send, Unanswered, decide
from hotline.services import confirm, mail_notices, number_questions
from hotline.services.line import Line, utc_now
from hotline.services.links import link_text
from hotline.services.texts_out import Telling, text_for
from hotline.store import channels, deliveries, outbox, tasks
from hotline.store.models import Attempt, Delivery, Enrolment, Subscriber, new_id
from hotline.store.outbox import Claimed, Placing

log = structlog.get_logger()

SHORTEST_WAIT = 0.05
"""Seconds before a claim that came to nothing: the bucket was empty, or another process holds all that is due."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call, text or mail that is written down; `cost` is what it takes from its channel's bucket."""

    placing: Placing
    cost: int
    what: Request | Mail


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes out now, and in how many seconds more may; 0: at once."""

    outgoing: Sequence[Outgoing]
    wait: float


def claim_batch(line: Line, db: Transaction, channel: str, most: int) -> Batch:
    """Claim at most `most` deliveries of a channel, and no more than its bucket holds.

    The bucket goes by the true time, whatever the line's clock says: it protects the platform.
    """
    rate, now = line.settings.pace.of(channel), line.clock()
    bucket = pace.refilled(channels.bucket(db, channel), rate, utc_now())
    if bucket.tokens < 1:
        return Batch((), max(SHORTEST_WAIT, pace.seconds_until(bucket, 1, rate)))
    due = outbox.claim(db, channel, now, min(most, int(bucket.tokens)))
    if not due:
        return Batch((), SHORTEST_WAIT)
    put_off: dict[str, datetime | None] = {}
    ready = [one for found in due if (one := _outgoing(line, db, found, put_off, now))]
    outbox.put_off(db, put_off)
    bucket = pace.refilled(channels.bucket(db, channel, lock=True), rate, utc_now())
    going = ready[: pace.fitting(bucket, [one.cost for one in ready], rate)]
    outbox.write_down(db, [one.placing for one in going], now)
    left = pace.Bucket(bucket.tokens - sum(one.cost for one in going), bucket.at)
    channels.keep_bucket(db, channel, left)
    return Batch(going, pace.seconds_until(left, 1, rate))


def _outgoing(
    line: Line, db: Transaction, due: outbox.Due, put_off: dict[str, datetime | None], now: datetime
) -> Outgoing | None:
    """What goes out for a delivery now, if anything does; else it was ended, or a later time stands in `put_off`."""
    try:
        claimed = outbox.opened(db, due)
        decision = decide(claimed.facts, now)
        match decision:
            case Send():
                return _put_into_words(line, db, claimed, decision, now)
            case PutOff(at):
                put_off[due.id] = at
            case End():
                _end(db, due.id, decision, now)
            case Unanswered():
                _unanswered(db, due.id, now)
    except (HotlineError, LookupError, ValueError) as fault:  # one that can't be opened or worded stops no other
        log.error("delivery_failed", delivery_id=due.id, fault=type(fault).__name__)
        put_off[due.id] = now + LOOK_AGAIN
    return None


def _put_into_words(line: Line, db: Transaction, claimed: Claimed, send: Send, now: datetime) -> Outgoing | None:
    own, base = line.settings.number, line.settings.public_url
    placing = Placing(new_id(), new_id(), claimed.id, send.look_again_at)
    match claimed.facts.channel:
        case "voice":
            asks_pin = kind(claimed.facts.occasion) is Occasion.EVENT
            how = detection(line.settings.machine_detection, asks_pin)
            form = call_form(own, claimed.number, base, placing.token, how, claimed.voicemail)
            return Outgoing(placing, 1, Request(placing.id, "Calls", form))
        case "text":
            body = _text(line, db, claimed, send, now)
            form = text_form(own, claimed.number, body, base, placing.token)
            return Outgoing(placing, _segments(body), Request(placing.id, "Messages", form))
    letter = _mail(line, db, placing, now)
    return None if letter is None else Outgoing(placing, 1, letter)


def _text(line: Line, db: Transaction, claimed: Claimed, send: Send, now: datetime) -> str:
    if kind(claimed.facts.occasion) is not Occasion.LINK:
        return text_for(line, _telling(claimed, send, now))
    delivery = db.get_one(Delivery, claimed.id)
    return link_text(line, db, delivery.enrolment_id, delivery.occasion, claimed.language, claimed.code_word, now)


@lru_cache(maxsize=1024)
def _segments(body: str) -> int:
    return segments(body).segments  # most texts of a day are the same


def _telling(claimed: Claimed, send: Send, now: datetime) -> Telling:
    return Telling(
        occasion=claimed.facts.occasion,
        language=claimed.language,
        zones=claimed.facts.zones,
        first_at=claimed.first_attempt_at or now,
        again=send.again,
        code_word=claimed.code_word,
        fuller=claimed.fuller_texts,
        event_kind=claimed.event_kind,
        event_at=claimed.event_at,
    )


def _mail(line: Line, db: Transaction, placing: Placing, now: datetime) -> Mail | None:
    """The mail of a delivery, unless there is none; one that may have left with a killed worker is settled first."""
    delivery = db.get_one(Delivery, placing.delivery_id)
    cut_off = [one for one in deliveries.attempts_of(db, delivery.id) if one.status == AttemptState.PLACING]
    for attempt in cut_off:
        mail_notices.uncertain(db, attempt, delivery, now)
    if cut_off:
        return None
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    subscriber = db.get_one(Subscriber, delivery.subscriber_id)
    attempt = Attempt(
        id=placing.id,
        token=placing.token,
        delivery_id=delivery.id,
        status=AttemptState.PLACING,
        placed_at=now,
    )
    letter = mail_notices.compose(line, db, delivery, enrolment, subscriber, attempt)
    if letter is None:
        confirm.end_delivery(delivery, DeliveryState.STOPPED, "no_mail", now)
    return letter


def _end(db: Transaction, delivery_id: str, end: End, now: datetime) -> None:
    delivery = db.get_one(Delivery, delivery_id)
    confirm.end_delivery(delivery, end.state, end.reason, now)
    if end.task is not None:
        tasks.open_about(db, end.task, now, delivery.enrolment_id, delivery.event_id)
    if end.last_word:
        _last_word(db, delivery, now)


def _last_word(db: Transaction, delivery: Delivery, now: datetime) -> None:
    """Nobody took the calls: what can be read goes out once more."""
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    written = [name for name in deliveries.wished(db, enrolment, delivery.urgency) if name != "voice"]
    occasion = f"{delivery.occasion}:end"
    deliveries.plan(db, enrolment, occasion, delivery.urgency, now, event_id=delivery.event_id, channels=written)


def _unanswered(db: Transaction, delivery_id: str, now: datetime) -> None:
    delivery = db.get_one(Delivery, delivery_id)
    number_questions.never_said(db, delivery, now)
    if delivery.ended_at is None:
        delivery.next_at = None
