"""Sends what is due: claims it, writes the attempt down, and only then speaks to the platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.errors import CarrierRefused, CarrierUncertain
from hotline.rules import cadence, phones
from hotline.rules.brakes import EventState
from hotline.rules.cadence import PastCall, Urgency
from hotline.rules.delivery import Answerer, AttemptState, DeliveryState, advance, call_outcome
from hotline.rules.disclosure import earliest_date
from hotline.services import confirm, outcomes
from hotline.services.line import Line
from hotline.services.outcomes import ENDED, VERIFY
from hotline.store import deliveries, people, tasks
from hotline.store.deliveries import LEASE
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Attempt, CustodyEvent, Delivery, Enrolment, Subscriber, key_ring

log = structlog.get_logger()

LOOK_AGAIN = timedelta(minutes=15)
"""When a delivery is looked at again even if no callback ever comes."""

CONSENT_AWAITED = timedelta(hours=1)
PENDING_CALL = timedelta(minutes=10)
MOST_TEXTS = 3

OVER = (EnrolmentStatus.STOPPED, EnrolmentStatus.LAPSED, EnrolmentStatus.REPLACED, EnrolmentStatus.FROZEN)
"""Enrolments that nothing goes out for."""


@dataclass(frozen=True, slots=True)
class Send:
    """One call or text to be placed, decided and written down."""

    attempt_id: str
    token: str
    channel: str
    number: str
    body: str
    detect: str


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the table did."""

    placed: int = 0
    uncertain: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """All that a decision looks at, as it is at the moment of sending."""

    delivery: Delivery
    enrolment: Enrolment
    subscriber: Subscriber
    attempts: Sequence[Attempt]
    number: str
    now: datetime

    @property
    def zones(self) -> tuple[str, ...]:
        return phones.zones(self.number)

    @property
    def placed(self) -> list[Attempt]:
        """Attempts that the platform took, or may have taken."""
        return [attempt for attempt in self.attempts if attempt.accepted_at or attempt.status == AttemptState.UNCERTAIN]


def run_due(line: Line, most: int = 50) -> Round:
    """Send what is due now, at most `most` deliveries."""
    now = line.clock()
    with line.database.begin() as db:
        sends = [send for delivery in deliveries.claim_due(db, now, most) if (send := _decide(line, db, delivery, now))]
    outcomes = [_place(line, send) for send in sends]
    return Round(outcomes.count("placed"), outcomes.count("uncertain"), outcomes.count("refused"))


def _decide(line: Line, db: Transaction, delivery: Delivery, now: datetime) -> Send | None:
    """Look at everything again at the moment of sending: end it, put it off, or write an attempt down."""
    enrolment = db.get_one(Enrolment, delivery.enrolment_id)
    subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
    number = subscriber.unseal("number", key_ring(db)) or ""
    case = Case(delivery, enrolment, subscriber, deliveries.attempts_of(db, delivery.id), number, now)
    stopped = _reason_to_stop(db, case)
    if stopped is not None:
        confirm.end_delivery(delivery, DeliveryState.STOPPED, stopped, now)
        return None
    if delivery.event_id is not None and enrolment.status != EnrolmentStatus.ACTIVE:
        delivery.next_at = now + CONSENT_AWAITED
        return None
    if _waits_for_start(case):
        delivery.next_at = now + CONSENT_AWAITED
        return None
    if any(_is_under_way(attempt, now) for attempt in case.attempts):
        delivery.next_at = now + timedelta(minutes=1)
        return None
    at = _when(db, case)
    if at is None or at > now:
        delivery.next_at = at
        return None
    return _write_down(line, db, case)


def _reason_to_stop(db: Transaction, case: Case) -> str | None:
    if case.enrolment.status in OVER and case.delivery.occasion != ENDED:
        return str(case.enrolment.status)
    stopped_at = (
        case.subscriber.calls_stopped_at if case.delivery.channel == "voice" else case.subscriber.texts_stopped_at
    )
    if (stopped_at is not None and not _waits_for_start(case)) or not case.number:
        return "opted_out"
    subject = case.enrolment.subject_ref
    if case.delivery.event_id is not None:
        event = db.get_one(CustodyEvent, case.delivery.event_id)
        if event.state != EventState.RELEASED:
            return "held"
        if subject is None or people.shown_person(db, subject, earliest_date(case.now)) is None:
            return "not_disclosable"
    return None


def _waits_for_start(case: Case) -> bool:
    """A number that once said STOP and signs up anew is asked as soon as it says START, for some days."""
    asked_by_text = case.delivery.urgency == VERIFY and case.delivery.channel == "text"
    recent = case.now - case.delivery.created_at < cadence.VERIFICATION.lapses
    return asked_by_text and case.subscriber.texts_stopped_at is not None and recent


def _is_under_way(attempt: Attempt, now: datetime) -> bool:
    return attempt.ended_at is None and attempt.placed_at > now - PENDING_CALL and attempt.status != AttemptState.SENT


def _when(db: Transaction, case: Case) -> datetime | None:
    """When this delivery goes out next; None when nothing more does."""
    if case.delivery.urgency == VERIFY:
        return _when_to_ask(db, case)
    urgency = Urgency(case.delivery.urgency)
    any_hour = case.enrolment.any_hour
    if case.delivery.channel == "text":
        return cadence.text_at(urgency, case.now, case.zones, any_hour) if _text_may_go(db, case) else None
    past = [PastCall(a.placed_at, call_outcome(AttemptState(a.status), _answerer(a), False)) for a in case.placed]
    at = cadence.next_call(urgency, case.delivery.created_at, past, case.zones, any_hour, case.now)
    if at is None:
        _unconfirmed(db, case, urgency)
    return at


def _text_may_go(db: Transaction, case: Case) -> bool:
    """A text goes once; one that failed in passing goes again, but not for ever."""
    failed = [a for a in case.placed if a.status in (AttemptState.FAILED, AttemptState.UNDELIVERED)]
    if len(failed) >= MOST_TEXTS:
        confirm.end_delivery(case.delivery, DeliveryState.DEAD, "not_delivered", case.now)
        tasks.open_task(db, "not_delivered", case.now, enrolment_id=case.enrolment.id, event_id=case.delivery.event_id)
        return False
    return len(failed) == len(case.placed)


def _answerer(attempt: Attempt) -> Answerer | None:
    return Answerer(attempt.answered_by) if attempt.answered_by else None


def _when_to_ask(db: Transaction, case: Case) -> datetime | None:
    sent = [attempt.placed_at for attempt in case.placed]
    at = cadence.next_verification(case.delivery.created_at, sent, case.zones, case.now)
    if at is not None:
        return at
    lapses = cadence.verification_lapses(sent)
    if lapses is not None and lapses > case.now:
        return lapses
    confirm.end_enrolment(db, case.enrolment, EnrolmentStatus.LAPSED, case.now)
    return None


def _unconfirmed(db: Transaction, case: Case, urgency: Urgency) -> None:
    confirm.end_delivery(case.delivery, DeliveryState.UNCONFIRMED, "end_reached", case.now)
    if urgency is not Urgency.ROUTINE:
        tasks.open_task(db, "unconfirmed", case.now, enrolment_id=case.enrolment.id, event_id=case.delivery.event_id)


def _write_down(line: Line, db: Transaction, case: Case) -> Send:
    delivery, attempt = case.delivery, deliveries.placing(case.delivery, case.now)
    db.add(attempt)
    delivery.status = advance(DeliveryState(delivery.status), DeliveryState.TRYING)
    delivery.lease_until = case.now + LEASE
    delivery.next_at = case.now + LOOK_AGAIN
    delivery.first_attempt_at = delivery.first_attempt_at or case.now
    return Send(
        attempt_id=attempt.id,
        token=attempt.token,
        channel=delivery.channel,
        number=case.number,
        body=line.write(_text_key(case), case.enrolment.language) if delivery.channel == "text" else "",
        detect="DetectMessageEnd" if case.enrolment.voicemail else "Enable",
    )


def _text_key(case: Case) -> str:
    if case.delivery.occasion == ENDED:
        return "text_ended"
    if case.delivery.urgency != VERIFY:
        return "text_news"
    return "text_verify_again" if case.placed else "text_verify"


def _place(line: Line, send: Send) -> str:
    """Speak to the platform, outside of any transaction, and write down what it said."""
    try:
        sid = _ask_platform(line, send)
    except CarrierUncertain:
        return _written(line, send, lambda db, attempt, delivery: outcomes.uncertain(attempt))
    except CarrierRefused as refused:
        status, code = refused.status, refused.code
        log.warning("send_refused", attempt_id=send.attempt_id, channel=send.channel, status=status, code=code)
        return _written(
            line, send, lambda db, attempt, delivery: outcomes.refused(line, db, attempt, delivery, status, code)
        )
    return _written(line, send, lambda db, attempt, delivery: outcomes.accepted(line, attempt, sid))


def _ask_platform(line: Line, send: Send) -> str:
    base = line.settings.public_url
    if send.channel == "text":
        return line.carrier.text(send.number, send.body, f"{base}/sms/status/{send.token}")
    return line.carrier.call(
        send.number,
        f"{base}/voice/out/{send.token}",
        f"{base}/voice/status/{send.token}",
        f"{base}/voice/fallback",
        send.detect,
    )


def _written(line: Line, send: Send, write: Callable[[Transaction, Attempt, Delivery], str]) -> str:
    with line.database.begin() as db:
        attempt = deliveries.attempt_by_token(db, send.token)
        if attempt is None:  # its enrolment was deleted in the meantime
            return "refused"
        delivery = db.get_one(Delivery, attempt.delivery_id)
        delivery.lease_until = None
        return write(db, attempt, delivery)


def list_due(line: Line) -> Sequence[Delivery]:
    """Deliveries whose time has come, the longest due first."""
    with line.database.read() as db:
        return deliveries.due_now(db, line.clock())
